"""What stands of a plan, with all that tells what people did to it. Prices are in Linear's points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel

from linear.answers import inner, items, read
from linear.errors import NotFound
from linear.models import State
from linear.operations import operation
from linear.pages import whole
from linear.transport import Transport

SUB_ISSUES_AT_ONCE = 12
"""Sub-issues in one request: with all that people may have hung on them, 1,800 points."""

_TITLES_AT_ONCE = 12
_WORDS_OF_A_TITLE = 6


class _Model(BaseModel):
    """camelCase on the wire, snake_case here; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class _Ref(_Model):
    id: str | None = None


class _Author(_Model):
    id: str | None = None
    name: str = ""
    display_name: str = ""


class PlanComment(_Model):
    """A comment on a document. `quoted_text`: the words of the document it hangs on, if it hangs on some."""

    id: str
    body: str = ""
    url: str | None = None
    created_at: str = ""
    quoted_text: str | None = None
    resolved_at: str | None = None
    parent_id: str | None = None
    user: _Author | None = None
    bot_actor: _Ref | None = None
    external_user: _Author | None = None

    @property
    def author(self) -> str:
        """Who wrote it, by name; empty for integrations."""
        author = self.user or self.external_user
        return (author.display_name or author.name) if author else ""


class PlanDocument(_Model):
    """A document as it stands, with its comments. `updated_by` is the id of who wrote it last, where Linear says."""

    id: str
    title: str
    content: str | None = None
    url: str = ""
    updated_at: str
    trashed: bool | None = None
    archived_at: str | None = None
    document_content_id: str | None = None
    updated_by: str | None = None
    comments: tuple[PlanComment, ...] = ()

    @field_validator("updated_by", mode="before")
    @classmethod
    def _id_of(cls, value: object) -> object:
        return value.get("id") if isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType] - checked after

    @property
    def text(self) -> str:
        """What it says; empty where it says nothing."""
        return self.content or ""

    @property
    def is_gone(self) -> bool:
        """In the bin."""
        return bool(self.trashed) or self.archived_at is not None

    @property
    def open_quotes(self) -> tuple[str, ...]:
        """What threads that nobody has resolved quote."""
        return tuple(each.quoted_text for each in self.comments if each.quoted_text and each.resolved_at is None)


class DocumentWriter(_Model):
    """One entry of a document's history: who wrote, and when."""

    actor_ids: tuple[str, ...] | None = None
    created_at: str


class IssueChange(_Model):
    """One entry of an issue's history. `actor` is None where Linear's own automation or an integration did it."""

    created_at: str
    updated_description: bool | None = None
    from_title: str | None = None
    to_title: str | None = None
    actor: _Ref | None = None
    bot_actor: _Ref | None = None


class _Nodes(_Model):
    nodes: tuple[_Ref, ...] = ()


class _Changes(_Model):
    nodes: tuple[IssueChange, ...] = ()


class _ReactionOf(_Model):
    user: _Ref | None = None


class PlanSubIssue(_Model):
    """A sub-issue as it stands, with the first of everything that people can hang on it."""

    id: str
    identifier: str
    title: str
    description: str | None = None
    url: str = ""
    updated_at: str
    trashed: bool | None = None
    archived_at: str | None = None
    priority: float = 0
    estimate: float | None = None
    due_date: str | None = None
    label_ids: tuple[str, ...] = ()
    sub_issue_sort_order: float | None = None
    state: State
    assignee: _Ref | None = None
    cycle: _Ref | None = None
    project: _Ref | None = None
    project_milestone: _Ref | None = None
    parent: _Ref | None = None
    reactions: tuple[_ReactionOf, ...] = ()
    comments: _Nodes = _Nodes()
    children: _Nodes = _Nodes()
    attachments: _Nodes = _Nodes()
    documents: _Nodes = _Nodes()
    relations: _Nodes = _Nodes()
    inverse_relations: _Nodes = _Nodes()
    history: _Changes = _Changes()

    @property
    def is_gone(self) -> bool:
        """In the bin. Finished issues that Linear archived by itself still stand."""
        return bool(self.trashed)


class SimilarIssue(_Model):
    """An open issue whose title is like one that was asked for."""

    id: str
    identifier: str
    title: str
    url: str
    parent: _Ref | None = None
    state: State


async def plan_document(transport: Transport, document_id: str) -> PlanDocument | None:
    """See `Linear.plan_document`."""
    try:
        found = inner(await transport.execute(operation("PlanDocument"), {"id": document_id}), "document")
    except NotFound:
        return None
    comments = await whole(
        transport, inner(found, "comments"), "PlanDocumentComments", {"id": document_id}, ("document", "comments")
    )
    return read(PlanDocument, {**found, "comments": comments})


async def document_writers(transport: Transport, content_id: str) -> tuple[DocumentWriter, ...]:
    """See `Linear.document_writers`."""
    answer = await transport.execute(operation("PlanDocumentHistory"), {"id": content_id})
    return tuple(read(DocumentWriter, each) for each in items(answer, "documentContentHistory", "history"))


async def plan_sub_issues(transport: Transport, ids: Iterable[str]) -> dict[str, PlanSubIssue]:
    """See `Linear.plan_sub_issues`."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, PlanSubIssue] = {}
    for start in range(0, len(wanted), SUB_ISSUES_AT_ONCE):
        part = wanted[start : start + SUB_ISSUES_AT_ONCE]
        for node in items(await transport.execute(operation("PlanSubIssues"), {"ids": part}), "issues", "nodes"):
            issue = read(PlanSubIssue, node)
            found[issue.id] = issue
    return found


async def similar_issues(
    transport: Transport, team_id: str, titles: Sequence[Sequence[str]]
) -> tuple[SimilarIssue, ...]:
    """See `Linear.similar_issues`."""
    found: dict[str, SimilarIssue] = {}
    asked = [words[:_WORDS_OF_A_TITLE] for words in titles if words]
    for start in range(0, len(asked), _TITLES_AT_ONCE):
        any_of = [
            {"and": [{"title": {"containsIgnoreCase": word}} for word in words]}
            for words in asked[start : start + _TITLES_AT_ONCE]
        ]
        wanted = {
            "team": {"id": {"eq": team_id}},
            "state": {"type": {"nin": ["completed", "canceled", "duplicate"]}},
            "or": any_of,
        }
        answer = await transport.execute(operation("SimilarIssues"), {"filter": wanted})
        for node in items(answer, "issues", "nodes"):
            issue = read(SimilarIssue, node)
            found[issue.id] = issue
    return tuple(found.values())
