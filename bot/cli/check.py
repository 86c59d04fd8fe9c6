"""`needs-plan check`: the plan checks on any Markdown file, printed like a linter."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from planner.findings import Finding, Report

_STYLE = {"error": "red", "warning": "yellow"}


def check(files: Sequence[str], *, as_json: bool, strict: bool, fix: bool) -> int:
    """Answers the exit code: 0 for no errors, 1 for some (`strict`: or warnings), 2 for a file that cannot be read.

    `fix` writes what code can mend into the files.
    """
    texts: dict[str, str] = {}
    for name in files:
        read = _read(name)
        if read is None:
            return 2
        texts[name] = read
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with console.status("Checking"):
            reports = {name: _report(text) for name, text in texts.items()}
    else:
        reports = {name: _report(text) for name, text in texts.items()}
    if fix:
        for name, report in reports.items():
            _fix(name, texts[name], report)
    found = [(name, each) for name, report in reports.items() for each in _in_order(report)]
    if as_json:
        print(json.dumps([_as_json(name, each) for name, each in found], indent=2, ensure_ascii=False))
    else:
        _print(found)
        for name, report in reports.items():
            _sum_up(name, report, fixed=fix)
    errors = any(each.level == "error" or strict for _, each in found)
    left = any(report.mended for report in reports.values()) and not fix
    return 1 if errors or left else 0


def _read(name: str) -> str | None:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        print(f"needs-plan: {name} cannot be read: {reason}.", file=sys.stderr)
        return None


def _report(text: str) -> Report:
    from planner.check import check as run
    from planner.markdown_plan import subject_of_file

    return run(subject_of_file(text))


def _in_order(report: Report) -> list[Finding]:
    return sorted(report.findings, key=lambda each: (each.at.line, each.rule))


def _print(found: Sequence[tuple[str, Finding]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for name, each in found:
        where = f"{'<stdin>' if name == '-' else name}:{max(each.at.line, 1)}"
        hint = f" {each.hint}" if each.hint else ""
        console.print(
            f"{escape(where)}: [{_STYLE[each.level]}]{each.level}[/] {escape(each.rule)} {escape(each.message + hint)}"
        )


def _sum_up(name: str, report: Report, *, fixed: bool) -> None:
    """A line on stderr, so that the findings alone can be piped on."""
    shown = "<stdin>" if name == "-" else name
    counts = [f"{_count(len(report.errors), 'error')}", f"{_count(len(report.warnings), 'warning')}"]
    print(
        f"{shown}: {', '.join(counts)}; {report.passed} of {report.passed + report.failed} checks passed.",
        file=sys.stderr,
    )
    for each in report.mended:
        how = "mended" if fixed and name != "-" else "can be mended with --fix"
        print(f"{shown}:{each.at.line}: {how}: {each.said}", file=sys.stderr)
    for each in report.not_checked:
        print(f"{shown}: {each.because}", file=sys.stderr)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _fix(name: str, text: str, report: Report) -> None:
    """Put mended blocks in their places, from the last one up, so that lines stay right."""
    from planner.markdown_plan import subject_of_file

    if name == "-" or not report.mended:
        return
    lines = text.replace("\r\n", "\n").split("\n")
    fences = {fence.at.line: fence for fence in subject_of_file(text).fences}
    for each in sorted(report.mended, key=lambda mended: -mended.at.line):
        fence = fences[each.at.line]
        start, length = each.at.line - 1, len(fence.content.split("\n"))
        first = lines[start]
        indent = first[: len(first) - len(first.lstrip())] if fence.content and not fence.content[0].isspace() else ""
        lines[start : start + length] = [f"{indent}{line}" if line else line for line in each.content.split("\n")]
    Path(name).write_text("\n".join(lines), encoding="utf-8")


def _as_json(name: str, each: Finding) -> dict[str, object]:
    return {
        "file": name,
        "line": max(each.at.line, 1),
        "level": each.level,
        "rule": each.rule,
        "message": each.message,
        "hint": each.hint,
        "section": each.at.section,
    }
