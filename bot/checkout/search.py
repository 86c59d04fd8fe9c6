"""Searching a commit with `git grep`: which files it is sent to, and what it prints. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.checkout.listing import shown
from planner.tools.repository import Line, Refused, Search
from planner.tools.repository.globs import Glob

_LONGEST_PATTERN = 1_000
_MOST_PATHSPECS = 64
_SPECIAL = re.compile(r"([*?\[\]])")
# Git tells binary files from text only after unpacking them; these need no looking into.
_PACKED = (
    "7z avif bin bmp bz2 class dll dylib eot exe flac gif gz ico jar jpeg jpg mov mp3 mp4 ogg onnx otf parquet pdf png "
    "pyc so tar tgz tif tiff ttf wasm wav webm webp woff woff2 xz zip zst"
)
_NO_TEXT = tuple(_PACKED.split())


def arguments(
    search: Search, globs: Sequence[Glob], commit: str, place: str, *, is_file: bool, without: Sequence[str], perl: bool
) -> list[str]:
    """The arguments of git, for a search in the file or directory `place`; `without` are files to pass over.

    Raises `Refused`.
    """
    if len(search.pattern) > _LONGEST_PATTERN or "\0" in search.pattern:
        raise Refused(f"A pattern has at most {_LONGEST_PATTERN} characters and no NUL; search for less.")
    wanted = {"files": ["-l"], "count": ["-c"], "content": ["-n", "--column"]}[search.want]
    if search.want == "content":
        wanted += [f"-B{search.before}", f"-A{search.after}"]
    # A name that is shown otherwise than git has it cannot be given to git.
    odd = "\\" in place
    narrowed = [] if odd else [f":(top,literal){place}"] if is_file else _narrowed(globs, place)
    no_text: Sequence[str] = () if is_file and not odd else _NO_TEXT
    return [
        *("grep", "-z", "-I", "--no-color", "--full-name", "--no-recurse-submodules", "--no-textconv"),
        *wanted,
        *(["-i"] if search.ignore_case else []),
        "-P" if perl else "-E",
        *("-e", search.pattern, commit, "--"),
        *narrowed,
        *(f":(top,exclude,literal){path}" for path in without if "\\" not in path),
        *(f":(top,exclude,glob,icase)**/*.{each}" for each in no_text),
    ]


def _narrowed(globs: Sequence[Glob], place: str) -> Sequence[str]:
    """Where git should look, at least: this only saves time, as what it finds is looked at again."""
    below = _SPECIAL.sub(r"\\\1", place) + "/" if place else ""
    wanted = [each for glob in globs if not glob.negated for each in glob.alternatives]
    if not wanted or len(wanted) > _MOST_PATHSPECS or any(_UNLIKE_GIT.search(each) for each in wanted):
        return [f":(top,literal){place}"] if place else []
    return [f":(top,glob){below}{each if '/' in each else f'**/{each}'}" for each in wanted]


_UNLIKE_GIT = re.compile(r"[\\\[]|^\.?/|/$|//|(^|/)\.(/|$)")


def read(printed: bytes, search: Search, commit: str, *, cut: bool) -> Iterator[Line]:
    """What git printed, row by row. Where it was cut, the last row is not whole and does not count."""
    ahead = f"{commit}:".encode("ascii")
    end = len(printed)
    at, apart = 0, False
    while at < end:
        if search.want == "content" and printed.startswith(b"--\n", at):
            at, apart = at + 3, True
            continue
        stop = printed.find(b"\0", at)
        if stop < 0:
            return
        path = shown(printed[at:stop].removeprefix(ahead))
        at = stop + 1
        if search.want == "files":
            yield Line(path=path)
            continue
        stop = printed.find(b"\n", at)
        if stop < 0:
            if cut:
                return
            stop = end
        row = printed[at:stop]
        at = stop + 1
        if search.want == "count":
            yield Line(path=path, number=int(row))
            continue
        yield _line(path, row, apart=apart)
        apart = False


_ROW = re.compile(rb"(\d+)\0(?:(\d+)\0)?(.*)", re.DOTALL)
_LEAD = 100


def _line(path: str, row: bytes, *, apart: bool) -> Line:
    """`number NUL column NUL text`; a line beside a match has no column."""
    found = _ROW.fullmatch(row)
    if found is None:
        return Line(path=path, text=row.decode("utf-8", "replace"), apart=apart)
    text = found[3].removesuffix(b"\r")
    column = int(found[2] or 1)
    # In a line of one long row the match is what counts.
    skipped = column - 1 - _LEAD if column > 3 * _LEAD else 0
    said = f"[{skipped} bytes] ..." if skipped else ""
    return Line(
        path=path,
        number=int(found[1]),
        text=said + text[skipped:].decode("utf-8", "replace"),
        matches=found[2] is not None,
        apart=apart,
    )


def explained(said: str) -> str:
    """Why git could not search, as a sentence for the model."""
    last = said.strip().splitlines()[-1] if said.strip() else ""
    if "match limit" in last or "error code" in last:
        return "Grep: the pattern takes too long on some line: use a simpler one."
    if "fatal:" in last:
        reason = last.rpartition(": ")[2]
        hint = "Write \\ before brackets that stand for themselves."
        return f"Grep: the pattern is no regular expression: {reason[:200]}. {hint}"
    return "Grep: git could not search; try a simpler pattern."
