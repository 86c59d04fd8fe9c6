"""Finds which block of one text is which of another: equal ones first, then those that were changed. No I/O.

Never quadratic in the length of the texts: equal blocks are anchored by those that occur once, as in a patience diff,
and what is compared by likeness is bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from planner.merging.normal import words
from planner.merging.splitting import Block

# How many pairs are compared one by one between two anchors; above it, what is alike is told by how it begins.
_PAIRS = 2500
_ROUNDS = 6
_BEGINNING = 24
_ALIKE = 0.3

Pair = tuple[int, int]


def aligned(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    """Pairs of places of the same block, equal or changed, in the order of both."""
    equal = _equal([each.key for each in old], [each.key for each in new])
    # What was moved is not also what another was changed to.
    moves = moved(old, new, equal)
    gone, come = {pair[0] for pair in moves}, {pair[1] for pair in moves}
    made: list[Pair] = []
    for (start, end), (from_, to) in _gaps(equal, len(old), len(new)):
        left = [at for at in range(start, end) if at not in gone]
        right = [at for at in range(from_, to) if at not in come]
        made += _changed(old, new, left, right)
    return sorted([*equal, *made])


def moved(old: Sequence[Block], new: Sequence[Block], pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs of blocks that are equal, and stand in another order."""
    paired_old, paired_new = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    left = _once(old, paired_old)
    right = _once(new, paired_new)
    return [(left[key], right[key]) for key in left if key in right]


def _once(blocks: Sequence[Block], paired: set[int]) -> dict[str, int]:
    counts = Counter(block.key for block in blocks)
    return {
        block.key: at
        for at, block in enumerate(blocks)
        if at not in paired and counts[block.key] == 1 and block.kind not in {"head", "rule"}
    }


def _equal(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    made: list[Pair] = []
    todo = [(0, len(old), 0, len(new), 0)]
    while todo:
        start, end, from_, to, depth = todo.pop()
        while start < end and from_ < to and old[start] == new[from_]:
            made.append((start, from_))
            start, from_ = start + 1, from_ + 1
        while start < end and from_ < to and old[end - 1] == new[to - 1]:
            end, to = end - 1, to - 1
            made.append((end, to))
        if start == end or from_ == to:
            continue
        anchors = _anchors(old[start:end], new[from_:to], every=depth >= _ROUNDS)
        if not anchors and depth < _ROUNDS:
            anchors = _anchors(old[start:end], new[from_:to], every=True)
            depth = _ROUNDS
        if not anchors:
            continue
        made += [(start + left, from_ + right) for left, right in anchors]
        if depth < _ROUNDS:
            gaps = _gaps(anchors, end - start, to - from_)
            todo += [(start + a, start + b, from_ + c, from_ + d, depth + 1) for (a, b), (c, d) in gaps]
    return sorted(made)


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], *, every: bool) -> list[Pair]:
    """The longest run of pairs in both orders, of what occurs once; or of `every` one, the first with the first."""
    left, right = _places(old), _places(new)
    pairs: list[Pair] = []
    for key, places in left.items():
        others = right.get(key, [])
        if every or len(places) == len(others) == 1:
            pairs += zip(places, others, strict=False)
    return _longest(sorted(pairs))


def _places(keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    made: dict[Hashable, list[int]] = {}
    for at, key in enumerate(keys):
        made.setdefault(key, []).append(at)
    return made


def _longest(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest part of `pairs` that rises in both."""
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_, right) in enumerate(pairs):
        pile = bisect_left(tops, right)
        before.append(last[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(right)
            last.append(at)
        else:
            tops[pile], last[pile] = right, at
    made: list[Pair] = []
    at = last[-1] if last else -1
    while at >= 0:
        made.append(pairs[at])
        at = before[at]
    return made[::-1]


def _gaps(pairs: Sequence[Pair], old: int, new: int) -> Iterator[tuple[Pair, Pair]]:
    left = right = 0
    for at, other in [*pairs, (old, new)]:
        if left < at and right < other:
            yield (left, at), (right, other)
        left, right = at + 1, other + 1


def _changed(old: Sequence[Block], new: Sequence[Block], left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pairs among blocks none of which is equal: first those that are alike, then what stands between them in turn."""
    if len(left) * len(right) <= _PAIRS:
        sure = _most_alike([old[at] for at in left], [new[at] for at in right])
    else:
        begins = [
            [(each.kind, each.key[:_BEGINNING]) for each in blocks] for blocks in (_of(old, left), _of(new, right))
        ]
        sure = _equal(begins[0], begins[1])
    made = [(left[one], right[other]) for one, other in sure]
    for (start, end), (from_, to) in _gaps(sure, len(left), len(right)):
        other = from_
        for one in range(start, end):
            if other < to and old[left[one]].kind == new[right[other]].kind and end - start == to - from_:
                made.append((left[one], right[other]))
            other += 1
    return made


def _of(blocks: Sequence[Block], places: Sequence[int]) -> Sequence[Block]:
    return [blocks[at] for at in places]


def _most_alike(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    bags = [[frozenset(words(each.key).split()) for each in blocks] for blocks in (old, new)]
    alike = [
        [_likeness(one, other, a, b) for other, b in zip(new, bags[1], strict=True)]
        for one, a in zip(old, bags[0], strict=True)
    ]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for at in reversed(range(len(old))):
        for to in reversed(range(len(new))):
            best[at][to] = max(best[at + 1][to], best[at][to + 1], best[at + 1][to + 1] + alike[at][to])
    made: list[Pair] = []
    at = to = 0
    while at < len(old) and to < len(new):
        if alike[at][to] and best[at][to] == best[at + 1][to + 1] + alike[at][to]:
            made.append((at, to))
            at, to = at + 1, to + 1
        elif best[at][to] == best[at + 1][to]:
            at += 1
        else:
            to += 1
    return made


def _likeness(one: Block, other: Block, words_of_one: frozenset[str], words_of_other: frozenset[str]) -> float:
    if one.kind != other.kind or one.level != other.level:
        return 0.0
    if not words_of_one or not words_of_other:
        return 0.0
    shared = len(words_of_one & words_of_other) / max(1, min(len(words_of_one), len(words_of_other)))
    # What names a row, an item or a piece of code is how it begins.
    if _name(one) == _name(other):
        shared += 0.5
    return shared if shared >= _ALIKE else 0.0


def _name(block: Block) -> str:
    if block.kind == "row":
        return block.key.split(" | ", 1)[0]
    return words(block.key.split("\n", 1)[0])[:_BEGINNING]
