"""Claiming and ending runs: nobody's request falls between two of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store import runs
from bot.store.database import Database
from bot.triggers import Asker, PlanRequest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    made.migrate()
    yield made
    made.close()


def request(id_: str, kind: str = "label", **fields: Any) -> PlanRequest:
    return PlanRequest.model_validate(
        {
            "id": id_,
            "kind": kind,
            "organization_id": "org",
            "issue_id": "issue",
            "identifier": "ENG-1",
            "title": "t",
            "asker": Asker(name=f"who asked {id_}"),
            "received_at": 1.0,
            **fields,
        }
    )


def claim(database: Database, asked: PlanRequest, *, concurrency: int = 1) -> runs.Claim:
    claimed = database.call(runs.claim, asked, concurrency=concurrency)
    assert claimed is not None
    return claimed


def test_claiming_twice_is_claiming_once(database: Database) -> None:
    assert claim(database, request("a")) == claim(database, request("a"))
    assert claim(database, request("a")).started


def test_a_second_request_joins(database: Database) -> None:
    first = claim(database, request("a"))
    second = claim(database, request("b"))
    assert second.run_id == first.run_id
    assert not second.started
    assert [body["id"] for body in database.call(runs.requests_of, first.run_id)] == ["a", "b"]


def test_what_came_after_the_close_is_handed_on_however_often_the_end_is_repeated(database: Database) -> None:
    first = claim(database, request("a"))
    claim(database, request("b"))
    database.call(runs.close, first.run_id)
    time.sleep(0.01)
    claim(database, request("c"))
    for _ in range(2):
        late = database.call(runs.finish, first.run_id, "done", None)
        assert [(body["id"], body["kind"]) for body in late] == [("c", "again")]
    third = claim(database, request("c", "again"))
    assert third.started
    assert third.run_id != first.run_id
    assert database.call(runs.finish, first.run_id, "done", None) == []


def test_the_request_that_made_a_run_is_never_handed_on(database: Database) -> None:
    first = claim(database, request("a"))
    database.call(runs.close, first.run_id, at=0.0)
    assert database.call(runs.finish, first.run_id, "waiting", "x") == []


def test_a_wake_goes_on_for_whoever_asked_first(database: Database) -> None:
    assert database.call(runs.claim, request("w0", "wake")) is None
    first = claim(database, request("a", guidance="keep Redis"))
    database.call(runs.finish, first.run_id, "waiting", "x")
    woken = claim(database, request("w1", "wake"))
    assert woken.started
    (body,) = database.call(runs.requests_of, woken.run_id)
    assert (body["kind"], body["asker"]["name"], body["guidance"]) == ("label", "who asked a", "keep Redis")
    ended = database.call(runs.get, first.run_id)
    assert ended is not None
    assert ended.state == "unwanted"


@pytest.mark.parametrize(("concurrency", "ahead"), [(1, [0, 1, 2]), (2, [0, 0, 1]), (4, [0, 0, 0])])
def test_how_many_must_end_before(database: Database, concurrency: int, ahead: list[int]) -> None:
    claims = [
        claim(database, request(f"r{number}", issue_id=f"issue-{number}"), concurrency=concurrency)
        for number in range(3)
    ]
    assert [claimed.ahead for claimed in claims] == ahead


def test_guidance_is_too_late_only_between_reading_and_closing(database: Database) -> None:
    first = claim(database, request("a"))
    assert not claim(database, request("b")).too_late
    assert [each["id"] for each in database.call(runs.heed, first.run_id)] == [request("a").id, request("b").id]
    assert claim(database, request("c")).too_late
    database.call(runs.close, first.run_id)
    assert not claim(database, request("d")).too_late


ANSWERED: dict[str, tuple[str, str, dict[str, Any], str, float, bool]] = {
    # how the run before was asked for, how it ended, what it read; then who comes, pressed when, and whether answered
    "a webhook after a sweep's run": ("sweep", "done", {}, "label", 100.0, True),
    "its clock a moment off": ("sweep", "done", {}, "label", 101.5, True),
    "a new press after a sweep's run": ("sweep", "done", {}, "label", 110.0, False),
    "a webhook after a sweep's run that failed": ("sweep", "failed", {}, "label", 100.0, True),
    "a webhook after a sweep's run that waits": ("sweep", "waiting", {}, "label", 100.0, True),
    "a sweep after a webhook's run": ("label", "done", {}, "sweep", 100.0, True),
    "a new press that a sweep finds": ("label", "done", {}, "sweep", 110.0, False),
    "a late webhook of what the run had read": ("comment", "done", {"revision": 100.0}, "label", 100.0, True),
    "a press after what the run had read": ("comment", "done", {"revision": 99.9}, "label", 100.0, False),
    "a late webhook of what was taken back": ("label", "unwanted", {"revision": 105.0}, "label", 100.0, True),
    "what a sweep finds on an issue that was closed": ("label", "unwanted", {"revision": 105.0}, "sweep", 100.0, False),
    "somebody who asks in words": ("sweep", "done", {"revision": 105.0}, "comment", 100.0, False),
}


@pytest.mark.parametrize("case", ANSWERED.values(), ids=list(ANSWERED))
def test_one_press_is_answered_by_one_run(
    database: Database, case: tuple[str, Any, dict[str, Any], str, float, bool]
) -> None:
    kind, state, read, comes, pressed_at, answered = case
    first = claim(database, request("a", kind, pressed_at=100.0))
    database.call(runs.note, first.run_id, "gather", "Read it.", **read)
    database.call(runs.finish, first.run_id, state, None)
    second = database.call(runs.claim, request("b", comes, pressed_at=pressed_at))
    assert (second is None) == answered


def test_a_press_joins_a_run_that_has_not_closed_and_is_answered_by_one_that_has(database: Database) -> None:
    first = claim(database, request("a", "sweep", pressed_at=100.0))
    assert not claim(database, request("b", pressed_at=100.0)).started
    database.call(runs.close, first.run_id)
    assert database.call(runs.claim, request("c", pressed_at=100.0)) is None
    assert database.call(runs.finish, first.run_id, "done", None) == []


def test_taking_in_a_press_is_repeated_after_a_crash(database: Database) -> None:
    swept = request("a", "sweep", pressed_at=100.0)
    first = claim(database, swept)
    database.call(runs.close, first.run_id)
    assert claim(database, swept) == first
