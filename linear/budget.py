"""Linear's rate-limit headers, read: what is left, when to slow down, when to go on. No I/O.

Headers are looked up in lower case: give a mapping with lower-case keys, or one that ignores case. The numbers of the
limits differ by plan and key and have moved before, so none is written down here: only what Linear answers counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LOW = 0.2
"""Below this share of a limit a caller leaves out what it can leave out."""

WITHOUT_A_WORD = timedelta(seconds=60)
"""How long to wait where Linear says stop and not until when."""

SHORTEST = timedelta(seconds=1)
"""A reset that is due this moment is given this long, so that clocks a little apart make no storm."""

_RESETS = (
    "x-ratelimit-requests-reset",
    "x-ratelimit-complexity-reset",
    "x-ratelimit-endpoint-requests-reset",
)


@dataclass(frozen=True)
class Budget:
    """What one answer of Linear's said is left this hour. None: it did not say."""

    requests_remaining: int | None = None
    requests_limit: int | None = None
    requests_reset_at: datetime | None = None
    points_remaining: int | None = None
    points_limit: int | None = None
    points_reset_at: datetime | None = None

    @property
    def reset_at(self) -> datetime | None:
        """When both limits are whole again, in UTC."""
        return max((each for each in (self.requests_reset_at, self.points_reset_at) if each), default=None)

    def is_low(self) -> bool:
        """Less than a fifth of either limit is left. Unknown is not low."""
        return _below(self.requests_remaining, self.requests_limit) or _below(self.points_remaining, self.points_limit)


def budget(headers: Mapping[str, str]) -> Budget | None:
    """The budget that an answer's headers tell, or None where they tell nothing. What is no number is unsaid."""
    told = Budget(
        requests_remaining=_number(headers, "x-ratelimit-requests-remaining"),
        requests_limit=_number(headers, "x-ratelimit-requests-limit"),
        requests_reset_at=_moment(headers, "x-ratelimit-requests-reset"),
        points_remaining=_number(headers, "x-ratelimit-complexity-remaining"),
        points_limit=_number(headers, "x-ratelimit-complexity-limit"),
        points_reset_at=_moment(headers, "x-ratelimit-complexity-reset"),
    )
    return None if told == Budget() else told


def points_charged(headers: Mapping[str, str]) -> int:
    """What Linear charged for the request (`X-Complexity`), 0 where it did not say."""
    return _number(headers, "x-complexity") or 0


def resume_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to go on after `RATELIMITED`, in UTC.

    The latest reset ahead, of the hour's requests, the hour's points and the endpoint's own limit (epoch
    milliseconds); else `Retry-After` (seconds or an HTTP date); else a minute from `now`, an aware datetime.
    At least a second ahead.
    """
    ahead = [moment for name in _RESETS if (moment := _moment(headers, name)) is not None and moment > now]
    until = max(ahead, default=None) or _retry_after(headers, now) or now + WITHOUT_A_WORD
    return max(until, now + SHORTEST).astimezone(UTC)


def _below(remaining: int | None, limit: int | None) -> bool:
    return remaining is not None and limit is not None and limit > 0 and remaining < LOW * limit


def _number(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return int(float(headers.get(name, "")))
    except (ValueError, OverflowError):
        return None


def _moment(headers: Mapping[str, str], name: str) -> datetime | None:
    milliseconds = _number(headers, name)
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = _number(headers, "retry-after")
    if seconds is not None and seconds >= 0:
        try:
            return now + timedelta(seconds=seconds)
        except OverflowError:
            return None
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment > now else None
