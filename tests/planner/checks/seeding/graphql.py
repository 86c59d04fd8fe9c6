"""Writes `data/faults/graphql.jsonl`: broken schemas, with what graphql-js says of them. Run by hand.

Needs Node and a folder in which `npm install graphql@16` was run; from the root of the checkout:
`python -m tests.planner.checks.seeding.graphql FOLDER`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.planner.checks.corpus import write_faults
from tests.planner.checks.seeding.choosing import ByHand, by_hand, chosen
from tests.planner.checks.seeding.mutation import ANY, Mutation
from tests.planner.checks.seeding.truth import told

SEED = 20261123
KEPT = 26

_DEFINED = re.compile(r"^(type|interface|input|enum|union|scalar)\s+(\w+)", re.MULTILINE)
_FIELD = re.compile(r"^\s+\w+(\([^()]*\))?\s*:[^\n]*$", re.MULTILINE)


def rename_type(random: Random, text: str) -> tuple[str, str] | None:
    """Call a type something else where it is defined, and nowhere else."""
    found = list(_DEFINED.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    return f"`{match[2]}` is defined as `{match[2]}2`", f"{text[: match.end()]}2{text[match.end() :]}"


def double_field(random: Random, text: str) -> tuple[str, str] | None:
    """Write a field twice."""
    found = list(_FIELD.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    return f"`{match[0].strip()[:40]}` doubled", f"{text[: match.end()]}\n{match[0]}{text[match.end() :]}"


SEMANTIC: tuple[Mutation, ...] = (rename_type, double_field)

BY_HAND = (
    ByHand(
        "scalar-undeclared",
        "`DateTime` is used and never declared",
        ("graphql/schema",),
        "type Query {\n  order(id: ID!): Order\n}\n\ntype Order {\n  id: ID!\n  createdAt: DateTime!\n}\n",
    ),
    ByHand(
        "output-as-input",
        "an argument has an object type",
        ("graphql/schema",),
        "type Query {\n  orders(filter: Filter): [Order!]!\n}\n\ntype Filter {\n  status: String\n}\n\n"
        "type Order {\n  id: ID!\n}\n",
    ),
    ByHand(
        "interface-not-kept",
        "`Order` lacks a field of the interface it implements",
        ("graphql/schema",),
        "interface Node {\n  id: ID!\n  createdAt: String!\n}\n\ntype Order implements Node {\n  id: ID!\n}\n\n"
        "type Query {\n  node(id: ID!): Node\n}\n",
    ),
    ByHand(
        "empty-type",
        "a type without fields",
        ("graphql/syntax",),
        "type Query {\n  me: User\n}\n\ntype User {\n}\n",
    ),
    ByHand(
        "colon-after-type",
        "YAML's colon after the name of a type",
        ("graphql/syntax",),
        "type Query:\n  me: User\n\ntype User:\n  id: ID!\n",
    ),
    ByHand(
        "typescript-array",
        "a list written as in TypeScript",
        ("graphql/syntax",),
        "type Query {\n  orders: Order[]!\n}\n\ntype Order {\n  id: ID!\n}\n",
    ),
    ByHand(
        "field-without-type",
        "a field without a type",
        ("graphql/syntax",),
        "type Query {\n  me: User\n}\n\ntype User {\n  id\n  name: String\n}\n",
    ),
    ByHand(
        "ellipsis",
        "three dots for the rest of the fields",
        ("graphql/syntax",),
        "type Query {\n  me: User\n}\n\ntype User {\n  id: ID!\n  ...\n}\n",
    ),
    ByHand(
        "slash-comment",
        "a comment as in JavaScript",
        ("graphql/syntax",),
        "type Query {\n  // the signed-in user\n  me: User\n}\n\ntype User {\n  id: ID!\n}\n",
    ),
    ByHand(
        "enum-with-strings",
        "values of an enum in quotes",
        ("graphql/syntax",),
        'type Query {\n  status: Status\n}\n\nenum Status {\n  "OPEN"\n  "CLOSED"\n}\n',
    ),
    ByHand(
        "type-twice",
        "a type is defined twice",
        ("graphql/schema",),
        "type Query {\n  me: User\n}\n\ntype User {\n  id: ID!\n}\n\ntype User {\n  name: String\n}\n",
    ),
    ByHand(
        "mutation-names-nothing",
        "a mutation takes an input that is not defined",
        ("graphql/schema",),
        "type Query {\n  order(id: ID!): Order\n}\n\ntype Mutation {\n"
        "  createOrder(input: CreateOrderInput!): Order!\n}\n\ntype Order {\n  id: ID!\n}\n",
    ),
)


def main() -> None:
    """Ask graphql-js, choose, and write."""
    folder = Path(sys.argv[1])

    def ask(texts: Mapping[str, str]) -> dict[str, str]:
        return told("graphql", texts, folder, "graphql-js")

    mechanical = chosen("graphql", ask, seed=SEED, kept=KEPT, mutations=(*ANY, *SEMANTIC, *SEMANTIC))
    write_faults("graphql", [*mechanical, *by_hand(ask, BY_HAND)])


if __name__ == "__main__":
    main()
