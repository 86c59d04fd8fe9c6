"""Every tool name that agent definitions use, and what it maps to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from planner.agent import Agent, builtin, parse
from planner.toolbox import Toolbox
from planner.tools.catalogue import ROWS, TRACKER_TOOLS, Mapped, Offers, map_tool, tools_of

NOTHING = Offers()
ALL = Offers(
    repository=True,
    web_domains=("docs.aws.amazon.com",),
    code=True,
    servers=frozenset({"figma", "puppeteer", "My Docs"}),
)


def table() -> Iterator[tuple[str, str, str]]:
    """A tool name, and `family:name` with everything on offer."""
    for name in ("Glob", "Grep", "LS", "Read", "NotebookRead"):
        yield name, f"repository:{name}", "planned repository"
    for name in ("WebSearch", "WebFetch"):
        yield name, f"web:{name}", "web_domains"
    for name in ("Bash", "BashOutput", "KillShell", "KillBash"):
        yield name, f"code:{name}", "Never a shell"
    for name in ("Write", "Edit", "MultiEdit", "NotebookEdit"):
        yield name, "refused:", "writes nothing but the plan"
    for name in TRACKER_TOOLS:
        yield f"mcp__Linear__{name}", f"tracker:{name}", ""
        yield f"mcp__linear__{name}", f"tracker:{name}", ""
    for name in ("create_issue", "update_issue", "create_comment", "update_project", "delete_comment", "save_issue"):
        yield f"mcp__Linear__{name}", "refused:", "the model proposes"
    yield "TodoWrite", "todo:TodoWrite", "people see"
    yield "Task", "task:Task", "sub-agent"
    yield "Agent", "task:Agent", "sub-agent"
    yield "ExitPlanMode", "plan:ExitPlanMode", "submit_plan"
    yield "AskUserQuestion", "refused:", "open questions"
    yield "ListMcpResourcesTool", "mcp:ListMcpResourcesTool", "resources"
    yield "ListMcpResources", "mcp:ListMcpResourcesTool", "resources"
    yield "ReadMcpResourceTool", "mcp:ReadMcpResourceTool", "resources"
    yield "ReadMcpResource", "mcp:ReadMcpResourceTool", "resources"
    yield "mcp__figma__get_design_context", "mcp:get_design_context", "A tool of the MCP server figma"
    yield "mcp__figma", "mcp:", "All tools of the MCP server figma"
    yield "mcp__figma__*", "mcp:", "All tools of the MCP server figma"
    yield "mcp__puppeteer__puppeteer_screenshot", "mcp:puppeteer_screenshot", "server puppeteer"
    yield "mcp__My_Docs__search__all", "mcp:search__all", "server My_Docs"
    yield "mcp__linear-server__get_issue", "tracker:get_issue", "Reads Linear"
    yield "mcp__claude_ai_Linear__list-issues", "tracker:list_issues", "Reads Linear"
    yield "mcp__LINEAR__search_documentation", "tracker:search_documentation", "not at hand"
    yield "mcp__linear__get_isue", "unmapped:", "none called get_isue. Is get_issue meant?"
    yield "mcp__linear__dance", "unmapped:", "none called dance."
    yield "mcp__figmma__get_code", "unmapped:", "no MCP server figmma in `.mcp.json`. Is figma meant?"
    yield "mcp__slack__post", "unmapped:", "no MCP server slack in `.mcp.json`."
    yield "mcp__bilinear__get_issue", "unmapped:", "no MCP server bilinear"
    yield "TaskCreate", "unmapped:", "TodoWrite"
    yield "Raed", "unmapped:", "Nobody here knows a tool Raed. Is Read meant?"
    yield "Teleport", "unmapped:", "Nobody here knows a tool Teleport."
    yield "read", "repository:Read", "planned repository"
    yield "", "unmapped:", "Nobody here knows"
    yield "mcp__", "unmapped:", "no MCP server"


TABLE = tuple(table())


@pytest.mark.parametrize(("name", "outcome", "says"), TABLE, ids=[row[0] or "nothing" for row in TABLE])
def test_every_name_maps(name: str, outcome: str, says: str) -> None:
    mapped = map_tool(name, ALL)
    assert f"{mapped.family}:{mapped.name}" == outcome
    assert mapped.tool == name
    assert says in mapped.gives
    assert mapped.gives.endswith((".", "?"))


OFF = {
    "no repository": ("Read", "refused", "`repository`"),
    "no web": ("WebSearch", "refused", "`web_domains`"),
    "no code": ("Bash", "refused", "`allow_code`"),
    "no server": ("mcp__figma__get_code", "unmapped", "There is no MCP server figma in `.mcp.json`."),
    "no resources": ("ListMcpResourcesTool", "unmapped", "`mcp`"),
    "linear is always there": ("mcp__linear__get_issue", "tracker", "Reads Linear"),
    "sub-agents are always there": ("Task", "task", "sub-agent"),
}


@pytest.mark.parametrize(("name", "family", "says"), OFF.values(), ids=OFF.keys())
def test_what_is_switched_off_says_how_to_switch_it_on(name: str, family: str, says: str) -> None:
    mapped = map_tool(name, NOTHING)
    assert (mapped.family, mapped.name if family in ("refused", "unmapped") else "") == (family, "")
    assert says in mapped.gives


@pytest.mark.parametrize(
    ("written", "tool", "note"),
    [
        ("Bash(git log:*, git diff:*)", "Bash", True),
        ("WebFetch(domain:example.com)", "WebFetch", True),
        ("Task()", "Task", False),
        ("Write(docs/**)", "Write", False),
        (" Read ", "Read", False),
    ],
)
def test_what_stands_in_brackets_is_said_not_to_count(written: str, tool: str, note: bool) -> None:
    mapped = map_tool(written, ALL)
    assert mapped.tool == tool
    assert ("The limit in brackets is not kept to." in mapped.gives) is note


def test_a_server_is_called_as_the_definition_spells_it() -> None:
    assert map_tool("mcp__FIGMA__get", ALL).server == "FIGMA"
    assert map_tool("mcp__My_Docs__get", ALL).server == "My_Docs"


def agent(tools: str | None, disallowed: str = "") -> Agent:
    lines = ["name: a"]
    lines += [] if tools is None else [f"tools: {tools}"]
    lines += [f"disallowedTools: {disallowed}"] if disallowed else []
    return parse("---\n" + "\n".join(lines) + "\n---\nGo.")


def names(mapped: tuple[Mapped, ...]) -> list[str]:
    return [each.tool for each in mapped]


READING = [f"mcp__linear__{name}" for name in TRACKER_TOOLS]


@pytest.mark.parametrize("tools", [None, '"*"', "All tools", "Read, *"])
def test_an_agent_that_names_no_tools_gets_all_that_only_read(tools: str | None) -> None:
    assert names(tools_of(agent(tools), NOTHING)) == [*READING, "TodoWrite", "Task", "ExitPlanMode"]
    everything = tools_of(agent(tools), ALL)
    assert names(everything) == [
        *("Glob", "Grep", "LS", "Read", "NotebookRead"),
        *READING,
        *("WebSearch", "WebFetch", "TodoWrite", "Task", "ExitPlanMode", "Bash"),
        *("ListMcpResourcesTool", "ReadMcpResourceTool", "mcp__My_Docs", "mcp__figma", "mcp__puppeteer"),
    ]
    assert {each.family for each in everything}.isdisjoint({"refused", "unmapped"})


def test_an_agent_without_tools_gets_none() -> None:
    assert tools_of(agent("[]"), ALL) == ()


def test_a_definition_keeps_its_order_and_spelling() -> None:
    mapped = tools_of(agent("Grep, Read, mcp__Linear__get_issue, Nope, Bash(ls), Bash(cat), Read"), NOTHING)
    assert names(mapped) == ["Grep", "Read", "mcp__Linear__get_issue", "Nope", "Bash"]


@pytest.mark.parametrize("server", ["mcp__linear", "mcp__linear__*", "mcp__Linear"])
def test_linear_alone_is_all_its_reading_tools(server: str) -> None:
    mapped = tools_of(agent(server), NOTHING)
    assert [each.name for each in mapped] == list(TRACKER_TOOLS)
    assert {each.tool.partition("__get")[0] for each in mapped if "__get" in each.tool} == {
        server.removesuffix("*").rstrip("_")
    }


def test_a_server_of_the_operators_called_linear_does_not_get_around_the_bot() -> None:
    offers = Offers(servers=frozenset({"linear"}))
    assert map_tool("mcp__linear__get_issue", offers).family == "tracker"
    assert map_tool("mcp__linear__create_issue", offers).family == "refused"
    assert "mcp__linear" not in names(tools_of(agent(None), offers))


DISALLOWED = {
    "a tool": ("Read, Grep", "Grep", ["Read"]),
    "with brackets": ("Read, Bash", "Bash(rm:*)", ["Read"]),
    "a whole server": ("Read, mcp__figma__a, mcp__figma__b", "mcp__figma", ["Read"]),
    "everything": ("Read, Nope, mcp__figma", '"*"', []),
    "another server": ("mcp__figma__a", "mcp__fig", ["mcp__figma__a"]),
    "one of Linear's": ("mcp__linear__get_user, mcp__linear__get_team", "mcp__linear__get_user", [
        "mcp__linear__get_team",
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("tools", "without", "left"), DISALLOWED.values(), ids=DISALLOWED.keys())
def test_disallowed_tools_are_taken_away(tools: str, without: str, left: list[str]) -> None:
    assert names(tools_of(agent(tools, without), ALL)) == left


def test_the_built_in_agent_uses_only_tools_that_are_known() -> None:
    assert {each.family for each in tools_of(builtin(), ALL)} == {
        *("repository", "web", "todo", "task", "plan", "tracker", "mcp")
    }


def test_no_tool_stands_in_two_rows() -> None:
    written = [tool for row in ROWS for tool in row.tools]
    assert len(written) == len(set(written))


async def test_the_toolbox_tells_the_model_the_reasons() -> None:
    async def never(*_: object) -> None:
        raise AssertionError

    mapped = tools_of(agent("Read, Write, Bash, Telepathy, mcp__figma__x, TodoWrite"), NOTHING)
    toolbox = Toolbox(mapped, {}, on_todos=never, on_task=never)  # pyright: ignore[reportArgumentType] - never called
    reasons = dict(toolbox.absent())
    assert set(reasons) == {"Read", "Write", "Bash", "Telepathy", "mcp__figma__x"}
    assert [tool["name"] for tool in toolbox.declared()] == ["TodoWrite"]
