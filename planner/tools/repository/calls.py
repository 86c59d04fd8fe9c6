"""The repository's tools as they are declared, with Claude Code's names, and as they are called. No I/O."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from planner.model import JsonObject


class _Arguments(BaseModel):
    """Unknown arguments are passed over: definitions are older and newer than this code."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)


_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_Whole = Annotated[int, BeforeValidator(lambda value: 0 if value is None else value)]
_Yes = Annotated[bool, BeforeValidator(lambda value: False if value is None else value)]


def _several(value: object) -> object:
    """One pattern alone, or none, is meant as a list."""
    return (value,) if isinstance(value, str) else () if value is None else value


class ReadCall(_Arguments):
    """Lines of a text file, counted from 1; 0 for what was not said."""

    file_path: str
    offset: _Whole = 0
    limit: _Whole = 0


class GlobCall(_Arguments):
    """Files by name."""

    pattern: str
    path: _Text = ""


class GrepCall(_Arguments):
    """Lines by pattern; `-C` and `context` are one."""

    pattern: str
    path: _Text = ""
    glob: _Text = ""
    type: _Text = ""
    output_mode: _Text = "files_with_matches"
    ignore_case: _Yes = Field(default=False, alias="-i")
    numbers: bool | None = Field(default=None, alias="-n")
    after: _Whole = Field(default=0, alias="-A")
    before: _Whole = Field(default=0, alias="-B")
    around: _Whole = Field(default=0, alias="-C")
    context: _Whole = 0
    head_limit: _Whole = 0
    multiline: _Yes = False


class ListCall(_Arguments):
    """One directory."""

    path: _Text = ""
    ignore: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()


class NotebookCall(_Arguments):
    """A notebook, or one cell of it."""

    notebook_path: str
    cell_id: _Text = ""


# --- as declared ------------------------------------------------------------------------------------------------------


def _tool(name: str, description: str, properties: dict[str, JsonValue], required: tuple[str, ...] = ()) -> JsonObject:
    schema: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    return {"name": name, "description": description, "input_schema": schema}


def _said(kind: str, description: str) -> JsonObject:
    return {"type": kind, "description": description}


DEFINITIONS: tuple[JsonObject, ...] = (
    _tool(
        "Glob",
        "Find files of the planned repository by name, sorted by path, at most 200. `**` is any number of directories; "
        "a pattern without a slash fits a name at any depth: `*.{ts,tsx}`, `src/**/*_test.go`.",
        {
            "pattern": _said("string", "the file name pattern"),
            "path": _said("string", "the directory to look in; absent: the whole repository"),
        },
        ("pattern",),
    ),
    _tool(
        "Grep",
        "Search the planned repository's text files, line by line, with a Perl-compatible regular expression. At most "
        "200 rows; narrow the search with `path`, `glob` or `type`.",
        {
            "pattern": _said("string", "the regular expression, matched against single lines"),
            "path": _said("string", "a file or directory to search; absent: the whole repository"),
            "glob": _said("string", "only files of such names: `*.ts`, `**/*.{yml,yaml}`, `!*.test.ts`"),
            "type": _said("string", "only files of a type: ts, js, py, go, java, rust, ruby, sql, tf, yaml, md, ..."),
            "output_mode": {
                "type": "string",
                "enum": ["files_with_matches", "content", "count"],
                "description": "paths (the default), matching lines, or how many lines match per file",
            },
            "-i": _said("boolean", "upper and lower case are the same"),
            "-n": _said("boolean", "line numbers with content; on unless false"),
            "-A": _said("integer", "lines to show after each match, at most 20"),
            "-B": _said("integer", "lines to show before each match, at most 20"),
            "-C": _said("integer", "lines to show on both sides, at most 20"),
            "head_limit": _said("integer", "at most so many rows"),
        },
        ("pattern",),
    ),
    _tool(
        "LS",
        "List one directory of the planned repository.",
        {
            "path": _said("string", "the directory; absent: the root"),
            "ignore": {"type": "array", "items": {"type": "string"}, "description": "file name patterns to leave out"},
        },
    ),
    _tool(
        "Read",
        "Read a text file of the planned repository, with line numbers; at most 400 lines or 20,000 characters at "
        "once. Of a larger file read a range.",
        {
            "file_path": _said("string", "the path from the repository's root"),
            "offset": _said("integer", "the line to begin with, from 1"),
            "limit": _said("integer", "how many lines"),
        },
        ("file_path",),
    ),
    _tool(
        "NotebookRead",
        "Read a Jupyter notebook of the planned repository as text: cells and what they printed.",
        {
            "notebook_path": _said("string", "the path from the repository's root"),
            "cell_id": _said("string", "one cell alone, by its id or its number from 1"),
        },
        ("notebook_path",),
    ),
)
