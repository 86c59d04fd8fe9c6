"""How much of a brief a plan can pay for: what it costs to read must leave room for what is written. No I/O."""

from __future__ import annotations

from planner.brief import Brief
from planner.fitting import MIN_CHARS, fit
from planner.pricing import IMAGE_TOKENS, PDF_PAGE_TOKENS, PDF_PAGES, most_tokens, worst_case
from planner.prompt import as_content

MOST_CHARS = 500_000
"""About 150,000 tokens of English: leaves room for the plan and its repairs in any current model's window."""

SHARE = 0.5
"""The most of a plan's cap that reading the brief once may cost, were nothing of it cached."""

_MEASURE = "0" * 32
_STEP = 0.7


def fit_to_cap(brief: Brief, model: str, cap_usd: float) -> Brief:
    """The brief as long as `model` can read it for a share of `cap_usd` dollars, at the least `MIN_CHARS`.

    A request is booked at one token for each byte, so that an issue in a script of several bytes a letter, or one with
    long PDFs, has less room than one in English. Shortened as `planner.fitting.fit` has it.
    """
    room = MOST_CHARS
    while True:
        fitted = fit(brief, room)
        if room <= MIN_CHARS or worst_case(model, brief_tokens(fitted)).fixed_usd <= SHARE * cap_usd:
            return fitted
        room = max(MIN_CHARS, int(room * _STEP))


def brief_tokens(brief: Brief) -> int:
    """The most tokens that the first message of a conversation about `brief` can have."""
    media = [each.media for each in brief.materials if each.media is not None]
    drawn = sum((each.pages or PDF_PAGES) * PDF_PAGE_TOKENS if each.is_pdf else IMAGE_TOKENS for each in media)
    return most_tokens(as_content(brief, _MEASURE)) + drawn
