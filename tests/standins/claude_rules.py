"""What the Messages API refuses, and what its models take: the rules a planner is likely to break. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.standins.claude_blocks import BLOCKS, Json, block_faults, extra

ALL_EFFORTS = ("low", "medium", "high", "xhigh", "max")
MOST_REQUEST_BYTES = 32 * 1024 * 1024


class Model(NamedTuple):
    """What one model takes. `cached_from`: the shortest prefix, in tokens, that is cached at all."""

    thinking: tuple[str, ...] = ("adaptive", "disabled")
    efforts: tuple[str, ...] = ALL_EFFORTS
    max_tokens: int = 128_000
    context: int = 1_000_000
    cached_from: int = 1_024
    forced_tools: bool = False


_ALWAYS = Model(thinking=("adaptive",), cached_from=512)
_OLD = Model(("enabled", "disabled"), (), max_tokens=64_000, context=200_000, forced_tools=True)
MODELS = {
    "claude-fable-5-2": _ALWAYS,
    "claude-fable-5-1": _ALWAYS,
    "claude-opus-5-5": _ALWAYS,
    "claude-opus-5": Model(cached_from=512, forced_tools=True),
    "claude-sonnet-5-5": Model(thinking=("adaptive", "disabled", "between_tools")),
    "claude-sonnet-5": Model(forced_tools=True),
    "claude-haiku-5-5": Model(cached_from=2_048),
    "claude-opus-4-6": Model(
        ("adaptive", "enabled", "disabled"),
        ("low", "medium", "high", "max"),
        128_000,
        200_000,
        4_096,
        forced_tools=True,
    ),
    "claude-haiku-4-5": _OLD._replace(cached_from=4_096),
    "claude-sonnet-4-5": _OLD,
}


def model_of(name: str) -> Model | None:
    """The model of that id, dated or not; None if there is none."""
    return MODELS.get(re.sub(r"(-v\d+:\d+|[-@]\d{8})$", "", name.rpartition("anthropic.")[2]))


# --- tools -----------------------------------------------------------------------------------------------------------

_ANY_TOOL = {"type", "name", "cache_control", "strict", "defer_loading", "allowed_callers"}
_SEARCH = _ANY_TOOL | {"max_uses", "allowed_domains", "blocked_domains", "user_location"}
_FETCH = _ANY_TOOL | {
    "max_uses", "allowed_domains", "blocked_domains", "max_content_tokens", "citations", "url_sources",
}  # fmt: skip
SERVER_TOOLS: dict[str, tuple[str, set[str]]] = {
    "web_search_20250305": ("web_search", _SEARCH),
    "web_search_20260209": ("web_search", _SEARCH),
    "web_search_20260318": ("web_search", _SEARCH | {"response_inclusion"}),
    "web_fetch_20250910": ("web_fetch", _FETCH),
    "web_fetch_20260209": ("web_fetch", _FETCH),
    "web_fetch_20260309": ("web_fetch", _FETCH | {"use_cache"}),
    "web_fetch_20260318": ("web_fetch", _FETCH | {"use_cache", "response_inclusion"}),
    **{
        f"code_execution_{day}": ("code_execution", _ANY_TOOL)
        for day in ("20250522", "20250825", "20260120", "20260521")
    },
}
_CUSTOM = _ANY_TOOL | {"description", "input_schema", "eager_input_streaming", "input_examples"}
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_DOMAIN = re.compile(r"(\*\.)?[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(/\S*)?")
CODE_TOOLS = {"code_execution", "bash_code_execution", "text_editor_code_execution"}


def _tools(tools: list[Json]) -> Iterator[str]:
    names = [str(tool.get("name")) for tool in tools]
    if len(set(names)) < len(names):
        yield "tools: Tool names must be unique."
    for at, tool in enumerate(tools):
        kind = tool.get("type", "custom")
        if kind == "custom":
            yield from _custom(at, tool)
        elif kind in SERVER_TOOLS:
            yield from _server_tool(at, tool)
        else:
            yield f"tools.{at}.type: Input tag {kind!r} does not match any of the expected tags"
    filtering = [
        tool["name"]
        for tool in tools
        if re.fullmatch(r"web_(search|fetch)_2026\d{4}", tool.get("type", ""))
        and tool.get("allowed_callers") != ["direct"]
    ]
    if filtering and "code_execution" in names:
        yield f"tools: {filtering[0]} brings code execution of its own; do not declare code_execution beside it"


def _custom(at: int, tool: Json) -> Iterator[str]:
    yield from extra(f"tools.{at}.custom", tool, _CUSTOM)
    if not _TOOL_NAME.fullmatch(str(tool.get("name", ""))):
        yield f"tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
    schema = tool.get("input_schema")
    if not isinstance(schema, dict) or schema.get("type") != "object":
        yield f"tools.{at}.custom.input_schema.type: Field required"
    elif tool.get("strict") and (fault := _closed(schema, schema)):
        yield f"tools.{tool['name']}.input_schema: {fault}"


def _server_tool(at: int, tool: Json) -> Iterator[str]:
    name, keys = SERVER_TOOLS[tool["type"]]
    where = f"tools.{at}.{tool['type']}"
    yield from extra(where, tool, keys)
    if tool.get("name") != name:
        yield f"{where}.name: Input should be {name!r}"
    if tool.get("allowed_domains") is not None and tool.get("blocked_domains") is not None:
        yield f"{where}: only one of allowed_domains and blocked_domains may be given"
    for key in ("allowed_domains", "blocked_domains"):
        for domain in tool.get(key) or []:
            if not _DOMAIN.fullmatch(domain):
                yield f"{where}.{key}: {domain!r} is no domain (give it without a scheme)"
    for key in ("max_uses", "max_content_tokens"):
        if key in tool and (not isinstance(tool[key], int) or tool[key] < 1):
            yield f"{where}.{key}: Input should be greater than 0"


def _closed(node: object, root: Json) -> str | None:  # noqa: PLR0911 - a table, read downwards
    if isinstance(node, list):
        return next((fault for each in node if (fault := _closed(each, root))), None)
    if not isinstance(node, dict):
        return None
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            return "strict schemas need additionalProperties: false"
        if not node.get("properties"):
            return "an object without properties"
    if node.get("type") == "array" and "items" not in node:
        return "an array without items"
    for banned in ("minLength", "maxLength", "minimum", "maximum", "pattern", "maxItems", "default", "uniqueItems"):
        if banned in node and not isinstance(node[banned], dict):
            return f"{banned} is not supported in strict schemas"
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.removeprefix("#/$defs/") not in root.get("$defs", {}):
        return f"{reference} leads nowhere"
    return _closed(list(node.values()), root)


# --- the rules -------------------------------------------------------------------------------------------------------


@dataclass
class Rules:
    """Keeps what the API enforces. Remembers what each thinking block was bound to, what paused, and the containers."""

    containers: set[str] = field(default_factory=set)
    _bound: dict[str, str] = field(default_factory=dict)
    _paused: set[str] = field(default_factory=set)

    def violation(self, body: Json) -> str | None:
        """Why the API would refuse `body` with 400, or None."""
        return next(self._violations(body), None)

    def remember(self, body: Json, content: list[Json], stop_reason: str | None = None, container: str = "") -> None:
        """An answer to `body` went out."""
        prefix = _canonical(body, len(body["messages"]))
        for block in content:
            if block["type"] == "thinking":
                self._bound[block["signature"]] = prefix
        if stop_reason == "pause_turn":
            self._paused.add(json.dumps(bare(content), sort_keys=True))
        if container:
            self.containers.add(container)

    def _violations(self, body: Json) -> Iterator[str]:
        yield from self._options(body, model_of(str(body.get("model"))) or Model())
        yield from _tools(body.get("tools") or [])
        yield from _shapes(body)
        yield from _exchanges(body.get("messages") or [])
        yield from self._history(body)
        yield from _breakpoints(body)

    def _options(self, body: Json, model: Model) -> Iterator[str]:
        known = {
            "model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "thinking", "output_config",
            "cache_control", "metadata", "stop_sequences", "service_tier", "container", "anthropic_version",
        }  # fmt: skip
        yield from (f"{key}: Extra inputs are not permitted" for key in body if key not in known)
        most = body.get("max_tokens")
        if not isinstance(most, int) or most < 1:
            yield "max_tokens: must be greater than or equal to 1"
        elif most > model.max_tokens:
            yield f"max_tokens: {most} > {model.max_tokens}, which is the maximum allowed for {body.get('model')}"
        thinking = body.get("thinking") or {}
        yield from _thinking(thinking, model)
        effort = (body.get("output_config") or {}).get("effort")
        if effort is not None and not model.efforts:
            yield "This model does not support the effort parameter."
        elif effort is not None and effort not in model.efforts:
            yield f"output_config.effort: {effort!r} is not one of {', '.join(model.efforts)}"
        if (body.get("tool_choice") or {}).get("type") in {"any", "tool"} and not model.forced_tools:
            yield "tool_choice forces tool use, which is not supported for this model."
        container = body.get("container")
        if container is not None and container not in self.containers:
            yield f"container: {container!r} was not found"

    def _history(self, body: Json) -> Iterator[str]:
        messages = body.get("messages") or []
        ran_code = False
        for at, message in enumerate(messages):
            for block in _blocks(message) if message["role"] == "assistant" else []:
                ran_code |= block["type"] == "server_tool_use" and block["name"] in CODE_TOOLS
                if block["type"] == "thinking" and self._bound.get(block["signature"]) != _canonical(body, at):
                    yield (
                        f"messages.{at}: Invalid `signature` in `thinking` block. The block is bound to a different "
                        "conversation."
                    )
        if ran_code and self.containers and not body.get("container"):
            yield "container: required, as earlier messages ran code in one"
        if messages and messages[-1]["role"] == "assistant":
            content = messages[-1]["content"]
            if json.dumps(bare(content), sort_keys=True) not in self._paused:
                yield "This model does not support assistant message prefill."


def _thinking(thinking: Json, model: Model) -> Iterator[str]:
    kind = thinking.get("type")
    keys = {"adaptive": {"type", "display"}, "enabled": {"type", "budget_tokens", "display"}}.get(str(kind), {"type"})
    yield from extra("thinking", thinking, keys)
    if kind is not None and kind not in model.thinking:
        yield f'"thinking.type.{kind}" is not supported for this model. It takes: {", ".join(model.thinking)}.'
    if thinking.get("display", "omitted") not in {"omitted", "summarized"}:
        yield "thinking.display: Input should be 'omitted' or 'summarized'"


def _blocks(message: Json) -> list[Json]:
    content = message["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def _shapes(body: Json) -> Iterator[str]:
    system = body.get("system") or []
    for at, block in enumerate(system if isinstance(system, list) else []):
        yield from block_faults(f"system.{at}", block, "user", {"text"})
    for at, message in enumerate(body.get("messages") or []):
        if set(message) != {"role", "content"}:
            yield f"messages.{at}: Field required or extra: a message has role and content"
            return
        if message["role"] not in BLOCKS:
            yield f"messages.{at}.role: Input should be 'user' or 'assistant'"
            return
        if not message["content"]:
            yield f"messages.{at}: content must not be empty"
        for number, block in enumerate(_blocks(message)):
            yield from block_faults(f"messages.{at}.content.{number}", block, message["role"])


def _exchanges(messages: list[Json]) -> Iterator[str]:
    """Whether calls and results go together."""
    if not messages:
        yield "messages: at least one message is required"
        return
    if messages[0]["role"] != "user":
        yield "messages: first message must use the user role"
    pending: list[str] = []
    own: set[str] = set()
    known: set[str] = set()
    for at, message in enumerate(messages):
        blocks = _blocks(message)
        if message["role"] == "user":
            yield from _results(at, blocks, pending)
            pending = []
            if own:
                yield f"messages.{at - 1}: server tool use without a result: {sorted(own)}"
            continue
        calls = [block["id"] for block in blocks if block["type"] in {"tool_use", "server_tool_use"}]
        if len(set(calls)) < len(calls) or known & set(calls):
            yield f"messages.{at}: `tool_use` ids must be unique"
        known |= set(calls)
        pending += [block["id"] for block in blocks if block["type"] == "tool_use"]
        own |= {block["id"] for block in blocks if block["type"] == "server_tool_use"}
        own -= {block["tool_use_id"] for block in blocks if block["type"].endswith("_tool_result")}
    if pending:
        yield "messages: the last tool_use has no result"


def _results(at: int, blocks: list[Json], pending: list[str]) -> Iterator[str]:
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if missing := sorted(set(pending) - set(results)):
        yield f"messages.{at}: `tool_use` ids without `tool_result` blocks: {missing}"
    if unexpected := sorted(set(results) - set(pending)):
        yield f"messages.{at}: unexpected `tool_use_id` in `tool_result`: {unexpected}"
    if len(set(results)) < len(results):
        yield f"messages.{at}: each tool_use must have a single result"
    if any(block["type"] != "tool_result" for block in blocks[: len(results)]):
        yield f"messages.{at}: `tool_result` blocks must come first"


def _breakpoints(body: Json) -> Iterator[str]:
    found = [mark for part in ("tools", "system", "messages") for mark in _marks(body.get(part))]
    found += [(body["cache_control"], {})] if body.get("cache_control") else []
    for mark, block in found:
        if mark.get("type") != "ephemeral" or mark.get("ttl", "5m") not in {"5m", "1h"} or set(mark) - {"type", "ttl"}:
            yield f"cache_control: {mark} is none"
        if block.get("type") in {"thinking", "redacted_thinking"}:
            yield "cache_control cannot be set on thinking blocks"
    if len(found) > 4:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {len(found)}."
    lives = [mark.get("ttl", "5m") for mark, _ in found]
    if "5m" in lives and "1h" in lives[lives.index("5m") :]:
        yield "cache_control blocks with ttl 1h must come before those with ttl 5m"


def _marks(node: object) -> Iterator[tuple[Json, Json]]:
    """Every cache mark in `node`, with its block; what models and schemas say of such a key is none."""
    if isinstance(node, list):
        for each in node:
            yield from _marks(each)
    elif isinstance(node, dict):
        if isinstance(node.get("cache_control"), dict):
            yield node["cache_control"], node
        for key, value in node.items():
            if key not in {"cache_control", "input", "input_schema"}:
                yield from _marks(value)


def bare(node: Any) -> Any:
    """`node` without cache marks, which do not count as part of a conversation."""
    if isinstance(node, dict):
        return {key: bare(value) for key, value in node.items() if key != "cache_control"}
    return [bare(each) for each in node] if isinstance(node, list) else node


def _canonical(body: Json, upto: int) -> str:
    kept = {"system": body.get("system"), "tools": body.get("tools"), "messages": body["messages"][:upto]}
    return json.dumps(bare(kept), sort_keys=True)
