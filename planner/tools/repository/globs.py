"""File name patterns as people write them: `**`, `*`, `?`, `[a-z]`, `{a,b}`, `!`. Linear in the path. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

_LONGEST = 500
_MOST_ALTERNATIVES = 64


class PatternError(ValueError):
    """A pattern that cannot be used. The message is one clause: "is longer than 500 characters"."""


class Glob:
    """One pattern.

    Without a slash it is matched with the last part of a path, at any depth; with one, with the whole path. `**`
    stands for any number of directories, a leading `!` turns the answer around. Raises `PatternError`.
    """

    def __init__(self, pattern: str) -> None:
        self.negated = pattern.startswith("!")
        self.alternatives = expand(pattern.removeprefix("!"))
        self._alternatives = [_parts(each) for each in self.alternatives]

    def matches(self, path: str) -> bool:
        """Whether the path, from where the pattern begins, is meant."""
        names = path.split("/")
        return any(_fits(parts, names) for parts in self._alternatives) is not self.negated


def globs(patterns: str) -> tuple[Glob, ...]:
    """Several patterns in one text, apart by spaces or commas outside braces."""
    return tuple(Glob(each) for each in _split(patterns) if each)


def any_of(wanted: Sequence[Glob], path: str) -> bool:
    """Whether `path` is meant by one of the patterns, and turned away by none that begins with `!`."""
    positive = [each for each in wanted if not each.negated]
    return (not positive or any(each.matches(path) for each in positive)) and all(
        each.matches(path) for each in wanted if each.negated
    )


def expand(pattern: str) -> tuple[str, ...]:
    """The pattern without braces: `*.{ts,tsx}` is `*.ts` and `*.tsx`. Braces that never close stand for themselves.

    Raises `PatternError` for patterns that are too long or come to too many.
    """
    if len(pattern) > _LONGEST:
        raise PatternError(f"is longer than {_LONGEST} characters")
    done: dict[str, None] = {}
    waiting = [pattern]
    while waiting:
        at_hand = waiting.pop(0)
        span = _first_braces(at_hand)
        if span is None:
            done[at_hand] = None
        else:
            start, end = span
            waiting += [at_hand[:start] + each + at_hand[end + 1 :] for each in _split(at_hand[start + 1 : end], " \0")]
        if len(done) + len(waiting) > _MOST_ALTERNATIVES:
            raise PatternError(f"comes to more than {_MOST_ALTERNATIVES} alternatives")
    return tuple(done)


def _first_braces(pattern: str) -> tuple[int, int] | None:
    depth, start = 0, -1
    for index, char in enumerate(pattern):
        if char == "{":
            depth += 1
            start = index if depth == 1 else start
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                return start, index
    return None


def _split(text: str, kept: str = "") -> Iterator[str]:
    """The pieces between commas and blanks outside braces; blanks in `kept` are no borders."""
    depth, piece = 0, ""
    for char in text:
        depth = max(depth + (char == "{") - (char == "}"), 0)
        if depth == 0 and (char == "," or (char.isspace() and char not in kept)):
            yield piece
            piece = ""
        else:
            piece += char
    yield piece


_ANY = None  # stands for `**`


def _parts(pattern: str) -> list[re.Pattern[str] | None]:
    anchored = pattern.startswith(("/", "./"))
    pattern = pattern.removeprefix("./").strip("/") + ("/**" if pattern.endswith("/") else "")
    names = [name for name in pattern.split("/") if name not in {"", "."}]
    parts = [_ANY if name == "**" else _name(name) for name in names]
    return parts if anchored or len(parts) != 1 else [_ANY, *parts]


@cache
def _name(pattern: str) -> re.Pattern[str]:
    """One part of a path. Each star gives back nothing once what follows it is found, so that no name takes long."""
    pieces = [_literal(piece) for piece in _between_stars(pattern)]
    if len(pieces) == 1:
        return re.compile(pieces[0], re.DOTALL)
    first, *middle, last = pieces
    return re.compile(first + "".join(f"(?>.*?{each})" for each in middle) + f".*{last}", re.DOTALL)


def _between_stars(pattern: str) -> list[str]:
    """The pieces between stars; a star in brackets is one of their characters."""
    pieces, index = [""], 0
    while index < len(pattern):
        found = _CLASS.match(pattern, index)
        if found is not None:
            pieces[-1] += found[0]
            index = found.end()
            continue
        if pattern[index] != "*":
            pieces[-1] += pattern[index]
        elif index == 0 or pattern[index - 1] != "*":
            pieces.append("")
        index += 1
    return pieces


_CLASS = re.compile(r"\[([!^]?)(\]?[^\]/]+|\])\]")


def _literal(piece: str) -> str:
    done, index = "", 0
    while index < len(piece):
        found = _CLASS.match(piece, index)
        if found is not None and found[2]:
            done += _class(found[1], found[2])
            index = found.end()
        else:
            done += "." if piece[index] == "?" else re.escape(piece[index])
            index += 1
    return done


def _class(negation: str, members: str) -> str:
    """`[a-c_]` for `re`; a range that runs backwards holds nothing."""
    done, index = "", 0
    while index < len(members):
        if members[index + 1 : index + 2] == "-" and index + 2 < len(members):
            low, high = members[index], members[index + 2]
            done += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
            index += 3
        else:
            done += re.escape(members[index])
            index += 1
    if not done:
        return "." if negation else r"(?!)"
    return f"[{'^' if negation else ''}{done}]"


def _fits(parts: Sequence[re.Pattern[str] | None], names: Sequence[str]) -> bool:
    """Greedy, going back to the last `**` only: its reach is the one thing that may have to grow."""
    part = name = 0
    last_any, tried = -1, 0
    while name < len(names):
        if part < len(parts):
            at_hand = parts[part]
            if at_hand is None:
                last_any, tried = part, name
                part += 1
                continue
            if at_hand.fullmatch(names[name]):
                part += 1
                name += 1
                continue
        if last_any < 0:
            return False
        tried += 1
        part, name = last_any + 1, tried
    # A `**` at the end that is still to be used found no name: `src/**` is what lies in `src`, not `src` itself.
    return part == len(parts)
