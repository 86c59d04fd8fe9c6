"""Issues around this one: those above it, beside it and under it, and relations in both directions. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.sources import Known
    from linear.models import Ancestor, ChildIssue, IssueContext, LinkedIssue, State

ORDER = 40
LABEL = ("linked issue", "linked issues")

# As Linear shows a relation from its other end.
_INVERSE = {"blocks": "blocked by", "duplicate": "duplicated by"}


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """Parents with their descriptions, the nearest first; siblings as one list; sub-issues; relations.

    Left out is what the bot made, and what lies in a team that not everyone who reads the plan may see.
    """
    issue = context.issue

    def shown(other: LinkedIssue | ChildIssue) -> bool:
        return other.id not in known.ours and _is_open(other, issue.team.id)

    yield from _above(issue.parent, shown)
    if issue.parent is not None:
        beside = [each for each in issue.parent.children if each.id != issue.id and shown(each)]
        if beside:
            yield Material(
                source="sibling",
                name="siblings",
                title=f"other sub-issues of {issue.parent.identifier}",
                text="\n".join(map(_line, beside)),
            )
    for child in filter(shown, issue.children):
        yield _material("child", "sub-issue", child, child.description or "")
    for relation in issue.relations:
        if shown(relation.related_issue):
            yield _material("relation", relation.type, relation.related_issue)
    for relation in issue.inverse_relations:
        if shown(relation.issue):
            yield _material("relation", _INVERSE.get(relation.type, relation.type), relation.issue)


def left_out(context: IssueContext, known: Known) -> Iterator[str]:
    """How many were held back, and why, for the plan's appendix. Nothing more is said of them."""
    issue = context.issue
    around: list[LinkedIssue | ChildIssue] = [*issue.children]
    around += (each.related_issue for each in issue.relations)
    around += (each.issue for each in issue.inverse_relations)
    parent = issue.parent
    around += parent.children if parent is not None else ()
    while parent is not None:
        around.append(parent)
        parent = parent.parent
    held = {each.id for each in around if not _is_open(each, issue.team.id)} - known.ours - {issue.id}
    if held:
        yield f"{len(held)} linked issue{'s' if len(held) != 1 else ''}: not visible to everyone here"


def _is_open(other: LinkedIssue | ChildIssue, team_id: str) -> bool:
    """Whether who reads this issue may read that one, too."""
    # Any other visibility than public, also one that is new, may hide the team from readers of this issue.
    team = other.team
    return team is not None and (team.id == team_id or team.visibility == "public")


def _above(parent: Ancestor | None, shown: Callable[[Ancestor], bool]) -> Iterator[Material]:
    how = "parent"
    while parent is not None:
        if shown(parent):
            yield _material("parent", how, parent, parent.description or "")
        how, parent = "ancestor", parent.parent


def _material(kind: str, how: str, issue: LinkedIssue | ChildIssue, text: str = "") -> Material:
    return Material(
        source=kind,
        name=f"{how.replace(' ', '-')}-{issue.identifier}",
        title=f"{how} {issue.identifier}: {issue.title}",
        url=issue.url,
        text=_with_state(issue.state, text),
    )


def _line(issue: LinkedIssue) -> str:
    state = f" ({issue.state.name})" if issue.state else ""
    return f"- {issue.identifier}{state}: {' '.join(issue.title.split())} {issue.url}".rstrip()


def _with_state(state: State | None, text: str) -> str:
    return "\n\n".join(part for part in (f"State: {state.name}." if state else "", text) if part)
