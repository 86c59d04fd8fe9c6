"""Leaves suggestions that stand already where they stand: people may have put them there. No I/O."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from planner.merging.joining import Piece
from planner.merging.splitting import Block


class Standing(NamedTuple):
    """A suggestion that stands already: its place, and that of the block that it stands after; -1 for none."""

    place: int
    after: int
    block: Block


def in_place(pieces: Sequence[Piece], meant: Sequence[Standing]) -> list[Piece]:
    """The pieces with each suggestion that stands already, of which there are as many `meant`, where it stands.

    A new suggestion follows the one that it follows in the plan, if that stands beside the same block.
    """
    written = sorted({piece.at for piece in pieces if piece.at >= 0})
    beside = {one: written[place - 1] if (place := bisect_right(written, one.after)) else -1 for one in meant}
    left: dict[str, list[Standing]] = {}
    for one in meant:
        left.setdefault(one.block.key, []).append(one)
    followers: dict[Standing, list[Piece]] = {}
    rest: list[Piece] = []
    at, last = -1, None
    for piece in pieces:
        if piece.what == "standing":
            one = left[piece.block.key].pop(0)
            last = one if beside[one] == at else None
        elif piece.what == "suggested" and last is not None:
            followers.setdefault(last, []).append(piece)
        else:
            at, last = piece.at if piece.at >= 0 else at, None
            rest.append(piece)
    after: dict[int, list[Piece]] = {}
    for one in meant:
        after.setdefault(beside[one], []).extend([Piece(one.block, "standing"), *followers.get(one, [])])
    made = after.pop(-1, [])
    for piece in rest:
        made += [piece, *(after.pop(piece.at, []) if piece.at >= 0 else [])]
    return made
