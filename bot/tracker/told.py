"""What goes wrong with a lookup, as one sentence for the model; what passes by itself is raised as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from linear.errors import NotFound, Rejected, Unauthorized
from planner.tools.tracker.items import NotAnswered

if TYPE_CHECKING:
    from collections.abc import Awaitable

_T = TypeVar("_T")


def the(noun: str, reference: str) -> str:
    """What was asked for, as a person would name it."""
    return f"{noun} {' '.join(reference.split())[:80]}"


def missing(what: str) -> str:
    """The same sentence for what is not there and for what may not be shown."""
    return f"There is no {what}, or not everyone here may see it."


async def told(what: str, answer: Awaitable[_T]) -> _T:
    """The answer. Raises NotAnswered for what Linear says against it for good."""
    try:
        return await answer
    except NotFound:
        raise NotAnswered(missing(what)) from None
    except Rejected as error:
        raise NotAnswered(f"Linear did not answer this: {_sentence(error.reason)}") from None
    except Unauthorized as error:
        raise NotAnswered(f"The bot's key may not read this: {_sentence(error.reason)}") from None


def _sentence(text: str) -> str:
    plain = " ".join(text.split())[:300]
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."
