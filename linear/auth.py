"""Who we are to Linear: a personal key, or an app's token that is renewed once for all who wait for it.

The transport sends these to the API's own address only and follows no redirect with them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from datetime import UTC, datetime

import httpx2
from pydantic import BaseModel, ValidationError

from linear.budget import resume_at
from linear.errors import LinearError, RateLimited, Unauthorized, Unreachable
from linear.failures import without_secrets

_TIMEOUT = httpx2.Timeout(30, connect=5)
_UNAUTHORIZED = 401


class Credentials(httpx2.Auth):
    """What proves who we are. `secrets` are the texts that must never come out in a message."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that is secret about them right now."""
        raise NotImplementedError


class ApiKey(Credentials):
    """A personal API key, sent raw: Linear refuses one behind `Bearer`. Raises Unauthorized for what cannot be one."""

    def __init__(self, key: str) -> None:
        """`key` as Linear shows it, `lin_api_...`."""
        self._key = key.strip()
        if not self._key or not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            raise Unauthorized("the API key is empty or holds characters that no key has")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return (self._key,)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Called by httpx2 for each request."""
        request.headers["Authorization"] = self._key
        yield request


class _Granted(BaseModel):
    """The answer of the token endpoint. `expires_in`: seconds."""

    access_token: str
    expires_in: float = 3600


class _Refused(BaseModel):
    """The same when it grants nothing (RFC 6749, section 5.2)."""

    error: str = ""
    error_description: str = ""


class AppToken(Credentials):
    """An OAuth app's own token, by client credentials (RFC 6749, section 4.4).

    Linear gives these no refresh token: on a 401 a new one is asked for, once for all requests that wait. Asking with
    other scopes than before revokes every token of the app, so `scopes` is fixed here.
    """

    requires_response_body = True

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        oauth_url: str,
        http: httpx2.AsyncClient,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`oauth_url`: the token endpoint. `clock`: seconds from any start, to know when a token has run out."""
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = ",".join(scopes)
        self._oauth_url = oauth_url
        self._http = http
        self._clock = clock
        self._token: str | None = None
        self._good_until = 0.0
        self._asking: asyncio.Task[str] | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The client secret and the token in use."""
        return (self._client_secret, self._token or "")

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Called by httpx2 for each request: sends it again, once, with a new token where the first is refused.

        Raises Unauthorized, RateLimited or Unreachable where no token is to be had.
        """
        token = await self._current(refused=None)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            token = await self._current(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    async def _current(self, *, refused: str | None) -> str:
        if self._token is not None and self._token != refused and self._clock() < self._good_until:
            return self._token
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._asked)
        # Shielded: whoever gives up waiting must not take the token from the others.
        return await asyncio.shield(self._asking)

    def _asked(self, task: asyncio.Task[str]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is warned when all who waited have gone

    async def _ask(self) -> str:
        try:
            response = await self._http.post(
                self._oauth_url,
                data={"grant_type": "client_credentials", "scope": self._scope},
                auth=httpx2.BasicAuth(self._client_id, self._client_secret),
                timeout=_TIMEOUT,
                follow_redirects=False,
            )
        except httpx2.HTTPError as error:
            raise Unreachable(f"Linear's token endpoint gave no answer ({type(error).__name__})") from None
        if response.status_code != 200:  # noqa: PLR2004 - HTTP's number
            raise self._refusal(response)
        try:
            granted = _Granted.model_validate_json(response.content)
        except ValidationError:
            raise Unreachable("Linear's token endpoint answered something that is no token") from None
        self._token = granted.access_token
        margin = min(60.0, granted.expires_in / 10)
        self._good_until = self._clock() + granted.expires_in - margin
        return self._token

    def _refusal(self, response: httpx2.Response) -> LinearError:
        status = response.status_code
        if status == 429:  # noqa: PLR2004
            return RateLimited(resume_at(response.headers, datetime.now(UTC)))
        if status in {400, _UNAUTHORIZED, 403}:
            try:
                refused = _Refused.model_validate_json(response.content)
            except ValidationError:
                refused = _Refused()
            said = without_secrets(refused.error_description or refused.error, self.secrets)
            return Unauthorized(f"Linear gives the app no token: {said or f'HTTP {status}'}")
        return Unreachable(f"Linear's token endpoint answered HTTP {status}")
