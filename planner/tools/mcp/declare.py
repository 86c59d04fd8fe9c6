"""What an MCP server says of its tools, as the Messages API takes it: bounded, cleaned, or refused. No I/O.

It comes from outside and stands in the prompt. A schema that the API refuses would end the run, so it is checked here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from planner.model import JsonObject
from planner.tools.mcp.config import McpServer, mask
from planner.visible import visible

if TYPE_CHECKING:
    from mcp_types import Tool

MOST_DESCRIPTION = 2_000
"""Characters of a tool's description."""

MOST_SCHEMA = 16_000
"""Characters of a tool's schema as JSON."""

_DEEPEST = 20
_LONGEST_WORDS = 1_000
_LONGEST_VALUE = 500
_CUT = " [cut]"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
# https://docs.claude.com/en/docs/agents-and-tools/tool-use: keys of properties, and no choice at the top.
_PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_NOT_AT_TOP = {"$schema", "$id", "$comment", "oneOf", "anyOf", "allOf"}
_WORDS = {"description", "title", "$comment"}


class Unfit(Exception):
    """The tool cannot be offered. The message says what it has: "a schema nested too deeply"."""


def plain_name(name: str) -> str:
    """A server's or tool's name as it stands in tool names: what is not allowed there is an underscore."""
    return _NOT_IN_NAMES.sub("_", name)


def shown_name(name: str) -> str:
    """A name that a server gave, for people: short, and nothing in it that could be Markdown or an address."""
    return plain_name(name)[:80] or "(without a name)"


def declaration(name: str, tool: Tool, server: McpServer) -> JsonObject:
    """The tool under `name`, for the Messages API. Raises Unfit."""
    if not _NAME.fullmatch(name):
        raise Unfit("a name longer than 128 characters")
    description = _words(tool.description or tool.title or "", MOST_DESCRIPTION, server)
    said = f"From the MCP server {server.name}: {description}" if description else f"From the MCP server {server.name}."
    return {"name": name, "description": said, "input_schema": _schema(cast("JsonObject", tool.input_schema), server)}


def _words(text: str, most: int, server: McpServer) -> str:
    text = mask(visible(text).text, server).strip()
    return text if len(text) <= most else text[:most] + _CUT


def _schema(given: JsonObject, server: McpServer) -> JsonObject:
    kept = {key: value for key, value in given.items() if key not in _NOT_AT_TOP}
    schema = cast("JsonObject", _cleaned(kept, 0, server))
    if schema.setdefault("type", "object") != "object":
        raise Unfit("arguments that are no object")
    properties = schema.setdefault("properties", {})
    if not isinstance(properties, dict) or not all(_PROPERTY.fullmatch(key) for key in properties):
        raise Unfit("names of arguments that the service refuses")
    if len(json.dumps(schema)) > MOST_SCHEMA:
        raise Unfit(f"a schema longer than {MOST_SCHEMA // 1_000} kB")
    for reference in _references(schema):
        if not _resolves(reference, schema):
            raise Unfit("a schema that refers to something outside it")
    _check(schema)
    return schema


def _cleaned(value: JsonValue, depth: int, server: McpServer, key: str = "") -> JsonValue:
    if depth > _DEEPEST:
        raise Unfit("a schema nested too deeply")
    if isinstance(value, str):
        if key in _WORDS:
            return _words(value, _LONGEST_WORDS, server)
        if len(value) > _LONGEST_VALUE:
            raise Unfit("a schema with a very long text in it")
        return mask(visible(value).text, server)
    if isinstance(value, list):
        return [_cleaned(each, depth + 1, server) for each in value]
    if isinstance(value, dict):
        return {mask(visible(at).text, server): _cleaned(each, depth + 1, server, at) for at, each in value.items()}
    return value


def _references(value: JsonValue) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in _references(each)]
    if not isinstance(value, dict):
        return []
    found = [found for each in value.values() for found in _references(each)]
    own = (value[key] for key in ("$ref", "$dynamicRef") if key in value)
    return found + [each for each in own if isinstance(each, str)]


def _resolves(reference: str, schema: JsonObject) -> bool:
    # A JSON pointer within the schema (RFC 6901); anything else would be looked up elsewhere.
    if reference != "#" and not reference.startswith("#/"):
        return False
    at: JsonValue = schema
    for part in reference.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, dict) or step not in at:
            return False
        at = at[step]
    return True


def _check(schema: JsonObject) -> None:
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - starting the receiver must stay quick

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        raise Unfit("no valid JSON Schema of the 2020-12 draft") from None
