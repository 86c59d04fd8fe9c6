"""One door each: what the import contracts cannot say is read from the syntax trees of the product here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "linear", "planner")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# What is reached for -> the files and folders that may. Unlike [tool.importlinter], this sees attributes that are read,
# and imports inside functions and strings given to import_module.
DOORS = {
    # linear/introspect is a program of its own for developers (`make schema`); the bot never imports it.
    "os.environ": ("bot/settings.py", "linear/introspect.py"),
    "os.getenv": ("bot/settings.py",),
    "os.putenv": (),
    "anthropic": ("planner/claude.py", "planner/claude_clients.py", "planner/claude_errors.py"),
    "dbos": ("bot/engine/",),
    "gql": ("linear/",),
    "graphql": ("linear/", "planner/checks/graphql.py"),
    "httpx": (),
    "requests": (),
    "pickle": (),
}


def reached(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each dotted name that `tree` imports or reads off an imported module, with its line."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}", node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield f"{names[node.value.id]}.{node.attr}", node.lineno
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"}:
                yield str(node.args[0].value), node.lineno


def trespasses(path: str, source: str) -> list[str]:
    """What the file at `path` reaches for and may not, one line each."""
    found: set[str] = set()
    for name, line in reached(ast.parse(source)):
        for door, allowed in DOORS.items():
            if (name == door or name.startswith(f"{door}.")) and not path.startswith(allowed or ("-",)):
                found.add(f"{path}:{line} reaches for {door}")
    return sorted(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_file_keeps_to_the_doors(path: Path) -> None:
    assert trespasses(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) == []


TABLE = {
    "read": ("bot/app.py", "import os\nos.environ['A']", 1),
    "read under another name": ("bot/app.py", "import os as o\no.environ.get('A')", 1),
    "getenv": ("planner/claude.py", "from os import getenv", 1),
    "environ by name": ("linear/client.py", "from os import environ as e", 1),
    "the door itself": ("bot/settings.py", "import os\nos.environ['A']", 0),
    "another use of os": ("bot/app.py", "import os\nos.getpid()", 0),
    "anthropic in the bot": ("bot/app.py", "import anthropic", 1),
    "anthropic in a function": ("planner/author.py", "def f():\n    from anthropic import types", 1),
    "anthropic at its door": ("planner/claude.py", "import anthropic.types", 0),
    "dbos in the engine": ("bot/engine/launch.py", "from dbos import DBOS", 0),
    "dbos beside it": ("bot/engineering.py", "from dbos import DBOS", 1),
    "gql in linear": ("linear/transport.py", "import gql", 0),
    "gql in planner": ("planner/tools.py", "import gql", 1),
    "httpx": ("linear/auth.py", "import httpx", 1),
    "httpx2": ("linear/auth.py", "import httpx2", 0),
    "by its name as text": ("bot/app.py", "import importlib\nimportlib.import_module('httpx')", 1),
}


@pytest.mark.parametrize(("path", "source", "count"), TABLE.values(), ids=TABLE.keys())
def test_the_reader_sees(path: str, source: str, count: int) -> None:
    assert len(trespasses(path, source)) == count


def test_the_product_was_found() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(PACKAGES)
