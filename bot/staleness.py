"""Tells whether an issue has moved on since its plan was made, and how. No I/O."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from bot import wording
from bot.commands import read
from planner.merging import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.brief import Brief

# What describes other work moves on without a word about this one.
_KINDS = ("comment", "document", "plan-context", "file", "attachment", "link")
_COMMIT = "commit"
# Thanks and thumbs change no plan.
_LEAST_WORDS = 4
_POLITE = re.compile(
    r"\W*(thanks?|thank you|thx|lgtm|looks (good|great)|nice|great|cool|perfect|awesome|ok(ay)?|sounds good)\b",
    re.IGNORECASE,
)
_FEW_WORDS = 12
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOUNS = {
    "comment": "comment",
    "document": "document",
    "plan-context": "plan-context",
    "file": "file",
    "attachment": "link",
    "link": "link",
}


def reads_of(brief: Brief, commit: str = "") -> dict[str, str]:
    """What a plan is made from, as digests by source, so that a later look can tell what changed."""
    reads = {"title": mark(brief.title), "description": mark(brief.description)}
    for each in brief.materials:
        text = f"{each.text or each.title}{each.media.digest if each.media else ''}"
        if each.source not in _KINDS or (each.source == "comment" and not _says_something(text)):
            continue
        at = each.url or each.title or each.name
        reads[f"{each.source}:{hashlib.sha256(at.encode()).hexdigest()[:16]}"] = mark(text)
    return {**reads, **({_COMMIT: commit} if commit else {})}


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What changed since, in words that follow "since then": "the description was edited", "2 comments were added"."""
    if not before:
        return []
    told = [f"the {name} was edited" for name in ("title", "description") if before.get(name) != now.get(name)]
    for noun in dict.fromkeys(_NOUNS.values()):
        kinds = tuple(f"{kind}:" for kind, named in _NOUNS.items() if named == noun)
        at = [name for name in now if name.startswith(kinds)]
        added = sum(name not in before for name in at)
        edited = sum(name in before and before[name] != now[name] for name in at)
        told += [f"{wording.count(added, noun)} {_were(added)} added"] if added else []
        told += [f"{wording.count(edited, noun)} {_were(edited)} edited"] if edited else []
    if before.get(_COMMIT) and now.get(_COMMIT) and before[_COMMIT] != now[_COMMIT]:
        told.append("the repository has moved on")
    return told


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _says_something(text: str) -> bool:
    words = len(_WORD.findall(text))
    if read(text) is not None or words < _LEAST_WORDS:
        return False
    return words >= _FEW_WORDS or _POLITE.match(text) is None
