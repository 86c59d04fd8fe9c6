"""The section Technical Specifications, from services and components to decisions. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.facts import RenderFacts
from planner.markdown import bullets, code, fenced, folded, inline, labelled, prose, table
from planner.plan import Artefact, Plan

_LANGUAGE = {"openapi": "yaml", "text": "text"}
_LONG_LINES = 40
"""Blocks longer than this fold away."""
_FEW = 3
"""Rows that a small plan says in sentences."""


def is_small(plan: Plan) -> bool:
    """Whether the plan is work of one phase, which is said without tables and headings of its own."""
    return len(plan.phases) == 1


def specifications(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    """The blocks of the section, each under its own heading; in a small plan behind a label."""
    parts = {
        "Services and components": [*_services(plan, facts)],
        "API": [*_api(plan, facts)],
        "Database": [*_database(plan, facts)],
        "Security measures": [bullets(plan.security, "-", facts.allowed), *artefacts(plan, "security")],
        "Implementation": [prose(plan.implementation, facts.allowed), *artefacts(plan, "implementation")],
        "Tests": [*_tests(plan, facts)],
        "Deployment and operations": [*_operations(plan, facts)],
        "Decisions": [*_decisions(plan, facts)],
    }
    found = [block for name, blocks in parts.items() for block in headed(plan, name, blocks)]
    yield from found or ["No service, interface, table or rule of access changes."]


def headed(plan: Plan, name: str, blocks: Sequence[str]) -> Iterable[str]:
    """Blocks under a heading, if there are any; in a small plan behind a label. Our own Markdown, not the model's."""
    kept = [block for block in blocks if block.strip()]
    if not kept:
        return
    if not is_small(plan):
        yield f"### {name}"
    elif kept[0][0].isalpha() and "\n" not in kept[0]:
        kept[0] = f"**{name}.** {kept[0]}"
    else:
        yield f"**{name}**"
    yield from kept


def listed(
    plan: Plan,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    sentences: Iterable[str],
    facts: RenderFacts,
) -> str:
    """A table; one row, and the few of a small plan, stand as sentences instead."""
    said = [*sentences]
    if len(rows) == 1:
        return prose(said[0], facts.allowed)
    if is_small(plan) and len(rows) <= _FEW:
        return bullets(said, "-", facts.allowed)
    return table(header, rows, facts.allowed) if rows else ""


def artefacts(plan: Plan, section: str) -> Iterable[str]:
    """The artefacts of a section, drawn."""
    return (drawn(each) for each in plan.artefacts if each.section == section)


def drawn(artefact: Artefact) -> str:
    """An artefact with its caption. Diagrams always show; long blocks of anything else fold away."""
    block = fenced(_LANGUAGE.get(artefact.kind, artefact.kind), artefact.content)
    if artefact.kind != "mermaid" and artefact.content.count("\n") >= _LONG_LINES:
        return folded(artefact.title, block)
    return f"**{inline(artefact.title)}**\n\n{block}"


def _services(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    rows = [(each.name, each.aws_service, each.responsibility, each.reason) for each in plan.services]
    said = (
        _joined(f"{each.name}{f' on {each.aws_service}' if each.aws_service else ''}", each.responsibility, each.reason)
        for each in plan.services
    )
    yield listed(plan, ("Service", "Runs on", "Is responsible for", "Why"), rows, said, facts)


def _api(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    yield prose(plan.api.prose, facts.allowed)
    rows = [
        (f"{each.method} {code(each.path)}", each.summary, each.auth, ", ".join(each.requirement_ids))
        for each in plan.api.operations
    ]
    said = (
        _joined(f"{each.method} {code(each.path)}", each.summary, f"Who may: {each.auth}" if each.auth else "")
        for each in plan.api.operations
    )
    yield listed(plan, ("Operation", "What it does", "Who may", "For"), rows, said, facts)
    yield from artefacts(plan, "api")


def _database(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    database, blocks = plan.database, [*artefacts(plan, "database")]
    if not (database.choice or database.tables or blocks):
        return
    yield labelled(f"{database.choice or 'No database'}.", database.reason, facts.allowed)
    for each in database.tables:
        columns = [(code(column.name), column.type, column.note) for column in each.columns]
        yield f"#### {inline(each.name)}\n\n{prose(each.purpose, facts.allowed)}"
        yield table(("Column", "Type", "Note"), columns, facts.allowed) if columns else ""
        yield bullets((f"Index: {index}" for index in each.indexes), "-", facts.allowed)
    yield from blocks


def _tests(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    rows = [(each.kind, each.text, ", ".join(each.requirement_ids)) for each in plan.tests]
    said = (
        f"{each.kind.capitalize()}: {each.text}"
        + (f" ({', '.join(each.requirement_ids)})" if each.requirement_ids else "")
        for each in plan.tests
    )
    yield prose(plan.testing, facts.allowed)
    yield listed(plan, ("Level", "Test", "Proves"), rows, said, facts)
    yield from artefacts(plan, "tests")


def _operations(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    operations = plan.operations
    named = {
        "Deployment": operations.deployment,
        "Monitoring": operations.monitoring,
        "Backup": operations.backup,
        "Regions": operations.regions,
    }
    yield from (labelled(f"{name}.", text, facts.allowed) for name, text in named.items() if text)
    yield from artefacts(plan, "operations")


def _decisions(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    for each in plan.decisions:
        yield labelled(each.title, each.decision, facts.allowed)
        weighed = [f"Why: {each.reason}", f"Trade-off: {each.trade_off}"]
        yield bullets([*weighed, *(f"Rejected: {other}" for other in each.rejected)], "-", facts.allowed)


def _joined(name: str, *sentences: str) -> str:
    said = (text if text.endswith((".", "!", "?", "。")) else f"{text}." for text in sentences if text)
    return f"**{name}**: {' '.join(said)}"
