"""Times that prose states for the whole of a plan, in working days, where it is clear that it does. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SHORTER, _LONGER = 1.6, 1.25


class Stated(NamedTuple):
    """A time as it is stated: its words, and the working days it means, at least and at most."""

    words: str
    low: float
    high: float

    def is_far_from(self, shortest: float, longest: float) -> bool:
        """Whether it is nowhere near a plan that takes from `shortest` to `longest` days."""
        return self.high * _SHORTER < shortest or self.low > longest * _LONGER


_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
    "einen": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12,
}  # fmt: skip
_UNITS = {"d": 1.0, "t": 1.0, "w": 5.0, "m": 21.0}
"""Working days, by the first letter: day, Tag, week, Woche, month, Monat."""

_NUMBER = rf"(?:\d{{1,3}}(?:[.,]\d)?|{'|'.join(_NUMBERS)})"
_BOUND = r"at most|up to|under|less than|within|no more than|höchstens|maximal|bis zu"
_ABOUT = r"about|around|roughly|approximately|some|an estimated|only|just|etwa|rund|circa|ca\.|ungefähr|nur"
_AMOUNT = (
    rf"(?:(?P<bound>{_BOUND})\s+|(?:{_ABOUT})\s+)?(?P<low>{_NUMBER})(?:\s?(?:-|–|to|or|bis|oder)\s?(?P<high>{_NUMBER}))?"  # noqa: RUF001 - as people write a range
    r"[\s-](?:(?:working|business|calendar|person|engineer|developer)[\s-])?"
    r"(?P<unit>days?|weeks?|months?|(?:arbeits|personen)?tagen?|(?:arbeits|personen)?tage|wochen?|monaten?|monate)\b"
)
_TOTAL = (
    r"(?:in total|in all|all told|altogether|overall|end to end|end-to-end|(?:from )?start to (?:end|finish)|insgesamt"
    r"|alles in allem)"
)
_WHOLE = (
    r"(?:(?:the|this|whole|entire|all)\s+)?(?:plan|project|work|implementation|delivery|timeline|schedule"
    r"|umsetzung|arbeit|vorhaben|projekt)"
)
_IT = rf"(?:it|this|that|everything|we|es|das|{_WHOLE})"
_TAKES = (
    r"(?:takes|take|will take|should take|needs|requires|spans|is estimated at|is estimated to take|dauert|braucht"
    r"|umfasst)"
)
_CLEAR = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_AMOUNT}(?:\s+of\s+work)?,?\s+\(?{_TOTAL}\b",
        rf"\b{_TOTAL}[,:]?\s+(?:{_IT}\s+)?(?:(?:{_TAKES}|is|are|comes to|sind)\s+)?{_AMOUNT}",
        rf"\b{_WHOLE}\s+{_TAKES}\s+{_AMOUNT}",
    )
)
# How long something is kept, or tried, is not how long it takes to build.
_OTHER = re.compile(
    r"\b(?:kept|keeps?|retain\w*|retention|stor(?:e[sd]?|age)|expir\w*|histor\w*|delet\w*|trial|notice|aufbewahr\w*"
    r"|gespeichert|gelöscht)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s)[^.!?\n]*)*")
_MOST_CHARS = 1_000


def stated_in(text: str) -> Iterator[Stated]:
    """The times that sentences of `text` state for the whole of the work."""
    for match in _SENTENCE.finditer(text):
        sentence = match[0][:_MOST_CHARS]
        if not sentence.strip() or _OTHER.search(sentence):
            continue
        for pattern in _CLEAR:
            if found := pattern.search(sentence):
                yield _stated(found)
                break


def _stated(match: re.Match[str]) -> Stated:
    days = _UNITS[match["unit"].lower().removeprefix("arbeits").removeprefix("personen")[0]]
    low = _value(match["low"])
    high = _value(match["high"]) if match["high"] else low
    words = " ".join(match[0].split())
    return Stated(words, 0.0 if match["bound"] else days * min(low, high), days * max(low, high))


def _value(number: str) -> float:
    return float(_NUMBERS[number.lower()]) if number.lower() in _NUMBERS else float(number.replace(",", "."))
