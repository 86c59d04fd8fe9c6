"""The real SDK against a stand-in of the Messages API: every way an answer may fail, and whether it may be paid for."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from planner import claude_clients
from planner.claude import ClaudeModel, make_model
from planner.errors import BadKey, BadRequest, ModelBusy, MoneyOut, PlannerError
from tests.planner.asking import KEY, question
from tests.standins import claude as standin
from tests.standins.claude import Claude

# --- what may have been paid for -------------------------------------------------------------------------------------


CUTS = {
    "before the message": 0,
    "after the ping": 2,
    "inside thinking": 3,
    "inside the tool call": 8,
}


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("events", CUTS.values(), ids=CUTS.keys())
async def test_a_cut_stream_is_busy(api: Claude, model: ClaudeModel, events: int, *, reset: bool) -> None:
    api.script(standin.plan(cut_after=events, reset=reset))
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.retry_after_s is None
    assert caught.value.may_be_paid
    assert len(api.requests) == 1, "the SDK does not ask again by itself"
    assert [cut["request"] for cut in api.cut] == [1]


PAID: dict[str, tuple[standin.Item, bool]] = {
    "overload": (standin.overloaded(), False),
    "rate limit": (standin.rate_limited(7), False),
    "server error": (standin.Fault(500, "api_error", "Internal server error"), False),
    "overload before the message": (standin.plan(error_after=0), False),
    "overload in the message": (standin.plan(error_after=4), True),
    "rate limit in the message": (standin.plan(error_after=4, error="rate_limit_error"), True),
}


@pytest.mark.parametrize(("fault", "paid"), PAID.values(), ids=PAID.keys())
async def test_what_was_turned_away_is_not_paid_for(
    api: Claude, model: ClaudeModel, fault: standin.Item, *, paid: bool
) -> None:
    api.script(fault)
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.may_be_paid is paid


RAW: dict[str, tuple[bytes, bool]] = {
    "hangs up": (b"", True),
    "a gateway that gave up": (b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 4\r\n\r\nlate", True),
    "a gateway without anyone behind it": (b"HTTP/1.1 503 Unavailable\r\ncontent-length: 2\r\n\r\nno", False),
    "half an answer": (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\n", True),
    "a page": (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\n<hr/>", True),
}


@contextlib.contextmanager
def answering(raw: bytes | None) -> Iterator[str]:
    """A server that reads a request and writes `raw`; with None it says nothing at all until the end."""
    done = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while b"}" not in self.request.recv(65_536)[-1:]:
                pass
            if raw is None:
                done.wait(60)
            else:
                self.request.sendall(raw)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{served.server_address[1]}"
        finally:
            done.set()
            served.shutdown()


@pytest.mark.parametrize(("raw", "paid"), RAW.values(), ids=RAW.keys())
async def test_broken_connections(raw: bytes, *, paid: bool) -> None:
    with answering(raw) as url:
        model = make_model(api_key=KEY, base_url=url)
        with pytest.raises(ModelBusy) as caught:
            await model.ask(question())
        await model.aclose()
    assert caught.value.may_be_paid is paid


async def test_silence_after_the_question_may_be_an_answer_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude_clients, "_READ_TIMEOUT_S", 0.2)
    with answering(None) as url:
        model = make_model(api_key=KEY, base_url=url)
        with pytest.raises(ModelBusy, match="Timeout") as caught:
            await model.ask(question())
        await model.aclose()
    assert caught.value.may_be_paid


FAULTS: dict[str, tuple[standin.Item, type[PlannerError], str]] = {
    "overload": (standin.overloaded(), ModelBusy, "overloaded"),
    "overload in the stream": (standin.plan(error_after=4), ModelBusy, "overloaded"),
    "rate limit in the stream": (standin.plan(error_after=4, error="rate_limit_error"), ModelBusy, "rate limit"),
    "server error in the stream": (standin.plan(error_after=4, error="api_error"), ModelBusy, "trouble"),
    "rate limit": (standin.rate_limited(), ModelBusy, "rate limit"),
    "server error": (standin.Fault(500, "api_error", "Internal server error"), ModelBusy, "trouble"),
    "gateway timeout": (standin.Fault(504, "timeout_error", "Timeout"), ModelBusy, "trouble"),
    "conflict": (standin.Fault(409, "conflict_error", "Conflict"), ModelBusy, "trouble"),
    "key": (standin.bad_key(), BadKey, "does not accept the key"),
    "permission": (standin.forbidden(), BadKey, "does not let this key"),
    "spend limit": (standin.spend_limit(), MoneyOut, "usage limits"),
    "payment": (standin.payment_required(), MoneyOut, "payment details"),
    "credit": (standin.no_credit(), MoneyOut, "credit balance"),
    "no such model": (standin.Fault(404, "not_found_error", "model: opus-9"), BadRequest, "knows no model"),
    "too large": (standin.Fault(413, "request_too_large", "Too large"), BadRequest, "more than Claude takes"),
    "our mistake": (standin.Fault(400, "invalid_request_error", "messages: wrong"), BadRequest, "req_fault"),
    "unprocessable": (standin.Fault(422, "invalid_request_error", "no"), BadRequest, "wrong"),
}


@pytest.mark.parametrize(("fault", "error", "says"), FAULTS.values(), ids=FAULTS.keys())
async def test_each_fault_says_what_to_do(
    api: Claude, model: ClaudeModel, fault: standin.Item, error: type[PlannerError], says: str
) -> None:
    api.script(fault)
    with pytest.raises(PlannerError) as caught:
        await model.ask(question())
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert caught.value.__cause__ is None, "the SDK's error may hold request and key"
    assert len(api.requests) == 1


WAITS = {
    "seconds": ({"retry-after": "7"}, 7.0),
    "milliseconds win": ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
    "an hour is told, not slept": ({"retry-after": "3600"}, 3600.0),
    "a date gone by": ({"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}, 0.0),
    "nonsense": ({"retry-after": "soon"}, None),
    "nothing": ({}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS.keys())
async def test_how_long_to_wait(
    api: Claude, model: ClaudeModel, headers: dict[str, str], seconds: float | None
) -> None:
    api.script(standin.Fault(429, "rate_limit_error", "slow down", headers))
    with pytest.raises(ModelBusy) as caught:
        await model.ask(question())
    assert caught.value.retry_after_s == seconds


async def test_the_key_is_never_said(api: Claude, model: ClaudeModel) -> None:
    api.script(standin.Fault(400, "invalid_request_error", f"bad header {KEY} and sk-ant-another-key-1234567"))
    with pytest.raises(BadRequest) as caught:
        await model.ask(question())
    assert KEY not in str(caught.value)
    assert "another" not in str(caught.value)


async def test_nobody_there() -> None:
    model = make_model(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ModelBusy, match="connection") as caught:
        await model.ask(question())
    assert not caught.value.may_be_paid
    await model.aclose()


async def test_what_cannot_be_sent_is_not_tried_for_ever(api: Claude, model: ClaudeModel) -> None:
    with pytest.raises(BadRequest, match="cannot be made"):
        await model.ask(question().model_copy(update={"system": "\ud800"}))
    assert api.requests == []


def test_without_a_key() -> None:
    with pytest.raises(BadKey, match="ANTHROPIC_API_KEY"):
        make_model()


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
async def test_a_cloud_that_is_not_set_up_says_so(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "CLOUD_ML_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(BadKey, match=provider):
        await make_model(provider).ask(question())
