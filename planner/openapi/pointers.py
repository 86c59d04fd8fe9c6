"""Follows references within a document. Nothing is ever fetched or opened. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from planner.notation import Path, items, mapping


class NowhereError(LookupError):
    """The reference leads nowhere in this document."""


def found_at(document: Mapping[str, Any], to: str) -> tuple[Path, object]:
    """Where a local reference (`#/...`) leads, and what stands there. Raises `NowhereError`."""
    if not to.startswith("#"):
        raise NowhereError(to)
    node = cast("object", document)
    at: Path = ()
    pointer = to[1:]
    if pointer and not pointer.startswith("/"):
        raise NowhereError(to)
    for part in pointer.split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if key in mapping(node):
            node, at = mapping(node)[key], (*at, key)
        elif key.isdecimal() and key.isascii() and len(key) < _DIGITS and int(key) < len(items(node)):
            node, at = items(node)[int(key)], (*at, int(key))
        else:
            raise NowhereError(to)
    return at, node


_DIGITS = 9


def pointer(*names: str) -> str:
    """The reference to a place: `#/components/schemas/Order`."""
    return "#/" + "/".join(name.replace("~", "~0").replace("/", "~1") for name in names)
