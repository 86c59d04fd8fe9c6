"""The parts of a plan agree: operations and contract, tables and schema, services and diagram, risks. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planner import dynamodb, openapi, postgres
from planner.checks import Rule, found, within
from planner.findings import At, Finding
from planner.mermaid import MermaidFault, Node, read
from planner.notation import NotationError, items, load, mapping
from planner.outline import OutlinedTable
from planner.subject import Fence, Subject

KINDS: frozenset[str] = frozenset()
RULES = {
    "operation": Rule("warning", "operations in the list stand in the contract, and the other way round"),
    "table": Rule("warning", "tables in the list stand in the schema, and the other way round"),
    "column": Rule("error", "columns in the list stand in the schema"),
    "schema-column": Rule("warning", "what the contract shows of a table is among its columns"),
    "service": Rule("warning", "services that own operations are in the diagram"),
    "store": Rule("warning", "stores in the diagram have a schema"),
    "risk": Rule("error", "risks have likelihood, impact, what is done about them, and a phase that is there"),
    "reference": Rule("error", "requirements named in the text are there"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0

_HTTP = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_MOST = 4


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    contracts = list(_contracts(subject))
    tables = list(_tables(subject))
    yield from _operations(subject, contracts)
    yield from _tables_agree(subject, tables)
    yield from _schemas(subject, contracts, tables)
    yield from _diagram(subject, tables)
    yield from _risks(subject)
    yield from _references(subject)


def _key(name: str) -> str:
    """A name in any spelling: `orderItems`, `order_item`, `OrderItems`."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    return plain.removesuffix("es").removesuffix("s") if len(plain) > 3 else plain  # noqa: PLR2004 - `dns` is no plural


# --- operations and contract -----------------------------------------------------------------------------------------


class _Contract(NamedTuple):
    """An OpenAPI document of the plan."""

    fence: Fence
    value: object
    lines: dict[str, int]
    bases: tuple[str, ...]


def _contracts(subject: Subject) -> Iterator[_Contract]:
    for fence in subject.fences:
        if "openapi" not in fence.kinds or len(fence.content) > 200_000:  # noqa: PLR2004 - planner/checks/openapi.py says so
            continue
        try:
            loaded = load(fence.content, "json" if "json" in fence.kinds else "yaml")
        except NotationError:
            continue
        value = mapping(loaded.documents[0] if loaded.documents else None)
        lines = {name: loaded.line(("components", "schemas", name)) for name in openapi.schemas(value)}
        bases = tuple(_base(str(mapping(each).get("url", ""))) for each in items(value.get("servers")))
        yield _Contract(fence, value, lines, bases)


def _base(url: str) -> str:
    return re.sub(r"^[a-z]+://[^/]*|\{[^}]*\}", "", url).rstrip("/")


def _operations(subject: Subject, contracts: Sequence[_Contract]) -> Iterator[Finding]:
    listed = {
        (each.method.upper(), openapi.same_template(each.path.split("?")[0].strip("` "))): each
        for each in subject.outline.operations
        if each.method.upper() in _HTTP
    }
    if not contracts or not listed:
        return
    written: dict[tuple[str, str], tuple[_Contract, openapi.Operation]] = {}
    for contract in contracts:
        for operation in openapi.operations(contract.value):
            for base in ("", *contract.bases):
                written[operation.method, openapi.same_template(base + operation.path)] = (contract, operation)
    for key, each in listed.items():
        if key not in written and not _under_another_base(key, set(written)):
            said = f"{each.method} {each.path} is in the list of operations and not in the contract."
            yield found("across/operation", said, each.at, rules=RULES, hint="Write it into the OpenAPI document, too.")
            break
    for key, (contract, operation) in written.items():
        known = [(operation.method, openapi.same_template(base + operation.path)) for base in ("", *contract.bases)]
        if not any(one in listed or _under_another_base(one, set(listed)) for one in known):
            said = f"{key[0]} {operation.path} is in the contract and not in the list of operations."
            yield found("across/operation", said, contract.fence.at, rules=RULES, hint="List it, or take it away.")
            break


def _under_another_base(key: tuple[str, str], others: set[tuple[str, str]]) -> bool:
    """`/orders` and `/v1/orders` are the same operation, written with and without what stands before all paths."""
    method, path = key
    return any(
        method == other and (path.endswith(one) or one.endswith(path)) and one.strip("/") for other, one in others
    )


# --- tables and schema -----------------------------------------------------------------------------------------------


class _Schema(NamedTuple):
    """A table as an artefact makes it. `whole`: whether all its columns are there; DynamoDB names keys alone."""

    table: postgres.Table
    fence: Fence
    whole: bool


def _tables(subject: Subject) -> Iterator[_Schema]:
    for fence in subject.fences:
        if fence.kinds & {"sql", "postgresql"}:
            yield from (_Schema(table, fence, whole=True) for table in postgres.tables_in(fence.content))
        elif "dynamodb" in fence.kinds:
            yield from (_Schema(table, fence, whole=False) for table in dynamodb.tables_in(fence.content))


def _tables_agree(subject: Subject, schemas: Sequence[_Schema]) -> Iterator[Finding]:
    listed = {_key(each.name): each for each in subject.outline.tables}
    made = {_key(each.table.name): each for each in schemas}
    if not listed or not made:
        return
    for key, table in listed.items():
        if key not in made and not _is_part_of(table, made):
            said = f"The table `{table.name}` is in the list and not in the schema."
            yield found("across/table", said, table.at, rules=RULES, hint="Write it into the schema, too.")
            break
    for key, schema in made.items():
        if key not in listed and schema.whole:
            said = f"The table `{schema.table.name}` is in the schema and not in the list of tables."
            yield found("across/table", said, within(schema.fence.at, schema.table.line), rules=RULES)
            break
    for key, table in listed.items():
        if key in made and made[key].whole:
            yield from _columns(table, made[key])


def _is_part_of(table: OutlinedTable, made: dict[str, _Schema]) -> bool:
    """In a single-table design, item types have no table of their own; nor has what stands already."""
    return any(not each.whole for each in made.values()) or "exist" in table.name.casefold()


def _columns(table: OutlinedTable, schema: _Schema) -> Iterator[Finding]:
    there = {_key(each.name) for each in schema.table.columns}
    for name, _ in table.columns:
        plain = name.strip("`* ")
        if re.fullmatch(r"\w+", plain) and _key(plain) not in there:
            said = f"`{table.name}.{plain}` is in the list of columns and not in the schema."
            at = within(schema.fence.at, schema.table.line)
            yield found("across/column", said, at, rules=RULES, hint="Make both name the same columns.")
            return


def _schemas(subject: Subject, contracts: Sequence[_Contract], schemas: Sequence[_Schema]) -> Iterator[Finding]:
    columns = {_key(each.table.name): {_key(one.name) for one in each.table.columns} for each in schemas if each.whole}
    for table in subject.outline.tables:
        columns.setdefault(_key(table.name), {_key(name) for name, _ in table.columns})
    del subject
    for contract in contracts:
        for name, schema in openapi.schemas(contract.value).items():
            table = str(schema.get("x-table") or name)
            known = columns.get(_key(table), set())
            properties = [each for each in mapping(schema.get("properties")) if not each.startswith("x-")]
            missing = [each for each in properties if _key(each) not in known]
            # A view of a table has most of its columns; what has few is another thing of the same name.
            is_view = bool(schema.get("x-table")) or len(missing) * 3 <= len(properties)
            if known and missing and is_view:
                said = f"`{name}.{missing[0]}` in the contract is no column of the table."
                at = within(contract.fence.at, contract.lines.get(name, 1))
                yield found(
                    "across/schema-column", said, at, rules=RULES, hint="Add the column, or say how it is computed."
                )
                return


# --- the diagram -----------------------------------------------------------------------------------------------------

_CACHES = re.compile(
    r"cache|redis|valkey|memcache|bucket|s3|queue|topic|stream|blob|files?|storage|search|existing|log", re.IGNORECASE
)


def _nodes(subject: Subject) -> list[tuple[Node, Fence]]:
    found_nodes: list[tuple[Node, Fence]] = []
    for fence in subject.fences:
        if "mermaid" in fence.kinds:
            try:
                diagram = read(fence.content)
            except MermaidFault:
                continue
            if diagram.kind in {"flowchart", "sequence", "c4", "architecture", "block"}:
                found_nodes += [(node, fence) for node in diagram.nodes]
    return found_nodes


def _diagram(subject: Subject, tables: Sequence[_Schema]) -> Iterator[Finding]:
    nodes = _nodes(subject)
    if not nodes:
        return
    labels = [_words(f"{node.label} {node.id}") for node, _ in nodes]
    owners = {name for each in subject.outline.phases if each.operation_ids for name in each.service_ids}
    for each in subject.outline.services:
        if each.id in owners and not any(_same_part(_words(each.name), label) for label in labels):
            said = f"The service `{each.name}` owns operations and is in no diagram."
            yield found("across/service", said, each.at, rules=RULES, hint="Draw it, under the same name.")
            break
    if tables or subject.outline.tables:
        return
    for node, fence in nodes:
        if node.shape == "cylinder" and not _CACHES.search(node.label):
            said = f"`{_plain(node.label)}` in the diagram stores something, and the plan has no schema."
            yield found("across/store", said, fence.at, rules=RULES, hint="Add its tables, or call it existing.")
            break


def _plain(label: str) -> str:
    return " ".join(re.sub(r"<br\s*/?>", " ", label).split())[:60]


def _words(text: str) -> set[str]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"<br\s*/?>", " ", text))
    return {_key(word) for word in re.findall(r"[^\W_]+", split)} - {
        "service",
        "the",
        "and",
        "of",
        "a",
        "api",
        "aw",
        "amazon",
    }


def _same_part(name: set[str], label: set[str]) -> bool:
    """Whether a diagram's label speaks of a service: most of its words are there."""
    return not name or len(name & label) * 2 >= len(name)


# --- risks and references --------------------------------------------------------------------------------------------


def _risks(subject: Subject) -> Iterator[Finding]:
    keys = {each.key for each in subject.outline.phases}
    for each in subject.outline.risks:
        lacking = [
            word
            for word, given in (
                ("likelihood", each.likelihood),
                ("impact", each.impact),
                ("mitigation", each.mitigation),
            )
            if not given.strip()
        ]
        shown = " ".join(each.text.split())[:60]
        if lacking:
            said = f"The risk “{shown}” has no {' and no '.join(lacking)}."
            yield found("across/risk", said, each.at, rules=RULES)
            return
        if each.phase and keys and each.phase not in keys:
            said = f"The risk “{shown}” belongs to `{each.phase}`, which is no phase."
            yield found("across/risk", said, each.at, rules=RULES)
            return


_NAMED = re.compile(r"\((R\d{1,3}(?:(?:, | and |/)R\d{1,3})*)\)")


def _references(subject: Subject) -> Iterator[Finding]:
    ids = {each.id for each in subject.outline.requirements}
    if not ids:
        return
    texts: list[tuple[str, At]] = [
        ("\n".join((each.goal, *each.tasks, *each.acceptance)), each.at) for each in subject.outline.phases
    ]
    texts += [(each.text, each.at) for each in (*subject.outline.tests, *subject.outline.risks)]
    told = 0
    for text, at in texts:
        for match in _NAMED.finditer(text):
            for name in re.findall(r"R\d+", match[1]):
                if name not in ids and told < _MOST:
                    told += 1
                    said = f"`{name}` is named here and is no requirement of this plan."
                    yield found("across/reference", said, at, rules=RULES, hint=f"There are {', '.join(sorted(ids))}.")
                    return
