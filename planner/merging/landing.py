"""Whether a text rests on what was written, or was saved over it from an older copy. No I/O."""

from __future__ import annotations

from planner.merging.splitting import split
from planner.merging.suggesting import is_suggestion


def landed(before: str, written: str, stands: str) -> bool:
    """Whether `stands` has most of what `written` brought over `before`, and lacks most of what it took away.

    Told by whole blocks in normal form. Where the two say the same, any text counts as resting on it.
    """
    old, new, there = ({block.key for block in split(text)} for text in (before, written, stands))
    brought, taken = new - old, old - new
    if not brought and not taken:
        return True
    held = len(brought & there) + len(taken - there)
    return 2 * held > len(brought) + len(taken)


def beside(stands: str, *ours: str) -> tuple[int, int]:
    """How many blocks of `stands` are in none of `ours`: those of people, and those that are suggestions."""
    known = {block.key for text in ours for block in split(text)}
    others = [block for block in split(stands) if block.key not in known]
    suggestions = sum(is_suggestion(block) for block in others)
    return len(others) - suggestions, suggestions
