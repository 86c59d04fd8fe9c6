"""Phases have keys of their own, an estimate, tasks and criteria, and wait for each other without a loop. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from planner.checks import Rule, found
from planner.findings import At, Finding
from planner.outline import Outline, OutlinedPhase
from planner.plan import Span, find_loop
from planner.subject import Subject

KINDS: frozenset[str] = frozenset()
RULES = {
    "repeated": Rule("error", "no two phases have one key or title"),
    "unknown-phase": Rule("error", "phases wait for phases that are there"),
    "loop": Rule("error", "no phases wait for each other in a loop"),
    "order": Rule("warning", "a phase stands after those it waits for"),
    "estimate": Rule("error", "each phase has an estimate above zero that grows from low to high"),
    "acceptance": Rule("error", "each phase says when it is done"),
    "tasks": Rule("error", "each phase has tasks"),
    "too-large": Rule("warning", "no phase takes longer than two weeks"),
    "timeline": Rule("error", "the stated time is that of the longest chain of phases"),
    "stated-time": Rule("warning", "times that the summary names agree with the timeline"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

_MOST_DAYS = 10.0
_SLACK = 0.05


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    outline = subject.outline
    phases = outline.phases
    if not phases:
        return
    yield from _repeated(phases)
    keys = {each.key for each in phases}
    place = {each.key: number for number, each in enumerate(phases)}
    for number, each in enumerate(phases):
        for key in each.depends_on:
            if key not in keys:
                said = f"The phase `{each.title}` waits for `{key}`, which is no phase."
                yield found(
                    "phases/unknown-phase", said, each.at, rules=RULES, hint=f"Known: {', '.join(sorted(keys))}."
                )
            elif place[key] > number:
                said = f"The phase `{each.title}` stands before `{phases[place[key]].title}`, which it waits for."
                yield found("phases/order", said, each.at, rules=RULES)
        yield from _one(each)
    loop = find_loop({each.key: [key for key in each.depends_on if key in keys] for each in phases})
    if loop:
        titles = {each.key: each.title for each in phases}
        said = f"Phases wait for each other in a loop: {' -> '.join(titles[key] for key in loop)}."
        yield found(
            "phases/loop", said, phases[place[loop[0]]].at, rules=RULES, hint="Remove one of these dependencies."
        )
        return
    yield from _timeline(subject)


def _repeated(phases: tuple[OutlinedPhase, ...]) -> Iterator[Finding]:
    for what, names in (("key", [each.key for each in phases]), ("title", [each.title.casefold() for each in phases])):
        for name, count in Counter(names).items():
            if count > 1:
                at = phases[names.index(name)].at
                yield found("phases/repeated", f"{count} phases have the {what} `{name}`.", at, rules=RULES)
                return


def _one(phase: OutlinedPhase) -> Iterator[Finding]:
    days = phase.days
    if days is None or days.high <= 0:
        said = f"The phase `{phase.title}` has no estimate."
        yield found("phases/estimate", said, phase.at, rules=RULES, hint="Give it working days above zero.")
    elif not days.low <= days.likely <= days.high:
        numbers = f"{days.low:g}, {days.likely:g}, {days.high:g}"
        said = f"The estimate of `{phase.title}` does not grow from low to high: {numbers}."
        yield found("phases/estimate", said, phase.at, rules=RULES)
    elif days.likely > _MOST_DAYS:
        said = f"The phase `{phase.title}` takes {days.likely:g} days, too long for one sub-issue."
        yield found(
            "phases/too-large", said, phase.at, rules=RULES, hint="Split it where something is usable half-way."
        )
    if not phase.acceptance:
        said = f"The phase `{phase.title}` does not say when it is done."
        yield found(
            "phases/acceptance", said, phase.at, rules=RULES, hint="Add at least one criterion that can be checked."
        )
    if not phase.tasks:
        yield found("phases/tasks", f"The phase `{phase.title}` has no tasks.", phase.at, rules=RULES)


def longest_chain(outline: Outline) -> Span | None:
    """Working days of the longest chain of phases; None where one has no estimate or they wait in a loop."""
    known = {each.key: each for each in outline.phases}
    if any(each.days is None for each in outline.phases) or not known:
        return None
    if find_loop({key: [before for before in each.depends_on if before in known] for key, each in known.items()}):
        return None
    ends: dict[str, Span] = {}
    waiting = list(known)
    while waiting:
        key = waiting.pop(0)
        before = [each for each in known[key].depends_on if each in known]
        if any(each not in ends for each in before):
            waiting.append(key)
            continue
        days = known[key].days or Span(0, 0, 0)
        start = [max((ends[each][at] for each in before), default=0.0) for at in range(3)]
        ends[key] = Span(start[0] + days.low, start[1] + days.likely, start[2] + days.high)
    return Span(*(max(end[at] for end in ends.values()) for at in range(3)))


_TOTAL = re.compile(
    r"\b(?:in total|altogether|overall|end to end|start to end|the whole (?:plan|work|project))\b[^.\n]{0,40}?"
    r"(\d{1,3}(?:\.\d)?)\s+(?:working\s+)?(days|weeks)\b"
    r"|\b(\d{1,3}(?:\.\d)?)\s+(?:working\s+)?(days|weeks)\s+"
    r"(?:in total|altogether|overall|end to end|from start to end)\b",
    re.IGNORECASE,
)
_WEEK = 5
_FAR_OFF = 1.6


def _timeline(subject: Subject) -> Iterator[Finding]:
    chain, stated = longest_chain(subject.outline), subject.outline.timeline
    if chain is None:
        return
    if stated is not None and abs(stated.likely - chain.likely) > max(_SLACK * chain.likely, 0.05):
        said = f"The timeline says {stated.likely:g} days, but the longest chain of phases takes {chain.likely:g}."
        yield found("phases/timeline", said, At(section="Estimated Timeline"), rules=RULES)
        return
    total = sum(each.days.likely for each in subject.outline.phases if each.days)
    for text in _summary(subject.markdown):
        for match in _TOTAL.finditer(text):
            number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
            days = float(number) * (_WEEK if unit.lower() == "weeks" else 1)
            if not any(
                each / _FAR_OFF <= days <= each * _FAR_OFF for each in (chain.likely, total, chain.high) if each
            ):
                said = f"`{' '.join(match[0].split())}` does not agree with the timeline of {chain.likely:g} days."
                yield found("phases/stated-time", said, At(block="summary", section="Executive Summary"), rules=RULES)
                return


def _summary(markdown: str) -> Iterator[str]:
    match = re.search(r"^##[ \t]+Executive Summary[^\n]*\n(.*?)(?=^#{2,3}[ \t]|\Z)", markdown, re.MULTILINE | re.DOTALL)
    if match:
        yield re.sub(r"\*\*\d+ phases\*\*, [^\n]*", "", match[1])[:20_000]
