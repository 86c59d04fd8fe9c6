"""GraphQL schemas and operations parse, and a whole schema fits together. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import GraphQLError, build_ast_schema, parse, validate_schema
from graphql.language import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    Visitor,
    visit,
)
from graphql.validation.validate import validate_sdl

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject

KINDS = frozenset({"graphql"})
RULES = {
    "syntax": Rule("error", "it parses"),
    "schema": Rule("error", "its types are defined and fit together"),
    "not-checked": Rule("warning", "it is small enough to be read"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 100_000
_DEEPEST = 100
_BRACKET = re.compile(r"[\[({]|[\])}]")
_MOST = 2

_BUILT_IN = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})
_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_AWS_SCALARS = (
    "AWSDate",
    "AWSTime",
    "AWSDateTime",
    "AWSTimestamp",
    "AWSEmail",
    "AWSJSON",
    "AWSURL",
    "AWSPhone",
    "AWSIPAddress",
)
_FEDERATION = ("_Any", "_Entity", "_Service", "FieldSet", "federation__FieldSet", "link__Import", "_FieldSet")


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    depth = 0
    for match in _BRACKET.finditer(fence.content):
        depth = depth + 1 if match[0] in "[({" else depth - 1
        if depth > _DEEPEST:
            said = "It is nested too deeply to be read, so it was not checked."
            yield found("graphql/not-checked", said, fence.at, rules=RULES)
            return
    try:
        document = parse(fence.content, no_location=False)
    except GraphQLError as error:
        said = error.message.removeprefix("Syntax Error: ")
        yield found(
            "graphql/syntax", f"GraphQL cannot read this: {_plain(said)}", within(fence.at, _line(error)), rules=RULES
        )
        return
    if not any(
        isinstance(each, TypeDefinitionNode | TypeExtensionNode | SchemaDefinitionNode) for each in document.definitions
    ):
        return  # an operation, whose schema is not known
    for number, error in enumerate(_faults(document)):
        if number == _MOST:
            return
        yield found("graphql/schema", _plain(error.message), within(fence.at, _line(error)), rules=RULES)


def _line(error: GraphQLError) -> int:
    return error.locations[0].line if error.locations else 1


def _plain(message: str) -> str:
    said = message.replace("'", "`").replace('"', "`")
    return said if said.endswith((".", "?", "!")) else f"{said}."


class _Names(Visitor):
    """The directives that a schema uses."""

    def __init__(self) -> None:
        super().__init__()
        self.directives: set[str] = set()

    def enter_directive(self, node: object, *_: object) -> None:
        self.directives.add(str(getattr(getattr(node, "name", None), "value", "")))


def _faults(document: DocumentNode) -> list[GraphQLError]:
    names = _Names()
    visit(document, names)
    defined = {each.name.value for each in document.definitions if isinstance(each, DirectiveDefinitionNode)}
    types = {each.name.value for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    extended = [each for each in document.definitions if isinstance(each, TypeExtensionNode)]
    # What a platform or another part brings is not in the text: its directives, its scalars, the type that is extended.
    known = [
        each
        for each in document.definitions
        if not (isinstance(each, ScalarTypeDefinitionNode) and each.name.value in _SCALARS)
    ]
    brought = [f"scalar {name}" for name in (*_AWS_SCALARS, *_FEDERATION) if name not in types]
    brought += [
        f"type {each.name.value} {{ _brought: Boolean }}"
        for each in extended
        if each.kind.startswith("object") and each.name.value not in types
    ]
    whole = DocumentNode(definitions=(*known, *parse("\n".join(dict.fromkeys(brought))).definitions))
    errors = [error for error in validate_sdl(whole) if not _is_foreign(error, names.directives - defined - _BUILT_IN)]
    if errors:
        return errors
    if not any(_has_query(each) for each in whole.definitions):
        whole = DocumentNode(definitions=(*whole.definitions, *parse("type Query { _brought: Boolean }").definitions))
    schema = build_ast_schema(whole, assume_valid_sdl=True)
    return [error for error in validate_schema(schema) if "Query root type" not in error.message]


def _is_foreign(error: GraphQLError, directives: set[str]) -> bool:
    match = re.match(r"Unknown directive [\"']@(\w+)[\"']", error.message)
    return match is not None and match[1] in directives


def _has_query(node: DefinitionNode) -> bool:
    if isinstance(node, SchemaDefinitionNode):
        return True
    return isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Query"
