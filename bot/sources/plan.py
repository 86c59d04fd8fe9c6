"""The plan that stands on the issue, with what people wrote into it and said about it. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import is_bare
from planner.brief import EARLIER_PLAN, Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 15
LABEL = ("part of the plan that stands", "parts of the plan that stands")


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """The plan as it is, then the comments on it: what is said about a plan is what its issue's people want."""
    del context
    plan = known.plan
    if plan is None:
        return
    said = sorted(
        (each for each in plan.comments if each.id not in known.ours and not is_bare(each.body)),
        key=lambda each: each.created_at,
    )
    for number, comment in enumerate(said, start=1):
        resolved = ", resolved" if comment.resolved_at else ""
        yield Material(
            source="comment",
            name=f"plan-comment-{number}",
            title=f"On the plan{resolved}",
            url=comment.url,
            author=comment.author or None,
            at=comment.created_at,
            text=f"> {comment.quoted_text}\n\n{comment.body}" if comment.quoted_text else comment.body,
        )
    yield Material(
        source=EARLIER_PLAN,
        name="earlier-plan",
        title=plan.title,
        url=plan.url,
        at=plan.updated_at,
        text=plan.text,
    )
