"""Decides what becomes of each sub-issue when a plan is made again: matched by phase, never by title. No I/O."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.again.touched import is_edited, is_started, touches
from planner.merging import form

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.store.ledger import Entry
    from linear.planned import PlanSubIssue

What = Literal[
    "created", "linked", "same", "updated", "reopened", "edited", "started", "removed", "canceled", "left", "awaits"
]
"""What becomes of a phase's sub-issue.

`created`; `linked` to an open issue that covers it; `same`: nothing to change; `updated`; `reopened` after the bot had
canceled it; `edited` by people, or `started`, and so left, with the difference in a comment; `removed` by people and
not made again; of phases that the plan no longer has: `canceled`, or `left` because somebody works with it; `awaits`
somebody's approval.
"""

STANDING = frozenset({"created", "same", "updated", "reopened", "edited", "started"})
"""What leaves a phase with a sub-issue of ours."""

_MOST_LINES = 80


class Draft(NamedTuple):
    """A sub-issue as the plan wants it. `order` is its `subIssueSortOrder`."""

    key: str
    title: str
    description: str
    order: float


class Step(BaseModel):
    """What is to be done with one phase. `difference`: what the plan says otherwise, as lines of a diff."""

    model_config = ConfigDict(frozen=True)

    key: str
    what: What
    why: tuple[str, ...] = ()
    difference: str = ""


def decide(
    wanted: Sequence[Draft],
    entries: Mapping[str, Entry],
    standing: Mapping[str, PlanSubIssue],
    *,
    ours: Collection[str],
    viewer: str,
    renew: bool = False,
) -> list[Step]:
    """One step for each wanted phase in order, then one for each that the plan no longer has.

    `renew`: what people threw away is made again, since they threw away the plan as well.

    `entries`: the ledger's newest of each phase, only those that were made and not thrown away by us; for a sub-issue
    without a record an entry without text. `standing`: what stands, by id.
    """
    steps = [_wanted(each, entries.get(each.key), standing, renew=renew) for each in wanted]
    keys = {each.key for each in wanted}
    for key, entry in entries.items():
        issue = standing.get(entry.linear_id)
        if key not in keys and issue is not None and not issue.is_gone:
            steps.append(_dropped(key, entry, issue, ours=ours, viewer=viewer))
    return steps


def _wanted(draft: Draft, entry: Entry | None, standing: Mapping[str, PlanSubIssue], *, renew: bool) -> Step:
    issue = standing.get(entry.linear_id) if entry else None
    if entry is None or issue is None or issue.is_gone:
        return Step(key=draft.key, what="created" if entry is None or renew else "removed")
    if (entry.fields or {}).get("canceled") and issue.state.type == "canceled" and not is_edited(entry, issue):
        return Step(key=draft.key, what="reopened")
    what: What = "updated"
    if _says(draft, issue.title, issue.description) or _says(draft, (entry.fields or {}).get("title"), entry.text):
        return Step(key=draft.key, what="same")
    if is_started(issue):
        what = "started"
    elif is_edited(entry, issue):
        what = "edited"
    return Step(key=draft.key, what=what, difference="" if what == "updated" else _difference(draft, entry, issue))


def _says(draft: Draft, title: str | None, text: str | None) -> bool:
    """Whether this is what the plan wants it to say, in whatever form Linear gives it back."""
    same_title = " ".join((title or "").split()) == " ".join(draft.title.split())
    return same_title and form(text or "") == form(draft.description)


def _dropped(key: str, entry: Entry, issue: PlanSubIssue, *, ours: Collection[str], viewer: str) -> Step:
    if (entry.fields or {}).get("canceled") and issue.state.type == "canceled":
        return Step(key=key, what="canceled")
    why = touches(entry, issue, ours=ours, viewer=viewer)
    return Step(key=key, what="left", why=why) if why else Step(key=key, what="canceled")


def _difference(draft: Draft, entry: Entry, issue: PlanSubIssue) -> str:
    """What the new plan says otherwise than the one that was posted; than what stands, where nobody recorded that."""
    if entry.text is None:
        title, text = issue.title, issue.description or ""
    else:
        title, text = str((entry.fields or {}).get("title", "")), entry.text
    before = [f"# {title}", *text.splitlines()]
    after = [f"# {draft.title}", *draft.description.splitlines()]
    lines = [
        line
        for line in difflib.unified_diff(before, after, lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@")) and line[1:].strip()
    ]
    more = [f"... and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])
