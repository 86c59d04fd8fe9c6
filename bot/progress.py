"""Shows in the bot's comment how the writing goes: seldom, and never at the price of the plan."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from bot import messages
from bot.store import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.desk import Desk
    from planner.model import Progress as Written
    from planner.toolbox import Todo

log = structlog.get_logger()

EVERY_S = 20.0
_WORD = 6  # characters, of English prose and code alike, near enough for "about"


class Progress:
    """Progress of one run in one process.

    `tick` is called by the model for each piece it writes, also by several at once; `settle` when a turn is over.
    """

    def __init__(self, desk: Desk) -> None:
        """Edits the bot's comment."""
        self._desk = desk
        self._services = desk.services
        self._run_id = desk.run_id
        self._began = self._last = time.monotonic()
        self._editing: asyncio.Task[None] | None = None
        self._todos: tuple[Todo, ...] = ()

    def tick(self, written: Written) -> None:
        """Tell whoever watches; edit the comment at most every `EVERY_S` seconds, and not when requests run low."""
        self._services.tell(self._run_id, "progress", f"{written.output_chars:,} characters")
        now = time.monotonic()
        if now - self._last < EVERY_S * self._services.pace:
            return
        self._last = now
        if self._editing is not None and not self._editing.done():
            return
        minutes = max(1, round((now - self._began) / 60))
        words = 10 * round(written.output_chars / _WORD / 10)
        text = messages.still_writing(words, minutes, [(each.content, each.status) for each in self._todos])
        self._editing = asyncio.create_task(self._edit(text))

    async def todos(self, todos: Sequence[Todo]) -> None:
        """The model's list of what it does: kept with the run, told to whoever watches, shown with the next edit."""
        self._todos = tuple(todos)
        await self._services.database.run(
            runs.put_todo, self._run_id, [{"content": each.content, "status": each.status} for each in todos]
        )
        doing = next((each.content for each in todos if each.status == "in_progress"), None)
        done = sum(each.status == "completed" for each in todos)
        self._services.tell(self._run_id, "todo", f"{done} of {len(todos)} done{f': {doing}' if doing else ''}")

    async def settle(self) -> None:
        """Wait for the last edit, so that none comes after the words that follow it."""
        if self._editing is not None:
            await self._editing

    async def _edit(self, text: str) -> None:
        try:
            linear = await self._services.linear()
            if linear.budget is not None and linear.budget.is_low():
                return
            await (await self._desk.publisher()).comment(text)
        except Exception as error:  # noqa: BLE001 - a courtesy; the run goes on without it
            log.info("progress.not_shown", run=self._run_id, error=type(error).__name__)
        else:
            self._services.counts.add("progress_edits")
