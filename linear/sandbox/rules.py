"""What Linear refuses, and the words it refuses with. No I/O.

The forms were seen by people who use the API; FIDELITY.md says which of them nobody has seen yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BATCH = 50
"""Issues in one batch (schema, IssueBatchCreateInput)."""

PAGE = 250
"""The largest `first` or `last`."""

NESTING = 10
"""Levels of sub-issues (schema, Issue.parent)."""

BODY_BYTES = 10_485_760
"""The largest HTTP body."""

_UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


class Refusal(Exception):
    """A request that Linear answers with an error. `extensions` are its own, ready to be sent."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        type: str,
        status: int,
        for_people: str,
        more: Mapping[str, object] | None = None,
    ) -> None:
        """`status` is told in the error; the HTTP status of the answer may differ."""
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, object] = {
            "type": type,
            "code": code,
            "statusCode": status,
            "userError": status < 500,  # noqa: PLR2004 - HTTP's own line between the two
            "userPresentableMessage": for_people,
            **(more or {}),
        }


def invalid(property: str, constraint: str, sentence: str) -> Refusal:
    """An argument that does not pass validation. `constraint` is the rule's name, `sentence` what it wants."""
    return Refusal(
        "Argument Validation Error",
        code="INVALID_INPUT",
        type="invalid input",
        status=400,
        for_people=sentence,
        more={"validationErrors": [{"property": property, "constraints": {constraint: sentence}}]},
    )


def absent(entity: str) -> Refusal:
    """No such row, or none that may be seen: Linear makes no difference."""
    return Refusal(
        f"Entity not found: {entity}",
        code="INPUT_ERROR",
        type="invalid input",
        status=400,
        for_people=f"Could not find referenced {entity}.",
    )


def conflict(entity: str, id: str) -> Refusal:
    """The id is taken."""
    return Refusal(
        f"conflict on insert of {entity}",
        code="INPUT_ERROR",
        type="invalid input",
        status=400,
        for_people=f"Entity {entity} with id {id} already exists.",
    )


def twice(entity: str, sentence: str) -> Refusal:
    """The same thing stands already, under another id."""
    return Refusal(
        f"conflict on insert of {entity}", code="INPUT_ERROR", type="invalid input", status=400, for_people=sentence
    )


def content_conflict() -> Refusal:
    """What is seen at times on writes of long texts: a failure of Linear's, not a sign that ours stands."""
    return Refusal(
        "Conflict on insert of DocumentContent",
        code="INPUT_ERROR",
        type="invalid input",
        status=400,
        for_people="Entity DocumentContent already exists.",
    )


def unfit(sentence: str) -> Refusal:
    """Well-formed, but it does not fit what stands."""
    return Refusal(sentence, code="INPUT_ERROR", type="invalid input", status=400, for_people=sentence)


def forbidden(sentence: str) -> Refusal:
    """The key lacks the right."""
    return Refusal(sentence, code="FORBIDDEN", type="forbidden", status=403, for_people=sentence)


def unauthenticated() -> Refusal:
    """No key, a wrong one, or one in the wrong form."""
    return Refusal(
        "Authentication required, not authenticated",
        code="AUTHENTICATION_ERROR",
        type="authentication error",
        status=401,
        for_people="You need to authenticate to access this operation.",
    )


def internal() -> Refusal:
    """Linear's own fault."""
    return Refusal(
        "Internal server error",
        code="INTERNAL_SERVER_ERROR",
        type="internal error",
        status=500,
        for_people="An internal error occurred.",
    )


def rate_limited(limit: int, unit: str) -> Refusal:
    """Too much in the hour. `unit`: requests or complexity points."""
    return Refusal(
        "Rate limit exceeded",
        code="RATELIMITED",
        type="ratelimited",
        status=429,
        for_people=f"Rate limit exceeded. Only {limit} {unit} are allowed per 1 hour.",
    )


def too_complex(points: int, most: int) -> Refusal:
    """One query above the cap, whatever the budget."""
    return Refusal(
        "Query too complex",
        code="INPUT_ERROR",
        type="invalid input",
        status=400,
        for_people=f"The query has a complexity of {points}. The maximum is {most}.",
    )


def checked_id(given: object) -> str | None:
    """A client's own id in lower case, or None where it sent none. Raises Refusal for what is no UUID v4."""
    if given is None:
        return None
    if not isinstance(given, str) or not _UUID_4.fullmatch(given):
        raise invalid("id", "isUuid", "id must be a UUID.")
    return given.lower()


def is_id(text: str) -> bool:
    """Whether `text` is an id rather than an identifier or a slug."""
    return _UUID_4.fullmatch(text) is not None


def checked_page(name: str, given: object) -> None:
    """Raises Refusal for a `first` or `last` that Linear does not take."""
    if not isinstance(given, int):
        return
    if given > PAGE:
        raise invalid(name, "max", f"{name} must not be greater than {PAGE}")
    if given < 1:
        raise invalid(name, "min", f"{name} must not be less than 1")


def filled(name: str, given: object, longest: int | None = None) -> str:
    """A text that must say something. Raises Refusal."""
    if not isinstance(given, str) or not given.strip():
        raise invalid(name, "isNotEmpty", f"{name} should not be empty")
    if longest is not None and len(given) > longest:
        raise invalid(name, "maxLength", f"{name} must be shorter than or equal to {longest} characters")
    return given


def one_of(given: Mapping[str, object], names: tuple[str, ...], entity: str) -> str:
    """The one of `names` that is given. Raises Refusal for none or several."""
    found = [name for name in names if given.get(name) is not None]
    if len(found) != 1:
        listed = ", ".join(names)
        raise unfit(f"{entity} must belong to exactly one of: {listed}.")
    return found[0]
