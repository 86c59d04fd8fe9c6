"""Holds an OpenAPI document against the specification's own schema, and says in plain words what differs. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial
from typing import Any, cast

from jsonschema import validators
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import schemas as of_the_specification
from referencing import Registry

from planner.notation import Path, mapping
from planner.openapi import METHODS
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.keywords import hint_of
from planner.openapi.parts import GROUPS
from planner.openapi.places import sentence, shown

_MOST_ERRORS = 200
_MOST_MESSAGE = 4_000


def faults_of_form(anatomy: Anatomy, minor: str) -> Iterator[Fault]:
    """What the specification of 3.`minor` does not allow. Raises RecursionError where it is nested too deeply."""
    errors = cast("Iterable[ValidationError]", _validator(minor).iter_errors(anatomy.document))
    for number, error in enumerate(errors):
        if number == _MOST_ERRORS:
            return
        yield from (each for each in _told(anatomy, _closest(error)) if not _is_wrong(anatomy, each.at))


@cache
def _validator(minor: str) -> Any:
    """A validator that looks up nothing but references within the specification's own schema."""
    published = getattr(of_the_specification, f"get_schema_content_v3{minor}")()
    schema = cast("dict[str, Any]", _without_schemas(published))
    makers = cast("Any", validators)
    kind = makers.validator_for(schema)
    exact = kind.VALIDATORS.get("unevaluatedProperties")
    if exact is not None:
        kind = makers.extend(kind, {"unevaluatedProperties": partial(_unevaluated, exact)})
    return kind(schema, registry=cast("Any", Registry)())


def _unevaluated(
    exact: Callable[..., Iterable[ValidationError] | None],
    validator: Any,
    wanted: object,
    instance: object,
    schema: Any,
) -> Iterator[ValidationError]:
    """The same as `exact`, which takes most of the time: fields that are plainly allowed need no second look."""
    given, allowed = mapping(instance), mapping(mapping(schema).get("properties"))
    extensible = str(mapping(schema).get("$ref")).endswith("/specification-extensions")
    if not all(key in allowed or (extensible and key.startswith("x-")) for key in given):
        yield from exact(validator, wanted, instance, schema) or ()


def _without_schemas(value: object) -> object:
    """Schemas are left to `planner.openapi.keywords`: finding out each time how to check them takes a millisecond."""
    if isinstance(value, list):
        return [_without_schemas(each) for each in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    given = cast("dict[str, object]", value)
    if "$dynamicRef" in given:
        return {"type": ["object", "boolean"]}
    return {key: _without_schemas(each) for key, each in given.items()}


def _is_wrong(anatomy: Anatomy, at: Path) -> bool:
    """Whether the published schema is stricter there than the specification: a link passes any value on."""
    link = anatomy.by_place.get(at[:-2])
    return link is not None and link.kind == "link" and at[-2] == "parameters"


def _closest(error: ValidationError) -> ValidationError:
    """Of the ways in which something fits none of several forms, the one that was most likely meant."""
    while error.validator in {"oneOf", "anyOf"} and error.context:
        branches: dict[object, list[ValidationError]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        is_reference = "$ref" in mapping(error.instance)
        likely = [
            branch
            for branch in branches.values()
            if is_reference or not any(each.validator == "required" and "$ref" in each.message for each in branch)
        ] or [*branches.values()]
        nearest = min(likely, key=_distance)
        error = max(nearest, key=lambda each: len(each.absolute_path))
    return error


def _distance(branch: list[ValidationError]) -> tuple[int, int]:
    """How far something is from one of several forms: first whether it lacks what that form is known by."""
    return sum(each.validator in {"type", "required", "enum", "const"} for each in branch), len(branch)


# --- in words --------------------------------------------------------------------------------------------------------


def _told(anatomy: Anatomy, error: ValidationError) -> Iterator[Fault]:
    at: Path = tuple(error.absolute_path)
    instance, wanted = cast("object", error.instance), cast("object", error.validator_value)
    match error.validator:
        case "required":
            yield from _incomplete(at, anatomy.place(at), _names(wanted), mapping(instance))
        case "additionalProperties" | "unevaluatedProperties" if mapping(instance):
            yield from (_unknown_field(anatomy, at, key, error) for key in _unknown(error, mapping(instance)))
        case "enum" | "const":
            yield _not_allowed(anatomy, at, instance, _listed(wanted))
        case "type":
            yield _of_kind(anatomy, at, instance, _names(_listed(wanted)))
        case "pattern":
            yield _unnamed(at, anatomy.place(at), instance)
        case other:
            yield _otherwise(at, anatomy.place(at), str(other), mapping(wanted), instance)


def _otherwise(at: Path, place: str, keyword: str, wanted: Mapping[str, Any], instance: object) -> Fault:
    both = [name for name in _names(wanted.get("required")) if name in mapping(instance)]
    if keyword in {"minProperties", "minItems"}:
        return _fault(at, f"{place} is empty, and needs something in it", "", place, "empty")
    if keyword == "maxProperties":
        return _fault(at, f"{place} holds more than one, and only one may be there", "Keep one.", place, "several")
    if keyword == "uniqueItems":
        return _fault(at, f"{place} names something twice: {shown(instance)}", "Name each once.", place)
    if keyword == "not" and both:
        said = f"{place} has {' and '.join(f'`{name}`' for name in both)}, of which only one may be there"
        return _fault(at, said, "Keep one of them.", place, "both")
    return _fault(at, f"{place} does not have the form that the specification asks for", "", place)


_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "empty",
}


def _fault(at: Path, clause: str, hint: str | Callable[[], str], token: str, kin: str = "") -> Fault:
    return Fault("schema", at, sentence(clause), hint, token=token, kin=kin or clause)


def _names(value: object) -> list[str]:
    return [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _incomplete(at: Path, place: str, names: list[str], instance: Mapping[str, Any]) -> Iterator[Fault]:
    for name in names:
        if name not in instance:
            near = _near(name, [*instance][:100])
            hint = f"Is {shown(near)} meant to be it?" if near else ""
            if name == "required" and instance.get("in") == "path":
                hint = "A path parameter has `required: true`."
            yield _fault(at, f"{place} lacks `{name}`", hint, place, f"lacks {name}")


def _near(key: str, allowed: list[str]) -> str:
    """The field that a misspelt one most likely is; empty if none."""
    plain = {each.casefold(): each for each in reversed(allowed)}
    near = get_close_matches(key[:60].casefold(), [*plain], n=1, cutoff=0.75)
    return plain[near[0]] if near else ""


def _unknown(error: ValidationError, instance: Mapping[str, Any]) -> list[str]:
    """The fields that an object may not have. jsonschema names them in its message alone."""
    allowed = mapping(mapping(error.schema).get("properties"))
    patterns = [*mapping(mapping(error.schema).get("patternProperties"))]
    named = {each[1] or each[2] for each in _QUOTED.finditer(error.message[:_MOST_MESSAGE])}
    fields = [key for key in instance if key not in allowed and not any(re.search(each, key) for each in patterns)]
    return [key for key in fields if key in named] or fields[:1]


_QUOTED = re.compile(r"""'([^'\n]{1,200})'|"([^"\n]{1,200})\"""")


def _unknown_field(anatomy: Anatomy, at: Path, key: str, error: ValidationError) -> Fault:
    place, where = anatomy.place(at), (*at, key)
    if at == ("paths",):
        said = f"the path {shown(key)} does not begin with `/`"
        return _fault(where, said, f"Write {shown(f'/{key}')}.", shown(key), "no slash")
    if "$ref" in mapping(error.instance) and key != "$ref":
        said = f"{place} has {shown(key)} beside its `$ref`, where it counts for nothing"
        return _fault(where, said, "Take one of them away.", shown(key), "beside")
    allowed = [*mapping(mapping(error.schema).get("properties"))]
    said = f"{place} has a field {shown(key)} that the specification does not know"
    return _fault(where, said, partial(_instead, anatomy, at, key, allowed), shown(key), f"unknown {key}")


_SINCE_3_1 = frozenset(
    {
        "const", "examples", "if", "then", "else", "contains", "prefixItems", "patternProperties", "propertyNames",
        "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "contentEncoding",
        "contentMediaType", "contentSchema", "$defs", "$id", "$anchor", "$comment", "webhooks", "pathItems",
        "jsonSchemaDialect", "summary", "identifier",
    }
)  # fmt: skip
_SINCE_3_2 = frozenset({"query", "additionalOperations", "itemSchema", "prefixEncoding", "itemEncoding", "mediaTypes"})
_LEGACY = {
    "definitions": "Schemas stand below `components.schemas`.",
    "securityDefinitions": "Security schemes stand below `components.securitySchemes`.",
    "consumes": "A request body names its media types in `content`.",
    "produces": "A response names its media types in `content`.",
    "basePath": "Write it into the address of a server, in `servers`.",
    "host": "Write it into the address of a server, in `servers`.",
    "schemes": "Write it into the address of a server, in `servers`.",
}
_BELOW_SCHEMA = frozenset({"type", "format", "enum", "minimum", "maximum", "pattern", "items", "default", "properties"})


def _instead(anatomy: Anatomy, at: Path, key: str, allowed: list[str]) -> str:
    version = str(anatomy.document.get("openapi", ""))
    operations = "Its operations are " + ", ".join(f"`{each}`" for each in METHODS[:7]) + "."
    hints = (
        (near := _near(key, allowed), f"Did you mean `{near}`?"),
        (key in _SINCE_3_1 and anatomy.legacy, "OpenAPI 3.1 has it; begin with `openapi: 3.1.0`."),
        (key in _SINCE_3_2 and not version.startswith("3.2"), "OpenAPI 3.2 has it; begin with `openapi: 3.2.0`."),
        (key in _LEGACY, _LEGACY.get(key, "")),
        (
            key == "schema" and "content" in allowed,
            "Put it below a media type in `content`, such as `application/json`.",
        ),
        (key in _BELOW_SCHEMA and "schema" in allowed, "Put it into `schema`."),
        (at == ("components",), f"It has {', '.join(f'`{each}`' for each in GROUPS)}."),
        ("get" in allowed, operations),
    )
    return next((hint for holds, hint in hints if holds), "Take it away, or begin its name with `x-`.")


def _not_allowed(anatomy: Anatomy, at: Path, instance: object, allowed: list[object]) -> Fault:
    place = anatomy.place(at)
    if len(allowed) == 1:
        said = f"{place} should be {shown(allowed[0])}, not {shown(instance)}"
        return _fault(at, said, "", place, f"{allowed[0]}")
    said = f"{place} should be one of {', '.join(str(each) for each in allowed)}, not {shown(instance)}"
    return _fault(at, said, _hint(anatomy, at, instance), place, f"{at[-1:]} {instance}")


def _hint(anatomy: Anatomy, at: Path, instance: object) -> str:
    if at[-1:] == ("in",) and instance in {"body", "formData"}:
        return "A body is written in `requestBody`."
    return hint_of(str(at[-1]), instance, legacy=anatomy.legacy) if at else ""


def _of_kind(anatomy: Anatomy, at: Path, instance: object, wanted: list[str]) -> Fault:
    place, kinds = anatomy.place(at), " or ".join(_KINDS.get(each, each) for each in wanted)
    if instance is None:
        return _fault(at, f"{place} is empty, and should be {kinds}", "", place, f"empty {at[-1:]}")
    hint = _hint(anatomy, at, instance)
    if not hint and "string" in wanted and isinstance(instance, int | float) and not isinstance(instance, bool):
        hint = f'Put it in quotes: `"{str(instance)[:30]}"`.'
    return _fault(at, f"{place} should be {kinds}, not {shown(instance)}", hint, place)


def _unnamed(at: Path, place: str, instance: object) -> Fault:
    """A text that does not match a pattern: a version, or the name of a component."""
    if len(at) >= 2 and at[0] == "components":  # noqa: PLR2004 - `components` and a group
        said = f"{shown(instance)} is no name for what stands in {place}"
        return _fault((*at, str(instance)), said, "Use letters, digits, `.`, `-` and `_`.", shown(instance), "name")
    return _fault(at, f"{place} is not of the form that the specification asks for: {shown(instance)}", "", place)
