"""What an OpenAPI document says, read as tolerantly as can be: its operations and named schemas. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from planner.notation import Path, mapping

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PARAMETER = re.compile(r"{([^{}/]+)}")


class Operation(NamedTuple):
    """An operation: where it stands, and its object."""

    method: str
    path: str
    at: Path
    value: Mapping[str, Any]


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


def path_parameters(path: str) -> list[str]:
    """The names in a path template."""
    return _PARAMETER.findall(path)


def same_template(path: str) -> str:
    """The path with its parameters' names and a last slash taken away."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"
