"""What tokens cost: one dated table, the way from usage to US dollars, and what a request or a run may come to. No I/O.

An unknown model is priced at the dearest rates known, and `Price.known` says so.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field

PRICED_ON = "2026-11-22"
"""The day the table was last compared with Anthropic's published prices."""

WEB_SEARCH_USD = 0.01
"""Dollars for one web search, as published: 10 dollars per 1,000. A web fetch costs its tokens only.

Code execution is charged by the time its container lives beyond a free allowance, unless web tools are declared beside
it; no answer tells that time, so it is in none of the sums here.
"""

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


# --- the most that a request may cost --------------------------------------------------------------------------------

IMAGE_TOKENS = 4_800
"""The most tokens of an image: what the newest models read at full resolution; older ones read about 1,600."""

PDF_PAGE_TOKENS = 4_600
"""The most tokens of a PDF's page, which is read twice: 3,000 as text, as published, and 1,600 as an image."""

PDF_PAGES = 100
"""The pages of a PDF that cannot be opened to count them; the smaller models take no more."""

# What the service writes around tools, and the definitions of its own tools, neither of which a request shows.
_TOOLS_TOKENS = 1_000
_SERVER_TOOL_TOKENS = 4_000
# What one use of a server tool puts into the prompt where its declaration sets no limit. Not published: assumed.
_SEARCH_TOKENS = 8_000
_FETCH_TOKENS = 40_000
_CODE_TOKENS = 4_000
_UNLIMITED_USES = 10
# A limit in tokens that a fetch is given is approximate, as published.
_ABOUT = 1.25
# The service goes on by itself so many times in one request, and then pauses.
_ROUNDS = 10
_PDF = "application/pdf"


class Worst(NamedTuple):
    """The most that one request may cost, in US dollars: `fixed_usd`, and `token_usd` for each token it may write."""

    fixed_usd: float
    token_usd: float

    def usd(self, max_tokens: int) -> float:
        """With an answer of at most `max_tokens`."""
        return self.fixed_usd + self.token_usd * max_tokens


def most_tokens(value: object) -> int:
    """The most tokens that `value`, JSON of a request, can have.

    Text counts one for each byte of UTF-8, as every token stands for a byte at least; prose really has about a fourth
    of that. Images and PDFs count by `IMAGE_TOKENS` and `PDF_PAGE_TOKENS`, not by their base64.
    """
    bare, media = _weighed(value)
    text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass")) + media


def worst_case(model: str, prompt_tokens: int, tools: Sequence[Mapping[str, object]] = ()) -> Worst:
    """The most that one request to `model` may cost whose prompt has at most so many tokens (see `most_tokens`).

    Nothing comes from a cache, and all is written to one at the dearest rate. `tools` as declared: the service's own
    answer within the request as often as `max_uses` lets them. What they find is written once and read again each time
    the service goes on by itself, as it caches what it has read. How much a search finds is assumed; a PDF that is
    fetched is bounded by nobody.
    """
    searches = found = uses = 0
    for tool in tools:
        kind, limit = str(tool.get("type", "")), tool.get("max_uses")
        times = limit if isinstance(limit, int) else _UNLIMITED_USES
        if kind.startswith("web_search_"):
            searches += times
            each = _SEARCH_TOKENS
        elif kind.startswith("web_fetch_"):
            content = tool.get("max_content_tokens")
            each = math.ceil(content * _ABOUT) if isinstance(content, int) else _FETCH_TOKENS
        elif kind.startswith("code_execution_"):
            each = _CODE_TOKENS
        else:
            continue
        uses += times
        found += times * each + _SERVER_TOOL_TOKENS
    whole = prompt_tokens + found + (_TOOLS_TOKENS if tools else 0)
    rounds = min(uses, _ROUNDS)
    # Usage adds the rounds of a request up, so that they are priced as one long prompt.
    rates = price(model, whole * (rounds + 1)).rates
    reading = max(rates.input, rates.write_5m, rates.write_1h) + rounds * rates.read
    # What is written between two uses is read again, too.
    writing = rates.output + (reading if rounds else 0.0)
    return Worst(whole * reading / 1_000_000 + searches * WEB_SEARCH_USD, writing / 1_000_000)


def _weighed(value: object) -> tuple[object, int]:
    """`value` without the base64 of images and PDFs, and the tokens those may have."""
    if isinstance(value, list | tuple):
        found = [_weighed(each) for each in cast("Sequence[object]", value)]
        return [bare for bare, _ in found], sum(tokens for _, tokens in found)
    if not isinstance(value, dict):
        return value, 0
    node = cast("dict[str, object]", value)
    source = node.get("source")
    if node.get("type") in ("image", "document") and isinstance(source, dict):
        given = cast("dict[str, object]", source)
        if given.get("type") == "base64":
            data = str(given.get("data"))
            tokens = _pages(data) * PDF_PAGE_TOKENS if given.get("media_type") == _PDF else IMAGE_TOKENS
            return {**node, "source": {**given, "data": ""}}, tokens
    bare: dict[str, object] = {}
    media = 0
    for key, each in node.items():
        # What a model gives to a tool is text to it, whatever it looks like.
        bare[key], tokens = (each, 0) if key == "input" else _weighed(each)
        media += tokens
    return bare, media


def _pages(data: str) -> int:
    import pypdf  # noqa: PLC0415 - it takes long to import, and few requests hold a PDF

    try:
        return max(len(pypdf.PdfReader(BytesIO(base64.b64decode(data))).pages), 1)
    except Exception:  # noqa: BLE001 - a broken PDF breaks its reader in many ways, and counts as a long one
        return PDF_PAGES


# --- what a run is likely to cost ------------------------------------------------------------------------------------

CHARS_PER_TOKEN = 3.5
"""Characters of a token in prose, code and JSON mixed: English has about 4, code and other languages fewer."""

# A run that looks around: so many turns, each reading some files or issues, before the plan is written.
_LIKELY_TURNS = 7
_LIKELY_FOUND = 5_000
_LIKELY_SAID = 700
# The plan with the thinking before it, and for each of its phases.
_PLAN_TOKENS = 6_000
_PHASE_TOKENS = 1_800
_LIKELY_PHASES = 5
# A run that goes on for long: more turns that find more, a pause for which the cache was too short, two more attempts.
_LONG_TURNS = 24
_LONG_FOUND = 8_000
_LONG_SAID = 1_500
_LONG_PHASES = 12
_LONG_ATTEMPTS = 3


class Estimate(NamedTuple):
    """What a run is expected to cost, in US dollars: most runs about `likely_usd`, few more than `long_usd`."""

    likely_usd: float
    long_usd: float
    known: bool
    """False where the model is not in the table and the dearest rates stand in."""


def likely_tokens(chars: int) -> int:
    """How many tokens so many characters are likely to have. For estimates; `most_tokens` is for limits."""
    return math.ceil(chars / CHARS_PER_TOKEN)


def estimate(model: str, prompt_tokens: int, *, phases: int = _LIKELY_PHASES) -> Estimate:
    """What a plan is likely to cost whose first request has so many tokens (see `likely_tokens`), tools included.

    Reckoned turn by turn: each reads what the cache holds of the turns before it and writes what is new.
    """
    plan = _PLAN_TOKENS + phases * _PHASE_TOKENS
    likely = [(_LIKELY_FOUND, _LIKELY_SAID)] * _LIKELY_TURNS + [(0, plan)]
    plan = _PLAN_TOKENS + max(phases, _LONG_PHASES) * _PHASE_TOKENS
    long = [(_LONG_FOUND, _LONG_SAID)] * _LONG_TURNS + [(0, plan)] * _LONG_ATTEMPTS
    return Estimate(
        likely_usd=_run(model, prompt_tokens, likely),
        long_usd=_run(model, prompt_tokens, long) + _run(model, prompt_tokens, [(0, 0)]),
        known=price(model).known,
    )


def _run(model: str, prompt: int, turns: Sequence[tuple[int, int]]) -> float:
    spent, cached, new = 0.0, 0, prompt
    for found, said in turns:
        spent += usd(model, Usage(cache_read_tokens=cached, cache_write_5m_tokens=new, output_tokens=said))
        cached, new = cached + new, said + found
    return spent
