"""What the stand-in can be told to do wrong, per operation: chosen before a request is executed, and then spent."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import Literal, cast, get_args

Kind = Literal[
    "rate_limit",
    "unauthorized",
    "forbidden",
    "graphql_error",
    "content_conflict",
    "error_before",
    "error_after",
    "reset_before",
    "reset_after",
    "html_before",
    "html_after",
    "slow",
    "delayed",
    "late",
    "half_batch",
    "half_aliases",
]
"""What goes wrong. `before` and `after` mean the change: after, it was made although the answer says nothing of it.

rate_limit        HTTP 400 RATELIMITED with reset headers `reset_after_s` ahead; nothing is done
unauthorized      HTTP 401; nothing is done
forbidden         Linear's "forbidden"; nothing is done
graphql_error     Linear's "internal error" with HTTP 200; nothing is done
content_conflict  "Conflict on insert of DocumentContent"; nothing is done
error_*           HTTP 500 with Linear's "internal error"
reset_*           the connection is reset
html_*            HTTP 502 with a proxy's page
slow              done, and answered after `seconds`
delayed           done only after `seconds`, then answered
late              the connection is reset; it is done only after `writes` more mutations, or `ms` milliseconds
half_batch        the first `keep` issues of a batch are made, then Linear's "internal error"
half_aliases      the first `keep` fields of a mutation are done, then Linear's "internal error"
"""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class Fault:
    """One thing that goes wrong. `operation` is an operation's name, or `*`; `*mutation` for every mutation.

    It strikes from the `on_call`-th matching request on (1: the next), `times` times (0: for ever).
    """

    operation: str
    kind: Kind
    times: int = 1
    on_call: int = 1
    reset_after_s: float = 1.0
    seconds: float = 1.0
    writes: int = 1
    ms: float | None = None
    keep: int = 1
    status: int = 502
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")
        if self.on_call < 1 or self.times < 0:
            raise ValueError("on_call counts from 1, and times is not negative")

    def fits(self, operation: str, *, is_mutation: bool) -> bool:
        """Whether it may strike this request."""
        return self.operation in {operation, "*"} or (self.operation == "*mutation" and is_mutation)


class Faults:
    """The faults that are set up. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        operation: str,
        kind: Kind,
        *,
        times: int = 1,
        on_call: int = 1,
        reset_after_s: float = 1.0,
        seconds: float = 1.0,
        writes: int = 1,
        ms: float | None = None,
        keep: int = 1,
        status: int = 502,
    ) -> Fault:
        """Sets one up; see Fault and Kind for the meaning. Raises ValueError."""
        fault = Fault(
            operation,
            kind,
            times=times,
            on_call=on_call,
            reset_after_s=reset_after_s,
            seconds=seconds,
            writes=writes,
            ms=ms,
            keep=keep,
            status=status,
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def take(self, operation: str, *, is_mutation: bool) -> Fault | None:
        """The fault that strikes this request, if any: the first that is due. All that fit count the request."""
        with self._lock:
            striking = None
            for fault in self._faults:
                if not fault.fits(operation, is_mutation=is_mutation):
                    continue
                fault.seen += 1
                due = fault.seen >= fault.on_call and (fault.times == 0 or fault.struck < fault.times)
                if due and striking is None:
                    fault.struck += 1
                    striking = fault
            return striking

    def listed(self) -> list[dict[str, object]]:
        """All of them as JSON, with how often each was seen and struck."""
        with self._lock:
            return [cast("dict[str, object]", asdict(each)) for each in self._faults]
