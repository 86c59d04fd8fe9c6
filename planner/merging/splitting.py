"""Splits Markdown into the blocks that are merged: items and rows one by one, code and folded parts whole. No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planner.merging.normal import is_delimiter, mark_form, prose, row_form

Kind = Literal["heading", "paragraph", "item", "head", "row", "code", "quote", "fold", "rule"]

# Below this depth what lists and folded parts hold is compared line by line.
_DEPTH = 6

_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,9}[.)])(\s+)(\S.*)")
_TASK = re.compile(r"\[([ xX])\](?=\s)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(?=\S)")
_CLOSING = re.compile(r"(?<=\s)#+$")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-{3,})\s*")
_QUOTE = re.compile(r"\s{0,3}>\s?(.*)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Block:
    """A block. `text`: as it is written, an item's without its mark. `key`: its normal form."""

    kind: Kind
    text: str
    key: str
    mark: str = ""
    head: str = ""
    level: int = 0

    def written(self, mark: str = "") -> str:
        """As it stands in a document; an item below `mark`, or its own."""
        if self.kind != "item":
            return self.text
        mark = mark or self.mark
        lines = self.text.split("\n")
        indent = " " * (len(mark) + 1)
        return "\n".join([f"{mark} {lines[0]}", *(indent + line if line else "" for line in lines[1:])])


def split(text: str, depth: int = 0) -> list[Block]:
    """The blocks of a text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = _Reader(lines, depth)
    return list(reader.blocks())


def form(text: str) -> str:
    """A whole text in normal form."""
    return "\n".join(block.key for block in split(text))


def mark(text: str) -> str:
    """A text's normal form as a SHA-256: tells whether it says something else than another, and holds none of it."""
    return hashlib.sha256(form(text).encode()).hexdigest()


def fence_of(line: str) -> str:
    """The fence that opens code on this line; empty where none does."""
    found = _FENCE.fullmatch(line)
    return found[2] if found and not (found[2][0] == "`" and "`" in found[3]) else ""


class _Reader:
    def __init__(self, lines: list[str], depth: int) -> None:
        self._lines = lines
        self._depth = depth
        self._closes = max((at for at, line in enumerate(lines) if line.rstrip() == "+++"), default=-1)

    def blocks(self) -> Iterator[Block]:
        at = 0
        while at < len(self._lines):
            if not self._lines[at].strip():
                at += 1
                continue
            at, made = self._block(at)
            yield from made

    def _block(self, at: int) -> tuple[int, list[Block]]:  # noqa: PLR0911 - one for each kind
        line = self._lines[at]
        if heading := _HEADING.match(line):
            return at + 1, [_heading(len(heading[1]), line[heading.end() :])]
        if _RULE.fullmatch(line):
            return at + 1, [Block("rule", "---", "---")]
        if line.startswith("+++"):
            return self._fold(at)
        if _is_table(self._lines, at):
            return self._table(at)
        if fence_of(line):
            return self._code(at)
        if _ITEM.fullmatch(line):
            return self._list(at)
        if _QUOTE.fullmatch(line):
            return self._quote(at)
        if line.startswith("    ") and not self._depth:
            return self._indented(at)
        return self._paragraph(at)

    def _fold(self, at: int) -> tuple[int, list[Block]]:
        title = self._lines[at].rstrip()
        end, deep, fence = at + 1, 1, ""
        # Where nothing after it closes it, the line stands alone.
        while title != "+++" and at < self._closes and end < len(self._lines) and deep:
            line = self._lines[end]
            fence = _fence_after(fence, line)
            if not fence and line.startswith("+++"):
                deep += -1 if line.rstrip() == "+++" else 1
            end += 1
        if title == "+++" or at >= self._closes or deep:
            if title != "+++" and at < self._closes:
                self._closes = at
            return at + 1, [Block("paragraph", title, f"+++{prose(title[3:])}")]
        inner = "\n".join(self._lines[at + 1 : end - 1])
        key = f"+++{prose(title[3:])}\n{self._inner(inner)}\n+++"
        return end, [Block("fold", "\n".join(self._lines[at:end]).rstrip(), key)]

    def _inner(self, text: str) -> str:
        if self._depth < _DEPTH:
            return "\n".join(block.key for block in split(text, self._depth + 1))
        return "\n".join(prose(line) for line in text.split("\n") if line.strip())

    def _table(self, at: int) -> tuple[int, list[Block]]:
        head = f"{self._lines[at].strip()}\n{self._lines[at + 1].strip()}"
        made = [Block("head", head, f"{row_form(self._lines[at])}\n{row_form(self._lines[at + 1])}", head=head)]
        at += 2
        while at < len(self._lines) and is_row(self._lines[at]):
            made.append(Block("row", self._lines[at].strip(), row_form(self._lines[at]), head=head))
            at += 1
        return at, made

    def _code(self, at: int) -> tuple[int, list[Block]]:
        end, lines = _fenced(self._lines, at)
        indent = len(lines[0]) - len(lines[0].lstrip())
        key = "\n".join(line[min(indent, len(line) - len(line.lstrip())) :].rstrip() for line in lines)
        return end, [Block("code", "\n".join(lines), key)]

    def _list(self, at: int) -> tuple[int, list[Block]]:
        items: list[list[str]] = []
        first = _ITEM.fullmatch(self._lines[at])
        base = len(first[1]) if first else 0
        while at < len(self._lines):
            line = self._lines[at]
            item = _ITEM.fullmatch(line)
            if not line.strip():
                after = at
                while after < len(self._lines) and not self._lines[after].strip():
                    after += 1
                if after == len(self._lines) or not _goes_on(self._lines[after]):
                    break
                items[-1].append("")
                at = after
            elif _RULE.fullmatch(line):
                break
            elif item and (not items or len(item[1]) < base + 2):
                items.append([line])
                at += 1
            elif not item and line.startswith("  ") and fence_of(line):
                at, lines = _fenced(self._lines, at)
                items[-1] += lines
            elif item or line.startswith("  ") or not _begins(self._lines, at):
                items[-1].append(line)
                at += 1
            else:
                break
        return at, [self._item(lines) for lines in items]

    def _item(self, lines: list[str]) -> Block:
        found = _ITEM.fullmatch(lines[0])
        assert found is not None  # noqa: S101 - told apart by the caller
        # Blanks after the mark are not counted: a tracker leaves one, and does not move the lines below.
        offset = len(found[1]) + len(found[2]) + 1
        text = _TASK.sub(lambda task: f"[{task[1].lower()}]", found[4].rstrip(), count=1)
        rest = [line[min(offset, len(line) - len(line.lstrip())) :].rstrip() for line in lines[1:]]
        while rest and not rest[-1]:
            rest.pop()
        key = f"{mark_form(found[2])} {prose(text)}"
        if rest:
            key += "\n" + self._inner("\n".join(rest))
        return Block("item", "\n".join([text, *rest]), key, mark=found[2].replace(")", "."))

    def _quote(self, at: int) -> tuple[int, list[Block]]:
        lines: list[str] = []
        while at < len(self._lines) and (quoted := _QUOTE.fullmatch(self._lines[at])):
            lines.append(quoted[1].rstrip())
            at += 1
        return at, [Block("quote", "\n".join(f"> {each}".rstrip() for each in lines), f"> {quote_form(lines)}")]

    def _indented(self, at: int) -> tuple[int, list[Block]]:
        start = at
        while at < len(self._lines) and self._lines[at].startswith("    "):
            at += 1
        lines = [line.rstrip() for line in self._lines[start:at]]
        return at, [Block("code", "\n".join(lines), "\n".join(lines))]

    def _paragraph(self, at: int) -> tuple[int, list[Block]]:
        made = [self._lines[at].strip()]
        at += 1
        while at < len(self._lines) and self._lines[at].strip():
            underline = _UNDERLINE.fullmatch(self._lines[at])
            if underline and len(made) == 1:
                return at + 1, [_heading(1 if underline[1][0] == "=" else 2, made[0])]
            if _begins(self._lines, at):
                break
            made.append(self._lines[at].strip())
            at += 1
        return at, [Block("paragraph", "\n".join(made), "\n".join(prose(each) for each in made))]


def quote_form(lines: list[str]) -> str:
    """What a quote says. Code in it is read as prose: a tracker that derives quotes line by line escapes in it, too."""
    return "\n".join(
        row_form(line) if is_row(line) else prose(_ITEM.sub(_as_item, line)) for line in lines if line.strip()
    )


def is_row(line: str) -> bool:
    """Whether a line can be the row of a table."""
    line = line.strip()
    return len(line) > 1 and line[0] == line[-1] == "|"


def number_of(mark: str) -> int | None:
    """The number of an ordered item's mark."""
    found = _NUMBER.match(mark)
    return int(found[0]) if found else None


def _as_item(found: re.Match[str]) -> str:
    return f"{mark_form(found[2])} {found[4]}"


def _heading(level: int, text: str) -> Block:
    text = _CLOSING.sub("", text.strip()).strip()
    return Block("heading", f"{'#' * level} {text}", f"{'#' * level} {prose(text)}", level=level)


def _fenced(lines: list[str], at: int) -> tuple[int, list[str]]:
    """Code up to its closing fence, which is added where it is missing."""
    fence = fence_of(lines[at])
    end = at + 1
    while end < len(lines):
        closing = lines[end].strip()
        end += 1
        if closing.startswith(fence) and not closing.strip(fence[0]):
            return end, [line.rstrip() for line in lines[at:end]]
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return end, [*(line.rstrip() for line in lines[at:end]), indent + fence]


def _fence_after(fence: str, line: str) -> str:
    if not fence:
        return fence_of(line)
    closing = line.strip()
    return "" if closing.startswith(fence) and not closing.strip(fence[0]) else fence


def _goes_on(line: str) -> bool:
    return (_ITEM.fullmatch(line) is not None or line.startswith("  ")) and _RULE.fullmatch(line) is None


def _is_table(lines: list[str], at: int) -> bool:
    return is_row(lines[at]) and at + 1 < len(lines) and is_delimiter(lines[at + 1])


def _begins(lines: list[str], at: int) -> bool:
    """Whether the line begins a block that needs no blank line before it."""
    line = lines[at]
    return (
        any(each.fullmatch(line) is not None for each in (_RULE, _ITEM, _QUOTE))
        or _HEADING.match(line) is not None
        or bool(fence_of(line))
        or line.startswith("+++")
        or _is_table(lines, at)
    )
