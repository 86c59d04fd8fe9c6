"""The real SDK against a stand-in of the Messages API: every way an answer may end."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from planner.agent import Agent
from planner.capabilities import Capabilities, fit, of
from planner.claude import ClaudeModel, make_model
from planner.errors import BadRequest
from planner.model import Answer, Progress, Question
from planner.schema import submit_plan_tool
from tests.planner.asking import KEY, MODEL, question
from tests.standins import claude as standin
from tests.standins.claude import Claude

AGENT = Agent(name="tester", prompt="You plan.")


# --- one answer ------------------------------------------------------------------------------------------------------


async def test_a_whole_answer(api: Claude, model: ClaudeModel) -> None:
    told: list[Progress] = []
    api.script(standin.plan())
    answer = await model.ask(question(), told.append)
    assert answer.stop_reason == "tool_use"
    assert [block["type"] for block in answer.content] == ["thinking", "tool_use"]
    assert answer.content[1]["input"] == standin.a_plan()
    assert set(answer.content[1]) == {"type", "id", "name", "input"}, "blocks go back as they came, nothing added"
    assert (answer.model, answer.message_id) == (MODEL, "msg_000001")
    assert answer.usage.output_tokens == api.usages[0]["output_tokens"]
    assert answer.usage.cache_write_1h_tokens > 0
    assert told[0].what == "reading"
    assert told[-1].what == "writing"
    assert told[-1].output_tokens == answer.usage.output_tokens
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


async def test_what_goes_over_the_wire(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.plan())
    await model.ask(question())
    sent = api.requests[0]["body"]
    assert sent["stream"] is True
    assert sent["thinking"] == {"type": "adaptive", "display": "omitted"}
    assert sent["output_config"] == {"effort": "high"}
    assert sent["system"] == [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    ]
    assert sent["messages"][0]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert sent["cache_control"] == {"type": "ephemeral"}
    assert sent["tools"] == [submit_plan_tool()]
    assert not {"tool_choice", "temperature", "top_p", "top_k", "metadata"} & set(sent)
    headers = api.requests[0]["headers"]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert "traceparent" not in headers


SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as asked": ({}, {"thinking": {"type": "adaptive", "display": "omitted"}, "output_config": {"effort": "high"}}),
    "effort left to the model": ({"effort": ""}, {"output_config": None}),
    "no thinking": ({"model": "claude-sonnet-5-5", "thinking": "off"}, {"thinking": {"type": "disabled"}}),
    "thinking that stays on": ({"thinking": "off"}, {"thinking": {"type": "adaptive", "display": "omitted"}}),
    "an older model": (
        {"model": "claude-haiku-4-5", "max_tokens": 128_000},
        {"thinking": None, "output_config": None, "max_tokens": 64_000},
    ),
    "no sandbox": ({}, {"container": None}),
}


@pytest.mark.parametrize(("asked", "sent"), SETTINGS.values(), ids=SETTINGS.keys())
async def test_settings_are_sent_as_the_model_takes_them(
    api: Claude, model: ClaudeModel, asked: dict[str, Any], sent: dict[str, Any]
) -> None:
    api.script(standin.plan())
    await model.ask(question(**asked))
    assert {key: api.requests[0]["body"].get(key) for key in sent} == sent


# --- a conversation --------------------------------------------------------------------------------------------------


def followed(answer: Answer, *said: dict[str, Any], **changes: Any) -> Question:
    """The question after `answer`, with what is said to it."""
    first = question(**changes)
    messages = [*first.messages, {"role": "assistant", "content": answer.content}]
    return question(messages=[*messages, {"role": "user", "content": list(said)}] if said else messages, **changes)


async def test_what_the_service_did_itself_goes_back_unchanged(api: Claude, model: ClaudeModel) -> None:
    """Its own tools are declared as they are, a pause is only gone on with, and a sandbox is named again."""
    tools: list[Any] = [
        submit_plan_tool(),
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["linear.app"], "max_uses": 2},
        {"type": "code_execution_20250825", "name": "code_execution"},
    ]
    cited = {
        **standin.text("Linear says so."),
        "citations": [
            {
                "type": "web_search_result_location",
                "url": "https://linear.app/docs",
                "title": "Docs",
                "encrypted_index": "RW5j",
                "cited_text": "so",
            }
        ],
    }
    content = [
        standin.thinking(), *standin.searched("limits", "https://linear.app/docs"), cited,
        *standin.ran_code("ls", "a\nb"), standin.server_use("web_search", {"query": "more"}, [])[0],
    ]  # fmt: skip
    api.script(standin.Reply(content, stop_reason="pause_turn", container="container_1"), standin.plan())
    paused = await model.ask(question(tools=tools))
    assert (paused.stop_reason, paused.container) == ("pause_turn", "container_1")
    assert paused.content == content
    assert (paused.usage.web_searches, paused.usage.prompt_tokens > 0) == (2, True)
    await model.ask(followed(paused, tools=tools, container=paused.container))
    first, second = (each["body"] for each in api.requests)
    assert first["tools"] == second["tools"] == tools
    assert second["messages"][1] == {"role": "assistant", "content": content}
    assert (first.get("container"), second["container"]) == (None, "container_1")


async def test_a_conversation_is_read_from_the_cache(api: Claude, model: ClaudeModel) -> None:
    system = "Be brief. " * 2_000
    brief = [{"role": "user", "content": [{"type": "text", "text": "An issue. " * 5_000}]}]
    api.script(standin.uses(("Read", {"path": "a"})), standin.plan())
    asked: dict[str, Any] = {"system": system, "messages": brief}
    first = await model.ask(question(**asked))
    result = {"type": "tool_result", "tool_use_id": first.content[1]["id"], "content": "read " * 2_000}
    content: list[Any] = [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = await model.ask(question(**asked | {"messages": [*brief, *content]}))
    assert first.usage.cache_write_1h_tokens > 5_000, "tools and system, for an hour"
    assert first.usage.cache_write_5m_tokens > 10_000, "the brief"
    assert second.usage.cache_read_tokens == first.usage.prompt_tokens
    assert second.usage.input_tokens == 0
    assert 2_000 < second.usage.cache_write_5m_tokens < 4_000, "the answer and the result"


# --- what a model takes ----------------------------------------------------------------------------------------------


async def test_the_service_tells_what_a_model_takes(api: Claude, model: ClaudeModel) -> None:
    found = await model.capabilities("claude-opus-4-6")
    assert found == of("claude-opus-4-6").model_copy(update={"max_tokens": 128_000})
    opus = await model.capabilities(MODEL)
    assert fit(opus, "max", "off") == ("max", "adaptive", fit(of(MODEL), "max", "off").notes)
    assert opus.known


async def test_a_model_that_no_table_has_is_known_when_the_service_tells(
    api: Claude, model: ClaudeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = standin.Model(thinking=("adaptive",), efforts=("low", "high"), max_tokens=256_000, context=2_000_000)
    monkeypatch.setitem(standin.MODELS, "claude-opus-9", row)
    assert not of("claude-opus-9").known
    assert await model.capabilities("claude-opus-9") == Capabilities(
        thinking=True, thinking_off=False, efforts=("low", "high"), max_tokens=256_000, context_tokens=2_000_000,
        strict_tools=True, server_tools=True, known=True,
    )  # fmt: skip


async def test_the_table_stands_in_where_the_service_does_not_tell(api: Claude, model: ClaudeModel) -> None:
    assert await model.capabilities("claude-opus-9") == of("claude-opus-9")
    nobody = make_model(api_key=KEY, base_url="http://127.0.0.1:9")
    assert await nobody.capabilities(MODEL) == of(MODEL)
    other = make_model(api_key=KEY, base_url=f"{api.url}/_requests?")  # answers with other JSON
    assert await other.capabilities(MODEL) == of(MODEL)
    cloud = make_model("foundry", api_key=KEY, base_url=api.url)
    assert await cloud.capabilities(MODEL) == of(MODEL, "foundry")
    assert not (await cloud.capabilities(MODEL)).server_tools
    unset = make_model("bedrock")
    assert await unset.capabilities(MODEL) == of(MODEL, "bedrock")
    for each in (nobody, other, cloud, unset):
        await each.aclose()


async def test_foundry_speaks_the_same_messages(api: Claude) -> None:
    api.script(standin.plan())
    model = make_model("foundry", api_key=KEY, base_url=api.url)
    answer = await model.ask(question())
    assert answer.stop_reason == "tool_use"
    assert api.requests[0]["path"] == "/v1/messages"
    assert api.requests[0]["headers"]["api-key"] == KEY
    assert "authorization" not in api.requests[0]["headers"]
    assert api.requests[0]["body"]["thinking"]["type"] == "adaptive"
    await model.aclose()


async def test_models_without_strict_tools_get_none(api: Claude, model: ClaudeModel) -> None:
    with pytest.raises(BadRequest, match="knows no model"):
        await model.ask(question(model="claude-3-5-sonnet-20241022", max_tokens=8_000))
    sent = api.requests[0]["body"]
    assert "strict" not in sent["tools"][0]
    assert (sent["max_tokens"], "thinking" in sent) == (4_096, False)


async def test_a_schema_that_is_too_large_is_sent_without_strict(api: Claude, model: ClaudeModel) -> None:
    too_large = standin.Fault(400, "invalid_request_error", "Invalid schema: The compiled grammar is too large")
    api.script(too_large, standin.plan(), standin.plan())
    await model.ask(question())
    await model.ask(question())
    assert ["strict" in each["body"]["tools"][0] for each in api.requests] == [True, False, False]


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    program = (
        "import sys; import planner.author, planner.claude, planner.render, planner.scripted; "
        "planner.claude.make_model(api_key='k'); print('anthropic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
