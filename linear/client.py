"""The Linear client: reads into models, and `apply`. One request where Linear allows, never a cut list."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Self, cast

import httpx2

from linear.answers import inner, items, read
from linear.apply import apply
from linear.auth import Credentials
from linear.budget import Budget
from linear.errors import Unreachable
from linear.files import FILES_ORIGIN, Downloaded, download
from linear.links import linked_document_slugs
from linear.listed import Webhook
from linear.models import (
    Document,
    Identity,
    Issue,
    IssueContext,
    IssueRef,
    Label,
    RateLimitStatus,
    Team,
    User,
)
from linear.operations import operation
from linear.pages import whole
from linear.pause import Clock, Sleep
from linear.planned import (
    DocumentWriter,
    PlanDocument,
    PlanSubIssue,
    SimilarIssue,
    document_writers,
    plan_document,
    plan_sub_issues,
    similar_issues,
)
from linear.reading import Reading
from linear.sweep import LabelAdded, LabelledIssue, label_added, labelled
from linear.transport import BACKOFF_S, Transport, utc_now
from linear.writes import Made, Write

__all__ = ["Linear", "linked_document_slugs"]

NOBODY = "00000000-0000-4000-8000-000000000000"
"""A well-formed id that matches nothing, for filters that must find nothing."""

PLAN_CONTEXT = ("plan-context.md", "plan-context")
"""Titles of documents that hold standing orders for plans."""

_SLUGS_AT_ONCE = 25

# The connections of an issue that go on beyond the first page, and the operation that reads on.
_PAGED = {
    "comments": "IssueComments",
    "documents": "IssueDocuments",
    "attachments": "IssueAttachments",
    "children": "IssueChildren",
    "labels": "IssueLabels",
    "relations": "IssueRelations",
    "inverseRelations": "IssueInverseRelations",
}


class _Files(NamedTuple):
    """The way to the file host, and what proves there who we are."""

    http: httpx2.AsyncClient
    auth: Credentials
    origin: str


class Linear:
    """One workspace of Linear's, for any number of callers at once. Made by `open`; raises `linear.errors` only."""

    def __init__(self, transport: Transport, http: httpx2.AsyncClient | None, files: _Files) -> None:
        """`http`: the client to close at the end, if it is ours."""
        self._transport = transport
        self._http = http
        self._files = files

    @classmethod
    async def open(
        cls,
        url: str,
        auth: Credentials,
        *,
        http: httpx2.AsyncClient | None = None,
        files_origin: str = FILES_ORIGIN,
        max_wait_s: float = 30,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> Self:
        """Makes ready; sends nothing. `url`: the GraphQL endpoint; `files_origin`: the file host's scheme and host.

        `http` is shared and stays open; without it one is made and closed by `aclose`. Rate limits are waited out up
        to `max_wait_s` and raised as RateLimited beyond.
        """
        own = httpx2.AsyncClient() if http is None else None
        shared = http or cast("httpx2.AsyncClient", own)
        transport = Transport(url, auth, shared, max_wait_s=max_wait_s, clock=clock, sleep=sleep)
        await transport.connect()
        return cls(transport, own, _Files(shared, auth, files_origin))

    async def aclose(self) -> None:
        """Ends it; calls after that raise Unreachable."""
        await self._transport.close()
        if self._http is not None:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def budget(self) -> Budget | None:
        """What the last answer said is left this hour; None before the first."""
        return self._transport.budget

    @property
    def clock_skew_s(self) -> float | None:
        """Seconds that our clock is ahead of Linear's by its last answer; None before the first."""
        return self._transport.clock_skew_s

    @property
    def requests(self) -> int:
        """Requests sent so far, repeated ones too."""
        return self._transport.requests

    @property
    def points(self) -> int:
        """Points that Linear said it charged so far."""
        return self._transport.points

    @property
    def reading(self) -> Reading:
        """Looking things up a page at a time, over the same connection."""
        return Reading(self._transport)

    @property
    def files_origin(self) -> str:
        """Where Linear keeps files: `https://uploads.linear.app`, say."""
        return self._files.origin

    async def download(self, url: str, most: int) -> Downloaded:
        """A file of Linear's file host, of at most `most` bytes. A missing answer is asked for three times.

        Raises what `linear.files.download` does; RateLimited at once.
        """
        failed = 0
        while True:
            try:
                return await download(self._files.http, self._files.auth, self._files.origin, url, most=most)
            except Unreachable:
                if failed == len(BACKOFF_S):
                    raise
                await self._transport.sleep(BACKOFF_S[failed])
                failed += 1

    async def identity(self) -> Identity:
        """Who the key is, and which organization it opens."""
        return read(Identity, await self._execute("Viewer"))

    async def person(self, user_id: str) -> User | None:
        """The user of that id, with role and e-mail; None where there is none that we may see."""
        found = items(await self._execute("Person", {"id": user_id}), "users", "nodes")
        return read(User, found[0]) if found else None

    async def issue_ref(self, issue_id: str) -> IssueRef:
        """An issue's id, by its id or its identifier such as `ENG-123`. Raises NotFound."""
        return read(IssueRef, inner(await self._execute("IssueRef", {"id": issue_id}), "issue"))

    async def rate_limit_status(self) -> RateLimitStatus:
        """What Linear counts for this key right now, asked afresh."""
        return read(RateLimitStatus, inner(await self._execute("RateLimitStatus"), "rateLimitStatus"))

    async def teams(self) -> tuple[Team, ...]:
        """All teams that the key can see."""
        first = await self._execute("Teams")
        nodes = await self._whole(inner(first, "teams"), "Teams", {}, ("teams",))
        return tuple(read(Team, each) for each in nodes)

    async def labels_named(self, names: Iterable[str]) -> tuple[Label, ...]:
        """Labels of that name, whatever their case, of every team and of the workspace; groups too."""
        variables = {"filter": _named(names)}
        first = await self._execute("LabelsByName", variables)
        nodes = await self._whole(inner(first, "issueLabels"), "LabelsByName", variables, ("issueLabels",))
        return tuple(read(Label, each) for each in nodes)

    async def labelled(
        self, label_names: Iterable[str], team_ids: Iterable[str] | None = None
    ) -> tuple[LabelledIssue, ...]:
        """Issues in any state that carry a label of one of these names, whatever its case; oldest first.

        Archived and trashed ones are left out. `team_ids`: only issues of these teams; None: of all that can be seen.
        Read whole, 250 a request; without names or without teams nothing is sent.
        """
        return await labelled(self._transport, label_names, team_ids)

    async def label_added(
        self, issue_ids: Iterable[str], label_ids: Collection[str]
    ) -> Mapping[str, LabelAdded | None]:
        """Who last put one of these labels on each issue, and when, by the issue's id; 25 issues a request.

        None where the history does not tell; an issue that cannot be seen is missing. Linear keeps no entry of what an
        issue was created with or got in its first three minutes: with None, it got the label then.
        """
        return await label_added(self._transport, issue_ids, label_ids)

    async def webhooks(self) -> tuple[Webhook, ...]:
        """The workspace's webhooks. Raises Unauthorized for all but admins, so for apps always."""
        first = await self._execute("Webhooks")
        nodes = await self._whole(inner(first, "webhooks"), "Webhooks", {}, ("webhooks",))
        return tuple(read(Webhook, each) for each in nodes)

    async def issue_context(self, issue_id: str, *, label_names: Iterable[str], asked_by: str | None) -> IssueContext:
        """An issue and everything that hangs on it, whole: one request, and one more for each further page.

        `issue_id` may be an identifier such as `ENG-123`. `label_names`: labels to look up on the way, in every team
        and the workspace. `asked_by`: the id of the user to look up, None for nobody. Raises NotFound.
        """
        labels = _named(label_names)
        data = await self._execute(
            "IssueContext",
            {
                "id": issue_id,
                "labelFilter": labels,
                "askedBy": asked_by or NOBODY,
                "teamDocuments": _plan_context_of(issue_id),
            },
        )
        issue = inner(data, "issue")
        for name, further in _PAGED.items():
            issue[name] = await self._whole(inner(issue, name), further, {"id": issue["id"]}, ("issue", name))
        if issue.get("parent") is not None:
            parent = inner(issue, "parent")
            parent["children"] = await self._whole(
                inner(parent, "children"), "IssueSiblings", {"id": parent["id"]}, ("issue", "children")
            )
            issue["parent"] = parent
        if issue.get("project") is not None:
            project = inner(issue, "project")
            project["documents"] = await self._whole(
                inner(project, "documents"), "ProjectDocuments", {"id": project["id"]}, ("project", "documents")
            )
        found = await self._whole(inner(data, "issueLabels"), "LabelsByName", {"filter": labels}, ("issueLabels",))
        people = items(data, "users", "nodes")
        return IssueContext(
            issue=read(Issue, issue),
            labels=tuple(read(Label, each) for each in found),
            requester=read(User, people[0]) if people else None,
            team_documents=tuple(read(Document, each) for each in items(data, "documents", "nodes")),
        )

    async def documents_by_slug(self, slugs: Sequence[str]) -> tuple[Document, ...]:
        """The documents of these slugs, in their order, one request for each 25. What the key cannot see is missing."""
        wanted = tuple(dict.fromkeys(slugs))
        found: dict[str, Document] = {}
        for start in range(0, len(wanted), _SLUGS_AT_ONCE):
            data = await self._execute("DocumentsBySlug", {"slugs": list(wanted[start : start + _SLUGS_AT_ONCE])})
            for node in items(data, "documents", "nodes"):
                document = read(Document, node)
                found[document.slug_id] = document
        return tuple(found[slug] for slug in wanted if slug in found)

    async def plan_document(self, document_id: str) -> PlanDocument | None:
        """A document as it stands, with all comments on it; one request. None where there is none that we may see."""
        return await plan_document(self._transport, document_id)

    async def document_writers(self, content_id: str) -> tuple[DocumentWriter, ...]:
        """Who gave a document its texts, by the id of its content. Linear may tell of a change late or not at all."""
        return await document_writers(self._transport, content_id)

    async def plan_sub_issues(self, ids: Iterable[str]) -> Mapping[str, PlanSubIssue]:
        """Issues as they stand, by id, trashed ones too, with what people hung on them; 12 a request."""
        return await plan_sub_issues(self._transport, ids)

    async def similar_issues(self, team_id: str, titles: Sequence[Sequence[str]]) -> tuple[SimilarIssue, ...]:
        """Open issues of a team in whose title all words of one of these titles stand; at most 50 for 12 titles."""
        return await similar_issues(self._transport, team_id, titles)

    async def apply(self, write: Write) -> Made:
        """Makes it so, or finds it made: safe to repeat for ever with the same write.

        Answers one Thing for each id of the write, in its order. Raises Unreachable or RateLimited where it is not
        known whether it was applied: repeat the whole call later. Raises NotFound where what it hangs on is missing,
        Rejected and Unauthorized where Linear refuses.
        """
        return await apply(self._transport, write)

    async def _execute(self, name: str, variables: Mapping[str, object] | None = None) -> dict[str, object]:
        return await self._transport.execute(operation(name), variables or {})

    async def _whole(
        self, first: Mapping[str, object], further: str, variables: Mapping[str, object], path: tuple[str, ...]
    ) -> list[dict[str, object]]:
        return await whole(self._transport, first, further, variables, path)


def _plan_context_of(issue_id: str) -> dict[str, object]:
    """A DocumentFilter for the standing orders of the team that an issue belongs to, given its id or identifier."""
    titles = [{"title": {"eqIgnoreCase": title}} for title in PLAN_CONTEXT]
    key, _, number = issue_id.partition("-")
    team = {"key": {"eq": key.upper()}} if number.isdecimal() else {"issues": {"some": {"id": {"eq": issue_id}}}}
    return {"or": titles, "team": team}


def _named(names: Iterable[str]) -> dict[str, object]:
    """An IssueLabelFilter; with no names one that matches nothing, where an empty `or` might match all."""
    any_of = [{"name": {"eqIgnoreCase": name}} for name in dict.fromkeys(names)]
    return {"or": any_of} if any_of else {"id": {"eq": NOBODY}}
