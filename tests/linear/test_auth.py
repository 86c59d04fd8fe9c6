"""Keys and app tokens on the wire."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
import pytest_asyncio

from linear.auth import ApiKey, AppToken
from linear.client import Linear
from linear.errors import LinearError, RateLimited, Unauthorized, Unreachable
from tests.linear.scripted import RESET, Clock, Reply, Request, Script, Step, answer, data, error, html

VIEWER: dict[str, Any] = {
    "viewer": {"id": "u", "name": "Bot"},
    "organization": {"id": "o", "name": "Acme", "urlKey": "acme"},
}
REFUSED = error("Authentication required", http=401, type="authentication error")


def grant(token: str, expires_in: float = 2_591_999) -> Reply:
    return answer({"access_token": token, "token_type": "Bearer", "expires_in": expires_in, "scope": "read write"})


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest_asyncio.fixture
async def oauth() -> AsyncIterator[Script]:
    async with Script() as played:
        yield played
        assert not played.unexpected
        assert not played.steps


@pytest_asyncio.fixture
async def app(script: Script, oauth: Script, clock: Clock, seconds: Seconds) -> AsyncIterator[Linear]:
    async with httpx2.AsyncClient() as http:
        token = AppToken("app-id", "app-secret", ("read", "write"), oauth.url, http, clock=seconds)
        async with await Linear.open(script.url, token, http=http, clock=clock, sleep=clock.sleep) as linear:
            yield linear


@pytest.mark.parametrize(
    "key", ["", "  ", "lin api", "lin_api_\n1", "lin_api_é"], ids=["empty", "blank", "space", "line", "accent"]
)
def test_what_cannot_be_a_key_is_refused_before_anything_is_sent(key: Any) -> None:
    with pytest.raises(Unauthorized):
        ApiKey(key)


async def test_a_key_is_sent_raw_and_trimmed(script: Script) -> None:
    async with await Linear.open(script.url, ApiKey(" lin_api_k\n")) as linear:
        script.then(data(**VIEWER))
        await linear.identity()
    assert script.requests[0].headers["authorization"] == "lin_api_k"


async def test_a_token_is_asked_for_once_and_kept(app: Linear, script: Script, oauth: Script) -> None:
    oauth.then(grant("t1"))
    script.then(data(**VIEWER), data(**VIEWER))
    await app.identity()
    await app.identity()
    (asked,) = oauth.requests
    assert parse_qs(asked.raw.decode()) == {"grant_type": ["client_credentials"], "scope": ["read,write"]}
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"app-id:app-secret").decode()
    assert {each.headers["authorization"] for each in script.requests} == {"Bearer t1"}


async def test_many_at_once_ask_for_one_token(app: Linear, script: Script, oauth: Script) -> None:
    oauth.then(grant("t1"))
    script.always = data(**VIEWER)
    await asyncio.gather(*(app.identity() for _ in range(20)))
    assert len(oauth.requests) == 1


async def test_a_revoked_token_is_renewed_once_for_all_who_wait(app: Linear, script: Script, oauth: Script) -> None:
    oauth.then(grant("old"), grant("new"))
    script.always = lambda request: data(**VIEWER) if request.headers["authorization"] == "Bearer new" else REFUSED
    await asyncio.gather(*(app.identity() for _ in range(20)))
    assert len(oauth.requests) == 2
    await app.identity()
    assert script.requests[-1].headers["authorization"] == "Bearer new"


async def test_a_new_token_that_is_refused_too_is_the_end(app: Linear, script: Script, oauth: Script) -> None:
    oauth.then(grant("t1"), grant("t2"))
    script.then(REFUSED, REFUSED)
    with pytest.raises(Unauthorized, match="Authentication required"):
        await app.identity()


async def test_a_token_about_to_run_out_is_renewed_before_it_is_refused(
    app: Linear, script: Script, oauth: Script, seconds: Seconds
) -> None:
    oauth.then(grant("t1", expires_in=3600), grant("t2", expires_in=3600))
    script.then(data(**VIEWER), data(**VIEWER), data(**VIEWER))
    await app.identity()
    seconds.now = 3500
    await app.identity()
    seconds.now = 3541
    await app.identity()
    assert [each.headers["authorization"] for each in script.requests] == ["Bearer t1", "Bearer t1", "Bearer t2"]


@pytest.mark.parametrize(
    ("reply", "raised", "said"),
    [
        (answer({"error": "invalid_client", "error_description": "Unknown app"}, 401), Unauthorized, "Unknown app"),
        (answer({"error": "invalid_scope"}, 400), Unauthorized, "invalid_scope"),
        (answer({"error": "x", "error_description": "wrong app-secret"}, 400), Unauthorized, r"wrong \[secret\]"),
        (html(403), Unauthorized, "HTTP 403"),
        (answer({}, 429, {"retry-after": "600"}), RateLimited, "rate limit"),
    ],
    ids=["invalid-client", "invalid-scope", "echoes-the-secret", "page", "rate-limit"],
)
async def test_no_token_says_why(
    app: Linear, script: Script, oauth: Script, *, reply: Step, raised: type[LinearError], said: str
) -> None:
    oauth.then(reply)
    with pytest.raises(raised, match=said):
        await app.identity()
    assert not script.requests


@pytest.mark.parametrize("reply", [RESET, html(502), html(200), answer({"token": "?"}), Reply(302)], ids=str)
async def test_no_answer_about_a_token_is_tried_again(app: Linear, script: Script, oauth: Script, reply: Step) -> None:
    oauth.then(reply, grant("t1"))
    script.then(data(**VIEWER))
    await app.identity()


async def test_no_answer_at_all_is_unreachable(app: Linear, oauth: Script) -> None:
    oauth.then(RESET, RESET, RESET)
    with pytest.raises(Unreachable, match="token endpoint"):
        await app.identity()


async def test_whoever_gives_up_does_not_take_the_token_from_the_others(
    app: Linear, script: Script, oauth: Script
) -> None:
    asked = asyncio.Event()

    def slowly(_: Request) -> Reply:
        asked.set()
        return grant("t1")

    oauth.then(slowly)
    script.always = data(**VIEWER)
    first, second = asyncio.create_task(app.identity()), asyncio.create_task(app.identity())
    await asked.wait()
    first.cancel()
    assert (await second).viewer.id == "u"
    with pytest.raises(asyncio.CancelledError):
        await first
