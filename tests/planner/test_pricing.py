"""Tokens to dollars."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.pricing import (
    ALIASES,
    IMAGE_TOKENS,
    PDF_PAGE_TOKENS,
    PDF_PAGES,
    PRICED_ON,
    Usage,
    estimate,
    likely_tokens,
    model_id,
    most_tokens,
    price,
    usd,
    worst_case,
)

M = 1_000_000

COSTS = {
    "input": ("claude-opus-5-5", Usage(input_tokens=M), 4.0),
    "output": ("claude-opus-5-5", Usage(output_tokens=M), 20.0),
    "five minutes": ("claude-opus-5-5", Usage(cache_write_5m_tokens=M), 5.0),
    "one hour": ("claude-opus-5-5", Usage(cache_write_1h_tokens=M), 8.0),
    "read": ("claude-opus-5-5", Usage(cache_read_tokens=M), 0.2),
    "searches": ("claude-opus-5-5", Usage(web_searches=3), 0.03),
    "together": ("claude-sonnet-5-5", Usage(input_tokens=1000, output_tokens=2000, cache_read_tokens=10_000), 0.023),
    "alias": ("sonnet", Usage(output_tokens=M), 10.0),
    "short prompt": ("claude-haiku-5-5", Usage(input_tokens=100_000), 0.01),
    "long prompt": ("claude-haiku-5-5", Usage(input_tokens=200_000), 0.1),
    "long because of the cache": ("claude-haiku-5-5", Usage(cache_read_tokens=200_000, output_tokens=M), 2.51),
    "dated": ("claude-haiku-4-5-20251001", Usage(input_tokens=M), 1.0),
    "bedrock": ("us.anthropic.claude-opus-5-5-v1:0", Usage(input_tokens=M), 4.0),
    "vertex": ("claude-sonnet-5@20260801", Usage(input_tokens=M), 2.0),
    "nothing": ("claude-opus-5-5", Usage(), 0.0),
    "scripted": ("scripted stand-in", Usage(), 0.0),
}


@pytest.mark.parametrize(("model", "usage", "dollars"), COSTS.values(), ids=COSTS.keys())
def test_costs(model: str, usage: Usage, dollars: float) -> None:
    assert usd(model, usage) == pytest.approx(dollars)


KNOWN = {
    "claude-opus-5-5": True,
    "claude-opus-5": True,
    "opus": True,
    "claude-opus-5-7": False,
    "claude-fable-5-2": False,
    "claude-haiku-4-5-20251001": True,
    "claude-opus-6": False,
    "gpt": False,
}


@pytest.mark.parametrize(("model", "known"), KNOWN.items(), ids=KNOWN.keys())
def test_unknown_models_cost_the_most(model: str, *, known: bool) -> None:
    found = price(model)
    assert found.known is known
    if not known:
        assert found.rates == (10, 50, 12.5, 20, 0.5)


def test_usages_add_up() -> None:
    total = Usage(input_tokens=1, output_tokens=2, web_searches=1) + Usage(
        input_tokens=10, cache_read_tokens=5, cache_write_5m_tokens=6, cache_write_1h_tokens=7
    )
    assert total.prompt_tokens == 11 + 5 + 6 + 7
    assert (total.output_tokens, total.web_searches) == (2, 1)


def test_aliases_are_priced() -> None:
    assert all(price(model).known for model in ALIASES.values())
    assert model_id(" Opus ") == "claude-opus-5-5"
    assert model_id("my-own") == "my-own"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", PRICED_ON)


# --- the most that a request may cost --------------------------------------------------------------------------------

MODELS = st.sampled_from([*ALIASES.values(), "claude-fable-5-1", "claude-haiku-4-5", "somebody-elses-model"])
TOKENS = st.integers(0, 400_000)


@settings(deadline=None)
@given(MODELS, st.tuples(TOKENS, TOKENS, TOKENS, TOKENS), st.integers(0, 128_000), st.integers(0, 50_000))
def test_no_answer_costs_more_than_its_worst_case(
    model: str, parts: tuple[int, int, int, int], written: int, over: int
) -> None:
    fresh, short, long, read = parts
    usage = Usage(
        input_tokens=fresh, cache_write_5m_tokens=short, cache_write_1h_tokens=long, cache_read_tokens=read,
        output_tokens=written,
    )  # fmt: skip
    worst = worst_case(model, sum(parts) + over, [{"name": "Read"}])
    assert usd(model, usage) <= worst.usd(written + over) + 1e-9


ROUNDS = st.lists(st.tuples(st.integers(0, 8_000), st.integers(0, 5_000)), max_size=10)


@settings(deadline=None)
@given(MODELS, st.integers(0, 300_000), ROUNDS)
def test_nor_one_that_searched_and_fetched(model: str, prompt: int, rounds: list[tuple[int, int]]) -> None:
    """Each round reads again what it had read, and writes what the tool found and what the model said."""
    tools = [
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
        {"type": "web_fetch_20250910", "name": "web_fetch", "max_uses": 5, "max_content_tokens": 8_000},
    ]
    usage, known = Usage(cache_write_1h_tokens=prompt), prompt
    for found, said in rounds:
        new = found + said
        usage += Usage(cache_read_tokens=known, cache_write_1h_tokens=new, output_tokens=said)
        known += new
    usage += Usage(web_searches=min(len(rounds), 5), output_tokens=100)
    worst = worst_case(model, prompt, tools)
    assert usd(model, usage) <= worst.usd(usage.output_tokens) + 1e-9


def test_server_tools_count_as_often_as_they_may_be_used() -> None:
    def tool(**limits: int) -> list[dict[str, Any]]:
        return [{"type": "web_search_20250305", "name": "web_search", **limits}]

    few, many, unlimited = (
        worst_case("opus", 1000, tool(**each)).fixed_usd for each in ({"max_uses": 1}, {"max_uses": 8}, {})
    )
    assert few < many < unlimited
    assert worst_case("opus", 1000).fixed_usd == pytest.approx(1000 * 8 / M)
    assert worst_case("opus", 0).token_usd == pytest.approx(20 / M)


BYTES = {
    "ascii": ("plain", 7),
    "umlaut": ("ü", 4),
    "ideographs": ("計画", 8),
    "half a pair": ("\ud800", 5),
    "nothing": ([], 2),
    "nested": ([{"a": ("b", 1)}], len('[{"a":["b",1]}]')),
}


@pytest.mark.parametrize(("value", "tokens"), BYTES.values(), ids=BYTES.keys())
def test_text_has_at_most_a_token_for_each_byte(value: object, tokens: int) -> None:
    assert most_tokens(value) == tokens


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_a_part_has_no_more_tokens_than_the_whole(value: Any) -> None:
    assert most_tokens(value) <= most_tokens([value])
    assert most_tokens(value) >= len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def media(kind: str, media_type: str, data: bytes) -> dict[str, Any]:
    return {
        "type": kind,
        "source": {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()},
    }


def pdf(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


MEDIA = {
    "image": (media("image", "image/png", bytes(100_000)), IMAGE_TOKENS),
    "pdf": (media("document", "application/pdf", pdf(3)), 3 * PDF_PAGE_TOKENS),
    "broken pdf": (media("document", "application/pdf", b"%PDF-1.7 no"), PDF_PAGES * PDF_PAGE_TOKENS),
    "in a result": ({"type": "tool_result", "content": [media("image", "image/png", bytes(9_000))]}, IMAGE_TOKENS),
}


@pytest.mark.parametrize(("block", "tokens"), MEDIA.values(), ids=MEDIA.keys())
def test_images_and_pdfs_do_not_count_by_their_size(block: dict[str, Any], tokens: int) -> None:
    assert tokens <= most_tokens([{"role": "user", "content": [block]}]) < tokens + 250


def test_what_a_model_gives_to_a_tool_is_text_whatever_it_looks_like() -> None:
    call = {"type": "tool_use", "input": media("image", "image/png", bytes(90_000))}
    assert most_tokens(call) > 120_000


# --- what a run is likely to cost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*ALIASES.values(), "somebody-elses-model"])
def test_an_estimate_lies_between_one_request_and_what_no_run_needs(model: str) -> None:
    found = estimate(model, 30_000)
    assert worst_case(model, 30_000).usd(0) / 2 < found.likely_usd < found.long_usd < 20
    assert found.known is (model != "somebody-elses-model")
    assert estimate(model, 60_000).likely_usd > found.likely_usd
    assert estimate(model, 30_000, phases=9).likely_usd > found.likely_usd


def test_an_estimate_in_dollars() -> None:
    assert estimate("claude-opus-5-5", 30_000).likely_usd == pytest.approx(0.81, abs=0.01)
    assert likely_tokens(35_000) == 10_000


def test_a_tool_may_have_an_argument_called_type() -> None:
    tool = {"name": "t", "input_schema": {"properties": {"type": {"type": "string"}, "source": {"type": "object"}}}}
    assert most_tokens([tool]) > 0
