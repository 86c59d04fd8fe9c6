"""Whether Linear's webhooks reach us, as far as it can be known, in words for whoever runs the bot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import wording
from bot.store import sweeps
from linear.errors import LinearError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.sweep.decide import Row
    from linear.client import Linear

_PATH = "/webhooks/linear"


async def why_unheard(linear: Linear, missed: list[Row]) -> str:
    """What kept the webhooks of these presses from us: what can be seen of it, in sentences."""
    names = [row.identifier for row in missed[:5]]
    more = f" and {len(missed) - len(names)} more" if len(missed) > len(names) else ""
    text = f"Linear's webhook did not tell of the label on {', '.join(names)}{more}; a sweep found it."
    fault = await fault_seen(linear)
    return f"{text} {fault}" if fault else text


async def fault_seen(linear: Linear) -> str | None:
    """What is wrong with our webhook in Linear, a sentence; None where nothing is, or where we may not see it.

    Only admins may see webhooks: an app never does. Ours is known by where its address ends.
    """
    try:
        webhooks = await linear.webhooks()
    except LinearError:
        return None
    ours = [each for each in webhooks if (each.url or "").partition("?")[0].rstrip("/").endswith(_PATH)]
    if not ours:
        return f"No webhook of the workspace goes to an address that ends in {_PATH}."
    if not any(each.enabled for each in ours):
        return "It is switched off in Linear: switch it on under Settings, API."
    return None


def parts(connection: sa.Connection, organization_id: str) -> dict[str, dict[str, object]]:
    """For `/readyz`: `webhook` and `sweep`, each with `ready` and `because`."""
    notice = sweeps.standing(connection, organization_id, sweeps.WEBHOOK)
    last = sweeps.last(connection, organization_id)
    webhook: dict[str, object] = {"ready": notice is None}
    if notice is not None:
        webhook["because"] = f"{notice.because} So it is since {utc(notice.since)}."
    sweep: dict[str, object] = {"ready": last is None or last.because is None}
    if last is not None:
        sweep["last"] = utc(last.began_at)
        if last.because is not None:
            sweep["because"] = f"The last sweep could not be done. {last.because}"
    return {"webhook": webhook, "sweep": sweep}


def utc(at: float) -> str:
    """A moment for people, to the minute."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def summed(counted: dict[str, int]) -> str:
    """What became of the issues, in words."""
    if not counted:
        return "Nothing carries the label."
    return f"{wording.listed([f'{number} {what}' for what, number in sorted(counted.items())])}."
