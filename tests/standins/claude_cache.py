"""The Messages API's prompt cache, as its documentation tells it: what a request reads, writes and costs. No I/O.

A token is taken to be 4 characters of JSON. Time passes only by `Clock.advance`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.standins.claude_blocks import Json
from tests.standins.claude_rules import Model, bare, model_of

LOOK_BACK = 20
IMAGE_TOKENS = 1_600
PDF_PAGE_TOKENS = 2_000
_LIVES = {"5m": 300.0, "1h": 3_600.0}


@dataclass
class Clock:
    """Seconds, moved by hand."""

    now: float = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds


class _Block(NamedTuple):
    """A block of a prompt: its tokens, the hash of everything up to its end, and how long it is marked to be kept."""

    tokens: int
    prefix: str
    ttl: str | None
    markable: bool


@dataclass
class Cache:
    """What is cached: the hash of a prefix, how long it lives, and until when."""

    clock: Clock = field(default_factory=Clock)
    _entries: dict[str, tuple[str, float]] = field(default_factory=dict)

    def usage(self, body: Json, content: list[Json]) -> Json:
        """What a request read and wrote, as the API tells it. Writes what is to be cached."""
        blocks = _blocks(body)
        sums = _sums(blocks)
        least = (model_of(body["model"]) or Model()).cached_from
        marks = [at for at, block in enumerate(blocks) if block.ttl and sums[at] >= least]
        hit = max((found for at in marks if (found := self._hit(blocks, at)) is not None), default=-1)
        for at in marks:
            if at <= hit and blocks[at].prefix in self._entries:
                self._keep(blocks[at].prefix, self._entries[blocks[at].prefix][0])
            elif at > hit:
                self._keep(blocks[at].prefix, blocks[at].ttl or "5m")
        if hit >= 0:
            self._keep(blocks[hit].prefix, self._entries[blocks[hit].prefix][0])
        read = sums[hit] if hit >= 0 else 0
        hour = max([sums[at] for at in marks if blocks[at].ttl == "1h"] + [read])
        last = max([sums[at] for at in marks] + [read])
        return {
            "input_tokens": sums[-1] - last,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": last - read,
            "cache_creation": {"ephemeral_5m_input_tokens": last - hour, "ephemeral_1h_input_tokens": hour - read},
            "output_tokens": max(1, len(json.dumps(content)) // 4),
            "server_tool_use": _server_uses(content),
            "service_tier": "standard",
            "output_tokens_details": {"thinking_tokens": 0},
        }

    def prompt_tokens(self, body: Json) -> int:
        return _sums(_blocks(body))[-1]

    def _hit(self, blocks: list[_Block], at: int) -> int | None:
        """The longest cached prefix that is found from the breakpoint `at`, looking back block by block."""
        for back in range(at, max(at - LOOK_BACK, -1), -1):
            kept = self._entries.get(blocks[back].prefix)
            if kept is not None and kept[1] > self.clock.now:
                return back
        return None

    def _keep(self, prefix: str, ttl: str) -> None:
        self._entries[prefix] = (ttl, self.clock.now + _LIVES[ttl])


def _blocks(body: Json) -> list[_Block]:
    """The prompt in the order in which it is read: tools, system, messages."""
    found: list[_Block] = []
    state = hashlib.sha256(body["model"].encode())
    for part, block in _parts(body):
        text = json.dumps(bare(block), sort_keys=True)
        state.update(f"\0{part}\0{text}".encode())
        mark = block.get("cache_control") or {}
        ttl = mark.get("ttl", "5m") if mark else None
        markable = block.get("type") not in {"thinking", "redacted_thinking"}
        found.append(_Block(_tokens(block), state.copy().hexdigest(), ttl, markable))
    if body.get("cache_control"):
        for at in range(len(found) - 1, -1, -1):
            if found[at].markable:
                found[at] = found[at]._replace(ttl=found[at].ttl or body["cache_control"].get("ttl", "5m"))
                break
    return found


def _parts(body: Json) -> Iterator[tuple[str, Json]]:
    for tool in body.get("tools") or []:
        yield "tool", tool
    system = body.get("system") or []
    for block in system if isinstance(system, list) else [{"type": "text", "text": system}]:
        yield "system", block
    # These change how messages are read, and leave what stands before them.
    how = json.dumps([body.get(key) for key in ("thinking", "tool_choice", "output_config")], sort_keys=True)
    for number, message in enumerate(body["messages"]):
        content = message["content"]
        for block in content if isinstance(content, list) else [{"type": "text", "text": content}]:
            yield f"{how} {number} {message['role']}", block


def _sums(blocks: list[_Block]) -> list[int]:
    total, sums = 0, []
    for block in blocks:
        total += block.tokens
        sums.append(total)
    return sums


def _tokens(block: Json) -> int:
    """About how many tokens a block has; pictures and pages by number, not by size."""
    source = block.get("source") or {}
    if block.get("type") == "image":
        return IMAGE_TOKENS
    if block.get("type") == "document" and source.get("type") == "base64":
        pages = base64.b64decode(source["data"]).replace(b" ", b"").count(b"/Type/Page")
        return PDF_PAGE_TOKENS * max(pages - 1, 1)  # one is the tree of all pages
    if block.get("type") == "tool_result" and isinstance(block.get("content"), list):
        return 10 + sum(_tokens(each) for each in block["content"])
    return max(len(json.dumps(bare(block), ensure_ascii=False)) // 4, 1)


def _server_uses(content: list[Json]) -> Json | None:
    names = [block["name"] for block in content if block["type"] == "server_tool_use"]
    if not {"web_search", "web_fetch"} & set(names):
        return None
    return {"web_search_requests": names.count("web_search"), "web_fetch_requests": names.count("web_fetch")}


# --- dollars ---------------------------------------------------------------------------------------------------------

# As published, per million tokens: input, output, written for 5 minutes, for an hour, read.
_RATES = {
    "claude-opus-5-5": (4.0, 20.0, 5.0, 8.0, 0.20),
    "claude-sonnet-5-5": (2.0, 10.0, 2.5, 4.0, 0.10),
    "claude-haiku-4-5": (1.0, 5.0, 1.25, 2.0, 0.10),
}


def cost(usages: Iterable[Json], model: str) -> float:
    """What the answers cost, in US dollars."""
    fresh, written, short, long, read = _RATES[model]
    return sum(
        (
            each["input_tokens"] * fresh
            + each["output_tokens"] * written
            + each["cache_creation"]["ephemeral_5m_input_tokens"] * short
            + each["cache_creation"]["ephemeral_1h_input_tokens"] * long
            + each["cache_read_input_tokens"] * read
        )
        / 1_000_000
        + ((each["server_tool_use"] or {}).get("web_search_requests", 0)) * 0.01
        for each in usages
    )


def uncached_cost(usages: Iterable[Json], model: str) -> float:
    """What the same answers would have cost without any cache."""
    fresh, written = _RATES[model][:2]
    return sum((prompt_of(each) * fresh + each["output_tokens"] * written) / 1_000_000 for each in usages)


def prompt_of(usage: Json) -> int:
    """All tokens that were read, from a cache or not."""
    return usage["input_tokens"] + usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]


def cached_share(usages: list[Json]) -> float:
    """How much of what was read after the first answer came from a cache, from 0 to 1."""
    later: list[Any] = usages[1:]
    return sum(each["cache_read_input_tokens"] for each in later) / max(sum(prompt_of(each) for each in later), 1)
