"""Agent files as people have them, also those that strict YAML refuses."""

from __future__ import annotations

from typing import Any

import pytest

from planner.agent import DEFAULT_AGENT, AgentInvalid, builtin, parse

FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": (
        "---\nname: reviewer\ndescription: Reviews code.\ntools: Read, Grep\nmodel: sonnet\ncolor: red\n---\n\nGo.\n",
        {"name": "reviewer", "description": "Reviews code.", "tools": ("Read", "Grep"), "model": "sonnet"},
    ),
    "no tools": ("---\nname: a\n---\nx", {"tools": None, "model": ""}),
    "empty tools": ("---\nname: a\ntools:\n---\nx", {"tools": ()}),
    "yaml list": ("---\nname: a\ntools:\n  - Read\n  - mcp__linear__get_issue\n---\nx", {
        "tools": ("Read", "mcp__linear__get_issue"),
    }),
    "flow list": ('---\nname: a\ntools: [Read, "Grep"]\n---\nx', {"tools": ("Read", "Grep")}),
    "tools with arguments": ("---\nname: a\ntools: Bash(git log:*, git diff:*), Read\n---\nx", {
        "tools": ("Bash(git log:*, git diff:*)", "Read"),
    }),
    "the same tool twice": ("---\nname: a\ntools: Read, Read\n---\nx", {"tools": ("Read",)}),
    "colons and quotes": (
        '---\nname: a\ndescription: Use it when: "x" fails, e.g.: never\n---\nx',
        {"description": 'Use it when: "x" fails, e.g.: never'},
    ),
    "escapes and examples": (
        '---\nname: a\ndescription: Use it.\\n\\n<example>\\nuser: "hi: there"\\n</example>\nmodel: opus\n---\nx',
        {"description": 'Use it.\n\n<example>\nuser: "hi: there"\n</example>', "model": "opus"},
    ),
    "description over lines": (
        "---\nname: a\ndescription: Use it.\n\nuser: hello\nassistant: I plan\n<example>\ntools: Read\n---\nx",
        {"description": "Use it.\n\nuser: hello\nassistant: I plan\n<example>", "tools": ("Read",)},
    ),
    "folded block": ("---\nname: a\ndescription: >\n  one\n  two\n---\nx", {"description": "one two"}),
    "literal block": ("---\nname: a\ndescription: |-\n  one\n    two\n---\nx", {"description": "one\n  two"}),
    "quoted": ('---\nname: \'it\'\'s\'\ndescription: "a \\"b\\"\\n"\n---\nx', {
        "name": "it's",
        "description": 'a "b"\n',
    }),
    "unknown keys": ("---\nname: a\nteam: platform\nmaxTurns: 5\n---\nx", {
        "other": (("team", "platform"), ("maxTurns", "5")),
    }),
    "windows lines and mark": ("\ufeff---\r\nname: a\r\nmodel: haiku\r\n---\r\nx\r\n", {
        "model": "haiku",
        "prompt": "x",
    }),
    "rules in the prompt": ("---\nname: a\n---\nx\n\n---\n\ny: z", {"prompt": "x\n\n---\n\ny: z"}),
    "no front matter": ("You plan.", {"name": "stem", "prompt": "You plan."}),
    "comment in front matter": ("---\nname: a\n# model: opus\ntools: Read\n---\nx", {"tools": ("Read",), "model": ""}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FILES.values(), ids=FILES.keys())
def test_files_load(text: str, expected: dict[str, Any]) -> None:
    agent = parse(text, "stem")
    assert {key: getattr(agent, key) for key in expected} == expected


UNUSABLE = {
    "no name": ("---\nmodel: opus\n---\nx", "no name"),
    "no prompt": ("---\nname: a\n---\n  \n", "no prompt"),
    "nothing": ("", "no name"),
}


@pytest.mark.parametrize(("text", "says"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_files_that_are_none(text: str, says: str) -> None:
    with pytest.raises(AgentInvalid, match=says):
        parse(text)


MODELS = {
    "setting wins": ("sonnet", "haiku", "claude-haiku-5-5"),
    "alias of the file": ("sonnet", None, "claude-sonnet-5-5"),
    "inherit": ("inherit", None, "claude-opus-5-5"),
    "nothing said": ("", None, "claude-opus-5-5"),
    "an id": ("claude-fable-5-1", None, "claude-fable-5-1"),
}


@pytest.mark.parametrize(("own", "setting", "chosen"), MODELS.values(), ids=MODELS.keys())
def test_which_model(own: str, setting: str | None, chosen: str) -> None:
    assert parse(f"---\nname: a\nmodel: {own}\n---\nx").choose_model(setting) == chosen


def test_the_built_in_agent() -> None:
    agent = builtin()
    assert agent.name == DEFAULT_AGENT
    assert agent.tools is not None
    assert {"Read", "Grep", "ExitPlanMode"} <= set(agent.tools)
    assert agent.other == ()
    for section in ("Executive Summary", "Architecture Diagram", "Technical Specifications", "Implementation Phases"):
        assert section in agent.prompt


@pytest.mark.parametrize("name", ["nobody", "../agent", "", "a/b"], ids=repr)
def test_no_other_file_is_read(name: str) -> None:
    with pytest.raises(AgentInvalid, match="no built-in agent"):
        builtin(name)


@pytest.mark.parametrize(
    "text", ["---\n" * 50_000, "---\na" + ":" * 500_000, "(" * 500_000], ids=["rules", "colons", "open"]
)
def test_hostile_files_end(text: str) -> None:
    parse("---\nname: a\ntools: " + text[:100_000] + "\n---\nx", "a")
