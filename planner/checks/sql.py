"""SQL for Postgres parses, and its tables, keys, references, types and indexes fit together. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.postgres import MOST_CHARS as READABLE
from planner.postgres import (
    Lines,
    SqlError,
    TooDeep,
    body_faults,
    columns_of,
    declared_types,
    definition,
    parse,
    statements,
    type_name,
)
from planner.sql_dialect import dialect_of
from planner.subject import Fence, Subject

KINDS = frozenset({"sql", "postgresql"})
RULES = {
    "syntax": Rule("error", "Postgres' own parser takes it"),
    "other-dialect": Rule("error", "it is written for Postgres, where the plan stores its data in Postgres"),
    "duplicate-table": Rule("error", "no table or index is made twice"),
    "duplicate-column": Rule("error", "no table has two columns of one name"),
    "primary-key": Rule("error", "a table has one primary key at most"),
    "no-primary-key": Rule("warning", "a table has a primary key"),
    "unknown-column": Rule("error", "keys, constraints and indexes name columns that are there"),
    "unknown-reference": Rule("error", "a foreign key leads to a column that is there"),
    "function": Rule("error", "functions have parameters of their own and a body that can be read"),
    "reference-type": Rule("error", "a foreign key has the type of what it leads to"),
    "unknown-type": Rule("error", "types are Postgres' own, or made by the script or an extension"),
    "not-checked": Rule("warning", "it is written for a database whose SQL can be read here"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = READABLE


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    if "postgresql" not in fence.kinds:
        said = f"SQL for {dialect_of(subject.outline.database)} cannot be read here, so this was not checked."
        yield found("sql/not-checked", said, fence.at, rules=RULES)
        return
    try:
        tree = parse(fence.content)
    except TooDeep as error:
        said = "The script is nested too deeply to be read, so it was not checked."
        yield found("sql/not-checked", said, within(fence.at, error.line), rules=RULES)
        return
    except SqlError as error:
        yield _unread(error, fence)
        return
    script = _Script(fence, subject)
    for raw in statements(tree):
        yield from script.take(raw)
    yield from script.end()


_MYSQL = {
    "AUTO_INCREMENT": "Postgres has GENERATED ALWAYS AS IDENTITY instead.",
    "ENGINE": "Postgres has no storage engines; take it away.",
    "UNSIGNED": "Postgres has no unsigned types; use a CHECK.",
    "`": 'Postgres quotes names with ".',
    "DATETIME": "Postgres has timestamptz instead.",
}


def _unread(error: SqlError, fence: Fence) -> Finding:
    at = within(fence.at, error.line)
    token = error.token.strip()
    for word, instead in _MYSQL.items():
        if token.upper().startswith(word):
            return found("sql/other-dialect", f"`{word}` is MySQL's. {instead}", at, rules=RULES)
    if token:
        said = f"Postgres cannot read this at `{token[:60]}`."
    elif "at end of input" in error.said:
        said = "The script ends in the middle of a statement."
    else:
        said = f"Postgres cannot read this: {error.said}."
    return found("sql/syntax", said, at, rules=RULES)


class _Made(NamedTuple):
    """A table of the script: the type of each column."""

    columns: dict[str, str]
    has_key: list[int]
    """Lines of its primary keys."""
    line: int
    open: bool
    """Whether it has columns that are not written here: of a parent, a query, a copied table."""


class _Reference(NamedTuple):
    table: str
    columns: list[str]
    to: str
    to_columns: list[str]
    line: int


class _Script:
    """What a script has made so far."""

    def __init__(self, fence: Fence, subject: Subject) -> None:
        self._fence = fence
        self._lines = Lines(fence.content)
        self._tables: dict[str, _Made] = {}
        self._indexes: set[str] = set()
        self._types: set[str] = set()
        self._references: list[_Reference] = []
        self._planned = {each.name.casefold() for each in subject.outline.tables}
        self._told: set[str] = set()

    def take(self, raw: Any) -> Iterator[Finding]:
        """One statement."""
        node = raw.stmt
        match node.WhichOneof("node"):
            case "create_stmt":
                yield from self._create(node.create_stmt)
            case "index_stmt":
                yield from self._index(node.index_stmt)
            case "create_function_stmt":
                yield from self._function(node.create_function_stmt, raw)
            case "alter_table_stmt":
                yield from self._alter(node.alter_table_stmt)
            case "create_enum_stmt":
                self._types.add(_last(node.create_enum_stmt.type_name))
            case "create_domain_stmt":
                self._types.add(_last(node.create_domain_stmt.domainname))
            case "composite_type_stmt":
                self._types.add(node.composite_type_stmt.typevar.relname)
            case "create_range_stmt":
                self._types.add(_last(node.create_range_stmt.type_name))
            case "define_stmt":
                self._types.add(_last(node.define_stmt.defnames))
            case _:
                pass

    def end(self) -> Iterator[Finding]:
        """What only the whole script tells."""
        for each in self._references:
            yield from self._led(each)
        for name, made in self._tables.items():
            if not made.has_key and not made.open:
                said = f"The table `{name}` has no primary key."
                yield self._found("no-primary-key", said, made.line, "Give it one, or say why it needs none.")

    def _found(self, rule: str, said: str, line: int, hint: str = "") -> Finding:
        return found(f"sql/{rule}", said, within(self._fence.at, line), rules=RULES, hint=hint)

    # -- tables

    def _create(self, create: Any) -> Iterator[Finding]:
        name = create.relation.relname
        line = self._lines.at(create.relation.location)
        is_open = bool(create.inh_relations) or create.HasField("partbound") or create.HasField("of_typename")
        is_open = is_open or any(each.WhichOneof("node") == "table_like_clause" for each in create.table_elts)
        made = _Made({}, [], line, is_open)
        if name in self._tables and not create.if_not_exists and not create.relation.schemaname:
            yield self._found("duplicate-table", f"The table `{name}` is made twice.", line)
            return
        self._tables[name] = made
        self._types.add(name)
        for column in columns_of(create):
            yield from self._column(name, made, column)
        for element in create.table_elts:
            if element.WhichOneof("node") == "constraint":
                yield from self._constraint(name, made, element.constraint)

    def _column(self, table: str, made: _Made, column: Any) -> Iterator[Finding]:
        line = self._lines.at(column.location)
        if column.colname in made.columns:
            yield self._found("duplicate-column", f"The table `{table}` has two columns `{column.colname}`.", line)
            return
        made.columns[column.colname] = type_name(column.type_name)
        yield from self._type(column.type_name, line)
        for each in column.constraints:
            kind = _kind(each.constraint)
            if kind == "PRIMARY":
                yield from self._key(table, made, line)
            elif kind == "FOREIGN":
                self._reference(table, [column.colname], each.constraint, line)

    def _type(self, node: Any, line: int, *, foreign: bool = False) -> Iterator[Finding]:
        """`foreign`: it may be a type or table that stands already, unless it is known as another database's."""
        names = [each.string.sval for each in node.names]
        name = type_name(node)
        if len(names) > 1 and names[0] != "pg_catalog":
            return  # of a schema of its own
        known = name.casefold() in _TYPES or name in self._types or name in self._told
        if not known and not (foreign and name.casefold() not in _INSTEAD):
            self._told.add(name)
            instead = _INSTEAD.get(name.casefold(), "")
            hint = (
                f"Postgres has {instead} instead."
                if instead
                else "Make it with CREATE TYPE first, or use a built-in one."
            )
            yield self._found("unknown-type", f"Postgres has no type `{name}`.", line, hint)

    def _key(self, table: str, made: _Made, line: int) -> Iterator[Finding]:
        made.has_key.append(line)
        if len(made.has_key) > 1:
            hint = "Write one PRIMARY KEY over both columns, or make the other UNIQUE."
            yield self._found("primary-key", f"The table `{table}` has two primary keys.", line, hint)

    def _constraint(self, table: str, made: _Made, constraint: Any) -> Iterator[Finding]:
        line = self._lines.at(constraint.location)
        kind = _kind(constraint)
        if kind == "PRIMARY":
            yield from self._key(table, made, line)
        named = [each.string.sval for each in (*constraint.keys, *constraint.fk_attrs)]
        yield from self._there(made, named, line, f"A {_WORDS.get(kind, 'constraint')} of `{table}`")
        if kind == "FOREIGN":
            self._reference(table, [each.string.sval for each in constraint.fk_attrs], constraint, line)

    def _there(self, made: _Made, named: list[str], line: int, what: str) -> Iterator[Finding]:
        for name in named:
            if name not in made.columns and not made.open and name not in _SYSTEM:
                hint = f"It has {', '.join(f'`{each}`' for each in [*made.columns][:12])}." if made.columns else ""
                yield self._found("unknown-column", f"{what} names `{name}`, which is no column of it.", line, hint)
                return

    # -- references

    def _reference(self, table: str, columns: list[str], constraint: Any, line: int) -> None:
        to = [each.string.sval for each in constraint.pk_attrs]
        self._references.append(_Reference(table, columns, constraint.pktable.relname, to, line))

    def _led(self, each: _Reference) -> Iterator[Finding]:
        there = self._tables.get(each.to)
        if there is None:
            # It may stand already, where the script is a migration; where nothing is known of it, that is said.
            if self._is_planned(each.to):
                return
            said = f"`{each.table}` refers to the table `{each.to}`, which neither the script makes nor the plan lists."
            finding = self._found("unknown-reference", said, each.line, "If it stands already, say so in the plan.")
            yield finding.model_copy(update={"level": "warning"})
            return
        if there.open:
            return
        for name in each.to_columns:
            if name not in there.columns:
                said = f"`{each.table}` refers to `{each.to}.{name}`, which is no column."
                yield self._found("unknown-reference", said, each.line)
                return
        yield from self._same_types(each, there)

    def _is_planned(self, table: str) -> bool:
        return table.casefold() in self._planned

    def _same_types(self, each: _Reference, there: _Made) -> Iterator[Finding]:
        mine = self._tables.get(each.table)
        if mine is None:
            return
        for name, to in zip(each.columns, each.to_columns, strict=False):
            here, theirs = mine.columns.get(name, ""), there.columns.get(to, "")
            if here and theirs and _family(here) != _family(theirs) and {here, theirs} <= _TYPES:
                said = f"`{each.table}.{name}` is {here}, but `{each.to}.{to}`, which it refers to, is {theirs}."
                yield self._found("reference-type", said, each.line, "Give both the same type.")

    # -- functions

    def _function(self, function: Any, raw: Any) -> Iterator[Finding]:
        name = _last(function.funcname)
        seen: set[tuple[str, int]] = set()
        for each in function.parameters:
            parameter = each.function_parameter
            line = self._lines.at(parameter.location)
            if parameter.name and (parameter.name, parameter.mode) in seen:
                said = f"The function `{name}` has two parameters `{parameter.name}`."
                yield self._found("function", said, line)
                return
            seen.add((parameter.name, parameter.mode))
            yield from self._type(parameter.arg_type, line, foreign=True)
        if function.HasField("return_type"):
            yield from self._type(function.return_type, self._lines.at(function.return_type.location), foreign=True)
        yield from self._function_body(name, function, raw)

    def _function_body(self, name: str, function: Any, raw: Any) -> Iterator[Finding]:
        options = {each.def_elem.defname: each.def_elem for each in function.options}
        body = _body(options.get("as"))
        if not body:
            return
        language = options["language"].arg.string.sval.lower() if "language" in options else ""
        begins = self._lines.at(options["as"].location)
        for fault in body_faults(self._lines.cut(raw.stmt_location, raw.stmt_len), language, body):
            shown = f" at `{fault.token[:60]}`" if fault.token else ""
            said = f"Postgres cannot read the body of the function `{name}`{shown}."
            yield self._found("function", said, begins + fault.line - 1)
            return
        for declared, line in declared_types(body) if language == "plpgsql" else ():
            if declared in _INSTEAD and declared not in self._types | _TYPES:
                said = f"Postgres has no type `{declared}`, which the function `{name}` declares."
                hint = f"Postgres has {_INSTEAD[declared]} instead."
                yield self._found("unknown-type", said, begins + line - 1, hint)
                return

    # -- what comes after

    def _index(self, index: Any) -> Iterator[Finding]:
        line = self._lines.at(index.relation.location)
        if index.idxname and index.idxname in self._indexes and not index.if_not_exists:
            yield self._found("duplicate-table", f"The index `{index.idxname}` is made twice.", line)
            return
        self._indexes.add(index.idxname)
        made = self._tables.get(index.relation.relname)
        if made is None or index.relation.schemaname:
            return
        named = [each.index_elem.name for each in (*index.index_params, *index.index_including_params)]
        what = f"The index `{index.idxname}`" if index.idxname else f"An index of `{index.relation.relname}`"
        yield from self._there(made, [name for name in named if name], line, what)

    def _alter(self, alter: Any) -> Iterator[Finding]:
        name = alter.relation.relname
        made = self._tables.get(name)
        if made is None:
            return
        for each in alter.cmds:
            command = each.alter_table_cmd
            line = self._lines.at(alter.relation.location)
            node = definition(command).WhichOneof("node")
            if node == "column_def" and "AddColumn" in _subtype(command):
                if command.missing_ok and definition(command).column_def.colname in made.columns:
                    continue
                yield from self._column(name, made, definition(command).column_def)
            elif node == "constraint":
                yield from self._constraint(name, made, definition(command).constraint)
            elif _subtype(command) in {"AT_DropColumn", "AT_SetNotNull", "AT_ColumnDefault", "AT_AlterColumnType"}:
                if command.missing_ok:
                    made.columns.pop(command.name, None)
                    continue
                yield from self._there(made, [command.name], line, f"ALTER TABLE `{name}`")
                if _subtype(command) == "AT_DropColumn":
                    made.columns.pop(command.name, None)


def _last(names: Any) -> str:
    return names[-1].string.sval if names else ""


def _body(option: Any) -> str:
    if option is None or option.arg.WhichOneof("node") != "list":
        return ""
    items = option.arg.list.items
    return items[0].string.sval if len(items) == 1 else ""


def _kind(constraint: Any) -> str:
    kinds = constraint.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_number
    return kinds[constraint.contype].name.removeprefix("CONSTR_")


def _subtype(command: Any) -> str:
    return command.DESCRIPTOR.fields_by_name["subtype"].enum_type.values_by_number[command.subtype].name


def _family(name: str) -> str:
    return next((family for family, names in _FAMILIES.items() if name in names), name)


_WORDS = {"PRIMARY": "primary key", "FOREIGN": "foreign key", "UNIQUE": "unique constraint"}
_SYSTEM = {"ctid", "xmin", "xmax", "tableoid", "oid"}
_FAMILIES = {
    "number": {"integer", "bigint", "smallint", "serial", "bigserial", "smallserial", "serial4", "serial8", "numeric"},
    "text": {"text", "varchar", "char", "citext", "name"},
    "time": {"timestamp", "timestamptz", "date"},
}
_INSTEAD = {
    "datetime": "timestamptz", "tinyint": "smallint", "mediumint": "integer", "string": "text", "blob": "bytea",
    "longtext": "text", "mediumtext": "text", "nvarchar": "varchar", "double": "double precision", "binary": "bytea",
    "varbinary": "bytea", "uniqueidentifier": "uuid", "number": "numeric", "varchar2": "text", "guid": "uuid",
    "long": "bigint", "object": "jsonb", "array": "jsonb", "enum": "CREATE TYPE ... AS ENUM",
}  # fmt: skip
_TYPES = frozenset(
    re.findall(
        r"[^,]+",
        # Postgres' own (pg_type), with the spellings its grammar takes, ...
        "bigint,bigserial,serial8,bit,varbit,boolean,bool,box,bytea,char,bpchar,character,varchar,cidr,circle,date,"
        "double precision,float4,float8,float,inet,integer,int,int2,int4,int8,interval,json,jsonb,jsonpath,line,lseg,"
        "macaddr,macaddr8,money,numeric,decimal,path,pg_lsn,pg_snapshot,point,polygon,real,smallint,smallserial,serial2,"
        "serial,serial4,text,time,timetz,timestamp,timestamptz,tsquery,tsvector,txid_snapshot,uuid,xml,int4range,"
        "int8range,numrange,tsrange,tstzrange,daterange,int4multirange,int8multirange,nummultirange,tsmultirange,"
        "tstzmultirange,datemultirange,name,oid,regclass,regconfig,regdictionary,regnamespace,regoper,regoperator,"
        "regproc,regprocedure,regrole,regtype,regcollation,xid,xid8,cid,tid,record,void,trigger,event_trigger,anyelement,"
        "anyarray,anynonarray,anyenum,anyrange,cstring,internal,language_handler,refcursor,aclitem,"
        # ... and those of extensions that managed Postgres services offer.
        "citext,hstore,ltree,lquery,ltxtquery,cube,earth,isbn,issn,ean13,geometry,geography,raster,box2d,box3d,vector,"
        "halfvec,sparsevec,semver,lo,seg,query_int,uri,hll,tdigest,h3index,roaringbitmap,chkpass,topogeometry,ulid",
    )
)
