"""What stands in Linear under ids of ours: asked after a write was refused because an id is taken.

A refused id is known to be in use. Where it cannot be read it is read again, since a copy that answers reads may lag
behind; then it counts as gone: the row is trashed or archived and keeps its id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from linear.answers import inner, items, read
from linear.errors import NotFound
from linear.models import Standing
from linear.operations import operation
from linear.pages import whole
from linear.transport import Transport
from linear.writes import NewRelation, Thing

READ_AGAIN_AFTER_S = (0.25, 1.0)
"""Waits before a refused id that cannot be read counts as gone."""

_BLOCKERS_AT_ONCE = 15


def thing(standing: Standing, *, made: bool) -> Thing:
    """A row as the outcome of a write: `gone` where nobody sees it any more, else `made` or `found`."""
    word = "gone" if standing.is_gone else "made" if made else "found"
    return Thing(
        id=standing.id, standing=word, url=standing.url, identifier=standing.identifier, revision=standing.updated_at
    )


async def standing_one(transport: Transport, entity: str, id_: str) -> Thing:
    """The comment or document under a refused id. `entity`: `Comment` or `Document`."""

    async def look() -> dict[str, Thing]:
        try:
            data = await transport.execute(operation(f"Standing{entity}"), {"id": id_})
        except NotFound:
            return {}
        return {id_: thing(read(Standing, inner(data, entity.lower())), made=False)}

    return (await _until_seen(transport, look, id_))[id_]


async def standing_issues(transport: Transport, ids: Sequence[str], taken: str) -> dict[str, Thing]:
    """What stands of `ids`, at most 50, in one request; archived and trashed ones too. `taken` is among them."""

    async def look() -> dict[str, Thing]:
        data = await transport.execute(operation("StandingIssues"), {"ids": list(ids)})
        found = (read(Standing, each) for each in items(data, "issues", "nodes"))
        return {each.id: thing(each, made=False) for each in found}

    return await _until_seen(transport, look, taken)


async def standing_relations(
    transport: Transport, relations: Collection[NewRelation], taken: str | None
) -> dict[str, Thing]:
    """What stands of `relations`, by their ids; one request for each 15 blocking issues.

    A relation counts as standing if it joins the same two issues in the same way, under whatever id.
    """

    async def look() -> dict[str, Thing]:
        joined = await _joined(transport, sorted({each.issue_id.lower() for each in relations}))
        return {
            each.id.lower(): Thing(id=each.id.lower(), standing="found")
            for each in relations
            if (each.issue_id.lower(), each.related_issue_id.lower(), each.type) in joined
        }

    return await look() if taken is None else await _until_seen(transport, look, taken)


async def _joined(transport: Transport, blockers: Sequence[str]) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for start in range(0, len(blockers), _BLOCKERS_AT_ONCE):
        some = list(blockers[start : start + _BLOCKERS_AT_ONCE])
        data = await transport.execute(operation("StandingRelations"), {"ids": some})
        for issue in items(data, "issues", "nodes"):
            id_ = str(issue.get("id"))
            first = inner(issue, "relations")
            for each in await whole(transport, first, "IssueRelations", {"id": id_}, ("issue", "relations")):
                found.add((id_, str(inner(each, "relatedIssue").get("id")), str(each.get("type"))))
    return found


async def _until_seen(
    transport: Transport, look: Callable[[], Awaitable[dict[str, Thing]]], taken: str
) -> dict[str, Thing]:
    standing = await look()
    for wait in READ_AGAIN_AFTER_S:
        if taken in standing:
            break
        await transport.sleep(wait)
        standing = await look()
    return {taken: Thing(id=taken, standing="gone"), **standing}
