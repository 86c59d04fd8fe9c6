"""One operation out, its data or a typed error back. Retries, and shares the pause of all callers.

gql speaks the protocol over the one HTTP client of the whole program. Everything we send may be sent twice: reads
change nothing and writes carry ids made beforehand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import httpx2
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportClosed, TransportConnectionFailed, TransportError, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from graphql import ExecutionResult

from linear.auth import Credentials
from linear.budget import Budget, budget, points_charged
from linear.errors import LinearError, RateLimited, Unreachable
from linear.failures import failure
from linear.operations import Operation
from linear.pause import Clock, Pause, Sleep

TIMEOUT = httpx2.Timeout(30, connect=5)
"""Seconds for one request. A caller's own deadline goes around the call: `asyncio.timeout`."""

BACKOFF_S = (0.25, 1.0)
"""Waits between attempts where no usable answer came; so there are three attempts."""


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


@dataclass
class _Exchange:
    """Status and headers of one call. gql keeps only the last one's, which under concurrency may be another call's."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


_exchange: ContextVar[_Exchange] = ContextVar("linear_exchange")


class _OverSharedClient(HTTPXAsyncTransport):
    """gql's transport over an HTTP client that is not its own to open or close."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        super().__init__(url, json_deserialize=_answer)  # pyright: ignore[reportUnknownMemberType] - gql's own gaps
        self._http = http

    async def connect(self) -> None:
        self.client = self._http

    async def close(self) -> None:
        self.client = None

    def _prepare_result(self, response: httpx2.Response) -> ExecutionResult:
        exchange = _exchange.get()
        exchange.status, exchange.headers = response.status_code, response.headers
        return super()._prepare_result(response)  # pyright: ignore[reportUnknownMemberType] - gql's own gaps


def _answer(content: bytes) -> dict[str, object]:
    """A GraphQL answer, or ValueError: then gql treats it as none."""
    found: object = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what json.loads raises for text that is no JSON at all
    answer = cast("dict[str, object]", found)
    errors, data = answer.get("errors"), answer.get("data")
    if not (errors is None or isinstance(errors, list)) or not (data is None or isinstance(data, dict)):
        raise ValueError("neither data nor errors")
    if not errors and data is None:
        raise ValueError("neither data nor errors")
    return answer


class Transport:
    """The way to one Linear, for any number of callers at once.

    `budget` is what the last answer said is left (None: nothing yet); `requests` counts what was sent, retries too;
    `points` adds up what Linear said it charged; `clock_skew_s` is how far our clock is ahead of the last answer's
    `Date`, in seconds (it has whole ones, and the answer took its time).
    """

    def __init__(
        self,
        url: str,
        auth: Credentials,
        http: httpx2.AsyncClient,
        *,
        max_wait_s: float = 30,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`max_wait_s`: a rate limit that lasts longer is raised, not waited out. `jitter` answers 0 to 1."""
        self.budget: Budget | None = None
        self.requests = 0
        self.points = 0
        self.clock_skew_s: float | None = None
        self.sleep = sleep
        self._auth = auth
        self._clock = clock
        self._jitter = jitter
        self._max_wait_s = max_wait_s
        self._pause = Pause(clock, sleep)
        self._client = Client(transport=_OverSharedClient(url, http), execute_timeout=None)
        self._session: AsyncClientSession | None = None

    async def connect(self) -> None:
        """To be called once, before anything is sent. Sends nothing itself."""
        session = await self._client.connect_async()  # pyright: ignore[reportUnknownMemberType] - gql's own gaps
        self._session = cast("AsyncClientSession", session)

    async def close(self) -> None:
        """Afterwards every call raises Unreachable. The HTTP client stays open."""
        self._session = None
        await self._client.close_async()

    async def execute(
        self, operation: Operation, variables: Mapping[str, object], *, creating: Collection[str] = ()
    ) -> dict[str, object]:
        """The `data` of one operation; errors beside data count as failure, and so does `success: false`.

        `creating`: the ids, lower case, that the operation makes; with these a conflict is AlreadyMade. Raises what
        `linear.errors` draws: Unreachable only after three attempts, RateLimited only where waiting would take longer
        than `max_wait_s`.
        """
        request = GraphQLRequest(operation.request, variable_values=dict(variables), operation_name=operation.name)
        failed, waited = 0, 0.0
        while True:
            waited += await self._pause.wait(self._max_wait_s - waited)
            try:
                return await self._once(request, creating)
            except RateLimited as limited:
                self._pause.hold(limited.until)
            except Unreachable:
                if failed == len(BACKOFF_S):
                    raise
                await self.sleep(BACKOFF_S[failed] * (0.5 + self._jitter()))
                failed += 1

    async def _once(self, request: GraphQLRequest, creating: Collection[str]) -> dict[str, object]:
        if self._session is None:
            raise Unreachable("the connection to Linear is closed")
        exchange = _Exchange()
        token = _exchange.set(exchange)
        self.requests += 1
        try:
            data = cast(
                "dict[str, object]",
                await self._session.execute(
                    request, extra_args={"auth": self._auth, "timeout": TIMEOUT, "follow_redirects": False}
                ),
            )
        except TransportError as error:
            # `from None`: gql's errors quote the whole answer, and a proxy's page may quote our headers.
            raise self._failure(error, exchange, creating) from None
        finally:
            _exchange.reset(token)
            self._note(exchange.headers)
        for name, payload in data.items():
            # No reason is given with it. Repeating with the same ids is harmless, giving up for good is not.
            if isinstance(payload, dict) and cast("dict[str, object]", payload).get("success") is False:
                raise Unreachable(f"Linear answered success: false to {name}")
        return data

    def _failure(self, error: TransportError, exchange: _Exchange, creating: Collection[str]) -> LinearError:
        cause = error.__cause__
        match error:
            case TransportConnectionFailed() if isinstance(cause, LinearError):
                return cause  # the credentials could not be had
            case TransportConnectionFailed():
                return Unreachable(f"Linear gave no answer ({type(cause).__name__})")
            case TransportClosed():
                return Unreachable("the connection to Linear is closed")
            case _:
                pass
        errors = cast("list[object]", error.errors or []) if isinstance(error, TransportQueryError) else []
        return failure(
            errors,
            status=exchange.status,
            headers=exchange.headers,
            now=self._clock(),
            creating=creating,
            secrets=self._auth.secrets,
        )

    def _note(self, headers: Mapping[str, str]) -> None:
        with contextlib.suppress(KeyError, ValueError, TypeError):
            ahead = self._clock() - parsedate_to_datetime(headers["date"])
            self.clock_skew_s = ahead.total_seconds()
        self.points += points_charged(headers)
        told = budget(headers)
        if told is not None:
            self.budget = told
