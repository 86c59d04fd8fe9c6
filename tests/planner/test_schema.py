"""The tool's schema stays inside what strict tools take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from anthropic import transform_schema

from planner.plan import Plan
from planner.schema import revise_plan_tool, submit_plan_tool
from tests.standins.claude import Rules


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def test_the_same_bytes_each_time() -> None:
    assert json.dumps(submit_plan_tool()) == json.dumps(submit_plan_tool())


def test_it_stays_small() -> None:
    """A strict tool is compiled into a grammar, and grammars that grow too large are refused."""
    whole = submit_plan_tool()
    assert len(json.dumps(whole)) < 16_000
    assert sum(len(node.get("properties", {})) for node in nodes(whole["input_schema"]) if "properties" in node) < 140


def test_the_stand_ins_rules_accept_both() -> None:
    body = {
        "tools": [revise_plan_tool(), submit_plan_tool()],
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "x"}],
    }
    assert Rules().violation(body) is None


def test_objects_are_closed_and_ask_for_every_field() -> None:
    objects = [node for node in nodes(submit_plan_tool()["input_schema"]) if node.get("type") == "object"]
    assert len(objects) > 15
    for each in objects:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
        assert each["properties"], "a dictionary would come out empty"


def test_no_unions_and_no_open_fields() -> None:
    for node in nodes(submit_plan_tool()["input_schema"]):
        assert not {"anyOf", "oneOf", "allOf", "prefixItems", "default"} & set(node)


def test_every_field_says_what_it_holds() -> None:
    schema: Any = submit_plan_tool()["input_schema"]
    for definition in [schema, *schema["$defs"].values()]:
        for name, field in definition["properties"].items():
            assert field.get("description") or "$ref" in field, name


def test_it_asks_for_what_the_sdks_own_transform_would() -> None:
    def shape(node: Any) -> Any:
        if isinstance(node, dict):
            kept = {"type", "enum", "const", "items", "properties", "$ref", "$defs", "minItems"}
            named = {"properties", "$defs"}
            return {
                key: {name: shape(child) for name, child in value.items()} if key in named else shape(value)
                for key, value in node.items()
                if key in kept
            }
        return [shape(each) for each in node] if isinstance(node, list) else node

    assert shape(submit_plan_tool()["input_schema"]) == shape(transform_schema(Plan))
