"""What holds for any edits by people and any two plans: nothing of people's is lost, and merging again does nothing."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linear.sandbox.markdown import rederived
from planner.merging import MARK, merge
from planner.merging.normal import line_form
from planner.merging.splitting import form, split
from planner.render import document
from tests.planner.samples import FACTS, german_plan, sample_plan, small_plan

FULL = document(sample_plan(), FACTS)
DOCUMENTS = (FULL, document(german_plan(), FACTS), document(small_plan(), FACTS))
PIECES = (
    "A line that a person wrote.",
    "* an item of ours",
    "  * nested",
    "1. numbered",
    "| a | b | c | d | e |",
    "| R1 | Ours | theirs |",
    "## A section of ours",
    "```\ncode of ours\n```",
    "```",
    "> quoted",
    f"> {MARK}\n>\n> Ours, really.",
    "+++ Folded by us\n\ninside\n\n+++",
    "+++",
    "---",
    "a_b *c* [d](<https://example.com>) \\[e\\]",
    "- [ ] to do",
)

documents = st.integers(0, len(DOCUMENTS) - 1)
edits = st.lists(
    st.tuples(
        st.sampled_from(("insert", "replace", "remove", "append", "move", "repeat")),
        st.integers(0, 400),
        st.integers(1, 12),
        st.sampled_from(PIECES),
    ),
    max_size=8,
)


def edited(text: str, changes: list[tuple[str, int, int, str]]) -> str:
    lines = text.split("\n")
    for what, at, length, piece in changes:
        start = at % (len(lines) + 1)
        cut = lines[start : start + length]
        if what == "insert":
            lines[start:start] = ["", piece, ""]
        elif what == "replace":
            lines[start : start + length] = [piece]
        elif what == "append" and start < len(lines):
            lines[start] += " and more"
        elif what == "repeat":
            lines[start:start] = cut
        elif what in {"remove", "move"}:
            del lines[start : start + length]
            if what == "move":
                to = at * 7 % (len(lines) + 1)
                lines[to:to] = ["", *cut, ""]
    return "\n".join(lines)


def counted(text: str) -> Counter[str]:
    found = Counter(line_form(line) for line in text.splitlines())
    del found[""], found[line_form(MARK)]
    return found


def lines_of_people(posted: str, stands: str) -> Counter[str]:
    """What stands more often than it was posted: a line that people wrote twice is theirs twice."""
    return counted(stands) - counted(posted)


@settings(max_examples=25, deadline=None)
@given(documents, documents, edits, edits, st.booleans())
def test_nothing_is_lost_and_again_does_nothing(
    of: int, by: int, people: list[tuple[str, int, int, str]], bot: list[tuple[str, int, int, str]], near: bool
) -> None:
    posted, other = DOCUMENTS[of], DOCUMENTS[by]
    stands = rederived(edited(rederived(posted), people))
    new = edited(posted if near else other, bot)
    merged = merge(posted, stands, new)
    assert lines_of_people(posted, stands) <= counted(merged.text)
    again = merge(merged.base, rederived(merged.text), new)
    assert not again.changed
    assert again.text == rederived(merged.text)
    # A third plan neither loses them, though what was suggested is replaced.
    third = merge(merged.base, rederived(merged.text), posted)
    assert lines_of_people(posted + "\n" + new, stands) <= counted(third.text)
    assert third.text.count(MARK) <= merged.text.count(MARK) + len(third.suggested)


@settings(max_examples=15, deadline=None)
@given(documents, documents, edits, edits)
def test_without_a_base_nothing_that_stands_is_lost(
    of: int, by: int, people: list[tuple[str, int, int, str]], bot: list[tuple[str, int, int, str]]
) -> None:
    posted, other = DOCUMENTS[of], DOCUMENTS[by]
    stands = rederived(edited(posted, people))
    merged = merge(None, stands, edited(other, bot))
    assert lines_of_people("", stands) <= counted(merged.text)


@settings(max_examples=25, deadline=None)
@given(documents, edits, edits)
def test_untouched_is_the_new_text_to_the_byte(
    of: int, before: list[tuple[str, int, int, str]], bot: list[tuple[str, int, int, str]]
) -> None:
    posted = edited(DOCUMENTS[of], before).replace(MARK, "Suggested")
    stands = rederived(posted)
    new = edited(posted, bot)
    assert form(stands) == form(posted)
    if form(new) != form(posted):
        assert merge(posted, stands, new).text == new


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab _*`~[]()<>\\|#>-+1.\n:/", max_size=60))
def test_the_normal_form_is_that_of_what_comes_back(text: str) -> None:
    assert form(rederived(rederived(text))) == form(rederived(text))
    split(text)


def test_one_edit_freezes_one_block() -> None:
    """Each block of a real document, edited alone: all other changes of a new plan arrive."""
    stands = rederived(FULL)
    new = FULL.replace("Redis", "Valkey")
    expected = len([block for block in split(new) if "Valkey" in block.text])
    lines = [at for at, line in enumerate(stands.split("\n")) if line.startswith(("* ", "| R"))]
    assert len(lines) > 10
    for at in lines:
        changed = stands.split("\n")
        changed[at] = changed[at].rstrip(" |") + " (says Ann)" + (" |" if changed[at].startswith("|") else "")
        merged = merge(FULL, "\n".join(changed), new)
        assert "(says Ann)" in merged.text
        assert sum("Valkey" in block.text for block in split(merged.text)) == expected
        assert len(merged.kept) == 1


SIZE = 300_000
LARGE = {
    "equal paragraphs": "same\n\n" * (SIZE // 6),
    "equal items": "- same\n" * (SIZE // 7),
    "equal rows": "| a |\n| --- |\n" + "| same |\n" * (SIZE // 9),
    "different items": "".join(f"- item {at} of many\n" for at in range(SIZE // 18)),
    "few words": "".join(f"w{at % 7}\n\n" for at in range(SIZE // 4)),
    "one paragraph": "word " * (SIZE // 5),
    "one line of ticks": "`a``b```c" * (SIZE // 9),
    "one line of brackets": "[" * SIZE,
    "half links": "[a](" * (SIZE // 4),
    "one line of underscores": "_" * SIZE,
    "escapes": "\\" * SIZE,
    "blanks": "# a" + " " * SIZE + "b\n",
    "a dash and blanks": "- " * (SIZE // 2) + "b",
    "fences": "```\n\n" * (SIZE // 5) + "```\n",
    "folds": "+++ a\n" * (SIZE // 6),
    "closed folds": "+++ a\n\n+++\n\n" * (SIZE // 12),
    "deep items": "".join(" " * (at % 700) + "- a\n" for at in range(850)),
    "deep quotes": ">" * 1000 + " a\n",
    "real": FULL * (SIZE // len(FULL)),
    "angles": "<https://" * (SIZE // 9),
    "blank lines": "- a\n" + "\n" * SIZE + "  b",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_large_texts_merge_in_bounded_time(text: str) -> None:
    middle = len(text) // 2
    stands = text[:middle] + "\n\nOurs, in the middle.\n\n" + text[middle:]
    third = len(text) // 3
    new = "Other.\n\n" + text[:third] + "\n\nNew.\n\n" + text[third:].replace("a", "b")
    start = time.process_time()
    merged = merge(text, stands, new, kept_blocks=["item 40", "middle"])
    took = time.process_time() - start
    assert "Ours, in the middle." in merged.text
    print(f"{took:.2f}")
    assert took < 6
