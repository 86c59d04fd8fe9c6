"""Breaks a text in one place, as slips of a hand do: a token dropped, doubled, swapped, a line cut. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+|[^\sA-Za-z0-9_]")
_MARK = re.compile(r"[^\sA-Za-z0-9_]")
_BRACKETS = "()[]{}"
_TRIES = 20

Mutation = Callable[[Random, str], "tuple[str, str] | None"]
"""From a text, what was done to it and what came of it; None where it does not apply."""


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _one(random: Random, pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return random.choice(found) if found else None


def drop_mark(random: Random, text: str) -> tuple[str, str] | None:
    """Take one sign away: a bracket, quote, colon, comma."""
    match = _one(random, _MARK, text)
    if match is None:
        return None
    return f"`{match[0]}` dropped in line {_line(text, match.start())}", text[: match.start()] + text[match.end() :]


def drop_token(random: Random, text: str) -> tuple[str, str] | None:
    """Take one word, number or sign away."""
    match = _one(random, _TOKEN, text)
    if match is None:
        return None
    return f"`{match[0]}` dropped in line {_line(text, match.start())}", text[: match.start()] + text[match.end() :]


def double_mark(random: Random, text: str) -> tuple[str, str] | None:
    """Write one sign twice."""
    match = _one(random, _MARK, text)
    if match is None:
        return None
    return f"`{match[0]}` doubled in line {_line(text, match.start())}", text[: match.end()] + text[match.start() :]


def swap_tokens(random: Random, text: str) -> tuple[str, str] | None:
    """Let two neighbours change places."""
    tokens = list(_TOKEN.finditer(text))
    if len(tokens) < 2:
        return None
    at = random.randrange(len(tokens) - 1)
    one, two = tokens[at], tokens[at + 1]
    new = text[: one.start()] + two[0] + text[one.end() : two.start()] + one[0] + text[two.end() :]
    return f"`{one[0]}` and `{two[0]}` swapped in line {_line(text, one.start())}", new


def other_bracket(random: Random, text: str) -> tuple[str, str] | None:
    """Turn one bracket into another kind."""
    match = _one(random, re.compile(r"[\[\](){}]"), text)
    if match is None:
        return None
    new = random.choice([each for each in _BRACKETS if each != match[0]])
    said = f"`{match[0]}` turned into `{new}` in line {_line(text, match.start())}"
    return said, text[: match.start()] + new + text[match.end() :]


def drop_line(random: Random, text: str) -> tuple[str, str] | None:
    """Take one line away."""
    lines = text.split("\n")
    full = [number for number, line in enumerate(lines) if line.strip()]
    if len(full) < 2:
        return None
    at = random.choice(full)
    return f"line {at + 1} dropped", "\n".join((*lines[:at], *lines[at + 1 :]))


def cut_end(random: Random, text: str) -> tuple[str, str] | None:
    """Let the text end early, as an answer does that ran out of room."""
    lines = text.split("\n")
    if len(lines) < 4:
        return None
    at = random.randrange(len(lines) // 2, len(lines) - 1)
    return f"cut after line {at}", "\n".join(lines[:at])


ANY: tuple[Mutation, ...] = (drop_mark, drop_token, double_mark, swap_tokens, other_bracket, drop_line, cut_end)
"""What can be done to a text in any notation."""


def mutants(random: Random, text: str, count: int, mutations: tuple[Mutation, ...] = ANY) -> Iterator[tuple[str, str]]:
    """Up to `count` different texts that differ from `text` in one place, each with what was done."""
    seen = {text}
    for _ in range(count):
        for _ in range(_TRIES):
            made = random.choice(mutations)(random, text)
            if made is not None and made[1] not in seen:
                seen.add(made[1])
                yield made
                break
