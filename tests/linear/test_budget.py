"""Rate-limit headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linear.budget import Budget, budget, points_charged, resume_at

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)


def test_every_header_is_read() -> None:
    told = budget(
        {
            "x-ratelimit-requests-limit": "2500",
            "x-ratelimit-requests-remaining": "2499",
            "x-ratelimit-requests-reset": str(MS + 60_000),
            "x-ratelimit-complexity-limit": "3000000",
            "x-ratelimit-complexity-remaining": "2999000",
            "x-ratelimit-complexity-reset": str(MS + 90_000),
        }
    )
    assert told == Budget(
        requests_remaining=2499,
        requests_limit=2500,
        requests_reset_at=NOW + timedelta(seconds=60),
        points_remaining=2_999_000,
        points_limit=3_000_000,
        points_reset_at=NOW + timedelta(seconds=90),
    )
    assert told is not None
    assert told.reset_at == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-ratelimit-requests-limit": "many"}, {"x-ratelimit-requests-reset": "1e400"}, {"x-complexity": "12"}],
    ids=["none", "words", "infinite", "only-the-price"],
)
def test_headers_that_tell_nothing_are_no_budget(headers: dict[str, str]) -> None:
    assert budget(headers) is None


def test_what_is_told_in_part_is_kept() -> None:
    told = budget({"x-ratelimit-requests-remaining": "3", "x-ratelimit-requests-reset": "9" * 30})
    assert told == Budget(requests_remaining=3)
    assert told is not None
    assert told.reset_at is None


@pytest.mark.parametrize(
    ("left", "low"),
    [
        (Budget(), False),
        (Budget(requests_remaining=1), False),
        (Budget(requests_remaining=500, requests_limit=2500), False),
        (Budget(requests_remaining=499, requests_limit=2500), True),
        (Budget(requests_remaining=0, requests_limit=2500), True),
        (Budget(requests_remaining=2500, requests_limit=2500, points_remaining=19, points_limit=100), True),
        (Budget(points_remaining=20, points_limit=100), False),
        (Budget(points_remaining=0, points_limit=0), False),
    ],
    ids=["unknown", "no-limit", "a-fifth", "below", "none-left", "points-below", "points-a-fifth", "limit-0"],
)
def test_low_is_below_a_fifth_of_either(left: Any, low: Any) -> None:
    assert left.is_low() is low


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"x-ratelimit-requests-reset": str(MS + 5_000)}, 5),
        ({"x-ratelimit-requests-reset": str(MS + 5_000), "x-ratelimit-complexity-reset": str(MS + 9_000)}, 9),
        ({"x-ratelimit-endpoint-requests-reset": str(MS + 12_000), "x-ratelimit-requests-reset": str(MS)}, 12),
        ({"x-ratelimit-requests-reset": str(MS - 5_000)}, 60),
        ({"x-ratelimit-requests-reset": str(MS - 5_000), "retry-after": "7"}, 7),
        ({"x-ratelimit-requests-reset": str(MS + 5_000), "retry-after": "70"}, 5),
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "-3"}, 60),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:45 GMT"}, 45),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 60),
        ({"retry-after": "soon"}, 60),
        ({"retry-after": "9" * 30}, 60),
        ({"x-ratelimit-requests-reset": "soon"}, 60),
        ({"x-ratelimit-requests-reset": str(MS + 10)}, 1),
    ],
    ids=[
        "silent", "requests", "the-latest", "endpoint", "past", "past-then-retry-after", "reset-before-retry-after",
        "retry-after", "at-once", "negative", "date", "past-date", "word", "absurd", "no-number", "never-at-once",
    ],
)  # fmt: skip
def test_when_to_go_on(headers: dict[str, str], seconds: int) -> None:
    until = resume_at(headers, NOW)
    assert (until - NOW).total_seconds() == seconds
    assert until.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("headers", "points"), [({}, 0), ({"x-complexity": "963"}, 963), ({"x-complexity": "?"}, 0)], ids=str
)
def test_the_price(headers: dict[str, str], points: Any) -> None:
    assert points_charged(headers) == points
