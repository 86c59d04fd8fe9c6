"""Standing orders: every `plan-context.md`, of the issue, its project, the repository and the team. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linear.client import PLAN_CONTEXT
from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.sources import Known
    from linear.models import Document, IssueContext

ORDER = 0
LABEL = ("plan-context", "plan-contexts")

_FILE = "plan-context.md"


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """The nearest to the issue first: where they differ, the first wins."""
    issue = context.issue
    yield from _documents("issue", issue.documents, known)
    yield from _documents("project", issue.project.documents if issue.project else (), known)
    repository = known.repository
    for file in repository.files if repository else ():
        if repository is not None and file.path.casefold() == _FILE and file.text.strip():
            yield Material(
                source="plan-context",
                name="plan-context-repository",
                title=f"{file.path} of {repository.name}" + ("" if file.whole else " (its beginning)"),
                url=repository.web_url or None,
                text=file.text,
            )
    yield from _documents("team", known.team_documents, known)


def governs(document: Document) -> bool:
    """Whether a document holds standing orders, by its title."""
    return document.title.strip().casefold() in PLAN_CONTEXT


def _documents(where: str, documents: Sequence[Document], known: Known) -> Iterator[Material]:
    standing = [
        each
        for each in documents
        if governs(each) and not each.trashed and each.id not in known.ours and (each.content or "").strip()
    ]
    for number, document in enumerate(standing, start=1):
        yield Material(
            source="plan-context",
            name=f"plan-context-{where}" if number == 1 else f"plan-context-{where}-{number}",
            title=f"{document.title} of the {where}",
            url=document.url,
            at=document.updated_at,
            text=document.content or "",
        )
