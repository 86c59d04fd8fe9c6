"""Whether a quote stands in a text, however either is marked up. No I/O."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?\)")
_URL = re.compile(r"https?://\S+")
_BULLET = re.compile(r"^[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_GAP = re.compile(r"\s*(?:\[?\.\.\.\]?|\[?…\]?)\s*")
_LETTERS = re.compile(r"[^\W_]+", re.UNICODE)
_SHORTEST = 3


def stands_in(quote: str, text: str) -> bool:
    """Whether the words of a quote stand in `text`, one after the other; gaps (`...`) may leave some out.

    Case, white space, punctuation, typographic characters and Markdown do not count.
    """
    words = f" {normal(text)} "
    at = 0
    for piece in _GAP.split(quote):
        wanted = normal(piece)
        if not wanted:
            continue
        # Whole words at both ends, but for a word that the quote cuts off at its end.
        found = words.find(f" {wanted}", at)
        if found < 0:
            return False
        at = found + len(wanted)
    return True


def normal(text: str) -> str:
    """The words of a text in their plainest form, parted by single blanks."""
    text = unicodedata.normalize("NFKC", text)
    text = _BULLET.sub("", _LINK.sub(r"\1", text))
    return " ".join(_LETTERS.findall(_URL.sub(lambda match: match[0].rstrip("/"), text).casefold()))


def is_quotable(quote: str) -> bool:
    """Whether there is enough in a quote to look for."""
    return len(normal(quote)) >= _SHORTEST
