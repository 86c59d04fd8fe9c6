"""What Linear's webhooks say happened: a closed union. Anything new is data (`OtherEvent`), never an error. No I/O."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Payload(BaseModel):
    """camelCase on the wire; unknown fields are ignored, so that Linear may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Actor(_Payload):
    """Who did it. `type` is `user`, `OauthClient`, `Integration`, or a word not known yet."""

    id: str
    type: str = "user"
    name: str = ""
    url: str | None = None


class LabelRef(_Payload):
    """A label as an issue's webhook carries it."""

    id: str
    name: str


class StateRef(_Payload):
    """A workflow state. `type`: triage, backlog, unstarted, started, completed, canceled, duplicate, or new."""

    id: str = ""
    name: str = ""
    type: str = ""


class TeamRef(_Payload):
    """A team as webhooks carry it."""

    id: str
    key: str = ""
    name: str = ""


class IssueData(_Payload):
    """The issue of an `Issue` webhook."""

    id: str
    identifier: str = ""
    title: str = ""
    url: str = ""
    team_id: str = ""
    team: TeamRef | None = None
    state: StateRef = Field(default_factory=StateRef)
    labels: tuple[LabelRef, ...] = ()
    archived_at: str | None = None
    trashed: bool | None = None
    updated_at: str = ""


class Before(_Payload):
    """`updatedFrom`: what changed properties were before. `None` means: not part of this change."""

    label_ids: tuple[str, ...] | None = None
    body: str | None = None
    title: str | None = None
    description: str | None = None


class IssueRef(_Payload):
    """The issue a comment hangs on."""

    id: str
    identifier: str = ""
    title: str = ""
    team_id: str = ""
    team: TeamRef | None = None
    url: str = ""


class DocumentRef(_Payload):
    """The document a comment hangs on. Of its issue Linear says nothing here."""

    id: str
    title: str = ""


class DocumentContent(_Payload):
    """What an inline comment hangs on: the text of a document, of a project, or of an issue's description."""

    document: DocumentRef | None = None


class CommentData(_Payload):
    """The comment of a `Comment` webhook. `issue_id` is None on documents and projects."""

    id: str
    body: str = ""
    issue_id: str | None = None
    issue: IssueRef | None = None
    parent_id: str | None = None
    user_id: str | None = None
    document_content_id: str | None = None
    document_content: DocumentContent | None = None


class IssueEvent(_Payload):
    """An issue was created, changed or removed."""

    kind: Literal["issue"] = "issue"
    action: str
    actor: Actor | None = None
    data: IssueData
    updated_from: Before = Field(default_factory=Before)


class CommentEvent(_Payload):
    """A comment was written, edited or removed."""

    kind: Literal["comment"] = "comment"
    action: str
    actor: Actor | None = None
    data: CommentData
    updated_from: Before = Field(default_factory=Before)


class AgentSessionEvent(_Payload):
    """Somebody mentioned or delegated to the app. Known, so that it can be counted; not acted on yet."""

    kind: Literal["agent-session"] = "agent-session"
    action: str


class OtherEvent(_Payload):
    """Any other type, or a known one in a shape not known yet."""

    kind: Literal["other"] = "other"
    type: str
    action: str = ""


Event = IssueEvent | CommentEvent | AgentSessionEvent | OtherEvent


class Delivery(_Payload):
    """One webhook delivery whose signature was right.

    `id` is the `Linear-Delivery` header (unsigned); `digest` the SHA-256 of the signed body, hex; `sent_at` the signed
    `webhookTimestamp` in Unix milliseconds; `late`: older than a minute, so it counts only if neither id nor digest
    was seen before.
    """

    id: str
    digest: str
    sent_at: int
    late: bool
    organization_id: str
    webhook_id: str = ""
    event: Event
