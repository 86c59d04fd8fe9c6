"""What a new plan changes in an old one, in five lines for people. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from planner.markdown import code, inline
from planner.plan import Plan, timeline_days

LINES = 5
"""The most lines that are told."""

_NAMED = 4
_TITLE_CHARS = 80
_COUNTED = {"id", "requirement_ids", "service_ids", "operation_ids", "table_ids"}

_Part = TypeVar("_Part", bound=BaseModel)


def what_changed(old: Plan, new: Plan) -> tuple[str, ...]:
    """At most five lines of Markdown, what weighs most first; none where nothing but wording differs."""
    lines = (
        _told("Phases", _parts(old.phases, new.phases, lambda each: each.key, lambda each: _short(each.title))),
        _requirements(old, new),
        _days(old, new),
        _told(
            "API",
            _parts(
                old.api.operations,
                new.api.operations,
                lambda each: f"{each.method} {each.path}",
                lambda each: code(f"{each.method} {each.path}"),
            ),
        ),
        _told(
            "Data",
            _parts(old.database.tables, new.database.tables, lambda each: each.name, lambda each: code(each.name)),
        ),
        _told(
            "Technology",
            _parts(old.stack, new.stack, lambda each: each.name.casefold(), lambda each: _short(each.name)),
        ),
        _told(
            "Services",
            _parts(old.services, new.services, lambda each: each.name.casefold(), lambda each: _short(each.name)),
        ),
        _told(
            "Decisions",
            _parts(old.decisions, new.decisions, lambda each: _words(each.title), lambda each: _short(each.title)),
        ),
        _told("Risks", _parts(old.risks, new.risks, lambda each: _words(each.text), lambda each: _short(each.text))),
        _questions(old, new),
    )
    return tuple(line for line in lines if line)[:LINES]


class _Difference(BaseModel):
    added: list[str] = []
    dropped: list[str] = []
    changed: list[str] = []


def _parts(
    old: Sequence[_Part], new: Sequence[_Part], key: Callable[[_Part], str], named: Callable[[_Part], str]
) -> _Difference:
    before = {key(each): each for each in old}
    after = {key(each): each for each in new}
    return _Difference(
        added=[named(each) for at, each in after.items() if at not in before],
        dropped=[named(each) for at, each in before.items() if at not in after],
        changed=[named(each) for at, each in after.items() if at in before and not _same(before[at], each)],
    )


def _same(one: BaseModel, other: BaseModel) -> bool:
    # Ids are counted anew in each plan: that R3 became R4 changes nothing.
    return _words(one.model_dump_json(exclude=_COUNTED)) == _words(other.model_dump_json(exclude=_COUNTED))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return inline(line if len(line) <= _TITLE_CHARS else f"{line[: _TITLE_CHARS - 3].rstrip()}...")


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _told(what: str, difference: _Difference) -> str:
    parts = [
        f"{len(found)} {word}{_names(found)}"
        for word, found in (("new", difference.added), ("dropped", difference.dropped), ("changed", difference.changed))
        if found
    ]
    return f"**{what}:** {'; '.join(parts)}." if parts else ""


def _names(found: Iterable[str]) -> str:
    named = [each for each in found if each]
    if not named:
        return ""
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f" ({', '.join(named[:_NAMED])}{more})"


def _requirements(old: Plan, new: Plan) -> str:
    # By their words: ids are counted anew in each plan.
    before = {_words(each.text) for each in old.requirements}
    after = {_words(each.text): each for each in new.requirements}
    return _told(
        "Requirements",
        _Difference(
            added=[_short(each.text) for text, each in after.items() if text not in before],
            dropped=["" for text in before if text not in after],
        ),
    )


def _days(old: Plan, new: Plan) -> str:
    before, after = timeline_days(old).likely, timeline_days(new).likely
    if round(before, 1) == round(after, 1):
        return ""
    return f"**Time:** {after:g} days from start to end, instead of {before:g}."


def _questions(old: Plan, new: Plan) -> str:
    before = {_words(each.text) for each in old.open_questions}
    after = {_words(each.text) for each in new.open_questions}
    parts = [
        f"{count} {word}"
        for word, count in (("new", len(after - before)), ("no longer open", len(before - after)))
        if count
    ]
    return f"**Questions:** {', '.join(parts)}." if parts else ""
