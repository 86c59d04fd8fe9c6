"""Puts the commonest slips in Mermaid diagrams right: quotes, arrows, a missing `end`. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from planner.mermaid import fault_in


class Step(NamedTuple):
    """One way to mend, and how it is told."""

    change: Callable[[str], str]
    said: str


def mended(text: str) -> tuple[str, str] | None:
    """The diagram as it can be drawn, and what was changed, in one sentence; None where that is more than a slip."""
    said: list[str] = []
    for step in _STEPS:
        new = step.change(text)
        if new == text:
            continue
        text = new
        said.append(step.said)
        if not fault_in(text):
            return text, f"{said[0][:1].upper()}{', '.join(said)[1:]}."
    return None


def _without_fence(text: str) -> str:
    return re.sub(r"\A\s*```(?:mermaid)?[ \t]*\n|\n[ \t]*```[ \t]*\Z", "", text)


_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "–": "-", "—": "-"})  # noqa: RUF001 - what is to be replaced


def _plain_characters(text: str) -> str:
    text = re.sub(r"[–—-]*[→⟶➔➜]", "-->", text)  # noqa: RUF001 - as above
    return text.translate(_TYPOGRAPHIC).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


_STRUCTURAL = r'[()\[\]{}<>@;/\\&#:"]'
_LABELS = (
    (re.compile(r"(?<=\w)\[(?![\[(/\\\"])([^\[\]\n\"]*)\](?!\])"), '["{}"]'),
    (re.compile(r"(?<=\w)\((?![\[(\"])([^()\n\"]*\([^()\n\"]*\)[^()\n\"]*)\)(?!\))"), '("{}")'),
    (re.compile(r"(?<=\w)\{(?![{\"])([^{}\n\"]*)\}(?!\})"), '{{"{}"}}'),
    (re.compile(r"(?<=\w)\[\((?!\")([^\n\"]*?)\)\](?!\))"), '[("{}")]'),
    (re.compile(r"(?<=\w)\(\[(?!\")([^\n\"]*?)\]\)"), '(["{}"])'),
    (re.compile(r"(?<=\w)\(\((?!\")([^()\n\"]*)\)\)"), '(("{}"))'),
    (re.compile(r"\|(?!\")([^|\n\"]+)\|"), '|"{}"|'),
)


_WITH_QUOTES = re.compile(r'(?<=\w)\[(?![\[(/\\"])([^\[\]\n]*"[^\[\]\n]*)\](?!\])')


def _quoted(text: str) -> str:
    if not _is_flowchart(text):
        return text
    lines = text.split("\n")
    return "\n".join(_quoted_line(line) for line in lines)


def _quoted_line(line: str) -> str:
    if re.match(r"\s*(%%|classDef|class|style|linkStyle|click|subgraph\s+\w+\s*$)", line):
        return line
    line = _WITH_QUOTES.sub(lambda match: match[1].replace('"', "'").join('""').join("[]"), line)
    for pattern, form in _LABELS:
        line = pattern.sub(lambda match, form=form: _label(match, form), line)
    return line


def _label(match: re.Match[str], form: str) -> str:
    label = match[1].strip()
    return form.format(label) if re.search(_STRUCTURAL, label) or label.casefold() == "end" else match[0]


def _nested_quotes(text: str) -> str:
    """`["a "b" c"]` as `["a 'b' c"]`."""

    def inner(match: re.Match[str]) -> str:
        return match[1] + match[2].replace('"', "'") + match[3]

    return re.sub(r'([\[({]")([^\n]*?)("[\])}])', inner, text)


def _arrows(text: str) -> str:
    if not _is_flowchart(text):
        return text
    return re.sub(r"(?<=[\s\w\])}\"])(?<![-=.<ox])->(?!>)", "-->", text)


def _end_node(text: str) -> str:
    if not _is_flowchart(text):
        return text
    node = re.compile(
        r"(?<![\w\"])end(?=\s*(?:[\[({]|-->|---|-\.->|==>))|(?<=--> )end\b|(?<=\| )end\b|(?<=\|)end\b", re.MULTILINE
    )
    return node.sub("end_", text)


_OPENS = re.compile(r"^\s*(subgraph|loop|alt|opt|par|critical|break|rect|box)\b", re.MULTILINE)
_ENDS = re.compile(r"^\s*end\s*;?\s*$", re.MULTILINE)


def _closed(text: str) -> str:
    if not (_is_flowchart(text) or re.match(r"\s*sequenceDiagram\b", text)):
        return text
    missing = len(_OPENS.findall(text)) - len(_ENDS.findall(text))
    return text.rstrip() + "\nend" * missing if 0 < missing <= 20 else text  # noqa: PLR2004 - more is no slip


def _is_flowchart(text: str) -> bool:
    return re.search(r"^\s*(flowchart|graph)\b", text, re.MULTILINE) is not None


_STEPS = (
    Step(_without_fence, "took the inner fence away"),
    Step(_plain_characters, "wrote typographic characters in plain ones"),
    Step(_arrows, "wrote `->` as `-->`"),
    Step(_quoted, "put labels in quotes"),
    Step(_nested_quotes, "put single quotes inside labels"),
    Step(_end_node, "renamed the node `end`, which Mermaid keeps for itself"),
    Step(_closed, "added a missing `end`"),
)
