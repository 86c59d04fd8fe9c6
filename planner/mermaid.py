"""Reads Mermaid diagrams with the engine that is installed: `merman`, or `mmdr` where that has no wheel. No I/O."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple, cast

from planner.notation import items as listed
from planner.notation import mapping

MOST_CHARS = 50_000
_MOST_LINES_TRIED = 300
_NESTED = re.compile(r"[\[({]{12}")


class Node(NamedTuple):
    """A part of a diagram. `shape` is a flowchart's word for it, `cylinder` for one; else what kind of part it is."""

    id: str
    label: str
    shape: str


class Diagram(NamedTuple):
    """A diagram that can be drawn. `kind`: `flowchart`, `sequence`, `er`, `class`, `state`, ... as the engine says."""

    kind: str
    nodes: tuple[Node, ...]


class MermaidFault(ValueError):
    """It cannot be drawn. `reason` is the engine's; `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read(text: str) -> Diagram:
    """The diagram's parts. Raises `MermaidFault`."""
    reason = fault_in(text)
    if reason:
        raise MermaidFault(reason, _line_of(text))
    model = _model(text)
    return Diagram(str(model.get("type", "")).removesuffix("-v2"), tuple(_nodes(model)))


def fault_in(text: str) -> str:
    """Why a diagram cannot be drawn, in the engine's words; empty where it can."""
    if len(text) > MOST_CHARS or _NESTED.search(text):
        return "it is larger or nested deeper than can be drawn"
    return _engine_fault(text)


@cache
def _merman() -> Any | None:
    if find_spec("merman") is None:
        return None
    import merman  # noqa: PLC0415 - not installed everywhere

    return merman


@cache
def _reader() -> Any:
    engine = _merman()
    return engine.Merman() if engine is not None else None


def _engine_fault(text: str) -> str:
    """The one place that knows which engine there is. `mmdr` is the same engine under another name and face."""
    if _merman() is not None:
        result = _reader().validate(text, None)
        return "" if result.valid else str(result.error or "it cannot be read")
    import mmdr  # noqa: PLC0415 - only where the other is not # pyright: ignore[reportMissingImports] - as is this

    try:
        mmdr.render_svg(text)  # pyright: ignore[reportUnknownMemberType]
    except Exception as error:  # noqa: BLE001 - its own error, by whatever name
        return str(error) or "it cannot be read"
    return ""


def _model(text: str) -> dict[str, Any]:
    if _merman() is None:
        return {}  # `mmdr` gives no model: what compares parts of a plan has nothing to compare
    try:
        model = json.loads(_reader().parse_json(text, None))
    except Exception:  # noqa: BLE001 - it can be drawn; only its parts are not known
        return {}
    return cast("dict[str, Any]", model) if isinstance(model, dict) else {}


def _nodes(model: dict[str, Any]) -> list[Node]:
    found: list[Node] = []
    for key, kind in (
        ("nodes", "node"),
        ("entities", "entity"),
        ("actors", "actor"),
        ("classes", "class"),
        ("services", "service"),
    ):
        given = model.get(key)
        items: list[tuple[str, Any]] = []
        if isinstance(given, dict):
            items = [*cast("dict[str, Any]", given).items()]
        elif isinstance(given, list):
            items = [(str(mapping(each).get("id", "")), each) for each in listed(cast("object", given))]
        for name, each in items:
            part = mapping(each)
            if not part:
                continue
            label = str(part.get("label") or part.get("description") or part.get("title") or name)
            found.append(Node(name, label, str(part.get("shape") or part.get("type") or kind)))
    groups = [group for each in listed(model.get("subgraphs")) if (group := mapping(each))]
    found += [
        Node(str(each.get("id", "")), str(each.get("title") or each.get("id", "")), "subgraph") for each in groups
    ]
    return found


def _line_of(text: str) -> int:
    """The line of a fault: the one without which the diagram can be drawn, else the one the engine names."""
    lines = text.split("\n")
    if len(lines) <= _MOST_LINES_TRIED and len(text) <= MOST_CHARS and _merman() is not None:
        for number in range(1, len(lines)):
            if lines[number].strip() and not _engine_fault("\n".join([*lines[:number], *lines[number + 1 :]])):
                return number + 1
    return _named_line(text)


def _named_line(text: str) -> int:
    if _merman() is None or len(text) > MOST_CHARS:
        return 1
    try:
        found = json.loads(_reader().analyze_json(text, None))["diagnostics"][0]
        last = len(text.rstrip().split("\n"))
        return max(1, min(int(found["span"]["line"]), last))
    except Exception:  # noqa: BLE001 - it names no place
        return 1
