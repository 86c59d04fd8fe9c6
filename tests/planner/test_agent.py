"""Agent files as people have them, also those that strict YAML refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.agent import DEFAULT_AGENT, Agent, AgentInvalid, builtin, builtins, parse, slug
from planner.tools.catalogue import Offers, tools_of

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
    "blanks between tools": ("---\nname: a\ntools: Read Grep  Bash(git log:*, git diff:*)\n---\nx", {
        "tools": ("Read", "Grep", "Bash(git log:*, git diff:*)"),
    }),
    "a blank before a bracket": ("---\nname: a\ntools: Bash (git log:*)\n---\nx", {"tools": ("Bash(git log:*)",)}),
    "all tools": ("---\nname: a\ntools: All tools\n---\nx", {"tools": None}),
    "a star": ('---\nname: a\ntools: "*"\n---\nx', {"tools": None}),
    "a star in a list": ("---\nname: a\ntools:\n- Read\n- '*'\n---\nx", {"tools": None}),
    "an empty list": ("---\nname: a\ntools: []\n---\nx", {"tools": ()}),
    "a list over lines": ("---\nname: a\ntools: [\n  Read,\n  Grep,\n]\n---\nx", {"tools": ("Read", "Grep")}),
    "a list that is not indented": ("---\nname: a\ntools:\n- Read\n\n-  Grep\n---\nx", {"tools": ("Read", "Grep")}),
    "disallowed tools": ("---\nname: a\ndisallowedTools: Bash, Write\n---\nx", {
        "tools": None,
        "disallowed": ("Bash", "Write"),
        "other": (),
    }),
    "remarks": ('---\nname: "a # b"\ntools: Read # why not\nmodel: opus\t# best\ncolor: "#fff"\n---\nx', {
        "name": "a # b",
        "tools": ("Read",),
        "model": "opus",
    }),
    "numbers in a description": ("---\nname: a\ndescription: Fixes #42 # really\n---\nx", {
        "description": "Fixes #42 # really",
    }),
    "a heading in a block": ("---\nname: a\ndescription: |\n  # When\n  Now.\n# remark\n---\nx", {
        "description": "# When\nNow.",
    }),
    "dots at the end": ("---\nname: a\n...\nx", {"prompt": "x"}),
    "never closed": ("---\nname: a\nx", {"name": "stem", "prompt": "---\nname: a\nx"}),
    "a name over lines": ('---\nname: "a\\nb"\n---\nx', {"name": "a b"}),
    "hidden letters in a name": ("---\nname: a\u200b\u202eb\n---\nx", {"name": "ab"}),
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
    "more tools than there are": (
        f"---\nname: a\ntools: {' '.join(f't{number}' for number in range(301))}\n---\nx",
        "more than 300 tools",
    ),
    "a name that is none": (f"---\nname: {'a b ' * 30}\n---\nx", "longer than 80 characters"),
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
    "capital letters": ("Sonnet", None, "claude-sonnet-5-5"),
    "default": ("default", None, "claude-opus-5-5"),
    "a longer context": ("sonnet[1m]", None, "claude-sonnet-5-5"),
    "opus while planning": ("opusplan", None, "claude-opus-5-5"),
    "an id in its own letters": ("us.Anthropic.x-v1:0", None, "us.Anthropic.x-v1:0"),
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


def test_what_is_built_in() -> None:
    assert [agent.name for agent in builtins()] == sorted(agent.name for agent in builtins())
    assert DEFAULT_AGENT in {agent.name for agent in builtins()}


@pytest.mark.parametrize("name", ["nobody", "../agent", "", "a/b"], ids=repr)
def test_no_other_file_is_read(name: str) -> None:
    with pytest.raises(AgentInvalid, match="no built-in agent"):
        builtin(name)


@pytest.mark.parametrize(
    "text",
    [
        "---\n" * 50_000,
        "---\na" + ":" * 500_000,
        "(" * 500_000,
        " " * 100_000 + "x",
        "(" + " (" * 50_000,
        "# " * 50_000,
    ],
    ids=["rules", "colons", "open", "blanks", "open with blanks", "remarks"],
)
def test_hostile_files_end(text: str) -> None:
    parse("---\nname: a\ntools: " + text[:100_000] + "\n---\nx", "a")


@pytest.mark.parametrize("name", ["security-reviewer", "Security Reviewer", "security_reviewer ", "SECURITY--REVIEWER"])
def test_names_are_compared_without_their_spelling(name: str) -> None:
    assert slug(name) == "security-reviewer"


# --- whole files, as people have them --------------------------------------------------------------------------------

FOLDER = Path(__file__).with_name("agent_files")
PATHS = sorted(FOLDER.glob("*.md"))
REFUSED_BY_YAML = {
    "api-designer",
    "everything",
    "figma-engineer",
    "incident-commander",
    "over-lines",
    "uebersetzer",
    "windows-admin",
}
OFFERS = Offers(repository=True, web_domains=("x.org",), servers=frozenset({"figma"}))

# Name, model, tools by family in their order, keys that mean nothing here, beginning of the prompt.
WHOLE: dict[str, tuple[str, str, list[str], list[str], str]] = {
    "api-designer": (
        "api-designer",
        "claude-opus-5-5",
        [*["repository"] * 4, "web", "todo", "tracker", "tracker"],
        [],
        "You design HTTP APIs",
    ),
    "data-modeller": (
        "Data Modeller",
        "claude-opus-5-5",
        ["repository"] * 4,
        ["team", "maxTurns", "permissionMode"],
        "# Data modeller",
    ),
    "everything": (
        "everything",
        "claude-opus-5-5",
        [*["repository"] * 5, *["tracker"] * 17, "web", "web", "todo", "task", "plan", "mcp", "mcp", "mcp"],
        [],
        "You do what is asked.",
    ),
    "figma-engineer": (
        "figma-engineer",
        "claude-sonnet-5-5",
        ["repository", "repository", "mcp", "unmapped", "mcp", "mcp"],
        ["hooks", "mcpServers"],
        "Open the design",
    ),
    "incident-commander": (
        "incident-commander",
        "claude-opus-5-5",
        [*["repository"] * 5, *["tracker"] * 18, "web", "web", "todo", "task", "plan", "mcp", "mcp", "mcp"],
        [],
        "You ask what changed.",
    ),
    "over-lines": ("over-lines", "claude-haiku-5-5", ["repository", "repository", "tracker"], [], "You go on."),
    "pinned": ("pinned", "claude-fable-5-1", ["repository"] * 3, [], "You plan migrations"),
    "plain-prompt": (
        "plain-prompt",
        "claude-opus-5-5",
        [*["repository"] * 5, *["tracker"] * 18, "web", "web", "todo", "task", "plan", "mcp", "mcp", "mcp"],
        [],
        "You are a careful reviewer of database migrations.\n\n---\n\nBelow",
    ),
    "researcher": (
        "researcher",
        "claude-opus-5-5",
        [*["repository"] * 5, *["tracker"] * 18, "web", "web", "todo", "task", "plan", "mcp", "mcp", "mcp"],
        [],
        "You answer one question.",
    ),
    "security-reviewer": (
        "security-reviewer",
        "claude-sonnet-5-5",
        [*["repository"] * 3, "refused", "tracker"],
        [],
        "You look for what an attacker",
    ),
    "time-traveller": (
        "time-traveller",
        "claude-opus-5-5",
        ["repository", "unmapped", "unmapped", "unmapped", "refused", "repository", "unmapped"],
        [],
        "You remember tomorrow.",
    ),
    "uebersetzer": ("übersetzer", "claude-opus-5-5", ["repository", "web"], [], "Du überträgst."),
    "windows-admin": (
        "windows-admin",
        "claude-haiku-5-5",
        ["repository", "refused", "refused", "refused"],
        [],
        "You keep servers running.\n\nLine two.",
    ),
}


def whole(path: Path) -> Agent:
    return parse(path.read_bytes().decode(), path.stem)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_whole_files_load(path: Path) -> None:
    agent = whole(path)
    name, model, families, keys, prompt = WHOLE[path.stem]
    assert agent.name == name
    assert agent.choose_model() == model
    assert [tool.family for tool in tools_of(agent, OFFERS)] == families
    assert [key for key, _ in agent.other] == keys
    assert agent.prompt.startswith(prompt)
    assert "\r" not in agent.prompt + agent.description


def test_no_whole_file_is_forgotten() -> None:
    assert {path.stem for path in PATHS} == set(WHOLE)
    assert len(PATHS) >= 10


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_strict_yaml_refuses_those_it_is_said_to_refuse(path: Path) -> None:
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    front = text.split("---\n")[1] if text.startswith("---") else ""
    if path.stem in REFUSED_BY_YAML:
        with pytest.raises(yaml.YAMLError):
            yaml.safe_load(front)
    else:
        yaml.safe_load(front)


def test_examples_in_a_description_stay_whole() -> None:
    agent = whole(FOLDER / "api-designer.md")
    assert agent.description.endswith('deprecate, measure, remove"\n</example>')
    assert '\nuser: "How do we retire v1?"\n' in agent.description
    assert whole(FOLDER / "security-reviewer.md").description.splitlines()[0].endswith('"assume breach".')
