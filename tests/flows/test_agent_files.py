"""Agent definitions as people have them for Claude Code, each planning one issue."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.agent import parse, slug
from tests.standins.claude import Claude, plan
from tests.world import World, assert_one_of_each, world

FILES = sorted(Path(__file__).parents[1].glob("planner/agent_files/*.md"))


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    (directory / "needs-plan.toml").write_text('agents = "agents"\n')
    (directory / "agents").mkdir()
    for file in FILES:
        shutil.copy(file, directory / "agents")
    with world(
        directory,
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
        ANTHROPIC_BASE_URL=claude.url,
    ) as made:
        yield made


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_plans(here: World, claude: Claude, file: Path) -> None:
    agent = parse(file.read_bytes().decode("utf-8-sig"), file.stem)
    claude.reset()
    claude.script(plan())
    issue = here.issue(f"Planned by {agent.name}")
    here.sandbox.comment(issue, f"/plan with {slug(agent.name)}")
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    [request] = claude.requests
    assert request["body"]["system"][0]["text"].startswith(agent.prompt[:200])


def test_there_are_ten_at_least() -> None:
    assert len(FILES) >= 10
