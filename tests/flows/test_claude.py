"""Whole runs with the real Anthropic SDK against the stand-in of the Messages API: its faults, and what people see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.standins.claude import (
    Claude,
    a_plan,
    bad_key,
    no_credit,
    overloaded,
    plan,
    refusal,
    says,
    spend_limit,
)
from tests.world import World, assert_one_of_each, world

CLAUDE_KEY = "sk-ant-test-key-of-nobody"


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude) -> Iterator[World]:
    with world(
        tmp_path_factory.mktemp("bot"),
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY=CLAUDE_KEY,
        ANTHROPIC_BASE_URL=claude.url,
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_left(claude: Claude) -> Iterator[None]:
    """Every scripted answer is asked for, and no request broke the API's rules."""
    claude.requests.clear()
    claude.usages.clear()
    yield
    assert claude.waiting == 0


def shown(here: World, issue: str) -> dict[str, Any]:
    return json.loads(here.bot.command("show", issue, "--json").stdout)


def broken_plan() -> dict[str, Any]:
    """A plan whose first phase waits for one that is not there."""
    made = a_plan()
    made["phases"][0]["depends_on"] = ["nowhere"]
    return made


def test_claude_writes_the_plan(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Written by Claude")
    made = here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))
    assert len(made["subissues"]) == len(a_plan()["phases"])
    run = shown(here, issue)
    assert run["model"] == "claude-opus-5-5"
    assert run["usd"] > 0
    assert f"${run['usd']:.2f}" in here.comment(issue)
    assert len(claude.requests) == 1
    assert claude.requests[0]["headers"]["authorization"] == f"Bearer {CLAUDE_KEY}"
    assert "Clients can hammer" in json.dumps(claude.requests[0]["body"]["messages"])
    assert "Clients can hammer" not in json.dumps(claude.requests[0]["body"]["system"])


def test_a_cut_stream_an_overload_and_an_invalid_plan_that_is_repaired(here: World, claude: Claude) -> None:
    claude.script(plan(cut_after=6), overloaded(), plan(broken_plan()), plan())
    issue = here.issue("Through every trouble")
    here.press(issue)
    here.wait(lambda: "I try again by myself" in here.comment(issue), "the comment says that it waits")
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    last = claude.requests[-1]["body"]["messages"]
    assert "nowhere" in json.dumps(last[-1]), "the model is told what is wrong"
    assert last[-1]["content"][0]["is_error"] is True
    run = shown(here, issue)
    told = sum(usage["output_tokens"] for usage in claude.usages[-2:])
    assert run["output_tokens"] == told, "the two whole answers are booked, the cut ones are not known"


def test_an_error_in_the_middle_of_a_stream(here: World, claude: Claude) -> None:
    claude.script(plan(error_after=5), plan())
    here.planned(here.issue("Overloaded in the middle"))


@pytest.mark.parametrize(
    ("answers", "says_why"),
    [
        pytest.param([refusal()], "declined", id="refusal"),
        pytest.param([bad_key()], "key", id="bad key"),
        pytest.param([spend_limit()], "limit", id="spend limit"),
        pytest.param([no_credit()], "credit", id="no credit"),
        pytest.param([plan(broken_plan()), plan({}), plan(broken_plan())], "3 times", id="three plans that do not fit"),
        pytest.param([says("No."), says("No!"), says("Never.")], "3 times", id="no plan at all"),
    ],
)
def test_what_cannot_be_planned_ends_in_a_notice(
    here: World, claude: Claude, request: pytest.FixtureRequest, answers: list[Any], says_why: str
) -> None:
    claude.script(*answers)
    issue = here.issue(f"Fails: {request.node.callspec.id}")
    here.press(issue)
    made = here.wait_labelled(issue, "plan-failed")
    here.settle()
    assert not made["documents"]
    assert not made["subissues"]
    comment = here.comment(issue)
    assert comment.startswith("I could not plan this.")
    assert says_why in comment
    assert "To try again, put `needs-plan` on the issue once more or comment `/plan`." in comment
    spent = shown(here, issue)["usd"]
    assert ("Nothing was spent." in comment) == (spent == 0)
    assert CLAUDE_KEY not in here.bot.log


def test_a_failed_run_is_taken_up_by_the_next_press(here: World, claude: Claude) -> None:
    claude.script(refusal())
    issue = here.issue("Refused first")
    here.press(issue)
    here.wait_labelled(issue, "plan-failed")
    claude.script(plan())
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue), replies=2)


def test_a_plan_that_was_paid_for_is_not_paid_for_again(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Linear refuses the document")
    here.sandbox.faults.add("DocumentCreate", "forbidden", times=0)
    here.press(issue)
    here.wait_labelled(issue, "plan-failed")
    here.settle()
    here.sandbox.faults.clear()
    asked = len(claude.requests)
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue), replies=2)
    assert len(claude.requests) == asked


def test_killed_while_claude_writes_only_that_turn_is_asked_again(here: World, claude: Claude) -> None:
    claude.script(plan(broken_plan()), plan(delay_s=30), plan())
    issue = here.issue("Killed in the middle of a turn")
    here.press(issue)
    here.wait(lambda: len(claude.requests) == 2, "the second turn is under way")
    here.bot.kill()
    here.bot.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert len(claude.requests) == 3
    assert claude.requests[1]["body"] == claude.requests[2]["body"], "the same turn, byte for byte"


def test_doctor_asks_claude_for_its_model(here: World, claude: Claude) -> None:
    done = here.bot.command("doctor")
    assert "answers (claude-opus-5-5)." in done.stdout
    wrong = here.bot.command("doctor", ANTHROPIC_BASE_URL="http://127.0.0.1:9")
    assert wrong.returncode == 1
    assert "The connection to Claude broke" in wrong.stdout


def test_the_foreground_dry_run_asks_claude_and_writes_nothing(here: World, claude: Claude, tmp_path: Path) -> None:
    claude.script(plan())
    issue = here.issue("Looked at with Claude")
    before = len(here.sandbox.log.writes)
    done = here.bot.command("plan", issue, "--dry-run", "--out", str(tmp_path / "plan.md"))
    assert done.returncode == 0, done.stderr
    assert "$" in done.stderr
    assert len(here.sandbox.log.writes) == before
