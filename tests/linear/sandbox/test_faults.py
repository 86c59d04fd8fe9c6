"""Each way in which the stand-in can be told to go wrong, and what was done all the same."""

from __future__ import annotations

import threading
import time
from typing import Any, get_args

import httpx2
import pytest

from linear.ids import stable_id
from linear.operations import operations, repeated
from linear.sandbox.faults import KINDS, Kind
from tests.linear.sandbox.wire import Api, Eventually

A, B, C = (stable_id("test", letter) for letter in "abc")
COMMENT = {"issueId": "ENG-103", "body": "Hello", "id": A}


def comment(api: Api) -> httpx2.Response | httpx2.TransportError:
    """The answer to a CommentCreate, or why there was none."""
    body = {
        "query": operations()["CommentCreate"].text,
        "variables": {"input": COMMENT},
        "operationName": "CommentCreate",
    }
    try:
        return api.http.post(api.sandbox.graphql_url, json=body)
    except httpx2.TransportError as error:
        return error


# kind -> (HTTP status or None for a reset, a word of the answer, whether the comment stands)
EXPECTED: dict[str, tuple[int | None, str, bool]] = {
    "rate_limit": (400, "RATELIMITED", False),
    "unauthorized": (401, "AUTHENTICATION_ERROR", False),
    "forbidden": (200, "FORBIDDEN", False),
    "graphql_error": (200, "INTERNAL_SERVER_ERROR", False),
    "content_conflict": (200, "Conflict on insert of DocumentContent", False),
    "error_before": (500, "INTERNAL_SERVER_ERROR", False),
    "error_after": (500, "INTERNAL_SERVER_ERROR", True),
    "reset_before": (None, "", False),
    "reset_after": (None, "", True),
    "html_before": (502, "<html>", False),
    "html_after": (502, "<html>", True),
    "slow": (200, '"success":true', True),
    "delayed": (200, '"success":true', True),
    "late": (None, "", False),
    "half_aliases": (200, "INTERNAL_SERVER_ERROR", False),
}


@pytest.mark.parametrize(("kind", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
def test_each_fault_strikes_once_and_then_all_is_well(
    api: Api, kind: Kind, expected: tuple[int | None, str, bool]
) -> None:
    status, word, applied = expected
    api.sandbox.faults.add("CommentCreate", kind, seconds=0.01, keep=0)
    answer = comment(api)
    if status is None:
        assert isinstance(answer, httpx2.TransportError)
    else:
        assert isinstance(answer, httpx2.Response)
        assert answer.status_code == status
        assert word in answer.text
    assert api.stands("comments", A) is applied
    (entry,) = api.sandbox.log.writes
    assert (entry.fault, entry.applied) == (kind, applied)
    again = comment(api)
    assert isinstance(again, httpx2.Response)
    assert again.status_code == 200
    assert ("already exists" in again.text) is applied


def test_every_fault_there_is_has_a_test() -> None:
    assert set(KINDS) == {*EXPECTED, "half_batch"} == set(get_args(Kind))


def test_a_rate_limit_says_when_to_come_back(api: Api) -> None:
    api.sandbox.faults.add("*", "rate_limit", reset_after_s=120)
    answer = api.run("Viewer")
    assert answer.error["extensions"]["type"] == "ratelimited"
    assert answer.headers["x-ratelimit-requests-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-requests-reset"]) == int(answer.headers["x-ratelimit-complexity-reset"])


def test_content_conflicts_do_not_name_our_id(api: Api) -> None:
    api.control("faults", operation="DocumentCreate", kind="content_conflict")
    answer = api.run("DocumentCreate", input={"issueId": "ENG-103", "title": "Plan", "id": A})
    assert A not in str(answer.body)
    assert answer.body["data"] is None


@pytest.mark.parametrize("keep", [0, 2])
def test_a_refused_batch_may_be_half_made(api: Api, keep: int) -> None:
    api.control("faults", operation="IssueBatchCreate", kind="half_batch", keep=keep)
    issues = [{"teamId": api.team_id(), "title": f"{number}", "id": stable_id(number)} for number in range(4)]
    assert api.run("IssueBatchCreate", input={"issues": issues}).refusal[1] == "INTERNAL_SERVER_ERROR"
    assert [api.stands("issues", each["id"]) for each in issues] == [number < keep for number in range(4)]


def test_aliased_mutations_may_stop_half_way(api: Api) -> None:
    api.control("faults", operation="IssueRelationCreate", kind="half_aliases", keep=2)
    variables = {
        f"input{place}": {"id": id_, "issueId": "ENG-103", "relatedIssueId": related, "type": "blocks"}
        for place, (related, id_) in enumerate([("ENG-102", A), ("ENG-105", B), ("ENG-104", C)])
    }
    answer = api.ask(repeated("IssueRelationCreate", 3).text, variables, "IssueRelationCreate")
    assert answer.body["data"] is None
    assert answer.error["path"] == ["r2"]
    assert [api.stands("relations", each) for each in (A, B, C)] == [True, True, False]
    assert api.sandbox.log.writes[-1].ids == [A, B]


def test_a_late_write_lands_after_its_retry_and_finds_its_id_taken(api: Api) -> None:
    api.sandbox.faults.add("CommentCreate", "late", writes=2)
    assert isinstance(comment(api), httpx2.TransportError)
    assert not api.stands("comments", A)
    assert isinstance(comment(api), httpx2.Response)
    api.run("CommentUpdate", id=A, input={"body": "Changed since"})
    log = api.look("log")["log"]
    assert [(each["operation"], each["applied"], each["refused"], each["landed"]) for each in log] == [
        ("CommentCreate", False, False, False),
        ("CommentCreate", True, False, False),
        ("CommentUpdate", True, False, False),
        ("CommentCreate", False, True, True),
    ]
    assert api.row("comments", A)["body"] == "Changed since"


def test_a_late_update_undoes_what_came_after_it(api: Api) -> None:
    api.made("CommentCreate", **COMMENT)
    api.sandbox.faults.add("CommentUpdate", "late", writes=2)
    with pytest.raises(httpx2.TransportError):
        api.run("CommentUpdate", id=A, input={"body": "one"})
    for body in ("one", "two"):
        api.run("CommentUpdate", id=A, input={"body": body})
    assert api.row("comments", A)["body"] == "one"


def test_a_late_write_may_land_after_a_time(api: Api, eventually: Eventually) -> None:
    api.sandbox.faults.add("CommentCreate", "late", ms=5)
    assert isinstance(comment(api), httpx2.TransportError)
    eventually(lambda: api.stands("comments", A))


@pytest.mark.parametrize(
    ("given", "struck"),
    [
        ({"times": 2}, [True, True, False, False]),
        ({"on_call": 2}, [False, True, False, False]),
        ({"on_call": 2, "times": 2}, [False, True, True, False]),
        ({"times": 0}, [True, True, True, True]),
        ({"operation": "*"}, [True, False, False, False]),
        ({"operation": "*mutation"}, [False, False, False, False]),
        ({"operation": "Teams"}, [False, False, False, False]),
    ],
    ids=str,
)
def test_when_a_fault_strikes(api: Api, given: dict[str, Any], struck: list[bool]) -> None:
    api.control("faults", **{"operation": "Viewer", "kind": "error_before", **given})
    assert [api.run("Viewer").status == 500 for _ in range(4)] == struck
    api.control("faults/clear")
    assert api.run("Viewer").status == 200


def test_the_first_fault_that_is_due_strikes_and_all_count(api: Api) -> None:
    api.control("faults", operation="Viewer", kind="error_before")
    api.control("faults", operation="Viewer", kind="rate_limit", on_call=2)
    assert [api.run("Viewer").status for _ in range(3)] == [500, 400, 200]
    assert [each["struck"] for each in api.look("faults")["faults"]] == [1, 1]


@pytest.mark.parametrize(
    "given",
    [{"kind": "nonsense"}, {"kind": "slow", "on_call": 0}, {"kind": "slow", "unknown": 1}, {}],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused(api: Api, given: dict[str, Any]) -> None:
    answer = api.http.post(f"{api.sandbox.url}/_sandbox/faults", json={"operation": "Viewer", **given})
    assert answer.status_code == 400
    assert api.look("faults")["faults"] == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_nth_write_can_be_held_so_that_a_bot_is_killed_right_there(
    api: Api, eventually: Eventually, when: str
) -> None:
    assert api.control("stop-at", write=2, when=when) == {"write": 2}
    api.made("CommentCreate", issueId="ENG-103", body="First", id=B)
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(comment(api)))
    thread.start()
    eventually(lambda: api.look("log")["held"])
    assert api.stands("comments", A) is (when == "after")
    assert outcome == []
    api.control("release")
    thread.join()
    assert isinstance(outcome[0], httpx2.TransportError)
    eventually(lambda: not api.look("log")["held"])
    assert api.made("CommentCreate", issueId="ENG-103", body="Third", id=C)["success"]


def test_a_held_client_that_goes_away_does_no_harm(api: Api, eventually: Eventually) -> None:
    api.control("stop-at", write=1)
    with (
        httpx2.Client(trust_env=False, headers=api.http.headers, timeout=0.05) as http,
        pytest.raises(httpx2.TimeoutException),
    ):
        http.post(
            api.sandbox.graphql_url,
            json={"query": 'mutation { commentCreate(input: {issueId: "ENG-103", body: "x"}) { success } }'},
        )
    assert api.look("log")["held"]
    api.sandbox.release()
    eventually(lambda: not api.look("log")["held"])


def test_a_stand_in_can_be_stopped_while_it_holds_a_write(api: Api) -> None:
    api.control("stop-at", write=1)
    thread = threading.Thread(target=comment, args=(api,))
    thread.start()
    while not api.sandbox.log.held:
        time.sleep(0.005)
    api.sandbox.stop()
    thread.join()
    assert api.sandbox.workspace.comments[A].body == "Hello"
