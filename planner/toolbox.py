"""The tools of one run under the names its agent knows them by: declared in a fixed order, called, and bounded.

Whatever a tool does wrong ends as words for the model, never as a failed run; only outages that pass are raised.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from planner.agent import Agent
from planner.model import JsonObject
from planner.tools import Family, ToolCall, ToolResult, refused
from planner.tools.catalogue import FamilyName, Mapped

log = structlog.get_logger()

CALL_WITHIN_S = 60.0
"""How long one call may take; a sub-agent's is not bounded in time, but in turns and dollars."""

TASKS_AT_ONCE = 4
"""Sub-agents of one run that work at the same time; more wait for their turn."""

_SERVED: tuple[FamilyName, ...] = ("repository", "tracker", "mcp")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class Todo(BaseModel):
    """One line of the list a model keeps of its work."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    content: str = Field(min_length=1, max_length=300)
    status: Literal["pending", "in_progress", "completed"] = "pending"


class _Todos(BaseModel):
    model_config = ConfigDict(extra="ignore")

    todos: list[Todo] = Field(max_length=40)


class Task(BaseModel):
    """What a sub-agent is asked: `prompt` is all it knows; `subagent_type` may name an agent definition."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    description: str = Field(default="", max_length=300)
    prompt: str = Field(min_length=1, max_length=20_000)
    subagent_type: str = Field(default="", max_length=100)


_TODO: JsonObject = {
    "description": (
        "Keep a list of what you are doing, so that people can follow. Give the whole list each time: three to eight "
        "short lines in the language of the issue, one of them in_progress."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "todos": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "content": {"type": "string", "description": "the step, in a few words"},
                        "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                    },
                    "required": ["content", "status"],
                },
            }
        },
        "required": ["todos"],
    },
}
_TASK: JsonObject = {
    "description": (
        "Have a sub-agent look into one question by itself, with the same read-only tools, and report back. It sees "
        "nothing but your prompt: say what to find out, where to look, and what to answer. Use it where several "
        "questions can be looked into at the same time; call it several times in one turn for that. At most "
        f"{TASKS_AT_ONCE} work at once, and what they cost counts towards this plan's budget."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "description": {"type": "string", "description": "the question in three to five words"},
            "prompt": {"type": "string", "description": "all the sub-agent needs to know"},
            "subagent_type": {"type": "string", "description": "name of an agent definition, if one fits; else empty"},
        },
        "required": ["description", "prompt"],
    },
}


class Toolbox:
    """The tools of one run."""

    def __init__(
        self,
        mapped: Sequence[Mapped],
        families: Mapping[FamilyName, Family],
        *,
        server_tools: Sequence[JsonObject] = (),
        unopened: Mapping[FamilyName, str] | None = None,
        passing: tuple[type[Exception], ...] = (),
        on_todos: Callable[[list[Todo]], Awaitable[None]],
        on_task: Callable[[str, Task], Awaitable[ToolResult]],
    ) -> None:
        """`mapped`: the agent's tools. `families`: those that are open for this run; `unopened`: why others are not.

        `passing`: errors of tools that pass by themselves and are raised; any other becomes words for the model.
        `server_tools`: declarations of what the model's service runs itself. `on_todos` shows the model's list;
        `on_task(call id, task)` lets a sub-agent work.
        """
        self._mapped = tuple(mapped)
        self._families = families
        self._server_tools = tuple(server_tools)
        self._unopened = unopened or {}
        self._passing = passing
        self._on_todos = on_todos
        self._on_task = on_task
        self._tasks = asyncio.Semaphore(TASKS_AT_ONCE)
        self._routes: dict[str, tuple[Family, str]] = {}
        self._own: dict[str, Literal["todo", "task"]] = {}
        self._declared = self._declare()

    def declared(self, *, for_task: bool = False) -> list[JsonObject]:
        """What a conversation declares, sorted by name; a sub-agent gets neither sub-agents nor the list."""
        kept = [tool for tool in self._declared if not (for_task and str(tool["name"]) in self._own)]
        return sorted(kept, key=lambda tool: str(tool["name"]))

    def absent(self) -> list[tuple[str, str]]:
        """Tools the agent's definition names that are not there, each with the reason, for the model to read."""
        there = {str(tool["name"]) for tool in self._declared}
        known: dict[FamilyName, str] = {"plan": "hand the plan in with submit_plan.", **self._unopened}
        found = [
            (each.tool, known.get(each.family, each.gives))
            for each in self._mapped
            if each.tool not in there and each.family not in ("web", "code") and not _is_server(each, there)
        ]
        return list(dict.fromkeys(found))

    async def call(self, call: ToolCall, *, for_task: bool = False) -> ToolResult:
        """Answer one call. Raises only what passes by itself and is worth waiting for.

        `for_task`: a sub-agent calls, which starts no others and keeps no list.
        """
        if call.name in self._own and for_task:
            return refused(f"{call.name} is not there for a sub-agent.")
        if call.name in self._own:
            return await (self._todo(call) if self._own[call.name] == "todo" else self._task(call))
        route = self._routes.get(call.name)
        if route is None:
            return refused(self._why_not(call.name), gap=self._gap(call.name))
        family, name = route
        try:
            async with asyncio.timeout(CALL_WITHIN_S):
                return _writable(await family.call(name, call.arguments))
        except TimeoutError:
            return refused(f"{call.name} took longer than {CALL_WITHIN_S:.0f} seconds and was stopped. Ask for less.")
        except self._passing:
            raise
        except Exception as error:
            log.exception("tool.broken", tool=name)
            return refused(f"{call.name} failed by a fault of the program ({type(error).__name__}). Go on without it.")

    def _declare(self) -> list[JsonObject]:
        declared: dict[str, JsonObject] = {str(tool["name"]): tool for tool in self._server_tools}
        serves = {
            name: {str(tool["name"]): tool for tool in family.definitions()} for name, family in self._families.items()
        }
        for each in self._mapped:
            if each.family == "todo" and _NAME.fullmatch(each.tool):
                declared[each.tool] = {"name": each.tool, **_TODO}
                self._own[each.tool] = "todo"
            elif each.family == "task" and _NAME.fullmatch(each.tool):
                declared[each.tool] = {"name": each.tool, **_TASK}
                self._own[each.tool] = "task"
            elif each.family == "mcp" and each.family in serves and not each.name:
                # `mcp__figma` alone means all that this server offers.
                prefix = f"mcp__{each.server}__"
                for name, tool in serves["mcp"].items():
                    if name.startswith(prefix):
                        self._route(declared, name, each.family, name, tool)
            elif each.family in _SERVED and each.family in serves:
                own = f"mcp__{each.server}__{each.name}" if each.server and each.family == "mcp" else each.name
                tool = serves[each.family].get(own)
                if tool is not None and _NAME.fullmatch(each.tool):
                    self._route(declared, each.tool, each.family, own, tool)
        return list(declared.values())

    def _route(
        self, declared: dict[str, JsonObject], name: str, family: FamilyName, own: str, tool: JsonObject
    ) -> None:
        declared[name] = {**tool, "name": name}
        self._routes[name] = (self._families[family], own)

    def _gap(self, name: str) -> str:
        """For the appendix, where a tool should be there and could not be opened."""
        return next((self._unopened.get(each.family, "") for each in self._mapped if each.tool == name), "")

    def _why_not(self, name: str) -> str:
        reasons = dict(self.absent())
        if name in reasons:
            return f"{name} is not there: {reasons[name]}"
        there = ", ".join(str(tool["name"]) for tool in self.declared())
        return f"There is no tool {name} here. There are: {there or 'none but submit_plan'}."

    async def _todo(self, call: ToolCall) -> ToolResult:
        try:
            todos = _Todos.model_validate(call.arguments).todos
        except ValidationError as error:
            return refused(f"The list was not taken: {_first(error)}")
        await self._on_todos(todos)
        return ToolResult(text="Noted; people see it.", is_error=False)

    async def _task(self, call: ToolCall) -> ToolResult:
        try:
            task = Task.model_validate(call.arguments)
        except ValidationError as error:
            return refused(f"The sub-agent was not started: {_first(error)}")
        async with self._tasks:
            return await self._on_task(call.id, task)


def _writable(result: ToolResult) -> ToolResult:
    """Without halves of characters, which no encoding can write."""
    text = result.text.encode("utf-8", "replace").decode()
    return result if text == result.text else result.model_copy(update={"text": text})


def _is_server(mapped: Mapped, there: set[str]) -> bool:
    """Whether it names a whole MCP server, some of whose tools are there."""
    return mapped.family == "mcp" and not mapped.name and any(name.startswith(f"{mapped.tool}__") for name in there)


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg'][0].lower()}{first['msg'][1:]}."


def tools_section(toolbox: Toolbox, agents: Sequence[Agent] = ()) -> str:
    """What the system prompt says of tools beyond their declarations: which are missing and why."""
    lines = [f"- {name}: {reason}" for name, reason in toolbox.absent()]
    text = ""
    if lines:
        text += "\n# Tools of your instructions that are not there\n\n" + "\n".join(lines) + "\n"
    named = [each.name for each in agents]
    if named and any(tool.get("name") in {"Task", "Agent"} for tool in toolbox.declared()):
        text += f"\nAgent definitions that a sub-agent may work by: {', '.join(sorted(named))}.\n"
    return text
