"""Reads DynamoDB tables as CreateTable takes them. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from planner.notation import Loaded, NotationError, Path, items, load, mapping
from planner.postgres import Column, Table


class Given(NamedTuple):
    """A table's definition and where it stands."""

    value: dict[str, Any]
    at: Path


def definitions(value: object) -> Iterator[Given]:
    """Every table of a document: one alone, a list of them, or named ones."""
    if isinstance(value, list):
        for number, each in enumerate(items(cast("object", value))):
            yield from (Given(inner.value, (number, *inner.at)) for inner in definitions(each))
        return
    table = mapping(value)
    if "KeySchema" in table:
        yield Given(table, ())
    elif "Resources" not in table:
        for key, each in table.items():
            if "KeySchema" in mapping(each):
                yield Given(mapping(each), (key,))


def tables_in(text: str) -> list[Table]:
    """The tables of a document with the attributes they name; none where it cannot be read."""
    try:
        loaded: Loaded = load(text, "json" if text.lstrip()[:1] in {"{", "["} else "yaml")
    except NotationError:
        return []
    found: list[Table] = []
    for document, value in enumerate(loaded.documents):
        for each in definitions(value):
            line = loaded.line(each.at, document)
            attributes = [mapping(one) for one in items(each.value.get("AttributeDefinitions"))]
            columns = tuple(
                Column(str(one.get("AttributeName", "")), str(one.get("AttributeType", "")), line) for one in attributes
            )
            found.append(Table(str(each.value.get("TableName", "")), columns, line))
    return found
