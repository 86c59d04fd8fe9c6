"""What the stand-in keeps: one class a type of Linear's, tied to each other by ids. No I/O.

Moments are ISO 8601 in UTC with milliseconds, as Linear writes them; days are `2026-09-10`. Of every long text two
forms are kept: what was written, and what Linear would answer when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Row:
    """What every row has. `archived_at` stands on archived, trashed and deleted ones; their ids stay taken."""

    id: str
    created_at: str
    updated_at: str
    archived_at: str | None = None


@dataclass(kw_only=True)
class Organization(Row):
    """The one workspace. `url_key` is the first part of its addresses."""

    name: str
    url_key: str


@dataclass(kw_only=True)
class User(Row):
    """A person, or an app's own user (`app`)."""

    name: str
    display_name: str
    email: str
    active: bool = True
    admin: bool = False
    app: bool = False
    guest: bool = False
    title: str | None = None


@dataclass(kw_only=True)
class State(Row):
    """A workflow state. `type`: triage, backlog, unstarted, started, completed, canceled or duplicate."""

    team_id: str
    name: str
    type: str
    color: str
    position: float
    description: str | None = None


@dataclass(kw_only=True)
class Team(Row):
    """A team. `member_ids` decides who sees it where `visibility` is not public."""

    key: str
    name: str
    visibility: str = "public"
    description: str | None = None
    issue_estimation_type: str = "notUsed"
    issue_estimation_allow_zero: bool = False
    issue_estimation_extended: bool = False
    triage_enabled: bool = False
    member_ids: list[str] = field(default_factory=list[str])
    next_number: int = 1


@dataclass(kw_only=True)
class Label(Row):
    """A label of a team, or of the workspace (`team_id` None). A group (`is_group`) holds labels and marks nothing."""

    name: str
    color: str
    description: str | None = None
    is_group: bool = False
    parent_id: str | None = None
    team_id: str | None = None
    creator_id: str | None = None


@dataclass(kw_only=True)
class ProjectStatus(Row):
    """The status of a project."""

    name: str
    type: str


@dataclass(kw_only=True)
class Project(Row):
    """A project of one team or several. `description` is one short line, `content` the long Markdown."""

    name: str
    description: str
    content: str | None
    slug_id: str
    status_id: str
    lead_id: str | None = None
    target_date: str | None = None
    start_date: str | None = None
    priority: int = 0
    team_ids: list[str] = field(default_factory=list[str])
    label_ids: list[str] = field(default_factory=list[str])
    trashed: bool | None = None


@dataclass(kw_only=True)
class ProjectLabel(Row):
    """A label that projects carry. A group (`is_group`) holds labels and marks nothing."""

    name: str
    color: str
    description: str | None = None
    is_group: bool = False
    parent_id: str | None = None


@dataclass(kw_only=True)
class Milestone(Row):
    """A milestone of a project."""

    project_id: str
    name: str
    description: str | None = None
    target_date: str | None = None


@dataclass(kw_only=True)
class Cycle(Row):
    """A cycle of a team."""

    team_id: str
    number: int
    name: str | None
    starts_at: str
    ends_at: str
    description: str | None = None
    completed_at: str | None = None


@dataclass(kw_only=True)
class Issue(Row):
    """An issue. `description` is what Linear answers, `description_written` what was sent."""

    team_id: str
    number: int
    identifier: str
    title: str
    state_id: str
    description: str | None = None
    description_written: str | None = None
    priority: int = 0
    estimate: int | None = None
    label_ids: list[str] = field(default_factory=list[str])
    parent_id: str | None = None
    project_id: str | None = None
    project_milestone_id: str | None = None
    cycle_id: str | None = None
    assignee_id: str | None = None
    creator_id: str | None = None
    due_date: str | None = None
    sort_order: float = 0.0
    sub_issue_sort_order: float | None = None
    subscriber_ids: list[str] = field(default_factory=list[str])
    started_at: str | None = None
    completed_at: str | None = None
    canceled_at: str | None = None
    trashed: bool | None = None


@dataclass(kw_only=True)
class Comment(Row):
    """A comment on an issue or, with `document_id`, on a document. `parent_id` is the root of its thread."""

    body: str
    body_written: str
    issue_id: str | None = None
    document_id: str | None = None
    parent_id: str | None = None
    user_id: str | None = None
    bot_name: str | None = None
    external_name: str | None = None
    quoted_text: str | None = None
    edited_at: str | None = None
    resolved_at: str | None = None


@dataclass(kw_only=True)
class Document(Row):
    """A document of an issue, of a project or of a team. `content_id` is what comments on its text hang on."""

    title: str
    slug_id: str
    content_id: str
    content: str | None = None
    content_written: str | None = None
    icon: str | None = None
    color: str | None = None
    sort_order: float = 0.0
    issue_id: str | None = None
    project_id: str | None = None
    team_id: str | None = None
    creator_id: str | None = None
    updated_by_id: str | None = None
    subscriber_ids: list[str] = field(default_factory=list[str])
    trashed: bool | None = None


@dataclass(kw_only=True)
class Relation(Row):
    """`issue_id` stands in `type` to `related_issue_id`: with `blocks`, it blocks that one."""

    issue_id: str
    related_issue_id: str
    type: str


@dataclass(kw_only=True)
class Reaction(Row):
    """An emoji of one user on an issue or on a comment."""

    emoji: str
    user_id: str
    issue_id: str | None = None
    comment_id: str | None = None


@dataclass(kw_only=True)
class Attachment(Row):
    """A link that an integration or a person attached to an issue."""

    issue_id: str
    title: str
    url: str
    subtitle: str | None = None
    source_type: str | None = None
    metadata: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(kw_only=True)
class IssueHistory(Row):
    """One change of an issue. A change of fields that are not here is an entry all the same, with nothing filled."""

    issue_id: str
    actor_id: str | None = None
    bot_name: str | None = None
    added_label_ids: list[str] | None = None
    removed_label_ids: list[str] | None = None
    updated_description: bool | None = None
    from_title: str | None = None
    to_title: str | None = None
    from_state_id: str | None = None
    to_state_id: str | None = None


@dataclass(kw_only=True)
class DocumentHistory(Row):
    """One change of a document's text: who made it. What the text was is Linear's internal affair."""

    document_content_id: str
    actor_ids: list[str]
    content_data_snapshot_at: str


@dataclass(kw_only=True)
class Webhook(Row):
    """Where changes are told. Nothing is sent while it is not `enabled`; without `url` it is as if there were none."""

    url: str | None
    label: str | None = None
    enabled: bool = True
    resource_types: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Actor:
    """Who does something: a user, for themselves or, with `client_id`, as an OAuth app's own user.

    With `bot`, the name of an integration, no user is told of: `user` only lends its rights.
    """

    user: User
    client_id: str | None = None
    bot: str | None = None
