"""What lists and single looks answer, a page at a time, as frozen values. No I/O.

Lists of an issue or a project are short pages too: `page_info` says whether there is more than `nodes` shows.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class _Model(BaseModel):
    """camelCase on the wire, snake_case here; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


_T = TypeVar("_T")


class PageInfo(_Model):
    """Whether a list goes on, and from where."""

    has_next_page: bool = False
    end_cursor: str | None = None


class Listed(_Model, Generic[_T]):
    """One page of a list."""

    nodes: tuple[_T, ...] = ()
    page_info: PageInfo = PageInfo()


class OwningTeam(_Model):
    """A team that something belongs to. `visibility`: public, private, restricted, or a word not known yet."""

    id: str
    key: str = ""
    visibility: str = ""
    name: str = ""
    description: str | None = None


class Named(_Model):
    """Anything of which only the name counts here: a project, a label, a group of labels."""

    name: str
    id: str = ""


class Kind(_Model):
    """A workflow state or a project's status: its name, and the type that all teams share."""

    name: str
    type: str = ""


class Person(_Model):
    """Somebody. Roles are filled only in lists of people and in comments."""

    name: str
    display_name: str = ""
    id: str = ""
    url: str = ""
    title: str | None = None
    active: bool = True
    admin: bool = False
    app: bool = False
    guest: bool = False


class ActingBot(_Model):
    """An integration that wrote a comment."""

    name: str | None = None
    type: str = ""


class Link(_Model):
    """An issue that something leads to."""

    id: str
    identifier: str
    title: str
    url: str = ""
    state: Kind
    team: OwningTeam
    trashed: bool | None = None


class Related(_Model):
    """An issue stands in `type` to `related_issue`."""

    type: str
    related_issue: Link


class RelatedFrom(_Model):
    """`issue` stands in `type` to the issue at hand."""

    type: str
    issue: Link


class Milestone(_Model):
    """A milestone of a project. `target_date` is a day."""

    name: str
    target_date: str | None = None


class Cycle(_Model):
    """A cycle. `progress` is 0 to 1; `team` is missing only within an issue."""

    number: float
    name: str | None = None
    description: str | None = None
    starts_at: str = ""
    ends_at: str = ""
    completed_at: str | None = None
    progress: float | None = None
    team: OwningTeam | None = None


class Attachment(_Model):
    """A link that hangs on an issue."""

    title: str
    subtitle: str | None = None
    url: str = ""
    source_type: str | None = None


class OwningProject(_Model):
    """The project that a document hangs on, with its teams."""

    id: str
    name: str
    slug_id: str = ""
    url: str = ""
    teams: Listed[OwningTeam] = Listed[OwningTeam]()


class Document(_Model):
    """A document. In lists `content` is missing; within an issue or a project its owner, too."""

    id: str
    title: str
    slug_id: str = ""
    url: str = ""
    content: str | None = None
    created_at: str = ""
    updated_at: str = ""
    archived_at: str | None = None
    trashed: bool | None = None
    creator: Person | None = None
    updated_by: Person | None = None
    issue: Link | None = None
    project: OwningProject | None = None


class Issue(_Model):
    """An issue. In lists labels come as `label_ids`, and what hangs on it is missing."""

    id: str
    identifier: str
    title: str
    description: str | None = None
    url: str = ""
    priority_label: str = ""
    estimate: float | None = None
    due_date: str | None = None
    created_at: str = ""
    updated_at: str = ""
    archived_at: str | None = None
    trashed: bool | None = None
    label_ids: tuple[str, ...] = ()
    state: Kind
    creator: Person | None = None
    assignee: Person | None = None
    team: OwningTeam
    cycle: Cycle | None = None
    project: Named | None = None
    project_milestone: Milestone | None = None
    parent: Link | None = None
    labels: Listed[Named] = Listed[Named]()
    children: Listed[Link] = Listed[Link]()
    relations: Listed[Related] = Listed[Related]()
    inverse_relations: Listed[RelatedFrom] = Listed[RelatedFrom]()
    documents: Listed[Document] = Listed[Document]()
    attachments: Listed[Attachment] = Listed[Attachment]()


class Comment(_Model):
    """A comment. At most one of `user`, `bot_actor` and `external_user` wrote it; `parent_id` is its thread's root."""

    id: str
    body: str
    url: str = ""
    created_at: str = ""
    edited_at: str | None = None
    resolved_at: str | None = None
    parent_id: str | None = None
    quoted_text: str | None = None
    user: Person | None = None
    bot_actor: ActingBot | None = None
    external_user: Named | None = None


class Commented(_Model):
    """An issue with a page of its comments, newest first."""

    id: str
    identifier: str
    title: str
    url: str = ""
    trashed: bool | None = None
    team: OwningTeam
    comments: Listed[Comment]


class Project(_Model):
    """A project. In lists its content, labels, milestones and documents are missing. Dates are days."""

    id: str
    name: str
    slug_id: str = ""
    url: str = ""
    description: str = ""
    content: str | None = None
    priority_label: str = ""
    start_date: str | None = None
    target_date: str | None = None
    updated_at: str = ""
    archived_at: str | None = None
    trashed: bool | None = None
    status: Kind
    lead: Person | None = None
    teams: Listed[OwningTeam]
    labels: Listed[Named] = Listed[Named]()
    project_milestones: Listed[Milestone] = Listed[Milestone]()
    documents: Listed[Document] = Listed[Document]()


class State(_Model):
    """A workflow state of a team; `position` orders states of one type."""

    id: str
    name: str
    type: str
    description: str | None = None
    position: float = 0
    team: OwningTeam


class Label(_Model):
    """A label of issues (of a team, or with `team` None of the workspace) or of projects. A group marks nothing."""

    id: str
    name: str
    description: str | None = None
    is_group: bool = False
    parent: Named | None = None
    team: OwningTeam | None = None


class Webhook(_Model):
    """Where Linear sends what happens. `enabled` goes when deliveries keep failing; an OAuth app's has no `url`."""

    id: str
    label: str | None = None
    enabled: bool
    url: str | None = None
    resource_types: tuple[str, ...] = ()
