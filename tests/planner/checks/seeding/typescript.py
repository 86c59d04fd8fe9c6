"""Writes `data/faults/typescript.jsonl`: broken TypeScript, with what its compiler says. Run by hand.

Needs Node and a folder in which `npm install typescript@5` was run (7 has no such interface); from the root of the
checkout: `python -m tests.planner.checks.seeding.typescript FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.planner.checks.corpus import write_faults
from tests.planner.checks.seeding.choosing import ByHand, by_hand, chosen
from tests.planner.checks.seeding.truth import told

SEED = 20261123
KEPT = 36

SYNTAX = ("typescript/syntax",)
TWICE = ("typescript/duplicate-member",)
NAME = ("typescript/duplicate-name",)

BY_HAND = (
    ByHand(
        "interface-equals",
        "an interface with `=`",
        SYNTAX,
        "export interface Order = {\n  id: string;\n  total: number;\n}\n",
    ),
    ByHand("type-without-equals", "a type without `=`", SYNTAX, "export type Order {\n  id: string;\n}\n"),
    ByHand(
        "ellipsis-member",
        "three dots for the rest of the members",
        SYNTAX,
        "export interface Order {\n  id: string;\n  ...\n}\n",
    ),
    ByHand(
        "hash-comment",
        "a comment as in Python",
        SYNTAX,
        "export interface Order {\n  id: string; # the key\n  total: number;\n}\n",
    ),
    ByHand(
        "python-types",
        "a function as in Python",
        SYNTAX,
        "export def total(order: Order) -> number:\n  return order.total\n",
    ),
    ByHand(
        "missing-comma-parameters",
        "no comma between parameters",
        SYNTAX,
        "export function place(id: string total: number): void {\n  console.log(id, total);\n}\n",
    ),
    ByHand(
        "missing-comma-object",
        "no comma between properties of an object",
        SYNTAX,
        'export const config = {\n  region: "eu-central-1"\n  retries: 3,\n};\n',
    ),
    ByHand(
        "missing-brace",
        "a handler that is not closed",
        SYNTAX,
        "export async function handler(event: unknown) {\n  if (event) {\n    return 1;\n  return 2;\n}\n",
    ),
    ByHand(
        "generic-not-closed",
        "type parameters that are not closed",
        SYNTAX,
        "export interface Repository {\n  find(id: string): Promise<Order | null;\n  save(order: Order): void;\n}\n",
    ),
    ByHand(
        "string-not-closed",
        "a string that does not end",
        SYNTAX,
        'export const TABLE = "orders;\nexport const INDEX = "by_day";\n',
    ),
    ByHand(
        "enum-colon",
        "values of an enum after a colon",
        SYNTAX,
        'export enum Status {\n  Open: "open",\n  Closed: "closed",\n}\n',
    ),
    ByHand(
        "prose",
        "a sentence between the declarations",
        SYNTAX,
        "export interface Order {\n  id: string;\n}\n\nThe handler below places orders:\n\n"
        "export declare function place(order: Order): Promise<void>;\n",
    ),
    ByHand(
        "fence-inside",
        "a fence left in the block",
        SYNTAX,
        "```typescript\nexport interface Order {\n  id: string;\n}\n```\n",
        truth="tsc 7.0.2: TS2349: This expression is not callable.",
    ),
    ByHand(
        "diff-marks",
        "a diff's plus signs before the members",
        SYNTAX,
        "export interface Order {\n  id: string;\n+ total: number;\n}\n",
    ),
    ByHand(
        "json-in-interface",
        "a list as in JSON where a type belongs",
        SYNTAX,
        'export interface Order {\n  items: ["sku", "count"],\n  status: "open" or "closed";\n}\n',
    ),
    ByHand(
        "optional-after-colon",
        "the question mark after the type",
        SYNTAX,
        "export function place(id: string, note: string?) {\n  return [id, note];\n}\n",
    ),
    ByHand(
        "member-twice",
        "a member stands twice in an interface",
        TWICE,
        "export interface Order {\n  id: string;\n  status: string;\n  total: number;\n  status: OrderStatus;\n}\n",
    ),
    ByHand(
        "enum-member-twice",
        "a member stands twice in an enum",
        TWICE,
        'export enum Status {\n  Open = "open",\n  Paid = "paid",\n  Open = "reopened",\n}\n',
    ),
    ByHand(
        "key-twice",
        "a key stands twice in an object",
        TWICE,
        'export const limits = {\n  orders: 10,\n  users: 20,\n  "orders": 30,\n};\n',
    ),
    ByHand(
        "method-twice",
        "a method has two bodies",
        TWICE,
        "export class Orders {\n  find(id: string) {\n    return id;\n  }\n\n  find(id: number) {\n    return 1;\n  }}",
    ),
    ByHand(
        "type-twice",
        "a type is declared twice",
        NAME,
        "export type Id = string;\n\nexport interface Order {\n  id: Id;\n}\n\nexport type Id = number;\n",
    ),
    ByHand(
        "type-and-interface",
        "a type and an interface share a name",
        NAME,
        "export interface Order {\n  id: string;\n}\n\nexport type Order = { id: number };\n",
    ),
    ByHand(
        "const-twice",
        "a constant is declared twice in a function",
        NAME,
        "export function total(a: number, b: number) {\n  const sum = a + b;\n  const sum = a * b;\n  return sum;\n}\n",
    ),
    ByHand(
        "parameter-twice",
        "two parameters share a name",
        TWICE,
        "export function place(id: string, id: number) {\n  return id;\n}\n",
    ),
)


def main() -> None:
    """Ask the compiler, choose, and write."""
    folder = Path(sys.argv[1])

    def ask(texts: Mapping[str, str]) -> dict[str, str]:
        return told("typescript", texts, folder, "TypeScript")

    mechanical = chosen("typescript", ask, seed=SEED, kept=KEPT, most_chars=3_000, most_of_one=3)
    write_faults("typescript", [*mechanical, *by_hand(ask, BY_HAND)])


if __name__ == "__main__":
    main()
