"""Making and changing comments, documents, relations and labels, with Linear's checks. Inputs are GraphQL's.

Each method changes all it is asked to or raises Refusal and changes nothing. To be called under the workspace's lock.
"""

from __future__ import annotations

import hashlib

from linear.sandbox import rules
from linear.sandbox.inputs import Input, number, text
from linear.sandbox.issues import Issues
from linear.sandbox.markdown import rederived
from linear.sandbox.rows import Actor, Comment, Document, Issue, Label, Reaction, Relation
from linear.sandbox.rules import absent, filled, one_of, unfit
from linear.sandbox.workspace import Change, Workspace


class Writing:
    """What can be done in one workspace. `issues` holds what concerns these."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.issues = Issues(workspace)

    # --- comments and reactions ------------------------------------------------------------------------------------

    def create_comment(self, actor: Actor, given: Input, *, external: str | None = None) -> Comment:
        """CommentCreateInput. `external`: the name of somebody of a connected service who wrote it."""
        workspace = self._workspace
        id_ = workspace.fresh_id("Comment", given)
        body = filled("body", given.get("body"))
        parent = None
        if given.get("parentId") is not None:
            parent = workspace.comment(str(given["parentId"]), actor.user)
            if parent.parent_id is not None:
                raise unfit("The parent comment must be the first of its thread.")
        issue_id = document_id = None
        if given.get("issueId") is None and given.get("documentContentId") is None and parent is not None:
            issue_id, document_id = parent.issue_id, parent.document_id
        elif one_of(given, ("issueId", "documentContentId"), "A comment") == "issueId":
            issue_id = workspace.issue(str(given["issueId"]), actor.user).id
        else:
            document_id = self._document_of(str(given["documentContentId"])).id
        if parent is not None and (parent.issue_id, parent.document_id) != (issue_id, document_id):
            raise unfit("The parent comment hangs on something else.")
        now = workspace.clock.now()
        comment = Comment(
            id=id_,
            created_at=now,
            updated_at=now,
            body=rederived(body),
            body_written=body,
            issue_id=issue_id,
            document_id=document_id,
            parent_id=parent.id if parent else None,
            user_id=None if external else actor.user.id,
            external_name=external,
            quoted_text=text(given, "quotedText"),
        )
        issue = workspace.issues.get(issue_id or "")
        if issue is not None and external is None and not given.get("doNotSubscribeToIssue"):
            issue.subscriber_ids = list(dict.fromkeys([*issue.subscriber_ids, actor.user.id]))
        workspace.insert("Comment", comment, actor)
        return comment

    def _document_of(self, content_id: str) -> Document:
        for each in self._workspace.documents.values():
            if each.content_id == content_id:
                return each
        raise absent("DocumentContent")

    def update_comment(self, actor: Actor, id: str, given: Input) -> Comment:
        """CommentUpdateInput."""
        workspace = self._workspace
        comment = workspace.comment(id, actor.user)
        values: dict[str, object] = {}
        if given.get("body") is not None:
            body = filled("body", given["body"])
            values |= {"body": rederived(body), "body_written": body}
            if values["body"] != comment.body:
                values["edited_at"] = workspace.clock.now()
        if "quotedText" in given:
            values["quoted_text"] = text(given, "quotedText")
        workspace.update("Comment", comment, actor, values)
        return comment

    def create_reaction(self, actor: Actor, given: Input) -> Reaction:
        """ReactionCreateInput. One user's emoji stands once on a thing."""
        workspace = self._workspace
        id_ = workspace.fresh_id("Reaction", given)
        emoji = filled("emoji", given.get("emoji"))
        issue_id = comment_id = None
        if one_of(given, ("issueId", "commentId"), "A reaction") == "issueId":
            issue_id = workspace.issue(str(given["issueId"]), actor.user).id
        else:
            comment_id = workspace.comment(str(given["commentId"]), actor.user).id
        for each in workspace.reactions.values():
            if (each.emoji, each.user_id, each.issue_id, each.comment_id) == (
                emoji,
                actor.user.id,
                issue_id,
                comment_id,
            ):
                raise rules.twice("Reaction", "Reaction already exists.")
        now = workspace.clock.now()
        reaction = Reaction(
            id=id_,
            created_at=now,
            updated_at=now,
            emoji=emoji,
            user_id=actor.user.id,
            issue_id=issue_id,
            comment_id=comment_id,
        )
        workspace.insert("Reaction", reaction, actor)
        return reaction

    # --- documents -------------------------------------------------------------------------------------------------

    def create_document(self, actor: Actor, given: Input) -> Document:
        """DocumentCreateInput: of exactly one issue or project."""
        workspace = self._workspace
        id_ = workspace.fresh_id("Document", given)
        title = filled("title", given.get("title"), 255)
        issue_id = project_id = None
        if one_of(given, ("issueId", "projectId"), "A document") == "issueId":
            issue_id = workspace.issue(str(given["issueId"]), actor.user).id
        else:
            project_id = workspace.one(workspace.projects, given["projectId"], "Project").id
        content = text(given, "content")
        digest = hashlib.sha256(id_.encode()).hexdigest()
        now = workspace.clock.now()
        document = Document(
            id=id_,
            created_at=now,
            updated_at=now,
            title=title,
            slug_id=digest[:12],
            content_id=workspace.new_id(),
            content=None if content is None else rederived(content),
            content_written=content,
            icon=text(given, "icon"),
            color=text(given, "color"),
            sort_order=number(given, "sortOrder") or float(len(workspace.documents)),
            issue_id=issue_id,
            project_id=project_id,
            creator_id=actor.user.id,
            updated_by_id=actor.user.id,
            subscriber_ids=[] if actor.client_id else [actor.user.id],
        )
        workspace.insert("Document", document, actor)
        return document

    def update_document(self, actor: Actor, reference: str, given: Input) -> Document:
        """DocumentUpdateInput: the whole text, and the last write wins."""
        workspace = self._workspace
        document = workspace.document(reference, actor.user)
        values: dict[str, object] = {}
        if given.get("title") is not None:
            values["title"] = filled("title", given["title"], 255)
        if "content" in given:
            content = text(given, "content")
            values |= {"content": None if content is None else rederived(content), "content_written": content}
        for name in ("icon", "color"):
            if name in given:
                values[name] = text(given, name)
        if given.get("sortOrder") is not None:
            values["sort_order"] = number(given, "sortOrder")
        if {"issueId", "projectId"} & given.keys():
            kind = one_of(given, ("issueId", "projectId"), "A document")
            issue_id = workspace.issue(str(given["issueId"]), actor.user).id if kind == "issueId" else None
            project_id = workspace.one(workspace.projects, given["projectId"], "Project").id if not issue_id else None
            values |= {"issue_id": issue_id, "project_id": project_id}
        if given.get("trashed") is not None:
            self._workspace.bin("Document", document, actor, away=bool(given["trashed"]))
        if any(getattr(document, name) != each for name, each in values.items()):
            values["updated_by_id"] = actor.user.id
        workspace.update("Document", document, actor, values)
        return document

    # --- relations and labels --------------------------------------------------------------------------------------

    def create_relation(self, actor: Actor, given: Input) -> Relation:
        """IssueRelationCreateInput. Two issues stand in one relation of a type once."""
        workspace = self._workspace
        id_ = workspace.fresh_id("IssueRelation", given)
        issue = workspace.issue(str(given["issueId"]), actor.user)
        related = workspace.issue(str(given["relatedIssueId"]), actor.user)
        if issue.id == related.id:
            raise unfit("An issue cannot be related to itself.")
        type_ = str(given["type"])
        for each in workspace.relations.values():
            if (each.issue_id, each.related_issue_id, each.type) == (issue.id, related.id, type_):
                raise rules.twice("IssueRelation", "Issue relation already exists.")
        now = workspace.clock.now()
        relation = Relation(
            id=id_, created_at=now, updated_at=now, issue_id=issue.id, related_issue_id=related.id, type=type_
        )
        workspace.insert("IssueRelation", relation, actor)
        return relation

    def create_label(self, actor: Actor, given: Input) -> Label:
        """IssueLabelCreateInput; without `teamId` one of the workspace. A name stands once in each."""
        workspace = self._workspace
        id_ = workspace.fresh_id("IssueLabel", given)
        name = filled("name", given.get("name"), 80)
        team_id = text(given, "teamId")
        if team_id is not None:
            workspace.one(workspace.teams, team_id, "Team")
        if actor.user.guest:
            raise rules.forbidden("Guests cannot create labels.")
        parent_id = text(given, "parentId")
        if parent_id is not None and not workspace.one(workspace.labels, parent_id, "IssueLabel").is_group:
            raise unfit("The parent label is not a group.")
        if any(
            each.name.casefold() == name.casefold() and each.team_id in {None, team_id}
            for each in workspace.labels.values()
        ):
            raise unfit(f"Duplicate label name: a label named '{name}' already exists.")
        now = workspace.clock.now()
        label = Label(
            id=id_,
            created_at=now,
            updated_at=now,
            name=name,
            color=text(given, "color") or "#bec2c8",
            description=text(given, "description"),
            is_group=bool(given.get("isGroup")),
            parent_id=parent_id,
            team_id=team_id,
            creator_id=actor.user.id,
        )
        workspace.insert("IssueLabel", label, actor)
        return label

    def delete_relation(self, actor: Actor, id: str) -> str:
        """It is gone for good; its id stays taken."""
        workspace = self._workspace
        relation = workspace.one(workspace.relations, id, "IssueRelation")
        if not all(
            workspace.sees(actor.user, workspace.issues[each].team_id)
            for each in (relation.issue_id, relation.related_issue_id)
        ):
            raise absent("IssueRelation")
        workspace.erase("IssueRelation", relation.id)
        workspace.tell(Change("IssueRelation", "remove", relation, actor))
        return relation.id

    # --- throwing away ---------------------------------------------------------------------------------------------

    def delete_document(self, actor: Actor, reference: str) -> Document:
        """Into the bin. What is there already stays there."""
        document = self._workspace.document(reference, actor.user)
        self.throw_away(actor, document)
        return document

    def delete_issue(self, actor: Actor, reference: str, given: Input) -> Issue:
        """Into the bin, for 30 days."""
        if given.get("permanentlyDelete"):
            raise rules.forbidden("Only admins can permanently delete issues.")
        issue = self._workspace.issue(reference, actor.user)
        self.throw_away(actor, issue)
        return issue

    def throw_away(self, actor: Actor, row: Issue | Document | Comment, *, away: bool = True) -> None:
        """To the bin, or back. A comment has no bin: it is deleted, and cannot come back."""
        match row:
            case Issue():
                self._workspace.bin("Issue", row, actor, away=away)
            case Document():
                self._workspace.bin("Document", row, actor, away=away)
            case Comment():
                if away and not row.archived_at:
                    row.archived_at = row.updated_at = self._workspace.clock.now()
                    self._workspace.tell(Change("Comment", "remove", row, actor))
