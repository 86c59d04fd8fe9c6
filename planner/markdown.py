"""Writes Markdown that text from a model or a stranger cannot break out of. No I/O.

The dialect is Linear's: headings 1-4, tables, fenced code, `+++` for a part that folds away; no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from markdown_it import MarkdownIt

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FOLD = re.compile(r"^( {0,3})(\+\+\+|>>>)")
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(\s*<?([^\s()<>]{1,2000})>?(?:\s+[\"'(][^\n()]{0,300}[\"')])?\s*\)")
_URL = re.compile(
    r"<?\b((?:https?|ftp|mailto|data|javascript|file)://?[^\s<>`|)\]]+|www\.[^\s<>`|)\]]+)>?", re.IGNORECASE
)
# A word, code or emphasis: no list, quote, fence or table.
_PLAIN_START = re.compile(r"[^\W_]*[^\W\d_]|[`*]\w")
_ESCAPE_OR_TICKS = re.compile(r"\\.|`+", re.DOTALL)
_TICKS = re.compile(r"`+")
_ESCAPE_OR_TICK = re.compile(r"\\.|`", re.DOTALL)
_ESCAPE_OR_TAG = re.compile(r"\\.|<(?=[A-Za-z/!?])", re.DOTALL)


def prose(text: str, allowed: Collection[str] = ()) -> str:
    """Markdown of several lines, as part of a larger text.

    Headings become bold lines and open fences are closed. Images, HTML and addresses that are not in `allowed` are
    shown as text, so that nothing loads and nothing leads away.
    """
    lines: list[str] = []
    fence = ""
    before = ""
    for line in text.strip("\n").split("\n"):
        match = _FENCE.match(line)
        if fence:
            lines.append(line)
            if match and match[1].startswith(fence) and not match[2].strip():
                fence = ""
        elif match:
            fence = match[1]
            lines.append(line)
        else:
            lines.append(_safe_line(line, before, allowed))
        before = "" if fence else line
    if fence:
        lines.append(fence)
    shown = "\n".join(lines)
    # The line-wise reading above knows no lists and quotes; where a whole parser sees more, nothing is interpreted.
    return shown if _stays_inside(shown, allowed) else fenced("text", text.strip("\n"))


def inline(text: str, allowed: Collection[str] = ()) -> str:
    """Markdown on one line: in a list item, after a label."""
    return _outside_code(" ".join(text.split()), lambda part: _safe(part, allowed))


def cell(text: str, allowed: Collection[str] = ()) -> str:
    """Markdown inside a table."""
    return re.sub(r"\\*\|", r"\\|", inline(text, allowed))


def labelled(label: str, text: str, allowed: Collection[str] = ()) -> str:
    """`text` after a label in bold, on the same line where it begins with plain words."""
    shown = prose(text, allowed)
    between = " " if _PLAIN_START.match(shown) else "\n\n"
    return f"**{inline(label)}**{between}{shown}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], allowed: Collection[str] = ()) -> str:
    """A table; `header` and `rows` hold text as it came. A column that is empty all the way down is left out."""
    drawn = [[cell(each, allowed) for each in row] for row in rows]
    kept = [at for at in range(len(header)) if any(row[at] for row in drawn)]
    lines = [[header[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in drawn)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(items: Iterable[str], mark: str = "-", allowed: Collection[str] = ()) -> str:
    """A list; items of several lines are indented. `mark` is `-`, `- [ ]`, or `1.` for one that is numbered."""
    lines: list[str] = []
    for at, item in enumerate(items, 1):
        own = f"{at}." if mark == "1." else mark
        indent = " " * (len(own.split(" ", maxsplit=1)[0]) + 1)
        lines.append(f"{own} {prose(item, allowed)}".replace("\n", f"\n{indent}"))
    return "\n".join(lines)


def fenced(language: str, content: str) -> str:
    """A code block whose fence is longer than any in `content`."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def folded(title: str, content: str) -> str:
    """A part that folds away under `title`."""
    return f"+++ {inline(title)}\n\n{content}\n\n+++"


def link(text: str, url: str) -> str:
    """A plain link. `url` is one of ours or of the tracker; anything that is not http(s) is left away."""
    shown = re.sub(r"([\[\]\\])", r"\\\1", " ".join(text.split()))
    if not re.fullmatch(r"https?://[^\s<>()]+", url):
        return shown
    return f"[{shown}]({url})"


def code(text: str) -> str:
    """A code span."""
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    if not longest:
        return f"`{text}`"
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}"


_SENTINEL = "the end"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _stays_inside(text: str, allowed: Collection[str]) -> bool:
    # What follows begins anew, at the top; there is no heading, image or HTML, and no link but to our addresses.
    parser = _parser()
    ours = {parser.normalizeLink(url) for url in allowed}
    tokens = parser.parse(f"{text}\n\n{_SENTINEL}")
    last = tokens[-2]
    if last.type != "inline" or last.content != _SENTINEL or last.level != 1:
        return False
    for token in tokens:
        for each in (token, *(token.children or ())):
            outward = each.type == "link_open" and each.attrGet("href") not in ours
            if outward or each.type in {"image", "html_inline", "html_block"}:
                return False
        if token.type == "heading_open" and token.level == 0:
            return False
    return True


def _safe_line(line: str, before: str, allowed: Collection[str]) -> str:
    if match := _HEADING.match(line):
        line = f"**{match[1].replace('**', '')}**" if match[1] else ""
    elif _UNDERLINE.match(line) and before.strip():
        line = "\\" + line.lstrip()
    line = _FOLD.sub(r"\1\\\2", line)
    return _outside_code(line, lambda part: _safe(part, allowed))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in _code_spans(text):
        parts += [change(_unpaired(text[at:start])), text[start:end]]
        at = end
    return "".join([*parts, change(_unpaired(text[at:]))])


def _code_spans(text: str) -> Iterable[tuple[int, int]]:
    # As CommonMark has it: a run of backticks up to the next run of the same length. A backslash before the first
    # keeps it from opening; inside a span it means nothing.
    at = 0
    while opening := _ESCAPE_OR_TICKS.search(text, at):
        at = opening.end()
        if opening[0].startswith("\\"):
            continue
        closing = next((run for run in _TICKS.finditer(text, at) if len(run[0]) == len(opening[0])), None)
        if closing:
            at = closing.end()
            yield opening.start(), at


def _unpaired(text: str) -> str:
    # A backtick without its pair must not pair with one of ours further on.
    return _escaped(_ESCAPE_OR_TICK, text)


def _escaped(pattern: re.Pattern[str], text: str) -> str:
    # `pattern` also matches what is escaped already, which stays.
    return pattern.sub(lambda match: match[0] if match[0].startswith("\\") else f"\\{match[0]}", text)


def _safe(text: str, allowed: Collection[str]) -> str:
    def keep_link(match: re.Match[str]) -> str:
        if match[2] in allowed and not match.string[: match.start()].endswith("!"):
            return match[0]
        return f"{match[1]} ({code(match[2])})"

    pieces: list[str] = []
    at = 0
    for match in _LINK.finditer(text):
        pieces += [_plain(text[at : match.start()], allowed), keep_link(match)]
        at = match.end()
    return "".join([*pieces, _plain(text[at:], allowed)])


def _plain(text: str, allowed: Collection[str]) -> str:
    def show(match: re.Match[str]) -> str:
        url = match[1].rstrip(".,;:!?'\"*_")
        return match[1] if url in allowed else code(url) + match[1][len(url) :]

    text = _URL.sub(show, text)
    return _unlinked(_escaped(_ESCAPE_OR_TAG, text))


def _unlinked(text: str) -> str:
    # What is left of links and images: brackets that would look up an address, or give one, elsewhere.
    for mark in ("][", "![", "](", "]:"):
        text = text.replace(mark, f"{mark[0]}\\{mark[1]}")
    return text
