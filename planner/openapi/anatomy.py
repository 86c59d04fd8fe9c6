"""An OpenAPI document taken apart once, for all who look for faults in it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from planner.notation import Path
from planner.openapi.parts import Part
from planner.openapi.places import place_of
from planner.openapi.pointers import NowhereError, found_at


class Anatomy:
    """A document with all its parts. `legacy`: whether it is 3.0, whose schemas are not those of JSON Schema."""

    def __init__(self, document: Mapping[str, Any], parts: Sequence[Part], *, legacy: bool) -> None:
        """`parts`: all those of `document`."""
        self.document = document
        self.parts = parts
        self.legacy = legacy

    @cached_property
    def by_place(self) -> dict[Path, Part]:
        """Each part by where it stands."""
        return {part.at: part for part in self.parts}

    @cached_property
    def schemas(self) -> list[Part]:
        """The parts that are schemas."""
        return [part for part in self.parts if part.kind == "schema"]

    def meant(self, value: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What an object stands for, where it is a reference; None where that leads out, nowhere or in a ring."""
        for _ in range(_LONGEST_CHAIN):
            to = value.get("$ref")
            if not isinstance(to, str):
                return value
            try:
                _, target = found_at(self.document, to)
            except NowhereError:
                return None
            if not isinstance(target, dict):
                return None
            value = cast("dict[str, Any]", target)
        return None

    def place(self, at: Path) -> str:
        """A place in words: "the response 404 of `GET /orders`"."""
        return place_of(self.document, at)


_LONGEST_CHAIN = 20
