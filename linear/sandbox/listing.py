"""What lists beside issues answer: projects, cycles, states, labels of projects, members of teams."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from linear.sandbox.rows import Cycle, Project, ProjectLabel, Row, State, Team, User
from linear.sandbox.rules import absent
from linear.sandbox.workspace import Workspace

PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")


class Listing:
    """One user's view of them."""

    def __init__(self, workspace: Workspace, user: User) -> None:
        self._workspace = workspace
        self._user = user

    def cycles(self) -> list[Row]:
        """Cycles of teams that may be seen."""
        return [each for each in self._workspace.cycles.values() if self._sees(each.team_id)]

    def projects(self) -> list[Row]:
        """Projects of which a team may be seen. Trashed ones are archived, too."""
        return [each for each in self._workspace.projects.values() if self._workspace.sees_project(self._user, each)]

    def project(self, reference: str) -> Project:
        """By id or by the end of its address. Raises Refusal."""
        for each in self._workspace.projects.values():
            known = {each.id, each.slug_id, self._workspace.url(each).rpartition("/")[2]}
            if reference in known and self._workspace.sees_project(self._user, each):
                return each
        raise absent("Project")

    def project_labels(self) -> list[Row]:
        """Labels that projects carry. They are the workspace's."""
        return list[Row](self._workspace.project_labels.values())

    def states(self) -> list[Row]:
        """States of teams that may be seen."""
        return [each for each in self._workspace.states.values() if self._sees(each.team_id)]

    def related(self, row: object) -> Mapping[str, Callable[[], object]]:
        """What belongs to a row of these, by Linear's names."""
        workspace = self._workspace
        match row:
            case Team():
                return {
                    "members": lambda: [
                        each for each in workspace.users.values() if each.id in row.member_ids and each.active
                    ]
                }
            case State():
                return {"team": lambda: workspace.teams[row.team_id]}
            case Cycle():
                return self._of_cycle(row)
            case Project():
                return {
                    "labels": lambda: [workspace.project_labels[each] for each in row.label_ids],
                    "priorityLabel": lambda: PRIORITIES[row.priority],
                    "projectMilestones": lambda: [
                        each for each in workspace.milestones.values() if each.project_id == row.id
                    ],
                    "teams": lambda: [workspace.teams[each] for each in row.team_ids if self._sees(each)],
                    "accessibleTeams": lambda: [workspace.teams[each] for each in row.team_ids if self._sees(each)],
                }
            case ProjectLabel():
                return {"parent": lambda: workspace.project_labels.get(row.parent_id or "")}
            case _:
                return {}

    def _of_cycle(self, row: Cycle) -> Mapping[str, Callable[[], object]]:
        workspace = self._workspace
        return {
            "team": lambda: workspace.teams[row.team_id],
            "isActive": lambda: row.starts_at <= workspace.clock.now() < row.ends_at,
            "isNext": lambda: row is self._beside(row.team_id, after=True),
            "isPrevious": lambda: row is self._beside(row.team_id, after=False),
            "progress": lambda: self._progress(row),
        }

    def _beside(self, team_id: str, *, after: bool) -> Cycle | None:
        """The team's first cycle to come, or its last that is over."""
        now = self._workspace.clock.now()
        own = sorted(
            (each for each in self._workspace.cycles.values() if each.team_id == team_id),
            key=lambda each: each.starts_at,
        )
        if after:
            return next((each for each in own if each.starts_at > now), None)
        return next((each for each in reversed(own) if each.ends_at <= now), None)

    def _progress(self, row: Cycle) -> float:
        """The share of its issues that are done, 0 to 1; Linear reckons with estimates, too."""
        issues = [each for each in self._workspace.issues.values() if each.cycle_id == row.id]
        return sum(each.completed_at is not None for each in issues) / len(issues) if issues else 0.0

    def _sees(self, team_id: str) -> bool:
        return self._workspace.sees(self._user, team_id)
