"""Lookups through the real client, answered by the stand-in over HTTP: filters, pages, prices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from linear import finding
from linear.auth import ApiKey
from linear.client import Linear
from linear.complexity import points
from linear.errors import NotFound, Rejected
from linear.finding import Filter
from linear.ids import stable_id
from linear.listed import Issue
from linear.operations import operations
from linear.reading import MOST, MOST_DOCUMENTS, MOST_ISSUES, MOST_PROJECTS, Paging, Reading
from linear.sandbox.rows import Cycle, Project, ProjectLabel
from linear.sandbox.server import Sandbox

ENG = stable_id("sandbox", "team", "ENG")
OPS = stable_id("sandbox", "team", "OPS")
ADA = stable_id("sandbox", "user", "ada")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(retry_scale=0.0) as running:
        yield running


@pytest_asyncio.fixture
async def linear(sandbox: Sandbox) -> AsyncIterator[Linear]:
    async with await Linear.open(sandbox.graphql_url, ApiKey(sandbox.access.api_key)) as opened:
        yield opened


@pytest.fixture
def reading(linear: Linear) -> Reading:
    return linear.reading


# --- what things are called ------------------------------------------------------------------------------------------

REFERENCES = {
    "identifier": ("ENG-12", "ENG-12"),
    "lower case": (" eng-12 ", "ENG-12"),
    "address": ("https://linear.app/acme/issue/ENG-12/rate-limit", "ENG-12"),
    "address of a comment": ("https://linear.app/acme/issue/eng-12/x#comment-1234abcd", "ENG-12"),
    "id": (ENG, ENG),
    "anything": ("the issue", "the issue"),
}


@pytest.mark.parametrize(("given", "reference"), REFERENCES.values(), ids=REFERENCES)
def test_an_issue_is_known_by(given: str, reference: str) -> None:
    assert finding.issue_reference(given) == reference


SLUGS = {
    "slug": ("3f2a9c01b2c4", "3f2a9c01b2c4"),
    "title and slug": ("api-guidelines-3f2a9c01b2c4", "3f2a9c01b2c4"),
    "address": ("https://linear.app/acme/document/api-guidelines-3f2a9c01b2c4", "3f2a9c01b2c4"),
    "address with an anchor": ("https://linear.app/acme/document/x-3f2a9c01b2c4#comment-12345678", "3f2a9c01b2c4"),
    "id": (ENG, ENG),
    "anything": ("API guidelines", "API guidelines"),
}


@pytest.mark.parametrize(("given", "slug"), SLUGS.values(), ids=SLUGS)
def test_a_document_is_known_by(given: str, slug: str) -> None:
    assert finding.slug(given) == slug


# --- filters ---------------------------------------------------------------------------------------------------------

ISSUES: dict[str, tuple[Filter | None, set[str]]] = {
    "team by key": ({"team": finding.team("ops")}, {"OPS-12"}),
    "team by name": ({"team": finding.team("Operations")}, {"OPS-12"}),
    "team by id": ({"team": finding.team(OPS)}, {"OPS-12"}),
    "one of these teams": ({"team": finding.teams([OPS])}, {"OPS-12"}),
    "assignee by name": ({"assignee": finding.assignee("Priya Nair")}, {"ENG-97"}),
    "assignee by display name": ({"assignee": finding.assignee("@priya")}, {"ENG-97"}),
    "assignee by e-mail": ({"assignee": finding.assignee("PRIYA@acme.example")}, {"ENG-97"}),
    "assignee by id": ({"assignee": finding.assignee(ADA)}, {"ENG-100"}),
    "state by type": ({"state": finding.state("completed")}, {"ENG-97", "ENG-107"}),
    "state by name": ({"state": finding.state("in progress")}, {"ENG-90", "ENG-100", "SEC-3"}),
    "state by id": ({"state": finding.state(stable_id("sandbox", "state", "OPS", "Todo"))}, {"OPS-12"}),
    "label by name": ({"labels": {"some": finding.label("Payments")}}, {"ENG-102"}),
    "label by id": ({"labels": {"some": finding.label(stable_id("sandbox", "label", "bug"))}}, {"ENG-108"}),
    "project by name and team": (
        {"project": finding.project("public api"), "state": finding.state("Todo")},
        {"ENG-101"},
    ),
    "project nobody has": ({"project": finding.project("nothing-0123456789ab")}, set()),
    "cycle that runs": ({"cycle": finding.cycle("current")}, {"ENG-101"}),
    "cycle by number": ({"cycle": finding.cycle("34")}, {"ENG-101"}),
    "cycle to come": ({"cycle": finding.cycle("next")}, set()),
    "parent by identifier": ({"parent": finding.issue("eng-100")}, {"ENG-97", "ENG-101", "ENG-104"}),
    "priority": ({"priority": {"eq": 1}}, {"ENG-102", "SEC-3"}),
    "words anywhere": (finding.saying("ANSWERS parse_page_args", ("title", "description")), {"ENG-108"}),
    "every word must be there": (finding.saying("limit zeppelin", ("title", "description")), set()),
    "since a duration": ({"createdAt": finding.since("-P4D")}, {"ENG-106", "ENG-108", "SEC-3"}),
    "all of it": (
        finding.all_of([{"team": finding.team("ENG")}, {"priority": {"eq": 2}}, {"state": finding.state("Backlog")}]),
        {"ENG-103"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "identifiers"), ISSUES.values(), ids=ISSUES)
async def test_issues_of_a_filter(reading: Reading, wanted: Filter | None, identifiers: set[str]) -> None:
    found = await reading.issues(wanted, Paging(first=40))
    assert {each.identifier for each in found.nodes} == identifiers


def test_a_slug_of_an_address_leads_to_the_project() -> None:
    assert finding.project("https://linear.app/acme/project/public-api-0123456789ab") == {
        "or": [
            {"name": {"eqIgnoreCase": "https://linear.app/acme/project/public-api-0123456789ab"}},
            {"slugId": {"eq": "0123456789ab"}},
        ]
    }


async def test_nobody_s_issues(reading: Reading) -> None:
    found = await reading.issues({"assignee": finding.assignee("null")}, Paging(first=40))
    assert "ENG-101" in {each.identifier for each in found.nodes}
    assert all(each.assignee is None for each in found.nodes)


async def test_a_line_of_a_list_has_what_is_told_of_an_issue(reading: Reading) -> None:
    (issue,) = (await reading.issues(finding.issue("ENG-102"), Paging())).nodes
    assert (issue.title, issue.state.name, issue.state.type) == (
        "Handle payment webhooks exactly once", "Todo", "unstarted",
    )  # fmt: skip
    assert (issue.priority_label, issue.team.key, issue.team.visibility) == ("Urgent", "ENG", "public")
    assert (issue.assignee, issue.project) == (None, None)
    names = await reading.label_names(issue.label_ids)
    assert set(names.values()) == {"backend", "payments"}


async def test_no_labels_send_nothing(linear: Linear) -> None:
    assert await linear.reading.label_names([]) == {}
    assert linear.requests == 0


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["createdAt", "updatedAt", None])
async def test_pages_follow_each_other_and_miss_nothing(reading: Reading, order: str | None) -> None:
    seen: list[Issue] = []
    page = Paging(first=5, order_by=order)
    for _ in range(10):
        found = await reading.issues(None, page)
        seen += found.nodes
        if not found.page_info.has_next_page:
            break
        page = Paging(first=5, order_by=order, after=found.page_info.end_cursor)
    assert len(seen) == len({each.id for each in seen}) == 13
    moments = [each.updated_at if order == "updatedAt" else each.created_at for each in seen]
    assert moments == sorted(moments, reverse=True)


async def test_a_cursor_that_is_none_is_refused(reading: Reading) -> None:
    with pytest.raises(Rejected, match="cursor"):
        await reading.issues(None, Paging(after="nowhere"))


async def test_archived_issues_only_where_asked_for(sandbox: Sandbox, reading: Reading) -> None:
    sandbox.workspace.issue("ENG-107").archived_at = "2026-11-01T00:00:00.000Z"
    wanted: Filter = {"state": finding.state("completed")}
    shown = await reading.issues(wanted, Paging())
    with_archive = await reading.issues(wanted, Paging(include_archived=True))
    assert {each.identifier for each in shown.nodes} == {"ENG-97"}
    assert {each.identifier for each in with_archive.nodes} == {"ENG-97", "ENG-107"}


async def test_a_page_is_never_larger_than_it_may_cost(sandbox: Sandbox, reading: Reading) -> None:
    for number in range(50):
        sandbox.people.comment("ENG-105", f"Comment {number}")
    found = await reading.comments("ENG-105", Paging(first=1_000))
    assert (len(found.comments.nodes), found.comments.page_info.has_next_page) == (50, False)


PRICES = {
    "TrackerIssues": (MOST_ISSUES, 286), "TrackerLabelNames": (MOST, 60), "TrackerIssue": (0, 270),
    "TrackerComments": (MOST, 284), "TrackerDocument": (0, 24), "TrackerDocuments": (MOST_DOCUMENTS, 294),
    "TrackerProjects": (MOST_PROJECTS, 244), "TrackerProject": (0, 233), "TrackerTeams": (MOST, 77),
    "TrackerUsers": (MOST, 97), "TrackerMembers": (MOST, 98), "TrackerCycles": (MOST, 157),
    "TrackerStates": (MOST, 142), "TrackerLabels": (MOST, 192), "TrackerProjectLabels": (MOST, 127),
}  # fmt: skip


@pytest.mark.parametrize(("name", "first", "price"), [(k, *v) for k, v in PRICES.items()], ids=PRICES)
def test_what_a_lookup_costs_stands_in_its_docstring(name: str, first: int, price: int) -> None:
    assert points(operations()[name].text, name, {"first": first}) == price <= 300


def test_every_lookup_has_its_price_held() -> None:
    assert {name for name in operations() if name.startswith("Tracker")} == PRICES.keys()


async def test_linear_charges_what_we_reckon(linear: Linear) -> None:
    await linear.reading.issues(None, Paging(first=1_000))
    assert linear.points == PRICES["TrackerIssues"][1]


# --- single looks ----------------------------------------------------------------------------------------------------


async def test_an_issue_with_what_hangs_on_it(linear: Linear) -> None:
    issue = await linear.reading.issue("ENG-101")
    assert linear.requests == 1
    assert (issue.team.name, issue.cycle and issue.cycle.number, issue.project and issue.project.name) == (
        "Engineering", 34, "Public API",
    )  # fmt: skip
    assert issue.parent is not None
    assert issue.parent.identifier == "ENG-100"
    assert {each.name for each in issue.labels.nodes} == {"backend", "api", "gateway"}
    assert [each.related_issue.identifier for each in issue.relations.nodes] == ["OPS-12"]
    assert {(each.type, each.issue.identifier) for each in issue.inverse_relations.nodes} == {
        ("blocks", "ENG-90"), ("related", "ENG-103"),
    }  # fmt: skip
    assert [each.title for each in issue.documents.nodes] == ["Traffic per client"]
    assert [each.source_type for each in issue.attachments.nodes] == ["githubPullRequest"]
    parent = await linear.reading.issue("ENG-100")
    assert {each.identifier for each in parent.children.nodes} == {"ENG-97", "ENG-101", "ENG-104"}


@pytest.mark.parametrize("reference", ["ENG-9999", stable_id("nobody"), "nonsense"])
async def test_an_issue_that_is_not_there(reading: Reading, reference: str) -> None:
    with pytest.raises(NotFound):
        await reading.issue(reference)


async def test_a_document_by_slug_with_the_teams_that_own_it(sandbox: Sandbox, reading: Reading) -> None:
    row = sandbox.workspace.documents[stable_id("sandbox", "document", "API guidelines")]
    document = await reading.document(row.slug_id)
    assert (document.title, document.content) == ("API guidelines", row.content)
    assert document.project is not None
    assert [each.key for each in document.project.teams.nodes] == ["ENG"]
    assert not document.project.teams.page_info.has_next_page


async def test_documents_by_owner(reading: Reading) -> None:
    of_issue = await reading.documents({"issue": finding.issue("ENG-102")}, Paging())
    of_project = await reading.documents({"project": finding.project("Reliability")}, Paging())
    assert [each.title for each in of_issue.nodes] == ["What the provider told us"]
    assert [each.title for each in of_project.nodes] == ["Incident: search slow for everybody"]
    assert of_project.nodes[0].content is None


async def test_projects_by_status_lead_label_and_team(sandbox: Sandbox, reading: Reading) -> None:
    label = ProjectLabel(id=stable_id("label"), name="Platform", color="#000000", created_at="t", updated_at="t")
    sandbox.workspace.project_labels[label.id] = label
    row = sandbox.workspace.projects[stable_id("sandbox", "project", "Reliability")]
    row.label_ids = [label.id]
    tables: dict[str, tuple[Filter, set[str]]] = {
        "status by type": ({"status": finding.status("started")}, {"Public API"}),
        "status by name": ({"status": finding.status("planned")}, {"Reliability"}),
        "lead": ({"lead": finding.person("ada")}, {"Public API", "Reliability"}),
        "label": ({"labels": {"some": finding.label("platform")}}, {"Reliability"}),
        "team": ({"accessibleTeams": {"some": finding.team("OPS")}}, {"Reliability"}),
    }
    for name, (wanted, names) in tables.items():
        assert {each.name for each in (await reading.projects(wanted, Paging())).nodes} == names, name
    (project,) = await reading.project(finding.project(f"reliability-{row.slug_id}"))
    assert {each.key for each in project.teams.nodes} == {"ENG", "OPS"}
    assert [each.name for each in project.labels.nodes] == ["Platform"]
    assert [each.name for each in (await reading.project_labels(None, Paging())).nodes] == ["Platform"]
    (api,) = await reading.project(finding.project("Public API"))
    assert [each.name for each in api.project_milestones.nodes] == ["Partner beta"]
    assert [each.title for each in api.documents.nodes] == ["API guidelines"]


async def test_teams_people_and_members(reading: Reading) -> None:
    assert {each.key for each in (await reading.teams(None, Paging())).nodes} == {"ENG", "OPS", "SEC"}
    assert (await reading.team(finding.team("operations"))).id == OPS
    with pytest.raises(NotFound, match="Team"):
        await reading.team(finding.team("nobody"))
    found = await reading.users(finding.people_like("riva"), Paging())
    assert [(each.name, each.guest, each.admin) for each in found.nodes] == [("Tomás Riva", True, False)]
    members = await reading.members(OPS, None, Paging())
    assert {each.display_name for each in members.nodes} == {"ada", "jonas"}


async def test_cycles_before_and_after_the_one_that_runs(sandbox: Sandbox, reading: Reading) -> None:
    for number, start, end in ((33, "2020-01-01", "2020-01-15"), (35, "2099-01-01", "2099-01-15")):
        id_ = stable_id("cycle", str(number))
        sandbox.workspace.cycles[id_] = Cycle(
            id=id_, team_id=ENG, number=number, name=None, starts_at=f"{start}T00:00:00.000Z",
            ends_at=f"{end}T00:00:00.000Z", created_at="2020-01-01T00:00:00.000Z",
            updated_at="2020-01-01T00:00:00.000Z",
        )  # fmt: skip
    for name, number in {"previous": 33, "current": 34, "next": 35}.items():
        wanted = finding.all_of([{"team": finding.teams([ENG])}, finding.cycle(name)])
        (cycle,) = (await reading.cycles(wanted, Paging())).nodes
        assert (name, cycle.number, cycle.team and cycle.team.key) == (name, number, "ENG")
    assert len((await reading.cycles({"team": finding.team("ENG")}, Paging())).nodes) == 3
    assert (await reading.cycles({"team": finding.team("OPS")}, Paging())).nodes == ()


async def test_states_and_labels(reading: Reading) -> None:
    states = await reading.states({"team": finding.team("OPS")}, Paging(first=50))
    assert {each.type for each in states.nodes} == set(finding.STATE_TYPES)
    labels = await reading.labels(None, Paging(first=50))
    assert {each.name: each.team.key for each in labels.nodes if each.team} == {"gateway": "ENG"}
    assert {each.name for each in labels.nodes if each.parent} == {"api", "payments", "reports"}


async def test_comments_say_who_wrote_them(sandbox: Sandbox, reading: Reading) -> None:
    sandbox.people.comment("ENG-105", "From outside", external="Sam")
    found = (await reading.comments("ENG-105", Paging())).comments.nodes
    assert [(each.user, each.external_user and each.external_user.name) for each in found] == [(None, "Sam")]
    talk = (await reading.comments("ENG-102", Paging())).comments.nodes
    assert any(each.user is not None and each.user.guest for each in talk)


async def test_who_is_a_guest_sees_only_projects_of_their_teams(sandbox: Sandbox, linear: Linear) -> None:
    secret = Project(
        id=stable_id("project", "secret"), name="Secret", description="", content=None, slug_id="0123456789ab",
        status_id=stable_id("sandbox", "status", "Planned"), team_ids=[stable_id("sandbox", "team", "SEC")],
        created_at="2026-01-01T00:00:00.000Z", updated_at="2026-01-01T00:00:00.000Z",
    )  # fmt: skip
    sandbox.workspace.projects[secret.id] = secret
    assert {each.name for each in (await linear.reading.projects(None, Paging())).nodes} == {
        "Public API", "Reliability", "Secret",
    }  # fmt: skip
    sandbox.workspace.teams[stable_id("sandbox", "team", "SEC")].member_ids.remove(ADA)
    assert {each.name for each in (await linear.reading.projects(None, Paging())).nodes} == {
        "Public API", "Reliability",
    }  # fmt: skip
