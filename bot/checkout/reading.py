"""A repository at one commit, read from a bare copy: what the tools, the brief and the operator's agents see of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.checkout import search as searching
from bot.checkout.git import GitMissing, GitStopped, Said, run
from bot.checkout.listing import LARGE, Listing, Node
from bot.checkout.pages import file_page
from planner.tools.repository import Entry, FileText, Hits, Line, Refused, Search, as_size
from planner.tools.repository.globs import Glob, any_of, globs

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE_MOST = 1_000_000
_READ_S = 30.0
_SEARCH_S = 20.0
_FOUND_MOST = 8_000_000
_PASSED_OVER_MOST = 200
_LOOKED_AT = 8_192
_POINTER = "version https://git-lfs.github.com/spec/"


class Checkout:
    """A repository as it stands in one commit. There are no files on disk: every answer comes out of git's objects.

    `name` for people; `url` what was fetched, without credentials; `web_url` its page, empty where there is none;
    `commit` the full object name; `gap` a sentence, where it is not as fresh as it should be. Satisfies
    `planner.tools.repository.Repository`.
    """

    def __init__(
        self, *, git_dir: Path, listing: Listing, name: str, url: str, web_url: str, commit: str, gap: str = ""
    ) -> None:
        self.name = name
        self.url = url
        self.web_url = web_url
        self.commit = commit
        self.gap = gap
        self._git_dir = git_dir
        self._listing = listing

    @property
    def listing(self) -> Listing:
        """All that the commit holds."""
        return self._listing

    def file_url(self, path: str) -> str:
        """Where people see a file at this commit; empty for a repository without pages."""
        return file_page(self.web_url, self.commit, path)

    async def list(self, path: str = "") -> Sequence[Entry]:
        """A directory's children, by name. Raises `Refused`."""

        def listed() -> tuple[Entry, ...]:
            return tuple(self._listing.entries(self._listing.directory(path)))

        return await asyncio.to_thread(listed)

    async def glob(self, pattern: str, path: str = "") -> Sequence[str]:
        """The paths of files whose name fits, from `path` on, sorted. Raises `Refused` and `PatternError`."""

        def found() -> tuple[str, ...]:
            place = self._listing.directory(path)
            exact = f"{place}/{pattern}" if place else pattern
            if exact in self._listing.nodes:  # `[id].ts` is a name, too
                return (exact,)
            wanted = Glob(pattern)
            below = f"{place}/" if place else ""
            return tuple(
                each
                for each in self._listing.nodes
                if each.startswith(below) and wanted.matches(each.removeprefix(below))
            )

        return await asyncio.to_thread(found)

    async def grep(self, search: Search) -> Hits:
        """Lines that match, by path. Raises `Refused` and `PatternError`."""
        place, is_file = await asyncio.to_thread(self._place, search.path)
        wanted = [globs(each) for each in search.patterns]
        without = await asyncio.to_thread(lambda: self._listing.large)
        said = await self._searched(search, wanted[0] if wanted else (), place, is_file=is_file, without=without)
        return await asyncio.to_thread(self._hits, said, search, wanted, place, is_file=is_file)

    async def read(self, path: str, *, in_part: bool = False) -> FileText:
        """A text file. `in_part`: it may be up to 20 MB, not 1 MB. Raises `Refused`."""
        node = await asyncio.to_thread(self._listing.file, path)
        if node.size > LARGE:
            raise Refused(f"{node.path} has {as_size(node.size)}; files above {as_size(LARGE)} are not read.")
        if node.size > WHOLE_MOST and not in_part:
            raise Refused(
                f"{node.path} has {as_size(node.size)}, too much to read whole: read some of its lines with offset and "
                "limit, or find them with Grep."
            )
        body = (await self._git(["cat-file", "blob", node.object], most_bytes=LARGE + 1)).out
        return FileText(path=node.path, text=await asyncio.to_thread(_decoded, node, body))

    async def read_text(self, path: str) -> str:
        """A text file of at most 1 MB. Raises `Refused`."""
        return (await self.read(path)).text

    def _place(self, path: str) -> tuple[str, bool]:
        try:
            return self._listing.directory(path), False
        except Refused:
            return self._listing.file(path).path, True

    async def _searched(
        self, search: Search, wanted: Sequence[Glob], place: str, *, is_file: bool, without: Iterable[Node]
    ) -> Said:
        passed_over = [node.path for node in without][:_PASSED_OVER_MOST]
        if is_file and place in passed_over:
            raise Refused(f"{place} is larger than {as_size(LARGE)} and is not searched.")
        for perl in (True, False):
            arguments = searching.arguments(
                search, wanted, self.commit, place, is_file=is_file, without=passed_over, perl=perl
            )
            said = await self._git(arguments, timeout_s=_SEARCH_S, most_bytes=_FOUND_MOST, codes=(0, 1))
            # A git without Perl's expressions: its own are nearly as good.
            if not (perl and "USE_LIBPCRE" in said.error):
                break
        if not said.cut and said.code not in {0, 1}:
            raise Refused(searching.explained(said.error))
        return said

    def _hits(self, said: Said, search: Search, wanted: Sequence[Sequence[Glob]], place: str, *, is_file: bool) -> Hits:
        below = f"{place}/" if place and not is_file else ""
        fitting: dict[str, bool] = {}
        kept: list[Line] = []
        for line in searching.read(said.out, search, self.commit, cut=said.cut):
            if line.path not in fitting:
                ours = line.path.removeprefix(below) if not is_file else line.path.rpartition("/")[2]
                fitting[line.path] = (
                    self._listing.may_be_shown(line.path)
                    and (line.path == place if is_file else line.path.startswith(below))
                    and all(any_of(each, ours) for each in wanted)
                )
            if not fitting[line.path]:
                continue
            if len(kept) >= search.most:
                return Hits(tuple(kept), more=True)
            kept.append(line)
        return Hits(tuple(kept), more=said.cut)

    async def _git(
        self,
        arguments: Sequence[str],
        *,
        timeout_s: float = _READ_S,
        most_bytes: int,
        codes: Sequence[int] = (0,),
    ) -> Said:
        try:
            said = await run(arguments, git_dir=self._git_dir, timeout_s=timeout_s, most_bytes=most_bytes)
        except GitStopped:
            raise Refused(
                f"That took longer than {timeout_s:g} seconds and was stopped: name a path or glob, or ask for less."
            ) from None
        except (GitMissing, OSError):
            raise Refused("The repository cannot be read just now: git could not be started here.") from None
        if said.code not in codes and codes == (0,):
            raise Refused("The repository's copy here is damaged, so that this could not be read.")
        return said


def _decoded(node: Node, body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    if b"\0" in body[:_LOOKED_AT]:
        raise Refused(f"{node.path} is a binary file ({as_size(node.size)}), so there are no lines to read.")
    text = body.decode("utf-8-sig", "replace")
    if text.startswith(_POINTER):
        raise Refused(f"{node.path} is kept in Git LFS: the repository holds only a pointer to it.")
    return text
