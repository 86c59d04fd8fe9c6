"""Answers of an issue tracker as text for a model: what was left out first, then the items. No I/O.

Bounded here, so that an answer is never cut where it would lose its cursor or half of its items.
"""

from __future__ import annotations

from collections.abc import Iterable

from planner.tools import Found, ToolResult
from planner.tools.tracked import Answer, Item, Section

LIST_TEXT = 280
"""Characters of each text in a list, comments apart."""

COMMENT_TEXT = 3_000
"""Characters of each comment in a list of comments."""

WHOLE_TEXT = 16_000
"""Characters of the text of a single item."""

ROOM = 21_000
"""Characters of a whole answer: below what the conversation keeps of any tool's result."""

_LONGEST_LINE = 300
_LEAST_TEXT = 80


def listed(answer: Answer, *, text: int = LIST_TEXT) -> ToolResult:
    """A page of a list. `text`: so much of each item's text; less where the page would grow too long."""
    count = len(answer.items)
    head = [_counted(answer)]
    head += _left_out(answer.held_back, answer.noun)
    if answer.cursor is not None:
        head.append(f'There are more: call again with cursor "{_line(answer.cursor)}".')
    head += answer.notes
    heads = [_head(item) for item in answer.items]
    room = ROOM - len(" ".join(head)) - sum(len(each) + 2 for each in heads)
    share = max(_LEAST_TEXT, min(text, room // count - 4)) if count else 0
    shown = [_with_text(item, above, share) for item, above in zip(answer.items, heads, strict=True)]
    return ToolResult(text=_bounded("\n\n".join([" ".join(head), *shown])), found=found(answer.items))


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
    return ToolResult(text=_bounded("\n\n".join(parts)), found=found(shown))


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


def _with_text(item: Item, head: str, share: int) -> str:
    text = item.text.strip()
    if len(text) > share:
        text = f"{text[:share].rstrip()} [... {len(item.text.strip()) - share:,} characters more]"
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


def _bounded(text: str) -> str:
    return text if len(text) <= ROOM else f"{text[:ROOM]}\n[... cut here; ask for a smaller page]"
