"""What the stand-in for Claude can be told to say: answers whole and cut, errors, conversations."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.standins.claude_blocks import Json

PLAN = Path(__file__).with_name("plan.json")


@dataclass
class Reply:
    """A message. `cut_after` ends the stream after so many events; `error_after` sends an error event instead.

    `container`: id of the sandbox that code ran in.
    """

    content: list[Json]
    stop_reason: str | None = "end_turn"
    usage: Json = field(default_factory=dict)
    stop_details: Json | None = None
    cut_after: int | None = None
    reset: bool = False
    error_after: int | None = None
    error: str = "overloaded_error"
    delay_s: float = 0.0
    container: str = ""


@dataclass
class Fault:
    """An HTTP error before any stream."""

    status: int
    type: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    details: Json | None = None


_serial = itertools.count(1)
Item = Reply | Fault | Callable[[Json], "Reply | Fault"]


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def thinking(words: str = "") -> Json:
    return {"type": "thinking", "thinking": words, "signature": f"signature-{next(_serial)}"}


def tool_use(name: str, input: object) -> Json:
    return {"type": "tool_use", "id": f"toolu_{next(_serial):06d}", "name": name, "input": input}


def a_plan() -> Json:
    """A fresh copy of the plan in plan.json."""
    return json.loads(PLAN.read_text(encoding="utf-8"))


def plan(input: object | None = None, **options: Any) -> Reply:
    """An answer that thinks and hands a plan in."""
    content = [thinking(), tool_use("submit_plan", a_plan() if input is None else input)]
    return Reply(content, stop_reason="tool_use", **options)


def says(words: str, **options: Any) -> Reply:
    return Reply([text(words)], **options)


def uses(*calls: tuple[str, Json], say: str = "", **options: Any) -> Reply:
    """An answer that thinks, perhaps says something, and calls tools: (name, input) each."""
    said = [text(say)] if say else []
    return Reply([thinking(), *said, *(tool_use(*call) for call in calls)], stop_reason="tool_use", **options)


def server_use(name: str, input: Json, result: Json | list[Json]) -> list[Json]:
    """A tool that the service runs itself: the call and what came of it, within one answer."""
    call = {"type": "server_tool_use", "id": f"srvtoolu_{next(_serial):06d}", "name": name, "input": input}
    return [call, {"type": f"{name}_tool_result", "tool_use_id": call["id"], "content": result}]


def searched(query: str, *urls: str) -> list[Json]:
    """A web search and the pages it found."""
    pages: list[Json] = [
        {"type": "web_search_result", "url": url, "title": url, "encrypted_content": "RW5j", "page_age": None}
        for url in urls
    ]
    return server_use("web_search", {"query": query}, pages)


def ran_code(command: str, stdout: str) -> list[Json]:
    """A command in the service's sandbox and what it wrote. The reply needs a `container`."""
    result: Json = {
        "type": "bash_code_execution_result",
        "stdout": stdout,
        "stderr": "",
        "return_code": 0,
        "content": [],
    }
    return server_use("bash_code_execution", {"command": command}, result)


def conversation(*steps: Reply | Callable[[Json], Reply]) -> Callable[[Json], Reply | Fault]:
    """Answers a conversation step by step, by how many answers it has already, so that asking again is the same."""

    def answer(body: Json) -> Reply | Fault:
        at = sum(message["role"] == "assistant" for message in body["messages"])
        if at >= len(steps):
            return Fault(400, "invalid_request_error", f"the stand-in's conversation has only {len(steps)} steps")
        step = steps[at]
        return step if isinstance(step, Reply) else step(body)

    return answer


def refusal(category: str = "cyber") -> Reply:
    return Reply([], stop_reason="refusal", stop_details={"type": "refusal", "category": category, "explanation": None})


def overloaded() -> Fault:
    return Fault(529, "overloaded_error", "Overloaded")


def rate_limited(seconds: int | None = None) -> Fault:
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return Fault(429, "rate_limit_error", "This request would exceed your organization's rate limit", headers)


def bad_key() -> Fault:
    return Fault(401, "authentication_error", "invalid bearer token")


def forbidden() -> Fault:
    return Fault(403, "permission_error", "Your API key does not have permission to use the specified resource")


def spend_limit() -> Fault:
    return Fault(
        429,
        "rate_limit_error",
        "You have reached your specified API usage limits",
        details={"error_code": "enforced_spend_limit_reached", "error_visibility": "user_facing"},
    )


def no_credit() -> Fault:
    return Fault(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API")


def payment_required() -> Fault:
    return Fault(402, "billing_error", "There is an issue with your payment details")
