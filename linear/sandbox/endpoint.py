"""The GraphQL endpoint and the token endpoint: what comes in, who asks, what goes wrong, what goes out."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from linear.sandbox import rules
from linear.sandbox.access import Access, Hour, OAuthRefusal
from linear.sandbox.execution import BadRequest, Interference, Outcome, Prepared, prepare, refused, run
from linear.sandbox.faults import Fault, Faults
from linear.sandbox.log import Asked, Log
from linear.sandbox.reading import Reading
from linear.sandbox.rows import Actor
from linear.sandbox.rules import Refusal
from linear.sandbox.workspace import Change, Workspace
from linear.sandbox.writing import Writing

_BAD_REQUEST, _UNAUTHORIZED, _TOO_LARGE, _SERVER_ERROR = 400, 401, 413, 500

_PROXY_PAGE = "<!doctype html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"


class Connections:
    """The open sockets by the client's address, so that an answer can be a reset, or never come."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}
        self._released = asyncio.Event()

    def opened(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        self._open[transport.get_extra_info("peername")] = transport

    def closed(self, transport: asyncio.Transport) -> None:
        """It has gone."""
        self._open.pop(transport.get_extra_info("peername"), None)

    async def reset(self, request: Request) -> Response:
        """Ends the request's connection with a reset. What is answered goes nowhere."""
        client = request.client
        transport = self._open.get((client.host, client.port)) if client else None
        if transport is not None and not transport.is_closing():
            sock = transport.get_extra_info("socket")
            if isinstance(sock, socket.socket) or hasattr(sock, "setsockopt"):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        await asyncio.sleep(0.01)  # until the server has seen it, and drops the answer
        return Response(status_code=_SERVER_ERROR)

    async def hold(self, request: Request) -> Response:
        """Leaves the request without an answer until `release`, then resets it."""
        await self._released.wait()
        return await self.reset(request)

    def release(self) -> None:
        """Lets go of what is held."""
        self._released.set()
        self._released = asyncio.Event()


@dataclass
class _Late:
    """A write that is still to land."""

    prepared: Prepared
    actor: Actor
    writes: int


class Endpoint:
    """`POST /graphql` and `POST /oauth/token` of one workspace. To be used on one event loop."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        writing: Writing,
        access: Access,
        faults: Faults,
        log: Log,
        connections: Connections,
    ) -> None:
        self.made: set[str] = set()
        self._workspace = workspace
        self._writing = writing
        self._access = access
        self._faults = faults
        self._log = log
        self._connections = connections
        self._late: list[_Late] = []
        self._touched: list[str] | None = None
        workspace.listen(self._changed)

    async def token(self, request: Request) -> Response:
        """Client credentials; every error in OAuth's form."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            granted = self._access.token(form, request.headers.get("authorization", ""))
        except OAuthRefusal as error:
            return JSONResponse({"error": error.error, "error_description": error.description}, error.status)
        return JSONResponse(granted)

    async def graphql(self, request: Request) -> Response:
        """One GraphQL request, as Linear answers it."""
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=_BAD_REQUEST)
        if body is None:
            limit = {"code": "PAYLOAD_TOO_LARGE", "limit": rules.BODY_BYTES}
            return JSONResponse({"error": "request entity too large", "extensions": limit}, _TOO_LARGE)
        try:
            actor = self._access.actor(request.headers.get("authorization", ""))
        except Refusal as error:
            return JSONResponse(refused(error), _UNAUTHORIZED)
        hour = self._access.hour(actor)
        wrong: Mapping[str, object]
        try:
            prepared = prepare(json.loads(body))
            hour.charge(prepared.points)
        except (ValueError, RecursionError):
            wrong = {"errors": [{"message": "The body is not JSON."}]}
        except BadRequest as error:
            wrong = {"errors": error.errors}
        except Refusal as error:
            wrong = refused(error)
        else:
            return await self._answer(request, prepared, actor, hour)
        return JSONResponse(wrong, _BAD_REQUEST, hour.headers())

    async def _answer(self, request: Request, prepared: Prepared, actor: Actor, hour: Hour) -> Response:
        fault = self._faults.take(prepared.name, is_mutation=prepared.is_mutation)
        entry, stop = self._log.begin(
            prepared.name, is_mutation=prepared.is_mutation, actor=actor.user.name, points=prepared.points
        )
        entry.fault = fault.kind if fault else None
        if stop == "before":
            return await self._held(request, entry)
        headers = {**hour.headers(), "X-Complexity": str(prepared.points)}
        instead = await self._instead(request, prepared, actor, fault, headers)
        if instead is None:
            outcome = self._run(prepared, actor, entry, fault)
            if prepared.is_mutation:
                self._land()
            if stop == "after":
                return await self._held(request, entry)
            instead = await self._afterwards(request, outcome, fault, headers)
        entry.status = instead.status_code
        return instead

    async def _held(self, request: Request, entry: Asked) -> Response:
        entry.held = True
        answer = await self._connections.hold(request)
        entry.held = False
        return answer

    async def _instead(
        self, request: Request, prepared: Prepared, actor: Actor, fault: Fault | None, headers: Mapping[str, str]
    ) -> Response | None:
        """The answer of a fault that keeps the request from being executed."""
        match fault.kind if fault else None:
            case "rate_limit" if fault:
                return _limited(fault, headers)
            case "delayed" if fault:
                await asyncio.sleep(fault.seconds)
                return None
            case "unauthorized":
                answer = JSONResponse(refused(rules.unauthenticated()), _UNAUTHORIZED, headers)
            case "error_before":
                answer = JSONResponse(refused(rules.internal()), _SERVER_ERROR, headers)
            case "html_before" if fault:
                answer = _page(fault)
            case "reset_before":
                answer = await self._connections.reset(request)
            case "late" if fault:
                self._postpone(_Late(prepared, actor, fault.writes), fault)
                answer = await self._connections.reset(request)
            case _:
                answer = None
        return answer

    async def _afterwards(
        self, request: Request, outcome: Outcome, fault: Fault | None, headers: Mapping[str, str]
    ) -> Response:
        match fault.kind if fault else None:
            case "error_after":
                return JSONResponse(refused(rules.internal()), _SERVER_ERROR, headers)
            case "html_after" if fault:
                return _page(fault)
            case "reset_after":
                return await self._connections.reset(request)
            case "slow" if fault:
                await asyncio.sleep(fault.seconds)
            case _:
                pass
        return JSONResponse(outcome.body, headers=dict(headers))

    def _run(self, prepared: Prepared, actor: Actor, entry: Asked, fault: Fault | None) -> Outcome:
        with self._workspace.lock:
            self._touched = entry.ids
            try:
                outcome = run(
                    prepared,
                    self._writing,
                    Reading(self._workspace, actor.user),
                    actor,
                    limits=self._access.hour(actor).status,
                    interference=_interference(fault),
                )
            finally:
                self._touched = None
        entry.applied = bool(entry.ids)
        entry.refused = outcome.refused
        return outcome

    def _changed(self, change: Change) -> None:
        """Called for every change: those that requests make are noted under them."""
        if self._touched is None:
            return
        self._touched.append(change.row.id)
        if change.action == "create":
            self.made.add(change.row.id)

    def _postpone(self, late: _Late, fault: Fault) -> None:
        if fault.ms is not None:
            asyncio.get_running_loop().call_later(fault.ms / 1000, self._landed, late)
        else:
            self._late.append(late)

    def _land(self) -> None:
        """A write was executed: what waits for that comes closer."""
        for each in list(self._late):
            each.writes -= 1
            if each.writes <= 0:
                self._late.remove(each)
                self._landed(each)

    def _landed(self, late: _Late) -> None:
        entry, _ = self._log.begin(late.prepared.name, is_mutation=False, actor=late.actor.user.name, points=0)
        entry.landed = True
        self._run(late.prepared, late.actor, entry, None)


async def _read(request: Request) -> bytes | None:
    """The body, or None where it is larger than Linear takes."""
    received = bytearray()
    too_large = False
    async for chunk in request.stream():
        # Read to its end all the same, so that the client gets the answer and not a broken pipe.
        too_large = too_large or len(received) + len(chunk) > rules.BODY_BYTES
        if not too_large:
            received += chunk
    return None if too_large else bytes(received)


def _interference(fault: Fault | None) -> Interference | None:
    match fault.kind if fault else None:
        case "forbidden":
            return Interference(refusal=rules.forbidden("You do not have permission to do this."))
        case "graphql_error":
            return Interference(refusal=rules.internal())
        case "content_conflict":
            return Interference(refusal=rules.content_conflict())
        case "half_batch" if fault:
            return Interference(issues=fault.keep)
        case "half_aliases" if fault:
            return Interference(fields=fault.keep)
        case _:
            return None


def _limited(fault: Fault, headers: Mapping[str, str]) -> Response:
    limit = int(headers["X-RateLimit-Requests-Limit"])
    reset = str(int((time.time() + fault.reset_after_s) * 1000))
    told = {**headers, "X-RateLimit-Requests-Remaining": "0", "X-RateLimit-Requests-Reset": reset}
    told["X-RateLimit-Complexity-Reset"] = reset
    return JSONResponse(refused(rules.rate_limited(limit, "requests")), _BAD_REQUEST, told)


def _page(fault: Fault) -> Response:
    return HTMLResponse(_PROXY_PAGE.format(status=fault.status), fault.status)
