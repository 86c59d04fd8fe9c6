"""Asks the installed engine whether a diagram can be drawn: `merman`, or `mmdr` where that has no wheel. No I/O."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple, cast

from planner.mermaid.source import Source

MOST_CHARS = 50_000
"""Mermaid itself draws no more (`maxTextSize`)."""

_DEADLINE_MS = 1_000
_DEEPEST = 40
_MOST_AMPERSANDS = 50
_LONGEST_DAYS = 4_000
_PREFIX = re.compile(r"^(?:Diagram )?parse error \([\w-]+\): |^Diagram parse error: ", re.IGNORECASE)


class Answer(NamedTuple):
    """What the engine says. `reason` is empty where it can be drawn; `line` is 0 where it names none.

    `model` holds the diagram's parts; it is empty where the engine gives none, as `mmdr`.
    """

    reason: str
    line: int
    model: dict[str, Any]


class TooMuchError(ValueError):
    """It is larger or deeper than the engine may be given; `reason` is a clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def ask(source: Source) -> Answer:
    """Whether it can be drawn. Raises `TooMuchError`, before the engine sees it or after a second of its work."""
    _bounded(source)
    answer = _engine()(source.text)
    if answer.reason and (softened := _softened(source)) != source.text:
        again = _engine()(softened)
        return answer if again.reason else again
    return answer


# --- bounds ----------------------------------------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DURATION = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)[ \t]*(ms|[smhdwMy])\b")
_DAYS = {"ms": 0.0, "s": 1 / 86_400, "m": 1 / 1_440, "h": 1 / 24, "d": 1, "w": 7, "M": 30, "y": 365}


def _bounded(source: Source) -> None:
    """The engine takes long over some texts, and its deadline does not hold in all of its loops: those, by hand."""
    if len(source.text) > MOST_CHARS:
        raise TooMuchError(f"it has more than {MOST_CHARS:,} characters, which Mermaid does not draw")
    if _CONTROL.search(source.text):
        raise TooMuchError("it holds a control character")
    if source.depth > _DEEPEST:
        raise TooMuchError(f"it is nested deeper than {_DEEPEST} levels")
    if any(line.count("&") > _MOST_AMPERSANDS for line in source.lines):
        raise TooMuchError(f"a line joins more than {_MOST_AMPERSANDS} nodes with `&`")
    if source.keyword == "gantt":
        for number, unit in _DURATION.findall(source.text):
            if float(number) * _DAYS[unit] > _LONGEST_DAYS:
                raise TooMuchError(f"`{number}{unit}` is longer than ten years")


_STRICTER_LABEL = re.compile(r"(?<=[\[({|])@")
_STRICTER_TITLE = re.compile(r'^([ \t]*subgraph[ \t]+"[^"\n]*")[ \t]+$', re.MULTILINE)
_STRICTER_ACTOR = re.compile(r"^[^:;\n]*?-{1,2}(?:>>|>|x|\)|\|)[^:;\n]*", re.MULTILINE)


def _softened(source: Source) -> str:
    """The text without what only the engine refuses: Mermaid reads `[@x]`, `subgraph "x" ` and `API/v1->>B`."""
    if source.is_flowchart:
        return _STRICTER_TITLE.sub(r"\1", _STRICTER_LABEL.sub("a", source.text))
    if source.keyword == "sequenceDiagram":
        return _STRICTER_ACTOR.sub(lambda match: re.sub(r"[/(]|(?<!-)\)", "_", match[0]), source.text)
    return source.text


# --- engines ---------------------------------------------------------------------------------------------------------


@cache
def _engine() -> Any:
    """What answers for a text: the one place that knows which engine there is."""
    return _by_merman if find_spec("merman") else _by_mmdr


@cache
def _merman() -> tuple[Any, Any]:
    module = import_module("merman")
    return module, module.Merman()


def _by_merman(text: str) -> Answer:
    module, reader = _merman()
    request = module.MermanOperationRequestV4(
        operation_id="semantic-json",
        source=text,
        uri=None,
        options_json='{"version":2,"resources":{"profile":"constrained"}}',
        control=module.MermanOperationControl(timeout_ms=_DEADLINE_MS),
    )
    try:
        data = reader.execute(request).data
    except module.MermanError.Binding as error:
        if error.code_name in _NOT_DONE:
            raise TooMuchError("it takes too long to read") from None
        span = error.diagnostic.span if error.diagnostic else None
        line = text.encode()[: span.start].count(b"\n") + 1 if span else 0
        return Answer(_plain(error.message), line, {})
    model = json.loads(data)
    return Answer("", 0, cast("dict[str, Any]", model) if isinstance(model, dict) else {})


_NOT_DONE = frozenset({"MERMAN_CANCELLED", "MERMAN_RESOURCE_LIMIT_EXCEEDED"})


def _by_mmdr(text: str) -> Answer:
    """`mmdr` 0.4 is the same engine behind one function that draws: no model, no line and no deadline."""
    try:
        import_module("mmdr").render(text).svg()
    except ValueError as error:
        return Answer(_plain(str(error)), 0, {})
    return Answer("", 0, {})


def _plain(said: str) -> str:
    return " ".join(_PREFIX.sub("", said).split()) or "it cannot be read"
