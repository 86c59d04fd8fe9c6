"""What a model says in a run that uses tools: by rules from how far it is, so that asking again is the same."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.git_repository import GitRepository
from tests.standins.claude import Json, Reply, a_plan, text, thinking

TASK = "Find out which tests there are, and name their files."
REPORT = "There is one test, in repo:test/limit.test.ts."


def a_repository(path: Path) -> Path:
    """A small service that limits nothing yet, committed; answers its path."""
    repository = GitRepository(path)
    repository.write(
        {
            "README.md": "# Search API\n\nAnswers `/v1/search`. Run `npm test`.\n",
            "package.json": '{"name": "search-api", "dependencies": {"fastify": "5.0.0"}}\n',
            "src/server.ts": "import { search } from './search';\n// There is no limit yet.\n",
            "src/search.ts": "export function search(query: string): string[] {\n  return [query];\n}\n",
            "test/limit.test.ts": "test.todo('limits each key');\n",
        }
    )
    repository.commit()
    return path


def conversation_of(body: Json) -> str:
    """`plan`, or `task` for a sub-agent's."""
    first = body["messages"][0]["content"]
    return "task" if TASK in json.dumps(first[:1]) else "plan"


def turn_of(body: Json) -> tuple[str, int]:
    """Which turn of which conversation a request asks for."""
    return conversation_of(body), sum(message["role"] == "assistant" for message in body["messages"])


def uses(where: tuple[str, int], *calls: tuple[str, Json]) -> Reply:
    """An answer that thinks and calls tools. Its ids follow from where it stands."""
    name, turn = where
    blocks: list[Json] = [thinking()]
    blocks += [
        {"type": "tool_use", "id": f"toolu_{name}_{turn}_{number}", "name": tool, "input": given}
        for number, (tool, given) in enumerate(calls)
    ]
    return Reply(blocks, stop_reason="tool_use")


def broken_plan() -> Json:
    """A plan whose first phase waits for one that is not there."""
    made = a_plan()
    made["phases"][0]["depends_on"] = ["nowhere"]
    return made


def researched(body: Json) -> Reply:
    """Looks around, has a sub-agent look, hands in a plan with a fault, and mends the one block."""
    where = turn_of(body)
    if where == ("task", 0):
        return uses(where, ("Glob", {"pattern": "test/**"}))
    if where[0] == "task":
        return Reply([text(REPORT)])
    return uses(where, *_planning(where[1]))


def _planning(turn: int) -> list[tuple[str, Json]]:
    phase = a_plan()["phases"][0]
    todos = [
        {"content": "Read the repository", "status": "completed"},
        {"content": "Write the plan", "status": "in_progress"},
    ]
    steps: list[list[tuple[str, Json]]] = [
        [("TodoWrite", {"todos": todos}), ("Read", {"file_path": "README.md"})],
        [("Task", {"description": "look for tests", "prompt": TASK}), ("Glob", {"pattern": "src/**/*.ts"})],
        [("Grep", {"pattern": "limit", "path": "src"}), ("LS", {"path": "."})],
        [("submit_plan", broken_plan())],
    ]
    mended = {"block": f"phases.{phase['key']}", "content": json.dumps(phase)}
    return steps[turn] if turn < len(steps) else [("revise_plan", mended)]


REQUESTS = 7
"""How many requests `researched` takes when nothing goes wrong."""


def assert_only_extended(requests: list[Json]) -> None:
    """Every request extends the previous one of its conversation byte for byte, and asks with the same head."""
    longest: dict[str, str] = {}
    heads: dict[str, str] = {}
    for each in requests:
        body = each["body"]
        name = conversation_of(body)
        head = json.dumps([body[key] for key in ("model", "system", "tools")])
        assert heads.setdefault(name, head) == head, "system, tools and model stay the same"
        said = json.dumps(body["messages"])
        before = longest.get(name, "")
        shorter, longer = sorted((before, said), key=len)
        assert longer.startswith(shorter[:-1]), f"{name}: a request does not extend the one before it"
        longest[name] = longer


def asked_twice(requests: list[Json]) -> dict[tuple[str, int], int]:
    """The turns that were asked for more than once, and how often."""
    return {turn: count for turn, count in Counter(turn_of(each["body"]) for each in requests).items() if count > 1}


def turns_of(run: dict[str, Any]) -> Counter[str]:
    """The states of a run's booked turns, as `needs-plan show --json` has them."""
    return Counter(turn["state"] for turn in run["turns"])
