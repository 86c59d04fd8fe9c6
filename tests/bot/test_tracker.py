"""Linear's read tools over the stand-in: what a model reads, and that nothing is shown to those who may not see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from bot.tracker import LinearTracker
from bot.tracker.audience import Audience, may_show, owners_of
from linear.auth import ApiKey
from linear.client import Linear
from linear.errors import RateLimited, Unreachable
from linear.ids import stable_id
from linear.listed import Listed, OwningTeam, PageInfo
from linear.sandbox.rows import Document, Issue, Label, Project, Relation
from linear.sandbox.server import Sandbox
from planner.tools import ToolResult
from planner.tools.tracker import TrackerTools

ENG, OPS, SEC = (stable_id("sandbox", "team", key) for key in ("ENG", "OPS", "SEC"))
CANARY = "zebra-4711"
"""Stands in everything that only the private team may see."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(retry_scale=0.0) as running:
        yield running


@pytest_asyncio.fixture
async def linear(sandbox: Sandbox) -> AsyncIterator[Linear]:
    """With the key of Ada, who is a member of the private team, too."""
    async with await Linear.open(sandbox.graphql_url, ApiKey(sandbox.access.api_key), max_wait_s=0) as opened:
        yield opened


class Desk:
    """The tools of one run, planning ENG-101 unless told otherwise."""

    def __init__(self, sandbox: Sandbox, linear: Linear) -> None:
        self.sandbox = sandbox
        self._linear = linear

    def tools(self, **changes: Any) -> TrackerTools:
        """`changes` of what a LinearTracker takes."""

        async def open_() -> Linear:
            return self._linear

        given: dict[str, Any] = {
            "team_id": ENG, "served": None, "requester_id": stable_id("sandbox", "user", "ada"),
            "issue_id": stable_id("sandbox", "issue", "ENG-101"), "hidden": frozenset(), **changes,
        }  # fmt: skip
        return TrackerTools(LinearTracker(open_, **given))

    async def ask(self, name: str, /, **arguments: Any) -> ToolResult:
        """A call of the usual run."""
        return await self.tools().call(name, arguments)

    def row(self, key: str, id_: str) -> Any:
        """A row of the workspace."""
        return getattr(self.sandbox.workspace, key)[id_]


@pytest.fixture
def desk(sandbox: Sandbox, linear: Linear) -> Desk:
    return Desk(sandbox, linear)


def names(result: ToolResult) -> list[str]:
    """What can be cited of an answer."""
    return [each.name for each in result.found]


# --- the rule --------------------------------------------------------------------------------------------------------

OWN = OwningTeam(id="own", key="OWN", visibility="private")
PUBLIC = OwningTeam(id="public", key="PUB", visibility="public")
PRIVATE = OwningTeam(id="private", key="PRI", visibility="private")
RESTRICTED = OwningTeam(id="restricted", key="RES", visibility="restricted")
UNHEARD = OwningTeam(id="new", key="NEW", visibility="a-new-word")

RULE: dict[str, tuple[tuple[OwningTeam, ...], tuple[str, ...] | None, bool]] = {
    "own team, though private": ((OWN,), None, True),
    "own team, though not served": ((OWN,), ("PUB",), True),
    "another public team": ((PUBLIC,), None, True),
    "another public team that is served": ((PUBLIC,), ("own", "pub"), True),
    "another public team that is not served": ((PUBLIC,), ("OWN",), False),
    "another private team": ((PRIVATE,), None, False),
    "another private team that is served": ((PRIVATE,), ("PRI",), False),
    "a restricted team": ((RESTRICTED,), None, False),
    "a visibility that is new": ((UNHEARD,), None, False),
    "own and public": ((OWN, PUBLIC), None, True),
    "own and private": ((OWN, PRIVATE), None, False),
    "public and private": ((PUBLIC, PRIVATE), None, False),
    "own and one that is not served": ((OWN, PUBLIC), ("OWN",), False),
    "no owner that is known": ((), None, False),
}


@pytest.mark.parametrize(("owners", "served", "shown"), RULE.values(), ids=RULE)
def test_who_may_see_what_belongs_to(owners: Any, served: Any, shown: Any) -> None:
    assert may_show(owners, Audience("own", served)) is shown


def test_owners_that_were_not_all_read_count_as_unknown() -> None:
    listed = Listed[OwningTeam](nodes=(OWN,), page_info=PageInfo(has_next_page=True))
    assert owners_of(listed) == ()
    assert owners_of(Listed[OwningTeam](nodes=(OWN,))) == (OWN,)


# --- the rule, over every tool ---------------------------------------------------------------------------------------

WHEN: dict[str, Any] = {"created_at": "2026-11-01T00:00:00.000Z", "updated_at": "2026-11-20T00:00:00.000Z"}


@pytest.fixture
def secrets(sandbox: Sandbox) -> None:
    """What only the private team may see, with the canary in every text, tied to what all may see."""
    space = sandbox.workspace
    secret = space.issue("SEC-3")
    secret.title, secret.description = f"Keys of {CANARY}", f"Text {CANARY}"
    secret.project_id = stable_id("project", "secret")
    space.teams[SEC].name = f"Security {CANARY}"
    space.teams[SEC].description = f"Team {CANARY}"
    label = Label(id=stable_id("label"), name=f"label-{CANARY}", color="#000000", team_id=SEC, **WHEN)
    space.labels[label.id] = label
    secret.label_ids = [label.id]
    next(each for each in space.states.values() if each.team_id == SEC).name = f"State {CANARY}"
    for name, team_ids in (("secret", [SEC]), ("shared", [ENG, SEC])):
        project = Project(
            id=stable_id("project", name), name=f"{name} {CANARY}", description=CANARY, content=CANARY,
            slug_id=stable_id(name).replace("-", "")[:12], status_id=stable_id("sandbox", "status", "Planned"),
            lead_id=stable_id("sandbox", "user", "ada"), team_ids=team_ids, **WHEN,
        )  # fmt: skip
        space.projects[project.id] = project
        _document(sandbox, f"doc-{name}", project_id=project.id)
    _document(sandbox, "doc-issue", issue_id=secret.id)
    _document(sandbox, "doc-nowhere")
    sandbox.people.comment("SEC-3", f"Comment {CANARY}", by="ada")
    for first, second in (("SEC-3", "ENG-101"), ("ENG-101", "SEC-3")):
        relation = Relation(
            id=stable_id(first, second), issue_id=space.issue(first).id, related_issue_id=space.issue(second).id,
            type="related", **WHEN,
        )  # fmt: skip
        space.relations[relation.id] = relation
    _issue(sandbox, "SEC-4", SEC, parent_id=space.issue("ENG-101").id)
    space.issue("ENG-90").parent_id = secret.id


def _document(sandbox: Sandbox, name: str, **owner: Any) -> None:
    id_ = stable_id("document", name)
    sandbox.workspace.documents[id_] = Document(
        id=id_, title=f"{name} {CANARY}", slug_id=id_.replace("-", "")[:12], content_id=stable_id("content", name),
        content=f"Content {CANARY}", **owner, **WHEN,
    )  # fmt: skip


def _issue(sandbox: Sandbox, identifier: str, team_id: str, **more: Any) -> None:
    key, _, number = identifier.partition("-")
    id_ = stable_id("issue", identifier)
    sandbox.workspace.issues[id_] = Issue(
        id=id_, team_id=team_id, number=int(number), identifier=identifier, title=f"Issue {CANARY}",
        state_id=stable_id("sandbox", "state", key, "Todo"), description=CANARY, **more, **WHEN,
    )  # fmt: skip


SLUG = {name: stable_id("document", name).replace("-", "")[:12] for name in ("doc-issue", "doc-secret", "doc-shared")}
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "issues": ("list_issues", {"limit": 50}),
    "issues of the team": ("list_issues", {"team": "SEC"}),
    "issues of the project": ("list_issues", {"project": f"secret {CANARY}"}),
    "issues by words": ("list_issues", {"query": CANARY}),
    "issues by label": ("list_issues", {"label": f"label-{CANARY}"}),
    "issues by assignee": ("list_issues", {"assignee": "jonas"}),
    "sub-issues of it": ("list_issues", {"parentId": "SEC-3"}),
    "sub-issues there": ("list_issues", {"parentId": "ENG-101"}),
    "my issues": ("list_my_issues", {}),
    "the issue": ("get_issue", {"id": "SEC-3"}),
    "the issue by id": ("get_issue", {"id": stable_id("sandbox", "issue", "SEC-3")}),
    "an issue related to it": ("get_issue", {"id": "ENG-101"}),
    "an issue below it": ("get_issue", {"id": "ENG-90"}),
    "its comments": ("list_comments", {"issueId": "SEC-3"}),
    "documents": ("list_documents", {}),
    "documents by words": ("list_documents", {"query": CANARY}),
    "documents of the issue": ("list_documents", {"issue": "SEC-3"}),
    "documents of the project": ("list_documents", {"project": f"secret {CANARY}"}),
    "document of the issue": ("get_document", {"id": SLUG["doc-issue"]}),
    "document of the project": ("get_document", {"id": SLUG["doc-secret"]}),
    "document of a shared project": ("get_document", {"id": SLUG["doc-shared"]}),
    "document of nobody": ("get_document", {"id": stable_id("document", "doc-nowhere")}),
    "projects": ("list_projects", {}),
    "projects by words": ("list_projects", {"query": CANARY}),
    "projects of the team": ("list_projects", {"team": "SEC"}),
    "the project": ("get_project", {"query": stable_id("project", "secret")}),
    "a shared project": ("get_project", {"query": stable_id("project", "shared")}),
    "teams": ("list_teams", {}),
    "teams by words": ("list_teams", {"query": "Security"}),
    "the team": ("get_team", {"query": "SEC"}),
    "its members": ("list_users", {"team": "SEC"}),
    "its cycles": ("list_cycles", {"teamId": "SEC"}),
    "its statuses": ("list_issue_statuses", {"team": "SEC"}),
    "its status": ("get_issue_status", {"team": "SEC", "name": "Todo"}),
    "a status by id": ("get_issue_status", {"id": stable_id("sandbox", "state", "SEC", "Todo")}),
    "labels": ("list_issue_labels", {"limit": 50}),
    "its labels": ("list_issue_labels", {"team": "SEC"}),
    "labels by words": ("list_issue_labels", {"name": CANARY}),
}


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("name", "arguments"), LOOKS.values(), ids=LOOKS)
async def test_nothing_of_a_private_team_is_shown_to_another(desk: Desk, name: str, arguments: Any) -> None:
    result = await desk.tools().call(name, arguments)
    said = result.text
    for given in arguments.values():
        said = said.replace(str(given), "")
    assert CANARY not in said
    assert not [each for each in names(result) if each.startswith("SEC-") or CANARY in each]
    assert "State zebra" not in result.text


NO_TEXT: dict[tuple[str, object], str] = {
    ("get_document", stable_id("document", "doc-nowhere")): "not everyone here may see it",
    ("list_users", "SEC"): "Jonas Weber",
    ("list_cycles", "SEC"): "No cycles found.",
    ("get_issue_status", "SEC"): "team SEC",
    ("get_issue_status", stable_id("sandbox", "state", "SEC", "Todo")): "team SEC",
}
"""Looks whose answers have no text of the team's that could hold the canary, and what they say instead."""


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("name", "given"), NO_TEXT, ids=[f"{name} {given}"[:40] for name, given in NO_TEXT])
async def test_looks_without_texts_are_refused_to_another_team(desk: Desk, name: str, given: str) -> None:
    (arguments,) = (each for tool, each in LOOKS.values() if tool == name and given in each.values())
    assert (await desk.tools().call(name, arguments)).is_error


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("name", "arguments"), LOOKS.values(), ids=LOOKS)
async def test_the_private_team_s_own_run_reads_it_all(desk: Desk, name: str, arguments: Any) -> None:
    """So that the matrix above proves something: the same looks do find what they look for."""
    own = desk.tools(team_id=SEC, issue_id=stable_id("sandbox", "issue", "SEC-3"))
    result = await own.call(name, arguments)
    words = {("list_issues", "SEC-3"): "ENG-90:", ("list_my_issues", ""): "ENG-100:", **NO_TEXT}
    given = next(iter(arguments.values()), "")
    assert words.get((name, given), CANARY) in result.text


HELD_BACK = {
    "issues": ("list_issues", {"team": "SEC"}, "0 issues. 2 issues left out: not visible to everyone here."),
    "projects": ("list_projects", {"team": "SEC"}, "0 projects. 2 projects left out: not visible to everyone here."),
    "documents": ("list_documents", {"issue": "SEC-3"}, "0 documents. 1 document left out: not visible to every"),
    "teams": ("list_teams", {}, "2 teams. 1 team left out: not visible to everyone here."),
    "labels": ("list_issue_labels", {"limit": 50}, "1 label left out: not visible to everyone here."),
    "relations": ("get_issue", {"id": "ENG-101"}, "- 2 of these left out: not visible to everyone here."),
    "a parent": ("get_issue", {"id": "ENG-90"}, "Parent:\n- 1 of these left out: not visible to everyone here."),
}


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("name", "arguments", "said"), HELD_BACK.values(), ids=HELD_BACK)
async def test_what_is_held_back_is_counted(desk: Desk, name: str, arguments: Any, said: str) -> None:
    assert said in (await desk.tools().call(name, arguments)).text


SEARCHES = {
    "issues": ("list_issues", "query", "issues"),
    "documents": ("list_documents", "query", "documents"),
    "projects": ("list_projects", "query", "projects"),
    "teams": ("list_teams", "query", "teams"),
    "labels": ("list_issue_labels", "name", "labels"),
}


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("name", "argument", "noun"), SEARCHES.values(), ids=SEARCHES)
async def test_words_cannot_be_used_to_guess_at_what_is_held_back(
    desk: Desk, name: str, argument: str, noun: str
) -> None:
    """A search for words that are in a held back text answers like one for words that are nowhere."""
    for word in (CANARY, "word-that-is-nowhere"):
        for limit in (1, 50):
            answer = await desk.ask(name, **{argument: word, "limit": limit})
            assert answer.text == f"No {noun} found. Only what everyone here may see was searched."


@pytest.mark.usefixtures("secrets")
async def test_missing_and_held_back_are_told_alike(desk: Desk) -> None:
    held = await desk.ask("get_issue", id="SEC-3")
    missing = await desk.ask("get_issue", id="ENG-4711")
    assert held.text.replace("SEC-3", "X") == missing.text.replace("ENG-4711", "X")
    assert held.is_error
    assert held.text == "There is no issue SEC-3, or not everyone here may see it."


async def test_public_teams_that_are_not_served_are_held_back(desk: Desk) -> None:
    tools = desk.tools(served=("ENG",))
    assert (await tools.call("get_issue", {"id": "OPS-12"})).is_error
    assert "1 of these left out" in (await tools.call("get_issue", {"id": "ENG-101"})).text
    assert (await tools.call("get_project", {"query": "Reliability"})).is_error  # of ENG and OPS
    documents = await tools.call("list_documents", {})
    assert "API guidelines" in documents.text
    assert "Incident" not in documents.text
    assert "1 document left out" in documents.text
    assert names(await desk.ask("get_issue", id="OPS-12"))[0] == "OPS-12"


async def test_the_issue_itself_is_shown_wherever_it_was_moved(desk: Desk) -> None:
    desk.sandbox.workspace.issue("ENG-101").team_id = SEC
    assert not (await desk.ask("get_issue", id="ENG-101")).is_error
    assert not (await desk.ask("list_comments", issueId="ENG-101")).is_error


async def test_what_the_bot_made_is_no_source(desk: Desk) -> None:
    space = desk.sandbox.workspace
    desk.sandbox.people.comment("ENG-105", "The bot's own", by="plan-bot")
    own = next(each for each in space.comments.values() if each.body == "The bot's own")
    desk.sandbox.people.comment("ENG-105", "Not like that", parent=own.id, by="ada")
    document = next(each for each in space.documents.values() if each.title == "Traffic per client")
    child = space.issue("ENG-104")
    tools = desk.tools(hidden=frozenset({own.id, document.id, child.id}))

    comments = await tools.call("list_comments", {"issueId": "ENG-105"})
    assert "The bot's own" not in comments.text
    assert "Not like that" in comments.text
    assert "in reply to this bot" in comments.text
    assert "ENG-104" not in (await tools.call("list_issues", {"limit": 50})).text
    assert "ENG-104" not in (await tools.call("get_issue", {"id": "ENG-100"})).text
    assert "Traffic per client" not in (await tools.call("get_issue", {"id": "ENG-101"})).text
    assert "Traffic per client" not in (await tools.call("list_documents", {})).text
    for name, arguments in {"get_document": {"id": document.slug_id}, "get_issue": {"id": "ENG-104"}}.items():
        result = await tools.call(name, arguments)
        assert result.is_error
        assert "was made by this bot" in result.text


async def test_what_lies_in_the_bin_is_not_there(desk: Desk) -> None:
    desk.sandbox.people.throw_away("ENG-105")
    slug = next(each.slug_id for each in desk.sandbox.workspace.documents.values() if each.title == "API guidelines")
    desk.sandbox.people.throw_away(slug)
    assert (await desk.ask("get_issue", id="ENG-105")).is_error
    assert (await desk.ask("get_document", id=slug)).is_error
    assert "ENG-105" not in (await desk.ask("list_issues", limit=50, includeArchived=True)).text
    assert "API guidelines" not in (await desk.ask("list_documents", includeArchived=True)).text


# --- how it reads ----------------------------------------------------------------------------------------------------


async def test_an_issue_reads_whole(desk: Desk) -> None:
    result = await desk.ask("get_issue", id="https://linear.app/acme/issue/ENG-101/rate-limit-the-public-api")
    head, _, rest = result.text.partition("\n\n")
    assert head.startswith(
        "ENG-101: Rate limit the public API\nstate Todo (unstarted); priority High; assignee nobody;"
    )
    for fact in ("project Public API", "team Engineering (ENG)", "by ada", "cycle Cycle 34", "milestone Partner beta"):
        assert fact in head
    for part in (
        "## What we want", "Parent:\n- ENG-100: Public API is ready for partners | state In Progress (started) | http",
        "- OPS-12: Dashboard with requests per API key | related to; state Todo (unstarted)",
        "- ENG-90: Move sessions to a Redis of their own | blocked by; state In Progress (started)",
        "Documents:\n- document:traffic-per-client-",
        "Attachments:\n- acme/api-gateway #412: Count requests per key | Draft by jonas; from githubPullRequest | ",
    ):  # fmt: skip
        assert part in rest
    assert names(result)[0] == "ENG-101"
    assert {"ENG-100", "OPS-12", "ENG-90", "ENG-103"} <= set(names(result))
    assert result.found[0].url.startswith("https://linear.app/acme/issue/ENG-101/")


async def test_comments_read_in_threads_with_author_role_and_time(desk: Desk) -> None:
    result = await desk.ask("list_comments", issueId="ENG-102")
    assert "by tomas (guest); at 2" in result.text
    assert "\n  ENG-102#comment-" in result.text
    assert "in reply to ENG-102#comment-" in result.text
    assert all(name.startswith("ENG-102#comment-") for name in names(result))
    root = next(each for each in desk.sandbox.workspace.comments.values() if each.issue_id and not each.parent_id)
    desk.sandbox.people.resolve(root.id)
    issue = desk.sandbox.workspace.issues[root.issue_id or ""].identifier
    assert "in a resolved thread" in (await desk.ask("list_comments", issueId=issue)).text


async def test_pages_of_comments_lead_through_all_of_them(desk: Desk) -> None:
    for number in range(7):
        desk.sandbox.people.comment("ENG-105", f"Comment {number}.")
    seen: list[str] = []
    cursor = ""
    for _ in range(5):
        result = await desk.ask("list_comments", issueId="ENG-105", limit=3, cursor=cursor or None)
        seen += [part for part in result.text.split("\n") if part.startswith("Comment ")]
        if "There are more" not in result.text:
            break
        cursor = result.text.partition('cursor "')[2].partition('"')[0]
    assert sorted(seen) == [f"Comment {number}." for number in range(7)]
    assert len(seen) == 7


async def test_a_document_a_project_and_their_names(desk: Desk) -> None:
    project = await desk.ask("get_project", query="public api")
    assert names(project)[0].startswith("project:public-api-")
    assert "Milestones:\n- Partner beta, target " in project.text
    listed = await desk.ask("list_documents", project=names(project)[0].removeprefix("project:"))
    (name,) = names(listed)
    assert name.startswith("document:api-guidelines-")
    document = await desk.ask("get_document", id=name.removeprefix("document:"))
    assert names(document) == [name]
    assert "on project Public API; created " in document.text


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("get_project", {"query": "Nothing"}, "There is no project Nothing, or not everyone here may see it."),
        ("get_team", {"query": "XYZ"}, "There is no team XYZ, or not everyone here may see it."),
        ("get_user", {"query": "nobody"}, "There is no user nobody who is active; list_users finds people"),
        ("get_user", {"query": "Same Name"}, "2 people are called so; ask for one of them: @"),
        ("get_issue_status", {"name": "Todo"}, "get_issue_status needs an id, or a name and a team."),
        ("get_issue_status", {"name": "Nope", "team": "ENG"}, "There is no status Nope, or not everyone"),
        ("list_issues", {"parentId": "the big one"}, "list_issues did not take parentId: an identifier such as"),
        ("list_documents", {"issue": "the big one"}, "list_documents did not take issue: an identifier such as"),
        ("list_issues", {"cursor": "nowhere"}, "Linear did not answer this: "),
        ("list_cycles", {"teamId": "nobody"}, "There is no team nobody, or not everyone here may see it."),
    ],
    ids=[
        "project", "team", "user", "two people", "status without team", "status", "parent", "issue", "cursor", "cycles",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_said_in_a_sentence(desk: Desk, name: str, arguments: Any, said: str) -> None:
    for each in ("priya", "jonas"):
        desk.row("users", stable_id("sandbox", "user", each)).name = "Same Name"
    result = await desk.tools().call(name, arguments)
    assert result.is_error
    assert result.text.startswith(said)
    assert "\n" not in result.text


async def test_projects_of_one_name_are_told_apart_by_their_slugs(desk: Desk) -> None:
    for each in desk.sandbox.workspace.projects.values():
        each.name = "Same"
    result = await desk.ask("get_project", query="same")
    assert result.text.startswith("2 projects are called so; ask for one by its slug: ")
    slug = result.text.rstrip(".").rpartition(" ")[2]
    assert not (await desk.ask("get_project", query=slug)).is_error


async def test_people_are_told_without_their_addresses(desk: Desk) -> None:
    everybody = await desk.ask("list_users", limit=50)
    assert "Tomás Riva (@tomas)\nrole guest" in everybody.text
    assert "Plan Bot (@plan-bot)\nrole app" in everybody.text
    assert "@acme.example" not in everybody.text
    one = await desk.ask("get_user", query="ada@acme.example")
    assert one.text.startswith("Ada Park (@ada)\nrole admin")


async def test_me_is_who_asked(desk: Desk) -> None:
    assert names(await desk.ask("list_my_issues")) == names(await desk.ask("list_issues", assignee="me")) == ["ENG-100"]
    assert (await desk.ask("get_user", query="me")).text.startswith("Ada Park")
    nobody = desk.tools(requester_id="")
    for name, arguments in {"list_my_issues": {}, "get_user": {"query": "me"}}.items():
        result = await nobody.call(name, arguments)
        assert (result.is_error, "not known who asked" in result.text) == (True, True)


async def test_statuses_stand_in_the_order_of_the_board(desk: Desk) -> None:
    blocks = (await desk.ask("list_issue_statuses", team="ops")).text.split("\n\n")
    assert [each.splitlines()[0] for each in blocks[1:]] == [
        "Triage", "Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled", "Duplicate",
    ]  # fmt: skip


async def test_an_identifier_can_be_sought_like_words(desk: Desk) -> None:
    assert names(await desk.ask("list_issues", query="eng-107")) == ["ENG-107"]


async def test_names_of_labels_are_read_once(desk: Desk, linear: Linear) -> None:
    tools = desk.tools()
    for _ in range(2):
        assert "labels backend" in (await tools.call("list_issues", {"state": "completed"})).text
    assert linear.requests == 3


# --- what goes wrong -------------------------------------------------------------------------------------------------


async def test_a_limit_that_is_used_up_is_raised(desk: Desk) -> None:
    desk.sandbox.faults.add("TrackerIssue", "rate_limit", times=99, reset_after_s=3_600)
    with pytest.raises(RateLimited):
        await desk.ask("get_issue", id="ENG-101")


async def test_no_answer_is_raised(desk: Desk, linear: Linear) -> None:
    await linear.aclose()
    with pytest.raises(Unreachable):
        await desk.ask("list_issues")


async def test_a_key_that_may_not_read_is_said(desk: Desk) -> None:
    desk.sandbox.faults.add("TrackerTeams", "unauthorized", times=0)
    result = await desk.ask("list_teams")
    assert result.is_error
    assert result.text.startswith("The bot's key may not read this: ")
