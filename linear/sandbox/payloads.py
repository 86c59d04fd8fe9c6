"""What Linear's webhooks say of a change: EntityWebhookPayload and the data of each type. No I/O.

Shapes follow the types that Linear publishes with its SDK; the tests hold them against examples key by key.
"""

from __future__ import annotations

from collections.abc import Mapping

from linear.ids import stable_id
from linear.sandbox.reading import PRIORITIES
from linear.sandbox.rows import Actor, Comment, Document, Issue, Label, Row, Team, User
from linear.sandbox.workspace import Change, Workspace

_UNTOLD = {"Document": {"content", "updatedById"}, "Issue": {"sortOrder"}}
"""Fields that change without a word of what they were before."""


def payload(workspace: Workspace, change: Change, webhook_id: str) -> dict[str, object] | None:
    """The body of the delivery, without its `webhookTimestamp`; None for types that nobody is told of here."""
    row = change.row
    match row:
        case Issue():
            data, url = _issue(workspace, row), workspace.url(row)
        case Comment():
            data, url = _comment(workspace, row), workspace.url(row)
        case Document():
            data, url = _document(row), workspace.url(row)
        case Label():
            data, url = _label(row), None
        case _:
            return None
    made: dict[str, object] = {
        "action": change.action,
        "actor": _outsider(row) or _actor(workspace, change.actor),
        "createdAt": row.updated_at,
        "data": data,
        "url": url,
        "type": change.entity,
        "organizationId": workspace.organization.id,
        "webhookId": webhook_id,
    }
    if change.action == "update":
        untold = _UNTOLD.get(change.entity, set())
        made["updatedFrom"] = {name: each for name, each in change.before.items() if name not in untold}
    return made


def _actor(workspace: Workspace, actor: Actor) -> dict[str, object]:
    if actor.bot is not None:
        return {"id": stable_id("sandbox", "integration", actor.bot), "service": actor.bot, "type": "Integration"}
    if actor.client_id is not None:
        return {"id": actor.client_id, "name": actor.user.name, "type": "OauthClient"}
    user = _user(workspace, actor.user)
    return {"id": user["id"], "type": "user", **{name: each for name, each in user.items() if name != "id"}}


def _outsider(row: Row) -> dict[str, object] | None:
    """Who wrote a comment from a connected service: no user of the workspace."""
    if not isinstance(row, Comment) or row.external_name is None:
        return None
    return {"id": f"external-{row.id}", "type": "ExternalUser", "name": row.external_name, "email": None}


def _user(workspace: Workspace, user: User) -> dict[str, object]:
    return {"id": user.id, "name": user.name, "email": user.email, "avatarUrl": None, "url": workspace.url(user)}


def _user_of(workspace: Workspace, id: str | None) -> dict[str, object] | None:
    user = workspace.users.get(id or "")
    return None if user is None else _user(workspace, user)


def _team(team: Team) -> dict[str, object]:
    return {"id": team.id, "key": team.key, "name": team.name}


def _row(row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
        "archivedAt": row.archived_at,
    }


def _issue(workspace: Workspace, issue: Issue) -> dict[str, object]:
    state = workspace.states[issue.state_id]
    project = workspace.projects.get(issue.project_id or "")
    milestone = workspace.milestones.get(issue.project_milestone_id or "")
    cycle = workspace.cycles.get(issue.cycle_id or "")
    unset = (
        "startedTriageAt triagedAt autoClosedAt autoArchivedAt snoozedUntilAt slaStartedAt slaMediumRiskAt"
        " slaHighRiskAt slaBreachesAt slaType addedToCycleAt addedToProjectAt lastAppliedTemplateId"
        " recurringIssueTemplateId externalUserCreatorId delegateId sourceCommentId integrationSourceType botActor"
        " syncedWith descriptionData externalUserCreator delegate"
    )
    return {
        **_row(issue),
        **dict.fromkeys(unset.split()),
        "number": issue.number,
        "identifier": issue.identifier,
        "title": issue.title,
        "priority": issue.priority,
        "priorityLabel": PRIORITIES[issue.priority],
        "estimate": issue.estimate,
        "sortOrder": issue.sort_order,
        "prioritySortOrder": issue.sort_order,
        "startedAt": issue.started_at,
        "completedAt": issue.completed_at,
        "canceledAt": issue.canceled_at,
        "dueDate": issue.due_date,
        "addedToTeamAt": issue.created_at,
        "trashed": issue.trashed,
        "labelIds": list(issue.label_ids),
        "teamId": issue.team_id,
        "cycleId": issue.cycle_id,
        "projectId": issue.project_id,
        "projectMilestoneId": issue.project_milestone_id,
        "previousIdentifiers": [],
        "creatorId": issue.creator_id,
        "assigneeId": issue.assignee_id,
        "stateId": issue.state_id,
        "parentId": issue.parent_id,
        "subIssueSortOrder": issue.sub_issue_sort_order,
        "subscriberIds": list(issue.subscriber_ids),
        "reactionData": {},
        "url": workspace.url(issue),
        "description": issue.description,
        "creator": _user_of(workspace, issue.creator_id),
        "assignee": _user_of(workspace, issue.assignee_id),
        "state": {"id": state.id, "color": state.color, "name": state.name, "type": state.type},
        "team": _team(workspace.teams[issue.team_id]),
        "labels": [_marking(workspace.labels[each]) for each in issue.label_ids],
        "cycle": None
        if cycle is None
        else {
            "id": cycle.id,
            "number": cycle.number,
            "name": cycle.name,
            "startsAt": cycle.starts_at,
            "endsAt": cycle.ends_at,
        },
        "project": None if project is None else {"id": project.id, "name": project.name, "url": workspace.url(project)},
        "projectMilestone": None
        if milestone is None
        else {"id": milestone.id, "name": milestone.name, "targetDate": milestone.target_date},
        "releases": [],
    }


def _marking(label: Label) -> dict[str, object]:
    return {"id": label.id, "color": label.color, "name": label.name, "parentId": label.parent_id}


def _comment(workspace: Workspace, comment: Comment) -> dict[str, object]:
    issue = workspace.issues.get(comment.issue_id or "")
    document = workspace.documents.get(comment.document_id or "")
    parent = workspace.comments.get(comment.parent_id or "")
    hangs = dict.fromkeys(["projectId", "projectUpdateId", "initiativeId", "initiativeUpdateId", "postId"])
    return {
        **_row(comment),
        **hangs,
        "body": comment.body,
        "issueId": comment.issue_id,
        "documentContentId": document.content_id if document else None,
        "parentId": comment.parent_id,
        "parent": None if parent is None else _parent(workspace, parent),
        "resolvedAt": comment.resolved_at,
        "resolvingCommentId": None,
        "resolvingUserId": None,
        "editedAt": comment.edited_at,
        "quotedText": comment.quoted_text,
        "userId": comment.user_id,
        "externalUserId": f"external-{comment.id}" if comment.external_name else None,
        "botActor": comment.bot_name,
        "syncedWith": None,
        "reactionData": {},
        "user": _user_of(workspace, comment.user_id),
        "externalUser": _external(comment),
        "issue": None if issue is None else _issue_of_comment(workspace, issue),
        "projectUpdate": None,
        "initiativeUpdate": None,
        "documentContent": None if document is None else _document_of_comment(document),
    }


def _parent(workspace: Workspace, parent: Comment) -> dict[str, object]:
    document = workspace.documents.get(parent.document_id or "")
    return {
        "id": parent.id,
        "body": parent.body,
        "documentContentId": document.content_id if document else None,
        "initiativeId": None,
        "initiativeUpdateId": None,
        "issueId": parent.issue_id,
        "projectId": None,
        "projectUpdateId": None,
        "userId": parent.user_id,
    }


def _external(comment: Comment) -> Mapping[str, object] | None:
    if comment.external_name is None:
        return None
    return {"id": f"external-{comment.id}", "name": comment.external_name, "email": None, "avatarUrl": None}


def _issue_of_comment(workspace: Workspace, issue: Issue) -> dict[str, object]:
    return {
        "id": issue.id,
        "title": issue.title,
        "identifier": issue.identifier,
        "url": workspace.url(issue),
        "teamId": issue.team_id,
        "team": _team(workspace.teams[issue.team_id]),
    }


def _document_of_comment(document: Document) -> dict[str, object]:
    return {
        "document": {
            "id": document.id,
            "title": document.title,
            "projectId": document.project_id,
            "project": None,
            "initiativeId": None,
            "initiative": None,
        },
        "project": None,
    }


def _document(document: Document) -> dict[str, object]:
    return {
        **_row(document),
        "title": document.title,
        "description": None,
        "content": document.content,
        "icon": document.icon,
        "color": document.color,
        "slugId": document.slug_id,
        "projectId": document.project_id,
        "initiativeId": None,
        "resourceFolderId": None,
        "lastAppliedTemplateId": None,
        "creatorId": document.creator_id,
        "updatedById": document.updated_by_id,
        "hiddenAt": None,
        "sortOrder": document.sort_order,
        "subscriberIds": list(document.subscriber_ids),
        "trashed": document.trashed,
    }


def _label(label: Label) -> dict[str, object]:
    return {
        **_row(label),
        "name": label.name,
        "description": label.description,
        "color": label.color,
        "isGroup": label.is_group,
        "parentId": label.parent_id,
        "teamId": label.team_id,
        "creatorId": label.creator_id,
        "inheritedFromId": None,
    }
