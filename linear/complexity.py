"""What Linear charges for a document, in its published points, counted without a schema. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

DEFAULT_FIRST = 50
"""How many nodes Linear reckons with where a connection names neither `first` nor `last`."""

HIGHEST = 10_000
"""Linear refuses a single query above this, whatever the budget."""

# In tenths of a point, so that no float rounds.
_PROPERTY = 1
_OBJECT = 10


def points(document_text: str, operation_name: str | None, variables: Mapping[str, object] | None = None) -> int:
    """The price of one operation of a document.

    Linear's rule (developers page on rate limiting): 0.1 a property, 1 an object, a connection multiplies what is
    inside by `first` or `last` (50 where neither is given), and the sum is rounded up. A connection is known by its
    `nodes` or `edges`, which cost nothing themselves; its `pageInfo` is an object counted once.
    `operation_name` may be None where the document has one operation. Raises ValueError where there is no such
    operation, an unknown fragment, or fragments that spread each other; GraphQLSyntaxError where it does not parse.
    """
    document = parse(document_text, no_location=True)
    chosen = _chosen(document, operation_name)
    given: dict[str, object] = {}
    for each in chosen.variable_definitions or ():
        name = each.variable.name.value
        if isinstance(each.default_value, IntValueNode):
            given[name] = int(each.default_value.value)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    reckoning = _Reckoning(fragments, {**given, **(variables or {})})
    return -(-reckoning.inside(chosen.selection_set) // 10)


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        found = [each for each in found if each.name is not None and each.name.value == name]
    if len(found) != 1:
        raise ValueError(f"the document has no single operation {name or ''}".rstrip())
    return found[0]


class _Reckoning:
    """One pass over a document; all amounts in tenths of a point."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, object]) -> None:
        self._fragments = fragments
        self._variables = variables

    def inside(self, selections: SelectionSetNode) -> int:
        """What is selected, without the object it is selected on."""
        return sum(self._field(field) for field in self._fields(selections.selections, ()))

    def _fields(self, selections: Sequence[SelectionNode], open_: tuple[str, ...]) -> list[FieldNode]:
        fields: list[FieldNode] = []
        for each in selections:
            if isinstance(each, FieldNode):
                fields.append(each)
            elif isinstance(each, FragmentSpreadNode):
                name = each.name.value
                fragment = self._fragments.get(name)
                if fragment is None or name in open_:
                    raise ValueError(f"the fragment {name} is unknown or spreads itself")
                fields += self._fields(fragment.selection_set.selections, (*open_, name))
            else:  # an inline fragment, the only other kind
                inner: object = getattr(each, "selection_set", None)
                if isinstance(inner, SelectionSetNode):
                    fields += self._fields(inner.selections, open_)
        return fields

    def _field(self, field: FieldNode) -> int:
        if field.selection_set is None:
            return _PROPERTY
        fields = self._fields(field.selection_set.selections, ())
        lists = [each for each in fields if each.name.value in {"nodes", "edges"} and each.selection_set is not None]
        if not lists:
            return _OBJECT + sum(self._field(each) for each in fields)
        once = sum(self._field(each) for each in fields if not any(each is one for one in lists))
        a_node = sum(self._node(each) for each in lists)
        return once + self._size(field) * a_node

    def _node(self, field: FieldNode) -> int:
        """One node of `nodes { ... }`, or one edge of `edges { cursor node { ... } }`."""
        assert field.selection_set is not None  # noqa: S101 - told apart by the only caller
        fields = self._fields(field.selection_set.selections, ())
        if field.name.value == "nodes":
            return _OBJECT + sum(self._field(each) for each in fields)
        return sum(self._field(each) for each in fields)

    def _size(self, connection: FieldNode) -> int:
        for argument in connection.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, IntValueNode):
                    return max(0, int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                    if isinstance(given, int) and not isinstance(given, bool):
                        return max(0, given)
        return DEFAULT_FIRST
