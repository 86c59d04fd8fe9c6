"""What a merge is held against: the lines of people, counted; and what stands where something would be lost."""

from __future__ import annotations

import pytest

from linear.sandbox.markdown import rederived
from planner.merging import MARK, merge
from planner.merging.holding import appended, lacking
from planner.merging.joining import Piece
from planner.merging.splitting import form, split

POSTED = "## A\n\nOne.\n\n- two\n"
OURS = f"> {MARK}\n>\n> Three."


@pytest.mark.parametrize(
    ("stands", "new", "text", "lost"),
    [
        pytest.param(f"{POSTED}\nBo.", POSTED, POSTED, {"Bo.": 1}, id="a line of people's"),
        pytest.param(f"{POSTED}\nBo.\n\nBo.", POSTED, f"{POSTED}\nBo.", {"Bo.": 1}, id="one of two equal lines"),
        pytest.param(f"{POSTED}\nOne.", POSTED, POSTED, {"One.": 1}, id="a copy of the bot's line, which stays"),
        pytest.param(f"{POSTED}\nOne.", "## A\n\n- two", "## A\n\nOne.", {}, id="a copy of a line that the bot drops"),
        pytest.param(f"{POSTED}\nBo.", POSTED, f"{POSTED}\n> {MARK}\n>\n> Bo.", {}, id="a person's quote like ours"),
        pytest.param(POSTED, "", "", {}, id="only the bot's lines go"),
        pytest.param(POSTED.replace("One.", "Two."), POSTED, "## A\n\n- two", {"Two.": 1}, id="an edited line"),
        pytest.param(f"* two\n\n{POSTED}", POSTED, f"+ two\n\n{POSTED}", {}, id="in another form"),
        pytest.param(f"{POSTED}\nBo.", f"{POSTED}\nBo.", f"{POSTED}\nBo.", {}, id="what the bot came to as well"),
    ],
)
def test_counts_what_is_lost(stands: str, new: str, text: str, lost: dict[str, int]) -> None:
    assert lacking(POSTED, stands, new, text) == lost


def test_a_suggestion_holds_no_line_of_people() -> None:
    (quote,) = split(OURS)
    stands = f"{POSTED}\nThree."
    assert lacking(POSTED, stands, POSTED, f"{POSTED}\n{OURS}", ours={quote.key}) == {"Three.": 1}
    assert not lacking(POSTED, f"{POSTED}\n{OURS}", POSTED, POSTED, ours={quote.key})


def test_what_the_bot_holds_back_is_not_missed() -> None:
    stands = "## A\n\n- two\n\nOne.\n\nOne."
    new = "## A\n\n- two\n\n## B\n\nOne.\n"
    held = split("One.")
    assert lacking(POSTED, stands, new, "## A\n\n- two\n\nOne.") == {"One.": 1}
    assert not lacking(POSTED, stands, new, "## A\n\n- two\n\nOne.", held=held)


def test_all_that_is_new_is_appended_once() -> None:
    blocks = split("## B\n\nThree.\n\n---\n\n| a |\n| - |\n| 1 |\n")
    pieces = [
        Piece(blocks[0], "same"),
        *(Piece(block, "inserted") for block in blocks[1:]),
        Piece(blocks[1], "rewritten"),
    ]
    text, made = appended(f"{POSTED}\nBo.\n", pieces)
    assert text == f"{POSTED}\nBo.\n\n{OURS}\n\n> {MARK}\n>\n> | a |\n> | - |\n> | 1 |"
    assert [piece.what for piece in made].count("suggested") == 2
    assert appended(text, pieces)[0] == text


# The bot drops one piece of code and puts in another; people put in that other one, too. Its first line then stands
# less often than the count asks for, which cannot tell whose copy is gone.
BEFORE = "## A\n\nOne.\n\n```\nx = 1\n```\n\nTwo.\n"
BOTH = "```\nx = 1\ny = 2\n```\n"
AFTER = f"## A\n\nFirst.\n\nTwo.\n\n{BOTH}"


def test_where_the_count_is_short_what_stands_stays() -> None:
    stands = rederived(f"{BEFORE}\n{BOTH}\nBo.\n")
    merged = merge(BEFORE, stands, AFTER)
    assert merged.safe
    assert merged.text == f"{stands}\n\n> {MARK}\n>\n> First."
    assert merged.suggested == ("First.",)
    assert [(each.heading, each.rewritten, each.removed, each.suggested) for each in merged.sections] == [
        ("A", 0, 0, 1)
    ]


def test_the_safe_result_merges_again_to_itself() -> None:
    merged = merge(BEFORE, rederived(f"{BEFORE}\n{BOTH}\nBo.\n"), AFTER)
    stands = rederived(merged.text)
    assert not merge(merged.base, stands, AFTER).changed
    later = AFTER.replace("Two.", "Second.")
    third = merge(merged.base, stands, later)
    assert not third.safe
    assert third.text == stands.replace("Two.", "Second.")
    assert form(merge(third.base, rederived(third.text), AFTER).text) == form(stands)


def test_suggestions_of_the_safe_result_are_replaced() -> None:
    merged = merge(BEFORE, rederived(f"{BEFORE}\n{BOTH}\nBo.\n"), AFTER)
    third = merge(merged.base, rederived(merged.text), AFTER.replace("First.", "Foremost."))
    assert third.text.count(MARK) == 1
    assert "> Foremost." in third.text
    assert "First." not in third.text
