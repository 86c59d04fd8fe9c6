"""The real SDK against a stand-in of the Messages API: every way an answer may end."""

from __future__ import annotations

import contextlib
import itertools
import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from planner import claude_clients
from planner.agent import Agent
from planner.author import Authored, author, system_prompt
from planner.capabilities import Capabilities, fit, of
from planner.claude import ClaudeModel, make_model
from planner.errors import BadKey, BadRequest, ModelBusy, ModelRefused, MoneyOut, PlannerError, PlanUnfit
from planner.model import Answer, Progress, Question
from planner.schema import submit_plan_tool
from tests.planner.samples import BRIEF, MARKER
from tests.standins import claude as standin
from tests.standins.claude import Claude

KEY = "sk-ant-api03-nobodys-key-0123456789"
AGENT = Agent(name="tester", prompt="You plan.")
MODEL = "claude-opus-5-5"


@pytest.fixture(scope="module")
def server() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture
def api(server: Claude) -> Iterator[Claude]:
    server.reset()
    yield server
    assert server.waiting == 0, "the script was not played to its end"


@pytest.fixture
async def model(api: Claude) -> AsyncIterator[ClaudeModel]:
    made = make_model(api_key=KEY, base_url=api.url)
    yield made
    await made.aclose()


def question(**changes: Any) -> Question:
    asked = {
        "model": MODEL,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Plan."}]}],
        "tools": [submit_plan_tool()],
        "max_tokens": 32_000,
        "effort": "high",
        "brief": BRIEF,
    }
    return Question.model_validate(asked | changes)


async def written(model: ClaudeModel, **options: Any) -> Authored:
    async def ask(turn: int, asked: Question) -> Answer:
        # A caller that waits and asks again, as the bot does, without the waiting.
        for _ in range(4):
            try:
                return await model.ask(asked)
            except ModelBusy:
                continue
        raise AssertionError("busy for ever")

    given: dict[str, Any] = {"model": MODEL, "effort": "high", "max_tokens": 32_000, "marker": MARKER} | options
    return await author(BRIEF, AGENT, ask=ask, **given)


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


# --- what may have been paid for -------------------------------------------------------------------------------------


CUTS = {
    "before the message": 0,
    "after the ping": 2,
    "inside thinking": 3,
    "inside the tool call": 8,
}


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("events", CUTS.values(), ids=CUTS.keys())
async def test_a_cut_stream_is_busy(api: Claude, model: ClaudeModel, events: int, *, reset: bool) -> None:
    api.script(standin.plan(cut_after=events, reset=reset))
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.retry_after_s is None
    assert caught.value.may_be_paid
    assert len(api.requests) == 1, "the SDK does not ask again by itself"
    assert [cut["request"] for cut in api.cut] == [1]


PAID: dict[str, tuple[standin.Item, bool]] = {
    "overload": (standin.overloaded(), False),
    "rate limit": (standin.rate_limited(7), False),
    "server error": (standin.Fault(500, "api_error", "Internal server error"), False),
    "overload before the message": (standin.plan(error_after=0), False),
    "overload in the message": (standin.plan(error_after=4), True),
    "rate limit in the message": (standin.plan(error_after=4, error="rate_limit_error"), True),
}


@pytest.mark.parametrize(("fault", "paid"), PAID.values(), ids=PAID.keys())
async def test_what_was_turned_away_is_not_paid_for(
    api: Claude, model: ClaudeModel, fault: standin.Item, *, paid: bool
) -> None:
    api.script(fault)
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.may_be_paid is paid


RAW: dict[str, tuple[bytes, bool]] = {
    "hangs up": (b"", True),
    "a gateway that gave up": (b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 4\r\n\r\nlate", True),
    "a gateway without anyone behind it": (b"HTTP/1.1 503 Unavailable\r\ncontent-length: 2\r\n\r\nno", False),
    "half an answer": (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\n", True),
    "a page": (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\n<hr/>", True),
}


@contextlib.contextmanager
def answering(raw: bytes | None) -> Iterator[str]:
    """A server that reads a request and writes `raw`; with None it says nothing at all until the end."""
    done = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while b"}" not in self.request.recv(65_536)[-1:]:
                pass
            if raw is None:
                done.wait(60)
            else:
                self.request.sendall(raw)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{served.server_address[1]}"
        finally:
            done.set()
            served.shutdown()


@pytest.mark.parametrize(("raw", "paid"), RAW.values(), ids=RAW.keys())
async def test_broken_connections(raw: bytes, *, paid: bool) -> None:
    with answering(raw) as url:
        model = make_model(api_key=KEY, base_url=url)
        with pytest.raises(ModelBusy) as caught:
            await model.ask(question())
        await model.aclose()
    assert caught.value.may_be_paid is paid


async def test_silence_after_the_question_may_be_an_answer_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude_clients, "_READ_TIMEOUT_S", 0.2)
    with answering(None) as url:
        model = make_model(api_key=KEY, base_url=url)
        with pytest.raises(ModelBusy, match="Timeout") as caught:
            await model.ask(question())
        await model.aclose()
    assert caught.value.may_be_paid


FAULTS: dict[str, tuple[standin.Item, type[PlannerError], str]] = {
    "overload": (standin.overloaded(), ModelBusy, "overloaded"),
    "overload in the stream": (standin.plan(error_after=4), ModelBusy, "overloaded"),
    "rate limit in the stream": (standin.plan(error_after=4, error="rate_limit_error"), ModelBusy, "rate limit"),
    "server error in the stream": (standin.plan(error_after=4, error="api_error"), ModelBusy, "trouble"),
    "rate limit": (standin.rate_limited(), ModelBusy, "rate limit"),
    "server error": (standin.Fault(500, "api_error", "Internal server error"), ModelBusy, "trouble"),
    "gateway timeout": (standin.Fault(504, "timeout_error", "Timeout"), ModelBusy, "trouble"),
    "conflict": (standin.Fault(409, "conflict_error", "Conflict"), ModelBusy, "trouble"),
    "key": (standin.bad_key(), BadKey, "does not accept the key"),
    "permission": (standin.forbidden(), BadKey, "does not let this key"),
    "spend limit": (standin.spend_limit(), MoneyOut, "usage limits"),
    "payment": (standin.payment_required(), MoneyOut, "payment details"),
    "credit": (standin.no_credit(), MoneyOut, "credit balance"),
    "no such model": (standin.Fault(404, "not_found_error", "model: opus-9"), BadRequest, "knows no model"),
    "too large": (standin.Fault(413, "request_too_large", "Too large"), BadRequest, "more than Claude takes"),
    "our mistake": (standin.Fault(400, "invalid_request_error", "messages: wrong"), BadRequest, "req_fault"),
    "unprocessable": (standin.Fault(422, "invalid_request_error", "no"), BadRequest, "wrong"),
}


@pytest.mark.parametrize(("fault", "error", "says"), FAULTS.values(), ids=FAULTS.keys())
async def test_each_fault_says_what_to_do(
    api: Claude, model: ClaudeModel, fault: standin.Item, error: type[PlannerError], says: str
) -> None:
    api.script(fault)
    with pytest.raises(PlannerError) as caught:
        await model.ask(question())
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert caught.value.__cause__ is None, "the SDK's error may hold request and key"
    assert len(api.requests) == 1


WAITS = {
    "seconds": ({"retry-after": "7"}, 7.0),
    "milliseconds win": ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
    "an hour is told, not slept": ({"retry-after": "3600"}, 3600.0),
    "a date gone by": ({"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}, 0.0),
    "nonsense": ({"retry-after": "soon"}, None),
    "nothing": ({}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS.keys())
async def test_how_long_to_wait(
    api: Claude, model: ClaudeModel, headers: dict[str, str], seconds: float | None
) -> None:
    api.script(standin.Fault(429, "rate_limit_error", "slow down", headers))
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.retry_after_s == seconds


async def test_the_key_is_never_said(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.Fault(400, "invalid_request_error", f"bad header {KEY} and sk-ant-another-key-1234567"))
    with pytest.raises(BadRequest) as caught:
        await model.ask(question())
    assert KEY not in str(caught.value)
    assert "another" not in str(caught.value)


async def test_nobody_there() -> None:
    model = make_model(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ModelBusy, match="connection") as caught:
        await model.ask(question())
    assert not caught.value.may_be_paid
    await model.aclose()


async def test_what_cannot_be_sent_is_not_tried_for_ever(api: Claude, model: ClaudeModel) -> None:
    with pytest.raises(BadRequest, match="cannot be made"):
        await model.ask(question().model_copy(update={"system": "\ud800"}))
    assert api.requests == []


def test_without_a_key() -> None:
    with pytest.raises(BadKey, match="ANTHROPIC_API_KEY"):
        make_model()


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
async def test_a_cloud_that_is_not_set_up_says_so(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "CLOUD_ML_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(BadKey, match=provider):
        await make_model(provider).ask(question())


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


# --- whole conversations ---------------------------------------------------------------------------------------------


def broken(**changes: Any) -> standin.Reply:
    return standin.plan(standin.a_plan() | changes)


async def test_a_plan_at_once(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.plan())
    made = await written(model)
    assert (made.attempts, made.turns) == (1, 1)
    assert made.plan.model_dump() == standin.a_plan()
    assert made.usd > 0
    assert api.requests[0]["body"]["system"][0]["text"] == system_prompt(AGENT)


async def test_cuts_and_overloads_then_a_plan(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.plan(cut_after=9), standin.overloaded(), standin.plan(error_after=6), standin.plan())
    made = await written(model)
    assert made.turns == 1
    assert len({each["raw"] for each in api.requests}) == 1, "asked again, byte for byte the same"


async def test_an_unfit_plan_is_mended(api: Claude, model: ClaudeModel) -> None:
    api.script(broken(phases=[]), standin.plan())
    made = await written(model)
    assert (made.attempts, made.turns) == (2, 2)
    result = api.requests[1]["body"]["messages"][2]["content"][0]
    assert result["type"] == "tool_result"
    assert result["is_error"] is True
    assert "phases: list should have at least 1 item" in result["content"]
    assert made.usage.output_tokens == sum(each["output_tokens"] for each in api.usages)
    assert made.usage.cache_read_tokens > 0


async def test_three_unfit_plans(api: Claude, model: ClaudeModel) -> None:
    api.script(*(broken(title="") for _ in range(3)))
    with pytest.raises(PlanUnfit) as caught:
        await written(model)
    assert caught.value.attempts == 3
    assert "title" in str(caught.value)


async def test_an_end_without_a_plan_is_nudged_once_per_attempt(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.says("Here is my plan: ..."), standin.plan())
    made = await written(model)
    assert made.attempts == 2
    assert "submit_plan" in api.requests[1]["body"]["messages"][-1]["content"][0]["text"]


async def test_a_tool_that_is_not_there(api: Claude, model: ClaudeModel) -> None:
    api.script(
        standin.Reply([standin.tool_use("Read", {"path": "x"}), standin.tool_use("LS", {})], stop_reason="tool_use"),
        standin.plan(),
    )
    made = await written(model)
    assert made.attempts == 2
    results = api.requests[1]["body"]["messages"][-1]["content"]
    assert [each["type"] for each in results] == ["tool_result", "tool_result"]


async def test_a_refusal(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.refusal("cyber"))
    with pytest.raises(ModelRefused, match="cyber"):
        await written(model)


async def test_too_long_is_asked_once_more_with_room(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.Reply([standin.text("...")], stop_reason="max_tokens"), standin.plan())
    made = await written(model, max_tokens=10_000)
    assert made.turns == 2
    assert [each["body"]["max_tokens"] for each in api.requests] == [10_000, 20_000]
    assert api.requests[0]["body"]["messages"] == api.requests[1]["body"]["messages"]


async def test_too_long_twice(api: Claude, model: ClaudeModel) -> None:
    api.script(*(standin.Reply([standin.text("...")], stop_reason="max_tokens") for _ in range(2)))
    with pytest.raises(PlanUnfit, match="20,000 tokens"):
        await written(model, max_tokens=10_000)


async def test_a_key_that_is_revoked_in_between(api: Claude, model: ClaudeModel) -> None:
    api.script(broken(title=""), standin.bad_key())
    with pytest.raises(BadKey):
        await written(model)


async def test_every_request_extends_the_one_before(api: Claude, model: ClaudeModel) -> None:
    api.script(
        broken(title=""), standin.Reply([standin.thinking(), standin.text("é \u2028 日本")]), broken(language="?"),
        standin.plan(),
    )  # fmt: skip
    await written(model, max_attempts=4)
    raws = [each["raw"] for each in api.requests]
    for before, after in itertools.pairwise(raws):
        # The body is JSON with the messages in its middle: what came before them and they themselves stay as they were.
        start, end = before.index('"messages":['), _end_of_messages(before)
        assert after[:end] == before[:end]
        assert after[end] == ","
        tail = before[end + 1 :]
        assert after.endswith(tail)
        assert start < end
    assert [len(json.loads(raw)["messages"]) for raw in raws] == [1, 3, 5, 7]


def _end_of_messages(raw: str) -> int:
    start = raw.index('"messages":[') + len('"messages":')
    _, length = json.JSONDecoder().raw_decode(raw[start:])
    return start + length - 1


def test_the_stand_in_runs_as_a_process() -> None:
    program = Path(standin.__file__)
    with subprocess.Popen(
        [sys.executable, str(program), "--port", "0", "--plan", "auto"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            body = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
            with httpx2.Client() as client:
                answer = _post_until_up(client, f"{url}/v1/messages", body)
            assert answer["content"][1]["name"] == "submit_plan"
        finally:
            process.terminate()


def _post_until_up(client: httpx2.Client, url: str, body: dict[str, Any]) -> dict[str, Any]:
    for _ in range(200):
        try:
            return client.post(url, json=body, headers={"authorization": "Bearer x"}).json()
        except httpx2.ConnectError:
            continue
    raise AssertionError("the stand-in did not come up")
