"""Makes `faults/postgresql.jsonl`: mutants of good scripts that a real Postgres refuses, and faults by hand.

Run by hand: `python -m tests.planner.checks.seeding.postgresql`. It starts the Postgres of the tests. Each mutant runs
in a transaction that is rolled back, in a database that holds nothing else, so that only scripts which stand alone
are bases: the others are refused as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

import psycopg

from tests.planner.checks.corpus import Fault, good, write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.mutation import Mutation, cut_end, drop_mark, drop_token, swap_tokens
from tests.postgres import postgres

_TYPE = re.compile(
    r"\b(bigserial|bigint|integer|text|varchar|character varying|timestamp|uuid|boolean|jsonb|timestamptz)\b",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"^\s+([a-z_]{2,})\s+[a-z]", re.MULTILINE)
_NAMED = re.compile(r"\(\s*([a-z_]{3,})\s*(?:,|\)|DESC|ASC)")


def other_type(random: Random, text: str) -> tuple[str, str] | None:
    """Use a type of another database, or none at all."""
    found = list(_TYPE.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    new = random.choice(["datetime", "string", "tinyint", "nvarchar", "objectid", "number"])
    line = text.count("\n", 0, match.start()) + 1
    return f"`{match[0]}` turned into `{new}` in line {line}", text[: match.start()] + new + text[match.end() :]


def rename_use(random: Random, text: str) -> tuple[str, str] | None:
    """Misspell a column where a key or an index names it."""
    found = list(_NAMED.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    line = text.count("\n", 0, match.start(1)) + 1
    return f"`{match[1]}` misspelled in line {line}", text[: match.end(1)] + "s" + text[match.end(1) :]


def double_column(random: Random, text: str) -> tuple[str, str] | None:
    """Let a column stand twice."""
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines) if _COLUMN.match(f"{line}\n") and line.rstrip().endswith(",")]
    if not found:
        return None
    at = random.choice(found)
    return f"line {at + 1} doubled", "\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


MUTATIONS: tuple[Mutation, ...] = (
    *(other_type, other_type, rename_use, rename_use, double_column, double_column),
    *(drop_mark, drop_token, swap_tokens, cut_end),
)

BASE = """\
CREATE TABLE customers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  status text NOT NULL CHECK (status IN ('open', 'paid')),
  total_cents bigint NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (customer_id, placed_at)
);

CREATE INDEX orders_by_customer ON orders (customer_id, placed_at DESC);
"""

HAND: tuple[tuple[str, str, str, str], ...] = (
    (
        "a comma at the end of the columns",
        "UNIQUE (customer_id, placed_at)\n",
        "UNIQUE (customer_id, placed_at),\n",
        "syntax",
    ),
    (
        "no comma between columns",
        "total_cents bigint NOT NULL,",
        "total_cents bigint NOT NULL",
        "syntax",
    ),
    (
        "a bracket that is not closed",
        "DEFAULT now()\n);\n\nCREATE TABLE orders",
        "DEFAULT now()\n;\n\nCREATE TABLE orders",
        "syntax",
    ),
    (
        "auto_increment",
        "id uuid PRIMARY KEY DEFAULT gen_random_uuid(),\n  email",
        "id integer AUTO_INCREMENT PRIMARY KEY,\n  email",
        "other-dialect",
    ),
    (
        "backticks",
        "CREATE TABLE customers",
        "CREATE TABLE `customers`",
        "other-dialect",
    ),
    (
        "an engine",
        ");\n\nCREATE TABLE orders",
        ") ENGINE=InnoDB;\n\nCREATE TABLE orders",
        "other-dialect",
    ),
    (
        "an index inside the table",
        "  UNIQUE (customer_id, placed_at)\n",
        "  INDEX by_status (status)\n",
        "unknown-type",
    ),
    (
        "a type of SQL Server",
        "email text",
        "email nvarchar(200)",
        "unknown-type",
    ),
    (
        "a type of MySQL",
        "placed_at timestamptz",
        "placed_at datetime",
        "unknown-type",
    ),
    (
        "a type of nobody",
        "status text",
        "status order_status",
        "unknown-type",
    ),
    (
        "a column twice",
        "  total_cents bigint NOT NULL,\n",
        "  total_cents bigint NOT NULL,\n  status text,\n",
        "duplicate-column",
    ),
    (
        "a table twice",
        "CREATE TABLE orders",
        "CREATE TABLE customers",
        "duplicate-table",
    ),
    (
        "two primary keys",
        "total_cents bigint NOT NULL",
        "total_cents bigint PRIMARY KEY",
        "primary-key",
    ),
    (
        "a second key at the end",
        "  UNIQUE (customer_id",
        "  PRIMARY KEY (customer_id",
        "primary-key",
    ),
    (
        "a reference to no column",
        "REFERENCES customers (id)",
        "REFERENCES customers (customer_id)",
        "unknown-reference",
    ),
    (
        "a reference of another type",
        "customer_id uuid NOT NULL",
        "customer_id bigint NOT NULL",
        "reference-type",
    ),
    (
        "an index on no column",
        "(customer_id, placed_at DESC)",
        "(customer_id, created_at DESC)",
        "unknown-column",
    ),
    (
        "a unique constraint on no column",
        "UNIQUE (customer_id, placed_at)",
        "UNIQUE (customer, placed_at)",
        "unknown-column",
    ),
)


def main() -> None:
    """Run the mutants, and write the faults."""
    with postgres() as server, psycopg.connect(server.url) as connection:

        def refused(texts: Mapping[str, str]) -> dict[str, str]:
            return {name: _refused(connection, text) for name, text in texts.items()}

        alone = {path.name for path in good("postgresql") if not _refused(connection, path.read_text(encoding="utf-8"))}

        def of_those_that_stand_alone(texts: Mapping[str, str]) -> dict[str, str]:
            chosen_ones = {name: text for name, text in texts.items() if name.rpartition("-")[0] in alone}
            return {**dict.fromkeys(texts, ""), **refused(chosen_ones)}

        mechanical = chosen(
            "postgresql",
            of_those_that_stand_alone,
            seed=20261123,
            kept=40,
            of_each=30,
            most_chars=7_000,
            most_of_one=12,
            mutations=MUTATIONS,
        )
        by_hand = [_by_hand(connection, number, each) for number, each in enumerate(HAND, 1)]
    write_faults("postgresql", [*mechanical, *by_hand])


def _refused(connection: psycopg.Connection, text: str) -> str:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.Error as error:
        return f"PostgreSQL {connection.info.server_version // 10000}: {str(error).splitlines()[0]}"
    return ""


def _by_hand(connection: psycopg.Connection, number: int, given: tuple[str, str, str, str]) -> Fault:
    how, old, new, rule = given
    if BASE.count(old) != 1:
        raise AssertionError(f"{how}: stands {BASE.count(old)} times")
    content = BASE.replace(old, new)
    truth = _refused(connection, content)
    if not truth:
        raise AssertionError(f"{how}: Postgres takes it")
    return Fault(
        id=f"hand-{number:02}",
        base="hand",
        how=how,
        mechanical=False,
        content=content,
        rules=(f"sql/{rule}",),
        truth=truth,
    )


if __name__ == "__main__":
    main()
