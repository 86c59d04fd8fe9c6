"""The map from the tool names in agent definitions to what this program gives for them. No I/O."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from planner.agent import Agent

FamilyName = Literal["repository", "tracker", "web", "code", "todo", "task", "plan", "mcp", "refused", "unmapped"]


class Mapped(BaseModel):
    """One tool of a definition, and what it maps to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str = Field(description="as the definition has it, without what stands in brackets: Bash(git log:*) is Bash")
    family: FamilyName
    name: str = Field(default="", description="the family's canonical name for it: Read, get_issue, the MCP tool's own")
    server: str = Field(default="", description="the MCP server as the tool's name has it, where family is mcp")
    gives: str = Field(description="what the bot gives for it, or why nothing: one sentence for people and model")


class Offers(BaseModel):
    """What there is for agents here, by the operator's settings and for the issue at hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: bool = Field(default=False, description="a repository is planned")
    web_domains: tuple[str, ...] = Field(default=(), description="hosts that web tools may read; empty: no web")
    code: bool = Field(default=False, description="Anthropic's sandboxed code execution")
    servers: frozenset[str] = Field(default=frozenset(), description="MCP servers of the operator's `.mcp.json`")


class Row(NamedTuple):
    """Tools that are treated alike: what they give, and what they say where they give nothing."""

    tools: tuple[str, ...]
    family: FamilyName
    gives: str
    otherwise: str = ""


REPOSITORY_TOOLS = ("Glob", "Grep", "LS", "Read", "NotebookRead")
TRACKER_TOOLS = (
    "get_issue",
    "list_issues",
    "list_my_issues",
    "list_comments",
    "get_document",
    "list_documents",
    "get_project",
    "list_projects",
    "get_team",
    "list_teams",
    "get_user",
    "list_users",
    "list_cycles",
    "get_issue_status",
    "list_issue_statuses",
    "list_issue_labels",
    "list_project_labels",
    "search_documentation",
)
RESOURCE_TOOLS = ("ListMcpResourcesTool", "ReadMcpResourceTool")

_WRITES = "The bot writes nothing but the plan: put into it what should be changed."
_TRACKER = "Reads Linear, as far as this issue's readers may see it."
_TRACKER_ODD = {
    "list_my_issues": "Reads the issues of whoever asked for the plan.",
    "search_documentation": "Answers that Linear's manual is not at hand.",
}
_LONGEST_NAME = 128  # of a tool, in the Messages API
_TRACKER_WRITES = "The bot writes to Linear, the model proposes: put it into the plan."
_LIST_ELSEWHERE = "The list of what is being done is kept with TodoWrite."

ROWS = (
    Row(
        REPOSITORY_TOOLS,
        "repository",
        "Reads the planned repository at one commit.",
        "There is no repository to read; name one in needs-plan.toml with `repository`, or allow links to some with "
        "`repositories`.",
    ),
    Row(
        ("WebSearch", "WebFetch"),
        "web",
        "Anthropic's own, for the hosts that `web_domains` in needs-plan.toml names.",
        "The web is switched off; name hosts in needs-plan.toml with `web_domains` to switch it on.",
    ),
    Row(("TodoWrite",), "todo", "The list of what is being done, which people see in the bot's comment."),
    Row(("Task", "Agent"), "task", "A sub-agent with the same reading tools; at most four work at once."),
    Row(("ExitPlanMode",), "plan", "The plan is handed in with submit_plan."),
    Row(
        ("Bash", "BashOutput", "KillShell", "KillBash"),
        "code",
        "Never a shell: Anthropic's sandboxed code execution, which sees neither network nor repository.",
        "Never a shell here; `allow_code` in needs-plan.toml gives Anthropic's sandboxed code execution instead.",
    ),
    Row(("Write", "Edit", "MultiEdit", "NotebookEdit"), "refused", _WRITES),
    Row(("AskUserQuestion",), "refused", "Nobody answers while the plan is written: put open questions into it."),
    Row(
        RESOURCE_TOOLS,
        "mcp",
        "Reads the resources of the MCP servers in the operator's `.mcp.json`.",
        "There is no MCP server: needs-plan.toml names no file with `mcp`.",
    ),
    Row(("TaskCreate", "TaskUpdate", "TaskList", "TaskGet", "TodoRead"), "unmapped", _LIST_ELSEWHERE),
    Row(("TaskOutput", "TaskStop", "AgentOutputTool"), "unmapped", "Sub-agents answer when they are done, with Task."),
)
"""The table of built-in tools, in the order in which an agent that names no tools gets them."""

ALSO = {"ListMcpResources": "ListMcpResourcesTool", "ReadMcpResource": "ReadMcpResourceTool"}
"""Other spellings, and the canonical names they stand for."""

_BY_NAME = {
    written.casefold(): (ALSO.get(written, written), row)
    for row in ROWS
    for written in (*row.tools, *ALSO)
    if ALSO.get(written, written) in row.tools
}

# What people and plugins call Linear's MCP server.
_LINEAR = re.compile(r"(?:.*[_-])?linear(?:[_-]?(?:app|server|mcp|mcp[_-]server))?", re.IGNORECASE)
_TRACKER_WRITE = re.compile(
    r"(?:create|update|delete|save|add|remove|archive|set|edit|move|merge|resolve|assign)(?:_.*)?", re.IGNORECASE
)


def map_tool(name: str, offers: Offers) -> Mapped:
    """What one tool name of a definition maps to.

    A name that nobody knows is `unmapped`, and one that is not to be had here `refused`; `gives` says why.
    `mcp__linear` alone maps to `tracker` without a name: `tools_of` makes all its tools of it.
    """
    tool, bracket, inside = name.strip().partition("(")
    tool = tool.strip()[:_LONGEST_NAME]
    mapped = _mcp(tool, offers) if tool.startswith("mcp__") else _own(tool, offers)
    if bracket and inside.rstrip(") ") and mapped.family not in ("refused", "unmapped", "plan"):
        return mapped.model_copy(update={"gives": f"{mapped.gives} The limit in brackets is not kept to."})
    return mapped


def tools_of(agent: Agent, offers: Offers) -> tuple[Mapped, ...]:
    """What each tool of the agent maps to, in its order; one that names none gets all that only read.

    The tools of `disallowedTools` are taken away, a whole server's by `mcp__server`.
    """
    named = _all(offers) if agent.tools is None else agent.tools
    if "*" in agent.disallowed:
        return ()
    disallowed = tuple(_plain(name) for name in agent.disallowed)
    found: dict[str, Mapped] = {}
    for name in named:
        for mapped in _each(map_tool(name, offers)):
            if not any(_covers(pattern, mapped) for pattern in disallowed):
                found.setdefault(mapped.tool, mapped)
    return tuple(found.values())


def _all(offers: Offers) -> Iterator[str]:
    for row in ROWS:
        wanted = row.tools[:1] if row.family in ("task", "code") else row.tools
        if row.family not in ("refused", "unmapped"):
            yield from (tool for tool in wanted if _is_offered(row.family, offers))
        if row.family == "repository":
            yield "mcp__linear"
    yield from (f"mcp__{_normal(server)}" for server in sorted(offers.servers) if not _LINEAR.fullmatch(server))


def _is_offered(family: FamilyName, offers: Offers) -> bool:
    offered = {
        "repository": offers.repository,
        "web": bool(offers.web_domains),
        "code": offers.code,
        "mcp": bool(offers.servers),
    }
    return offered.get(family, True)


def _own(tool: str, offers: Offers) -> Mapped:
    found = _BY_NAME.get(tool.casefold())
    if found is None:
        near = difflib.get_close_matches(tool.casefold(), _BY_NAME, n=1, cutoff=0.7)
        hint = f" Is {_BY_NAME[near[0]][0]} meant?" if near else ""
        return Mapped(tool=tool, family="unmapped", gives=f"Nobody here knows a tool {tool}.{hint}")
    name, row = found
    if row.family in ("refused", "unmapped"):
        return Mapped(tool=tool, family=row.family, gives=row.gives)
    if _is_offered(row.family, offers):
        return Mapped(tool=tool, family=row.family, name=name, gives=row.gives)
    # A server that is not there is somebody else's to add; the rest the operator has switched off.
    return Mapped(tool=tool, family="unmapped" if row.family == "mcp" else "refused", gives=row.otherwise)


def _mcp(tool: str, offers: Offers) -> Mapped:
    server, name = _split(tool.removeprefix("mcp__"), offers)
    if _LINEAR.fullmatch(server):
        return _tracker(tool, name)
    known = {_normal(each).casefold(): each for each in sorted(offers.servers, reverse=True)}
    if _normal(server).casefold() not in known:
        near = difflib.get_close_matches(_normal(server).casefold(), known, n=1, cutoff=0.7)
        hint = f" Is {known[near[0]]} meant?" if near else ""
        return Mapped(tool=tool, family="unmapped", gives=f"There is no MCP server {server} in `.mcp.json`.{hint}")
    gives = f"A tool of the MCP server {server}, if it is marked as read-only."
    if not name:
        gives = f"All tools of the MCP server {server} that are marked as read-only."
    return Mapped(tool=tool, family="mcp", name=name, server=server, gives=gives)


def _split(rest: str, offers: Offers) -> tuple[str, str]:
    """Server and tool. A server's own name may hold `__`, so those that are there are tried first."""
    for server in sorted(map(_normal, offers.servers), key=len, reverse=True):
        if f"{rest}__".casefold().startswith(f"{server}__".casefold()):
            return rest[: len(server)], rest[len(server) + 2 :].removeprefix("*")
    server, _, name = rest.partition("__")
    return server, name.removeprefix("*")


def _tracker(tool: str, name: str) -> Mapped:
    canonical = name.casefold().replace("-", "_")
    if not name or canonical in TRACKER_TOOLS:
        gives = _TRACKER_ODD.get(canonical, _TRACKER)
        return Mapped(tool=tool, family="tracker", name=canonical if name else "", gives=gives)
    if _TRACKER_WRITE.fullmatch(canonical):
        return Mapped(tool=tool, family="refused", gives=_TRACKER_WRITES)
    near = difflib.get_close_matches(canonical, TRACKER_TOOLS, n=1, cutoff=0.7)
    hint = f" Is {near[0]} meant?" if near else ""
    return Mapped(tool=tool, family="unmapped", gives=f"Linear's tools here have none called {name}.{hint}")


def _each(mapped: Mapped) -> Iterator[Mapped]:
    """Itself; or every tool of Linear's, where the whole server is named."""
    if mapped.family != "tracker" or mapped.name:
        yield mapped
        return
    server = mapped.tool.removesuffix("*").rstrip("_")
    yield from (_tracker(f"{server}__{name}", name) for name in TRACKER_TOOLS)


def _plain(name: str) -> str:
    return name.partition("(")[0].strip().removesuffix("*").rstrip("_").casefold()


def _covers(pattern: str, mapped: Mapped) -> bool:
    tool = mapped.tool.casefold()
    return pattern in (tool, mapped.name.casefold()) or (
        pattern.startswith("mcp__") and tool.startswith(f"{pattern}__")
    )


def _normal(server: str) -> str:
    """A server's name as it stands within a tool's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", server)
