"""`needs-plan serve`: receiver and workers in one process."""

from __future__ import annotations

import signal
from types import FrameType

import uvicorn

from bot.settings import Settings, SettingsError
from bot.telemetry import configure_logs

# Slow or stuck clients must not hold up a restart.
_STOP_WITHIN_S = 10


def serve(*, work: bool, sweep: bool, allow_scripted: bool) -> None:
    """Serve until told to stop. Raises `SettingsError` before it listens if something is missing."""
    settings = Settings.load()
    settings.need_linear()
    settings.need_webhook_secret()
    if work:
        settings.need_model(allow_scripted=allow_scripted)
    configure_logs(settings.log)
    # After the settings: importing the engine takes a second, and a missing key should be told at once.
    from bot.app import make_app
    from bot.services import Services
    from bot.store.database import sqlite_path

    services = Services(settings)
    try:
        app = make_app(services, work=work, sweep=sweep)
    except Exception as error:
        where = sqlite_path(settings.database) or "the Postgres that NEEDS_PLAN_DATABASE_URL names"
        reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        raise SettingsError(f"the database cannot be opened ({where}): {reason}") from error
    signal.signal(signal.SIGTERM, _stopped)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


def _stopped(number: int, frame: FrameType | None) -> None:
    """Uvicorn stops well on SIGTERM and then raises it again: with the default handler that is an exit by signal."""
    del number, frame
