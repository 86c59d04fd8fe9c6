"""Opens the database, SQLite or Postgres, and brings its tables up to date."""

from __future__ import annotations

import asyncio
import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

# The engine's and our tables are opened by several connections of one process; a writer waits this long for another.
_SQLITE_WAIT_MS = 10_000


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for Postgres."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def connect(url: str, *, pool_size: int = 4, wait_ms: int = _SQLITE_WAIT_MS) -> sa.Engine:
    """An engine for `url`. SQLite: WAL, synchronous FULL, every transaction takes the write lock at its begin."""
    if sqlite_path(url) is None:
        return sa.create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 3},
            hide_parameters=True,  # errors would quote whole documents
        )
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=0, poolclass=sa.QueuePool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # transactions begin as `_begin` says, not as sqlite3 guesses
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute(f"pragma busy_timeout={wait_ms}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        # A transaction that reads first and writes later cannot wait for another writer: take the lock at once.
        connection.exec_driver_sql("begin immediate")

    return engine


def prepare(url: str) -> None:
    """Make the directory and file of a SQLite database, readable by its owner only. Nothing for Postgres."""
    path = sqlite_path(url)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
    connection = sqlite3.connect(path)
    try:
        # Persistent in the file. The engine opens it too and never sets it; its rollback journal is 5 times slower.
        connection.execute("pragma journal_mode=wal")
    finally:
        connection.close()


class Database:
    """Our tables. `run` executes one function in one transaction, off the event loop."""

    def __init__(self, url: str) -> None:
        """`url` as in the settings; nothing is opened until `migrate` or `run`."""
        self.url = url
        self.engine = connect(url)

    def migrate(self) -> None:
        """Apply the steps that this database has not seen. Safe to call from several processes at once."""
        prepare(self.url)
        steps = sorted(
            (entry for entry in files("bot.store.migrations").iterdir() if entry.name.endswith(".sql")),
            key=lambda entry: entry.name,
        )
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("select pg_advisory_xact_lock(7265311)"))
            connection.execute(sa.text("create table if not exists migrations (name varchar(100) primary key)"))
            done = set(connection.execute(sa.text("select name from migrations")).scalars())
            for step in steps:
                if step.name in done:
                    continue
                for statement in _statements(step.read_text(encoding="utf-8")):
                    connection.execute(sa.text(statement))
                connection.execute(sa.text("insert into migrations values (:name)"), {"name": step.name})

    def call(self, function: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`function(connection, ...)` in one transaction, in this thread."""
        with self.engine.begin() as connection:
            return function(connection, *args, **kwargs)

    async def run(self, function: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`call` on a thread, so that a slow disk or a lost database never blocks the event loop."""
        return await asyncio.to_thread(self.call, function, *args, **kwargs)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def rows(result: sa.CursorResult[Any]) -> list[dict[str, Any]]:
    """A result as plain dictionaries."""
    return [dict(row) for row in result.mappings()]


def _statements(script: str) -> list[str]:
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
