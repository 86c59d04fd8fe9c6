"""From a plan to the writes that post it. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standing import id_of
from linear.writes import CreateDocument, CreateIssues, NewIssue, NewRelation, RelateIssues, SwapLabels
from planner.render import RenderFacts, document, sub_issue, sub_issue_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    order = {phase.key: number for number, phase in enumerate(plan.phases, start=1)}
    return CreateIssues(
        issues=tuple(
            NewIssue(
                id=ids[phase.key],
                team_id=place.team_id,
                parent_id=place.issue_id,
                title=sub_issue_title(phase),
                description=sub_issue(plan, phase, facts),
                state_id=place.state_id,
                priority=place.priority,
                project_id=place.project_id,
                project_milestone_id=place.project_milestone_id,
                sub_issue_sort_order=order[phase.key] * _ORDER_STEP,
            )
            for phase in phases
        )
    )


def relations_write(place: Place, plan: Plan, ids: Mapping[str, str]) -> RelateIssues:
    """`blocks` from each phase to those that depend on it. `ids`: sub-issues by phase key; others are left out."""
    return RelateIssues(
        relations=tuple(
            NewRelation(
                # From both ends' ids: a sub-issue made again gets relations of its own.
                id=id_of(place.organization_id, place.issue_id, "relation", f"{ids[before]}>{ids[phase.key]}", 0),
                issue_id=ids[before],
                related_issue_id=ids[phase.key],
            )
            for phase in plan.phases
            if phase.key in ids
            for before in phase.depends_on
            if before in ids
        )
    )


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
