"""From a plan to the document people read. No I/O.

The seven sections always stand, in their order; what a plan has nothing to say on takes one line.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from planner.markdown import bullets, cell, code, fenced, folded, inline, labelled, link, prose, table
from planner.plan import Artefact, Estimate, Phase, Plan, Requirement, Span, critical_path, person_days, timeline_days

SECTIONS = (
    "Executive Summary",
    "Architecture Diagram",
    "Technical Specifications",
    "Implementation Phases",
    "Risk Analysis",
    "Estimated Timeline",
    "Technology Stack",
)
"""The headings of every plan, in order."""

SCRIPTED_LINE = "Written by the scripted stand-in: no model was asked."
"""Stands in every document and sub-issue that the scripted model wrote."""


class RenderFacts(BaseModel):
    """What the plan itself does not know. Everything here comes from code, nothing from the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identifier: str = Field(description='"ENG-123"')
    issue_url: str
    document_url: str | None = None
    author: str = Field(description='who wrote it: a model id, or "scripted stand-in"')
    agent: str = Field(default="", description="name of the agent definition")
    scripted: bool = False
    generated_on: str = Field(description="ISO 8601 date")
    revision: str = Field(default="", description="when the issue was last changed, as people see it")
    left_out: tuple[str, ...] = ()
    cost_usd: float | None = None
    sources: dict[str, str] = Field(
        default={}, description="source name to its url; no other address in the plan becomes a link"
    )

    @property
    def allowed(self) -> frozenset[str]:
        """The addresses that may stand as links."""
        return frozenset(url for url in (*self.sources.values(), self.issue_url, self.document_url or "") if url)


_LANGUAGE = {"openapi": "yaml", "text": "text"}
_LONG_LINES = 40
"""Blocks longer than this fold away."""
_QUOTE_CHARS = 160


def document(plan: Plan, facts: RenderFacts) -> str:
    """The whole plan as Markdown. It has no title of its own: the document's title says it."""
    parts = [f"> {SCRIPTED_LINE}\n"] if facts.scripted else []
    bodies = (
        _summary(plan, facts),
        _diagram(plan, facts),
        _specifications(plan, facts),
        _phases(plan, facts),
        _risks(plan, facts),
        _timeline(plan),
        _stack(plan, facts),
    )
    for heading, body in zip(SECTIONS, bodies, strict=True):
        parts.append(f"## {heading}\n\n{_joined(body)}\n")
    parts.append(f"---\n\n{_joined(_ending(facts))}\n")
    return "\n".join(parts)


def days(estimate: Estimate | Span) -> str:
    """Working days in words: `2 days (1 to 4)`."""
    likely = _number(estimate.likely)
    unit = "day" if likely == "1" else "days"
    low, high = _number(estimate.low), _number(estimate.high)
    return f"{likely} {unit}" if low == high else f"{likely} {unit} ({low} to {high})"


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block.strip())


def _artefacts(plan: Plan, *sections: str) -> Iterable[str]:
    for each in plan.artefacts:
        if each.section in sections:
            yield drawn(each)


def drawn(artefact: Artefact) -> str:
    """An artefact with its caption. Diagrams always show; long blocks of anything else fold away."""
    block = fenced(_LANGUAGE.get(artefact.kind, artefact.kind), artefact.content)
    if artefact.kind != "mermaid" and artefact.content.count("\n") >= _LONG_LINES:
        return folded(artefact.title, block)
    return f"**{inline(artefact.title)}**\n\n{block}"


# --- the seven sections ----------------------------------------------------------------------------------------------


def _summary(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    yield prose(plan.summary, facts.allowed)
    count = len(plan.phases)
    yield f"**{count} {'phase' if count == 1 else 'phases'}**, {days(timeline_days(plan))} from start to end."
    if plan.open_questions:
        yield "### Questions to answer"
        yield bullets(
            (
                prose(each.text, facts.allowed)
                + (f"\n*Until then:* {each.suggested_default}" if each.suggested_default else "")
                for each in plan.open_questions
            ),
            "1.",
            facts.allowed,
        )
    yield "### Requirements"
    # Cells are drawn here and not by `table`, which would take our own links for the model's.
    lines = ["| | Requirement | From |", "| --- | --- | --- |"]
    lines += [
        f"| {each.id} | {cell(each.text, facts.allowed)}{_quality(each)} | {_from(each, facts)} |"
        for each in plan.requirements
    ]
    yield "\n".join(lines)


def _quality(requirement: Requirement) -> str:
    return " *(quality)*" if requirement.kind == "nonfunctional" else ""


def _from(requirement: Requirement, facts: RenderFacts) -> str:
    if not requirement.source:
        return "inferred"
    url = facts.sources.get(requirement.source, "")
    named = link(requirement.source, url) if url else cell(requirement.source)
    quote = " ".join(requirement.quote.split())
    if quote.rstrip(".") == " ".join(requirement.text.split()).rstrip("."):
        return named
    if len(quote) > _QUOTE_CHARS:
        quote = f"{quote[: _QUOTE_CHARS - 3].rstrip()}..."
    return f"“{cell(quote, facts.allowed)}” {named}" if quote else named


def _diagram(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    drawings = list(_artefacts(plan, "architecture"))
    yield from drawings or ["No diagram: the parts of the system and how they talk stay as they are."]
    yield prose(plan.architecture, facts.allowed)


def _specifications(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    parts = [*_services(plan, facts), *_api(plan, facts), *_database(plan, facts), *_security(plan, facts)]
    parts += [*_interfaces(plan), *_tests(plan, facts), *_operations(plan, facts)]
    parts += _decisions(plan, facts)
    yield from parts or ["No service, interface, table or rule of access changes."]


def _services(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if plan.services:
        yield "### Services and components"
        rows = [(each.name, each.aws_service, each.responsibility, each.reason) for each in plan.services]
        yield table(("Service", "Runs on", "Is responsible for", "Why"), rows, facts.allowed)


def _api(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    blocks = list(_artefacts(plan, "api"))
    if not (plan.api.prose or plan.api.operations or blocks):
        return
    yield "### API"
    yield prose(plan.api.prose, facts.allowed)
    if plan.api.operations:
        rows = [
            (f"{each.method} {code(each.path)}", each.summary, each.auth, ", ".join(each.requirement_ids))
            for each in plan.api.operations
        ]
        yield table(("Operation", "What it does", "Who may", "For"), rows, facts.allowed)
    yield from blocks


def _database(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    database, blocks = plan.database, list(_artefacts(plan, "database"))
    if not (database.choice or database.tables or blocks):
        return
    yield "### Database"
    yield labelled(f"{database.choice or 'No database'}.", database.reason, facts.allowed)
    for each in database.tables:
        yield f"#### {inline(each.name)}\n\n{prose(each.purpose, facts.allowed)}"
        yield (
            table(
                ("Column", "Type", "Note"),
                [(code(column.name), column.type, column.note) for column in each.columns],
                facts.allowed,
            )
            if each.columns
            else ""
        )
        yield bullets((f"Index: {index}" for index in each.indexes), "-", facts.allowed)
    yield from blocks


def _security(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    blocks = list(_artefacts(plan, "security"))
    if plan.security or blocks:
        yield "### Security measures"
        yield bullets(plan.security, "-", facts.allowed)
        yield from blocks


def _interfaces(plan: Plan) -> Iterable[str]:
    blocks = list(_artefacts(plan, "implementation"))
    if blocks:
        yield "### Interfaces"
        yield from blocks


def _tests(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    blocks = list(_artefacts(plan, "tests"))
    if plan.tests or blocks:
        yield "### Tests"
        rows = [(each.kind, each.text, ", ".join(each.requirement_ids)) for each in plan.tests]
        yield table(("Level", "Test", "Proves"), rows, facts.allowed) if rows else ""
        yield from blocks


def _operations(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    operations, blocks = plan.operations, list(_artefacts(plan, "operations"))
    named = {"Deployment": operations.deployment, "Monitoring": operations.monitoring, "Backup": operations.backup}
    if any(named.values()) or blocks:
        yield "### Deployment and operations"
        yield from (labelled(f"{name}.", text, facts.allowed) for name, text in named.items() if text)
        yield from blocks


def _decisions(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if plan.decisions:
        yield "### Decisions"
    for each in plan.decisions:
        yield labelled(each.title, each.decision, facts.allowed)
        yield prose(each.reason, facts.allowed)
        yield bullets((f"Rejected: {alternative}" for alternative in each.rejected), "-", facts.allowed)


def _phases(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    number = {phase.key: at for at, phase in enumerate(plan.phases, 1)}
    if len(plan.phases) > 1:
        rows = [
            (
                str(number[each.key]),
                each.title,
                ", ".join(str(number[key]) for key in each.depends_on) or "nothing",
                days(each.days),
                ", ".join(each.requirement_ids),
            )
            for each in plan.phases
        ]
        yield table(("#", "Phase", "Waits for", "Days", "Delivers"), rows, facts.allowed)
    for each in plan.phases:
        yield f"### {number[each.key]}. {inline(each.title)}\n\n{prose(each.goal, facts.allowed)}"
        yield bullets(each.tasks, "1.", facts.allowed)
        yield f"**Done when**\n\n{bullets(each.acceptance, '-', facts.allowed)}"


def _risks(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if not plan.risks:
        yield "No risk stands out."
        return
    number = {phase.key: str(at) for at, phase in enumerate(plan.phases, 1)}
    rows = [
        (each.text, each.likelihood, each.impact, each.mitigation, number.get(each.phase_key, "all"))
        for each in plan.risks
    ]
    yield table(("Risk", "Likelihood", "Impact", "What is done about it", "Phase"), rows, facts.allowed)


def _timeline(plan: Plan) -> Iterable[str]:
    if len(plan.phases) == 1:
        yield f"{days(plan.phases[0].days)} of work for one person."
        return
    chain = " → ".join(inline(each.title) for each in critical_path(plan))
    yield (
        f"**{days(timeline_days(plan))}** from start to end if phases that do not wait for each other run side by "
        f"side; {days(person_days(plan))} of work in all. The longest chain: {chain}."
    )
    ends: dict[str, float] = {}
    by_key = {phase.key: phase for phase in plan.phases}

    def end(phase: Phase) -> float:
        if phase.key not in ends:
            ends[phase.key] = max((end(by_key[key]) for key in phase.depends_on), default=0.0) + phase.days.likely
        return ends[phase.key]

    rows = [(each.title, _number(end(each) - each.days.likely), _number(end(each))) for each in plan.phases]
    yield table(("Phase", "Can start after day", "Likely done on day"), rows)


def _stack(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if not plan.stack:
        yield "What is in use already; nothing new."
        return
    yield table(
        ("Technology", "For", "Why"), [(each.name, each.use, each.reason) for each in plan.stack], facts.allowed
    )


def _ending(facts: RenderFacts) -> Iterable[str]:
    if facts.left_out:
        yield folded("Not read for this plan", bullets(facts.left_out, "-"))
    who = "the scripted stand-in" if facts.scripted else inline(facts.author)
    agent = f" as {inline(facts.agent)}" if facts.agent else ""
    of = f", from {link(facts.identifier, facts.issue_url)}"
    revision = f" as of {inline(facts.revision)}" if facts.revision else ""
    cost = f" It cost ${facts.cost_usd:.2f}." if facts.cost_usd is not None and not facts.scripted else ""
    said = f" {SCRIPTED_LINE}" if facts.scripted else ""
    yield f"*Planned by {who}{agent} on {inline(facts.generated_on)}{of}{revision}.{cost}{said}*"
