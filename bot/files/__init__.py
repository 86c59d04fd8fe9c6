"""Fetches the files that an issue shows or links to, so that the model sees them: images, PDFs, text.

What cannot be had becomes a sentence for the plan's appendix, never an error.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.files.links import Link, links_of
from bot.files.reading import Read, read
from bot.sources import File
from bot.store import blobs
from linear.errors import LinearError
from planner.brief import Media

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.sources import Known
    from bot.store.database import Database
    from linear.client import Linear
    from linear.models import IssueContext

MOST_FILES = 20
MOST_BYTES = 25_000_000
"""Of all files together, as they were downloaded."""

MOST_SHOWN = 20_000_000
"""Bytes of all images and PDFs together: the service takes 32 MB in a request, and base64 adds a third."""

_MOST_EACH = 15_000_000
_AT_ONCE = 4
_READ_WITHIN_S = 60.0
_NAMED = 5


async def fetch(linear: Linear, database: Database, context: IssueContext, known: Known) -> tuple[File, ...]:
    """The files of Linear's file host in the issue's texts, comments, documents and attachments, in reading order.

    At most `MOST_FILES`, and `MOST_BYTES` in all; images and PDFs are kept as blobs. Images elsewhere are named and
    not fetched. Raises the database's errors only.
    """
    found = links_of(context, known, linear.files_origin)
    own = [each for each in found if each.own]
    files: list[File] = []
    budget = _Budget()
    for start in range(0, min(len(own), MOST_FILES), _AT_ONCE):
        some = own[start : min(start + _AT_ONCE, MOST_FILES)]
        most = min(_MOST_EACH, budget.left)
        for link, got in zip(some, await asyncio.gather(*(_get(linear, each, most) for each in some)), strict=True):
            files.append(await _kept(database, link, budget.spend(got)))
    beyond = own[MOST_FILES:]
    files += _gaps(beyond, "file", f"at most {MOST_FILES} files are read")
    files += _gaps([each for each in found if not each.own], "image", "it lies outside Linear and was not fetched")
    return tuple(files)


class _Budget:
    """What may still be read, and shown, in bytes."""

    def __init__(self) -> None:
        self.left = MOST_BYTES
        self._shown = 0

    def spend(self, got: Read) -> Read:
        """What is left of a file by what is left of the budget. Files count in their order."""
        if got.size > self.left:
            return Read(gap=f"all files together may have {MOST_BYTES // 1_000_000} MB")
        if got.text or got.body:
            self.left -= got.size
        if self._shown + len(got.body) > MOST_SHOWN:
            reason = f"images and PDFs together may have {MOST_SHOWN // 1_000_000} MB"
            return Read(text=got.text, gap=reason + ("; its text is read" if got.text else ""))
        self._shown += len(got.body)
        return got


async def _get(linear: Linear, link: Link, most: int) -> Read:
    """A file read, or why not."""
    if most <= 0:
        return Read(gap=f"all files together may have {MOST_BYTES // 1_000_000} MB")
    try:
        got = await linear.download(link.url, most)
        async with asyncio.timeout(_READ_WITHIN_S):
            return await asyncio.to_thread(read, got.body, got.media_type, link.title)
    except LinearError as error:
        return Read(gap=str(error))
    except TimeoutError:
        return Read(gap=f"it could not be read within {_READ_WITHIN_S:g} seconds")


async def _kept(database: Database, link: Link, got: Read) -> File:
    """The file as a source knows it; its bytes go into the database."""
    media = None
    if got.body:
        digest = await database.run(blobs.put, got.body, got.media_type)
        media = Media(digest=digest, media_type=got.media_type, size=len(got.body), pages=got.pages)
    gap = f'the file "{link.title}": {got.gap}' if got.gap else ""
    return File(url=link.url, title=link.title, text=got.text, media=media, gap=gap)


def _gaps(links: Sequence[Link], noun: str, reason: str) -> Iterator[File]:
    """Files that are not fetched: each named, or counted where they are many."""
    if len(links) > _NAMED:
        first, last = links[0], links[-1]
        named = f'{len(links)} {noun}s, "{first.title}" to "{last.title}"'
        yield File(url=first.url, title=first.title, gap=f"{named}: {reason}")
        return
    for each in links:
        where = "" if each.own else f" at {each.host}"
        yield File(url=each.url, title=each.title, gap=f'the {noun} "{each.title}"{where}: {reason}')
