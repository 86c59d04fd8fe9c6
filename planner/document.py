"""From a plan to the document people read. No I/O.

The seven sections always stand, in their order; what a plan has nothing to say on takes one line.
"""

from __future__ import annotations

from collections.abc import Iterable

from planner.check_report import check_report, headline
from planner.facts import SCRIPTED_LINE, RenderFacts
from planner.markdown import bullets, cell, folded, inline, labelled, link, prose, table
from planner.plan import Estimate, Phase, Plan, Requirement, Span, critical_path, person_days, timeline_days
from planner.specifications import artefacts, headed, is_small, listed, specifications

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

_QUOTE_CHARS = 160
_COMMIT_CHARS = 12


def document(plan: Plan, facts: RenderFacts) -> str:
    """The whole plan as Markdown. It has no title of its own: the document's title says it."""
    parts = [f"> {SCRIPTED_LINE}\n"] if facts.scripted else []
    bodies = (
        _summary(plan, facts),
        _architecture(plan, facts),
        specifications(plan, facts),
        _phases(plan, facts),
        _risks(plan, facts),
        _timeline(plan),
        _stack(plan, facts),
    )
    for heading, body in zip(SECTIONS, bodies, strict=True):
        parts.append(f"## {heading}\n\n{_joined(body)}\n")
    parts.append(f"---\n\n{_joined(_appendix(plan, facts))}\n")
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


# --- the seven sections ----------------------------------------------------------------------------------------------


def _summary(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    yield prose(plan.summary, facts.allowed)
    if not is_small(plan):
        yield f"**{len(plan.phases)} phases**, {days(timeline_days(plan))} from start to end."
    questions = (
        prose(each.text, facts.allowed)
        + (f"\n*Until then:* {each.suggested_default}" if each.suggested_default else "")
        for each in plan.open_questions
    )
    yield from headed(plan, "Questions to answer", [bullets(questions, "1.", facts.allowed)])
    yield from headed(plan, "Requirements", [_requirements(plan, facts)])
    yield from headed(plan, "What they mean", [prose(plan.implications, facts.allowed)])


def _requirements(plan: Plan, facts: RenderFacts) -> str:
    # Drawn here and not by `table` and `bullets`, which would take our own links for the model's.
    if is_small(plan):
        return "\n".join(
            f"- **{each.id}:** {inline(each.text, facts.allowed)}{_quality(each)} ({_source(each, facts)})"
            for each in plan.requirements
        )
    lines = ["| | Requirement | From |", "| --- | --- | --- |"]
    lines += [
        f"| {each.id} | {cell(each.text, facts.allowed)}{_quality(each)} | {_from(each, facts)} |"
        for each in plan.requirements
    ]
    return "\n".join(lines)


def _quality(requirement: Requirement) -> str:
    return " *(quality)*" if requirement.kind == "nonfunctional" else ""


def _source(requirement: Requirement, facts: RenderFacts) -> str:
    if not requirement.source:
        return "inferred"
    url = facts.sources.get(requirement.source, "")
    return link(requirement.source, url) if url else cell(requirement.source)


def _from(requirement: Requirement, facts: RenderFacts) -> str:
    named = _source(requirement, facts)
    quote = " ".join(requirement.quote.split())
    if not requirement.source or quote.rstrip(".") == " ".join(requirement.text.split()).rstrip("."):
        return named
    if len(quote) > _QUOTE_CHARS:
        quote = f"{quote[: _QUOTE_CHARS - 3].rstrip()}..."
    return f"“{cell(quote, facts.allowed)}” {named}" if quote else named


def _architecture(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    yield from artefacts(plan, "architecture")
    yield prose(plan.architecture, facts.allowed)
    # The name stands first: what follows it can be no heading and no list.
    shown = [f"- {facts.cited(each.source)}: {inline(each.text, facts.allowed)}" for each in plan.evidence]
    yield from headed(plan, "As it is today", ["\n".join(shown)])


def _phases(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if is_small(plan):
        only = plan.phases[0]
        yield labelled(f"{only.title}.", only.goal, facts.allowed)
        yield from _steps(only, facts)
        return
    number = {phase.key: at for at, phase in enumerate(plan.phases, 1)}
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
        yield from _steps(each, facts)


def _steps(phase: Phase, facts: RenderFacts) -> Iterable[str]:
    yield bullets(phase.tasks, "1.", facts.allowed)
    if len(phase.acceptance) == 1:
        yield labelled("Done when:", phase.acceptance[0], facts.allowed)
    else:
        yield f"**Done when**\n\n{bullets(phase.acceptance, '-', facts.allowed)}"


def _risks(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    if not plan.risks:
        yield "No risk stands out."
        return
    number = {phase.key: str(at) for at, phase in enumerate(plan.phases, 1)}
    rows = [
        (each.text, each.likelihood, each.impact, each.mitigation, number.get(each.phase_key, "all"))
        for each in plan.risks
    ]
    said = (
        f"{each.text} Likelihood {each.likelihood}, impact {each.impact}. What is done about it: {each.mitigation}"
        for each in plan.risks
    )
    yield listed(plan, ("Risk", "Likelihood", "Impact", "What is done about it", "Phase"), rows, said, facts)


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
    rows = [(each.name, each.use, each.reason) for each in plan.stack]
    said = (f"**{each.name}** for {each.use}" + (f". {each.reason}" if each.reason else "") for each in plan.stack)
    yield listed(plan, ("Technology", "For", "Why"), rows, said, facts)


# --- the appendix ----------------------------------------------------------------------------------------------------


def _appendix(plan: Plan, facts: RenderFacts) -> Iterable[str]:
    yield folded("How this was made", "\n".join(f"- {line}" for line in _making(facts)))
    if len(facts.versions) > 1:
        rows = [(str(each.number), each.on, each.asked_by, each.because) for each in facts.versions]
        yield folded("Versions", table(("Version", "On", "Asked for by", "Why"), rows, facts.allowed))
    missing = (*facts.left_out, *facts.gaps)
    if missing:
        yield folded("Left out", bullets(dict.fromkeys(missing), "-"))
    if facts.checked is not None:
        yield folded(headline(facts.checked), check_report(plan, facts.checked))


def _making(facts: RenderFacts) -> Iterable[str]:
    who = "the scripted stand-in" if facts.scripted else inline(facts.author)
    agent = f" as {inline(facts.agent)}" if facts.agent else ""
    revision = f" as of {inline(facts.revision)}" if facts.revision else ""
    yield f"Planned by {who}{agent} on {inline(facts.generated_on)}, from {_issue(facts)}{revision}."
    if facts.scripted:
        yield SCRIPTED_LINE
    if facts.commit:
        short = facts.commit[:_COMMIT_CHARS]
        commit = link(short, facts.commit_url) if facts.commit_url else inline(short)
        yield f"Repository: {inline(facts.repository) or 'the planned one'}, read at commit {commit}."
    if facts.cost_usd is not None and not facts.scripted:
        before = f"; the estimate before was ${facts.estimate_usd:.2f}" if facts.estimate_usd is not None else ""
        tokens = f"; {facts.tokens:,} tokens" if facts.tokens else ""
        yield f"Cost: ${facts.cost_usd:.2f}{before}{tokens}."


def _issue(facts: RenderFacts) -> str:
    return link(facts.identifier, facts.issue_url)
