"""Takes an OpenAPI document (3.0 to 3.2) apart: each object of the specification with its kind and its place. No I/O.

What stands where is told by the specification's own tables of fields, so that an example or a property that is called
`$ref` is never taken for a reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, cast

from planner.notation import Path, items, mapping
from planner.openapi import METHODS

Kind = Literal[
    "document", "paths", "path item", "operation", "parameter", "request body", "responses", "response", "header",
    "media type", "encoding", "schema", "example", "link", "callback", "server", "components", "security scheme",
]  # fmt: skip
"""The objects of the specification that are told apart, as people call them."""

GROUPS: dict[str, Kind] = {
    "schemas": "schema",
    "responses": "response",
    "parameters": "parameter",
    "examples": "example",
    "requestBodies": "request body",
    "headers": "header",
    "securitySchemes": "security scheme",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "path item",
    "mediaTypes": "media type",
}
"""The fields of `components`, and what they hold by name."""

_Shape = Literal["one", "list", "map"]

_FIELDS: dict[Kind, dict[str, tuple[_Shape, Kind]]] = {
    "document": {
        "paths": ("one", "paths"),
        "webhooks": ("map", "path item"),
        "components": ("one", "components"),
        "servers": ("list", "server"),
    },
    "path item": {
        **dict.fromkeys(METHODS, ("one", "operation")),
        "additionalOperations": ("map", "operation"),
        "parameters": ("list", "parameter"),
        "servers": ("list", "server"),
    },
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "request body"),
        "responses": ("one", "responses"),
        "callbacks": ("map", "callback"),
        "servers": ("list", "server"),
    },
    "parameter": {"schema": ("one", "schema"), "content": ("map", "media type"), "examples": ("map", "example")},
    "header": {"schema": ("one", "schema"), "content": ("map", "media type"), "examples": ("map", "example")},
    "request body": {"content": ("map", "media type")},
    "response": {"headers": ("map", "header"), "content": ("map", "media type"), "links": ("map", "link")},
    "media type": {
        "schema": ("one", "schema"),
        "itemSchema": ("one", "schema"),
        "examples": ("map", "example"),
        "encoding": ("map", "encoding"),
        "prefixEncoding": ("list", "encoding"),
        "itemEncoding": ("one", "encoding"),
    },
    "encoding": {"headers": ("map", "header"), "encoding": ("map", "encoding")},
    "link": {"server": ("one", "server")},
    "components": {group: ("map", kind) for group, kind in GROUPS.items()},
    "schema": {
        **dict.fromkeys(
            (
                "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
                "unevaluatedItems", "unevaluatedProperties", "contentSchema",
            ),
            ("one", "schema"),
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ("list", "schema")),
        **dict.fromkeys(("properties", "patternProperties", "$defs", "dependentSchemas"), ("map", "schema")),
    },
}  # fmt: skip
_NAMED: dict[Kind, Kind] = {"paths": "path item", "responses": "response", "callback": "path item"}
"""Objects whose fields are names, all of one kind, but for extensions."""


class Part(NamedTuple):
    """An object of the document. Where `reference` is not empty it stands for another one."""

    kind: Kind
    at: Path
    value: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """Its `$ref`; empty where it has none."""
        to = self.value.get("$ref")
        return to if isinstance(to, str) else ""


def parts_of(document: Mapping[str, Any]) -> Iterator[Part]:
    """Every object, the outer ones first, in the order of the document."""
    stack = [Part("document", (), document)]
    while stack:
        part = stack.pop()
        yield part
        # Beside the reference of a schema or a path item other fields may stand, and count.
        if not part.reference or part.kind in {"schema", "path item"}:
            stack += reversed([*_inner(part)])


def _inner(part: Part) -> Iterator[Part]:
    if part.kind in _NAMED:
        for name, value in part.value.items():
            if isinstance(value, dict) and not name.startswith("x-"):
                yield Part(_NAMED[part.kind], (*part.at, name), cast("dict[str, Any]", value))
        return
    fields = _FIELDS.get(part.kind, {})
    for field, value in part.value.items():
        if field not in fields:
            continue
        shape, kind = fields[field]
        at = (*part.at, field)
        if shape == "one":
            inner: list[tuple[Path, Any]] = [(at, value)]
        elif shape == "list":
            inner = [((*at, number), each) for number, each in enumerate(items(value))]
        else:
            inner = [((*at, name), each) for name, each in mapping(value).items()]
        for place, each in inner:
            if isinstance(each, dict):
                yield Part(kind, place, cast("dict[str, Any]", each))
