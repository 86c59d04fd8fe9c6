"""The plan has its seven sections, every code block is closed and in a known language, and its size fits. No I/O."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from planner.checks import Rule, found
from planner.document import SECTIONS
from planner.findings import At, Finding
from planner.subject import LANGUAGES, Fence, Subject, fences_in

KINDS: frozenset[str] = frozenset()
RULES = {
    "section": Rule("error", "all seven sections are there"),
    "order": Rule("warning", "they stand in their order"),
    "empty-section": Rule("error", "none of them is empty"),
    "fence": Rule("error", "every code block is closed"),
    "language": Rule("error", "every code block names a language that is one"),
    "no-language": Rule("warning", "every code block names its language"),
    "too-long": Rule("error", "it fits into a document of Linear"),
    "length": Rule("warning", "its length is right for what the issue says"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

MOST_DOCUMENT_CHARS = 250_000
"""Longer documents open slowly in Linear's editor, and nobody reads them."""

_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_NUMBERED = re.compile(r"^[\d.)\s]+")
_WORD = re.compile(r"\w+")
# A plan of one phase for a short issue fits on a page; the longest that people were seen to read has some 12,000 words.
_MOST_WORDS_SMALL, _SHORT_ISSUE_WORDS = 2_500, 60
_MOST_WORDS = 15_000


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    yield from _sections(subject)
    for fence in subject.fences if subject.is_file else _with_artefacts(subject):
        yield from _fence(fence)
    yield from _size(subject)


def _with_artefacts(subject: Subject) -> Iterator[Fence]:
    # Artefacts are fenced by us; fences in prose are the model's. What is posted is looked at once more as a whole.
    yield from subject.fences
    open_ones = [fence for fence in fences_in(subject.markdown) if not fence.closed]
    yield from open_ones[:1]


def _sections(subject: Subject) -> Iterator[Finding]:
    bodies = _bodies(subject.markdown)
    if subject.is_file and not bodies.keys() & {_key(each) for each in SECTIONS}:
        said = f"None of the seven sections is here: {', '.join(SECTIONS)}."
        yield found(
            "structure/section", said, At(line=1), rules=RULES, hint="Give each a heading of its own: `## ...`."
        )
        return
    for name in SECTIONS:
        body = bodies.get(_key(name))
        if body is None:
            yield found("structure/section", f"The section `{name}` is missing.", At(line=0), rules=RULES)
        elif not _WORD.search(body[1]):
            at = At(section=name, line=body[0] if subject.is_file else 0)
            hint = "Say in one line that there is nothing, and why."
            yield found("structure/empty-section", f"The section `{name}` is empty.", at, rules=RULES, hint=hint)
    there = [_key(name) for name in SECTIONS if _key(name) in bodies]
    if there != [name for name in bodies if name in there]:
        said = f"The sections stand in another order than {', '.join(SECTIONS)}."
        yield found("structure/order", said, At(line=1 if subject.is_file else 0), rules=RULES)


def _key(heading: str) -> str:
    return _NUMBERED.sub("", heading).strip(" *_:").casefold()


def _bodies(markdown: str) -> dict[str, tuple[int, str]]:
    """By heading: its line, and what stands under it. Headings inside code blocks are none."""
    plain = _without_fences(markdown)
    matches = list(_HEADING.finditer(plain))
    bodies: dict[str, tuple[int, str]] = {}
    for at, match in enumerate(matches):
        end = matches[at + 1].start() if at + 1 < len(matches) else len(plain)
        line = plain.count("\n", 0, match.start()) + 1
        bodies.setdefault(_key(match[1]), (line, markdown[match.end() : end]))
    return bodies


def _without_fences(markdown: str) -> str:
    """The same text, of the same length, with what stands in code blocks blanked out."""
    lines = markdown.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        match = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if fence:
            if match and match[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            lines[number] = " " * len(line)
        elif match:
            fence = match[1]
            lines[number] = " " * len(line)
    return "\n".join(lines)


def _fence(fence: Fence) -> Iterator[Finding]:
    if not fence.closed:
        said = f"The code block{f' `{fence.language[:30]}`' if fence.language else ''} is not closed."
        yield found("structure/fence", said, fence.at, rules=RULES, hint="End it with a line of three backticks.")
    elif not fence.language:
        said = "A code block names no language, so it is not checked."
        yield found(
            "structure/no-language", said, fence.at, rules=RULES, hint="Write it after the backticks; `text` is one."
        )
    elif not fence.kinds:
        near = difflib.get_close_matches(fence.language, LANGUAGES, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else "Use `text` for what has no language."
        yield found(
            "structure/language",
            f"`{fence.language[:30]}` is no language known here.",
            fence.at,
            rules=RULES,
            hint=hint,
        )


def _size(subject: Subject) -> Iterator[Finding]:
    if len(subject.markdown) > MOST_DOCUMENT_CHARS:
        said = f"The plan has {len(subject.markdown):,} characters; {MOST_DOCUMENT_CHARS:,} are the most."
        yield found(
            "structure/too-long", said, At(), rules=RULES, hint="Shorten the longest artefacts, or leave some out."
        )
        return
    words = len(_WORD.findall(_without_fences(subject.markdown)))
    if words > _MOST_WORDS:
        said = f"The plan has {words:,} words beside its code, more than anyone reads."
        yield found("structure/length", said, At(), rules=RULES, hint="Say each thing once, and shorter.")
    elif len(subject.outline.phases) == 1 and words > _MOST_WORDS_SMALL and _asked(subject) < _SHORT_ISSUE_WORDS:
        said = f"The plan has {words:,} words for one phase of work and an issue of a few lines."
        yield found("structure/length", said, At(), rules=RULES, hint="Half a page is enough for work of a day.")


def _asked(subject: Subject) -> int:
    return len(_WORD.findall((subject.sources or {}).get("description", ""))) if subject.sources else _SHORT_ISSUE_WORDS
