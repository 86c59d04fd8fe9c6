"""Looking things up in Linear, one page a request: what a model asks for while it plans.

What each request costs in Linear's points for a page of `first` nodes stands at its method (linear/complexity.py
counts it, tests hold it); none costs more than 300 with the most that `Paging` allows for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linear.answers import inner, items, read
from linear.errors import NotFound
from linear.finding import Filter
from linear.listed import (
    Commented,
    Cycle,
    Document,
    Issue,
    Label,
    Listed,
    Named,
    OwningTeam,
    Person,
    Project,
    State,
)
from linear.operations import operation
from linear.transport import Transport

MOST_ISSUES = 40
MOST_DOCUMENTS = 20
MOST_PROJECTS = 20
MOST = 50
"""The largest pages: of issues, documents, projects, and of anything else."""


@dataclass(frozen=True)
class Paging:
    """Which page. `order_by`: createdAt or updatedAt, newest first (None: Linear's default, createdAt).

    `after` is the cursor of the page before.
    """

    first: int = 25
    after: str | None = None
    order_by: str | None = None
    include_archived: bool = False


class Reading:
    """Looks into one workspace. Raises `linear.errors`; NotFound for what is not there or not to be seen."""

    def __init__(self, transport: Transport) -> None:
        """Uses the transport of the client it belongs to."""
        self._transport = transport

    async def issues(self, wanted: Filter | None, page: Paging) -> Listed[Issue]:
        """Issues of a filter: 7.1 points each, 286 for 40."""
        data = await self._ask("TrackerIssues", wanted, page, MOST_ISSUES, archived=True)
        return read(Listed[Issue], inner(data, "issues"))

    async def label_names(self, ids: Sequence[str]) -> dict[str, str]:
        """Names of labels by id, at most 200 of them: 1.2 points each."""
        found: dict[str, str] = {}
        wanted = list(dict.fromkeys(ids))[: 4 * MOST]
        for start in range(0, len(wanted), MOST):
            part = wanted[start : start + MOST]
            data = await self._send("TrackerLabelNames", {"ids": part, "first": len(part)})
            for each in items(data, "issueLabels", "nodes"):
                label = read(Named, each)
                found[label.id] = label.name
        return found

    async def issue(self, reference: str) -> Issue:
        """An issue by id or identifier, with a page of all that hangs on it but comments: 270 points."""
        return read(Issue, inner(await self._send("TrackerIssue", {"id": reference}), "issue"))

    async def comments(self, reference: str, page: Paging) -> Commented:
        """An issue's comments: 5.6 points each, 284 for 50."""
        given = {"id": reference, **_paged(page, MOST)}
        return read(Commented, inner(await self._send("TrackerComments", given), "issue"))

    async def document(self, reference: str) -> Document:
        """A document by id or slug, whole: 24 points."""
        return read(Document, inner(await self._send("TrackerDocument", {"id": reference}), "document"))

    async def documents(self, wanted: Filter | None, page: Paging) -> Listed[Document]:
        """Documents of a filter, without their content: 14.6 points each, 294 for 20."""
        data = await self._ask("TrackerDocuments", wanted, page, MOST_DOCUMENTS, archived=True)
        return read(Listed[Document], inner(data, "documents"))

    async def projects(self, wanted: Filter | None, page: Paging) -> Listed[Project]:
        """Projects of a filter: 12.1 points each, 244 for 20."""
        data = await self._ask("TrackerProjects", wanted, page, MOST_PROJECTS, archived=True)
        return read(Listed[Project], inner(data, "projects"))

    async def project(self, wanted: Filter) -> tuple[Project, ...]:
        """The first three projects of a filter, with a page of what hangs on each: 233 points."""
        data = await self._send("TrackerProject", {"filter": wanted})
        return tuple(read(Project, each) for each in items(data, "projects", "nodes"))

    async def teams(self, wanted: Filter | None, page: Paging) -> Listed[OwningTeam]:
        """Teams of a filter: 1.5 points each, 77 for 50."""
        data = await self._ask("TrackerTeams", wanted, page, MOST, archived=True)
        return read(Listed[OwningTeam], inner(data, "teams"))

    async def team(self, wanted: Filter) -> OwningTeam:
        """The first team of a filter: 3 points. Raises NotFound."""
        found = await self.teams(wanted, Paging(first=1))
        if not found.nodes:
            raise NotFound("Team")
        return found.nodes[0]

    async def users(self, wanted: Filter | None, page: Paging) -> Listed[Person]:
        """People and apps that are active: 1.9 points each, 97 for 50."""
        data = await self._ask("TrackerUsers", wanted, page, MOST)
        return read(Listed[Person], inner(data, "users"))

    async def members(self, team_id: str, wanted: Filter | None, page: Paging) -> Listed[Person]:
        """Members of a team: 1.9 points each, 98 for 50."""
        given = {"id": team_id, **_paged(page, MOST), **_filtered(wanted)}
        return read(Listed[Person], inner(await self._send("TrackerMembers", given), "team", "members"))

    async def cycles(self, wanted: Filter | None, page: Paging) -> Listed[Cycle]:
        """Cycles of a filter: 3.1 points each, 157 for 50."""
        data = await self._ask("TrackerCycles", wanted, page, MOST, archived=True)
        return read(Listed[Cycle], inner(data, "cycles"))

    async def states(self, wanted: Filter | None, page: Paging) -> Listed[State]:
        """Workflow states of a filter: 2.8 points each, 142 for 50."""
        given = {"first": _first(page, MOST), "after": page.after, **_filtered(wanted)}
        return read(Listed[State], inner(await self._send("TrackerStates", given), "workflowStates"))

    async def labels(self, wanted: Filter | None, page: Paging) -> Listed[Label]:
        """Labels of issues: 3.8 points each, 192 for 50."""
        data = await self._ask("TrackerLabels", wanted, page, MOST)
        return read(Listed[Label], inner(data, "issueLabels"))

    async def project_labels(self, wanted: Filter | None, page: Paging) -> Listed[Label]:
        """Labels of projects: 2.5 points each, 127 for 50."""
        data = await self._ask("TrackerProjectLabels", wanted, page, MOST)
        return read(Listed[Label], inner(data, "projectLabels"))

    async def _ask(
        self, name: str, wanted: Filter | None, page: Paging, most: int, *, archived: bool = False
    ) -> dict[str, object]:
        given = {**_paged(page, most), **_filtered(wanted)}
        if archived and page.include_archived:
            given["includeArchived"] = True
        return await self._send(name, given)

    async def _send(self, name: str, variables: Mapping[str, object]) -> dict[str, object]:
        given = {key: value for key, value in variables.items() if value is not None}
        return await self._transport.execute(operation(name), given)


def _first(page: Paging, most: int) -> int:
    return max(1, min(page.first, most))


def _paged(page: Paging, most: int) -> dict[str, object]:
    return {"first": _first(page, most), "after": page.after, "orderBy": page.order_by}


def _filtered(wanted: Filter | None) -> dict[str, object]:
    return {"filter": wanted} if wanted else {}
