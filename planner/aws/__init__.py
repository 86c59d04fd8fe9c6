"""Which AWS services a text names, and which it claims that are none. Reads two files of its own, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from typing import NamedTuple

_MOST_CHARS = 20_000
"""What a text names beyond this many characters is not looked at."""
_MOST_WORDS = 8
_NEAR = 0.7


class _Names(NamedTuple):
    """Full names by the key of each name (see `_key`).

    `bare` ones need no "AWS" before them, `whole` ones count only by themselves, `meant` are no names of AWS's at all.
    """

    bare: dict[str, str]
    whole: dict[str, str]
    meant: dict[str, str]


def known_service(text: str) -> str | None:
    """The full name of the first AWS service in `text`, "AWS Lambda" for "Lambda (Node 22)"; None if it names none."""
    return next(iter(services_in(text)), None)


def services_in(text: str) -> list[str]:
    """The full names of the AWS services in `text`, with "AWS" or "Amazon" before them or without, each once."""
    text = text[:_MOST_CHARS]
    found: dict[str, None] = {}
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        at += _VENDOR.fullmatch(words[at].group()) is not None
        name, length = _longest(_run(text, words, at, capitals=False))
        if name and not words[at].group()[:1].islower():
            found[name] = None
        at += max(length, 1)
    return list(found)


def unknown_services(text: str) -> list[str]:
    """The parts of `text` that claim to be an AWS service and are none, as they are written, each once.

    Two things claim it: "AWS" or "Amazon" before a capitalised name, and, where `text` is a line such as the field of a
    plan that says what a service runs on, a part that is nearly the name of a service ("DynamDB + Lamda"). Names of
    other platforms ("PostgreSQL", "GitHub Actions", "the existing API") claim nothing.
    """
    text = text[:_MOST_CHARS]
    found: dict[str, None] = {}
    words = list(_WORD.finditer(text))
    for at, word in enumerate(words):
        if not _VENDOR.fullmatch(word.group()) or text[max(word.start() - 1, 0) : word.start()] in {"-", "/", "@", "."}:
            continue
        run = _run(text, words, at + 1, capitals=True)
        if run and not _is_known(run) and not _is_known(_run(text, words, at + 1, capitals=False)):
            found[f"{word.group()} {' '.join(run)}"] = None
    if "\n" not in text.strip():
        found.update(dict.fromkeys(_misspelled(text)))
    return list(found)


def nearest(name: str) -> str | None:
    """The full name of the service that is meant by `name`, or whose name is much like it; None if there is none."""
    key = _key(_VENDOR_FIRST.sub("", name.strip()))
    if not key or len(key) > _LONGEST_KEY:
        return None
    if key in _names().meant:
        return _names().meant[key]
    compared = SequenceMatcher(autojunk=False)
    compared.set_seq2(key)
    best, likeness = None, _NEAR
    for other, shown in _names().bare.items():
        compared.set_seq1(other)
        if compared.real_quick_ratio() > likeness and compared.quick_ratio() > likeness:
            ratio = compared.ratio()
            if ratio > likeness:
                best, likeness = shown, ratio
    return best


# --- words -----------------------------------------------------------------------------------------------------------

_LONGEST_KEY = 60
_WORD = re.compile(r"[^\s()\[\]{}<>,;|\"'`*+&/=]+")
_VENDOR = re.compile(r"AWS|Amazon")
_VENDOR_FIRST = re.compile(r"(AWS|Amazon)\s+")
_CAPITAL = re.compile(r"[A-Z0-9]|re:[A-Z]|\.NET")
_BETWEEN = re.compile(r"[ \t]+")


def _run(text: str, words: list[re.Match[str]], at: int, *, capitals: bool) -> list[str]:
    """The words from `at` on that may be one name: only spaces between them, and (`capitals`) each with a capital."""
    run: list[str] = []
    for number in range(at, min(at + _MOST_WORDS, len(words))):
        word = words[number].group()
        before = text[words[number - 1].end() : words[number].start()] if number else " "
        if (run or capitals) and not _BETWEEN.fullmatch(before):
            break
        if capitals and (not _CAPITAL.match(word) or _VENDOR.fullmatch(word)):
            break
        run.append(word.rstrip(".:!?"))
        if word[-1] in ".:!?":
            break
    return [word for word in run if word]


def _longest(run: list[str]) -> tuple[str | None, int]:
    """The service whose name is the longest beginning of these words, and how many words that is."""
    for length in range(len(run), 0, -1):
        name = _names().bare.get(_key(" ".join(run[:length])))
        if name:
            return name, length
    return None, 0


def _is_known(run: list[str]) -> bool:
    return _longest(run)[0] is not None or _key(" ".join(run)) in _names().whole


_PARTS = re.compile(r"[+&,;/()|]|\b(?:and|with|on|behind|via|for|or|in front of)\b")


def _misspelled(line: str) -> Iterator[str]:
    """The parts of a line that are nearly, but not, the name of a service."""
    for part in _PARTS.split(line):
        name = part.strip(" .:`*\"'")
        if _CAPITAL.match(name) and not _VENDOR_FIRST.match(name) and len(name.split()) <= _WORDS_OF_A_SLIP:
            key = _key(name)
            if len(key) >= _SHORTEST_SLIP and not _is_known(name.split()) and _is_slip(key):
                yield name


_SHORTEST_SLIP = 5
_WORDS_OF_A_SLIP = 3


def _is_slip(key: str) -> bool:
    """Whether one letter too many, too few, changed, or two swapped, make this the name of a service."""
    return any(
        abs(len(other) - len(key)) <= 1
        and len(other) >= _SHORTEST_SLIP
        and other[0] == key[0]
        and _one_step(key, other)
        for other in _names().bare
    )


def _one_step(one: str, other: str) -> bool:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:] and len(a) > 1)


# --- the two files ---------------------------------------------------------------------------------------------------

_DROPPED = re.compile(r"[^a-z0-9@]")


def _key(name: str) -> str:
    """What a name is compared by: its letters and digits, each word without a plural's ending."""
    return "".join(
        word.removesuffix("s") if len(word) > _SHORTEST_PLURAL else word
        for word in (_DROPPED.sub("", each) for each in name.lower().split())
    )


_SHORTEST_PLURAL = 3


@cache
def _names() -> _Names:
    names = _Names({}, {}, {})
    folder = resources.files(__name__)
    for file in ("aliases.txt", "names.txt"):
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and line.strip():
                _add(names, line)
    return names


def _add(names: _Names, line: str) -> None:
    first, *others = (each.strip() for each in line.lstrip("~?").split("|"))
    for name in (first, *others):
        short = _VENDOR_FIRST.sub("", name)
        # Ids such as "events" and "profile" are plain words: by themselves they say little.
        into = names.whole if line.startswith("~") or short.islower() else names.bare
        if line.startswith("?"):
            into = names.meant
        if short not in {"AWS", "Amazon"}:
            into.setdefault(_key(short), first)
