"""Starts and stops DBOS the way that loses nothing: unique executor, lease, pinned version, JSON, WAL."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_errors

from bot.engine.lease import Lease
from bot.engine.names import APPLICATION, APPLICATION_VERSION, INGEST, PLAN
from bot.engine.steps import DurableSteps, Json, Steps
from bot.store.database import prepare, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_handlers: dict[str, Callable[[Steps, Json], Awaitable[Json]]] = {}

# A run that kills its process this often is given up, or it would be paid for without end.
_MAX_RECOVERIES = 20


@DBOS.workflow(name=INGEST, max_recovery_attempts=_MAX_RECOVERIES)
async def _ingest(request: Json) -> Json:
    return await _handlers[INGEST](DurableSteps(), request)


@DBOS.workflow(name=PLAN, max_recovery_attempts=_MAX_RECOVERIES)
async def _plan(run_id: Json) -> Json:
    return await _handlers[PLAN](DurableSteps(), run_id)


# Whoever cancels a run says its last words, for as long as Linear may need to take them.
_CANCELED_BEFORE_S = 900.0
_CANCELED = (dbos_errors.DBOSAwaitedWorkflowCancelledError, dbos_errors.DBOSWorkflowCancelledError)


def _is_news(record: logging.LogRecord) -> bool:
    """DBOS tells of each workflow that was cancelled with a warning and a traceback; we log that ourselves."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, _CANCELED) and "was cancelled during execution" not in record.getMessage()


logging.getLogger("dbos").addFilter(_is_news)

WORKFLOWS = {INGEST: _ingest, PLAN: _plan}


def executor_id() -> str:
    """A name for this process that no other start has, with what tells later whether the process still lives.

    `<host>-<boot and pid namespace>-<pid>-<random>`. DBOS's default, the same name for every process, makes two
    processes do each other's work twice.
    """
    return f"{socket.gethostname()}-{_namespace()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _namespace() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        pids = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return uuid.uuid4().hex[:12]  # not Linux: never recognised as dead before its lease ends
    return uuid.uuid5(uuid.NAMESPACE_OID, boot + pids).hex[:12]


def is_dead_process(executor: str) -> bool:
    """Whether an executor was a process of this very machine and pid namespace that is no more.

    Only a shortcut: with False the lease decides, a quarter of a minute later.
    """
    mine = f"{socket.gethostname()}-{_namespace()}-"
    pid, _, rest = executor.removeprefix(mine).partition("-")
    if not executor.startswith(mine) or not rest or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True  # our pid, but not our name: it had the pid before us
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def make_tables(url: str) -> None:
    """Make or update the engine's own tables, for a process that writes into them and works on nothing."""
    prepare(url)
    DBOS.migrate(url)


class Engine:
    """The engine of one process. `start` begins to work on the queues; `stop` lets go of what is unfinished."""

    def __init__(
        self,
        url: str,
        *,
        ingest: Callable[[Steps, Json], Awaitable[Json]],
        plan: Callable[[Steps, Json], Awaitable[Json]],
        concurrency: int,
        ttl_s: float = 15.0,
    ) -> None:
        """`concurrency`: plans written at once, over all replicas. `ttl_s`: how long a silent replica is waited for."""
        self._url = url
        self._concurrency = concurrency
        self._executor = executor_id()
        self._lease = Lease(url, self._executor, ttl_s=ttl_s, is_dead=is_dead_process)
        self._watch: asyncio.Task[None] | None = None
        _handlers.update({INGEST: ingest, PLAN: plan})

    async def start(self, *, work: bool = True) -> None:
        """Launch. `work=False`: only workflows started here run here; the queues are left to others."""
        prepare(self._url)
        await asyncio.to_thread(self._lease.open)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "executor_id": self._executor,
            "application_version": APPLICATION_VERSION,
            # Readable in the database, and nothing in it can run code when it is read.
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
        if sqlite_path(self._url) is not None:
            config["sys_db_pool_size"] = 1
        DBOS(config=config)
        if not work:
            DBOS.listen_queues([])
        # On a thread, so that workflows run on the engine's own event loop and not on the web server's.
        await asyncio.to_thread(DBOS.launch)
        poll = 0.1 if sqlite_path(self._url) is not None else 0.25
        await DBOS.register_queue_async(INGEST, worker_concurrency=16, polling_interval_sec=poll)
        await DBOS.register_queue_async(PLAN, global_concurrency=self._concurrency, polling_interval_sec=poll)
        if work:  # a foreground command does its own run and takes over nobody else's
            self._watch = asyncio.create_task(self._lease.watch(), name="lease")

    @property
    def is_alive(self) -> bool:
        """Whether this process works, and others know that it does."""
        return self._watch is not None and not self._watch.done() and self._lease.is_held

    async def run_now(self, run_id: str) -> Json:
        """Work on one run here and now, past the queue, and answer its outcome; None if it was canceled."""
        with SetWorkflowID(run_id):
            handle = await DBOS.start_workflow_async(_plan, run_id)
        try:
            return await handle.get_result()
        except _CANCELED:
            return None

    async def broken_off(self, run_ids: list[str], *, canceled_before_s: float = _CANCELED_BEFORE_S) -> list[str]:
        """Those of the runs whose workflow is over although their last step never came.

        A run that ended its process twenty times is given up by the engine, without a word to anyone. One that was
        canceled less than `canceled_before_s` ago is still being ended by who canceled it.
        """
        if not run_ids:
            return []
        over = await DBOS.list_workflows_async(
            workflow_ids=run_ids,
            status=["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            load_input=False,
            load_output=False,
        )
        before_ms = (time.time() - canceled_before_s) * 1000
        return [
            workflow.workflow_id
            for workflow in over
            if workflow.status != "CANCELLED" or workflow.updated_at is None or workflow.updated_at <= before_ms
        ]

    async def never_queued(self, run_ids: list[str]) -> list[str]:
        """Those of the runs for which there is no workflow: whoever claimed them died before queueing them."""
        if not run_ids:
            return []
        there = await DBOS.list_workflows_async(workflow_ids=run_ids, load_input=False, load_output=False)
        return sorted(set(run_ids) - {workflow.workflow_id for workflow in there})

    async def is_orphaned(self, run_id: str) -> bool:
        """Whether the run is under way in a process of this machine that is no more."""
        found = await DBOS.list_workflows_async(workflow_ids=[run_id], load_input=False, load_output=False)
        return any(
            workflow.status == "PENDING" and workflow.executor_id is not None and is_dead_process(workflow.executor_id)
            for workflow in found
        )

    async def stop(self, *, wait_s: int = 5) -> None:
        """Wait `wait_s` seconds for what runs, then leave it to the next start, which goes on at its last step."""
        if self._watch is not None:
            self._watch.cancel()
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=wait_s)
        # DBOS had given the loop its own threads and has now taken them away.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="after-engine"))
        await asyncio.to_thread(self._lease.release)
