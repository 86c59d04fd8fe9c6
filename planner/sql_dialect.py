"""Whose SQL a plan is written in, after the database that it chose. No I/O."""

from __future__ import annotations

import re

_POSTGRES = re.compile(
    r"postgres|\bpg\b|cockroach|timescale|neon|supabase|aurora(?!.*mysql)|\brds\b(?!.*(mysql|maria))", re.IGNORECASE
)
_MYSQL = re.compile(r"mysql|maria|planetscale|vitess", re.IGNORECASE)
_OTHERS = {
    "SQLite": re.compile(r"sqlite|libsql|turso|\bd1\b", re.IGNORECASE),
    "SQL Server": re.compile(r"sql server|mssql|azure sql", re.IGNORECASE),
    "Oracle": re.compile(r"\boracle\b", re.IGNORECASE),
    "Redshift": re.compile(r"redshift", re.IGNORECASE),
    "Athena": re.compile(r"athena|\btrino\b|presto", re.IGNORECASE),
    "BigQuery": re.compile(r"bigquery", re.IGNORECASE),
    "Snowflake": re.compile(r"snowflake", re.IGNORECASE),
    "ClickHouse": re.compile(r"clickhouse", re.IGNORECASE),
    "DynamoDB (PartiQL)": re.compile(r"partiql", re.IGNORECASE),
}


def dialect_of(database: str) -> str:
    """`postgresql` (also where nothing is said), `mysql`, or the name of a database whose SQL is not read here."""
    if _MYSQL.search(database) and not re.search("postgres", database, re.IGNORECASE):
        return "mysql"
    if database and not _POSTGRES.search(database):
        return next((name for name, pattern in _OTHERS.items() if pattern.search(database)), "postgresql")
    return "postgresql"
