"""What plans may cost: caps of a plan, a day and a team, over many at once; lost answers; limits at the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.standins.claude import Claude, a_plan, plan, says, spend_limit, uses
from tests.world import World, world

LOOK = ("mcp__Linear__get_team", {"query": "ENG"})


@pytest.fixture
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


def start(directory: Path, claude: Claude, **caps: str) -> AbstractContextManager[World]:
    settings = {
        "NEEDS_PLAN_PROVIDER": "anthropic",
        "ANTHROPIC_API_KEY": "sk-ant-test-key-of-nobody",
        "ANTHROPIC_BASE_URL": claude.url,
    }
    return world(directory, start=True, **settings, **caps)


def shown(here: World, issue: str) -> dict[str, Any]:
    return json.loads(here.bot.command("show", issue, "--json").stdout)


def test_a_plan_says_what_it_will_cost_and_what_it_did(tmp_path: Path, claude: Claude) -> None:
    with start(tmp_path, claude) as here:
        claude.script(uses(LOOK), plan(delay_s=1.0))
        issue = here.issue("Tell the price")
        here.press(issue)
        here.wait(lambda: "It will cost about $" in here.comment(issue), "the estimate is said")
        assert "no more than $5.00" in here.comment(issue)
        made = here.wait_labelled(issue, "planned")
        run = shown(here, issue)
        assert 0 < run["usd"] < 5
        assert run["estimate_usd"] > 0
        said = here.comment(issue)
        assert f"${run['usd']:.2f}" in said
        assert f"the estimate was ${run['estimate_usd']:.2f}" in said
        assert f"${run['usd']:.2f}" in made["documents"][0]["content"]
        assert {turn["state"] for turn in run["turns"]} == {"answered"}


def test_a_plan_stops_at_its_cap_and_says_so(tmp_path: Path, claude: Claude) -> None:
    with start(tmp_path, claude, NEEDS_PLAN_MAX_USD_PER_PLAN="0.6") as here:
        # Each answer costs what 5,000 written tokens cost.
        claude.script(*(uses(LOOK, usage={"output_tokens": 5_000}) for _ in range(4)))
        issue = here.issue("Too dear")
        here.press(issue)
        made = here.wait_labelled(issue, "plan-failed")
        here.settle()
        run = shown(here, issue)
        assert not made["documents"]
        comment = here.comment(issue)
        assert "$0.60 is the most that one plan may cost (NEEDS_PLAN_MAX_USD_PER_PLAN)" in comment
        assert f"It cost ${run['usd']:.2f}." in comment
        assert run["usd"] <= 0.6
        told = [json.dumps(each["body"]["messages"][-1]) for each in claude.requests]
        assert sum("nearly used up" in each for each in told) == 1, "it was told to finish"
        assert [each["body"]["max_tokens"] for each in claude.requests] != sorted(
            (each["body"]["max_tokens"] for each in claude.requests), reverse=False
        ), "near the cap shorter answers are asked for"


def test_the_day_is_bounded_over_plans_side_by_side(tmp_path: Path, claude: Claude) -> None:
    cap = 1.0
    with start(tmp_path, claude, NEEDS_PLAN_MAX_USD_PER_DAY=str(cap), NEEDS_PLAN_MAX_USD_PER_PLAN="0.9") as here:
        claude.script(*(plan(usage={"output_tokens": 12_000}, delay_s=0.3) for _ in range(8)))
        issues = [here.issue(f"One of six: {number}") for number in range(6)]
        for issue in issues:
            here.press(issue)
        here.wait(
            lambda: all({"planned", "plan-failed"} & set(here.made(issue)["labels"]) for issue in issues), "all ended"
        )
        here.settle()
        runs = [shown(here, issue) for issue in issues]
        assert sum(run["usd"] for run in runs) <= cap
        planned = [issue for issue in issues if "planned" in here.made(issue)["labels"]]
        failed = [issue for issue in issues if issue not in planned]
        assert planned
        assert failed
        for issue in failed:
            assert "the most that all plans of a day may cost (NEEDS_PLAN_MAX_USD_PER_DAY)" in here.comment(issue)
            assert "It begins anew at 00:00 UTC." in here.comment(issue)
        assert len(claude.requests) == len(planned), "what could not be paid was not asked"
        claude.reset()


def test_a_team_may_have_a_cap_of_its_own(tmp_path: Path, claude: Claude) -> None:
    (tmp_path / "needs-plan.toml").write_text("[teams.ENG]\nmax_usd_per_day = 0.01\n")
    with start(tmp_path, claude) as here:
        issue = here.issue("For a poor team")
        here.press(issue)
        here.wait_labelled(issue, "plan-failed")
        assert "the plans of team ENG in a day may cost (`max_usd_per_day`)" in here.comment(issue)
        assert not claude.requests


def test_a_lost_answer_counts_at_its_most_and_is_listed(tmp_path: Path, claude: Claude) -> None:
    with start(tmp_path, claude) as here:
        claude.script(plan(cut_after=6), plan())
        issue = here.issue("Cut on the way")
        here.planned(issue)
        run = shown(here, issue)
        states = [turn["state"] for turn in run["turns"]]
        assert sorted(states) == ["answered", "cut"]
        lost = next(turn for turn in run["turns"] if turn["state"] == "cut")
        answered = next(turn for turn in run["turns"] if turn["state"] == "answered")
        assert lost["usd"] > answered["usd"]
        assert run["usd"] == pytest.approx(lost["usd"] + answered["usd"])
        assert "1 answer got lost on the way and counts in full." in here.comment(issue)


def test_a_limit_at_the_service_stops_what_waits_and_a_later_press_tries_again(tmp_path: Path, claude: Claude) -> None:
    with start(tmp_path, claude, NEEDS_PLAN_CONCURRENCY="1") as here:
        limit = spend_limit()
        claude.script(lambda _: limit)
        issues = [here.issue(f"Behind the limit {number}") for number in range(3)]
        for issue in issues:
            here.press(issue)
        for issue in issues:
            here.wait_labelled(issue, "plan-failed")
            assert "No more money may be spent on Claude" in here.comment(issue)
        assert len(claude.requests) == 1, "the others were not asked for"
        claude.script(plan())
        here.planned(issues[0])


def test_an_answer_that_says_nothing_costs_too(tmp_path: Path, claude: Claude) -> None:
    with start(tmp_path, claude) as here:
        claude.script(says("Hm."), plan(a_plan()))
        issue = here.issue("First a word")
        here.planned(issue)
        assert len([turn for turn in shown(here, issue)["turns"] if turn["state"] == "answered"]) == 2
