"""Records accepted deliveries durably, many in one commit. A webhook is answered 200 only after this."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
import structlog
from dbos import DBOSClient, DBOSPortableJSONSerializer

from bot.engine.names import APPLICATION, APPLICATION_VERSION, INGEST
from bot.store import ledger
from bot.store.database import connect

if TYPE_CHECKING:
    from bot.triggers import PlanRequest

log = structlog.get_logger()

Outcome = Literal["recorded", "duplicate", "not-waited-for", "ours"]

_BATCH = 256
_WAITING_MOST = 2_000
# Within the second in which people are promised an answer when the database is away.
_ANSWER_WITHIN_S = 0.9
_LOCK_WAIT_MS = 800


class CannotRecord(Exception):
    """The database did not take it in time. Answer 503: Linear sends it again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted delivery. `wakes_only`: keep it only if it may matter to a run or a plan of its issue."""

    delivery_id: str
    digest: str
    request: PlanRequest
    workflow_id: str | None = None
    """None: the request's own id, so that two webhooks that tell of one event start one workflow."""

    @property
    def wakes_only(self) -> bool:
        """Whether it matters only to a waiting run."""
        return self.request.kind == "wake"


class Recorder:
    """One writer thread with one connection; what arrives while it commits goes into its next transaction."""

    def __init__(self, url: str) -> None:
        """`url`: the database of the engine and of our tables."""
        self._engine = connect(url, pool_size=1, wait_ms=_LOCK_WAIT_MS)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,  # by default it blocks for ever while the database is away
        )
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_on, name="recorder", daemon=True)
        self._thread.start()

    async def record(self, entry: Entry) -> Outcome:
        """Return once `entry` is on disk, or known to need no record. Raises `CannotRecord`."""
        if self._queue.qsize() >= _WAITING_MOST:
            raise CannotRecord
        loop = asyncio.get_running_loop()
        item = _Item(entry, loop, loop.create_future())
        self._queue.put(item)
        try:
            return await asyncio.wait_for(item.future, _ANSWER_WITHIN_S)
        except TimeoutError:
            log.warning("record.slow", delivery=entry.delivery_id)
            raise CannotRecord from None

    def close(self) -> None:
        """Write what is queued and stop."""
        self._queue.put(None)
        self._thread.join(timeout=5)
        self._engine.dispose()

    def _write_on(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            stop = False
            while len(batch) < _BATCH:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    stop = True
                    break
                batch.append(item)
            self._write(batch)
            if stop:
                return

    def _write(self, batch: list[_Item]) -> None:
        outcomes: list[Outcome | CannotRecord]
        try:
            with self._engine.begin() as connection:
                outcomes = [self._one(connection, item.entry) for item in batch]
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing of the batch is on disk
            log.warning("record.failed", error=type(error).__name__, deliveries=len(batch))
            outcomes = [CannotRecord()] * len(batch)
        for item, outcome in zip(batch, outcomes, strict=True):
            item.answer(outcome)

    def _one(self, connection: sa.Connection, entry: Entry) -> Outcome:
        request = entry.request
        if entry.wakes_only:
            waits = connection.execute(
                sa.text(
                    "select 1 from runs where organization_id = :org and issue_id = :issue"
                    " and state in ('queued', 'running', 'waiting')"
                    " union all select 1 from plans where organization_id = :org and issue_id = :issue"
                    " and posted_at is not null and stale_told = 0 and withdrawn_at is null limit 1"
                ),
                {"org": request.organization_id, "issue": request.issue_id},
            ).scalar_one_or_none()
            if waits is None:
                return "not-waited-for"
        if request.comment_id is not None and ledger.is_ours(connection, request.comment_id):
            return "ours"
        fresh = connection.execute(
            sa.text(
                "insert into deliveries (id, digest, organization_id, received_at) values (:id, :digest, :org, :at)"
                " on conflict do nothing"
            ),
            {"id": entry.delivery_id, "digest": entry.digest, "org": request.organization_id, "at": time.time()},
        ).rowcount
        if not fresh:
            return "duplicate"
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": INGEST,
                "queue_name": INGEST,
                "workflow_id": entry.workflow_id or request.id,
                "app_version": APPLICATION_VERSION,
            },
            request.model_dump(mode="json"),
        )
        return "recorded"


@dataclass(slots=True)
class _Item:
    entry: Entry
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]

    def answer(self, outcome: Outcome | CannotRecord) -> None:
        def settle() -> None:
            if self.future.done():
                return
            if isinstance(outcome, CannotRecord):
                self.future.set_exception(outcome)
            else:
                self.future.set_result(outcome)

        try:
            self.loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return
