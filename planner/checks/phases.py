"""Phases have keys of their own, an estimate, tasks and criteria, and wait for each other without a loop. No I/O."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import NamedTuple

from planner.checks import Rule, found, short
from planner.findings import At, Finding
from planner.outline import OutlinedPhase
from planner.plan import MAX_PHASES, Span, find_loop
from planner.stated_times import stated_in
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
    "too-many": Rule("warning", f"there are at most {MAX_PHASES} phases"),
    "timeline": Rule("error", "the stated time is that of the longest chain of phases"),
    "stated-time": Rule("warning", "the time that the summary names agrees with the timeline"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

MOST_DAYS = 10.0
"""Likely working days of one phase: what is longer is no sub-issue but a project of its own."""

_SLACK = 0.05
_ROUNDED = 0.1
_LISTED = 12


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    phases = subject.outline.phases
    if not phases:
        return
    if len(phases) > MAX_PHASES:
        said = f"There are {len(phases)} phases; more than {MAX_PHASES} are hard to keep in view."
        hint = "Join those that one person does one after the other."
        yield found("phases/too-many", said, _all(phases), rules=RULES, hint=hint)
    yield from _repeated(phases)
    at_all = _Said.of(subject)
    faulty = [finding for each in phases for finding in _one(each, at_all)]
    yield from faulty
    if len({each.key for each in phases}) < len(phases):
        return  # what waits for a key that stands for two is anyone's guess
    unknown = list(_unknown(phases))
    yield from unknown
    if loop := _loop(phases):
        yield loop
        return
    yield from _order(phases)
    # Where an estimate or a dependency is wrong, no sum of them says anything.
    if not (unknown or any(each.rule == "phases/estimate" for each in faulty)):
        yield from _timeline(subject)


def _all(phases: Sequence[OutlinedPhase]) -> At:
    first = phases[0].at
    return first.model_copy(update={"block": "phases"}) if first.block else first


def _repeated(phases: Sequence[OutlinedPhase]) -> Iterator[Finding]:
    for what, names in (
        ("key", [each.key for each in phases]),
        ("title", [" ".join(each.title.casefold().split()) for each in phases]),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                # The second is the one to change. What is wrong with the key is wrong with the title, too.
                second = [each for each, one in zip(phases, names, strict=True) if one == name][1]
                said = f"{count} phases have the {what} `{short(second.key if what == 'key' else second.title)}`."
                yield found("phases/repeated", said, second.at, rules=RULES, hint="Give each its own.")
                return


class _Said(NamedTuple):
    """What the phases of a plan say at all. A file may say it in a way that is not recognised: then none is missed."""

    days: bool
    tasks: bool
    acceptance: bool

    @classmethod
    def of(cls, subject: Subject) -> _Said:
        """What is to be missed where a phase does not have it."""
        phases = subject.outline.phases
        if not subject.is_file:
            return cls(days=True, tasks=True, acceptance=True)
        return cls(
            days=any(each.days for each in phases),
            tasks=any(each.tasks for each in phases),
            acceptance=any(each.acceptance for each in phases),
        )


def _one(phase: OutlinedPhase, at_all: _Said) -> Iterator[Finding]:
    days, title = phase.days, short(phase.title)
    if days is None:
        if at_all.days:
            said = f"The phase `{title}` has no estimate."
            hint = "Give it working days: if all goes well, likely, if it goes badly."
            yield found("phases/estimate", said, phase.at, rules=RULES, hint=hint)
    elif not days.low <= days.likely <= days.high:
        numbers = f"{days.low:g}, {days.likely:g}, {days.high:g}"
        said = f"The estimate of `{title}` does not grow from low over likely to high: {numbers}."
        yield found("phases/estimate", said, phase.at, rules=RULES)
    elif days.likely <= 0:
        said = f"The phase `{title}` is estimated at {days.likely:g} days."
        yield found("phases/estimate", said, phase.at, rules=RULES, hint="Even small work takes half a day.")
    elif days.likely > MOST_DAYS:
        said = f"The phase `{title}` takes {days.likely:g} days, long for one sub-issue."
        hint = "Split it where something works half-way."
        yield found("phases/too-large", said, phase.at, rules=RULES, hint=hint)
    if at_all.tasks and not any(each.strip() for each in phase.tasks):
        said = f"The phase `{title}` has no tasks."
        yield found("phases/tasks", said, phase.at, rules=RULES, hint="List its steps in order, each one action.")
    if at_all.acceptance and not any(each.strip() for each in phase.acceptance):
        said = f"The phase `{title}` does not say when it is done."
        hint = "Add at least one criterion that somebody else can check."
        yield found("phases/acceptance", said, phase.at, rules=RULES, hint=hint)


# --- what waits for what ---------------------------------------------------------------------------------------------


def _unknown(phases: Sequence[OutlinedPhase]) -> Iterator[Finding]:
    keys = {each.key: None for each in phases}
    for each in phases:
        for key in dict.fromkeys(each.depends_on):
            if key not in keys:
                near = difflib.get_close_matches(key[:80], [*keys][:200], n=1)
                listed = ", ".join(f"`{short(one)}`" for one in [*keys][:_LISTED])
                hint = f"Did you mean `{near[0]}`?" if near else f"There are {listed}."
                said = f"The phase `{short(each.title)}` waits for `{short(key)}`, which is no phase."
                yield found("phases/unknown-phase", said, each.at, rules=RULES, hint=hint)


def _waits_for(phases: Sequence[OutlinedPhase]) -> dict[str, list[str]]:
    keys = {each.key for each in phases}
    return {each.key: [key for key in each.depends_on if key in keys] for each in phases}


def _loop(phases: Sequence[OutlinedPhase]) -> Finding | None:
    loop = find_loop(_waits_for(phases))
    if not loop:
        return None
    by_key = {each.key: each for each in phases}
    chain = " -> ".join(f"`{short(by_key[key].title, 40)}`" for key in loop)
    said = f"Phases wait for each other in a loop: {chain}."
    return found("phases/loop", said, by_key[loop[0]].at, rules=RULES, hint="Remove one of these dependencies.")


def _order(phases: Sequence[OutlinedPhase]) -> Iterator[Finding]:
    place = {each.key: number for number, each in enumerate(phases)}
    for each in phases:
        later = next((key for key in each.depends_on if place.get(key, -1) > place[each.key]), None)
        if later is not None:
            before, after = short(phases[place[later]].title), short(each.title)
            said = f"The phase `{after}` stands before `{before}`, for which it waits."
            yield found("phases/order", said, each.at, rules=RULES, hint="Put phases in the order of work.")


# --- how long it takes -----------------------------------------------------------------------------------------------


def longest_chain(phases: Sequence[OutlinedPhase]) -> Span | None:
    """Working days of the longest chain, for each of low, likely and high by itself.

    None where there are none, one has no estimate, or they wait in a loop; phases that are not there are not waited
    for. Keys are unique.
    """
    waits_for = _waits_for(phases)
    days = {each.key: each.days for each in phases}
    if not days or find_loop(waits_for):
        return None
    ends: dict[str, Span] = {}
    for key in TopologicalSorter(waits_for).static_order():
        own = days[key]
        if own is None:
            return None
        ends[key] = _after([ends[before] for before in waits_for[key]], own)
    return _longest(ends)


def _after(before: Sequence[Span], own: Span) -> Span:
    low, likely, high = (max((each[at] for each in before), default=0.0) + own[at] for at in range(3))
    return Span(low, likely, high)


def _longest(ends: Mapping[str, Span]) -> Span:
    low, likely, high = (max(end[at] for end in ends.values()) for at in range(3))
    return Span(low, likely, high)


def _timeline(subject: Subject) -> Iterator[Finding]:
    phases, stated = subject.outline.phases, subject.outline.timeline
    chain = longest_chain(phases)
    if chain is None or chain.likely <= 0:
        return
    total = sum(each.days.likely for each in phases if each.days)
    # A file need not say what waits for what; then any time will do from side by side to one after the other.
    silent = subject.is_file and len(phases) > 1 and not any(each.depends_on for each in phases)
    if stated is not None and not _agrees(stated, chain, total if silent else 0.0):
        at = At(section="Estimated Timeline", line=_line_of(subject, "Estimated Timeline"))
        said = f"The timeline states {_days(stated)}, but the longest chain of phases takes {_days(chain)}."
        hint = "State the time of the longest chain, or mend the estimates and dependencies."
        yield found("phases/timeline", said, at, rules=RULES, hint=hint)
        return
    longest = max(total, chain.high)
    for each in stated_in(_summary(subject.markdown)):
        if each.is_far_from(chain.likely, longest):
            said = f"The summary says “{each.words}”; by its phases the plan takes {_days(chain)} from start to end."
            at = At(section="Executive Summary", line=_line_of(subject, "Executive Summary"))
            at = at if subject.is_file else at.model_copy(update={"block": "summary"})
            yield found("phases/stated-time", said, at, rules=RULES, hint="Let the summary and the phases agree.")
            return


def _agrees(stated: Span, chain: Span, total: float) -> bool:
    if total:
        return chain.likely * (1 - _SLACK) - _ROUNDED <= stated.likely <= total * (1 + _SLACK) + _ROUNDED
    ranged = stated.low < stated.high
    pairs = zip(stated, chain, strict=True) if ranged else [(stated.likely, chain.likely)]
    return all(abs(one - other) <= max(_SLACK * other, _ROUNDED) for one, other in pairs)


def _days(span: Span) -> str:
    likely = f"{round(span.likely, 1):g} {'day' if span.likely == 1 else 'days'}"
    low, high = (f"{round(each, 1):g}" for each in (span.low, span.high))
    return likely if low == high else f"{likely} ({low} to {high})"


def _line_of(subject: Subject, heading: str) -> int:
    """The line of a heading in a file; 0 in a plan, where blocks are named instead."""
    if not subject.is_file:
        return 0
    match = re.search(
        rf"^##[ \t]+(?:\d+[.)][ \t]+)?{re.escape(heading)}\b", subject.markdown, re.MULTILINE | re.IGNORECASE
    )
    return subject.markdown.count("\n", 0, match.start()) + 1 if match else 0


# The summary's own words end where requirements and questions begin; what they quote states no time of the plan.
_SUMMARY = re.compile(r"^##[ \t]+(?:\d+[.)][ \t]+)?executive summary\b[^\n]*\n", re.MULTILINE | re.IGNORECASE)
_SUMMARY_ENDS = re.compile(r"^(?:#{1,6}[ \t]|\*\*(?:Questions|Requirements|What they mean)\b|\|)", re.MULTILINE)
_OURS = re.compile(r"^\*\*\d+ phases\*\*, .*$", re.MULTILINE)
_SUMMARY_CHARS = 12_000


def _summary(markdown: str) -> str:
    start = _SUMMARY.search(markdown)
    if start is None:
        return ""
    text = markdown[start.end() : start.end() + _SUMMARY_CHARS]
    end = _SUMMARY_ENDS.search(text)
    return _OURS.sub("", text[: end.start()] if end else text)
