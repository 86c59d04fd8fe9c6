"""What the blocks of a submitted plan are called, so that faults and repairs speak of the same ones. No I/O.

Works on what was submitted, whether it is a valid plan or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

LISTS = {
    "requirements": "",
    "services": "",
    "api": "operations",
    "database": "tables",
    "phases": "",
    "tests": "",
    "artefacts": "",
}
"""The fields whose items have names, each with the list inside it; empty where the field itself is the list."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def block_at(raw: object, loc: Sequence[int | str]) -> str:
    """The block that a place in a submitted plan belongs to: a field, or one item of a list as `phases.<key>`.

    An item is named by its id or key; where it has none, or shares it, the whole field is the block.
    """
    if not loc:
        return ""
    field, inner = str(loc[0]), loc[1:]
    if LISTS.get(field) and inner[:1] == (LISTS[field],):
        inner = inner[1:]
    items = items_in(raw, field) if field in LISTS else None
    if not inner or not isinstance(inner[0], int) or items is None or inner[0] >= len(items):
        return field
    name = name_of(items[inner[0]])
    return f"{field}.{name}" if name and [name_of(item) for item in items].count(name) == 1 else field


def items_in(raw: object, field: str) -> list[JsonValue] | None:
    """The items that `field` of a submitted plan holds, named or not; None where it holds no list."""
    given = cast("Mapping[str, JsonValue]", raw).get(field) if isinstance(raw, Mapping) else None
    if LISTS[field]:
        given = given.get(LISTS[field]) if isinstance(given, dict) else None
    return given if isinstance(given, list) else None


def name_of(item: object) -> str:
    """The id or key of an item of a submitted plan; empty where it has none that could name it."""
    if not isinstance(item, Mapping):
        return ""
    given = cast("Mapping[str, object]", item)
    name = given.get("id", given.get("key"))
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""
