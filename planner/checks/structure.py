"""The plan has its seven sections, every code block is closed and in a known language, and its size fits. No I/O."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planner.checks import Rule, found
from planner.document import SECTIONS
from planner.findings import At, Finding
from planner.subject import LANGUAGES, Fence, Subject

KINDS: frozenset[str] = frozenset()
RULES = {
    "section": Rule("error", "all seven sections are there"),
    "order": Rule("warning", "they stand in their order, each once"),
    "empty-section": Rule("error", "none of them is empty"),
    "fence": Rule("error", "every code block is closed"),
    "language": Rule("error", "no code block has a misspelt language"),
    "unknown-language": Rule("warning", "every code block is in a language that is known here"),
    "no-language": Rule("warning", "every code block names its language"),
    "too-long": Rule("error", "it fits into a document of Linear"),
    "length": Rule("warning", "its length is right for what the issue says"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

MOST_DOCUMENT_CHARS = 400_000
"""Linear names no limit for a document but refuses requests above 10,485,760 bytes; escaped, this is 5 MB at most.
Longer files are not read (`planner.markdown_plan`)."""


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    if len(subject.markdown) > MOST_DOCUMENT_CHARS:
        said = f"The plan has {len(subject.markdown):,} characters; {MOST_DOCUMENT_CHARS:,} are the most."
        hint = "Shorten the longest code blocks, or leave some out."
        yield found("structure/too-long", said, At(line=1 if subject.is_file else 0), rules=RULES, hint=hint)
        return
    open_ones = [each for each in subject.fences if not each.closed or _swallows(each)]
    headings, prose = _read(subject.markdown, is_file=subject.is_file)
    if not (subject.is_file and open_ones):  # a block that is not closed swallows what follows
        yield from _sections(headings, is_file=subject.is_file)
    for fence in subject.fences:
        yield from _fence(fence)
    yield from _size(subject, prose)


# --- sections --------------------------------------------------------------------------------------------------------


class _Heading(NamedTuple):
    """A heading with the words under it, up to the next one of its level or above."""

    level: int
    key: str
    line: int
    words: int
    """Words that say something: not those of headings or comments, and no placeholders."""


_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_FENCE = re.compile(r"((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})")
_WORD = re.compile(r"\w+")
# Scripts that part no words: two characters are about a word.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_PLACEHOLDER = re.compile(
    r"\W*(?:tbd|tba|todo|fixme|xxx|to be (?:done|defined|determined|written)|lorem ipsum.*|<!--.*-->)\W*", re.IGNORECASE
)
_PLACEHOLDER_CHARS = 200
_OURS = frozenset(f"## {name}" for name in SECTIONS)


def _read(markdown: str, *, is_file: bool) -> tuple[list[_Heading], int]:
    """The headings of a text, and how many words it has beside its code. One pass, whatever the text."""
    reading = _Reading()
    fence = indent = ""
    ruled = False
    for number, line in enumerate(markdown.split("\n"), 1):
        heading = _HEADING.match(line)
        # Where a list ends, the code blocks in it end; what we rendered has its headings wherever they stand.
        ends = (indent and line.startswith("#")) if is_file else line in _OURS
        if fence and not (heading and ends):
            mark = _FENCE.match(line)
            if mark and mark[2].startswith(fence) and not line.strip(" \t>`~"):
                fence = ""
            elif line.strip():
                reading.say(0, 1)
        elif heading:
            fence = ""
            reading.open(_Heading(len(heading[1]), _key(heading[2]), number, 0))
        elif mark := _FENCE.match(line):
            indent, fence = mark[1], mark[2]
        elif ruled and line.startswith("+++"):
            reading.headings()  # what folds away below a rule is no part of the last section
        elif len(line) > _PLACEHOLDER_CHARS or not _PLACEHOLDER.fullmatch(line):
            words = _words(line)
            reading.say(words, words)
        ruled = line.startswith("---") or (ruled and not line.strip())
    return reading.headings(), reading.words


class _Reading:
    """The headings so far, those that are still open, and what was said until each began."""

    def __init__(self) -> None:
        self.words = 0
        self._said = 0
        self._found: list[_Heading] = []
        self._open: list[tuple[int, int]] = []

    def say(self, words: int, said: int) -> None:
        """`words` of prose; `said` also counts lines of code."""
        self.words += words
        self._said += said

    def open(self, heading: _Heading) -> None:
        """A heading begins, and ends those of its level and below."""
        while self._open and self._found[self._open[-1][0]].level >= heading.level:
            self._close()
        self._open.append((len(self._found), self._said))
        self._found.append(heading)

    def headings(self) -> list[_Heading]:
        """All of them, at the end of the text."""
        while self._open:
            self._close()
        return self._found

    def _close(self) -> None:
        place, before = self._open.pop()
        self._found[place] = self._found[place]._replace(words=self._said - before)


def _words(text: str) -> int:
    if text.isascii():
        return len(_WORD.findall(text))
    return len(_WORD.findall(_IDEOGRAPH.sub(" ", text))) + (len(_IDEOGRAPH.findall(text)) + 1) // 2


def _key(heading: str) -> str:
    """A heading in its plainest form: without its number, emphasis, emoji and closing marks."""
    return re.sub(r"^[\W\d_]+|[\W_]+$", "", heading[:200]).casefold()


def _sections(headings: Sequence[_Heading], *, is_file: bool) -> Iterator[Finding]:
    wanted = {_key(name): name for name in SECTIONS}
    there: dict[str, _Heading] = {}
    again: _Heading | None = None
    for each in headings:
        # In a file the sections may be headings of any level: the title may be one, too.
        if each.key in wanted and (is_file or each.level == 2):  # noqa: PLR2004 - `##`
            again = again or (each if each.key in there else None)
            there.setdefault(each.key, each)
    missing = [name for key, name in wanted.items() if key not in there]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        said = f"The section{'' if len(missing) == 1 else 's'} {_all(missing)} {are} missing."
        hint = "Give it a heading: `## ...`, with a line at least." if is_file else ""
        yield found("structure/section", said, At(line=1 if is_file else 0), rules=RULES, hint=hint)
    for key, each in there.items():
        if not each.words:
            said = f"The section `{wanted[key]}` says nothing."
            at = At(section=wanted[key], line=each.line if is_file else 0)
            hint = "Say in a line that there is nothing to say, and why."
            yield found("structure/empty-section", said, at, rules=RULES, hint=hint)
    if again is not None:
        said = f"The section `{wanted[again.key]}` stands twice."
        at = At(section=wanted[again.key], line=again.line if is_file else 0)
        yield found("structure/order", said, at, rules=RULES, hint="Join the two.")
    in_order = [key for key in wanted if key in there]
    first = next((key for key, due in zip(there, in_order, strict=True) if key != due), None)
    if first is not None:
        said = f"The section `{wanted[first]}` stands out of order: the order is {_all(SECTIONS)}."
        at = At(section=wanted[first], line=there[first].line if is_file else 0)
        yield found("structure/order", said, at, rules=RULES)


def _all(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


# --- code blocks -----------------------------------------------------------------------------------------------------

_NEAR = 0.75
_NAME_CHARS = 30


_OPENING = re.compile(r"^ {0,3}(?:```|~~~)[ \t]*[\w+#.-]+[ \t]*$", re.MULTILINE)
_QUOTING = frozenset({"markdown", "md", "mdx", "text", "txt", "plain", "plaintext"})


def _swallows(fence: Fence) -> str:
    """The first line in it that begins another code block: the end of this one is missing. Else empty."""
    if fence.language in _QUOTING or fence.at.block.startswith("artefacts."):
        return ""
    match = _OPENING.search(fence.content)
    return match[0].strip()[:_NAME_CHARS] if match else ""


def _fence(fence: Fence) -> Iterator[Finding]:
    name = fence.language[:_NAME_CHARS]
    if swallowed := _swallows(fence):
        said = f"The code block{f' `{name}`' if name else ''} that begins here goes on over “{swallowed}”."
        at = fence.at.model_copy(update={"line": max(fence.at.line - 1, 1)})
        yield found("structure/fence", said, at, rules=RULES, hint="Close it before the next one begins.")
    elif not fence.closed:
        said = f"The code block{f' `{name}`' if name else ''} that begins here is never closed."
        at = fence.at.model_copy(update={"line": max(fence.at.line - 1, 1)})
        hint = "End it with a line of as many backticks as it begins with."
        yield found("structure/fence", said, at, rules=RULES, hint=hint)
    elif not fence.language:
        said = "A code block names no language, so nothing checks it."
        hint = "Name it after the backticks; `text` is for what has none."
        yield found("structure/no-language", said, fence.at, rules=RULES, hint=hint)
    elif not fence.kinds:
        near = difflib.get_close_matches(fence.language[:_NAME_CHARS], LANGUAGES, n=1, cutoff=_NEAR)
        rule = "structure/language" if near else "structure/unknown-language"
        said = f"The language `{name}` of a code block is none that is known here, so nothing checks it."
        hint = f"Did you mean `{near[0]}`?" if near else "Use `text` for what has no language of its own."
        yield found(rule, said, fence.at, rules=RULES, hint=hint)


# --- size ------------------------------------------------------------------------------------------------------------

_MOST_WORDS = 15_000
_SMALL_WORDS, _SMALL_FOR_EACH = 1_200, 3
_BIG_WORDS, _FOR_EACH_PHASE, _FOR_EACH_ASKED = 2_500, 1_000, 2
_LONG_ISSUE_WORDS, _SHORT_PLAN_WORDS = 600, 120
_OF_THE_ISSUE = re.compile(r"title|description|guidance|(?:comment|document|file|attachment)-\d+")


def _size(subject: Subject, words: int) -> Iterator[Finding]:
    """Bounds from plans as they are: one phase takes some 220 words, four take 2,000, each of several 100 to 300."""
    asked, phases = _asked(subject), len(subject.outline.phases)
    if phases == 1:
        most = _SMALL_WORDS + _SMALL_FOR_EACH * (asked if asked is not None else _SMALL_WORDS)
    else:
        most = _BIG_WORDS + _FOR_EACH_PHASE * phases + _FOR_EACH_ASKED * (asked or 0)
    most = min(most, _MOST_WORDS) if phases and asked is not None else _MOST_WORDS
    if words > most:
        what = "work of one phase" if phases == 1 else f"work of {phases} phases" if phases else "a plan"
        said = f"The plan has {words:,} words beside its code, long for {what}{_for_issue(asked)}."
        hint = "Half a page does for work of a day." if phases == 1 else "Say each thing once, and leave out filler."
        yield found("structure/length", said, At(), rules=RULES, hint=hint)
    elif asked is not None and asked >= _LONG_ISSUE_WORDS and words < _SHORT_PLAN_WORDS:
        said = f"The plan has {words:,} words beside its code, short for an issue of {asked:,}."
        yield found("structure/length", said, At(), rules=RULES, hint="Say what each requirement comes to.")


def _for_issue(asked: int | None) -> str:
    return f" and an issue of {asked:,}" if asked is not None else ""


def _asked(subject: Subject) -> int | None:
    """How many words the issue has, its comments and documents included; None where that is not known."""
    if subject.sources is None:
        return None
    return sum(_words(text[:_MOST_READ]) for name, text in subject.sources.items() if _OF_THE_ISSUE.fullmatch(name))


_MOST_READ = 100_000
