"""`needs-plan plan`: one plan now, in the foreground, with progress."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from bot import messages, wording
from bot.cli import DEFAULT_OUT
from bot.settings import Settings, SettingsError
from bot.telemetry import configure_logs
from planner.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

    from bot.preview import Preview
    from bot.services import Services

_FOLLOW_EVERY_S = 0.3


def plan(
    *, issue: str | None, brief: Path | None, dry_run: bool, out: Path | None, allow_scripted: bool, agent: str = ""
) -> int:
    """Answers the exit code: 0 with a plan, 1 without. Raises `SettingsError` for what is missing.

    `agent`: the name of the definition that plans; empty for the one the rules name.
    """
    settings = Settings.load()
    writes = brief is None and not dry_run
    settings.need_model(allow_scripted=allow_scripted, against_linear=writes)
    if brief is None:
        settings.need_linear()
    if out is not None:
        out = _writable(out)
    configure_logs(settings.log, level=logging.WARNING)
    from bot.services import Services

    services = Services(settings)
    shown = _Shown()
    services.listen = shown.tell
    with shown:
        if not writes:
            return asyncio.run(_preview(services, shown, issue=issue, brief=brief, out=out, agent=agent))
        return asyncio.run(_run(services, shown, issue or "", out, agent))


def _writable(out: Path) -> Path:
    """Where the plan is to be written; in a directory under the usual name. Raises `SettingsError`.

    Found out before anything is paid for.
    """
    if out.is_dir():
        out /= DEFAULT_OUT
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        there = out.exists()
        with out.open("a", encoding="utf-8"):
            pass
        if not there:
            out.unlink()  # an empty file would look like a plan
    except OSError as error:
        raise SettingsError(f"--out {out} cannot be written: {error.strerror}. Name a file that can.") from None
    return out


async def _preview(
    services: Services, shown: _Shown, *, issue: str | None, brief: Path | None, out: Path | None, agent: str
) -> int:
    from bot import preview as previews
    from bot.patience import Stopped, stop_of
    from linear.errors import LinearError

    try:
        team = ""
        if brief is not None:
            shown.tell("", "gather", f"Read {brief}.")
            assignment = previews.assignment_of_file(services, brief, agent)
        else:
            linear = await services.linear()
            try:
                request = await previews.request_for(linear, issue or "", agent)
            except LinearError as error:
                raise stop_of(error) from error
            assignment, team, read = await previews.assignment_of_issue(services, request)
            shown.tell("", "gather", f"Read {', '.join(read)}.")
        shown.tell("", "author", previews.outlook(services, assignment))
        made = await previews.preview(services, assignment, team)
    except Stopped as stopped:
        shown.stop()
        print(f"needs-plan: {stopped.reason}", file=sys.stderr)
        return 1
    finally:
        await services.close()
    shown.stop()
    _hand_over(made, out)
    return 0


def _hand_over(made: Preview, out: Path | None) -> None:
    if out is None:
        print(made.markdown)
    else:
        out.write_text(made.markdown, encoding="utf-8")
        print(f"Written to {out}.", file=sys.stderr)
    cost = f"{wording.dollars(made.usd)}, {made.tokens:,} tokens" if made.usd else "no model was asked"
    phases = len(made.plan.phases)
    print(f"{phases} phase{'s' if phases != 1 else ''}; {cost}.", file=sys.stderr)
    report = made.checked.report
    print(f"{messages.checked(report.passed, report.failed).capitalize()}.", file=sys.stderr)


async def _run(services: Services, shown: _Shown, issue: str, out: Path | None, agent: str) -> int:
    """A real run in this process, recorded like any other: kill it, and `serve` goes on with it."""
    from bot.engine.launch import Engine
    from bot.ingest import Ingest
    from bot.preview import request_for
    from bot.store import ledger, runs
    from bot.workflow import Life
    from linear.errors import LinearError

    services.database.migrate()
    engine = Engine(
        services.settings.database,
        ingest=Ingest(services),
        plan=Life(services),
        concurrency=services.settings.concurrency,
    )
    await engine.start(work=False)
    try:
        try:
            request = await request_for(await services.linear(), issue, agent)
        except LinearError as error:
            shown.stop()
            print(f"needs-plan: {error}.", file=sys.stderr)
            return 1
        claim = await services.database.run(runs.claim, request, concurrency=services.settings.concurrency)
        assert claim is not None  # noqa: S101 - only `wake` requests may come to nothing
        if claim.started or await engine.never_queued([claim.run_id]):
            if await engine.run_now(claim.run_id) is None:
                shown.stop()
                print(
                    f"needs-plan: it was canceled; the bot's comment on {request.identifier} says what stands.",
                    file=sys.stderr,
                )
                return 1
        elif await engine.is_orphaned(claim.run_id):
            shown.stop()
            print(
                f"needs-plan: a run for {request.identifier} was interrupted; `needs-plan serve` goes on with it.",
                file=sys.stderr,
            )
            return 1
        else:
            shown.tell("", "join", f"{request.identifier} is being planned already; this follows that run.")
            await _follow(services, shown, claim.run_id)
        run = await services.database.run(runs.get, claim.run_id)
        entries = await services.database.run(ledger.of_issue, request.organization_id, request.issue_id)
    finally:
        await engine.stop()
        await services.close()
    shown.stop()
    if run is None or run.state != "done":
        print(f"needs-plan: {run.because if run else 'the run is gone'}", file=sys.stderr)
        return 1
    text = next((entry.text for entry in entries if entry.kind == "document" and entry.state == "made"), None)
    if out is not None and text is not None:
        await asyncio.to_thread(out.write_text, text, encoding="utf-8")
        print(f"Written to {out}.", file=sys.stderr)
    print(run.document_url)
    cost = f"{wording.dollars(run.usd)}, " if run.usd else ""
    tokens = run.input_tokens + run.output_tokens
    print(f"{run.subissues} sub-issues; {cost}{tokens:,} tokens.", file=sys.stderr)
    return 0


async def _follow(services: Services, shown: _Shown, run_id: str) -> None:
    from bot.store import runs

    told = 0
    while True:
        for line in (await services.database.run(runs.journal, run_id))[told:]:
            told += 1
            shown.tell(run_id, line["step"], line["text"])
        run = await services.database.run(runs.get, run_id)
        if run is None or run.state not in runs.LIVE:
            return
        await asyncio.sleep(_FOLLOW_EVERY_S)


class _Shown:
    """Progress on stderr: a line a step, and on a terminal a spinner with what is being done and for how long."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._began = time.monotonic()
        self._status = self._console.status("Starting") if self._console.is_terminal else None
        self._step = "Starting"

    def __enter__(self) -> None:
        if self._status is not None:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the spinner away."""
        if self._status is not None:
            self._status.stop()

    def tell(self, run_id: str, step: str, text: str) -> None:
        """One line of a run's journal, or with step `progress` how far the writing is."""
        del run_id
        text = visible(text).text  # some of it is the model's words
        seconds = time.monotonic() - self._began
        if step == "progress":
            if self._status is not None:
                self._status.update(f"{escape(self._step)} [dim]{escape(text)}, {seconds:.0f} s[/]")
            return
        self._step = text
        self._console.print(f"[dim]{seconds:6.1f} s[/]  {escape(text)}")
        if self._status is not None:
            self._status.update(escape(text))
