"""What the bot says when it asks people before it plans. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.asking_back import AskedQuestion
    from planner.brief import QuestionAnswered


def waits(number: int, spent: float) -> str:
    """The comment, while people are asked."""
    stand = f"{wording.count(number, 'question').capitalize()} {'stands' if number == 1 else 'stand'} below"
    cost = f" Asking cost {wording.dollars(spent)}." if spent else ""
    return (
        f"This says too little for a plan yet. {stand}; an answer there, or an edit of the title or description, "
        f"and I begin.{cost}"
    )


def questions(asked: Sequence[AskedQuestion], *, mention: str | None, after: str) -> str:
    """The reply in the thread that asks. `after`: the rule's words, such as `24h` or `never`."""
    opening = f"{mention} before I plan" if mention else "Before I plan"
    lines = [
        f"{number}. {wording.plain(each.text)}\n   *If nobody answers:* {wording.plain(each.suggested_default)}"
        for number, each in enumerate(asked, start=1)
    ]
    how = "Reply here, in your own words" + (", by number where you like." if len(asked) > 1 else ".")
    then = (
        "I wait until somebody does."
        if after == "never"
        else f"After {after} without a word I plan with what stands above, and say so in the plan."
    )
    return f"{opening}:\n\n" + "\n".join(lines) + f"\n\n{how} {then}"


def understood(answered: Sequence[QuestionAnswered], *, mention: str | None) -> str:
    """The reply to an answer."""
    opening = f"{mention} thank you" if mention else "Thank you"
    same = len(answered) > 1 and len({each.answer for each in answered}) == 1 and not answered[0].assumed
    if same:
        return f"{opening}, I take that as the answer to all of them, and plan now."
    lines = [
        f"{number}. {'nobody answered, so I assume: ' if each.assumed else ''}{wording.plain(each.answer)}"
        for number, each in enumerate(answered, start=1)
    ]
    return f"{opening}. I understood:\n\n" + "\n".join(lines) + "\n\nI plan now."
