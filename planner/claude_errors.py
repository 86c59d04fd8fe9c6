"""Errors of Anthropic's SDK as the leaves of `planner.errors`, which say what a caller can do. No I/O."""

from __future__ import annotations

import email.utils
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from planner.errors import BadKey, BadRequest, ModelBusy, MoneyOut, PlannerError

if TYPE_CHECKING:
    from anthropic import APIStatusError

# Errors that pass by themselves, by their type: they may come as an event in a stream whose status was 200.
_PASSING = {"overloaded_error", "api_error", "timeout_error", "rate_limit_error"}
_PASSING_STATUS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
# The service's own words for a strict tool whose grammar it will not compile; there is no code for it.
_GRAMMAR = re.compile(
    r"compiled grammar|schema is too complex|too many strict|strict.{0,40}not supported", re.IGNORECASE
)
# An empty prepaid balance comes as a plain 400; there is no code for it.
_NO_CREDIT = re.compile(r"credit balance", re.IGNORECASE)
_SHOWN_CHARS = 300
# Errors of the HTTP client that show that the request never went out as a whole, by name.
_NOT_SENT = {
    "ConnectError",
    "ConnectTimeout",
    "LocalProtocolError",
    "PoolTimeout",
    "ProxyError",
    "UnsupportedProtocol",
    "WriteError",
    "WriteTimeout",
}


def clean(text: str, api_key: str | None) -> str:
    """`text` in one line of bounded length, without anything that looks like a key."""
    if api_key:
        text = text.replace(api_key, "***")
    text = re.sub(r"sk-[\w-]{6,}", "sk-***", " ".join(text.split()))
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 3]}..."


def is_grammar(error: BadRequest) -> bool:
    """The service will not compile the schema of a strict tool."""
    return _GRAMMAR.search(error.reason) is not None


def of_sdk(
    error: Exception, model: str, api_key: str | None, *, answering: bool = False, begun: bool = False,
    cloud: bool = False,
) -> PlannerError | None:  # fmt: skip
    """What an error means that came while `model` was asked; None for one that is nobody's but ours.

    `answering`: the service had accepted the question; `begun`: it had begun to write. `cloud`: credentials are found
    by packages of the cloud's own, which have errors of their own.
    """
    import anthropic  # noqa: PLC0415 - it takes more than a second; whoever has such an error has imported it
    import httpx2  # noqa: PLC0415 - comes with it

    if isinstance(error, anthropic.APIStatusError):
        return of_status(error, model, api_key, begun=begun)
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError | TimeoutError):
        return _of_connection(error, begun=answering)
    if isinstance(error, AssertionError | ValueError | anthropic.APIError):
        if answering:
            # The SDK asserts that a message began, and parses JSON that may have been cut.
            return broken_off()
        return BadRequest(clean(f"The request to Claude cannot be made: {error}", api_key))
    if isinstance(error, anthropic.AnthropicError) or (cloud and not answering):
        # No credentials, or none that can be read.
        return BadKey(clean(f"The key for Claude cannot be used: {error}", api_key))
    return None


def broken_off() -> ModelBusy:
    """An answer that ended before it was whole."""
    return ModelBusy(None, "Claude's answer broke off before it was whole.", may_be_paid=True)


def _of_connection(error: BaseException, *, begun: bool) -> ModelBusy:
    causes = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    sent = not any(type(cause).__name__ in _NOT_SENT for cause in causes)
    reason = f"The connection to Claude broke ({type(error).__name__})."
    return ModelBusy(None, reason, may_be_paid=begun or sent)


def of_status(  # noqa: PLR0911 - a table, read downwards
    error: APIStatusError, model: str, api_key: str | None, *, begun: bool = False
) -> PlannerError:
    """An error that the service sent itself, before a stream or in it. `begun`: an answer had begun."""
    status, kind, code = error.status_code, error.type or "", error.error_code or ""
    said = clean(error.api_message or "no reason given", api_key)
    if (
        status == HTTPStatus.PAYMENT_REQUIRED
        or kind == "billing_error"
        or "spend_limit" in code
        or code.startswith("linked_organization_")
    ):
        return MoneyOut(f"No more money may be spent on Claude: {said}")
    if status == HTTPStatus.BAD_REQUEST and _NO_CREDIT.search(said):
        return MoneyOut(f"No more money may be spent on Claude: {said}")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        what = "does not accept the key" if status == HTTPStatus.UNAUTHORIZED else "does not let this key do this"
        return BadKey(f"Claude {what}: {said}")
    wait = _retry_after(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS or kind == "rate_limit_error":
        return ModelBusy(wait, "Claude's rate limit is reached.", may_be_paid=begun)
    if kind == "overloaded_error":
        return ModelBusy(wait, "Claude is overloaded.", may_be_paid=begun)
    if kind in _PASSING or status in _PASSING_STATUS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A gateway in between gave up waiting: behind it, the answer may be written all the same.
        lost = status == HTTPStatus.GATEWAY_TIMEOUT and not kind
        return ModelBusy(wait, f"Claude has trouble answering (HTTP {status}).", may_be_paid=begun or lost)
    if status == HTTPStatus.NOT_FOUND:
        return BadRequest(f"Claude knows no model {model}, or this key may not use it: {said}")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BadRequest("The issue and what hangs on it are more than Claude takes in one request.")
    number = f" (request {error.request_id})" if error.request_id else ""
    return BadRequest(f"Claude calls the request wrong{number}: {said}")


def _retry_after(error: APIStatusError) -> float | None:
    headers = error.response.headers
    try:
        if "retry-after-ms" in headers:
            return max(float(headers["retry-after-ms"]) / 1000, 0.0)
        if "retry-after" in headers:
            return max(float(headers["retry-after"]), 0.0)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time(), 0.0)
    except (KeyError, ValueError):
        return None
