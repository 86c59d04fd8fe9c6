"""Says in words where in an OpenAPI document something stands. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from planner.notation import Path, items, mapping
from planner.openapi import METHODS
from planner.openapi.parts import GROUPS

_MOST_TAIL = 5
_MOST_CHARS = 60


def place_of(document: Mapping[str, Any], at: Path) -> str:
    """A place: "`info`", "the parameter `limit` of `GET /orders`", "`properties.id` in the schema `Order`"."""
    match at:
        case ():
            return "the document"
        case ("paths" | "webhooks", str(), *_):
            return _of_path(document, at)
        case ("components", str(group), str(name), *rest) if group in GROUPS:
            return _within(tuple(rest), f"the {GROUPS[group]} {shown(name)}")
        case _:
            return f"`{_dotted(at)}`"


def _of_path(document: Mapping[str, Any], at: Path) -> str:
    section, path, *more = at
    rest = tuple(more)
    holder = f"the {'path' if section == 'paths' else 'webhook'} {shown(path)}"
    if rest and rest[0] in METHODS:
        method = str(rest[0]).upper()
        holder = shown(f"{method} {path}") if section == "paths" else f"{method} of {holder}"
        rest = rest[1:]
    match rest:
        case ("parameters", int(number), *tail):
            listed = items(_value(document, at[: len(at) - len(tail) - 1]))
            name = mapping(listed[number] if number < len(listed) else None).get("name")
            which = f"the parameter {shown(name)}" if isinstance(name, str) else f"parameter {number + 1}"
            return _within(tuple(tail), f"{which} of {holder}")
        case ("responses", str(code), *tail):
            return _within(tuple(tail), f"the response {shown(code)} of {holder}")
        case ("requestBody", *tail):
            return _within(tuple(tail), f"the request body of {holder}")
        case _:
            return _within(rest, holder)


def _value(document: object, at: Path) -> object:
    for part in at:
        if isinstance(part, int):
            listed = items(document)
            document = listed[part] if part < len(listed) else None
        else:
            document = mapping(document).get(part)
    return document


def _within(tail: Path, holder: str) -> str:
    return f"`{_dotted(tail)}` in {holder}" if tail else holder


def _dotted(at: Path) -> str:
    """The last names of a path: `content.application/json.schema`, `parameters[2].name`."""
    cut = at[-_MOST_TAIL:]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in cut).removeprefix(".")
    text = text if len(cut) == len(at) else f"...{text}"
    return text.replace("`", "'")[: 2 * _MOST_CHARS]


def shown(value: object) -> str:
    """A value as a message names it, in backticks and short."""
    text = " ".join(_start(value)[: 4 * _MOST_CHARS].split()).replace("`", "'")
    return f"`{text if len(text) <= _MOST_CHARS else f'{text[: _MOST_CHARS - 3]}...'}`"


def _start(value: object) -> str:
    if isinstance(value, str):
        return value
    text = ""
    for piece in json.JSONEncoder(default=str, ensure_ascii=False).iterencode(value):
        text += piece
        if len(text) > _MOST_CHARS:
            break
    return text


def sentence(text: str) -> str:
    """A clause with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."
