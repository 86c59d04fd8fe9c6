"""The fields of rows by Linear's names: what belongs to what, and what whoever asks may see of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from linear.sandbox.listing import PRIORITIES, Listing
from linear.sandbox.rows import (
    Comment,
    Document,
    Issue,
    IssueHistory,
    Label,
    Project,
    Reaction,
    Relation,
    Row,
    Team,
    User,
)
from linear.sandbox.rules import absent, forbidden
from linear.sandbox.workspace import Workspace

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


class Reading:
    """One user's view of a workspace."""

    def __init__(self, workspace: Workspace, user: User) -> None:
        self.workspace = workspace
        self.user = user
        self.listing = Listing(workspace, user)

    def look(self, row: object, name: str) -> object:
        """A field of a row: a value, a row, None, or a list of rows."""
        related = self._related(row)
        if name in related:
            return related[name]()
        if name == "url" and isinstance(row, User | Issue | Document | Project | Comment):
            return self.workspace.url(row)
        return getattr(row, _HUMP.sub("_", name).lower())

    # --- lists that can be asked for -------------------------------------------------------------------------------

    def issues(self) -> list[Row]:
        """All issues that may be seen."""
        return [each for each in self.workspace.issues.values() if self._sees(each.team_id)]

    def documents(self) -> list[Row]:
        """All documents that may be seen."""
        return [each for each in self.workspace.documents.values() if self.workspace.sees_document(self.user, each)]

    def comments(self) -> list[Row]:
        """All comments that may be seen."""
        return [each for each in self.workspace.comments.values() if self.workspace.sees_comment(self.user, each)]

    def teams(self) -> list[Row]:
        """All teams that may be seen."""
        return [each for each in self.workspace.teams.values() if self._sees(each.id)]

    def labels(self) -> list[Row]:
        """Labels of the workspace and of teams that may be seen."""
        return [each for each in self.workspace.labels.values() if each.team_id is None or self._sees(each.team_id)]

    def document_history(self, content_id: str) -> Mapping[str, object]:
        """DocumentContentHistoryPayload of a document that may be seen. Raises Refusal."""
        for each in self.workspace.documents.values():
            if each.content_id == content_id and self.workspace.sees_document(self.user, each):
                return {"success": True, "history": list(self.workspace.document_histories.get(content_id, []))}
        raise absent("DocumentContent")

    def webhooks(self) -> list[Row]:
        """The workspace's webhook, for admins. Raises Refusal for all others and for apps."""
        if self.user.app or not self.user.admin:
            raise forbidden("You do not have access to webhooks.")
        return [each for each in self.workspace.webhooks.values() if each.url is not None]

    # --- what belongs to what --------------------------------------------------------------------------------------

    def _related(self, row: object) -> Mapping[str, Callable[[], object]]:
        match row:
            case Issue():
                return self._of_issue(row)
            case Comment():
                return self._of_comment(row)
            case Document():
                return self._of_document(row)
            case IssueHistory():
                return {
                    "actor": lambda: self.workspace.users.get(row.actor_id or ""),
                    "botActor": lambda: _bot(row.bot_name),
                }
            case _:
                return {**self.listing.related(row), **self._of_another(row)}

    def _of_another(self, row: object) -> Mapping[str, Callable[[], object]]:
        match row:
            case Team():
                return {
                    "defaultIssueState": lambda: self.workspace.default_state(row.id),
                    "issues": lambda: [each for each in self.workspace.issues.values() if each.team_id == row.id],
                    "states": lambda: list[Row](self.workspace.states_of(row.id)),
                }
            case Label():
                return {
                    "team": lambda: self.workspace.teams.get(row.team_id or ""),
                    "parent": lambda: self.workspace.labels.get(row.parent_id or ""),
                }
            case Relation():
                return {
                    "issue": lambda: self.workspace.issues[row.issue_id],
                    "relatedIssue": lambda: self.workspace.issues[row.related_issue_id],
                }
            case Project():
                return {
                    "status": lambda: self.workspace.statuses[row.status_id],
                    "lead": lambda: self.workspace.users.get(row.lead_id or ""),
                    "documents": lambda: [each for each in self.documents() if _of(each, "project_id", row.id)],
                }
            case Reaction():
                return {"user": lambda: self.workspace.users.get(row.user_id)}
            case _:
                return {}

    def _of_issue(self, row: Issue) -> Mapping[str, Callable[[], object]]:
        workspace = self.workspace
        return {
            "team": lambda: workspace.teams[row.team_id],
            "state": lambda: workspace.states[row.state_id],
            "priorityLabel": lambda: PRIORITIES[row.priority],
            "previousIdentifiers": list[str],
            "parent": lambda: self._seen(workspace.issues.get(row.parent_id or "")),
            "project": lambda: workspace.projects.get(row.project_id or ""),
            "projectMilestone": lambda: workspace.milestones.get(row.project_milestone_id or ""),
            "cycle": lambda: workspace.cycles.get(row.cycle_id or ""),
            "creator": lambda: workspace.users.get(row.creator_id or ""),
            "assignee": lambda: workspace.users.get(row.assignee_id or ""),
            "labels": lambda: [workspace.labels[each] for each in row.label_ids],
            "children": lambda: [each for each in workspace.children_of(row.id) if self._sees(each.team_id)],
            "comments": lambda: [
                each for each in workspace.comments.values() if each.issue_id == row.id and not each.archived_at
            ],
            "documents": lambda: [each for each in workspace.documents.values() if each.issue_id == row.id],
            "history": lambda: list[Row](workspace.histories.get(row.id, [])),
            "attachments": lambda: [each for each in workspace.attachments.values() if each.issue_id == row.id],
            "reactions": lambda: [each for each in workspace.reactions.values() if each.issue_id == row.id],
            "relations": lambda: [
                each
                for each in workspace.relations.values()
                if each.issue_id == row.id and self._sees(workspace.issues[each.related_issue_id].team_id)
            ],
            "inverseRelations": lambda: [
                each
                for each in workspace.relations.values()
                if each.related_issue_id == row.id and self._sees(workspace.issues[each.issue_id].team_id)
            ],
        }

    def _of_comment(self, row: Comment) -> Mapping[str, Callable[[], object]]:
        workspace = self.workspace
        return {
            "user": lambda: workspace.users.get(row.user_id or ""),
            "botActor": lambda: _bot(row.bot_name),
            "externalUser": lambda: (
                None if row.external_name is None else {"id": f"external-{row.id}", "name": row.external_name}
            ),
            "issue": lambda: workspace.issues.get(row.issue_id or ""),
            "parent": lambda: workspace.comments.get(row.parent_id or ""),
        }

    def _of_document(self, row: Document) -> Mapping[str, Callable[[], object]]:
        workspace = self.workspace
        return {
            "issue": lambda: workspace.issues.get(row.issue_id or ""),
            "project": lambda: workspace.projects.get(row.project_id or ""),
            "team": lambda: workspace.teams.get(row.team_id or ""),
            "creator": lambda: workspace.users.get(row.creator_id or ""),
            "updatedBy": lambda: workspace.users.get(row.updated_by_id or ""),
            "documentContentId": lambda: row.content_id,
            "comments": lambda: [
                each for each in self.workspace.comments.values() if each.document_id == row.id and not each.archived_at
            ],
        }

    def _sees(self, team_id: str) -> bool:
        return self.workspace.sees(self.user, team_id)

    def _seen(self, issue: Issue | None) -> Issue | None:
        return issue if issue is not None and self._sees(issue.team_id) else None


def _bot(name: str | None) -> Mapping[str, object] | None:
    return None if name is None else {"id": None, "type": "bot", "name": name}


def _of(row: Row, column: str, wanted: str) -> bool:
    return getattr(row, column) == wanted
