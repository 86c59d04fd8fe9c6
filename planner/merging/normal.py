"""The form in which two Markdown texts are compared: what a tracker writes its own way is the same in it. No I/O.

Alike are: bullet marks, ordered numbers, brackets around addresses, an address and a link that shows it, backslashes
that escape, `_` and `*`, blanks, the widths in tables. Code is verbatim but for blanks at the ends of lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKED = re.compile(r"[\\`<\[_]")
_ESCAPE_OR_TICKS = re.compile(r"\\[!-/:-@\[-`{-~]|`+")
_TICKS = re.compile(r"`+")
_AUTO = re.compile(r"<(https?://[^<>\s]+)>")
_BRACKETED = re.compile(r"\]\(\s*<([^<>]*)>")
_TITLE = re.compile(r"(\]\([^\s()\"]{1,2000}) +\"[^\"]*\" *\)")
_SHOWN_ADDRESS = re.compile(r"\[([^\[\]\s]+)\]\(\1\)")
_UNDERSCORES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_CELL = re.compile(r"(?:\\.|`[^`]*`|[^|\\])+")
_DASHES = re.compile(r"-+")
_MARK = re.compile(r"([-*+]|\d{1,9}[.)])\s+(?=\S)")
_DELIMITER = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_TARGET = re.compile(r"\]\([^()\s]{0,2000}\)")
_NO_WORD = re.compile(r"[\W_]+")


def prose(text: str) -> str:
    """One line of prose in its normal form."""
    if not _MARKED.search(text):
        return " ".join(text.split())
    parts = (part if code else _plain(part) for code, part in _spans(text))
    return " ".join("".join(parts).split())


def cells(row: str) -> list[str]:
    """The cells of a table's row, as they are written."""
    return [each.strip() for each in _CELL.findall(row.strip()[1:-1]) or [""]]


def row_form(row: str) -> str:
    """A table's row in its normal form; of the row of dashes only the alignment counts."""
    if is_delimiter(row):
        return f"| {' | '.join(_DASHES.sub('-', each) for each in cells(row))} |"
    return f"| {' | '.join(prose(each) for each in cells(row))} |"


def is_delimiter(line: str) -> bool:
    """Whether a line is the row of dashes below a table's head."""
    return _DELIMITER.fullmatch(line) is not None


def line_form(line: str) -> str:
    """One line in normal form, wherever it stands: what the check that nothing is lost compares."""
    line = line.strip()
    while line.startswith(">"):
        line = line[1:].lstrip()
    if len(line) > 1 and line[0] == line[-1] == "|":
        return "" if is_delimiter(line) else row_form(line)
    mark = _MARK.match(line)
    if mark and line.strip("-*_ "):
        return f"{mark_form(mark[1])} {prose(line[mark.end() :])}"
    if line and not line.strip("#="):
        return ""
    return prose(line)


def mark_form(mark: str) -> str:
    """The mark of a list's item: numbers are all alike, and so are bullets."""
    return "1." if mark[0].isdigit() else "-"


def words(text: str) -> str:
    """Only the words of a text, as a person who quotes it has them: no marks, no addresses."""
    return _NO_WORD.sub(" ", _TARGET.sub("]", text)).strip().casefold()


def _plain(part: str) -> str:
    part = _AUTO.sub(r"\1", _ESCAPE.sub(r"\1", part))
    part = _TITLE.sub(r"\1)", _BRACKETED.sub(r"](\1", part))
    # An address after an escaped bracket comes back as a link between brackets.
    part = _AUTO.sub(r"\1", _SHOWN_ADDRESS.sub(r"\1", part))
    return _UNDERSCORES.sub(lambda found: "*" * len(found[0]), part)


def _spans(text: str) -> Iterator[tuple[bool, str]]:
    """The text in parts, each with whether it is code."""
    closers: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        closers.setdefault(len(run[0]), []).append(run.start())
    done = at = 0
    while opened := _ESCAPE_OR_TICKS.search(text, at):
        at = opened.end()
        starts = [] if opened[0].startswith("\\") else closers.get(len(opened[0]), [])
        closing = bisect_right(starts, opened.start())
        if closing < len(starts):
            at = starts[closing] + len(opened[0])
            yield False, text[done : opened.start()]
            yield True, text[opened.start() : at]
            done = at
    yield False, text[done:]
