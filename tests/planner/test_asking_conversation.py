"""Asking people, as a conversation with Claude: the terms it is told, what is told back, and the same on replay."""

from __future__ import annotations

from planner.agent import builtin
from planner.asking_back import ASK_PEOPLE
from planner.author import plan_tools, system_prompt


def test_the_terms_are_told_only_where_the_tool_is_declared() -> None:
    bare, asking = system_prompt(builtin(), "TOOLS"), system_prompt(builtin(), "TOOLS", may_ask=True)
    assert ASK_PEOPLE not in bare
    assert ASK_PEOPLE in asking
    assert asking.endswith("TOOLS")
    told = asking.removesuffix("TOOLS").removeprefix(bare.removesuffix("TOOLS"))
    assert told.startswith("- One other answer is open to you"), "all else is the same"
    assert [tool["name"] for tool in plan_tools([], may_ask=True) if tool["name"] == ASK_PEOPLE] == [ASK_PEOPLE]
