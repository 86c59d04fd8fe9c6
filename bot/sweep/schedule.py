"""The slots of a cron expression as a trigger of APScheduler's.

Its own cron trigger counts the days of the week from Monday, and takes both days that are named to be meant together:
cron counts from Sunday, and means either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from bot.slots import slot_after


class Slots(BaseTrigger):
    """Fires at each slot, in UTC."""

    def __init__(self, cron: str) -> None:
        """`cron`: five fields, known to be right."""
        self._cron = cron

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride] - apscheduler ships no types
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime:
        """The next slot after the one that fired, or after now; those that passed meanwhile are swept as one."""
        if previous_fire_time is None:
            return slot_after(self._cron, now - timedelta(seconds=1))
        return slot_after(self._cron, max(previous_fire_time, now - timedelta(seconds=1)))
