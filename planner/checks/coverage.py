"""Every requirement reaches a phase and a test, and its quote really stands in the source it names. No I/O."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

from planner.checks import Rule, found
from planner.findings import At, Finding
from planner.outline import OutlinedRequirement
from planner.quotes import is_quotable, normal, stands_in
from planner.subject import Subject, source_named

KINDS: frozenset[str] = frozenset()
RULES = {
    "no-phase": Rule("error", "every requirement is delivered by a phase"),
    "no-test": Rule("error", "every requirement is proved by a test"),
    "unknown-requirement": Rule("error", "phases and tests name requirements that are there"),
    "quote": Rule("error", "every quote stands in the source it names"),
    "source": Rule("error", "every source that is named was read"),
    "no-quote": Rule("warning", "a requirement with a source quotes it"),
    "repeated": Rule("warning", "no requirement stands twice"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    outline = subject.outline
    ids = {each.id for each in outline.requirements}
    if not ids:
        return
    in_phases = {name for each in outline.phases for name in each.requirement_ids}
    in_tests = {name for each in outline.tests for name in each.requirement_ids}
    for each in outline.requirements:
        if outline.phases and each.id not in in_phases:
            said = f"{each.id} is delivered by no phase."
            yield found(
                "coverage/no-phase", said, each.at, rules=RULES, hint=f"Name {each.id} in the phase that delivers it."
            )
        if each.id not in in_tests and (outline.tests or not subject.is_file):
            said = f"{each.id} is proved by no test."
            yield found("coverage/no-test", said, each.at, rules=RULES, hint=f"Add a test, or name {each.id} in one.")
        yield from _quote(each, subject)
    named = [(name, each.at) for each in (*outline.phases, *outline.tests) for name in each.requirement_ids]
    yield from _unknown(named, ids)
    texts = Counter(normal(each.text) for each in outline.requirements)
    for each in outline.requirements:
        if texts[normal(each.text)] > 1:
            said = f"{each.id} says the same as another requirement."
            yield found("coverage/repeated", said, each.at, rules=RULES)
            return


def _unknown(named: Sequence[tuple[str, At]], ids: set[str]) -> Iterator[Finding]:
    for name, at in named:
        if name not in ids:
            said = f"`{name}` is no requirement of this plan."
            yield found(
                "coverage/unknown-requirement", said, at, rules=RULES, hint=f"There are {', '.join(sorted(ids))}."
            )
            return


def _quote(each: OutlinedRequirement, subject: Subject) -> Iterator[Finding]:
    if not each.source or subject.sources is None:
        return
    name = source_named(each.source, subject.sources)
    if name is None:
        near = difflib.get_close_matches(each.source, subject.sources, n=2, cutoff=0.4)
        there = ", ".join(f"`{one}`" for one in (near or [*subject.sources][:6]))
        said = f"{each.id} names the source `{each.source[:80]}`, which was not read."
        yield found("coverage/source", said, each.at, rules=RULES, hint=f"Sources are {there}." if there else "")
        return
    text = subject.sources[name]
    if not each.quote.strip():
        said = f"{each.id} names the source `{name}` and quotes nothing of it."
        yield found("coverage/no-quote", said, each.at, rules=RULES)
    elif text and is_quotable(each.quote) and not stands_in(each.quote, text):
        shown = " ".join(each.quote.split())[:80]
        said = f"{each.id} quotes “{shown}”, which does not stand in `{name}`."
        yield found(
            "coverage/quote", said, each.at, rules=RULES, hint="Copy the words, or leave quote and source empty."
        )
