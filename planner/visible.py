"""Text as a person sees it: what only a machine would read is taken out and counted. No I/O.

What people cannot see, the model must not read: hidden text is the commonest way to slip instructions to one.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Visible(NamedTuple):
    """The text without hidden pieces, and how many runs of them were taken out."""

    text: str
    removed: int


# Control and format characters, bidirectional overrides, tag characters, variation selectors, and letters that draw
# nothing (Unicode general categories Cc and Cf, and Default_Ignorable_Code_Point).
_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"
)
_RUN = re.compile(f"[{_INVISIBLE}]+")
# Persian, the scripts of India and emoji join and part letters with these, one at a time.
_JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f", "\ufe0f\u200d", "\ufe0f\u20e3"}
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_COMMENT_OR_FENCE = re.compile(r"<!--|^ {0,3}(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)


def visible(text: str) -> Visible:
    r"""Take out invisible characters and HTML comments; line ends become `\n`.

    Comments inside code fences stay, since people see those. A `<!--` that is never closed stays too. What a private
    font would draw is not known to us and stays.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal removed
        if match[0] in _JOINERS and _joins(match):
            return match[0]
        removed += 1
        return ""

    text = _RUN.sub(drop, text)
    if "<!--" not in text:
        return Visible(text, removed)
    text, comments = _without_comments(text)
    return Visible(text, removed + comments)


def _joins(match: re.Match[str]) -> bool:
    # Between letters beyond ASCII, or after one where an emoji ends.
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    parts = not before.isascii() and before != ""
    return parts and (match[0].startswith("\ufe0e") or match[0] == "\ufe0f" or (after != "" and not after.isascii()))


def _without_comments(text: str) -> tuple[str, int]:
    kept: list[str] = []
    at = removed = 0
    while match := _COMMENT_OR_FENCE.search(text, at):
        if match[0] == "<!--":
            end = text.find("-->", match.end())
            if end < 0:
                break
            kept.append(text[at : match.start()])
            removed += 1
            at = end + len("-->")
            continue
        end = _fence_end(text, match)
        kept.append(text[at:end])
        at = end
    kept.append(text[at:])
    return "".join(kept), removed


def _fence_end(text: str, opening: re.Match[str]) -> int:
    mark = opening[0].strip()
    mark = mark[: len(mark) - len(mark.lstrip(mark[0]))]
    closing = re.compile(rf"^ {{0,3}}{re.escape(mark)}{re.escape(mark[0])}*[ \t]*$", re.MULTILINE)
    found = closing.search(text, opening.end())
    return found.end() if found else len(text)
