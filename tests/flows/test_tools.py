"""Whole runs that look around: a real repository, Linear, and MCP servers that are real processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.git_repository import GitRepository
from tests.standins.claude import Claude, Json, a_plan, plan, uses
from tests.standins.mcp_server import config, http, serving, stdio
from tests.world import World, assert_one_of_each, world

CLAUDE_KEY = "sk-ant-test-key-of-nobody"
AGENT = """\
---
name: tooled
description: Plans with everything there is: user says "plan it", assistant plans.
tools: Read, Grep, Glob, LS, Bash, TodoWrite, mcp__linear__get_issue, mcp__linear__create_issue, mcp__near__lookup, \
mcp__near__environment, mcp__near__write, mcp__far__lookup, mcp__gone__anything
model: sonnet
---
You plan with care.
"""


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred files, some of them traps."""
    made = GitRepository(tmp_path_factory.mktemp("git") / "shop")
    made.write({f"src/module_{n:03}/handler.ts": f"export const limit{n} = {n};\n" for n in range(300)})
    made.write(
        {
            "README.md": "# Shop\n\nOrders are kept in Postgres 16; there is no queue.\n",
            "src/limits.ts": "// One Redis counts for all instances.\nexport const perMinute = 600;\n",
            "logo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            ".env": "SECRET=hunter2\n",
        }
    )
    made.link("outside", "/etc/passwd")
    made.submodule("vendor/lib")
    made.large("dump.sql", 100 * 1024 * 1024)
    made.commit()
    return made.path


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude, repository: Path) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    (directory / "agents").mkdir()
    (directory / "agents" / "tooled.md").write_text(AGENT)
    rules = f"""
agents = "agents"
mcp = ".mcp.json"
repository_agents = true

[teams.ENG]
repository = "{repository}"
agent = "tooled"
"""
    (directory / "needs-plan.toml").write_text(rules)
    with serving() as far:
        dying = stdio("--die-after", "2", "--stay-dead", str(directory / "dead"), env={"WORDS_TOKEN": "words-token-1"})
        (directory / ".mcp.json").write_text(config(near=dying, far=http(far.url)))
        with world(
            directory,
            NEEDS_PLAN_PROVIDER="anthropic",
            ANTHROPIC_API_KEY=CLAUDE_KEY,
            ANTHROPIC_BASE_URL=claude.url,
        ) as made:
            yield made


@pytest.fixture(autouse=True)
def nothing_left(claude: Claude) -> Iterator[None]:
    claude.reset()
    yield
    assert claude.waiting == 0


def transcript(here: World, issue: str) -> dict[str, Any]:
    return json.loads(here.bot.command("show", issue, "--json", "--transcript").stdout)


def results(run: dict[str, Any]) -> dict[str, Json]:
    """What each call came to, by the call's id."""
    return {each["call"]: each["result"] for each in run["transcript"] if "result" in each}


def calls(run: dict[str, Any]) -> dict[str, str]:
    """The id of each call by what was given to it."""
    found: dict[str, str] = {}
    for each in run["transcript"]:
        for block in each.get("answer", {}).get("content", []):
            if block["type"] == "tool_use":
                found[json.dumps(block["input"], sort_keys=True)] = block["id"]
    return found


def cited_plan() -> Json:
    made = a_plan()
    made["evidence"] = [{"text": "One Redis counts for all instances.", "source": "repo:src/limits.ts"}]
    return made


def test_a_repository_is_read_and_cited(here: World, claude: Claude) -> None:
    paths = ["README.md", "../../etc/passwd", "/etc/passwd", "outside", "vendor/lib", "dump.sql", "logo.png", ".env"]
    claude.script(
        uses(("Grep", {"pattern": "perMinute", "path": "src"}), ("LS", {"path": "src"}), ("Glob", {"pattern": "*.md"})),
        uses(("Read", {"file_path": "src/limits.ts"}), *(("Read", {"file_path": path}) for path in paths)),
        uses(("Bash", {"command": "cat /etc/passwd"}), ("mcp__linear__get_issue", {"id": "ENG-101"})),
        uses(("mcp__linear__create_issue", {"title": "No"})),
        plan(cited_plan()),
    )
    issue = here.issue("Limit orders")
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))
    run = transcript(here, issue)
    said, by_input = results(run), calls(run)

    def came_to(**given: object) -> Json:
        return said[by_input[json.dumps(given, sort_keys=True)]]

    grep = came_to(pattern="perMinute", path="src")
    assert "src/limits.ts" in grep["text"]
    read = came_to(file_path="src/limits.ts")
    assert "perMinute = 600" in read["text"]
    assert read["found"][0]["name"] == "repo:src/limits.ts"
    assert "Postgres 16" in came_to(file_path="README.md")["text"]
    for path, why in {
        "../../etc/passwd": "out of the repository",
        "outside": "link",
        "vendor/lib": "submodule",
        "dump.sql": "MB",
        "logo.png": "binary",
        ".env": "secret",
    }.items():
        refused = came_to(file_path=path)
        assert refused["is_error"], path
        assert why in refused["text"], refused["text"]
        assert "hunter2" not in refused["text"]
    assert came_to(file_path="/etc/passwd")["is_error"], "a leading slash is the repository's root"
    shell = came_to(command="cat /etc/passwd")
    assert shell["is_error"]
    assert "shell" in shell["text"]
    assert "ENG-101" in came_to(id="ENG-101")["text"]
    assert came_to(title="No")["is_error"]
    assert "root:" not in json.dumps(run["transcript"])
    document = here.made(issue)["documents"][0]["content"]
    assert "repo:src/limits.ts" in document
    assert run["agent"] == "tooled"
    assert run["model"].startswith("claude-sonnet")


def test_the_brief_has_the_repository(here: World, claude: Claude) -> None:
    claude.script(plan())
    here.planned(here.issue("Read the map"))
    prompt = json.dumps(claude.requests[0]["body"]["messages"])
    assert "Postgres 16" in prompt
    assert "module_" in prompt
    assert "hunter2" not in prompt
    system = claude.requests[0]["body"]["system"][0]["text"]
    assert system.startswith("You plan with care.")
    assert "- Bash: " in system
    assert "- mcp__gone__anything: " in system


def test_mcp_servers_are_used_and_one_dies(here: World, claude: Claude) -> None:
    claude.script(
        uses(("mcp__near__lookup", {"word": "saga"}), ("mcp__far__lookup", {"word": "idempotency"})),
        uses(("mcp__near__environment", {}), ("mcp__near__write", {"x": "y"})),
        uses(("mcp__near__lookup", {"word": "gone"}), ("mcp__far__lookup", {"word": "saga"})),
        plan(),
    )
    issue = here.issue("Ask the servers")
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))
    run = transcript(here, issue)
    texts = [each["result"]["text"] for each in run["transcript"] if "result" in each]
    assert any("a transaction in steps" in text for text in texts)
    assert any("doing it twice" in text for text in texts)
    whole = json.dumps(run) + json.dumps([each["body"] for each in claude.requests])
    for secret in (CLAUDE_KEY, "lin_api_test", "test-webhook-secret", "words-token-1"):
        assert secret not in whole
    assert any("PATH" in text for text in texts), "it did answer with its environment"
    document = here.made(issue)["documents"][0]["content"]
    assert "near" in document.split("---")[-1]
    assert "stopped answering" in document or "not in this plan" in document


def test_the_models_list_is_shown(here: World, claude: Claude) -> None:
    todos = [{"content": "Look around", "status": "completed"}, {"content": "Write", "status": "in_progress"}]
    claude.script(uses(("TodoWrite", {"todos": todos})), plan())
    issue = here.issue("Show what you do")
    here.planned(issue)
    assert [each["content"] for each in transcript(here, issue)["todo"]] == ["Look around", "Write"]
    shown = here.bot.command("show", issue).stdout
    assert "[x] Look around" in shown
