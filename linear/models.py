"""What Linear tells us, as frozen values. Unknown fields are ignored and enum values are plain text. No I/O.

Moments are kept as Linear writes them (ISO 8601 in UTC, `2026-09-10T00:26:40.000Z`; days as `2026-09-10`), so that
they compare equal when read again. Connections are flattened into tuples. Every value can be dumped to JSON and read
back, with our names or Linear's.
"""

from __future__ import annotations

from typing import Annotated, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, model_validator
from pydantic.alias_generators import to_camel


class _Model(BaseModel):
    """camelCase on the wire, snake_case here."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


def _flat(value: object) -> object:
    """A connection `{nodes: [...]}` as its nodes."""
    if not isinstance(value, dict):
        return value
    connection = cast("dict[str, object]", value)
    return connection.get("nodes", connection)


_T = TypeVar("_T")
_Nodes = Annotated[tuple[_T, ...], BeforeValidator(_flat)]


class User(_Model):
    """A person, or an app's user (`app`).

    Where they were not asked for, `active` and `admin` are None and `email` is empty.
    """

    id: str
    name: str
    display_name: str = ""
    url: str = ""
    app: bool = False
    guest: bool = False
    email: str = ""
    active: bool | None = None
    admin: bool | None = None


class BotActor(_Model):
    """An integration or a bot that is no user. `type` is its kind, `github` for one."""

    id: str | None = None
    name: str | None = None
    type: str = ""


class ExternalUser(_Model):
    """Somebody of a connected service, Slack for one, who is no user of Linear's."""

    id: str
    name: str = ""


class Comment(_Model):
    """A comment. At most one of `user`, `bot_actor` and `external_user` wrote it.

    `parent_id` is the root of its thread, None on a root; `quoted_text` the words of the description that an inline
    comment hangs on; `resolved_at` stands on the root.
    """

    id: str
    body: str
    url: str = ""
    created_at: str = ""
    edited_at: str | None = None
    resolved_at: str | None = None
    parent_id: str | None = None
    quoted_text: str | None = None
    user: User | None = None
    bot_actor: BotActor | None = None
    external_user: ExternalUser | None = None


class Document(_Model):
    """A document. `content` is Markdown that Linear derives: not byte for byte what was written."""

    id: str
    title: str
    slug_id: str = ""
    url: str = ""
    content: str | None = None
    updated_at: str = ""
    trashed: bool | None = None


class Attachment(_Model):
    """A link that an integration or a person attached. `metadata` is whatever its source put there."""

    id: str
    title: str
    subtitle: str | None = None
    url: str
    source_type: str | None = None
    metadata: dict[str, JsonValue] = {}


class State(_Model):
    """A workflow state. `type`: triage, backlog, unstarted, started, completed, canceled, duplicate, or new.

    `position` orders a team's states within their type; None where it was not asked for.
    """

    id: str
    name: str
    type: str
    position: float | None = None


class TeamRef(_Model):
    """The team of a linked issue. `visibility`: public, private, or a word not known yet."""

    id: str
    visibility: str = ""


class Team(_Model):
    """A team. In lists of teams only the first four fields are filled.

    `issue_estimation_type`: notUsed, exponential, fibonacci, linear, tShirt, or new. `default_issue_state` is where a
    new issue starts.
    """

    id: str
    key: str
    name: str
    visibility: str = ""
    issue_estimation_type: str = "notUsed"
    issue_estimation_allow_zero: bool = False
    issue_estimation_extended: bool = False
    triage_enabled: bool = False
    default_issue_state: State | None = None
    states: _Nodes[State] = ()


class IssueLabel(_Model):
    """A label that hangs on an issue."""

    id: str
    name: str


class Label(_Model):
    """A label of a team, or of the workspace (`team_id` None). A group (`is_group`) cannot be put on an issue."""

    id: str
    name: str
    is_group: bool = False
    team_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _team_id(cls, value: object) -> object:
        """Linear answers `team { id }`."""
        if not isinstance(value, dict):
            return value
        label = cast("dict[str, object]", value)
        team = label.get("team")
        if not isinstance(team, dict):
            return label
        return {**label, "team_id": cast("dict[str, object]", team).get("id")}


class ProjectStatus(_Model):
    """`type`: backlog, planned, started, paused, completed, canceled, or new."""

    id: str
    name: str
    type: str = ""


class Project(_Model):
    """A project. `description` is one short line, `content` the long Markdown."""

    id: str
    name: str
    description: str = ""
    content: str | None = None
    url: str = ""
    target_date: str | None = None
    status: ProjectStatus | None = None
    lead: User | None = None
    documents: _Nodes[Document] = ()


class Milestone(_Model):
    """A milestone of the issue's project."""

    id: str
    name: str
    description: str | None = None
    target_date: str | None = None


class Cycle(_Model):
    """A cycle of the team. `name` is None where people gave it none."""

    id: str
    number: int
    name: str | None = None
    starts_at: str = ""
    ends_at: str = ""


class LinkedIssue(_Model):
    """An issue beside the one at hand: at the other end of a relation, under the same parent, or above it.

    Only of those above is the `description` read.
    """

    id: str
    identifier: str
    title: str
    url: str = ""
    state: State | None = None
    team: TeamRef | None = None
    description: str | None = None


class Ancestor(LinkedIssue):
    """The parent, its parent, and so on, four of them. `children` are read of the nearest only: the siblings."""

    parent: Ancestor | None = None
    children: _Nodes[LinkedIssue] = ()


class ChildIssue(_Model):
    """A sub-issue."""

    id: str
    identifier: str
    title: str
    description: str | None = None
    url: str = ""
    archived_at: str | None = None
    trashed: bool | None = None
    sub_issue_sort_order: float | None = None
    state: State | None = None
    team: TeamRef | None = None


class Relation(_Model):
    """The issue at hand stands in `type` (blocks, duplicate, related, similar, or new) to `related_issue`."""

    id: str
    type: str
    related_issue: LinkedIssue


class InverseRelation(_Model):
    """`issue` stands in `type` to the issue at hand: with `blocks`, it blocks this one."""

    id: str
    type: str
    issue: LinkedIssue


class Issue(_Model):
    """An issue with everything that hangs on it, whole.

    `priority`: 0 none, 1 urgent to 4 low. `estimate` is in the team's points. `comments` is flat, in Linear's order:
    group it by `parent_id`.
    """

    id: str
    identifier: str
    number: int
    title: str
    description: str | None = None
    url: str
    priority: int = 0
    priority_label: str = ""
    estimate: float | None = None
    due_date: str | None = None
    created_at: str = ""
    updated_at: str = ""
    archived_at: str | None = None
    trashed: bool | None = None
    creator: User | None = None
    assignee: User | None = None
    state: State
    team: Team
    cycle: Cycle | None = None
    project: Project | None = None
    project_milestone: Milestone | None = None
    parent: Ancestor | None = None
    labels: _Nodes[IssueLabel] = ()
    children: _Nodes[ChildIssue] = ()
    relations: _Nodes[Relation] = ()
    inverse_relations: _Nodes[InverseRelation] = ()
    attachments: _Nodes[Attachment] = ()
    documents: _Nodes[Document] = ()
    comments: _Nodes[Comment] = ()


class TeamKey(_Model):
    """A team by its key, `ENG`."""

    key: str


class IssueRef(_Model):
    """Just enough of an issue to name it, and to know whose it is."""

    id: str
    identifier: str
    title: str
    url: str
    team: TeamKey | None = None


class IssueContext(_Model):
    """An issue, the labels that were asked for by name, and who asked (None: nobody named, or not to be seen).

    `team_documents`: those of the issue's team that are titled `plan-context.md` or `plan-context`.
    """

    issue: Issue
    labels: tuple[Label, ...] = ()
    requester: User | None = None
    team_documents: tuple[Document, ...] = ()


class Viewer(_Model):
    """Whom the key acts as."""

    id: str
    name: str
    display_name: str = ""
    app: bool = False
    url: str = ""


class Organization(_Model):
    """The workspace the key opens. `url_key` is the first part of its addresses."""

    id: str
    name: str
    url_key: str = ""


class Identity(_Model):
    """Who the key is, and where."""

    viewer: Viewer
    organization: Organization


class RateLimit(_Model):
    """One of Linear's limits: `period` in milliseconds, `reset` in epoch milliseconds."""

    type: str
    allowed_amount: float
    requested_amount: float
    remaining_amount: float
    period: float
    reset: float


class RateLimitStatus(_Model):
    """What Linear counts for this key right now."""

    identifier: str | None = None
    kind: str = ""
    limits: tuple[RateLimit, ...] = ()


class Standing(_Model):
    """What a write answered, or what stands under its id when it is read back."""

    id: str
    url: str | None = None
    identifier: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None
    trashed: bool | None = None

    @property
    def is_gone(self) -> bool:
        """Thrown away by people, while its id stays taken.

        Linear archives finished issues by itself, and those still stand; a document or comment is archived only by
        being deleted. Only issues carry an identifier.
        """
        return bool(self.trashed) or (self.archived_at is not None and self.identifier is None)
