"""Artefacts that are known to be good, and faults that are known to be faults, with who says so.

`data/good/<kind>/<file>` holds artefacts as they are; where they come from stands in `data/NOTICE.md`.
`data/faults/<kind>.jsonl` holds one `Fault` a line. `<kind>` names a table row and, by `LANGUAGES`, a language.
Programs that made them (with tools that are not needed to run the tests) lie in `seeding/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field

from planner.check import check
from planner.findings import At, Finding, Report
from planner.subject import Fence, Subject, kinds_of

DATA = Path(__file__).with_name("data")

LANGUAGES = {
    "mermaid": "mermaid",
    "openapi": "openapi",
    "json": "json",
    "yaml": "yaml",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "dynamodb": "dynamodb",
    "typescript": "typescript",
    "graphql": "graphql",
    "cloudformation": "cloudformation",
    "iam": "iam",
    "cron": "cron",
    "dockerfile": "dockerfile",
}
"""The kinds of code blocks, and what stands after their fences."""


class Fault(BaseModel):
    """One artefact with one fault in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="unique within its file")
    base: str = Field(description='the good artefact it was made from, as a path below data/good; or "hand"')
    how: str = Field(
        description='what was done to it: "line 12 deleted", "quote dropped at 40"; by hand: what is wrong'
    )
    mechanical: bool = Field(description="whether a program made it from `base`")
    content: str
    rules: tuple[str, ...] = Field(description="the rules of which one must find it; empty: any error will do")
    truth: str = Field(description='who else says that it is a fault, and how: "PostgreSQL 16.2: column ... exists"')


class PlanFault(NamedTuple):
    """A whole plan with one fault in it, and what it is held against."""

    id: str
    how: str
    subject: Subject
    rules: tuple[str, ...]
    mechanical: bool = True


class Outcome(NamedTuple):
    """What the checks made of a fault."""

    name: str
    rules: tuple[str, ...]
    mechanical: bool
    findings: tuple[Finding, ...]
    mended: bool

    @property
    def found(self) -> bool:
        """Whether code put it right, or it was found, as itself, with one or two findings."""
        if self.mended:
            return not any(each.level == "error" for each in self.findings)
        named = [each for each in self.findings if each.rule in self.rules]
        wanted = named if self.rules else [each for each in self.findings if each.level == "error"]
        return bool(wanted) and len(self.findings) <= 2


def good(kind: str) -> list[Path]:
    """The good artefacts of a kind."""
    return sorted(path for path in (DATA / "good" / kind).glob("**/*") if path.is_file())


@cache
def faults(kind: str) -> tuple[Fault, ...]:
    """The faults of a kind."""
    path = DATA / "faults" / f"{kind}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(Fault.model_validate_json(line) for line in lines if line.strip())


def write_faults(kind: str, made: Iterator[Fault] | list[Fault]) -> None:
    """Write the faults of a kind, for the programs in `seeding/`."""
    path = DATA / "faults" / f"{kind}.jsonl"
    path.write_text("".join(f"{json.dumps(each.model_dump(), ensure_ascii=False)}\n" for each in made), "utf-8")


def as_subject(kind: str, *contents: str) -> Subject:
    """Artefacts of a kind as a subject of their own, each in a block `A1`, `A2`, ..."""
    language = LANGUAGES[kind]
    return Subject(
        markdown="",
        fences=tuple(
            Fence(
                kinds=kinds_of(language, content),
                language=language,
                content=content,
                at=At(block=f"artefacts.A{number}", line=1),
            )
            for number, content in enumerate(contents, 1)
        ),
    )


def checked(kind: str, content: str) -> Report:
    """All checks of blocks over one artefact."""
    report = check(as_subject(kind, content))
    # The checks of whole plans have nothing to say on an artefact without one.
    own = tuple(each for each in report.findings if each.at.block)
    return report.model_copy(update={"findings": own})


@cache
def outcomes(kind: str) -> tuple[Outcome, ...]:
    """Every fault of a kind with what was found in it."""
    reports = ((fault, checked(kind, fault.content)) for fault in faults(kind))
    return tuple(
        Outcome(fault.id, fault.rules, fault.mechanical, report.findings, bool(report.mended))
        for fault, report in reports
    )


@cache
def plan_outcomes(name: str) -> tuple[Outcome, ...]:
    """Every fault of whole plans in `<name>_faults.py`, with what was found in it."""
    module = import_module(f"tests.planner.checks.{name}_faults")
    return tuple(
        Outcome(each.id, each.rules, each.mechanical, check(each.subject).findings, mended=False)
        for each in cast("list[PlanFault]", module.FAULTS)
    )


BLOCKS = tuple(kind for kind in LANGUAGES if good(kind) or faults(kind))
"""The kinds that there are artefacts of."""

PLANS = tuple(name for name in ("plan", "across") if (Path(__file__).with_name(f"{name}_faults.py")).exists())
"""The sets of whole plans with a fault."""
