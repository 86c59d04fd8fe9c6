"""DynamoDB tables have the keys, attributes and indexes that CreateTable takes. No I/O.

Source: Amazon DynamoDB's API reference on CreateTable; with botocore installed, its model of that call as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple, cast

from planner.checks import Rule, found, within
from planner.dynamodb import definitions
from planner.findings import Finding
from planner.notation import NotationError, Path, items, load, mapping
from planner.subject import Fence, Subject

KINDS = frozenset({"dynamodb"})
RULES = {
    "key": Rule("error", "each key has a HASH attribute, and one RANGE attribute at most"),
    "attribute": Rule("error", "attributes of keys are defined, and no others are"),
    "index": Rule("error", "indexes have names of their own and no more of them than DynamoDB allows"),
    "billing": Rule("error", "throughput is given where it is paid for, and only there"),
    "name": Rule("error", "names have the form that DynamoDB takes"),
    "shape": Rule("error", "fields and values are those of CreateTable"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 200_000
_MOST = 3
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_MOST_GLOBAL, _MOST_LOCAL = 20, 5


class _Fault(NamedTuple):
    rule: str
    at: Path
    said: str
    hint: str = ""


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    try:
        loaded = load(fence.content, "json" if "json" in fence.kinds else "yaml")
    except NotationError:
        return  # planner/checks/notation.py says so
    told = 0
    for document, value in enumerate(loaded.documents):
        for each in definitions(value):
            for fault in _faults(each.value):
                told += 1
                if told > _MOST:
                    return
                at = within(fence.at, loaded.line((*each.at, *fault.at), document))
                yield found(f"dynamodb/{fault.rule}", fault.said, at, rules=RULES, hint=fault.hint)


def _faults(table: dict[str, Any]) -> Iterator[_Fault]:
    shape = list(_shape(table))
    yield from shape
    if shape:
        return
    name = table.get("TableName")
    if isinstance(name, str) and not _NAME.fullmatch(name) and "$" not in name and "{" not in name:
        yield _Fault(
            "name", ("TableName",), f"`{name[:60]}` cannot be a table's name.", "Use 3 to 255 of a-z A-Z 0-9 _ . -"
        )
    defined = [str(mapping(each).get("AttributeName", "")) for each in items(table.get("AttributeDefinitions"))]
    yield from _defined_once(defined)
    used: set[str] = set()
    yield from _key(table.get("KeySchema"), ("KeySchema",), "the table", used)
    yield from _indexes(table, used)
    for attribute in sorted(used - set(defined)):
        said = f"`{attribute}` is part of a key and not defined."
        yield _Fault("attribute", ("AttributeDefinitions",), said, f"Add `{attribute}` to AttributeDefinitions.")
        return
    for attribute in defined:
        if attribute not in used:
            said = f"`{attribute}` is defined and part of no key; DynamoDB refuses that."
            yield _Fault("attribute", ("AttributeDefinitions", defined.index(attribute)), said, "Take it away.")
            return
    yield from _billing(table)


def _defined_once(defined: list[str]) -> Iterator[_Fault]:
    for attribute in dict.fromkeys(defined):
        if defined.count(attribute) > 1:
            yield _Fault("attribute", ("AttributeDefinitions",), f"`{attribute}` is defined twice.", "Keep one.")


def _key(key: object, at: Path, what: str, used: set[str]) -> Iterator[_Fault]:
    parts = [mapping(each) for each in items(key)]
    names = [str(each.get("AttributeName", "")) for each in parts]
    kinds = [str(each.get("KeyType", "")) for each in parts]
    used.update(names)
    if kinds not in (["HASH"], ["HASH", "RANGE"]):
        said = f"The key of {what} is {' and '.join(f'`{kind}`' for kind in kinds) or 'empty'}."
        yield _Fault("key", at, said, "It takes one HASH attribute first, and at most one RANGE attribute after it.")
    elif len(set(names)) < len(names):
        yield _Fault("key", at, f"The key of {what} names `{names[0]}` twice.", "Use two attributes, or HASH alone.")


def _indexes(table: dict[str, Any], used: set[str]) -> Iterator[_Fault]:
    names: set[str] = set()
    table_key = [str(mapping(each).get("AttributeName", "")) for each in items(table.get("KeySchema"))]
    for field, most in (("GlobalSecondaryIndexes", _MOST_GLOBAL), ("LocalSecondaryIndexes", _MOST_LOCAL)):
        given = [mapping(each) for each in items(table.get(field))]
        if len(given) > most:
            yield _Fault(
                "index", (field,), f"There are {len(given)} {field}; DynamoDB allows {most}.", "Leave some out."
            )
        for number, index in enumerate(given):
            at = (field, number)
            name = str(index.get("IndexName", ""))
            if name in names:
                yield _Fault("index", at, f"Two indexes are called `{name}`.", "Give each its own name.")
            names.add(name)
            if not _NAME.fullmatch(name):
                yield _Fault("name", (*at, "IndexName"), f"`{name[:60]}` cannot be an index's name.", "")
            yield from _key(index.get("KeySchema"), (*at, "KeySchema"), f"the index `{name[:60]}`", used)
            own = [str(mapping(each).get("AttributeName", "")) for each in items(index.get("KeySchema"))]
            if field == "LocalSecondaryIndexes" and (len(own) != 2 or own[:1] != table_key[:1] or len(table_key) != 2):  # noqa: PLR2004 - hash and range
                said = f"The local index `{name[:60]}` must have the table's HASH attribute and a RANGE attribute."
                yield _Fault("index", at, said, "The table needs a RANGE attribute, too. Or make it a global one.")
            yield from _projection(mapping(index.get("Projection")), (*at, "Projection"))


def _projection(projection: dict[str, Any], at: Path) -> Iterator[_Fault]:
    kind, extra = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if not projection:
        yield _Fault(
            "index", at, "The index does not say what it projects.", 'Add "Projection": {"ProjectionType": "ALL"}.'
        )
    elif (kind == "INCLUDE") != bool(extra):
        said = f"`{kind}` {'needs' if kind == 'INCLUDE' else 'takes no'} NonKeyAttributes."
        yield _Fault("index", at, said)


def _billing(table: dict[str, Any]) -> Iterator[_Fault]:
    on_demand = table.get("BillingMode") == "PAY_PER_REQUEST"
    indexes = [mapping(each) for each in items(table.get("GlobalSecondaryIndexes"))]
    given = [bool(each.get("ProvisionedThroughput")) for each in (table, *indexes)]
    if on_demand and any(given):
        said = "`PAY_PER_REQUEST` and `ProvisionedThroughput` exclude each other."
        yield _Fault("billing", ("BillingMode",), said, "Keep one of them.")
    elif not on_demand and not all(given):
        said = "The table is paid by throughput and does not give one for itself and each global index."
        yield _Fault("billing", (), said, 'Add "BillingMode": "PAY_PER_REQUEST", or each ProvisionedThroughput.')


# --- the form --------------------------------------------------------------------------------------------------------

_TYPES = {
    "AttributeType": ("S", "N", "B"),
    "KeyType": ("HASH", "RANGE"),
    "BillingMode": ("PROVISIONED", "PAY_PER_REQUEST"),
}
_CLOUDFORMATION_ONLY = frozenset(
    {"PointInTimeRecoverySpecification", "TimeToLiveSpecification", "KinesisStreamSpecification"}
)


def _shape(table: dict[str, Any]) -> Iterator[_Fault]:
    for field in ("AttributeDefinitions", "KeySchema"):
        if not items(table.get(field)):
            yield _Fault("shape", (), f"The table has no `{field}`.", "CreateTable needs it.")
            return
    model = _model()
    if model is None:
        yield from _values(table, ())
        return
    known = {name: value for name, value in table.items() if name not in _CLOUDFORMATION_ONLY}
    yield from _against(model, known, ())


def _values(value: object, at: Path) -> Iterator[_Fault]:
    """The values that matter most, where AWS's own model is not installed."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            if key in _TYPES and inner not in _TYPES[key] and isinstance(inner, str):
                yield _Fault("shape", (*at, key), f"`{inner[:40]}` is no {key}; it is one of {', '.join(_TYPES[key])}.")
            yield from _values(inner, (*at, key))
    else:
        for number, inner in enumerate(items(value)):
            yield from _values(inner, (*at, number))


@cache
def _model() -> Any | None:
    if find_spec("botocore") is None:
        return None
    from botocore.loaders import Loader  # noqa: PLC0415 - of the extra # pyright: ignore[reportMissingTypeStubs]
    from botocore.model import ServiceModel  # noqa: PLC0415 - the same # pyright: ignore[reportMissingTypeStubs]

    described = cast("Any", Loader()).load_service_model("dynamodb", "service-2")
    return cast("Any", ServiceModel)(described, "dynamodb").operation_model("CreateTable").input_shape


def _against(shape: Any, value: Any, at: Path) -> Iterator[_Fault]:
    kind = cast("str", shape.type_name)
    if kind == "structure":
        yield from _structure(shape, value, at)
    elif kind == "list":
        if not isinstance(value, list):
            yield _Fault("shape", at, f"{_named(at)} should be a list.")
            return
        for number, each in enumerate(items(cast("object", value))):
            yield from _against(shape.member, each, (*at, number))
    elif kind == "string":
        allowed = cast("list[str]", shape.enum or [])
        if not isinstance(value, str):
            yield _Fault("shape", at, f"`{at[-1]}` should be a text.")
        elif allowed and value not in allowed:
            yield _Fault("shape", at, f"`{value[:40]}` is no {at[-1]}; it is one of {', '.join(allowed[:12])}.")
    elif kind in {"integer", "long"}:
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, str) and value.isdigit())):
            yield _Fault("shape", at, f"`{at[-1]}` should be a whole number.")
    elif kind == "boolean" and not isinstance(value, bool):
        yield _Fault("shape", at, f"`{at[-1]}` should be true or false.")


def _structure(shape: Any, value: Any, at: Path) -> Iterator[_Fault]:
    if not isinstance(value, dict):
        yield _Fault("shape", at, f"{_named(at)} should be a mapping.")
        return
    members = cast("dict[str, Any]", shape.members)
    given = mapping(cast("object", value))
    for key, inner in given.items():
        if key not in members:
            yield _Fault("shape", (*at, key), f"CreateTable knows no `{key[:60]}`{f' in `{at[-1]}`' if at else ''}.")
        elif not any(name.startswith(("Fn::", "Ref")) for name in mapping(inner)):
            yield from _against(members[key], inner, (*at, key))
    for key in cast("list[str]", shape.required_members):
        if key not in given and key != "TableName":
            yield _Fault("shape", at, f"{_named(at)} lacks `{key}`.")
            return


def _named(at: Path) -> str:
    """A place in words: the last name on the way, as items of lists have none."""
    name = next((part for part in reversed(at) if isinstance(part, str)), "")
    return f"An item of `{name}`" if at and isinstance(at[-1], int) else f"`{name}`" if name else "The table"
