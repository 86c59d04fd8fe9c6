"""Makes `faults/dynamodb.jsonl`: mutants of the good tables that dynalite refuses. Run by hand.

`python -m tests.planner.checks.seeding.dynamodb FOLDER`, where FOLDER has `npm install dynalite` done.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from random import Random

from tests.planner.checks.corpus import write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.mutation import Mutation, drop_mark
from tests.planner.checks.seeding.truth import told

_NAME = re.compile(r'("AttributeName": ")(\w+)(")')
_VALUE = re.compile(r'("(?:AttributeType|KeyType|BillingMode|ProjectionType|StreamViewType)": ")(\w+)(")')
_KEY = re.compile(r'"(AttributeDefinitions|KeySchema|AttributeType|KeyType|Projection|IndexName|AttributeName)":')
_BILLING = '  "BillingMode": "PAY_PER_REQUEST"'


def other_attribute(random: Random, text: str) -> tuple[str, str] | None:
    """Misspell an attribute in one place."""
    match = random.choice(list(_NAME.finditer(text)))
    line = text.count("\n", 0, match.start()) + 1
    return f"`{match[2]}` misspelled in line {line}", text[: match.end(2)] + "x" + text[match.end(2) :]


def other_value(random: Random, text: str) -> tuple[str, str] | None:
    """Give a field a value that there is not, or that does not fit here."""
    match = random.choice(list(_VALUE.finditer(text)))
    new = random.choice(["STRING", "HASH", "RANGE", "SORT", "ON_DEMAND", "SOME"])
    if new == match[2]:
        return None
    line = text.count("\n", 0, match.start()) + 1
    return f"`{match[2]}` turned into `{new}` in line {line}", text[: match.start(2)] + new + text[match.end(2) :]


def without_key(random: Random, text: str) -> tuple[str, str] | None:
    """Misspell the name of a field."""
    match = random.choice(list(_KEY.finditer(text)))
    line = text.count("\n", 0, match.start()) + 1
    return f"`{match[1]}` misspelled in line {line}", text[: match.start(1)] + match[1][:-1] + text[match.end(1) :]


def unpaid(random: Random, text: str) -> tuple[str, str] | None:
    """Take the way of paying away."""
    del random
    if text.count(_BILLING) != 1:
        return None
    return "paid by throughput that is not given", text.replace(_BILLING, '  "BillingMode": "PROVISIONED"')


MUTATIONS: tuple[Mutation, ...] = (
    other_attribute,
    other_attribute,
    other_value,
    other_value,
    without_key,
    unpaid,
    drop_mark,
)


def main() -> None:
    """Ask dynalite, and write the faults."""
    folder = Path(sys.argv[1])
    made = chosen(
        "dynamodb",
        lambda texts: told("dynamodb", texts, folder, "dynalite"),
        seed=20261123,
        kept=24,
        of_each=20,
        most_of_one=5,
        mutations=MUTATIONS,
    )
    write_faults("dynamodb", made)


if __name__ == "__main__":
    main()
