"""What Mermaid refuses and the engine lets pass, kind by kind (tried against Mermaid 12.3 in a browser). No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from planner.mermaid.source import CLASSES, FLOWCHARTS, STATES, Source
from planner.notation import items as listed
from planner.notation import mapping

MOST_EDGES = 500
"""Mermaid draws no flowchart with more (`maxEdges`), and no diagram can raise that."""


class Refusal(NamedTuple):
    """Why Mermaid does not draw it: the check's rule, a clause that follows the line in question, a hint."""

    rule: str
    reason: str
    line: int
    hint: str = ""


def refusal(source: Source, model: dict[str, Any]) -> Refusal | None:
    """The first thing that Mermaid would refuse in a diagram that the engine draws. `model`: the engine's."""
    rule = _RULES.get(source.keyword)
    return next(rule(source, model), None) if rule else None


def _numbered(source: Source) -> Iterator[tuple[int, str]]:
    """The lines after the one with the keyword that hold anything, without blanks around them."""
    for number, line in enumerate(source.lines[source.header :], source.header + 1):
        if stripped := line.strip():
            yield number, stripped


# --- flowcharts ------------------------------------------------------------------------------------------------------

DIRECTIONS = frozenset({"TB", "TD", "BT", "LR", "RL", "v", "<", ">", "^"})
_HEADER = re.compile(r"\s*[\w-]+[ \t]*([^\s;]*)([^;]*)")
_COVERED = re.compile(r'"[^"\n]*"|\[[^\]\n]*\]|\([^)\n]*\)|\{[^}\n]*\}|\|[^|\n]*\|')
_TRAILING_COMMENT = re.compile(r"\s%%.*")
_AFTER_END = re.compile(r"end[ \t]+[^\s;].*")
_BEFORE_END = re.compile(r"[\])}\"][ \t]+end;?$")
_TITLE = re.compile(r"subgraph[ \t]+(.*)")
_TITLE_WITH_ID = re.compile(r"[\w.-]+[ \t]*\[.*\]")
_SIGN_IN_TITLE = re.compile(r"[()\[\]{},@|<>=\"]|(?<=-)-")
_SETTING = re.compile(r"(?:classDef|class|style|linkStyle|click|accTitle|accDescr|subgraph)\b")


def _flowchart(source: Source, model: dict[str, Any]) -> Iterator[Refusal]:
    match = _HEADER.match(source.lines[source.header - 1])
    word, rest = (match[1], match[2].strip()) if match else ("", "")
    if word and word not in DIRECTIONS:
        if rest or not re.fullmatch(r"[A-Za-z]{1,3}|DOWN|UP|LEFT|RIGHT|down|up|left|right", word):
            yield Refusal("syntax", _NOT_ALONE, source.header, _NEW_LINE)
        else:
            yield Refusal("direction", f"`{word}` is no direction", source.header, "Write TB, BT, LR or RL.")
    elif rest:
        yield Refusal("syntax", _NOT_ALONE, source.header, _NEW_LINE)
    for number, line in _numbered(source):
        if line.startswith("subgraph"):
            yield from _title(line, source.lines[number - 1], number)
        elif _AFTER_END.fullmatch(line):
            yield Refusal("syntax", "nothing may follow `end`", number, _NEW_LINE)
        elif _BEFORE_END.search(line):
            yield Refusal("syntax", "`end` stands behind something", number, "Put `end` on a line of its own.")
        elif "%%" in line and not _SETTING.match(line) and _TRAILING_COMMENT.search(_COVERED.sub("x", line)):
            yield Refusal(
                "syntax", "a comment may not follow anything", number, "Put the comment on a line of its own."
            )
    if len(listed(model.get("edges"))) > MOST_EDGES:
        yield Refusal(
            "too-large", f"it has more than {MOST_EDGES} arrows, and Mermaid draws no more", source.header, "Split it."
        )


_NOT_ALONE = "nothing but a direction may follow the kind of diagram"
_NEW_LINE = "Put what follows on a new line."


def _title(stripped: str, line: str, number: int) -> Iterator[Refusal]:
    match = _TITLE.match(stripped)
    title = match[1].split("%%")[0].rstrip("; ") if match else ""
    if title.startswith('"'):
        return
    if _TITLE_WITH_ID.fullmatch(title):
        if line != line.rstrip():
            yield Refusal("syntax", "a blank follows the title of the subgraph", number, "Take the blank away.")
        elif re.match(r"[\w.-]+[ \t]+\[\"", title):
            yield Refusal("syntax", "a blank stands before the title of the subgraph", number, "Take the blank away.")
        return
    sign = _SIGN_IN_TITLE.search(title)
    if sign:
        said = f"the title of a subgraph may hold `{sign[0]}` only in double quotes"
        yield Refusal("syntax", said, number, "Put the title in double quotes.")


# --- class diagrams --------------------------------------------------------------------------------------------------

_BODY = re.compile(r"(?:class|namespace)\b.*\{$")
_LABEL = re.compile(r"(?<!:):(?!:)(.*)")
_NO_LABEL = re.compile(
    r"(?:class|namespace|note|click|link|callback|style|classDef|cssClass|direction|acc\w+|title)\b|<<"
)


def _class(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    depth = 0
    for number, line in _numbered(source):
        if line == "}":
            depth -= 1
        elif _BODY.match(line):
            depth += 1
        elif depth > 0:
            yield from _member(line, number)
        elif not _NO_LABEL.match(line):
            yield from _class_line(line, number)


def _member(line: str, number: int) -> Iterator[Refusal]:
    brace = next((each for each in "{}" if each in line), "")
    if brace:
        yield Refusal("syntax", f"a member may not hold `{brace}`", number, "Leave the braces out.")
    elif line.startswith('"'):
        yield Refusal("syntax", "a member may not begin with a quote", number, "Leave the quotes out.")
    elif line.find(")") >= 0 and not 0 <= line.find("(") < line.find(")"):
        yield Refusal("syntax", "a `)` stands before any `(`", number, "Close only brackets that are open.")


def _class_line(line: str, number: int) -> Iterator[Refusal]:
    plain = re.sub(r'"[^"]*"|`[^`]*`', "x", line)
    match = _LABEL.search(plain)
    if match and re.search(r"(?<!:):(?!:)", match[1]):
        yield Refusal("syntax", "a second colon may not follow the first", number, "Write `name() int`, with no colon.")
    elif match and "--" not in plain and ".." not in plain:
        yield from _member(match[1].strip(), number)
    elif re.search(r"%|(?<=\w)\|(?=\w)", plain[: match.start()] if match else plain):
        yield Refusal("syntax", "the name of a class holds a sign that it may not", number, "Use letters and digits.")


# --- other kinds -----------------------------------------------------------------------------------------------------

_STATE_NOTE = re.compile(r"note[ \t]+(?:right|left)[ \t]+of[ \t]+([^\s:]+)")


def _state(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    for number, line in _numbered(source):
        match = _STATE_NOTE.match(line)
        if match is None:
            continue
        name = re.escape(match[1])
        pattern = re.compile(rf"(?<![\w-]){name}(?![\w-])")
        others = (each for _, each in _numbered(source) if not each.startswith("note ") and each != f"state {match[1]}")
        if not any(pattern.search(each) for each in others):
            yield Refusal("syntax", f"the note belongs to `{match[1]}`, which no arrow names", number, "Name a state.")
        elif line.count(":") > 1 and line.count("::") == 0:
            yield Refusal("syntax", "a note may hold one colon only", number, "Take the second colon away.")


def _er(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    for number, line in enumerate(source.lines, 1):
        if _TRAILING_COMMENT.search(re.sub(r'"[^"\n]*"', "x", line)):
            yield Refusal(
                "syntax", "a comment may not follow anything", number, "Put the comment on a line of its own."
            )


_TASK = re.compile(r"([^:]*):(.*)")
_TASK_TAGS = frozenset({"active", "done", "crit", "milestone", "vert"})
_NO_TASK = re.compile(
    r"(?:title|dateFormat|axisFormat|tickInterval|excludes|includes|todayMarker|section|weekday|weekend|click|acc\w+)\b"
)


def _gantt(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    for number, line in _numbered(source):
        match = None if _NO_TASK.match(line) else _TASK.match(line)
        if match is None:
            continue
        pieces = [each.strip() for each in match[2].split(",")]
        if not match[1].strip():
            yield Refusal("syntax", "the task has no name", number, "Write its name before the colon.")
        elif not 1 <= sum(each not in _TASK_TAGS for each in pieces) <= 3 or pieces == [""]:  # noqa: PLR2004 - as the hint says
            yield Refusal("syntax", "a task is an id, a start and an end", number, "Write `name : id, start, 3d`.")


def _journey(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    for number, line in _numbered(source):
        if not re.match(r"title\b|section\b|acc\w+", line) and (len(re.findall(":+", line)) > 2 or ";" in line):  # noqa: PLR2004 - as the hint says
            yield Refusal("syntax", "a step is a name, a score and actors", number, "Write `Pay: 5: Customer`.")


def _quadrant(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    for number, line in _numbered(source):
        plain = re.sub(r'"[^"]*"', "x", line)
        if re.match(r"[xy]-axis\b", line):
            if re.search(r"[>|\[\]:]", plain.replace("-->", "", 1)):
                yield Refusal(
                    "syntax", "an axis runs from one name `-->` to another", number, "Write `x-axis Low --> High`."
                )
        elif not re.match(r"title\b|acc\w+|classDef\b", line) and re.search(
            r"[\[\](){}|<>]", re.sub(r":\s*\[[\d., ]+\].*", "", plain)
        ):
            yield Refusal("syntax", "a name holds a sign that it may hold only in double quotes", number, "Quote it.")


def _c4(source: Source, model: dict[str, Any]) -> Iterator[Refusal]:
    names = {mapping(each).get("alias") for key in ("shapes", "boundaries") for each in listed(model.get(key))}
    for number, line in _numbered(source):
        if re.search(r"”\s*\)", line):
            yield Refusal("syntax", "these are no quotes to Mermaid", number, 'Write plain `"` instead.')
        match = re.match(r"(?:Bi)?Rel\w*\s*\(\s*\"?([\w.-]*)\"?\s*,\s*\"?([\w.-]*)\"?\s*,", line) if model else None
        unknown = next((each for each in match.groups() if each not in names), None) if match else None
        if unknown is not None:
            yield Refusal("syntax", f"`{unknown}` is defined nowhere", number, "Name a part of the diagram.")


def _requirement(source: Source, model: dict[str, Any]) -> Iterator[Refusal]:
    names = {mapping(each).get("name") for key in ("requirements", "elements") for each in listed(model.get(key))}
    for number, line in _numbered(source):
        if re.search(r":\s*[“”]", line):
            yield Refusal("syntax", "these are no quotes to Mermaid", number, 'Write plain `"` instead.')
        match = re.match(r"(\S*)\s*(?:<-|-)\s*\w+\s*(?:->|-)\s*(\S*)$", line) if model else None
        unknown = next((each for each in match.groups() if each.strip('"') not in names), None) if match else None
        if unknown is not None:
            yield Refusal("syntax", f"`{unknown}` is defined nowhere", number, "Name a requirement or an element.")


def _xychart(source: Source, _model: dict[str, Any]) -> Iterator[Refusal]:
    if not any(re.match(r"(?:bar|line)\b", line) for _, line in _numbered(source)):
        yield Refusal("syntax", "it has no `bar` and no `line`", source.header, "Give it data.")


_RULES: dict[str, Callable[[Source, dict[str, Any]], Iterator[Refusal]]] = {
    **dict.fromkeys(FLOWCHARTS, _flowchart),
    **dict.fromkeys(CLASSES, _class),
    **dict.fromkeys(STATES, _state),
    "erDiagram": _er,
    "gantt": _gantt,
    "journey": _journey,
    "quadrantChart": _quadrant,
    **dict.fromkeys(("C4Context", "C4Container", "C4Component", "C4Dynamic", "C4Deployment"), _c4),
    "requirementDiagram": _requirement,
    **dict.fromkeys(("xychart", "xychart-beta"), _xychart),
}
