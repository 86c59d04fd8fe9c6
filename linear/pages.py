"""Reading a connection to its end, so that no list is cut silently."""

from __future__ import annotations

from collections.abc import Mapping

from linear.answers import inner, items
from linear.errors import Rejected
from linear.operations import operation
from linear.transport import Transport


async def whole(
    transport: Transport,
    first: Mapping[str, object],
    further: str,
    variables: Mapping[str, object],
    path: tuple[str, ...],
) -> list[dict[str, object]]:
    """All nodes of a connection, read on from its `first` page with the operation named `further`.

    `path` leads to the connection in the further answers; the operation takes `$after` beside `variables`. Where there
    is one page nothing is sent. A node that moved to a later page meanwhile counts once. Raises Rejected where the
    pages go in a circle.
    """
    page = first
    nodes: dict[object, dict[str, object]] = {}
    seen: set[object] = set()
    while True:
        nodes.update((each.get("id"), each) for each in items(page, "nodes"))
        info = inner(page, "pageInfo")
        cursor = info.get("endCursor")
        if not info.get("hasNextPage"):
            return list(nodes.values())
        if cursor is None or cursor in seen:
            raise Rejected(f"Linear's pages of {'.'.join(path)} do not go on")
        seen.add(cursor)
        page = inner(await transport.execute(operation(further), {**variables, "after": cursor}), *path)
