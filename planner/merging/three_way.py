"""Merges three texts: what was posted, what stands, and what is new. No I/O.

People's blocks always stay. The bot's own follow the new plan. Where both changed one, the bot's is a suggestion below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from planner.merging.aligning import aligned, moved
from planner.merging.holding import appended, lacking
from planner.merging.joining import Piece, arranged, joined
from planner.merging.merged import Merged, Section
from planner.merging.normal import prose, words
from planner.merging.placing import Standing, in_place
from planner.merging.splitting import Block, form, split
from planner.merging.suggesting import MARK, is_suggestion, proposal, said, suggestion, unquoted

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
    text, proposals = joined(pieces), merger.proposals
    safe = bool(lacking(posted, stands, new, text, held=merger.held, ours=merger.suggestions()))
    if safe:
        text, pieces = appended(stands, pieces)
        proposals = [unquoted(piece.block) for piece in pieces if piece.what == "suggested"]
    changed = form(text) != standing
    return Merged(
        text=text if changed else stands,
        base=new,
        kept=tuple(piece.block.written() for piece in pieces if piece.what == "kept"),
        suggested=tuple(proposals),
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
        self._stands: list[Block] = []
        self._suggested: dict[str, list[Standing]] = {}
        for place, block in enumerate(whole):
            if is_suggestion(block) and block.key in ours:
                self._suggested.setdefault(block.key, []).append(Standing(place, len(self._stands) - 1, block))
            else:
                self._stands.append(block)
        self._base: list[Block | None] = [*given]
        # How many more of a block the new plan has.
        self._more = Counter(block.key for block in self._new) - Counter(block.key for block in given)
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
        # What of the new plan is not written where the plan has it.
        self.held: list[Block] = []
        self._meant: Counter[str] = Counter()

    def suggestions(self) -> frozenset[str]:
        """The keys of suggestions that are the bot's: that stand and nobody edited, and those that it makes now."""
        return frozenset((*self._suggested, *self._meant))

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
        self.held.clear()
        self._meant.clear()
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
        meant = (one for key, number in self._meant.items() for one in self._suggested.get(key, [])[:number])
        return in_place(made, sorted(meant))

    def _added(self, at: int) -> Iterator[Piece]:
        base = self._base_of_theirs.get(at)
        if base is None:
            yield Piece(self._stands[at], "kept", at)
        else:
            yield from self._both(base, at)

    def _inserted(self, places: Sequence[int], theirs: Sequence[Sequence[Piece]], gone: set[int]) -> Iterator[Piece]:
        already = Counter(piece.block.key for each in theirs for piece in each if piece.what != "removed")
        for at in places:
            block = self._new[at]
            if at in self._elsewhere:
                continue
            if at in self._moved_ours:
                base = self._moved_ours[at]
                # Where both moved it, it stands where people put it.
                standing = self._theirs.get(base)
                if standing is not None and self._untouched(base, standing):
                    yield Piece(self._stands[standing], "same", standing)
            elif already[block.key] > 0 and self._more[block.key] > 0:
                # People and the bot put the same here. What only changed its place is the bot's, beside people's.
                already[block.key] -= 1
                self._more[block.key] -= 1
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
                yield Piece(block, "kept", at)
            elif base in self._their_moves:
                # Who moved it wants it there, whether the plan still has it or not.
                yield Piece(block, "same" if base in self._our_moves else "kept", at)
            elif base not in self._our_moves:
                yield Piece(block, "removed", at)
            return
        proposed = self._new[ours]
        if proposed.key == block.key:
            yield Piece(block, "same", at)
        elif untouched:
            yield Piece(proposed, "rewritten", at)
        else:
            yield Piece(block, "kept", at)
            yield from self._stood(proposed) if self._is_base(base, proposed) else self._suggest(proposed)

    def _untouched(self, base: int, at: int) -> bool:
        return self._is_base(base, self._stands[at]) and at not in self._quoted

    def _is_base(self, base: int, block: Block) -> bool:
        given = self._base[base]
        return given is not None and given.key == block.key

    def _suggest(self, block: Block) -> Iterator[Piece]:
        self.held.append(block)
        if block.kind == "rule":
            return
        self.proposals.append(proposal(block))
        made = suggestion(block)
        stands = self._meant[made.key] < len(self._suggested.get(made.key, ()))
        self._meant[made.key] += 1
        yield Piece(made, "standing" if stands else "suggested")

    def _stood(self, block: Block) -> Iterator[Piece]:
        # What was suggested before and is still meant; what a person took away is not suggested again.
        made = suggestion(block)
        if self._meant[made.key] < len(self._suggested.get(made.key, ())):
            self._meant[made.key] += 1
            yield Piece(made, "standing")

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
