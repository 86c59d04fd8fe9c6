r"""What a commit holds, by path, and which entry a path means. No I/O.

Paths are text that can be shown in one line and given back: what cannot be printed is written as an escape, as in
`a\nb`. Content is only ever read by the object names of this list, so no path can lead anywhere else.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.checkout.withheld import withheld
from planner.tools.repository import Entry, Refused

LARGE = 20_000_000
"""Bytes; no more is read of anything."""

_LONGEST_PATH = 1_000
_MOST_COMPARED = 5_000
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_REGULAR, _EXECUTABLE, _LINK, _SUBMODULE = "100644", "100755", "120000", "160000"


@dataclass(frozen=True, slots=True)
class Node:
    """A file, symbolic link or submodule. `object` names its blob (of a submodule: the commit); `size` in bytes."""

    path: str
    kind: str
    size: int
    object: str


def shown(raw: bytes) -> str:
    """A path as git has it, as text of one line that means it alone."""
    text = raw.decode("utf-8", "surrogateescape")
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - how Python carries a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - four hex digits hold no more


class Listing:
    """All that a commit holds. `names`: what people put before a path to say it is of this repository."""

    def __init__(self, nodes: Mapping[str, Node], names: tuple[str, ...]) -> None:
        self.nodes = nodes
        self._names = names

    @cached_property
    def directories(self) -> Mapping[str, Mapping[str, int]]:
        """Each directory's children: a file's or link's path to 0, a directory's to how many files lie below it."""
        found: dict[str, dict[str, int]] = {"": {}}
        for path in self.nodes:
            child, below = path, 0
            while True:
                parent = child.rpartition("/")[0]
                children = found.setdefault(parent, {})
                children[child] = children.get(child, 0) + below
                if not parent:
                    break
                child, below = parent, 1
        return found

    def entries(self, directory: str) -> Iterator[Entry]:
        """A directory's children, by name."""
        for path, below in sorted(self.directories[directory].items()):
            node = self.nodes.get(path)
            if node is None:
                yield Entry(path=path, kind="directory", size=below)
            else:
                yield Entry(path=path, kind=_KINDS.get(node.kind, "other"), size=node.size, withheld=withheld(path))

    def may_be_shown(self, path: str) -> bool:
        """Whether there is a file of this very path whose content may be shown."""
        node = self.nodes.get(path)
        return node is not None and _is_file(node) and not withheld(path)

    @cached_property
    def large(self) -> tuple[Node, ...]:
        """Files beyond `LARGE`, the largest first."""
        found = (node for node in self.nodes.values() if node.size > LARGE)
        return tuple(sorted(found, key=lambda node: -node.size))

    def holds(self, path: str) -> bool:
        """Whether the commit has a file, link or directory that a path means, whether or not it may be shown."""
        try:
            return any(each in self.nodes or each in self.directories for each in self._candidates(path))
        except Refused:
            return False

    def directory(self, path: str) -> str:
        """The directory that a path means. Raises `Refused`."""
        for candidate in self._candidates(path):
            if candidate in self.directories:
                return candidate
        place = next((each for each in self._candidates(path) if each in self.nodes), self._candidates(path)[0])
        self._refuse_on_the_way(place)
        if place in self.nodes:
            _refuse_elsewhere(self.nodes[place])
            raise Refused(f"{place} is no directory; read it instead.")
        raise Refused(f"There is no directory {_quoted(place)} in the repository.{self._nearest(place)}")

    def file(self, path: str) -> Node:
        """The file that a path means, sure to be one that may be shown. Raises `Refused`."""
        for candidate in self._candidates(path):
            node = self.nodes.get(candidate)
            if node is None:
                continue
            _refuse_elsewhere(node)
            if not _is_file(node):
                raise Refused(f"{candidate} is of a kind that cannot be read.")
            if reason := withheld(candidate):
                raise Refused(f"{candidate} {reason} and is not shown. Plan without its content.")
            return node
        place = self._candidates(path)[0]
        if place in self.directories:
            raise Refused(f"{place or 'The root'} is a directory; list it with LS.")
        self._refuse_on_the_way(place)
        raise Refused(f"There is no file {_quoted(place)} in the repository.{self._nearest(place)}")

    def _candidates(self, path: str) -> tuple[str, ...]:
        """What a path may mean, likeliest first: as it stands, or without what people put before it."""
        if path in self.nodes or path in self.directories:
            return (path,)
        if len(path) > _LONGEST_PATH:
            raise Refused(f"A path has at most {_LONGEST_PATH} characters; this one has {len(path):,}.")
        if "\0" in path:
            raise Refused("A path holds no NUL character.")
        place = path.strip().removeprefix("repo:")
        if ".." in place.replace("\\", "/").split("/"):
            raise Refused(f"{_quoted(path)} may lead out of the repository. Paths go down from its root, without `..`.")
        if place.startswith("~") or place[1:3] in {":\\", ":/"}:
            raise Refused(f"{_quoted(path)} is a path of a machine. Paths go down from the repository's root.")
        parts = [part for part in place.split("/") if part not in {"", "."}]
        found = ["/".join(parts)]
        for name in self._names:
            ahead = name.split("/")
            if [part.casefold() for part in parts[: len(ahead)]] == [part.casefold() for part in ahead]:
                found.append("/".join(parts[len(ahead) :]))
        return (*found, *(each for each in (_composed(found[0], self.nodes),) if each))

    def _refuse_on_the_way(self, path: str) -> None:
        parts = path.split("/")
        for end in range(1, len(parts)):
            ahead = "/".join(parts[:end])
            node = self.nodes.get(ahead)
            if node is None:
                continue
            _refuse_elsewhere(node)
            raise Refused(f"{ahead} is a file, so nothing lies below it.")
        if "\\" in path:
            raise Refused(f"There is no {_quoted(path)}. Paths here are written with `/`.")

    def _nearest(self, path: str) -> str:
        name = path.rpartition("/")[2].casefold()
        same = [each for each in self.nodes if each.rpartition("/")[2].casefold() == name][:3]
        if not same and len(self.nodes) <= _MOST_COMPARED:
            same = difflib.get_close_matches(path, [*self.nodes, *self.directories], n=2, cutoff=0.75)
        return f" Nearest: {', '.join(same)}." if same else ""


_KINDS: Mapping[str, Literal["file", "link", "submodule"]] = {
    _REGULAR: "file",
    _EXECUTABLE: "file",
    _LINK: "link",
    _SUBMODULE: "submodule",
}


def _is_file(node: Node) -> bool:
    return node.kind.startswith("100")


def _refuse_elsewhere(node: Node) -> None:
    """What stands for something that lies elsewhere is never followed."""
    if node.kind == _LINK:
        raise Refused(f"{node.path} is a symbolic link, and links are not followed. Find the file itself.")
    if node.kind == _SUBMODULE:
        raise Refused(f"{node.path} is a submodule: another repository, which is not read.")


def _composed(path: str, nodes: Mapping[str, Node]) -> str | None:
    """The path that reads the same and is written with other code points, as Macs write them."""
    if path.isascii():
        return None
    wanted = unicodedata.normalize("NFC", path)
    return next((each for each in nodes if not each.isascii() and unicodedata.normalize("NFC", each) == wanted), None)


def _quoted(path: str) -> str:
    return shown(path[:200].encode("utf-8", "surrogatepass")) + ("..." if len(path) > 200 else "")  # noqa: PLR2004 - as cut


def parse(listed: bytes) -> dict[str, Node]:
    """What `git ls-tree -r -z -l` prints, by path, sorted. Of two entries of one name the first counts."""
    nodes: dict[str, Node] = {}
    for record in listed.split(b"\0"):
        head, tab, raw = record.partition(b"\t")
        if not tab:
            continue
        mode, _, name, size = head.split()
        path = shown(raw)
        node = Node(
            path=path,
            kind=mode.decode("ascii"),
            size=int(size) if size.isdigit() else 0,
            object=name.decode("ascii"),
        )
        nodes.setdefault(path, node)
    return dict(sorted(nodes.items()))
