"""Documents that hang on the issue, and those its text links to. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sources.plan_context import governs
from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 20
LABEL = ("document", "documents")


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """The issue's own first, then the linked ones; each once. Standing orders are a source of their own."""
    seen = {*known.ours, *(document.id for document in known.team_documents)}
    own = (document for document in context.issue.documents if not governs(document))
    number = 0
    for document in (*own, *known.linked):
        if document.id in seen or document.trashed:
            continue
        seen.add(document.id)
        number += 1
        yield Material(
            source="document",
            name=f"document-{number}",
            title=document.title,
            url=document.url,
            at=document.updated_at,
            text=document.content or "",
        )
