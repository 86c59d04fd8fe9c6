"""Tokens to dollars."""

from __future__ import annotations

import re

import pytest

from planner.pricing import ALIASES, PRICED_ON, Usage, model_id, price, usd

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
