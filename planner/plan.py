"""The plan: the shape Claude fills, checks read, pages show and Linear receives. No I/O.

Flat and closed: no dictionaries, no unions, no optional fields; an empty string or list means "none".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

MAX_PHASES = 12
MAX_TITLE = 80
"""Characters in a phase's title, which becomes a sub-issue's title."""

# Control characters, and halves of characters that no encoding can write.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _clean(value: str) -> str:
    # Databases and editors choke on control characters, and no plan needs them.
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _one_line(value: object) -> object:
    return " ".join(_clean(value).split()) if isinstance(value, str) else value


def _trim(value: object) -> object:
    return _clean(value).strip() if isinstance(value, str) else value


def _trim_lines(value: object) -> object:
    return _clean(value).strip("\n").rstrip() if isinstance(value, str) else value


# The lengths are caps against runaway output, far above what good plans need; only the titles are tight.
Line = Annotated[str, Field(max_length=1_000), BeforeValidator(_one_line)]
Named = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_one_line)]
Text = Annotated[str, Field(max_length=12_000), BeforeValidator(_trim)]
Said = Annotated[str, Field(min_length=1, max_length=12_000), BeforeValidator(_trim)]
Code = Annotated[str, Field(min_length=1, max_length=60_000), BeforeValidator(_trim_lines)]
Id = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
Days = Annotated[float, Field(ge=0, le=400, allow_inf_nan=False)]
Level = Literal["low", "medium", "high"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Requirement(_Part):
    """One thing that is asked for, with the words it comes from."""

    id: Id = Field(description='"R1", "R2", ... in order')
    kind: Literal["functional", "nonfunctional"] = Field(description="what it does, or how well it does it")
    text: Said = Field(description="the requirement in one sentence that can be tested")
    quote: Text = Field(description="the exact words of the material it comes from, copied; empty if you inferred it")
    source: Line = Field(description='name of the source of the quote, "description" or "comment-3"; empty if inferred')
    url: Line = Field(description="the url given with that source, copied; empty if it has none")


class Service(_Part):
    """A part of the system that is built or changed."""

    id: Id = Field(description='"S1", "S2", ...')
    name: Named = Field(description="short name, as in the diagram")
    aws_service: Line = Field(description="the AWS service (or other platform part) it runs on; empty if none")
    responsibility: Said = Field(description="what it alone is responsible for")
    reason: Text = Field(description="why this service, and the trade-off")


class ApiOperation(_Part):
    """An operation that others call."""

    id: Id = Field(description='"O1", "O2", ...')
    method: Named = Field(description="GET, POST, PUT, PATCH, DELETE; QUERY or MUTATION for GraphQL; EVENT for events")
    path: Named = Field(description="path with its version, GraphQL field, or event name")
    summary: Said = Field(description="what it does, its main answers and errors")
    auth: Line = Field(description="who may call it and how that is proved")
    requirement_ids: list[Id] = Field(description="requirements it serves")


class Api(_Part):
    """The interface others call."""

    prose: Text = Field(description="style, versioning, authentication, rate limits, errors; Markdown without headings")
    operations: list[ApiOperation] = Field(max_length=60, description="every operation added or changed")


class Column(_Part):
    """A column, or an attribute of an item."""

    name: Named = Field(description="column name")
    type: Named = Field(description="type as the database writes it")
    note: Line = Field(description="key, constraint or meaning; may be empty")


class Table(_Part):
    """A table, collection or item type."""

    id: Id = Field(description='"T1", "T2", ...')
    name: Named = Field(description="table name")
    purpose: Said = Field(description="what a row is")
    columns: list[Column] = Field(max_length=60, description="all columns")
    indexes: list[Line] = Field(max_length=20, description="each index with the query it serves")


class Database(_Part):
    """What is stored, and where."""

    choice: Line = Field(description="the database; empty when nothing is stored")
    reason: Text = Field(description="why this one and not the next best; consistency, partitioning, migration")
    tables: list[Table] = Field(max_length=40, description="tables added or changed")


class Estimate(_Part):
    """Working days of one person: a range with its likely value."""

    low: Days = Field(description="days if all goes well")
    likely: Days = Field(description="days most likely; at least low")
    high: Days = Field(description="days if it goes badly; at least likely")


class Phase(_Part):
    """A piece of work that one person or pair can finish, which becomes a sub-issue."""

    key: Key = Field(description="kebab-case slug that names this phase for ever; keep the key of a standing phase")
    title: Annotated[str, Field(min_length=1, max_length=80), BeforeValidator(_one_line)] = Field(
        description="imperative title, at most 80 characters, distinct"
    )
    goal: Said = Field(description="what is true when it is done, one or two sentences")
    tasks: list[Said] = Field(min_length=1, max_length=40, description="steps in order, each one action")
    acceptance: list[Said] = Field(min_length=1, max_length=30, description="criteria that can be checked")
    depends_on: list[Key] = Field(max_length=MAX_PHASES, description="keys of phases that must be finished before")
    days: Estimate = Field(description="working days of one person")
    requirement_ids: list[Id] = Field(description="requirements it delivers")
    service_ids: list[Id] = Field(description="services it builds or changes")
    operation_ids: list[Id] = Field(description="API operations it builds or changes")
    table_ids: list[Id] = Field(description="tables it builds or changes")


class TestCase(_Part):
    """A test that proves requirements."""

    __test__ = False  # pytest would collect a class of this name

    id: Id = Field(description='"X1", "X2", ...')
    kind: Literal["unit", "integration", "e2e", "load"] = Field(description="level of the test")
    text: Said = Field(description="given, when, then in one sentence, with test data where it matters")
    requirement_ids: list[Id] = Field(description="requirements it proves")


class Risk(_Part):
    """Something that may go wrong."""

    text: Said = Field(description="what may go wrong")
    likelihood: Level = Field(description="how likely")
    impact: Level = Field(description="how bad")
    mitigation: Said = Field(description="what is done about it")
    phase_key: str = Field(description="key of the phase that deals with it; empty for all", max_length=48)


class StackItem(_Part):
    """A technology that is used."""

    name: Named = Field(description="technology")
    use: Said = Field(description="what for")
    reason: Text = Field(description="why this one")


class Operations(_Part):
    """How it is shipped and run."""

    deployment: Text = Field(description="pipeline, infrastructure as code, rollout and rollback; Markdown, short")
    monitoring: Text = Field(description="logs, metrics, alarms with thresholds; Markdown, short")
    backup: Text = Field(description="backup, restore, disaster recovery; Markdown, short")


class Decision(_Part):
    """A decision with what was weighed against it."""

    title: Named = Field(description="the question that was decided")
    decision: Said = Field(description="what was chosen")
    reason: Said = Field(description="why, and what it costs")
    rejected: list[Said] = Field(max_length=10, description="alternatives, each with why not")


class OpenQuestion(_Part):
    """Something only people can answer."""

    text: Said = Field(description="the question")
    suggested_default: Text = Field(description="what is assumed until it is answered")


class Artefact(_Part):
    """A block in a language of its own, whole and valid by itself."""

    id: Id = Field(description='"A1", "A2", ...')
    kind: Literal["mermaid", "openapi", "sql", "typescript", "json", "yaml", "graphql", "text"] = Field(
        description="language; openapi is an OpenAPI document in YAML"
    )
    title: Named = Field(description="caption")
    section: Literal["architecture", "api", "database", "security", "implementation", "tests", "operations"] = Field(
        description="where it is shown"
    )
    content: Code = Field(description="the block without fences")


class Plan(_Part):
    """A backend implementation plan. Phases are in the order of work; ids are unique within their list."""

    title: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_one_line)] = Field(
        description="short title of the plan"
    )
    language: str = Field(
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=35,
        description="BCP 47 tag of the language the issue is written in; the plan's prose is in it",
    )
    summary: Said = Field(description="executive summary: what, why, how, when; Markdown without headings")
    requirements: list[Requirement] = Field(min_length=1, max_length=60, description="everything that is asked for")
    architecture: Said = Field(description="overall design, patterns and how the parts talk; Markdown without headings")
    services: list[Service] = Field(max_length=30, description="services and components")
    api: Api = Field(description="the interface others call")
    database: Database = Field(description="what is stored")
    security: list[Said] = Field(max_length=30, description="security measures, each with what it protects against")
    phases: list[Phase] = Field(min_length=1, max_length=MAX_PHASES, description="phases in order of work")
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
            raise ValueError("\n".join(found))
        return self


def problems(error: ValidationError) -> list[str]:
    """What is wrong with an input that is no plan, one sentence each, so that a model can mend it.

    Says where, what was expected and, for short values, what stood there. The order is that of the fields.
    """
    found: list[str] = []
    for each in error.errors(include_url=False):
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"]).lstrip(".")
        cause = each.get("ctx", {}).get("error")
        if each["type"] == "value_error" and isinstance(cause, ValueError):
            found.extend(f"{where}: {line}" if where else line for line in str(cause).splitlines())
            continue
        given = each["input"]
        shown = f" (given: {given!r})" if isinstance(given, str | int | float) and len(repr(given)) <= 100 else ""  # noqa: PLR2004 - a line's worth
        found.append(f"{where or 'the input'}: {each['msg'][0].lower()}{each['msg'][1:]}{shown}.")
    return found


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


def _faults(plan: Plan) -> Iterable[str]:
    yield from _repeated(plan)
    yield from _dangling(plan)
    keys = {phase.key for phase in plan.phases}
    for phase in plan.phases:
        days = phase.days
        if not days.low <= days.likely <= days.high:
            yield f'phase "{phase.key}": days must grow from low over likely to high, not {days.low:g}, {days.likely:g}, {days.high:g}.'  # noqa: E501 - one sentence
        elif days.high <= 0:
            yield f'phase "{phase.key}": give an estimate above zero days.'
    loop = find_loop({phase.key: phase.depends_on for phase in plan.phases})
    if loop and set(loop) <= keys:
        yield f"phases wait for each other in a loop: {' -> '.join(loop)}. Remove one of these dependencies."


def _repeated(plan: Plan) -> Iterable[str]:
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
                yield f'{name}: the id "{value}" is used {count} times; give each its own.'
    for value, count in Counter(phase.key for phase in plan.phases).items():
        if count > 1:
            yield f'phases: the key "{value}" is used {count} times; give each phase its own.'
    for value, count in Counter(phase.title.casefold() for phase in plan.phases).items():
        if count > 1:
            yield f'phases: {count} phases have the title "{value}"; give each its own.'


def _dangling(plan: Plan) -> Iterable[str]:
    requirements = {each.id for each in plan.requirements}
    services = {each.id for each in plan.services}
    operations = {each.id for each in plan.api.operations}
    tables = {each.id for each in plan.database.tables}
    keys = {phase.key for phase in plan.phases}
    named: list[tuple[str, str, list[str], set[str]]] = []
    for phase in plan.phases:
        where = f'phase "{phase.key}"'
        named += [
            (where, "requirement", phase.requirement_ids, requirements),
            (where, "service", phase.service_ids, services),
            (where, "operation", phase.operation_ids, operations),
            (where, "table", phase.table_ids, tables),
            (f"{where}: depends_on", "phase", phase.depends_on, keys),
        ]
    named += [
        (f"operation {each.id}", "requirement", each.requirement_ids, requirements) for each in plan.api.operations
    ]
    named += [(f"test {each.id}", "requirement", each.requirement_ids, requirements) for each in plan.tests]
    named += [(f"risks[{at}]", "phase", [each.phase_key], keys | {""}) for at, each in enumerate(plan.risks)]
    for where, kind, values, known in named:
        for value in dict.fromkeys(values):
            if value not in known:
                listed = ", ".join(sorted(known - {""})) or "none"
                yield f'{where}: there is no {kind} "{value}"; known: {listed}.'
