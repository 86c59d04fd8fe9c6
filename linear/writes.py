"""Every change we make in Linear, as data. Ids are chosen by the caller, before the call. No I/O.

`client.Linear.apply(write)` means: make it so, or find it made.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CreateReaction(_Frozen):
    """An emoji on an issue or on a comment (exactly one of the two)."""

    kind: Literal["create-reaction"] = "create-reaction"
    id: str
    emoji: str
    issue_id: str | None = None
    comment_id: str | None = None


class CreateComment(_Frozen):
    """A comment on an issue; with `parent_id` (a root comment) a reply in its thread."""

    kind: Literal["create-comment"] = "create-comment"
    id: str
    issue_id: str
    body: str
    parent_id: str | None = None


class UpdateComment(_Frozen):
    """The whole new text of a comment."""

    kind: Literal["update-comment"] = "update-comment"
    id: str
    body: str


class CreateDocument(_Frozen):
    """A document whose one parent is an issue."""

    kind: Literal["create-document"] = "create-document"
    id: str
    issue_id: str
    title: str
    content: str


class UpdateDocument(_Frozen):
    """The whole new text of a document: Linear has no patch and no precondition, the last write wins."""

    kind: Literal["update-document"] = "update-document"
    id: str
    title: str
    content: str


class NewIssue(_Frozen):
    """One issue of a batch; a sub-issue where it has a parent."""

    id: str
    team_id: str
    title: str
    description: str
    parent_id: str | None = None
    state_id: str | None = None
    priority: int | None = None
    project_id: str | None = None
    project_milestone_id: str | None = None
    sub_issue_sort_order: float | None = None
    estimate: int | None = None


class CreateIssues(_Frozen):
    """Issues in one request, one transaction; Linear takes at most 50."""

    kind: Literal["create-issues"] = "create-issues"
    issues: tuple[NewIssue, ...]


class UpdateIssue(_Frozen):
    """New values for an issue; what is None stays as it is."""

    kind: Literal["update-issue"] = "update-issue"
    id: str
    title: str | None = None
    description: str | None = None
    state_id: str | None = None
    sub_issue_sort_order: float | None = None


class Trash(_Frozen):
    """Into the bin, from which people can bring it back for 30 days."""

    kind: Literal["trash"] = "trash"
    entity: Literal["Issue", "Document"]
    id: str


class DeleteRelation(_Frozen):
    """A relation between issues, taken away for good."""

    kind: Literal["delete-relation"] = "delete-relation"
    id: str


class NewRelation(_Frozen):
    """`issue_id` blocks `related_issue_id`, or is but related to it."""

    id: str
    issue_id: str
    related_issue_id: str
    type: Literal["blocks", "related"] = "blocks"


class RelateIssues(_Frozen):
    """Relations in one request of aliased mutations, which may stop half way."""

    kind: Literal["relate-issues"] = "relate-issues"
    relations: tuple[NewRelation, ...]


class SwapLabels(_Frozen):
    """Adds and removes labels of an issue in one call, leaving all other labels alone."""

    kind: Literal["swap-labels"] = "swap-labels"
    issue_id: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class CreateLabel(_Frozen):
    """An issue label; without `team_id` one of the workspace."""

    kind: Literal["create-label"] = "create-label"
    id: str
    name: str
    color: str
    description: str
    team_id: str | None = None


Write = (
    CreateReaction
    | CreateComment
    | UpdateComment
    | CreateDocument
    | UpdateDocument
    | CreateIssues
    | RelateIssues
    | SwapLabels
    | CreateLabel
    | UpdateIssue
    | Trash
    | DeleteRelation
)


class Thing(_Frozen):
    """What stands in Linear under one id of a write.

    `standing`: `made` by this call, `found` made by an earlier one, or `gone`: thrown away, while its id stays
    taken, so that only another id (the next generation) can make it again.
    `revision` is Linear's `updatedAt`, where the answer carried one.
    """

    id: str
    standing: Literal["made", "found", "gone"]
    url: str | None = None
    identifier: str | None = None
    revision: str | None = None


class Made(_Frozen):
    """The outcome of a write: one `Thing` an id, in the order of the write."""

    things: tuple[Thing, ...]

    @property
    def thing(self) -> Thing:
        """The only one, for writes of one thing."""
        (only,) = self.things
        return only
