"""Tells what people did to a sub-issue of ours, by comparing it with what was posted. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.merging import form

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.store.ledger import Entry
    from linear.planned import PlanSubIssue

# A type of state that is not known counts as begun.
_NOT_STARTED = ("triage", "backlog", "unstarted")


def is_started(issue: PlanSubIssue) -> bool:
    """Whether somebody has begun with it, or it is over."""
    return issue.state.type not in _NOT_STARTED


def is_edited(entry: Entry | None, issue: PlanSubIssue) -> bool:
    """Whether its words are not those that were posted; words that nobody recorded count as people's."""
    if entry is None or entry.text is None:
        return True
    title = str((entry.fields or {}).get("title", ""))
    return _line(title) != _line(issue.title) or form(entry.text) != form(issue.description or "")


def touches(entry: Entry | None, issue: PlanSubIssue, *, ours: Collection[str], viewer: str) -> tuple[str, ...]:
    """What people did to it, in words that follow "it": "was edited", "has comments". Empty where nobody touched it.

    `ours`: every id that is the bot's. `viewer`: the id of the user the bot acts as.
    """
    posted: dict[str, Any] = (entry.fields if entry else None) or {}
    ours_to_cancel = bool(posted.get("canceled")) and issue.state.type == "canceled"
    told = [
        ("was edited", is_edited(entry, issue)),
        (
            "was begun" if issue.state.type == "started" else f"is in the state {issue.state.name}",
            is_started(issue) and not ours_to_cancel,
        ),
        ("has an assignee", issue.assignee is not None),
        ("has comments", _others(issue.comments.nodes, ours)),
        ("has reactions", any(each.user is not None and each.user.id != viewer for each in issue.reactions)),
        ("has sub-issues of its own", bool(issue.children.nodes)),
        ("has attachments", bool(issue.attachments.nodes)),
        ("has documents", bool(issue.documents.nodes)),
        ("has relations", _others((*issue.relations.nodes, *issue.inverse_relations.nodes), ours)),
        ("has labels", bool(issue.label_ids)),
        ("has an estimate", issue.estimate != posted.get("estimate")),
        ("has a due date", issue.due_date is not None),
        ("is in a cycle", issue.cycle is not None),
        ("has another priority", "priority" in posted and int(issue.priority) != (posted["priority"] or 0)),
        ("was moved", _moved(posted, issue)),
    ]
    found = tuple(words for words, holds in told if holds)
    if not found and any(_by_others(each.actor, each.bot_actor, viewer) for each in issue.history.nodes):
        return ("was changed",)
    return found


def _by_others(actor: Any, bot: Any, viewer: str) -> bool:
    # Nobody at all is an automation of Linear's own.
    return bot is not None or (actor is not None and actor.id != viewer)


def _others(nodes: Any, ours: Collection[str]) -> bool:
    return any(each.id not in ours for each in nodes)


def _moved(posted: dict[str, Any], issue: PlanSubIssue) -> bool:
    now = {
        "parent_id": issue.parent.id if issue.parent else None,
        "project_id": issue.project.id if issue.project else None,
        "project_milestone_id": issue.project_milestone.id if issue.project_milestone else None,
    }
    return any(name in posted and posted[name] != value for name, value in now.items())


def _line(text: str) -> str:
    return " ".join(text.split())
