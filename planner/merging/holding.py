"""Holds a merged text against what people wrote, and says what stands where something would be lost. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from planner.merging.joining import Piece
from planner.merging.normal import line_form
from planner.merging.splitting import Block, split
from planner.merging.suggesting import suggestion

_OF_OURS = frozenset({"rewritten", "inserted", "suggested"})


def lacking(
    posted: str | None, stands: str, new: str, text: str, *, held: Sequence[Block] = (), ours: Collection[str] = ()
) -> Counter[str]:
    """The lines of people that `text` lacks, in normal form, each with how many of it. Empty: none is lost.

    A line that stands more often than it was posted is people's that many times more. In `text` it has to stand that
    often beside those of the bot's that it posted and still says: so the bot's own copy never passes for a person's.
    `held`: blocks of `new` that are not to be in `text`, or in suggestions only. `ours`: the keys of suggestions nobody
    edited; their lines count on neither side.
    """
    before, now = _counted([posted or ""]), _counted(_without(stands, ours))
    theirs = now - before
    if not theirs:
        return theirs
    said = _counted([new]) - _counted(block.written() for block in held)
    after = _counted(_without(text, ours))
    return Counter({line: number + min(before[line], said[line]) for line, number in theirs.items()}) - after


def appended(stands: str, pieces: Sequence[Piece]) -> tuple[str, list[Piece]]:
    """`stands` with all that the new plan brings as suggestions at its end; and the pieces, as they are then."""
    there = {block.key for block in split(stands)}
    made: list[Piece] = []
    quotes: list[Block] = []
    for piece in pieces:
        if piece.what in _OF_OURS and piece.block.kind not in {"head", "rule"}:
            quote = piece.block if piece.what == "suggested" else suggestion(piece.block)
            if quote.key not in there:
                there.add(quote.key)
                quotes.append(quote)
                made.append(Piece(quote, "suggested"))
        else:
            made.append(Piece(piece.block, "kept" if piece.what == "kept" else "same"))
    return "\n\n".join([stands.rstrip("\n"), *(each.text for each in quotes)]), made


def _without(text: str, ours: Collection[str]) -> Iterable[str]:
    if not ours:
        return [text]
    return (block.written() for block in split(text) if block.key not in ours)


def _counted(texts: Iterable[str]) -> Counter[str]:
    lines: Counter[str] = Counter()
    for text in texts:
        lines.update(text.splitlines())
    made: Counter[str] = Counter()
    for line, number in lines.items():
        made[line_form(line)] += number
    del made[""]
    return made
