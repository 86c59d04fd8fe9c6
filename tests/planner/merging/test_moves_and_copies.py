"""What people moved or wrote twice stays, wherever the new plan has it; a suggestion stays where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from linear.sandbox.markdown import rederived
from planner.merging import MARK, merge

POSTED = "## A\n\nOne.\n\nTwo.\n\n- three\n- four\n- five\n\n## B\n\nSix.\n\nSeven.\n"


@dataclass(frozen=True)
class Case:
    """How often a line stands in what people left and in the new plan, and in the result."""

    stands: str
    new: str
    counts: dict[str, int]


def without(text: str, *lines: str) -> str:
    for line in lines:
        assert line in text
        text = text.replace(f"{line}\n\n", "").replace(f"{line}\n", "")
    return text


CASES = {
    "moved by people, dropped by the bot": Case(
        stands=without(POSTED, "One.") + "\nOne.\n", new=without(POSTED, "One."), counts={"One.": 1}
    ),
    "an item moved by people, dropped by the bot": Case(
        stands=POSTED.replace("- three\n- four\n- five", "- four\n- five\n- three"),
        new=without(POSTED, "- three"),
        counts={"* three": 1, "* four": 1, "* five": 1},
    ),
    "moved by both": Case(
        stands=without(POSTED, "One.") + "\nOne.\n",
        new=without(POSTED, "One.").replace("Six.", "One.\n\nSix."),
        counts={"One.": 1},
    ),
    "copied by people, dropped by the bot": Case(
        stands=POSTED + "\nOne.\n", new=without(POSTED, "One."), counts={"One.": 1}
    ),
    "copied by people, left by the bot": Case(
        stands=POSTED + "\nOne.\n", new=POSTED.replace("Six.", "Sixth."), counts={"One.": 2}
    ),
    "written twice by people, dropped by the bot": Case(
        stands=POSTED + "\nOne.\n\nOne.\n", new=without(POSTED, "One."), counts={"One.": 2}
    ),
    "copied by people to where the bot moves it": Case(
        stands=POSTED + "\nOne.\n", new=without(POSTED, "One.") + "\nOne.\n", counts={"One.": 2}
    ),
    "copied by people, and the original quoted": Case(
        stands=POSTED.replace("One.", "> One.") + "\nOne.\n",
        new=without(POSTED, "One."),
        counts={"One.": 1, "> One.": 1},
    ),
    "the same line as the bot's new one": Case(
        stands=POSTED + "\nEight.\n", new=POSTED + "\nEight.\n\nNine.\n", counts={"Eight.": 1, "Nine.": 1}
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_counts(case: Case) -> None:
    merged = merge(POSTED, rederived(case.stands), case.new)
    lines = rederived(merged.text).split("\n")
    assert {line: lines.count(line) for line in case.counts} == case.counts, merged.text
    assert not merged.safe


def test_what_both_moved_stands_where_people_put_it() -> None:
    case = CASES["moved by both"]
    assert merge(POSTED, rederived(case.stands), case.new).text.endswith("One.")


def test_a_suggestion_stays_where_people_moved_it() -> None:
    new = POSTED.replace("One.", "One, anew.")
    stands = rederived(merge(POSTED, rederived(POSTED).replace("One.", "One, says Bo."), new).text)
    quote = next(part for part in stands.split("\n\n") if MARK in part)
    moved = stands.replace(f"{quote}\n\n", "") + f"\n\n{quote}"
    merged = merge(new, moved, new.replace("Six.", "Sixth."))
    assert merged.text == moved.replace("Six.", "Sixth.")


def test_one_suggestion_for_two_equal_blocks_does_not_become_two() -> None:
    posted = "## A\n\nOne.\n\nSame.\n\n## B\n\nTwo.\n\nSame.\n"
    new = posted.replace("Same.", "Other.")
    stands = rederived(merge(posted, posted.replace("Same.", "Ours.", 1), new).text)
    assert stands.count(MARK) == 1
    stands = stands.replace("\n\nOther.", "\n\nOurs, too.")
    merged = merge(new, stands, new.replace("Two.", "Second."))
    assert merged.text.count(MARK) == 1


def test_a_rule_is_never_suggested() -> None:
    merged = merge("One.\n\n---\n\nTwo.\n", "One.\n\nTwo.\n\nOurs.", "One.\n\n---\n\n## C\n\n---\n\nThree.\n")
    assert f"> {MARK}\n>\n> ---" not in merged.text
