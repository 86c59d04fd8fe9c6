"""Schedules as cron and EventBridge write them: what is wrong with one, in words. No I/O.

Sources: crontab(5); Amazon EventBridge's user guide on cron, rate and at expressions.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

_MOST_CHARS = 200
_RATE = re.compile(r"(\d+)\s+(minutes?|hours?|days?)")
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_MACROS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", "@reboot"})


def unix_fault(expression: str) -> str:
    """What is wrong with a crontab's five fields, a sentence; empty if nothing."""
    text = " ".join(expression.split())
    if text in _MACROS:
        return ""
    fields = text.split(" ")
    if len(fields) != 5:  # noqa: PLR2004 - minute, hour, day, month, weekday
        return f"`{text[:60]}` has {len(fields)} fields; cron has five: minute, hour, day, month, weekday."
    if len(text) > _MOST_CHARS:
        return "The expression is too long to be one."
    try:
        following = next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        return f"`{text}` is no cron expression: {str(error)[:1].lower()}{str(error)[1:]}."
    return "" if following is not None else f"`{text}` never comes."


_NAMES = {
    "month": ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
    "weekday": ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"),
}
_FIELDS = (
    ("minutes", 0, 59),
    ("hours", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 1, 7),
    ("year", 1970, 2199),
)
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def aws_fault(kind: str, inside: str) -> str:
    """What is wrong with `cron(...)`, `rate(...)` or `at(...)` of EventBridge, a sentence; empty if nothing."""
    text = " ".join(inside.split())
    shown = f"`{kind}({text[:60]})`"
    if kind == "rate":
        return _rate_fault(text, shown)
    if kind == "at":
        return "" if _AT.fullmatch(text) else f"{shown} should be written as `at(2026-11-23T08:00:00)`."
    return _cron_fault(text, shown)


def _cron_fault(text: str, shown: str) -> str:
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        return f"{shown} has {len(fields)} fields; EventBridge has six: minutes, hours, day, month, weekday, year."
    for value, (name, low, high) in zip(fields, _FIELDS, strict=True):
        if not _field_fits(value, name, low, high):
            return f"`{value[:20]}` in {shown} is no value for its field {name} ({low} to {high})."
    if (fields[2] == "?") == (fields[4] == "?"):
        return f"{shown} must have `?` in one of day and weekday, and in one only."
    if fields[2].isdigit() and fields[3].isdigit() and int(fields[2]) > _LAST_DAY[int(fields[3]) - 1]:
        return f"{shown} never comes: there is no day {fields[2]} in month {fields[3]}."
    return ""


def _rate_fault(text: str, shown: str) -> str:
    match = _RATE.fullmatch(text)
    if match is None:
        return f"{shown} should be a number and minutes, hours or days, such as `rate(5 minutes)`."
    number = int(match[1])
    if number < 1:
        return f"{shown} must be at least one."
    if (number == 1) == match[2].endswith("s"):
        unit = match[2].rstrip("s") + ("" if number == 1 else "s")
        return f"{shown} must be written `rate({number} {unit})`."
    return ""


def _field_fits(value: str, name: str, low: int, high: int) -> bool:
    if value == "?":
        return name in {"day", "weekday"}
    if name == "day" and re.fullmatch(r"L(-\d{1,2})?|LW|\d{1,2}W", value):
        return True
    return all(_part_fits(part, name, low, high) for part in value.split(","))


def _part_fits(part: str, name: str, low: int, high: int) -> bool:
    base, slash, step = part.partition("/")
    if slash and not (step.isdigit() and 0 < int(step) <= high):
        return False
    if base == "*":
        return True
    if name == "weekday" and re.fullmatch(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])", base):
        return True
    ends = [_number(each, name) for each in base.split("-")]
    if len(ends) > 2 or None in ends:  # noqa: PLR2004 - from and to
        return False
    return all(low <= each <= high for each in ends if each is not None)


def _number(text: str, name: str) -> int | None:
    if text.isdigit() and len(text) <= 4:  # noqa: PLR2004 - a year
        return int(text)
    names = _NAMES.get(name, ())
    return names.index(text.upper()) + 1 if text.upper() in names else None
