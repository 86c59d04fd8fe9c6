"""SIGKILL at every turn of a run that reads a repository and has a sub-agent: one plan, at most one turn paid twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dialogue import REQUESTS, a_repository, asked_twice, assert_only_extended, researched, turn_of
from tests.standins.claude import Claude, Json, Reply
from tests.world import World, assert_one_of_each, world

pytestmark = pytest.mark.timeout(400)


class Trap:
    """Answers as `researched` does; at one request it kills the bot before or after the answer is out."""

    def __init__(self) -> None:
        self.at: tuple[str, int] | None = None
        self.sprung = False
        self.world: World | None = None

    def __call__(self, body: Json) -> Reply:
        if turn_of(body) == self.at:
            self.at = None
            assert self.world is not None
            self.world.bot.kill()
            self.sprung = True
        return researched(body)


@pytest.fixture(scope="module")
def trap() -> Trap:
    return Trap()


@pytest.fixture(scope="module")
def claude(trap: Trap) -> Iterator[Claude]:
    with Claude(default=trap) as started:
        yield started


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude, trap: Trap) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    repository = a_repository(directory / "repository")
    (directory / "needs-plan.toml").write_text(f'[teams.ENG]\nrepository = "{repository}"\n')
    with world(
        directory,
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
        ANTHROPIC_BASE_URL=claude.url,
    ) as made:
        trap.world = made
        yield made


def shown(here: World, issue: str) -> dict[str, Any]:
    return json.loads(here.bot.command("show", issue, "--json").stdout)


TURNS = [("plan", 0), ("plan", 1), ("task", 0), ("task", 1), ("plan", 2), ("plan", 3), ("plan", 4)]
ALWAYS = {("plan", 1), ("task", 1), ("plan", 4)}
"""Before a sub-agent, within one, and at the last turn; the proofs do all."""


@pytest.mark.parametrize(
    "at",
    [pytest.param(at, id=f"{at[0]} {at[1]}", marks=() if at in ALWAYS else pytest.mark.proof) for at in TURNS],
)
def test_killed_while_a_turn_is_under_way(here: World, claude: Claude, trap: Trap, at: tuple[str, int]) -> None:
    claude.reset()
    trap.at, trap.sprung = at, False
    issue = here.issue(f"Killed in {at[0]} turn {at[1]}")
    here.press(issue)
    here.wait(lambda: trap.sprung, "the bot is killed")
    here.bot.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    twice = asked_twice(claude.requests)
    assert set(twice) <= {at}
    assert len(claude.requests) <= REQUESTS + 1
    assert_only_extended(claude.requests)
    assert_booked(claude, shown(here, issue))


@pytest.mark.proof
@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_killed_after_a_turn_was_answered(here: World, claude: Claude, trap: Trap, number: int) -> None:
    claude.reset()
    trap.at = None
    issue = here.issue(f"Killed after answer {number}")
    here.press(issue)
    here.wait(lambda: len(claude.usages) >= number, f"answer {number} is out")
    here.bot.kill()
    here.bot.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert len(claude.requests) <= REQUESTS + 1
    assert_only_extended(claude.requests)
    assert_booked(claude, shown(here, issue))


def assert_booked(claude: Claude, run: dict[str, Any]) -> None:
    """Recorded usage is what the stand-in counted, less the turns that were cut, each of which is listed."""
    answered = [turn for turn in run["turns"] if turn["state"] == "answered"]
    cut = [turn for turn in run["turns"] if turn["state"] == "cut"]
    assert len(answered) == REQUESTS
    assert len(answered) + len(cut) == len(claude.requests)
    assert run["cut_turns"] == len(cut) <= 1
    counted = sum(turn["output_tokens"] for turn in answered)
    told = sorted(usage["output_tokens"] for usage in claude.usages)
    for lost in cut:  # an answer that went out and was not recorded
        assert lost["usd"] > 0
    spare = len(claude.usages) - len(answered)
    assert 0 <= spare <= len(cut)
    assert any(counted == sum(told) - left for left in ({0} if not spare else set(told)))
