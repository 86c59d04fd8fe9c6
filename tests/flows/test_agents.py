"""Whole runs with agents of the operator's: chosen by label, by command, by rules, and named by nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.standins.claude import Claude, plan
from tests.world import World, assert_one_of_each, world

FRONTEND = "needs-plan-frontend"
BUILT_IN = "You are a backend architect."
AGENTS = {
    "frontend-architect": (
        "---\nname: frontend-architect\nmodel: sonnet\ntools: TodoWrite, Write\n---\n\nYou plan for browsers."
    ),
    "security-reviewer": "---\nname: security-reviewer\ndescription: Looks for: holes\n---\nYou assume breach.",
    "broken": "---\nname: broken\n---\n",
}
RULES = f"""\
teams = ["ENG"]
agents = "agents"

[labels."{FRONTEND}"]
agent = "frontend-architect"
"""


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    (directory / "needs-plan.toml").write_text(RULES)
    (directory / "agents").mkdir()
    for name, text in AGENTS.items():
        (directory / "agents" / f"{name}.md").write_text(text)
    with world(
        directory,
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
        ANTHROPIC_BASE_URL=claude.url,
    ) as made:
        people = made.sandbox.people
        with made.sandbox.workspace.lock:
            made.sandbox.writing.create_label(people._actor(None), {"name": FRONTEND})
        yield made


@pytest.fixture(autouse=True)
def nothing_left(claude: Claude) -> Iterator[None]:
    """Every scripted answer is asked for."""
    claude.requests.clear()
    yield
    assert claude.waiting == 0


def asked(claude: Claude) -> dict[str, Any]:
    """The first request of the run."""
    return claude.requests[0]["body"]


def system(claude: Claude) -> str:
    """All text of the system prompt."""
    told = asked(claude)["system"]
    return told if isinstance(told, str) else "\n".join(block["text"] for block in told)


def planned(here: World, issue: str) -> None:
    here.wait_labelled(issue, "planned")
    here.settle()


def replies(here: World, issue: str) -> str:
    return "\n".join(comment["body"] for comment in here.made(issue)["comments"])


def test_a_label_of_its_own_plans_with_its_agent(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Planned for browsers")
    here.sandbox.press_label(issue, FRONTEND)
    planned(here, issue)
    made = here.made(issue)
    assert_one_of_each(made)
    assert FRONTEND not in made["labels"]
    assert system(claude).startswith("You plan for browsers.")
    assert BUILT_IN not in system(claude)
    assert asked(claude)["model"] == "claude-sonnet-5-5"
    run = json.loads(here.bot.command("show", issue, "--json").stdout)
    assert run["model"] == "claude-sonnet-5-5"


def test_tools_that_are_not_there_are_named_to_the_model(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Planned without writing")
    here.sandbox.press_label(issue, FRONTEND)
    planned(here, issue)
    declared = {tool["name"] for tool in asked(claude)["tools"]}
    assert "TodoWrite" in declared
    assert declared.isdisjoint({"Write", "Read", "Task"})
    assert "Write: The bot writes nothing but the plan" in system(claude)


def test_the_main_label_plans_with_the_built_in_agent(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Planned as ever")
    here.planned(issue)
    here.settle()
    assert system(claude).startswith(BUILT_IN)
    assert asked(claude)["model"] == "claude-opus-5-5"


def test_a_command_names_the_agent_and_the_rest_is_guidance(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Planned for attackers")
    here.sandbox.comment(issue, "/plan with Security-Reviewer: keep Redis optional")
    planned(here, issue)
    assert system(claude).startswith("You assume breach.")
    brief = json.dumps(asked(claude)["messages"])
    assert "keep Redis optional" in brief


@pytest.mark.parametrize("name", ["nobody", "broken"])
def test_an_agent_that_is_not_there_is_answered_and_nobody_else_plans(here: World, claude: Claude, name: str) -> None:
    issue = here.issue(f"Asked of {name}")
    here.sandbox.comment(issue, f"/plan with {name}")
    here.wait(lambda: f"There is no agent called `{name}`" in replies(here, issue), "it is answered")
    here.settle()
    assert "`security-reviewer`" in replies(here, issue)
    assert "`backend-architect-planner`" in replies(here, issue)
    assert here.made(issue)["documents"] == []
    assert claude.requests == []


def test_words_that_only_look_like_a_name_are_guidance(here: World, claude: Claude) -> None:
    claude.script(plan())
    issue = here.issue("Planned with Redis")
    here.sandbox.comment(issue, "/plan with redis as cache")
    planned(here, issue)
    assert system(claude).startswith(BUILT_IN)
    assert "with redis as cache" in json.dumps(asked(claude)["messages"])
