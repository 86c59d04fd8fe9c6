"""From a phase to a sub-issue that stands on its own, and back to the phase's key. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.document import days
from planner.facts import SCRIPTED_LINE, RenderFacts
from planner.markdown import bullets, code, inline, link, prose
from planner.plan import MAX_TITLE, Phase, Plan

# Linear gives back Markdown derived anew: bullets, escapes and blank lines may differ from what was written.
_KEY_LINE = re.compile(r"^[^\w\n]*Phase key:[\s*_\\]*`?\s*([a-z0-9]+(?:\\?-[a-z0-9]+)*)\s*`?[\s*_\\]*$", re.MULTILINE)
_SENTENCE = re.compile(r".*?[.!?。！？](?=\s|$)|.+", re.DOTALL)  # noqa: RUF001 - full stops of other scripts
_CONTEXT_CHARS = 400


def sub_issue_title(phase: Phase) -> str:
    """The title: one line of at most 80 characters."""
    return " ".join(phase.title.split())[:MAX_TITLE]


def sub_issue(plan: Plan, phase: Phase, facts: RenderFacts) -> str:
    """The description: what whoever picks it up needs, without the plan at hand. Its last line holds the key."""
    parts = [prose(phase.goal, facts.allowed), _context(plan, facts)]
    parts.append(f"## Tasks\n\n{bullets(phase.tasks, '- [ ]', facts.allowed)}")
    parts.append(f"## Done when\n\n{bullets(phase.acceptance, '- [ ]', facts.allowed)}")
    touched = list(_touched(plan, phase))
    if touched:
        parts.append(f"## What it touches\n\n{bullets(touched, '-', facts.allowed)}")
    wanted = [f"{each.id}: {each.text}" for each in plan.requirements if each.id in phase.requirement_ids]
    if wanted:
        parts.append(f"## Delivers\n\n{bullets(wanted, '-', facts.allowed)}")
    titles = {each.key: each.title for each in plan.phases}
    before = [titles[key] for key in phase.depends_on]
    parts.append(f"**Waits for:** {'; '.join(inline(each) for each in before) or 'nothing'}")
    parts.append(f"**Estimate:** {days(phase.days)}")
    if facts.scripted:
        parts.append(SCRIPTED_LINE)
    parts.append(f"Phase key: `{phase.key}`")
    return "\n\n".join(part for part in parts if part.strip())


def phase_key_in(text: str) -> str | None:
    """The key of the phase that a sub-issue's description was written for, also as Linear gives it back."""
    found = _KEY_LINE.findall(text)
    return found[-1].replace("\\", "") if found else None


def _context(plan: Plan, facts: RenderFacts) -> str:
    # Two lines: where it belongs, and what the whole is about.
    issue = link(facts.identifier, facts.issue_url)
    whole = link(plan.title, facts.document_url) if facts.document_url else inline(plan.title)
    first = _SENTENCE.match(" ".join(plan.summary.split()))
    about = first[0].strip() if first else ""
    if len(about) > _CONTEXT_CHARS:
        about = f"{about[: _CONTEXT_CHARS - 3].rstrip()}..."
    return f"Part of the plan {whole} for {issue}.\n\n{inline(about, facts.allowed)}".strip()


def _touched(plan: Plan, phase: Phase) -> Iterable[str]:
    for each in plan.services:
        if each.id in phase.service_ids:
            runs_on = f" ({each.aws_service})" if each.aws_service else ""
            yield f"Service **{each.name}**{runs_on}: {each.responsibility}"
    for each in plan.api.operations:
        if each.id in phase.operation_ids:
            who = f" Who may: {each.auth}" if each.auth else ""
            yield f"{each.method} {code(each.path)}: {each.summary}{who}"
    for each in plan.database.tables:
        if each.id in phase.table_ids:
            columns = ", ".join(code(f"{column.name} {column.type}") for column in each.columns)
            yield f"Table {code(each.name)}: {each.purpose}" + (f" Columns: {columns}." if columns else "")
