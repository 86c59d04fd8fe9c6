"""Asks Claude through Anthropic's SDK, streamed. With `claude_clients` and `claude_errors` the one door to `anthropic`.

The SDK is imported at the first question. Whatever goes wrong comes out as one of `planner.errors`. Waiting and asking
again is the caller's part: only it knows what was recorded, and a wait of hours must not happen inside a request.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from planner import claude_errors
from planner.capabilities import EFFORTS, Capabilities, of
from planner.claude_clients import Provider, open_client
from planner.errors import BadKey, BadRequest, PlannerError
from planner.model import Answer, ChatModel, JsonObject, Progress, Question
from planner.pricing import Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.lib.streaming import ParsedMessageStreamEvent
    from anthropic.types import (
        CacheControlEphemeralParam,
        Message,
        MessageParam,
        OutputConfigParam,
        TextBlockParam,
        ThinkingConfigParam,
        ToolUnionParam,
    )
    from anthropic.types import Usage as WireUsage

_ANSWER_TIMEOUT_S = 3_600.0  # an answer that pings for ever must end, too
_CAPABILITIES_TIMEOUT_S = 20.0
_PROGRESS_EVERY_S = 0.5


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
            if question.model in self._unstrict or not claude_errors.is_grammar(error):
                raise
            self._unstrict.add(question.model)
        return await self._ask(question, on_progress)

    async def _ask(self, question: Question, on_progress: Callable[[Progress], None] | None) -> Answer:
        # The import takes more than a second, so it happens beside the event loop.
        client = await asyncio.to_thread(self._open)
        import anthropic  # noqa: PLC0415 - see the module's docstring

        known = of(question.model, self._provider)
        system: TextBlockParam = {"type": "text", "text": question.system, "cache_control": _HOUR}
        watch = _Watch(on_progress, time.monotonic())
        answering = False
        try:
            async with (
                asyncio.timeout(_ANSWER_TIMEOUT_S),
                client.messages.stream(
                    model=question.model,
                    max_tokens=min(question.max_tokens, known.max_tokens) if known.known else question.max_tokens,
                    system=[system],
                    messages=_with_breakpoint(question.messages),
                    tools=self._tools(question, known),
                    thinking=_thinking(question, known) or anthropic.omit,
                    output_config=_effort(question, known) or anthropic.omit,
                    container=question.container or anthropic.omit,
                    cache_control=_MOVING,
                ) as stream,
            ):
                answering = True
                async for event in stream:
                    watch.saw(event)
                message = stream.current_message_snapshot
        except Exception as error:
            said = claude_errors.of_sdk(
                error, question.model, self._api_key, answering=answering, begun=watch.begun, cloud=self._is_cloud
            )
            if said is None:
                raise
            raise said from None
        if message.stop_reason is None:
            # The connection ended early: what came looks like a message, and a cut tool call like an empty one.
            raise claude_errors.broken_off()
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
        except anthropic.AnthropicError as error:
            raise claude_errors.of_sdk(error, model, self._api_key) or error from None
        return found.display_name

    async def capabilities(self, model: str) -> Capabilities:
        """What `model` (an id) takes: asked of the service, and from the table where it does not answer.

        Free, and it never fails: what is wrong with key or model shows with the first question.
        """
        table = of(model, self._provider)
        try:
            client = await asyncio.to_thread(self._open)
            import anthropic  # noqa: PLC0415 - see the module's docstring
            import httpx2  # noqa: PLC0415 - comes with it
        except PlannerError:
            return table
        # The clouds have no such list, and most of their clients not even the method.
        models = getattr(client, "models", None)
        if self._is_cloud or models is None:
            return table
        try:
            async with asyncio.timeout(_CAPABILITIES_TIMEOUT_S):
                found = await client.models.retrieve(model)
            return _told(cast("JsonObject", found.to_dict(mode="json")), table)
        except (anthropic.AnthropicError, httpx2.HTTPError, TimeoutError, ValueError):
            return table

    def _tools(self, question: Question, known: Capabilities) -> list[ToolUnionParam]:
        tools = question.tools
        if question.model in self._unstrict or not known.strict_tools:
            tools = [{key: value for key, value in tool.items() if key != "strict"} for tool in tools]
        return cast("list[ToolUnionParam]", cast("object", tools))

    def _open(self) -> AsyncAnthropic:
        with self._opening:
            if self._client is None:
                self._client = open_client(self._provider, self._api_key, self._base_url)
            return self._client

    @property
    def _is_cloud(self) -> bool:
        return self._provider != "anthropic"


class _Watch:
    """Tells how far an answer is, at most so often."""

    def __init__(self, tell: Callable[[Progress], None] | None, started: float) -> None:
        self.begun = False
        """The service has begun to answer, and counts what it writes."""
        self._tell = tell
        self._started = started
        self._told = 0.0
        self._what = "reading"
        self._chars = 0
        self._tokens: int | None = None
        self._report()

    def saw(self, event: ParsedMessageStreamEvent[None]) -> None:
        """The next event of the stream."""
        if event.type == "message_start":
            self.begun = True
        elif event.type == "message_delta":
            self._tokens = event.usage.output_tokens
        elif event.type == "thinking":
            self._wrote("thinking", 0)
        elif event.type == "text":
            self._wrote("writing", len(event.text))
        elif event.type == "input_json":
            self._wrote("writing", len(event.partial_json))

    def _wrote(self, what: str, chars: int) -> None:
        changed = what != self._what
        self._what = what
        self._chars += chars
        if changed or time.monotonic() - self._told >= _PROGRESS_EVERY_S:
            self._report()

    def done(self, tokens: int) -> None:
        """The answer is whole."""
        self._tokens = tokens
        self._report()

    def _report(self) -> None:
        self._told = time.monotonic()
        if self._tell is not None:
            seconds = self._told - self._started
            self._tell(Progress(what=self._what, output_chars=self._chars, output_tokens=self._tokens, seconds=seconds))


def _thinking(question: Question, known: Capabilities) -> ThinkingConfigParam | None:
    """None where the model has no such thing to set."""
    if not known.thinking:
        return None
    # Whoever switches off the thinking of a model that no table has was told by the service that it can.
    if question.thinking == "off" and (known.thinking_off or not known.known):
        return {"type": "disabled"}
    return {"type": "adaptive", "display": "omitted"}


def _effort(question: Question, known: Capabilities) -> OutputConfigParam | None:
    if not question.effort or not known.efforts:
        return None
    return cast("OutputConfigParam", cast("object", {"effort": question.effort}))


# Three of at most four breakpoints: tools and the agent's prompt, shared by all its issues; the brief; and the end,
# which moves.
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
        container=message.container.id if message.container is not None else "",
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


def _told(info: JsonObject, table: Capabilities) -> Capabilities:
    """What the service says of a model; `table` fills in what it leaves out."""
    given = info.get("capabilities")
    told = cast("JsonObject", given) if isinstance(given, dict) else {}

    def supported(*path: str) -> bool | None:
        node: object = told
        for key in path:
            node = cast("Mapping[str, object]", node).get(key) if isinstance(node, dict) else None
        found = cast("Mapping[str, object]", node).get("supported") if isinstance(node, dict) else None
        return found if isinstance(found, bool) else None

    def either(said: bool | None, listed: bool) -> bool:
        return listed if said is None else said

    efforts = table.efforts
    if supported("effort") is not None:
        efforts = tuple(level for level in EFFORTS if supported("effort", level)) if supported("effort") else ()
    max_tokens, context = info.get("max_tokens"), info.get("max_input_tokens")
    return Capabilities(
        thinking=either(supported("thinking", "types", "adaptive"), table.thinking),
        thinking_off=either(supported("thinking", "types", "disabled"), table.thinking_off),
        efforts=efforts,
        max_tokens=max_tokens if isinstance(max_tokens, int) and max_tokens > 0 else table.max_tokens,
        context_tokens=context if isinstance(context, int) and context > 0 else table.context_tokens,
        strict_tools=either(supported("structured_outputs"), table.strict_tools),
        server_tools=either(supported("server_tools"), table.server_tools),
        known=table.known or bool(told),
    )
