"""OpenAPI documents (3.0, 3.1, 3.2) are valid, and all that they refer to is there. No I/O: nothing is fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from openapi_spec_validator import schemas as metaschemas

from planner.checks import Rule, as_one, found, within
from planner.findings import Finding
from planner.notation import NotationError, Path, load, mapping
from planner.openapi import (
    METHODS,
    objects,
    operations,
    path_parameters,
    references,
    resolved,
    same_template,
)
from planner.subject import Fence, Subject

KINDS = frozenset({"openapi"})
RULES = {
    "version": Rule("error", "it says which OpenAPI it is: 3.0, 3.1 or 3.2"),
    "schema": Rule("error", "it has the form that the specification asks for"),
    "dangling-ref": Rule("error", "every `$ref` leads to something"),
    "remote-ref": Rule("warning", "every `$ref` leads into the document itself"),
    "security-scheme": Rule("error", "security schemes that are used are defined"),
    "required": Rule("error", "what a schema requires is among its properties"),
    "array-items": Rule("error", "arrays say what is in them"),
    "duplicate-path": Rule("error", "no two paths differ by the names of parameters alone"),
    "response-code": Rule("error", "responses have codes that HTTP knows"),
    "path-parameter": Rule("error", "parameters in a path are declared, and the other way round"),
    "operation-id": Rule("error", "no operation id is used twice"),
    "nothing": Rule("error", "it has a path, a webhook or components"),
    "too-large": Rule("warning", "it is small enough to be looked at whole"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 200_000
_MOST_OBJECTS = 8_000


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    try:
        loaded = load(fence.content, "json" if "json" in fence.kinds else "yaml")
    except NotationError:
        return  # planner/checks/notation.py says so
    document = loaded.documents[0] if loaded.documents else None
    legacy = str(mapping(document).get("openapi")).startswith("3.0")
    by_rule: dict[str, list[Finding]] = {}
    for each in _apart(list(_faults(document))):
        at = within(fence.at, loaded.line(each.at))
        finding = found(f"openapi/{each.rule}", each.said, at, rules=RULES, hint=each.hint)
        # JSON Schema, which 3.1 takes over, lets an array hold anything; hardly anyone means it.
        mild = each.rule == "array-items" and not legacy
        finding = finding.model_copy(update={"level": "warning"}) if mild else finding
        by_rule.setdefault(each.rule, []).append(finding)
    for findings in by_rule.values():
        yield as_one(findings)


class _Fault(NamedTuple):
    rule: str
    at: Path
    said: str
    hint: str = ""


def _apart(faults: list[_Fault]) -> list[_Fault]:
    """Without those that follow from another: the same place, or the form of something that holds a closer fault."""
    kept: list[_Fault] = []
    places = {each.at for each in faults}
    for each in faults:
        follows = each.rule == "schema" and any(
            len(place) > len(each.at) and place[: len(each.at)] == each.at for place in places
        )
        if not follows and not any(other.at == each.at and each.rule == "schema" for other in kept):
            kept.append(each)
    return kept


def _faults(document: object) -> Iterator[_Fault]:
    if not isinstance(document, dict):
        yield _Fault("schema", (), "An OpenAPI document is a mapping with `openapi`, `info` and `paths`.")
        return
    value = cast("dict[str, Any]", document)
    version = str(value.get("openapi", ""))
    metaschema = _metaschema(version)
    if metaschema is None:
        yield _version(value, version)
        return
    if sum(1 for _ in objects(value)) > _MOST_OBJECTS:
        yield _Fault(
            "too-large", (), "The document has so many parts that it was not checked.", "Show the part at hand."
        )
        return
    if not value.keys() & {"paths", "webhooks", "components"}:
        yield _Fault("nothing", (), "The document has no `paths`.", "Write the operations below `paths`.")
        return
    yield from _references(value)
    yield from _operations(value)
    yield from _paths(value)
    yield from _security(value)
    yield from _shapes(value, legacy=version.startswith("3.0"))
    yield from _form(value, metaschema)
    if not version.startswith("3.0"):
        yield from _schemas(value)


def _version(value: Mapping[str, Any], version: str) -> _Fault:
    if "swagger" in value:
        said = f"This is Swagger {str(value['swagger'])[:10]}, which OpenAPI has replaced."
        return _Fault("version", ("swagger",), said, "Write `openapi: 3.1.0` and use its form.")
    if not version:
        return _Fault("version", (), "The document does not say which OpenAPI it is.", "Begin with `openapi: 3.1.0`.")
    return _Fault("version", ("openapi",), f"There is no OpenAPI `{version[:20]}`.", "Write `openapi: 3.1.0`.")


_VERSION = re.compile(r"3\.([012])(\.\d{1,3})?(-.{1,20})?")


def _metaschema(version: str) -> Any | None:
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    return getattr(metaschemas, f"openapi_v3{match[1]}_schema_validator")


# --- references, operations, paths -----------------------------------------------------------------------------------


def _references(value: Mapping[str, Any]) -> Iterator[_Fault]:
    ids = {str(each["$id"]) for _, each in objects(value) if isinstance(each.get("$id"), str)}
    anchors = {str(each["$anchor"]) for _, each in objects(value) if isinstance(each.get("$anchor"), str)}
    for each in references(value):
        at = (*each.at, "$ref")
        if not each.to.startswith("#"):
            if each.to in ids or each.to.split("#")[0] in ids or _is_name(value, each.to):
                continue
            if each.to.startswith(("/components/", "components/")):
                said = f"`{each.to[:100]}` leads out of the document."
                hint = f"Write `#/{each.to.lstrip('/')[:100]}`."
                yield _Fault("dangling-ref", at, said, hint)
                continue
            said = f"`{each.to[:100]}` lies outside the document, where it is not looked up."
            yield _Fault("remote-ref", at, said, "Write what it holds into `components`.")
            continue
        if each.to.removeprefix("#") in anchors:
            continue
        try:
            resolved(value, each.to)
        except KeyError:
            yield _Fault("dangling-ref", at, f"`{each.to[:100]}` leads nowhere.", _nearest_component(value, each.to))


def _is_name(value: Mapping[str, Any], to: str) -> bool:
    return any(to in mapping(group) for group in mapping(value.get("components")).values())


def _nearest_component(value: Mapping[str, Any], to: str) -> str:
    group, _, _ = to.removeprefix("#/components/").partition("/")
    there = [*mapping(mapping(value.get("components")).get(group))][:8]
    return (
        f"There are {', '.join(f'`{name}`' for name in there)}." if there else "Define it, or take the reference away."
    )


def _operations(value: Mapping[str, Any]) -> Iterator[_Fault]:
    seen: dict[str, str] = {}
    for each in operations(value):
        name = each.value.get("operationId")
        if isinstance(name, str):
            where = f"{each.method} {each.path}"
            if name in seen:
                said = f"The operation id `{name}` is used for {seen[name]} and for {where}."
                yield _Fault("operation-id", (*each.at, "operationId"), said, "Give each its own.")
            seen.setdefault(name, where)
        for code in mapping(each.value.get("responses")):
            if not re.fullmatch(r"[1-5](\d\d|XX)|default|x-.*", code):
                said = f"`{code[:20]}` is no response code."
                yield _Fault("response-code", (*each.at, "responses", code), said, "Use 200, 4XX or default.")


def _paths(value: Mapping[str, Any]) -> Iterator[_Fault]:
    templates: dict[str, str] = {}
    for path, item in mapping(value.get("paths")).items():
        template = same_template(path)
        if template in templates:
            said = f"`{path}` and `{templates[template]}` are the same path with other names in it."
            yield _Fault("duplicate-path", ("paths", path), said, "Keep one of them.")
        templates.setdefault(template, path)
        yield from _parameters(value, path, mapping(item))


def _parameters(value: Mapping[str, Any], path: str, item: Mapping[str, Any]) -> Iterator[_Fault]:
    if "$ref" in item:
        return
    named = set(path_parameters(path))
    shared = _declared(value, item)
    methods = [method for method in METHODS if isinstance(item.get(method), dict)]
    for method in methods:
        declared = _declared(value, item[method])
        if declared is None or shared is None:
            continue
        for name in sorted(named - declared - shared):
            said = f"{method.upper()} {path} does not declare its path parameter `{name}`."
            hint = f"Add a parameter with `name: {name}`, `in: path` and `required: true`."
            yield _Fault("path-parameter", ("paths", path, method), said, hint)
        for name in sorted((declared | shared) - named):
            said = f"{method.upper()} {path} declares a path parameter `{name}` that the path does not have."
            yield _Fault(
                "path-parameter", ("paths", path, method), said, f"Write `{{{name}}}` into the path, or drop it."
            )


def _declared(value: Mapping[str, Any], holder: Mapping[str, Any]) -> set[str] | None:
    """The path parameters that an operation or path item declares; None where one cannot be looked up."""
    names: set[str] = set()
    given = holder.get("parameters", [])
    for each in cast("list[Any]", given) if isinstance(given, list) else []:
        parameter = mapping(each)
        if "$ref" in parameter:
            try:
                parameter = mapping(resolved(value, str(parameter["$ref"])))
            except KeyError:
                return None
            if not parameter:
                return None
        if parameter.get("in") == "path":
            names.add(str(parameter.get("name")))
    return names


def _security(value: Mapping[str, Any]) -> Iterator[_Fault]:
    defined = set(mapping(mapping(value.get("components")).get("securitySchemes")))
    places: list[tuple[Path, Any]] = [((), value), *((each.at, each.value) for each in operations(value))]
    for at, holder in places:
        given = mapping(holder).get("security")
        for number, each in enumerate(cast("list[Any]", given) if isinstance(given, list) else []):
            for name in mapping(each):
                if name not in defined and "/" not in name:
                    said = f"The security scheme `{name}` is used and not defined."
                    hint = "Define it below `components.securitySchemes`."
                    yield _Fault("security-scheme", (*at, "security", number), said, hint)
                    return


# --- schemas ---------------------------------------------------------------------------------------------------------


def _shapes(value: Mapping[str, Any], *, legacy: bool) -> Iterator[_Fault]:
    for at, each in objects(value):
        if not _is_schema(at):
            continue
        if (
            each.get("type") == "array"
            and "items" not in each
            and "prefixItems" not in each
            and "$ref" not in each
            and (legacy or not each.keys() & {"contains", "unevaluatedItems", "allOf", "anyOf", "oneOf"})
        ):
            yield _Fault("array-items", at, f"The array {_place(at)} does not say what is in it.", "Give it `items`.")
        required, properties = each.get("required"), each.get("properties")
        if isinstance(required, list) and isinstance(properties, dict):
            # With other schemas beside it, the property may be theirs.
            composed = each.keys() & {"allOf", "anyOf", "oneOf", "$ref", "if", "patternProperties", "$dynamicRef"}
            inside = any(part in {"allOf", "anyOf", "oneOf", "if", "then", "else", "not"} for part in at)
            if composed or inside or isinstance(each.get("additionalProperties"), dict):
                continue
            for number, name in enumerate(cast("list[Any]", required)):
                if isinstance(name, str) and name not in properties:
                    said = f"{_place(at)} requires `{name}`, which is not among its properties."
                    said = said[:1].upper() + said[1:]
                    yield _Fault("required", (*at, "required", number), said, f"Add `{name}`, or do not require it.")


_HOLDERS = frozenset(
    {"schema", "items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}
)
_GROUPS = frozenset({"schemas", "properties", "patternProperties", "$defs", "dependentSchemas"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})


def _is_schema(at: Path) -> bool:
    """Whether a mapping at this place is a schema: by what holds it."""
    if not at:
        return False
    if len(at) >= 2 and at[-2] in _GROUPS:  # noqa: PLR2004 - a group and a name
        return at[-2] != "properties" or not (len(at) >= 3 and at[-3] == "properties" and not _is_schema(at[:-2]))  # noqa: PLR2004
    if len(at) >= 2 and at[-2] in _LISTS:  # noqa: PLR2004 - a list and a number
        return True
    return str(at[len(at) - 1]) in _HOLDERS


def _place(at: Path) -> str:
    names = [str(part) for part in at if not isinstance(part, int)]
    return f"`{'.'.join(names[-3:])}`" if names else "the document"


def _schemas(value: Mapping[str, Any]) -> Iterator[_Fault]:
    """The schemas of 3.1 and later are JSON Schema, which the specification's own schema does not look into."""
    validator = _draft()
    for at, each in objects(value):
        outermost = _is_schema(at) and not any(_is_schema(at[:length]) for length in range(1, len(at)))
        if not outermost:
            continue
        try:
            errors = list(cast("Iterable[ValidationError]", cast("Any", validator).iter_errors(each)))
        except (RecursionError, SchemaError):
            continue
        for error in errors:
            yield from _told(error, at)


@cache
def _draft() -> Draft202012Validator:
    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


# --- the form --------------------------------------------------------------------------------------------------------


def _form(value: Mapping[str, Any], metaschema: Any) -> Iterator[_Fault]:
    for error in cast("Iterable[ValidationError]", metaschema.iter_errors(value)):
        yield from _told(error, ())


def _told(error: ValidationError, before: Path) -> Iterator[_Fault]:
    error = _closest(error)
    at = (*before, *error.absolute_path)
    said, path = _in_words(error, at)
    yield _Fault("schema", path, said)


def _closest(error: ValidationError) -> ValidationError:
    """Of the ways in which something fits none of several forms, the one that was most likely meant."""
    while error.validator in {"oneOf", "anyOf"} and error.context:
        instance = error.instance
        branches: dict[object, list[ValidationError]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        is_reference = isinstance(instance, dict) and "$ref" in instance
        likely = [
            found
            for found in branches.values()
            if is_reference or not any(each.validator == "required" and "$ref" in str(each.message) for each in found)
        ] or [*branches.values()]
        nearest = min(
            likely, key=lambda found: (sum(each.validator in {"type", "required"} for each in found), len(found))
        )
        error = max(nearest, key=lambda each: len(each.absolute_path))
    return error


def _in_words(error: ValidationError, at: Path) -> tuple[str, Path]:
    where = _place(at)
    instance, wanted = error.instance, error.validator_value
    match error.validator:
        case "required":
            lacking = next((name for name in _names(wanted) if name not in mapping(instance)), "")
            return f"{_upper(where)} lacks `{lacking}`.", at
        case "enum" | "const":
            allowed = ", ".join(
                f"`{each}`" for each in (cast("list[Any]", wanted) if isinstance(wanted, list) else [wanted])
            )
            return f"`{_short(instance)}` is not allowed at {where}; it should be {allowed[:200]}.", at
        case "additionalProperties" | "unevaluatedProperties":
            unknown = re.findall(r"'([^']+)'", error.message)
            key = next((name for name in unknown if name in mapping(instance)), "")
            return f"{_upper(where)} has no field `{key or _short(instance)}`.", (*at, key) if key else at
        case "type":
            kinds = wanted if isinstance(wanted, str) else " or ".join(_names(wanted))
            return f"{_upper(where)} should be of type {kinds}, not `{_short(instance)}`.", at
        case "pattern" | "format":
            return f"`{_short(instance)}` is not of the form that {where} asks for.", at
        case _:
            return f"{_upper(where)} does not have the form that the specification asks for: {_short(instance)}.", at


def _names(value: object) -> list[str]:
    return [str(each) for each in cast("list[Any]", value)] if isinstance(value, list) else []


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a part of a line
