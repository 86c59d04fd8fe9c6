"""What the checks found, as the end of the document shows it: each fault in one line. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.findings import At, Checked, Finding
from planner.markdown import bullets, code, inline
from planner.plan import Plan

_MOST_LINES = 40


def headline(checked: Checked) -> str:
    """`Checks: 31 passed, 2 failed`."""
    report = checked.report
    if not report.passed and not report.failed:
        return "Checks: not run"
    failed = f", {report.failed} failed" if report.failed else ""
    return f"Checks: {report.passed} passed{failed}"


def check_report(plan: Plan, checked: Checked) -> str:
    """The report in Markdown: what failed, what may be wrong, what code mended, what could not be checked."""
    report = checked.report
    parts = [
        _listed("", report.errors, plan),
        _listed("These may be as they should:", report.warnings, plan),
        _said("Put right by code:", (f"{_where(each.at, plan)}{inline(each.said)}" for each in report.mended)),
        _said("Not checked:", (inline(each.because) for each in report.not_checked)),
        mending(checked),
    ]
    return "\n\n".join(part for part in parts if part) or "Nothing was found."


def mending(checked: Checked) -> str:
    """The rounds of mending in a sentence or two; empty where there were none."""
    rounds, left = checked.rounds, len(checked.report.errors)
    if not rounds:
        return inline(checked.stopped)
    first = rounds[0].errors
    usd = sum(each.usd for each in rounds)
    price = f" for ${usd:.2f}" if usd >= _CENT else ""
    times = "once" if len(rounds) == 1 else f"{len(rounds)} times"
    outcome = "and has none now" if not left else f"and has {_faults(left)} now"
    said = f"The plan went back to its writer {times}{price}: it had {_faults(first)} {outcome}."
    return f"{said} {inline(checked.stopped)}".strip()


def fault_lines(plan: Plan, checked: Checked) -> list[str]:
    """Each fault in one line of Markdown, with where it stands."""
    return [f"{_where(each.at, plan)}{_finding(each)}" for each in checked.report.errors]


_CENT = 0.005


def _faults(count: int) -> str:
    return "1 fault" if count == 1 else f"{count} faults"


def _listed(label: str, findings: Sequence[Finding], plan: Plan) -> str:
    lines = [f"{_where(each.at, plan)}{_finding(each)}" for each in findings[:_MOST_LINES]]
    if len(findings) > _MOST_LINES:
        lines.append(f"and {len(findings) - _MOST_LINES} more")
    return _said(label, lines)


def _said(label: str, lines: Iterable[str]) -> str:
    drawn = bullets(lines, "-")
    return "\n\n".join(filter(None, (label, drawn))) if drawn else ""


def _finding(finding: Finding) -> str:
    hint = f" {inline(finding.hint)}" if finding.hint else ""
    return f"{inline(finding.message)}{hint} ({code(finding.rule)})"


def _where(at: At, plan: Plan) -> str:
    """`**Orders API**, line 12: ` for an artefact; by its own name for anything else."""
    field, _, name = at.block.partition(".")
    line = f", line {at.line}" if at.line else ""
    titles = {f"artefacts.{each.id}": each.title for each in plan.artefacts}
    titles |= {f"phases.{each.key}": f"phase {number}" for number, each in enumerate(plan.phases, 1)}
    shown = titles.get(at.block) or name or field.replace("_", " ")
    return f"**{inline(shown)}**{line}: " if shown else ""
