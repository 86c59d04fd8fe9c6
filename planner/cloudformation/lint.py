"""Has cfn-lint read CloudFormation templates, in a process of its own with a limit on time and memory.

cfn-lint takes seconds to start and a few hundred megabytes, so the process stays for the next template and ends by
itself when none comes. It gets the template and an environment that holds nothing of ours, and asks no network.
Run as `python -m planner.cloudformation.lint` this is that process.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

PATIENCE_S = 30.0
"""How long one template may take, with the start of the process."""

_IDLE_S = 60.0
_MOST_BYTES = 1_500_000_000
_MOST_MATCHES = 200


class Match(NamedTuple):
    """What cfn-lint says: `rule` is its id ("E3002"), `line` counts from 1, `path` is the place in the template."""

    rule: str
    message: str
    line: int
    path: tuple[str | int, ...]


class NotLinted(Exception):
    """The template could not be read to its end. The text says why, in one sentence."""


@lru_cache(maxsize=64)
def lint(template: str) -> tuple[Match, ...]:
    """What cfn-lint finds in a template, JSON or YAML, in the order of its lines. Raises `NotLinted`."""
    return _linter.lint(template, PATIENCE_S)


# --- on this side ----------------------------------------------------------------------------------------------------


class Linter:
    """One process that lints, started when it is needed, for all threads of a program."""

    def __init__(self, command: list[str]) -> None:
        """`command` starts it."""
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        atexit.register(self.close)

    def lint(self, template: str, patience_s: float) -> tuple[Match, ...]:
        """See `planner.cloudformation.lint.lint`."""
        with self._lock:
            # The process may end by itself just as it is asked: then a new one is asked once.
            answer = self._ask(template, patience_s) or self._ask(template, patience_s)
            if not answer:
                raise NotLinted("cfn-lint ended in the midst of it; it may have needed too much memory.")
        said = json.loads(answer)
        if "broken" in said:
            raise NotLinted(f"cfn-lint broke on it ({said['broken']}).")
        return tuple(Match(rule, message, line, tuple(path)) for rule, message, line, path in said["matches"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _ask(self, template: str, patience_s: float) -> str:
        """The answer; empty where the process has ended."""
        process = self._started()
        sender = threading.Thread(target=_send, args=(process, json.dumps(template)), daemon=True)
        sender.start()
        try:
            answer = self._answers.get(timeout=patience_s)
        except queue.Empty:
            self.close()
            raise NotLinted(f"cfn-lint took longer than {patience_s:.0f} seconds.") from None
        if not answer:
            self.close()
        return answer

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        here = Path(__file__).resolve().parent
        root = here.parent.parent
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A folder of ours, so that no settings of cfn-lint's lie there; no key, no token, and no look for any.
                cwd=here,
                env={
                    "PATH": str(Path(sys.executable).parent),
                    "HOME": str(here),
                    "LANG": "C.UTF-8",
                    "PYTHONPATH": os.pathsep.join((str(root), *filter(os.path.isabs, sys.path))),
                    "AWS_EC2_METADATA_DISABLED": "true",
                    "AWS_DEFAULT_REGION": "us-east-1",
                },
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            raise NotLinted(f"cfn-lint could not be started ({type(error).__name__}).") from None
        self._process, self._answers = process, queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, self._answers), daemon=True).start()
        return process


def _send(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(f"{line}\n")
            process.stdin.flush()


def _read(process: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    if process.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            for line in process.stdout:
                answers.put(line)
    answers.put("")


_linter = Linter([sys.executable, "-P", "-m", "planner.cloudformation.lint"])


# --- on the other side -----------------------------------------------------------------------------------------------


def main() -> None:
    """Answer templates, a line each, until there are no more."""
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit_memory()
    rules: Any = None
    for line in _requests():
        rules = rules or _rules()
        _answer(answers, json.loads(line), rules)


def _rules() -> Any:
    from cfnlint import core  # noqa: PLC0415 - of the extra `infra`, and slow

    return cast("Any", core).get_rules([], [], [], {}, False)


def _answer(answers: TextIO, template: str, rules: Any) -> None:
    try:
        said: dict[str, object] = {"matches": [list(match) for match in _matches(template, rules)]}
    except Exception as error:  # noqa: BLE001 - whatever the template makes of the library, the next one is answered
        said = {"broken": type(error).__name__}
    answers.write(f"{json.dumps(said)}\n")
    answers.flush()


def _matches(text: str, rules: Any) -> list[Match]:
    from cfnlint.config import ConfigMixIn  # noqa: PLC0415 - as in `_rules`
    from cfnlint.decode.decode import decode_str  # noqa: PLC0415
    from cfnlint.runner import run_template_by_data  # noqa: PLC0415

    template, found = cast("Any", decode_str)(text)
    if not found:
        _without_orders(template)
        config = cast("Any", ConfigMixIn)(regions=["us-east-1"])
        found = list(cast("Any", run_template_by_data)(template, config, rules))
    matches = [Match(str(each.rule.id), str(each.message), int(each.linenumber), tuple(_plain(each))) for each in found]
    return sorted(matches, key=lambda match: (match.line, match.rule))[:_MOST_MATCHES]


def _without_orders(template: Any) -> None:
    """Take out what a template says to cfn-lint: a text that could switch its own check off would not be checked."""
    for each in (template, *_mapping(_mapping(template).get("Resources")).values()):
        _mapping(_mapping(each).get("Metadata")).pop("cfn-lint", None)


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _plain(match: Any) -> Iterator[str | int]:
    for part in getattr(match, "path", None) or ():
        yield int(part) if isinstance(part, int) else str(part)


def _requests() -> Iterator[str]:
    """The lines that come; ends when nobody can send any more, or has not for a while."""
    while True:
        if hasattr(os, "killpg"):
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


if __name__ == "__main__":
    main()
