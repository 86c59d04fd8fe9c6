"""Mermaid diagrams can be drawn, are of a kind that Linear knows, and neither link nor load anything. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.checks import Mending, Rule, found, within
from planner.findings import Finding
from planner.mermaid import MOST_CHARS as DRAWABLE
from planner.mermaid import Diagram, MermaidFault, read
from planner.mermaid.mending import mended
from planner.mermaid.source import CLASSES, FLOWCHARTS, STABLE, Source
from planner.mermaid.wording import worded
from planner.subject import Fence, Subject

KINDS = frozenset({"mermaid"})
RULES = {
    "syntax": Rule("error", "it can be drawn"),
    "kind": Rule("error", "it says what kind of diagram it is"),
    "direction": Rule("error", "a flowchart runs in a direction there is"),
    "too-large": Rule("error", "it is small enough to be drawn"),
    "empty": Rule("error", "it shows something"),
    "link": Rule("error", "it has no links, images or scripts"),
    "settings": Rule("error", "it does not loosen what Mermaid guards against"),
    "unstable-kind": Rule("warning", "it is of a kind that every version of Mermaid draws"),
    "crowded": Rule("warning", "it is small enough to be read"),
    "hidden-text": Rule("warning", "no part of a label is read as HTML, and so not shown"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = DRAWABLE

_MOST_NODES = 80


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    source = Source(fence.content)
    yield from _links(source, fence)
    try:
        diagram = read(fence.content)
    except MermaidFault as fault:
        said = worded(fault, source.text)
        at = within(fence.at, fault.line)
        yield found(f"mermaid/{fault.rule}", said.message, at, rules=RULES, hint=said.hint)
        return
    yield from _drawn(source, diagram, fence)


def mend(fence: Fence) -> Mending | None:
    """See `planner.checks`."""
    new = mended(fence.content)
    return Mending(*new) if new else None


def _drawn(source: Source, diagram: Diagram, fence: Fence) -> Iterator[Finding]:
    """What may be wrong with a diagram that can be drawn."""
    at = within(fence.at, source.header)
    if not any(line.strip() for line in source.lines[source.header :]) and ";" not in source.lines[source.header - 1]:
        said = f"The `{source.keyword}` shows nothing."
        yield found("mermaid/empty", said, at, rules=RULES, hint="Draw it, or leave it out.")
    elif source.keyword not in STABLE:
        said = f"`{source.keyword}` diagrams still change from one Mermaid to the next, and Linear may not draw them."
        yield found("mermaid/unstable-kind", said, at, rules=RULES, hint="A flowchart is sure to be drawn.")
    elif len(diagram.nodes) > _MOST_NODES:
        said = f"The diagram has {len(diagram.nodes)} parts, more than anyone reads."
        yield found("mermaid/crowded", said, at, rules=RULES, hint="Split it, or leave details out.")
    yield from _hidden(source, fence)


# --- links -----------------------------------------------------------------------------------------------------------

_ATTRIBUTE = r"[^<>\n]{0,300}?\s[\w:-]{1,40}\s*=[^>\n]{0,300}"
_LOADS = re.compile(
    rf"""<\s*(?:script|img|image|iframe|object|embed|svg|style|link|meta|base|form|input|video|audio|source|a)\b[^>\n]{{0,300}}
    |<[A-Za-z][\w-]{{0,40}}{_ATTRIBUTE}
    |\bhref\s+["'] | \bjavascript: | \burl\( | @import\b
    |\b(?:img|\$link|\$sprite)\s*[:=]\s*["']?[\w.:]*/""",
    re.IGNORECASE | re.VERBOSE,
)
_STATEMENTS = (
    (
        FLOWCHARTS | CLASSES | {"gantt", "stateDiagram", "stateDiagram-v2"},
        r"click[ \t]+[^\s\-=.:&;]+[ \t]+[^\s\-=.:&].*",
    ),
    (CLASSES, r"(?:link|callback)[ \t]+\S+[ \t]+[\"'].*"),
    (frozenset({"sequenceDiagram"}), r"links?[ \t]+[^:>\n]+:.*[@{].*"),
)
_LOOSE = re.compile(r"securityLevel|themeCSS|dompurifyConfig|\bsecure\b|startOnLoad", re.IGNORECASE)


def _links(source: Source, fence: Fence) -> Iterator[Finding]:
    """Anything that leads out of the diagram, or would load something into it; the first of it."""
    statements = [re.compile(pattern) for kinds, pattern in _STATEMENTS if source.keyword in kinds]
    for number, line in enumerate(source.lines, 1):
        stripped = line.strip()
        whole = next((match for each in statements if (match := each.fullmatch(stripped))), None)
        match = whole or _LOADS.search(stripped)
        if match:
            shown = " ".join(match[0].split())[:60].replace("`", "'")
            said = f"`{shown}` links or loads something, which no diagram here may."
            yield found(
                "mermaid/link",
                said,
                within(fence.at, number),
                rules=RULES,
                hint="Take it away; plain labels are enough.",
            )
            break
    loose = _LOOSE.search(source.configuration) or _LOADS.search(source.configuration)
    if loose:
        at = within(fence.at, source.text.count("\n", 0, source.text.find(loose[0])) + 1)
        said = f"`{loose[0][:60]}` changes what Mermaid guards against, which no diagram here may."
        yield found("mermaid/settings", said, at, rules=RULES, hint="Leave settings out; a theme is enough.")


# --- hidden text -----------------------------------------------------------------------------------------------------

_TAG = re.compile(r"(?<![<|}{*o-])<(/?)([A-Za-z][\w,.-]{0,40})(?:\s[^<>\n]{0,100})?/?>(?!>)")
_FORMATTING = frozenset(
    {"br", "b", "i", "u", "s", "em", "strong", "small", "sub", "sup", "code", "span", "div", "p", "center", "hr", "pre"}
)
_SHOWS_TAGS = frozenset({"sequenceDiagram", "gantt", "pie", "journey", "timeline", "gitGraph", "quadrantChart"})
"""Kinds whose text is drawn as it stands (tried against Mermaid 12.3)."""


def _hidden(source: Source, fence: Fence) -> Iterator[Finding]:
    if source.keyword in _SHOWS_TAGS or source.keyword not in STABLE:
        return
    for number, line in enumerate(source.lines, 1):
        match = next((each for each in _TAG.finditer(line) if each[2].lower() not in _FORMATTING), None)
        if match:
            said = f"`{match[0]}` is read as HTML, and so not shown."
            hint = "Write generics as in `List~T~`." if source.keyword in CLASSES else "Write it in braces, in quotes."
            yield found("mermaid/hidden-text", said, within(fence.at, number), rules=RULES, hint=hint)
            return
