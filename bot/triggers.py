"""Decides what a delivery asks of us. One pure match over the closed union of events. No I/O."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from linear.events import AgentSessionEvent, CommentEvent, Delivery, IssueEvent, OtherEvent
from linear.ids import stable_id


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asker(_Frozen):
    """Who asked, by the webhook's actor. `id` is empty where Linear named nobody."""

    id: str = ""
    name: str = ""
    url: str | None = None


class PlanRequest(_Frozen):
    """A wish for a plan. Nothing after it needs to know which event it came from.

    `kind`: `label` (the label was put on), `comment` (`/plan`), `cli` (the `plan` command), `keyword` (`/plan` with a
    word this version does not act on, which it answers with a sentence), or `wake`: something changed on an issue,
    which matters only if a run of it waits for that; `again`: the label was put on while a run was ending.
    `guidance`: what stood after `/plan`.
    `id` is made from what happened, not from the delivery: two webhooks for one event are one request.
    """

    id: str
    kind: Literal["label", "comment", "keyword", "wake", "cli", "again"]
    organization_id: str
    issue_id: str
    identifier: str
    title: str
    asker: Asker
    comment_id: str | None = None
    thread_id: str | None = None
    """The root comment of the thread `comment_id` stands in, if it is a reply."""
    guidance: str = ""
    received_at: float
    """Unix seconds."""


class Ignored(_Frozen):
    """Nothing to do, and why: a short slug, counted in the metrics."""

    because: str


class TriggerRules(_Frozen):
    """What `decide` needs of the settings. `teams`: keys, None for all."""

    label: str
    teams: tuple[str, ...] | None = None


Decision = PlanRequest | Ignored

_COMMAND = re.compile(r"[/!]plan(?:[ \t]+(?P<rest>.*))?", re.IGNORECASE)

# Words after `/plan` that mean something else than guidance, and that this version cannot do yet.
_KEYWORD = re.compile(r"(status|cancel|approve(\s+[\d,\s-]+)?|undo|help|with\s+\S+)", re.IGNORECASE)


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
    wanted = {label.id for label in issue.labels if label.name.casefold() == rules.label.casefold()}
    if issue.archived_at is not None or issue.trashed:
        return Ignored(because="archived")
    if not wanted and not rewritten:
        return Ignored(because="no-label")
    kind: Literal["label", "wake"]
    if event.action == "create" and wanted:
        kind = "label"  # there is no `updatedFrom`: the issue was made with the label on it
    elif wanted and _changed(event, "label_ids") and not wanted & set(event.updated_from.label_ids or ()):
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
        asker=_asker(event),
        received_at=delivery.sent_at / 1000,
    )


def _changed(event: IssueEvent, name: str) -> bool:
    """Whether a property changed; one that was unset before is in `updatedFrom` as null."""
    return name in event.updated_from.model_fields_set


def _comment(delivery: Delivery, event: CommentEvent, rules: TriggerRules) -> Decision:
    comment = event.data
    if event.action != "create":
        return Ignored(because=f"comment-{event.action}")  # an edited comment asks for nothing anew
    if comment.issue_id is None:
        return Ignored(because="comment-elsewhere")
    team = comment.issue.team if comment.issue else None
    if rules.teams is not None and (team is None or team.key not in rules.teams):
        return Ignored(because="other-team")
    command = _COMMAND.fullmatch(_first_line(comment.body))
    rest = (command["rest"] or "").strip() if command is not None else ""
    kind: Literal["comment", "keyword", "wake"] = "wake"
    if command is not None:
        kind = "keyword" if _KEYWORD.fullmatch(rest) else "comment"
    return PlanRequest(
        id=stable_id(delivery.organization_id, "comment", comment.id),
        kind=kind,
        organization_id=delivery.organization_id,
        issue_id=comment.issue_id,
        identifier=comment.issue.identifier if comment.issue else "",
        title=comment.issue.title if comment.issue else "",
        asker=_asker(event),
        comment_id=comment.id,
        thread_id=comment.parent_id,
        guidance=rest if kind == "comment" else "",
        received_at=delivery.sent_at / 1000,
    )


def _first_line(body: str) -> str:
    """The first line, if people read it as a line: not indented as code, not quoted, not in a fence."""
    line = body.split("\n", 1)[0].rstrip()
    return "" if line.startswith(("    ", "\t", ">", "`")) else line.strip()


def _asker(event: IssueEvent | CommentEvent) -> Asker:
    actor = event.actor
    return Asker(id=actor.id, name=actor.name, url=actor.url) if actor else Asker()
