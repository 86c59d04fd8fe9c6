"""Words that many sentences share: counts, amounts, dates, and people's words made harmless. No I/O."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planner.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence


def dollars(usd: float) -> str:
    """An amount people can read: cents, or less where it is less."""
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.4f}"  # noqa: PLR2004 - a cent


def count(number: int, noun: str) -> str:
    """`1 plan`, `1,200 plans`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def in_days(days: float) -> str:
    """Working days in words."""
    return "a day" if days <= 1 else f"{days:.0f} days" if days == int(days) else f"{days:.1f} days"


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`, of at least one."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def plain(text: str) -> str:
    """Words of the model on one line, with nothing in them that Linear would turn into links, mentions or images."""
    line = " ".join(re.sub(r"\w+://\S*|www\.\S*", "", visible(text).text, flags=re.IGNORECASE).split())[:200]
    return re.sub(r"([\\`*_{}\[\]()<>#|!~@])", r"\\\1", line)


def link_text(text: str) -> str:
    """A link's text from words of people: nothing in it can end the link or start another."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("\n", " ")


def minutes(seconds: float) -> str:
    """Whole minutes in words."""
    return "less than a minute" if seconds < 60 else count(int(seconds // 60), "minute")  # noqa: PLR2004 - a minute


def date(at: float) -> str:
    """A moment, given in Unix seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d at %H:%M UTC")
