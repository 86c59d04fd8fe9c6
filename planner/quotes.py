"""Whether a quote stands in a text, however either is marked up. No I/O."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cached_property

_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?\)")
_BULLET = re.compile(r"^[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_THOUSANDS = re.compile(r"(?<=\d)[,'](?=\d{3}(?!\d))")
_GAP = re.compile(r"\.{3,}|…")
# What people put into a quote that is not of its source: their own words in brackets.
_ADDED = re.compile(r"\.{3,}|…|\[[^\[\]\d]{0,80}\]")
# Several quotes in one: on lines of their own, each in its quotation marks, or parted by a slash.
_JOINED = re.compile(r"\n|[\"“”„»«]\W{0,8}(?:and|und|et|y)?\W{0,8}[\"“”„»«]| / ")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3
_MOST_TRIES = 100


def normal(text: str) -> str:
    """The words of a text in their plainest form, parted by single blanks."""
    return " ".join(_words(_unmarked(text)))


def is_quotable(quote: str) -> bool:
    """Whether there is enough in a quote to look for."""
    return len(normal(quote)) >= _SHORTEST


class Source:
    """A text that is quoted from."""

    def __init__(self, text: str) -> None:
        """`text` as people see it, with or without Markdown."""
        self._text = text

    def holds(self, quote: str) -> bool:
        """Whether the words of a quote stand here, one after the other; gaps (`...`) may leave some out.

        Case, white space, punctuation, typographic characters and Markdown do not count, nor do words in brackets
        that the quote adds. Several quotes may be joined; each of them must stand here.
        """
        given = quote.strip()
        # As it is given, in order; then without what the quote may add.
        for form in dict.fromkeys((given, _unmarked(given))):
            for parts in (_GAP, _ADDED) if "[" in form else (_GAP,):
                pieces = parts.split(form)
                if any(_in_order(pieces, text) for text in self._forms):
                    return True
        joined = [piece for piece in _JOINED.split(given) if _letters(piece)]
        return len(joined) > 1 and any(
            all(_in_order(_GAP.split(each), text) for each in joined) for text in self._forms
        )

    @cached_property
    def _forms(self) -> tuple[str, str]:
        """Its letters and digits without its markup, and as it is: quotes are copied from either."""
        return _letters(_unmarked(self._text)), _letters(self._text)


def _in_order(pieces: list[str], text: str) -> bool:
    at = 0
    found = False
    for piece in pieces:
        wanted = _letters(piece)
        if not wanted:
            continue
        start = _find(wanted, text, at)
        if start < 0:
            return False
        at, found = start + len(wanted), True
    return found


def _find(wanted: str, text: str, start: int) -> int:
    """Where it stands, but never as a part of a longer number; -1: nowhere."""
    at = start
    for _ in range(_MOST_TRIES):
        at = text.find(wanted, start)
        if at < 0:
            break
        end = at + len(wanted)
        cut_before = wanted[0].isdigit() and text[at - 1 : at].isdigit()
        cut_after = wanted[-1].isdigit() and text[end : end + 1].isdigit()
        if not (cut_before or cut_after):
            return at
        start = at + 1
    return at


def _unmarked(text: str) -> str:
    """Without bullets, tags and what links lead to."""
    return _TAG.sub(" ", _BULLET.sub("", _LINK.sub(r"\1", text)))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", html.unescape(text) if "&" in text else text).casefold()
    return _WORD.findall(_THOUSANDS.sub("", plain))


def _letters(text: str) -> str:
    """Its letters and digits, run together: some scripts part no words, and hyphens come and go.

    Between two numbers a blank stays.
    """
    return re.sub(r"(?<!\d) | (?!\d)", "", " ".join(_words(text)))
