"""What a merge gives back. No I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """How many blocks below one `##` heading were changed, and how many of people's stayed."""

    heading: str
    rewritten: int = 0
    inserted: int = 0
    removed: int = 0
    kept: int = 0
    suggested: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged document.

    `base` is what to give as `posted` next time, never `text`: measured by it, what people wrote stays theirs.
    `kept`: people's blocks that stay. `suggested`: what is proposed and not done. `changed`: `text` says something else
    than what stands. `safe`: the blocks could not be merged without a loss, so the suggestions stand at the end.
    """

    text: str
    base: str
    kept: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    changed: bool = False
    safe: bool = False
