"""GraphQL schemas and operations parse, and a whole schema fits together. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from graphql import REMOVE, GraphQLError, build_ast_schema, parse, validate_schema
from graphql.language import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    ParallelVisitor,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    Source,
    TypeDefinitionNode,
    TypeExtensionNode,
    Visitor,
    VisitorAction,
    visit,
)
from graphql.validation.rules import ASTValidationRule
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validation_context import SDLValidationContext

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
MOST_CHARS = 50_000
_DEEPEST = 50
_MOST_DEFINITIONS = 300
_MOST_TOKENS = 12_000
_MOST = 2
_MOST_ERRORS = 8

_BRACKET = re.compile(r"[\[({]|[\])}]")
_TOKEN = re.compile(r"\w+|[^\s\w,]")


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    if _too_big(fence.content):
        said = "It is too large or too deeply nested to be read, so it was not checked."
        yield found("graphql/not-checked", said, fence.at, rules=RULES)
        return
    source = Source(fence.content)
    try:
        document = parse(source)
    except GraphQLError as error:
        said = _plain(error.message.removeprefix("Syntax Error: "))
        yield found("graphql/syntax", f"GraphQL cannot read this: {said}", within(fence.at, _line(error)), rules=RULES)
        return
    if not any(isinstance(each, _SCHEMA) for each in document.definitions):
        return  # an operation, whose schema is not known
    if len(document.definitions) > _MOST_DEFINITIONS:
        said = f"It has more than {_MOST_DEFINITIONS} definitions, so whether they fit together was not checked."
        yield found("graphql/not-checked", said, fence.at, rules=RULES)
        return
    told: set[str] = set()
    for error in _faults(document, _elsewhere(fence, subject)):
        said = _named(_plain(error.message), document)
        if said in told or (error.source is not None and error.source is not source):
            continue
        told.add(said)
        yield found("graphql/schema", said, within(fence.at, _line(error)), rules=RULES, hint=_hint(error.message))
        if len(told) == _MOST:
            return


_SCHEMA = (TypeDefinitionNode, TypeExtensionNode, SchemaDefinitionNode, SchemaExtensionNode, DirectiveDefinitionNode)


def _too_big(text: str) -> bool:
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "[({" else depth - 1
        if depth > _DEEPEST:
            return True
    return sum(1 for _ in _TOKEN.finditer(text)) > _MOST_TOKENS


# --- what other texts bring ------------------------------------------------------------------------------------------

_BUILT_IN = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})
_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_AWS_SCALARS = tuple(
    f"AWS{name}" for name in ("Date", "Time", "DateTime", "Timestamp", "Email", "JSON", "URL", "Phone", "IPAddress")
)
"""From AWS AppSync's developer guide, "Scalar types in AWS AppSync"."""
_FEDERATION = ("_Any", "FieldSet", "federation__FieldSet", "link__Import", "_FieldSet")
_STUBS = {
    "object_type_extension": "type {} {{ _brought: Boolean }}",
    "interface_type_extension": "interface {} {{ _brought: Boolean }}",
    "input_object_type_extension": "input {} {{ _brought: Boolean }}",
    "enum_type_extension": "enum {} {{ _BROUGHT }}",
    "scalar_type_extension": "scalar {}",
    "union_type_extension": "type _Brought{0} {{ _brought: Boolean }} union {0} = _Brought{0}",
}
"""What is extended here is defined elsewhere: another subgraph, a platform."""


def _elsewhere(fence: Fence, subject: Subject) -> list[TypeDefinitionNode]:
    """The types that other blocks of the plan define: a schema may be shown in parts."""
    types: dict[str, TypeDefinitionNode] = {}
    for other in subject.fences:
        if not other.kinds & KINDS or other.at == fence.at or len(other.content) > MOST_CHARS:
            continue
        try:
            document = parse(Source(other.content)) if not _too_big(other.content) else DocumentNode(definitions=())
        except GraphQLError:
            continue
        for each in document.definitions[:_MOST_DEFINITIONS]:
            if isinstance(each, TypeDefinitionNode):
                types.setdefault(each.name.value, each)
    return list(types.values())[:_MOST_DEFINITIONS]


class _OwnDirectives(Visitor):
    """Takes directives away whose definition is not in the text: a platform brings it."""

    def __init__(self, defined: Iterable[str]) -> None:
        super().__init__()
        self._known = _BUILT_IN | set(defined)

    def enter_directive(self, node: object, *_: object) -> VisitorAction:
        name = str(getattr(getattr(node, "name", None), "value", ""))
        return None if name in self._known else REMOVE


def _whole(document: DocumentNode, elsewhere: list[TypeDefinitionNode]) -> DocumentNode:
    """The document with what platforms and other parts bring, so that only its own faults are left."""
    own: list[DefinitionNode] = [
        each
        for each in document.definitions
        if not (isinstance(each, ScalarTypeDefinitionNode) and each.name.value in _SCALARS)
    ]
    types = {each.name.value for each in own if isinstance(each, TypeDefinitionNode)}
    brought: list[DefinitionNode] = [each for each in elsewhere if each.name.value not in types]
    types |= {each.name.value for each in elsewhere}
    stubs = [f"scalar {name}" for name in (*_AWS_SCALARS, *_FEDERATION) if name not in types]
    extended = {each.name.value: each.kind for each in own if isinstance(each, TypeExtensionNode)}
    stubs += [_STUBS[kind].format(name) for name, kind in extended.items() if name not in types and kind in _STUBS]
    if not any(_has_query(each) for each in (*own, *brought)) and "Query" not in extended:
        stubs.append("type Query { _brought: Boolean }")
    defined = {each.name.value for each in own if isinstance(each, DirectiveDefinitionNode)}
    whole = DocumentNode(definitions=(*own, *brought, *parse("\n".join(stubs)).definitions))
    return visit(whole, _OwnDirectives(defined))


def _has_query(node: DefinitionNode) -> bool:
    if isinstance(node, SchemaDefinitionNode):
        return True
    return isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Query"


# --- what does not fit -----------------------------------------------------------------------------------------------


class _Enough(Exception):
    """No more faults are looked for."""


def _faults(document: DocumentNode, elsewhere: list[TypeDefinitionNode]) -> list[GraphQLError]:
    whole = _whole(document, elsewhere)
    errors: list[GraphQLError] = []

    def tell(error: GraphQLError) -> None:
        errors.append(error)
        if len(errors) == _MOST_ERRORS:
            raise _Enough

    context = SDLValidationContext(whole, None, tell)
    rules: list[ASTValidationRule] = [rule(context) for rule in specified_sdl_rules]
    try:
        visit(whole, ParallelVisitor(rules))
    except _Enough:
        return errors
    if errors:
        return errors
    schema = build_ast_schema(whole, assume_valid_sdl=True)
    return [error for error in validate_schema(schema) if "Query root type" not in error.message]


# --- words -----------------------------------------------------------------------------------------------------------


def _line(error: GraphQLError) -> int:
    return error.locations[0].line if error.locations else 1


_QUOTED = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_SUGGESTED = re.compile(r" Did you mean (?:the \w+ )?.*\?$")
_BROUGHT = re.compile(r"\b(AWS[A-Z]|_|FieldSet|federation__|link__)")


def _plain(message: str) -> str:
    """As a sentence of ours: without suggestions that name what only other texts bring."""
    suggested = _SUGGESTED.search(message)
    if suggested and _BROUGHT.search(suggested[0]):
        message = message[: suggested.start()]
    said = _QUOTED.sub(r"`\1`", message).replace("<EOF>", "the end")
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _named(said: str, document: DocumentNode) -> str:
    """With the names of the document in backticks, where none stand yet."""
    if "`" in said:
        return said
    types = {each.name.value for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    return re.sub(r"\b[A-Za-z_]\w*(?:\.\w+)*", lambda m: f"`{m[0]}`" if m[0].split(".")[0] in types else m[0], said)


def _hint(message: str) -> str:
    if match := re.match(r"Unknown type ['\"](\w+)['\"]", message):
        return f"Define `{match[1]}`; a scalar of your own with `scalar {match[1]}`."
    return ""
