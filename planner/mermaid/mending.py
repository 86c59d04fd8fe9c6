"""Puts the commonest slips in Mermaid diagrams right: quotes, arrows, a missing `end`, a word misspelt. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from planner.mermaid import fault_in
from planner.mermaid.source import FLOWCHARTS, STABLE, Source
from planner.mermaid.strict import DIRECTIONS

_MOST_CHARS = 10_000
"""Longer diagrams are not mended: a slip is tried in some thirty ways."""

Made = tuple[str, str] | None
"""The text after one kind of mending and what was done, a clause; None where there was nothing to do."""


def mended(text: str) -> tuple[str, str] | None:
    """The diagram as it can be drawn, and what was changed, in one sentence; None where that is more than a slip.

    For diagrams that cannot be drawn: one kind of slip by itself is tried first, then one after the other.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > _MOST_CHARS:
        return None
    for step in _STEPS:
        made = step(text)
        if made is not None and _can_be_drawn(made[0]):
            return made[0], _sentence([made[1]])
    said: list[str] = []
    for step in _STEPS:
        made = step(text)
        if made is None:
            continue
        text = made[0]
        said.append(made[1])
        if _can_be_drawn(text):
            return text, _sentence(said)
    return None


def _can_be_drawn(text: str) -> bool:
    return fault_in(text) is None


def _sentence(said: list[str]) -> str:
    joined = " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
    return f"{joined[:1].upper()}{joined[1:]}."


def _counted(count: int, singular: str, plural: str) -> str:
    return singular if count == 1 else plural.replace("{}", str(count))


# --- around the diagram ----------------------------------------------------------------------------------------------


def _without_fence(text: str) -> Made:
    new = re.sub(r"\A\s*(?:```|~~~)\s*(?:mermaid)?[ \t]*\n|\n[ \t]*(?:```|~~~)[ \t]*\Z", "", text)
    return (new, "took the inner fence away") if new != text else None


def _without_prose(text: str) -> Made:
    """Text before the first line that can begin a diagram; only where a line does so at its very beginning."""
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines[:6]) if re.match(rf"({_KINDS})\b(?! ?\w+ is)", line)), 0)
    if at == 0 or any(re.match(r"\s*(?:---|%%)", line) for line in lines[:at]):
        return None
    return "\n".join(lines[at:]), "took the words before the diagram away"


_KINDS = "|".join(sorted((re.escape(each) for each in STABLE), key=len, reverse=True))
_SPELLINGS = {each.lower(): each for each in STABLE} | {
    "sequence": "sequenceDiagram",
    "sequencediagram": "sequenceDiagram",
    "class": "classDiagram",
    "state": "stateDiagram-v2",
    "statediagram": "stateDiagram-v2",
    "er": "erDiagram",
    "entityrelationshipdiagram": "erDiagram",
    "ganttchart": "gantt",
    "flow": "flowchart",
    "flowdiagram": "flowchart",
    "piechart": "pie",
}


def _header(text: str) -> Made:
    """The first line: its word as Mermaid spells it, a direction there is, and what follows on a line of its own."""
    source = Source(text)
    if not source.header:
        return None
    lines = text.split("\n")
    old = lines[source.header - 1]
    keyword = _SPELLINGS.get(source.keyword.lower(), source.keyword)
    rest = old.strip()[len(source.keyword) :].strip()
    said = [] if keyword == source.keyword else [f"wrote `{source.keyword}` as `{keyword}`"]
    if keyword in FLOWCHARTS:
        word, _, after = rest.partition(" ")
        direction = word.rstrip(":;")
        known = _DIRECTIONS.get(direction.upper())
        if direction not in DIRECTIONS and known:
            said.append(f"wrote `{direction}` as `{known}`")
            word = known
        first, behind = (word, after.strip()) if known or direction in DIRECTIONS else ("", rest)
        if behind:
            said.append("put what followed the direction on a line of its own")
        rest = "\n  ".join(each for each in (first, behind) if each) if first else f"TB\n  {behind}" if behind else ""
    new = f"{keyword} {rest}".rstrip()
    if not said:
        return None
    lines[source.header - 1] = new
    return "\n".join(lines), " and ".join(said)


_DIRECTIONS = {each: each for each in ("TB", "TD", "BT", "LR", "RL")} | {
    "DOWN": "TB", "UP": "BT", "RIGHT": "LR", "LEFT": "RL", "DT": "TB", "V": "TB",
}  # fmt: skip


# --- characters ------------------------------------------------------------------------------------------------------

_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "\u00a0": " "})
_LONG_ARROW = re.compile(r"[–—-]*[→⟶➔➜]|[–—]{1,2}>")  # noqa: RUF001 - what is to be replaced
_IN_QUOTES = re.compile(r'("[^"\n]*")')


def _outside_quotes(change: Callable[[str], str], text: str) -> str:
    """`text` with `change` made to all that does not stand in double quotes."""
    return "".join(piece if piece.startswith('"') else change(piece) for piece in _IN_QUOTES.split(text))


def _plain_characters(text: str) -> Made:
    arrow = "->>" if Source(text).keyword == "sequenceDiagram" else "-->"

    def change(piece: str) -> str:
        piece = _LONG_ARROW.sub(arrow, piece).translate(_TYPOGRAPHIC)
        return piece.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")

    new = _outside_quotes(change, text)
    return (new, "wrote typographic characters as plain ones") if new != text else None


# --- flowcharts ------------------------------------------------------------------------------------------------------


def _lines(text: str, change: Callable[[str], str]) -> tuple[str, int]:
    """`text` with `change` made to each line, and how many lines that changed."""
    old = text.split("\n")
    new = [change(line) for line in old]
    return "\n".join(new), sum(one != other for one, other in zip(old, new, strict=True))


def _arrows(text: str) -> Made:
    if not Source(text).is_flowchart:
        return None
    change = partial(re.sub, r"(?<=[\s\w\])}])(?<![-=.<ox])[-=]>(?![>=])", "-->")
    new, _ = _lines(text, partial(_outside_quotes, change))
    return (new, "wrote `->` as `-->`") if new != text else None


_STRUCTURAL = re.compile(r'[()\[\]{}<>@;/\\|#:"]')
_LABELS = (
    (re.compile(r"(?<=\w)\[\((?!\")([^\n\"]*?)\)\](?!\))"), '[("{}")]'),
    (re.compile(r"(?<=\w)\(\[(?!\")([^\n\"]*?)\]\)"), '(["{}"])'),
    (re.compile(r"(?<=\w)\[\[(?!\")([^\n\"]*?)\]\]"), '[["{}"]]'),
    (re.compile(r"(?<=\w)\(\((?!\")([^()\n\"]*)\)\)"), '(("{}"))'),
    (re.compile(r"(?<=\w)\{\{(?!\")([^\n\"]*?)\}\}"), '{{{{"{}"}}}}'),
    (re.compile(r"(?<=\w)\[(?![\[(\"])((?:[^\[\]\n\"]|\[[^\[\]\n\"]*\])*)\](?!\])"), '["{}"]'),
    (re.compile(r"(?<=\w)\((?![\[(\"])([^()\n\"]*\([^()\n\"]*\)[^()\n\"]*)\)(?!\))"), '("{}")'),
    (re.compile(r"(?<=\w)\((?![\[(\"])([^()\n\"]*)\)(?!\))"), '("{}")'),
    (re.compile(r"(?<=\w)\{(?![{\"])((?:[^{}\n\"]|\{[^{}\n\"]*\})*)\}(?!\})"), '{{"{}"}}'),
    (re.compile(r"\|[ \t]*(?!\")([^|\n\"]+?)[ \t]*\|"), '|"{}"|'),
)
_WITH_QUOTES = re.compile(r'(?<=\w)\[(?![\[(/\\"])([^\[\]\n]*"[^\[\]\n]*)\](?!\])')
_NO_LABELS = re.compile(r"\s*(?:%%|classDef|class|style|linkStyle|click|subgraph)\b|\s*%%")


def _quoted(text: str) -> Made:
    if not Source(text).is_flowchart:
        return None
    count = 0

    def label(form: str, match: re.Match[str]) -> str:
        nonlocal count
        inner = match[1].strip()
        if not _STRUCTURAL.search(inner) and inner.casefold() != "end":
            return match[0]
        if form == '["{}"]' and (inner[:1], inner[-1:]) in _SLANTED:
            return match[0]
        count += 1
        return form.format(inner)

    def line(each: str) -> str:
        if _NO_LABELS.match(each):
            return each
        each = _WITH_QUOTES.sub(lambda match: '["' + match[1].replace('"', "'").strip() + '"]', each)
        for pattern, form in _LABELS:
            each = _outside_quotes(partial(pattern.sub, partial(label, form)), each)
        return each

    new, lines = _lines(text, line)
    count = max(count, lines)
    return (new, _counted(count, "put a label in quotes", "put {} labels in quotes")) if new != text else None


_SLANTED = frozenset({("/", "/"), ("/", "\\"), ("\\", "\\"), ("\\", "/")})


def _nested_quotes(text: str) -> Made:
    """`["a "b" c"]` as `["a 'b' c"]`."""

    def inner(match: re.Match[str]) -> str:
        return match[1] + match[2].replace('\\"', "'").replace('"', "'") + match[3]

    new = re.sub(r'([\[({|]")([^\n]*?)("[\])}|])', inner, text)
    return (new, "wrote quotes inside labels as single ones") if new != text else None


def _titles(text: str) -> Made:
    """Subgraphs: their titles in quotes, with no blank after them."""
    if not Source(text).is_flowchart:
        return None

    def line(each: str) -> str:
        match = re.fullmatch(r"(\s*subgraph\s+)([^\"\n]*?)\s*", each)
        with_id = re.fullmatch(r"(\s*subgraph\s+[\w.-]+)\s*\[\s*\"?([^\"\n]*?)\"?\s*\]\s*", each)
        if with_id:
            return f'{with_id[1]}["{with_id[2]}"]' if _STRUCTURAL.search(with_id[2]) or each != each.rstrip() else each
        if match and re.search(r"[()\[\]{},@|<>=]|--", match[2]):
            return f'{match[1]}"{match[2]}"'
        return each

    new, count = _lines(text, line)
    said = _counted(count, "put the title of a subgraph in quotes", "put the titles of {} subgraphs in quotes")
    return (new, said) if new != text else None


_END_NODE = re.compile(r"(?<![\w\"])end(?=\s*(?:[\[({]|-->|---|-\.->|==>|:::))|(?<=[->|&] )end\b(?!\s*\w)|(?<=\|)end\b")


def _end_node(text: str) -> Made:
    if not Source(text).is_flowchart:
        return None
    free = next(name for name in ("end_", "done", "finish", "the_end") if not re.search(rf"\b{name}\b", text))
    new = _outside_quotes(partial(_END_NODE.sub, free), text)
    return (new, f"named the node `end` `{free}`, as Mermaid keeps that word") if new != text else None


_COMMENT_BEHIND = re.compile(r"^(\s*)(\S.*?)\s+(?:%%|//|--\s|#\s)\s*([^\"\]\n]*)$")


def _comments(text: str) -> Made:
    """Comments of other languages, and those that follow something, as Mermaid's, on lines of their own."""
    source = Source(text)
    if not (source.is_flowchart or source.keyword == "erDiagram"):
        return None

    def line(each: str) -> str:
        whole = re.match(r"^(\s*)(?://|#|--)\s+(.*)$", each)
        if whole:
            return f"{whole[1]}%% {whole[2]}"
        match = None if each.lstrip().startswith("%%") else _COMMENT_BEHIND.match(each)
        return f"{match[1]}%% {match[3]}\n{match[1]}{match[2]}" if match else each

    new, _ = _lines(text, line)
    return (new, "put comments on lines of their own") if new != text else None


def _after_end(text: str) -> Made:
    if not Source(text).is_flowchart:
        return None
    new = re.sub(r"^(\s*)end[ \t]+(?=[A-Za-z])(?!.*\bend\s*$)", r"\1end\n\1", text, flags=re.MULTILINE)
    return (new, "put what followed `end` on a line of its own") if new != text else None


# --- other kinds -----------------------------------------------------------------------------------------------------


def _closed(text: str) -> Made:
    """The `end` or `}` that is missing at the end; not in the middle, where nobody knows how far a part goes."""
    source = Source(text)
    closing = "end" if source.is_flowchart or source.keyword == "sequenceDiagram" else "}"
    new = text.rstrip()
    for count in range(1, 6):
        if not Source(new).unclosed:
            return None
        new += f"\n{closing}"
        if not Source(new).unclosed:
            return new, _counted(count, f"added a missing `{closing}`", f"added {{}} missing `{closing}`")
    return None


_ATTRIBUTE = re.compile(
    r"^(\s*)(\w+(?:\([\d,\s]*\))?(?:\[\])?)[ \t]+(\w+)"
    r"((?:[ \t]*,?[ \t]*\b(?:PK|FK|UK|PRIMARY KEY|FOREIGN KEY|UNIQUE)\b)*)"
    r"[ \t]*(?:(?://|--|#|%%)[ \t]*)?([^\n\"{}]*?)(?:\"([^\"\n]*)\")?[ \t]*[;,]?[ \t]*$"
)
_KEYS = {"PK": "PK", "FK": "FK", "UK": "UK", "PRIMARY KEY": "PK", "FOREIGN KEY": "FK", "UNIQUE": "UK"}


def _attributes(text: str) -> Made:
    """Attributes of entities: keys with commas between them, and what else is said of them as a comment in quotes."""
    if Source(text).keyword != "erDiagram":
        return None

    def line(each: str) -> str:
        match = _ATTRIBUTE.match(each)
        if match is None or "--" in match[0].split('"')[0].replace("-- ", "") or ".." in match[0]:
            return each
        indent, kind, name, keys, rest, comment = match.groups()
        found = [_KEYS[key] for key in re.findall("|".join(_KEYS), keys)]
        told = "; ".join(filter(None, (rest.strip(" ,;'`"), (comment or "").strip())))
        kind = "".join(kind.split())
        written = f"{indent}{kind} {name} {', '.join(dict.fromkeys(found))}".rstrip()
        return f'{written} "{told}"' if told else written

    inside = False
    lines: list[str] = []
    for each in text.split("\n"):
        closes = each.strip() == "}"
        lines.append(line(each) if inside and not closes and each.strip() else each)
        inside = not closes and (inside or each.rstrip().endswith("{"))
    new = "\n".join(lines)
    return (new, "wrote what follows an attribute as Mermaid reads it") if new != text else None


def _no_relation_label(text: str) -> Made:
    if Source(text).keyword != "erDiagram":
        return None
    relation = re.compile(
        r'^(\s*(?:[\w.-]+|"[^"\n]+")\s+[|}o]{1,2}(?:--|\.\.)[|{o]{1,2}\s+(?:[\w.-]+|"[^"\n]+"))\s*:?\s*$'
    )
    new, count = _lines(text, partial(relation.sub, r'\1 : ""'))
    return (new, _counted(count, "gave a relation an empty label", "gave {} relations empty labels")) if count else None


def _second_colons(text: str) -> Made:
    """`A : +go() : int` as `A : +go() int`; in a label `a : b` as `a - b`."""
    if Source(text).keyword not in {"classDiagram", "classDiagram-v2"}:
        return None

    def line(each: str) -> str:
        if re.match(r"\s*(?:class|note|link|click|namespace|%%)", each) or '"' in each.partition(":")[2]:
            return each
        head, colon, label = each.partition(" : ") if " : " in each else each.partition(":")
        joint = " - " if "--" in head or ".." in head else " "
        return head + colon + re.sub(r"\s*:\s*", joint, label) if ":" in label and ":::" not in each else each

    new, _ = _lines(text, line)
    return (new, "took second colons away") if new != text else None


def _messages(text: str) -> Made:
    """`;` ends a message, so that it is written as a code in one."""
    if Source(text).keyword != "sequenceDiagram":
        return None

    def line(each: str) -> str:
        head, colon, message = each.partition(":")
        if not colon or ";" not in message.rstrip("; \t"):
            return each
        return head + colon + re.sub(r"(?<!#\d\d);(?=.*\S)|(?<=\w);(?=\s*$)", "#59;", message)

    new, count = _lines(text, line)
    said = _counted(count, "wrote `;` in a message as `#59;`", "wrote `;` in {} messages as `#59;`")
    return (new, said) if new != text else None


def _empty_messages(text: str) -> Made:
    if Source(text).keyword != "sequenceDiagram":
        return None
    message = re.compile(r"^(\s*[\w. -]+?-{1,2}(?:>>|>|x|\))[+-]?\s*\w[\w.-]*)[ \t]+(?=\w[^:]*$)")
    new, count = _lines(text, partial(message.sub, r"\1: "))
    said = _counted(count, "put a colon before a message", "put colons before {} messages")
    return (new, said) if count else None


def _slices(text: str) -> Made:
    """Pie charts: labels in quotes, values without a percent sign."""
    if Source(text).keyword != "pie":
        return None
    piece = re.compile(r'^(\s*)"?([^":\n]+?)"?\s*:\s*([\d.]+)\s*%?\s*$')
    new, _ = _lines(text, partial(piece.sub, r'\1"\2" : \3'))
    return (new, 'wrote slices as `"label" : value`') if new != text else None


_STEPS: tuple[Callable[[str], Made], ...] = (
    _without_fence,
    _without_prose,
    _header,
    _plain_characters,
    _comments,
    _after_end,
    _arrows,
    _quoted,
    _nested_quotes,
    _titles,
    _end_node,
    _attributes,
    _no_relation_label,
    _second_colons,
    _messages,
    _empty_messages,
    _slices,
    _closed,
)
