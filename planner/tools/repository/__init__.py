"""Glob, Grep, LS, Read and NotebookRead over the planned repository at one commit. Only what a commit holds is read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import JsonValue, ValidationError

from planner.model import JsonObject
from planner.tools import Found, ToolResult, refused
from planner.tools.repository.calls import DEFINITIONS, GlobCall, GrepCall, ListCall, NotebookCall, ReadCall
from planner.tools.repository.file_types import FILE_TYPES, OTHER_NAMES
from planner.tools.repository.globs import PatternError, any_of
from planner.tools.repository.globs import globs as read_globs
from planner.tools.repository.notebooks import NotebookError, as_text

# --- what the tools need of a repository ------------------------------------------------------------------------------


class Refused(Exception):
    """Something in a repository that is not there or not given out. The message is one sentence for the model."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A child of a directory.

    `path` from the root; `size` in bytes, of a directory how many files lie below it; `withheld` says why its content
    is not given out.
    """

    path: str
    kind: Literal["file", "directory", "link", "submodule", "other"]
    size: int
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class FileText:
    """A file that was read. `path`: what the path that was asked for turned out to mean."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for.

    `pattern`: a regular expression for single lines; `path`: a file or directory, empty for all; `patterns`: file name
    patterns, as `planner.tools.repository.globs` reads them, relative to `path`; a file must fit one of each. `before`,
    `after`: lines around each match.
    """

    pattern: str
    path: str = ""
    patterns: tuple[str, ...] = ()
    ignore_case: bool = False
    want: Literal["files", "content", "count"] = "files"
    before: int = 0
    after: int = 0
    most: int = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was found, or one beside it (`matches` False).

    `number` from 1; in counts, how many matches the
    file has; in lists of files 0. `apart`: lines between it and the one before are not shown.
    """

    path: str
    number: int = 0
    text: str = ""
    matches: bool = True
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search came to, by path. `more`: there is more than `most`."""

    lines: tuple[Line, ...]
    more: bool = False


class Repository(Protocol):
    """A repository at one commit. Every method raises `Refused` for what is not there or not given out."""

    def file_url(self, path: str) -> str:
        """Where people see a file at this commit; empty for a repository without pages."""
        ...

    async def list(self, path: str = "") -> Sequence[Entry]:
        """A directory's children, by name."""
        ...

    async def glob(self, pattern: str, path: str = "") -> Sequence[str]:
        """The paths of files whose name fits, sorted. Raises `PatternError`, too."""
        ...

    async def grep(self, search: Search) -> Hits:
        """Lines that match. Raises `PatternError`, too."""
        ...

    async def read(self, path: str, *, in_part: bool = False) -> FileText:
        """A text file. `in_part`: only a piece of it will be used, so that it may be larger."""
        ...


# --- the tools --------------------------------------------------------------------------------------------------------

_READ_LINES = 400
_READ_CHARS = 20_000
_LINE_CHARS = 2_000
_FOUND_LINE_CHARS = 400
_ROWS = 200


class RepositoryTools:
    """The family `repository`, open on one repository."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._tools: Mapping[str, Callable[[Mapping[str, JsonValue]], Coroutine[Any, Any, ToolResult]]] = {
            "Glob": self._glob,
            "Grep": self._grep,
            "LS": self._list,
            "Read": self._read,
            "NotebookRead": self._notebook,
        }

    def definitions(self) -> Sequence[JsonObject]:
        """See `planner.tools.Family`."""
        return DEFINITIONS

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> ToolResult:
        """See `planner.tools.Family`. Raises nothing."""
        tool = self._tools.get(name)
        if tool is None:
            return refused(f"There is no tool {name[:60]} here; there are {', '.join(self._tools)}.")
        try:
            return await tool(arguments)
        except ValidationError as error:
            return refused(_wrong(name, error))
        except (PatternError, NotebookError) as error:
            return refused(f"{name}: {_asked(arguments)} {error}.")
        except Refused as error:
            return refused(str(error))

    async def _read(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = ReadCall.model_validate(arguments)
        if asked.offset < 0 or asked.limit < 0:
            return refused("Read: `offset` and `limit` are counted from 1; leave them out to begin at the start.")
        in_part = asked.offset > 0 or asked.limit > 0
        file = await self._repository.read(asked.file_path, in_part=in_part)
        if file.path.casefold().endswith(".ipynb") and not in_part:
            return self._shown(file.path, as_text(file.text, most_chars=_READ_CHARS))
        lines = file.text.removesuffix("\n").split("\n")
        if not file.text:
            return self._shown(file.path, "(an empty file)")
        first = max(asked.offset, 1)
        if first > len(lines):
            return refused(f"{file.path} has {len(lines):,} lines; offset={first} is behind its end.")
        wanted = min(asked.limit or _READ_LINES, _READ_LINES)
        shown: list[str] = []
        size = 0
        for number, line in enumerate(lines[first - 1 : first - 1 + wanted], start=first):
            row = f"{number:>6}\t{_cut(line.removesuffix(chr(13)), _LINE_CHARS)}"
            size += len(row) + 1
            if size > _READ_CHARS and shown:
                break
            shown.append(row)
        after = first + len(shown)
        if after <= len(lines) and not (asked.limit and len(shown) == asked.limit):
            shown.append(f"[lines {first:,} to {after - 1:,} of {len(lines):,}; go on with offset={after}]")
        return self._shown(file.path, "\n".join(shown))

    async def _notebook(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = NotebookCall.model_validate(arguments)
        file = await self._repository.read(asked.notebook_path, in_part=True)
        return self._shown(file.path, as_text(file.text, asked.cell_id, _READ_CHARS))

    async def _glob(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = GlobCall.model_validate(arguments)
        if not asked.pattern.strip():
            return refused('Glob: `pattern` is empty; for all files write "**/*".')
        paths = await self._repository.glob(asked.pattern, asked.path)
        if not paths:
            return ToolResult(text="No files found.")
        rows = list(paths[:_ROWS])
        if len(paths) > _ROWS:
            rows.append(f"[{_ROWS} of {len(paths):,} files; narrow the pattern or give a path]")
        return ToolResult(text="\n".join(rows))

    async def _list(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = ListCall.model_validate(arguments)
        ignored = [each for pattern in asked.ignore for each in read_globs(pattern)]
        entries = [
            each for each in await self._repository.list(asked.path) if not ignored or not any_of(ignored, each.path)
        ]
        if not entries:
            return ToolResult(text="(nothing here)")
        rows = [_row(each) for each in entries[:_ROWS]]
        if len(entries) > _ROWS:
            rows.append(f"[{_ROWS} of {len(entries):,} entries; find the others with Glob]")
        return ToolResult(text="\n".join(rows))

    async def _grep(self, arguments: Mapping[str, JsonValue]) -> ToolResult:
        asked = GrepCall.model_validate(arguments)
        if asked.multiline or "\n" in asked.pattern:
            return refused("Grep: searching over several lines is not possible; search for one line, then Read around.")
        if not asked.pattern:
            return refused("Grep: `pattern` is empty; to find files by name use Glob.")
        want = _WANTS.get(asked.output_mode)
        if want is None:
            return refused(f"Grep: `output_mode` is one of {', '.join(_WANTS)}.")
        patterns = [asked.glob] if asked.glob.strip() else []
        if asked.type:
            kind = asked.type.casefold()
            known = FILE_TYPES.get(OTHER_NAMES.get(kind, kind))
            if known is None:
                return refused(f"Grep: `type` {asked.type[:40]!r} is not known; use `glob`, or one of {_TYPES}.")
            patterns.append(" ".join(known))
        most = min(asked.head_limit, _ROWS) if asked.head_limit > 0 else _ROWS
        around = asked.around or asked.context
        hits = await self._repository.grep(
            Search(
                pattern=asked.pattern,
                path=asked.path,
                patterns=tuple(patterns),
                ignore_case=asked.ignore_case,
                want=want,
                before=_bounded(asked.before or around),
                after=_bounded(asked.after or around),
                most=most,
            )
        )
        if not hits.lines:
            return ToolResult(text="No matches found.")
        rows: list[str] = []
        size, path = 0, ""
        used = 0
        for line in hits.lines:
            row = _found_row(line, want, numbers=asked.numbers is not False)
            if want == "content":
                # Each file's lines stand under its path: shorter than the path before each line.
                head = line.path != path
                row = f"{chr(10) if rows and head else ''}{line.path}\n{row}" if head else row
                row = f"  ...\n{row}" if line.apart and not head else row
            size += len(row) + 1
            if size > _READ_CHARS and rows:
                break
            path = line.path
            rows.append(row)
            used += 1
        if used < len(hits.lines) or hits.more:
            rows.append(f"[the first {used} rows; narrow the search with path, glob or type to see the others]")
        paths = dict.fromkeys(line.path for line in hits.lines[:used])
        return ToolResult(text="\n".join(rows), found=tuple(self._found(each) for each in paths))

    def _shown(self, path: str, text: str) -> ToolResult:
        return ToolResult(text=text, found=(self._found(path),))

    def _found(self, path: str) -> Found:
        return Found(name=f"repo:{path}", url=self._repository.file_url(path))


_WANTS: Mapping[str, Literal["files", "content", "count"]] = {
    "files_with_matches": "files",
    "content": "content",
    "count": "count",
}
_TYPES = ", ".join(FILE_TYPES)
_AROUND_MOST = 20


def _bounded(lines: int) -> int:
    return min(max(lines, 0), _AROUND_MOST)


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[:most]} [{len(line) - most:,} more characters]"


def _found_row(line: Line, want: str, *, numbers: bool) -> str:
    if want == "files":
        return line.path
    if want == "count":
        return f"{line.path}: {line.number}"
    text = _cut(line.text, _FOUND_LINE_CHARS)
    return f"{line.number:>6}{':' if line.matches else '-'} {text}" if numbers else f"  {text}"


def _row(entry: Entry) -> str:
    name = entry.path.rpartition("/")[2]
    match entry.kind:
        case "directory":
            return f"{name}/  ({entry.size:,} {'file' if entry.size == 1 else 'files'})"
        case "link":
            return f"{name}  (symbolic link, not followed)"
        case "submodule":
            return f"{name}  (submodule: another repository, not read)"
        case _:
            return f"{name}  ({as_size(entry.size)}{f'; {entry.withheld}, not shown' if entry.withheld else ''})"


def as_size(size: int) -> str:
    """Bytes as people write them: "812 bytes", "3.4 kB", "100 MB"."""
    for unit, one in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if size >= one:
            return f"{size / one:.{0 if size >= 100 * one else 1}f} {unit}"
    return f"{size} bytes"


def _asked(arguments: Mapping[str, JsonValue]) -> str:
    """What a refused pattern or path was, as a name for it in a sentence."""
    for key in ("notebook_path", "file_path", "glob", "pattern"):
        value = arguments.get(key)
        if isinstance(value, str) and value:
            return repr(value[:100])
    return "a pattern"


def _wrong(name: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    key = str(first["loc"][0]) if first["loc"] else "arguments"
    if first["type"] == "missing":
        return f"{name}: `{key}` is missing."
    return f"{name}: `{key}` is wrong: {first['msg'][:1].lower()}{first['msg'][1:]}."
