"""Reads SQL as Postgres' own parser does, and keeps the tables that a script makes. No I/O."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

import postgast
from google.protobuf.message import DecodeError

MOST_CHARS = 300_000
_DEEPEST = 120
_LONGEST_RUN = 5_000
_PIECE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|\w+|[^\s\w]")
# What drivers and psql write for values: `:id`, `?`, `%s`, `%(id)s`, `@id`; Postgres itself knows `$1` alone.
_PLACEHOLDER = re.compile(r"(?<![:\w])[:@][A-Za-z_]\w*|%\([A-Za-z_]\w*\)s|%s\b|(?<=[=(,\s])\?(?=[\s,);]|\Z)")
_VARIABLE = re.compile(r"(?<![:\w]):\"?([A-Za-z_]\w*)\"?")
_LONG_NAMES = {
    "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "bpchar": "char", "float4": "real",
    "float8": "double precision",
}  # fmt: skip


class SqlError(ValueError):
    """The script cannot be parsed. `token` is where it stopped, empty at its end; `line` counts from 1."""

    def __init__(self, said: str, token: str, line: int) -> None:
        super().__init__(said)
        self.said = said
        self.token = token
        self.line = line


class TooDeep(SqlError):
    """It may be right, but nobody can read it here."""


class Column(NamedTuple):
    """A column as a script makes it; `type` without its length, by the name people know it by."""

    name: str
    type: str
    line: int


class Table(NamedTuple):
    """A table as a script makes it."""

    name: str
    columns: tuple[Column, ...]
    line: int


def parse(sql: str) -> Any:
    """The tree of a script, as `postgast` has it. Raises `SqlError`."""
    _bounded(sql)
    try:
        return postgast.parse(sql)
    except DecodeError:
        raise TooDeep("nested too deeply to be read", "", 1) from None
    except postgast.PgQueryError as error:
        # A placeholder stands for a value, or (psql's variables) for a name.
        for plain in (_PLACEHOLDER.sub("$1", sql), _VARIABLE.sub(r"\1", sql)):
            if plain != sql:
                with contextlib.suppress(postgast.PgQueryError, DecodeError):
                    return postgast.parse(plain)
        at = max(error.cursorpos - 1, 0)
        said = str(error.message)
        token = re.search(r'at or near "(.*)"\Z', said, re.DOTALL)
        raise SqlError(said, token[1] if token else "", line_at(sql, min(at, len(sql)))) from None


def _bounded(sql: str) -> None:
    """Raises `TooDeep` for what the parser, which is recursive, would not survive."""
    runs = [0]
    for match in _PIECE.finditer(sql):
        piece = match[0]
        if piece in "([":
            runs.append(0)
        elif piece in ")]":
            runs = runs[:-1] or [0]
        elif piece in ",;":
            runs[-1] = 0
        else:
            runs[-1] += 1
        if len(runs) > _DEEPEST or runs[-1] > _LONGEST_RUN:
            raise TooDeep("nested too deeply to be read", piece, line_at(sql, match.start()))


def line_at(text: str, offset: int) -> int:
    """The line, from 1, of a character."""
    return text.count("\n", 0, offset) + 1


class Lines:
    """Turns the parser's offsets, which count bytes, into lines."""

    def __init__(self, sql: str) -> None:
        self._bytes = sql.encode("utf-8", "replace")

    def at(self, offset: int) -> int:
        """The line, from 1, of a byte."""
        return self._bytes.count(b"\n", 0, max(offset, 0)) + 1

    def cut(self, offset: int, length: int) -> str:
        """The text of a statement; a length of 0 is the rest."""
        end = offset + length if length else len(self._bytes)
        return self._bytes[offset:end].decode("utf-8", "replace")


def body_faults(function: str, language: str, body: str) -> list[SqlError]:
    """What is wrong with a function's body; lines count from the body's first. `function`: the whole statement."""
    try:
        if language == "sql":
            parse(body)
        elif language == "plpgsql":
            _bounded(body)
            postgast.parse_plpgsql(function)
    except postgast.PgQueryError as error:
        if _VARIABLE.search(function):
            return []  # a variable of psql, which this reader does not fill in
        near = re.search(r"near line (\d+)", str(error.context or ""))
        token = re.search(r'syntax error at or near "(.*)"\Z', str(error.message), re.DOTALL)
        # What else it says is about tables and types that it, unlike a database, does not have.
        return [SqlError(str(error.message), token[1], int(near[1]) if near else 1)] if token else []
    except (TooDeep, DecodeError, json.JSONDecodeError):
        pass
    except SqlError as error:
        return [error]
    return []


_DECLARED = re.compile(r"^\s*\w+\s+(?:constant\s+)?(\w+)\b", re.IGNORECASE | re.MULTILINE)


def declared_types(body: str) -> list[tuple[str, int]]:
    """The names after those of variables in the DECLARE part of a PL/pgSQL body, in lower case, and their lines."""
    match = re.search(r"\bdeclare\b(.*?)\bbegin\b", body, re.IGNORECASE | re.DOTALL)
    if match is None:
        return []
    found = _DECLARED.finditer(match[1])
    return [(each[1].lower(), body.count("\n", 0, match.start(1) + each.start(1)) + 1) for each in found]


def statements(tree: Any) -> Iterator[Any]:
    """Each statement's node: `create_stmt`, `index_stmt`, ..."""
    for raw in tree.stmts:
        kind = raw.stmt.WhichOneof("node")
        if kind:
            yield raw


def tables_in(sql: str) -> list[Table]:
    """The tables that a script makes, in their order; none where it cannot be parsed."""
    if len(sql) > MOST_CHARS:
        return []
    try:
        tree = parse(sql)
    except SqlError:
        return []
    lines = Lines(sql)
    found: dict[str, Table] = {}
    for raw in statements(tree):
        if raw.stmt.WhichOneof("node") == "create_stmt":
            made = raw.stmt.create_stmt
            columns = tuple(
                Column(each.colname, type_name(each.type_name), lines.at(each.location)) for each in columns_of(made)
            )
            found.setdefault(
                made.relation.relname, Table(made.relation.relname, columns, lines.at(made.relation.location))
            )
        elif raw.stmt.WhichOneof("node") == "alter_table_stmt":
            altered = raw.stmt.alter_table_stmt
            table = found.get(altered.relation.relname)
            added = tuple(
                Column(each.colname, type_name(each.type_name), lines.at(each.location))
                for each in added_columns(altered)
            )
            if table is not None and added:
                found[table.name] = table._replace(columns=table.columns + added)
    return list(found.values())


def columns_of(create: Any) -> Iterable[Any]:
    """The column definitions of a CREATE TABLE."""
    return [each.column_def for each in create.table_elts if each.WhichOneof("node") == "column_def"]


def added_columns(alter: Any) -> Iterable[Any]:
    """The column definitions that an ALTER TABLE adds."""
    commands = [each.alter_table_cmd for each in alter.cmds]
    return [definition(each).column_def for each in commands if definition(each).WhichOneof("node") == "column_def"]


def definition(command: Any) -> Any:
    """What a command of ALTER TABLE adds. The parser calls it by a word that Python keeps for itself."""
    return getattr(command, "def")


def type_name(node: Any) -> str:
    """A type's name as people know it: `integer` for what the parser calls pg_catalog.int4."""
    names = [cast("str", each.string.sval) for each in node.names]
    last = names[-1] if names else ""
    return _LONG_NAMES.get(last, last)
