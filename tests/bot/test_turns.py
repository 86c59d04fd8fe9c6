"""Booking turns: nothing goes out beyond a cap, nothing that may be paid is forgotten, nothing is recorded twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import runs, turns
from bot.store.database import Database
from tests.bot.test_runs import request
from tests.postgres import postgres

RUN = [turns.Cap("run", 5.0)]


def wish(
    fixed: float = 1.0, token: float = 0.0001, most: int = 10_000, least: int = 1_000, team: str = "ENG"
) -> turns.Wish:
    return turns.Wish(
        model="claude-opus-5-5", team_key=team, fixed_usd=fixed, token_usd=token, most_tokens=most, least_tokens=least
    )


def key(seq: int = 0, run: str = "run", conversation: str = "plan") -> turns.Key:
    return turns.Key(run, conversation, seq)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'turns.sqlite'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture(scope="module")
def on_postgres() -> Iterator[str]:
    with postgres() as server:
        yield server.url


def settle(database: Database, at: turns.Key, attempt: int, usd: float = 0.5, answer: str = "{}") -> None:
    tokens = {"input": 10, "output": 20, "read": 30, "write": 40}
    database.call(turns.settle, at, attempt, model="m", tokens=tokens, usd=usd, answer=answer)


def test_a_turn_is_booked_at_its_worst_and_settled_at_what_it_cost(database: Database) -> None:
    got = database.call(turns.reserve, key(), wish(), RUN)
    assert got == turns.Reserved(attempt=0, max_tokens=10_000)
    [row] = database.call(turns.of_run, "run")
    assert (row["state"], row["usd"]) == ("reserved", pytest.approx(2.0))
    settle(database, key(), 0)
    [row] = database.call(turns.of_run, "run")
    assert (row["state"], row["usd"]) == ("answered", 0.5)
    assert database.call(turns.answer_of, key()) == turns.Booked("{}", 0.5, near_cap=False, shortened=False)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        pytest.param(0.0, turns.Reserved(1, 10_000), id="room for all"),
        pytest.param(3.5, turns.Reserved(1, 5_000), id="room for half as many tokens"),
        pytest.param(3.9, turns.Reserved(1, 1_000), id="room for the least"),
        pytest.param(3.95, turns.Full(RUN[0], 3.95, held=False), id="no room"),
        pytest.param(9.0, turns.Full(RUN[0], 9.0, held=False), id="beyond it already"),
    ],
)
def test_the_answer_is_made_to_fit_what_is_left(
    database: Database, spent: float, expected: turns.Reserved | turns.Full
) -> None:
    first = database.call(turns.reserve, key(), wish(0, 0), [turns.Cap("run", 100.0)])
    assert isinstance(first, turns.Reserved)
    settle(database, key(), first.attempt, usd=spent)
    database.call(turns.reserve, key(1), wish(0, 0), RUN)
    database.call(turns.release, key(1), 0, paid=False)
    got = database.call(turns.reserve, key(1), wish(), RUN)
    if isinstance(expected, turns.Full):
        assert isinstance(got, turns.Full)
        assert (got.cap, pytest.approx(got.spent_usd), got.held) == expected
    else:
        assert isinstance(got, turns.Reserved)
        assert abs(got.max_tokens - expected.max_tokens) <= 1
        assert got.attempt == expected.attempt


def test_what_was_turned_away_is_free_and_what_may_be_paid_is_not(database: Database) -> None:
    database.call(turns.reserve, key(), wish(), RUN)
    database.call(turns.release, key(), 0, paid=False)
    database.call(turns.reserve, key(), wish(), RUN)
    database.call(turns.release, key(), 1, paid=True)
    assert [(row["state"], row["usd"]) for row in database.call(turns.of_run, "run")] == [
        ("free", 0),
        ("cut", pytest.approx(2.0)),
    ]


def test_a_turn_that_a_crash_cut_stays_booked_and_is_marked(database: Database) -> None:
    database.call(turns.reserve, key(), wish(), RUN)
    got = database.call(turns.reserve, key(), wish(), RUN)
    assert got == turns.Reserved(attempt=1, max_tokens=10_000)
    assert [row["state"] for row in database.call(turns.of_run, "run")] == ["cut", "reserved"]
    third = database.call(turns.reserve, key(), wish(), RUN)
    assert isinstance(third, turns.Full), "two lost answers of 2 dollars leave no room for a third"


def test_a_late_answer_counts_in_dollars_only(database: Database) -> None:
    database.call(turns.reserve, key(), wish(), RUN)
    database.call(turns.reserve, key(), wish(), RUN)
    settle(database, key(), 1, answer='{"first": 1}')
    settle(database, key(), 0, usd=0.7, answer='{"late": 1}')
    settle(database, key(), 1, usd=9.0, answer='{"again": 1}')
    booked = database.call(turns.answer_of, key())
    assert booked is not None
    assert booked.answer == '{"first": 1}'
    assert sum(row["usd"] for row in database.call(turns.of_run, "run")) == pytest.approx(1.2)


def test_caps_of_the_day_and_of_a_team_count_all_runs(database: Database) -> None:
    day, team = turns.Cap("day", 5.0), turns.Cap("team", 3.0)
    for number in range(2):
        got = database.call(turns.reserve, key(run=f"run {number}"), wish(team="ENG"), [day])
        assert isinstance(got, turns.Reserved)
        settle(database, key(run=f"run {number}"), 0, usd=1.2)
    assert isinstance(database.call(turns.reserve, key(run="c"), wish(team="ENG"), [day, team]), turns.Full)
    assert isinstance(database.call(turns.reserve, key(run="d"), wish(team="OPS"), [day, team]), turns.Reserved)
    full = database.call(turns.reserve, key(run="e"), wish(team="OPS"), [day])
    assert isinstance(full, turns.Full)
    assert full.held, "the day's rest is only set aside for a request under way"
    assert full.spent_usd == pytest.approx(2.4)


def test_the_end_of_a_run_marks_what_was_never_answered(database: Database) -> None:
    claim = database.call(runs.claim, request("one"))
    assert claim is not None
    database.call(turns.reserve, key(run=claim.run_id), wish(), RUN)
    database.call(runs.finish, claim.run_id, "failed", "killed")
    run = database.call(runs.get, claim.run_id)
    assert run is not None
    assert (run.cut_turns, run.usd) == (1, pytest.approx(2.0))


def test_what_others_hold_makes_a_request_wait_and_never_shorter(database: Database) -> None:
    day = [turns.Cap("day", 3.0)]
    assert isinstance(database.call(turns.reserve, key(run="a"), wish(1.0), day), turns.Reserved)
    full = database.call(turns.reserve, key(run="b"), wish(1.0), day)
    assert isinstance(full, turns.Full)
    assert full.held
    settle(database, key(run="a"), 0, usd=0.1)
    assert database.call(turns.reserve, key(run="b"), wish(1.0), day) == turns.Reserved(0, 10_000)


def test_a_shortened_answer_is_known_as_such(database: Database) -> None:
    database.call(turns.reserve, key(), wish(4.5), RUN)
    settle(database, key(), 0)
    booked = database.call(turns.answer_of, key())
    assert booked is not None
    assert booked.shortened


def test_a_booking_that_was_left_behind_does_not_hold_for_ever(database: Database) -> None:
    day = [turns.Cap("day", 3.0)]
    database.call(turns.reserve, key(run="killed preview"), wish(2.5), day)
    database.call(lambda connection: connection.execute(sa.text("update turns set at = at - 4000")))
    full = database.call(turns.reserve, key(run="b"), wish(1.0), day)
    assert isinstance(full, turns.Full | turns.Reserved)
    assert [row["state"] for row in database.call(turns.of_run, "killed preview")] == ["cut"]


def test_two_answers_to_one_turn_stay_readable(on_postgres: str) -> None:
    database = Database(on_postgres)
    database.migrate()
    at = key(run="two answers")
    for attempt in range(2):
        database.call(turns.reserve, at, wish(), [turns.Cap("run", 100.0)])
        assert attempt < 2
    threads = [threading.Thread(target=settle, args=(database, at, attempt)) for attempt in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert database.call(turns.answer_of, at) is not None
    assert sorted(row["state"] for row in database.call(turns.of_run, "two answers")) == ["answered", "cut"]
    halts = [threading.Thread(target=database.call, args=(turns.halt, "money", "No money.", 60)) for _ in range(8)]
    for thread in halts:
        thread.start()
    for thread in halts:
        thread.join(60)
    database.close()


def test_what_the_model_reads_is_recorded_once(database: Database) -> None:
    assert database.call(turns.put_message, key(), '["first"]') == '["first"]'
    assert database.call(turns.put_message, key(), '["put otherwise"]') == '["first"]'


def test_results_are_recorded_once(database: Database) -> None:
    database.call(turns.put_result, key(), "call-1", "Read", '{"text": "first"}')
    database.call(turns.put_result, key(), "call-1", "Read", '{"text": "second"}')
    assert database.call(turns.results_of, key()) == {"call-1": '{"text": "first"}'}


def test_what_a_conversation_began_with_is_recorded_once(database: Database) -> None:
    database.call(turns.begin, "run", "plan", "first")
    database.call(turns.begin, "run", "plan", "second")
    assert database.call(turns.head_of, "run", "plan") == "first"


def test_a_halt_holds_for_what_was_asked_before_it(database: Database) -> None:
    before = database.call(runs.claim, request("before"))
    assert before is not None
    database.call(turns.halt, "money", "No money.", 60)
    database.call(runs.finish, before.run_id, "failed", "no money")
    after = database.call(runs.claim, request("after"))
    assert after is not None
    assert database.call(turns.halted, before.run_id) == "No money."
    assert database.call(turns.halted, after.run_id) is None
    assert database.call(turns.halted, "preview of no run") is None
    database.call(turns.halt, "money", "No money.", -1)
    assert database.call(turns.halted, after.run_id) is None


def test_side_by_side_nobody_passes_the_cap(on_postgres: str, tmp_path: Path) -> None:
    for url in (on_postgres, f"sqlite:///{tmp_path / 'many.sqlite'}"):
        database = Database(url)
        database.migrate()
        database.call(lambda connection: connection.execute(sa.text("delete from turns")))
        got: list[object] = []

        def reserve(number: int, database: Database = database, got: list[object] = got) -> None:
            one = turns.Key(f"run {number}", "plan", 0)
            got.append(database.call(turns.reserve, one, wish(1.0, 0.0), [turns.Cap("day", 4.5)]))

        threads = [threading.Thread(target=reserve, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sum(isinstance(each, turns.Reserved) for each in got) == 4, url
        assert len(got) == 12
        database.close()
