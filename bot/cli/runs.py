"""`needs-plan runs` and `needs-plan show`: what the database knows of runs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import messages
from bot.settings import Settings
from bot.store import runs as store
from bot.store.database import Database

_STYLE = {"done": "green", "failed": "red", "running": "cyan", "queued": "cyan", "waiting": "yellow", "unwanted": "dim"}


def runs(*, limit: int, as_json: bool) -> None:
    """Print the newest runs."""
    database = _open()
    found = database.call(store.newest, limit)
    if as_json:
        print(json.dumps([run.model_dump() for run in found], indent=2))
        return
    if not found:
        Console().print("No run yet. Put the label on an issue, or try `needs-plan plan ENG-123`.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "issue", "state", "started", "took", "tokens", "cost"):
        table.add_column(name, no_wrap=True, justify="right" if name in {"took", "tokens", "cost"} else "left")
    table.add_column("why", ratio=1)
    for run in found:
        doing = f": {escape(run.step)}" if run.state == "running" else ""
        table.add_row(
            run.id[:8],
            escape(run.identifier),
            f"[{_STYLE[run.state]}]{run.state}[/]{doing}",
            _time(run.created_at),
            _took(run),
            f"{run.input_tokens + run.output_tokens:,}" if run.output_tokens else "",
            messages.dollars(run.usd) if run.usd else "",
            escape(run.because or ""),
        )
    Console().print(table)


def show(name: str, *, as_json: bool) -> int:
    """Print one run with its journal. Answers the exit code: 1 if there is no such run."""
    database = _open()
    run = database.call(store.get, name)
    if run is None:
        print(f"needs-plan: no run and no issue is called {name}; `needs-plan runs` lists them", file=sys.stderr)
        return 1
    journal = database.call(store.journal, run.id)
    if as_json:
        print(json.dumps({**run.model_dump(), "journal": journal}, indent=2))
        return 0
    console = Console(highlight=False)
    console.print(f"[bold]{escape(run.identifier)}[/] {escape(run.title)}")
    console.print(f"[{_STYLE[run.state]}]{run.state}[/]" + (f": {escape(run.because)}" if run.because else ""))
    for label, value in (
        ("run", run.id),
        ("document", run.document_url),
        ("comment", run.comment_url),
        ("sub-issues", str(run.subissues) if run.subissues else None),
        ("model", run.model),
        ("tokens", f"{run.input_tokens:,} in, {run.output_tokens:,} out" if run.output_tokens else None),
        ("cost", messages.dollars(run.usd) if run.usd else None),
        ("took", _took(run)),
    ):
        if value:
            console.print(f"{label:>10}  {escape(value)}", soft_wrap=True)
    console.print()
    for line in journal:
        console.print(f"[dim]{_time(line['at'])}[/]  {line['step']:<12}  {escape(line['text'])}", soft_wrap=True)
    return 0


def _open() -> Database:
    database = Database(Settings.load().database)
    database.migrate()
    return database


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")


def _took(run: store.Run) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    seconds = run.finished_at - run.started_at
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"  # noqa: PLR2004 - a minute
