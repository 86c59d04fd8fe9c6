"""Each phase makes one sub-issue that stands on its own, with a title of its own. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.checks import Rule, found, short
from planner.findings import At, Finding
from planner.outline import OutlinedPhase
from planner.plan import MAX_TITLE
from planner.subject import SubIssue, Subject

KINDS: frozenset[str] = frozenset()
RULES = {
    "too-many": Rule("error", "there are no more phases than sub-issues are allowed"),
    "missing": Rule("error", "each phase has its sub-issue"),
    "title": Rule("error", f"titles have at most {MAX_TITLE} characters"),
    "vague-title": Rule("warning", "titles say what is done"),
    "points-elsewhere": Rule("error", "no sub-issue leaves what is to be done to another phase or section"),
    "points-away": Rule("warning", "no sub-issue speaks of what stands above, below or before it"),
    "unfinished": Rule("warning", "no phase leaves something to be filled in"),
    "long-body": Rule("warning", "sub-issues are short enough to be read"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

MOST_BODY_CHARS = 20_000
"""A body as long as the longest documents people write by hand; good ones have 1,000 to 3,000 characters."""

_READ_CHARS = 60_000


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    phases, most = subject.outline.phases, subject.most_sub_issues
    if most is not None and len(phases) > max(most, 1):
        said = f"There are {len(phases)} phases, and the bot may make {most} sub-issues."
        hint = "Join phases that one person does one after the other."
        at = At(block="phases", section="Implementation Phases")
        yield found("sub-issues/too-many", said, at, rules=RULES, hint=hint)
    elif not subject.is_file and len(phases) > 1:
        made = {each.key for each in subject.sub_issues}
        for each in phases:
            if each.key not in made:
                said = f"The phase `{short(each.title)}` has no sub-issue."
                yield found("sub-issues/missing", said, each.at, rules=RULES)
    for each in phases:
        yield from _unfinished(each)
    if len(phases) > 1:  # one phase makes no sub-issue
        for each in phases:
            yield from _title(each)
            yield from _alone(each)
    for each in subject.sub_issues:
        yield from _long(each)


def _steps(phase: OutlinedPhase) -> Iterator[str]:
    yield from phase.tasks
    yield from phase.acceptance


# --- titles ----------------------------------------------------------------------------------------------------------

_NUMBERED = re.compile(
    r"(?:phase|step|part|stage|milestone|task|sprint|iteration|etappe|schritt|teil|étape|fase|paso)"
    r"[\s#.:-]*(?:\d{1,3}|[ivx]{1,5}|one|two|three|four|five|six)?\W*",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:(?:the\s+)?(?:misc(?:ellaneous)?|others?|rest|remaining(?:\s+work)?|work|stuff|things|changes|todo|tb[acd]"
    r"|implement(?:ation)?|development|backend|finali[sz]e|finish|clean-?up|untitled|sonstiges))\W*",
    re.IGNORECASE,
)


def _title(each: OutlinedPhase) -> Iterator[Finding]:
    title = each.title.strip()
    if not title or len(title) > MAX_TITLE:
        said = f"The title `{short(title)}` has {len(title)} characters; 1 to {MAX_TITLE} are allowed."
        yield found("sub-issues/title", said, each.at, rules=RULES, hint="Say in a few words what is done.")
    elif _NUMBERED.fullmatch(title) or _EMPTY.fullmatch(title):
        said = f"The title `{title}` does not say what is done."
        yield found("sub-issues/vague-title", said, each.at, rules=RULES, hint="Begin with a verb, and name the thing.")


# --- bodies ----------------------------------------------------------------------------------------------------------

_SAID = r"(?:described|said|shown|defined|specified|listed|mentioned|outlined|explained|discussed|noted|detailed)"
_QUOTED = r"[“\"'„«][^\n“”\"'„«»]{1,60}[”\"'“»]"
# What is to be done stands in another place, which whoever reads the sub-issue does not have at hand.
_ELSEWHERE = re.compile(
    r"\b(?:"
    rf"(?:same|identical|analogous|similar)\s+(?:steps\s+|tasks\s+|work\s+)?(?:as|to)\s+(?:for\s+|in\s+)?(?:the\s+)?"
    r"(?:phase\s+\d{1,2}|(?:previous|preceding|first|last)\s+phase)"
    r"|(?:see|refer\s+to|consult)\s+(?:also\s+)?phase\s+\d{1,2}"
    rf"|as\s+(?:{_SAID}\s+)?(?:in|for)\s+(?:phase\s+\d{{1,2}}|the\s+(?:previous|preceding)\s+phase)"
    r"|(?:see|refer\s+to|consult|per|according\s+to|(?:described|defined|specified|listed)\s+in)\s+(?:the\s+)?"
    rf"(?:plan|document)(?:['’]s)?\s+(?:section|chapter)\s+(?:\d{{1,2}}(?:\.\d{{1,2}})*|{_QUOTED})"  # noqa: RUF001 - as people write it
    r"|(?:see|refer\s+to|consult|per|(?:described|defined|specified|listed)\s+in)\s+(?:the\s+)?(?:section|chapter)\s+"
    rf"(?:\d{{1,2}}(?:\.\d{{1,2}})*|{_QUOTED})(?:\s+of\s+(?:this|the)\s+(?:plan|document))?"
    r"|wie\s+in\s+phase\s+\d{1,2}|siehe\s+(?:phase\s+\d{1,2}|(?:abschnitt|kapitel)\s+\d{1,2})"
    r"|comme\s+(?:dans|pour)\s+la\s+phase\s+\d{1,2}|voir\s+(?:la\s+)?(?:phase|section)\s+\d{1,2}"
    r"|(?:como\s+en|ver|véase)\s+la\s+(?:fase|sección)\s+\d{1,2}"
    r")(?!\w)",
    re.IGNORECASE,
)
# It may be said in the same body, so these only warn.
_AWAY = re.compile(
    r"\b(?:"
    rf"(?:see|as|like)\s+(?:{_SAID}\s+)?(?:above|below|earlier|previously)"
    rf"|{_SAID}\s+(?:above|below|earlier|previously)"
    r"|(?:in|from|of|during|by)\s+(?:the\s+)?(?:previous|preceding|prior)\s+phase"
    r"|(?:the\s+)?(?:previous|preceding)\s+phase['’]s"  # noqa: RUF001 - as people write it
    r"|siehe\s+(?:oben|unten)|wie\s+(?:oben|zuvor|unten)\s+(?:beschrieben|genannt|gezeigt|erwähnt)"
    r"|(?:oben|zuvor)\s+(?:beschrieben|genannt)e?[nrs]?"
    r"|(?:aus|in|von)\s+der\s+(?:vorigen|vorherigen)\s+phase"
    r"|voir\s+(?:ci-dessus|ci-dessous|plus\s+haut|plus\s+bas)|(?:décrit|indiqué|mentionné)e?s?\s+(?:ci-dessus|ci-dessous)"
    r"|(?:de|dans)\s+la\s+phase\s+précédente"
    r"|(?:véase|ver)\s+(?:más\s+)?(?:arriba|abajo)|(?:descrit|mencionad)[oa]s?\s+(?:anteriormente|más\s+arriba)"
    r"|(?:de|en)\s+la\s+fase\s+anterior"
    r")(?!\w)",
    re.IGNORECASE,
)


def _alone(phase: OutlinedPhase) -> Iterator[Finding]:
    said = "\n".join((phase.goal, *_steps(phase)))[:_READ_CHARS]
    for rule, pattern in (("points-elsewhere", _ELSEWHERE), ("points-away", _AWAY)):
        if match := pattern.search(_own(said)):
            what = f"The phase `{short(phase.title)}` points elsewhere: “{' '.join(match[0].split())}”."
            hint = "Its sub-issue is read without the plan: say there what is meant."
            yield found(f"sub-issues/{rule}", what, phase.at, rules=RULES, hint=hint)
            return


def _own(text: str) -> str:
    """Without what is quoted: others may have said anything."""
    return _QUOTES.sub("“…”", text)


_QUOTES = re.compile(r"“[^“”]{0,2000}”")


def _long(each: SubIssue) -> Iterator[Finding]:
    if len(each.body) > MOST_BODY_CHARS:
        said = f"The sub-issue of `{short(each.title)}` has {len(each.body):,} characters."
        yield found("sub-issues/long-body", said, each.at, rules=RULES, hint="Say each step once, in a line or two.")


_OPEN = re.compile(
    r"\b(?:TBD|TBA|TBC|TODO|FIXME|tbd)\b(?!\s+(?:comment|item|list|app|API|marker|endpoint))"
    r"|\b(?i:to\s+be\s+(?:determined|defined|decided|specified|confirmed)|lorem\s+ipsum)\b"
    r"|<(?i:insert|fill\s+in|placeholder|your\s)[^<>\n]{0,60}>|\[(?i:insert|fill\s+in|placeholder|tbd|todo)[^\[\]\n]{0,60}\]"
    r"|\?{3}"
)


def _unfinished(phase: OutlinedPhase) -> Iterator[Finding]:
    for text in (phase.goal, *_steps(phase)):
        said = " ".join(_own(text[:_READ_CHARS]).split())
        match = _OPEN.search(said)
        if match or said.endswith(("?", "\uff1f", "؟")):
            named = match[0] if match else short(said)
            what = f"The phase `{short(phase.title)}` leaves something open: “{named}”."
            hint = "Decide it, or make it an open question with the default you plan on."
            yield found("sub-issues/unfinished", what, phase.at, rules=RULES, hint=hint)
            return
