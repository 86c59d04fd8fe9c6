"""Tools of the MCP servers that the operator lists, for one run: those the agent's definition names, read-only ones.

What a server says, about its tools as well as in answers, is untrusted. A server that is down costs the plan what it
knows and nothing else: it becomes a gap, and the run goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from planner.model import JsonObject
from planner.tools import Family, ToolResult, refused
from planner.tools.catalogue import Mapped
from planner.tools.mcp.answer import of_resource, of_tool
from planner.tools.mcp.config import McpServer
from planner.tools.mcp.connection import Declined, Lost, Slow
from planner.tools.mcp.declare import Unfit, declaration, plain_name, shown_name
from planner.tools.mcp.session import CONNECT_WITHIN_S, McpSession

if TYPE_CHECKING:
    from mcp_types import Tool

ANSWER_WITHIN_S = 55.0
"""How long a call may take with a reconnection: a little less than the toolbox waits."""

MOST_TOOLS = 64
"""Tools of one server that a definition names as a whole."""

MOST_CHARS = 120_000
"""Characters of all definitions together."""

_WITHOUT = "what it knows is not in this plan"
_TOO_MANY = "too many tools"
_LIST = "ListMcpResources"
_READ = "ReadMcpResource"
_ALL = {"", "*"}
_NAMED = 5


class McpTools(Family):
    """The MCP tools of one run, under `mcp__<server>__<tool>` as the definition spells it; and the resource tools.

    Use: construct, `await open()`, ask for `gaps` and `definitions()`, call, `await aclose()` in any case, all in one
    event loop. None of these raises; only being cancelled passes through.
    """

    def __init__(
        self,
        servers: Mapping[str, McpServer],
        wanted: Sequence[Mapped],
        log: Callable[[str, str], None],
        *,
        connect_within_s: float = CONNECT_WITHIN_S,
    ) -> None:
        """`servers`: the operator's, by name. `wanted`: the agent's tools; others than MCP's are passed over.

        `log(server, line)` gets what the operator should know of a server: what it writes to its standard error, that
        it was lost or came back. Without secrets, in bounds.
        """
        self._servers = servers
        self._wanted = [each for each in wanted if each.family == "mcp"]
        self._log = log
        self._connect_within_s = connect_within_s
        self._sessions: dict[str, McpSession] = {}
        self._definitions: dict[str, JsonObject] = {}
        self._gaps: list[str] = []

    async def open(self) -> None:
        """Connect the servers that the definition names, side by side, and find out what of theirs can be offered.

        Where it names the resource tools and no server, all servers are connected.
        """
        named = {each.server: self._server(each.server) for each in self._wanted if each.server}
        for name, server in named.items():
            if server is None:
                self._gaps.append(f"The operator lists no MCP server {shown_name(name)}; {_WITHOUT}.")
        chosen = [server for server in named.values() if server is not None]
        if not named and self._resource_tools():
            chosen = list(self._servers.values())
        self._sessions = {
            server.name: McpSession(server, self._log, connect_within_s=self._connect_within_s) for server in chosen
        }
        await asyncio.gather(*(self._open(session) for session in self._sessions.values()))
        self._declare()

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the plan has to do without, a sentence each: servers that are down, tools that are not offered."""
        return tuple(sorted(self._gaps))

    def definitions(self) -> list[JsonObject]:
        """The tools that can be called, sorted by name; the same as long as the servers offer the same."""
        return [self._definitions[name] for name in sorted(self._definitions)]

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> ToolResult:
        """Answer one call. A server that was lost is connected anew, once a call."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._call(name, arguments)
        except TimeoutError:
            return refused(f"{name} did not answer within {ANSWER_WITHIN_S:.0f} seconds. Ask for less, or do without.")

    async def aclose(self) -> None:
        """End all connections, and with them the programs. Bounded in time."""
        await asyncio.gather(*(session.aclose() for session in self._sessions.values()))

    # --- opening -----------------------------------------------------------------------------------------------------

    def _server(self, name: str) -> McpServer | None:
        if name in self._servers:
            return self._servers[name]
        alike = [each for own, each in self._servers.items() if plain_name(own).lower() == plain_name(name).lower()]
        return alike[0] if len(alike) == 1 else None

    def _resource_tools(self) -> set[str]:
        return {
            each.name for each in self._wanted if not each.server and each.name.removesuffix("Tool") in {_LIST, _READ}
        }

    async def _open(self, session: McpSession) -> None:
        try:
            await session.open()
        except Lost as lost:
            self._log(session.server.name, f"could not be reached: {lost}")
            self._gaps.append(f"The MCP server {session.server.name} could not be reached ({lost}); {_WITHOUT}.")

    def _declare(self) -> None:
        left_out = _LeftOut()
        size = 0
        for each in self._wanted:
            session = self._session(each.server)
            if session is None or not session.connected:
                continue
            for name, tool in self._named(each, session, left_out):
                if name in self._definitions:
                    continue
                try:
                    made = declaration(name, tool, session.server)
                except Unfit as unfit:
                    left_out.add(session.server.name, str(unfit), tool.name)
                    continue
                size += len(str(made))
                if size > MOST_CHARS:
                    left_out.add(session.server.name, _TOO_MANY, tool.name)
                    continue
                self._definitions[name] = made
        if any(session.has_resources for session in self._sessions.values()):
            self._definitions |= {name: _resource_tool(name, self._with_resources()) for name in self._resource_tools()}
        self._gaps += left_out.sentences()

    def _named(self, each: Mapped, session: McpSession, left_out: _LeftOut) -> list[tuple[str, Tool]]:
        if each.name not in _ALL:
            tool = session.tool(each.name)
            if tool is None:
                self._gaps.append(f"The MCP server {session.server.name} has no tool {shown_name(each.name)}.")
                return []
            found = {each.name: tool}
        else:
            found: dict[str, Tool] = {}
            for own in sorted(session.tools):
                if plain_name(own) in found:
                    left_out.add(session.server.name, "another tool has nearly the same name", own)
                else:
                    found[plain_name(own)] = session.tools[own]
        kept: list[tuple[str, Tool]] = []
        for name, tool in found.items():
            if not session.may_call(tool):
                left_out.add(session.server.name, "not marked as read-only", tool.name)
            elif len(kept) >= MOST_TOOLS:
                left_out.add(session.server.name, _TOO_MANY, tool.name)
            else:
                kept.append((f"mcp__{each.server}__{name}", tool))
        return kept

    # --- calling -----------------------------------------------------------------------------------------------------

    async def _call(self, name: str, arguments: Mapping[str, JsonValue]) -> ToolResult:
        if name.removesuffix("Tool") == _LIST:
            return await self._list(arguments)
        if name.removesuffix("Tool") == _READ:
            return await self._read(arguments)
        session, tool = self._route(name)
        if session is None:
            return refused(f"There is no tool {shown_name(name)} here.")
        try:
            await session.connect()
            return await of_tool(await session.call(tool, arguments), session.server, tool)
        except (Lost, Slow, Declined) as error:
            return self._failed(session, shown_name(tool), error)

    def _route(self, name: str) -> tuple[McpSession | None, str]:
        # By the definition's names, not by what was declared: after a restart a server may be down that was up.
        for each in self._wanted:
            start = f"mcp__{each.server}__"
            if each.server and name.startswith(start) and (each.name in _ALL or name == start + each.name):
                return self._session(each.server), name.removeprefix(start)
        return None, ""

    def _session(self, name: str) -> McpSession | None:
        server = self._server(name)
        return self._sessions.get(server.name) if server else None

    def _failed(self, session: McpSession, tool: str, error: Lost | Slow | Declined) -> ToolResult:
        server = session.server.name
        if isinstance(error, Declined):
            if error.ours:
                return refused(str(error))
            # The server's words: marked as such, which a refusal of ours is not.
            return ToolResult(text=f"The MCP server answered with an error:\n{session.masked(str(error))[:2_000]}")
        if isinstance(error, Slow):
            self._log(server, f"did not answer {tool} in time")
            return refused(
                f"The MCP server {server} did not answer {tool} within {session.server.timeout_s:.0f} seconds. Ask for "
                "less, or do without it.",
                gap=f"The MCP server {server} did not answer {tool} in time.",
            )
        self._log(server, f"stopped answering: {error}")
        gap = f"The MCP server {server} stopped answering; {_WITHOUT}."
        return refused(f"The MCP server {server} stopped answering ({error}). Go on without it.", gap=gap)

    # --- resources ---------------------------------------------------------------------------------------------------

    def _with_resources(self) -> list[str]:
        return sorted(name for name, session in self._sessions.items() if session.has_resources)

    async def _list(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = arguments.get("server")
        if asked is not None and (not isinstance(asked, str) or asked not in self._sessions):
            return refused(f"`server` must be one of: {', '.join(self._with_resources()) or 'none has resources'}.")
        sessions = [self._sessions[name] for name in ([asked] if asked else self._with_resources())]
        parts = await asyncio.gather(*(self._listed(session) for session in sessions))
        return ToolResult(
            text="\n\n".join(part.text for part in parts) or "No server has resources.",
            is_error=bool(parts) and all(part.is_error for part in parts),
            gap=" ".join(part.gap for part in parts if part.gap),
        )

    async def _listed(self, session: McpSession) -> ToolResult:
        try:
            await session.connect()
            found = await session.resources()
        except (Lost, Slow, Declined) as error:
            return self._failed(session, _LIST, error)
        lines = [
            " | ".join(
                " ".join(part.split())[:300] for part in (each.uri, each.title or each.name, each.description or "")
            )
            for each in found
        ]
        listed = session.masked("\n".join(lines))[:_MOST_LISTED]
        return ToolResult(text=f"Server {session.server.name} (uri | name | description):\n{listed or '(none)'}")

    async def _read(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        server, uri = arguments.get("server"), arguments.get("uri")
        if not isinstance(server, str) or server not in self._sessions:
            return refused(f"`server` must be one of: {', '.join(self._with_resources()) or 'none has resources'}.")
        if not isinstance(uri, str) or not uri:
            return refused(f"`uri` must be one that {_LIST}Tool lists.")
        session = self._sessions[server]
        try:
            await session.connect()
            return await of_resource(await session.read(uri), session.server, uri)
        except (Lost, Slow, Declined) as error:
            return self._failed(session, _READ, error)


_MOST_LISTED = 30_000


def _resource_tool(name: str, servers: Sequence[str]) -> JsonObject:
    there = f"Servers: {', '.join(servers)}."
    server: JsonObject = {"type": "string", "description": "the server's name"}
    if name.removesuffix("Tool") == _LIST:
        return {
            "name": name,
            "description": f"List what MCP servers have to read, by URI; of one server, or of all. {there}",
            "input_schema": {"type": "object", "properties": {"server": server}},
        }
    uri: JsonObject = {"type": "string", "description": "as the list of resources has it"}
    return {
        "name": name,
        "description": f"Read one resource of an MCP server. {there}",
        "input_schema": {"type": "object", "properties": {"server": server, "uri": uri}, "required": ["server", "uri"]},
    }


class _LeftOut:
    # Tools that are not offered, by server and reason: one sentence for each pair.

    def __init__(self) -> None:
        self._tools: dict[tuple[str, str], list[str]] = {}

    def add(self, server: str, reason: str, tool: str) -> None:
        names = self._tools.setdefault((server, reason), [])
        if shown_name(tool) not in names:
            names.append(shown_name(tool))

    def sentences(self) -> list[str]:
        found: list[str] = []
        for (server, reason), names in self._tools.items():
            shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            if len(names) == 1:
                found.append(f"The tool {shown} of the MCP server {server} is not offered ({reason}).")
            else:
                found.append(f"{len(names)} tools of the MCP server {server} are not offered ({reason}): {shown}.")
        return found
