"""Connections: which part of a list is asked for, newest first, as Linear answers. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from linear.sandbox.rows import Row
from linear.sandbox.rules import checked_page, unfit

DEFAULT = 50
"""Nodes where neither `first` nor `last` is given."""


@dataclass(frozen=True)
class Page:
    """What a connection answers. Names are Linear's."""

    nodes: Sequence[Row]
    hasNextPage: bool  # noqa: N815
    hasPreviousPage: bool  # noqa: N815

    @property
    def startCursor(self) -> str | None:  # noqa: N802
        """The id of the first node."""
        return self.nodes[0].id if self.nodes else None

    @property
    def endCursor(self) -> str | None:  # noqa: N802
        """The id of the last node."""
        return self.nodes[-1].id if self.nodes else None

    @property
    def pageInfo(self) -> Page:  # noqa: N802
        """The same, as PageInfo."""
        return self


def page(rows: Sequence[Row], given: Mapping[str, object], fits: Callable[[Row], bool]) -> Page:
    """The nodes of `rows` that fit and that a connection's arguments ask for.

    A cursor may name a row that fits no longer: it still marks a place. Archived rows are left out unless
    `includeArchived`. Raises Refusal for sizes and cursors that Linear does not take.
    """
    first, last = given.get("first"), given.get("last")
    checked_page("first", first)
    checked_page("last", last)
    by_update = given.get("orderBy") == "updatedAt"
    # Rows made in one moment keep their order of making, newest first.
    ordered = sorted(
        enumerate(rows),
        key=lambda each: (each[1].updated_at if by_update else each[1].created_at, each[0]),
        reverse=True,
    )
    seen = [row for _, row in ordered]
    places = {row.id: place for place, row in enumerate(seen)}
    start, end = 0, len(seen)
    if given.get("after") is not None:
        start = _place(places, given["after"]) + 1
    if given.get("before") is not None:
        end = _place(places, given["before"])
    fitting = (row for row in seen[start:end] if (given.get("includeArchived") or not row.archived_at) and fits(row))
    if isinstance(last, int) and first is None:
        shown = list(fitting)
        return Page(shown[-last:], hasNextPage=end < len(seen), hasPreviousPage=len(shown) > last)
    size = first if isinstance(first, int) else DEFAULT
    shown = list(islice(fitting, size + 1))
    return Page(shown[:size], hasNextPage=len(shown) > size, hasPreviousPage=start > 0)


def _place(places: Mapping[str, int], cursor: object) -> int:
    if str(cursor) not in places:
        raise unfit("The cursor is not valid.")
    return places[str(cursor)]
