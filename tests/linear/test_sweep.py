"""The sweep through the real client, answered by the stand-in over HTTP: what is found, what it costs, who asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from linear.auth import ApiKey, AppToken
from linear.client import Linear
from linear.complexity import HIGHEST, points
from linear.errors import Rejected, Unauthorized
from linear.finding import Filter
from linear.ids import stable_id
from linear.operations import operation
from linear.reading import Paging
from linear.sandbox.rows import Actor
from linear.sandbox.server import Sandbox
from linear.sandbox.workspace import stamp
from linear.sweep import ISSUES_AT_ONCE, LabelAdded
from tests.linear.scripted import Script, data, page

ENG = stable_id("sandbox", "team", "ENG")
OPS = stable_id("sandbox", "team", "OPS")
ADA = stable_id("sandbox", "user", "ada")
TRIGGER = "needs-plan"
MANY = 10_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(retry_scale=0.0) as running:
        for issue in running.workspace.issues.values():  # what the seed asks for is no part of these tests
            issue.label_ids = []
        yield running


@pytest_asyncio.fixture
async def linear(sandbox: Sandbox) -> AsyncIterator[Linear]:
    async with await Linear.open(sandbox.graphql_url, ApiKey(sandbox.access.api_key)) as opened:
        yield opened


def label_of(sandbox: Sandbox) -> str:
    found = sandbox.workspace.label_named(TRIGGER)
    assert found is not None
    return found.id


async def last_added(linear: Linear, id_: str, label_id: str) -> LabelAdded:
    """What the issue's history tells; it must tell something."""
    added = (await linear.label_added([id_], [label_id]))[id_]
    assert added is not None
    return added


def issue_of(sandbox: Sandbox, identifier: str) -> str:
    return sandbox.workspace.issue(identifier).id


def made(sandbox: Sandbox, title: str, *labels: str, team: str = ENG) -> str:
    """An issue that Ada creates with these labels; answers its id."""
    given = {"teamId": team, "title": title, "labelIds": list(labels)}
    return sandbox.writing.issues.create(Actor(sandbox.workspace.users[ADA]), given).id


def copies(sandbox: Sandbox, count: int, label_id: str) -> list[str]:
    """That many labelled issues, put there without telling anyone; oldest first."""
    workspace = sandbox.workspace
    model = workspace.issue("ENG-101")
    start = datetime(2025, 1, 1, tzinfo=UTC)
    ids: list[str] = []
    for number in range(1_000, 1_000 + count):
        at = stamp(start + timedelta(minutes=number))
        row = replace(model, id=workspace.new_id(), number=number, identifier=f"ENG-{number}", label_ids=[label_id])
        row.created_at = row.updated_at = at
        workspace.issues[row.id] = row
        ids.append(row.id)
    return ids


# --- what carries the label ------------------------------------------------------------------------------------------


async def test_ten_thousand_issues_in_at_most_45_requests(sandbox: Sandbox, linear: Linear) -> None:
    ids = copies(sandbox, MANY, label_of(sandbox))
    found = await linear.labelled([TRIGGER])
    assert [each.id for each in found] == ids
    assert linear.requests <= 45
    a_page = points(operation("SweepIssues").text, "SweepIssues", {"first": ISSUES_AT_ONCE})
    print(f"{MANY} issues: {linear.requests} requests of {a_page} points each, {linear.points} in all")
    assert a_page < HIGHEST
    assert linear.points == linear.requests * a_page


async def test_nothing_that_carries_it_is_one_request(linear: Linear) -> None:
    assert await linear.labelled([TRIGGER]) == ()
    assert linear.requests == 1


@pytest.mark.parametrize(("names", "teams"), [([], None), ([TRIGGER], [])], ids=["no names", "no teams"])
async def test_what_can_find_nothing_is_not_asked(linear: Linear, names: list[str], teams: list[str] | None) -> None:
    assert await linear.labelled(names, teams) == ()
    assert linear.requests == 0


async def test_an_issue_comes_with_what_decides_on_it(sandbox: Sandbox, linear: Linear) -> None:
    id_ = made(sandbox, "Plan me", label_of(sandbox))
    (found,) = await linear.labelled([TRIGGER])
    assert (found.id, found.title, found.label_ids) == (id_, "Plan me", (label_of(sandbox),))
    assert (found.state.type, found.team.id, found.team.key, found.team.visibility) == ("backlog", ENG, "ENG", "public")
    assert found.creator is not None
    assert (found.creator.id, found.creator.app, found.creator.guest) == (ADA, False, False)


async def test_names_count_whatever_their_case_and_any_of_them(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.press_label("ENG-101", TRIGGER)
    sandbox.press_label("ENG-102", "bug")
    sandbox.press_label("ENG-103", "payments")
    found = await linear.labelled(["NEEDS-Plan", "Bug"])
    assert {each.identifier for each in found} == {"ENG-101", "ENG-102"}


async def test_every_state_counts_and_the_oldest_comes_first(sandbox: Sandbox, linear: Linear) -> None:
    for identifier in ("ENG-108", "ENG-97", "ENG-90"):
        sandbox.press_label(identifier, TRIGGER)
    found = await linear.labelled([TRIGGER])
    assert {each.identifier for each in found} == {"ENG-108", "ENG-97", "ENG-90"}
    assert "completed" in {each.state.type for each in found}
    moments = [each.created_at for each in found]
    assert moments == sorted(moments)


async def test_trashed_and_archived_ones_are_left_out(sandbox: Sandbox, linear: Linear) -> None:
    for identifier in ("ENG-101", "ENG-102", "ENG-103"):
        sandbox.press_label(identifier, TRIGGER)
    sandbox.people.throw_away("ENG-101")
    sandbox.workspace.issue("ENG-102").archived_at = "2026-11-01T00:00:00.000Z"
    assert [each.identifier for each in await linear.labelled([TRIGGER])] == ["ENG-103"]


async def test_other_teams_are_left_out(sandbox: Sandbox, linear: Linear) -> None:
    for identifier in ("ENG-101", "OPS-12"):
        sandbox.press_label(identifier, TRIGGER)
    assert [each.identifier for each in await linear.labelled([TRIGGER], [OPS])] == ["OPS-12"]
    assert {each.identifier for each in await linear.labelled([TRIGGER], [OPS, ENG])} == {"ENG-101", "OPS-12"}
    assert {each.identifier for each in await linear.labelled([TRIGGER])} == {"ENG-101", "OPS-12"}


async def test_a_label_taken_off_between_two_pages_loses_nobody_else(sandbox: Sandbox, linear: Linear) -> None:
    ids = copies(sandbox, 9, label_of(sandbox))
    wanted: Filter = {"labels": {"some": {"name": {"eq": TRIGGER}}}}
    first = await linear.reading.issues(wanted, Paging(first=4))
    sandbox.people.press_label(first.nodes[-1].id, TRIGGER, on=False)
    rest = await linear.reading.issues(wanted, Paging(first=40, after=first.page_info.end_cursor))
    assert [each.id for each in (*first.nodes, *rest.nodes)] == ids[::-1]


async def test_the_filter_holds_only_what_is_used(script: Script) -> None:
    script.then(data(issues=page()), data(issues=page()))
    async with await Linear.open(script.url, ApiKey("lin_api_secret")) as linear:
        await linear.labelled([TRIGGER])
        await linear.labelled([TRIGGER, "plan"], [ENG])
    labels = [{"name": {"eqIgnoreCase": TRIGGER}}, {"name": {"eqIgnoreCase": "plan"}}]
    assert [each.variables for each in script.requests] == [
        {"first": 250, "filter": {"labels": {"some": {"or": labels[:1]}}}},
        {"first": 250, "filter": {"labels": {"some": {"or": labels}}, "team": {"id": {"in": [ENG]}}}},
    ]


# --- who put it there ------------------------------------------------------------------------------------------------


async def test_who_added_it_and_when(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.press_label("ENG-101", TRIGGER, by="Priya Nair")
    at = sandbox.workspace.issue("ENG-101").updated_at
    id_ = issue_of(sandbox, "ENG-101")
    added = await last_added(linear, id_, label_of(sandbox))
    assert added.actor is not None
    assert (added.at, added.actor.name, added.actor.app, added.bot) == (at, "Priya Nair", False, None)


async def test_the_last_addition_counts(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.press_label("ENG-101", TRIGGER, by="Priya Nair")
    sandbox.press_label("ENG-101", TRIGGER, on=False)
    sandbox.press_label("ENG-101", TRIGGER, by="Ada Park")
    sandbox.press_label("ENG-101", "bug", by="Priya Nair")
    id_ = issue_of(sandbox, "ENG-101")
    added = await last_added(linear, id_, label_of(sandbox))
    assert added.actor is not None
    assert added.actor.name == "Ada Park"


async def test_an_app_adds_it_as_its_own_user(sandbox: Sandbox, linear: Linear) -> None:
    id_, access = issue_of(sandbox, "ENG-101"), sandbox.access
    async with httpx2.AsyncClient() as http:
        auth = AppToken(access.client_id, access.client_secret, ("read", "write"), sandbox.oauth_url, http)
        text = "mutation A($i: IssueUpdateInput!, $id: String!) { issueUpdate(id: $id, input: $i) { success } }"
        variables = {"id": id_, "i": {"addedLabelIds": [label_of(sandbox)]}}
        answer = await http.post(sandbox.graphql_url, json={"query": text, "variables": variables}, auth=auth)
    assert answer.json()["data"]["issueUpdate"]["success"]
    added = await last_added(linear, id_, label_of(sandbox))
    assert added.actor is not None
    assert added.actor.app
    assert added.bot is None


async def test_an_integration_adds_it_as_a_bot(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.people.press_label("ENG-101", TRIGGER, bot="Zapier")
    id_ = issue_of(sandbox, "ENG-101")
    added = await last_added(linear, id_, label_of(sandbox))
    assert added.actor is None
    assert added.bot is not None
    assert added.bot.name == "Zapier"
    assert json.loads(sandbox.deliveries.all[-1].body)["actor"]["type"] == "Integration"


async def test_what_was_created_with_it_is_not_told(sandbox: Sandbox, linear: Linear) -> None:
    id_ = made(sandbox, "Born with it", label_of(sandbox))
    sandbox.people.edit(id_, {"title": "Renamed"})
    assert await linear.label_added([id_], [label_of(sandbox)]) == {id_: None}
    assert linear.requests == 1


async def test_a_history_is_read_on_until_it_tells(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.press_label("ENG-101", TRIGGER, by="Priya Nair")
    sandbox.press_label("ENG-102", TRIGGER, by="Ada Park")
    for number in range(170):
        sandbox.people.edit("ENG-101", {"title": f"Title {number}"})
    ids = [issue_of(sandbox, each) for each in ("ENG-101", "ENG-102")]
    added = await linear.label_added(ids, [label_of(sandbox)])
    people = [told.actor for each in ids if (told := added[each])]
    assert [each and each.name for each in people] == ["Priya Nair", "Ada Park"]
    assert [each.operation for each in sandbox.log.all] == ["IssueLabelHistory", *["IssueLabelHistoryFurther"] * 2]


async def test_histories_are_asked_for_25_at_once(sandbox: Sandbox, linear: Linear) -> None:
    ids = copies(sandbox, 60, label_of(sandbox))
    for each in ids:
        sandbox.people.press_label(each, TRIGGER, on=False)
        sandbox.people.press_label(each, TRIGGER)
    added = await linear.label_added(ids, [label_of(sandbox)])
    assert set(added) == set(ids)
    assert linear.requests == 3
    price = points(operation("IssueLabelHistory").text, "IssueLabelHistory")
    print(f"histories of 25 issues cost {price} points")
    assert price < HIGHEST
    assert linear.points == 3 * price


async def test_nobody_asked_for_is_not_asked(sandbox: Sandbox, linear: Linear) -> None:
    assert await linear.label_added([], [label_of(sandbox)]) == {}
    assert await linear.label_added([ADA], []) == {}
    assert linear.requests == 0


async def test_an_archived_issue_is_told_of_and_an_unknown_one_is_missing(sandbox: Sandbox, linear: Linear) -> None:
    sandbox.press_label("ENG-101", TRIGGER)
    sandbox.people.throw_away("ENG-101")
    id_ = issue_of(sandbox, "ENG-101")
    assert set(await linear.label_added([id_, ADA], [label_of(sandbox)])) == {id_}


def entry(at: str, *added: str) -> dict[str, Any]:
    return {"id": at, "createdAt": at, "addedLabelIds": list(added) or None, "actor": None, "botActor": None}


async def test_a_history_that_comes_oldest_first_is_read_whole(script: Script) -> None:
    first = page(entry("2026-11-01T00:00:00.000Z", "L"), entry("2026-11-02T00:00:00.000Z"), cursor="c")
    script.then(
        data(issues={"nodes": [{"id": "I", "history": first}]}),
        data(issue={"history": page(entry("2026-11-03T00:00:00.000Z", "L"))}),
    )
    async with await Linear.open(script.url, ApiKey("lin_api_secret")) as linear:
        added = await last_added(linear, "I", "L")
    assert added.at == "2026-11-03T00:00:00.000Z"
    assert (added.actor, added.bot) == (None, None)


async def test_a_history_whose_pages_do_not_go_on_is_refused(script: Script) -> None:
    again = page(entry("2026-11-01T00:00:00.000Z"), cursor="c")
    script.then(data(issues={"nodes": [{"id": "I", "history": again}]}), data(issue={"history": again}))
    async with await Linear.open(script.url, ApiKey("lin_api_secret")) as linear:
        with pytest.raises(Rejected, match="do not go on"):
            await linear.label_added(["I"], ["L"])


# --- what a history holds --------------------------------------------------------------------------------------------

HISTORY = """query H($id: String!) { issue(id: $id) { history(first: 10) { nodes {
  addedLabelIds removedLabelIds updatedDescription fromTitle toTitle fromStateId toStateId actor { name } } } } }"""


async def test_every_change_has_an_entry_newest_first(sandbox: Sandbox) -> None:
    before = sandbox.workspace.issue("ENG-101")
    title, state = before.title, before.state_id
    sandbox.press_label("ENG-101", TRIGGER)
    sandbox.press_label("ENG-101", TRIGGER, on=False, by="Ada Park")
    sandbox.people.edit("ENG-101", {"title": "New", "description": "Other words", "state": "completed"})
    sandbox.people.edit("ENG-101", {"priority": 1})
    async with httpx2.AsyncClient(headers={"Authorization": sandbox.access.api_key}) as http:
        answer = await http.post(sandbox.graphql_url, json={"query": HISTORY, "variables": {"id": "ENG-101"}})
    priority, edited, removed, added = answer.json()["data"]["issue"]["history"]["nodes"]
    assert {name for name, each in priority.items() if each is not None} == {"actor"}
    assert (edited["fromTitle"], edited["toTitle"], edited["updatedDescription"]) == (title, "New", True)
    assert (edited["fromStateId"], edited["toStateId"]) == (state, sandbox.workspace.issue("ENG-101").state_id)
    assert (removed["removedLabelIds"], removed["addedLabelIds"]) == ([label_of(sandbox)], None)
    assert removed["actor"] == {"name": "Ada Park"}
    assert (added["addedLabelIds"], added["removedLabelIds"]) == ([label_of(sandbox)], None)


# --- webhooks --------------------------------------------------------------------------------------------------------


async def test_an_admin_sees_whether_the_webhook_is_enabled(sandbox: Sandbox, linear: Linear) -> None:
    assert await linear.webhooks() == ()
    sandbox.deliveries.notify = "http://127.0.0.1:9/webhooks/linear"
    async with httpx2.AsyncClient() as http:
        await http.post(f"{sandbox.url}/_sandbox/webhook", json={"enabled": False})
    (webhook,) = await linear.webhooks()
    assert (webhook.url, webhook.enabled) == ("http://127.0.0.1:9/webhooks/linear", False)
    assert {"Issue", "Comment"} <= set(webhook.resource_types)
    sandbox.press_label("ENG-101", TRIGGER)
    assert sandbox.deliveries.all[-1].state == "nobody"


async def test_an_app_may_not_see_webhooks(sandbox: Sandbox) -> None:
    access = sandbox.access
    async with httpx2.AsyncClient() as http:
        auth = AppToken(access.client_id, access.client_secret, ("read", "write"), sandbox.oauth_url, http)
        async with await Linear.open(sandbox.graphql_url, auth, http=http) as linear:
            with pytest.raises(Unauthorized):
                await linear.webhooks()
