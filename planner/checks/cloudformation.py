"""CloudFormation and SAM templates, whole or a piece of one, are what AWS accepts, by cfn-lint.

It runs in a process of its own (see `planner.cloudformation.lint`): no network, limited time and memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from planner.checks import Rule, found, within
from planner.cloudformation import Template, template_in
from planner.cloudformation.lint import Match, NotLinted, lint
from planner.cloudformation.problems import problems
from planner.cloudformation.wording import place
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
    empty = next((path for path, value in values if value is None), None)
    if empty is not None:
        said = "is empty, and CloudFormation takes no empty values."
        yield _told("null", empty, said, fence, template, hint="Give it a value.")
    if empty == ("Resources",):
        return
    try:
        matches = lint(template.text)
    except NotLinted as because:
        said = f"The template was not checked: {because}"
        yield found("cloudformation/not-checked", said, fence.at, rules=RULES)
        return
    matches = [match for match in matches if empty is None or match.path[: len(empty)] != empty]
    yield from _names(values, matches, fence, template)
    for each in problems(matches, template)[:_MOST_FINDINGS]:
        line = max(each.line - template.lines_before, 1)
        yield found(f"cloudformation/{each.rule}", each.message, within(fence.at, line), rules=RULES, hint=each.hint)


def _size(value: object) -> int:
    return len(cast("list[object]", value)) if isinstance(value, list | dict) else 0


def _told(rule: str, path: Path, said: str, fence: Fence, template: Template, *, hint: str = "") -> Finding:
    message = f"{place(path, template)} {said}"
    at = within(fence.at, template.line(path))
    return found(f"cloudformation/{rule}", f"{message[:1].upper()}{message[1:]}", at, rules=RULES, hint=hint)


def _names(
    values: list[tuple[Path, object]], matches: Iterable[Match], fence: Fence, template: Template
) -> Iterator[Finding]:
    """Names of mappings, and of parameters in rules, that are not there, where cfn-lint lets them pass."""
    if not template.whole or template.document.get("Transform"):
        return  # what is named may stand elsewhere, or come from a macro
    told_already = {path for match in matches for path in (match.path, match.path[:-1])}
    parameters = template.document.get("Parameters")
    for path, value in values:
        missing, of_what = "", "mappings do"
        if path[-1:] == ("Fn::FindInMap",) and path not in told_already and isinstance(value, list):
            missing = _missing(cast("list[object]", value), template.document.get("Mappings"))
        elif path[:1] == ("Rules",) and path[-1:] == ("Ref",) and isinstance(value, str):
            missing, of_what = _missing([value], parameters), "template does"
        if missing and not missing.startswith("AWS::"):
            yield _told("reference", path, f"names `{missing[:60]}`, which the {of_what} not have.", fence, template)


def _missing(names: list[object], section: object) -> str:
    """The first of the names, from the outermost, that is not there; empty where all are or one is computed."""
    inner = section
    for name in names[:3]:
        if not isinstance(name, str) or (inner is not section and not isinstance(inner, dict)):
            return ""
        if not isinstance(inner, dict) or name not in inner:
            return name
        inner = cast("dict[str, object]", inner)[name]
    return ""
