"""Waits out what passes by itself, and says so; gives up when the operator's limit is reached."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from linear.errors import LinearError, NotFound, RateLimited, Rejected, Unauthorized, Unreachable
from planner.errors import AskingEnded, BadKey, CapReached, ModelBusy, ModelRefused, MoneyOut, PlannerError, PlanUnfit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.engine.steps import Json, Steps

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""What the database raises while it cannot be used; it passes."""

_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 120.0


class Stopped(Exception):
    """The run cannot go on. `kind` is a slug, `reason` one or two sentences for people, `details` lines of Markdown."""

    def __init__(self, kind: str, reason: str, details: Sequence[str] = ()) -> None:
        """See the class."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.details = tuple(details)


async def attempt(function: Callable[..., Awaitable[Json]], *args: Json) -> Json:
    """Call, and turn what is known to go wrong into data: `{"ok": ...}`, `{"wait": ...}` or `{"stop": ...}`.

    A recorded step must not raise: read back after a crash, an exception has lost its type.
    """
    try:
        return {"ok": await function(*args)}
    except RateLimited as error:
        return _wait("Linear's rate limit is used up.", max(1.0, error.until.timestamp() - time.time()))
    except Unreachable:
        return _wait("Linear cannot be reached.", None)
    except ModelBusy as error:
        return _wait(_sentence(str(error)), error.retry_after_s)
    except DATABASE_AWAY:
        return _wait("The bot's database cannot be reached.", None)
    except (LinearError, PlannerError) as error:
        stopped = stop_of(error)
        return {"stop": stopped.kind, "reason": stopped.reason}


def stop_of(error: LinearError | PlannerError) -> Stopped:
    """What a run makes of an error that does not pass by itself."""
    kind = error.kind if isinstance(error, AskingEnded) else _kind(error)
    return Stopped(kind, _sentence(str(error)))


def _wait(because: str, seconds: float | None) -> Json:
    return {"wait": seconds, "because": because, "at": time.time()}


def _long(seconds: float) -> str:
    """A duration in the unit people would use."""
    for unit, size in (("hour", 3600.0), ("minute", 60.0), ("second", 1.0)):
        if seconds >= size or unit == "second":
            return f"{seconds / size:g} {unit}{'' if seconds == size else 's'}"
    raise AssertionError


def _kind(error: Exception) -> str:
    kinds: dict[type[Exception], str] = {
        Unauthorized: "linear-key",
        NotFound: "linear-gone",
        Rejected: "linear-refused",
        ModelRefused: "model-refused",
        MoneyOut: "money-out",
        CapReached: "cap-reached",
        BadKey: "model-key",
        PlanUnfit: "plan-unfit",
    }
    return next((kind for type_, kind in kinds.items() if isinstance(error, type_)), "failed")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


class Patience:
    """Runs recorded steps of one run. `pace` scales every wait; tests turn it down."""

    def __init__(
        self,
        steps: Steps,
        *,
        give_up_after_s: float,
        on_wait: Callable[[str, float], Awaitable[None]] | None = None,
        pace: float = 1.0,
    ) -> None:
        """`on_wait(because, since)` is told once an outage, when it begins; `since` in Unix seconds."""
        self._steps = steps
        self._give_up_after_s = give_up_after_s
        self._on_wait = on_wait
        self._pace = pace

    async def run(self, name: str, function: Callable[..., Awaitable[Json]], *args: Json) -> Json:
        """The answer of `function(*args)`, however long it takes up to the limit. Raises `Stopped`."""
        since: float | None = None
        wait = _FIRST_WAIT_S
        while True:
            outcome = await self._steps.run(name, attempt, function, *args)
            if "ok" in outcome:
                return outcome["ok"]
            if "stop" in outcome:
                raise Stopped(outcome["stop"], outcome["reason"])
            # Times come from recorded answers, so that a restart decides as the first time.
            if since is None:
                since = float(outcome["at"])
                if self._on_wait is not None:
                    await self._on_wait(outcome["because"], since)
            if outcome["at"] - since >= self._give_up_after_s * self._pace:
                reason = f"{outcome['because']} I waited {_long(self._give_up_after_s)} and gave up."
                raise Stopped("gave-up", reason)
            asked = outcome["wait"]
            await self._steps.sleep((asked if asked is not None else wait) * self._pace)
            wait = min(wait * 2, _LONGEST_WAIT_S)
