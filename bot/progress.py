"""Shows in the bot's comment how the writing goes: seldom, and never at the price of the plan."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from bot import messages

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.publish import Publisher
    from linear.client import Linear
    from planner.model import Progress as Written

log = structlog.get_logger()

EVERY_S = 20.0
_WORD = 6  # characters, of English prose and code alike, near enough for "about"


class Progress:
    """Progress of one turn. `tick` is called by the model for each piece it writes; `settle` when the turn is over."""

    def __init__(self, desk: Desk, publisher: Publisher, linear: Linear) -> None:
        """Edits the bot's comment through `publisher`."""
        self._services = desk.services
        self._run_id = desk.run_id
        self._publisher = publisher
        self._linear = linear
        self._began = self._last = time.monotonic()
        self._editing: asyncio.Task[None] | None = None

    def tick(self, written: Written) -> None:
        """Tell whoever watches; edit the comment at most every `EVERY_S` seconds, and not when requests run low."""
        self._services.tell(self._run_id, "progress", f"{written.output_chars:,} characters")
        now = time.monotonic()
        if now - self._last < EVERY_S * self._services.pace:
            return
        self._last = now
        busy = self._editing is not None and not self._editing.done()
        budget = self._linear.budget
        if busy or (budget is not None and budget.is_low()):
            return
        minutes = max(1, round((now - self._began) / 60))
        text = messages.still_writing(10 * round(written.output_chars / _WORD / 10), minutes)
        self._editing = asyncio.create_task(self._edit(text))

    async def settle(self) -> None:
        """Wait for the last edit, so that none comes after the words that follow it."""
        if self._editing is not None:
            await self._editing

    async def _edit(self, text: str) -> None:
        try:
            await self._publisher.comment(text)
        except Exception as error:  # noqa: BLE001 - a courtesy; the run goes on without it
            log.info("progress.not_shown", run=self._run_id, error=type(error).__name__)
        else:
            self._services.counts.add("progress_edits")
