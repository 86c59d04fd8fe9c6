"""Mermaid diagrams can be drawn, are of a kind that Linear knows, and neither link nor load anything. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.checks import Mending, Rule, found, within
from planner.findings import Finding
from planner.mermaid import MOST_CHARS as DRAWABLE
from planner.mermaid import MermaidFault, read
from planner.mermaid_mending import mended
from planner.subject import Fence, Subject

KINDS = frozenset({"mermaid"})
RULES = {
    "syntax": Rule("error", "it can be drawn"),
    "kind": Rule("error", "it says what kind of diagram it is"),
    "unstable-kind": Rule("warning", "it is of a kind that every version of Mermaid draws"),
    "direction": Rule("error", "a flowchart runs in a direction there is"),
    "link": Rule("error", "it has no links, images or scripts"),
    "too-large": Rule("warning", "it is small enough to be read"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = DRAWABLE

_STABLE = frozenset(
    {
        *("flowchart", "graph", "sequenceDiagram", "classDiagram", "classDiagram-v2", "stateDiagram"),
        *("stateDiagram-v2", "erDiagram", "gantt", "pie", "journey", "gitGraph", "mindmap", "timeline"),
        *("quadrantChart", "requirementDiagram"),
    }
)
_FRONT_MATTER = re.compile(r"\A\s*---\n.*?\n---[ \t]*\n", re.DOTALL)
_COMMENT = re.compile(r"^\s*%%.*$", re.MULTILINE)
_KEYWORD = re.compile(r"\s*([A-Za-z][\w-]*)")
_DIRECTION = re.compile(r"^\s*(?:flowchart|graph)[ \t]+([A-Za-z]+)[ \t]*(?:;|$)", re.MULTILINE)
_LINKING = re.compile(
    r"^\s*(?P<click>click|callback|links?)\s+\S+|\bhref\s+[\"']|(?P<img>\bimg\s*:)|(?P<tag><\s*/?\s*(?!br\b|/|b>|i>|u>|sub>|sup>)[A-Za-z!][^>\n]{0,200}>)"
    r"|(?P<script>javascript:)|(?P<loose>securityLevel\W{0,4}(?:loose|antiscript|sandbox))",
    re.MULTILINE | re.IGNORECASE,
)
_MOST_NODES = 80


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    text = fence.content
    keyword = _keyword(text)
    match = _LINKING.search(text)
    # `link` is a word for messages, too, but for what links in class diagrams.
    is_word = match is not None and (match["click"] or "").lower() in {"link", "links"} and keyword != "classDiagram"
    if match is not None and not is_word:
        said = f"`{' '.join(match[0].split())[:60]}` links or loads something, which no diagram here may."
        start = match.end() - len(match[0].lstrip())
        at = within(fence.at, text.count("\n", 0, start) + 1)
        yield found("mermaid/link", said, at, rules=RULES, hint="Take it away; plain labels are enough.")
    try:
        diagram = read(text)
    except MermaidFault as fault:
        yield _unread(fault, fence, keyword)
        return
    direction = _DIRECTION.search(text) if keyword in {"flowchart", "graph"} else None
    if direction and direction[1].upper() not in {"TB", "TD", "BT", "LR", "RL", "V", "S"} and keyword != direction[1]:
        at = within(fence.at, text.count("\n", 0, direction.start(1)) + 1)
        yield found("mermaid/direction", f"`{direction[1]}` is no direction.", at, rules=RULES, hint="Write TB or LR.")
    if keyword not in _STABLE:
        said = f"`{keyword}` diagrams are new in Mermaid, and Linear may not draw them."
        yield found(
            "mermaid/unstable-kind", said, within(fence.at, 1), rules=RULES, hint="A flowchart is sure to be drawn."
        )
    if len(diagram.nodes) > _MOST_NODES:
        said = f"The diagram has {len(diagram.nodes)} parts, more than anyone reads."
        yield found("mermaid/too-large", said, within(fence.at, 1), rules=RULES, hint="Split it, or leave details out.")


def mend(fence: Fence) -> Mending | None:
    """See `planner.checks`."""
    new = mended(fence.content)
    return Mending(*new) if new else None


def _keyword(text: str) -> str:
    match = _KEYWORD.match(_COMMENT.sub("", _FRONT_MATTER.sub("", text)))
    return match[1] if match else ""


def _unread(fault: MermaidFault, fence: Fence, keyword: str) -> Finding:
    at = within(fence.at, fault.line)
    if "no Mermaid diagram detected" in fault.reason:
        named = f"`{keyword}` is no kind of diagram." if keyword else "The diagram is empty."
        return found("mermaid/kind", named, within(fence.at, 1), rules=RULES, hint="Begin with `flowchart LR`.")
    lines = fence.content.split("\n")
    line = " ".join(lines[fault.line - 1].split()) if fault.line <= len(lines) else ""
    shown = line if len(line) <= 80 else f"{line[:77]}..."  # noqa: PLR2004 - a part of a line
    if "end of input" in fault.reason:
        said = "The diagram ends where something is still open."
        return found("mermaid/syntax", said, at, rules=RULES, hint="Close each subgraph, block and bracket.")
    reason = fault.reason.partition("; expected")[0].rstrip(".")
    said = f"Mermaid cannot read `{shown}`: {reason[:1].lower()}{reason[1:160]}."
    return found("mermaid/syntax", said, at, rules=RULES, hint="Put labels with special characters in double quotes.")
