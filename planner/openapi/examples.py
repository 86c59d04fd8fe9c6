"""Holds examples, defaults and enums against the schemas they stand with. No I/O.

Patterns are not tried, as a pattern that someone else wrote may take for ever; nor is `format`, which only describes.
When it is not certain that something does not fit, it fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from planner.notation import Path, items, mapping
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.parts import Part
from planner.openapi.places import sentence, shown

_MOST_STEPS = 20_000
_DEEPEST = 40


def faults_of_examples(anatomy: Anatomy) -> Iterator[Fault]:
    """Examples, defaults and members of enums that do not fit."""
    fitting = _Fitting(anatomy)
    for part in anatomy.parts:
        for at, value, schema, what in _given(anatomy, part):
            misfit = fitting.misfit(value, schema)
            # A text may stand for what cannot be written in JSON or YAML.
            if misfit and not (misfit.spelling and not misfit.at and isinstance(value, str) and "default" not in at):
                said = sentence(f"{what} of {anatomy.place(part.at)} does not fit its schema: {misfit.says}")
                place, token = (*at, *misfit.at), anatomy.place(at)
                yield Fault("example", place, said, "Change one of them.", token=token, mild=misfit.spelling)
        if fitting.steps > _MOST_STEPS:
            return


_Given = tuple[Path, object, Mapping[str, Any], str]


def _given(anatomy: Anatomy, part: Part) -> Iterator[_Given]:
    """The values that a part shows, each with its place and its schema."""
    if part.kind == "schema":
        yield from _of_schema(anatomy, part)
    elif part.kind in {"media type", "parameter", "header"} and not part.reference:
        schema = mapping(part.value.get("schema"))
        # Only what is written as JSON can be held against a schema as it stands.
        if not schema or (part.kind == "media type" and "json" not in str(part.at[-1])):
            return
        if "example" in part.value:
            yield (*part.at, "example"), part.value["example"], schema, "the example"
        for name, each in mapping(part.value.get("examples")).items():
            example = anatomy.meant(mapping(each)) or {}
            for key in ("value", "dataValue"):
                if key in example:
                    own = mapping(each).get(key) is example[key]
                    at = (*part.at, "examples", name)
                    yield (*at, key) if own else at, example[key], schema, f"the example {shown(name)}"


def _of_schema(anatomy: Anatomy, part: Part) -> Iterator[_Given]:
    schema = part.value
    bare = {key: value for key, value in schema.items() if key not in {"enum", "const"}}
    for key in ("example", "default"):
        # In 3.1 and later, a `null` as an example says that there is none.
        if key in schema and schema[key] is not None:
            yield (*part.at, key), schema[key], schema, f"the {key}"
    for number, each in enumerate(items(schema.get("examples"))):
        yield (*part.at, "examples", number), each, schema, "an example"
    if "type" in schema and not anatomy.legacy:
        for number, each in enumerate(items(schema.get("enum"))):
            yield (*part.at, "enum", number), each, bare, "a value in the enum"
    elif "type" in schema:
        for number, each in enumerate(items(schema.get("enum"))):
            if each is not None:
                yield (*part.at, "enum", number), each, bare, "a value in the enum"


# --- whether something fits ------------------------------------------------------------------------------------------


class _Misfit(NamedTuple):
    """Where in a value, and why it does not fit: a clause. `spelling`: it would, with quotes or without them."""

    at: Path
    says: str
    spelling: bool = False


_OF_TYPE: dict[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
}


class _Fitting:
    """Holds values against schemas, as long as the steps last."""

    def __init__(self, anatomy: Anatomy) -> None:
        self._anatomy = anatomy
        self.steps = 0

    def misfit(self, value: object, schema: object, depth: int = 0) -> _Misfit | None:
        """Why a value does not fit a schema; None where it does, or where that is not certain."""
        self.steps += 1
        if schema is False:
            return _Misfit((), "nothing may stand there")
        if not isinstance(schema, dict) or self.steps > _MOST_STEPS or depth > _DEEPEST:
            return None
        given = cast("dict[str, Any]", schema)
        if isinstance(given.get("$ref"), str):
            if self._anatomy.legacy:
                return self._of_target(value, given, depth)
            if misfit := self._of_target(value, given, depth):
                return misfit
        if value is None and given.get("nullable") is True:
            return None
        return (
            self._of_kind(value, given)
            or self._of_bounds(value, given)
            or self._of_object(value, given, depth)
            or self._of_array(value, given, depth)
            or self._of_pieces(value, given, depth)
        )

    def _of_target(self, value: object, schema: Mapping[str, Any], depth: int) -> _Misfit | None:
        meant = self._anatomy.meant({"$ref": schema["$ref"]})
        return self.misfit(value, meant, depth + 1) if meant is not None else None

    def _of_kind(self, value: object, schema: Mapping[str, Any]) -> _Misfit | None:
        kind = schema.get("type")
        kinds = [each for each in (cast("list[Any]", kind) if isinstance(kind, list) else [kind]) if each in _OF_TYPE]
        if kinds and not any(_OF_TYPE[each](value) for each in kinds):
            spelling = (isinstance(value, str) and "string" not in kinds) or (
                isinstance(value, int | float) and "string" in kinds
            )
            return _Misfit((), f"{shown(value)} is not of type {' or '.join(kinds)}", spelling)
        allowed = schema.get("enum")
        if isinstance(allowed, list) and not any(_same(value, each) for each in cast("list[Any]", allowed)):
            return _Misfit((), f"{shown(value)} is not one of {shown(cast('object', allowed))}")
        if "const" in schema and not _same(value, schema["const"]):
            return _Misfit((), f"{shown(value)} is not {shown(schema['const'])}")
        return None

    def _of_bounds(self, value: object, schema: Mapping[str, Any]) -> _Misfit | None:
        measured: tuple[tuple[str, str, float], ...] = ()
        told = shown(value)
        if isinstance(value, str):
            measured = (("minLength", "maxLength", len(value)),)
        elif isinstance(value, list):
            measured = (("minItems", "maxItems", len(cast("list[Any]", value))),)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            measured = (("minimum", "maximum", value),)
        for low, high, size in measured:
            least, most = schema.get(low), schema.get(high)
            if isinstance(least, int | float) and size < least:
                return _Misfit((), f"{told} is below its `{low}`, {least}")
            if isinstance(most, int | float) and size > most:
                return _Misfit((), f"{told} is above its `{high}`, {most}")
        return None

    def _of_object(self, value: object, schema: Mapping[str, Any], depth: int) -> _Misfit | None:
        if not isinstance(value, dict):
            return None
        given, properties = cast("dict[str, Any]", value), mapping(schema.get("properties"))
        for name in items(schema.get("required")):
            # What is only read, or only written, is left out of one of the two.
            own = mapping(self._anatomy.meant(mapping(properties.get(str(name)))))
            if name not in given and not (own.get("readOnly") or own.get("writeOnly")):
                return _Misfit((), f"it lacks {shown(name)}")
        more = schema.get("additionalProperties")
        for name, each in given.items():
            if name in properties:
                misfit = self.misfit(each, properties[name], depth + 1)
            elif "patternProperties" in schema or "$ref" in schema:
                misfit = None
            elif more is False:
                misfit = _Misfit((), f"it may not have {shown(name)}")
            else:
                misfit = self.misfit(each, more, depth + 1)
            if misfit:
                return misfit._replace(at=(name, *misfit.at))
        return None

    def _of_array(self, value: object, schema: Mapping[str, Any], depth: int) -> _Misfit | None:
        if not isinstance(value, list):
            return None
        first = items(schema.get("prefixItems"))
        for number, each in enumerate(cast("list[Any]", value)):
            own = first[number] if number < len(first) else schema.get("items")
            if misfit := self.misfit(each, own, depth + 1):
                return misfit._replace(at=(number, *misfit.at))
            if self.steps > _MOST_STEPS:
                return None
        return None

    def _of_pieces(self, value: object, schema: Mapping[str, Any], depth: int) -> _Misfit | None:
        for each in items(schema.get("allOf")):
            # Whether one piece closes itself to what another brings is told of the schema, not of the example.
            if (misfit := self.misfit(value, each, depth + 1)) and "may not have" not in misfit.says:
                return misfit
        for key in ("anyOf", "oneOf"):
            pieces = items(schema.get(key))
            misfits = [self.misfit(value, each, depth + 1) for each in pieces]
            if pieces and all(misfits):
                return misfits[0] if len(pieces) == 1 else _Misfit((), f"{shown(value)} fits none of its forms")
        return None


def _same(one: object, other: object) -> bool:
    """Equal as JSON is: `true` is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
