"""Whole plans with one fault each, made from good ones by seed: what is wrong is known, because it was put there.

The good ones are the stand-in's plan and the scripted model's for a seeded issue, as plans and as files.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import linear.sandbox.seed
from planner.brief import Brief
from planner.markdown_plan import subject_of_file
from planner.outline import Outline, OutlinedPhase, OutlinedTest
from planner.plan import Plan, Span
from planner.quotes import Source
from planner.render import document
from planner.scripted.drafting import draft
from planner.subject import Subject, subject_of
from tests.planner.checks.corpus import PlanFault
from tests.planner.samples import BRIEF, FACTS
from tests.standins.claude import a_plan

Raw = dict[str, Any]
_SEED = Path(linear.sandbox.seed.__file__).parent


class Base(NamedTuple):
    """A plan without fault, as its model handed it in, and what it was written from."""

    name: str
    raw: Raw
    brief: Brief

    def subject(self, raw: Raw, *, most: int = 12) -> Subject:
        """A plan for the same brief as checks see it."""
        plan = Plan.model_validate(raw)
        read = {each.source: "" for each in plan.evidence if each.source.startswith("repo:")}
        return subject_of(plan, self.brief, read=read, most_sub_issues=most)

    def markdown(self) -> str:
        """The plan as it is posted."""
        return document(Plan.model_validate(self.raw), FACTS)


def _seeded(name: str, title: str) -> Brief:
    text = (_SEED / f"{name}.md").read_text(encoding="utf-8")
    return Brief(identifier=name.upper(), title=title, description=text, url="https://linear.app/acme/issue/x")


@cache
def bases() -> tuple[Base, ...]:
    """The good plans."""
    brief = _seeded("eng-103", "Export large reports to object storage")
    raw: Raw = dict(draft(brief))
    # Less its contract, which takes longer to check than all else.
    raw["artefacts"] = [each for each in raw["artefacts"] if each["kind"] != "openapi"]
    return (Base("stand-in", a_plan(), BRIEF), Base("exports", raw, brief))


# --- in a plan that has its shape ------------------------------------------------------------------------------------

Change = Callable[[Raw, random.Random, Base], str | None]
"""Changes a plan in place and answers what it did; None where this plan has nothing to change."""


def _quoted(raw: Raw) -> list[Raw]:
    return [each for each in raw["requirements"] if len(each["quote"].split()) > 5]


def _without_phase(raw: Raw, rng: random.Random, _: Base) -> str:
    id_ = rng.choice(raw["requirements"])["id"]
    for each in raw["phases"]:
        each["requirement_ids"] = [one for one in each["requirement_ids"] if one != id_]
    return f"{id_} taken out of every phase"


def _without_test(raw: Raw, rng: random.Random, _: Base) -> str:
    id_ = rng.choice(raw["requirements"])["id"]
    for each in raw["tests"]:
        each["requirement_ids"] = [one for one in each["requirement_ids"] if one != id_]
    return f"{id_} taken out of every test"


def _word_changed(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    words = each["quote"].split()
    at = rng.randrange(1, len(words) - 1)
    was, words[at] = words[at], "perhaps"
    each["quote"] = " ".join(words)
    return f"a word of the quote of {each['id']}: {was} to perhaps"


def _word_dropped(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    words = each["quote"].split()
    at = rng.choice([at for at in range(1, len(words) - 1) if any(char.isalnum() for char in words[at])])
    was = words.pop(at)
    each["quote"] = " ".join(words)
    return f"a word left out of the quote of {each['id']}: {was}"


def _words_swapped(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    words = each["quote"].split()
    at = rng.choice([at for at in range(len(words) - 1) if words[at].strip(",.") != words[at + 1].strip(",.")])
    words[at], words[at + 1] = words[at + 1], words[at]
    each["quote"] = " ".join(words)
    return f"two words of the quote of {each['id']} swapped: {words[at]} {words[at + 1]}"


def _number_changed(raw: Raw, rng: random.Random, _: Base) -> str | None:
    found = [each for each in _quoted(raw) if re.search(r"\d", each["quote"])]
    if not found:
        return None
    each = rng.choice(found)
    each["quote"] = re.sub(r"\d+", lambda match: str(int(match[0]) + 1), each["quote"], count=1)
    return f"a number in the quote of {each['id']}"


def _source_unknown(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    each["source"] = rng.choice(["comment-99", "ENG-999", "document-12", "repo:src/nowhere.ts", "Slack"])
    return f"the source of {each['id']} to {each['source']}"


def _source_other(raw: Raw, rng: random.Random, base: Base) -> str | None:
    texts = {name: text for name, (text, _) in base.brief.sources().items() if name not in {"title", "description"}}
    each = rng.choice(_quoted(raw))
    others = [name for name, text in texts.items() if name != each["source"] and not Source(text).holds(each["quote"])]
    if not others:
        return None
    each["source"] = rng.choice(others)
    return f"the source of {each['id']} to {each['source']}"


def _quote_made_up(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    each["quote"] = rng.choice(
        ["Everything must be encrypted with customer keys.", "We expect ten thousand tenants by spring.", each["text"]]
    )
    if each["quote"] == each["text"]:
        each["quote"] = f"The system shall ensure that {each['text']}"
    return f"another quote for {each['id']}"


def _quote_emptied(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    each["quote"] = ""
    return f"the quote of {each['id']} emptied"


def _source_emptied(raw: Raw, rng: random.Random, _: Base) -> str:
    each = rng.choice(_quoted(raw))
    each["source"] = each["url"] = ""
    return f"the source of {each['id']} emptied"


def _said_twice(raw: Raw, rng: random.Random, _: Base) -> str:
    one, other = rng.sample(raw["requirements"], 2)
    one["text"] = other["text"]
    return f"{one['id']} says what {other['id']} says"


def _into_prose(text: str, how: str) -> Change:
    def change(raw: Raw, rng: random.Random, _: Base) -> str:
        field = rng.choice(["implementation", "testing", "architecture"])
        raw[field] = f"{raw[field]}\n\n{text}"
        return f"{how} in {field}"

    return change


def _into_phase(text: str, field: str) -> Change:
    def change(raw: Raw, rng: random.Random, _: Base) -> str:
        phase = rng.choice(raw["phases"])
        phase[field][rng.randrange(len(phase[field]))] = text
        return f"one of the {field} of {phase['key']}: {text}"

    return change


def _title(text: str) -> Change:
    def change(raw: Raw, rng: random.Random, _: Base) -> str:
        phase = rng.choice(raw["phases"])
        phase["title"] = text
        return f"the title of {phase['key']}: {text}"

    return change


def _summary(text: str) -> Change:
    def change(raw: Raw, _: random.Random, __: Base) -> str:
        raw["summary"] = f"{raw['summary']} {text}"
        return f"added to the summary: {text}"

    return change


def _too_large(raw: Raw, rng: random.Random, _: Base) -> str:
    phase = rng.choice(raw["phases"])
    phase["days"] = {"low": 12, "likely": 18, "high": 30}
    return f"{phase['key']} takes 18 days"


def _no_time(raw: Raw, rng: random.Random, _: Base) -> str:
    phase = rng.choice(raw["phases"])
    phase["days"] = {"low": 0, "likely": 0, "high": 2}
    return f"{phase['key']} takes no day"


def _out_of_order(raw: Raw, rng: random.Random, _: Base) -> str:
    later = rng.choice([each for each in raw["phases"] if each["depends_on"]])
    raw["phases"].remove(later)
    first = min(at for at, each in enumerate(raw["phases"]) if each["key"] in later["depends_on"])
    raw["phases"].insert(first, later)
    return f"{later['key']} before what it waits for"


_PLANS: Mapping[str, tuple[Change, str]] = {
    "no-phase": (_without_phase, "coverage/no-phase"),
    "no-test": (_without_test, "coverage/no-test"),
    "word-changed": (_word_changed, "coverage/quote"),
    "word-dropped": (_word_dropped, "coverage/quote"),
    "words-swapped": (_words_swapped, "coverage/quote"),
    "number-changed": (_number_changed, "coverage/quote"),
    "quote-made-up": (_quote_made_up, "coverage/quote"),
    "source-other": (_source_other, "coverage/quote"),
    "source-unknown": (_source_unknown, "coverage/source"),
    "quote-emptied": (_quote_emptied, "coverage/no-quote"),
    "source-emptied": (_source_emptied, "coverage/no-source"),
    "said-twice": (_said_twice, "coverage/repeated"),
    "fence-open": (_into_prose('```json\n{"a": 1}', "a block without its end"), "structure/fence"),
    "fence-misspelt": (_into_prose('```jsn\n{"a": 1}\n```', "a misspelt language"), "structure/language"),
    "fence-nameless": (_into_prose("```\na -> b\n```", "a block without language"), "structure/no-language"),
    "tbd": (_into_phase("TBD", "tasks"), "sub-issues/unfinished"),
    "to-be-defined": (_into_phase("The limits are to be defined with the team", "acceptance"), "sub-issues/unfinished"),
    "a-question": (_into_phase("Which database do we want?", "tasks"), "sub-issues/unfinished"),
    "same-as": (_into_phase("Same as in phase 1, for the other table", "tasks"), "sub-issues/points-elsewhere"),
    "see-above": (_into_phase("Build it as described above", "tasks"), "sub-issues/points-away"),
    "wie-oben": (_into_phase("Umsetzen, wie oben beschrieben", "tasks"), "sub-issues/points-away"),
    "vague-title": (_title("Phase 2"), "sub-issues/vague-title"),
    "too-large": (_too_large, "phases/too-large"),
    "no-time": (_no_time, "phases/estimate"),
    "order": (_out_of_order, "phases/order"),
    "half-a-year": (_summary("The whole work takes about six months."), "phases/stated-time"),
    "a-day": (_summary("It is 1 day of work in total."), "phases/stated-time"),
}


def _in_plans() -> Iterator[PlanFault]:
    for name, (change, rule) in _PLANS.items():
        for base in bases():
            raw = copy.deepcopy(base.raw)
            # A seed for each, so that one more kind of fault changes no other.
            how = change(raw, random.Random(f"{name} {base.name}"), base)
            if how:
                yield PlanFault(f"{name}-{base.name}", f"{base.name}: {how}", base.subject(raw), (rule,))


def _too_many() -> Iterator[PlanFault]:
    for base in bases():
        most = len(base.raw["phases"]) - 1
        subject = base.subject(base.raw, most=most)
        yield PlanFault(
            f"too-many-{base.name}", f"{base.name}: {most} sub-issues allowed", subject, ("sub-issues/too-many",)
        )


# --- in an outline: what a plan's own shape would refuse -------------------------------------------------------------


def _phase(number: int, **update: object) -> Callable[[Outline], Outline]:
    def change(outline: Outline) -> Outline:
        phases = list(outline.phases)
        phases[number] = phases[number].model_copy(update=update)
        return outline.model_copy(update={"phases": tuple(phases)})

    return change


def _loop(outline: Outline) -> Outline:
    return _phase(0, depends_on=(outline.phases[-1].key,))(outline)


def _waits_for_itself(outline: Outline) -> Outline:
    return _phase(1, depends_on=(outline.phases[1].key,))(outline)


def _key_twice(outline: Outline) -> Outline:
    return _phase(1, key=outline.phases[0].key)(outline)


def _title_twice(outline: Outline) -> Outline:
    return _phase(1, title=outline.phases[0].title.upper())(outline)


def _unknown_in_phase(outline: Outline) -> Outline:
    return _phase(0, requirement_ids=(*outline.phases[0].requirement_ids, "R77"))(outline)


def _unknown_in_test(outline: Outline) -> Outline:
    tests: list[OutlinedTest] = list(outline.tests)
    tests[0] = tests[0].model_copy(update={"requirement_ids": (*tests[0].requirement_ids, "R78")})
    return outline.model_copy(update={"tests": tuple(tests)})


def _id_twice(outline: Outline) -> Outline:
    last = outline.requirements[-1].model_copy(update={"id": outline.requirements[0].id})
    gone = outline.requirements[-1].id

    def without(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in ids if each != gone)

    phases: list[OutlinedPhase] = [
        each.model_copy(update={"requirement_ids": without(each.requirement_ids)}) for each in outline.phases
    ]
    tests = [each.model_copy(update={"requirement_ids": without(each.requirement_ids)}) for each in outline.tests]
    changed = {"requirements": (*outline.requirements[:-1], last), "phases": tuple(phases), "tests": tuple(tests)}
    return outline.model_copy(update=changed)


def _timeline(factor: float) -> Callable[[Outline], Outline]:
    def change(outline: Outline) -> Outline:
        assert outline.timeline is not None
        low, likely, high = outline.timeline
        return outline.model_copy(update={"timeline": Span(low * factor, likely * factor, high * factor)})

    return change


_OUTLINES: Mapping[str, tuple[Callable[[Outline], Outline], str]] = {
    "loop": (_loop, "phases/loop"),
    "waits-for-itself": (_waits_for_itself, "phases/loop"),
    "unknown-phase": (_phase(1, depends_on=("no-such-phase",)), "phases/unknown-phase"),
    "key-twice": (_key_twice, "phases/repeated"),
    "title-twice": (_title_twice, "phases/repeated"),
    "no-estimate": (_phase(1, days=None), "phases/estimate"),
    "shrinking-estimate": (_phase(1, days=Span(5, 3, 1)), "phases/estimate"),
    "no-criterion": (_phase(2, acceptance=()), "phases/acceptance"),
    "no-task": (_phase(2, tasks=()), "phases/tasks"),
    "long-title": (_phase(1, title="Build the thing " * 6), "sub-issues/title"),
    "id-twice": (_id_twice, "coverage/repeated-id"),
    "unknown-in-phase": (_unknown_in_phase, "coverage/unknown-requirement"),
    "unknown-in-test": (_unknown_in_test, "coverage/unknown-requirement"),
    "timeline-short": (_timeline(0.5), "phases/timeline"),
    "timeline-long": (_timeline(1.1), "phases/timeline"),
}


def _in_outlines() -> Iterator[PlanFault]:
    for (name, (change, rule)), base in zip(_OUTLINES.items(), cycle(bases())):
        subject = base.subject(base.raw)
        outline = change(subject.outline)
        # As a file: a plan of this shape is never posted, so only a file can have it.
        faulty = subject.model_copy(update={"is_file": True, "outline": outline, "sub_issues": (), "sources": None})
        yield PlanFault(f"{name}-{base.name}", f"{base.name}: {name}", faulty, (rule,))


# --- in a file -------------------------------------------------------------------------------------------------------


def _replaced(pattern: str, by: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        changed = re.sub(pattern, by, text, count=1, flags=re.MULTILINE | re.DOTALL)
        assert changed != text, pattern
        return changed

    return change


def _sections_swapped(text: str) -> str:
    one, other = (re.search(rf"## {name}\n.*?(?=^## |^---$)", text, re.MULTILINE | re.DOTALL) for name in _SWAPPED)
    assert one is not None
    assert other is not None
    return text.replace(one[0], "\0").replace(other[0], one[0]).replace("\0", other[0])


def _undelivered(text: str) -> str:
    before, heading, after = text.partition("## Implementation Phases")
    return f"{before}{heading}{_replaced(r'(?<=, )R1(?=[,| ])|(?<= )R1(?:, | (?=[|]))', '')(after)}"


_SWAPPED = ("Implementation Phases", "Risk Analysis")

_FILES: Mapping[str, tuple[Callable[[str], str], str]] = {
    "section-gone": (_replaced(r"^## Risk Analysis\n.*?(?=^## )", ""), "structure/section"),
    "heading-gone": (_replaced(r"^## Technology Stack\n", ""), "structure/section"),
    "heading-misspelt": (_replaced(r"^## Estimated Timeline", "## Estimated Timelime"), "structure/section"),
    "section-empty": (_replaced(r"(^## Risk Analysis\n).*?(?=^## )", r"\1\n"), "structure/empty-section"),
    "section-tbd": (_replaced(r"(^## Technology Stack\n).*?(?=^---$)", r"\1\nTBD\n\n"), "structure/empty-section"),
    "sections-swapped": (_sections_swapped, "structure/order"),
    "section-twice": (_replaced(r"(^## Risk Analysis\n.*?)(?=^## )", r"\1\1"), "structure/order"),
    "fence-cut": (_replaced(r"^```mermaid\n(.*?)^```$", r"```mermaid\n\1"), "structure/fence"),
    "fence-misspelt": (_replaced(r"^```mermaid$", "```mermiad"), "structure/language"),
    "fence-nameless": (_replaced(r"^```typescript$", "```"), "structure/no-language"),
    "timeline-other": (_replaced(r"(^## Estimated Timeline\n\n\*\*)\S+ days", r"\g<1>90 days"), "phases/timeline"),
    "estimate-gone": (_replaced(r"^(\| 2 \| [^|]+ \| [^|]+ \|) [^|]+ \|", r"\1 |"), "phases/estimate"),
    "waits-in-a-loop": (_replaced(r"^(\| 1 \| [^|]+ \|) [^|]+ \|", r"\1 4 |"), "phases/loop"),
    "delivered-by-none": (_undelivered, "coverage/no-phase"),
}


def _in_files() -> Iterator[PlanFault]:
    for (name, (change, rule)), base in zip(_FILES.items(), cycle(bases())):
        faulty = change(base.markdown())
        yield PlanFault(f"file-{name}-{base.name}", f"{base.name}: {name}", subject_of_file(faulty), (rule,))


FAULTS: list[PlanFault] = [*_in_plans(), *_too_many(), *_in_outlines(), *_in_files()]
