"""Is this delivery Linear's, and what does it say? No I/O.

The rules are those of Linear's page on webhooks: `Linear-Signature` is the bare lower-case hex HMAC-SHA256 of the raw
body, and the signed `webhookTimestamp` must be recent. Its retries, after a minute, an hour and six hours, are reported
to carry the first stamp, so an old one is told apart as `late` instead of refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, cast

from pydantic import ValidationError

from linear.errors import WebhookRejected
from linear.events import (
    Actor,
    AgentSessionEvent,
    CommentEvent,
    Delivery,
    Event,
    IssueEvent,
    OtherEvent,
)

STALE_AFTER = 60_000
"""Milliseconds after which a delivery is late; as far ahead of our clock a stamp is refused."""

LATE_UP_TO = 8 * 60 * 60 * 1000
"""Milliseconds up to which a late delivery may still be a retry of Linear's: the last one comes after seven hours."""

MAX_BYTES = 5 * 1_048_576
"""The body cap of Linear's own SDK."""

_LONGEST_ID = 128
# Halves of a surrogate pair on their own, and NUL: JSON may carry them, no database and no UTF-8 answer can.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def sign(body: bytes, secret: str) -> str:
    """The `Linear-Signature` of a raw body: 64 lower-case hex digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def parse(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    now_ms: int,
    *,
    max_bytes: int = MAX_BYTES,
) -> Delivery:
    """The delivery that `body` is, once it is sure that Linear sent it.

    `headers` may be spelt in any case. `secrets` are all that are valid now, in any order; empty ones count for
    nothing. `now_ms` is Unix time in milliseconds. Types, fields and values not known give an `OtherEvent` or are
    ignored. Raises WebhookRejected with 413 (too large, looked at first), 400 (a header is missing, or a signed body
    is malformed) or 401 (signature wrong, stamp over a minute ahead or over eight hours old).
    """
    if len(body) > max_bytes:
        raise WebhookRejected(413, "the body is too large")
    named = {name.lower(): value for name, value in headers.items()}
    signature = named.get("linear-signature", "")
    delivery_id = named.get("linear-delivery", "").strip()
    if not signature:
        raise WebhookRejected(400, "Linear-Signature is missing")
    if not delivery_id or len(delivery_id) > _LONGEST_ID or not (delivery_id.isascii() and delivery_id.isprintable()):
        raise WebhookRejected(400, "Linear-Delivery is missing or malformed")
    if not _signed(body, signature, secrets):
        raise WebhookRejected(401, "the signature is wrong")

    payload = _payload(body)
    organization_id, stamp = payload.get("organizationId"), payload.get("webhookTimestamp")
    if not isinstance(organization_id, str) or not organization_id:
        raise WebhookRejected(400, "organizationId is missing")
    if not isinstance(stamp, int) or isinstance(stamp, bool):
        raise WebhookRejected(400, "webhookTimestamp is missing or no whole number")
    age = now_ms - stamp
    if age < -STALE_AFTER:
        raise WebhookRejected(401, "webhookTimestamp lies in the future")
    if age > LATE_UP_TO:
        raise WebhookRejected(401, "webhookTimestamp is too old")
    webhook_id = payload.get("webhookId")
    return Delivery(
        id=delivery_id,
        digest=hashlib.sha256(body).hexdigest(),
        sent_at=stamp,
        late=age > STALE_AFTER,
        organization_id=organization_id,
        webhook_id=webhook_id if isinstance(webhook_id, str) else "",
        event=_event(payload),
    )


def _signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    given = signature.encode("utf-8", "replace")  # compare_digest refuses a str that is not ASCII
    right = False
    for secret in secrets:
        if secret:
            right |= hmac.compare_digest(sign(body, secret).encode(), given)
    return right


def _payload(body: bytes) -> dict[str, object]:
    try:
        text = body.decode("utf-8")
        payload: object = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_duplicates
        )
        if "\\u" in text:
            payload = _storable(payload)
    except RecursionError:
        raise WebhookRejected(400, "the body is nested too deeply") from None
    except ValueError:  # bad UTF-8 and bad JSON are ValueErrors too
        raise WebhookRejected(400, "the body is not JSON") from None
    if not isinstance(payload, dict):
        raise WebhookRejected(400, "the body is no object")
    return cast("dict[str, object]", payload)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")  # which of the two counts, parsers do not agree on
    return found


def _storable(value: object) -> object:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _storable(each) for key, each in cast("dict[str, object]", value).items()}
    return value


def _event(payload: Mapping[str, object]) -> Event:
    kind = _word(payload, "type")
    try:
        match kind:
            case "Issue":
                return IssueEvent.model_validate(_entity(payload))
            case "Comment":
                return CommentEvent.model_validate(_entity(payload))
            case "AgentSessionEvent":
                return AgentSessionEvent.model_validate({"action": payload.get("action")})
            case _:
                pass
    except ValidationError:
        pass  # a known type in a shape not known yet is news, not an error
    return OtherEvent(type=kind, action=_word(payload, "action"))


def _entity(payload: Mapping[str, object]) -> dict[str, object]:
    """The parts of an entity's payload that events hold, with Linear's nulls made into what they stand for."""
    data = _without_nulls(_object(payload.get("data")))
    for name in ("state", "team", "issue"):
        if name in data:
            data[name] = _without_nulls(_object(data[name]))
    return {
        "action": payload.get("action"),
        "actor": _actor(payload.get("actor")),
        "data": data,
        "updatedFrom": _before(payload.get("updatedFrom")),
    }


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _without_nulls(value: Mapping[str, object]) -> dict[str, object]:
    return {name: each for name, each in value.items() if each is not None}


def _before(value: object) -> object:
    """In `updatedFrom` null says that the property was unset before, while a property that is absent did not change."""
    if not isinstance(value, dict):
        return {}
    before = cast("dict[str, object]", value)
    unset: dict[str, object] = {"labelIds": [], "body": "", "title": "", "description": ""}
    return {name: unset.get(name) if each is None else each for name, each in before.items()}


def _actor(value: object) -> Actor | None:
    """Who did it, or None where that is told in a shape not known: the event itself still counts."""
    try:
        return Actor.model_validate(_without_nulls(_object(value)))
    except ValidationError:
        return None


def _word(payload: Mapping[str, object], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""
