"""Planned repositories: fetched into bare copies, read at one commit. Git is started nowhere else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.checkout.failures import RepositoryUnavailable
from bot.checkout.listing import Listing, parse
from bot.checkout.map import map_of
from bot.checkout.mirror import Damaged, Mirror, token_for
from bot.checkout.pages import repository_page
from bot.checkout.reading import Checkout
from bot.repositories import RepositoryChoice, is_loopback

__all__ = ["Checkout", "Checkouts", "RepositoryUnavailable", "map_of"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_LISTED_MOST = 200_000_000


class Checkouts:
    """The copies of one machine, under `<data_dir>/mirrors`. May be shared by tasks, event loops and processes.

    `tokens`: by host (`github.com`, `git.acme.com:8443`); each goes to its own host, and only while fetching.
    `fetch_timeout_s` in seconds, `most_bytes` for one copy.
    """

    def __init__(
        self,
        data_dir: Path,
        tokens: Mapping[str, str],
        *,
        fetch_timeout_s: float = 300.0,
        most_bytes: int = 4_000_000_000,
    ) -> None:
        self._directory = data_dir.absolute() / "mirrors"
        self._tokens = tokens
        self._timeout_s = fetch_timeout_s
        self._most_bytes = most_bytes

    async def open(self, choice: RepositoryChoice, commit: str | None = None) -> Checkout:
        """The repository at the head of its default branch, fetched now; or at the commit a run was begun with.

        Where it cannot be fetched for a passing reason and is here already, the older state is opened and `gap` says
        so. Raises `RepositoryUnavailable`, and nothing else.
        """
        if choice.fault:
            raise RepositoryUnavailable(choice.fault)
        _check(choice)
        if commit is not None and not _COMMIT.fullmatch(commit):
            raise RepositoryUnavailable("A commit is named by 40 hex digits.")
        mirror = Mirror(
            self._directory,
            choice.url,
            choice.name,
            token_for(choice.url, self._tokens),
            timeout_s=self._timeout_s,
            most_bytes=self._most_bytes,
        )
        try:
            return await self._opened(mirror, choice, commit)
        except Damaged:
            await mirror.forget()
        try:
            return await self._opened(mirror, choice, commit)
        except Damaged:
            raise RepositoryUnavailable(f"{choice.name} was fetched, but git cannot list what is in it.") from None

    async def _opened(self, mirror: Mirror, choice: RepositoryChoice, commit: str | None) -> Checkout:
        gap = ""
        if commit is None:
            commit, gap = await _newest(mirror, choice.name)
        elif not await mirror.has(commit):
            await mirror.bring(commit)
        said = await mirror.listed(commit, most_bytes=_LISTED_MOST)
        if said.cut:
            raise RepositoryUnavailable(f"{choice.name} has more files than can be listed here.")
        if said.code != 0:
            raise Damaged
        names = (choice.name, choice.name.rpartition("/")[2])
        return Checkout(
            git_dir=mirror.git_dir,
            listing=Listing(await asyncio.to_thread(parse, said.out), names),
            name=choice.name,
            url=choice.url,
            web_url=repository_page(choice.url),
            commit=commit,
            gap=gap,
        )


async def _newest(mirror: Mirror, name: str) -> tuple[str, str]:
    try:
        return await mirror.fetched(), ""
    except RepositoryUnavailable as error:
        last = await mirror.last() if error.passing else None
        if last is None:
            raise
        commit, at = last
        when = datetime.fromtimestamp(at, UTC)
        return commit, f"{error.sentence} {name} was read as it stood on {when:%Y-%m-%d at %H:%M} UTC."


def _check(choice: RepositoryChoice) -> None:
    """Look at the address once more, whoever made the choice: what it names is fetched with a token."""
    if choice.url.startswith("/"):
        return
    try:
        address = urlsplit(choice.url)
        host = address.hostname or ""
        usable = address.scheme == "https" or (address.scheme == "http" and is_loopback(host))
        usable = usable and address.port != 0 and bool(host)
    except ValueError:
        usable, address = False, None
    if address is None or not usable or "@" in address.netloc or re.search(r"[\s\\%?#]|\.\.", choice.url):
        raise RepositoryUnavailable(
            f"The address of {choice.name} is not one that is read here: write it as https://github.com/acme/api."
        )
