"""The tool a model hands its plan in with, in the subset of JSON Schema that strict tools take. No I/O."""

from __future__ import annotations

from functools import cache
from typing import cast

from pydantic import JsonValue

from planner.model import JsonObject
from planner.plan import Plan
from planner.revise import ITEMS, TEXTS

SUBMIT_PLAN = "submit_plan"
"""Name of the tool that ends a conversation."""

REVISE_PLAN = "revise_plan"
"""Name of the tool that mends one block of a submitted plan."""

_DESCRIPTION = (
    "Hand in the finished plan. Call it once, with the whole plan, when it is complete. "
    "If the answer lists problems, mend each block it names with revise_plan."
)
_REVISE_DESCRIPTION = (
    "Mend one block of the plan you have submitted; call it once for each block, several in one turn if need be. "
    "The plan is taken once all of it is right."
)
# What the compiled grammar of a strict tool does not know; told in the description instead, and checked by our code.
_HINTS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minimum": "at least {}",
    "maximum": "at most {}",
}
# Caps this far off are against runaway output; telling them would only invite length.
_TOLD_LENGTH = 200
_KEPT = {"type", "enum", "const", "items", "properties", "$ref", "$defs", "description", "anyOf"}


@cache
def _tool() -> JsonObject:
    schema = cast("JsonObject", Plan.model_json_schema())
    return {"name": SUBMIT_PLAN, "description": _DESCRIPTION, "input_schema": _strict(schema), "strict": True}


def submit_plan_tool() -> JsonObject:
    """The tool's definition: the same bytes each time, as conversations are signed over their tools."""
    return dict(_tool())


def revise_plan_tool() -> JsonObject:
    """The definition of the tool that mends a block: the same bytes each time, too."""
    texts, items = ", ".join(TEXTS), ", ".join(ITEMS)
    return {
        "name": REVISE_PLAN,
        "description": _REVISE_DESCRIPTION,
        "input_schema": {
            "type": "object",
            "properties": {
                "block": {
                    "type": "string",
                    "description": (
                        "a field of the plan, such as api or risks; or one item by its id or key, such as "
                        f"phases.export-job or artefacts.A2 (of {items}; those of api are its operations, those of "
                        "database its tables). An id or key that is not there yet adds an item"
                    ),
                },
                "content": {
                    "type": "string",
                    "description": (
                        f"what the block is to be, whole: plain text for {texts}; JSON for all others, in the shape "
                        "submit_plan has for it, though for an artefact that is there its text alone will do. Empty "
                        "takes an item away"
                    ),
                },
            },
            "required": ["block", "content"],
            "additionalProperties": False,
        },
        "strict": True,
    }


def _strict(node: JsonObject) -> JsonObject:
    kept: JsonObject = {key: value for key, value in node.items() if key in _KEPT}
    if "$ref" in kept:
        # A reference stands alone; what is said beside it is said on the definition's fields.
        return {"$ref": kept["$ref"]}
    if "enum" in kept:
        kept.pop("type", None)  # as the SDK's own transform has it
    if node.get("minItems") == 1:
        kept["minItems"] = 1  # the one bound that grammars know
    hints = [
        "not empty" if key.startswith("min") and node[key] == 1 else text.format(node[key])
        for key, text in _HINTS.items()
        if key in node and key not in kept and not (key == "maxLength" and cast("int", node[key]) > _TOLD_LENGTH)
    ]
    if hints:
        said = str(kept.get("description", ""))
        kept["description"] = f"{said} ({', '.join(hints)})" if said else ", ".join(hints)
    for key in ("properties", "$defs"):
        if key in kept:
            children = cast("dict[str, JsonObject]", kept[key])
            kept[key] = {name: cast("JsonValue", _strict(child)) for name, child in children.items()}
    if "items" in kept:
        kept["items"] = _strict(cast("JsonObject", kept["items"]))
    if kept.get("type") == "object":
        properties = cast("JsonObject", kept.get("properties", {}))
        # Every field is asked for: optional fields cost grammar, and an empty value says "none" as well.
        kept["required"] = [*properties]
        kept["additionalProperties"] = False
    return kept
