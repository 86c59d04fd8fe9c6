"""Issues around this one: parent, sub-issues, and relations in both directions. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext, LinkedIssue, State

ORDER = 40
LABEL = ("linked issue", "linked issues")

# As Linear shows a relation from its other end.
_INVERSE = {"blocks": "blocked by", "duplicate": "duplicated by"}


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """The parent with its description, then the others by title and state."""
    issue = context.issue
    if issue.parent is not None:
        yield _material("parent", issue.parent, issue.parent.description or "")
    for child in issue.children:
        if child.id in known.ours:
            continue
        yield Material(
            source="linked issue",
            name=f"sub-issue-{child.identifier}",
            title=f"sub-issue {child.identifier}: {child.title}",
            url=child.url,
            text=_with_state(child.state, child.description or ""),
        )
    for relation in issue.relations:
        if relation.related_issue.id not in known.ours:
            yield _material(relation.type, relation.related_issue)
    for relation in issue.inverse_relations:
        if relation.issue.id not in known.ours:
            yield _material(_INVERSE.get(relation.type, relation.type), relation.issue)


def _material(how: str, issue: LinkedIssue, text: str = "") -> Material:
    return Material(
        source="linked issue",
        name=f"{how.replace(' ', '-')}-{issue.identifier}",
        title=f"{how} {issue.identifier}: {issue.title}",
        url=issue.url,
        text=_with_state(issue.state, text),
    )


def _with_state(state: State | None, text: str) -> str:
    return "\n\n".join(part for part in (f"State: {state.name}." if state else "", text) if part)
