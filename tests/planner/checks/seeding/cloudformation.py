"""Makes the faults of CloudFormation templates: mutants that AWS's own specification refuses, and some by hand.

The specification is AWS's CloudFormation Resource Specification 117.0.0, as npm's `@aws-cdk/cfnspec` 2.72.1 ships it
(Apache-2.0): which properties a type has, which it needs, and of what kind they are. What names point to is looked up
in the template. Run `npm pack @aws-cdk/cfnspec@2.72.1`, unpack it, and then, from the root of the checkout,
`python -m tests.planner.checks.seeding.cloudformation that/package/spec/specification.json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from planner.notation import NotationError, load
from tests.planner.checks.corpus import DATA, write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.cloudformation_by_hand import BY_HAND
from tests.planner.checks.seeding.members import MEMBERS

SEED = 20261123

_SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform",
    "Globals", "Hooks", "Resources", "Outputs",
}  # fmt: skip
_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}
_KINDS: dict[str, tuple[type, ...]] = {
    "String": (str, int, float, bool),
    "Integer": (int,),
    "Long": (int,),
    "Double": (int, float),
    "Boolean": (bool,),
}


@cache
def specification() -> dict[str, Any]:
    """AWS's specification, by the path on the command line."""
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def told(texts: Mapping[str, str]) -> dict[str, str]:
    """What the specification says of mutants that can be read, and not of the templates that they were made from."""
    answers: dict[str, str] = {}
    for name, text in texts.items():
        base = (DATA / "good" / "cloudformation" / name.rpartition("-")[0]).read_text(encoding="utf-8")
        before = set(faults_of(base, name))
        new = [each for each in faults_of(text, name) if each not in before]
        version = specification()["ResourceSpecificationVersion"]
        answers[name] = f"CloudFormation Resource Specification {version}: {new[0]}"[:200] if new else ""
    return answers


def faults_of(text: str, name: str) -> list[str]:
    """What is wrong with a template; nothing is said of one that cannot be read."""
    try:
        loaded = load(text, "json" if ".json-" in name else "yaml")
    except NotationError:
        return []
    template = loaded.documents[0] if loaded.documents else None
    if loaded.repeated or not isinstance(template, dict):
        return []
    return list(_template(template))


def _template(template: dict[str, Any]) -> Iterator[str]:
    for section in template:
        if section not in _SECTIONS:
            yield f"no section {section}"
    resources = template.get("Resources")
    if not isinstance(resources, dict):
        yield "no Resources"
        return
    types = {key: each.get("Type") for key, each in resources.items() if isinstance(each, dict)}
    for key, each in resources.items():
        kind = types.get(key)
        if not isinstance(kind, str):
            yield f"{key} has no Type"
        elif kind.startswith("AWS::") and not kind.startswith("AWS::Serverless::"):
            known = specification()["ResourceTypes"].get(kind)
            if known is None:
                yield f"{key} is of type {kind}, which does not exist"
            else:
                yield from _properties(key, kind, each.get("Properties") or {}, known)
    names = set(resources) | set(template.get("Parameters") or {})
    transformed = bool(template.get("Transform"))
    if not transformed:
        yield from _references(template, names, types)


def _properties(where: str, kind: str, given: Any, known: dict[str, Any]) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{where} is no mapping"
        return
    if _is_function(given) or "Properties" not in known:
        return
    properties = known["Properties"]
    for name in given:
        if name not in properties:
            yield f"{where} has no property {name}"
    for name, each in properties.items():
        if each.get("Required") and name not in given:
            yield f"{where} lacks {name}"
    for name, value in given.items():
        if name in properties:
            yield from _value(f"{where}.{name}", kind, value, properties[name])


def _value(where: str, kind: str, value: Any, known: dict[str, Any]) -> Iterator[str]:
    if _is_function(value):
        return
    if "PrimitiveType" in known:
        yield from _plain(where, value, known["PrimitiveType"])
    elif known.get("Type") == "List":
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        inner = _inner(known)
        for each in value:
            yield from _value(where, kind, each, inner)
    elif known.get("Type") == "Map":
        if not isinstance(value, dict):
            yield f"{where} is no mapping"
            return
        for each in value.values():
            yield from _value(where, kind, each, _inner(known))
    elif "Type" in known:
        types = specification()["PropertyTypes"]
        found = types.get(f"{kind}.{known['Type']}") or types.get(known["Type"]) or {}
        yield from _properties(where, kind, value, found)


def _inner(known: dict[str, Any]) -> dict[str, Any]:
    return (
        {"PrimitiveType": known["PrimitiveItemType"]}
        if "PrimitiveItemType" in known
        else {"Type": known.get("ItemType")}
    )


def _plain(where: str, value: Any, kind: str) -> Iterator[str]:
    if kind in {"Json", "Timestamp"}:
        return
    if isinstance(value, str) and kind != "String":
        wanted = r"true|false" if kind == "Boolean" else r"-?[0-9]+(\.[0-9]+)?"
        if not re.fullmatch(wanted, value):
            yield f"{where} is no {kind}"
    elif not isinstance(value, _KINDS[kind]):
        yield f"{where} is no {kind}"


def _is_function(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) == 1
        and (next(iter(value)) == "Ref" or next(iter(value)).startswith("Fn::"))
    )


def _references(value: Any, names: set[str], types: dict[str, Any]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each, names, types)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "Ref" and isinstance(each, str) and each not in names and not _is_pseudo(each):
                yield f"Ref to {each}, which is not there"
            elif key == "Fn::GetAtt" and isinstance(each, list):
                yield from _attribute(each, types)
            elif key == "DependsOn":
                for one in each if isinstance(each, list) else [each]:
                    if one not in types:
                        yield f"DependsOn {one}, which is not there"
            yield from _references(each, names, types)


def _is_pseudo(name: str) -> bool:
    return name.startswith("AWS::") and name.removeprefix("AWS::") in _PSEUDO


def _attribute(parts: list[Any], types: dict[str, Any]) -> Iterator[str]:
    resource, attribute = parts[0], parts[1] if len(parts) > 1 else ""
    if resource not in types:
        yield f"GetAtt of {resource}, which is not there"
        return
    known = specification()["ResourceTypes"].get(types[resource], {}).get("Attributes")
    if known and isinstance(attribute, str) and attribute not in known:
        yield f"{resource} has no attribute {attribute}"


def main() -> None:
    """Write them."""
    made = chosen(
        "cloudformation", told, seed=SEED, kept=26, most_chars=3_500, most_of_one=3, of_each=16, mutations=MEMBERS
    )
    write_faults("cloudformation", [*made, *BY_HAND])
    print(f"{len(made)} mechanical, {len(BY_HAND)} by hand")


if __name__ == "__main__":
    main()
