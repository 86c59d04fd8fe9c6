"""What the model's service runs itself: web search, web fetch, sandboxed code. Declared here, and read back. No I/O.

The plain versions: the newer ones filter what they find with code of their own, in a container that every later
request would have to name, and must not stand beside code execution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from planner.model import Answer, JsonObject
from planner.tools import Found
from planner.tools.catalogue import Mapped

SEARCHES = 8
"""How often one request may search the web."""

FETCHES = 8
"""How many pages one request may fetch."""

PAGE_TOKENS = 8_000
"""About how many tokens of a page the model gets to read; the service does not hold PDFs to it."""

_SEARCH = "web_search_20250305"
_FETCH = "web_fetch_20250910"
_CODE = "code_execution_20250825"
_CODE_TOOLS = {"code_execution", "bash_code_execution", "text_editor_code_execution"}


class Uses(NamedTuple):
    """How often tools of the service were used."""

    searches: int = 0
    fetches: int = 0
    code: int = 0


def server_tools(
    mapped: Sequence[Mapped],
    *,
    domains: tuple[str, ...],
    searches: int = SEARCHES,
    fetches: int = FETCHES,
    code: bool,
) -> list[JsonObject]:
    """Declarations of the service's own tools for what an agent names, as the operator allows. Sorted by name.

    `domains`: hosts that may be searched and read, with all below them; none: no web. `searches` and `fetches` bound
    one request. A conversation declares its tools once and for all, so over a whole run they are bounded by its turns
    and its dollars, which count every use (see `uses_of` and `planner.pricing.worst_case`). An answer that ran code
    carries `container`, which the next question must name.
    """
    named = {each.name for each in mapped if each.family == "web"} if domains else set[str]()
    found: list[JsonObject] = []
    if code and any(each.family == "code" for each in mapped):
        found.append({"type": _CODE, "name": "code_execution"})
    if "WebFetch" in named and fetches > 0:
        found.append(
            {
                "type": _FETCH,
                "name": "web_fetch",
                "allowed_domains": [*domains],
                "max_uses": fetches,
                "max_content_tokens": PAGE_TOKENS,
                "citations": {"enabled": False},
            }
        )
    if "WebSearch" in named and searches > 0:
        found.append({"type": _SEARCH, "name": "web_search", "allowed_domains": [*domains], "max_uses": searches})
    return found


def uses_of(answers: Sequence[Answer]) -> Uses:
    """How often the tools were used in all of `answers`."""
    names = [str(block.get("name")) for block in _blocks(answers) if block.get("type") == "server_tool_use"]
    return Uses(names.count("web_search"), names.count("web_fetch"), sum(name in _CODE_TOOLS for name in names))


def pages_of(answers: Sequence[Answer]) -> tuple[Found, ...]:
    """The web pages that the tools answered with, each once, in their order. A plan may cite them by their address."""
    urls: dict[str, None] = {}
    for block in _blocks(answers):
        content = block.get("content")
        if block.get("type") == "web_search_tool_result" and isinstance(content, list):
            results = [cast("JsonObject", each) for each in content if isinstance(each, dict)]
        elif block.get("type") == "web_fetch_tool_result" and isinstance(content, dict):
            results = [cast("JsonObject", content)]
        else:
            continue
        urls.update((str(each["url"]), None) for each in results if each.get("url"))
    return tuple(Found(name=url, url=url) for url in urls)


def _blocks(answers: Sequence[Answer]) -> Iterator[JsonObject]:
    for answer in answers:
        yield from answer.content
