"""What a plan says, less its wording: the part of it that checks compare. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from planner.findings import At
from planner.plan import Plan, Span, timeline_days


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OutlinedRequirement(_Value):
    """`source` and `quote` are empty where it was inferred."""

    id: str
    text: str
    quote: str = ""
    source: str = ""
    at: At


class OutlinedPhase(_Value):
    """`key` names it within the outline, `depends_on` holds keys. `days` is None where no estimate is given."""

    key: str
    title: str
    goal: str = ""
    tasks: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    days: Span | None = None
    requirement_ids: tuple[str, ...] = ()
    service_ids: tuple[str, ...] = ()
    operation_ids: tuple[str, ...] = ()
    at: At


class OutlinedTest(_Value):
    """A test and the requirements it proves."""

    id: str
    text: str
    requirement_ids: tuple[str, ...] = ()
    at: At


class OutlinedRisk(_Value):
    """Fields are empty where they are not given. `phase` is a key; empty where it belongs to all."""

    text: str
    likelihood: str = ""
    impact: str = ""
    mitigation: str = ""
    phase: str = ""
    at: At


class OutlinedService(_Value):
    """`runs_on` is the AWS service or other platform part; empty if none is named."""

    id: str
    name: str
    runs_on: str = ""
    responsibility: str = ""
    at: At


class OutlinedOperation(_Value):
    """An operation of the API."""

    id: str
    method: str
    path: str
    at: At


class OutlinedTable(_Value):
    """`columns` are names with types as the plan writes them."""

    id: str
    name: str
    columns: tuple[tuple[str, str], ...] = ()
    indexes: tuple[str, ...] = ()
    at: At


class Citation(_Value):
    """Something the plan builds on, by the name of its source: `repo:src/app.ts:12`, `ENG-12`."""

    source: str
    at: At


class Outline(_Value):
    """Everything that is compared. What a plan does not have is empty.

    `timeline` is the stated time from start to end in working days; None where it is not stated.
    """

    requirements: tuple[OutlinedRequirement, ...] = ()
    phases: tuple[OutlinedPhase, ...] = ()
    tests: tuple[OutlinedTest, ...] = ()
    risks: tuple[OutlinedRisk, ...] = ()
    services: tuple[OutlinedService, ...] = ()
    operations: tuple[OutlinedOperation, ...] = ()
    database: str = ""
    tables: tuple[OutlinedTable, ...] = ()
    citations: tuple[Citation, ...] = ()
    timeline: Span | None = None


def outline_of(plan: Plan) -> Outline:
    """The outline of a plan that has its shape."""
    return Outline(
        requirements=tuple(
            OutlinedRequirement(
                id=each.id,
                text=each.text,
                quote=each.quote,
                source=each.source,
                at=At(block=f"requirements.{each.id}", section="Executive Summary"),
            )
            for each in plan.requirements
        ),
        phases=tuple(
            OutlinedPhase(
                key=each.key,
                title=each.title,
                goal=each.goal,
                tasks=tuple(each.tasks),
                acceptance=tuple(each.acceptance),
                depends_on=tuple(each.depends_on),
                days=Span(each.days.low, each.days.likely, each.days.high),
                requirement_ids=tuple(each.requirement_ids),
                service_ids=tuple(each.service_ids),
                operation_ids=tuple(each.operation_ids),
                at=At(block=f"phases.{each.key}", section="Implementation Phases"),
            )
            for each in plan.phases
        ),
        tests=tuple(
            OutlinedTest(
                id=each.id,
                text=each.text,
                requirement_ids=tuple(each.requirement_ids),
                at=At(block=f"tests.{each.id}", section=_SPECIFICATIONS),
            )
            for each in plan.tests
        ),
        risks=tuple(
            OutlinedRisk(
                text=each.text,
                likelihood=each.likelihood,
                impact=each.impact,
                mitigation=each.mitigation,
                phase=each.phase_key,
                at=At(block="risks", section="Risk Analysis"),
            )
            for each in plan.risks
        ),
        services=tuple(
            OutlinedService(
                id=each.id,
                name=each.name,
                runs_on=each.aws_service,
                responsibility=each.responsibility,
                at=At(block=f"services.{each.id}", section=_SPECIFICATIONS),
            )
            for each in plan.services
        ),
        operations=tuple(
            OutlinedOperation(
                id=each.id, method=each.method, path=each.path, at=At(block=f"api.{each.id}", section=_SPECIFICATIONS)
            )
            for each in plan.api.operations
        ),
        database=plan.database.choice,
        tables=tuple(
            OutlinedTable(
                id=each.id,
                name=each.name,
                columns=tuple((column.name, column.type) for column in each.columns),
                indexes=tuple(each.indexes),
                at=At(block=f"database.{each.id}", section=_SPECIFICATIONS),
            )
            for each in plan.database.tables
        ),
        citations=tuple(_citations(plan)),
        timeline=timeline_days(plan),
    )


_SPECIFICATIONS = "Technical Specifications"


def _citations(plan: Plan) -> Iterator[Citation]:
    for each in plan.evidence:
        if each.source:
            yield Citation(source=each.source, at=At(block="evidence", section="Architecture Diagram"))
    for each in plan.requirements:
        if each.source:
            yield Citation(source=each.source, at=At(block=f"requirements.{each.id}", section="Executive Summary"))
