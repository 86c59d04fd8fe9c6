"""The stand-in for Claude itself: each rule of the API has a request that breaks it, and caches count as documented."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.standins import claude as standin
from tests.standins.claude import Claude, Clock, Json, Rules, cached_share, cost, uncached_cost
from tests.standins.claude_blocks import MOST_IMAGE_BYTES
from tests.standins.claude_cache import Cache

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["linear.app"], "max_uses": 3}
READ = {"name": "Read", "description": "Reads.", "input_schema": {"type": "object", "properties": {}}}


def user(*blocks: Json) -> Json:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Json) -> Json:
    return {"role": "assistant", "content": list(blocks)}


def base(**changes: Any) -> Json:
    """A request that keeps all rules."""
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 1_000,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": HOUR}],
        "tools": [READ, SEARCH],
        "messages": [user(standin.text("Plan."))],
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "high"},
        "cache_control": MARK,
    }
    return copy.deepcopy({key: value for key, value in (body | changes).items() if value is not None})


def image(data: bytes = PNG, media_type: str = "image/png", **source: Any) -> Json:
    given = {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}
    return {"type": "image", "source": given | source}


def pdf(data: bytes = b"%PDF-1.7 ...", **source: Any) -> Json:
    given = {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(data).decode()}
    return {"type": "document", "source": given | source}


def said(*blocks: Json, **changes: Any) -> Json:
    return base(messages=[user(*blocks)], **changes)


CALL = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "read"}


def used(*results: Json, call: Json = CALL, **changes: Any) -> Json:
    return base(messages=[user(standin.text("Plan.")), assistant(call), user(*results)], **changes)


def schema(**node: Any) -> list[Json]:
    strict = {"type": "object", "additionalProperties": False, "properties": {"a": node}}
    return [{"name": "t", "strict": True, "input_schema": strict}]


KEPT: dict[str, Json] = {
    "plain": base(),
    "system as text": base(system="Be brief."),
    "the least": {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
    "thinking off": base(model="claude-sonnet-5-5", thinking={"type": "disabled"}),
    "budgeted thinking": base(
        model="claude-haiku-4-5", thinking={"type": "enabled", "budget_tokens": 2_000}, output_config=None
    ),
    "forced tool on an older model": base(model="claude-opus-5", tool_choice={"type": "any"}),
    "four breakpoints": base(
        tools=[{**READ, "cache_control": HOUR}], messages=[user({**standin.text("Plan."), "cache_control": MARK})]
    ),
    "image": said(image()),
    "image by address": said({"type": "image", "source": {"type": "url", "url": "https://linear.app/a.png"}}),
    "pdf": said(pdf()),
    "text document": said({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}),
    "result": used(RESULT),
    "result of blocks": used({**RESULT, "content": [standin.text("a"), image()]}),
    "text after a result": used(RESULT, standin.text("Go on.")),
    "failed result": used({**RESULT, "is_error": True, "content": [standin.text("No.")]}),
    "a mark that is none": used(RESULT, call={**CALL, "input": {"cache_control": {"type": "x"}}}),
    "fetch": base(tools=[{
        "type": "web_fetch_20250910", "name": "web_fetch", "allowed_domains": ["a.com"], "max_content_tokens": 9,
        "citations": {"enabled": False},
    }]),
    "direct search beside code": base(tools=[
        {"type": "web_search_20260318", "name": "web_search", "allowed_callers": ["direct"]},
        {"type": "code_execution_20250825", "name": "code_execution"},
    ]),
    "strict": base(tools=schema(type="string")),
}  # fmt: skip


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_requests_that_keep_the_rules(body: Json) -> None:
    assert Rules().violation(body) is None


BROKEN: dict[str, tuple[Json, str]] = {
    "unknown option": (base(temperature=1), "temperature: Extra inputs"),
    "no room to answer": (base(max_tokens=0), "max_tokens"),
    "more than the model writes": (base(model="claude-haiku-4-5", max_tokens=64_001), "64001 > 64000"),
    "thinking off where it stays on": (base(thinking={"type": "disabled"}), "thinking.type.disabled"),
    "budgeted thinking": (base(thinking={"type": "enabled", "budget_tokens": 9}), "thinking.type.enabled"),
    "adaptive thinking on an old model": (base(model="claude-haiku-4-5"), "thinking.type.adaptive"),
    "budget for adaptive thinking": (base(thinking={"type": "adaptive", "budget_tokens": 9}), "budget_tokens"),
    "effort on an old model": (base(model="claude-haiku-4-5", thinking=None), "effort parameter"),
    "unknown effort": (base(output_config={"effort": "hard"}), "'hard'"),
    "effort of a later model": (base(model="claude-opus-4-6", output_config={"effort": "xhigh"}), "'xhigh'"),
    "forced tool": (base(tool_choice={"type": "tool", "name": "Read"}), "forces tool use"),
    "unknown container": (base(container="container_9"), "was not found"),
    "tool name": (base(tools=[{**READ, "name": "mcp: read"}]), "match pattern"),
    "long tool name": (base(tools=[{**READ, "name": "r" * 129}]), "match pattern"),
    "same tool twice": (base(tools=[READ, READ]), "must be unique"),
    "tool without a schema": (base(tools=[{"name": "Read"}]), "input_schema"),
    "tool with more": (base(tools=[{**READ, "returns": {}}]), "returns: Extra"),
    "unknown server tool": (base(tools=[{**SEARCH, "type": "web_search_20990101"}]), "does not match any"),
    "server tool with more": (base(tools=[{**SEARCH, "max_content_tokens": 9}]), "max_content_tokens: Extra"),
    "server tool with a description": (base(tools=[{**SEARCH, "description": "d"}]), "description: Extra"),
    "server tool under another name": (base(tools=[{**SEARCH, "name": "WebSearch"}]), "Input should be 'web_search'"),
    "domains allowed and blocked": (base(tools=[{**SEARCH, "blocked_domains": ["b.com"]}]), "only one of"),
    "domain with a scheme": (base(tools=[{**SEARCH, "allowed_domains": ["https://a.com"]}]), "no domain"),
    "no uses": (base(tools=[{**SEARCH, "max_uses": 0}]), "greater than 0"),
    "code beside search with code": (
        base(tools=[
            {"type": "web_search_20260209", "name": "web_search"},
            {"type": "code_execution_20260120", "name": "code_execution"},
        ]),
        "brings code execution",
    ),
    "open strict schema": (base(tools=schema(type="object", properties={"b": {}})), "additionalProperties"),
    "strict length": (base(tools=schema(type="string", maxLength=3)), "maxLength"),
    "strict list of anything": (base(tools=schema(type="array")), "without items"),
    "strict reference": (base(tools=schema(**{"$ref": "#/$defs/X"})), "leads nowhere"),
    "no messages": (base(messages=[]), "at least one message"),
    "the model first": (base(messages=[assistant(standin.text("a"))]), "first message"),
    "a third role": (base(messages=[{"role": "tool", "content": "a"}]), "role"),
    "message with more": (base(messages=[{**user(standin.text("a")), "name": "n"}]), "role and content"),
    "empty message": (base(messages=[user()]), "content must not be empty"),
    "empty text": (said(standin.text(" ")), "non-empty"),
    "unknown block": (said({"type": "video"}), "'video'"),
    "block with more": (said({**standin.text("a"), "lang": "de"}), "lang: Extra"),
    "citations on a user's text": (said({**standin.text("a"), "citations": []}), "citations: Extra"),
    "a model's document": (base(messages=[user(standin.text("a")), assistant(pdf())]), "'document'"),
    "blob": (said({"type": "image", "source": {"type": "blob", "digest": "d"}}), "base64 with a media_type"),
    "no base64": (said({"type": "image", "source": {**image()["source"], "data": "!!"}}), "base64 with a media_type"),
    "image of another type": (said(image(media_type="image/jpeg")), "is no image/jpeg"),
    "svg": (said(image(b"<svg/>", "image/svg+xml")), "Input should be one of"),
    "heavy image": (said(image(PNG + bytes(MOST_IMAGE_BYTES))), "5 MB maximum"),
    "wide image": (said(image(PNG[:16] + (9_000).to_bytes(4, "big") + bytes(4))), "8000 pixels"),
    "no pdf": (said(pdf(b"PK")), "not valid"),
    "word document": (said(pdf(media_type="application/msword")), "application/pdf"),
    "result without a call": (said(RESULT), "unexpected `tool_use_id`"),
    "call without a result": (used(standin.text("And?")), "without `tool_result`"),
    "two results of a call": (used(RESULT, RESULT), "single result"),
    "text before a result": (used(standin.text("Here:"), RESULT), "must come first"),
    "result with more": (used({**RESULT, "name": "Read"}), "name: Extra"),
    "result of a result": (used({**RESULT, "content": [RESULT]}), "'tool_result'"),
    "failed result with an image": (used({**RESULT, "is_error": True, "content": [image()]}), "must be type `text`"),
    "call with text": (used(RESULT, call={**CALL, "input": "{}"}), "valid dictionary"),
    "same call twice": (
        base(messages=[user(standin.text("a")), assistant(CALL), user(RESULT), assistant(CALL), user(RESULT)]),
        "must be unique",
    ),
    "search without its result": (
        base(messages=[
            user(standin.text("a")), assistant(standin.searched("q", "u")[0]), user(standin.text("And?")),
        ]),
        "server tool use without a result",
    ),
    "the model last": (base(messages=[user(standin.text("a")), assistant(standin.text("b"))]), "prefill"),
    "somebody else's thinking": (
        base(messages=[user(standin.text("a")), assistant(standin.thinking()), user(standin.text("b"))]),
        "Invalid `signature`",
    ),
    "five breakpoints": (
        base(messages=[user(*({**standin.text(str(n)), "cache_control": MARK} for n in range(3)))]),
        "Found 5",
    ),
    "an hour after five minutes": (base(tools=[{**READ, "cache_control": MARK}]), "must come before"),
    "a mark for a day": (base(cache_control={"type": "ephemeral", "ttl": "24h"}), "is none"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_each_rule_is_kept(body: Json, why: str) -> None:
    violation = Rules().violation(body)
    assert violation is not None
    assert why in violation


# --- what it remembers -----------------------------------------------------------------------------------------------


def test_thinking_is_bound_to_all_that_came_before() -> None:
    rules, body, answer = Rules(), base(), [standin.thinking(), standin.text("Well.")]
    rules.remember(body, answer)
    further = [*body["messages"], assistant(*answer), user(standin.text("Go on."))]
    assert rules.violation(base(messages=further)) is None
    assert rules.violation(base(messages=further, cache_control=None)) is None, "marks may move"
    for change in (
        {"system": "Be long."},
        {"tools": [READ]},
        {"messages": [user(standin.text("Else.")), *further[1:]]},
    ):
        assert "different conversation" in str(rules.violation(base(**{"messages": further} | change)))


def test_a_pause_goes_back_as_it_came() -> None:
    rules, body = Rules(), base()
    paused = [standin.thinking(), standin.searched("q", "u")[0]]
    rules.remember(body, paused, "pause_turn")
    assert rules.violation(base(messages=[*body["messages"], assistant(*paused)])) is None
    assert "prefill" in str(rules.violation(base(messages=[*body["messages"], assistant(paused[1])])))


def test_a_container_must_be_named_again() -> None:
    rules, body = Rules(), base()
    answer = standin.ran_code("ls", "a")
    rules.remember(body, answer, "end_turn", "container_1")
    further = [*body["messages"], assistant(*answer), user(standin.text("Go on."))]
    assert "container: required" in str(rules.violation(base(messages=further)))
    assert rules.violation(base(messages=further, container="container_1")) is None


# --- the cache -------------------------------------------------------------------------------------------------------

LONG = "word " * 4_000


def told(cache: Cache, *blocks: Json, **changes: Any) -> tuple[int, int, int, int]:
    """Tokens of a request: fresh, read, written for five minutes, for an hour."""
    usage = cache.usage(said(*blocks, **changes), [])
    written = usage["cache_creation"]
    assert usage["cache_creation_input_tokens"] == sum(written.values())
    return (
        usage["input_tokens"],
        usage["cache_read_input_tokens"],
        written["ephemeral_5m_input_tokens"],
        written["ephemeral_1h_input_tokens"],
    )


def long(number: int = 0, **more: Any) -> Json:
    return {**standin.text(f"{number} {LONG}"), **more}


SYSTEM = [{"type": "text", "text": LONG, "cache_control": HOUR}]


def test_what_was_written_is_read_and_only_what_is_new_is_written() -> None:
    cache = Cache()
    fresh, read, short, hour = told(cache, long(), system=SYSTEM)
    assert (fresh, read) == (0, 0)
    assert hour > 5_000
    assert 5_000 < short < hour
    again = told(cache, long(), system=SYSTEM)
    assert again == (0, short + hour, 0, 0)
    more = told(cache, long(), long(1), system=SYSTEM)
    assert more[:2] == (0, short + hour)
    assert abs(more[2] - short) < 10


def test_nothing_is_cached_without_a_mark() -> None:
    cache = Cache()
    first = told(cache, long(), system=None, cache_control=None)
    assert first[1:] == (0, 0, 0)
    assert told(cache, long(), system=None, cache_control=None) == first


def test_a_change_is_read_up_to_the_mark_before_it() -> None:
    cache = Cache()
    _, _, short, hour = told(cache, long(1), system=SYSTEM)
    assert told(cache, long(2), system=SYSTEM) == (0, hour, short, 0), "other issue, same agent"
    assert told(cache, long(1), system=SYSTEM, tools=[READ])[1] == 0, "other tools, nothing is left"
    assert told(cache, long(1), system=SYSTEM, model="claude-sonnet-5-5")[1] == 0
    assert told(cache, long(1), system=SYSTEM, output_config={"effort": "low"})[1] == hour, "messages are read anew"


def test_what_is_shorter_than_the_model_caches_is_not_cached() -> None:
    for model, cached in (("claude-opus-5-5", True), ("claude-haiku-4-5", False)):
        cache = Cache()
        body = {"thinking": None, "output_config": None, "model": model, "system": None, "tools": None}
        short = standin.text("word " * 1_000)
        assert (told(cache, short, **body)[2] > 0) is cached
        assert (told(cache, short, **body)[1] > 0) is cached


@pytest.mark.parametrize(("blocks", "found"), [(19, True), (20, False)])
def test_a_mark_looks_twenty_blocks_back(blocks: int, *, found: bool) -> None:
    cache = Cache()
    told(cache, long(), system=None)
    more = [standin.text(str(number)) for number in range(blocks)]
    assert (told(cache, long(), *more, system=None)[1] > 0) is found


def test_caches_grow_old() -> None:
    clock = Clock()
    cache = Cache(clock)
    _, _, short, hour = told(cache, long(), system=SYSTEM)
    clock.advance(299)
    assert told(cache, long(), system=SYSTEM)[1] == short + hour, "and lives on from here"
    clock.advance(299)
    assert told(cache, long(), system=SYSTEM)[1] == short + hour
    clock.advance(301)
    assert told(cache, long(), system=SYSTEM) == (0, hour, short, 0)
    clock.advance(3_601)
    assert told(cache, long(), system=SYSTEM) == (0, 0, short, hour)


def test_pictures_and_pages_count_by_number() -> None:
    small, large = (Cache().prompt_tokens(said(image(PNG + bytes(size)))) for size in (10, 1_000_000))
    assert small == large


def test_a_conversation_is_cheaper_with_a_cache() -> None:
    cache, usages, messages = Cache(), [], [user(long(cache_control=MARK))]
    for turn in range(8):
        usages.append(cache.usage(base(system=SYSTEM, messages=messages), [standin.text("a" * 4_000)]))
        messages += [assistant(standin.text(f"answer {turn}")), user(standin.text(f"{turn} " + "b" * 8_000))]
    assert cached_share(usages) > 0.8
    assert cost(usages, "claude-opus-5-5") < uncached_cost(usages, "claude-opus-5-5") / 2


# --- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


def post(claude: Claude, body: Json, **headers: str) -> httpx2.Response:
    return httpx2.post(f"{claude.url}/v1/messages", json=body, headers={"authorization": "Bearer k"} | headers)


def test_what_a_model_takes(claude: Claude) -> None:
    found = httpx2.get(f"{claude.url}/v1/models/claude-opus-5-5").json()
    assert found["capabilities"]["thinking"]["types"]["disabled"] == {"supported": False}
    assert found["capabilities"]["effort"]["xhigh"] == {"supported": True}
    assert (found["max_tokens"], found["max_input_tokens"]) == (128_000, 1_000_000)
    assert httpx2.get(f"{claude.url}/v1/models/claude-opus-9").status_code == 404
    claude.lists_models = False
    assert httpx2.get(f"{claude.url}/v1/models/claude-opus-5-5").status_code == 404


REFUSED: dict[str, tuple[Json, int, str]] = {
    "unknown model": (base(model="claude-opus-9"), 404, "claude-opus-9"),
    "too long": (
        base(model="claude-haiku-4-5", thinking=None, output_config=None, messages=[user(standin.text("a" * 900_000))]),
        400,
        "prompt is too long",
    ),
    "too large": (said(standin.text("a" * (32 * 1024 * 1024))), 413, "maximum size"),
    "against the rules": (base(temperature=0), 400, "temperature"),
}


@pytest.mark.parametrize(("body", "status", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_asked_for_and_not_charged(claude: Claude, body: Json, status: int, why: str) -> None:
    claude.script(standin.says("never"))
    answer = post(claude, body)
    assert (answer.status_code, answer.json()["type"]) == (status, "error")
    assert why in answer.json()["error"]["message"]
    assert (len(claude.requests), claude.usages, claude.cut, claude.waiting) == (1, [], [], 1)


def test_a_conversation_step_by_step(claude: Claude) -> None:
    steps = [
        standin.uses(("Read", {"path": "a"}), say="I look."),
        lambda body: standin.says(f"{len(body['messages'])} messages"),
    ]
    claude.script(*[standin.conversation(*steps)] * 4)
    first, again = post(claude, base()).json(), post(claude, base()).json()
    assert [block["type"] for block in first["content"]] == ["thinking", "text", "tool_use"]
    assert first["content"] == again["content"], "asked again, it says the same"
    result = {**RESULT, "tool_use_id": first["content"][2]["id"]}
    further = [*base()["messages"], assistant(*first["content"]), user(result)]
    second = post(claude, base(messages=further)).json()
    assert second["content"][0]["text"] == "3 messages"
    over = [*further, assistant(*second["content"]), user(standin.text("Go on."))]
    assert "only 2 steps" in post(claude, base(messages=over)).text
    assert [usage["request"] for usage in claude.usages] == [1, 2, 3]


CUTS: dict[str, tuple[dict[str, int], int | None]] = {
    "before the message": ({"cut_after": 0}, None),
    "after its start": ({"cut_after": 2}, 1),
    "by an error": ({"error_after": 3}, 1),
}


@pytest.mark.parametrize(("how", "output"), CUTS.values(), ids=CUTS.keys())
def test_cut_answers_are_listed_with_what_was_told(claude: Claude, how: dict[str, Any], output: int | None) -> None:
    claude.script(standin.plan(**how), standin.plan())
    for _ in range(2):
        post(claude, base(stream=True))
    [cut], [whole] = claude.cut, claude.usages
    assert (cut["request"], whole["request"]) == (1, 2)
    assert cut["output_tokens"] == whole["output_tokens"], "what it would have come to"
    assert (cut["told"] and cut["told"]["output_tokens"]) == output


def test_an_answer_that_nobody_waits_for_is_cut(claude: Claude) -> None:
    claude.script(standin.plan(delay_s=0.0))
    claude._pace_s = 0.05
    with httpx2.stream(
        "POST", f"{claude.url}/v1/messages", json=base(stream=True), headers={"authorization": "Bearer k"}
    ) as answer:
        next(answer.iter_bytes())
    for _ in range(1_000):
        if claude.cut or claude.usages:
            break
        httpx2.get(f"{claude.url}/_requests")
    assert [cut["request"] for cut in claude.cut] == [1]
    assert claude.usages == []


def test_the_start_of_an_answer_tells_what_was_read(claude: Claude) -> None:
    claude.script(standin.says("a" * 400))
    lines = post(claude, base(stream=True)).text.splitlines()
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert events[0]["message"]["usage"]["output_tokens"] == 1
    assert events[0]["message"]["usage"]["input_tokens"] == events[-2]["usage"]["input_tokens"] > 0
    assert events[-2]["usage"]["output_tokens"] > 100


def test_amazon_s_frames(claude: Claude) -> None:
    claude.script(standin.says("hello"))
    body = {key: value for key, value in base().items() if key != "model"} | {"anthropic_version": "2026-10-21"}
    url = f"{claude.url}/model/us.anthropic.claude-opus-5-5-v1:0/invoke-with-response-stream"
    data = httpx2.post(url, json=body, headers={"authorization": "Bearer k"}).content
    kinds: list[str] = []
    while data:
        size, length = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        assert zlib.crc32(data[: size - 4]) == int.from_bytes(data[size - 4 : size], "big")
        kinds.append(json.loads(base64.b64decode(json.loads(data[12 + length : size - 4])["bytes"]))["type"])
        data = data[size:]
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"


def test_the_stand_in_runs_as_a_process() -> None:
    program = Path(standin.__file__)
    with subprocess.Popen(
        [sys.executable, str(program), "--port", "0", "--plan", "auto"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            body = {"model": "claude-opus-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
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
