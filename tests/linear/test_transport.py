"""The wire: retries, the shared pause, headers under concurrency, and what never leaves."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

import httpx2
import pytest

from linear.auth import ApiKey
from linear.client import Linear
from linear.errors import LinearError, RateLimited, Rejected, Unauthorized, Unreachable
from tests.linear.scripted import RESET, Clock, Reply, Request, Script, Step, answer, data, error, html, rate_limited

VIEWER: dict[str, Any] = {
    "viewer": {"id": "u", "name": "Bot"},
    "organization": {"id": "o", "name": "Acme", "urlKey": "acme"},
}
KEY = "lin_api_secret"


async def test_one_request_carries_one_operation_and_the_raw_key(linear: Linear, script: Script) -> None:
    script.then(data(**VIEWER))
    identity = await linear.identity()
    assert (identity.viewer.id, identity.organization.url_key) == ("u", "acme")
    (request,) = script.requests
    assert request.headers["authorization"] == KEY
    assert request.operation == "Viewer"
    assert "variables" not in request.body
    assert linear.requests == 1


async def test_opening_sends_nothing_and_two_need_not_share(script: Script) -> None:
    async with await Linear.open(script.url, ApiKey(KEY)), await Linear.open(script.url, ApiKey(KEY)):
        pass
    assert not script.requests


@pytest.mark.parametrize(
    "first",
    [RESET, html(502), html(200), answer({}), answer({"data": None}), answer("text"), answer({"errors": "odd"}),
     answer({"data": 3}), Reply(200, b"\xff"), Reply(200, b""), Reply(204), error("x", http=500),
     error("x", type="lock timeout"), data(issueUpdate={"success": False})],
    ids=["reset", "html-502", "html-200", "empty-object", "data-null", "a-text", "errors-a-text", "data-a-number",
         "not-utf8", "nothing", "204", "500", "lock-timeout", "success-false"],
)  # fmt: skip
async def test_no_usable_answer_is_repeated(linear: Linear, script: Script, clock: Clock, first: Any) -> None:
    script.then(first, data(**VIEWER))
    await linear.identity()
    assert linear.requests == 2
    assert len(clock.slept) == 1
    assert 0.125 <= clock.slept[0] <= 0.375


async def test_after_three_attempts_it_is_raised(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(RESET, html(503), RESET)
    with pytest.raises(Unreachable):
        await linear.identity()
    assert linear.requests == 3
    assert 0.5 <= clock.slept[1] <= 1.5


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (error("Authentication required", http=401, type="authentication error"), Unauthorized),
        (error("no", type="invalid input"), Rejected),
        (Reply(413, b'{"error":"request entity too large"}', {"content-type": "application/json"}), Rejected),
        (Reply(404, b"nope"), Rejected),
        (answer({"data": VIEWER, "errors": [{"message": "half"}]}), Rejected),
    ],
    ids=["key", "input", "too-large", "wrong-address", "data-beside-errors"],
)
async def test_a_refusal_is_raised_at_once(
    linear: Linear, script: Script, reply: Step, raised: type[LinearError]
) -> None:
    script.then(reply)
    with pytest.raises(raised):
        await linear.identity()
    assert linear.requests == 1


# --- rate limits -----------------------------------------------------------------------------------------------------


async def test_a_short_rate_limit_is_waited_out(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(rate_limited(x_ratelimit_requests_reset=clock.epoch_ms(12)), data(**VIEWER))
    await linear.identity()
    assert clock.slept == [12]


async def test_a_long_one_is_raised_for_whoever_can_sleep_durably(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(rate_limited(x_ratelimit_complexity_reset=clock.epoch_ms(1800)))
    with pytest.raises(RateLimited) as limited:
        await linear.identity()
    assert (limited.value.until - clock.start).total_seconds() == 1800
    assert clock.slept == []


async def test_while_it_holds_nobody_sends(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(rate_limited(x_ratelimit_requests_reset=clock.epoch_ms(1800)))
    for _ in range(3):
        with pytest.raises(RateLimited):
            await linear.identity()
    assert linear.requests == 1
    clock.time = clock.start.replace(hour=13)
    script.then(data(**VIEWER))
    await linear.identity()


async def test_all_callers_share_the_pause(linear: Linear, script: Script, clock: Clock) -> None:
    script.always = data(**VIEWER)
    script.then(rate_limited(x_ratelimit_requests_reset=clock.epoch_ms(20)))
    await linear.identity()
    await asyncio.gather(*(linear.identity() for _ in range(10)))
    assert linear.requests == 12
    assert clock.slept == [20]


async def test_limits_again_and_again_are_waited_out_no_longer_than_max_wait(
    linear: Linear, script: Script, clock: Clock
) -> None:
    script.then(*[lambda _: rate_limited(x_ratelimit_requests_reset=clock.epoch_ms(8))] * 4)
    with pytest.raises(RateLimited):
        await linear.identity()
    assert clock.slept == [8, 8, 8]


async def test_a_limit_between_failures_does_not_use_up_attempts(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(RESET, rate_limited(retry_after="5"), RESET, data(**VIEWER))
    await linear.identity()
    assert linear.requests == 4


# --- what is counted -------------------------------------------------------------------------------------------------


async def test_budget_and_points_follow_the_answers(linear: Linear, script: Script) -> None:
    assert linear.budget is None
    headers = {"x-ratelimit-requests-remaining": "100", "x-ratelimit-requests-limit": "2500", "x-complexity": "3"}
    script.then(*[answer({"data": VIEWER}, headers=headers)] * 2, data(**VIEWER))
    for _ in range(3):
        await linear.identity()
    assert linear.points == 6
    told: Any = linear.budget
    assert told.requests_remaining == 100
    assert told.is_low()


async def test_headers_of_parallel_calls_do_not_mix(linear: Linear, script: Script, clock: Clock) -> None:
    """The refused call reads its own reset, though others' answers arrive between."""

    def by_turn(request: Request) -> Reply:
        if request is script.requests[0]:
            return rate_limited(x_ratelimit_requests_reset=clock.epoch_ms(900))
        return answer({"data": VIEWER}, headers={"x-ratelimit-requests-reset": clock.epoch_ms(2)})

    script.always = by_turn
    outcomes = await asyncio.gather(*(linear.identity() for _ in range(6)), return_exceptions=True)
    limited = [each for each in outcomes if isinstance(each, RateLimited)]
    assert limited
    assert {(each.until - clock.start).total_seconds() for each in limited} == {900}


# --- what never leaves -----------------------------------------------------------------------------------------------


async def test_no_redirect_is_followed_with_the_key(script: Script, clock: Clock) -> None:
    async with Script() as other, httpx2.AsyncClient(follow_redirects=True) as http:
        script.then(*[Reply(307, b"", {"location": other.url})] * 3)
        linear = await Linear.open(script.url, ApiKey(KEY), http=http, clock=clock, sleep=clock.sleep)
        with pytest.raises(Unreachable):
            await linear.identity()
        assert not other.requests
        await linear.aclose()


async def test_a_shared_client_stays_open_and_is_not_changed(script: Script) -> None:
    async with httpx2.AsyncClient() as http:
        linear = await Linear.open(script.url, ApiKey(KEY), http=http)
        script.then(data(**VIEWER))
        await linear.identity()
        await linear.aclose()
        assert not http.is_closed
        assert http.auth is None
        assert http.event_hooks == {"request": [], "response": []}
        assert "authorization" not in http.headers


async def test_after_closing_calls_say_so(script: Script) -> None:
    linear = await Linear.open(script.url, ApiKey(KEY))
    await linear.aclose()
    with pytest.raises(Unreachable, match="closed"):
        await linear.identity()


@pytest.mark.parametrize(
    "reply",
    [html(502), error(f"the key {KEY} is wrong", http=401), error(f"bad Bearer {KEY}"), Reply(400, KEY.encode())],
    ids=["page", "unauthorized", "rejected", "no-graphql"],
)
async def test_no_error_or_log_line_carries_the_key(
    linear: Linear, script: Script, reply: Step, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="linear")
    caplog.set_level(logging.INFO)
    script.always = reply
    with pytest.raises(LinearError) as raised:
        await linear.identity()
    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert KEY not in caplog.text


async def test_cancelling_a_call_leaves_the_others(linear: Linear, script: Script) -> None:
    script.always = data(**VIEWER)
    calls = [asyncio.create_task(linear.identity()) for _ in range(5)]
    await asyncio.sleep(0)
    calls[0].cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert not [each for each in outcomes[1:] if isinstance(each, BaseException)]


async def test_nobody_listens(clock: Clock) -> None:
    async with Script() as gone:
        url = gone.url
    async with await Linear.open(url, ApiKey(KEY), clock=clock, sleep=clock.sleep) as linear:
        with pytest.raises(Unreachable, match="ConnectError"):
            await linear.identity()
