"""One connection to an MCP server, held by a task of its own: a client must be left by the task that entered it.

Questions may come from any task of the same event loop, and be cancelled, without harm to the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar, cast

import httpx2

from planner.tools.mcp.config import HttpServer, McpServer, StdioServer
from planner.tools.mcp.process import MOST_MESSAGE_BYTES, TOO_MUCH, NotStarted, program

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams
    from mcp.client.session import ClientSession
    from mcp_types import Tool

_T = TypeVar("_T")

_STOP_WITHIN_S = 8.0
_CANCEL_WITHIN_S = 2.0
_HTTP_WITHIN_S = 20.0
_MOST_PAGES = 50
_MOST_TOOLS = 1_000
# What the library says when there is no answer of the server at all.
_NO_ANSWER = (
    "Connection closed",
    "Session terminated",
    "Server returned an error response",
    "Redirect to ",
    "SSE stream",
)

_unwinding: set[asyncio.Task[None]] = set()


class Lost(Exception):
    """There is no connection, or no longer. The message is a clause: "its program ended"."""


class Slow(Exception):
    """The server did not answer in time. The connection may still be good."""


class Declined(Exception):
    """The server answered with an error. The message is the server's, and so untrusted; `ours`: it is ours."""

    def __init__(self, message: str, *, ours: bool = False) -> None:
        """`message` for a model to read."""
        super().__init__(message)
        self.ours = ours


class Connection:
    """A connection that was opened, and what the server said it has."""

    def __init__(self, server: McpServer, log: Callable[[str, str], None]) -> None:
        """Connects nothing yet. `log(server, line)`: what the operator should know; bounded, without secrets."""
        self._server = server
        self._log = log
        self._owner: asyncio.Task[None] | None = None
        self._session: ClientSession | None = None
        self._stop = asyncio.Event()
        self._asked: set[asyncio.Task[object]] = set()
        self._why = ""
        self.tools: Mapping[str, Tool] = {}
        self.has_resources = False

    @classmethod
    async def open(cls, server: McpServer, log: Callable[[str, str], None], *, within_s: float) -> Connection:
        """Connect and list the tools. Raises Lost."""
        made = cls(server, log)
        ready = asyncio.get_running_loop().create_future()
        made._owner = asyncio.create_task(made._live(ready), name=f"mcp {server.name}")
        _unwinding.add(made._owner)
        made._owner.add_done_callback(_unwinding.discard)
        try:
            await asyncio.wait({ready, made._owner}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            made._owner.cancel()
            raise
        if not made.alive:
            in_time = ready.done() or made._owner.done()
            await made.aclose()
            raise Lost(
                (made._why or "it ended at once") if in_time else f"it was not ready within {within_s:.0f} seconds"
            )
        return made

    @property
    def alive(self) -> bool:
        """Whether questions can be asked, as far as is known."""
        return self._session is not None and not self._stop.is_set()

    async def ask(self, send: Callable[[ClientSession], Awaitable[_T]], *, within_s: float) -> _T:
        """Ask one question. Raises Lost, Slow and Declined, and nothing else. Cancelling it tells the server."""
        owner, session = self._owner, self._session
        if owner is None or session is None or not self.alive:
            raise Lost(self._why or "it is not connected")
        work = asyncio.ensure_future(_answered(send(session)))
        self._asked.add(work)
        work.add_done_callback(self._settled)
        try:
            await asyncio.wait({work, owner}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not work.done():
                work.cancel()
        if work.done() and not work.cancelled():
            return self._outcome(work)
        if owner.done():
            raise self._lost()
        raise Slow

    async def aclose(self) -> None:
        """End the connection and the server's program with it. Bounded in time; may be called again."""
        owner = self._owner
        self._stop.set()
        if owner is None or owner.done():
            return
        if self._session is None:
            owner.cancel()  # it still waits for the server, and not for `_stop`
        try:
            await asyncio.wait({owner}, timeout=_STOP_WITHIN_S)
        finally:
            owner.cancel()
        if not owner.done():
            await asyncio.wait({owner}, timeout=_CANCEL_WITHIN_S)

    def _settled(self, work: asyncio.Task[object]) -> None:
        self._asked.discard(work)
        if not work.cancelled():
            work.exception()  # looked at, so that asyncio does not complain when nobody waits any more

    def _outcome(self, work: asyncio.Task[_T]) -> _T:
        from mcp.shared.exceptions import MCPError  # noqa: PLC0415 - starting the receiver must stay quick

        try:
            return work.result()
        except Declined:
            raise
        except MCPError as error:
            if not self.alive or error.message.startswith(_NO_ANSWER):
                raise self._lost() from None
            if self._why:
                raise Declined(f"There was no answer that could be used: {self._why}.", ours=True) from None
            raise Declined(error.message) from None
        except Exception as error:  # noqa: BLE001 - whatever a server answers must not end a run
            self._log(self._server.name, f"answered in a form the protocol does not have ({type(error).__name__})")
            raise Declined("The server's answer is not in the form that the protocol has.", ours=True) from None

    def _lost(self) -> Lost | Declined:
        if self._why == TOO_MUCH:
            return Declined(f"There is no answer: {TOO_MUCH}. Ask for less.", ours=True)
        return Lost(self._why or "the connection broke off")

    # --- the task that owns the client -------------------------------------------------------------------------------

    async def _live(self, ready: asyncio.Future[None]) -> None:
        from mcp import Client  # noqa: PLC0415 - starting the receiver must stay quick
        from mcp_types import Implementation  # noqa: PLC0415 - the same

        _hush()
        us = Implementation(name="needs-plan", version=version("needs-plan"))
        try:
            # Neither sampling nor elicitation nor roots are offered: the library answers requests for them with errors.
            async with Client(self._transport(), client_info=us, cache=None) as client:
                self.tools = await _listed(client.session)
                self.has_resources = client.server_capabilities.resources is not None
                self._session = client.session
                ready.set_result(None)
                await self._stop.wait()
        except Exception as error:  # noqa: BLE001 - whatever a server does must not end a run
            self._why = self._why or _clause(error, self._server)
        finally:
            self._session = None

    def _transport(self) -> contextlib.AbstractAsyncContextManager[TransportStreams]:
        if isinstance(self._server, StdioServer):
            return program(self._server, self._log, self._ended)
        return self._http(self._server)

    def _ended(self, why: str) -> None:
        if not self._stop.is_set():
            self._why = why
            self._stop.set()

    @asynccontextmanager
    async def _http(self, server: HttpServer) -> AsyncGenerator[TransportStreams, None]:
        from mcp.client.sse import sse_client  # noqa: PLC0415 - starting the receiver must stay quick
        from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 - the same

        def client(
            headers: dict[str, str] | None = None,
            timeout: httpx2.Timeout | None = None,
            auth: httpx2.Auth | None = None,
        ) -> httpx2.AsyncClient:
            # The library follows redirects itself, and only within the origin.
            return httpx2.AsyncClient(
                headers={**(headers or {}), "accept-encoding": "identity"},
                timeout=timeout or httpx2.Timeout(_HTTP_WITHIN_S, read=300),
                auth=auth,
                event_hooks={"response": [self._seen]},
            )

        url = server.url.get_secret_value()
        headers = {key: value.get_secret_value() for key, value in server.headers.items()}
        if server.transport == "sse":
            async with sse_client(url, headers, timeout=_HTTP_WITHIN_S, httpx_client_factory=client) as streams:
                yield streams
            return
        async with (
            client(headers) as http,
            streamable_http_client(url, http_client=http, max_sse_event_size=MOST_MESSAGE_BYTES) as streams,
        ):
            yield streams

    async def _seen(self, response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, self._too_much)
        if self._stop.is_set():
            return
        status = response.status_code
        self._why = ""
        if response.is_redirect:
            self._why = "it redirects elsewhere, which is not followed"
        elif status in {401, 403}:
            self._why = f"it answers with HTTP {status}: its `headers` lack a good key"
        elif status >= 500:  # noqa: PLR2004 - server errors
            self._why = f"it answers with HTTP {status}"
        elif status == 404 and "mcp-session-id" in response.request.headers:  # noqa: PLR2004 - as the protocol has it
            self._ended("it forgot the session")
        elif response.headers.get("content-encoding", "identity") != "identity":
            self._why = "it sends compressed answers, though told not to"
            raise httpx2.DecodingError(self._why)

    def _too_much(self) -> None:
        self._why = TOO_MUCH


class _Bounded(httpx2.AsyncByteStream):
    # The body of an answer, up to a limit.

    def __init__(self, stream: httpx2.AsyncByteStream, too_much: Callable[[], None]) -> None:
        self._stream = stream
        self._too_much = too_much

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > MOST_MESSAGE_BYTES:
                self._too_much()
                raise httpx2.StreamError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _answered(waiting: Awaitable[_T]) -> _T:
    return await waiting


async def _listed(session: ClientSession) -> dict[str, Tool]:
    from mcp_types import PaginatedRequestParams  # noqa: PLC0415 - starting the receiver must stay quick

    capabilities = session.server_capabilities
    if capabilities is None or capabilities.tools is None:
        return {}
    found: dict[str, Tool] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
        for tool in page.tools:
            found.setdefault(tool.name, tool)
        if not page.next_cursor or page.next_cursor == cursor or len(found) >= _MOST_TOOLS:
            break
        cursor = page.next_cursor
    return found


def _clause(error: Exception, server: McpServer) -> str:
    # Messages of libraries may hold addresses and what the server wrote: they are not shown.
    from mcp.shared.exceptions import MCPError  # noqa: PLC0415 - starting the receiver must stay quick
    from mcp_types import CONNECTION_CLOSED, PARSE_ERROR  # noqa: PLC0415 - the same

    leaf = _leaf(error)
    clause = "it does not speak the protocol as expected"
    if isinstance(leaf, NotStarted):
        clause = str(leaf)
    elif isinstance(leaf, httpx2.HTTPStatusError):
        clause = f"it answers with HTTP {leaf.response.status_code}"
    elif isinstance(leaf, httpx2.TimeoutException):
        clause = "it did not answer in time"
    elif isinstance(leaf, MCPError) and leaf.code == CONNECTION_CLOSED:
        clause = "it broke the connection off"
    elif isinstance(leaf, MCPError) and leaf.code == PARSE_ERROR:
        clause = "it sent something that cannot be read"
    elif isinstance(leaf, httpx2.TransportError | OSError):
        clause = f"there is no connection to {server.at}"
        if "CERTIFICATE" in str(leaf).upper():
            clause = f"the certificate of {server.at} was not accepted"
    return clause


def _leaf(error: BaseException) -> BaseException:
    # The first failure among those that the library's tasks were ended by.
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def _hush() -> None:
    # The library logs what servers send, whole and with tracebacks. What the operator needs goes through our own log.
    for name in ("mcp", "client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
