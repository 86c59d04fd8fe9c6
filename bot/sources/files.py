"""Files that the issue, its comments and documents show: images, PDFs and text. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 25
LABEL = ("file", "files")


def materials(context: IssueContext, known: Known) -> Iterator[Material]:  # noqa: ARG001 - as every source is called
    """Each that could be read, in the order they are mentioned."""
    read = [file for file in known.files if file.text or file.media]
    for number, file in enumerate(read, start=1):
        yield Material(
            source="file", name=f"file-{number}", title=file.title, url=file.url, text=file.text, media=file.media
        )
