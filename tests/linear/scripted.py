"""A Linear that plays a script over loopback HTTP: hand-made answers, one a request, and a record of what was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

RESET = "reset"
"""Reads the whole request, then resets the connection: for the client it is unknown whether it was applied."""


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def operation(self) -> str:
        return self.body["operationName"]

    @property
    def variables(self) -> dict[str, Any]:
        return self.body.get("variables", {})

    @property
    def input(self) -> dict[str, Any]:
        return self.variables["input"]


Step = Reply | str | Callable[[Request], "Reply | str"]


def data(**fields: Any) -> Reply:
    return answer({"data": fields})


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})})


def html(status: int = 200) -> Reply:
    return Reply(status, b"<html>try later, lin_api_secret</html>", {"content-type": "text/html; charset=utf-8"})


def error(message: str, *, http: int = 200, headers: dict[str, str] | None = None, **extensions: object) -> Reply:
    return answer({"data": None, "errors": [{"message": message, "extensions": extensions}]}, http, headers)


def conflict(entity: str, id_: str) -> Reply:
    return error(
        f"conflict on insert of {entity}",
        code="INPUT_ERROR",
        type="invalid input",
        statusCode=400,
        userPresentableMessage=f"Entity {entity} with id {id_} already exists.",
    )


def not_found(entity: str) -> Reply:
    return error(
        f"Entity not found: {entity}",
        code="INPUT_ERROR",
        type="invalid input",
        userPresentableMessage=f"Could not find referenced {entity}.",
    )


def rate_limited(**headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error("Rate limit exceeded", http=400, headers=named, code="RATELIMITED", type="ratelimited", statusCode=429)


def page(*nodes: object, cursor: str | None = None) -> dict[str, object]:
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}


class Script:
    """Answers each request with the next step; `always` answers when there is none left."""

    def __init__(self, *steps: Step, always: Step | None = None) -> None:
        self.steps = list(steps)
        self.always = always
        self.requests: list[Request] = []
        self.unexpected: list[Request] = []
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/graphql"

    @property
    def operations(self) -> list[str]:
        return [each.operation for each in self.requests]

    def then(self, *steps: Step) -> None:
        self.steps += steps

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(head[0].split(" ")[1], headers, raw)
        self.requests.append(request)
        step = self.steps.pop(0) if self.steps else self.always
        if step is None:
            self.unexpected.append(request)
            step = error("the script has ended")
        reply = step(request) if callable(step) else step
        if isinstance(reply, str):
            writer.transport.abort()
            return False
        head_lines = [f"HTTP/1.1 {reply.status} -", f"content-length: {len(reply.body)}"]
        head_lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write("\r\n".join([*head_lines, "", ""]).encode("latin-1") + reply.body)
        await writer.drain()
        return True


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.start = self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.time

    def epoch_ms(self, after_s: float = 0) -> str:
        return str(int((self.time.timestamp() + after_s) * 1000))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)
