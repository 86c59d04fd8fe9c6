"""Merges three texts: what was posted, what stands, and what is new. No I/O.

People's blocks always stay. The bot's own follow the new plan. Where both changed one, the bot's is a suggestion below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from planner.merging.aligning import aligned, moved
from planner.merging.joining import Piece, arranged, joined
from planner.merging.merged import Merged, Section
from planner.merging.normal import line_form, prose, words
from planner.merging.splitting import Block, form, split
from planner.merging.suggesting import MARK, is_suggestion, proposal, said, suggestion

_LEADING = frozenset({"item", "row"})
# A person may have quoted more than one block: one that stands in the quote counts from this length on.
_QUOTED_WHOLE = 12


def merge(posted: str | None, stands: str, new: str, *, kept_blocks: Collection[str] = ()) -> Merged:
    """`new` with all that people changed in `stands` since `posted`, which is the last merge's `base`.

    Without `posted`, or with one that holds suggestions and so was no base, all that stands counts as people's.
    `kept_blocks`: quotes of comments that are not resolved; what they quote is not rewritten.
    """
    standing = form(stands)
    if posted is not None and form(posted) == form(new):
        return Merged(text=stands, base=new)
    if posted is not None and prose(MARK) in prose(posted.replace("\n", " ")):
        posted = None
    merger = _Merger(posted, stands, new, kept_blocks)
    if posted is not None and form(posted) == standing and not merger.quotes_any:
        return Merged(text=new, base=new, sections=_sections(merger.pieces()), changed=form(new) != standing)
    pieces = arranged(merger.pieces())
    text = joined(pieces)
    safe = not _holds_all(posted, stands, text)
    if safe:
        text = _appended(stands, [piece.block for piece in pieces if piece.what in {"suggested", "standing"}])
    changed = form(text) != standing
    return Merged(
        text=text if changed else stands,
        base=new,
        kept=tuple(piece.block.written() for piece in pieces if piece.what == "kept"),
        suggested=tuple(merger.proposals),
        sections=_sections(pieces),
        changed=changed,
        safe=safe,
    )


class _Merger:
    def __init__(self, posted: str | None, stands: str, new: str, quotes: Collection[str]) -> None:
        self._new = split(new)
        whole = split(stands)
        given = [] if posted is None else split(posted)
        # Suggestions nobody edited are ours to replace; an edited one is people's.
        suggested = [block for block in whole if is_suggestion(block)]
        ours = {said(block) for block in (*given, *self._new)} if suggested else set[str]()
        self._suggested = {block.key: block for block in suggested if block.key in ours}
        self._stands = [block for block in whole if block.key not in self._suggested]
        self._base: list[Block | None] = [*given]
        self._theirs: dict[int, int] = {}
        self._ours: dict[int, int] = {}
        # Where a block's partner stands in another order than its neighbours'.
        self._their_moves: dict[int, int] = {}
        self._our_moves: dict[int, int] = {}
        if posted is None:
            self._without_base()
        else:
            self._with_base(given)
        self._base_of_theirs = {at: base for base, at in (*self._theirs.items(), *self._their_moves.items())}
        self._moved_ours = {at: base for base, at in self._our_moves.items()}
        self._quoted = _quoted(self._stands, quotes)
        self.quotes_any = bool(self._quoted)
        self.proposals: list[str] = []

    def _without_base(self) -> None:
        # Every pair is a block that people may have written; only where both say the same is it the bot's, too.
        for base, (theirs, ours) in enumerate(aligned(self._stands, self._new)):
            same = self._stands[theirs].key == self._new[ours].key
            self._base.append(self._stands[theirs] if same else None)
            self._theirs[base], self._ours[base] = theirs, ours
        # What stands in another order is not written a second time.
        pairs = [(self._theirs[base], self._ours[base]) for base in self._theirs]
        self._elsewhere = {ours for _, ours in moved(self._stands, self._new, pairs)}

    def _with_base(self, given: Sequence[Block]) -> None:
        theirs, ours = aligned(given, self._stands), aligned(given, self._new)
        self._theirs, self._ours = dict(theirs), dict(ours)
        self._their_moves = dict(moved(given, self._stands, theirs))
        self._our_moves = dict(moved(given, self._new, ours))
        self._elsewhere: set[int] = set()

    def pieces(self) -> list[Piece]:
        self.proposals.clear()
        added = _slots(self._theirs, len(self._stands))
        inserted = _slots(self._ours, len(self._new))
        gone = self._new_below_removed()
        made: list[Piece] = []
        for base in range(len(self._base) + 1):
            before = made[-1].block.kind if made else ""
            theirs = [list(self._added(at)) for at in added.get(base, [])]
            ours = list(self._inserted(inserted.get(base, []), theirs, gone))
            made += _woven([piece for each in theirs for piece in each], ours, before)
            if base < len(self._base):
                made += self._settled(base)
        return made

    def _added(self, at: int) -> Iterator[Piece]:
        base = self._base_of_theirs.get(at)
        if base is None:
            yield Piece(self._stands[at], "kept")
        else:
            yield from self._both(base, at)

    def _inserted(self, places: Sequence[int], theirs: Sequence[Sequence[Piece]], gone: set[int]) -> Iterator[Piece]:
        already = Counter(piece.block.key for each in theirs for piece in each if piece.what != "removed")
        for at in places:
            block = self._new[at]
            if at in self._elsewhere:
                continue
            if already[block.key] > 0:
                already[block.key] -= 1
            elif at in self._moved_ours:
                base = self._moved_ours[at]
                standing = self._theirs.get(base, self._their_moves.get(base))
                if standing is not None and self._untouched(base, standing):
                    yield Piece(self._stands[standing], "same")
            elif at in gone:
                yield from self._suggest(block)
            else:
                yield Piece(block, "inserted")

    def _settled(self, base: int) -> Iterator[Piece]:
        if base in self._theirs:
            yield from self._both(base, self._theirs[base])
        elif base not in self._their_moves and (ours := self._ours.get(base)) is not None:
            # People removed it.
            block = self._new[ours]
            if self._is_base(base, block):
                yield from self._stood(block)
            else:
                yield from self._suggest(block)

    def _both(self, base: int, at: int) -> Iterator[Piece]:
        """A block that stands, and what the new plan makes of it."""
        block = self._stands[at]
        ours = self._ours.get(base)
        untouched = self._untouched(base, at)
        if ours is None:
            if not untouched:
                yield Piece(block, "kept")
            elif base not in self._our_moves:
                yield Piece(block, "removed")
            return
        proposed = self._new[ours]
        if proposed.key == block.key:
            yield Piece(block, "same")
        elif untouched:
            yield Piece(proposed, "rewritten")
        else:
            yield Piece(block, "kept")
            yield from self._stood(proposed) if self._is_base(base, proposed) else self._suggest(proposed)

    def _untouched(self, base: int, at: int) -> bool:
        return self._is_base(base, self._stands[at]) and at not in self._quoted

    def _is_base(self, base: int, block: Block) -> bool:
        given = self._base[base]
        return given is not None and given.key == block.key

    def _suggest(self, block: Block) -> Iterator[Piece]:
        self.proposals.append(proposal(block))
        made = suggestion(block)
        stood = self._suggested.get(made.key)
        yield Piece(stood or made, "standing" if stood else "suggested")

    def _stood(self, block: Block) -> Iterator[Piece]:
        # What was suggested before and is still meant; what a person took away is not suggested again.
        stood = self._suggested.get(said(block))
        if stood:
            yield Piece(stood, "standing")

    def _new_below_removed(self) -> set[int]:
        """What the new plan adds below a heading or in a table that people removed."""
        base_of = {at: base for base, at in self._ours.items()}
        made: set[int] = set()
        levels: list[tuple[int, bool]] = []
        table = False
        for at, block in enumerate(self._new):
            base = base_of.get(at)
            removed = base is not None and base not in self._theirs and base not in self._their_moves
            if block.kind == "heading":
                while levels and levels[-1][0] >= block.level:
                    levels.pop()
            below = any(each for _, each in levels)
            if block.kind == "heading":
                levels.append((block.level, removed))
            if block.kind == "head":
                table = removed
            if base is None and (below or (table and block.kind == "row")):
                made.add(at)
        return made


def _slots(partners: Mapping[int, int], length: int) -> dict[int, list[int]]:
    """The places without a partner, by the place in the base before which they stand."""
    base_of = {at: base for base, at in partners.items()}
    made: dict[int, list[int]] = {}
    slot = 0
    for at in range(length):
        if at in base_of:
            slot = base_of[at] + 1
        else:
            made.setdefault(slot, []).append(at)
    return made


def _woven(theirs: Sequence[Piece], ours: Sequence[Piece], before: str) -> list[Piece]:
    """What people and the bot put into the same place: items and rows first, sections last."""
    made: tuple[list[Piece], list[Piece], list[Piece]] = ([], [], [])
    for pieces in (theirs, ours):
        part = 0 if before in _LEADING or before == "head" else 1
        for piece in pieces:
            if piece.block.kind == "heading":
                part = 2
            elif part == 0 and piece.block.kind not in _LEADING and piece.what not in {"suggested", "standing"}:
                part = 1
            made[part].append(piece)
    return [piece for part in made for piece in part]


def _quoted(blocks: Sequence[Block], quotes: Collection[str]) -> frozenset[int]:
    wanted = [each for each in (words(quote) for quote in quotes) if each]
    if not wanted:
        return frozenset()
    made: set[int] = set()
    for at, block in enumerate(blocks):
        said_here = words(block.key)
        if any(each in said_here or (len(said_here) >= _QUOTED_WHOLE and said_here in each) for each in wanted):
            made.add(at)
    return frozenset(made)


def _holds_all(posted: str | None, stands: str, text: str) -> bool:
    """Whether every line that people wrote is in `text`, as often as they wrote it.

    A line that stands more often than it was posted is theirs that many times more.
    """
    before, now, after = (Counter(each.splitlines()) for each in (posted or "", stands, text))
    if not now - before - after:
        return True
    before, now, after = (_by_form(each) for each in (before, now, after))
    # A suggestion's mark goes with it; were it edited, its other lines would be people's.
    theirs = now - before
    del theirs[line_form(MARK)], theirs[""]
    return theirs <= after


def _by_form(lines: Counter[str]) -> Counter[str]:
    made: Counter[str] = Counter()
    for line, number in lines.items():
        made[line_form(line)] += number
    return made


def _appended(stands: str, suggestions: Sequence[Block]) -> str:
    there = {block.key for block in split(stands)}
    return "\n\n".join([stands.rstrip("\n"), *(each.text for each in suggestions if each.key not in there)])


def _sections(pieces: Sequence[Piece]) -> tuple[Section, ...]:
    counts: dict[str, Counter[str]] = {}
    heading = ""
    for piece in pieces:
        if piece.block.kind == "heading" and piece.block.level <= 2:  # noqa: PLR2004 - the plan's sections
            heading = piece.block.text.lstrip("#").strip()
        counts.setdefault(heading, Counter())[piece.what] += 1
    return tuple(
        section
        for heading, count in counts.items()
        if (
            section := Section(
                heading=heading,
                rewritten=count["rewritten"],
                inserted=count["inserted"],
                removed=count["removed"],
                kept=count["kept"],
                suggested=count["suggested"],
            )
        )
        != Section(heading=heading)
    )
