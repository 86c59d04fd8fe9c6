"""Keys, limits, prices and malformed requests, as Linear answers them."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from linear.ids import stable_id
from linear.operations import operations
from linear.sandbox.server import Sandbox
from tests.linear.sandbox.wire import Api

VIEWER = "query Viewer { viewer { id name app } }"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer {key}", "lin_api_wrong", "Bearer lin_oauth_wrong", "{key} ", "Basic {key}"],
    ids=["none", "key behind Bearer", "wrong key", "wrong token", "key with more", "basic"],
)
def test_whoever_has_no_right_key_is_turned_away(sandbox: Sandbox, authorization: str) -> None:
    header = authorization.format(key=sandbox.access.api_key).strip() or None
    if authorization == "{key} ":
        header = f"{sandbox.access.api_key}x"
    answer = httpx2.post(
        sandbox.graphql_url,
        json={"query": VIEWER},
        headers={"Authorization": header} if header else {},
        trust_env=False,
    )
    assert answer.status_code == 401
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "AUTHENTICATION_ERROR"
    assert error["extensions"]["type"] == "authentication error"
    assert sandbox.access.api_key not in answer.text


def test_a_key_acts_as_a_person_and_a_token_as_the_app(api: Api, app: Api) -> None:
    assert api.run("Viewer").data["viewer"] | {"id": ""} == {
        "id": "",
        "name": "Ada Park",
        "displayName": "ada",
        "app": False,
        "url": "https://linear.app/acme/profiles/ada",
    }
    assert app.run("Viewer").data["viewer"]["app"] is True
    app.made("CommentCreate", issueId="ENG-103", body="From the app", id=stable_id("a"))
    assert app.row("comments", stable_id("a"))["userId"] == app.run("Viewer").data["viewer"]["id"]


@pytest.mark.parametrize(
    ("form", "basic", "status", "error"),
    [
        ({"grant_type": "client_credentials", "scope": "read"}, ("x", "y"), 401, "invalid_client"),
        ({"grant_type": "authorization_code", "scope": "read"}, None, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, None, 400, "invalid_scope"),
    ],
    ids=["wrong secret", "another grant", "no scope"],
)
def test_the_token_endpoint_refuses_in_oauths_form(
    sandbox: Sandbox, form: dict[str, str], basic: tuple[str, str] | None, status: int, error: str
) -> None:
    auth = basic or (sandbox.access.client_id, sandbox.access.client_secret)
    answer = httpx2.post(sandbox.oauth_url, data=form, auth=auth, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_asking_with_other_scopes_revokes_every_token(sandbox: Sandbox, app: Api) -> None:
    def ask(scope: str) -> str:
        form = {"grant_type": "client_credentials", "scope": scope}
        form |= {"client_id": sandbox.access.client_id, "client_secret": sandbox.access.client_secret}
        granted = httpx2.post(sandbox.oauth_url, data=form, trust_env=False).json()
        assert granted["token_type"] == "Bearer"
        assert granted["expires_in"] == 2_591_999
        return granted["access_token"]

    ask("write read")
    assert app.run("Viewer").status == 200
    ask("read")
    assert app.run("Viewer").status == 401


@pytest.mark.parametrize(("what", "who"), [("key", "api"), ("tokens", "app")])
def test_keys_and_tokens_can_be_revoked(request: pytest.FixtureRequest, what: str, who: str) -> None:
    client = request.getfixturevalue(who)
    assert client.run("Viewer").status == 200
    client.control("access", revoke=what)
    assert client.run("Viewer").status == 401


WRONG = {
    "no JSON": (b"{", "not JSON"),
    "deeply nested": (b"[" * 200_000, "not JSON"),
    "a list": (b"[]", "must be an object"),
    "no query": (b"{}", "must hold query"),
    "variables that are a list": (b'{"query": "{ viewer { id } }", "variables": [1]}', "must hold query"),
    "no GraphQL": (b'{"query": "query {"}', "Syntax Error"),
    "an unknown field": (b'{"query": "{ viewer { nothing } }"}', "Cannot query field"),
    "a fragment that nobody uses": (b'{"query": "{ viewer { id } } fragment F on User { id }"}', "never used"),
    "an input Linear has and we do not": (
        b'{"query": "mutation { commentCreate(input: {body: \\"x\\", bodyData: 1}) { success } }"}',
        "unknown field 'bodyData'",
    ),
    "no operation of that name": (b'{"query": "query A { viewer { id } }", "operationName": "B"}', "must name one"),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_request_is_answered_400(api: Api, body: bytes, said: str) -> None:
    answer = api.http.post(api.sandbox.graphql_url, content=body)
    assert answer.status_code == 400
    assert said in answer.json()["errors"][0]["message"]


def test_a_body_above_ten_mebibytes_is_too_large(api: Api) -> None:
    given = {"query": VIEWER, "variables": {"x": "y" * 10_485_760}}
    answer = api.http.post(api.sandbox.graphql_url, json=given)
    assert answer.status_code == 413
    assert answer.json() == {
        "error": "request entity too large",
        "extensions": {"code": "PAYLOAD_TOO_LARGE", "limit": 10_485_760},
    }


def test_a_query_above_ten_thousand_points_is_refused(api: Api) -> None:
    inner = "nodes { id children(first: 250) { nodes { id title } } }"
    answer = api.ask(f"{{ issues(first: 250) {{ {inner} }} }}")
    assert answer.status == 400
    assert answer.refusal[0] == "Query too complex"
    assert "maximum is 10000" in answer.refusal[2]


@pytest.mark.parametrize(("first", "refused"), [(250, False), (251, True), (0, True)])
def test_pages_have_at_most_250_nodes(api: Api, first: int, *, refused: bool) -> None:
    answer = api.ask(f"{{ issues(first: {first}) {{ nodes {{ id }} }} }}")
    assert ("errors" in answer.body) is refused
    if refused:
        assert answer.refusal[:2] == ("Argument Validation Error", "INVALID_INPUT")


def test_every_answer_says_what_is_left(api: Api) -> None:
    first, second = api.run("Viewer"), api.run("Teams")
    for answer in (first, second):
        assert int(answer.headers["x-ratelimit-requests-limit"]) == 2_500
        assert int(answer.headers["x-ratelimit-complexity-limit"]) == 3_000_000
        assert int(answer.headers["x-ratelimit-requests-reset"]) > 1_700_000_000_000  # epoch milliseconds
    assert int(second.headers["x-ratelimit-requests-remaining"]) < int(first.headers["x-ratelimit-requests-remaining"])
    assert int(second.headers["x-complexity"]) == 72
    limits = api.run("RateLimitStatus").data["rateLimitStatus"]
    assert limits["kind"] == "apiKey"
    assert [each["type"] for each in limits["limits"]] == ["requests", "complexity"]
    assert all(each["remainingAmount"] < each["allowedAmount"] for each in limits["limits"])


@pytest.mark.parametrize(
    ("limits", "said"),
    [({"requests_per_hour": 2}, "2 requests"), ({"points_per_hour": 4}, "4 complexity points")],
    ids=["requests", "points"],
)
def test_the_hour_runs_out(limits: dict[str, Any], said: str) -> None:
    with Sandbox(**limits) as sandbox, httpx2.Client(trust_env=False) as http:
        http.headers["Authorization"] = sandbox.access.api_key

        def ask() -> httpx2.Response:
            return http.post(sandbox.graphql_url, json={"query": "{ viewer { id name app url displayName } }"})

        answers = [ask() for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 400]
        (error,) = answers[-1].json()["errors"]
        assert error["extensions"]["code"] == "RATELIMITED"
        assert said in error["extensions"]["userPresentableMessage"]


def test_the_log_counts_requests_and_points_by_operation(api: Api) -> None:
    api.run("Viewer")
    api.run("Viewer")
    api.made("CommentCreate", issueId="ENG-103", body="x", id=stable_id("a"))
    log = api.look("log")
    assert {name: each["requests"] for name, each in log["operations"].items()} == {"Viewer": 2, "CommentCreate": 1}
    assert log["points"] == sum(each["points"] for each in log["operations"].values())
    assert [(each["operation"], each["write"], each["applied"], each["ids"]) for each in log["log"]] == [
        ("Viewer", None, False, []),
        ("Viewer", None, False, []),
        ("CommentCreate", 1, True, [stable_id("a")]),
    ]
    api.control("log/clear")
    assert api.look("log")["requests"] == 0


def variables(name: str) -> dict[str, Any]:
    """Variables with which a reading operation can run on the seed."""
    nothing = {"id": {"eq": stable_id("nobody")}}
    given: dict[str, Any] = {
        "id": "ENG-101",
        "slugs": [],
        "ids": [],
        "filter": nothing,
        "labelFilter": nothing,
        "askedBy": "",
        "teamDocuments": nothing,
    }
    given |= {
        "ProjectDocuments": {"id": stable_id("sandbox", "project", "Public API")},
        "StandingComment": {"id": stable_id("sandbox", "comment", "ENG-101", "cache")},
        "PlanDocument": {"id": stable_id("sandbox", "document", "API guidelines")},
        "PlanDocumentComments": {"id": stable_id("sandbox", "document", "API guidelines")},
        "StandingDocument": {"id": stable_id("sandbox", "document", "API guidelines")},
        "TrackerDocument": {"id": stable_id("sandbox", "document", "API guidelines")},
        "TrackerMembers": {"id": stable_id("sandbox", "team", "ENG")},
    }.get(name, {})
    return given


READING = [name for name, each in operations().items() if each.text.startswith("query")]


@pytest.mark.parametrize("name", READING)
def test_every_operation_that_reads_runs(api: Api, name: str) -> None:
    text = operations()[name].text
    given = {key: value for key, value in variables(name).items() if f"${key}:" in text}
    if name == "PlanDocumentHistory":  # by the id of a content, which nobody chooses
        given["id"] = next(iter(api.sandbox.workspace.documents.values())).content_id
    assert api.run(name, **given).data
