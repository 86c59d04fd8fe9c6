"""What is attached to the issue: pull requests, error reports, designs, by title, subtitle and address. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 50
LABEL = ("attachment", "attachments")

_METADATA_MOST = 2_000


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """Each attachment with what its integration says of it."""
    for number, attachment in enumerate(context.issue.attachments, start=1):
        if attachment.id in known.ours:
            continue
        metadata = json.dumps(attachment.metadata, ensure_ascii=False, sort_keys=True) if attachment.metadata else ""
        yield Material(
            source="attachment",
            name=f"attachment-{number}",
            title=attachment.title,
            url=attachment.url,
            author=attachment.source_type,
            text="\n".join(part for part in (attachment.subtitle, metadata[:_METADATA_MOST]) if part),
        )
