"""Finds open issues that already are what a phase would become: the same words in their titles. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from linear.planned import SimilarIssue

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SMALL = frozenset(
    re.findall(r"\w+", "a an and as at be by for from in into is it its of on or our that the this to we with")
)
# One word alone says too little: "Tests" covers nothing.
_LEAST_WORDS = 2


def words(title: str) -> tuple[str, ...]:
    """The words of a title that say something, longest first; none where they are too few to tell issues apart."""
    found = {each.casefold() for each in _WORD.findall(title)} - _SMALL
    return tuple(sorted(found, key=lambda each: (-len(each), each))) if len(found) >= _LEAST_WORDS else ()


def covering(
    titles: Mapping[str, str], found: Sequence[SimilarIssue], *, parent_id: str, not_these: Collection[str]
) -> dict[str, SimilarIssue]:
    """The open issue that covers each phase, by phase key; phases without one are missing.

    `titles`: of the phases, by key. `parent_id`: the issue that is planned; a part of another issue is that one's work,
    whatever it is called. `not_these`: ids that cannot be it, such as those of our own sub-issues. The one with the
    lowest identifier wins, and covers one phase.
    """
    free = sorted(
        (
            each
            for each in found
            if each.id not in not_these
            and each.id != parent_id
            and (each.parent is None or each.parent.id in (None, parent_id))
        ),
        key=lambda each: _number(each.identifier),
    )
    made: dict[str, SimilarIssue] = {}
    for key, title in titles.items():
        wanted = words(title)
        match = next((each for each in free if wanted and words(each.title) == wanted), None)
        if match is not None:
            made[key] = match
            free.remove(match)
    return made


def _number(identifier: str) -> tuple[str, int]:
    team, _, number = identifier.rpartition("-")
    return team, int(number) if number.isdecimal() else 0
