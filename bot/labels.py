"""Finds the result label, or makes it where that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import structlog

from linear.errors import Rejected, Unauthorized
from linear.ids import stable_id
from linear.writes import CreateLabel

if TYPE_CHECKING:
    from linear.client import Linear

log = structlog.get_logger()


class Look(NamedTuple):
    """What a result label is made with where there is none."""

    color: str
    description: str


DONE = Look("#4cb782", "Has an implementation plan")
FAILED = Look("#eb5757", "No plan could be made; the bot's comment says why")


async def label_id(linear: Linear, organization_id: str, name: str, look: Look, *, known: str | None) -> str | None:
    """The id of a label issues can carry; None where there is none and Linear does not let us make one."""
    if known is not None:
        return known
    write = CreateLabel(
        id=stable_id(organization_id, "label", name.casefold()),
        name=name,
        color=look.color,
        description=look.description,
    )
    try:
        thing = (await linear.apply(write)).thing
    except (Unauthorized, Rejected) as error:
        log.warning("label.not_made", label=name, reason=error.reason)
        return None
    return thing.id if thing.standing != "gone" else None
