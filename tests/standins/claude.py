"""A stand-in for Claude's Messages API behind real HTTP: streams, keeps the API's rules, fails on request.

In tests:     with Claude() as claude: claude.script(plan(), overloaded(), ...)
As a process: python tests/standins/claude.py --port 8090 --plan auto

Replies come from a queue; when it is empty the default answers, which hands in tests/standins/plan.json. Each request
is logged. What the real API refuses is refused here, too: see `Rules`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import copy
import itertools
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Json = dict[str, Any]
PLAN = Path(__file__).with_name("plan.json")
NO_FORCED_TOOLS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1", "claude-fable-5-2")
MAX_OUTPUT = 128_000


# --- what can be scripted --------------------------------------------------------------------------------------------


@dataclass
class Reply:
    """A message. `cut_after` ends the stream after so many events; `error_after` sends an error event instead."""

    content: list[Json]
    stop_reason: str | None = "end_turn"
    usage: Json = field(default_factory=dict)
    stop_details: Json | None = None
    cut_after: int | None = None
    reset: bool = False
    error_after: int | None = None
    error: str = "overloaded_error"
    delay_s: float = 0.0


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


# --- the rules of the API --------------------------------------------------------------------------------------------


class Rules:
    """Keeps what the API enforces and a planner is likely to break. Remembers what each thinking block was bound to."""

    def __init__(self) -> None:
        self._bound: dict[str, str] = {}
        self._answers: list[tuple[str, str]] = []

    def violation(self, body: Json) -> str | None:
        """Why the API would refuse `body` with 400, or None."""
        return self._options(body) or self._tools(body) or self._messages(body) or self._breakpoints(body)

    def remember(self, body: Json, content: list[Json]) -> None:
        prefix = _canonical(body, len(body["messages"]))
        for block in content:
            if block["type"] == "thinking":
                self._bound[block["signature"]] = prefix

    @staticmethod
    def _options(body: Json) -> str | None:
        known = {
            "model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "thinking", "output_config",
            "cache_control", "metadata", "stop_sequences", "service_tier",
        }  # fmt: skip
        for key in body:
            if key not in known:
                return f"{key}: Extra inputs are not permitted"
        if not isinstance(body.get("max_tokens"), int) or not 0 < body["max_tokens"] <= MAX_OUTPUT:
            return f"max_tokens: must be between 1 and {MAX_OUTPUT}"
        if (body.get("thinking") or {}).get("type") not in {None, "adaptive"}:
            return '"thinking.type" is not supported for this model. Use "thinking.type.adaptive".'
        effort = (body.get("output_config") or {}).get("effort", "high")
        if effort not in {"low", "medium", "high", "xhigh", "max"}:
            return f"output_config.effort: {effort!r} is not one of low, medium, high, xhigh, max"
        choice = (body.get("tool_choice") or {}).get("type")
        if choice in {"any", "tool"} and body.get("model") in NO_FORCED_TOOLS:
            return "tool_choice forces tool use, which is not supported for this model."
        return None

    @classmethod
    def _tools(cls, body: Json) -> str | None:
        for tool in body.get("tools") or []:
            if tool.get("strict") and (fault := cls._closed(tool["input_schema"], tool["input_schema"])):
                return f"tools.{tool['name']}.input_schema: {fault}"
        return None

    @classmethod
    def _closed(cls, node: object, root: Json) -> str | None:  # noqa: PLR0911 - a table, read downwards
        if isinstance(node, list):
            return next((fault for each in node if (fault := cls._closed(each, root))), None)
        if not isinstance(node, dict):
            return None
        if node.get("type") == "object":
            if node.get("additionalProperties") is not False:
                return "strict schemas need additionalProperties: false"
            if not node.get("properties"):
                return "an object without properties"
        if node.get("type") == "array" and "items" not in node:
            return "an array without items"
        for banned in ("minLength", "maxLength", "minimum", "maximum", "pattern", "maxItems", "default", "uniqueItems"):
            if banned in node and not isinstance(node[banned], dict):
                return f"{banned} is not supported in strict schemas"
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.removeprefix("#/$defs/") not in root.get("$defs", {}):
            return f"{reference} leads nowhere"
        return cls._closed(list(node.values()), root)

    def _messages(self, body: Json) -> str | None:  # noqa: PLR0911 - a table, read downwards
        messages = body.get("messages") or []
        if not messages:
            return "messages: at least one message is required"
        if messages[0]["role"] != "user":
            return "messages: first message must use the user role"
        pending: set[str] = set()
        for at, message in enumerate(messages):
            content = message["content"]
            blocks = content if isinstance(content, list) else [text(content)]
            if not blocks:
                return f"messages.{at}: content must not be empty"
            results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
            if message["role"] == "user":
                if pending - results:
                    return f"messages.{at}: `tool_use` ids without `tool_result` blocks: {sorted(pending - results)}"
                if results - pending:
                    return f"messages.{at}: unexpected `tool_use_id` in `tool_result`: {sorted(results - pending)}"
                pending = set()
                continue
            pending = {block["id"] for block in blocks if block["type"] == "tool_use"}
            for block in blocks:
                if block["type"] == "thinking" and self._bound.get(block["signature"]) != _canonical(body, at):
                    return (
                        f"messages.{at}: Invalid `signature` in `thinking` block. The block is bound to a different "
                        "conversation."
                    )
        if messages[-1]["role"] == "assistant" and pending:
            return "messages: the last tool_use has no result"
        last = messages[-1]
        if last["role"] == "assistant" and not any(
            b["type"] in {"thinking", "server_tool_use"} for b in last["content"]
        ):
            return "This model does not support assistant message prefill."
        return None

    @staticmethod
    def _breakpoints(body: Json) -> str | None:
        marks: list[str] = []

        def walk(node: object) -> None:
            if isinstance(node, dict):
                if isinstance(node.get("cache_control"), dict):
                    marks.append(node["cache_control"].get("ttl", "5m"))
                for key, value in node.items():
                    if key != "cache_control":
                        walk(value)
            elif isinstance(node, list):
                for each in node:
                    walk(each)

        for part in ("tools", "system", "messages"):
            walk(body.get(part))
        if body.get("cache_control"):
            marks.append(body["cache_control"].get("ttl", "5m"))
        if len(marks) > 4:
            return f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}."
        if "1h" in marks[marks.index("5m") :] if "5m" in marks else False:
            return "cache_control blocks with ttl 1h must come before those with ttl 5m"
        return None


def _bare(node: Any) -> Any:
    # Cache marks do not count as part of a conversation.
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "cache_control"}
    return [_bare(each) for each in node] if isinstance(node, list) else node


def _canonical(body: Json, upto: int) -> str:
    kept = {"system": body.get("system"), "tools": body.get("tools"), "messages": body["messages"][:upto]}
    return json.dumps(_bare(kept), sort_keys=True)


# --- what was cached -------------------------------------------------------------------------------------------------


class Cache:
    """Counts tokens as about 4 characters each, and what a cache would have covered of a prompt."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def usage(self, body: Json, content: list[Json]) -> Json:
        parts = [json.dumps(_bare(body.get("tools"))), json.dumps(_bare(body.get("system")))]
        parts += [json.dumps(_bare(message)) for message in body["messages"]]
        covered = 0
        for upto in range(1, len(parts) + 1):
            if "\0".join([body["model"], *parts[:upto]]) in self._seen:
                covered = sum(len(part) for part in parts[:upto])
        total = sum(len(part) for part in parts)
        if body.get("cache_control"):
            self._seen.update("\0".join([body["model"], *parts[:upto]]) for upto in range(2, len(parts) + 1))
        written = (total - covered) // 4 if body.get("cache_control") else 0
        hour = len(parts[0] + parts[1]) // 4 if written and not covered else 0
        return {
            "input_tokens": 12 if written else (total - covered) // 4,
            "cache_read_input_tokens": covered // 4,
            "cache_creation_input_tokens": written,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written - hour,
                "ephemeral_1h_input_tokens": hour,
            },
            "output_tokens": max(1, len(json.dumps(content)) // 4),
            "server_tool_use": None,
            "service_tier": "standard",
            "output_tokens_details": {"thinking_tokens": 0},
        }


# --- the server ------------------------------------------------------------------------------------------------------


class Claude:
    """The stand-in on a loopback port, in a thread of its own. `requests` holds each request: headers, body, raw."""

    def __init__(self, default: Item | None = None, port: int = 0, *, strict: bool = True, pace_s: float = 0.0) -> None:
        """`strict` enforces `Rules`. `pace_s` is waited between events, so that people can watch."""
        self.requests: list[Json] = []
        self.usages: list[Json] = []
        self._queue: deque[Item] = deque()
        self._default = default
        self._strict = strict
        self._pace_s = pace_s
        self._rules, self._cache = Rules(), Cache()
        routes = [
            Route("/v1/messages", self._messages, methods=["POST"]),
            Route("/v1/models/{id}", self._model),
            Route("/_requests", self._log),
        ]
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(Starlette(routes=routes), log_level="error", lifespan="off", ws="none")
        config.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def script(self, *items: Item) -> None:
        """Queue what the next requests are answered with."""
        self._queue.extend(items)

    def reset(self) -> None:
        """Forget the script and what was asked so far."""
        self._queue.clear()
        self.requests.clear()
        self.usages.clear()

    @property
    def waiting(self) -> int:
        """How much of the script is left."""
        return len(self._queue)

    def run(self) -> None:
        """Serve until stopped, in this thread."""
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10)
        self._socket.close()

    async def _messages(self, request: Request) -> Response:
        raw = await request.body()
        body = json.loads(raw)
        self.requests.append({"headers": dict(request.headers), "body": body, "raw": raw.decode()})
        # Microsoft's cloud has a header of its own for the key.
        key = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("api-key", "")
        if not key.strip():
            return _error(bad_key())
        if self._strict and (why := self._rules.violation(body)):
            return _error(Fault(400, "invalid_request_error", why))
        item = self._queue.popleft() if self._queue else self._default
        if item is None:
            return _error(Fault(400, "invalid_request_error", "the stand-in's script is used up"))
        if not isinstance(item, Reply | Fault):
            item = item(body)
        if isinstance(item, Fault):
            return _error(item)
        await asyncio.sleep(item.delay_s)
        content = copy.deepcopy(item.content)
        self._rules.remember(body, content)
        number = len(self.requests)
        message = {
            "id": f"msg_{number:06d}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": item.stop_reason,
            "stop_sequence": None,
            "stop_details": item.stop_details,
            "container": None,
            "usage": self._cache.usage(body, content) | item.usage,
        }
        headers = {"request-id": f"req_{number:06d}"}
        if not body.get("stream"):
            return JSONResponse(message, headers=headers)
        return StreamingResponse(self._stream(message, item), media_type="text/event-stream", headers=headers)

    async def _stream(self, message: Json, item: Reply) -> AsyncIterator[bytes]:
        for at, event in enumerate(_events(message)):
            if item.cut_after is not None and at >= item.cut_after:
                if item.reset:
                    raise ConnectionResetError
                return
            if item.error_after is not None and at >= item.error_after:
                yield _event("error", {"error": {"type": item.error, "message": "Overloaded", "details": None}})
                return
            yield event
            await asyncio.sleep(self._pace_s)
        self.usages.append(message["usage"])

    async def _model(self, request: Request) -> Response:
        return JSONResponse(
            {
                "id": request.path_params["id"],
                "type": "model",
                "display_name": "Stand-in",
                "created_at": "2026-09-22T00:00:00Z",
                "max_input_tokens": 1_000_000,
                "max_tokens": MAX_OUTPUT,
            }
        )

    async def _log(self, _: Request) -> Response:
        return JSONResponse({"requests": [each["body"] for each in self.requests], "usages": self.usages})


def _error(fault: Fault) -> Response:
    error: Json = {"type": fault.type, "message": fault.message}
    if fault.details:
        error["details"] = fault.details
    body = {"type": "error", "error": error, "request_id": "req_fault"}
    return JSONResponse(body, fault.status, {"request-id": "req_fault", **fault.headers})


def _event(kind: str, data: Json) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def _events(message: Json) -> list[bytes]:
    start = {**message, "content": [], "stop_reason": None, "stop_details": None}
    start["usage"] = {**message["usage"], "output_tokens": 1}
    events = [_event("message_start", {"message": start}), _event("ping", {})]
    for at, block in enumerate(message["content"]):
        empty, deltas = _opened(block)
        events.append(_event("content_block_start", {"index": at, "content_block": empty}))
        events += [_event("content_block_delta", {"index": at, "delta": delta}) for delta in deltas]
        events.append(_event("content_block_stop", {"index": at}))
    ending = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    events.append(_event("message_delta", {"delta": ending, "usage": message["usage"]}))
    events.append(_event("message_stop", {}))
    return events


def _opened(block: Json) -> tuple[Json, list[Json]]:
    if block["type"] == "text":
        words = block["text"]
        return block | {"text": ""}, [
            {"type": "text_delta", "text": words[k : k + 40]} for k in range(0, len(words), 40)
        ]
    if block["type"] == "thinking":
        told = [{"type": "thinking_delta", "thinking": block["thinking"]}] if block["thinking"] else []
        signed = {"type": "signature_delta", "signature": block["signature"]}
        return block | {"thinking": "", "signature": ""}, [*told, signed]
    written = json.dumps(block["input"], ensure_ascii=False)
    pieces = [written[k : k + 400] for k in range(0, len(written), 400)]
    return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


def main() -> None:
    """Run as a process until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--plan", choices=["auto"], default="auto", help="auto: every question gets plan.json")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between the events of a stream")
    options = parser.parse_args()
    claude = Claude(default=lambda _: plan(), port=options.port, pace_s=options.pace)
    print(claude.url, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        claude.run()


if __name__ == "__main__":
    main()
