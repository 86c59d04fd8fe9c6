"""What can go wrong between us and Linear, as a tree. The leaf says what the caller can do.

LinearError
├── WebhookRejected   not a delivery of Linear's: answer `status`, record nothing
├── Unreachable       no answer, or one that is none: whether it was applied is unknown; do the same again later
├── RateLimited       do the same again after `until`
├── Unauthorized      the key or token is wrong, revoked or lacks a scope: an operator must act
├── NotFound          it is gone, or the key may not see it
├── AlreadyMade       an id of ours is taken: what we wanted to make may stand; read it back
└── Rejected          Linear refuses this for good: do not repeat; `reason` can be shown to people
"""

from __future__ import annotations

from datetime import datetime


class LinearError(Exception):
    """Root of everything this package raises on purpose."""


class WebhookRejected(LinearError):
    """A delivery that is not to be trusted. `status` is the HTTP answer: 400, 401 or 413."""

    def __init__(self, status: int, reason: str) -> None:
        """`reason` is for the log: one clause, no secret, nothing of the body."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Unreachable(LinearError):
    """No usable answer. The write may or may not have been applied: repeat it with the same ids."""


class RateLimited(LinearError):
    """Linear asks us to wait. `until` is a time in UTC."""

    def __init__(self, until: datetime) -> None:
        """`until`: the latest reset Linear named."""
        super().__init__(f"Linear's rate limit is used up until {until:%H:%M:%S} UTC")
        self.until = until


class Unauthorized(LinearError):
    """The key is wrong, revoked, or may not do this. `reason` is Linear's own message."""

    def __init__(self, reason: str) -> None:
        """`reason` names the missing scope where Linear names it."""
        super().__init__(reason)
        self.reason = reason


class NotFound(LinearError):
    """No such entity, or none that this key can see."""

    def __init__(self, entity: str) -> None:
        """`entity` is Linear's type name, `Issue` for one."""
        super().__init__(f"Linear knows no such {entity}, or this key may not see it")
        self.entity = entity


class AlreadyMade(LinearError):
    """`conflict on insert of <entity>` with an id we sent: an earlier attempt of ours may have landed."""

    def __init__(self, entity: str, id: str) -> None:
        """`id` is the one that is taken, lower case."""
        super().__init__(f"{entity} {id} is there already")
        self.entity = entity
        self.id = id


class Rejected(LinearError):
    """Linear refuses for good: invalid input, a usage limit, a feature the workspace lacks."""

    def __init__(self, reason: str) -> None:
        """`reason` is Linear's message for people where there is one."""
        super().__init__(reason)
        self.reason = reason
