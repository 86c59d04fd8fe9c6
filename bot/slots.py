"""When a sweep is due: the moments that a cron expression names, in UTC. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FIELDS = 5
_MOST_CHARS = 200
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def fault_of(cron: str) -> str:
    """What is wrong with a cron expression of five fields, as the end of a sentence; empty if nothing."""
    # The parser is loaded only where there is something to parse: not by every command, and not by the receiver.
    from cronsim import CronSim, CronSimError  # noqa: PLC0415

    fields = len(cron.split())
    if fields != _FIELDS:
        return f"has {fields} field{'' if fields == 1 else 's'}; cron has five: minute, hour, day, month, weekday"
    if len(cron) > _MOST_CHARS:
        return "is too long to be a cron expression"
    try:
        comes = next(CronSim(cron, _SOME_DAY), None)
    except CronSimError as error:
        said = str(error)
        return f"is no cron expression: {said[:1].lower()}{said[1:]}"
    return "" if comes is not None else "names a moment that never comes"


def slot_of(cron: str, now: datetime) -> datetime:
    """The newest moment of the expression that is not after `now`."""
    from cronsim import CronSim  # noqa: PLC0415

    # The iterator begins before the moment it is given; a moment of cron's is a whole second.
    return next(CronSim(cron, now.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1), reverse=True))


def slot_after(cron: str, now: datetime) -> datetime:
    """The next moment of the expression after `now`."""
    from cronsim import CronSim  # noqa: PLC0415

    return next(CronSim(cron, now.astimezone(UTC)))
