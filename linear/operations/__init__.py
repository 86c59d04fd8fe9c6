"""The GraphQL we speak: every `*.graphql` beside this file, parsed once and split into single operations.

Linear refuses a document with unused fragments, so each operation carries just its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gql import GraphQLRequest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)


@dataclass(frozen=True)
class Operation:
    """One query or mutation with just the fragments it needs.

    `text` is what goes over the wire; `request` the same, parsed; derive a call from it with
    `GraphQLRequest(operation.request, variable_values=...)`.
    """

    name: str
    text: str
    request: GraphQLRequest


class _Spreads(Visitor):
    """Collects the names of the fragments that a node spreads."""

    def __init__(self) -> None:
        """Starts with none."""
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        """Called by graphql-core for each `...Name`."""
        self.names.add(node.name.value)


class _Renamed(Visitor):
    """Gives the root fields an alias and every variable a suffix, so that copies of one operation fit one document."""

    def __init__(self, index: int) -> None:
        """`index` is the copy's place, from 0."""
        super().__init__()
        self.index = index

    def enter_variable(self, node: VariableNode, *_: object) -> VariableNode:
        """`$input` becomes `$input3`."""
        return VariableNode(name=NameNode(value=f"{node.name.value}{self.index}"))


def _spreads(node: Node) -> set[str]:
    visitor = _Spreads()
    visit(node, visitor)
    return visitor.names


def _with_fragments(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> DocumentNode:
    needed: set[str] = set()
    new = _spreads(operation)
    while new:
        needed |= new
        new = {name for each in new for name in _spreads(fragments[each])} - needed
    ordered = [fragment for name, fragment in fragments.items() if name in needed]
    return DocumentNode(definitions=(operation, *ordered))


def _operation(name: str, document: DocumentNode) -> Operation:
    return Operation(name=name, text=print_ast(document), request=GraphQLRequest(document, operation_name=name))


@cache
def operations() -> dict[str, Operation]:
    """All operations by name. Raises ValueError where two operations or two fragments share a name."""
    fragments: dict[str, FragmentDefinitionNode] = {}
    found: dict[str, OperationDefinitionNode] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".graphql"):
            continue
        for node in parse(Source(file.read_text(encoding="utf-8"), file.name)).definitions:
            match node:
                case FragmentDefinitionNode() if node.name.value not in fragments:
                    fragments[node.name.value] = node
                case OperationDefinitionNode() if node.name and node.name.value not in found:
                    found[node.name.value] = node
                case _:
                    raise ValueError(f"{file.name}: a definition without a name, or with one that is taken")
    return {name: _operation(name, _with_fragments(node, fragments)) for name, node in found.items()}


def operation(name: str) -> Operation:
    """The operation of that name; KeyError if there is none."""
    return operations()[name]


@cache
def repeated(name: str, count: int) -> Operation:
    """`count` copies of a one-field mutation in one document, with aliases `r0`... and variables `$input0`...

    GraphQL runs the fields of a mutation one after the other, each a change of its own: an error in one leaves
    those before it made. It keeps the operation's name.
    """
    (template,) = (
        node for node in operation(name).request.document.definitions if isinstance(node, OperationDefinitionNode)
    )
    (field,) = template.selection_set.selections
    if not isinstance(field, FieldNode) or _spreads(template):
        raise ValueError(f"{name} is not a mutation of one field without fragments")
    copies = [visit(template, _Renamed(index)) for index in range(count)]
    fields: list[FieldNode] = []
    for index, copy in enumerate(copies):
        (each,) = copy.selection_set.selections
        fields.append(
            FieldNode(
                alias=NameNode(value=f"r{index}"),
                name=field.name,
                arguments=each.arguments,
                directives=(),
                selection_set=field.selection_set,
            )
        )
    return _operation(
        name,
        DocumentNode(
            definitions=(
                OperationDefinitionNode(
                    operation=template.operation,
                    name=template.name,
                    variable_definitions=tuple(each for copy in copies for each in copy.variable_definitions or ()),
                    directives=(),
                    selection_set=SelectionSetNode(selections=tuple(fields)),
                ),
            )
        ),
    )
