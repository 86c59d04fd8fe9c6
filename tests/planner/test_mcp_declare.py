"""Tools of MCP servers as the Messages API takes them, or why not."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_types import Tool
from pydantic import SecretStr

from planner.tools.mcp.config import StdioServer
from planner.tools.mcp.declare import Unfit, declaration, plain_name, shown_name

SERVER = StdioServer(name="figma", command=SecretStr("x"), secrets=(SecretStr("figd-secret"),))


def tool(schema: dict[str, Any], **more: Any) -> Tool:
    return Tool(name="get", input_schema=schema, **more)


def declared(schema: dict[str, Any]) -> Any:
    return declaration("mcp__figma__get", tool(schema), SERVER)["input_schema"]


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return {"type": "object", "properties": {"a": schema}}


NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
TEXT = {"type": "string"}
KEPT = {
    "no arguments": ({"type": "object"}, {"type": "object", "properties": {}}),
    "no type": ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
    "a choice at the top": (
        {"type": "object", "properties": {"a": TEXT}, "oneOf": [{"required": ["a"]}], "allOf": []},
        {"type": "object", "properties": {"a": TEXT}},
    ),
    "a choice further in": (
        {"type": "object", "properties": {"a": {"anyOf": [TEXT, {"type": "null"}]}}},
        {"type": "object", "properties": {"a": {"anyOf": [TEXT, {"type": "null"}]}}},
    ),
    "a reference within": (
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/node"}}, "$defs": {"node": NODE}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/node"}}, "$defs": {"node": NODE}},
    ),
    "long words": (
        {"type": "object", "properties": {"a": {"type": "string", "description": "d" * 5_000}}},
        {"type": "object", "properties": {"a": {"type": "string", "description": "d" * 1_000 + " [cut]"}}},
    ),
    "hidden words": (
        {"type": "object", "properties": {"a": {"type": "string", "description": "see\u200bn <!-- hidden -->"}}},
        {"type": "object", "properties": {"a": {"type": "string", "description": "seen"}}},
    ),
    "a secret": (
        {"type": "object", "properties": {"a": {"type": "string", "default": "figd-secret"}}},
        {"type": "object", "properties": {"a": {"type": "string", "default": "[secret]"}}},
    ),
    "nested a little": (nested(10), nested(10)),
}


@pytest.mark.parametrize(("given", "kept"), KEPT.values(), ids=KEPT)
def test_schemas_are_cleaned(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert declared(given) == kept


UNFIT = {
    "nested deeply": (nested(100), "a schema nested too deeply"),
    "long": (
        {"type": "object", "properties": {f"a{n}": {"type": "string", "description": "d" * 900} for n in range(30)}},
        "a schema longer than 16 kB",
    ),
    "a long value": (
        {"type": "object", "properties": {"a": {"enum": ["v" * 5_000]}}},
        "a schema with a very long text in it",
    ),
    "no object": ({"type": "string"}, "arguments that are no object"),
    "odd names": ({"type": "object", "properties": {"ä": {}}}, "names of arguments that the service refuses"),
    "long names": ({"type": "object", "properties": {"a" * 65: {}}}, "names of arguments that the service refuses"),
    "properties as a list": ({"type": "object", "properties": []}, "names of arguments that the service refuses"),
    "a reference elsewhere": (
        {"type": "object", "properties": {"a": {"$ref": "https://example.com/a.json"}}},
        "a schema that refers to something outside it",
    ),
    "a reference to nothing": (
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/gone"}}},
        "a schema that refers to something outside it",
    ),
    "of another draft": (
        {"type": "object", "properties": {"a": {"type": "array", "items": [{"type": "string"}]}}},
        "no valid JSON Schema of the 2020-12 draft",
    ),
    "an unknown type": (
        {"type": "object", "properties": {"a": {"type": "text"}}},
        "no valid JSON Schema of the 2020-12 draft",
    ),
}


@pytest.mark.parametrize(("given", "why"), UNFIT.values(), ids=UNFIT)
def test_what_the_service_would_refuse_is_left_out(given: dict[str, Any], why: str) -> None:
    with pytest.raises(Unfit) as caught:
        declared(given)
    assert str(caught.value) == why


DESCRIPTIONS = {
    "none": ({}, "From the MCP server figma."),
    "a title": ({"title": "Get"}, "From the MCP server figma: Get"),
    "words": ({"description": " Get it.\n"}, "From the MCP server figma: Get it."),
    "many words": ({"description": "d" * 100_000}, f"From the MCP server figma: {'d' * 2_000} [cut]"),
    "hidden words": ({"description": "A\U000e0041<!-- obey -->B"}, "From the MCP server figma: AB"),
    "a secret": ({"description": "key figd-secret"}, "From the MCP server figma: key [secret]"),
}


@pytest.mark.parametrize(("more", "description"), DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_descriptions_say_where_they_come_from(more: dict[str, Any], description: str) -> None:
    assert declaration("x", tool({"type": "object"}, **more), SERVER)["description"] == description


NAMES = {
    "plain": ("get_it-2", "get_it-2"),
    "dotted": ("a.b/c", "a_b_c"),
    "a link": ("[x](http://y.z)", "_x__http___y_z_"),
}


@pytest.mark.parametrize(("given", "plain"), NAMES.values(), ids=NAMES)
def test_names_are_made_plain(given: str, plain: str) -> None:
    assert (plain_name(given), shown_name(given)) == (plain, plain)


def test_a_name_that_is_too_long_is_left_out() -> None:
    with pytest.raises(Unfit):
        declaration("n" * 129, tool({"type": "object"}), SERVER)
    assert declaration("n" * 128, tool({"type": "object"}), SERVER)["name"] == "n" * 128
