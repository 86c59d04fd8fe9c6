"""GraphQL: what is a fault, what is none, and where it is told."""

from __future__ import annotations

import pytest

from planner.checks import graphql
from planner.findings import At, Finding
from planner.subject import Fence, Subject, kinds_of


def fence(content: str, block: str = "artefacts.A1") -> Fence:
    return Fence(kinds=kinds_of("graphql", content), language="graphql", content=content, at=At(block=block, line=1))


def looked(content: str, *others: str) -> list[Finding]:
    fences = tuple(fence(each, f"artefacts.A{number}") for number, each in enumerate((content, *others), 1))
    return list(graphql.look(fences[0], Subject(markdown="", fences=fences)))


QUERY = "type Query {\n  me: User\n}\n"
USER = "type User {\n  id: ID!\n}\n"

GOOD = {
    "a schema": QUERY + USER,
    "a schema with another query type": "schema { query: Root }\ntype Root { a: Int }\n",
    "an operation": "query Me($id: ID!) { user(id: $id) { ...Name } }\nfragment Name on User { name }\n",
    "types without a query": USER,
    "an extension of Query alone": "extend type Query {\n  orders: [Order!]!\n}\n\ntype Order {\n  id: ID!\n}\n",
    "an extension of a type of another subgraph": 'extend type User @key(fields: "id") {\n  id: ID! @external\n}\n',
    "extensions of everything": (
        "extend interface I { a: Int }\nextend input N { a: Int }\nextend enum E { A }\nextend union U = T\n"
        "type T { a: Int }\nextend scalar S @x\n"
    ),
    "a federated subgraph": (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])\n'
        'type Product @key(fields: "id") {\n  id: ID!\n  price: Int @shareable\n}\n'
        "type Query {\n  _entities(representations: [_Any!]!): [Product]!\n}\n"
    ),
    "AppSync's scalars and directives": (
        'type Query {\n  orders: [Order!]! @aws_auth(cognito_groups: ["Admins"])\n}\n\n'
        "type Order @aws_api_key @aws_iam {\n  id: ID!\n  at: AWSDateTime!\n  data: AWSJSON\n}\n\n"
        'type Subscription {\n  onOrder: Order @aws_subscribe(mutations: ["addOrder"])\n}\n'
    ),
    "Amplify's model": "type Blog @model {\n  posts: [Post] @hasMany\n}\n\ntype Post @model {\n  id: ID!\n}\n",
    "a scalar of its own": "scalar DateTime\n\ntype Query {\n  now: DateTime!\n}\n",
    "a scalar that is built in, declared all the same": "scalar ID\n\ntype Query {\n  id: ID!\n}\n",
    "a directive of its own": "directive @auth(role: String!) on FIELD_DEFINITION\n\n"
    'type Query {\n  a: Int @auth(role: "x")\n}\n',
    "comments, descriptions and commas": '"""What there is."""\ntype Query {\n  "One." a: Int, # one\n  b: Int,\n}\n',
}  # fmt: skip


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_left_alone(content: str) -> None:
    assert not looked(content)


FAULTS = {
    "a bracket too few": (
        "type Query {\n  a: [Int\n}\n",
        ("graphql/syntax", 3, "GraphQL cannot read this: Expected `]`, found `}`."),
    ),
    "the text ends early": (
        "type Query {\n  a: Int\n",
        ("graphql/syntax", 3, "GraphQL cannot read this: Expected Name, found the end."),
    ),
    "a type that is not there": (
        "type Query {\n  a: Int\n  me: Usr\n}\n",
        ("graphql/schema", 3, "Unknown type `Usr`."),
    ),
    "a type that is spelled otherwise": (
        "type Query {\n  me: Usr\n}\ntype User { id: ID }\n",
        ("graphql/schema", 2, "Unknown type `Usr`. Did you mean `User`?"),
    ),
    "a scalar that is not declared": (
        "type Query {\n  now: DateTime!\n}\n",
        ("graphql/schema", 2, "Unknown type `DateTime`."),
    ),
    "a field twice": (
        "type Query {\n  a: Int\n  a: Int\n}\n",
        ("graphql/schema", 2, "Field `Query.a` can only be defined once."),
    ),
    "an interface that is not kept": (
        "interface N {\n  id: ID!\n}\n\ntype A implements N {\n  a: Int\n}\n",
        ("graphql/schema", 2, "Interface field `N.id` expected but `A` does not provide it."),
    ),
    "an object as input": (
        "type Query {\n  a(b: T): Int\n}\ntype T { c: Int }\n",
        ("graphql/schema", 2, "The type of `Query.a`(b:) must be Input Type but got: `T`."),
    ),
    "an argument its directive does not take": (
        "directive @a on FIELD_DEFINITION\ntype Query {\n  b: Int @a(c: 1)\n}\n",
        ("graphql/schema", 3, "Unknown argument `c` on directive `@a`."),
    ),
}


@pytest.mark.parametrize(("content", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_once_and_where_it_is(content: str, expected: tuple[str, int, str]) -> None:
    assert [(each.rule, each.at.line, each.message) for each in looked(content)] == [expected]


def test_a_missing_type_comes_with_what_to_do() -> None:
    assert looked(QUERY)[0].hint == "Define `User`; a scalar of your own with `scalar User`."


def test_a_schema_may_be_shown_in_parts() -> None:
    assert not looked(QUERY, USER)
    assert not looked("extend type User {\n  name: String\n}\n", USER)
    assert looked(QUERY, "type Usr {\n  id: ID!\n}\n")
    assert looked(QUERY, "type User {"), "what cannot be read defines nothing"


def test_the_faults_of_one_part_are_not_told_of_another() -> None:
    assert not looked(QUERY, "type User {\n  id: Nothing\n}\n")


def test_what_is_used_often_is_told_once() -> None:
    assert len(looked("type Query {\n" + "".join(f"  a{n}: Nothing\n" for n in range(50)) + "}\n")) == 1


HOSTILE = {
    "deep": "{a" * 20_000,
    "deep lists": "type A { a: " + "[" * 20_000,
    "directives": "type A " + "@a " * 16_000 + "{ a: Int }",
    "a union": "union U = " + "|".join("A" * 12_000),
    "types": "".join(f"type A{n} {{ a: A{n + 1} }}\n" for n in range(1_500)),
    "inputs in a ring": "".join(f"input A{n} {{ a: A{(n + 1) % 290}! }}\n" for n in range(290)),
    "a long name": "type " + "A" * 49_000,
    "an unended string": 'type A { "' + "x" * 40_000,
    "an unended description": '"""' + "x" * 40_000,
    "nothing": "",
    "control characters": "type A { \x00\x07 }",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends_in_a_finding(content: str) -> None:
    assert len(looked(content)) in {1, 2}
