"""What histories tell: of an issue every change after its creation, of a document every text it was given."""

from __future__ import annotations

from collections.abc import Mapping

from linear.sandbox.rows import Document, DocumentHistory, Issue, IssueHistory
from linear.sandbox.workspace import Change, Workspace

_UNTOLD = {"updatedAt", "sortOrder", "subIssueSortOrder", "startedAt", "completedAt", "canceledAt"}
"""What changes without an entry, or only together with what has one."""


def remember(workspace: Workspace) -> None:
    """From now on changes of issues and documents go into their histories. To be called once for a workspace."""

    def changed(change: Change) -> None:
        issue = change.row
        if isinstance(issue, Document):
            _remember_text(workspace, issue, change)
            return
        if not isinstance(issue, Issue) or change.action == "create":
            return
        if change.action == "update" and change.before.keys() <= _UNTOLD:
            return
        workspace.histories.setdefault(issue.id, []).append(_entry(workspace, issue, change))

    workspace.listen(changed)


def _remember_text(workspace: Workspace, document: Document, change: Change) -> None:
    if change.action == "create" or "content" in change.before:
        workspace.document_histories.setdefault(document.content_id, []).append(
            DocumentHistory(
                id=workspace.new_id(),
                created_at=document.updated_at,
                updated_at=document.updated_at,
                document_content_id=document.content_id,
                actor_ids=[change.actor.user.id],
                content_data_snapshot_at=document.updated_at,
            )
        )


def _entry(workspace: Workspace, issue: Issue, change: Change) -> IssueHistory:
    before = change.before
    entry = IssueHistory(
        id=workspace.new_id(),
        created_at=issue.updated_at,
        updated_at=issue.updated_at,
        issue_id=issue.id,
        actor_id=None if change.actor.bot else change.actor.user.id,
        bot_name=change.actor.bot,
        updated_description=True if "description" in before else None,
    )
    if "labelIds" in before:
        had = _ids(before)
        entry.added_label_ids = [each for each in issue.label_ids if each not in had] or None
        entry.removed_label_ids = [each for each in had if each not in issue.label_ids] or None
    if "title" in before:
        entry.from_title, entry.to_title = str(before["title"]), issue.title
    if "stateId" in before:
        entry.from_state_id, entry.to_state_id = str(before["stateId"]), issue.state_id
    return entry


def _ids(before: Mapping[str, object]) -> list[str]:
    had = before["labelIds"]
    return [str(each) for each in had] if isinstance(had, list) else []  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType] - a copy of a row's own list of ids
