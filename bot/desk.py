"""What the steps of one run work with: the way into its issue, and the run's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.publish import Publisher
from bot.store import ledger, runs

if TYPE_CHECKING:
    from bot.services import Services
    from bot.store.runs import Run
    from bot.triggers import PlanRequest


class Desk:
    """One run's place to work from. Made anew by whoever needs it; it holds nothing that a restart would miss."""

    def __init__(self, services: Services, run_id: str, request: PlanRequest) -> None:
        """`request` is what started the run."""
        self.services = services
        self.run_id = run_id
        self.request = request

    async def publisher(self) -> Publisher:
        """The writer for this run's issue, over the connections of the running event loop."""
        return Publisher(
            await self.services.linear(),
            self.services.database,
            organization_id=self.request.organization_id,
            issue_id=self.request.issue_id,
            run_id=self.run_id,
        )

    async def run(self, run_id: str | None = None) -> Run | None:
        """The run as stored; with `run_id` another one."""
        return await self.services.database.run(runs.get, run_id or self.run_id)

    async def close(self, at: float | None = None) -> None:
        """What is asked from now on, or from `at` (Unix seconds), means what comes after this run."""
        await self.services.database.run(runs.close, self.run_id, at)

    async def document_url(self) -> str | None:
        """Where the plan's document stands, whichever run made it."""
        entries = await self.services.database.run(ledger.of_issue, self.request.organization_id, self.request.issue_id)
        documents = [entry for entry in entries if entry.kind == "document"]
        return documents[-1].url if documents and documents[-1].state == "made" else None

    async def note(self, step: str, text: str, **columns: object) -> None:
        """A line in the journal, and `columns` of the run's row; also told to whoever watches."""
        await self.services.database.run(runs.note, self.run_id, step, text, **columns)
        self.services.tell(self.run_id, step, text)

    async def say(self, step: str, text: str) -> None:
        """Make the bot's comment say this."""
        entry = await (await self.publisher()).comment(text)
        await self.note(step, text, comment_url=entry.url)
