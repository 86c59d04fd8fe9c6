"""Finds references that lead nowhere, out of the document, in a ring, or to something of another kind. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

from planner.notation import Path, items, mapping
from planner.openapi.anatomy import Anatomy
from planner.openapi.fault import Fault
from planner.openapi.parts import GROUPS, Part
from planner.openapi.places import sentence, shown
from planner.openapi.pointers import NowhereError, found_at, pointer

_MOST_NAMES = 8


def faults_of_references(anatomy: Anatomy) -> Iterator[Fault]:
    """The faults of every `$ref`, of discriminators and of links."""
    names = _names(anatomy)
    for part in anatomy.parts:
        # Before 3.2 a media type was no place for a reference; its form is told of.
        old = part.kind == "media type" and not str(anatomy.document.get("openapi")).startswith("3.2")
        if part.reference and not old and not _is_named(part, names):
            yield from _fault_of(anatomy, part)
        if part.kind == "schema":
            yield from _discriminator(anatomy, part)
    yield from _links(anatomy)
    yield from _rings(anatomy)


# --- single references -----------------------------------------------------------------------------------------------


def _names(anatomy: Anatomy) -> frozenset[str]:
    """What schemas call themselves, as JSON Schema lets them; references may name them so."""
    own = anatomy.document.get("$self")
    named: set[str] = {own} if isinstance(own, str) and own else set()
    for part in anatomy.schemas:
        for key, sign in (("$id", ""), ("$anchor", "#"), ("$dynamicAnchor", "#")):
            if isinstance(part.value.get(key), str):
                named.add(f"{sign}{part.value[key]}")
    return frozenset(named)


def _is_named(part: Part, names: frozenset[str]) -> bool:
    # What an address of the document's own leads to is not held against its kind, which is the better mistake.
    return part.reference in names or (part.reference.split("#")[0] or "#") in names


def _fault_of(anatomy: Anatomy, part: Part) -> Iterator[Fault]:
    to, at = part.reference, (*part.at, "$ref")
    if not to.startswith("#"):
        yield _outside(anatomy, part, at)
        return
    try:
        place, _ = found_at(anatomy.document, to)
    except NowhereError:
        said = f"{shown(to)} leads nowhere."
        yield Fault("dangling-ref", at, said, partial(_instead, anatomy, part), token=shown(to), kin="nowhere")
        return
    target = anatomy.by_place.get(place)
    if target is not None and target.kind != part.kind:
        there = "the document itself" if target.kind == "document" else _a(target.kind)
        said = f"{shown(to)} is {there}, and {_a(part.kind)} is wanted here."
        group = next((group for group, kind in GROUPS.items() if kind == part.kind), "")
        hint = f"Refer to one below `components.{group}`." if group else "Write it out here."
        yield Fault("wrong-ref", at, said, hint, token=shown(to), kin=f"{target.kind} {part.kind}")


def _outside(anatomy: Anatomy, part: Part, at: Path) -> Fault:
    to = part.reference
    group = next((group for group, kind in GROUPS.items() if kind == part.kind), "")
    if match := _MEANT.fullmatch(to):
        said = f"{shown(to)} leads out of the document: a reference within it begins with `#/`."
        return Fault("dangling-ref", at, said, f"Write `#/{match[1][:100]}`.", token=shown(to), kin="outside")
    if to in mapping(mapping(anatomy.document.get("components")).get(group)):
        said = f"{shown(to)} is a name, and a reference wants the way to it."
        return Fault("dangling-ref", at, said, f"Write `{pointer('components', group, to)[:100]}`.", token=shown(to))
    said = f"{shown(to)} lies outside the document, where it is not looked up."
    return Fault("remote-ref", at, said, "Write what it holds into `components`.", token=shown(to))


_MEANT = re.compile(r"/?((?:components|paths|definitions)/.+)")


def _instead(anatomy: Anatomy, part: Part) -> str:
    """What could be meant, or what there is."""
    match = _IN_GROUP.match(part.reference)
    group = match[1] if match else next((group for group, kind in GROUPS.items() if kind == part.kind), "")
    there = [*mapping(mapping(anatomy.document.get("components")).get(group))]
    name = part.reference.rpartition("/")[2]
    if part.reference.startswith("#/definitions/") and name in there:
        return f"Write `{pointer('components', 'schemas', name)[:100]}`; `definitions` is Swagger 2.0's."
    if near := get_close_matches(name[:100], [each[:100] for each in there[:300]], n=1, cutoff=0.75):
        return f"Did you mean `{pointer('components', group, near[0])[:100]}`?"
    if not there:
        return "Define it, or take the reference away."
    more = f" and {len(there) - _MOST_NAMES} more" if len(there) > _MOST_NAMES else ""
    return f"Define it; `components.{group}` has {', '.join(shown(each) for each in there[:_MOST_NAMES])}{more}."


_IN_GROUP = re.compile(r"#/components/(\w+)/")


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


# --- discriminators and links ----------------------------------------------------------------------------------------


def _discriminator(anatomy: Anatomy, part: Part) -> Iterator[Fault]:
    leads = mapping(mapping(part.value.get("discriminator")).get("mapping"))
    for key, to in leads.items():
        if not isinstance(to, str) or not to.startswith("#"):
            continue
        try:
            found_at(anatomy.document, to)
        except NowhereError:
            said = f"{shown(to)} leads nowhere."
            asked = Part("schema", part.at, {"$ref": to})
            at = (*part.at, "discriminator", "mapping", key)
            yield Fault("dangling-ref", at, said, partial(_instead, anatomy, asked), token=shown(to), kin="nowhere")


def _links(anatomy: Anatomy) -> Iterator[Fault]:
    ids = {part.value.get("operationId") for part in anatomy.parts if part.kind == "operation"} - {None}
    for part in anatomy.parts:
        name = part.value.get("operationId") if part.kind == "link" else None
        if isinstance(name, str) and name not in ids:
            said = f"The link {shown(part.at[-1])} leads to the operation {shown(name)}, which is not there."
            hint = partial(_operation, name, [str(each) for each in ids][:300])
            yield Fault("dangling-ref", (*part.at, "operationId"), said, hint, token=shown(name), kin="link")
        to = part.value.get("operationRef") if part.kind == "link" else None
        if isinstance(to, str) and to.startswith("#"):
            try:
                found_at(anatomy.document, to)
            except NowhereError:
                hint = "In a path, `/` is written `~1`."
                said = f"{shown(to)} leads nowhere."
                yield Fault("dangling-ref", (*part.at, "operationRef"), said, hint, token=shown(to), kin="nowhere")


def _operation(name: str, ids: list[str]) -> str:
    near = get_close_matches(name[:100], ids, n=1)
    return f"Did you mean {shown(near[0])}?" if near else "Name the `operationId` of one that is."


# --- rings -----------------------------------------------------------------------------------------------------------


def _rings(anatomy: Anatomy) -> Iterator[Fault]:
    """Objects that stand for themselves, and schemas that are part of themselves: nothing could ever fit them."""
    leads = {part.at: [*_stands_for(anatomy, part)] for part in anatomy.parts}
    done: set[Path] = set()
    for start in leads:
        trail: dict[Path, None] = {}
        stack: list[tuple[Path, bool]] = [(start, True)]
        while stack:
            at, begins = stack.pop()
            if not begins:
                trail.pop(at, None)
                done.add(at)
                continue
            if at in trail:
                ring = [*trail][[*trail].index(at) :]
                yield _ring(anatomy, ring)
                return
            if at in done:
                continue
            trail[at] = None
            stack.append((at, False))
            stack += [(each, True) for each in leads.get(at, ())]


def _stands_for(anatomy: Anatomy, part: Part) -> Iterator[Path]:
    if part.reference:
        try:
            yield found_at(anatomy.document, part.reference)[0]
        except NowhereError:
            return
    if part.kind == "schema":
        for number, each in enumerate(items(part.value.get("allOf"))):
            if isinstance(each, dict):
                yield (*part.at, "allOf", number)


def _ring(anatomy: Anatomy, ring: list[Path]) -> Fault:
    refers = next((at for at in ring if anatomy.by_place[at].reference), ring[0])
    to = shown(anatomy.by_place[refers].reference)
    said = sentence(f"{to} leads back to {anatomy.place(ring[0])} without end")
    return Fault("ring", (*refers, "$ref"), said, "Let one of them say what it is.", token=to)
