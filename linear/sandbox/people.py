"""What people do in the workspace: press a label, comment, edit, throw away. Told by webhooks like all else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from linear.sandbox.rows import Actor, Comment, Document, Issue, User
from linear.sandbox.rules import Refusal, absent
from linear.sandbox.workspace import Workspace
from linear.sandbox.writing import Writing


class People:
    """The hands of the workspace's people. `by` is a name, e-mail or id; without one it is `default`."""

    def __init__(self, workspace: Workspace, writing: Writing, default: User) -> None:
        self._workspace = workspace
        self._writing = writing
        self.default = default

    def press_label(
        self, issue: str, label: str, *, on: bool = True, by: str | None = None, bot: str | None = None
    ) -> Issue:
        """Puts a label on an issue or takes it off. Raises Refusal where either is missing.

        `bot`: an integration does it, by name, and no user is told of.
        """
        with self._workspace.lock:
            row = self._workspace.issue(issue)
            found = self._workspace.label_named(label, row.team_id)
            if found is None:
                raise absent("IssueLabel")
            change = {"addedLabelIds" if on else "removedLabelIds": [found.id]}
            return self._writing.issues.update(replace(self._actor(by), bot=bot), row.id, change)

    def comment(
        self,
        issue: str,
        body: str,
        *,
        parent: str | None = None,
        by: str | None = None,
        external: str | None = None,
    ) -> Comment:
        """Comments on an issue. `external`: somebody of a connected service, by name. Raises Refusal."""
        with self._workspace.lock:
            given: dict[str, object] = {"issueId": issue, "body": body}
            if parent is not None:
                given["parentId"] = parent
            return self._writing.create_comment(self._actor(by), given, external=external)

    def comment_on_document(
        self, document: str, body: str, *, quoted: str | None = None, by: str | None = None
    ) -> Comment:
        """Comments on a document's text. Raises Refusal."""
        with self._workspace.lock:
            given = {"documentContentId": self._workspace.document(document).content_id, "body": body}
            return self._writing.create_comment(self._actor(by), {**given, "quotedText": quoted})

    def edit(self, id: str, values: Mapping[str, object], *, by: str | None = None) -> Issue | Comment | Document:
        """Changes fields of an issue, comment or document, with the names of Linear's inputs. Raises Refusal.

        An issue's state may be named by `state`, its type or its name.
        """
        with self._workspace.lock:
            actor, row = self._actor(by), self.find(id)
            match row:
                case Issue():
                    return self._writing.issues.update(actor, row.id, self._with_state(row, values))
                case Comment():
                    return self._writing.update_comment(actor, row.id, values)
                case Document():
                    return self._writing.update_document(actor, row.id, values)

    def throw_away(
        self, id: str, *, on: bool = True, for_good: bool = False, by: str | None = None
    ) -> Issue | Comment | Document:
        """Trashes an issue or document, deletes a comment, or (`on` false) brings back what is in the bin.

        `for_good`: it cannot be read any more either. Its id stays taken all the same. Raises Refusal.
        """
        with self._workspace.lock:
            row = self.find(id)
            self._writing.throw_away(self._actor(by), row, away=on)
            if for_good and on:
                self._workspace.erase(type(row).__name__, row.id)  # pyright: ignore[reportArgumentType] - these three are entities
            return row

    def resolve(self, comment: str, *, on: bool = True, by: str | None = None) -> Comment:
        """Marks a thread as resolved, or not. Raises Refusal."""
        with self._workspace.lock:
            row = self._workspace.comment(comment)
            at = self._workspace.clock.now() if on else None
            self._workspace.update("Comment", row, self._actor(by), {"resolved_at": at})
            return row

    def find(self, id: str) -> Issue | Comment | Document:
        """An issue by id or identifier, a document by id or slug, a comment by id. Raises Refusal."""
        for look in (self._workspace.issue, self._workspace.document, self._workspace.comment):
            try:
                return look(id)
            except Refusal:
                continue
        raise absent("Entity")

    def _with_state(self, issue: Issue, values: Mapping[str, object]) -> dict[str, object]:
        given = dict(values)
        wanted = given.pop("state", None)
        if wanted is not None:
            states = self._workspace.states_of(issue.team_id)
            found = next((each for each in states if str(wanted) in {each.type, each.name}), None)
            if found is None:
                raise absent("WorkflowState")
            given["stateId"] = found.id
        return given

    def _actor(self, by: str | None) -> Actor:
        return Actor(self.default if by is None else self._workspace.user_named(by))
