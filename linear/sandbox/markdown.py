"""Markdown as Linear answers it: derived again from its own form of the text, so rarely what was written. No I/O.

Seen by people who compared: links as `[t](<url>)`, `~` and brackets escaped, `*` for bullets, one blank line between
blocks, mentions as plain addresses. Deriving twice changes nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PASSES = 12

_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,9}[.)])(\s+)(\S.*)")
_TASK = re.compile(r"\[([ xX])\](\s.*)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)(?:\s+#+)?")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-{3,})\s*")
_TABLE = re.compile(r"\s*\|.*\|\s*")
_DELIMITER = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_QUOTE = re.compile(r"\s{0,3}>\s?(.*)")
_CELL = re.compile(r"(?:\\.|`[^`]*`|[^|\\])+")

_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<image>!\[(?P<alt>(?:\\.|[^\[\]\\])*)\]\((?P<source><[^<>]*>|[^\s()<>]*)\))"
    r"|(?P<link>\[(?P<text>(?>\\.|`[^`]*`|[^\[\]\\])*+)\]"
    r"\(\s*(?P<address><[^<>]*>|(?:[^\s()<>]|\([^\s()<>]*\))+)(?:\s+\"[^\"]*\")?\s*\))"
    r"|(?P<auto><(?P<inner>https?://[^<>\s]+)>)"
    r"|(?P<url>https?://(?:[^\s<>\[\]()`\"'|\\*]|\([^\s<>()]*\))+)"
    r"|(?P<strike>~~(?=[^\s~])(?P<struck>[^~]*[^\s~])~~)"
    r"|(?<![\w\\_])__(?=[^\s_])(?P<strong>[^_]*[^\s_])__(?!\w)"
    r"|(?<![\w\\_])_(?=[^\s_])(?P<emphasis>[^_]*[^\s_])_(?!\w)"
    r"|(?P<special>[~\[\]])"
)
_MENTION = re.compile(r"https://linear\.app/[\w.-]+/(?:profiles|issue|document|project|team)/")


def rederived(text: str) -> str:
    """`text` as Linear would answer it after storing it. Nothing in code changes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # What a block loses (a space before it, for one) can make another block of it; ordinary text is done in one pass.
    for _ in range(_PASSES):
        before, text = text, "\n\n".join(_blocks(text.split("\n")))
        if text == before:
            break
    return text


def inline(text: str) -> str:
    """The same for one line of prose, without the block it stands in."""
    return _INLINE.sub(_replaced, text)


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end, block = _block(lines, at)
        yield block
        at = end


def _block(lines: list[str], at: int) -> tuple[int, str]:
    """The block that starts at a line that is not blank, and where the next begins."""
    line = lines[at]
    if heading := _HEADING.fullmatch(line):
        return at + 1, f"{heading[1]} {inline(heading[2])}"
    if _RULE.fullmatch(line):
        return at + 1, "---"
    if line.startswith("+++"):
        return at + 1, line.rstrip()
    read = next((each for pattern, each in _READERS if pattern.fullmatch(line)), _paragraph)
    return (_table if _is_table(lines, at) else read)(lines, at)


def _fence(lines: list[str], at: int) -> tuple[int, str]:
    opened = _FENCE.fullmatch(lines[at])
    assert opened is not None  # noqa: S101 - told apart by the callers
    mark = opened[2]
    end = at + 1
    while end < len(lines):
        closing = lines[end].strip()
        end += 1
        if closing.startswith(mark) and not closing.strip(mark[0]):
            return end, "\n".join(lines[at:end]).rstrip()
    # Linear closes what was left open.
    return end, "\n".join([*lines[at:end], opened[1] + mark])


def _list(lines: list[str], at: int) -> tuple[int, str]:
    """A list with everything inside its items; blank lines between items go."""
    made: list[str] = []
    while at < len(lines):
        line = lines[at]
        item = _ITEM.fullmatch(line)
        indented = line.startswith("  ")
        if not line.strip():
            after = next((each for each in lines[at:] if each.strip()), None)
            if after is None or not (_ITEM.fullmatch(after) or after.startswith("  ")) or _RULE.fullmatch(after):
                break
            if not _ITEM.fullmatch(after):
                made.append("")
            at += 1
        elif _RULE.fullmatch(line):
            break
        elif item:
            made.append(_item(item))
            at += 1
        elif _FENCE.fullmatch(line) and indented:
            at, block = _fence(lines, at)
            made += block.split("\n")
        elif indented or not _begins(lines, at):
            made.append(line[: len(line) - len(line.lstrip())] + inline(line.strip()))
            at += 1
        else:
            break
    return at, "\n".join(_without_runs(made)).rstrip()


def _item(item: re.Match[str]) -> str:
    indent, mark, text = item[1], item[2], item[4].rstrip()
    task = _TASK.fullmatch(text)
    if task:
        return f"{indent}- [{task[1].lower()}]{inline(task[2])}"
    if mark[0].isdigit():
        return f"{indent}{mark[:-1]}. {inline(text)}"
    return f"{indent}* {inline(text)}"


def _without_runs(lines: list[str]) -> Iterator[str]:
    """No two blank lines after one another, as far as they are not in code, which is verbatim."""
    before, fence = "x", ""
    for line in lines:
        mark = _FENCE.fullmatch(line)
        if mark and not fence:
            fence = mark[2]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        if line or before or fence:
            yield line
        before = line


def _is_table(lines: list[str], at: int) -> bool:
    return (
        _TABLE.fullmatch(lines[at]) is not None
        and at + 1 < len(lines)
        and _DELIMITER.fullmatch(lines[at + 1]) is not None
    )


def _table(lines: list[str], at: int) -> tuple[int, str]:
    made: list[str] = []
    while at < len(lines) and _TABLE.fullmatch(lines[at]):
        cells = [each.strip() for each in _CELL.findall(lines[at].strip()[1:-1]) or [""]]
        if _DELIMITER.fullmatch(lines[at]) and len(made) == 1:
            cells = [re.sub("-+", "--", each) for each in cells]
        else:
            cells = [inline(each) for each in cells]
        made.append(f"| {' | '.join(cells)} |")
        at += 1
    return at, "\n".join(made)


def _quote(lines: list[str], at: int) -> tuple[int, str]:
    made: list[str] = []
    while at < len(lines) and (quoted := _QUOTE.fullmatch(lines[at])):
        made.append(f"> {inline(quoted[1].rstrip())}".rstrip())
        at += 1
    return at, "\n".join(made)


def _indented(lines: list[str], at: int) -> tuple[int, str]:
    start = at
    while at < len(lines) and lines[at].startswith("    "):
        at += 1
    return at, "\n".join(lines[start:at]).rstrip()


def _paragraph(lines: list[str], at: int) -> tuple[int, str]:
    made = [inline(lines[at].strip())]
    at += 1
    while at < len(lines) and lines[at].strip():
        underline = _UNDERLINE.fullmatch(lines[at])
        if underline and len(made) == 1:
            return at + 1, f"{'#' if underline[1][0] == '=' else '##'} {made[0]}"
        if _begins(lines, at):
            break
        made.append(inline(lines[at].strip()))
        at += 1
    return at, "\n".join(made)


def _begins(lines: list[str], at: int) -> bool:
    """Whether the line begins a block that needs no blank line before it."""
    line = lines[at]
    return (
        any(each.fullmatch(line) is not None for each in (_FENCE, _HEADING, _RULE, _ITEM, _QUOTE))
        or line.startswith("+++")
        or _is_table(lines, at)
    )


_READERS = ((_FENCE, _fence), (_ITEM, _list), (_QUOTE, _quote), (re.compile(r" {4}.*"), _indented))


def _replaced(found: re.Match[str]) -> str:
    whole = found[0]
    match found.lastgroup:
        case "source" | "image":
            made = f"![{found['alt']}](<{found['source'].strip('<>')}>)"
        case "address" | "link":
            made = f"[{_linked(found['text'])}](<{found['address'].strip('<>')}>)"
        case "inner" | "auto":
            made = _address(found["inner"])
        case "url":
            bare = whole.rstrip(".,;:!?")
            made = _address(bare) + whole[len(bare) :]
        case "struck" | "strike":
            made = f"~~{inline(found['struck'])}~~"
        case "strong":
            made = f"**{inline(found['strong'])}**"
        case "emphasis":
            made = f"*{inline(found['emphasis'])}*"
        case "special":
            made = f"\\{whole}"
        case _:
            made = whole
    return made


def _linked(text: str) -> str:
    """The text of a link, in which addresses are no links of their own."""
    return re.sub(r"\\.|`[^`]*`|~", lambda each: "\\~" if each[0] == "~" else each[0], text)


def _address(url: str) -> str:
    return url if _MENTION.match(url) else f"[{_linked(url)}](<{url}>)"
