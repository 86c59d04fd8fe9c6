"""Making and changing issues, with the checks that Linear makes first. Inputs are GraphQL's.

Each method changes all it is asked to or raises Refusal and changes nothing. To be called under the workspace's lock.
"""

from __future__ import annotations

from collections.abc import Sequence

from linear.sandbox import rules
from linear.sandbox.inputs import Input, estimate, ids, number, priority, text
from linear.sandbox.markdown import rederived
from linear.sandbox.rows import Actor, Issue, State
from linear.sandbox.rules import absent, filled, invalid, unfit
from linear.sandbox.workspace import Workspace


class Issues:
    """What can be done to issues of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create(self, actor: Actor, given: Input) -> Issue:
        """IssueCreateInput."""
        return self.create_many(actor, [given])[0]

    def create_many(self, actor: Actor, given: Sequence[Input]) -> list[Issue]:
        """IssueBatchCreateInput.issues: all of them or none."""
        if not given:
            raise invalid("issues", "arrayMinSize", "issues must contain at least 1 elements")
        if len(given) > rules.BATCH:
            raise invalid("issues", "arrayMaxSize", f"issues must contain no more than {rules.BATCH} elements")
        ids: set[str] = set()
        made: list[Issue] = []
        for each in given:
            issue = self._new_issue(actor, each)
            if issue.id in ids:
                raise rules.conflict("Issue", issue.id)
            ids.add(issue.id)
            made.append(issue)
        for issue in made:
            team = self._workspace.teams[issue.team_id]
            issue.number, team.next_number = team.next_number, team.next_number + 1
            issue.identifier = f"{team.key}-{issue.number}"
            issue.sort_order = -100.0 * issue.number
            self._workspace.insert("Issue", issue, actor)
        return made

    def _new_issue(self, actor: Actor, given: Input) -> Issue:
        """A checked issue that has no number yet and stands nowhere."""
        workspace = self._workspace
        id_ = workspace.fresh_id("Issue", given)
        team = workspace.teams.get(str(given["teamId"]))
        if team is None or not workspace.sees(actor.user, team.id):
            raise absent("Team")
        parent_id = self._parent(actor, given.get("parentId"))
        milestone_id = text(given, "projectMilestoneId")
        project_id = text(given, "projectId")
        self._project(project_id, milestone_id)
        cycle_id = text(given, "cycleId")
        if cycle_id is not None and workspace.one(workspace.cycles, cycle_id, "Cycle").team_id != team.id:
            raise unfit("The cycle is not of the issue's team.")
        now = workspace.clock.now()
        description = text(given, "description")
        return Issue(
            id=id_,
            created_at=now,
            updated_at=now,
            team_id=team.id,
            number=0,
            identifier="",
            title=filled("title", given.get("title"), 255),
            description=None if description is None else rederived(description),
            description_written=description,
            state_id=self._state(team.id, given.get("stateId")).id,
            priority=priority(given),
            estimate=estimate(given),
            label_ids=self._labels(team.id, ids(given, "labelIds")),
            parent_id=parent_id,
            project_id=project_id,
            project_milestone_id=milestone_id,
            cycle_id=cycle_id,
            assignee_id=self._assignee(given),
            creator_id=actor.user.id,
            due_date=text(given, "dueDate"),
            sub_issue_sort_order=number(given, "subIssueSortOrder"),
            subscriber_ids=[] if actor.client_id else [actor.user.id],
        )

    def update(self, actor: Actor, reference: str, given: Input) -> Issue:
        """IssueUpdateInput. What is absent stays; what is null is cleared."""
        workspace = self._workspace
        issue = workspace.issue(reference, actor.user)
        values: dict[str, object] = {}
        if "title" in given:
            values["title"] = filled("title", given["title"], 255)
        if "description" in given:
            description = text(given, "description")
            values["description_written"] = description
            values["description"] = None if description is None else rederived(description)
        if given.get("stateId") is not None:
            values |= self._moved(issue, self._state(issue.team_id, given["stateId"]))
        values |= self._relabelled(issue, given)
        if "parentId" in given:
            values["parent_id"] = self._parent(actor, given["parentId"], below=issue)
        if given.get("priority") is not None:
            values["priority"] = priority(given)
        if "estimate" in given:
            values["estimate"] = estimate(given)
        values |= self._replanned(issue, given)
        if "assigneeId" in given and not self._is_app(given["assigneeId"]):
            values["assignee_id"] = self._assignee(given)
        if "subIssueSortOrder" in given:
            values["sub_issue_sort_order"] = number(given, "subIssueSortOrder")
        if given.get("trashed") is not None:
            self._workspace.bin("Issue", issue, actor, away=bool(given["trashed"]))
        workspace.update("Issue", issue, actor, values)
        return issue

    def _replanned(self, issue: Issue, given: Input) -> dict[str, object]:
        """Project, milestone, cycle and due date."""
        values: dict[str, object] = {}
        for name, column in (("dueDate", "due_date"), ("cycleId", "cycle_id")):
            if name in given:
                values[column] = text(given, name)
        if "projectId" in given or "projectMilestoneId" in given:
            project_id = text(given, "projectId") if "projectId" in given else issue.project_id
            milestone_id = (
                text(given, "projectMilestoneId") if "projectMilestoneId" in given else issue.project_milestone_id
            )
            self._project(project_id, milestone_id)
            values |= {"project_id": project_id, "project_milestone_id": milestone_id}
        return values

    def _moved(self, issue: Issue, state: State) -> dict[str, object]:
        now = self._workspace.clock.now()
        ended = {"completed": "completed_at", "canceled": "canceled_at", "duplicate": "canceled_at"}.get(state.type)
        values: dict[str, object] = {"state_id": state.id, "completed_at": None, "canceled_at": None}
        if state.type == "started" and issue.started_at is None:
            values["started_at"] = now
        if ended is not None:
            values[ended] = getattr(issue, ended) or now
        return values

    def _relabelled(self, issue: Issue, given: Input) -> dict[str, object]:
        """Labels set, added and removed in one call. Labels to remove that it has not count for nothing."""
        if not {"labelIds", "addedLabelIds", "removedLabelIds"} & given.keys():
            return {}
        kept = ids(given, "labelIds") if given.get("labelIds") is not None else list(issue.label_ids)
        removed = set(ids(given, "removedLabelIds"))
        wanted = [each for each in dict.fromkeys([*kept, *ids(given, "addedLabelIds")]) if each not in removed]
        self._labels(issue.team_id, ids(given, "addedLabelIds"))
        return {"label_ids": self._labels(issue.team_id, wanted)}

    def _labels(self, team_id: str, ids: Sequence[str]) -> list[str]:
        """Labels that an issue of the team may carry. Raises Refusal."""
        groups: set[str] = set()
        for id_ in ids:
            label = self._workspace.one(self._workspace.labels, id_, "IssueLabel")
            if label.is_group:
                raise unfit(f"The label '{label.name}' is a group and cannot be applied to issues directly.")
            if label.team_id not in {None, team_id}:
                raise unfit(f"The label '{label.name}' is not associated with the same team as the issue.")
            if label.parent_id is not None and label.parent_id in groups:
                raise unfit("labelIds not exclusive child labels")
            groups |= {label.parent_id} if label.parent_id is not None else set()
        return list(dict.fromkeys(ids))

    def _state(self, team_id: str, given: object) -> State:
        if given is None:
            return self._workspace.default_state(team_id)
        state = self._workspace.one(self._workspace.states, given, "WorkflowState")
        if state.team_id != team_id:
            raise unfit("The state is not of the issue's team.")
        return state

    def _parent(self, actor: Actor, given: object, below: Issue | None = None) -> str | None:
        """A parent that stands and is not the issue itself nor one below it. Raises Refusal."""
        if given is None:
            return None
        parent = self._workspace.issue(str(given), actor.user)
        above, levels = parent, 1
        while True:
            if below is not None and above.id == below.id:
                raise unfit("An issue cannot be its own parent or ancestor.")
            if above.parent_id is None:
                break
            above, levels = self._workspace.issues[above.parent_id], levels + 1
        if levels >= rules.NESTING:
            raise unfit(f"Sub-issues can be nested at most {rules.NESTING} levels deep.")
        return parent.id

    def _project(self, project_id: str | None, milestone_id: str | None) -> None:
        workspace = self._workspace
        if project_id is not None:
            workspace.one(workspace.projects, project_id, "Project")
        if milestone_id is not None:
            milestone = workspace.one(workspace.milestones, milestone_id, "ProjectMilestone")
            if milestone.project_id != project_id:
                raise unfit("The milestone is not of the issue's project.")

    def _assignee(self, given: Input) -> str | None:
        id_ = text(given, "assigneeId")
        if id_ is None or self._is_app(id_):
            return None  # an app cannot be assigned; Linear is reported to say success and change nothing
        return self._workspace.one(self._workspace.users, id_, "User").id

    def _is_app(self, id: object) -> bool:
        user = self._workspace.users.get(str(id))
        return user is not None and user.app
