"""Answers of an issue tracker as text for a model: what was left out first, then the items. No I/O.

Bounded here, so that an answer is never cut where it would lose its cursor or half of its items.
"""

from __future__ import annotations

from collections.abc import Iterable

from planner.tools import Found, ToolResult
from planner.tools.tracker.items import Answer, Item, Section

LIST_TEXT = 280
"""Characters of each text in a list, comments apart."""

COMMENT_TEXT = 3_000
"""Characters of each comment in a list of comments."""

WHOLE_TEXT = 16_000
"""Characters of the text of a single item."""

ROOM = 21_000
"""Characters of a whole answer: below what the conversation keeps of any tool's result."""

_LONGEST_LINE = 300
_NOTE = 100
_BETWEEN = 50


def listed(answer: Answer, *, text: int = LIST_TEXT) -> ToolResult:
    """A page of a list. `text`: so much of each item's text at most.

    Where the page would grow too long, the longest texts are cut first, then whole items are left out and named as
    such; the line about the page itself always stays.
    """
    head = [_counted(answer), *_left_out(answer.held_back, answer.noun)]
    if answer.cursor is not None:
        head.append(f'There are more: call again with cursor "{_line(answer.cursor)}".')
    head += answer.notes
    room = ROOM - len(" ".join(head)) - _NOTE
    heads: list[str] = []
    for item in answer.items:
        heads.append(_head(item))
        room -= len(heads[-1]) + _BETWEEN
        if room < 0:
            heads.pop()
            head.append(f"Only {len(heads)} of these fit here: call again with limit {max(len(heads), 1)}.")
            break
    shown = answer.items[: len(heads)]
    most = _evenly([len(item.text.strip()) for item in shown], text, room)
    blocks = [_with_text(item, above, most) for item, above in zip(shown, heads, strict=True)]
    return ToolResult(text="\n\n".join([" ".join(head), *blocks])[:ROOM], found=found(shown))


def single(answer: Answer, *, offset: int = 0) -> ToolResult:
    """One item, whole. `offset`: characters of its text to leave out at the beginning."""
    (item,) = answer.items
    parts = [_head(item), *answer.notes]
    rest = item.text[offset:]
    if offset:
        parts.append(f"(from character {offset:,} of {len(item.text):,})" if rest else "The text ends before that.")
    if rest:
        parts.append(rest[:WHOLE_TEXT].strip("\n"))
    if len(rest) > WHOLE_TEXT:
        left = len(rest) - WHOLE_TEXT
        parts.append(f"({left:,} characters left out here; they begin at character {offset + WHOLE_TEXT:,}.)")
    room = ROOM - sum(len(part) + 2 for part in parts)
    for section in item.sections:
        text = _section(section)
        if len(text) > room:
            parts.append(f"{section.heading}: left out here, too long.")
            continue
        room -= len(text) + 2
        parts.append(text)
    shown = [item, *(each for section in item.sections for each in section.items)]
    return ToolResult(text="\n\n".join(parts)[:ROOM], found=found(shown))


def found(items: Iterable[Item]) -> tuple[Found, ...]:
    """What can be cited of these, each once."""
    named = {item.name: Found(name=item.name, url=item.url) for item in items if item.name}
    return tuple(named.values())


def _head(item: Item) -> str:
    title = _line(item.title)
    first = f"{item.name}: {title}" if item.name and title else item.name or title
    lines = [first]
    lines += [part for part in (_facts(item), item.url) if part]
    return "\n".join(lines)


def _facts(item: Item) -> str:
    return "; ".join(f"{name} {_line(value)}".strip() for name, value in item.facts if value)


def _with_text(item: Item, head: str, most: int) -> str:
    text = item.text.strip()
    if len(text) > most:
        more = f"[... {len(text) - most:,} characters more]"
        text = f"{text[:most].rstrip()} {more}".strip()
    block = f"{head}\n{text}" if text else head
    return "\n".join(f"  {line}" for line in block.splitlines()) if item.depth else block


def _section(section: Section) -> str:
    lines = [f"{section.heading}:"]
    for item in section.items:
        title = _line(item.title)
        named = f"{item.name}: {title}" if item.name and title else item.name or title
        lines.append("- " + " | ".join(part for part in (named, _facts(item), item.url) if part))
    lines += [f"- {each}" for each in _left_out(section.held_back, ("of these", "of these"))]
    if section.more:
        lines.append(f"- {section.more}")
    return "\n".join(lines)


def _evenly(lengths: list[int], most: int, room: int) -> int:
    """How much of each text may be shown so that all fit into `room`: short ones whole, long ones alike."""
    left, remaining = len(lengths), max(room, 0)
    for length in sorted(min(each, most) for each in lengths):
        if length > remaining // left:
            return remaining // left
        remaining -= length
        left -= 1
    return most


def _counted(answer: Answer) -> str:
    one, many = answer.noun
    count = len(answer.items)
    if not count and not answer.held_back and answer.cursor is None:
        return f"No {many} found."
    return f"{count} {one if count == 1 else many}."


def _left_out(count: int, noun: tuple[str, str]) -> list[str]:
    if not count:
        return []
    return [f"{count} {noun[0] if count == 1 else noun[1]} left out: not visible to everyone here."]


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_LINE]
