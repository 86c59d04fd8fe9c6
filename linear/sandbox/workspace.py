"""What stands in the stand-in: the tables, who sees what, and what changed. Every change is told to those who listen.

One lock around all of it: `with workspace.lock`. What Linear checks before a change is in `issues` and `writing`.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar
from uuid import uuid4

from pydantic.alias_generators import to_camel

from linear.sandbox.rows import (
    Actor,
    Attachment,
    Comment,
    Cycle,
    Document,
    DocumentHistory,
    Issue,
    IssueHistory,
    Label,
    Milestone,
    Organization,
    Project,
    ProjectLabel,
    ProjectStatus,
    Reaction,
    Relation,
    Row,
    State,
    Team,
    User,
    Webhook,
)
from linear.sandbox.rules import absent, checked_id, conflict, is_id

Entity = Literal["Issue", "Comment", "Document", "IssueLabel", "IssueRelation", "Reaction"]
Action = Literal["create", "update", "remove"]

_R = TypeVar("_R", bound=Row)

LINEAR = "https://linear.app"
"""Where Linear's own pages are: addresses are answered in its form, and the board shows them under its own."""


@dataclass(frozen=True)
class Change:
    """One change of one row. `before`: what changed fields were, with Linear's names, for updates."""

    entity: Entity
    action: Action
    row: Row
    actor: Actor
    before: Mapping[str, object] = field(default_factory=dict[str, object])


class Clock:
    """The time, never twice the same millisecond, so that `updatedAt` moves with every change."""

    def __init__(self) -> None:
        self._last = datetime.fromtimestamp(0, UTC)

    def now(self) -> str:
        """As Linear writes it."""
        moment = datetime.now(UTC)
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        self._last = max(moment, self._last + timedelta(milliseconds=1))
        return stamp(self._last)


def stamp(moment: datetime) -> str:
    """A moment as Linear writes it: `2026-09-10T00:26:40.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def slug(text: str) -> str:
    """The readable part of an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


class Workspace:
    """The tables of one organization, by id, in the order of making."""

    def __init__(self, organization: Organization) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.organization = organization
        self.users: dict[str, User] = {}
        self.teams: dict[str, Team] = {}
        self.states: dict[str, State] = {}
        self.labels: dict[str, Label] = {}
        self.statuses: dict[str, ProjectStatus] = {}
        self.projects: dict[str, Project] = {}
        self.project_labels: dict[str, ProjectLabel] = {}
        self.milestones: dict[str, Milestone] = {}
        self.cycles: dict[str, Cycle] = {}
        self.issues: dict[str, Issue] = {}
        self.comments: dict[str, Comment] = {}
        self.documents: dict[str, Document] = {}
        self.relations: dict[str, Relation] = {}
        self.reactions: dict[str, Reaction] = {}
        self.attachments: dict[str, Attachment] = {}
        self.histories: dict[str, list[IssueHistory]] = {}
        self.document_histories: dict[str, list[DocumentHistory]] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.erased: dict[str, set[str]] = {}
        self.changes = 0
        self._listeners: list[Callable[[Change], None]] = []

    # --- changes ---------------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[Change], None]) -> None:
        """`listener` is called for every change, under the lock, with the row as it is then."""
        self._listeners.append(listener)

    def tell(self, change: Change) -> None:
        """A change has been made."""
        self.changes += 1
        for each in self._listeners:
            each(change)

    def new_id(self) -> str:
        """An id for what a client made without one."""
        return str(uuid4())

    def fresh_id(self, entity: Entity, given: Mapping[str, object]) -> str:
        """The id the client chose, or a new one. Raises Refusal for one that is malformed or taken."""
        chosen = checked_id(given.get("id"))
        if chosen is None:
            return self.new_id()
        if self.is_taken(entity, chosen):
            raise conflict(entity, chosen)
        return chosen

    def insert(self, entity: Entity, row: Row, actor: Actor) -> None:
        """A new row stands."""
        self._table(entity)[row.id] = row
        self.tell(Change(entity, "create", row, actor))

    def bin(self, entity: Entity, row: Issue | Document, actor: Actor, *, away: bool) -> None:
        """Trashes a row or brings it back."""
        if bool(row.trashed) == away:
            return
        if not away:
            self.update(entity, row, actor, {"trashed": None, "archived_at": None})
            return
        row.trashed = True
        row.archived_at = row.updated_at = self.clock.now()
        self.tell(Change(entity, "remove", row, actor))

    def is_taken(self, entity: Entity, id: str) -> bool:
        """Whether the id is or ever was in use: trashed, archived and erased rows keep theirs."""
        return id in self._table(entity) or id in self.erased.get(entity, set())

    def update(self, entity: Entity, row: Row, actor: Actor, values: Mapping[str, object]) -> bool:
        """Sets fields and tells it. What is the same already is no change; False if that is all of them."""
        changed = {name: each for name, each in values.items() if getattr(row, name) != each}
        if not changed:
            return False
        before = {"updatedAt": row.updated_at, **{to_camel(each): _plain(getattr(row, each)) for each in changed}}
        for name, each in changed.items():
            setattr(row, name, each)
        row.updated_at = self.clock.now()
        silent = {"bodyWritten", "contentWritten", "descriptionWritten"}
        self.tell(
            Change(entity, "update", row, actor, {name: each for name, each in before.items() if name not in silent})
        )
        return True

    def erase(self, entity: Entity, id: str) -> None:
        """Takes a row away for good. Its id stays taken."""
        self._table(entity).pop(id, None)
        self.erased.setdefault(entity, set()).add(id)

    def _table(self, entity: Entity) -> dict[str, Row]:
        tables: dict[Entity, Mapping[str, Row]] = {
            "Issue": self.issues,
            "Comment": self.comments,
            "Document": self.documents,
            "IssueLabel": self.labels,
            "IssueRelation": self.relations,
            "Reaction": self.reactions,
        }
        return tables[entity]  # pyright: ignore[reportReturnType] - rows of one type leave it, none of another enter

    # --- finding ---------------------------------------------------------------------------------------------------

    def sees(self, user: User, team_id: str) -> bool:
        """Members see public teams and those they belong to; guests, only the latter; apps, all public ones."""
        team = self.teams[team_id]
        return user.id in team.member_ids or (team.visibility == "public" and not user.guest)

    def issue(self, reference: str, user: User | None = None) -> Issue:
        """By id or identifier such as ENG-123, trashed ones too. Raises Refusal where `user` may not see it."""
        found = self.issues.get(reference.lower()) if is_id(reference) else None
        if found is None:
            found = next((each for each in self.issues.values() if each.identifier == reference.upper()), None)
        if found is None or (user is not None and not self.sees(user, found.team_id)):
            raise absent("Issue")
        return found

    def document(self, reference: str, user: User | None = None) -> Document:
        """By id or slug, trashed ones too. Raises Refusal."""
        found = self.documents.get(reference.lower()) or next(
            (each for each in self.documents.values() if each.slug_id == reference), None
        )
        if found is None or (user is not None and not self.sees_document(user, found)):
            raise absent("Document")
        return found

    def sees_document(self, user: User, document: Document) -> bool:
        """A document is seen by who sees its issue, its team or its project."""
        issue = self.issues.get(document.issue_id or "")
        if issue is not None:
            return self.sees(user, issue.team_id)
        if document.team_id is not None:
            return self.sees(user, document.team_id)
        project = self.projects.get(document.project_id or "")
        return self.sees_project(user, project) if project is not None else not user.guest

    def sees_project(self, user: User, project: Project) -> bool:
        """A project is seen by who sees one of its teams; one without a team by all but guests."""
        return any(self.sees(user, each) for each in project.team_ids) if project.team_ids else not user.guest

    def comment(self, reference: str, user: User | None = None) -> Comment:
        """By id; deleted ones are not found. Raises Refusal."""
        found = self.comments.get(reference.lower())
        if found is None or found.archived_at or (user is not None and not self.sees_comment(user, found)):
            raise absent("Comment")
        return found

    def sees_comment(self, user: User, comment: Comment) -> bool:
        """A comment is seen by who sees what it hangs on."""
        if comment.issue_id:
            return self.sees(user, self.issues[comment.issue_id].team_id)
        document = self.documents.get(comment.document_id or "")
        return document is not None and self.sees_document(user, document)

    def one(self, rows: Mapping[str, _R], reference: object, entity: str) -> _R:
        """The row of that id. Raises Refusal."""
        found = rows.get(str(reference).lower())
        if found is None:
            raise absent(entity)
        return found

    def states_of(self, team_id: str) -> list[State]:
        """A team's states in the order of its board."""
        return sorted(
            (each for each in self.states.values() if each.team_id == team_id), key=lambda each: each.position
        )

    def default_state(self, team_id: str) -> State:
        """Where a new issue starts: Triage where triage is on, else the first of the backlog."""
        wanted = "triage" if self.teams[team_id].triage_enabled else "backlog"
        states = self.states_of(team_id)
        return next((each for each in states if each.type == wanted), states[0])

    def children_of(self, issue_id: str) -> list[Issue]:
        """Sub-issues, archived and trashed ones too."""
        return [each for each in self.issues.values() if each.parent_id == issue_id]

    def label_named(self, name: str, team_id: str | None = None) -> Label | None:
        """The label of that name in the team, else in the workspace."""
        fitting = [each for each in self.labels.values() if each.name.casefold() == name.casefold()]
        return next((each for scope in (team_id, None) for each in fitting if each.team_id == scope), None)

    def user_named(self, reference: str) -> User:
        """By id, e-mail, name or display name. Raises Refusal."""
        wanted = reference.casefold()
        for each in self.users.values():
            if wanted in {each.id, each.email, each.name.casefold(), each.display_name.casefold()}:
                return each
        raise absent("User")

    # --- addresses -------------------------------------------------------------------------------------------------

    def url(self, row: Row) -> str:
        """The address of a row that has one, as Linear forms it."""
        at = f"{LINEAR}/{self.organization.url_key}"
        match row:
            case User():
                return f"{at}/profiles/{row.display_name}"
            case Issue():
                return f"{at}/issue/{row.identifier}/{slug(row.title)}"
            case Document():
                return f"{at}/document/{slug(row.title) or 'document'}-{row.slug_id}"
            case Project():
                return f"{at}/project/{slug(row.name)}-{row.slug_id}"
            case Comment():
                issue = self.issues.get(row.issue_id or "")
                on = issue or self.documents[row.document_id or ""]
                return f"{self.url(on)}#comment-{row.id[:8]}"
            case _:
                raise ValueError(f"a {type(row).__name__} has no address")

    # --- looking from outside --------------------------------------------------------------------------------------

    def dump(self) -> dict[str, object]:
        """The whole state as JSON, with Linear's names, for tests: trashed rows and written texts too."""
        with self.lock:
            return {
                "changes": self.changes,
                "organization": self.row(self.organization),
                "users": self._rows(self.users.values()),
                "teams": self._rows(self.teams.values()),
                "states": self._rows(self.states.values()),
                "labels": self._rows(self.labels.values()),
                "projects": self._rows(self.projects.values()),
                "issues": [
                    {**self.row(each), "labels": [self.labels[label_id].name for label_id in each.label_ids]}
                    for each in self.issues.values()
                ],
                "comments": self._rows(self.comments.values()),
                "documents": self._rows(self.documents.values()),
                "relations": self._rows(self.relations.values()),
                "reactions": self._rows(self.reactions.values()),
                "attachments": self._rows(self.attachments.values()),
                "erased": {entity: sorted(ids) for entity, ids in self.erased.items()},
            }

    def row(self, row: Row) -> dict[str, object]:
        """One row as JSON, with its address where it has one."""
        plain = {to_camel(name): each for name, each in asdict(row).items()}
        if isinstance(row, User | Issue | Document | Project | Comment):
            plain["url"] = self.url(row)
        return plain

    def _rows(self, rows: Iterable[Row]) -> list[dict[str, object]]:
        return [self.row(each) for each in rows]


def _plain(value: object) -> object:
    """A copy, so that what was before stays what it was."""
    return list(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType] - lists of rows hold texts only
