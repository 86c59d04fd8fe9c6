"""Our operations and our part of the schema, held against Linear's full schema and against each other.

The full schema is not part of this project: LINEAR_SCHEMA names a file of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    print_ast,
    validate,
    visit,
)

import linear
from linear.operations import Operation, operations, repeated

OURS = Path(linear.__file__).parent / "schema.graphql"
FULL = os.environ.get("LINEAR_SCHEMA", "")  # noqa: TID251 - names a file for this test only
MISSING = (
    "NOT CHECKED: our operations and linear/schema.graphql against Linear's full schema. "
    "Run `make schema` with LINEAR_API_KEY to fetch it, then set LINEAR_SCHEMA to that file."
)
ALL = [*operations().values(), repeated("IssueRelationCreate", 3)]
EACH = pytest.mark.parametrize("each", ALL, ids=lambda each: f"{each.name}-{each.text.count('$input')}")


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(OURS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def full() -> GraphQLSchema:
    if not FULL:
        pytest.skip(MISSING)
    file = Path(FULL)
    if not file.is_file():
        pytest.fail(f"LINEAR_SCHEMA names {file.name}, which is not there")
    return build_schema(file.read_text(encoding="utf-8"), assume_valid_sdl=True)


def problems(schema: GraphQLSchema, each: Operation) -> list[str]:
    return [error.message for error in validate(schema, parse(each.text))]


@EACH
def test_each_operation_is_valid_in_linear_s_schema(full: GraphQLSchema, each: Operation) -> None:
    assert problems(full, each) == []


@EACH
def test_each_operation_is_valid_in_our_part_of_it(ours: GraphQLSchema, each: Operation) -> None:
    assert problems(ours, each) == []


def test_no_operation_uses_what_is_deprecated(full: GraphQLSchema) -> None:
    used = set()
    for each in ALL:
        used |= deprecated_in(full, each)
    assert not used


def test_our_part_says_nothing_that_linear_s_does_not(ours: GraphQLSchema, full: GraphQLSchema) -> None:
    assert differences(ours, full) == []


# --- the comparison itself -------------------------------------------------------------------------------------------


def deprecated_in(schema: GraphQLSchema, each: Operation) -> set[str]:
    info, found = TypeInfo(schema), set[str]()

    class Fields(Visitor):
        def enter_field(self, *_: object) -> None:
            field, parent = info.get_field_def(), info.get_parent_type()
            if field is not None and field.deprecation_reason and parent is not None:
                found.add(f"{parent.name}: {field.deprecation_reason}")

    visit(parse(each.text), TypeInfoVisitor(info, Fields()))
    return found


def differences(part: GraphQLSchema, whole: GraphQLSchema) -> list[str]:
    """Where `part` says something else than `whole`. Types may have fewer fields and fields fewer arguments."""
    found: list[str] = []
    for name, ours in part.type_map.items():
        if name.startswith("__"):
            continue
        theirs = cast("Any", whole.type_map.get(name))
        kind, their_kind = type(ours).__name__, type(theirs).__name__
        if kind != their_kind:
            found.append(f"{name}: {kind}, Linear has {their_kind}")
        elif isinstance(ours, GraphQLScalarType):
            pass
        elif isinstance(ours, GraphQLEnumType):
            found += [f"{name}.{value}: not Linear's" for value in ours.values if value not in theirs.values]
        elif isinstance(ours, GraphQLUnionType):
            members = {each.name for each in theirs.types}
            found += [f"{name}: {each.name} is no member" for each in ours.types if each.name not in members]
        elif isinstance(ours, GraphQLInputObjectType):
            found += _inputs(name, ours.fields, theirs.fields)
        elif isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
            theirs_implement = {each.name for each in theirs.interfaces}
            found += [f"{name}: implements {i.name}" for i in ours.interfaces if i.name not in theirs_implement]
            for field, definition in ours.fields.items():
                other = theirs.fields.get(field)
                if other is None or str(other.type) != str(definition.type):
                    found.append(f"{name}.{field}: {definition.type}, Linear has {other and other.type}")
                else:
                    found += _inputs(f"{name}.{field}", definition.args, other.args)
    return found


def _inputs(where: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in ours.items():
        other = theirs.get(name)
        if other is None or str(other.type) != str(value.type):
            found.append(f"{where}({name}): {value.type}, Linear has {other and other.type}")
        elif _default(other) != _default(value):
            found.append(f"{where}({name}): default {_default(value)}, Linear has {_default(other)}")
    # What Linear demands must be demanded here too, or else a request could pass here and be refused there.
    needed = {name for name, value in theirs.items() if str(value.type).endswith("!") and _default(value) is None}
    found += [f"{where}({name}): Linear demands it" for name in sorted(needed - ours.keys())]
    return found


def _default(value: Any) -> str | None:
    """The default as it is written down, None where there is none."""
    written = value.ast_node.default_value
    return None if written is None else print_ast(written)


WHOLE = """
  enum Order { up down }  input Filter { id: ID! name: String }  scalar Date  interface Node { id: ID! }
  type User implements Node { id: ID! name: String!
    posts(first: Int = 50, order: Order, filter: Filter): [String!]! }
  union Actor = User | Bot  type Bot { id: ID! }
  type Query { user(id: String!): User! actor: Actor }
"""
PARTS = {
    "the same": (WHOLE, []),
    "fewer of everything": ("type Query { user(id: String!): User! } type User { posts: [String!]! }", []),
    "unknown field": ("type Query { userr: Int }", ["Query.userr"]),
    "unknown type": ("type Query { actor: Actor } union Actor = X type X { a: Int }", ["Actor: X", "X:"]),
    "nullability": ("type Query { user(id: String!): User } type User { name: String! }", ["Query.user"]),
    "argument type": ("type Query { user(id: ID!): User! } type User { name: String! }", ["Query.user(id)"]),
    "argument missing": ("type Query { user: User! } type User { name: String! }", ["Query.user(id)"]),
    "argument default": (
        "type Query { a: Int } type User { posts(first: Int = 9): [String!]! }",
        ["Query.a", "User.posts"],
    ),
    "default missing": (
        "type Query { actor: Int } type User { posts(first: Int): [String!]! }",
        ["Query.actor", "User"],
    ),
    "enum value": ("type Query { actor: Int } enum Order { up sideways }", ["Order.sideways", "Query.actor"]),
    "input field": ("type Query { actor: Int } input Filter { id: ID! nam: String }", ["Filter(nam)", "Query.actor"]),
    "input field missing": ("type Query { actor: Int } input Filter { name: String }", ["Filter(id)", "Query.actor"]),
    "kind": ("type Query { actor: Int } type Order { up: Int }", ["Order", "Query.actor"]),
    "interface": (
        "type Query { actor: Int } interface Node { id: ID! } type Bot implements Node { id: ID! }",
        ["Bot", "Query"],
    ),
}


@pytest.mark.parametrize(("part", "found"), PARTS.values(), ids=PARTS)
def test_the_comparison_sees_it(part: Any, found: Any) -> None:
    seen = sorted(differences(build_schema(part), build_schema(WHOLE)))
    assert len(seen) == len(found)
    for said, start in zip(seen, found, strict=True):
        assert said.startswith(start)
