"""Writes what the code knows into the docs: settings, rules, commands, sources, tools. `--check` only compares.

Run as `python -m bot.docs`. A block stands between `<!-- NAME -->` and `<!-- /NAME -->` in a Markdown file.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import typer
from pydantic_core import PydanticUndefined

from bot.__main__ import app
from bot.messages import COMMANDS
from bot.rules import LabelRules, ProjectRules, Rules, TeamRules
from bot.settings import Settings
from bot.sources import sources
from planner.checks import about, checks, name_of
from planner.tools.catalogue import ALSO, ROWS, TRACKER_TOOLS, Offers, map_tool

_FILES = ("docs/settings.md", "docs/architecture.md", "docs/how-to/agents.md", "docs/checks.md", "docs/how-to/talk.md")
_TABLES = (
    ("teams.ENG", TeamRules),
    ('projects."Payments"', ProjectRules),
    ('labels."needs-plan-frontend"', LabelRules),
)
_MEASURED = frozenset({"corpus"})
_BLOCK = re.compile(r"(<!-- (?P<name>[a-z-]+) -->\n).*?(\n<!-- /(?P=name) -->)", re.DOTALL)


def blocks() -> dict[str, str]:
    """Each generated block by its name, as Markdown."""
    return {
        "settings": _settings(),
        "rules": _rules(),
        "commands": _commands(),
        "sources": _sources(),
        "tools": _tools(),
        "checks": _checks(),
        "talk": _table(("comment", "the bot will"), [*COMMANDS]),
    }


def filled(text: str) -> str:
    """`text` with its blocks as the code has them now. Raises KeyError for a block nobody generates."""
    made = blocks()

    def fill(match: re.Match[str]) -> str:
        # What is measured stands as `make bench` wrote it; a test holds it against the corpora.
        return match[0] if match["name"] in _MEASURED else f"{match[1]}{made[match['name']]}{match[3]}"

    return _BLOCK.sub(fill, text)


def main() -> None:
    """Write the files, or with `--check` exit 1 and name those that are out of date."""
    root = Path(__file__).resolve().parent.parent
    stale: list[str] = []
    for name in _FILES:
        path = root / name
        before = path.read_text(encoding="utf-8")
        after = filled(before)
        if before == after:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run `python -m bot.docs`", file=sys.stderr)
        sys.exit(1)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _settings() -> str:
    rows: list[tuple[str, ...]] = []
    for field in Settings.model_fields.values():
        if field.alias is None:
            continue
        default = "" if field.default is None else f"`{field.default}`"
        rows.append((f"`{field.alias}`", default, field.description or ""))
    return _table(("name", "default", "meaning"), rows)


def _rules() -> str:
    rows: list[tuple[str, ...]] = []
    for name, field in Rules.model_fields.items():
        if name in {"teams", "projects", "labels"}:
            continue  # tables: they come below, as they must in the file
        rows.append((f"`{'teams' if name == 'served' else name}`", _toml(field.default), field.description or ""))
    for name, model in _TABLES:
        words = (model.__doc__ or "").partition("`: ")[2]
        rows.append((f"`[{name}]`", "", f"{words[:1].upper()}{words[1:]}"))
        rows += [
            (f"`{key}`", _toml(field.default), field.description or "") for key, field in model.model_fields.items()
        ]
    return _table(("key", "default", "meaning"), rows)


def _toml(value: object) -> str:
    """A default as the file would have it; nothing where there is none."""
    if value is None or value is PydanticUndefined:
        return ""
    return f"`{json.dumps(value)}`"


def _tools() -> str:
    """The map from tool names to what the bot gives, and what it says where that is not to be had."""
    rows: list[tuple[str, ...]] = []
    for row in ROWS:
        names = [*row.tools, *(also for also, tool in ALSO.items() if tool in row.tools)]
        rows.append((", ".join(f"`{name}`" for name in names), row.family, row.gives, row.otherwise))
    reads = ", ".join(f"`{name}`" for name in TRACKER_TOOLS)
    for names, example in (
        (f"`mcp__Linear__` or `mcp__linear__` with {reads}", "mcp__linear__get_issue"),
        ("the same with `create_*`, `update_*`, `delete_*`", "mcp__linear__create_issue"),
        ("`mcp__<server>__<tool>`, for instance `mcp__figma__get_code`", "mcp__figma__get_code"),
        ("`mcp__<server>`, for instance `mcp__figma`", "mcp__figma"),
        ("anything else, for instance `Teleport`", "Teleport"),
    ):
        there, not_there = map_tool(example, Offers(servers=frozenset({"figma"}))), map_tool(example, Offers())
        rows.append((names, there.family, there.gives, "" if there == not_there else not_there.gives))
    return _table(("names in definitions", "family", "what the bot gives", "where it is not to be had"), rows)


def _checks() -> str:
    """Every check with its line, and its rules as a list."""
    parts: list[str] = []
    for check in checks():
        needs = " *(infra)*" if check.NEEDS else ""
        rules = "\n".join(
            f"- `{name_of(check)}/{name}`{' (warning)' if rule.level == 'warning' else ''}: {rule.says}"
            for name, rule in check.RULES.items()
        )
        parts.append(f"### {name_of(check)}{needs}\n\n{about(check)}\n\n{rules}")
    return "\n\n".join(parts)


def _commands() -> str:
    group = typer.main.get_command(app)
    context = typer.Context(group)
    rows: list[tuple[str, ...]] = []
    for name in group.list_commands(context):  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType] - a click group
        command = group.get_command(context, name)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        options = " ".join(
            f"`{parameter.opts[0]}`"  # pyright: ignore[reportUnknownMemberType]
            for parameter in command.params  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if parameter.opts[0].startswith("--")  # pyright: ignore[reportUnknownMemberType]
        )
        rows.append((f"`needs-plan {name}`", str(command.help), options))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return _table(("command", "does", "options"), rows)


def _sources() -> str:
    rows = [
        (f"`bot/sources/{source.__name__.rsplit('.', 1)[-1]}.py`", source.__doc__.removesuffix(" No I/O."))
        for source in sources()
    ]
    return _table(("file", "what it brings into the brief"), rows)


if __name__ == "__main__":
    main()
