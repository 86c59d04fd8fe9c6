"""Puts merged blocks together to a document: items into lists, rows under a head that fits them. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.merging.normal import cells, is_delimiter
from planner.merging.splitting import Block, number_of

What = Literal["same", "kept", "rewritten", "inserted", "removed", "suggested", "standing"]
"""What became of a block. `removed` is not written. `standing`: a suggestion that stood already."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of the result. `at`: its place among what stands, or that of what it was written over; -1 for none."""

    block: Block
    what: What
    at: int = -1


def arranged(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces as they can stand: suggestions below a table, not in it, and headings kept over what stays."""
    return _after_tables(_with_headings(pieces))


def joined(pieces: Sequence[Piece]) -> str:
    """The document."""
    made: list[str] = []
    before: Block | None = None
    mark, head = "", ""
    for block in (piece.block for piece in pieces if piece.what != "removed"):
        if block.kind == "row" and (needed := _needed_head(block, before, head)):
            made += ["\n\n" if made else "", needed]
            before, head = Block("head", needed, "", head=needed), needed
        if made:
            made.append("\n" if _goes_on(before, block) else "\n\n")
        if block.kind == "item":
            mark = _mark(block, before, mark)
            made.append(block.written(mark))
        else:
            made.append(block.text)
        if block.kind == "head":
            head = block.text
        # A list that a suggestion interrupts counts on after it.
        if block.kind != "quote" or before is None or before.kind not in {"item", "quote"}:
            mark = mark if block.kind == "item" else ""
        before = block
    return "".join(made).strip("\n")


def _mark(block: Block, before: Block | None, mark: str) -> str:
    ordered = number_of(block.mark) is not None
    if not mark or (number_of(mark) is not None) != ordered:
        return block.mark
    number = number_of(mark)
    if number is not None:
        return f"{number + 1}."
    return mark if before is not None and before.kind == "item" else block.mark


def _goes_on(before: Block | None, block: Block) -> bool:
    if before is None:
        return False
    if block.kind == "row":
        return before.kind in {"head", "row"}
    return block.kind == before.kind == "item" and (number_of(block.mark) is None) == (number_of(before.mark) is None)


def _needed_head(row: Block, before: Block | None, head: str) -> str:
    """The head to write before a row: its own where it stands below none, or below one that would hide its cells."""
    if before is None or before.kind not in {"head", "row"}:
        return row.head
    own, standing = _width(row.text), _width(head)
    return row.head if own > standing and _width(row.head) > standing else ""


def _width(text: str) -> int:
    lines = text.split("\n")
    return len(cells(next((line for line in lines if is_delimiter(line)), lines[0])))


def _with_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """A heading that the new plan drops stays where something of people's stays below it."""
    made: list[Piece] = []
    needed = 0
    for piece in reversed(pieces):
        block = piece.block
        if block.kind == "heading":
            dropped = piece.what == "removed"
            if dropped and needed > block.level:
                made.append(Piece(block, "same", piece.at))
                needed = block.level
                continue
            if not dropped:
                needed = block.level if piece.what == "kept" else min(needed, block.level)
        elif piece.what == "kept":
            needed = 7
        made.append(piece)
    return made[::-1]


def _after_tables(pieces: Sequence[Piece]) -> list[Piece]:
    made: list[Piece] = []
    waiting: list[Piece] = []
    table = False
    for piece in pieces:
        if piece.what == "removed":
            made.append(piece)
        elif piece.what in {"suggested", "standing"} and table:
            waiting.append(piece)
        else:
            if piece.block.kind != "row":
                made += waiting
                waiting = []
            table = piece.block.kind in {"head", "row"}
            made.append(piece)
    return made + waiting
