"""Linear as the tracker a model may look into while it plans, limited to what every reader of the issue may see.

What is held back is counted, page by page. Where words are sought the count would tell of texts that are held back,
one word at a time: then only what may be shown is searched, and nothing is counted. What is missing and what may not
be shown are answered with the same sentence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.tracker import items
from bot.tracker.audience import Audience, may_show, owners_of
from bot.tracker.told import missing, the, told
from linear import finding
from linear.reading import Paging
from planner.tools.tracker.items import Answer, NotAnswered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from linear.client import Linear
    from linear.finding import Filter
    from linear.listed import Commented, Document, Issue, Link, OwningTeam, PageInfo, Project
    from planner.tools.tracker import arguments as asked
    from planner.tools.tracker.items import Item

__all__ = ["LinearTracker"]

_STATE_ORDER = {name: place for place, name in enumerate(finding.STATE_TYPES)}
_MOST_STATES = 50
_SEARCHED = "Only what everyone here may see was searched."
_ME = "me"


class LinearTracker:
    """Looks into Linear for one run."""

    def __init__(
        self,
        linear: Callable[[], Awaitable[Linear]],
        *,
        team_id: str,
        served: tuple[str, ...] | None,
        requester_id: str,
        issue_id: str,
        hidden: frozenset[str],
    ) -> None:
        """`linear` answers the client of the running loop. `team_id` is of the issue's team, `issue_id` its own.

        `served`: keys of the teams the bot serves, None for all. `requester_id`: who asked, empty where nobody is
        known. `hidden`: ids of what the bot itself made, which is no source for a plan.
        """
        self._linear = linear
        self._audience = Audience(team_id, served)
        self._requester_id = requester_id
        self._issue_id = issue_id
        self._hidden = hidden
        self._label_names: dict[str, str] = {}
        self._open_teams: tuple[str, ...] | None = None

    # --- issues ------------------------------------------------------------------------------------------------------

    async def issues(self, wanted: asked.Issues) -> Answer:
        """Issues that fit, newest first. Costs 286 points for the most, and 60 for the names of labels not yet known.

        Lists of the teams that may be shown, 87 points, are read once a run, where words or a parent are sought.
        """
        filters: list[Filter | None] = [
            {"team": finding.team(wanted.team)} if wanted.team else None,
            {"assignee": self._person(wanted.assignee, nobody=True)} if wanted.assignee else None,
            {"state": finding.state(wanted.state)} if wanted.state else None,
            {"project": finding.project(wanted.project)} if wanted.project else None,
            {"labels": {"some": finding.label(wanted.label)}} if wanted.label else None,
            {"cycle": finding.cycle(wanted.cycle)} if wanted.cycle else None,
            {"priority": {"eq": wanted.priority}} if wanted.priority is not None else None,
            {"createdAt": finding.since(wanted.created_at)} if wanted.created_at else None,
            {"updatedAt": finding.since(wanted.updated_at)} if wanted.updated_at else None,
        ]
        if wanted.parent:
            parent = finding.issue(wanted.parent)
            if parent is None:
                raise NotAnswered("list_issues did not take parentId: an identifier such as ENG-12 is needed.")
            filters.append({"parent": {"and": [parent, {"team": finding.teams(await self._shown_teams())}]}})
        if wanted.query:
            filters.append(_words(wanted.query))
            filters.append({"team": finding.teams(await self._shown_teams())})
        reading = (await self._linear()).reading
        found = await told(
            "issues", reading.issues(finding.all_of(each for each in filters if each), _page(wanted, wanted))
        )
        here = [each for each in found.nodes if not each.trashed and each.id not in self._hidden]
        shown = [each for each in here if self._shows_issue(each)]
        unnamed = {each for issue in shown for each in issue.label_ids} - self._label_names.keys()
        if unnamed:
            self._label_names |= await told("labels", reading.label_names(sorted(unnamed)))
        return self._listed(
            ("issue", "issues"),
            [items.issue(each, self._label_names) for each in shown],
            found.page_info,
            held_back=len(here) - len(shown),
            searched=bool(wanted.query),
        )

    async def issue(self, reference: str) -> Answer:
        """One issue, with what hangs on it: 270 points."""
        wanted = finding.issue_reference(reference)
        found = await told(the("issue", reference), (await self._linear()).reading.issue(wanted))
        self._refuse_unless_shown(
            found.id, shows=self._shows_issue(found) and not found.trashed, what=the("issue", reference)
        )
        item = items.whole_issue(found, shows=self._shows_issue, ours=self._is_ours)
        return Answer(noun=("issue", "issues"), items=(item,))

    async def comments(self, wanted: asked.Comments) -> Answer:
        """A page of an issue's comments: 284 points for the most."""
        what = the("issue", wanted.issue)
        reference = finding.issue_reference(wanted.issue)
        found = await told(what, (await self._linear()).reading.comments(reference, _page(wanted)))
        self._refuse_unless_shown(found.id, shows=self._shows_issue(found) and not found.trashed, what=what)
        return self._listed(
            ("comment", "comments"), items.threads(found, self._is_ours), found.comments.page_info
        ).model_copy(update={"notes": (f"On {found.identifier}; the newest page comes first.",)})

    # --- documents and projects --------------------------------------------------------------------------------------

    async def documents(self, wanted: asked.Documents) -> Answer:
        """Documents of issues and projects: 294 points for the most.

        Those of teams, cycles, releases and initiatives have no owner that is read, and are held back.
        """
        filters: list[Filter | None] = [
            {"project": finding.project(wanted.project)} if wanted.project else None,
            {"createdAt": finding.since(wanted.created_at)} if wanted.created_at else None,
            {"updatedAt": finding.since(wanted.updated_at)} if wanted.updated_at else None,
        ]
        if wanted.issue:
            issue = finding.issue(wanted.issue)
            if issue is None:
                raise NotAnswered("list_documents did not take issue: an identifier such as ENG-12 is needed.")
            filters.append({"issue": issue})
        if wanted.query:
            filters.append(finding.saying(wanted.query, ("title",)))
            teams = finding.teams(await self._shown_teams())
            filters.append({"or": [{"issue": {"team": teams}}, {"project": {"accessibleTeams": _only(teams)}}]})
        reading = (await self._linear()).reading
        found = await told(
            "documents", reading.documents(finding.all_of(each for each in filters if each), _page(wanted, wanted))
        )
        here = [each for each in found.nodes if not each.trashed and each.id not in self._hidden]
        shown = [items.document(each) for each in here if self._shows_document(each)]
        return self._listed(
            ("document", "documents"),
            shown,
            found.page_info,
            held_back=len(here) - len(shown),
            searched=bool(wanted.query),
        )

    async def document(self, reference: str) -> Answer:
        """One document: 24 points."""
        what = the("document", reference)
        found = await told(what, (await self._linear()).reading.document(finding.slug(reference)))
        self._refuse_unless_shown(found.id, shows=self._shows_document(found) and not found.trashed, what=what)
        return Answer(noun=("document", "documents"), items=(items.document(found),))

    async def projects(self, wanted: asked.Projects) -> Answer:
        """Projects of the teams that may be shown: 244 points for the most."""
        filters: list[Filter | None] = [
            {"accessibleTeams": {"some": finding.team(wanted.team)}} if wanted.team else None,
            {"status": finding.status(wanted.state)} if wanted.state else None,
            {"lead": self._person(wanted.lead)} if wanted.lead else None,
            {"labels": {"some": finding.label(wanted.label)}} if wanted.label else None,
            {"createdAt": finding.since(wanted.created_at)} if wanted.created_at else None,
            {"updatedAt": finding.since(wanted.updated_at)} if wanted.updated_at else None,
        ]
        if wanted.query:
            filters.append(finding.saying(wanted.query, ("name",)))
            filters.append({"accessibleTeams": _only(finding.teams(await self._shown_teams()))})
        reading = (await self._linear()).reading
        found = await told(
            "projects", reading.projects(finding.all_of(each for each in filters if each), _page(wanted, wanted))
        )
        here = [each for each in found.nodes if not each.trashed]
        shown = [items.project(each) for each in here if self._shows_project(each)]
        return self._listed(
            ("project", "projects"),
            shown,
            found.page_info,
            held_back=len(here) - len(shown),
            searched=bool(wanted.query),
        )

    async def project(self, reference: str) -> Answer:
        """One project, with what hangs on it: 233 points."""
        what = the("project", reference)
        found = await told(what, (await self._linear()).reading.project(finding.project(reference)))
        shown = [each for each in found if not each.trashed and self._shows_project(each)]
        if not shown:
            raise NotAnswered(missing(what))
        if len(shown) > 1:
            slugs = ", ".join(each.slug_id for each in shown)
            raise NotAnswered(f"{len(shown)} projects are called so; ask for one by its slug: {slugs}.")
        return Answer(noun=("project", "projects"), items=(items.whole_project(shown[0], self._is_ours),))

    # --- teams and people --------------------------------------------------------------------------------------------

    async def teams(self, wanted: asked.Teams) -> Answer:
        """Teams: 77 points for the most."""
        narrowed: Filter | None = None
        if wanted.query:
            named = [{"name": {"containsIgnoreCase": wanted.query}}, {"key": {"eqIgnoreCase": wanted.query}}]
            narrowed = {"and": [{"or": named}, finding.teams(await self._shown_teams())]}
        found = await told("teams", (await self._linear()).reading.teams(narrowed, _page(wanted, wanted)))
        shown = [items.team(each) for each in found.nodes if may_show([each], self._audience)]
        return self._listed(
            ("team", "teams"),
            shown,
            found.page_info,
            held_back=len(found.nodes) - len(shown),
            searched=bool(wanted.query),
        )

    async def team(self, reference: str) -> Answer:
        """One team: 3 points."""
        return Answer(noun=("team", "teams"), items=(items.team(await self._team(reference)),))

    async def users(self, wanted: asked.Users) -> Answer:
        """People and apps that are active, 97 points for the most; of a team, 3 more."""
        like = finding.people_like(wanted.query) if wanted.query else None
        if wanted.team:
            team = await self._team(wanted.team)
            reading = (await self._linear()).reading
            found = await told("users", reading.members(team.id, like, _page(wanted)))
        else:
            found = await told("users", (await self._linear()).reading.users(like, _page(wanted)))
        return self._listed(("person", "people"), [items.user(each) for each in found.nodes], found.page_info)

    async def user(self, reference: str) -> Answer:
        """One of them: 7 points."""
        what = the("user", reference)
        found = await told(what, (await self._linear()).reading.users(self._person(reference), Paging(first=3)))
        people = list(found.nodes)
        if not people:
            raise NotAnswered(f"There is no {what} who is active; list_users finds people by a part of their name.")
        if len(people) > 1:
            shown = ", ".join(f"@{each.display_name}" for each in people)
            raise NotAnswered(f"{len(people)} people are called so; ask for one of them: {shown}.")
        return Answer(noun=("person", "people"), items=(items.user(people[0]),))

    # --- what teams have ---------------------------------------------------------------------------------------------

    async def cycles(self, wanted: asked.Cycles) -> Answer:
        """A team's cycles, newest first: 160 points for the most."""
        team = await self._team(wanted.team)
        narrowed = finding.all_of(
            [{"team": finding.teams([team.id])}, finding.cycle(wanted.type) if wanted.type else {}]
        )
        found = await told("cycles", (await self._linear()).reading.cycles(narrowed, _page(wanted, wanted)))
        return self._listed(("cycle", "cycles"), [items.cycle(each) for each in found.nodes], found.page_info)

    async def statuses(self, wanted: asked.Statuses) -> Answer:
        """A team's workflow states in their order: 145 points."""
        team = await self._team(wanted.team)
        narrowed: Filter = {"team": finding.teams([team.id])}
        found = await told("states", (await self._linear()).reading.states(narrowed, Paging(first=_MOST_STATES)))
        ordered = sorted(found.nodes, key=lambda each: (_STATE_ORDER.get(each.type, len(_STATE_ORDER)), each.position))
        return self._listed(("status", "statuses"), [items.status(each) for each in ordered], found.page_info)

    async def status(self, wanted: asked.OneStatus) -> Answer:
        """A workflow state by id, or by name and team: 15 points at most."""
        if wanted.id:
            narrowed = finding.label(wanted.id)
            what = the("status", wanted.id)
        elif wanted.name and wanted.team:
            team = await self._team(wanted.team)
            narrowed = {"team": finding.teams([team.id]), **finding.state(wanted.name)}
            what = the("status", wanted.name)
        else:
            raise NotAnswered("get_issue_status needs an id, or a name and a team.")
        found = await told(what, (await self._linear()).reading.states(narrowed, Paging(first=3)))
        shown = [each for each in found.nodes if may_show([each.team], self._audience)]
        if not shown:
            raise NotAnswered(missing(what))
        named = next((each for each in shown if each.name.casefold() == wanted.name.casefold()), shown[0])
        return Answer(noun=("status", "statuses"), items=(items.status(named),))

    async def labels(self, wanted: asked.Labels) -> Answer:
        """Labels of issues: 192 points for the most. With a team, 3 more: its labels and the workspace's."""
        narrowed: list[Filter] = []
        of_workspace: Filter = {"team": {"null": True}}
        if wanted.team:
            team = await self._team(wanted.team)
            narrowed.append({"or": [of_workspace, {"team": finding.teams([team.id])}]})
        elif wanted.name:
            narrowed.append({"or": [of_workspace, {"team": finding.teams(await self._shown_teams())}]})
        if wanted.name:
            narrowed.append({"name": {"containsIgnoreCase": wanted.name}})
        reading = (await self._linear()).reading
        found = await told("labels", reading.labels(finding.all_of(narrowed), _page(wanted)))
        shown = [items.label(each) for each in found.nodes if not each.team or may_show([each.team], self._audience)]
        return self._listed(
            ("label", "labels"),
            shown,
            found.page_info,
            held_back=len(found.nodes) - len(shown),
            searched=bool(wanted.name),
        )

    async def project_labels(self, wanted: asked.ProjectLabels) -> Answer:
        """Labels of projects, which are the workspace's: 127 points for the most."""
        narrowed: Filter | None = {"name": {"containsIgnoreCase": wanted.name}} if wanted.name else None
        found = await told("labels", (await self._linear()).reading.project_labels(narrowed, _page(wanted)))
        return self._listed(("label", "labels"), [items.label(each) for each in found.nodes], found.page_info)

    # --- what may be shown -------------------------------------------------------------------------------------------

    def _is_ours(self, id_: str) -> bool:
        return id_ in self._hidden

    def _shows_issue(self, issue: Issue | Link | Commented) -> bool:
        return issue.id == self._issue_id or may_show([issue.team], self._audience)

    def _shows_project(self, project: Project) -> bool:
        return may_show(owners_of(project.teams), self._audience)

    def _shows_document(self, document: Document) -> bool:
        if document.issue is not None:
            return self._shows_issue(document.issue)
        return document.project is not None and may_show(owners_of(document.project.teams), self._audience)

    def _refuse_unless_shown(self, id_: str, *, shows: bool, what: str) -> None:
        if id_ in self._hidden:
            raise NotAnswered(f"The {what} was made by this bot from the same issue, and is no source for the plan.")
        if not shows:
            raise NotAnswered(missing(what))

    async def _team(self, reference: str) -> OwningTeam:
        found = await told(the("team", reference), (await self._linear()).reading.team(finding.team(reference)))
        if not may_show([found], self._audience):
            raise NotAnswered(missing(the("team", reference)))
        return found

    async def _shown_teams(self) -> tuple[str, ...]:
        """Ids of all teams whose things may be shown; read once a run."""
        if self._open_teams is None:
            shown = {self._audience.team_id: None}
            page: Paging | None = Paging(first=50)
            while page is not None:
                found = await told("teams", (await self._linear()).reading.teams(None, page))
                shown |= {each.id: None for each in found.nodes if may_show([each], self._audience)}
                cursor = found.page_info.end_cursor if found.page_info.has_next_page else None
                page = None if cursor in {None, page.after} else replace(page, after=cursor)
            self._open_teams = tuple(shown)
        return self._open_teams

    def _person(self, wanted: str, *, nobody: bool = False) -> Filter:
        if wanted.casefold() == _ME:
            if not self._requester_id:
                raise NotAnswered('It is not known who asked for this plan, so there is no "me". Name a person.')
            return finding.person(self._requester_id)
        return finding.assignee(wanted) if nobody else finding.person(wanted)

    def _listed(
        self,
        noun: tuple[str, str],
        shown: Sequence[Item],
        page: PageInfo,
        *,
        held_back: int = 0,
        searched: bool = False,
    ) -> Answer:
        return Answer(
            noun=noun,
            items=tuple(shown),
            cursor=page.end_cursor if page.has_next_page else None,
            held_back=0 if searched else held_back,
            notes=(_SEARCHED,) if searched else (),
        )


def _page(wanted: asked.Page, archive: asked.PageWithArchive | None = None) -> Paging:
    return Paging(
        first=wanted.limit,
        after=wanted.cursor or None,
        order_by=wanted.order_by,
        include_archived=archive is not None and archive.include_archived,
    )


def _only(teams: Filter) -> Filter:
    """Of one of these teams, and of no other: a search must not so much as match what is then held back."""
    return {"some": teams, "every": teams}


def _words(query: str) -> Filter | None:
    """Issues by words, or by their identifier."""
    said = finding.saying(query, ("title", "description"))
    named = finding.issue(query)
    return finding.any_of([named, said]) if named and said else said
