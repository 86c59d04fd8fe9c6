"""A repository's directories and files, drawn in few lines. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.checkout.listing import Listing

_CHILDREN_MOST = (60, 30, 12)  # at the root, below it, and deeper down
# What says least about how a system is built is opened last.
_LAST = {
    *("node_modules", "vendor", "third_party", "dist", "build", "target", "out", "coverage", "__pycache__", ".git"),
    *("fixtures", "__snapshots__", "snapshots", "testdata", "assets", "static", "public", "images", "locales", "i18n"),
    *(".idea", ".vscode", ".husky", ".yarn"),
}


def drawn(listing: Listing, most_lines: int = 200) -> str:
    """The tree, indented by two blanks a level; a directory that is not opened says how many files it holds.

    Directories are opened from the root down, as far as the lines reach.
    """
    tree = _Tree(listing.directories)
    waiting = [""]
    opened: set[str] = set()
    lines = 0
    while waiting:
        waiting.sort(key=lambda path: (tree.is_last(path), path.count("/"), tree.count(path), path))
        path = waiting.pop(0)
        cost = len(tree.shown(path))
        if lines + cost > most_lines:
            continue
        lines += cost
        opened.add(path)
        waiting += [tree.end(child) for child in tree.shown(path) if child and tree.is_directory(child)]
    return "\n".join(_lines(tree, opened, "", 0)) if opened else f"({tree.count(''):,} files)"


class _Tree:
    def __init__(self, directories: Mapping[str, Mapping[str, int]]) -> None:
        self._directories = directories
        self._counts: dict[str, int] = {}

    def count(self, path: str) -> int:
        """How many files lie below a directory."""
        if path not in self._counts:
            self._counts[path] = sum(below or 1 for below in self._directories[path].values())
        return self._counts[path]

    def shown(self, path: str) -> list[str]:
        """The children that have lines of their own, directories first; an empty one stands for those that have not."""
        children = self._directories[path]
        rows = sorted(children, key=lambda child: (child not in self._directories, child))
        depth = path.count("/") + 1 if path else 0
        most = _CHILDREN_MOST[min(depth, len(_CHILDREN_MOST) - 1)]
        return rows if len(rows) <= most else [*rows[: most - 1], ""]

    def hidden(self, path: str) -> int:
        """How many children have no line."""
        return len(self._directories[path]) - len(self.shown(path)) + 1

    def end(self, path: str) -> str:
        """Where a chain of directories that each hold one directory leads to."""
        while path in self._directories and len(self._directories[path]) == 1:
            (only,) = self._directories[path]
            if only not in self._directories:
                break
            path = only
        return path

    def is_directory(self, path: str) -> bool:
        """Whether it holds something."""
        return path in self._directories

    def is_last(self, path: str) -> bool:
        """Whether it is to be opened after all others."""
        return not _LAST.isdisjoint(path.casefold().split("/"))


def _lines(tree: _Tree, opened: set[str], path: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for child in tree.shown(path):
        if not child:
            yield f"{indent}... {tree.hidden(path):,} more"
        elif not tree.is_directory(child):
            yield f"{indent}{child.rpartition('/')[2]}"
        else:
            end = tree.end(child)
            name = end.removeprefix(f"{path}/" if path else "")
            count = tree.count(end)
            closed = "" if end in opened else f"  ({count:,} {'file' if count == 1 else 'files'})"
            yield f"{indent}{name}/{closed}"
            if end in opened:
                yield from _lines(tree, opened, end, depth + 1)
