"""Each phase makes one sub-issue that stands on its own, with a title of its own. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from planner.checks import Rule, found
from planner.findings import At, Finding
from planner.plan import MAX_TITLE
from planner.subject import SubIssue, Subject

KINDS: frozenset[str] = frozenset()
RULES = {
    "too-many": Rule("error", "there are no more phases than sub-issues are allowed"),
    "title": Rule("error", "titles are distinct and have at most 80 characters"),
    "vague-title": Rule("warning", "titles say what is done"),
    "points-elsewhere": Rule("error", "what a sub-issue says can be read without the plan"),
    "unfinished": Rule("warning", "nothing is left to be filled in"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

_MOST_BODY_CHARS = 60_000
_VAGUE = re.compile(
    r"(phase|step|part|milestone|task|etappe|schritt)\s*[\divx]*\W*|(misc|todo|tbd|other|work|stuff)\W*", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\b(?:(?:see|as|like)\s+(?:described\s+|said\s+|shown\s+|defined\s+|specified\s+|listed\s+|mentioned\s+|outlined\s+)*"
    r"(?:above|below|earlier in (?:this|the) (?:plan|document))"
    r"|(?:see|in|from|per|of)\s+(?:the\s+)?(?:previous|preceding|next|following)\s+phase"
    r"|(?:same|as)\s+(?:as\s+)?(?:in\s+)?phase\s+\d+"
    r"|(?:see|in|per)\s+(?:the\s+)?(?:section|chapter)\s+(?:\d+|[“\"'][^\n“”\"']{1,40}[”\"'])(?:\s+of\s+(?:this|the)\s+plan)?"
    r"|(?:see|per)\s+the\s+(?:plan|document|table|diagram)\s+(?:above|below)"
    r"|siehe\s+(?:oben|unten)|wie\s+oben\s+(?:beschrieben|genannt)|voir\s+(?:ci-dessus|ci-dessous)"
    r"|(?:véase|ver)\s+(?:arriba|más\s+arriba|abajo))\b",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"\b(?:TBD|TODO|FIXME|XXX|to be (?:determined|defined|decided)|lorem ipsum)\b|<(?:insert|your)[^<>\n]{0,40}>"
)


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    phases = subject.outline.phases
    most = subject.most_sub_issues
    if most is not None and len(phases) > max(most, 1):
        said = f"There are {len(phases)} phases, and {most} sub-issues are the most."
        hint = "Join phases that are done one after the other by the same person."
        yield found(
            "sub-issues/too-many", said, At(block="phases", section="Implementation Phases"), rules=RULES, hint=hint
        )
    titles = Counter(each.title.casefold() for each in subject.sub_issues)
    for each in subject.sub_issues:
        if titles[each.title.casefold()] > 1:
            yield found("sub-issues/title", f"Two sub-issues are called `{each.title}`.", each.at, rules=RULES)
            break
    for each in subject.sub_issues or _of_file(subject):
        yield from _one(each)


def _of_file(subject: Subject) -> Iterator[SubIssue]:
    for each in subject.outline.phases if subject.is_file and len(subject.outline.phases) > 1 else ():
        body = "\n".join((each.goal, *each.tasks, *each.acceptance))
        yield SubIssue(key=each.key, title=each.title, body=body, at=each.at)


def _one(each: SubIssue) -> Iterator[Finding]:
    if not each.title.strip() or len(each.title) > MAX_TITLE:
        said = f"The title `{each.title[:90]}` has {len(each.title)} characters; 1 to {MAX_TITLE} are allowed."
        yield found("sub-issues/title", said, each.at, rules=RULES)
    elif _VAGUE.fullmatch(each.title.strip()):
        said = f"The title `{each.title}` does not say what is done."
        yield found("sub-issues/vague-title", said, each.at, rules=RULES, hint="Begin with a verb.")
    body = each.body[:_MOST_BODY_CHARS]
    if match := _ELSEWHERE.search(body):
        said = f"The phase `{each.title}` points elsewhere: “{' '.join(match[0].split())}”."
        hint = "Its sub-issue is read without the plan; say it there."
        yield found("sub-issues/points-elsewhere", said, each.at, rules=RULES, hint=hint)
    if match := _UNFINISHED.search(body):
        said = f"The phase `{each.title}` is not finished: “{' '.join(match[0].split())}”."
        yield found("sub-issues/unfinished", said, each.at, rules=RULES, hint="Decide it, or make it an open question.")
