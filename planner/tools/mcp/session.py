"""The session of a run with one MCP server: it outlives the connection, which is made anew when it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import JsonValue, TypeAdapter

from planner.tools.mcp.config import McpServer, mask
from planner.tools.mcp.connection import Connection, Declined, Lost, Slow
from planner.tools.mcp.declare import plain_name, shown_name

if TYPE_CHECKING:
    from mcp.client.session import ClientSession
    from mcp_types import CallToolResult, InputRequiredResult, ReadResourceResult, Resource, Tool

_T = TypeVar("_T")

CONNECT_WITHIN_S = 20.0
"""How long a server has to start and to list its tools."""

RECONNECTS = 5
"""How often in one run a lost connection is made anew."""

_SLOW_IN_A_ROW = 2
_MOST_RESOURCES = 200


class McpSession:
    """One server, as long as the run lasts. Its methods raise Lost, Slow and Declined."""

    def __init__(
        self, server: McpServer, log: Callable[[str, str], None], *, connect_within_s: float = CONNECT_WITHIN_S
    ) -> None:
        """Connects nothing yet. `log(server, line)`: what the operator should know."""
        self.server = server
        self._connect_within_s = connect_within_s
        self._log = log
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()
        self._attempts = 0
        self._slow = 0
        self._why = "it is not connected"
        self._closed = False

    async def open(self) -> None:
        """Connect for the first time. Raises Lost."""
        try:
            self._connection = await Connection.open(self.server, self._log, within_s=self._connect_within_s)
        except Lost as lost:
            self._why = str(lost)
            raise

    async def connect(self) -> None:
        """Connect where no connection was ever made: a server that was down when the run began may be up by now."""
        if self._connection is None:
            await self._reconnected()

    @property
    def connected(self) -> bool:
        """Whether the server has told what it offers."""
        return self._connection is not None

    @property
    def tools(self) -> Mapping[str, Tool]:
        """What the server offers, by its own names."""
        return self._connection.tools if self._connection else {}

    def tool(self, name: str) -> Tool | None:
        """The tool of this name, or the one whose name looks like this in tool names."""
        if name in self.tools:
            return self.tools[name]
        return next((self.tools[own] for own in sorted(self.tools) if plain_name(own) == name), None)

    @property
    def has_resources(self) -> bool:
        """Whether the server says that it has resources."""
        return self._connection is not None and self._connection.has_resources

    def may_call(self, tool: Tool) -> bool:
        """Whether the tool only reads, as the server says, or the operator lets this server's tools do more."""
        return not self.server.read_only or reads_only(tool)

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> CallToolResult:
        """Call one tool, by its name as `tool` takes it."""
        from mcp_types import (  # noqa: PLC0415 - starting the receiver must stay quick
            CallToolRequest,
            CallToolRequestParams,
            CallToolResult,
            InputRequiredResult,
        )

        tool = self.tool(name)

        async def send(session: ClientSession) -> CallToolResult:
            # A server that came back may have changed.
            now = self.tool(name)
            if now is None:
                raise Declined(f"The MCP server {self.server.name} has no tool {shown_name(name)}.", ours=True)
            if not self.may_call(now):
                reason = "is not marked as read-only, and only such tools may be called."
                raise Declined(f"{shown_name(name)} {reason}", ours=True)
            params = CallToolRequestParams(name=now.name, arguments=dict[str, Any](arguments))
            # Not `call_tool`: it would check the answer against the server's own schema, whatever that costs.
            kinds = TypeAdapter[CallToolResult | InputRequiredResult](CallToolResult | InputRequiredResult)
            return _complete(await session.send_request(CallToolRequest(params=params), kinds))

        # Nothing that may write is done twice.
        return await self._ask(send, again=tool is not None and reads_only(tool))

    async def resources(self) -> list[Resource]:
        """The resources that the server lists, up to a limit."""
        from mcp_types import PaginatedRequestParams  # noqa: PLC0415 - starting the receiver must stay quick

        async def send(session: ClientSession) -> list[Resource]:
            found: list[Resource] = []
            cursor: str | None = None
            while len(found) < _MOST_RESOURCES:
                page = await session.list_resources(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
                found += page.resources
                if not page.resources or not page.next_cursor or page.next_cursor == cursor:
                    break
                cursor = page.next_cursor
            return found[:_MOST_RESOURCES]

        return await self._ask(send, again=True)

    async def read(self, uri: str) -> ReadResourceResult:
        """Read one resource."""
        from mcp_types import (  # noqa: PLC0415 - starting the receiver must stay quick
            InputRequiredResult,
            ReadResourceRequest,
            ReadResourceRequestParams,
            ReadResourceResult,
        )

        async def send(session: ClientSession) -> ReadResourceResult:
            request = ReadResourceRequest(params=ReadResourceRequestParams(uri=uri))
            kinds = TypeAdapter[ReadResourceResult | InputRequiredResult](ReadResourceResult | InputRequiredResult)
            return _complete(await session.send_request(request, kinds))

        return await self._ask(send, again=True)

    def masked(self, text: str) -> str:
        """The text without the server's secrets."""
        return mask(text, self.server)

    async def aclose(self) -> None:
        """End the connection, if there is one, and make no more."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    async def _ask(self, send: Callable[[ClientSession], Awaitable[_T]], *, again: bool) -> _T:
        connection = self._connection
        if connection is not None and connection.alive:
            try:
                return await self._asked(connection, send)
            except Lost as lost:
                self._why = str(lost)
                await connection.aclose()
                if not again:
                    raise
        return await self._asked(await self._reconnected(), send)

    async def _asked(self, connection: Connection, send: Callable[[ClientSession], Awaitable[_T]]) -> _T:
        try:
            answer = await connection.ask(send, within_s=self.server.timeout_s)
        except Slow:
            self._slow += 1
            if self._slow >= _SLOW_IN_A_ROW:
                # Perhaps it hangs: the next call gets a new connection.
                self._slow = 0
                self._why = "it did not answer in time"
                await connection.aclose()
            raise
        except Declined:
            self._slow = 0
            raise
        self._slow = 0
        return answer

    async def _reconnected(self) -> Connection:
        before = self._attempts
        async with self._lock:
            if self._connection is not None and self._connection.alive:
                return self._connection  # another call has done it
            if self._closed or self._attempts >= RECONNECTS or self._attempts > before:
                raise Lost(self._why)
            self._attempts += 1
            try:
                self._connection = await Connection.open(self.server, self._log, within_s=self._connect_within_s)
            except Lost as lost:
                self._why = str(lost)
                raise
            if self._closed:
                await self._connection.aclose()
                raise Lost(self._why)
            self._log(self.server.name, "was connected anew")
            return self._connection


def reads_only(tool: Tool) -> bool:
    """Whether the server marks the tool as one that changes nothing."""
    return tool.annotations is not None and tool.annotations.read_only_hint is True


def _complete(result: _T | InputRequiredResult) -> _T:
    from mcp_types import InputRequiredResult  # noqa: PLC0415 - starting the receiver must stay quick

    if isinstance(result, InputRequiredResult):
        raise Declined("The server asks for input during the call; needs-plan gives none.", ours=True)
    return result
