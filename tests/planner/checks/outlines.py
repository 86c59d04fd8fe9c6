"""Small outlines for tests of the checks that look at whole plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from planner.check import MOST_FINDINGS
from planner.checks import PlanCheck
from planner.document import SECTIONS
from planner.findings import At, Finding
from planner.outline import Outline, OutlinedPhase, OutlinedRequirement, OutlinedTest
from planner.plan import Span
from planner.subject import Subject

WHOLE = "\n".join(f"## {name}\n\nThis is said.\n" for name in SECTIONS)
"""A document with all sections and nothing else."""

_DAYS = Span(1, 2, 3)


def phase(key: str, *after: str, days: Span | None = _DAYS, ids: Iterable[str] = (), **update: object) -> OutlinedPhase:
    """A phase without fault."""
    made = OutlinedPhase(
        key=key,
        title=f"Build {key}",
        goal=f"{key} works.",
        tasks=(f"Write {key}",),
        acceptance=(f"{key} answers",),
        depends_on=after,
        days=days,
        requirement_ids=tuple(ids),
        at=At(block=f"phases.{key}"),
    )
    return made.model_copy(update=update)


def requirement(id_: str, text: str = "", quote: str = "", source: str = "") -> OutlinedRequirement:
    """A requirement, inferred where no quote and source are given."""
    return OutlinedRequirement(
        id=id_, text=text or f"{id_} holds.", quote=quote, source=source, at=At(block=f"requirements.{id_}")
    )


def proof(id_: str, *ids: str) -> OutlinedTest:
    """A test of requirements."""
    return OutlinedTest(id=id_, text=f"Given {id_}", requirement_ids=ids, at=At(block=f"tests.{id_}"))


def plan(
    *phases: OutlinedPhase,
    requirements: Iterable[OutlinedRequirement] = (),
    tests: Iterable[OutlinedTest] = (),
    timeline: Span | None = None,
    markdown: str = WHOLE,
    sources: Mapping[str, str] | None = None,
    is_file: bool = False,
) -> Subject:
    """A plan, or a file, of these parts."""
    outline = Outline(phases=phases, requirements=tuple(requirements), tests=tuple(tests), timeline=timeline)
    return Subject(
        is_file=is_file, markdown=markdown, outline=outline, sources=dict(sources) if sources is not None else None
    )


def told(check: PlanCheck, subject: Subject) -> list[Finding]:
    """What a check finds, as far as it is asked."""
    return list(islice(check.look(subject), MOST_FINDINGS))


def rules(check: PlanCheck, subject: Subject) -> list[str]:
    """The rules that it finds broken, without the check's name."""
    return [each.rule.partition("/")[2] for each in told(check, subject)]
