"""Breaks JSON and YAML in one member, so that it mostly can be read still. No I/O."""

from __future__ import annotations

import re
from random import Random

from tests.planner.checks.seeding.mutation import Mutation

_LETTERS = 3
_WORD = re.compile(r"[A-Za-z]{4,}")
_VALUE = re.compile(r"""(?m)(:[ \t]*|-[ \t]+)("?)([^\s"{}\[\],#|>&!][^"\n{}\[\],#]*)("?)(,?)$""")


def misspell(random: Random, text: str) -> tuple[str, str] | None:
    """Drop a letter of a word, double one, or swap two."""
    words = list(_WORD.finditer(text))
    if not words:
        return None
    word = random.choice(words)
    at = random.randrange(1, len(word[0]) - 1)
    old = word[0]
    new = random.choice(
        (old[:at] + old[at + 1 :], old[:at] + old[at] + old[at:], old[:at] + old[at + 1] + old[at] + old[at + 2 :])
    )
    said = f"`{old}` written as `{new}` in line {_line(text, word.start())}"
    return said, text[: word.start()] + new + text[word.end() :]


def leave_out(random: Random, text: str) -> tuple[str, str] | None:
    """Take out a member or an item, of one line or with all lines that are indented below it."""
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines) if line.strip() and line.strip()[0] not in "#{}[]"]
    if len(heads) < _LETTERS:
        return None
    first = random.choice(heads)
    indent = _indent(lines[first])
    last = first + 1
    while last < len(lines) and lines[last].strip() and _indent(lines[last]) > indent:
        last += 1
    if last < len(lines) and lines[last].strip().rstrip(",") in {"}", "]"} and _indent(lines[last]) == indent:
        last += 1
    kept = lines[:first]
    if not lines[last - 1].rstrip().endswith(",") and kept and kept[-1].rstrip().endswith(","):
        kept[-1] = kept[-1].rstrip().removesuffix(",")
    return f"lines {first + 1} to {last} left out", "\n".join((*kept, *lines[last:]))


def other_value(random: Random, text: str) -> tuple[str, str] | None:
    """Put the value of one member in the place of another's."""
    values = list(_VALUE.finditer(text))
    if len(values) < _LETTERS:
        return None
    one, two = random.sample(values, 2)
    if one[3] == two[3]:
        return None
    said = f"`{one[3]}` in line {_line(text, one.start())} is now `{two[3]}`"
    return said, text[: one.start(3)] + two[3] + text[one.end(3) :]


def lower_case(random: Random, text: str) -> tuple[str, str] | None:
    """Write a word without its capitals."""
    words = [word for word in _WORD.finditer(text) if word[0] != word[0].lower()]
    if not words:
        return None
    word = random.choice(words)
    said = f"`{word[0]}` in small letters in line {_line(text, word.start())}"
    return said, text[: word.start()] + word[0].lower() + text[word.end() :]


MEMBERS: tuple[Mutation, ...] = (misspell, misspell, leave_out, leave_out, other_value, lower_case)
"""What can be done to a member."""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
