"""When sweeps are due: cron as cron means it, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.slots import fault_of, slot_after, slot_of
from bot.sweep.schedule import Slots

QUARTERS = "*/15 * * * *"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+00:00")


@pytest.mark.parametrize(
    ("cron", "now", "before", "after"),
    [
        (QUARTERS, "23T15:47:03", "23T15:45:00", "23T16:00:00"),
        (QUARTERS, "23T15:45:00", "23T15:45:00", "23T16:00:00"),
        (QUARTERS, "23T15:44:59.900000", "23T15:30:00", "23T15:45:00"),
        ("0 9 * * 1-5", "22T12:00:00", "20T09:00:00", "23T09:00:00"),
        ("0 9 * * 0", "23T12:00:00", "22T09:00:00", "29T09:00:00"),
        ("0 9 24 * MON", "23T12:00:00", "23T09:00:00", "24T09:00:00"),
    ],
    ids=["between", "on the dot", "just before", "on weekdays", "0 is Sunday", "a day or a weekday"],
)
def test_the_slot_before_and_after(cron: str, now: str, before: str, after: str) -> None:
    assert slot_of(cron, at(now)) == at(before)
    assert slot_after(cron, at(now)) == at(after)
    assert Slots(cron).get_next_fire_time(None, at(now)) in (at(after), at(before))
    assert Slots(cron).get_next_fire_time(at(before), at(now)) == at(after)


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        (QUARTERS, ""),
        ("0 9 * * mon-fri", ""),
        ("often", "has 1 field; cron has five"),
        ("* * * * * *", "has 6 fields"),
        ("@hourly", "has 1 field"),
        ("61 * * * *", "is no cron expression: bad minute"),
        ("0 0 30 2 *", "is no cron expression: bad day-of-month"),
        ("0 " * 4 + ",".join(["1"] * 200), "is too long"),
    ],
)
def test_what_is_wrong_with_an_expression(cron: str, says: str) -> None:
    found = fault_of(cron)
    assert found.startswith(says) if says else not found


def test_a_slot_is_in_utc_wherever_the_bot_stands() -> None:
    assert slot_of("0 0 * * *", datetime.fromisoformat("2026-11-23T01:30:00+02:00")) == at("22T00:00:00")
    assert slot_of(QUARTERS, at("23T15:47:03")).tzinfo is UTC
