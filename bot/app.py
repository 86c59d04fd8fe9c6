"""The web application: webhooks in, health and metrics out."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.agents import find
from bot.engine.launch import Engine, make_tables
from bot.engine.record import Recorder
from bot.engine.steps import RescueSteps
from bot.ingest import Ingest
from bot.receive import routes
from bot.store import keep, questions, runs
from bot.sweep import hearing
from bot.sweep.schedule import Slots
from bot.sweep.sweeping import Sweep
from bot.triggers import TriggerRules
from bot.workflow import Life
from linear.ids import stable_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.services import Services

log = structlog.get_logger()

# Linear's last retry comes 6 hours after the first try; a day covers it and clocks that disagree.
_DELIVERIES_KEPT_S = 24 * 3600.0
# Between claiming a run and queueing it lie two greetings in Linear, each tried for a minute.
_QUEUED_WITHIN_S = 300.0
_LOOK_EVERY_S = 60.0


def make_app(services: Services, *, work: bool = True, sweep: bool = True, lease_s: float = 15.0) -> FastAPI:
    """The application. `work=False`: only take webhooks in; other replicas do the planning.

    `sweep=False`: never sweep; nor does it where the setting says so.
    """
    settings = services.settings
    services.database.migrate()
    if not work:
        make_tables(settings.database)  # the receiver writes into the engine's tables
    recorder = Recorder(settings.database)
    sweeper = Sweep(services, recorder)
    life = Life(services)
    engine = (
        Engine(
            settings.database,
            ingest=Ingest(services),
            plan=life,
            concurrency=settings.concurrency,
            ttl_s=lease_s,
        )
        if work
        else None
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        if engine is not None:
            await engine.start()
        identity = asyncio.create_task(services.learn_identity(), name="identity")
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(  # pyright: ignore[reportUnknownMemberType] - apscheduler ships no types
            _forget, "interval", hours=1, args=[services], coalesce=True, max_instances=1
        )
        if engine is not None:
            scheduler.add_job(  # pyright: ignore[reportUnknownMemberType]
                _look_after_runs, "interval", minutes=1, args=[services, engine, life], coalesce=True, max_instances=1
            )
            scheduler.add_job(  # pyright: ignore[reportUnknownMemberType]
                _assume, "interval", seconds=_looks_every_s(services), args=[services], coalesce=True, max_instances=1
            )
        if sweep and settings.sweep:
            scheduler.add_job(  # pyright: ignore[reportUnknownMemberType]
                sweeper.tick,
                Slots(settings.sweep),
                # Also at the start: labels that were put on while nobody listened. A slot is swept only once.
                next_run_time=datetime.now(UTC),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        log.info("serve.ready", host=settings.host, port=settings.port, workers=work, model=services.model)
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            identity.cancel()
            await asyncio.to_thread(recorder.close)
            if engine is not None:
                await engine.stop()
            await services.close()

    rules = TriggerRules(labels=settings.trigger_labels, teams=settings.rules.served, agents=find(settings.rules).names)
    app = FastAPI(title="needs-plan", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.sweep = sweeper
    app.include_router(
        routes(
            secrets=settings.webhook_secrets,
            rules=lambda: rules.model_copy(update={"names": services.names}),
            organization=lambda: services.organization_id,
            recorder=recorder,
            counts=services.counts,
        )
    )

    @app.get("/healthz")
    async def healthz() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return JSONResponse({"status": "up"})

    @app.get("/readyz")
    async def readyz() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        parts = await _parts(services, engine)
        ready = all(part["ready"] for part in parts.values())
        # What else is told decides nothing: taken out of rotation, a bot would miss the more.
        told = {**parts, **await _hearing(services)}
        return JSONResponse({"ready": ready, "parts": told}, status_code=200 if ready else 503)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if not _is_loopback(request):
            return Response("only from this machine", status_code=403, media_type="text/plain")
        return Response(services.counts.text(), media_type="text/plain; version=0.0.4")

    return app


def _looks_every_s(services: Services) -> float:
    """How often questions without an answer are looked at: each minute, or more often where nobody waits long."""
    after = services.settings.rules.answer_after_s or _LOOK_EVERY_S
    return max(1.0, min(_LOOK_EVERY_S, after / 10))


async def _forget(services: Services) -> None:
    try:
        await services.database.run(keep.forget_deliveries, _DELIVERIES_KEPT_S)
    except SQLAlchemyError as error:
        log.warning("deliveries.not_forgotten", error=type(error).__name__)


async def _look_after_runs(services: Services, engine: Engine, life: Life) -> None:
    """Runs that nobody works on block their issues: queue what never was, end what the engine has given up."""
    try:
        live = await services.database.run(runs.live, _QUEUED_WITHIN_S)
        for run_id in await engine.never_queued(live):
            log.warning("run.queued_late", run=run_id)
            await RescueSteps().start_plan(run_id)
        for run_id in await engine.broken_off(live):
            log.error("run.given_up", run=run_id)
            await life.give_up(run_id)
    except Exception as error:  # noqa: BLE001 - tried again in a minute
        log.warning("runs.not_looked_at", error=type(error).__name__)


async def _assume(services: Services) -> None:
    """Plan on the stated assumptions where nobody has answered for as long as the rules say."""
    after = services.settings.rules.answer_after_s
    if after is None:
        return
    try:
        for run_id in await services.database.run(questions.overdue, after):
            first = (await services.database.run(runs.requests_of, run_id))[0]
            id_ = stable_id(first["organization_id"], "nobody answered", run_id)
            body = {**first, "id": id_, "kind": "wake", "comment_id": None, "thread_id": None, "guidance": ""}
            log.info("questions.unanswered", run=run_id)
            await RescueSteps().start_ingest(id_, body)
    except Exception as error:  # noqa: BLE001 - tried again in a minute
        log.warning("questions.not_looked_at", error=type(error).__name__)


async def _parts(services: Services, engine: Engine | None) -> dict[str, dict[str, object]]:
    """What the bot stands on, each with whether it can be used and why not."""
    try:
        await asyncio.wait_for(services.database.run(_ping), timeout=1)
        database: dict[str, object] = {"ready": True}
    except (SQLAlchemyError, TimeoutError) as error:
        database = {"ready": False, "because": type(error).__name__}
    linear: dict[str, object] = {"ready": services.trouble is None}
    if services.trouble is not None:
        linear["because"] = services.trouble
    return {
        "database": database,
        "linear": linear,
        "workers": {"ready": engine is None or engine.is_alive, "here": engine is not None},
    }


async def _hearing(services: Services) -> dict[str, dict[str, object]]:
    """Whether webhooks come and sweeps are done, as all replicas know it; nothing where it cannot be told."""
    if services.organization_id is None:
        return {}
    try:
        return await asyncio.wait_for(services.database.run(hearing.parts, services.organization_id), timeout=1)
    except (SQLAlchemyError, TimeoutError):
        return {}


def _ping(connection: sa.Connection) -> None:
    connection.execute(sa.text("select 1"))


def _is_loopback(request: Request) -> bool:
    """Whether the request came from this machine itself, and not through a proxy on it."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
