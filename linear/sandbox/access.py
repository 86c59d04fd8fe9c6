"""Keys and tokens: who a request acts as, and what is left of its hour."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from linear.sandbox import rules
from linear.sandbox.rows import Actor, User

HOUR = 3600.0
TOKEN_LIVES_S = 2_591_999
"""Thirty days, as Linear says it."""


@dataclass
class Bucket:
    """A leaky bucket as Linear's limits are: `limit` an hour, refilled evenly."""

    limit: int
    used: float = 0.0
    at: float = field(default_factory=time.monotonic)

    def leak(self) -> None:
        """Lets time pass."""
        now = time.monotonic()
        self.used = max(0.0, self.used - (now - self.at) * self.limit / HOUR)
        self.at = now

    @property
    def remaining(self) -> int:
        """What can be spent now."""
        return max(0, int(self.limit - self.used))

    @property
    def reset(self) -> int:
        """When it is whole again, in epoch milliseconds."""
        return int((time.time() + self.used * HOUR / self.limit) * 1000)


@dataclass
class Hour:
    """The two limits of one key."""

    identifier: str
    kind: str
    requests: Bucket
    points: Bucket

    def charge(self, points: int) -> None:
        """Spends one request. Raises Refusal, and spends nothing, where either limit is used up."""
        for bucket, amount, unit in ((self.requests, 1, "requests"), (self.points, points, "complexity points")):
            bucket.leak()
            if bucket.used + amount > bucket.limit:
                raise rules.rate_limited(bucket.limit, unit)
        self.requests.used += 1
        self.points.used += points

    def headers(self) -> dict[str, str]:
        """As Linear sends them with every answer. Resets are epoch milliseconds."""
        return {
            f"X-RateLimit-{name}-{part}": str(value)
            for name, bucket in (("Requests", self.requests), ("Complexity", self.points))
            for part, value in (("Limit", bucket.limit), ("Remaining", bucket.remaining), ("Reset", bucket.reset))
        }

    def status(self) -> dict[str, object]:
        """RateLimitPayload."""
        return {
            "identifier": self.identifier,
            "kind": self.kind,
            "limits": [
                {
                    "type": name,
                    "allowedAmount": float(bucket.limit),
                    "requestedAmount": 1.0,
                    "remainingAmount": float(bucket.remaining),
                    "period": HOUR * 1000,
                    "reset": float(bucket.reset),
                }
                for name, bucket in (("requests", self.requests), ("complexity", self.points))
            ],
        }


class OAuthRefusal(Exception):
    """The token endpoint says no: `status` is HTTP's, `error` and `description` are OAuth's."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class Access:
    """The keys of one workspace: a person's API key, and an OAuth app's tokens. Safe to use from any thread."""

    def __init__(
        self,
        *,
        api_key: str,
        person: User,
        client_id: str,
        client_secret: str,
        app: User,
        requests_per_hour: int | None = None,
        points_per_hour: int | None = None,
    ) -> None:
        """Limits default to those that Linear is reported to have: FIDELITY.md."""
        self.api_key = api_key
        self.client_id = client_id
        self.client_secret = client_secret
        self.asked = 0
        self._lock = threading.Lock()
        self._person = Actor(person)
        self._app = Actor(app, client_id=client_id)
        self._tokens: dict[str, float] = {}
        self._scopes: frozenset[str] = frozenset()
        self._key_is_good = True
        self._hours = {
            person.id: Hour(
                person.id, "apiKey", Bucket(requests_per_hour or 2_500), Bucket(points_per_hour or 3_000_000)
            ),
            app.id: Hour(app.id, "oauthApp", Bucket(requests_per_hour or 5_000), Bucket(points_per_hour or 2_000_000)),
        }

    def actor(self, authorization: str) -> Actor:
        """Who acts. A key is sent raw and a token behind `Bearer`. Raises Refusal."""
        with self._lock:
            if authorization.startswith("Bearer "):
                until = self._tokens.get(authorization.removeprefix("Bearer "))
                if until is not None and time.monotonic() < until:
                    return self._app
            elif self._key_is_good and secrets.compare_digest(authorization.encode(), self.api_key.encode()):
                return self._person
        raise rules.unauthenticated()

    def hour(self, actor: Actor) -> Hour:
        """What is left for that actor."""
        return self._hours[actor.user.id]

    def token(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        """The answer of the token endpoint for client credentials. Raises OAuthRefusal."""
        client_id, client_secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials":
            raise OAuthRefusal(400, "unsupported_grant_type", "Only client_credentials is offered here.")
        if not secrets.compare_digest(
            f"{client_id}\n{client_secret}".encode(), f"{self.client_id}\n{self.client_secret}".encode()
        ):
            raise OAuthRefusal(401, "invalid_client", "Client authentication failed.")
        scopes = frozenset(each for each in form.get("scope", "").replace(",", " ").split() if each)
        if not scopes:
            raise OAuthRefusal(400, "invalid_scope", "A scope is required.")
        with self._lock:
            if scopes != self._scopes:
                # Asking with other scopes revokes all that were given.
                self._tokens.clear()
                self._scopes = scopes
            token = f"lin_oauth_{secrets.token_hex(20)}"
            self._tokens[token] = time.monotonic() + TOKEN_LIVES_S
            self.asked += 1
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIVES_S,
            "scope": " ".join(sorted(scopes)),
        }

    def revoke(self, what: str) -> None:
        """`key`: the API key is no longer good; `tokens`: no token is; `restore`: the key is good again."""
        with self._lock:
            match what:
                case "key":
                    self._key_is_good = False
                case "tokens":
                    self._tokens.clear()
                case "restore":
                    self._key_is_good = True
                case _:
                    raise ValueError("key, tokens or restore")


def _basic(authorization: str) -> tuple[str, str] | None:
    if not authorization.startswith("Basic "):
        return None
    try:
        name, _, password = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, password
