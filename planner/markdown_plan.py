"""Reads a plan back from Markdown: its code blocks with their lines, and as much of its outline as is sure. No I/O.

It knows how `planner.document` writes plans, also as Linear gives them back, and the commonest ways people write them:
tables with these columns in any order, a heading for each phase. What it does not recognise is left empty, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from planner.findings import At
from planner.outline import (
    Citation,
    Outline,
    OutlinedOperation,
    OutlinedPhase,
    OutlinedRequirement,
    OutlinedRisk,
    OutlinedService,
    OutlinedTable,
    OutlinedTest,
)
from planner.plan import Span
from planner.subject import Subject, fences_in, in_dialect

MOST_CHARS = 400_000
"""Longer files are not read; `structure/too-long` says so."""


def subject_of_file(text: str) -> Subject:
    """A Markdown file as checks look at it. Lines are those of the file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_CHARS:
        return Subject(is_file=True, markdown=text)
    blocks = list(_blocks(text))
    outline = _outline(blocks)
    fences = tuple(in_dialect(fence, outline.database) for fence in fences_in(text))
    return Subject(is_file=True, markdown=text, fences=fences, outline=outline)


# --- blocks ----------------------------------------------------------------------------------------------------------


class _Block(NamedTuple):
    """A heading, paragraph, list item or table of the text, with the headings it stands under (levels 2, 3 and 4).

    `rows` are a table's cells, the header first; `ordered` tells items of numbered lists.
    """

    kind: str
    text: str
    line: int
    under: tuple[str, str, str]
    rows: tuple[tuple[str, ...], ...] = ()
    row_lines: tuple[int, ...] = ()
    ordered: bool = False


@cache
def _parser() -> MarkdownIt:
    # Emphasis and links are read below where they matter; markdown-it's own reading of them can take quadratic time.
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


def _blocks(text: str) -> Iterator[_Block]:
    under = ["", "", ""]
    lists: list[bool] = []
    tokens = _parser().parse(text)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            level, heading = int(token.tag[1]), _plain(tokens[at + 1].content)
            if level >= 2 and token.level == 0:  # noqa: PLR2004 - the title of a file stands above all
                under[min(level, 4) - 2 :] = [heading, *[""] * (4 - min(level, 4))]
            yield _Block("heading", heading, line, (under[0], under[1], under[2]))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.type == "ordered_list_open")
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "table_open":
            end = next(number for number in range(at, len(tokens)) if tokens[number].type == "table_close")
            yield _table(tokens[at:end], line, (under[0], under[1], under[2]))
            at = end
        elif token.type == "inline":
            kind = "item" if lists else "paragraph"
            where = (under[0], under[1], under[2])
            if tokens[at - 1].type == "paragraph_open":
                yield _Block(kind, token.content, line, where, ordered=bool(lists and lists[-1]))
        at += 1


def _table(tokens: Sequence[Token], line: int, under: tuple[str, str, str]) -> _Block:
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    cells: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            cells = []
            lines.append(token.map[0] + 1 if token.map else line)
        elif token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            rows.append(tuple(cells))
    return _Block("table", "", line, under, rows=tuple(rows), row_lines=tuple(lines))


_MARKS = re.compile(r"[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|\\(?=[^\w\s])")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


def _plain(text: str) -> str:
    """Without links, emphasis and escapes, on one line."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())


def _unlinked(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).split())


# --- tables ----------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A row by the names of its columns, in lower case."""

    cells: Mapping[str, str]
    at: At

    def get(self, *names: str) -> str:
        """The cell of the first column whose name begins with one of these."""
        for name in names:
            for key, value in self.cells.items():
                if key.startswith(name):
                    return value
        return ""


def _rows(block: _Block) -> Iterator[_Row]:
    header = [_plain(cell).casefold() or f"#{number}" for number, cell in enumerate(block.rows[0])]
    for cells, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        yield _Row(dict(zip(header, cells, strict=False)), At(section=block.under[0], line=line))


def _has(block: _Block, *columns: Sequence[str]) -> bool:
    """Whether a table has, for each of `columns`, one that begins with one of these words."""
    header = [_plain(cell).casefold() for cell in block.rows[0]]
    return all(any(cell.startswith(word) for cell in header for word in words) for words in columns)


_IDS = re.compile(r"\bR\d{1,4}\b")
_ID = re.compile(r"R\d{1,4}")


def _outline(blocks: Sequence[_Block]) -> Outline:
    tables = [block for block in blocks if block.kind == "table" and len(block.rows) > 1]
    phases = _phases(blocks, tables)
    return Outline(
        requirements=tuple(_requirements(blocks, tables)),
        phases=phases,
        tests=tuple(_tests(blocks, tables)),
        risks=tuple(_risks(tables, phases)),
        services=tuple(_services(tables)),
        operations=tuple(_operations(blocks, tables)),
        database=_database(blocks),
        tables=tuple(_columns(tables)),
        citations=tuple(_citations(blocks)),
        timeline=_timeline(blocks),
    )


def _requirements(blocks: Sequence[_Block], tables: Sequence[_Block]) -> Iterator[OutlinedRequirement]:
    seen: set[str] = set()
    for block in tables:
        if not _has(block, ("requirement",)):
            continue
        for row in _rows(block):
            name = next((value for value in map(_plain, row.cells.values()) if _ID.fullmatch(value)), "")
            text = row.get("requirement", "description", "what")
            if name and name not in seen and name != text:
                seen.add(name)
                yield OutlinedRequirement(id=name, text=_without_quality(text), at=row.at)
    for block in blocks:
        match = re.match(r"\*\*(R\d{1,4})\s*[:.]?\*\*\s*[:.]?\s*(.+)", block.text, re.DOTALL)
        if block.kind == "item" and match and match[1] not in seen:
            seen.add(match[1])
            text = re.sub(r"\s*\([^()]*(?:\([^()]*\))?[^()]*\)\s*$", "", match[2])
            yield OutlinedRequirement(id=match[1], text=_without_quality(text), at=_at(block))


def _without_quality(text: str) -> str:
    return re.sub(r"\s*\*\(quality\)\*|\s*_\(quality\)_", "", _unlinked(text)).strip()


def _at(block: _Block) -> At:
    return At(section=block.under[0], line=block.line)


def _tests(blocks: Sequence[_Block], tables: Sequence[_Block]) -> Iterator[OutlinedTest]:
    number = 0
    for block in tables:
        if not _has(block, ("test", "case"), ("prove", "requirement", "cover", "for")):
            continue
        for row in _rows(block):
            number += 1
            ids = tuple(_IDS.findall(row.get("prove", "requirement", "cover", "for")))
            yield OutlinedTest(id=f"X{number}", text=_unlinked(row.get("test", "case")), requirement_ids=ids, at=row.at)
    if number:
        return
    for block in blocks:
        in_tests = "test" in block.under[1].casefold() or block.text.startswith("**Tests.**")
        match = re.search(r"\((R\d{1,4}(?:, R\d{1,4})*)\)\s*$", block.text)
        if in_tests and match:
            number += 1
            text = _unlinked(block.text[: match.start()])
            yield OutlinedTest(id=f"X{number}", text=text, requirement_ids=tuple(match[1].split(", ")), at=_at(block))


def _risks(tables: Sequence[_Block], phases: Sequence[OutlinedPhase]) -> Iterator[OutlinedRisk]:
    keys = {each.key for each in phases}
    for block in tables:
        if not _has(block, ("risk",), ("likelihood", "probability", "impact", "what is done", "mitigation")):
            continue
        for row in _rows(block):
            phase = _plain(row.get("phase"))
            yield OutlinedRisk(
                text=_unlinked(row.get("risk")),
                likelihood=_plain(row.get("likelihood", "probability")),
                impact=_plain(row.get("impact", "severity")),
                mitigation=_unlinked(row.get("what is done", "mitigation", "response", "measure")),
                phase=phase if phase in keys or phase.isdigit() else "",
                at=row.at,
            )


def _services(tables: Sequence[_Block]) -> Iterator[OutlinedService]:
    number = 0
    for block in tables:
        if not _has(block, ("service", "component"), ("runs on", "aws", "platform", "is responsible", "responsib")):
            continue
        for row in _rows(block):
            number += 1
            yield OutlinedService(
                id=f"S{number}",
                name=_plain(row.get("service", "component")),
                runs_on=_plain(row.get("runs on", "aws", "platform")),
                responsibility=_unlinked(row.get("is responsible", "responsib")),
                at=row.at,
            )


_OPERATION = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|QUERY|MUTATION|EVENT)\s+`*([^\s`]+)`*", re.IGNORECASE)


_SAID_OPERATION = re.compile(r"\*\*([A-Z]{3,8}) `([^`\n]+)`\*\*:")


def _operations(blocks: Sequence[_Block], tables: Sequence[_Block]) -> Iterator[OutlinedOperation]:
    number = 0
    for block in blocks:
        # One alone, and the few of a small plan, stand in sentences.
        if (match := _SAID_OPERATION.search(block.text)) and block.kind in {"paragraph", "item"}:
            number += 1
            yield OutlinedOperation(id=f"O{number}", method=match[1], path=match[2], at=_at(block))
    for block in tables:
        if not _has(block, ("operation", "endpoint", "method", "route", "path")):
            continue
        for row in _rows(block):
            given = f"{row.get('method')} {row.get('path', 'route', 'endpoint', 'operation')}".strip()
            match = _OPERATION.match(_LINK.sub(r"\1", given).replace("\\", ""))
            if match:
                number += 1
                yield OutlinedOperation(id=f"O{number}", method=match[1].upper(), path=match[2], at=row.at)


def _columns(tables: Sequence[_Block]) -> Iterator[OutlinedTable]:
    number = 0
    for block in tables:
        if not _has(block, ("column", "attribute", "field"), ("type",)) or not (block.under[2] or block.under[1]):
            continue
        number += 1
        columns = tuple(
            (_plain(row.get("column", "attribute", "field")), _plain(row.get("type"))) for row in _rows(block)
        )
        yield OutlinedTable(id=f"T{number}", name=block.under[2] or block.under[1], columns=columns, at=_at(block))


def _database(blocks: Sequence[_Block]) -> str:
    for block in blocks:
        if block.kind == "paragraph" and block.under[1].casefold() == "database":
            match = re.match(r"\*\*([^*]{1,120}?)\.?\*\*", block.text)
            return _plain(match[1]) if match else ""
    return ""


def _citations(blocks: Sequence[_Block]) -> Iterator[Citation]:
    seen: set[str] = set()
    for block in blocks:
        for source in re.findall(r"(?<![\w:])repo:[^\s`\]|)>,;]+", block.text):
            name = source.rstrip(".:")
            if name not in seen:
                seen.add(name)
                yield Citation(source=name, at=_at(block))


# --- time ------------------------------------------------------------------------------------------------------------

_NUMBER = r"(\d{1,4}(?:\.\d{1,2})?)"
_SPAN = re.compile(
    rf"{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s*(?:working\s+|person[- ]|business\s+)?(days?|d|weeks?|w|hours?|h)\b"  # noqa: RUF001 - as people write ranges
    rf"(?:\s*\({_NUMBER}\s*(?:to|-|–)\s*{_NUMBER}\s*(?:days?|weeks?|hours?)?\))?",  # noqa: RUF001 - the same
    re.IGNORECASE,
)
_DAYS_IN = {"d": 1.0, "w": 5.0, "h": 1 / 8}


def _span(text: str) -> Span | None:
    """Working days: `3 days (2 to 5)`, `2-3 weeks`, `4 hours`; None where there are none."""
    match = _SPAN.search(_plain(text))
    if match is None:
        return None
    unit = _DAYS_IN[match[3][0].lower()]
    first = float(match[1]) * unit
    if match[4]:
        return Span(float(match[4]) * unit, first, float(match[5]) * unit)
    if match[2]:
        last = float(match[2]) * unit
        return Span(first, (first + last) / 2, last)
    return Span(first, first, first)


def _timeline(blocks: Sequence[_Block]) -> Span | None:
    for block in blocks:
        if block.kind == "paragraph" and "timeline" in block.under[0].casefold():
            bold = re.match(r"\*\*([^*]+)\*\*", block.text)
            if bold and re.search("start to end|end to end|in total|calendar", block.text, re.IGNORECASE):
                return _span(bold[1])
            if re.fullmatch(r".*of work for one person\.", block.text):
                return _span(block.text)
    return None


# --- phases ----------------------------------------------------------------------------------------------------------

_NUMBERED = re.compile(r"(?:(?:phase|step|milestone)\s+)?(\d{1,2})\s*[.:)–—-]\s*(.+)", re.IGNORECASE)  # noqa: RUF001 - as people write
_DONE = re.compile(r"\W*(done when|acceptance|definition of done|exit criteria)", re.IGNORECASE)
_WAITS = re.compile(r"\W*(waits for|depends on|dependencies|blocked by|after)\W*:?\W*(.*)", re.IGNORECASE)
_TIME = re.compile(r"\W*(estimate|effort|duration|time|days)\W*:?\W*(.*)", re.IGNORECASE)


class _Gathered:
    """A phase as it is put together from a table's row and from under its own heading."""

    def __init__(self, key: str, title: str, at: At) -> None:
        self.key = key
        self.title = title
        self.at = at
        self.goal = ""
        self.tasks: list[str] = []
        self.acceptance: list[str] = []
        self.waits: list[str] = []
        self.days: Span | None = None
        self.requirement_ids: list[str] = []

    def outlined(self) -> OutlinedPhase:
        """The phase."""
        return OutlinedPhase(
            key=self.key,
            title=self.title,
            goal=self.goal,
            tasks=tuple(self.tasks),
            acceptance=tuple(self.acceptance),
            depends_on=tuple(self.waits),
            days=self.days,
            requirement_ids=tuple(self.requirement_ids),
            at=self.at,
        )


def _phases(blocks: Sequence[_Block], tables: Sequence[_Block]) -> tuple[OutlinedPhase, ...]:
    own = [block for block in blocks if _is_of_phases(block.under[0])]
    found: dict[str, _Gathered] = {}
    for block in tables:
        if _is_of_phases(block.under[0]) and _has(
            block, ("phase",), ("days", "estimate", "effort", "duration", "waits", "depends")
        ):
            _from_table(block, found)
    _from_headings(own, found)
    if not found:
        _from_one(own, blocks, found)
    return tuple(each.outlined() for each in found.values())


def _is_of_phases(heading: str) -> bool:
    return re.search(r"\b(phases?|implementation plan|milestones|roadmap)\b", heading, re.IGNORECASE) is not None


def _from_table(block: _Block, found: dict[str, _Gathered]) -> None:
    for number, row in enumerate(_rows(block), 1):
        title = _plain(row.get("phase"))
        first = _plain(next(iter(row.cells.values()), ""))
        match = _NUMBERED.fullmatch(title)
        key = first if first.isdigit() else match[1] if match else str(number)
        title = match[2] if match else title
        phase = found.setdefault(key, _Gathered(key, title, row.at))
        phase.days = _span(row.get("days", "estimate", "effort", "duration"))
        waits = row.get("waits", "depends", "after")
        phase.waits = re.findall(r"\d+", waits)
        phase.requirement_ids = _IDS.findall(row.get("delivers", "requirement"))


def _from_headings(blocks: Sequence[_Block], found: dict[str, _Gathered]) -> None:
    phase: _Gathered | None = None
    done = False
    for block in blocks:
        if block.kind == "heading":
            match = _NUMBERED.fullmatch(block.text)
            if match and block.under[1] == block.text:
                phase = found.setdefault(match[1], _Gathered(match[1], match[2], _at(block)))
                phase.at = _at(block)
                done = False
            elif block.under[1] == block.text:
                phase = None
            elif phase is not None:
                done = _DONE.match(block.text) is not None
        elif phase is not None and block.kind in {"paragraph", "item"}:
            done = _take(phase, block, done=done)


def _take(phase: _Gathered, block: _Block, *, done: bool) -> bool:
    """Take a paragraph or item into a phase; answers whether criteria follow from here on."""
    text = block.text.strip()
    if _DONE.match(text):
        rest = re.sub(
            r"^\W*(done when|acceptance(?: criteria)?|definition of done|exit criteria)\W*",
            "",
            text,
            flags=re.IGNORECASE,
        )
        if rest:
            phase.acceptance.append(_unlinked(rest))
        return True
    if (match := _TIME.match(text)) and _span(match[2]) and phase.days is None:
        phase.days = _span(match[2])
    elif (match := _WAITS.match(text)) and (":" in text or "**" in text) and not phase.waits:
        phase.waits = re.findall(r"\d+", match[2])
    elif block.kind == "item":
        (phase.acceptance if done else phase.tasks).append(_unlinked(re.sub(r"^\[[ xX]\]\s+", "", text)))
    elif done and not phase.acceptance:
        phase.acceptance.append(_unlinked(text))
    elif not phase.goal:
        phase.goal = _unlinked(text)
    return done


def _from_one(own: Sequence[_Block], blocks: Sequence[_Block], found: dict[str, _Gathered]) -> None:
    """A small plan: one phase, whose title stands in bold before its goal."""
    first = next((block for block in own if block.kind == "paragraph"), None)
    match = re.match(r"\*\*(.+?)\.?\*\*\s*(.*)", first.text, re.DOTALL) if first else None
    if first is None or match is None:
        return
    phase = _Gathered("1", _plain(match[1]), _at(first))
    phase.goal = _unlinked(match[2])
    done = False
    for block in own[own.index(first) + 1 :]:
        if block.kind in {"paragraph", "item"}:
            done = _take(phase, block, done=done)
    phase.days = phase.days or _timeline(blocks)
    # A small plan does not repeat that its one phase delivers everything.
    tables = [block for block in blocks if block.kind == "table"]
    phase.requirement_ids = list(dict.fromkeys(each.id for each in _requirements(blocks, tables)))
    if phase.tasks or phase.acceptance:
        found["1"] = phase
