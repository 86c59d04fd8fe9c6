"""Linear's filters, evaluated on rows: comparators, `and`, `or`, `some`, `every`, `null`. No I/O."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from linear.sandbox.rules import unfit

Filter = Mapping[str, object]
Look = Callable[[object, str], object]
"""Reads a field of a row by Linear's name."""

_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_COMPARED = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def matches(row: object, given: Filter, look: Look) -> bool:
    """Whether a row satisfies a filter. An empty filter matches all. Raises Refusal for a date that is none."""
    return all(_part(row, name, each, look) for name, each in given.items() if each is not None)


def _part(row: object, name: str, given: object, look: Look) -> bool:
    match name:
        case "and":
            fits = all(matches(row, each, look) for each in cast("list[Filter]", given))
        case "or":
            fits = any(matches(row, each, look) for each in cast("list[Filter]", given))
        case "null":
            fits = (row is None) == bool(given)
        case _ if row is None:
            fits = False
        case _:
            fits = _field(look(row, name), cast("Filter", given), look)
    return fits


def _field(value: object, given: Filter, look: Look) -> bool:
    if isinstance(value, list):
        return _collection(cast("list[object]", value), given, look)
    if isinstance(value, str | int | float) or (value is None and not _is_filter(given)):
        return compares(value, given)
    return matches(value, given, look)


def _is_filter(given: Filter) -> bool:
    """A filter on a related row rather than a comparator: only told apart where the row is missing."""
    return any(isinstance(each, Mapping) for each in given.values())


def _collection(rows: Sequence[object], given: Filter, look: Look) -> bool:
    """`some` and `every`; what stands beside them means `some`."""
    for name, each in given.items():
        inner = cast("Filter", each)
        if name == "some":
            fits = any(matches(row, inner, look) for row in rows)
        elif name == "every":
            fits = all(matches(row, inner, look) for row in rows)
        elif name == "length":
            fits = compares(len(rows), inner)
        elif name == "and":
            fits = all(_collection(rows, part, look) for part in cast("list[Filter]", each))
        elif name == "or":
            fits = any(_collection(rows, part, look) for part in cast("list[Filter]", each))
        else:
            fits = any(matches(row, {name: each}, look) for row in rows)
        if not fits:
            return False
    return True


def compares(value: object, comparator: Filter) -> bool:
    """Whether a plain value satisfies a comparator such as `{eqIgnoreCase: "x"}`."""
    return all(_compared(value, name, each) for name, each in comparator.items() if each is not None)


def _compared(value: object, name: str, given: object) -> bool:
    match name:
        case "null":
            fits = (value is None) == bool(given)
        case "eq" | "neq":
            fits = _same(value, given) == (name == "eq")
        case "in" | "nin":
            fits = any(_same(value, each) for each in cast("list[object]", given)) == (name == "in")
        case _ if value is None:
            fits = False
        case _ if name in _COMPARED and isinstance(value, str):
            fits = bool(_COMPARED[name](moment(value), moment(str(given))))
        case _ if name in _COMPARED:
            fits = bool(_COMPARED[name](cast("float", value), cast("float", given)))
        case _:
            fits = _texts(str(value), name, str(given))
    return fits


def _texts(value: str, name: str, given: str) -> bool:
    negated = name.startswith(("not", "neq"))
    plain = name.removeprefix("not")
    plain = plain[0].lower() + plain[1:]
    if plain.endswith("IgnoreCaseAndAccent"):
        value, given, plain = _plain(value), _plain(given), plain.removesuffix("IgnoreCaseAndAccent")
    elif plain.endswith("IgnoreCase"):
        value, given, plain = value.casefold(), given.casefold(), plain.removesuffix("IgnoreCase")
    found = {
        "eq": value == given,
        "neq": value == given,
        "contains": given in value,
        "startsWith": value.startswith(given),
        "endsWith": value.endswith(given),
    }[plain]
    return found != negated


def _plain(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))


def _same(value: object, given: object) -> bool:
    return value == given or (isinstance(value, str) and _is_moment(value) and moment(value) == _moment(given))


def _is_moment(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None


def _moment(given: object) -> datetime | None:
    try:
        return moment(str(given))
    except Exception:  # noqa: BLE001 - what is no date equals none
        return None


def moment(text: str) -> datetime:
    """A date, or a duration such as `-P7D` from now on. Raises Refusal."""
    duration = _DURATION.fullmatch(text)
    if duration and any(duration.groups()[1:]):
        sign, *parts = duration.groups()
        years, months, weeks, days, hours, minutes, seconds = (float(each or 0) for each in parts)
        span = timedelta(
            days=365 * years + 30 * months + 7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds
        )
        return datetime.now(UTC) + (-span if sign else span)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise unfit(f"'{text[:40]}' is not a date.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
