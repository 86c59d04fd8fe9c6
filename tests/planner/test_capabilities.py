"""What models take, and settings made to fit them."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest

from planner.capabilities import EFFORTS, LISTED_ON, Capabilities, fit, of
from planner.pricing import ALIASES

Thinking = Literal["adaptive", "off"]

TABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "opus always thinks": ("claude-opus-5-5", {"thinking": True, "thinking_off": False, "efforts": EFFORTS}),
    "the opus before it need not": ("claude-opus-5", {"thinking": True, "thinking_off": True}),
    "so does fable": ("claude-fable-5-2", {"thinking_off": False}),
    "sonnet": ("claude-sonnet-5-5", {"thinking_off": True, "max_tokens": 128_000, "context_tokens": 1_000_000}),
    "4.6 has no xhigh": ("claude-opus-4-6", {"efforts": ("low", "medium", "high", "max")}),
    "4.5 neither thinks so nor has efforts": ("claude-haiku-4-5", {"thinking": False, "efforts": (), "known": True}),
    "dated": ("claude-haiku-4-5-20251001", {"thinking": False, "max_tokens": 64_000}),
    "four, dated": ("claude-sonnet-4-20250514", {"thinking": False, "strict_tools": False, "known": True}),
    "three": ("claude-3-5-sonnet-20241022", {"thinking": False, "max_tokens": 4_096}),
    "bedrock": ("us.anthropic.claude-opus-5-5-v1:0", {"thinking_off": False, "known": True}),
    "vertex": ("claude-sonnet-5@20260801", {"max_tokens": 128_000, "known": True}),
    "newer": ("claude-opus-6", {"thinking": True, "thinking_off": False, "known": False, "max_tokens": 64_000}),
    "newer still": ("claude-opus-5-51", {"known": False}),
    "somebody else's": ("gpt-9", {"known": False, "efforts": ("low", "medium", "high")}),
}


@pytest.mark.parametrize(("model", "expected"), TABLE.values(), ids=TABLE.keys())
def test_the_table(model: str, expected: dict[str, Any]) -> None:
    found = of(model)
    assert {key: getattr(found, key) for key in expected} == expected
    assert Capabilities.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("model", ALIASES.values())
def test_what_aliases_mean_is_in_the_table(model: str) -> None:
    assert of(model).known
    assert of(model).strict_tools
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", LISTED_ON)


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
def test_only_anthropic_itself_searches_the_web(provider: str) -> None:
    assert of("claude-opus-5-5").server_tools
    assert not of("claude-opus-5-5", provider).server_tools


FITS: dict[str, tuple[str, str, Thinking, str, Thinking, int]] = {
    "all fits": ("claude-opus-5-5", "high", "adaptive", "high", "adaptive", 0),
    "thinking stays on": ("claude-opus-5-5", "max", "off", "max", "adaptive", 1),
    "thinking goes off": ("claude-sonnet-5-5", "high", "off", "high", "off", 0),
    "no xhigh": ("claude-opus-4-6", "xhigh", "adaptive", "high", "adaptive", 1),
    "max without xhigh": ("claude-opus-4-6", "max", "adaptive", "max", "adaptive", 0),
    "neither": ("claude-haiku-4-5", "high", "adaptive", "", "off", 2),
    "nothing asked": ("claude-haiku-4-5", "", "off", "", "off", 0),
    "left to the model": ("claude-opus-5-5", "", "adaptive", "", "adaptive", 0),
    "unknown model": ("claude-opus-6", "max", "off", "high", "adaptive", 2),
    "unknown level": ("claude-opus-5-5", "extreme", "adaptive", "max", "adaptive", 1),
}


@pytest.mark.parametrize("case", FITS.values(), ids=FITS.keys())
def test_settings_are_made_to_fit(case: tuple[str, str, Thinking, str, Thinking, int]) -> None:
    model, effort, thinking, to_effort, to_thinking, notes = case
    found = fit(of(model), effort, thinking)
    assert (found.effort, found.thinking) == (to_effort, to_thinking)
    assert len(found.notes) == notes
    again = fit(of(model), found.effort, found.thinking)
    assert again == (found.effort, found.thinking, ()), "what was fitted stays as it is"


def test_the_lowest_level_where_there_is_none_below() -> None:
    few = of("claude-opus-5-5").model_copy(update={"efforts": ("medium", "high")})
    assert fit(few, "low", "adaptive").effort == "medium"
