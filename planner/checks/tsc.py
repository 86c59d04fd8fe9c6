"""TypeScript's types hold, where there is a `tsc` on PATH. Starts that program with files of its own; else no I/O."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject
from planner.typescript import tree

KINDS = frozenset({"typescript", "tsx"})
RULES = {
    "type": Rule("error", "the compiler takes it"),
    "not-checked": Rule("warning", "the compiler answers in time"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 200_000

_PATIENCE_S = 20.0
_MOST = 2
_LINE = re.compile(r"(\w+\.tsx?)\((\d+),\d+\): error TS(\d+): (.*)")
# What stands elsewhere is not there to be found: modules, globals of Node and of other files, and what follows of them.
_ELSEWHERE = frozenset(
    {"2304", "2307", "2318", "2503", "2552", "2580", "2582", "2584", "2591", "2593", "2686", "2688", "2792"}
)


def lacking() -> str:
    """Why it cannot look; empty if it can."""
    return "" if shutil.which("tsc") else "TypeScript's types were not checked: there is no `tsc` on PATH."


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`. All blocks of a plan are compiled at once, each as a module of its own."""
    fences = [each for each in subject.fences if each.kinds & KINDS and len(each.content) <= MOST_CHARS]
    files = tuple((f"a{number}.{_extension(each)}", each.content) for number, each in enumerate(fences))
    mine = next((name for (name, _), each in zip(files, fences, strict=True) if each == fence), "")
    faults = _compiled(files)
    if faults is None:
        said = "The TypeScript compiler took too long or broke down, so types were not checked."
        yield found("tsc/not-checked", said, fence.at, rules=RULES)
        return
    root = tree(fence.content, tsx="tsx" in fence.kinds)
    if root is None or root.has_error:
        return  # planner/checks/typescript.py says so
    own = [each for each in faults if each.file == mine and each.code not in _ELSEWHERE and each.code[:1] in {"1", "2"}]
    lines = fence.content.count("\n") + 1
    for each in own[:_MOST]:
        said = f"{each.said.replace(chr(39), chr(96)).rstrip('.')} (TS{each.code})."
        yield found("tsc/type", said, within(fence.at, min(each.line, lines)), rules=RULES)


class _Fault(NamedTuple):
    file: str
    line: int
    code: str
    said: str


def _extension(fence: Fence) -> str:
    return "tsx" if "tsx" in fence.kinds else "ts"


@lru_cache(maxsize=4)
def _compiled(files: tuple[tuple[str, str], ...]) -> tuple[_Fault, ...] | None:
    """What the compiler says of these files; None where it did not come to an end."""
    program = shutil.which("tsc")
    if program is None or not files:
        return ()
    with tempfile.TemporaryDirectory(prefix="needs-plan-tsc-") as folder:
        for name, content in files:
            # An export makes it a module: what two blocks both declare does not clash.
            (Path(folder) / name).write_text(f"{content}\nexport {{}};\n", encoding="utf-8")
        command = [
            *(program, "--noEmit", "--strict", "--skipLibCheck", "--pretty", "false", "--target", "es2022"),
            *("--lib", "es2022,dom", "--module", "esnext", "--moduleResolution", "bundler", "--types", ""),
            *(name for name, _ in files),
        ]
        # Node's own scripts need to find Node; nothing else of our environment is handed on.
        environment = {"PATH": os.pathsep.join(os.get_exec_path()), "HOME": folder, "LANG": "C.UTF-8"}
        try:
            done = subprocess.run(  # noqa: S603 - the compiler, with arguments of ours
                command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    faults = tuple(
        _Fault(match[1], int(match[2]), match[3], match[4])
        for line in done.stdout.splitlines()
        if (match := _LINE.match(line.strip()))
    )
    return faults if faults or done.returncode == 0 else None
