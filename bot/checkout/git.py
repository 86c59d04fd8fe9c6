"""The one place that starts git: argument lists, an environment of our own, a limit on time and on what it says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing of the machine's or a user's configuration counts, and nothing that git could run for a repository is run.
_CONFIGURATION = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("gc.autoDetach", "false"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "30"),
    ("submodule.recurse", "false"),
    ("transfer.credentialsInUrl", "die"),
)
_SAID_MOST = 64_000
_PIECE = 65_536
_WATCH_EVERY_S = 0.5


class GitMissing(Exception):
    """There is no git on this machine."""


class GitStopped(Exception):
    """Git was ended by us. `why`: `slow` (out of time) or `large` (what it wrote to disk grew too big)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Said:
    """What git came to. `cut`: it had more to say than was asked for, and was ended; `code` means nothing then."""

    code: int
    out: bytes
    error: str
    cut: bool = False


async def run(
    arguments: Sequence[str | bytes],
    *,
    git_dir: Path | None = None,
    protocols: str = "none",
    configuration: Sequence[tuple[str, str]] = (),
    global_config: Path | None = None,
    stdin: bytes = b"",
    timeout_s: float,
    most_bytes: int,
    keep_open: int | None = None,
    too_large: Callable[[], bool] | None = None,
) -> Said:
    """Run git once and wait for it.

    `protocols`: what it may fetch over, colon-separated; by default nothing. `configuration` goes through the
    environment, never through arguments, where other users of the machine could read it. `keep_open`: a file
    descriptor that git holds, too. `too_large` is asked now and then, off the event loop. Raises `GitStopped` and
    `GitMissing`; whatever ends the wait, no process is left behind.
    """
    git = shutil.which("git")
    if git is None:
        raise GitMissing
    place = [] if git_dir is None else [f"--git-dir={git_dir}"]
    process = await asyncio.create_subprocess_exec(
        git,
        *place,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        env=_environment(git, protocols, configuration, global_config),
        start_new_session=True,  # its children are in its process group, and are ended with it
        pass_fds=() if keep_open is None else (keep_open,),
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    watch = None if too_large is None else asyncio.create_task(_watched(too_large))
    work = asyncio.create_task(_talk(process.stdin, process.stdout, process.stderr, stdin, most_bytes))
    try:
        waited = {work} if watch is None else {work, watch}
        done, _ = await asyncio.wait(waited, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if work not in done:
            raise GitStopped("slow" if not done else "large")
        out, error, cut = work.result()
        if cut:
            _end(process)
        return Said(await process.wait(), out, error.decode("utf-8", "replace"), cut)
    finally:
        _end(process)
        for task in (work, watch):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await asyncio.shield(_gone(process))


def _environment(
    git: str, protocols: str, configuration: Sequence[tuple[str, str]], global_config: Path | None
) -> Mapping[str, str]:
    pairs = (*_CONFIGURATION, *configuration)
    environment = {
        "PATH": f"{Path(git).parent}{os.pathsep}{os.defpath}",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(pairs)),
        "GIT_CONFIG_GLOBAL": os.devnull if global_config is None else str(global_config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    for number, (key, value) in enumerate(pairs):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


async def _talk(
    stdin: asyncio.StreamWriter,
    stdout: asyncio.StreamReader,
    stderr: asyncio.StreamReader,
    question: bytes,
    most_bytes: int,
) -> tuple[bytes, bytes, bool]:
    async def ask() -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(question)
            await stdin.drain()
        stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await stdin.wait_closed()

    async def complaints() -> bytes:
        kept = b""
        while piece := await stderr.read(_PIECE):
            kept = (kept + piece)[-_SAID_MOST:]
        return kept

    others = asyncio.gather(ask(), complaints())
    try:
        answer = bytearray()
        while piece := await stdout.read(_PIECE):
            answer += piece
            if len(answer) > most_bytes:
                return bytes(answer[:most_bytes]), b"", True
        _, error = await others
        return bytes(answer), error, False
    finally:
        others.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await others


async def _watched(too_large: Callable[[], bool]) -> None:
    # Files tell nobody that they grow, so they are asked.
    while not await asyncio.to_thread(too_large):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(_WATCH_EVERY_S)


def _end(process: asyncio.subprocess.Process) -> None:
    """The whole group, also where git itself has ended and a child of its has not."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Until nothing of it is left to be read."""
    await process.wait()
