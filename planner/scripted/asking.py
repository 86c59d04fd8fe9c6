"""When the words of an issue are too few to plan from, and what to ask then. No I/O."""

from __future__ import annotations

import re

from planner.asking_back import is_plain
from planner.brief import Brief
from planner.model import JsonObject
from planner.visible import visible

_FEW_WORDS = 6
_WORD = re.compile(r"[^\W_]{2,}")
_ABOUT = ("comment", "document", "file", "attachment", "link", "plan-context")


def questions_for(brief: Brief) -> JsonObject | None:
    """The arguments of `ask_people`; None where there is enough to plan from, or people were asked already."""
    about = " ".join(each.text or each.title for each in brief.materials if each.source in _ABOUT)
    said = visible(f"{brief.description} {brief.guidance} {about}").text
    # Scripts without spaces say more with fewer blanks.
    words = len(_WORD.findall(said)) + sum(not char.isascii() for char in said) // 3
    if brief.answers or words >= _FEW_WORDS:
        return None
    title = " ".join(visible(brief.title).text.split())[:100]
    named, done = (f'"{title}"', f"the title says: {title}.") if is_plain(title) else ("this", "the title says.")
    return {
        "questions": [
            {
                "text": f"What should be possible once {named} is done, and for whom?",
                "suggested_default": f"Callers of the API can do what {done}",
            },
            {
                "text": "What must hold, in numbers: how many users, how much data, how fast?",
                "suggested_default": "A hundred calls a second at most, each answered within 300 ms.",
            },
        ]
    }
