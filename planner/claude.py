"""Asks Claude through Anthropic's SDK, streamed. The one door to `anthropic`, which is imported at the first question.

Whatever goes wrong comes out as one of `planner.errors`. Waiting and asking again is the caller's part: only it knows
what was recorded, and a wait of hours must not happen inside a request.
"""

from __future__ import annotations

import asyncio
import email.utils
import re
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, cast

from planner.errors import BadKey, BadRequest, ModelBusy, MoneyOut, PlannerError
from planner.model import Answer, ChatModel, JsonObject, Progress, Question
from planner.pricing import Usage

if TYPE_CHECKING:
    from anthropic import APIStatusError, AsyncAnthropic
    from anthropic.types import (
        CacheControlEphemeralParam,
        Message,
        MessageParam,
        OutputConfigParam,
        TextBlockParam,
        ThinkingConfigAdaptiveParam,
        ToolParam,
    )
    from anthropic.types import Usage as WireUsage

Provider = Literal["anthropic", "bedrock", "vertex", "foundry"]

_READ_TIMEOUT_S = 120.0  # of silence; the service sends a ping every few seconds
_CONNECT_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 3_600.0  # an answer that pings for ever must end, too
_PROGRESS_EVERY_S = 0.5

# Errors that pass by themselves, by their type: they may come as an event in a stream whose status was 200.
_PASSING = {"overloaded_error", "api_error", "timeout_error", "rate_limit_error"}
_PASSING_STATUS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}
# Older models take neither adaptive thinking nor an effort.
_PLAIN = re.compile(r"claude-(haiku|sonnet|opus)-4-5|claude-(3|sonnet-4-\d{8}|opus-4-\d{8}|opus-4-1)")
# The service's own words for a strict tool whose grammar it will not compile; there is no code for it.
_GRAMMAR = re.compile(
    r"compiled grammar|schema is too complex|too many strict|strict.{0,40}not supported", re.IGNORECASE
)
# An empty prepaid balance comes as a plain 400; there is no code for it.
_NO_CREDIT = re.compile(r"credit balance", re.IGNORECASE)
_SHOWN_CHARS = 300


def make_model(
    provider: Provider = "anthropic", *, api_key: str | None = None, base_url: str | None = None
) -> ClaudeModel:
    """Claude by way of `provider`. Nothing is imported or sent yet.

    `anthropic` needs `api_key` (raises BadKey without); `base_url` leads elsewhere. The clouds' clients find region,
    project and credentials the way their own tools do; `api_key` and `base_url` go to those that take them.
    """
    if provider == "anthropic" and not api_key:
        raise BadKey("There is no key for Claude: set ANTHROPIC_API_KEY.")
    return ClaudeModel(provider, api_key, base_url)


class ClaudeModel(ChatModel):
    """A `ChatModel` that asks Claude. One for the process: it keeps its connections. Use `aclose` at the end."""

    def __init__(self, provider: Provider, api_key: str | None, base_url: str | None) -> None:
        """Use `make_model`."""
        self._provider: Provider = provider
        self._api_key = api_key
        self._base_url = base_url
        self._client: AsyncAnthropic | None = None
        self._opening = threading.Lock()
        self._unstrict: set[str] = set()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def ask(self, question: Question, on_progress: Callable[[Progress], None] | None = None) -> Answer:
        """Ask once, streamed. See `ChatModel`.

        A tool whose schema the service will not compile is declared without `strict` from then on: our own check of
        its input is the one that counts.
        """
        try:
            return await self._ask(question, on_progress)
        except BadRequest as error:
            if question.model in self._unstrict or not _GRAMMAR.search(error.reason):
                raise
            self._unstrict.add(question.model)
        return await self._ask(question, on_progress)

    async def _ask(self, question: Question, on_progress: Callable[[Progress], None] | None) -> Answer:
        # The import takes more than a second, so it happens beside the event loop.
        client = await asyncio.to_thread(self._open)
        import anthropic  # noqa: PLC0415 - see the module's docstring
        import httpx2  # noqa: PLC0415 - comes with it

        plain = _PLAIN.search(question.model) is not None
        thinking: ThinkingConfigAdaptiveParam = {"type": "adaptive", "display": "omitted"}
        effort = cast("OutputConfigParam", cast("object", {"effort": question.effort}))
        system: TextBlockParam = {"type": "text", "text": question.system, "cache_control": _HOUR}
        started = time.monotonic()
        watch = _Watch(on_progress, started)
        answering = False
        try:
            async with (
                asyncio.timeout(_ANSWER_TIMEOUT_S),
                client.messages.stream(
                    model=question.model,
                    max_tokens=question.max_tokens,
                    system=[system],
                    messages=_with_breakpoint(question.messages),
                    tools=self._tools(question),
                    thinking=anthropic.omit if plain else thinking,
                    output_config=anthropic.omit if plain else effort,
                    cache_control=_MOVING,
                ) as stream,
            ):
                answering = True
                async for event in stream:
                    if event.type == "message_delta":
                        watch.counted(event.usage.output_tokens)
                    elif event.type == "thinking":
                        watch.wrote("thinking", 0)
                    elif event.type == "text":
                        watch.wrote("writing", len(event.text))
                    elif event.type == "input_json":
                        watch.wrote("writing", len(event.partial_json))
                message = stream.current_message_snapshot
        except anthropic.APIStatusError as error:
            raise self._status(error, question.model) from None
        except (anthropic.APIConnectionError, httpx2.HTTPError, TimeoutError) as error:
            raise ModelBusy(None, f"The connection to Claude broke ({type(error).__name__}).") from None
        except (AssertionError, ValueError, anthropic.APIError) as error:
            if not answering:
                raise BadRequest(self._clean(f"The request to Claude cannot be made: {error}")) from None
            # The SDK asserts that a message began, and parses JSON that may have been cut.
            raise ModelBusy(None, "Claude's answer broke off before it was whole.") from None
        except anthropic.AnthropicError as error:
            # No credentials, or none that can be read.
            raise BadKey(self._clean(f"The key for Claude cannot be used: {error}")) from None
        if message.stop_reason is None:
            # The connection ended early: what came looks like a message, and a cut tool call like an empty one.
            raise ModelBusy(None, "Claude's answer broke off before it was whole.")
        watch.done(message.usage.output_tokens)
        return _answer(cast("Message", message))

    async def look_up(self, model: str) -> str:
        """The model's name for people, asked of the service: free, and it shows that key and model fit.

        Raises as `ask` does.
        """
        client = await asyncio.to_thread(self._open)
        import anthropic  # noqa: PLC0415 - see the module's docstring

        try:
            found = await client.models.retrieve(model)
        except anthropic.APIStatusError as error:
            raise self._status(error, model) from None
        except anthropic.APIConnectionError as error:
            raise ModelBusy(None, f"The connection to Claude broke ({type(error).__name__}).") from None
        except anthropic.AnthropicError as error:
            raise BadKey(self._clean(f"The key for Claude cannot be used: {error}")) from None
        return found.display_name

    def _tools(self, question: Question) -> list[ToolParam]:
        tools = question.tools
        if question.model in self._unstrict:
            tools = [{key: value for key, value in tool.items() if key != "strict"} for tool in tools]
        return cast("list[ToolParam]", cast("object", tools))

    def _open(self) -> AsyncAnthropic:
        with self._opening:
            if self._client is None:
                self._client = _client(self._provider, self._api_key, self._base_url)
            return self._client

    def _clean(self, text: str) -> str:
        if self._api_key:
            text = text.replace(self._api_key, "***")
        text = re.sub(r"sk-[\w-]{6,}", "sk-***", " ".join(text.split()))
        return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 3]}..."

    def _status(self, error: APIStatusError, model: str) -> PlannerError:  # noqa: PLR0911 - a table, read downwards
        status, kind, code = error.status_code, error.type or "", error.error_code or ""
        said = self._clean(error.api_message or "no reason given")
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
            return ModelBusy(wait, "Claude's rate limit is reached.")
        if kind == "overloaded_error":
            return ModelBusy(wait, "Claude is overloaded.")
        if kind in _PASSING or status in _PASSING_STATUS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ModelBusy(wait, f"Claude has trouble answering (HTTP {status}).")
        if status == HTTPStatus.NOT_FOUND:
            return BadRequest(f"Claude knows no model {model}, or this key may not use it: {said}")
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BadRequest("The issue and what hangs on it are more than Claude takes in one request.")
        number = f" (request {error.request_id})" if error.request_id else ""
        return BadRequest(f"Claude calls the request wrong{number}: {said}")


class _Watch:
    """Tells how far an answer is, at most so often."""

    def __init__(self, tell: Callable[[Progress], None] | None, started: float) -> None:
        self._tell = tell
        self._started = started
        self._told = 0.0
        self._what = "reading"
        self._chars = 0
        self._tokens: int | None = None
        self._report()

    def wrote(self, what: str, chars: int) -> None:
        """So many more characters of `what` came."""
        changed = what != self._what
        self._what = what
        self._chars += chars
        if changed or time.monotonic() - self._told >= _PROGRESS_EVERY_S:
            self._report()

    def counted(self, tokens: int) -> None:
        """The service has counted so many tokens."""
        self._tokens = tokens

    def done(self, tokens: int) -> None:
        """The answer is whole."""
        self._tokens = tokens
        self._report()

    def _report(self) -> None:
        self._told = time.monotonic()
        if self._tell is not None:
            seconds = self._told - self._started
            self._tell(Progress(what=self._what, output_chars=self._chars, output_tokens=self._tokens, seconds=seconds))


# At most four breakpoints: the agent's prompt, shared by all its issues; the brief; and the end, which moves.
_HOUR: CacheControlEphemeralParam = {"type": "ephemeral", "ttl": "1h"}
_MOVING: CacheControlEphemeralParam = {"type": "ephemeral"}


def _with_breakpoint(messages: list[JsonObject]) -> list[MessageParam]:
    first = dict(messages[0])
    blocks = list(cast("list[JsonObject]", first["content"]))
    blocks[-1] = {**blocks[-1], "cache_control": {"type": "ephemeral"}}
    return cast("list[MessageParam]", cast("object", [{**first, "content": blocks}, *messages[1:]]))


def _answer(message: Message) -> Answer:
    note = ""
    if message.stop_details is not None:
        note = ", ".join(str(each) for each in message.stop_details.to_dict().values() if each and each != "refusal")
    return Answer(
        # `to_dict` and not `model_dump`: the blocks must go back byte for byte as they came.
        content=cast("list[JsonObject]", message.to_dict(mode="json")["content"]),
        stop_reason=str(message.stop_reason),
        stop_note=note,
        usage=_usage(message.usage),
        model=message.model,
        message_id=message.id,
    )


def _usage(usage: WireUsage) -> Usage:
    written = usage.cache_creation
    tools = usage.server_tool_use
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
        cache_write_5m_tokens=written.ephemeral_5m_input_tokens if written else usage.cache_creation_input_tokens or 0,
        cache_write_1h_tokens=written.ephemeral_1h_input_tokens if written else 0,
        web_searches=tools.web_search_requests if tools else 0,
    )


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


def _client(provider: Provider, api_key: str | None, base_url: str | None) -> AsyncAnthropic:
    import anthropic  # noqa: PLC0415 - see the module's docstring
    import httpx2  # noqa: PLC0415 - comes with it

    http = anthropic.DefaultAsyncHttpxClient(timeout=httpx2.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S))
    # No retries here: the SDK would sleep as long as the service asks, hours even, inside the request; and a question
    # that timed out may have been answered and paid for, which the caller should know.
    try:
        if provider == "anthropic":
            return anthropic.AsyncAnthropic(
                api_key=api_key, base_url=base_url, http_client=http, max_retries=0, open_telemetry=False
            )
        if provider == "bedrock":
            from anthropic.lib.bedrock import AsyncAnthropicBedrock  # noqa: PLC0415

            client: object = AsyncAnthropicBedrock(
                base_url=base_url, http_client=http, max_retries=0, open_telemetry=False
            )
        elif provider == "vertex":
            from anthropic.lib.vertex import AsyncAnthropicVertex  # noqa: PLC0415

            client = AsyncAnthropicVertex(base_url=base_url, http_client=http, max_retries=0, open_telemetry=False)
        elif base_url:
            client = anthropic.AsyncAnthropicFoundry(
                base_url=base_url, api_key=api_key, http_client=http, max_retries=0, open_telemetry=False
            )
        else:
            client = anthropic.AsyncAnthropicFoundry(
                api_key=api_key, http_client=http, max_retries=0, open_telemetry=False
            )
    except (ImportError, ValueError, anthropic.AnthropicError) as error:
        raise BadKey(
            f"The client for {provider} cannot be made: {' '.join(str(error).split())[:_SHOWN_CHARS]}"
        ) from None
    # The clouds' clients offer the same `messages`.
    return cast("AsyncAnthropic", client)
