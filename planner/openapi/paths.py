"""Finds what is wrong with paths and operations: parameters, ids, response codes, security, servers. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

from planner.notation import Path, items, mapping
from planner.openapi import METHODS, path_parameters
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.places import sentence, shown

_MOST_NAMES = 6


def faults_of_paths(anatomy: Anatomy) -> Iterator[Fault]:
    """The faults that only paths and operations together show."""
    yield from _templates(anatomy)
    for path, item in mapping(anatomy.document.get("paths")).items():
        if path.startswith("/") and mapping(item):
            yield from _path_parameters(anatomy, path, mapping(item))
    yield from _repeated_parameters(anatomy)
    yield from _ids(anatomy)
    yield from _codes(anatomy)
    yield from _media_types(anatomy)
    yield from _security(anatomy)
    yield from _servers(anatomy)


# --- paths -----------------------------------------------------------------------------------------------------------


def _templates(anatomy: Anatomy) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path in mapping(anatomy.document.get("paths")):
        template = _NAMED.sub("{}", path)
        if template in seen:
            said = f"{shown(path)} and {shown(seen[template])} are one path under two names."
            yield Fault("duplicate-path", ("paths", path), said, "Put their operations together.", token=shown(path))
        seen.setdefault(template, path)


_NAMED = re.compile(r"{[^{}/]*}")


class _Declared(NamedTuple):
    """The path parameters that are declared in one place, and where. `whole`: whether all could be looked up."""

    names: dict[str, Path]
    whole: bool


def _declared(anatomy: Anatomy, holder: Mapping[str, Any], at: Path) -> _Declared:
    names: dict[str, Path] = {}
    whole = True
    for number, each in enumerate(items(holder.get("parameters"))):
        parameter = anatomy.meant(mapping(each))
        # One without its name or place could be the one that is looked for; that it lacks them is told already.
        if parameter is None or not isinstance(parameter.get("name"), str) or not isinstance(parameter.get("in"), str):
            whole = False
        elif parameter["in"] == "path":
            names[parameter["name"]] = (*at, "parameters", number)
    return _Declared(names, whole)


def _path_parameters(anatomy: Anatomy, path: str, item: Mapping[str, Any]) -> Iterator[Fault]:
    named = dict.fromkeys(path_parameters(path))
    at: Path = ("paths", path)
    shared = _declared(anatomy, item, at)
    own = {
        method: _declared(anatomy, mapping(item[method]), (*at, method))
        for method in METHODS
        if isinstance(item.get(method), dict)
    }
    if not shared.whole or not all(each.whole for each in own.values()) or "$ref" in item:
        return
    extra = {name: where for name, where in shared.names.items() if name not in named}
    for each in own.values():
        extra |= {name: where for name, where in each.names.items() if name not in named}
    lacking = {
        name: [method.upper() for method, each in own.items() if name not in each.names]
        for name in named
        if name not in shared.names
    }
    lacking = {name: methods for name, methods in lacking.items() if methods}
    if len(extra) == len(lacking) == 1:
        (declared, where), (name, _) = *extra.items(), *lacking.items()
        said = f"The path {shown(path)} has `{{{name}}}`, and the parameter that is declared is {shown(declared)}."
        yield Fault("path-parameter", (*where, "name"), said, "Give both the same name.", token=shown(path))
        return
    for name, where in extra.items():
        said = f"The path parameter {shown(name)} is declared, and {shown(path)} does not have it."
        hint = f"Write `{{{name}}}` into the path, or drop the parameter."
        yield Fault("path-parameter", where, said, hint, token=f"{shown(name)} of {shown(path)}", kin="extra")
    for name, methods in lacking.items():
        everywhere = len(methods) == len(own)
        holder = path if everywhere else f"{methods[0]} {path}"
        said = f"{shown(holder)} does not declare its path parameter {shown(name)}."
        hint = f"Add a parameter with `name: {name}`, `in: path` and `required: true`."
        place = at if everywhere else (*at, methods[0].lower())
        yield Fault("path-parameter", place, said, hint, token=f"{shown(name)} of {shown(holder)}", kin="lacking")


def _repeated_parameters(anatomy: Anatomy) -> Iterator[Fault]:
    for part in anatomy.parts:
        if part.kind not in {"path item", "operation"}:
            continue
        seen: set[tuple[str, str]] = set()
        for number, each in enumerate(items(part.value.get("parameters"))):
            parameter = mapping(anatomy.meant(mapping(each)))
            name, where = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(where, str):
                continue
            if (name, where) in seen:
                said = sentence(f"the {where} parameter {shown(name)} stands twice in {anatomy.place(part.at)}")
                yield Fault(
                    "duplicate-parameter", (*part.at, "parameters", number), said, "Keep one.", token=shown(name)
                )
            seen.add((name, where))


# --- operations ------------------------------------------------------------------------------------------------------


def _ids(anatomy: Anatomy) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for part in anatomy.parts:
        name = part.value.get("operationId") if part.kind == "operation" else None
        if not isinstance(name, str):
            continue
        if name in seen:
            both = f"{anatomy.place(seen[name])} and {anatomy.place(part.at)}"
            said = f"The operation id {shown(name)} is used for {both}."
            yield Fault("operation-id", (*part.at, "operationId"), said, "Give each its own.", token=shown(name))
        seen.setdefault(name, part.at)


def _codes(anatomy: Anatomy) -> Iterator[Fault]:
    for part in anatomy.parts:
        if part.kind == "responses":
            for code in part.value:
                if not _CODE.fullmatch(code):
                    said = f"{shown(code)} is no response code."
                    hint = 'Codes are `"200"`, `"4XX"` or `default`.'
                    yield Fault("response-code", (*part.at, code), said, hint, token=shown(code))


_CODE = re.compile(r"[1-5](\d\d|XX)|default|x-.*", re.DOTALL | re.ASCII)


def _media_types(anatomy: Anatomy) -> Iterator[Fault]:
    for part in anatomy.parts:
        if part.kind == "media type" and part.at[-2] == "content" and "/" not in str(part.at[-1]):
            said = sentence(f"{shown(part.at[-1])} is no media type, in {anatomy.place(part.at[:-1])}")
            hint = "Write `application/json:` between `content` and `schema`." if part.at[-1] == "schema" else ""
            yield Fault("schema", part.at, said, hint, token=shown(part.at[-1]), kin="media type", covers=True)


def _security(anatomy: Anatomy) -> Iterator[Fault]:
    defined = mapping(mapping(anatomy.document.get("components")).get("securitySchemes"))
    told: set[str] = set()
    for part in anatomy.parts:
        if part.kind not in {"document", "operation"}:
            continue
        for number, each in enumerate(items(part.value.get("security"))):
            for name in mapping(each):
                # From 3.2 on, a scheme may be named by its address.
                if name in defined or name in told or "/" in name or "#" in name:
                    continue
                told.add(name)
                said = f"The security scheme {shown(name)} is used and not defined."
                hint = partial(_scheme, name, [*defined][:300])
                yield Fault("security-scheme", (*part.at, "security", number, name), said, hint, token=shown(name))


def _scheme(name: str, defined: list[str]) -> str:
    if not defined:
        return "Define it below `components.securitySchemes`."
    if near := get_close_matches(name[:100], [each[:100] for each in defined], n=1):
        return f"Did you mean {shown(near[0])}?"
    return f"`components.securitySchemes` has {', '.join(map(shown, defined[:_MOST_NAMES]))}."


def _servers(anatomy: Anatomy) -> Iterator[Fault]:
    for part in anatomy.parts:
        url = part.value.get("url") if part.kind == "server" else None
        for name in dict.fromkeys(path_parameters(url)) if isinstance(url, str) else ():
            if name not in mapping(part.value.get("variables")):
                said = f"The server address {shown(url)} has a variable {shown(name)} that is not defined."
                hint = f"Give the server `variables` with `{name}` and its default."
                yield Fault("server-variable", (*part.at, "url"), said, hint, token=shown(name))
