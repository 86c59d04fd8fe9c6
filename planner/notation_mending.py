"""Puts slips in JSON and YAML right: comments, commas, fences, tabs, texts that need quotes. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from planner.notation import NotationError, load


class Mended(NamedTuple):
    """A text put right, and what was done, each a few words: "a comma before `}` dropped"."""

    text: str
    done: tuple[str, ...]


_FENCE = re.compile(r"\A\s*```[^\n`]*\n(.*?)\n?```\s*\Z", re.DOTALL)


def mended(text: str, notation: str) -> Mended | None:
    """`text` with its slips put right; None where none of those known here is in it. It may still be faulty."""
    done: list[str] = []
    if (inner := _FENCE.match(text)) and len(text) > len(inner[1]):
        text = inner[1]
        done.append("the Markdown fence around it taken away")
    steps: tuple[Callable[[str], Mended], ...] = (_json,) if notation == "json" else (_tabs, _quotes)
    for step in steps:
        after = step(text)
        text = after.text
        done += after.done
    return Mended(text, tuple(done)) if done else None


# --- JSON ------------------------------------------------------------------------------------------------------------

_WORDS = {"True": "true", "False": "false", "None": "null"}
_PIECE = re.compile(r'["/,}\]]|\b(?:True|False|None)\b')
_END = re.compile(r'["\n]|\\.')


class _Foreign(NamedTuple):
    """A stretch of a text that JSON has not, from `start` to `end`, and what is said of it."""

    start: int
    end: int
    new: str
    said: str


def without_comments(text: str) -> str:
    """JSON as `tsconfig.json` has it, with comments and last commas replaced by spaces, line for line."""
    pieces: list[str] = []
    done = 0
    for each in _foreign(text):
        if each.new:
            continue
        pieces += [text[done : each.start], re.sub(r"[^\n]", " ", text[each.start : each.end])]
        done = each.end
    return "".join((*pieces, text[done:]))


def _json(text: str) -> Mended:
    pieces: list[str] = []
    done = 0
    said: dict[str, None] = {}
    for each in _foreign(text):
        pieces += [text[done : each.start], each.new]
        done = each.end
        said[each.said] = None
    if not said:
        return Mended(text, ())
    new = "".join((*pieces, text[done:]))
    return Mended("\n".join(line.rstrip() for line in new.split("\n")), tuple(said))


def _foreign(text: str) -> list[_Foreign]:
    """What JSON has not, in its order. It ends where a string or a comment does not."""
    found: list[_Foreign] = []
    comma = after_comma = -1
    at = 0
    while match := _PIECE.search(text, at):
        piece, start, at = match[0], match.start(), match.end()
        if comma >= 0 and text[after_comma:start].strip():
            comma = -1
        after_comma = at
        if piece == '"':
            at, comma = _string_end(text, at), -1
        elif piece == "/":
            at = _comment_end(text, start)
            if at > start + 1:
                found.append(_Foreign(start, at, "", "comments taken out, which JSON has not"))
            after_comma = at
        elif piece == ",":
            comma = start
        elif piece in _WORDS:
            comma = -1
            found.append(_Foreign(start, at, _WORDS[piece], f"`{piece}` written `{_WORDS[piece]}`"))
        elif comma >= 0:
            found.append(_Foreign(comma, comma + 1, "", "a comma before a closing bracket dropped"))
            comma = -1
        if at < 0:
            break
    return sorted(found)


def _string_end(text: str, at: int) -> int:
    """Behind the string whose content begins at `at`; -1 if it does not end on its line."""
    for match in _END.finditer(text, at):
        if match[0] == '"':
            return match.end()
        if match[0] == "\n":
            return -1
    return -1


def _comment_end(text: str, start: int) -> int:
    """Behind the comment that begins at `start`; -1 if it does not end, and behind the slash if it is none."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return end if end >= 0 else len(text)
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        return end + 2 if end >= 0 else -1
    return start + 1


# --- YAML ------------------------------------------------------------------------------------------------------------

_INDENT = re.compile(r"^[ \t]*\t[ \t]*", re.MULTILINE)
_VALUE = re.compile(r"^(\s*(?:- +)*(?:[\w.$/{}-]{1,100}:[ ]+)?)([^\s\"'\[\]{}|>&!#][^\n]*?)(\s+#.*)?\s*$")
_MOST_LINES = 20


def _tabs(text: str) -> Mended:
    """With spaces for the tabs that lines are indented with, where a tab is what cannot be read."""
    try:
        load(text, "yaml")
    except NotationError as error:
        if error.reason.startswith("A tab"):
            return Mended(_INDENT.sub(lambda match: match[0].expandtabs(2), text), ("tabs replaced by spaces",))
    return Mended(text, ())


def _quotes(text: str) -> Mended:
    """With quotes around texts that cannot do without: those with a colon in them, or that begin with a sign."""
    lines = text.split("\n")
    done: list[str] = []
    for _ in range(_MOST_LINES):
        try:
            load("\n".join(lines), "yaml")
        except NotationError as error:
            match = _VALUE.match(lines[error.line - 1]) if error.reason.startswith(_NEEDS_QUOTES) else None
            if match is None:
                break
            comment = match[3] or ""
            lines[error.line - 1] = f"{match[1]}{json.dumps(match[2], ensure_ascii=False)}{comment}"
            done.append(f"quotes put around the text in line {error.line}")
        else:
            break
    return Mended("\n".join(lines), tuple(done))


_NEEDS_QUOTES = ("A second colon", "A text may not begin")
