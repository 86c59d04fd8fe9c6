"""Every requirement reaches a phase and a test, and its quote really stands in the source it names. No I/O."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping

from planner.checks import Rule, found, short
from planner.findings import Finding
from planner.outline import Outline, OutlinedRequirement
from planner.quotes import Source, is_quotable, normal
from planner.subject import Subject, source_named

KINDS: frozenset[str] = frozenset()
RULES = {
    "repeated-id": Rule("error", "each requirement has an id of its own"),
    "no-phase": Rule("error", "every requirement is delivered by a phase"),
    "no-test": Rule("error", "every requirement is proved by a test"),
    "unknown-requirement": Rule("error", "phases and tests name requirements that are there"),
    "quote": Rule("error", "every quote stands in the source it names"),
    "source": Rule("error", "every source that is named was read"),
    "no-quote": Rule("warning", "a requirement that names its source quotes it"),
    "no-source": Rule("warning", "a quote names its source"),
    "repeated": Rule("warning", "no requirement stands twice"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

_ISSUE = ("title", "description")
"""Both are the issue itself: a quote of one may name the other."""
_LISTED = 8


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    outline = subject.outline
    if not outline.requirements:
        return
    yield from _repeated(outline)
    yield from _reached(subject)
    yield from _unknown(outline)
    if subject.sources is not None:
        quoted = _Quoted(subject.sources)
        for each in outline.requirements:
            yield from quoted.look(each)


def _repeated(outline: Outline) -> Iterator[Finding]:
    ids = Counter(each.id for each in outline.requirements)
    said_by: dict[str, OutlinedRequirement] = {}
    told: set[str] = set()
    for each in outline.requirements:
        if ids[each.id] > 1 and each.id not in told:
            told.add(each.id)
            said = f"{ids[each.id]} requirements have the id `{each.id}`."
            yield found("coverage/repeated-id", said, each.at, rules=RULES, hint="Give each its own.")
        elif (words := normal(each.text)) and ids[each.id] == 1:
            first = said_by.setdefault(words, each)
            if first is not each:
                said = f"{each.id} says the same as {first.id}: “{short(each.text)}”."
                yield found("coverage/repeated", said, each.at, rules=RULES, hint="Take one of them away.")


def _reached(subject: Subject) -> Iterator[Finding]:
    phases, tests = subject.outline.phases, subject.outline.tests
    in_phases = {name for each in phases for name in each.requirement_ids}
    in_tests = {name for each in tests for name in each.requirement_ids}
    # A file need not say which phase or test is for what; where it does, it is taken at its word.
    look_at_phases = bool(in_phases) or not subject.is_file
    look_at_tests = bool(in_tests) or not subject.is_file
    for each in {one.id: one for one in subject.outline.requirements}.values():
        if look_at_phases and each.id not in in_phases:
            said = f"No phase delivers {each.id}: “{short(each.text)}”."
            hint = f"Name {each.id} in the phase that does, or add the work to one."
            yield found("coverage/no-phase", said, each.at, rules=RULES, hint=hint)
        if look_at_tests and each.id not in in_tests:
            said = f"No test proves {each.id}: “{short(each.text)}”."
            hint = f"Name {each.id} in the test that does, or add one."
            yield found("coverage/no-test", said, each.at, rules=RULES, hint=hint)


def _unknown(outline: Outline) -> Iterator[Finding]:
    ids = {each.id: None for each in outline.requirements}
    told: set[str] = set()
    owners = [(f"The phase `{short(each.title)}`", each) for each in outline.phases]
    for who, each in [*owners, *((f"The test {one.id}", one) for one in outline.tests)]:
        for name in each.requirement_ids:
            if name not in ids and name not in told:
                told.add(name)
                said = f"{who} names the requirement `{name}`, which there is not."
                yield found("coverage/unknown-requirement", said, each.at, rules=RULES, hint=_known(ids))


def _known(ids: Mapping[str, None]) -> str:
    shown = [*ids][:_LISTED]
    more = f" and {len(ids) - len(shown)} more" if len(ids) > len(shown) else ""
    return f"There are {', '.join(shown)}{more}."


class _Quoted:
    """The sources of a plan, each read into its plain form once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._texts = sources
        self._read: dict[str, Source] = {}

    def look(self, each: OutlinedRequirement) -> Iterator[Finding]:
        """Whether the quote of a requirement is one."""
        quote = each.quote.strip()
        if not each.source:
            if quote and is_quotable(quote):
                said = f"{each.id} quotes “{short(quote)}” and names no source."
                yield found("coverage/no-source", said, each.at, rules=RULES, hint=self._elsewhere(quote))
            return
        name = source_named(each.source, self._texts)
        if name is None:
            # A page of the web may be cited by its address; what it says is not kept.
            if not each.source.startswith(("http://", "https://")):
                said = f"{each.id} names the source `{short(each.source)}`, which was not read."
                yield found("coverage/source", said, each.at, rules=RULES, hint=self._near(each.source, quote))
        elif not quote:
            said = f"{each.id} names the source `{name}` and quotes nothing of it."
            hint = "Copy the words it comes from; if you inferred it, leave the source empty, too."
            yield found("coverage/no-quote", said, each.at, rules=RULES, hint=hint)
        elif self._texts[name].strip() and is_quotable(quote) and not self._stands(quote, name):
            said = f"{each.id} quotes “{short(quote)}”, which does not stand in `{name}`."
            hint = self._elsewhere(quote) or "Copy its words as they are; if you inferred it, leave both empty."
            yield found("coverage/quote", said, each.at, rules=RULES, hint=hint)

    def _stands(self, quote: str, name: str) -> bool:
        return any(self._holds(one, quote) for one in (_ISSUE if name in _ISSUE else (name,)))

    def _holds(self, name: str, quote: str) -> bool:
        if name not in self._texts:
            return False
        if name not in self._read:
            self._read[name] = Source(self._texts[name])
        return self._read[name].holds(quote)

    def _elsewhere(self, quote: str) -> str:
        if not is_quotable(quote):
            return ""
        name = next((one for one in self._texts if self._holds(one, quote)), "")
        return f"It stands in `{name}`." if name else ""

    def _near(self, source: str, quote: str) -> str:
        if elsewhere := self._elsewhere(quote):
            return elsewhere
        names = [*self._texts]
        near = difflib.get_close_matches(source[:80], [name[:80] for name in names[:500]], n=2, cutoff=0.5)
        shown = ", ".join(f"`{one}`" for one in near or names[:_LISTED])
        return f"Sources are {shown}{'' if near or len(names) <= _LISTED else ' and others'}." if shown else ""
