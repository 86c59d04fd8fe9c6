"""Shortens a brief to the room there is, in an order that is written down. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from planner.brief import EARLIER_PLAN, Brief, Material, Media
from planner.prompt import LONGEST_NOTE, MOST_LEFT_OUT, drawn_up, in_words, seen

MIN_CHARS = 20_000
"""The least room a brief is fitted into."""

IMAGE_CHARS = 5_600
PDF_PAGE_CHARS = 7_000
"""What an image and a page of a PDF count for: 1,600 and 2,000 tokens, at 3.5 characters each."""

_PDF_PAGES = 20  # where nobody counted them
_MEASURE = "0" * 32
_OTHER = "other"
_OLD_COMMENT = "old comment"
_NEWEST = 50
_TAGS = 110  # about what stands around each piece
_OTHER_WORK = ("sibling", "relation", "child", "link", "attachment", _OTHER)
_PROJECT = ("project", "project document", "parent")
_TOLD = ("document", "file")


class Cut(NamedTuple):
    """One step of shortening: of each piece of these kinds so many characters are kept.

    Or, where `pages` is set, PDFs of more pages than that leave only their text behind, the last first, until the rest
    fits.
    """

    kinds: tuple[str, ...]
    keep: int = 0
    pages: int | None = None


CUTS = (
    Cut(_OTHER_WORK, 2_000),
    Cut(("repository",), 12_000),
    Cut(_PROJECT, 8_000),
    Cut((EARLIER_PLAN,), 40_000),
    Cut(_TOLD, pages=20),
    Cut(_TOLD, 20_000),
    Cut(_OTHER_WORK, 500),
    Cut(("repository",), 3_000),
    Cut(_PROJECT, 2_000),
    Cut((EARLIER_PLAN,), 12_000),
    Cut(("comment",), 3_000),
    Cut(_TOLD, 6_000),
    Cut(("comment",), 1_000),
    Cut(_TOLD, 2_000),
    Cut(("comment",), 300),
    Cut(_TOLD, pages=0),
    Cut(("plan-context",), 8_000),
)
"""The order in which a brief is shortened, gentlest first. What describes other work goes before what describes the
issue; what was said last about the issue stays longest; the standing orders are shortened last."""

DROPS = (
    _OTHER,
    "sibling",
    "relation",
    "child",
    "link",
    "attachment",
    "repository",
    "project document",
    "project",
    "parent",
    EARLIER_PLAN,
    _OLD_COMMENT,
    "file",
    "document",
    "comment",
    "plan-context",
)
"""Then whole pieces go, kind by kind, images and PDFs with their files: of the comments the oldest first (all but the
newest 50 before files and documents), of anything else the last. After that the guidance loses its middle, then the
description."""

KINDS = frozenset(DROPS) - {_OLD_COMMENT}
"""The kinds of material there are."""


def fit(brief: Brief, max_chars: int) -> Brief:
    """The brief, so short that `as_prompt` needs at most `max_chars` (for markers of up to 32 characters).

    Images and PDFs count with `IMAGE_CHARS` and `PDF_PAGE_CHARS`. Shortened in the order of `CUTS` and `DROPS`, the
    guidance and the description last; the same brief is always shortened the same way. `left_out` of the result says
    what is missing. Hidden text is taken out first. Raises ValueError below `MIN_CHARS`.
    """
    if max_chars < MIN_CHARS:
        raise ValueError(f"a brief needs room for at least {MIN_CHARS} characters")
    whole = seen(brief)
    fitted = whole
    # Room is kept for saying what was left out.
    room = max_chars if _size(whole) <= max_chars else max_chars - _room_for_notes(whole)
    for cut in CUTS:
        if (excess := _size(fitted) - room) <= 0:
            break
        fitted = _with(fitted, _shorter(fitted, cut) if cut.pages is None else _as_text(fitted, cut.pages, excess))
    while fitted.materials and (excess := _size(fitted) - room) > 0:
        fitted = _dropped(fitted, excess)
    if (excess := _size(fitted) - room) > 0:
        keep = max(len(fitted.guidance) - excess, 2_000)
        fitted = fitted.model_copy(update={"guidance": _middle_out(fitted.guidance, keep)})
    if (excess := _size(fitted) - room) > 0:
        keep = max(len(fitted.description) - excess, 1_000)
        fitted = fitted.model_copy(update={"description": _middle_out(fitted.description, keep)})
    return fitted.model_copy(update={"left_out": (*_missing(whole, fitted), *fitted.left_out)})


def _size(brief: Brief) -> int:
    return len(drawn_up(brief, _MEASURE)) + sum(_weight(each.media) for each in brief.materials if each.media)


def _weight(media: Media) -> int:
    """The characters that an image or PDF counts for."""
    return (media.pages or _PDF_PAGES) * PDF_PAGE_CHARS if media.is_pdf else IMAGE_CHARS


def _room_for_notes(brief: Brief) -> int:
    # One line for each material at worst, two where it is an image or PDF, up to the most that are shown.
    media = sum(each.media is not None for each in brief.materials)
    return min(len(brief.materials) + media + 3, MOST_LEFT_OUT) * LONGEST_NOTE


def _with(brief: Brief, materials: tuple[Material, ...]) -> Brief:
    return brief.model_copy(update={"materials": materials})


def _kind(material: Material) -> str:
    return material.source if material.source in KINDS else _OTHER


def _shorter(brief: Brief, cut: Cut) -> tuple[Material, ...]:
    # What is said beside a PDF that is shown is not sent, and stays whole for quotes.
    return tuple(
        each.model_copy(update={"text": _middle_out(each.text, cut.keep)})
        if _kind(each) in cut.kinds and each.media is None
        else each
        for each in brief.materials
    )


def _as_text(brief: Brief, pages: int, excess: int) -> tuple[Material, ...]:
    kept = list(brief.materials)
    for at in reversed(range(len(kept))):
        media = kept[at].media
        if excess <= 0 or media is None or not media.is_pdf or (media.pages or _PDF_PAGES) <= pages:
            continue
        excess -= _weight(media) - len(kept[at].text)
        kept[at] = kept[at].model_copy(update={"media": None})
    return tuple(kept)


_GAP = "\n[... left out ...]\n"


def _middle_out(text: str, keep: int) -> str:
    # Beginnings say what it is about, ends what came of it.
    if len(text) <= keep:
        return text
    keep = max(keep - len(_GAP), 0)
    tail = keep // 4
    return text[: keep - tail].rstrip() + _GAP + (text[-tail:].lstrip() if tail else "")


def _dropped(brief: Brief, excess: int) -> Brief:
    gone: set[str] = set()
    for kind in DROPS:
        alike = [each for each in brief.materials if _kind(each) == kind and each.name not in gone]
        if kind == _OLD_COMMENT:
            alike = [each for each in brief.materials if _kind(each) == "comment"][:-_NEWEST]
        for each in alike if kind in ("comment", _OLD_COMMENT) else reversed(alike):
            if excess <= 0:
                break
            gone.add(each.name)
            excess -= _TAGS + len(each.name) + (_weight(each.media) if each.media else len(each.text))
    return _with(brief, tuple(each for each in brief.materials if each.name not in gone)) if gone else brief


def _missing(whole: Brief, fitted: Brief) -> Iterable[str]:
    kept = {each.name: each for each in fitted.materials}
    media = {each.name: f", {in_words(each.media)}" for each in whole.materials if each.media}
    for name, before, after in (
        ("the description", whole.description, fitted.description),
        ("the guidance", whole.guidance, fitted.guidance),
    ):
        if len(after) < len(before):
            yield f"the middle of {name} ({len(before):,} characters, {len(after):,} shown)"
    for each in whole.materials:
        if each.media is not None and each.name in kept and kept[each.name].media is None:
            yield f"{in_words(each.media)}, {each.name}" + ("; its text is read instead" if each.text else "")
    for kind in reversed(DROPS):
        yield from _middles([each for each in whole.materials if _kind(each) == kind and each.name in kept], kept)
        names = [each.name for each in whole.materials if _kind(each) == kind and each.name not in kept]
        if len(names) > _NAMED_GONE:
            yield f"{len(names)} whole pieces: {names[0]} to {names[-1]}"
        else:
            yield from (f"the whole of {name}{media.get(name, '')}" for name in names)


def _middles(pieces: list[Material], kept: dict[str, Material]) -> Iterable[str]:
    """What was shortened of one kind: a line each, or one for a run of many without a whole one between."""
    for shortened, run in groupby(pieces, key=lambda each: len(kept[each.name].text) < len(each.text)):
        cut = list(run)
        if shortened and len(cut) > _NAMED_GONE:
            yield f"the middle of each of {len(cut)} pieces: {cut[0].name} to {cut[-1].name}"
        elif shortened:
            for each in cut:
                shown = len(kept[each.name].text)
                yield f"the middle of {each.name} ({len(each.text):,} characters, {shown:,} shown)"


_NAMED_GONE = 5
