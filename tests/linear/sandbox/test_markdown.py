"""Texts come back as Linear derives them, and a second time nothing more changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linear.sandbox.markdown import rederived

TABLE = {
    "a link": ("[t](https://a.b/c)", "[t](<https://a.b/c>)"),
    "a link with a title": ('[t](https://a.b "T")', "[t](<https://a.b>)"),
    "a link with brackets in its address": ("[t](https://a.b/c_(d))", "[t](<https://a.b/c_(d)>)"),
    "an address": ("see https://a.b/c.", "see [https://a.b/c](<https://a.b/c>)."),
    "an address in angles": ("<https://a.b>", "[https://a.b](<https://a.b>)"),
    "a mention": ("https://linear.app/acme/profiles/ada hi", "https://linear.app/acme/profiles/ada hi"),
    "an issue": ("https://linear.app/acme/issue/ENG-1/x", "https://linear.app/acme/issue/ENG-1/x"),
    "an image": ("![a](https://a.b/c.png)", "![a](<https://a.b/c.png>)"),
    "a tilde": ("~5 ms", "\\~5 ms"),
    "an escaped tilde": ("\\~5 ms", "\\~5 ms"),
    "struck": ("~~gone~~", "~~gone~~"),
    "brackets": ("a[0]", "a\\[0\\]"),
    "emphasis": ("_a_ and __b__", "*a* and **b**"),
    "a name in snake case": ("my_long_name", "my_long_name"),
    "code": ("`~[a](b) _c_`", "`~[a](b) _c_`"),
    "bullets": ("- a\n- b", "* a\n* b"),
    "bullets with a plus": ("+ a\n\n+ b", "* a\n* b"),
    "numbers": ("1) a\n2) b", "1. a\n2. b"),
    "nested": ("- a\n  - b", "* a\n  * b"),
    "tasks": ("- [ ] a\n- [X] b", "- [ ] a\n- [x] b"),
    "a list after text": ("text\n- a", "text\n\n* a"),
    "headings": ("# A ##\ntext", "# A\n\ntext"),
    "an underlined heading": ("A\n===\nB\n---", "# A\n\n## B"),
    "blank lines": ("a\n\n\n\nb", "a\n\nb"),
    "line ends": ("a\r\nb\r\n", "a\nb"),
    "a rule": ("a\n\n***\n\nb", "a\n\n---\n\nb"),
    "a quote": ("> ~a", "> \\~a"),
    "a table": ("|a|b|\n|-|:---:|\n|1|[x](y)|", "| a | b |\n| -- | :--: |\n| 1 | [x](<y>) |"),
    "a bar in a cell": ("| a |\n|---|\n| x \\| y |", "| a |\n| -- |\n| x \\| y |"),
    "fenced": ("```py\n- ~x[0]\n\n\n```", "```py\n- ~x[0]\n\n\n```"),
    "fenced and left open": ("```\nx", "```\nx\n```"),
    "fenced in a list": ("- a\n\n  ```\n  ~\n  ```", "* a\n\n  ```\n  ~\n  ```"),
    "folded": ("+++ More\nx\n+++", "+++ More\n\nx\n\n+++"),
    "nothing": ("", ""),
    "the key of a phase": ("text\n\nPhase key: `store-budgets`", "text\n\nPhase key: `store-budgets`"),
}


@pytest.mark.parametrize(("written", "answered"), TABLE.values(), ids=TABLE.keys())
def test_what_comes_back(written: str, answered: str) -> None:
    assert rederived(written) == answered
    assert rederived(answered) == answered


PIECES = [
    *(written for written, _ in TABLE.values()),
    "word",
    "`",
    "```",
    "~",
    "[",
    "](",
    "|",
    "\\",
    "_",
    "*",
    "> ",
    "  ",
    "- ",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", "\n", "\n\n"])), max_size=8))
def test_a_second_time_changes_nothing(pieces: list[tuple[str, str]]) -> None:
    once = rederived("".join(piece + gap for piece, gap in pieces))
    assert rederived(once) == once
