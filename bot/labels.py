"""Finds the result label, or makes it where that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from linear.errors import Rejected, Unauthorized
from linear.ids import stable_id
from linear.writes import CreateLabel

if TYPE_CHECKING:
    from linear.client import Linear

log = structlog.get_logger()

GREEN = "#4cb782"
RED = "#eb5757"


async def label_id(
    linear: Linear, organization_id: str, name: str, *, known: str | None, color: str, description: str
) -> str | None:
    """The id of a label issues can carry; None where there is none and Linear does not let us make one."""
    if known is not None:
        return known
    write = CreateLabel(
        id=stable_id(organization_id, "label", name.casefold()), name=name, color=color, description=description
    )
    try:
        thing = (await linear.apply(write)).thing
    except (Unauthorized, Rejected) as error:
        log.warning("label.not_made", label=name, reason=error.reason)
        return None
    return thing.id if thing.standing != "gone" else None
