"""What people call things, as Linear's filters: ids, keys, names, addresses. No I/O.

Names are compared whole and whatever their case. Nothing here is an internal field of Linear's schema: texts are
sought in titles and descriptions, since `searchableContent` is marked internal there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

Filter = dict[str, object]

STATE_TYPES: Final = ("triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate")
PROJECT_TYPES: Final = ("backlog", "planned", "started", "paused", "completed", "canceled")
NOBODY: Final = "null"
"""As an assignee: issues that have none."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_IDENTIFIER = re.compile(r"([A-Za-z][A-Za-z0-9]{0,9})-([0-9]{1,9})")
_ISSUE_ADDRESS = re.compile(r"/issue/([A-Za-z][A-Za-z0-9]{0,9}-[0-9]{1,9})(?![0-9])")
_SLUG = re.compile(r"(?:^|[-/])([0-9a-f]{8,40})(?:$|[/?#])")
_MOST_WORDS = 8
_CYCLES = {"current": "isActive", "active": "isActive", "next": "isNext", "previous": "isPrevious"}


def issue_reference(wanted: str) -> str:
    """What `issue(id:)` takes, from an id, an identifier or an issue's address; anything else as it is."""
    address = _ISSUE_ADDRESS.search(wanted)
    found = address.group(1) if address else wanted.strip()
    return found.upper() if _IDENTIFIER.fullmatch(found) else found


def slug(wanted: str) -> str:
    """What `document(id:)` takes, from an id, a slug, or an address, which ends with the slug; else as it is."""
    text = wanted.strip()
    if _ID.fullmatch(text):
        return text
    found = _SLUG.search(text)
    return found.group(1) if found else text


def any_of(filters: Sequence[Filter]) -> Filter:
    """One that any of these satisfies."""
    return filters[0] if len(filters) == 1 else {"or": list(filters)}


def all_of(filters: Iterable[Filter]) -> Filter | None:
    """One that all of these satisfy; None where there are none."""
    given = [each for each in filters if each]
    return None if not given else given[0] if len(given) == 1 else {"and": given}


def team(wanted: str) -> Filter:
    """By id, key or name."""
    return _by_id(wanted) or any_of([_named("key", wanted), _named("name", wanted)])


def teams(ids: Sequence[str]) -> Filter:
    """Any of these teams."""
    return {"id": {"in": list(ids)}}


def person(wanted: str) -> Filter:
    """By id, name, display name or e-mail."""
    plain = wanted.strip().removeprefix("@")
    return _by_id(plain) or any_of([_named(field, plain) for field in ("name", "displayName", "email")])


def people_like(text: str) -> Filter:
    """People of whose names or e-mail this is a part."""
    return any_of([{field: {"containsIgnoreCase": text.strip()}} for field in ("name", "displayName", "email")])


def assignee(wanted: str) -> Filter:
    """A person, or nobody."""
    return {"null": True} if wanted.strip().lower() in {NOBODY, "none"} else person(wanted)


def state(wanted: str) -> Filter:
    """By id, type or name."""
    return _typed(wanted, STATE_TYPES)


def status(wanted: str) -> Filter:
    """A project's, by id, type or name."""
    return _typed(wanted, PROJECT_TYPES)


def label(wanted: str) -> Filter:
    """By id or name."""
    return _by_id(wanted) or _named("name", wanted)


def project(wanted: str) -> Filter:
    """By id, name, or the slug that its address ends with."""
    by_id = _by_id(wanted)
    if by_id:
        return by_id
    found = _SLUG.search(wanted.strip())
    named = _named("name", wanted)
    return any_of([named, {"slugId": {"eq": found.group(1)}}]) if found else named


def cycle(wanted: str) -> Filter:
    """By id, number or name, or `current`, `next`, `previous`."""
    text = wanted.strip()
    if text.lower() in _CYCLES:
        return {_CYCLES[text.lower()]: {"eq": True}}
    if text.isdecimal():
        return any_of([{"number": {"eq": int(text)}}, _named("name", text)])
    return _by_id(text) or _named("name", text)


def issue(wanted: str) -> Filter | None:
    """By id, identifier or address; None for what is none of them."""
    reference = issue_reference(wanted)
    found = _IDENTIFIER.fullmatch(reference)
    if found:
        return {"number": {"eq": int(found.group(2))}, "team": _named("key", found.group(1))}
    return _by_id(reference)


def saying(text: str, fields: Sequence[str]) -> Filter | None:
    """What has every word of `text` (the first eight count) in one of `fields`; None for no word."""
    words = list(dict.fromkeys(text.split()))[:_MOST_WORDS]
    return all_of(any_of([{field: {"containsIgnoreCase": word}} for field in fields]) for word in words)


def since(moment: str) -> Filter:
    """From then on; `moment` is a date, a time, or a duration such as `-P7D` counted from now."""
    return {"gte": moment}


def _by_id(wanted: str) -> Filter | None:
    text = wanted.strip()
    return {"id": {"eq": text.lower()}} if _ID.fullmatch(text) else None


def _named(field: str, wanted: str) -> Filter:
    return {field: {"eqIgnoreCase": wanted.strip()}}


def _typed(wanted: str, types: Sequence[str]) -> Filter:
    text = wanted.strip()
    named = _named("name", text)
    return _by_id(text) or (any_of([{"type": {"eq": text.lower()}}, named]) if text.lower() in types else named)
