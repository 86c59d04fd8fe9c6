"""Which of the things that cfn-lint says are faults of their own, and how bad they are. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from planner.cloudformation import Template
from planner.cloudformation.lint import Match
from planner.cloudformation.wording import UNEXPECTED, is_attribute, named, refers, words
from planner.notation import Path


class Problem(NamedTuple):
    """A match in the words of a finding; `line` as in the match."""

    rule: str
    message: str
    hint: str
    line: int


def problems(matches: Iterable[Match], template: Template) -> list[Problem]:
    """What matters of what cfn-lint says, each fault once."""
    relevant = [each for each in matches if _rule(each) and not _concerns_another_piece(each, template)]
    told: dict[tuple[str, str], list[Problem]] = {}
    for match in _roots(relevant):
        problem = _problem(match, template)
        told.setdefault((problem.rule, _same(match) or problem.message), []).append(problem)
    return sorted(map(_together, told.values()), key=lambda each: each.line)


def _problem(match: Match, template: Template) -> Problem:
    message, hint = words(match, template)
    return Problem(_rule(match), f"{message[:1].upper()}{message[1:]} ({match.rule}).", hint, match.line)


def _together(group: list[Problem]) -> Problem:
    first, *others = group
    if not others:
        return first
    more = f"It is the same at {len(others)} other {'place' if len(others) == 1 else 'places'}."
    return first._replace(hint=f"{first.hint} {more}".strip())


# --- which of the matches count --------------------------------------------------------------------------------------

_RULES = {
    **dict.fromkeys(("E3510", "E3512", "E3513", "E3530"), ""),  # policies: the check `iam` has them
    **dict.fromkeys(("W2531", "W3690", "W3691"), "outdated"),
    **dict.fromkeys(("E2531", "E2533"), "runtime"),
    "E3004": "cycle",
    "E3006": "type",
}
_REQUIRED = re.compile(r"is a required property$")


def _rule(match: Match) -> str:
    """The rule of ours that a match breaks; empty where it is none of our concern."""
    if match.rule in _RULES:
        return _RULES[match.rule]
    if not match.rule.startswith("E"):
        return ""
    if refers(match):
        return "reference"
    if match.path[:1] != ("Resources",):
        return "section"
    return "property" if _REQUIRED.search(match.message) or UNEXPECTED.match(match.message) else "value"


def _concerns_another_piece(match: Match, template: Template) -> bool:
    """Whether what is missing may stand in the part of the template that is not shown."""
    return not template.whole and (refers(match) or match.path[:1] != ("Resources",))


def _roots(matches: list[Match]) -> Iterator[Match]:
    """The matches that do not follow from others, one for each place."""
    untyped = {match.path[:2]: match for match in matches if _is_untyped(match)}
    unknown = {path[-1] for path in untyped}
    around = {match.path[:length] for match in matches for length in range(len(match.path))}
    misspelled = {path for match in matches if UNEXPECTED.match(match.message) for path in _around(match)}
    mistyped = any(match.rule == "E2002" for match in matches)
    seen: set[Path] = set()
    for match in sorted(matches, key=_is_general):
        missing = _REQUIRED.search(match.message) is not None
        follows = (
            untyped.get(match.path[:2], match) is not match
            or (refers(match) and named(match) in unknown)
            or _OWN_FAULT.search(match.message) is not None
            or (_is_general(match) and match.path in around)
            or (missing and match.path in misspelled and not _is_untyped(match))
            or (match.rule == "E3004" and _CYCLES in seen)
            or (match.rule in {"E1019", "E1020"} and mistyped and not refers(match))
        )
        if not follows and (missing or match.path not in seen):
            yield match
        seen.add(_CYCLES if match.rule == "E3004" else match.path)


_OWN_FAULT = re.compile(r"raised while validating|Unknown exception while processing")
"""What says that cfn-lint broke on what something else has made of the template."""


def _around(match: Match) -> Iterator[Path]:
    """Where something is missing if a name is misspelled: beside it, and inside of what it should have been."""
    yield match.path[:-1]
    if len(match.path) == _OF_RESOURCE + 1 and "'Properties'" in match.message.partition("Did you mean")[2]:
        yield (*match.path[:-1], "Properties")


_OF_RESOURCE = 2


def _is_untyped(match: Match) -> bool:
    """Whether a resource has no type that exists, so that nothing else can be said of it."""
    lacks = match.path[:1] == ("Resources",) and match.message == "'Type' is a required property"
    return match.rule == "E3006" or lacks


_CYCLES: Path = ("cycles",)


def _is_general(match: Match) -> bool:
    """Whether a match says only that something within is wrong."""
    return "is not valid under" in match.message or "is not of type 'object'" in match.message


def _same(match: Match) -> str:
    """What several matches with one cause have in common."""
    return named(match) if refers(match) and not is_attribute(match) else ""
