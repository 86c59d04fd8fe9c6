"""Runs the checks in a process of their own: a parser that crashes, hangs or eats memory costs a finding, not the bot.

The process gets a plan and an environment that holds nothing of ours, and gives back a report. It stays for the next
plan, and ends by itself when none comes. Run as `python -m planner.check_apart` it is that process.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from typing import TextIO

from planner.findings import Finding, NotChecked, Report
from planner.subject import Subject

PATIENCE_S = 20.0
"""How long a single check may take before it is given up; what starts programs of its own may take longer."""

COMMAND = [sys.executable, "-P", "-m", "planner.check_apart"]
"""What starts the process; without the folder that we were started in (-P), as files that lie there are not ours."""

_LONGER_S = {"cloudformation": 60.0, "tsc": 60.0, "": 60.0}  # "" is the start of the process
_MOST_STARTS = 6
_IDLE_S = 120.0
_LONGEST_S = 900  # longer than all checks together may take
_MOST_BYTES = 3_000_000_000
_AT_ONCE = 2


async def check_apart(subject: Subject) -> Report:
    """The same as `planner.check.check`, from another process. Raises nothing but a cancellation, which ends it.

    A check that takes too long, or ends the process, becomes one warning `<check>/gave-up`; the others are run again
    without it. Where no process can be run, the report says that nothing was checked.
    """
    return await _checkers().report(subject)


# --- on this side ----------------------------------------------------------------------------------------------------


class Checkers:
    """The processes that stand ready, for all threads and event loops of a program."""

    def __init__(self, command: list[str], patience_s: float = PATIENCE_S) -> None:
        """`command` starts one; `patience_s` is what a check may take, in seconds."""
        self._command = command
        self._patience_s = patience_s
        self._idle: list[_Checker] = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        atexit.register(self.close)

    async def report(self, subject: Subject) -> Report:
        """The report on one plan. A cancellation ends the process that is at it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Report] = loop.create_future()
        wait = _Wait()

        def work() -> None:
            try:
                report = self.run(subject, wait)
            except Exception:  # noqa: BLE001 - whoever waits must not wait for ever
                report = _nothing_checked()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(lambda: None if done.done() else done.set_result(report))

        # A thread of its own, and none of a pool: the end of the program does not wait for it.
        try:
            threading.Thread(target=work, name="checks", daemon=True).start()
        except RuntimeError:  # there are too many
            return _nothing_checked()
        try:
            return await done
        except asyncio.CancelledError:
            wait.call_off()
            raise

    def run(self, subject: Subject, wait: _Wait | None = None) -> Report:
        """The report on one plan, in this thread."""
        wait = wait or _Wait()
        given_up: list[str] = []
        silent = 0
        with self._room:
            for _ in range(_MOST_STARTS):
                checker = self._take()
                if checker is None:
                    break
                try:
                    with wait.at(checker):
                        report = checker.run(subject, given_up, self._limit)
                except _GaveUp as gave_up:
                    checker.kill()
                    silent += not gave_up.check
                    # One that stood ready may have died meanwhile; one that dies at once will do so again.
                    if wait.is_off or silent > 1 or gave_up.check in given_up:
                        break
                    given_up += [gave_up.check] if gave_up.check else []
                    continue
                with self._lock:
                    self._idle.append(checker)
                return _with_given_up(report, given_up)
        return _nothing_checked()

    def close(self) -> None:
        """End the processes that stand ready."""
        with self._lock:
            for checker in self._idle:
                checker.kill()
            self._idle.clear()

    def _limit(self, check: str) -> float:
        return _LONGER_S.get(check, self._patience_s) if self._patience_s == PATIENCE_S else self._patience_s

    def _take(self) -> _Checker | None:
        with self._lock:
            while self._idle:
                checker = self._idle.pop()
                if checker.is_alive():
                    return checker
                checker.kill()
        try:
            return _Checker(self._command)
        except (OSError, RuntimeError):  # no such program, no room for another process or thread
            return None


@cache
def _checkers() -> Checkers:
    return Checkers(COMMAND)


def _nothing_checked() -> Report:
    because = "The process that checks plans could not be run, so nothing was checked."
    return Report(not_checked=(NotChecked(check="all", because=because),))


def _with_given_up(report: Report, given_up: list[str]) -> Report:
    findings = [
        Finding(
            rule=f"{name}/gave-up",
            level="warning",
            message=f"The check {name} took too long or broke down on this plan, and was given up.",
        )
        for name in given_up
    ]
    return report.model_copy(update={"findings": (*report.findings, *findings)})


class _GaveUp(Exception):
    """The process is of no use any more. `check` is the one that was under way; empty before the first."""

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


class _Wait:
    """Somebody who waits for a report, and may call it off from another thread."""

    def __init__(self) -> None:
        self.is_off = False
        self._checker: _Checker | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def at(self, checker: _Checker) -> Generator[None]:
        """While `checker` is at it, and it alone may be ended. Raises `_GaveUp` if it was called off already."""
        with self._lock:
            if self.is_off:
                raise _GaveUp("")
            self._checker = checker
        try:
            yield
        finally:
            with self._lock:
                self._checker = None

    def call_off(self) -> None:
        """Nobody waits any more: end the process that is at it."""
        with self._lock:
            self.is_off = True
            if self._checker is not None:
                self._checker.end()


class _Checker:
    """One process."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def run(self, subject: Subject, skipped: list[str], limit: Callable[[str], float]) -> Report:
        """The report. `limit` tells how many seconds a check may take. Raises `_GaveUp`."""
        under_way = ""
        request = json.dumps({"subject": subject.model_dump(mode="json"), "skipped": skipped})
        try:
            # In a thread, as a process that hangs takes nothing in.
            threading.Thread(target=self._send, args=(request,), daemon=True).start()
            while line := self._lines.get(timeout=limit(under_way)):
                said = json.loads(line)
                if "report" in said:
                    return Report.model_validate(said["report"])
                under_way = str(said["begins"])
        except (queue.Empty, ValueError, TypeError, KeyError, RuntimeError):
            pass  # it hangs, or what it says is no answer
        raise _GaveUp(under_way)

    def end(self) -> None:
        """End it with whatever it has started, at once; whoever is at it clears it away."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def kill(self) -> None:
        """End it, and clear it away."""
        self.end()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _send(self, request: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(f"{request}\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")


def _environment() -> dict[str, str]:
    """Where programs are, where we are if that is not with all packages, and nothing else: no key, no setting."""
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), *os.get_exec_path())),
        "LANG": "C.UTF-8",
    }
    root = Path(__file__).resolve().parent.parent
    if root not in {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}:
        environment["PYTHONPATH"] = str(root)
    return environment


# --- on the other side -----------------------------------------------------------------------------------------------


def main() -> None:
    """Answer requests, a line each, until there are no more."""
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit_memory()
    for line in _requests():
        _limit_time()
        given = json.loads(line)
        _answer(answers, Subject.model_validate(given["subject"]), frozenset(given["skipped"]))


def _answer(answers: TextIO, subject: Subject, skipped: frozenset[str]) -> None:
    from planner.check import check  # noqa: PLC0415 - heavy, and of no use on the other side

    def say(said: dict[str, object]) -> None:
        answers.write(f"{json.dumps(said)}\n")
        answers.flush()

    report = check(subject, skipped=skipped, begins=lambda name: say({"begins": name}))
    say({"report": report.model_dump(mode="json")})


def _requests() -> Iterator[str]:
    """The lines that come; ends when nobody can send any more, or has not for a while."""
    while True:
        if hasattr(os, "killpg"):
            signal.alarm(0)
            ready, _, _ = select.select([sys.stdin], [], [], _IDLE_S)
            if not ready:
                return
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


def _limit_time() -> None:
    """Should nobody be left who would end it: the system does, be it in the midst of a parser."""
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_LONGEST_S)


if __name__ == "__main__":
    main()
