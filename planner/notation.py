"""Reads JSON and YAML that anyone may have written, with the line of each value. No I/O.

YAML is read with the core schema of YAML 1.2, in which OpenAPI and GitHub's files are written: `no` and dates are text.
CloudFormation's short tags come out in their long form. Hostile input ends in a `NotationError`, never in a hang.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import yaml

from planner.notation_faults import json_fault, yaml_fault

MOST_CHARS = 400_000
"""Longer texts are not read."""
DEEPEST = 100
_MOST_NODES = 200_000

Path = tuple[str | int, ...]
"""Where a value stands: `("paths", "/orders", "get", 0)`."""

_INT = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


class NotationError(ValueError):
    """The text cannot be read. `line` counts from 1; `reason` is a sentence without the line, `hint` what to do."""

    def __init__(self, reason: str, line: int, hint: str = "") -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason = reason
        self.line = line
        self.hint = hint


class Repeated(NamedTuple):
    """A key that stands twice in one mapping; only its last value counts."""

    key: str
    line: int


class Loaded(NamedTuple):
    """The documents of a text (JSON: one). Keys are texts, also where YAML reads a number."""

    documents: tuple[Any, ...]
    repeated: tuple[Repeated, ...]
    lines: dict[tuple[int | str, ...], int]
    """By document number, then path: the line of each key in a mapping and of each item in a list."""

    def line(self, path: Sequence[str | int], document: int = 0) -> int:
        """The line of a value, or of the nearest thing around it that has one; 1 if there is none."""
        at = (document, *path)
        while at:
            if at in self.lines:
                return self.lines[at]
            at = at[:-1]
        return 1


def load(text: str, notation: str = "yaml") -> Loaded:
    """Read `text`, whose notation is `json` or `yaml`. Raises `NotationError`."""
    if len(text) > MOST_CHARS:
        raise NotationError(f"It is longer than {MOST_CHARS:,} characters, too long to be read.", 1)
    return _load_json(text) if notation == "json" else _load_yaml(text)


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is a mapping, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


# --- JSON ------------------------------------------------------------------------------------------------------------


def _load_json(text: str) -> Loaded:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise NotationError(*json_fault(error.msg, text, error.pos)) from None
    except RecursionError:
        raise NotationError(f"It is nested deeper than {DEEPEST} levels.", 1) from None
    except ValueError as error:
        raise NotationError(str(error), 1) from None
    lines, repeated = _json_lines(text)
    return Loaded((value,), tuple(repeated), lines)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|\n|[^\s{}\[\],:"]+')


def _json_lines(text: str) -> tuple[dict[tuple[int | str, ...], int], list[Repeated]]:
    """The line of each key and item of a text that is known to be JSON, and the keys that stand twice."""
    lines: dict[tuple[int | str, ...], int] = {(0,): 1}
    repeated: list[Repeated] = []
    path: list[int | str] = [0]
    is_object: list[bool] = []
    members: list[int] = []
    keys: list[set[str]] = []
    line, key_next = 1, False
    for piece in _TOKEN.findall(text):
        if piece == "\n":
            line += 1
        elif piece == ",":
            path.pop()
            key_next = is_object[-1]
        elif piece in {"]", "}"}:
            is_object.pop()
            keys.pop()
            if members.pop():
                path.pop()
            key_next = False
        elif key_next:
            key = cast("str", json.loads(piece))
            path.append(key)
            if key in keys[-1]:
                repeated.append(Repeated(key, line))
            keys[-1].add(key)
            lines[tuple(path)] = line
            members[-1] += 1
            key_next = False
        else:
            if is_object and not is_object[-1]:
                path.append(members[-1])
                lines[tuple(path)] = line
                members[-1] += 1
            if piece in {"[", "{"}:
                if len(is_object) >= DEEPEST:
                    raise NotationError(f"It is nested deeper than {DEEPEST} levels.", line)
                is_object.append(piece == "{")
                members.append(0)
                keys.append(set())
                key_next = piece == "{"
    return lines, repeated


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON value.")


# --- YAML ------------------------------------------------------------------------------------------------------------


def _load_yaml(text: str) -> Loaded:
    builder = _Builder()
    try:
        for event in cast("Iterator[Any]", yaml.parse(text, Loader=_LOADER)):  # pyright: ignore[reportUnknownMemberType] - untyped
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line, mark.column) if mark else (0, 0)
        begun = error.context_mark.line if error.context_mark else at[0]
        raise NotationError(*yaml_fault(error.problem or "", error.context or "", at, begun, text)) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise NotationError(f"It holds a character that YAML does not allow ({type(error).__name__}).", 1) from None
    return Loaded(tuple(builder.documents), tuple(builder.repeated), builder.lines)


_LOADER = cast("Any", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class _Open(NamedTuple):
    """A mapping or list being filled. `pending`: the key whose value comes next, in a list of at most one.

    `keys`: those that stand in it, without what `<<` merges.
    """

    value: Any
    path: Path
    pending: list[str]
    tag: str
    anchor: str
    line: int
    keys: set[str]


class _Builder:
    """Builds values from parser events without recursion, so that depth costs nothing."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self.repeated: list[Repeated] = []
        self.lines: dict[tuple[int | str, ...], int] = {}
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._sizes: list[int] = []

    def take(self, event: Any) -> None:
        line = cast("int", event.start_mark.line) + 1
        match event:
            case yaml.ScalarEvent():
                self._put(_scalar(event), event.value, line, event.anchor, event.tag, size=1)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise NotationError(f"The alias *{event.anchor} names no anchor before it.", line)
                value, size = self._anchors[event.anchor]
                self._put(value, str(event.anchor), line, None, None, size=size)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(self._stack) >= DEEPEST:
                    raise NotationError(f"It is nested deeper than {DEEPEST} levels.", line)
                path = self._path_of_next(line)
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._stack.append(_Open(value, path, [], event.tag or "", event.anchor or "", line, set()))
                self._sizes.append(1)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                closed = self._stack.pop()
                size = self._sizes.pop()
                self._put(closed.value, "", closed.line, closed.anchor, closed.tag, size=size, placed=True)
            case _:
                pass  # the beginning and end of streams and documents

    def _path_of_next(self, line: int) -> Path:
        if not self._stack:
            path: Path = ()
        else:
            top = self._stack[-1]
            if isinstance(top.value, list):
                path = (*top.path, len(cast("list[Any]", top.value)))
            elif not top.pending:
                raise NotationError("A mapping or a list is used as a key; keys are plain text here.", line)
            else:
                path = (*top.path, top.pending[0])
        self.lines.setdefault((len(self.documents), *path), line)
        return path

    def _put(
        self, value: Any, text: str, line: int, anchor: str | None, tag: str | None, *, size: int, placed: bool = False
    ) -> None:
        if self._sizes:
            self._sizes[-1] += size
        if size > _MOST_NODES:
            raise NotationError(f"It has more than {_MOST_NODES:,} values, with those that aliases repeat.", line)
        top = self._stack[-1] if self._stack else None
        is_key = not placed and top is not None and not isinstance(top.value, list) and not top.pending
        if is_key and top is not None:
            self._key(top, text, line)
            return
        if not placed:
            self._path_of_next(line)
        value = _long_form(value, tag or "")
        if anchor:
            self._anchors[anchor] = (value, size)
        if top is None:
            self.documents.append(value)
            return
        filled = cast("object", top.value)
        if isinstance(filled, list):
            cast("list[Any]", filled).append(value)
            return
        key, mapping = top.pending.pop(), cast("dict[str, Any]", filled)
        if key == "<<":
            _merge(mapping, value)
        else:
            mapping[key] = value

    def _key(self, top: _Open, key: str, line: int) -> None:
        at = (len(self.documents), *top.path, key)
        if key in top.keys and key != "<<":
            self.repeated.append(Repeated(key, line))
        top.keys.add(key)
        self.lines[at] = line
        top.pending.append(key)


def _merge(into: dict[str, Any], value: Any) -> None:
    for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            for key, inner in cast("dict[str, Any]", each).items():
                into.setdefault(key, inner)


def _scalar(event: Any) -> object:
    text = cast("str", event.value)
    plain = event.implicit[0] and not event.tag
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _long_form(value: object, tag: str) -> object:
    """CloudFormation's `!Ref x` as `{"Ref": "x"}`; other tags say nothing about the value."""
    name = tag.removeprefix("!")
    if not tag.startswith("!") or name not in _FUNCTIONS:
        return value
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "And Base64 Cidr Condition Equals FindInMap ForEach GetAZs GetAtt If ImportValue Join Length Not Or Ref Select "
        "Split Sub ToJsonString Transform",
    )
)
