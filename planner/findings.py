"""What checks find in a plan, and the report of them all: plain values that are recorded, told and shown. No I/O."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["error", "warning"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class At(_Value):
    """A place in a plan.

    `line` counts from 1: within the block of a plan, else within the Markdown file; 0 is the whole of it.
    """

    block: str = Field(default="", description='as in `planner.revise`: "artefacts.A2", "phases.export-job"; or empty')
    section: str = Field(default="", description="the heading it stands under")
    line: int = 0


class Finding(_Value):
    """One fault: what rule it breaks, where, and what to do about it."""

    rule: str = Field(description='check and rule: "mermaid/syntax"')
    level: Level
    message: str = Field(description="one sentence that names the offending token")
    hint: str = Field(default="", description="what to do, one sentence; may be empty")
    at: At = At()


class Mended(_Value):
    """A slip that code has put right before anybody read it."""

    at: At
    said: str = Field(description="what was changed, one sentence")
    content: str = Field(description="the whole block as it is now")


class NotChecked(_Value):
    """A check that could not look, though there was something to look at."""

    check: str
    because: str = Field(description="one sentence")


class Report(_Value):
    """What all checks came to. `passed` and `failed` count rules over the plan and checks over its artefacts.

    One that only warns has passed.
    """

    passed: int = 0
    failed: int = 0
    findings: tuple[Finding, ...] = ()
    mended: tuple[Mended, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(each for each in self.findings if each.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that may be as they should."""
        return tuple(each for each in self.findings if each.level == "warning")


class Round(_Value):
    """One time that a plan went back to its writer with what was found."""

    errors: int = Field(description="how many faults it had")
    blocks: tuple[str, ...] = Field(description="the blocks they stood in")
    tokens: int = Field(default=0, description="tokens written to mend them")
    usd: float = Field(default=0.0, description="what mending them cost, in US dollars")


class Checked(_Value):
    """What became of a plan under its checks: the report on it as it is now, and the rounds of mending before."""

    report: Report = Report()
    rounds: tuple[Round, ...] = ()
    stopped: str = Field(default="", description="why mending ended early, a sentence; empty where it did not")
