"""Text from outside cannot break out of where it is put, and nothing in it leads away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from planner.markdown import bullets, cell, code, fenced, folded, inline, link, prose, table

OURS = "https://linear.app/acme/issue/ENG-1"
EVIL = "https://evil.example/x?secret"


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text):
        yield token
        yield from token.children or ()


def kinds(text: str) -> set[str]:
    return {token.type for token in tokens(text)}


CARRIERS = {
    "link": f"[a]({EVIL})",
    "link with title": f'[a]({EVIL} "b")',
    "link in angles": f"[a](<{EVIL}>)",
    "link in angles with blanks": "[a](<https://evil.example/a b>)",
    "image": f"![a]({EVIL})",
    "image in a link": f"[![a]({EVIL})]({EVIL})",
    "autolink": f"<{EVIL}>",
    "mail": "<mailto:a@evil.example>",
    "script": "[a](javascript:alert(1))",
    "data": "[a](data:text/html,x)",
    "reference": f"[a][b]\n\n[b]: {EVIL}",
    "collapsed reference": f"[a][]\n\n[a]: {EVIL}",
    "shortcut reference": f"[a]\n\n[a]: {EVIL}",
    "reference image": f"![a][b]\n\n[b]: {EVIL}",
    "reference in a list": f"- [a][b]\n- x\n\n  [b]: {EVIL}",
    "reference in a quote": f"> [a]\n>\n> [a]: {EVIL}",
    "link in bold": f"**[a]({EVIL})**",
    "link over lines": f"[a\nb]({EVIL})",
    "link with address on the next line": f"[a](\n{EVIL})",
    "nested brackets": f"[a [b] c]({EVIL})",
    "escaped brackets": f"[a \\] b]({EVIL})",
    "balanced address": "[a](https://evil.example/(x))",
    "protocol-relative": "[a](//evil.example/x)",
    "upper case": "[a](HTTPS://EVIL.EXAMPLE)",
    "html image": f'<img src="{EVIL}">',
    "html link": f'<a href="{EVIL}">a</a>',
    "html block": f"<div>\n<script src={EVIL}></script>\n</div>",
    "html comment": "<!-- hidden -->",
    "odd backticks": f"`a [b]({EVIL})",
    "backticks that do not match": f"``a` [b]({EVIL})",
    "entity": "[a](https&#58;//evil.example)",
    "after a backslash": f"\\![a]({EVIL})",
    "after an escaped backtick": f"\\`[b]({EVIL})\\`",
    "in a table": f"| a |\n|---|\n| [b]({EVIL}) |",
    "fence that a list opens": f"- ```\n  ```\n[a]({EVIL})",
    "fence that a quote opens": f"> ```\n```\n[a]({EVIL})\n```\n[b]({EVIL})",
    "tildes with backticks after them": f"~~~ a`b\nx\n~~~\n[a]({EVIL})\n~~~",
    "backticks with backticks after them": f"``` a`b\nx\n```\n[a]({EVIL})\n```\n[b]({EVIL})",
    "fence indented too far": f"    ```\n[a]({EVIL})\n```\n[b]({EVIL})\n    ```\n[c]({EVIL})",
    "fence after a tab": f"- a\n\t```\n[a]({EVIL})\n\t```\n[b]({EVIL})",
    "ours in an image": f"![a]({OURS})",
}


@pytest.mark.parametrize("text", CARRIERS.values(), ids=CARRIERS.keys())
def test_nothing_leads_away(text: str) -> None:
    for shown in (
        prose(text, {OURS}),
        inline(text, {OURS}),
        bullets([text], "-", {OURS}),
        table(("a",), [(text,)], {OURS}),
    ):
        drawn = list(tokens(shown))
        assert not {token.type for token in drawn} & {"image", "html_inline", "html_block"}, shown
        links = [token.attrGet("href") for token in drawn if token.type == "link_open"]
        assert links == [], shown


def test_our_own_addresses_stay_links() -> None:
    shown = prose(f"see [ENG-1]({OURS}) and {OURS}", {OURS})
    assert f"[ENG-1]({OURS})" in shown
    assert [token.attrGet("href") for token in tokens(shown) if token.type == "link_open"] == [OURS]


def test_addresses_are_shown_as_text() -> None:
    assert prose(f"see {EVIL}, ok?") == f"see `{EVIL}`, ok?"
    assert prose(f"[here]({EVIL})") == f"here (`{EVIL}`)"


KEPT = {
    "plain": "Plain words, with `code`, **bold** and *italics*.",
    "code with pipes": "Use `a | b` here",
    "comparison": "p99 < 5 ms and 3 > 2",
    "list": "- one\n- two\n  - three",
    "fence": "```sql\nSELECT '<b>', `x` FROM [a](b);\n```",
    "generic type": "`Promise<void>`",
    "array type": "`a[0](x)`",
    "underline after a blank": "text\n\n---\n\ntext",
    "double code": "``a ` b``",
    "table": "| a | b |\n| --- | --- |\n| 1 | 2 |",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_good_text_stays_as_it_is(text: str) -> None:
    assert prose(text) == text


STRUCTURE = {
    "heading": ("# Big\ntext", "**Big**\ntext"),
    "heading with closing marks": ("### Big ###", "**Big**"),
    "bold heading": ("## **Big**", "**Big**"),
    "hash without a blank": ("#12 is fixed", "#12 is fixed"),
    "underlined heading": ("Big\n===\ntext", "Big\n\\===\ntext"),
    "underlined with dashes": ("Big\n---", "Big\n\\---"),
    "fold": ("+++ Title\ntext\n+++", "\\+++ Title\ntext\n\\+++"),
    "fold by shortcut": (">>> Title", "\\>>> Title"),
    "fence that a list opens": ("- ```\n  ```\ntext", "````text\n- ```\n  ```\ntext\n````"),
    "open fence": ("```\ncode", "```\ncode\n```"),
    "open fence of tildes": ("~~~\ncode", "~~~\ncode\n~~~"),
    "shorter fence inside": ("````\n```\n````", "````\n```\n````"),
    "heading in a fence": ("```\n# no\n```", "```\n# no\n```"),
}


@pytest.mark.parametrize(("text", "shown"), STRUCTURE.values(), ids=STRUCTURE.keys())
def test_structure_stays_ours(text: str, shown: str) -> None:
    assert prose(text) == shown
    assert "heading_open" not in kinds(prose(text))


CELLS = {
    "pipe": ("a | b", "a \\| b"),
    "escaped pipe": ("a \\| b", "a \\| b"),
    "pipe in code": ("`a|b`", "`a\\|b`"),
    "lines": ("a\nb\n\nc", "a b c"),
    "fence": ("```\ncode\n```", "``` code ```"),
}


@pytest.mark.parametrize(("text", "shown"), CELLS.values(), ids=CELLS.keys())
def test_cells(text: str, shown: str) -> None:
    assert cell(text) == shown
    rows = [token for token in tokens(table(("x", "y"), [(text, "z")])) if token.type == "td_open"]
    assert len(rows) == 2


def test_empty_columns_are_left_out() -> None:
    assert table(("a", "b", "c"), [("1", "", "3"), ("4", "", "6")]) == (
        "| a | c |\n| --- | --- |\n| 1 | 3 |\n| 4 | 6 |"
    )


def test_lists() -> None:
    assert bullets(["a", "b\nc"]) == "- a\n- b\n  c"
    assert bullets(["a"] * 10, "1.").endswith("10. a")
    assert bullets(["a\nb"], "- [ ]") == "- [ ] a\n  b"


FENCES = {"none": ("x", 3), "three": ("```\nx\n```", 4), "six": ("``````", 7), "inline": ("a `b` c", 3)}


@pytest.mark.parametrize(("content", "length"), FENCES.values(), ids=FENCES.keys())
def test_fences_are_longer_than_what_is_inside(content: str, length: int) -> None:
    block = fenced("text", content)
    assert block.startswith("`" * length + "text\n")
    drawn = list(tokens(block))
    assert [token.type for token in drawn] == ["fence"]
    assert drawn[0].content == content + "\n"


CODES = {"plain": ("a b", "`a b`"), "backtick": ("a`b", "`` a`b ``"), "lines": ("a\nb", "`a b`")}


@pytest.mark.parametrize(("text", "shown"), CODES.values(), ids=CODES.keys())
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown


LINKS = {
    "plain": ("ENG-1", OURS, f"[ENG-1]({OURS})"),
    "brackets": ("a [b]", OURS, f"[a \\[b\\]]({OURS})"),
    "script": ("a", "javascript:alert(1)", "a"),
    "blank": ("a", "https://x y", "a"),
    "closing": ("a", "https://x)", "a"),
    "empty": ("a", "", "a"),
}


@pytest.mark.parametrize(("text", "url", "shown"), LINKS.values(), ids=LINKS.keys())
def test_links(text: str, url: str, shown: str) -> None:
    assert link(text, url) == shown


def test_folds() -> None:
    assert folded("Title\n+++ x", "body") == "+++ Title +++ x\n\nbody\n\n+++"


@pytest.mark.parametrize("piece", ["[", "![", "`", "``` ", "<", "](", "|", "\\", "[a](", "#", "a@b "], ids=repr)
def test_long_texts_end(piece: str) -> None:
    text = piece * (12_000 // len(piece))
    prose(text)
    cell(text)
