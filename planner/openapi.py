"""What an OpenAPI document says, read as tolerantly as can be: its operations, schemas and references. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from planner.notation import Path, mapping

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_LITERAL = frozenset({"example", "examples", "default", "enum", "const", "value", "mapping"})
_PARAMETER = re.compile(r"{([^{}/]+)}")


class Operation(NamedTuple):
    """An operation: where it stands, and its object."""

    method: str
    path: str
    at: Path
    value: Mapping[str, Any]


class Reference(NamedTuple):
    """A `$ref` and where it stands."""

    to: str
    at: Path


def operations(value: object) -> Iterator[Operation]:
    """Every operation below `paths`."""
    for path, item in mapping(mapping(value).get("paths")).items():
        for method, operation in mapping(item).items():
            if method in METHODS and isinstance(operation, dict):
                yield Operation(method.upper(), path, ("paths", path, method), cast("dict[str, Any]", operation))


def schemas(value: object) -> dict[str, Mapping[str, Any]]:
    """The named schemas."""
    named = mapping(mapping(mapping(value).get("components")).get("schemas"))
    return {name: cast("dict[str, Any]", schema) for name, schema in named.items() if isinstance(schema, dict)}


def references(value: object) -> Iterator[Reference]:
    """Every `$ref` that is one: not those in examples, nor a property that is called so."""
    for at, each in objects(value):
        to = each.get("$ref")
        if isinstance(to, str) and not (at and at[-1] == "properties"):
            yield Reference(to, at)


def objects(value: object) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every mapping of the document with its place, the outer one first; what examples hold is left out."""
    stack: list[tuple[Path, object]] = [((), value)]
    while stack:
        at, each = stack.pop()
        if isinstance(each, dict):
            found = cast("dict[str, Any]", each)
            yield at, found
            named = bool(at) and at[-1] in {"properties", "schemas", "paths", "patternProperties"}
            inner = [
                ((*at, key), child)
                for key, child in found.items()
                if named or not (key in _LITERAL or key.startswith("x-"))
            ]
            stack += reversed(inner)
        elif isinstance(each, list):
            stack += reversed([((*at, number), child) for number, child in enumerate(cast("list[Any]", each))])


def resolved(document: object, to: str) -> object:
    """What a local reference leads to. Raises KeyError if it leads nowhere."""
    if to in {"#", ""}:
        return document
    node = document
    for part in to.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        if isinstance(node, dict) and key in node:
            node = cast("dict[str, Any]", node)[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(cast("list[Any]", node)):
            node = cast("list[Any]", node)[int(key)]
        else:
            raise KeyError(to)
    return node


def path_parameters(path: str) -> list[str]:
    """The names in a path template."""
    return _PARAMETER.findall(path)


def same_template(path: str) -> str:
    """The path with its parameters' names taken away."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"
