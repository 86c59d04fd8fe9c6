"""The service's own tools: what is declared for which agent, and what answers say of their use."""

from __future__ import annotations

from typing import Any

import pytest

from planner.model import Answer
from planner.pricing import worst_case
from planner.tools.catalogue import Offers, map_tool
from planner.tools.web import Uses, pages_of, server_tools, uses_of

DOMAINS = ("docs.aws.amazon.com", "linear.app")
OFFERS = Offers(web_domains=DOMAINS, code=True)

SEARCH = {"type": "web_search_20250305", "name": "web_search", "allowed_domains": [*DOMAINS], "max_uses": 8}
FETCH = {
    "type": "web_fetch_20250910",
    "name": "web_fetch",
    "allowed_domains": [*DOMAINS],
    "max_uses": 8,
    "max_content_tokens": 8_000,
    "citations": {"enabled": False},
}
CODE = {"type": "code_execution_20250825", "name": "code_execution"}

DECLARED: dict[str, tuple[list[str], dict[str, Any], list[dict[str, Any]]]] = {
    "both": (["WebSearch", "WebFetch"], {}, [FETCH, SEARCH]),
    "one": (["WebFetch", "Read"], {}, [FETCH]),
    "in brackets": (["WebFetch(domain:linear.app)"], {}, [FETCH]),
    "code once": (["Bash", "BashOutput"], {"code": True}, [CODE]),
    "all": (["WebSearch", "Bash", "WebFetch"], {"code": True}, [CODE, FETCH, SEARCH]),
    "code is not allowed": (["Bash"], {}, []),
    "no hosts": (["WebSearch", "WebFetch"], {"domains": ()}, []),
    "none named": (["Read", "Grep"], {"code": True}, []),
    "fewer": (["WebSearch"], {"searches": 2}, [{**SEARCH, "max_uses": 2}]),
    "none": (["WebSearch", "WebFetch"], {"searches": 0, "fetches": 0}, []),
}


@pytest.mark.parametrize(("tools", "options", "expected"), DECLARED.values(), ids=DECLARED.keys())
def test_what_is_declared(tools: list[str], options: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    mapped = [map_tool(tool, OFFERS) for tool in tools]
    given: dict[str, Any] = {"domains": DOMAINS, "code": False} | options
    found = server_tools(mapped, **given)
    assert found == expected
    assert found == server_tools(list(reversed(mapped)), **given), "the same bytes, however the agent orders its tools"


def test_what_the_operator_does_not_offer_is_not_declared() -> None:
    mapped = [map_tool(tool, Offers()) for tool in ("WebSearch", "WebFetch", "Bash")]
    assert server_tools(mapped, domains=DOMAINS, code=True) == []


def test_their_use_is_reckoned_in_the_worst_case() -> None:
    mapped = [map_tool(tool, OFFERS) for tool in ("WebSearch", "WebFetch", "Bash")]
    tools = server_tools(mapped, domains=DOMAINS, code=True)
    assert worst_case("opus", 10_000, tools).fixed_usd > worst_case("opus", 10_000, tools[1:]).fixed_usd > 0.5


def answer(*content: dict[str, Any]) -> Answer:
    return Answer(content=list(content), stop_reason="end_turn", model="m", message_id="1")


SEARCHED = {
    "type": "web_search_tool_result",
    "tool_use_id": "srvtoolu_1",
    "content": [
        {"type": "web_search_result", "url": "https://linear.app/a", "title": "A", "encrypted_content": "x"},
        {"type": "web_search_result", "url": "https://linear.app/b", "title": "B", "encrypted_content": "y"},
    ],
}
FETCHED = {
    "type": "web_fetch_tool_result",
    "tool_use_id": "srvtoolu_2",
    "content": {"type": "web_fetch_result", "url": "https://linear.app/a", "content": {"type": "document"}},
}
FAILED = {
    "type": "web_fetch_tool_result",
    "tool_use_id": "srvtoolu_3",
    "content": {"type": "web_fetch_tool_result_error", "error_code": "url_not_allowed"},
}


def used(name: str) -> dict[str, Any]:
    return {"type": "server_tool_use", "id": "srvtoolu_1", "name": name, "input": {}}


def test_uses_are_counted_over_all_answers() -> None:
    ours = {"type": "tool_use", "id": "toolu_1", "name": "web_search", "input": {}}
    answers = [
        answer(used("web_search"), SEARCHED, ours),
        answer(used("web_fetch"), FETCHED, used("web_fetch"), FAILED, used("bash_code_execution")),
    ]
    assert uses_of(answers) == Uses(searches=1, fetches=2, code=1)
    assert uses_of([]) == Uses()


def test_pages_that_were_found_can_be_cited() -> None:
    pages = pages_of([answer(used("web_search"), SEARCHED), answer(FETCHED, FAILED)])
    assert [(page.name, page.url) for page in pages] == [
        ("https://linear.app/a", "https://linear.app/a"),
        ("https://linear.app/b", "https://linear.app/b"),
    ]
