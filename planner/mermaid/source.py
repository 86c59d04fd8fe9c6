"""The text of a diagram by its parts: configuration, the word that says its kind, and its lines. No I/O."""

from __future__ import annotations

import re
from functools import cached_property

_FRONT_MATTER = re.compile(r"\A\s*-{3}[ \t]*\n(.*?)\n\s*-{3}[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*%%(?!\{)[^\n]*", re.MULTILINE)
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")

FLOWCHARTS = frozenset({"flowchart", "graph", "flowchart-elk"})
CLASSES = frozenset({"classDiagram", "classDiagram-v2"})
STATES = frozenset({"stateDiagram", "stateDiagram-v2"})
STABLE = (
    FLOWCHARTS
    | CLASSES
    | STATES
    | {
        *(
            "sequenceDiagram",
            "erDiagram",
            "gantt",
            "pie",
            "journey",
            "gitGraph",
            "mindmap",
            "timeline",
            "quadrantChart",
        ),
        "requirementDiagram",
    }
)
"""The kinds that every Mermaid since 10 draws in one way (tried: 10.9, 11.4, 12.3) and whose syntax is settled."""


class Source:
    """A diagram's text.

    `keyword`: its first word, "flowchart"; empty if it has none. `header`: the line of that word, from 1; 0 if it has
    none. `lines`: what is drawn, line for line, comments and configuration blanked. `configuration`: the rest.
    """

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.configuration, body = _apart(self.text)
        self.lines = body.split("\n")
        self.header = next((number for number, line in enumerate(self.lines, 1) if line.strip()), 0)
        first = self.lines[self.header - 1].strip() if self.header else ""
        match = _KEYWORD.match(first)
        self.keyword = match[0] if match else ""

    @property
    def is_flowchart(self) -> bool:
        """Whether it is a flowchart, by any of its names."""
        return self.keyword in FLOWCHARTS

    @cached_property
    def unclosed(self) -> int:
        """The line of the innermost part that is opened and never closed; 0 where all are."""
        open_at: list[int] = []
        for number, line in enumerate(self.lines, 1):
            if self._opens(line):
                open_at.append(number)
            elif self._closes(line) and open_at:
                open_at.pop()
        return open_at[-1] if open_at else 0

    @cached_property
    def depth(self) -> int:
        """How deep parts lie in parts, or brackets in brackets on one line (new kinds: in all of it)."""
        deepest = depth = 0
        for line in self.lines:
            depth = max(depth + self._opens(line) - self._closes(line), 0)
            deepest = max(deepest, depth)
        brackets = "\n".join(re.sub(r"[^\[({\])}\n]", "", line) for line in self.lines)
        depth = 0
        for each in brackets:
            if each == "\n":
                depth = 0 if self.keyword in STABLE else depth
            else:
                depth = max(depth + (1 if each in "[({" else -1), 0)
                deepest = max(deepest, depth)
        return deepest

    def _opens(self, line: str) -> bool:
        pattern = _OPENING.get("flowchart" if self.is_flowchart else self.keyword, _BRACE)
        return pattern.search(line) is not None

    def _closes(self, line: str) -> bool:
        return line.strip().rstrip(";") == "end" if self._by_words else line.lstrip().startswith("}")

    @property
    def _by_words(self) -> bool:
        return self.is_flowchart or self.keyword in _OPENING


_BRACE = re.compile(r"\{\s*$")
_OPENING = {
    "flowchart": re.compile(r"^\s*subgraph\b"),
    "sequenceDiagram": re.compile(r"^\s*(?:loop|alt|opt|par|par_over|critical|break|rect|box)\b(?!\s*[-<:])"),
    "block": re.compile(r"^\s*block(?:\s*$|:)"),
    "block-beta": re.compile(r"^\s*block(?:\s*$|:)"),
}


def _apart(text: str) -> tuple[str, str]:
    """Configuration (front matter and directives), and the rest with as many lines as the whole."""
    settings: list[str] = []
    match = _FRONT_MATTER.match(text)
    if match:
        settings.append(match[1])
        text = "\n" * match[0].count("\n") + text[match.end() :]
    pieces: list[str] = []
    at = 0
    while (start := text.find("%%{", at)) >= 0 and (end := text.find("}%%", start)) >= 0:
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        settings.append(text[start : end + 3])
        at = end + 3
    return "\n".join(settings), _COMMENT.sub("", "".join([*pieces, text[at:]]))
