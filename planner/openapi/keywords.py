"""Holds each keyword of a schema of OpenAPI 3.1 and later against JSON Schema 2020-12. No I/O.

The specification's own schema leaves these out, and JSON Schema's own schema of itself takes longer and says less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from planner.notation import Path, mapping
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.places import sentence, shown

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def faults_of_keywords(anatomy: Anatomy) -> Iterator[Fault]:
    """Keywords with a value that they cannot have."""
    for part in anatomy.schemas:
        for key, value in part.value.items():
            at = (*part.at, key)
            if key == "type":
                yield from _type(anatomy, at, value)
            elif key in _WANTED and not _WANTED[key].fits(value):
                yield _unfit(anatomy, at, f"should be {_WANTED[key].says}, not {shown(value)}", hint_of(key, value))
            elif key in _MAPS:
                for name, each in mapping(value).items():
                    if not _is_schema(each):
                        yield _unfit(anatomy, (*at, name), f"should be a schema, not {shown(each)}", hint_of(key, each))


def _unfit(anatomy: Anatomy, at: Path, clause: str, hint: str) -> Fault:
    said = sentence(f"{anatomy.place(at)} {clause}")
    return Fault("schema", at, said, hint, token=anatomy.place(at), kin=f"{at[-1]} {clause}")


def _type(anatomy: Anatomy, at: Path, value: object) -> Iterator[Fault]:
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    for each in listed:
        if each not in TYPES:
            yield _unfit(anatomy, at, f"should be one of {', '.join(TYPES)}, not {shown(each)}", hint_of("type", each))
            return
    if not listed:
        yield _unfit(anatomy, at, "names no type", "Name one, or leave it out.")


# --- what each keyword takes -----------------------------------------------------------------------------------------


class _Wanted(NamedTuple):
    fits: Callable[[object], bool]
    says: str


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_above_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: object) -> bool:
    whole = (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )
    return whole and cast("float", value) >= 0


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[object]", value))


def _are_schemas(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(map(_is_schema, cast("list[object]", value)))


_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_WANTED: Mapping[str, _Wanted] = {
    **dict.fromkeys(
        (
            "$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "title", "description",
            "format", "pattern", "contentEncoding", "contentMediaType",
        ),
        _Wanted(_is_text, "a text"),
    ),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _Wanted(_is_number, "a number")),
    "multipleOf": _Wanted(_is_above_zero, "a number above zero"),
    **dict.fromkeys(
        (
            "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties", "maxContains",
            "minContains",
        ),
        _Wanted(_is_count, "a whole number, zero or above"),
    ),
    **dict.fromkeys(
        ("uniqueItems", "deprecated", "readOnly", "writeOnly"),
        _Wanted(_is_flag, "true or false"),
    ),
    "required": _Wanted(_are_names, "a list of property names"),
    **dict.fromkeys(("enum", "examples"), _Wanted(_is_list, "a list")),
    **dict.fromkeys(
        (
            "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
            "unevaluatedItems", "unevaluatedProperties", "contentSchema",
        ),
        _Wanted(_is_schema, "a schema"),
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _Wanted(_are_schemas, "a list of schemas, not empty")),
    **dict.fromkeys(
        (*_MAPS, "dependentRequired", "discriminator", "xml", "externalDocs"), _Wanted(_is_map, "a mapping")
    ),
}  # fmt: skip


# --- what to do ------------------------------------------------------------------------------------------------------

_SHORT = {
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "bigint": "integer",
    "float": "number", "double": "number", "decimal": "number", "str": "string", "text": "string", "bool": "boolean",
    "dict": "object", "map": "object", "json": "object", "list": "array", "null": "null", "none": "null",
}  # fmt: skip
_FORMATS = frozenset(
    {"date", "date-time", "time", "uuid", "email", "uri", "binary", "byte", "hostname", "ipv4", "ipv6"}
)
_ALIKE = {"datetime": "date-time", "timestamp": "date-time", "url": "uri", "file": "binary", "guid": "uuid"}


def hint_of(keyword: str, value: object, *, legacy: bool = False) -> str:
    """What to write where a keyword has a value that it cannot have; empty where that is plain."""
    if keyword == "type" and isinstance(value, list):
        several = "In 3.0 write one type, and `nullable: true` beside it; or begin with `openapi: 3.1.0`."
        return several if legacy else ""
    if keyword == "type" and isinstance(value, str):
        return _of_type(value.casefold(), legacy=legacy)
    hints = (
        (
            keyword == "required" and isinstance(value, bool),
            "In a schema, `required` is a list that stands beside `properties`.",
        ),
        (
            keyword in {"exclusiveMinimum", "exclusiveMaximum"} and isinstance(value, bool) and not legacy,
            "Since 3.1 it is the bound itself: a number.",
        ),
        (
            keyword in {"exclusiveMinimum", "exclusiveMaximum"} and not isinstance(value, bool) and legacy,
            "In 3.0 it is `true` or `false`, beside the bound.",
        ),
        (keyword == "items" and isinstance(value, list), "A tuple is written with `prefixItems`, from 3.1 on."),
        (isinstance(value, str) and value in TYPES, f"Write `type: {value}` below it."),
    )
    return next((hint for holds, hint in hints if holds), "")


def _of_type(name: str, *, legacy: bool) -> str:
    form = _ALIKE.get(name, name)
    if name == "null" and legacy:
        return "In 3.0 write `nullable: true` beside the other type."
    if form in _FORMATS:
        return f"Write `type: string` with `format: {form}`."
    if name in _SHORT:
        return f"Write `type: {_SHORT[name]}`."
    return "Leave `type` out where anything fits." if name == "any" else ""
