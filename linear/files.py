"""Files of Linear's file host, read with the key that reads everything else. The key goes to that origin only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

import httpx2

from linear.auth import Credentials
from linear.budget import resume_at
from linear.errors import LinearError, NotFound, RateLimited, Rejected, Unauthorized, Unreachable

FILES_ORIGIN = "https://uploads.linear.app"
"""Where Linear keeps what people put into texts."""

WITHIN_S = 60.0
"""Seconds for one file, from asking to its last byte."""

_TIMEOUT = httpx2.Timeout(20, connect=5)
_PORTS = {"http": 80, "https": 443}
_REDIRECTS, _SERVERS_FAULT = range(300, 400), 500


@dataclass(frozen=True)
class Downloaded:
    """A whole file. `media_type` is what the host calls it, lower case and without parameters; it may be wrong."""

    body: bytes
    media_type: str


def is_of(url: str, origin: str) -> bool:
    """Whether an address lies at exactly that origin: the same scheme, host and port, and no user in it."""
    asked, allowed = _parts(url), _parts(origin)
    if asked is None or allowed is None:
        return False
    return "@" not in asked.netloc and _origin(asked) == _origin(allowed)


async def download(
    http: httpx2.AsyncClient, auth: Credentials, origin: str, url: str, *, most: int, within_s: float = WITHIN_S
) -> Downloaded:
    """Read a file of at most `most` bytes whole; the key is shown to `origin` alone, and no redirect is followed.

    Raises Rejected for an address elsewhere, a redirect and a file that is too large; NotFound, Unauthorized,
    RateLimited; Unreachable where it may work another time.
    """
    if not is_of(url, origin):
        raise Rejected("it does not lie at Linear's file host")
    try:
        async with (
            asyncio.timeout(within_s),
            http.stream(
                "GET",
                url,
                # Compressed, a small body could become a large one.
                headers={"Accept-Encoding": "identity"},
                auth=auth,
                timeout=_TIMEOUT,
                follow_redirects=False,
            ) as response,
        ):
            _check(response)
            return await _body(response, most)
    except TimeoutError:
        raise Unreachable(f"Linear's file host did not send the file within {within_s:g} seconds") from None
    except httpx2.InvalidURL:
        raise Rejected("its address cannot be read") from None
    except httpx2.HTTPError as error:
        raise Unreachable(f"Linear's file host gave no answer ({type(error).__name__})") from None


def _parts(url: str) -> SplitResult | None:
    # Readers of addresses differ on blanks, control characters and backslashes: none has business in one.
    if not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _check(response: httpx2.Response) -> None:
    """Raises what an answer without a file means."""
    status = response.status_code
    if status == 200:  # noqa: PLR2004 - HTTP's numbers, here and below
        return
    error: LinearError
    match status:
        case 401 | 403:
            error = Unauthorized("the key may not read this file")
        case 404 | 410:
            error = NotFound("file")
        case 429:
            error = RateLimited(resume_at(response.headers, datetime.now(UTC)))
        case _ if status in _REDIRECTS:
            error = Rejected("Linear's file host sends elsewhere for it, and redirects are not followed")
        case _ if status >= _SERVERS_FAULT or status == 408:  # noqa: PLR2004
            error = Unreachable(f"Linear's file host answered HTTP {status}")
        case _:
            error = Rejected(f"Linear's file host answered HTTP {status}")
    raise error


async def _body(response: httpx2.Response, most: int) -> Downloaded:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejected("Linear's file host sent it compressed, unasked")
    told = response.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise _too_large(most, int(told))
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Downloaded(bytes(body), media_type)


def _too_large(most: int, size: int | None = None) -> Rejected:
    of = f"it has {size / 1_000_000:,.1f} MB" if size else "it is too large"
    return Rejected(f"{of}, and at most {most / 1_000_000:,.1f} MB are read")
