"""Reads CloudFormation templates, whole ones and the pieces that plans show. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from planner.notation import Loaded, Path, load

_TYPE = re.compile(r"(AWS|Alexa)::\w+::\w+|Custom::[\w@-]+|AWS::CloudFormation::CustomResource")
_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
        "Transform", "Globals", "Hooks", "Outputs",
    }
)  # fmt: skip


class Template(NamedTuple):
    """A template that can be linted, and what it holds.

    `whole` is False where only some resources are shown: what they refer to may stand elsewhere. `text` is then a
    template made around them, whose line `lines_before` + 1 is the first line shown, and every path in it begins with
    `parts_before` parts that are not shown.
    """

    text: str
    whole: bool
    lines_before: int
    parts_before: int
    document: dict[str, object]
    lines: Loaded

    @property
    def types(self) -> dict[str, str]:
        """The type of each resource, by its name; empty where it says none."""
        resources = self.document.get("Resources")
        if not isinstance(resources, dict):
            return {}
        named = cast("dict[str, object]", resources).items()
        return {
            name: str(cast("dict[str, object]", each).get("Type", "")) for name, each in named if isinstance(each, dict)
        }

    def line(self, path: Path) -> int:
        """The line of a value, as shown."""
        return self.lines.line(path[self.parts_before :])

    def walk(self) -> Iterator[tuple[Path, object]]:
        """Every value with its path; those that aliases repeat come each time."""
        rest: list[tuple[Path, object]] = [((), self.document)]
        while rest:
            path, value = rest.pop()
            yield path, value
            if isinstance(value, dict):
                inner = cast("dict[str, object]", value).items()
                rest.extend(((*path, key), each) for key, each in reversed(inner))
            elif isinstance(value, list):
                items = list(enumerate(cast("list[object]", value)))
                rest.extend(((*path, number), each) for number, each in reversed(items))


_ALONE = "Resource"


def template_in(text: str, notation: str) -> Template | None:
    """The template in a text of JSON or YAML; None where it holds none. Raises `planner.notation.NotationError`."""
    loaded = load(text, notation)
    if len(loaded.documents) != 1 or loaded.repeated:
        return None
    top: object = loaded.documents[0]
    if not isinstance(top, dict):
        return None
    document = cast("dict[str, object]", top)
    if "Resources" in document or "AWSTemplateFormatVersion" in document:
        known = not _SECTIONS.isdisjoint(document) or _is_resources(document.get("Resources"))
        return Template(text, True, 0, 0, document, loaded) if known else None
    if _is_resource(document):
        return _around(text, notation, {_ALONE: document}, loaded)
    return _around(text, notation, document, loaded) if _is_resources(document) else None


def _around(text: str, notation: str, resources: dict[str, object], loaded: Loaded) -> Template:
    """A template made around some resources that stand by themselves."""
    alone = loaded.documents[0] is not resources
    document: dict[str, object] = {"Resources": resources}
    if any(str(cast("dict[str, object]", each).get("Type")).startswith(_SERVERLESS) for each in resources.values()):
        document = {"Transform": "AWS::Serverless-2016-10-31", **document}
    head = [(key, value) for key, value in document.items() if isinstance(value, str)]
    if notation == "json":
        start = "".join(f"{json.dumps(key)}: {json.dumps(value)}, " for key, value in head)
        inner = f'{{"{_ALONE}": {text}}}' if alone else text
        return Template(f'{{{start}"Resources": {inner}}}', False, 0, 1 + alone, document, loaded)
    lines = [*(f"{key}: {value}" for key, value in head), "Resources:", *([f"  {_ALONE}:"] if alone else [])]
    made = "\n".join((*lines, *("" if line.rstrip() in {"---", "..."} else f"    {line}" for line in text.split("\n"))))
    return Template(made, False, len(lines), 1 + alone, document, loaded)


_SERVERLESS = "AWS::Serverless::"


def _is_resource(value: object) -> bool:
    return (
        isinstance(value, dict) and _TYPE.fullmatch(str(cast("dict[str, object]", value).get("Type", ""))) is not None
    )


def _is_resources(value: object) -> bool:
    """Whether it is a mapping of nothing but resources."""
    return isinstance(value, dict) and all(map(_is_resource, cast("dict[str, object]", value).values() or [None]))
