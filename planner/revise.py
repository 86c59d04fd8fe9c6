"""Mends a submitted plan one block at a time, so that a repair sends one block and not the plan. No I/O.

Works on what was submitted, whether it is a valid plan or not. A block is a field (`summary`, `api`, `phases`), or one
item of a list by its id or key (`phases.export-job`, `artefacts.A2`, `api.O3`, `database.T1`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from planner.blocks import LISTS, items_in, name_of
from planner.model import JsonObject
from planner.plan import Plan

TEXTS = tuple(name for name, field in Plan.model_fields.items() if field.annotation is str)
"""Blocks whose content is plain text; the content of all others is JSON."""

ITEMS = tuple(LISTS)
"""Fields whose items are blocks of their own."""

_MOST_CHARS = 200_000
_DEEPEST = 30
_SHOWN = 60


def blocks(raw: Mapping[str, object]) -> list[str]:
    """What can be revised of a submitted plan: its fields, and the items that have a name of their own."""
    found = list(Plan.model_fields)
    for field in ITEMS:
        names = [name_of(item) for item in items_in(raw, field) or ()]
        found += [f"{field}.{name}" for name in names if name and names.count(name) == 1]
    return found


def revise(raw: JsonObject, block: str, content: str) -> JsonObject | str:
    """The plan with one block replaced; or why not, as half a sentence for the model.

    `content` is the text of a text block, else the JSON of the block; of an artefact that is there, its text alone
    will do. An item that is not there is appended; empty content takes an item away, or a field that plans do not
    have. Nothing else changes, and `raw` itself never does.
    """
    block = block.strip()
    field, _, name = block.partition(".")
    if len(content) > _MOST_CHARS:
        return f"the content of {_shown(block)} is longer than {_MOST_CHARS:,} characters"
    if field not in Plan.model_fields:
        if block in raw and not content.strip():
            return {key: value for key, value in raw.items() if key != block}
        known = ", ".join(Plan.model_fields)
        return f'there is no block "{_shown(block)}"; blocks are {known}, or one item of {", ".join(ITEMS)}'
    if name:
        return _item(raw, field, name, content)
    if field in TEXTS:
        return {**raw, field: content}
    value = _read(content)
    return f"the content of {field} {value}" if isinstance(value, str) else {**raw, field: value[0]}


def _item(raw: JsonObject, field: str, name: str, content: str) -> JsonObject | str:
    items = items_in(raw, field) if field in LISTS else None
    if items is None:
        return f"{field} is revised as a whole; only items of {', '.join(ITEMS)} are blocks of their own"
    at = [number for number, item in enumerate(items) if name_of(item) == name]
    if len(at) > 1:
        return f'{len(at)} items of {field} are called "{_shown(name)}"; revise {field} as a whole'
    if not content.strip():
        if not at:
            return f'there is no "{_shown(name)}" in {field} to take away'
        return _with(raw, field, [*items[: at[0]], *items[at[0] + 1 :]])
    old = items[at[0]] if at else None
    new = _new_item(field, name, content, old)
    if isinstance(new, str):
        return new
    return _with(raw, field, [*items[: at[0]], new, *items[at[0] + 1 :]] if at else [*items, new])


def _new_item(field: str, name: str, content: str, old: JsonValue) -> JsonObject | str:
    value = _read(content)
    read = None if isinstance(value, str) else value[0]
    if field == "artefacts" and isinstance(old, dict) and read != old:
        # The text alone: models leave the frame away, and quoting a contract inside JSON invites slips.
        framed = isinstance(read, dict) and not {"kind", "content"}.isdisjoint(read)
        if not framed and not _looks_framed(content):
            return {**old, "content": content}
    if isinstance(value, str):
        return f"the content of {field}.{_shown(name)} {value}"
    if not isinstance(read, dict):
        return f"the content of {field}.{_shown(name)} must be one JSON object"
    called = "key" if field == "phases" else "id"
    if called not in read:
        return {called: name, **read} if old is None or called in cast("JsonObject", old) else read
    if old is None and read[called] != name:
        return (
            f'the block is {field}.{_shown(name)}, but its content has another {called}: "{_shown(str(read[called]))}"'
        )
    return read


def _looks_framed(content: str) -> bool:
    # An artefact as JSON that is broken is told so, rather than shown as its text.
    return re.match(r'\s*(```(json)?\s*)?\{\s*"(id|kind|title|section|content)"', content) is not None


def _with(raw: JsonObject, field: str, items: list[JsonValue]) -> JsonObject:
    inner = LISTS[field]
    return {**raw, field: {**cast("JsonObject", raw[field]), inner: items} if inner else items}


def _read(content: str) -> tuple[JsonValue] | str:
    """The JSON of a block, in a tuple of one; or what is wrong with it."""
    text = _FENCE.sub(r"\1", content.strip())
    try:
        value = cast("JsonValue", json.loads(text, parse_constant=_no_constant))
    except RecursionError:
        return "is nested too deeply"
    except ValueError as error:
        return f"is no JSON: {str(error)[:_SHOWN]}"
    return "is nested too deeply" if _depth(value) > _DEEPEST else (value,)


_FENCE = re.compile(r"\A```(?:json)?\n(.*)\n```\Z", re.DOTALL)


def _no_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is no JSON value")


def _depth(value: JsonValue) -> int:
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        depth += 1
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [child for children in inner for child in children]
    return depth


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
