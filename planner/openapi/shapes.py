"""Finds schemas that say less, or other, than their writer meant. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from typing import cast

from planner.notation import Path, items, mapping
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.parts import Part
from planner.openapi.places import sentence, shown
from planner.openapi.pointers import NowhereError, found_at


def faults_of_shapes(anatomy: Anatomy) -> Iterator[Fault]:
    """Properties that are required and not there, arrays of nothing, bounds that cross, `nullable` where it is gone."""
    extended = _extended(anatomy)
    for part in anatomy.schemas:
        yield from _required(anatomy, part, extended)
        yield from _array(anatomy, part)
        yield from _bounds(anatomy, part)
        if not anatomy.legacy and isinstance(part.value.get("nullable"), bool):
            said = sentence(f"`nullable` says nothing any more since 3.1, in {anatomy.place(part.at)}")
            kind = part.value.get("type")
            hint = f"Write `type: [{kind}, 'null']`." if isinstance(kind, str) else "Use the type `'null'`."
            yield Fault("nullable", (*part.at, "nullable"), said, hint, token=anatomy.place(part.at))


_ELSEWHERE = frozenset(
    {"allOf", "anyOf", "oneOf", "$ref", "$dynamicRef", "if", "patternProperties", "dependentSchemas"}
)
"""Beside these, a property may be declared in another schema."""

_PIECES = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas"})


def _extended(anatomy: Anatomy) -> dict[Path, set[str]]:
    """Schemas that are a piece of another one, with the names of all properties that the other one has."""
    extended: dict[Path, set[str]] = {}
    for part in anatomy.schemas:
        pieces = [mapping(each) for key in ("allOf", "anyOf", "oneOf") for each in items(part.value.get(key))]
        if not pieces:
            continue
        names = {
            name for each in (part.value, *pieces) for name in mapping((anatomy.meant(each) or {}).get("properties"))
        }
        for each in pieces:
            if isinstance(each.get("$ref"), str):
                with suppress(NowhereError):
                    extended.setdefault(found_at(anatomy.document, each["$ref"])[0], set()).update(names)
    return extended


def _required(anatomy: Anatomy, part: Part, extended: Mapping[Path, set[str]]) -> Iterator[Fault]:
    required, properties = items(part.value.get("required")), part.value.get("properties")
    more = part.value.get("additionalProperties")
    if not isinstance(properties, dict) or part.value.keys() & _ELSEWHERE or more is True or isinstance(more, dict):
        return
    # A property may itself be called `allOf`; then a fault goes unseen, which is the better mistake.
    if any(each in _PIECES for each in part.at):
        return
    there = mapping(part.value["properties"])
    for number, name in enumerate(required):
        if isinstance(name, str) and name not in there and name not in extended.get(part.at, ()):
            said = sentence(f"{anatomy.place(part.at)} requires {shown(name)}, which is not among its properties")
            hint = partial(_property, name, [*there][:300])
            at = (*part.at, "required", number)
            yield Fault("required", at, said, hint, token=shown(name), kin=str(part.at))


def _property(name: str, there: list[str]) -> str:
    near = get_close_matches(name[:100], [each[:100] for each in there], n=1)
    return f"Did you mean {shown(near[0])}?" if near else f"Add {shown(name)}, or do not require it."


def _array(anatomy: Anatomy, part: Part) -> Iterator[Fault]:
    if part.value.get("type") != "array" or part.value.keys() & {"items", "prefixItems", "$ref"}:
        return
    composed = part.value.keys() & {"allOf", "anyOf", "oneOf", "contains", "unevaluatedItems", "const", "enum"}
    if composed and not anatomy.legacy:
        return
    said = sentence(f"{anatomy.place(part.at)} is an array and does not say of what")
    # JSON Schema, which 3.1 takes over, lets an array hold anything; hardly anyone means it.
    yield Fault("array-items", part.at, said, "Give it `items`.", token=anatomy.place(part.at), mild=not anatomy.legacy)


_BOUNDS = (
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)


def _bounds(anatomy: Anatomy, part: Part) -> Iterator[Fault]:
    for low, high in _BOUNDS:
        least, most = part.value.get(low), part.value.get(high)
        if _is_number(least) and _is_number(most) and cast("float", least) > cast("float", most):
            said = sentence(f"nothing fits {anatomy.place(part.at)}: its `{low}` is above its `{high}`")
            yield Fault("bounds", (*part.at, low), said, "Let the smaller one be the lower bound.", token=f"`{low}`")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
