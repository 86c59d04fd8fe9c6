"""What only the real Claude can tell. Opt-in: see README.md here. Costs about a dollar."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from planner.brief import Brief
from planner.capabilities import of
from planner.claude import ClaudeModel, make_model
from planner.model import Answer, Question
from planner.pricing import ALIASES, most_tokens, usd, worst_case
from planner.schema import submit_plan_tool
from planner.tools.catalogue import Offers, map_tool
from planner.tools.web import pages_of, server_tools, uses_of

pytestmark = pytest.mark.live

BRIEF = """# Rate limit the public API

Clients can hammer `/v1/search`. Each API key may make 600 requests a minute; above that it gets 429 with Retry-After.
Partners on the enterprise plan have their own limits, which support can change without a deploy.
"""


@pytest.fixture
def key() -> str:
    found = os.environ.get("ANTHROPIC_API_KEY")  # noqa: TID251 - the tests' own keys
    if not found:
        pytest.fail("ANTHROPIC_API_KEY is not set; tests/live/README.md says what live tests need", pytrace=False)
    return found


@pytest.fixture
async def model(key: str) -> AsyncIterator[ClaudeModel]:
    made = make_model(api_key=key)
    yield made
    await made.aclose()


def question(messages: list[Any], **changes: Any) -> Question:
    asked = {
        "model": "claude-opus-5-5",
        "system": "You look things up with your tools before you answer, in one sentence.",
        "messages": messages,
        "tools": [READ, submit_plan_tool()],
        "max_tokens": 4_000,
        "effort": "low",
        "brief": Brief(identifier="LIVE-1", title="t"),
    }
    return Question.model_validate(asked | changes)


READ: dict[str, Any] = {
    "name": "Read",
    "description": "Reads a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}


def assert_within_its_worst_case(asked: Question, answer: Answer) -> None:
    prompt = most_tokens([asked.system, asked.tools, asked.messages])
    assert answer.usage.prompt_tokens <= prompt or uses_of([answer]) != (0, 0, 0)
    assert usd(answer.model, answer.usage) <= worst_case(asked.model, prompt, asked.tools).usd(asked.max_tokens)


@pytest.mark.parametrize("name", ALIASES.values())
async def test_models_take_what_the_table_says(model: ClaudeModel, name: str) -> None:
    """Is the dated table of capabilities still right?"""
    assert await model.capabilities(name) == of(name)


async def test_a_conversation_with_tools_goes_on_from_the_cache(model: ClaudeModel) -> None:
    """Do blocks go back as the service signed them, and are three breakpoints read?"""
    brief = "What does LICENSE say? Background:\n" + "The service has many parts. " * 2_000
    messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": brief}]}]
    first = question(messages)
    asked = await model.ask(first)
    assert_within_its_worst_case(first, asked)
    [call] = [block for block in asked.content if block["type"] == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": [{"type": "text", "text": "MIT"}]}
    second = question(
        [*messages, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    )
    answered = await model.ask(second)
    assert_within_its_worst_case(second, answered)
    assert answered.usage.cache_read_tokens > 5_000


async def test_the_service_searches_and_runs_code(model: ClaudeModel) -> None:
    """Are its own tools accepted as declared, beside a strict one, and does the conversation go on after them?"""
    offers = Offers(web_domains=("linear.app",), code=True)
    mapped = [map_tool(tool, offers) for tool in ("WebSearch", "WebFetch", "Bash")]
    tools: list[Any] = [submit_plan_tool(), *server_tools(mapped, domains=offers.web_domains, code=True)]
    asked = "Search for Linear's page on cycles, fetch it, and count its words by running code."
    messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": asked}]}]
    answers: list[Answer] = []
    container = ""
    for _ in range(6):
        asking = question(messages, tools=tools, container=container)
        answers.append(await model.ask(asking))
        assert_within_its_worst_case(asking, answers[-1])
        container = answers[-1].container or container
        messages.append({"role": "assistant", "content": answers[-1].content})
        if answers[-1].stop_reason != "pause_turn":
            break
    assert uses_of(answers).searches
    assert pages_of(answers)
    messages.append({"role": "user", "content": [{"type": "text", "text": "Thanks. Say it once more."}]})
    again = await model.ask(question(messages, tools=tools, container=container))
    assert again.stop_reason in {"end_turn", "pause_turn"}


def test_claude_writes_a_plan_from_a_brief(tmp_path: Path, key: str) -> None:
    """Is the schema of `submit_plan` accepted, and does the plan fit it?"""
    brief = tmp_path / "brief.md"
    brief.write_text(BRIEF)
    out = tmp_path / "plan.md"
    result = CliRunner().invoke(app, ["plan", "--brief", str(brief), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = out.read_text()
    for heading in ("Executive Summary", "Implementation Phases", "Risk Analysis", "Technology Stack"):
        assert heading in text
