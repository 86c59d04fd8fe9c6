"""Writes `data/faults/json.jsonl`: broken JSON, with what Node's parser says of it. Run by hand.

Needs Node; from the root of the checkout: `python -m tests.planner.checks.seeding.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.planner.checks.corpus import write_faults
from tests.planner.checks.seeding.choosing import ByHand, by_hand, chosen
from tests.planner.checks.seeding.truth import told

SEED = 20261123
KEPT = 20

SYNTAX = ("notation/syntax",)
TWICE = ("notation/duplicate-key",)
KEPT_LAST = "RFC 8259, section 4: the names within an object SHOULD be unique; parsers keep one of them, or refuse."

BY_HAND = (
    ByHand("single-quotes", "single quotes", SYNTAX, "{\n  'id': 1,\n  'status': 'open'\n}\n"),
    ByHand("bare-keys", "keys without quotes", SYNTAX, '{\n  id: 1,\n  status: "open"\n}\n'),
    ByHand("dots", "three dots for the rest", SYNTAX, '{\n  "orders": [\n    { "id": 1 },\n    ...\n  ]\n}\n'),
    ByHand("placeholder", "a placeholder for a number", SYNTAX, '{\n  "id": <id>,\n  "total": 3\n}\n'),
    ByHand("two-values", "a request and its answer in one block", SYNTAX, '{\n  "id": 1\n}\n\n{\n  "ok": true\n}\n'),
    ByHand("no-comma", "no comma between members", SYNTAX, '{\n  "id": 1\n  "status": "open"\n}\n'),
    ByHand("cut", "the text ends early", SYNTAX, '{\n  "orders": [\n    { "id": 1 },\n    { "id": 2 }\n'),
    ByHand("joined", "a text put together", SYNTAX, '{\n  "url": "https://" + "example.com"\n}\n'),
    ByHand("a-text-over-lines", "a text over two lines", SYNTAX, '{\n  "note": "first\n  second"\n}\n'),
    ByHand("bare-word", "a type where a value belongs", SYNTAX, '{\n  "id": string,\n  "total": number\n}\n'),
    ByHand(
        "key-twice",
        "a key stands twice",
        TWICE,
        '{\n  "id": 1,\n  "status": "open",\n  "id": 2\n}\n',
        truth=KEPT_LAST,
    ),
    ByHand(
        "key-twice-deep",
        "a key stands twice far inside",
        TWICE,
        '{\n  "a": [\n    { "b": { "c": 1, "d": 2, "c": 3 } }\n  ],\n  "c": 1\n}\n',
        truth=KEPT_LAST,
    ),
)


def main() -> None:
    """Ask Node, choose, and write."""

    def ask(texts: Mapping[str, str]) -> dict[str, str]:
        return told("json", texts, Path.cwd(), "Node's V8")

    mechanical = chosen("json", ask, seed=SEED, kept=KEPT, most_chars=2_500)
    write_faults("json", [*mechanical, *by_hand(ask, BY_HAND)])


if __name__ == "__main__":
    main()
