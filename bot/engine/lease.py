# pyright: reportPrivateUsage=false
"""Which processes are alive, and whose work must be taken over. DBOS alone strands a killed process's work.

Each process renews a row. Work that is pending under a process whose row has run out is handed to this one. This uses
three internals of DBOS's MIT core (`_recover_pending_workflows`, `_active_workflows_set`, `reenqueue_for_recovery`):
that is why its version is pinned to one minor release, and why the process tests kill replicas.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger()

_DAY_S = 86_400


class Lease:
    """One process's claim to be alive, and its watch over the others'."""

    def __init__(self, url: str, executor: str, *, ttl_s: float, is_dead: Callable[[str], bool]) -> None:
        """`is_dead(executor)` may say at once what the lease would say after `ttl_s` seconds."""
        self._executor = executor
        self._ttl_s = ttl_s
        self._is_dead = is_dead
        self._engine = connect(url, pool_size=2)
        # The database's clock, so that replicas need not agree on theirs.
        self._now = (
            "(julianday('now') - 2440587.5) * 86400.0"
            if self._engine.dialect.name == "sqlite"
            else "extract(epoch from clock_timestamp())::float8"
        )
        self._suspects: set[str] = set()
        self._renewed = float("-inf")
        self._closing = threading.Event()
        self._beats: threading.Thread | None = None

    def open(self) -> None:
        """Take the lease and keep renewing it on a thread of its own: a busy event loop must not look dead."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.text(
                    "create table if not exists executor_lease"
                    " (executor_id varchar(200) primary key, expires double precision not null)"
                )
            )
        self._beat()
        self._beats = threading.Thread(target=self._beat_on, name="lease", daemon=True)
        self._beats.start()

    def release(self) -> None:
        """Give the lease back, so that others need not wait for its end."""
        self._closing.set()
        if self._beats is not None:
            self._beats.join(timeout=self._ttl_s)
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    sa.text("delete from executor_lease where executor_id = :executor"), {"executor": self._executor}
                )
        except SQLAlchemyError as error:
            log.warning("lease.not_released", error=type(error).__name__)
        self._engine.dispose()

    async def watch(self) -> None:
        """Take over what dead processes left, now and again every third of the lease, until cancelled."""
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the database may be away: look again later, whatever it was
                log.warning("lease.look_failed", error=type(error).__name__)
            await asyncio.sleep(self._ttl_s / 3)

    @property
    def is_held(self) -> bool:
        """Whether the last renewal is recent enough that others take this process for alive."""
        return time.monotonic() - self._renewed < self._ttl_s

    def _beat(self) -> None:
        began = time.monotonic()
        with self._engine.begin() as connection:
            connection.execute(
                sa.text(
                    f"insert into executor_lease values (:executor, {self._now} + :ttl)"  # noqa: S608 - constants only
                    " on conflict (executor_id) do update set expires = excluded.expires"
                ),
                {"executor": self._executor, "ttl": self._ttl_s},
            )
        self._renewed = began

    def _beat_on(self) -> None:
        while not self._closing.wait(self._ttl_s / 3):
            try:
                self._beat()
            except SQLAlchemyError as error:
                log.warning("lease.beat_failed", error=type(error).__name__)

    def _alive(self) -> set[str]:
        with self._engine.begin() as connection:
            connection.execute(
                sa.text(f"delete from executor_lease where expires < {self._now} - {_DAY_S}")  # noqa: S608 - constants only
            )
            found = connection.execute(
                sa.text(f"select executor_id from executor_lease where expires >= {self._now}")  # noqa: S608 - constants only
            )
            return {
                executor for executor in found.scalars() if not self._is_dead(executor) or executor == self._executor
            }

    async def _look(self) -> None:
        pending = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        owners = {row.executor_id for row in pending if row.executor_id} - {self._executor}
        if owners:
            dead = sorted(owners - await asyncio.to_thread(self._alive))
            if dead:
                handles = await asyncio.to_thread(DBOS._recover_pending_workflows, dead)  # noqa: SLF001 - see the module's docstring
                log.info("lease.took_over", executors=dead, workflows=len(handles))
        await self._heal({row.workflow_id for row in pending if row.executor_id == self._executor})

    async def _heal(self, mine: set[str]) -> None:
        """Start again what is pending under this process but runs nowhere in it.

        A checkpoint that fails while the database is away can end a workflow's task without ending the workflow.
        Twice in a row, so that one that is just starting or ending is left alone.
        """
        from dbos._dbos import _get_dbos_instance  # noqa: PLC0415 - see the module's docstring
        from dbos._utils import INTERNAL_QUEUE_NAME  # noqa: PLC0415

        engine = _get_dbos_instance()
        stray = mine - set(engine._active_workflows_set.activeList())  # noqa: SLF001
        for workflow_id in stray & self._suspects:
            if await asyncio.to_thread(
                engine._sys_db.reenqueue_for_recovery,  # noqa: SLF001
                workflow_id,
                [self._executor],
                INTERNAL_QUEUE_NAME,
            ):
                log.warning("lease.restarted_stray", workflow=workflow_id)
        self._suspects = stray - self._suspects
