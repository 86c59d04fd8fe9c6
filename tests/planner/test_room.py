"""A brief is shortened until reading it leaves room in the cap for what is written."""

from __future__ import annotations

import pytest

from planner.brief import Brief, Material, Media
from planner.fitting import MIN_CHARS
from planner.pricing import worst_case
from planner.prompt import as_prompt
from planner.room import MOST_CHARS, SHARE, brief_tokens, fit_to_cap
from tests.planner.samples import BRIEF, MARKER

OPUS = "claude-opus-5-5"


def long_brief(letter: str, comments: int = 400) -> Brief:
    materials = tuple(
        Material(source="comment", name=f"comment-{n}", author="Ada", text=f"{letter * 1_500} {n}")
        for n in range(comments)
    )
    return BRIEF.model_copy(update={"materials": materials})


def test_a_brief_that_can_be_paid_for_stays_whole() -> None:
    assert fit_to_cap(BRIEF, OPUS, 5.0) == BRIEF


@pytest.mark.parametrize("letter", ["a", "é", "語"])
@pytest.mark.parametrize("cap", [0.6, 2.0, 5.0])
def test_reading_it_leaves_room(letter: str, cap: float) -> None:
    fitted = fit_to_cap(long_brief(letter), OPUS, cap)
    assert worst_case(OPUS, brief_tokens(fitted)).fixed_usd <= SHARE * cap
    assert len(as_prompt(fitted, MARKER)) <= MOST_CHARS
    assert fitted.left_out, "what is missing is named"


def test_no_cap_is_too_small_to_say_anything() -> None:
    fitted = fit_to_cap(long_brief("a"), OPUS, 0.000_1)
    assert len(as_prompt(fitted, MARKER)) <= MIN_CHARS
    assert fitted.title == BRIEF.title


def test_pdfs_that_cost_too_much_go() -> None:
    media = Media(digest="0" * 64, media_type="application/pdf", size=1_000_000, pages=100)
    pdfs = tuple(
        Material(source="file", name=f"file-{n}", title="Spec", media=media, text="the text") for n in range(3)
    )
    fitted = fit_to_cap(BRIEF.model_copy(update={"materials": pdfs}), OPUS, 5.0)
    assert sum(each.media is not None for each in fitted.materials) < 3
    assert worst_case(OPUS, brief_tokens(fitted)).fixed_usd <= SHARE * 5.0
