"""`needs-plan cancel` and `needs-plan retry`: recorded like a webhook, done by whichever bot is running."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from typing import TYPE_CHECKING

from bot.commands import Command
from bot.engine.launch import make_tables
from bot.engine.record import CannotRecord, Entry, Recorder
from bot.settings import Settings
from bot.store import runs as store
from bot.store.database import Database
from bot.triggers import Asker, PlanRequest

if TYPE_CHECKING:
    from bot.store.runs import Run

# Far more than a running bot needs to stop a run; without one nothing will happen.
_STOPPED_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.3


def cancel(name: str) -> int:
    """Stop a run and wait until it is stopped. Answers the exit code."""
    settings, database = _open()
    run = _find(database, name)
    if run is None:
        return 1
    if run.state not in (*store.LIVE, "waiting"):
        return _failed(f"that run of {run.identifier} has ended already: {run.state}")
    request = PlanRequest(
        id=str(uuid.uuid4()),
        kind="keyword",
        organization_id=run.organization_id,
        issue_id=run.issue_id,
        identifier=run.identifier,
        title=run.title,
        asker=Asker(),
        command=Command(word="cancel", run=run.id),
        received_at=time.time(),
    )
    if not _record(settings, request):
        return _failed("the database did not take it; look at `needs-plan doctor` and try again")
    print(f"Stopping the run of {run.identifier}.", file=sys.stderr)
    until = time.monotonic() + _STOPPED_WITHIN_S
    while time.monotonic() < until:
        now = database.call(store.get, run.id)
        if now is not None and now.state == "canceled":
            print(f"Stopped. What was made until then is named in the bot's comment on {run.identifier}.")
            return 0
        if now is not None and now.state not in (*store.LIVE, "waiting"):
            return _failed(f"the run of {run.identifier} had just ended by itself: {now.state}")
        time.sleep(_LOOK_EVERY_S)
    return _failed("it is recorded, but no bot has done it yet; it is done as soon as `needs-plan serve` runs")


def retry(name: str) -> int:
    """Ask for another run as this one was asked for. Answers the exit code."""
    settings, database = _open()
    run = _find(database, name)
    if run is None:
        return 1
    if run.state in store.LIVE:
        return _failed(
            f"{run.identifier} is being planned already; `needs-plan show {run.identifier}` tells how it goes"
        )
    asked = PlanRequest.model_validate(database.call(store.requests_of, run.id)[0])
    request = asked.model_copy(update={"id": str(uuid.uuid4()), "kind": "cli", "received_at": time.time()})
    if not _record(settings, request):
        return _failed("the database did not take it; look at `needs-plan doctor` and try again")
    print(f"Asked again for {run.identifier}; `needs-plan show {run.identifier}` tells how it goes.")
    return 0


def _open() -> tuple[Settings, Database]:
    settings = Settings.load()
    database = Database(settings.database)
    database.migrate()
    return settings, database


def _find(database: Database, name: str) -> Run | None:
    run = database.call(store.get, name)
    if run is None:
        _failed(f"no run and no issue is called {name}; `needs-plan runs` lists them")
    return run


def _record(settings: Settings, request: PlanRequest) -> bool:
    make_tables(settings.database)
    recorder = Recorder(settings.database)

    async def record() -> bool:
        try:
            await recorder.record(Entry(delivery_id=request.id, digest=request.id, request=request))
        except CannotRecord:
            return False
        return True

    try:
        return asyncio.run(record())
    finally:
        recorder.close()


def _failed(text: str) -> int:
    print(f"needs-plan: {text}", file=sys.stderr)
    return 1
