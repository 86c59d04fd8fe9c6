"""CloudFormation and SAM templates, whole or a piece of one, are what AWS accepts, by cfn-lint.

It runs in a process of its own (see `planner.cloudformation.lint`): no network, limited time and memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, cast

from planner.checks import Rule, found, within
from planner.cloudformation import Template, template_in
from planner.cloudformation.lint import Match, NotLinted, lint
from planner.cloudformation.wording import UNEXPECTED, is_attribute, named, place, refers, words
from planner.findings import Finding
from planner.notation import NotationError, Path
from planner.subject import Fence, Subject

KINDS = frozenset({"cloudformation"})
RULES = {
    "section": Rule("error", "it has the sections, parameters, conditions and outputs that a template may have"),
    "type": Rule("error", "every resource is of a type that exists"),
    "property": Rule("error", "every property exists, and none that is required is missing"),
    "value": Rule("error", "values are of the kind and within the bounds that AWS accepts"),
    "reference": Rule("error", "what a reference names is there"),
    "null": Rule("error", "no value is empty"),
    "cycle": Rule("error", "resources do not wait for each other"),
    "runtime": Rule("error", "functions use a runtime that can still be created"),
    "outdated": Rule("warning", "runtimes and versions are supported for a while yet"),
    "not-checked": Rule("warning", "the template could be read in time"),
}
NEEDS = ("cfnlint",)
MOST_CHARS = 200_000

_MOST_VALUES = 20_000
_MOST_ITEMS = 2_000
_MOST_FINDINGS = 20
MOST_RESOURCES = 500
"""As AWS's quotas for CloudFormation have it."""


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    try:
        template = template_in(fence.content, "json" if "json" in fence.kinds else "yaml")
    except NotationError:
        return  # the check `notation` says so
    if template is None:
        return
    values = list(islice(template.walk(), _MOST_VALUES + 1))
    if len(template.types) > MOST_RESOURCES:
        said = f"The template has {len(template.types):,} resources, and CloudFormation takes {MOST_RESOURCES} at most."
        yield found("cloudformation/section", said, fence.at, rules=RULES, hint="Split it into several stacks.")
        return
    if len(values) > _MOST_VALUES or any(_size(value) > _MOST_ITEMS for _, value in values):
        said = (
            f"The template was not checked: it holds more than {_MOST_VALUES:,} values, or {_MOST_ITEMS:,} in one list."
        )
        yield found("cloudformation/not-checked", said, fence.at, rules=RULES)
        return
    try:
        matches = lint(template.text)
    except NotLinted as because:
        said = f"The template was not checked: {because}"
        yield found("cloudformation/not-checked", said, fence.at, rules=RULES)
        return
    yield from _own_findings(values, matches, fence, template)
    for each in problems(matches, template)[:_MOST_FINDINGS]:
        line = max(each.line - template.lines_before, 1)
        yield found(f"cloudformation/{each.rule}", each.message, within(fence.at, line), rules=RULES, hint=each.hint)


def _size(value: object) -> int:
    return len(cast("list[object]", value)) if isinstance(value, list | dict) else 0


def _own_findings(
    values: list[tuple[Path, object]], matches: Iterable[Match], fence: Fence, template: Template
) -> Iterator[Finding]:
    """What cfn-lint lets pass: the first value that is null, and mappings that are not there."""

    def told(rule: str, path: Path, said: str, hint: str = "") -> Finding:
        message = f"{place(path, template)} {said}"
        at = within(fence.at, template.line(path))
        return found(f"cloudformation/{rule}", f"{message[:1].upper()}{message[1:]}", at, rules=RULES, hint=hint)

    for path, _ in islice((each for each in values if each[1] is None), 1):
        yield told("null", path, "is empty, and CloudFormation takes no empty values.", "Give it a value.")
    if not template.whole or template.document.get("Transform"):
        return  # what is named may stand elsewhere, or come from a macro
    told_already = {match.path[: len(match.path) - 1] for match in matches} | {match.path for match in matches}
    for path, value in values:
        if path not in told_already and path[-1:] == ("Fn::FindInMap",) and isinstance(value, list):
            missing = _missing(cast("list[object]", value), template.document.get("Mappings"))
            if missing:
                yield told("reference", path, f"names `{missing[:60]}`, which the mappings do not have.")


def _missing(names: list[object], mappings: object) -> str:
    """The first of the names, from the outermost, that is not there; empty where all are or one is computed."""
    inner = mappings
    for name in names[:3]:
        if not isinstance(name, str) or (inner is not mappings and not isinstance(inner, dict)):
            return ""
        if not isinstance(inner, dict) or name not in inner:
            return name
        inner = cast("dict[str, object]", inner)[name]
    return ""


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
    untyped = {match.path[:2] for match in matches if match.rule == "E3006"}
    around = {match.path[:length] for match in matches for length in range(len(match.path))}
    misspelled = {match.path[:-1] for match in matches if UNEXPECTED.match(match.message)}
    mistyped = any(match.rule == "E2002" for match in matches)
    seen: set[Path] = set()
    for match in sorted(matches, key=_is_general):
        missing = _REQUIRED.search(match.message) is not None
        follows = (
            (match.rule != "E3006" and match.path[:2] in untyped)
            or (_is_general(match) and match.path in around)
            or (missing and match.path in misspelled)
            or (match.rule == "E3004" and _CYCLES in seen)
            or (match.rule in {"E1019", "E1020"} and mistyped and not refers(match))
        )
        if not follows and (missing or match.path not in seen):
            yield match
        seen.add(_CYCLES if match.rule == "E3004" else match.path)


_CYCLES: Path = ("cycles",)


def _is_general(match: Match) -> bool:
    """Whether a match says only that something within is wrong."""
    return "is not valid under" in match.message or "is not of type 'object'" in match.message


def _same(match: Match) -> str:
    """What several matches with one cause have in common."""
    return named(match) if refers(match) and not is_attribute(match) else ""
