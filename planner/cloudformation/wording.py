"""What cfn-lint says, in plain words. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NamedTuple

from planner.cloudformation import Template
from planner.cloudformation.lint import Match
from planner.notation import Path

UNEXPECTED = re.compile(r"Additional properties are not allowed \('(.+?)' was unexpected(?:\. Did you mean '(.+?)'\?)?")
_CHOICE = re.compile(r"(?s)(.+?) is not one of \[(.*?)\](?:$| )")
_LONGEST = 60
_FEW = 6


class _Said(NamedTuple):
    """A match, what its sentence gave, and the template."""

    match: Match
    groups: tuple[str, ...]
    template: Template

    @property
    def where(self) -> str:
        """The place, in words."""
        return place(self.match.path, self.template)


def words(match: Match, template: Template) -> tuple[str, str]:
    """What a match says, a sentence without its stop, and what to do about it, which may be empty."""
    for pattern, say in _SENTENCES:
        if matched := pattern.match(match.message):
            return say(_Said(match, tuple(each or "" for each in matched.groups()), template))
    said = _PLACE.sub("", " ".join(match.message.split()))
    line = re.sub(r"'([^'`]{1,60})'", r"`\1`", said).rstrip(".")
    return f"{place(match.path, template)}: {line if len(line) <= 4 * _LONGEST else line[: 4 * _LONGEST] + '...'}", ""


def refers(match: Match) -> bool:
    """Whether a match is about a name that is not there."""
    last = [part for part in match.path if isinstance(part, str)][-1:]
    return bool(named(match)) and any(_REFERENCE.fullmatch(part) for part in last)


def named(match: Match) -> str:
    """The value that is none of those allowed; empty where a match is about something else."""
    choice = _CHOICE.match(match.message)
    return _bare(choice[1]) if choice else ""


def is_attribute(match: Match) -> bool:
    """Whether a match is about the attribute in a `Fn::GetAtt`."""
    return match.path[-2:] == ("Fn::GetAtt", 1)


_PLACE = re.compile(r" at '?Resources/\S+$")
_REFERENCE = re.compile(r"Ref|Fn::(GetAtt|Sub|If|FindInMap)|DependsOn|Condition")


# --- sentences -------------------------------------------------------------------------------------------------------


def _unexpected(said: _Said) -> tuple[str, str]:
    name, near = said.groups
    path = said.match.path
    around = place(path[:-1] if path[-1:] == (name,) else path, said.template)
    what = "section" if len(path) == 1 else "property"
    return f"{around} has no {what} `{_short(name)}`", f"Did you mean `{near}`?" if near else ""


def _required(said: _Said) -> tuple[str, str]:
    return f"{said.where} lacks `{_short(said.groups[0])}`, which is required", ""


def _no_type(said: _Said) -> tuple[str, str]:
    return f"there is no resource type `{_short(said.groups[0])}`", ""


def _cycle(said: _Said) -> tuple[str, str]:
    name, others = said.groups
    through = [each.strip() for each in others.split(",") if each.strip() != name]
    if not through:
        return f"the resource `{_short(name)}` refers to itself", ""
    return f"the resource `{_short(name)}` waits for itself, through {_listed(through)}", "Take one reference out."


def _retired(said: _Said) -> tuple[str, str]:
    runtime, since, closed, newer = said.groups
    message = f"{said.where} is `{runtime}`, which is deprecated since {since} and closed to new functions on {closed}"
    return message, f"Take `{newer}`."


def _choice(said: _Said) -> tuple[str, str]:
    given, names = _bare(said.groups[0]), _names(said.groups[1])
    near = _near(given, names)
    hint = f"Did you mean `{near}`?" if near else ""
    if is_attribute(said.match):
        return f"{said.where} asks for the attribute `{_short(given)}`, which that resource does not have", hint
    if refers(said.match):
        return f"{said.where} names `{_short(given)}`, which the template does not have", hint
    if not hint and names:
        hint = f"It may be {_listed(names)}."
    return f"{said.where} is `{_short(given)}`, which is none of the values it may have", hint


def _bound(said: _Said) -> tuple[str, str]:
    given, which, bound, more = said.groups
    limit = "at most" if "maximum" in which else "at least"
    return f"{said.where} is `{_short(given)}`, and must be {limit} {bound}{more}", ""


def _pattern(said: _Said) -> tuple[str, str]:
    given, pattern = said.groups
    hint = f"It must match `{pattern}`." if len(pattern) <= _LONGEST and "`" not in pattern else ""
    return f"{said.where} is `{_short(_bare(given))}`, which is not accepted there", hint


def _type(said: _Said) -> tuple[str, str]:
    given, wanted = said.groups
    kinds = " or ".join(_TYPES.get(each.strip(), each.strip()) for each in wanted.split(","))
    return f"{said.where} must be {kinds}, and is `{_short(_bare(given))}`", ""


_TYPES = {
    "'string'": "a text",
    "'integer'": "a whole number",
    "'number'": "a number",
    "'boolean'": "true or false",
    "'array'": "a list",
    "'object'": "a mapping",
}
_RETIRED = r"(?s)Runtime '(.+)' was deprecated on '(.+?)'\. Creation was disabled on '(.+?)'.*updating to '(.+)'"
_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[_Said], tuple[str, str]]], ...] = (
    (UNEXPECTED, _unexpected),
    (re.compile(r"'(.+)' is a required property$"), _required),
    (re.compile(r"Resource type '(.+)' does not exist"), _no_type),
    (re.compile(r"Circular Dependencies for resource (\S+)\. Circular dependency with \[(.*)\]"), _cycle),
    (re.compile(_RETIRED), _retired),
    (_CHOICE, _choice),
    (re.compile(r"(.+?) is (greater than the maximum|less than the minimum) of (\S+)(.*)"), _bound),
    (re.compile(r"(?s)(.+?) does not match (?:any of the regexes: )?'(.+)'$"), _pattern),
    (re.compile(r"(?s)(.+) is not of type (.+)"), _type),
)


# --- parts of sentences ----------------------------------------------------------------------------------------------

_SECTIONS = {
    "Parameters": "parameter",
    "Conditions": "condition",
    "Outputs": "output",
    "Mappings": "mapping",
    "Rules": "rule",
}


def place(path: Path, template: Template) -> str:
    """A place in the template: "`RedrivePolicy.maxReceiveCount` of `Queue` (AWS::SQS::Queue)"."""
    if not path:
        return "the template"
    if len(path) == 1:
        return f"the section `{_short(str(path[0]))}`"
    section, name, *rest = path
    if section == "Resources":
        kind = template.types.get(str(name), "")
        thing = f"`{_short(str(name))}`{f' ({_short(kind)})' if kind else ''}"
        rest = rest[1:] if rest[:1] == ["Properties"] else rest
    else:
        thing = f"the {_SECTIONS.get(str(section), 'section')} `{_short(str(name))}`"
    inner = _dotted(rest)
    return f"`{_short(inner)}` of {thing}" if inner else thing


def _dotted(parts: Iterable[str | int]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, str) and (part.startswith("Fn::") or part == "Ref"):
            break
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _bare(text: str) -> str:
    return text[1:-1] if text[:1] == text[-1:] == "'" else text


def _names(listed: str) -> list[str]:
    return re.findall(r"'([^']*)'", listed) or [each.strip() for each in listed.split(",") if each.strip()]


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{_short(name)}`" for name in names[:_FEW])
    return f"{shown} and others" if len(names) > _FEW else shown


def _near(given: str, names: list[str]) -> str:
    lower = {name.lower(): name for name in names}
    close = get_close_matches(given.lower()[:_LONGEST], list(lower), n=1, cutoff=0.75)
    return lower[close[0]] if close else ""


def _short(text: str) -> str:
    line = " ".join(text.replace("`", "'").split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
