"""Reading GraphQL's inputs, which graphql-core has checked against the schema. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from linear.sandbox.rules import invalid

Input = Mapping[str, object]

_PRIORITIES = range(5)


def text(given: Input, name: str) -> str | None:
    """A text of the input, None where there is none."""
    value = given.get(name)
    return None if value is None else str(value)


def ids(given: Input, name: str) -> list[str]:
    """The ids in a list of the input, lower case."""
    return [each.lower() for each in cast("list[str]", given.get(name) or [])]


def priority(given: Input) -> int:
    """0 to 4. Raises Refusal."""
    value = given.get("priority")
    if value is None:
        return 0
    if not isinstance(value, int) or value not in _PRIORITIES:
        raise invalid("priority", "max", "priority must not be greater than 4")
    return value


def estimate(given: Input) -> int | None:
    """Points. Raises Refusal."""
    value = given.get("estimate")
    if value is None:
        return None
    if not isinstance(value, int) or value < 0:
        raise invalid("estimate", "min", "estimate must not be less than 0")
    return value


def number(given: Input, name: str) -> float | None:
    """A number of the input, None where there is none."""
    value = given.get(name)
    return float(value) if isinstance(value, int | float) else None
