"""Says in plain words why a diagram cannot be drawn. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

from planner.mermaid import MermaidFault
from planner.mermaid.source import Source

_LINE_CHARS = 80
_REASON_CHARS = 160


class Worded(NamedTuple):
    """One sentence on what is wrong, and one on what to do, which may be empty."""

    message: str
    hint: str


def worded(fault: MermaidFault, text: str) -> Worded:
    """The fault in the diagram `text` as people read it."""
    source = Source(text)
    if fault.rule == "too-large":
        return Worded(
            f"The diagram was not read: {fault.reason}.", "Split it, or leave out what the plan does not need."
        )
    if fault.rule == "kind":
        return _kind(source)
    line = _shown(text.split("\n"), fault.line)
    for pattern, said, hint in _ENGINE:
        match = pattern.search(fault.reason)
        if match:
            return Worded(f"Mermaid cannot read `{line}`: {match.expand(said)}.", hint)
    if _OPEN.search(fault.reason):
        hint = "Close it with `end`." if "end" in fault.reason.partition("expected")[2] else "Close it."
        if fault.line == source.unclosed:
            return Worded(f"`{line}` is opened and never closed.", _closing(source))
        return Worded(f"The diagram ends in the middle of `{line}`.", hint if source.unclosed else "")
    reason = fault.reason.partition("; expected")[0].rstrip(".")
    reason = f"{reason[:1].lower()}{reason[1:_REASON_CHARS]}"
    return Worded(f"Mermaid cannot read `{line}`: {reason}.", fault.hint)


def _closing(source: Source) -> str:
    by_word = source.is_flowchart or source.keyword in {"sequenceDiagram", "block", "block-beta"}
    return "Add `end` where it ends." if by_word else "Add `}` where it ends."


def _kind(source: Source) -> Worded:
    if not source.keyword:
        first = source.lines[source.header - 1].strip()[:_LINE_CHARS] if source.header else ""
        said = f"`{first}` begins no diagram." if first else "The diagram is empty."
        return Worded(said, "Begin with its kind, as in `flowchart LR`.")
    return Worded(f"`{source.keyword}` is no kind of diagram.", "Begin with one, as in `flowchart LR` or `erDiagram`.")


def _shown(lines: list[str], number: int) -> str:
    """A line as a message quotes it: without blanks around it, shortened, and with no backtick of its own."""
    line = " ".join(lines[number - 1].split()) if 0 < number <= len(lines) else ""
    return (line if len(line) <= _LINE_CHARS else f"{line[: _LINE_CHARS - 3]}...").replace("`", "'")


_OPEN = re.compile(r"end of input|\bEOF\b|before end of", re.IGNORECASE)
_QUOTE = "Put the label in double quotes."
_ENGINE: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), said, hint)
    for pattern, said, hint in (
        ("contains structural characters", "the label holds signs that mean something to Mermaid", _QUOTE),
        ("nested quotes", "double quotes stand inside a quoted label", "Write single quotes inside it."),
        ("edge operator", "this is no arrow", "Write `-->`."),
        (r"^unexpected end; expected", "`end` is a word that Mermaid keeps for itself", "Give the node another name."),
        (r"Unterminated node label \(missing `(.+?)`\)", r"a label is opened and not closed by `\1`", _QUOTE),
        (
            r"attr word|[Ii]nvalid attribute",
            "an attribute is a type, a name, keys and a comment in double quotes",
            'Write it as in `uuid id PK "made by us"`.',
        ),
        (r"^unexpected ([a-z ]+); expected (?:sep|newline)\b", r"\1 stands where the line should end", ""),
        (r"^unexpected ([a-z ]+); expected", r"\1 stands where it may not", ""),
        (r"^Unexpected character (?:at \d+|'(.)')", "a sign stands where it may not", _QUOTE),
        (r"^invalid YAML front-matter: (.{0,80})", "the lines between `---` are no YAML", "Quote their values."),
        (r"^Malformed YAML front-matter", "the first lines are not closed by `---`", "Leave them out."),
    )
)
