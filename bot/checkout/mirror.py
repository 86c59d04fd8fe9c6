"""A bare copy of one repository on this machine: locked, fetched, and never run anything from."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot.checkout.failures import RepositoryUnavailable, explained, is_damage
from bot.checkout.git import GitMissing, GitStopped, Said, run
from bot.repositories import is_loopback
from planner.tools.repository import as_size

_HEAD = "refs/needs-plan/head"
_LOCK_EVERY_S = 0.05
_SHORT_S = 60.0
_SAID_MOST = 1_000_000
# For the local copies alone: git reads another user's repository only where its configuration says it may, and the
# child that serves a local path sees no configuration but this file.
_TRUSTING = "[safe]\n\tdirectory = *\n"


class Damaged(Exception):
    """The copy here lacks what it should have: throw it away and fetch again."""


class Mirror:
    """The copy of one address under `directory`. Any number of processes may hold one of the same address."""

    def __init__(self, directory: Path, url: str, name: str, token: str, *, timeout_s: float, most_bytes: int) -> None:
        self.git_dir = directory / f"{hashlib.sha256(_same(url).encode()).hexdigest()[:32]}.git"
        self._lock = self.git_dir.with_suffix(".lock")
        self._config = directory / "local.gitconfig"
        self._url = url
        self._name = name
        self._token = token
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes

    @property
    def _is_local(self) -> bool:
        return "://" not in self._url

    @property
    def _host(self) -> str:
        return "" if self._is_local else urlsplit(self._url).netloc

    async def fetched(self) -> str:
        """The default branch's commit, fetched just now. Raises `RepositoryUnavailable` and `Damaged`."""
        async with self._locked() as lock:
            await self._made()
            # One commit without its past: plans are written from what is there.
            await self._fetch(f"+HEAD:{_HEAD}", lock)
            commit = await self._head()
        if commit is None:
            raise RepositoryUnavailable(f"{self._name} is empty: it has no commit on its default branch.")
        return commit

    async def has(self, commit: str) -> bool:
        """Whether a commit is here."""
        if not (self.git_dir / "HEAD").exists():
            return False
        said = await self._read(["cat-file", "-e", f"{commit}^{{commit}}"], timeout_s=_SHORT_S)
        return said.code == 0

    async def bring(self, commit: str) -> None:
        """Fetch one commit. Raises `RepositoryUnavailable` and `Damaged`."""
        async with self._locked() as lock:
            await self._made()
            await self._fetch(commit, lock)

    async def last(self) -> tuple[str, float] | None:
        """The commit that was fetched last and when that was, in Unix seconds; None if there is none."""
        if not (self.git_dir / "HEAD").exists():
            return None
        commit = await self._head()
        with contextlib.suppress(OSError):
            return None if commit is None else (commit, (self.git_dir / "fetched").stat().st_mtime)
        return None

    async def forget(self) -> None:
        """Throw the copy away, as it is broken."""
        async with self._locked():
            await asyncio.to_thread(shutil.rmtree, self.git_dir, ignore_errors=True)

    async def listed(self, commit: str, *, most_bytes: int) -> Said:
        """All that a commit holds, as `git ls-tree -z` prints it."""
        return await self._read(
            ["ls-tree", "-r", "-z", "-l", "--full-tree", commit], timeout_s=self._timeout_s, most_bytes=most_bytes
        )

    async def _head(self) -> str | None:
        said = await self._read(["rev-parse", "--verify", "--quiet", f"{_HEAD}^{{commit}}"], timeout_s=_SHORT_S)
        return said.out.decode("ascii").strip() or None if said.code == 0 else None

    async def _read(self, arguments: Sequence[str], *, timeout_s: float, most_bytes: int = _SAID_MOST) -> Said:
        with self._explained():
            return await run(arguments, git_dir=self.git_dir, timeout_s=timeout_s, most_bytes=most_bytes)

    async def _made(self) -> None:
        """Make the copy where there is none: whole or not at all."""
        if (self.git_dir / "HEAD").exists():
            return
        new = self.git_dir.with_suffix(".new")
        with self._explained():
            await asyncio.to_thread(shutil.rmtree, new, ignore_errors=True)
            # An empty template: no hooks.
            said = await run(
                ["init", "--quiet", "--bare", "--template=", str(new)], timeout_s=_SHORT_S, most_bytes=_SAID_MOST
            )
            if said.code != 0:
                raise RepositoryUnavailable(
                    f"A copy of {self._name} cannot be made in the data folder: is it writable?"
                )
            new.rename(self.git_dir)
            self._config.write_text(_TRUSTING, encoding="utf-8")

    async def _fetch(self, what: str, lock: int) -> None:
        await asyncio.to_thread(self._sweep)
        has_past = await self._head() is not None
        with self._explained():
            try:
                said = await self._run_fetch(what, lock)
            except GitStopped as error:
                # Many fetches add up. One commit alone may still be small enough.
                if error.why == "large" and has_past:
                    raise Damaged from None
                raise
        if said.code != 0 and is_damage(said.error):
            raise Damaged
        if said.code != 0:
            raise explained(said.error, name=self._name, host=self._host, has_token=bool(self._token))
        (self.git_dir / "fetched").touch()
        # Old commits go after two weeks, once there is enough of them. Should it fail, the next fetch tries again.
        with contextlib.suppress(GitStopped):
            await run(
                ["-c", "gc.pruneExpire=2.weeks.ago", "gc", "--auto", "--quiet"],
                git_dir=self.git_dir,
                timeout_s=self._timeout_s,
                most_bytes=_SAID_MOST,
                keep_open=lock,
            )

    async def _run_fetch(self, what: str, lock: int) -> Said:
        said = await run(
            [
                *("fetch", "--quiet", "--force", "--depth=1", "--no-tags", "--no-recurse-submodules"),
                *("--no-write-fetch-head", "--no-auto-maintenance", "--", self._url, what),
            ],
            git_dir=self.git_dir,
            protocols=self._protocols(),
            configuration=self._credentials(),
            global_config=self._config if self._is_local else None,
            timeout_s=self._timeout_s,
            most_bytes=_SAID_MOST,
            keep_open=lock,
            too_large=self._is_too_large,
        )
        if await asyncio.to_thread(self._is_too_large):
            raise GitStopped("large")
        return said

    def _is_too_large(self) -> bool:
        return size_of(self.git_dir) > self._most_bytes

    def _protocols(self) -> str:
        if self._is_local:
            return "file"
        address = urlsplit(self._url)
        return "http" if address.scheme == "http" and is_loopback(address.hostname or "") else "https"

    def _credentials(self) -> Sequence[tuple[str, str]]:
        """The token, for this host alone. git takes it from its environment: arguments can be read by everybody."""
        if not self._token or self._is_local:
            return ()
        address = urlsplit(self._url)
        host = (address.hostname or "").casefold()
        user = next((name for part, name in _USERS if part in host), "x-access-token")
        basic = base64.b64encode(f"{user}:{self._token}".encode()).decode("ascii")
        return ((f"http.{address.scheme}://{address.netloc}/.extraHeader", f"Authorization: Basic {basic}"),)

    def _sweep(self) -> None:
        """Take away what a fetch that was killed left behind. Only the holder of the lock writes here."""
        for leftover in (*self.git_dir.rglob("*.lock"), *self.git_dir.glob("objects/pack/tmp_*")):
            leftover.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        """Turn what may happen to any git into a sentence."""
        try:
            yield
        except GitMissing:
            raise RepositoryUnavailable(
                "git is not installed here: install it, repositories are read with it."
            ) from None
        except GitStopped as error:
            if error.why == "large":
                size = as_size(self._most_bytes)
                raise RepositoryUnavailable(
                    f"{self._name} is larger than {size}, which is the most that is read."
                ) from None
            raise RepositoryUnavailable(
                f"Fetching {self._name} took longer than {self._timeout_s:g} seconds.", passing=True
            ) from None
        except OSError as error:
            reason = os.strerror(error.errno or errno.EIO)
            raise RepositoryUnavailable(
                f"A copy of {self._name} cannot be kept in the data folder: {reason}."
            ) from None

    @contextlib.asynccontextmanager
    async def _locked(self) -> AsyncGenerator[int]:
        """Alone with the copy, over all tasks and processes. A fetch that outlives its bot keeps the lock."""
        with self._explained():
            self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + self._timeout_s
            while not _taken(lock):
                if time.monotonic() > deadline:
                    raise RepositoryUnavailable(
                        f"Another run has been fetching {self._name} for {self._timeout_s:g} seconds.", passing=True
                    )
                await asyncio.sleep(_LOCK_EVERY_S)
            yield lock
        finally:
            os.close(lock)


# Any user name will do beside a token at most hosts; these want their own.
_USERS = (("gitlab", "oauth2"), ("bitbucket", "x-token-auth"))


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same(url: str) -> str:
    """One text for all ways to write an address."""
    if "://" not in url:
        return url
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc.casefold()}{address.path.rstrip('/').removesuffix('.git')}"


def token_for(url: str, tokens: Mapping[str, str]) -> str:
    """The token of an address's host (with its port, where it is not the usual one); empty if there is none."""
    if "://" not in url:
        return ""
    place = urlsplit(url).netloc.casefold()
    return next((token for host, token in tokens.items() if host.casefold() == place), "")


def size_of(directory: Path) -> int:
    """Bytes in a directory and below; what vanishes meanwhile does not count."""
    total = 0
    waiting = [str(directory)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    with contextlib.suppress(OSError):
                        total += entry.stat(follow_symlinks=False).st_size
    return total
