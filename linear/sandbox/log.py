"""What was asked of the stand-in, in order: for tests that count, and for those that stop a bot between two writes."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import Literal, cast

When = Literal["before", "after"]


@dataclass
class Asked:
    """One request. `write` counts mutations from 1, queries have none; `ids` are what it made or changed.

    `applied`: it changed something. `landed`: this is a late write, done now and not when it was asked.
    """

    seq: int
    operation: str
    write: int | None
    actor: str
    points: int
    status: int | None = None
    applied: bool = False
    refused: bool = False
    landed: bool = False
    fault: str | None = None
    held: bool = False
    fields: int = 1
    ids: list[str] = field(default_factory=list[str])


@dataclass
class Counted:
    """What one operation was used for. `points` is what Linear would have charged."""

    requests: int = 0
    points: int = 0
    refused: int = 0


class Log:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self._seq = 0
        self._writes = 0
        self._stop: tuple[int, When] | None = None

    def begin(self, operation: str, *, is_mutation: bool, actor: str, points: int) -> tuple[Asked, When | None]:
        """A request comes; and whether it is to be held: before it is executed, or after."""
        with self._lock:
            self._seq += 1
            self._writes += is_mutation
            entry = Asked(
                seq=self._seq,
                operation=operation,
                write=self._writes if is_mutation else None,
                actor=actor,
                points=points,
            )
            self._asked.append(entry)
            if is_mutation and self._stop is not None and self._stop[0] == self._writes:
                when, self._stop = self._stop[1], None
                return entry, when
            return entry, None

    def stop_at(self, write: int, when: When) -> int:
        """The `write`-th mutation from now on (1: the next) is to be held; answers its number in the log."""
        if write < 1:
            raise ValueError("write counts from 1")
        with self._lock:
            self._stop = (self._writes + write, when)
            return self._stop[0]

    def go_on(self) -> None:
        """Nothing more is to be held."""
        with self._lock:
            self._stop = None

    def clear(self) -> None:
        """Forgets what was asked; numbers go on."""
        with self._lock:
            self._asked.clear()

    @property
    def all(self) -> tuple[Asked, ...]:
        """Every request, in order."""
        with self._lock:
            return tuple(self._asked)

    @property
    def writes(self) -> tuple[Asked, ...]:
        """The mutations, in order, without those that landed late."""
        return tuple(each for each in self.all if each.write is not None and not each.landed)

    @property
    def held(self) -> bool:
        """Whether a request is being held."""
        return any(each.held for each in self.all)

    def counted(self) -> dict[str, Counted]:
        """By operation."""
        found: dict[str, Counted] = {}
        for each in self.all:
            if each.landed:
                continue
            of = found.setdefault(each.operation, Counted())
            of.requests += 1
            of.points += each.points
            of.refused += each.refused
        return found

    def as_json(self) -> dict[str, object]:
        """The log, the counts, and whether something is held."""
        counted = self.counted()
        return {
            "held": self.held,
            "requests": sum(each.requests for each in counted.values()),
            "points": sum(each.points for each in counted.values()),
            "operations": {name: asdict(each) for name, each in counted.items()},
            "log": [cast("dict[str, object]", asdict(each)) for each in self.all],
        }
