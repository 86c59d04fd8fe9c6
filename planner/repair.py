"""What the checks said of each plan that was handed in, what its writer is told, and which one is posted. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from planner.findings import At, Checked, Finding, Mended, Report, Round
from planner.plan import Plan
from planner.schema import REVISE_PLAN

MAX_ROUNDS = 2
"""How often a plan goes back to its writer. What is still wrong then is shown, not hidden."""

_TOLD_FINDINGS = 30


class Repair:
    """The plans of one conversation that had their shape, with what was found in them."""

    def __init__(self) -> None:
        self.best: Plan | None = None
        self.stopped = ""
        self._report = Report()
        self._newest = Report()
        self._rounds: list[Round] = []
        self._since = (0, 0.0)

    def take(self, plan: Plan, report: Report) -> None:
        """Take a plan in. The one with the fewest faults is the best, the later one of two alike."""
        self._newest = report
        if self.best is None or len(report.errors) <= len(self._report.errors):
            self.best, self._report = plan, report

    def wants_a_round(self) -> bool:
        """Whether the newest plan has faults and may go back once more."""
        return bool(self._newest.errors) and len(self._rounds) < MAX_ROUNDS

    def begin_round(self, tokens: int, usd: float) -> str:
        """Open a round, and answer what the writer is told. `tokens` written and `usd` spent are those so far."""
        self.count(tokens, usd)
        errors = self._newest.errors
        blocks = tuple(dict.fromkeys(each.at.block for each in errors))
        self._rounds.append(Round(errors=len(errors), blocks=blocks))
        self._since = (tokens, usd)
        return told(errors, self._newest.mended, len(self._rounds))

    def count(self, tokens: int, usd: float) -> None:
        """Book what was spent since the last round began to that round. `tokens` and `usd` are those so far."""
        if self._rounds:
            spent = {"tokens": tokens - self._since[0], "usd": max(usd - self._since[1], 0.0)}
            self._rounds[-1] = self._rounds[-1].model_copy(update=spent)

    def checked(self) -> Checked:
        """What became of the best plan."""
        return Checked(report=self._report, rounds=tuple(self._rounds), stopped=self.stopped)


def mended(plan: Plan, report: Report) -> Plan:
    """The plan with the artefacts that code has put right."""
    contents = {each.at.block: each.content for each in report.mended}
    if not contents:
        return plan
    artefacts = [
        each.model_copy(update={"content": contents.get(f"artefacts.{each.id}", each.content)})
        for each in plan.artefacts
    ]
    return plan.model_copy(update={"artefacts": artefacts})


def told(errors: Sequence[Finding], put_right: Sequence[Mended], number: int) -> str:
    """What the writer of a plan reads: each block with what is wrong in it, in order, bounded."""
    lines: list[str] = []
    by_block: dict[str, list[Finding]] = {}
    for each in errors[:_TOLD_FINDINGS]:
        by_block.setdefault(each.at.block, []).append(each)
    for block, findings in by_block.items():
        lines.append(f"{block or 'the plan'}:")
        lines += [f"- {_where(each.at)}{each.message}{f' {each.hint}' if each.hint else ''}" for each in findings]
    if len(errors) > _TOLD_FINDINGS:
        lines.append(f"and {len(errors) - _TOLD_FINDINGS} more")
    if put_right:
        lines.append(
            "Put right already, so leave it: " + " ".join(f"{each.at.block}: {each.said}" for each in put_right)
        )
    return (
        "Every artefact and number of the plan was checked by code, and these blocks have faults. Mend each with "
        f"{REVISE_PLAN}, all in one turn if you can; change nothing else. This is round {number} of {MAX_ROUNDS}; what "
        "is wrong after the last one is shown to whoever reads the plan.\n" + "\n".join(lines)
    )


def _where(at: At) -> str:
    return f"line {at.line}: " if at.line else ""
