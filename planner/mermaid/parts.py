"""The parts of a diagram and what joins them, from the engine's model or, where it gives none, the text. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from planner.mermaid.source import Source
from planner.notation import items as listed
from planner.notation import mapping


class Node(NamedTuple):
    """A part of a diagram. `shape`: `cylinder` for a store, else a flowchart's word for it, else what kind it is."""

    id: str
    label: str
    shape: str


class Edge(NamedTuple):
    """What joins two parts, by their ids; a message or a transition, too. `label` may be empty."""

    start: str
    end: str
    label: str = ""


_KINDS = {
    "flowchart-v2": "flowchart",
    "flowchart-elk": "flowchart",
    "classDiagram": "class",
    "classDiagram-v2": "class",
    "stateDiagram": "state",
    "stateDiagram-v2": "state",
    "graph": "flowchart",
    "sequenceDiagram": "sequence",
    "erDiagram": "er",
    "architecture-beta": "architecture",
    "block-beta": "block",
}
_STORES = frozenset({"cylinder", "cyl", "database", "db", "lin-cyl", "disk", "lined-cylinder"})


def kind_of(source: Source, model: Mapping[str, object]) -> str:
    """A short word for the kind of diagram."""
    said = str(model.get("type") or source.keyword)
    return "c4" if said.startswith("C4") else _KINDS.get(said, said)


def nodes_of(source: Source, model: Mapping[str, object]) -> tuple[Node, ...]:
    """The parts: nodes and subgraphs, participants, entities, classes, states, people and systems. Each id once."""
    found = _modelled(model) if model else _written(source)
    return tuple({node.id: node for node in found}.values())


_LISTS = {
    "nodes": "node",
    "blocksFlat": "block",
    "entities": "entity",
    "actors": "actor",
    "classes": "class",
    "shapes": "shape",
    "boundaries": "boundary",
    "groups": "group",
}


def _modelled(model: Mapping[str, object]) -> Iterator[Node]:
    for key, kind in _LISTS.items():
        given = model.get(key)
        if isinstance(given, dict):
            pairs = [*cast("dict[str, object]", given).items()]
        else:
            pairs = [("", each) for each in listed(given)]
        for name, each in pairs:
            part = mapping(each)
            shape = _text(part.get("shape") or part.get("typeC4Shape") or part.get("icon") or part.get("type")) or kind
            identity = name or _text(part.get("nodeId") or part.get("id") or part.get("alias"))
            if not part or not identity or identity in {"global", "root_start", "root_end"} or shape in _NO_PARTS:
                continue
            label = _text(part.get("label") or part.get("description") or part.get("title")) or identity
            stores = shape in _STORES or shape.endswith("_db")
            yield Node(identity, label, "cylinder" if stores else "subgraph" if key == "groups" else shape)
    for each in listed(model.get("subgraphs")):
        part = mapping(each)
        yield Node(_text(part.get("id")), _text(part.get("title") or part.get("id")), "subgraph")


_NO_PARTS = frozenset({"note", "noteGroup", "composite", "stateStart", "stateEnd", "space"})


def _text(value: object) -> str:
    """A text, also where the model has it as `{"text": ...}`."""
    return str(mapping(cast("object", value)).get("text", "") if isinstance(value, dict) else value or "")


_ENDS = (("from", "to"), ("start", "end"), ("id1", "id2"), ("entityA", "entityB"), ("lhsId", "rhsId"), ("src", "dst"))


def edges_of(model: Mapping[str, object]) -> tuple[Edge, ...]:
    """What joins the parts, in its order; empty where the engine gives no model."""
    entities = {
        _text(mapping(each).get("id")): name for name, each in mapping(model.get("entities")).items()
    }  # their relationships name them by inner ids
    found: list[Edge] = []
    for key in ("edges", "messages", "relations", "relationships", "rels"):
        for each in listed(model.get(key)):
            part = mapping(each)
            for start, end in _ENDS:
                if part.get(start) and part.get(end):
                    one, other = _text(part[start]), _text(part[end])
                    label = _text(part.get("label") or part.get("message") or part.get("roleA") or part.get("title"))
                    found.append(Edge(entities.get(one, one), entities.get(other, other), label))
                    break
    return tuple(found)


# --- without a model -------------------------------------------------------------------------------------------------

_SHAPED = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.]*)(?:@\{[^}\n]*?\bshape:\s*([\w-]+)[^}\n]*?\blabel:\s*\"([^\"\n]*)\"|"
    r"(\[\(|\[\[|\(\[|\(\(|\[|\(|\{\{|\{|>)[\"/\\]?([^\[\](){}\"\n]+)[\"/\\]?[\])}])"
)
_SUBGRAPH = re.compile(r"\s*subgraph\s+(?:([\w.-]+)\s*\[\"?([^\"\]\n]+)\"?\]|\"?([^\"\[\n]+)\"?)")
_PARTICIPANT = re.compile(r"\s*(?:create\s+)?(participant|actor)\s+(\S+)(?:\s+as\s+(.+))?")
_ENTITY = re.compile(r"\s*([\w.-]+)(?:\[\"?([^\"\]]+)\"?\])?\s*\{")


def _written(source: Source) -> Iterator[Node]:
    """As far as the text shows it by itself: flowcharts' labelled nodes, participants, entities with attributes."""
    for line in source.lines:
        if source.is_flowchart and (match := _SUBGRAPH.match(line)):
            name = (match[1] or match[3]).strip()
            yield Node(name, (match[2] or name).strip(), "subgraph")
        elif source.is_flowchart:
            for each in _SHAPED.finditer(line):
                stores = each[4] == "[(" or each[2] in _STORES
                yield Node(each[1], (each[3] or each[5]).strip(), "cylinder" if stores else "node")
        elif source.keyword == "sequenceDiagram" and (match := _PARTICIPANT.match(line)):
            yield Node(match[2], (match[3] or match[2]).strip(), match[1])
        elif source.keyword == "erDiagram" and (match := _ENTITY.match(line)):
            yield Node(match[1], match[2] or match[1], "entity")
