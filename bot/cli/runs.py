"""`needs-plan runs` and `needs-plan show`: what the database knows of runs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import messages, wording
from bot.settings import Settings
from bot.store import runs as store
from bot.store import turns
from bot.store.database import Database
from planner.findings import Checked, Finding

_STYLE = {
    "done": "green",
    "failed": "red",
    "running": "cyan",
    "queued": "cyan",
    "waiting": "yellow",
    "unwanted": "dim",
    "canceled": "dim",
}


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
    for name in ("run", "issue", "state", "started", "took", "tokens", "cost (est.)"):
        table.add_column(name, no_wrap=True, justify="right" if name in {"took", "tokens", "cost (est.)"} else "left")
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
            _cost_and_estimate(run),
            escape(run.because or ""),
        )
    Console().print(table)


def show(name: str, *, as_json: bool, transcript: bool = False) -> int:
    """Print one run with its journal, or with what was said in it. Answers the exit code: 1 if there is no such run."""
    database = _open()
    run = database.call(store.get, name)
    if run is None:
        print(f"needs-plan: no run and no issue is called {name}; `needs-plan runs` lists them", file=sys.stderr)
        return 1
    journal = database.call(store.journal, run.id)
    said = database.call(turns.transcript, run.id) if transcript else []
    todo: list[dict[str, str]] = json.loads(run.todo or "[]")
    if as_json:
        booked = database.call(turns.of_run, run.id)
        checked = json.loads(run.checked) if run.checked else None
        whole = {**run.model_dump(), "todo": todo, "checked": checked, "journal": journal, "turns": booked}
        print(json.dumps({**whole, "transcript": said} if transcript else whole, indent=2))
        return 0
    console = Console(highlight=False)
    console.print(f"[bold]{escape(run.identifier)}[/] {escape(run.title)}")
    console.print(f"[{_STYLE[run.state]}]{run.state}[/]" + (f": {escape(run.because)}" if run.because else ""))
    for label, value in (
        ("run", run.id),
        ("document", run.document_url),
        ("comment", run.comment_url),
        ("sub-issues", str(run.subissues) if run.subissues else None),
        ("agent", run.agent),
        ("model", run.model),
        ("tokens", f"{run.input_tokens:,} in, {run.output_tokens:,} out" if run.output_tokens else None),
        ("estimate", wording.dollars(run.estimate_usd) if run.estimate_usd is not None else None),
        ("cost", _cost(run)),
        ("checks", _checks(run)),
        ("took", _took(run)),
    ):
        if value:
            console.print(f"{label:>10}  {escape(value)}", soft_wrap=True)
    for each in todo:
        mark = {"completed": "x", "in_progress": ">"}.get(each["status"], " ")
        console.print(f"            [{mark}] {escape(each['content'])}", markup=False, soft_wrap=True)
    for finding in _findings(run):
        where = f"{finding.at.block}{f':{finding.at.line}' if finding.at.line else ''} " if finding.at.block else ""
        console.print(
            f"            {where}{finding.level} {finding.rule} {finding.message}", markup=False, soft_wrap=True
        )
    console.print()
    if transcript:
        _print_transcript(console, said)
        return 0
    for line in journal:
        console.print(f"[dim]{_time(line['at'])}[/]  {line['step']:<12}  {escape(line['text'])}", soft_wrap=True)
    return 0


def _cost_and_estimate(run: store.Run) -> str:
    """What it cost, and what it was thought to cost in brackets; the latter alone while nothing is spent."""
    estimate = f"({wording.dollars(run.estimate_usd)})" if run.estimate_usd is not None else ""
    return " ".join(filter(None, (wording.dollars(run.usd) if run.usd else "", estimate)))


def _cost(run: store.Run) -> str | None:
    if not run.usd:
        return None
    lost = f", {run.cut_turns} lost {'answer' if run.cut_turns == 1 else 'answers'} counted in full"
    return wording.dollars(run.usd) + (lost if run.cut_turns else "")


def _checks(run: store.Run) -> str | None:
    """What its checks came to, and what mending took."""
    if not run.checked:
        return None
    checked = Checked.model_validate_json(run.checked)
    said = messages.checked(checked.report.passed, checked.report.failed)
    if checked.rounds:
        price = wording.dollars(sum(each.usd for each in checked.rounds))
        times = "1 round" if len(checked.rounds) == 1 else f"{len(checked.rounds)} rounds"
        said += f"; it had {checked.rounds[0].errors} at first, mended in {times} for {price}"
    return said


def _findings(run: store.Run) -> tuple[Finding, ...]:
    return Checked.model_validate_json(run.checked).report.findings if run.checked else ()


def _print_transcript(console: Console, said: list[dict[str, Any]]) -> None:
    """What was said: the model's words and calls, and the beginning of what each tool answered."""
    for each in said:
        where = f"{each['conversation']} {each['seq'] + 1}"
        if "result" in each:
            result = each["result"]
            cited = ", ".join(found["name"] for found in result["found"])
            console.print(
                f"[dim]{where:<12}[/]  {escape(each['tool'])} {'refused' if result['is_error'] else 'answered'}"
                f"{': ' + escape(cited) if cited else ''}",
                soft_wrap=True,
            )
            console.print(escape(_indented(result["text"])), style="dim", soft_wrap=True)
            continue
        for block in each["answer"]["content"]:
            if block["type"] == "text":
                console.print(f"[dim]{where:<12}[/]  says", soft_wrap=True)
                console.print(escape(_indented(block["text"])), soft_wrap=True)
            elif "name" in block:
                given = json.dumps(block["input"], ensure_ascii=False)
                console.print(f"[dim]{where:<12}[/]  calls [bold]{escape(block['name'])}[/] {escape(_short(given))}")


_SHOWN_LINES = 12
_SHOWN_CHARS = 400


def _indented(text: str) -> str:
    lines = text.splitlines()
    rest = [f"... {len(lines) - _SHOWN_LINES} more lines"] if len(lines) > _SHOWN_LINES else []
    return "\n".join(f"              {line[:_SHOWN_CHARS]}" for line in [*lines[:_SHOWN_LINES], *rest])


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."


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
