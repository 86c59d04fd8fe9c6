"""What tokens cost: one dated table, and the way from usage to US dollars. No I/O.

An unknown model is priced at the dearest rates known, and `Price.known` says so.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

PRICED_ON = "2026-11-22"
"""The day the table was last compared with Anthropic's published prices."""

WEB_SEARCH_USD = 0.01
"""Dollars for one web search, as published: 10 dollars per 1,000."""

ALIASES = {"opus": "claude-opus-5-5", "sonnet": "claude-sonnet-5-5", "haiku": "claude-haiku-5-5"}
"""The short names that agent files and settings use, and the model each means today."""


class Usage(BaseModel):
    """Tokens of one answer, or of several added up. `input_tokens` are only those that no cache covered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_5m_tokens: int = Field(default=0, ge=0)
    cache_write_1h_tokens: int = Field(default=0, ge=0)
    web_searches: int = Field(default=0, ge=0)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_5m_tokens=self.cache_write_5m_tokens + other.cache_write_5m_tokens,
            cache_write_1h_tokens=self.cache_write_1h_tokens + other.cache_write_1h_tokens,
            web_searches=self.web_searches + other.web_searches,
        )

    @property
    def prompt_tokens(self) -> int:
        """Everything the model read, from a cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens


class Rates(NamedTuple):
    """US dollars per million tokens."""

    input: float
    output: float
    write_5m: float
    write_1h: float
    read: float


class Price(NamedTuple):
    """What a model costs. `known` is False where the table has no such model and the dearest rates stand in."""

    rates: Rates
    known: bool


# Published per million tokens. A model that is not here counts as unknown.
_RATES: dict[str, Rates] = {
    "claude-fable-5-1": Rates(10, 50, 12.5, 20, 0.25),
    "claude-opus-5-5": Rates(4, 20, 5, 8, 0.20),
    "claude-opus-5": Rates(5, 25, 6.25, 10, 0.50),
    "claude-sonnet-5-5": Rates(2, 10, 2.5, 4, 0.10),
    "claude-sonnet-5": Rates(2, 10, 2.5, 4, 0.20),
    "claude-haiku-5-5": Rates(0.10, 0.50, 0.125, 0.20, 0.01),
    "claude-haiku-4-5": Rates(1, 5, 1.25, 2, 0.10),
}
# Prompts above so many tokens cost more, for the whole request.
_LONG_PROMPT_TOKENS = 100_000
_LONG: dict[str, Rates] = {"claude-haiku-5-5": Rates(0.50, 2.50, 0.625, 1.0, 0.05)}

_DEAREST = Rates(*(max(rates) for rates in zip(*(*_RATES.values(), *_LONG.values()), strict=True)))
# The name may stand in a longer id of a cloud ("us.anthropic.claude-opus-5-5-v1:0") or carry a date; a further
# number of one or two digits makes it another model.
_NAME = {name: re.compile(rf"(?:^|[^a-z0-9]){re.escape(name)}(?![-.]?\d{{1,2}}(?!\d))") for name in _RATES}


def model_id(name: str) -> str:
    """The model id that an alias means; anything else is an id already."""
    return ALIASES.get(name.strip().lower(), name.strip())


def price(model: str, prompt_tokens: int = 0) -> Price:
    """The rates of `model` (id or alias) for a request whose prompt has so many tokens."""
    wanted = model_id(model).lower()
    for name, pattern in _NAME.items():
        if pattern.search(wanted):
            rates = _LONG.get(name, _RATES[name]) if prompt_tokens > _LONG_PROMPT_TOKENS else _RATES[name]
            return Price(rates, known=True)
    return Price(_DEAREST, known=False)


def usd(model: str, usage: Usage) -> float:
    """US dollars for one answer of `model`.

    Price answers one by one and add the dollars: a sum of usages could seem one long prompt, which costs more.
    """
    rates = price(model, usage.prompt_tokens).rates
    tokens = (
        usage.input_tokens * rates.input
        + usage.output_tokens * rates.output
        + usage.cache_write_5m_tokens * rates.write_5m
        + usage.cache_write_1h_tokens * rates.write_1h
        + usage.cache_read_tokens * rates.read
    )
    return tokens / 1_000_000 + usage.web_searches * WEB_SEARCH_USD
