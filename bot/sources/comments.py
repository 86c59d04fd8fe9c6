"""The issue's comments, thread by thread, each with its author and time. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import is_bare
from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import Comment, IssueContext

ORDER = 10
LABEL = ("comment", "comments")


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """Oldest thread first, replies after what they answer. The bot's own words are left out, people's replies stay."""
    comments = sorted(context.issue.comments, key=lambda comment: comment.created_at)
    roots = {comment.id: comment.parent_id or comment.id for comment in comments}
    first = {comment.id: comment.created_at for comment in comments}
    comments.sort(
        key=lambda comment: (first.get(roots[comment.id], comment.created_at), roots[comment.id], comment.created_at)
    )
    resolved = {comment.id for comment in comments if comment.resolved_at}
    wanted = [comment for comment in comments if comment.id not in known.ours and not is_bare(comment.body)]
    names = {comment.id: f"comment-{number}" for number, comment in enumerate(wanted, start=1)}
    for comment in wanted:
        yield Material(
            source="comment",
            name=names[comment.id],
            url=comment.url,
            author=_author(comment, names.get(comment.parent_id or ""), resolved=roots[comment.id] in resolved),
            at=comment.created_at,
            text=f"> {comment.quoted_text}\n\n{comment.body}" if comment.quoted_text else comment.body,
        )


def _author(comment: Comment, answers: str | None, *, resolved: bool) -> str:
    """Who wrote it, what they are in the workspace, and what they answer."""
    said = _name(comment)
    said += f", in reply to {answers}" if answers else ""
    return f"{said}, in a resolved thread" if resolved else said


def _name(comment: Comment) -> str:
    if comment.user is not None:
        role = "app" if comment.user.app else "guest" if comment.user.guest else "member"
        return f"{comment.user.display_name or comment.user.name} ({role})"
    if comment.external_user is not None:
        return f"{comment.external_user.name} (outside the workspace)"
    return f"{comment.bot_actor.name or comment.bot_actor.type} (integration)" if comment.bot_actor else "unknown"
