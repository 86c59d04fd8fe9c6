"""The issue's project: what it is for, its milestone, and its documents. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sources.plan_context import governs
from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 30
LABEL = ("piece of the project", "pieces of the project")


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """The description and content as one piece, then each document. Standing orders are a source of their own."""
    project = context.issue.project
    if project is None:
        return
    text = "\n\n".join(part for part in (project.description, project.content) if part)
    milestone = context.issue.project_milestone
    if milestone is not None:
        text += f"\n\nMilestone: {milestone.name}"
        text += f", due {milestone.target_date}" if milestone.target_date else ""
        text += f"\n{milestone.description}" if milestone.description else ""
    if text.strip():
        yield Material(source="project", name="project", title=project.name, url=project.url, text=text.strip())
    for number, document in enumerate(project.documents, start=1):
        if document.trashed or document.id in known.ours or governs(document):
            continue
        yield Material(
            source="project document",
            name=f"project-document-{number}",
            title=document.title,
            url=document.url,
            at=document.updated_at,
            text=document.content or "",
        )
