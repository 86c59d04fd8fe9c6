"""Decides what a delivery asks of us. One pure match over the closed union of events. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.commands import Command, read
from linear.events import AgentSessionEvent, CommentEvent, Delivery, IssueEvent, OtherEvent
from linear.ids import stable_id

_LONGEST_REPLY = 10_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asker(_Frozen):
    """Who asked, by the webhook's actor. `id` is empty where Linear named nobody.

    `type`: `user`, `OauthClient`, `Integration`, or a word not known yet; empty where nobody said.
    """

    id: str = ""
    name: str = ""
    url: str | None = None
    type: str = ""


class PlanRequest(_Frozen):
    """A wish for a plan. Nothing after it needs to know which event it came from.

    `kind`: `label` (the label was put on), `sweep` (the label is on, and nobody told us), `comment` (`/plan`), `cli`
    (the `plan` command), `keyword` (a command that asks for something else than a plan: `command` says what), or
    `wake`: something changed on an issue, which matters only if a run of it waits for that; `again`: the label was put
    on while a run was ending; `approve`: sub-issues of the plan that stands are to be made.
    `guidance`: what stood after `/plan`. `agent`: who should plan, by name, where the label or the command says so; no
    more than a wish, it may name nobody.
    `id` is made from what happened, not from the delivery: two webhooks for one event are one request.
    """

    id: str
    kind: Literal["label", "comment", "keyword", "approve", "wake", "cli", "again", "sweep"]
    organization_id: str
    issue_id: str
    identifier: str
    title: str
    team_key: str = ""
    asker: Asker
    comment_id: str | None = None
    thread_id: str | None = None
    """The root comment of the thread `comment_id` stands in, if it is a reply."""
    document_id: str | None = None
    """The document that was commented on. `issue_id` is empty then, until the ledger has told whose plan it is."""
    guidance: str = ""
    agent: str = ""
    command: Command | None = None
    """For `keyword` and `approve`; None in one that an earlier version stored."""
    text: str = ""
    """What a reply in a thread says, which may be the answer to a question of ours."""
    merged: tuple[str, ...] = ()
    """Ids of requests that are taken in together with this one: they came while a plan was being written."""
    received_at: float
    """Unix seconds."""
    pressed_at: float | None = None
    """When the label was put on, by Linear's clock, in Unix seconds; for `label` and `sweep`."""
    missed: bool = False
    """For `sweep`: it is the first that shows that Linear's webhooks do not come; said once on its issue."""


class Ignored(_Frozen):
    """Nothing to do, and why: a short slug, counted in the metrics."""

    because: str


class TriggerRules(_Frozen):
    """What `decide` needs of the settings.

    `labels`: each label that asks for a plan, with the agent that it asks for, empty where it asks for none. `teams`:
    keys, None for all. `agents`: names that may stand after `/plan with`, as far as they are known beforehand.
    `names`: what the bot is called, for `@name plan`.
    """

    labels: Mapping[str, str]
    teams: tuple[str, ...] | None = None
    agents: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


Decision = PlanRequest | Ignored


def decide(delivery: Delivery, rules: TriggerRules) -> Decision:
    """What the delivery asks for."""
    match delivery.event:
        case IssueEvent() as event:
            return _issue(delivery, event, rules)
        case CommentEvent() as event:
            return _comment(delivery, event, rules)
        case AgentSessionEvent():
            return Ignored(because="agent-session")
        case OtherEvent():
            return Ignored(because="other-event")


def _issue(delivery: Delivery, event: IssueEvent, rules: TriggerRules) -> Decision:
    issue = event.data
    if event.action not in ("create", "update"):
        return Ignored(because=f"issue-{event.action}")
    if rules.teams is not None and (issue.team is None or issue.team.key not in rules.teams):
        return Ignored(because="other-team")
    rewritten = event.action == "update" and (_changed(event, "title") or _changed(event, "description"))
    wanted: dict[str, set[str]] = {}
    for label in issue.labels:
        if any(label.name.casefold() == name.casefold() for name in rules.labels):
            wanted.setdefault(label.name.casefold(), set()).add(label.id)
    if issue.archived_at is not None or issue.trashed:
        return Ignored(because="archived")
    if not wanted and not rewritten:
        return Ignored(because="no-label")
    kind: Literal["label", "wake"]
    fresh = _put_on(event, wanted)
    if fresh:
        kind = "label"
    elif rewritten:
        kind = "wake"  # with or without the label: a run that `/plan` started may wait for it
    else:
        return Ignored(because="label-not-new")
    return PlanRequest(
        id=stable_id(delivery.organization_id, kind, issue.id, issue.updated_at or delivery.digest),
        kind=kind,
        organization_id=delivery.organization_id,
        issue_id=issue.id,
        identifier=issue.identifier,
        title=issue.title,
        team_key=issue.team.key if issue.team else "",
        asker=_asker(event),
        # Of several labels put on at once, one that names an agent says more than one that does not.
        agent=next((agent for name, agent in rules.labels.items() if agent and name.casefold() in fresh), ""),
        received_at=delivery.sent_at / 1000,
        pressed_at=moment(issue.updated_at) if kind == "label" and issue.updated_at else None,
    )


def moment(stamp: str) -> float | None:
    """A moment as Linear writes it, in Unix seconds; None for what is none."""
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return None


def _put_on(event: IssueEvent, wanted: Mapping[str, set[str]]) -> set[str]:
    """Those of the wanted label names that the event put on: none of the name was there before."""
    if event.action == "create":
        return set(wanted)  # there is no `updatedFrom`: the issue was made with its labels on it
    if not _changed(event, "label_ids"):
        return set()
    before = set(event.updated_from.label_ids or ())
    return {name for name, ids in wanted.items() if not ids & before}


def _changed(event: IssueEvent, name: str) -> bool:
    """Whether a property changed; one that was unset before is in `updatedFrom` as null."""
    return name in event.updated_from.model_fields_set


def _comment(delivery: Delivery, event: CommentEvent, rules: TriggerRules) -> Decision:
    comment = event.data
    if event.action != "create":
        return Ignored(because=f"comment-{event.action}")  # an edited comment asks for nothing anew
    command = read(comment.body, agents=rules.agents, names=rules.names)
    document = comment.document_content.document if comment.document_content else None
    if comment.issue_id is None and (document is None or command is None):
        return Ignored(because="comment-elsewhere")
    team = comment.issue.team if comment.issue else None
    # Whose a document is, is known to Linear and to our ledger only: looked up when the request is taken in.
    if comment.issue_id and rules.teams is not None and (team is None or team.key not in rules.teams):
        return Ignored(because="other-team")
    kind: Literal["comment", "keyword", "approve", "wake"] = "wake"
    if command is not None:
        kind = "comment" if command.word == "plan" else "approve" if command.word == "approve" else "keyword"
    return PlanRequest(
        id=stable_id(delivery.organization_id, "comment", comment.id),
        kind=kind,
        organization_id=delivery.organization_id,
        issue_id=comment.issue_id or "",
        document_id=document.id if document and comment.issue_id is None else None,
        identifier=comment.issue.identifier if comment.issue else "",
        title=comment.issue.title if comment.issue else "",
        team_key=team.key if team else "",
        asker=_author(event),
        comment_id=comment.id,
        thread_id=comment.parent_id,
        guidance=command.guidance if command else "",
        agent=command.agent if command else "",
        text=comment.body[:_LONGEST_REPLY] if kind == "wake" and comment.parent_id else "",
        command=command if kind in ("keyword", "approve") else None,
        received_at=delivery.sent_at / 1000,
    )


def _author(event: CommentEvent) -> Asker:
    """Who wrote the comment. A user who only carried it over, from a connected service say, did not."""
    asker = _asker(event)
    if asker.type == "user" and event.data.user_id is None:
        return Asker(name=asker.name, type="ExternalUser")
    return asker


def _asker(event: IssueEvent | CommentEvent) -> Asker:
    actor = event.actor
    return Asker(id=actor.id, name=actor.name, url=actor.url, type=actor.type) if actor else Asker()
