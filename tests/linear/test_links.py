"""Document addresses in text."""

from __future__ import annotations

from typing import Any

import pytest

from linear.client import linked_document_slugs

S = "0f1e2d3c4b5a"
URL = f"https://linear.app/acme/document/api-limits-{S}"

FOUND = {
    "nothing": ("no links here", ()),
    "plain": (URL, (S,)),
    "at the end of a sentence": (f"See {URL}.", (S,)),
    "Markdown link": (f"[limits]({URL})", (S,)),
    "Linear's Markdown": (f"[limits](<{URL}>)", (S,)),
    "angle brackets": (f"<{URL}>", (S,)),
    "code": (f"`{URL}`", (S,)),
    "emphasis": (f"**{URL}**", (S,)),
    "anchor": (f"{URL}#comment-1", (S,)),
    "query": (f"{URL}?tab=1", (S,)),
    "further path": (f"{URL}/edit", (S,)),
    "no title": (f"https://linear.app/acme/document/{S}", (S,)),
    "title beyond ASCII": (f"https://linear.app/acme/document/größe-%C3%A9-{S}", (S,)),
    "each once, in order": (f"{URL} https://linear.app/acme/document/b-aaaaaaaaaaaa {URL}", (S, "aaaaaaaaaaaa")),
    "table": (f"|{URL}|{URL}|", (S,)),
    "an issue": ("https://linear.app/acme/issue/ENG-1/x-0f1e2d3c4b5a", ()),
    "no slug": ("https://linear.app/acme/document/how-we-work", ()),
    "another host": (f"https://linear.app.evil.example/acme/document/x-{S}", ()),
    "a host before it": (f"https://evil.example/linear.app/acme/document/x-{S}", ()),
    "not encrypted": (f"http://linear.app/acme/document/x-{S}", ()),
}


@pytest.mark.parametrize(("text", "slugs"), FOUND.values(), ids=FOUND)
def test_documents_in_text(text: str, slugs: Any) -> None:
    assert linked_document_slugs(text) == slugs


@pytest.mark.parametrize(
    ("prefix", "slugs"),
    [
        ("https://linear.app/acme/", (S,)),
        ("https://linear.app/acme", (S,)),
        ("https://linear.app/acm", ()),
        ("https://linear.app/other/", ()),
        ("http://127.0.0.1:8765/acme/", ("bbbbbbbbbbbb",)),
    ],
    ids=["own", "without-slash", "part-of-a-name", "another-workspace", "another-linear"],
)
def test_a_prefix_leaves_out_what_the_key_cannot_read(prefix: Any, slugs: Any) -> None:
    text = f"{URL} http://127.0.0.1:8765/acme/document/local-bbbbbbbbbbbb"
    assert linked_document_slugs(text, prefix) == slugs
