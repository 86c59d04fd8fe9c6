"""What can go wrong between a brief and a plan, as a tree. The leaf says what the caller can do. No I/O.

PlannerError
├── ModelBusy      overload, rate limit, a cut stream, the network: ask again, after `retry_after_s` if known
├── ModelRefused   the model declined: asking the same again will not help
├── MoneyOut       a spending limit or an empty balance: stop everything until someone acts
├── CapReached     what the operator lets a plan, a team or a day cost is used up: end this run
├── BadKey         the key is wrong, revoked or may not use this model: an operator must act
├── AskingEnded    whoever asks for this run has given up: end it, or go on with what is there
├── BadRequest     the service calls our request wrong: a bug or a wrong setting; do not repeat
└── PlanUnfit      the model answered, and what it wrote is no plan after all attempts
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN_PROBLEMS = 3
_SHOWN_CHARS = 200


class PlannerError(Exception):
    """Root of everything this package raises on purpose. `str(error)` is one clear sentence fit for people."""


class ModelBusy(PlannerError):
    """No whole answer this time. Nothing was appended to the conversation: the same question may be asked again."""

    def __init__(self, retry_after_s: float | None, reason: str, *, may_be_paid: bool = False) -> None:
        """`retry_after_s` in seconds is what the service asked for, None where it named nothing.

        `may_be_paid`: the question had gone out and an answer may have begun, which the service charges for.
        """
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.reason = reason
        self.may_be_paid = may_be_paid


class ModelRefused(PlannerError):
    """The model declined to answer. `reason` is a sentence for people."""

    def __init__(self, reason: str) -> None:
        """`reason` names the category where the service gives one."""
        super().__init__(reason)
        self.reason = reason


class MoneyOut(PlannerError):
    """A spending limit is reached or the balance is empty. `reason` is a sentence for people."""

    def __init__(self, reason: str) -> None:
        """`reason` says which limit, where the service says it."""
        super().__init__(reason)
        self.reason = reason


class CapReached(PlannerError):
    """What the operator allows is used up. `reason` says which limit, how much of it, and what to do."""

    def __init__(self, reason: str) -> None:
        """`reason` is a sentence or two for people."""
        super().__init__(reason)
        self.reason = reason


class BadKey(PlannerError):
    """The service does not accept the key, or the key may not do this. `reason` never holds the key."""

    def __init__(self, reason: str) -> None:
        """`reason` is a sentence for the operator."""
        super().__init__(reason)
        self.reason = reason


class AskingEnded(PlannerError):
    """Nothing more can be asked in this run. `kind` is a slug, `reason` one or two sentences for people."""

    def __init__(self, kind: str, reason: str) -> None:
        """As whoever keeps the run's memory has it."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class BadRequest(PlannerError):
    """The service calls the request wrong. `reason` quotes its message, shortened, without secrets."""

    def __init__(self, reason: str) -> None:
        """`reason` is a sentence for the operator."""
        super().__init__(reason)
        self.reason = reason


class PlanUnfit(PlannerError):
    """What the model wrote does not make a plan. `problems` are sentences, `attempts` how often it tried."""

    def __init__(self, problems: Sequence[str], attempts: int) -> None:
        """The sentence shows the first few of `problems`, each shortened."""
        self.problems = tuple(problems)
        self.attempts = attempts
        shown = "; ".join(_shorten(problem) for problem in self.problems[:_SHOWN_PROBLEMS])
        more = len(self.problems) - _SHOWN_PROBLEMS
        rest = f"; and {more} more" if more > 0 else ""
        times = "once" if attempts == 1 else f"{attempts} times"
        super().__init__(f"The model tried {times} and its plan still does not fit: {shown}{rest}")


def _shorten(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 3]}..."
