"""Writes what the code knows into the docs: settings, rules, commands, sources. `--check` only compares.

Run as `python -m bot.docs`. A block stands between `<!-- NAME -->` and `<!-- /NAME -->` in a Markdown file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import typer

from bot.__main__ import app
from bot.settings import Rules, Settings
from bot.sources import sources

_FILES = ("docs/settings.md", "docs/architecture.md")
_BLOCK = re.compile(r"(<!-- (?P<name>[a-z-]+) -->\n).*?(\n<!-- /(?P=name) -->)", re.DOTALL)


def blocks() -> dict[str, str]:
    """Each generated block by its name, as Markdown."""
    return {"settings": _settings(), "rules": _rules(), "commands": _commands(), "sources": _sources()}


def filled(text: str) -> str:
    """`text` with its blocks as the code has them now. Raises KeyError for a block nobody generates."""
    made = blocks()
    return _BLOCK.sub(lambda match: f"{match[1]}{made[match['name']]}{match[3]}", text)


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
    rows = [
        (f"`{name}`", "" if field.default is None else f"`{field.default}`", field.description or "")
        for name, field in Rules.model_fields.items()
    ]
    return _table(("key", "default", "meaning"), rows)


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
