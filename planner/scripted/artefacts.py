"""Writes a design down in the languages that tools read: Mermaid, OpenAPI, SQL, TypeScript, JSON. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from planner.scripted.design import Call, Design, Relation, camel, pascal

_SHAPES = {"box": ('["', '"]'), "store": ('[("', '")]'), "queue": ('[/"', '"/]'), "outside": ('(["', '"])')}

Yaml = str | int | bool | Sequence["Yaml"] | Mapping[str, "Yaml"]


def mermaid(design: Design) -> str:
    """A flowchart of every part and how they talk."""
    ids = {part.name: f"n{at}" for at, part in enumerate(design.parts, 1)}
    lines = ["flowchart LR"]
    for part in design.parts:
        before, after = _SHAPES[part.kind]
        label = _label(part.name) + (f"<br/>{_label(part.aws)}" if part.aws else "")
        lines.append(f"  {ids[part.name]}{before}{label}{after}")
    lines += [f'  {ids[flow.start]} -->|"{_label(flow.label)}"| {ids[flow.end]}' for flow in design.flows]
    return "\n".join(lines)


def _label(text: str) -> str:
    return re.sub(r'["`<>|{}\[\]#;]', "", " ".join(text.split()))[:60]


def openapi(design: Design, title: str) -> str:
    """An OpenAPI 3.1 document of the calls, in YAML."""
    relations = {each.name: each for each in design.relations}
    paths: dict[str, dict[str, Yaml]] = {}
    for call in design.calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    named = sorted({name for call in design.calls for name in (call.answer, call.body) if name})
    schemas: dict[str, Yaml] = {pascal(name): _schema(relations[name]) for name in named}
    schemas["Problem"] = {
        "type": "object",
        "description": "An error as RFC 9457 has it.",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    }
    whole: Mapping[str, Yaml] = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
                "Problem": {
                    "description": "It was not done, and why.",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "schemas": schemas,
        },
    }
    return "\n".join(_yaml(whole, 0))


def _operation(call: Call) -> Yaml:
    words = re.findall(r"[A-Za-z0-9]+", call.path.replace("/v1/", "/"))
    operation: dict[str, Yaml] = {
        "operationId": call.method.lower() + "".join(word[:1].upper() + word[1:] for word in words),
        "summary": call.summary,
    }
    parameters: list[Yaml] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", call.path)
    ]
    if call.many:
        parameters.append({"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}})
    if parameters:
        operation["parameters"] = parameters
    if call.auth.startswith("signature"):
        operation["security"] = []
        operation["requestBody"] = {"required": True, "content": _content({"type": "object"})}
    if call.body:
        operation["requestBody"] = {"required": True, "content": _content(_reference(call.body))}
    good: dict[str, Yaml] = {"description": "Done."}
    if call.many:
        items: Mapping[str, Yaml] = {"type": "array", "items": _reference(call.answer)}
        good["content"] = _content(
            {"type": "object", "required": ["items"], "properties": {"items": items, "nextCursor": {"type": "string"}}}
        )
    elif call.answer:
        good["content"] = _content(_reference(call.answer))
    operation["responses"] = {str(call.status): good, "default": {"$ref": "#/components/responses/Problem"}}
    return operation


def _reference(name: str) -> Mapping[str, Yaml]:
    return {"$ref": f"#/components/schemas/{pascal(name)}"}


def _content(schema: Yaml) -> Mapping[str, Yaml]:
    return {"application/json": {"schema": schema}}


_JSON_TYPES: dict[str, Mapping[str, Yaml]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "timestamptz": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "bigint": {"type": "integer", "format": "int64"},
    "boolean": {"type": "boolean"},
    "jsonb": {"type": "object"},
}


def _schema(relation: Relation) -> Yaml:
    return {
        "type": "object",
        "description": relation.purpose,
        "required": [
            camel(each.name) for each in relation.fields if "NULL" in each.constraint or "KEY" in each.constraint
        ],
        "properties": {camel(each.name): _JSON_TYPES.get(each.type, {"type": "string"}) for each in relation.fields},
    }


def _yaml(node: Yaml, depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    if isinstance(node, Mapping):
        for key, value in node.items():
            name = (
                key
                if re.fullmatch(r"[A-Za-z_$][\w$]*", key) and key not in {"null", "true", "false"}
                else json.dumps(key)
            )
            if isinstance(value, Mapping | list) and value:
                lines += [f"{pad}{name}:", *_yaml(value, depth + 1)]
            else:
                lines.append(f"{pad}{name}: {_scalar(value)}")
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, Mapping) and value:
                first, *rest = _yaml(value, depth + 1)
                lines += [f"{pad}- {first.lstrip()}", *rest]
            else:
                lines.append(f"{pad}- {_scalar(value)}")
    return lines


def _scalar(value: Yaml) -> str:
    # JSON is YAML; plain words need no quotes.
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w./-]*", value) and value.lower() not in {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    }:  # fmt: skip
        return value
    return json.dumps(value, ensure_ascii=False)


def sql(design: Design) -> str:
    """Tables and indexes for PostgreSQL 16."""
    statements: list[str] = []
    for relation in design.relations:
        lines = [f"  {each.name} {each.type} {each.constraint}".rstrip() for each in relation.fields]
        statements.append(f"CREATE TABLE {relation.name} (\n" + ",\n".join(lines) + "\n);")
        for index in relation.indexes:
            name = f"{relation.name}_{'_'.join(index.columns)}_idx"
            statements.append(f"CREATE INDEX {name} ON {relation.name} ({', '.join(index.columns)});")
    return "\n\n".join(statements)


def dynamodb(design: Design) -> str:
    """Tables as DynamoDB's CreateTable takes them, in JSON: a list, one table each."""
    tables: list[dict[str, object]] = []
    for relation in design.relations:
        key = relation.fields[0].name
        indexed = [index.columns[:2] for index in relation.indexes]
        used = dict.fromkeys([key, *(column for columns in indexed for column in columns)])
        table: dict[str, object] = {
            "TableName": relation.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in used],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        }
        if indexed:
            table["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": f"by_{'_'.join(columns)}",
                    "KeySchema": [
                        {"AttributeName": name, "KeyType": kind}
                        for name, kind in zip(columns, ("HASH", "RANGE"), strict=False)
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for columns in indexed
            ]
        tables.append(table)
    return json.dumps(tables, indent=2)


_TS_TYPES = {"integer": "number", "bigint": "number", "boolean": "boolean", "jsonb": "Record<string, unknown>"}


def typescript(design: Design) -> str:
    """The shapes that components exchange, and the calls as one interface."""
    blocks: list[str] = []
    for relation in design.relations:
        lines = [
            f"  {camel(each.name)}: {_TS_TYPES.get(each.type, 'string')}"
            + ("" if "NULL" in each.constraint or "KEY" in each.constraint else " | null")
            + ";"
            for each in relation.fields
        ]
        blocks.append(f"export interface {pascal(relation.name)} {{\n" + "\n".join(lines) + "\n}")
    methods: list[str] = []
    for call in design.calls:
        words = re.findall(r"[A-Za-z0-9]+", re.sub(r"{\w+}", "", call.path).replace("/v1/", "/"))
        name = call.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)
        if any(method.startswith(f"  {name}(") for method in methods):
            name += "One"
        arguments = [f"{each}: string" for each in re.findall(r"{(\w+)}", call.path)]
        if call.body:
            arguments.append(f"body: Partial<{pascal(call.body)}>")
        answer = pascal(call.answer) if call.answer else "void"
        methods.append(f"  {name}({', '.join(arguments)}): Promise<{answer}{'[]' if call.many else ''}>;")
    if methods:
        blocks.append("export interface Api {\n" + "\n".join(methods) + "\n}")
    return "\n\n".join(blocks)
