"""Reads Mermaid diagrams: whether they can be drawn, and of what parts. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

from planner.mermaid.engine import MOST_CHARS as MOST_CHARS
from planner.mermaid.engine import TooMuchError, ask
from planner.mermaid.parts import Edge as Edge
from planner.mermaid.parts import Node as Node
from planner.mermaid.parts import edges_of, kind_of, nodes_of
from planner.mermaid.source import Source
from planner.mermaid.strict import refusal


class Diagram(NamedTuple):
    """A diagram that can be drawn.

    `kind`: `flowchart`, `sequence`, `er`, `class`, `state`, `c4`, `block`, `architecture`, else as the engine says.
    """

    kind: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()


class MermaidFault(ValueError):
    """It cannot be drawn.

    `reason` is a clause, the engine's or ours; `line` counts from 1. `rule` is the check's: `syntax`, `kind`,
    `direction` or `too-large`. `hint` may be empty.
    """

    def __init__(self, reason: str, line: int, rule: str = "syntax", hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.rule = rule
        self.hint = hint


def read(text: str) -> Diagram:
    """The diagram's parts. Raises `MermaidFault`."""
    source = Source(text)
    fault = _fault(source, exact=True)
    if isinstance(fault, MermaidFault):
        raise fault
    return Diagram(kind_of(source, fault), nodes_of(source, fault), edges_of(fault))


def fault_in(text: str) -> MermaidFault | None:
    """Why a diagram cannot be drawn, with the line that the engine names, if it names one; None where it can."""
    fault = _fault(Source(text), exact=False)
    return fault if isinstance(fault, MermaidFault) else None


def _fault(source: Source, *, exact: bool) -> MermaidFault | dict[str, object]:
    """The fault, or the engine's model. `exact`: take time to find its line."""
    try:
        answer = ask(source)
    except TooMuchError as error:
        return MermaidFault(error.reason, 1, "too-large")
    if not answer.reason:
        refused = refusal(source, answer.model)
        if refused is None:
            return answer.model
        return MermaidFault(refused.reason, refused.line, refused.rule, refused.hint)
    if _NO_KIND.search(answer.reason) or not source.header:
        return MermaidFault(answer.reason, source.header or 1, "kind")
    line = _line_of(source, answer.reason, answer.line) if exact else max(answer.line, 1)
    return MermaidFault(answer.reason, line)


_NO_KIND = re.compile(r"no mermaid diagram|no diagram type", re.IGNORECASE)


# --- where a fault stands --------------------------------------------------------------------------------------------

_WORK = 60_000
"""Characters that the engine may read again to find the line of a fault; some ten milliseconds of its work."""

_AT_THE_END = re.compile(r"end of input|\bEOF\b|before end of", re.IGNORECASE)


def _line_of(source: Source, reason: str, named: int) -> int:
    """The line of a fault: the beginning of what is never closed; else the one without which it can be drawn."""
    last = max((number for number, line in enumerate(source.lines, 1) if line.strip()), default=1)
    if _AT_THE_END.search(reason) and source.unclosed:
        return source.unclosed
    near = [each for each in (named, named - 1, named + 1) if source.header < each <= last]
    tries = max(_WORK // max(len(source.text), 1), 3)
    for number in list(dict.fromkeys([*near, *range(source.header + 1, last + 1)]))[:tries]:
        if _drawn_without(source, number):
            return number
    return min(named, last) or _quoted_line(source, reason) or source.header


def _drawn_without(source: Source, number: int) -> bool:
    lines = source.text.split("\n")
    if not source.lines[number - 1].strip():
        return False
    try:
        return not ask(Source("\n".join([*lines[: number - 1], *lines[number:]]))).reason
    except TooMuchError:
        return False


def _quoted_line(source: Source, reason: str) -> int:
    """The line whose text the reason repeats; 0 if none."""
    _, _, said = reason.partition(": ")
    return next((number for number, line in enumerate(source.lines, 1) if said and line.strip() == said.strip()), 0)
