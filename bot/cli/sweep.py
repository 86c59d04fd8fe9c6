"""`needs-plan sweep`: one sweep now, or what it would do."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import wording
from bot.settings import Settings
from bot.telemetry import configure_logs

if TYPE_CHECKING:
    from bot.sweep.decide import Row
    from bot.sweep.sweeping import Outcome

_STYLE = {"plan": "green", "swap labels only": "green", "live": "cyan", "waiting": "yellow", "not allowed": "red"}


def sweep(*, dry_run: bool, as_json: bool) -> int:
    """Sweep and print a row an issue. Answers the exit code: 1 if it could not be done."""
    settings = Settings.load()
    settings.need_linear()
    configure_logs(settings.log, level=logging.WARNING)
    outcome = asyncio.run(_look(settings) if dry_run else _sweep(settings))
    if as_json:
        rows = [_as_json(row) for row in outcome.rows]
        print(json.dumps({"dry_run": dry_run, "because": outcome.because, "issues": rows}, indent=2))
    elif outcome.rows:
        _print(outcome.rows)
    if outcome.because is not None:
        print(f"needs-plan: the sweep could not be done: {outcome.because}", file=sys.stderr)
        return 1
    if not as_json:
        _sum_up(outcome, settings, dry_run=dry_run)
    return 0


async def _look(settings: Settings) -> Outcome:
    from bot.services import Services
    from bot.sweep.sweeping import Outcome, Sweep
    from linear.errors import LinearError

    services = Services(settings)
    try:
        await asyncio.to_thread(services.database.migrate)
        return Outcome("", await Sweep(services, None).look())
    except LinearError as error:
        return Outcome("", [], f"{error}.".replace("..", "."))
    finally:
        await services.close()


async def _sweep(settings: Settings) -> Outcome:
    from bot.engine.launch import make_tables
    from bot.engine.record import Recorder
    from bot.services import Services
    from bot.sweep.sweeping import Outcome, Sweep

    services = Services(settings)
    await asyncio.to_thread(services.database.migrate)
    await asyncio.to_thread(make_tables, settings.database)
    recorder = Recorder(settings.database)
    try:
        outcome = await Sweep(services, recorder).run()
    finally:
        await asyncio.to_thread(recorder.close)
        await services.close()
    return outcome or Outcome("", [])  # a sweep by hand is nobody else's


def _print(rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("issue", "what", "asked by"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", ratio=1)
    for row in rows:
        style = _STYLE.get(row.what, "dim")
        who = row.press.asker.name if row.press else ""
        table.add_row(escape(row.identifier), f"[{style}]{row.what}[/]", escape(who), escape(row.why))
    Console().print(table)


def _sum_up(outcome: Outcome, settings: Settings, *, dry_run: bool) -> None:
    plans, swaps = outcome.counted.get("plan", 0), outcome.counted.get("swap labels only", 0)
    if not outcome.rows:
        print(f"Nothing carries the label `{settings.label}`.")
    elif dry_run:
        print(f"It would begin {wording.count(plans, 'plan')} and swap labels on {wording.count(swaps, 'issue')}.")
    else:
        done = f"{wording.count(plans, 'plan')} asked for, labels swapped on {wording.count(swaps, 'issue')}."
        print(f"{done} `needs-plan runs` tells how it goes." if plans else done)


def _as_json(row: Row) -> dict[str, object]:
    press = row.press
    return {
        "issue": row.identifier,
        "title": row.title,
        "url": row.url,
        "team": row.team_key,
        "what": row.what,
        "why": row.why,
        "asked_by": press.asker.name if press else None,
        "agent": (press.agent or None) if press else None,
        "webhook_missed": row.missed,
    }
