"""Says in words what is wrong with JSON or YAML, from what their parsers say and the text around it. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

_SHOWN = 40


class Fault(NamedTuple):
    """What is wrong, a sentence, in which line, from 1, and what to do, which may be empty."""

    reason: str
    line: int
    hint: str = ""


def _short(text: str) -> str:
    line = text.strip().split("\n", 1)[0].strip().replace("`", "'")
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


# --- JSON ------------------------------------------------------------------------------------------------------------

_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "NaN": "null", "nil": "null"}
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_QUOTES = "Put it in double quotes."


def json_fault(message: str, text: str, at: int) -> Fault:
    """What `json` says of the character `at` of `text`, in words of ours."""
    return _foreign(text, at) or _expected(message, text, at)


def _foreign(text: str, at: int) -> Fault | None:
    """What other notations have and JSON has not."""
    line = text.count("\n", 0, at) + 1
    rest = text[at : at + 200]
    if not text.strip():
        return Fault("There is nothing in it.", 1)
    if rest.startswith("```"):
        return Fault("A Markdown fence stands in it.", line, "Take the line away.")
    if rest.startswith(("//", "/*", "#")):
        return Fault(f"JSON has no comments: `{_short(rest)}`.", line, "Take the comment away.")
    if rest.startswith("..."):
        return Fault("Three dots stand for nothing in JSON.", line, "Write out what belongs here, or end it before.")
    if rest[:1] in {"}", "]"} and text[max(0, at - 200) : at].rstrip().endswith(","):
        return Fault(f"A comma stands before `{rest[0]}`.", text.count("\n", 0, text.rfind(",", 0, at)) + 1, "Drop it.")
    return None


def _expected(message: str, text: str, at: int) -> Fault:
    line = text.count("\n", 0, at) + 1
    rest = text[at : at + 200]
    word = _WORD.match(rest)
    if message.startswith("Expecting") and not rest.strip():
        return Fault(*_unclosed(text, at))
    if message.startswith("Expecting property name"):
        return Fault(*_key(rest, word, line))
    if message.startswith("Expecting value"):
        return Fault(*_value(rest, word, line))
    if message.startswith("Expecting ','") and rest[0] in "}]":
        return Fault(*_unclosed(text, at))
    for start, said, hint in (
        ("Expecting ','", f"Before `{_short(rest)}` a comma is missing, or something closes too late.", ""),
        ("Expecting ':'", f"Between a key and `{_short(rest)}` a colon is missing.", ""),
        (
            "Extra data",
            f"After the end of the value stands more: `{_short(rest)}`.",
            "Keep one value, or make it a list.",
        ),
        ("Invalid control", "A text in quotes does not end on its line.", "Close it, or write `\\n` in it."),
        ("Unterminated", f"The text that begins with `{_short(rest)}` does not end.", "Close the quote."),
        ("Invalid \\", f"`{_short(rest[:2])}` is no escape in JSON.", "Write two backslashes for one."),
    ):
        if message.startswith(start):
            return Fault(said, line, hint)
    return Fault(f"{message[:1].upper()}{message[1:]} at `{_short(rest)}`.", line)


def _key(rest: str, word: re.Match[str] | None, line: int) -> tuple[str, int, str]:
    if word:
        return f"The key `{word[0]}` has no quotes.", line, _QUOTES
    if rest.startswith("'"):
        return f"`{_short(rest)}` begins with a single quote.", line, "JSON takes double quotes only."
    return f"Here should be a key in double quotes, not `{_short(rest)}`.", line, ""


def _value(rest: str, word: re.Match[str] | None, line: int) -> tuple[str, int, str]:
    if word:
        known = _WORDS.get(word[0])
        return f"`{word[0]}` is no JSON value.", line, f"Write `{known}`." if known else _QUOTES
    if rest.startswith("'"):
        return f"`{_short(rest)}` begins with a single quote.", line, "JSON takes double quotes only."
    return f"Here should be a value, not `{_short(rest)}`.", line, ""


_JSON_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\]]|\n')


def _unclosed(text: str, end: int) -> tuple[str, int, str]:
    """The innermost bracket that is open at `end`; what stands before can be read."""
    opened: list[tuple[str, int]] = []
    at = 1
    for piece in _JSON_TOKEN.findall(text, 0, end):
        if piece == "\n":
            at += 1
        elif piece in {"{", "["}:
            opened.append((piece, at))
        elif piece in {"}", "]"} and opened:
            opened.pop()
    if not opened:
        return "It ends too early.", at, ""
    return f"The `{opened[-1][0]}` that opens here is never closed.", opened[-1][1], ""


# --- YAML ------------------------------------------------------------------------------------------------------------

_TEXT_QUOTES = "Put the text in quotes."


def yaml_fault(problem: str, context: str, at: tuple[int, int], begun: int, text: str) -> Fault:
    """What libyaml says, in words of ours.

    `at`: line and column, from 0, of the problem; `begun`: line, from 0, of what it is part of.
    """
    lines = text.split("\n")
    source = lines[min(at[0], len(lines) - 1)]
    first = lines[begun] if begun < len(lines) else source
    return (
        _by_sign(problem, at, source, first)
        or _by_context(problem, context, at, begun, (source, first))
        or _by_problem(problem, context, at, source)
    )


def _by_sign(problem: str, at: tuple[int, int], source: str, first: str) -> Fault | None:
    sign = source[at[1] : at[1] + 1]
    here, shown = at[0] + 1, _short(source)
    if source.startswith("```") or first.startswith("```"):
        return Fault("A Markdown fence stands in it.", here, "Take the line away.")
    if "cannot start any token" in problem and sign == "\t":
        return Fault("A tab stands where the line is indented.", here, "Indent with spaces only.")
    if "cannot start any token" in problem:
        return Fault(f"A text may not begin with `{_short(sign) or sign}`.", here, _TEXT_QUOTES)
    if "mapping values are not allowed" in problem:
        if re.search(r":\s", source[: at[1]]):
            return Fault(f"A second colon stands in `{shown}`.", here, _TEXT_QUOTES)
        return Fault(f"`{shown}` stands under a text, not under a mapping.", here, "Check how both lines are indented.")
    return None


def _by_context(problem: str, context: str, at: tuple[int, int], begun: int, texts: tuple[str, str]) -> Fault | None:
    source, first = texts
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return Fault("The quote that opens here is not closed.", begun + 1)
    if "simple key" in context:
        said = f"`{_short(first)}` is no key with a value, and no item of a list."
        return Fault(said, begun + 1, "Give it a colon, or indent it as part of the text above.")
    if "flow sequence" in context or "flow mapping" in context:
        bracket = "[" if "sequence" in context else "{"
        what = f"The `{bracket}` that opens in line {begun + 1} of the block is not closed, or a comma is missing"
        return Fault(f"{what}, before `{_short(source)}`.", at[0] + 1)
    return None


def _by_problem(problem: str, context: str, at: tuple[int, int], source: str) -> Fault:
    shown, sign = _short(source), source[at[1] : at[1] + 1]
    begins = f"A value may not begin with `{sign}`." if sign.strip() else "A value is missing."
    for part, said, hint in (
        (
            "'-' indicator",
            f"`{shown}` stands among the items of a list and is none.",
            "Begin it with `-`, or indent it.",
        ),
        ("expected key", f"`{shown}` does not fit where it stands.", "Check its indentation and the line before it."),
        ("alphabetic or numeric", f"A text may not begin with `*` or `&`: `{shown}`.", _TEXT_QUOTES),
        ("undefined tag handle", f"`{shown}` holds a tag that is not declared.", _TEXT_QUOTES),
        ("<document start>", f"After the end of the value stands more: `{shown}`.", "Divide documents by `---`."),
        ("block sequence entries", "A list begins on the line of its key.", "Begin it on the next line."),
        (
            "unknown escape",
            f"`{shown}` holds a backslash that escapes nothing.",
            "Use single quotes, or two backslashes.",
        ),
        ("comment or line break", "After `|` or `>` stands text on the same line.", "Begin the text on the next line."),
        ("node content", begins, _TEXT_QUOTES if sign.strip() else ""),
    ):
        if part in problem:
            return Fault(said, at[0] + 1, hint)
    said = " ".join(filter(None, (context, problem))) or "it cannot be read"
    return Fault(f"{said[:1].upper()}{said[1:]}.", at[0] + 1)
