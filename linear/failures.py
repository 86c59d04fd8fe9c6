"""Which of our errors an answer of Linear's is. Decided here once, for every call. No I/O.

Linear's errors are `{message, extensions: {code, type, statusCode, userPresentableMessage}}`; none of these is always
there, and the HTTP status does not always fit, so each is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from linear.budget import resume_at
from linear.errors import AlreadyMade, LinearError, NotFound, RateLimited, Rejected, Unauthorized, Unreachable

_CONFLICT = re.compile(r"\s*conflict on insert of (\w+)", re.IGNORECASE)
_ABSENT = re.compile(r"entity not found(?::\s*(\w+))?|could not find referenced (\w+)", re.IGNORECASE)
_TOKENS = re.compile(r"\blin_[a-z]+_\w+|\bBearer\s+\S+", re.IGNORECASE)
_LONGEST = 300

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVERS_FAULT = 401, 403, 429, 500  # HTTP's numbers

_RATE = {"ratelimited"}
_KEY = {"authentication error", "authentication_error", "unauthenticated"}
_SCOPE = {"forbidden"}
_PASSING = {"lock timeout", "lock_timeout", "internal error", "internal_server_error", "network error"}
_PASSING_MESSAGE = re.compile(r"internal server error", re.IGNORECASE)


@dataclass(frozen=True)
class _Complaint:
    """One entry of `errors`, whatever shape it came in."""

    message: str
    for_people: str
    words: frozenset[str]
    status: int | None

    @property
    def reason(self) -> str:
        return self.for_people or self.message


def failure(
    errors: Sequence[object],
    *,
    status: int | None,
    headers: Mapping[str, str],
    now: datetime,
    creating: Collection[str] = (),
    secrets: Collection[str] = (),
) -> LinearError:
    """The error that a failed answer is, to be raised.

    `errors`: GraphQL's, empty where the answer was no GraphQL. `status` and `headers` (lower-case keys, or ignoring
    case) are HTTP's; None: nothing came. `creating`: the ids that the request asked Linear to make, lower case. A
    conflict counts as AlreadyMade only if it names one of these: conflicts on other rows, such as the
    `DocumentContent` behind a description, are real failures. Where several errors came, the one that says most about
    whether to repeat wins. No text of `secrets` comes out.
    """
    complaints = [_complaint(each) for each in errors]
    if status == _TOO_MANY or any(each.words & _RATE or each.status == _TOO_MANY for each in complaints):
        return RateLimited(resume_at(headers, now))
    if not complaints:
        return _without_graphql(status, headers)
    found = [_one(each, status, creating, secrets) for each in complaints]
    for kind in (Unauthorized, Unreachable, AlreadyMade, NotFound):
        for each in found:
            if isinstance(each, kind):
                return each
    return found[0]


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """`text` on one line, cut to a readable length, without any of `secrets` or anything that looks like a token."""
    for each in secrets:
        if each:
            text = text.replace(each, "[secret]")
    text = " ".join(_TOKENS.sub("[secret]", text).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _one(complaint: _Complaint, http: int | None, creating: Collection[str], secrets: Collection[str]) -> LinearError:
    reason = without_secrets(complaint.reason, secrets)
    conflict = _CONFLICT.match(complaint.message)
    if conflict:
        # Ours or not, it stays a conflict, whatever status carries it.
        return _conflict(conflict[1], complaint, creating) or Rejected(reason)
    statuses = {complaint.status, http}
    absent = _ABSENT.search(complaint.message) or _ABSENT.search(complaint.for_people)
    if complaint.words & _KEY or _UNAUTHORIZED in statuses:
        return Unauthorized(reason or "Linear does not accept the key")
    if complaint.words & _SCOPE or _FORBIDDEN in statuses:
        return Unauthorized(reason or "the key may not do this")
    if absent:
        return NotFound(absent[1] or absent[2] or "entity")
    passing = complaint.words & _PASSING or _PASSING_MESSAGE.search(complaint.message)
    if passing or any(each and each >= _SERVERS_FAULT for each in statuses):
        return Unreachable(f"Linear could not answer just now: {reason or http}")
    return Rejected(reason or "Linear refused the request and did not say why")


def _conflict(entity: str, complaint: _Complaint, creating: Collection[str]) -> AlreadyMade | None:
    said = f"{complaint.message} {complaint.for_people}".lower()
    taken = next((each for each in creating if each in said), None)
    return None if taken is None or entity.lower() == "documentcontent" else AlreadyMade(entity, taken)


def _without_graphql(status: int | None, headers: Mapping[str, str]) -> LinearError:
    """For an answer that is none: a proxy's page, an empty body, a redirect."""
    html = "text/html" in headers.get("content-type", "")
    match status:
        case 401:
            return Unauthorized("Linear does not accept the key (HTTP 401)")
        case 403:
            return Unauthorized("the key may not do this (HTTP 403)")
        case 413:
            return Rejected("the text is larger than Linear takes")
        case int() if 400 <= status < _SERVERS_FAULT and status not in {408, 425} and not html:  # noqa: PLR2004
            return Rejected(f"HTTP {status} without an answer in GraphQL; is the API's address right?")
        case _:
            what = "a web page" if html else "something that is no answer"
            return Unreachable(f"Linear's address answered HTTP {status} with {what}")


def _complaint(error: object) -> _Complaint:
    if not isinstance(error, dict):
        return _Complaint(str(error), "", frozenset(), None)
    fields = cast("dict[str, object]", error)
    given = fields.get("extensions")
    extensions = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    status = extensions.get("statusCode")
    return _Complaint(
        message=_text(fields.get("message")),
        for_people=_text(extensions.get("userPresentableMessage")),
        words=frozenset(_text(extensions.get(name)).lower() for name in ("code", "type")) - {""},
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
