"""From a plan to the writes that post it. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linear.writes import CreateDocument, CreateIssues, NewIssue, SwapLabels
from planner.render import RenderFacts, document, sub_issue, sub_issue_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.gather import Place
    from planner.plan import Phase, Plan

# Linear sorts ascending; the gaps leave room for people's own sub-issues.
_ORDER_STEP = 1000.0


def document_write(place: Place, plan: Plan, facts: RenderFacts, id: str) -> CreateDocument:
    """The plan document, titled as the contract says."""
    return CreateDocument(id=id, issue_id=place.issue_id, title=f"Plan: {place.title}", content=document(plan, facts))


def phases_to_create(plan: Plan, most: int) -> Sequence[Phase]:
    """The phases that become sub-issues: none of a plan of one phase, and never more than `most`."""
    return plan.phases[:most] if len(plan.phases) > 1 else ()


def subissues_write(
    place: Place, plan: Plan, facts: RenderFacts, phases: Sequence[Phase], ids: Mapping[str, str]
) -> CreateIssues:
    """One sub-issue per phase, in order. `ids`: by phase key.

    They take the team's default state (left out, Linear would put them in triage), the issue's priority, project and
    milestone, and no assignee, cycle or label.
    """
    order = orders(plan)
    texts = drafts(plan, phases, facts)
    return CreateIssues(
        issues=tuple(
            NewIssue(
                id=ids[phase.key],
                team_id=place.team_id,
                parent_id=place.issue_id,
                title=texts[phase.key].title,
                description=texts[phase.key].description,
                state_id=place.state_id,
                priority=place.priority,
                project_id=place.project_id,
                project_milestone_id=place.project_milestone_id,
                sub_issue_sort_order=order[phase.key],
            )
            for phase in phases
        )
    )


class SubIssueText(NamedTuple):
    """What a phase's sub-issue says."""

    title: str
    description: str


def drafts(plan: Plan, phases: Iterable[Phase], facts: RenderFacts) -> dict[str, SubIssueText]:
    """What the sub-issues of these phases say, by phase key, in order."""
    return {phase.key: SubIssueText(sub_issue_title(phase), sub_issue(plan, phase, facts)) for phase in phases}


def orders(plan: Plan) -> dict[str, float]:
    """Where each phase's sub-issue stands among its siblings, by phase key."""
    return {phase.key: number * _ORDER_STEP for number, phase in enumerate(plan.phases, start=1)}


def edges(plan: Plan, ids: Mapping[str, str], linked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Which issue blocks which: each phase those that depend on it. `ids`: sub-issues by phase key.

    `linked`: issues of people's that cover a phase. They may block a sub-issue of ours; nothing of ours blocks them.
    """
    known = {**linked, **ids}
    return [
        (known[before], ids[phase.key])
        for phase in plan.phases
        if phase.key in ids
        for before in phase.depends_on
        if before in known
    ]


def done_labels(place: Place, done_label: str | None) -> SwapLabels:
    """The trigger and `plan-failed` off, `planned` on (if there is such a label)."""
    off = [*place.trigger_labels, *([place.failed_label] if place.failed_label and place.failed_is_on else [])]
    return SwapLabels(issue_id=place.issue_id, added=(done_label,) if done_label else (), removed=tuple(off))


def labels_off(issue_id: str, labels: Sequence[str]) -> SwapLabels:
    """These off and nothing on: nobody waits for a plan any more."""
    return SwapLabels(issue_id=issue_id, removed=tuple(labels))


def failed_labels(place: Place, failed_label: str | None) -> SwapLabels:
    """The trigger off, `plan-failed` on; an issue whose earlier plan stands stays `planned`."""
    added = (failed_label,) if failed_label and not place.done_is_on else ()
    return SwapLabels(issue_id=place.issue_id, added=added, removed=place.trigger_labels)
