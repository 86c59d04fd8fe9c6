"""Everything that carries a label, and who put it there and when. Prices are in Linear's points.

Lists are read whole before anyone acts on them: acting takes issues off a list and would shift its pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from linear.answers import inner, items, read
from linear.errors import Rejected
from linear.models import BotActor, User
from linear.operations import operation
from linear.pages import whole
from linear.transport import Transport

ISSUES_AT_ONCE = 250
"""The largest page that Linear gives: 1,477 points."""

HISTORIES_AT_ONCE = 25
"""Issues whose histories are asked for in one request: 5,308 points, of the 10,000 that a request may cost."""


class _Model(BaseModel):
    """camelCase on the wire, snake_case here; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class StateType(_Model):
    """The type of a workflow state: triage, backlog, unstarted, started, completed, canceled, duplicate, or new."""

    type: str


class LabelledTeam(_Model):
    """The team of a labelled issue. `visibility`: public, private, or a word not known yet."""

    id: str
    key: str
    visibility: str = ""


class LabelledIssue(_Model):
    """An issue that carries a label. `creator` is None where an integration made it."""

    id: str
    identifier: str
    title: str
    url: str = ""
    created_at: str
    updated_at: str
    archived_at: str | None = None
    trashed: bool | None = None
    label_ids: tuple[str, ...] = ()
    state: StateType
    team: LabelledTeam
    creator: User | None = None


class LabelAdded(_Model):
    """When a label was put on, as Linear writes it, and by whom; both are None for an automation of Linear's."""

    at: str
    actor: User | None = None
    bot: BotActor | None = None


class _Entry(_Model):
    created_at: str
    added_label_ids: tuple[str, ...] | None = None
    actor: User | None = None
    bot_actor: BotActor | None = None


async def labelled(
    transport: Transport, label_names: Iterable[str], team_ids: Iterable[str] | None
) -> tuple[LabelledIssue, ...]:
    """Issues that carry a label of one of these names, oldest first: see `Linear.labelled`."""
    names = list(dict.fromkeys(label_names))
    teams = None if team_ids is None else list(dict.fromkeys(team_ids))
    if not names or teams == []:
        return ()
    wanted: dict[str, object] = {"labels": {"some": {"or": [{"name": {"eqIgnoreCase": name}} for name in names]}}}
    if teams is not None:
        wanted["team"] = {"id": {"in": teams}}
    # By creation, Linear's default: an issue that is edited meanwhile stays on its page.
    variables: dict[str, object] = {"filter": wanted, "first": ISSUES_AT_ONCE}
    first = await transport.execute(operation("SweepIssues"), variables)
    nodes = await whole(transport, inner(first, "issues"), "SweepIssues", variables, ("issues",))
    found = (read(LabelledIssue, each) for each in nodes)
    standing = (each for each in found if each.archived_at is None and not each.trashed)
    return tuple(sorted(standing, key=lambda each: (each.created_at, each.identifier)))


async def label_added(
    transport: Transport, issue_ids: Iterable[str], label_ids: Collection[str]
) -> dict[str, LabelAdded | None]:
    """Who last put one of these labels on each issue: see `Linear.label_added`."""
    wanted = list(dict.fromkeys(issue_ids))
    labels = frozenset(label_ids)
    told: dict[str, LabelAdded | None] = {}
    if not labels:
        return told
    for start in range(0, len(wanted), HISTORIES_AT_ONCE):
        part = wanted[start : start + HISTORIES_AT_ONCE]
        for node in items(await transport.execute(operation("IssueLabelHistory"), {"ids": part}), "issues", "nodes"):
            issue_id = str(node.get("id"))
            told[issue_id] = await _last_added(transport, issue_id, inner(node, "history"), labels)
    return told


async def _last_added(
    transport: Transport, issue_id: str, first: Mapping[str, object], labels: frozenset[str]
) -> LabelAdded | None:
    """Reads on only until the label's addition is found, the histories of old issues being long."""
    page, cursors = first, set[object]()
    latest: _Entry | None = None
    while True:
        entries = [read(_Entry, each) for each in items(page, "nodes")]
        for each in entries:
            if labels.intersection(each.added_label_ids or ()) and (
                latest is None or each.created_at > latest.created_at
            ):
                latest = each
        info = inner(page, "pageInfo")
        if not info.get("hasNextPage") or (latest is not None and _newest_first(entries)):
            break
        cursor = info.get("endCursor")
        if cursor is None or cursor in cursors:
            raise Rejected("Linear's pages of issue.history do not go on")
        cursors.add(cursor)
        answer = await transport.execute(operation("IssueLabelHistoryFurther"), {"id": issue_id, "after": cursor})
        page = inner(answer, "issue", "history")
    if latest is None:
        return None
    return LabelAdded(at=latest.created_at, actor=latest.actor, bot=latest.bot_actor)


def _newest_first(entries: Sequence[_Entry]) -> bool:
    """Whether pages to come hold older entries only. Linear does not promise the order, so it is looked at."""
    return not entries or entries[0].created_at >= entries[-1].created_at
