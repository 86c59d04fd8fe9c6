"""A stand-in for Claude's Messages API behind real HTTP: streams, keeps the API's rules, fails on request.

In tests:     with Claude() as claude: claude.script(plan(), overloaded(), ...)
As a process: python tests/standins/claude.py --port 8090 --plan auto

Replies come from a queue; when it is empty the default answers, which hands in tests/standins/plan.json. Each request
is logged. What the real API refuses is refused here, too: see `claude_rules`. What is cached and what it costs is
counted: see `claude_cache`. Amazon's, Google's and Microsoft's ways to ask are known as well.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import copy
import json
import socket
import sys
import threading
import time
import zlib
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

if not __package__:
    sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a program

from tests.standins.claude_blocks import Json
from tests.standins.claude_cache import Cache, Clock, cached_share, cost, uncached_cost
from tests.standins.claude_replies import (
    Fault,
    Item,
    Reply,
    a_plan,
    bad_key,
    conversation,
    forbidden,
    no_credit,
    overloaded,
    payment_required,
    plan,
    ran_code,
    rate_limited,
    refusal,
    says,
    searched,
    server_use,
    spend_limit,
    text,
    thinking,
    tool_use,
    uses,
)
from tests.standins.claude_rules import MODELS, MOST_REQUEST_BYTES, Model, Rules, model_of

__all__ = [
    "MODELS",
    "Claude",
    "Clock",
    "Fault",
    "Item",
    "Json",
    "Model",
    "Reply",
    "Rules",
    "a_plan",
    "bad_key",
    "cached_share",
    "conversation",
    "cost",
    "forbidden",
    "no_credit",
    "overloaded",
    "payment_required",
    "plan",
    "ran_code",
    "rate_limited",
    "refusal",
    "says",
    "searched",
    "server_use",
    "spend_limit",
    "text",
    "thinking",
    "tool_use",
    "uncached_cost",
    "uses",
]


class Claude:
    """The stand-in on a loopback port, in a thread of its own.

    `requests` holds each request: headers, body, raw. `usages` holds the usage of each answer that went out whole, with
    `request` (its number, from 1) and `model`; `cut` the same of each that did not, with `told`, what of its usage the
    client could know. `clock` moves by hand: caches grow old by it.
    """

    def __init__(
        self,
        default: Item | None = None,
        port: int = 0,
        *,
        strict: bool = True,
        pace_s: float = 0.0,
        lists_models: bool = True,
    ) -> None:
        """`strict` enforces `Rules`. `pace_s` is waited between events, so that people can watch.

        `lists_models`: whether it tells what models take, which the clouds' services do not.
        """
        self.requests: list[Json] = []
        self.usages: list[Json] = []
        self.cut: list[Json] = []
        self.clock = Clock()
        self.lists_models = lists_models
        self._queue: deque[Item] = deque()
        self._default = default
        self._strict = strict
        self._pace_s = pace_s
        self._rules, self._cache = Rules(), Cache(self.clock)
        cloud = "/projects/{project}/locations/{region}/publishers/anthropic/models"
        routes = [
            Route("/v1/messages", self._messages, methods=["POST"]),
            Route("/v1/models/{id}", self._model),
            Route("/model/{model:path}/invoke-with-response-stream", self._bedrock, methods=["POST"]),
            Route(f"{cloud}/{{model}}:streamRawPredict", self._vertex, methods=["POST"]),
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
        self.cut.clear()

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
        body = json.loads(await request.body())
        # Microsoft's cloud has a header of its own for the key.
        key = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("api-key", "")
        return await self._answer(request, body, key)

    async def _bedrock(self, request: Request) -> Response:
        body = json.loads(await request.body())
        asked = {"model": request.path_params["model"], "stream": True, **body}
        return await self._answer(request, asked, request.headers.get("authorization", ""), aws=True)

    async def _vertex(self, request: Request) -> Response:
        body = json.loads(await request.body())
        asked = {"model": request.path_params["model"], **body}
        return await self._answer(request, asked, request.headers.get("authorization", ""))

    async def _answer(self, request: Request, body: Json, key: str, *, aws: bool = False) -> Response:
        raw = await request.body()
        self.requests.append(
            {"headers": dict(request.headers), "path": request.url.path, "body": body, "raw": raw.decode()}
        )
        number = len(self.requests)
        if (fault := self._fault(body, key, len(raw))) is not None:
            return _error(fault)
        item = self._queue.popleft() if self._queue else self._default
        if item is None:
            return _error(Fault(400, "invalid_request_error", "the stand-in's script is used up"))
        if not isinstance(item, Reply | Fault):
            item = item(body)
        if isinstance(item, Fault):
            return _error(item)
        await asyncio.sleep(item.delay_s)
        content = copy.deepcopy(item.content)
        self._rules.remember(body, content, item.stop_reason, item.container)
        message = {
            "id": f"msg_{number:06d}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": item.stop_reason,
            "stop_sequence": None,
            "stop_details": item.stop_details,
            "container": {"id": item.container, "expires_at": "2026-12-31T00:00:00Z"} if item.container else None,
            "usage": self._cache.usage(body, content) | item.usage,
        }
        headers = {"request-id": f"req_{number:06d}"}
        if not body.get("stream"):
            self._count(number, message)
            return JSONResponse(message, headers=headers)
        kind = "application/vnd.amazon.eventstream" if aws else "text/event-stream"
        return StreamingResponse(self._stream(number, message, item, aws=aws), media_type=kind, headers=headers)

    def _fault(self, body: Json, key: str, size: int) -> Fault | None:
        """Why a request is turned away."""
        model = model_of(str(body.get("model"))) or (None if self._strict else Model())
        if not key.strip():
            return bad_key()
        if model is None:
            return Fault(404, "not_found_error", f"model: {body.get('model')}")
        if not self._strict:
            return None
        if size > MOST_REQUEST_BYTES:
            return Fault(413, "request_too_large", "Request exceeds the maximum size")
        why = self._rules.violation(body)
        if why is None and (tokens := self._cache.prompt_tokens(body)) > model.context:
            why = f"prompt is too long: {tokens} tokens > {model.context} maximum"
        return None if why is None else Fault(400, "invalid_request_error", why)

    def _count(self, number: int, message: Json) -> None:
        self.usages.append({**message["usage"], "request": number, "model": message["model"]})

    async def _stream(self, number: int, message: Json, item: Reply, *, aws: bool) -> AsyncIterator[bytes]:
        told: Json | None = None
        try:
            for at, (kind, data) in enumerate(_events(message)):
                if item.cut_after is not None and at >= item.cut_after:
                    if item.reset:
                        raise ConnectionResetError
                    return
                if item.error_after is not None and at >= item.error_after:
                    error = {"error": {"type": item.error, "message": "Overloaded", "details": None}}
                    yield _framed("error", error, aws=aws)
                    return
                yield _framed(kind, data, aws=aws)
                told = (data.get("message") or data).get("usage", told)
                if kind == "message_stop":
                    self._count(number, message)
                    number = 0
                    return
                await asyncio.sleep(self._pace_s)
        finally:
            # Whoever asked may have gone away, too.
            if number:
                self.cut.append({**message["usage"], "request": number, "model": message["model"], "told": told})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["id"]
        model = model_of(name)
        if model is None or not self.lists_models:
            return _error(Fault(404, "not_found_error", f"model: {name}"))
        return JSONResponse(_described(name, model))

    async def _log(self, _: Request) -> Response:
        asked = [each["body"] for each in self.requests]
        return JSONResponse({"requests": asked, "usages": self.usages, "cut": self.cut})


def _error(fault: Fault) -> Response:
    error: Json = {"type": fault.type, "message": fault.message}
    if fault.details:
        error["details"] = fault.details
    body = {"type": "error", "error": error, "request_id": "req_fault"}
    return JSONResponse(body, fault.status, {"request-id": "req_fault", **fault.headers})


def _described(name: str, model: Model) -> Json:
    """A model as `GET /v1/models/{id}` tells it."""

    def supports(*, yes: bool, **more: Any) -> Json:
        return {"supported": yes, **more}

    yes, levels = supports(yes=True), ("low", "medium", "high", "xhigh", "max")
    kinds = ("adaptive", "between_tools", "disabled", "enabled")
    strategies = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")
    capabilities = {
        "batch": yes,
        "citations": yes,
        "code_execution": yes,
        "context_management": supports(yes=True, **dict.fromkeys(strategies, yes)),
        "effort": supports(
            yes=bool(model.efforts), **{level: supports(yes=level in model.efforts) for level in levels}
        ),
        "image_input": yes,
        "pdf_input": yes,
        "server_tools": supports(yes=True, web_search=yes, code_execution=yes),
        "structured_outputs": yes,
        "thinking": supports(yes=True, types={kind: supports(yes=kind in model.thinking) for kind in kinds}),
    }
    return {
        "id": name,
        "type": "model",
        "display_name": "Stand-in",
        "created_at": "2026-09-22T00:00:00Z",
        "lifecycle": "active",
        "line": name.split("-")[1],
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": model.context,
        "max_tokens": model.max_tokens,
        "capabilities": capabilities,
    }


def _framed(kind: str, data: Json, *, aws: bool) -> bytes:
    """An event as it goes over the wire: as server-sent event, or in Amazon's binary frame."""
    text = json.dumps({"type": kind, **data})
    if not aws:
        return f"event: {kind}\ndata: {text}\n\n".encode()
    payload = json.dumps({"bytes": base64.b64encode(text.encode()).decode()}).encode()
    given = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + len(value).to_bytes(2, "big") + value.encode()
        for name, value in given.items()
    )
    start = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    frame = start + zlib.crc32(start).to_bytes(4, "big") + headers + payload
    return frame + zlib.crc32(frame).to_bytes(4, "big")


def _events(message: Json) -> list[tuple[str, Json]]:
    start = {**message, "content": [], "stop_reason": None, "stop_details": None, "container": None}
    start["usage"] = {**message["usage"], "output_tokens": 1}
    events: list[tuple[str, Json]] = [("message_start", {"message": start}), ("ping", {})]
    for at, block in enumerate(message["content"]):
        empty, deltas = _opened(block)
        events.append(("content_block_start", {"index": at, "content_block": empty}))
        events += [("content_block_delta", {"index": at, "delta": delta}) for delta in deltas]
        events.append(("content_block_stop", {"index": at}))
    ending = {key: message[key] for key in ("stop_reason", "stop_sequence", "stop_details", "container")}
    events.append(("message_delta", {"delta": ending, "usage": message["usage"]}))
    events.append(("message_stop", {}))
    return events


def _opened(block: Json) -> tuple[Json, list[Json]]:
    if block["type"] == "text":
        words = block["text"]
        deltas = [{"type": "text_delta", "text": words[k : k + 40]} for k in range(0, len(words), 40)]
        if block.get("citations"):
            cited = [{"type": "citations_delta", "citation": each} for each in block["citations"]]
            return block | {"text": "", "citations": []}, [*cited, *deltas]
        return block | {"text": ""}, deltas
    if block["type"] == "thinking":
        told = [{"type": "thinking_delta", "thinking": block["thinking"]}] if block["thinking"] else []
        signed = {"type": "signature_delta", "signature": block["signature"]}
        return block | {"thinking": "", "signature": ""}, [*told, signed]
    if block["type"] not in {"tool_use", "server_tool_use"}:
        return block, []
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
