"""One pause for all who talk to the same Linear: when it says stop, everybody stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from linear.errors import RateLimited

Clock = Callable[[], datetime]
"""Now, as an aware datetime in UTC."""

Sleep = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""


class Pause:
    """Holds every caller back until the reset that Linear named last."""

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        """Nothing is held back at first."""
        self._clock = clock
        self._sleep = sleep
        self._until: datetime | None = None

    def hold(self, until: datetime) -> None:
        """From now on nobody goes on before `until`; an earlier time than the one that holds changes nothing."""
        if self._until is None or until > self._until:
            self._until = until

    async def wait(self, patience_s: float) -> float:
        """Waits until nothing holds, and answers how many seconds that took.

        Raises RateLimited at once where it would take longer than `patience_s`, so that a caller that can sleep
        durably does that instead.
        """
        slept = 0.0
        while self._until is not None:
            left = (self._until - self._clock()).total_seconds()
            if left <= 0:
                break
            if slept + left > patience_s:
                raise RateLimited(self._until)
            await self._sleep(left)
            slept += left
        return slept
