"""Markdown as the page shows it: no HTML of the author's, links only outwards or to our own pages, diagrams drawn."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST = 400_000

_TAGS = {
    *("a", "blockquote", "br", "code", "del", "details", "div", "em", "figure", "hr", "img", "input", "li", "ol", "p"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "s", "span", "strong", "summary", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "img": {"src", "alt", "title"},
    "div": {"class"},
    "figure": {"class"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "span": {"class"},
}
_OURS = re.compile(
    r"https://linear\.app/[\w.-]+/(?:issue/(?P<issue>[A-Z0-9]+-\d+)|document/[\w-]*?(?P<document>[0-9a-f]{12})(?![\w-])"
    r"|profiles/(?P<profile>[\w.-]*\w)|project/(?P<project>[\w-]+))(?:/[\w-]*)?(?:#[\w-]*)?"
)
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_TASK = re.compile(r"\[([ xX])\] ")

Named = Callable[[str], str | None]


class Renderer:
    """Markdown to HTML that is safe to show.

    `diagram` names a drawing of a Mermaid source, `title` the document of a slug; None where there is none.
    """

    def __init__(self, diagram: Named, title: Named) -> None:
        self._diagram = diagram
        self._title = title
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

        def fence(_: object, tokens: Sequence[Token], at: int, *_rest: object) -> str:
            return self._fence(tokens[at])

        def text(_: object, tokens: Sequence[Token], at: int, *_rest: object) -> str:
            return self._text(tokens[at].content, first=at == 0)

        self._markdown.add_render_rule("fence", fence)
        self._markdown.add_render_rule("text", text)
        self._markdown.add_render_rule("link_open", _link)

    def html(self, text: str) -> str:
        """The page's HTML for a whole text, with `+++ Title` sections that fold."""
        made: list[str] = []
        for title, part in _folds(text[:LONGEST]):
            body = self._markdown.render(part)
            made.append(body if title is None else f"<details><summary>{html.escape(title)}</summary>{body}</details>")
        return nh3.clean(
            "".join(made).replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>"),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )

    def _fence(self, token: Token) -> str:
        language = token.info.strip().split(" ")[0]
        source = token.content
        if language == "mermaid":
            name = self._diagram(source)
            if name is not None:
                return f'<figure class="diagram"><img src="/diagram/{name}.svg" alt="Diagram"></figure>'
        shown = f'<span class="language">{html.escape(language)}</span>' if language else ""
        return f'<div class="code">{shown}<pre><code>{html.escape(source)}</code></pre></div>'

    def _text(self, content: str, *, first: bool) -> str:
        """Text with Linear's own plain addresses shown as mentions, and `[ ]` at the start of an item as a box."""
        made, start = "", 0
        task = _TASK.match(content) if first else None
        if task:
            made = f'<input type="checkbox" disabled{" checked" if task[1] != " " else ""}> '
            start = task.end()
        for found in _OURS.finditer(content, start):
            made += html.escape(content[start : found.start()]) + self._mention(found)
            start = found.end()
        return made + html.escape(content[start:])

    def _mention(self, found: re.Match[str]) -> str:
        if found["profile"]:
            return f'<span class="mention">@{html.escape(found["profile"])}</span>'
        said = found["issue"] or self._title(found["document"] or "") or found[0]
        return f'<a class="mention" href="{html.escape(page_of(found[0]) or found[0])}">{html.escape(said)}</a>'


def page_of(url: str) -> str | None:
    """Where the stand-in shows what an address of Linear's leads to; None for all others."""
    found = _OURS.fullmatch(url)
    if found is None:
        return None
    if found["issue"]:
        return f"/issue/{found['issue']}"
    return f"/document/{found['document']}" if found["document"] else None


def _folds(text: str) -> list[tuple[str | None, str]]:
    """The text cut at `+++` lines outside code: (title, part), the title None where it does not fold."""
    parts: list[tuple[str | None, list[str]]] = [(None, [])]
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence and line.strip().startswith(fence):
            fence = ""
        if line.startswith("+++") and not fence:
            title = line[3:].strip()
            parts.append((title or None, []))
        else:
            parts[-1][1].append(line)
    return [(title, "\n".join(lines)) for title, lines in parts]


def _link(_: object, tokens: Sequence[Token], at: int, *_rest: object) -> str:
    href = str(tokens[at].attrs.get("href", ""))
    return f'<a href="{html.escape(page_of(href) or href)}">'
