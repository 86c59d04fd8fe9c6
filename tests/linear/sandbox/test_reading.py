"""Filters, pages, order, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from linear.ids import stable_id
from linear.sandbox.filters import compares, matches, moment
from linear.sandbox.rules import Refusal
from tests.linear.sandbox.wire import Api

FILTERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "label": ({"labels": {"name": {"eq": "bug"}}}, {"ENG-108"}),
    "label, some, any case": ({"labels": {"some": {"name": {"eqIgnoreCase": "BUG"}}}}, {"ENG-108"}),
    "and, every": (
        {"and": [{"labels": {"name": {"eq": "backend"}}}, {"labels": {"every": {"name": {"neq": "api"}}}}]},
        {"ENG-102", "ENG-103", "ENG-107"},
    ),
    "or": ({"or": [{"number": {"eq": 105}}, {"number": {"eq": 106}}]}, {"ENG-105", "ENG-106"}),
    "state": ({"state": {"type": {"in": ["completed", "canceled"]}}}, {"ENG-97", "ENG-107"}),
    "state, not": (
        {"state": {"type": {"nin": ["unstarted", "started", "completed"]}}},
        {"ENG-103", "ENG-104", "ENG-105", "ENG-106"},
    ),
    "team": ({"team": {"key": {"eq": "OPS"}}}, {"OPS-12"}),
    "no project": (
        {"project": {"null": True}, "priority": {"gt": 0}, "team": {"key": {"eq": "ENG"}}},
        {"ENG-90", "ENG-102", "ENG-108"},
    ),
    "parent": ({"parent": {"title": {"startsWith": "Public API"}}}, {"ENG-97", "ENG-101", "ENG-104"}),
    "children": ({"children": {"some": {"number": {"eq": 101}}}}, {"ENG-100"}),
    "how many labels": (
        {"labels": {"length": {"gte": 3}}, "state": {"type": {"neq": "completed"}}},
        {"ENG-101", "ENG-103"},
    ),
    "description": ({"description": {"contains": "parse_page_args"}}, {"ENG-108"}),
    "no description": ({"description": {"null": True}}, {"ENG-105"}),
    "made lately": ({"createdAt": {"gt": "-P2DT12H"}}, {"ENG-108", "SEC-3"}),
    "assignee": ({"assignee": {"name": {"containsIgnoreCase": "PRIYA"}}}, {"ENG-97"}),
    "comments": ({"comments": {"some": {"body": {"contains": "Parquet"}}}}, set()),
    "creator": ({"creator": {"displayName": {"eq": "tomas"}}}, {"ENG-102"}),
}


@pytest.mark.parametrize(("given", "expected"), FILTERS.values(), ids=FILTERS.keys())
def test_filters_of_issues(api: Api, given: dict[str, Any], expected: set[str]) -> None:
    query = "query Q($f: IssueFilter) { issues(first: 50, filter: $f) { nodes { identifier } } }"
    nodes = api.ask(query, {"f": given}).data["issues"]["nodes"]
    assert {each["identifier"] for each in nodes} == expected


COMPARED: list[tuple[object, dict[str, Any], bool]] = [
    ("Abc", {"eq": "Abc"}, True),
    ("Abc", {"neq": "Abc"}, False),
    ("Abc", {"eqIgnoreCase": "aBC"}, True),
    ("Abc", {"neqIgnoreCase": "aBC"}, False),
    ("Abc", {"startsWith": "A", "endsWith": "c"}, True),
    ("Abc", {"notStartsWith": "A"}, False),
    ("Abc", {"notContains": "x"}, True),
    ("Abc", {"notContainsIgnoreCase": "B"}, False),
    ("café", {"containsIgnoreCaseAndAccent": "CAFE"}, True),
    (None, {"null": True}, True),
    (None, {"eq": "x"}, False),
    (None, {"neq": "x"}, True),
    (None, {"gt": 1}, False),
    (3, {"gte": 3, "lt": 4}, True),
    (3, {"in": [1, 2]}, False),
    (3, {"nin": [1, 2]}, True),
    (True, {"eq": True}, True),
    ("2026-09-10T00:26:40.000Z", {"lt": "2026-09-10T00:26:41Z"}, True),
    ("2026-09-10T00:26:40.000Z", {"eq": "2026-09-10T00:26:40Z"}, True),
    ("2026-09-10T00:26:40.000Z", {"eq": "no date"}, False),
]


@pytest.mark.parametrize(("value", "comparator", "expected"), COMPARED, ids=str)
def test_comparators(value: object, comparator: dict[str, Any], *, expected: bool) -> None:
    assert compares(value, comparator) is expected


def test_an_empty_filter_matches_all_and_nulls_in_it_count_for_nothing() -> None:
    assert matches(object(), {"name": None}, getattr)


def test_dates_that_are_none_are_refused() -> None:
    with pytest.raises(Refusal, match="is not a date"):
        moment("yesterday")


def test_pages_go_through_all_newest_first(api: Api) -> None:
    for number in range(7):
        api.made("CommentCreate", issueId="ENG-105", body=f"{number}", id=stable_id(number))
    query = """query Q($after: String) { issue(id: "ENG-105") { comments(first: 3, after: $after) {
        nodes { id body } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
    seen, after = [], None
    for place in range(3):
        page = api.ask(query, {"after": after}).data["issue"]["comments"]
        seen += [each["body"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["startCursor"] == page["nodes"][0]["id"]
        assert page["pageInfo"]["hasPreviousPage"] is (place > 0)
        assert page["pageInfo"]["hasNextPage"] is (place < 2)
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert api.ask(query, {"after": "nowhere"}).refusal[2] == "The cursor is not valid."


def test_last_and_before_read_from_the_other_end(api: Api) -> None:
    query = """query Q($b: String) { issues(last: 2, before: $b, filter: {team: {key: {eq: "ENG"}}}) {
        nodes { id } pageInfo { hasPreviousPage } } }"""
    last = api.ask(query).data["issues"]
    assert last["pageInfo"]["hasPreviousPage"] is True
    before = api.ask(query, {"b": last["nodes"][0]["id"]}).data["issues"]["nodes"]
    assert len({each["id"] for each in (*last["nodes"], *before)}) == 4


def test_order_by_update_puts_what_changed_first(api: Api) -> None:
    api.run("IssueUpdate", id="ENG-97", input={"priority": 1})
    nodes = api.ask("{ issues(first: 1, orderBy: updatedAt) { nodes { identifier } } }").data["issues"]["nodes"]
    assert nodes == [{"identifier": "ENG-97"}]


def test_archived_rows_are_hidden_unless_asked_for(api: Api) -> None:
    api.control("trash", id="ENG-105")
    query = "query Q($all: Boolean) { issues(first: 50, includeArchived: $all) { nodes { identifier } } }"
    for everything, there in ((True, True), (False, False), (None, False)):
        nodes = api.ask(query, {"all": everything}).data["issues"]["nodes"]
        assert ({"identifier": "ENG-105"} in nodes) is there
    assert api.ask('{ issue(id: "ENG-105") { trashed } }').data["issue"]["trashed"] is True


def test_an_app_sees_public_teams_only(api: Api, app: Api) -> None:
    assert {each["key"] for each in api.run("Teams").data["teams"]["nodes"]} == {"ENG", "OPS", "SEC"}
    assert {each["key"] for each in app.run("Teams").data["teams"]["nodes"]} == {"ENG", "OPS"}
    assert app.ask('{ issue(id: "SEC-3") { id } }').refusal[0] == "Entity not found: Issue"
    assert "referenced Issue" in app.run("CommentCreate", input={"issueId": "SEC-3", "body": "x"}).refusal[2]
    assert (
        "referenced Team"
        in app.run("IssueBatchCreate", input={"issues": [{"teamId": app.team_id("SEC"), "title": "x"}]}).refusal[2]
    )


def test_relations_and_parents_of_private_teams_are_left_out_for_an_app(api: Api, app: Api) -> None:
    api.made("IssueRelationCreate", issueId="SEC-3", relatedIssueId="ENG-105", type="blocks")
    api.run("IssueUpdate", id="ENG-106", input={"parentId": "SEC-3"})
    for client, count in ((api, 1), (app, 0)):
        inverse = client.run("IssueInverseRelations", id="ENG-105").data["issue"]["inverseRelations"]["nodes"]
        assert len(inverse) == count
        parent = client.ask('{ issue(id: "ENG-106") { parent { id } } }').data["issue"]["parent"]
        assert (parent is not None) is bool(count)


@pytest.mark.parametrize("reference", ["ENG-101", "eng-101", stable_id("sandbox", "issue", "ENG-101")])
def test_an_issue_is_found_by_id_or_identifier(api: Api, reference: str) -> None:
    assert api.ask("query Q($id: String!) { issue(id: $id) { identifier } }", {"id": reference}).data == {
        "issue": {"identifier": "ENG-101"}
    }


def test_numbers_are_written_as_javascript_writes_them(api: Api) -> None:
    answer = api.http.post(api.sandbox.graphql_url, json={"query": '{ issue(id: "ENG-101") { number priority } }'})
    assert '"number":101,"priority":2' in answer.text


def test_the_context_of_an_issue_is_one_request_below_1300_points(api: Api) -> None:
    answer = api.run(
        "IssueContext",
        id="ENG-101",
        labelFilter={"name": {"eqIgnoreCase": "Needs-Plan"}},
        askedBy=stable_id("sandbox", "user", "priya"),
        teamDocuments={
            "title": {"eqIgnoreCase": "PLAN-CONTEXT.md"},
            "team": {"issues": {"some": {"id": {"eq": stable_id("sandbox", "issue", "ENG-101")}}}},
        },
    )
    issue = answer.data["issue"]
    assert int(answer.headers["x-complexity"]) <= 1_300
    assert len(issue["comments"]["nodes"]) == 6
    assert [each["title"] for each in issue["documents"]["nodes"]] == ["Traffic per client"]
    assert [each["title"] for each in issue["project"]["documents"]["nodes"]] == ["API guidelines"]
    assert issue["parent"]["identifier"] == "ENG-100"
    assert issue["parent"]["parent"] is None
    assert {"ENG-101", "ENG-97"} <= {each["identifier"] for each in issue["parent"]["children"]["nodes"]}
    assert answer.data["documents"]["nodes"] == []
    assert [each["issue"]["identifier"] for each in issue["inverseRelations"]["nodes"] if each["type"] == "blocks"] == [
        "ENG-90"
    ]
    assert issue["attachments"]["nodes"][0]["sourceType"] == "githubPullRequest"
    assert [each["name"] for each in answer.data["issueLabels"]["nodes"]] == ["needs-plan"]
    assert [each["name"] for each in answer.data["users"]["nodes"]] == ["Priya Nair"]
