"""OpenAPI documents (3.0, 3.1, 3.2) are valid, and all that they refer to is there. No I/O: nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.notation import Loaded, NotationError, Path, load, mapping
from planner.openapi.anatomy import Anatomy
from planner.openapi.examples import faults_of_examples
from planner.openapi.fault import Fault
from planner.openapi.form import faults_of_form
from planner.openapi.keywords import faults_of_keywords
from planner.openapi.parts import parts_of
from planner.openapi.paths import faults_of_paths
from planner.openapi.places import shown
from planner.openapi.references import faults_of_references
from planner.openapi.shapes import faults_of_shapes
from planner.subject import Fence, Subject

KINDS = frozenset({"openapi"})
RULES = {
    "version": Rule("error", "it says which OpenAPI it is: 3.0, 3.1 or 3.2"),
    "schema": Rule("error", "it has the form that the specification asks for"),
    "dangling-ref": Rule("error", "every `$ref`, discriminator and link leads to something"),
    "wrong-ref": Rule("error", "every `$ref` leads to what is wanted there: a schema, a response"),
    "ring": Rule("error", "nothing is defined by itself alone"),
    "remote-ref": Rule("warning", "every `$ref` leads into the document itself"),
    "security-scheme": Rule("error", "security schemes that are used are defined"),
    "required": Rule("error", "what a schema requires is among its properties"),
    "array-items": Rule("error", "arrays say what is in them"),
    "bounds": Rule("error", "lower bounds are below upper bounds"),
    "nullable": Rule("warning", "`nullable` is used in 3.0 alone"),
    "example": Rule("error", "examples, defaults and enums fit their schemas"),
    "duplicate-path": Rule("error", "no two paths differ by the names of parameters alone"),
    "path-parameter": Rule("error", "parameters in a path are declared, and the other way round"),
    "duplicate-parameter": Rule("error", "no parameter is declared twice"),
    "response-code": Rule("error", "responses have codes that HTTP knows"),
    "operation-id": Rule("error", "no operation id is used twice"),
    "server-variable": Rule("warning", "variables in the addresses of servers are defined"),
    "nothing": Rule("error", "it has a path, a webhook or components"),
    "too-large": Rule("warning", "it is small enough to be looked at whole"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 200_000
_MOST_PARTS = 8_000
_MOST_OF_A_RULE = 3
_MOST_TOKENS = 4
_MOST_DOCUMENTS = 4


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    try:
        loaded = load(fence.content, "json" if "json" in fence.kinds else "yaml")
    except NotationError:
        return  # planner/checks/notation.py says so
    if loaded.repeated:
        return  # as above; what else is wrong may follow from that
    named = [number for number, each in enumerate(loaded.documents) if mapping(each).keys() & {"openapi", "swagger"}]
    for number in named[:_MOST_DOCUMENTS] or [0]:
        document = loaded.documents[number] if loaded.documents else None
        for group in _groups(_apart([*_faults(document)])):
            yield _as_one(group, fence, loaded, number)


def _faults(document: object) -> Iterator[Fault]:
    if not isinstance(document, dict):
        yield Fault("schema", (), "An OpenAPI document is a mapping with `openapi`, `info` and `paths`.")
        return
    value = cast("dict[str, Any]", document)
    match = _VERSION.fullmatch(str(value.get("openapi", "")))
    if match is None:
        yield _version(value)
        return
    if not value.keys() & {"paths", "webhooks", "components"}:
        yield Fault("nothing", (), "The document has no `paths`.", "Write the operations below `paths`.")
        return
    parts = [*islice(parts_of(value), _MOST_PARTS + 1)]
    if len(parts) > _MOST_PARTS:
        yield _too_large("has so many parts")
        return
    anatomy = Anatomy(value, parts, legacy=match[1] == "0")
    yield from faults_of_references(anatomy)
    yield from faults_of_paths(anatomy)
    try:
        yield from faults_of_form(anatomy, match[1])
    except RecursionError:
        yield _too_large("is nested so deeply")
        return
    if not anatomy.legacy:
        yield from faults_of_keywords(anatomy)
    yield from faults_of_shapes(anatomy)
    yield from faults_of_examples(anatomy)


_VERSION = re.compile(r"3\.([012])\.\d{1,3}(?:-.{1,20})?")


def _version(value: Mapping[str, Any]) -> Fault:
    if "swagger" in value:
        said = f"This is Swagger {shown(value['swagger'])}, which OpenAPI has replaced."
        return Fault("version", ("swagger",), said, "Write `openapi: 3.1.0` and use its form.")
    if "openapi" not in value:
        said = "The document does not say which OpenAPI it is."
        return Fault("version", (), said, "Begin with `openapi: 3.1.0`.")
    version = str(value["openapi"])
    if re.fullmatch(r"3\.[012]", version):
        said = f"{shown(version)} is no version of OpenAPI: it has three numbers."
        return Fault("version", ("openapi",), said, f"Write `openapi: {version}.0`.")
    return Fault("version", ("openapi",), f"There is no OpenAPI {shown(version)}.", "Write `openapi: 3.1.0`.")


def _too_large(clause: str) -> Fault:
    said = f"The document {clause} that it was not looked at whole."
    return Fault("too-large", (), said, "Show the part that the plan is about.")


# --- what is told of them --------------------------------------------------------------------------------------------


def _apart(faults: Sequence[Fault]) -> list[Fault]:
    """Without those that follow from another."""
    around = {each.at[:length] for each in faults for length in range(len(each.at))}
    covered = {each.at for each in faults if each.covers}
    # Parameters that are not well-formed may be those that seem not to be declared.
    paths = {each.at[:2] for each in faults if each.rule == "schema" and "parameters" in each.at[2:4]}
    kept: list[Fault] = []
    places: set[Path] = set()
    for each in faults:
        follows = (
            each.at in places
            or (each.rule == "schema" and not each.covers and each.at in around)
            or any(each.at[:length] in covered for length in range(len(each.at)))
            or (each.rule == "path-parameter" and each.at[:2] in paths)
        )
        if follows:
            continue
        if each.rule != "remote-ref":
            places.add(each.at)
        kept.append(each)
    return kept


def _groups(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Faults of one rule and kin together; of each rule the first few."""
    groups: dict[tuple[str, str, bool], list[Fault]] = {}
    for each in faults:
        groups.setdefault((each.rule, each.kin, each.mild), []).append(each)
    shown_of: dict[str, int] = {}
    for (rule, _, _), group in groups.items():
        shown_of[rule] = shown_of.get(rule, 0) + 1
        if shown_of[rule] <= _MOST_OF_A_RULE:
            yield group


def _as_one(group: Sequence[Fault], fence: Fence, loaded: Loaded, document: int) -> Finding:
    first, *others = group
    at = within(fence.at, loaded.line(first.at, document))
    said = first.said + _others(first, others, [loaded.line(each.at, document) for each in others])
    hint = first.hint if isinstance(first.hint, str) else first.hint()
    finding = found(f"openapi/{first.rule}", said, at, rules=RULES, hint=hint)
    return finding.model_copy(update={"level": "warning"}) if first.mild else finding


def _others(first: Fault, others: Sequence[Fault], lines: Sequence[int]) -> str:
    """What is wrong in the same way, by name and line."""
    if not others:
        return ""
    named: dict[str, list[int]] = {}
    for each, line in zip(others, lines, strict=True):
        named.setdefault("" if each.token == first.token else each.token, []).append(line)
    told = [f"{name or 'it'} in {_lines(numbers)}" for name, numbers in [*named.items()][:_MOST_TOKENS]]
    left = len(named) - len(told)
    return f" The same holds for {', '.join(told)}{f', and {left} more' if left else ''}."


def _lines(numbers: Sequence[int]) -> str:
    listed = sorted(set(numbers))
    text = ", ".join(str(each) for each in listed[:_MOST_TOKENS])
    more = ", ..." if len(listed) > _MOST_TOKENS else ""
    return f"line {text}" if len(listed) == 1 else f"lines {text}{more}"
