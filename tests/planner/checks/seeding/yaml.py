"""Writes `data/faults/yaml.jsonl`: broken YAML, with what the npm package `yaml` says of it, strictly. Run by hand.

Needs Node and a folder in which `npm install yaml@2` was run; from the root of the checkout:
`python -m tests.planner.checks.seeding.yaml FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.planner.checks.corpus import write_faults
from tests.planner.checks.seeding.choosing import ByHand, by_hand, chosen
from tests.planner.checks.seeding.truth import told

SEED = 20261123
KEPT = 24

SYNTAX = ("notation/syntax",)
TWICE = ("notation/duplicate-key",)

BY_HAND = (
    ByHand(
        "indent", "a key indented by one space too few", SYNTAX, "on:\n  push:\n    branches: [main]\n   tags: [v1]\n"
    ),
    ByHand("open-list", "a list that is not closed", SYNTAX, "on:\n  push:\n    branches: [main, dev\njobs: {}\n"),
    ByHand("open-quote", "a quote that is not closed", SYNTAX, 'name: "deploy\non: push\njobs: {}\n'),
    ByHand("after-quotes", "text behind the quotes", SYNTAX, 'steps:\n  - run: "make" test\n'),
    ByHand("item-among-keys", "a list's item among keys", SYNTAX, "services:\n  web:\n    image: a\n  - db\n"),
    ByHand("key-among-items", "a key among a list's items", SYNTAX, "steps:\n  - run: make\n  uses: checkout\n"),
    ByHand("no-colon", "a key without a colon", SYNTAX, "services\n  web:\n    image: a:1\n"),
    ByHand(
        "value-and-children",
        "a key with a text and keys below it",
        SYNTAX,
        "services: web\n  image: a:1\n  ports:\n    - 80\n",
    ),
    ByHand("unknown-alias", "an alias without its anchor", SYNTAX, "base:\n  a: 1\nweb:\n  <<: *base\n"),
    ByHand("escape", "a backslash that escapes nothing", SYNTAX, 'path: "C:\\work\\data"\n'),
    ByHand(
        "key-twice", "a key stands twice", TWICE, "jobs:\n  test:\n    a: 1\n  build:\n    a: 1\n  test:\n    a: 2\n"
    ),
    ByHand("environment-twice", "a variable is set twice", TWICE, "env:\n  STAGE: dev\n  REGION: eu\n  STAGE: prod\n"),
)


def main() -> None:
    """Ask `yaml`, choose, and write."""
    folder = Path(sys.argv[1])

    def ask(texts: Mapping[str, str]) -> dict[str, str]:
        return told("yaml", texts, folder, "yaml")

    mechanical = chosen("yaml", ask, seed=SEED, kept=KEPT, most_chars=2_500, of_each=24)
    write_faults("yaml", [*mechanical, *by_hand(ask, BY_HAND)])


if __name__ == "__main__":
    main()
