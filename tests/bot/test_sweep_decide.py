"""What a sweep does about an issue, and why: a table, and the order in which limits are used up."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules import Rules
from bot.store.sweeps import Known
from bot.sweep.decide import Bounds, Press, decide
from bot.triggers import Asker
from linear.models import User
from linear.sweep import LabelledIssue

NOW = 1_000_000.0
PRESSED = NOW - 3_600
ADA = User(id="ada", name="Ada", email="ada@acme.example", active=True)


def issue(id_: str = "I", state: str = "unstarted", team: str = "ENG") -> LabelledIssue:
    return LabelledIssue.model_validate(
        {
            "id": id_,
            "identifier": f"{team}-{id_}",
            "title": "t",
            "createdAt": "2026-11-01T00:00:00.000Z",
            "updatedAt": "2026-11-02T00:00:00.000Z",
            "labelIds": ["L"],
            "state": {"type": state},
            "team": {"id": team.lower(), "key": team},
        }
    )


def press(at: float = PRESSED, person: User | None = ADA, **asker: Any) -> Press:
    who = Asker(id=person.id, name=person.name, type="user") if person else Asker.model_validate(asker)
    return Press(at=at, key=str(at), asker=who, person=person)


def run(
    state: str, settled_at: float | None = None, pressed_at: float | None = None, revision: float | None = None
) -> Known:
    return Known("R", state, settled_at, pressed_at, revision, "R")


BOT = press(person=None, id="z", name="Zapier", type="Integration")
NOBODY = press(person=None)
GUEST = press(person=ADA.model_copy(update={"guest": True}))
GONE = press(person=ADA.model_copy(update={"active": False}))
APP = press(person=ADA.model_copy(update={"app": True, "name": "Robo"}))
BEFORE, AFTER = PRESSED - 60, PRESSED + 60

TABLE: dict[str, tuple[str, Known | None, Press | None, str]] = {
    "nobody has answered it": ("unstarted", None, press(), "plan"),
    "in triage": ("triage", None, press(), "plan"),
    "started": ("started", None, press(), "plan"),
    "of a kind of state not known yet": ("someday", None, press(), "plan"),
    "completed": ("completed", None, press(), "closed"),
    "canceled": ("canceled", None, press(), "closed"),
    "a duplicate": ("duplicate", None, press(), "closed"),
    "queued": ("unstarted", run("queued"), press(), "live"),
    "running": ("unstarted", run("running"), press(), "live"),
    "running on a closed issue": ("completed", run("running"), press(), "live"),
    "waiting for people": ("unstarted", run("waiting"), press(), "waiting"),
    "done after it": ("unstarted", run("done", AFTER), press(), "swap labels only"),
    "failed after it": ("unstarted", run("failed", AFTER), press(), "swap labels only"),
    "canceled after it": ("unstarted", run("canceled", AFTER), press(), "swap labels only"),
    "done after it, closed since": ("completed", run("done", AFTER), press(), "swap labels only"),
    "done before it": ("unstarted", run("done", BEFORE), press(), "plan"),
    "done before it, closed since": ("completed", run("done", BEFORE), press(), "closed"),
    "failed before it": ("unstarted", run("failed", BEFORE), press(), "plan"),
    "done, and it took in this press": ("unstarted", run("done", BEFORE, PRESSED), press(), "swap labels only"),
    "done, and it took in an older press": ("unstarted", run("done", BEFORE, BEFORE), press(), "plan"),
    "done, and it read the issue with it": (
        "unstarted",
        run("done", BEFORE, None, PRESSED),
        press(),
        "swap labels only",
    ),
    "done, and it read the issue before it": ("unstarted", run("done", BEFORE, None, BEFORE), press(), "plan"),
    "unwanted after it": ("unstarted", run("unwanted", AFTER), press(), "plan"),
    "unwanted, and closed still": ("completed", run("unwanted", AFTER), press(), "closed"),
    "by a guest": ("unstarted", None, GUEST, "not allowed"),
    "by somebody who has left": ("unstarted", None, GONE, "not allowed"),
    "by an app": ("unstarted", None, APP, "not allowed"),
    "by an integration": ("unstarted", None, BOT, "not allowed"),
    "by nobody, an automation": ("unstarted", None, NOBODY, "not allowed"),
    "by a guest, but answered": ("unstarted", run("done", AFTER), GUEST, "swap labels only"),
    "its history is hidden": ("unstarted", None, None, "not told"),
    "done, and its history is hidden": ("unstarted", run("done", AFTER), None, "not told"),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=list(TABLE))
def test_what_becomes_of_an_issue(case: tuple[str, Known | None, Press | None, str]) -> None:
    state, known, pressed, what = case
    (row,) = decide([issue(state=state)], {"I": known} if known else {}, {"I": pressed}, Rules(), Bounds(NOW, most=20))
    assert row.what == what, row.why
    assert row.why.endswith(".")


UNREAD: dict[str, tuple[str, Known | None, str]] = {
    "no run": ("unstarted", None, "unread"),
    "one that ended": ("unstarted", run("done", AFTER), "unread"),
    "one that ended, closed": ("completed", run("done", AFTER), "unread"),
    "one that was unwanted": ("unstarted", run("unwanted", AFTER), "unread"),
    "closed, no run": ("completed", None, "closed"),
    "live": ("unstarted", run("running"), "live"),
    "waiting": ("unstarted", run("waiting"), "waiting"),
}


@pytest.mark.parametrize("case", UNREAD.values(), ids=list(UNREAD))
def test_histories_are_read_only_where_they_matter(case: tuple[str, Known | None, str]) -> None:
    state, known, what = case
    (row,) = decide([issue(state=state)], {"I": known} if known else {}, {}, Rules(), Bounds(NOW, most=20))
    assert row.what == what


def test_whom_the_team_names_may() -> None:
    rules = Rules.model_validate({"teams": {"ENG": {"may_trigger": ["zapier", "ada@acme.example"]}}})
    presses = {"1": BOT, "2": GUEST, "3": press(person=ADA.model_copy(update={"id": "b", "email": "b@acme.example"}))}
    rows = decide([issue(each) for each in presses], {}, presses, rules, Bounds(NOW, most=20))
    assert [row.what for row in rows] == ["plan", "plan", "not allowed"]


def test_other_teams_are_not_served() -> None:
    rules = Rules(served=("OPS",))
    rows = decide([issue("1"), issue("2", team="OPS")], {}, {"2": press()}, rules, Bounds(NOW, most=20))
    assert [row.what for row in rows] == ["not served", "plan"]


def many(count: int, team: str = "ENG") -> list[LabelledIssue]:
    return [issue(f"{team}{number}", team=team) for number in range(count)]


def test_the_first_ones_are_begun_and_the_rest_not_even_read() -> None:
    issues = many(5)
    presses = {each.id: press() for each in issues[:3]}
    rows = decide(issues, {}, presses, Rules(), Bounds(NOW, most=2))
    assert [row.what for row in rows] == ["plan", "plan", "over the limit", "over the limit", "over the limit"]
    assert "at most 2 plans" in rows[-1].why


def test_those_who_may_not_take_no_place() -> None:
    issues = many(3)
    presses = {issues[0].id: BOT, issues[1].id: press(), issues[2].id: press()}
    rows = decide(issues, {}, presses, Rules(), Bounds(NOW, most=1))
    assert [row.what for row in rows] == ["not allowed", "plan", "over the limit"]


def test_a_swap_takes_no_place() -> None:
    issues = many(2)
    presses = {each.id: press() for each in issues}
    rows = decide(issues, {issues[1].id: run("done", AFTER)}, presses, Rules(), Bounds(NOW, most=1, room=0))
    assert [row.what for row in rows] == ["over the budget", "swap labels only"]


def test_what_is_left_of_the_day_and_of_a_team() -> None:
    issues = [*many(2), *many(2, "OPS")]
    presses = {each.id: press() for each in issues}
    rows = decide(issues, {}, presses, Rules(), Bounds(NOW, most=20, room=3, teams={"ENG": 1}))
    assert [row.what for row in rows] == ["plan", "over the budget", "plan", "plan"]
    assert "team ENG's `max_usd_per_day`" in rows[1].why
    rows = decide(issues, {}, presses, Rules(), Bounds(NOW, most=20, room=0))
    assert {row.what for row in rows} == {"over the budget"}
    assert "NEEDS_PLAN_MAX_USD_PER_DAY" in rows[0].why


@pytest.mark.parametrize(
    ("at", "since", "known", "missed"),
    [
        (NOW - 600, NOW - 3_600, None, True),
        (NOW - 60, NOW - 3_600, None, False),
        (NOW - 600, NOW - 300, None, False),
        (NOW - 600, None, None, False),
        (NOW - 600, NOW - 3_600, run("unwanted", NOW - 500, NOW - 600), False),
    ],
    ids=["long ago", "a moment ago", "before the first sweep", "at the first sweep", "a webhook had told of it"],
)
def test_whether_a_webhook_was_missed(at: float, since: float | None, known: Known | None, missed: bool) -> None:
    bounds = Bounds(NOW, most=20, since=since)
    (row,) = decide([issue()], {"I": known} if known else {}, {"I": press(at)}, Rules(), bounds)
    assert (row.what, row.missed) == ("plan", missed)


def test_clocks_that_disagree_are_told_apart() -> None:
    """Our clock is two minutes ahead: a run that closed a minute after the press by it closed before the press."""
    known = {"I": run("done", PRESSED + 60)}
    (row,) = decide([issue()], known, {"I": press()}, Rules(), Bounds(NOW, most=20, skew_s=120))
    assert row.what == "plan"
