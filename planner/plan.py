"""The plan: the shape Claude fills, checks read, pages show and Linear receives. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, NamedTuple, cast

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from planner.blocks import block_at
from planner.parts import (
    MAX_PHASES,
    MAX_TITLE,
    Api,
    ApiOperation,
    Artefact,
    Column,
    Database,
    Decision,
    Estimate,
    Evidence,
    OpenQuestion,
    Operations,
    Part,
    Phase,
    Requirement,
    Risk,
    Said,
    Service,
    StackItem,
    Table,
    TestCase,
    Text,
    one_line,
)

__all__ = [
    "MAX_PHASES",
    "MAX_TITLE",
    "Api",
    "ApiOperation",
    "Artefact",
    "Column",
    "Database",
    "Decision",
    "Estimate",
    "Evidence",
    "OpenQuestion",
    "Operations",
    "Phase",
    "Plan",
    "Requirement",
    "Risk",
    "Service",
    "Span",
    "StackItem",
    "Table",
    "TestCase",
    "critical_path",
    "find_loop",
    "person_days",
    "problems",
    "problems_by_block",
    "timeline_days",
]


class Plan(Part):
    """A backend implementation plan. Phases are in the order of work; ids are unique within their list."""

    title: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(one_line)] = Field(
        description="short title of the plan"
    )
    language: str = Field(
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=35,
        description="BCP 47 tag of the language the issue is written in; the plan's prose is in it",
    )
    summary: Said = Field(description="executive summary: what, why, how, when; Markdown without headings")
    requirements: list[Requirement] = Field(min_length=1, max_length=60, description="everything that is asked for")
    implications: Text = Field(
        description="what the requirements mean for scale, performance and security; Markdown without headings"
    )
    evidence: list[Evidence] = Field(
        max_length=40, description="what the material and the repository show of the system as it is"
    )
    architecture: Said = Field(description="overall design, patterns and how the parts talk; Markdown without headings")
    services: list[Service] = Field(max_length=30, description="services and components")
    api: Api = Field(description="the interface others call")
    database: Database = Field(description="what is stored")
    security: list[Said] = Field(max_length=30, description="security measures, each with what it protects against")
    phases: list[Phase] = Field(min_length=1, max_length=MAX_PHASES, description="phases in order of work")
    implementation: Text = Field(
        description="interfaces between components, error handling, logging, configuration; Markdown without headings"
    )
    testing: Text = Field(
        description="levels, test data, load with numbers, required coverage; Markdown without headings"
    )
    tests: list[TestCase] = Field(max_length=60, description="tests; every requirement has one")
    risks: list[Risk] = Field(max_length=30, description="risks")
    stack: list[StackItem] = Field(max_length=30, description="technologies")
    operations: Operations = Field(description="deployment and operations")
    decisions: list[Decision] = Field(max_length=30, description="decisions")
    open_questions: list[OpenQuestion] = Field(max_length=20, description="questions only people can answer")
    artefacts: list[Artefact] = Field(
        max_length=30, description="diagrams, contracts, schemas, interfaces; a mermaid diagram of the architecture"
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Plan:
        found = list(_faults(self))
        if found:
            raise _DoesNotHoldTogether(found)
        return self


class _Fault(NamedTuple):
    """What is wrong, and the block it stands in."""

    block: str
    text: str


class _DoesNotHoldTogether(ValueError):
    """Each part is right by itself."""

    def __init__(self, faults: Sequence[_Fault]) -> None:
        super().__init__("\n".join(each.text for each in faults))
        self.faults = faults


def problems(error: ValidationError) -> list[str]:
    """What is wrong with an input that is no plan, one sentence each, so that a model can mend it.

    Says where, what was expected and, for short values, what stood there. The order is that of the fields.
    """
    return [each.text for each in _told(error, None)]


def problems_by_block(error: ValidationError, raw: object) -> dict[str, list[str]]:
    """The same, by the block of `raw` that must be mended (see `planner.revise`); "" where the input is no object."""
    found: dict[str, list[str]] = {}
    for each in _told(error, raw):
        found.setdefault(each.block, []).append(each.text)
    return found


def _told(error: ValidationError, raw: object) -> Iterable[_Fault]:
    for each in error.errors(include_url=False):
        loc = each["loc"]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, _DoesNotHoldTogether):
            yield from cause.faults
            continue
        block = block_at(raw, loc)
        if each["type"] == "value_error" and isinstance(cause, ValueError):
            yield from (_Fault(block, f"{where}: {line}" if where else line) for line in str(cause).splitlines())
            continue
        given = each["input"]
        shown = f" (given: {given!r})" if isinstance(given, str | int | float) and len(repr(given)) <= 100 else ""  # noqa: PLR2004 - a line's worth
        yield _Fault(block, f"{where or 'the input'}: {each['msg'][0].lower()}{each['msg'][1:]}{shown}.")


class Span(NamedTuple):
    """Working days: a range with its likely value. Unlike an estimate of one phase it has no cap."""

    low: float
    likely: float
    high: float


def timeline_days(plan: Plan) -> Span:
    """Working days from start to end when phases that do not wait for each other run side by side.

    The longest chain through `depends_on`, taken for each of low, likely and high by itself.
    """
    low, likely, high = (max(_ends(plan.phases, at).values()) for at in range(3))
    return Span(low, likely, high)


def critical_path(plan: Plan) -> list[Phase]:
    """The phases of the longest chain by likely days, first to last; the earlier phase wins a tie."""
    by_key = {phase.key: phase for phase in plan.phases}
    ends = _ends(plan.phases, 1)
    chain: list[Phase] = []
    phase = max(plan.phases, key=lambda each: ends[each.key])
    while True:
        chain.append(phase)
        if not phase.depends_on:
            return chain[::-1]
        phase = max((by_key[key] for key in phase.depends_on), key=lambda each: ends[each.key])


def person_days(plan: Plan) -> Span:
    """Working days of all phases added up, as if one person did them all."""
    days = [phase.days for phase in plan.phases]
    return Span(sum(each.low for each in days), sum(each.likely for each in days), sum(each.high for each in days))


def find_loop(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """A loop in `depends_on`, each key waiting for the next and the first repeated at the end; empty if none."""
    try:
        TopologicalSorter(depends_on).prepare()
    except CycleError as error:
        loop = cast("list[str]", error.args[1])
        return loop[::-1]
    return []


def _ends(phases: Sequence[Phase], at: int) -> dict[str, float]:
    # When each phase ends. Phases may stand in any order; that there is no loop was checked.
    ends: dict[str, float] = {}
    by_key = {phase.key: phase for phase in phases}
    for key in TopologicalSorter({phase.key: phase.depends_on for phase in phases}).static_order():
        days = by_key[key].days
        start = max((ends[before] for before in by_key[key].depends_on), default=0.0)
        ends[key] = start + (days.low, days.likely, days.high)[at]
    return ends


def _faults(plan: Plan) -> Iterable[_Fault]:
    yield from _repeated(plan)
    yield from _dangling(plan)
    keys = {phase.key for phase in plan.phases}
    for phase in plan.phases:
        days, block = phase.days, f"phases.{phase.key}"
        if not days.low <= days.likely <= days.high:
            given = f"{days.low:g}, {days.likely:g}, {days.high:g}"
            yield _Fault(block, f'phase "{phase.key}": days must grow from low over likely to high, not {given}.')
        elif days.high <= 0:
            yield _Fault(block, f'phase "{phase.key}": give an estimate above zero days.')
    loop = find_loop({phase.key: phase.depends_on for phase in plan.phases})
    if loop and set(loop) <= keys:
        text = f"phases wait for each other in a loop: {' -> '.join(loop)}. Remove one of these dependencies."
        yield _Fault(f"phases.{loop[0]}", text)


def _repeated(plan: Plan) -> Iterable[_Fault]:
    lists: dict[str, list[str]] = {
        "requirements": [each.id for each in plan.requirements],
        "services": [each.id for each in plan.services],
        "api.operations": [each.id for each in plan.api.operations],
        "database.tables": [each.id for each in plan.database.tables],
        "tests": [each.id for each in plan.tests],
        "artefacts": [each.id for each in plan.artefacts],
    }
    for name, ids in lists.items():
        for value, count in Counter(ids).items():
            if count > 1:
                text = f'{name}: the id "{value}" is used {count} times; give each its own.'
                yield _Fault(name.partition(".")[0], text)
    for value, count in Counter(phase.key for phase in plan.phases).items():
        if count > 1:
            yield _Fault("phases", f'phases: the key "{value}" is used {count} times; give each phase its own.')
    for value, count in Counter(phase.title.casefold() for phase in plan.phases).items():
        if count > 1:
            yield _Fault("phases", f'phases: {count} phases have the title "{value}"; give each its own.')


class _Named(NamedTuple):
    """Where something is named, and what it should be one of."""

    block: str
    where: str
    kind: str
    named: Sequence[str]
    known: set[str]


def _dangling(plan: Plan) -> Iterable[_Fault]:
    requirements = {each.id for each in plan.requirements}
    services = {each.id for each in plan.services}
    operations = {each.id for each in plan.api.operations}
    tables = {each.id for each in plan.database.tables}
    keys = {phase.key for phase in plan.phases}
    named: list[_Named] = []
    for phase in plan.phases:
        block, where = f"phases.{phase.key}", f'phase "{phase.key}"'
        named += [
            _Named(block, where, "requirement", phase.requirement_ids, requirements),
            _Named(block, where, "service", phase.service_ids, services),
            _Named(block, where, "operation", phase.operation_ids, operations),
            _Named(block, where, "table", phase.table_ids, tables),
            _Named(block, f"{where}: depends_on", "phase", phase.depends_on, keys),
        ]
    named += [
        _Named(f"api.{each.id}", f"operation {each.id}", "requirement", each.requirement_ids, requirements)
        for each in plan.api.operations
    ]
    named += [
        _Named(f"tests.{each.id}", f"test {each.id}", "requirement", each.requirement_ids, requirements)
        for each in plan.tests
    ]
    named += [
        _Named("risks", f"risks[{at}]", "phase", [each.phase_key], keys | {""}) for at, each in enumerate(plan.risks)
    ]
    for each in named:
        for value in dict.fromkeys(each.named):
            if value not in each.known:
                listed = ", ".join(sorted(each.known - {""})) or "none"
                yield _Fault(each.block, f'{each.where}: there is no {each.kind} "{value}"; known: {listed}.')
