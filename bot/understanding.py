"""Reads a reply as the answers to the questions it replies to. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.brief import QuestionAnswered
from planner.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.asking_back import AskedQuestion

_NUMBERED = re.compile(r"\s*(?:[#(]\s*)?([1-9])\s*[.):]+\s*(.*)")
_LONGEST = 2_000


def answers_in(body: str, questions: Sequence[AskedQuestion], by: str = "") -> tuple[QuestionAnswered, ...]:
    """What a reply answers. Lines that begin with a question's number answer that one, with the lines that follow.

    Without numbers the whole reply answers every question. Quoted lines are nobody's answer. Nothing where it says
    nothing.
    """
    lines = [line for line in visible(body).text.splitlines() if not line.lstrip().startswith(">")]
    numbered: dict[int, list[str]] = {}
    at = 0
    for line in lines:
        match = _NUMBERED.fullmatch(line)
        if match is not None and int(match[1]) <= len(questions):
            at = int(match[1])
            numbered.setdefault(at, []).append(match[2])
        elif at:
            numbered[at].append(line)
    whole = "\n".join(lines)
    texts = {number: "\n".join(said) for number, said in numbered.items()} or dict.fromkeys(
        range(1, len(questions) + 1), whole
    )
    return tuple(
        QuestionAnswered(question=question.text, answer=texts[number].strip()[:_LONGEST], by=by)
        for number, question in enumerate(questions, start=1)
        if texts.get(number, "").strip()
    )
