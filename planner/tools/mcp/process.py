"""An MCP server that is a program: started with an empty environment, spoken to in lines, ended with its children."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from planner.tools.mcp.config import StdioServer, mask
from planner.visible import visible

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

MOST_MESSAGE_BYTES = 12_000_000
"""The longest message of a server; an image of 8 MB fits, in base64."""

TOO_MUCH = f"it sent more than {MOST_MESSAGE_BYTES // 1_000_000} MB in one message"
"""Why a connection was given up, where it was that."""

_GRACE_S = 2.0
_MOST_LINES = 100
_LONGEST_LINE = 500


class NotStarted(Exception):
    """The program could not be started. The message is a clause for people: "its program npx was not found"."""


def environment(server: StdioServer, home: str) -> dict[str, str]:
    """All the variables that the program gets: PATH, an empty HOME, LANG, and what the file names."""
    named = {key: value.get_secret_value() for key, value in server.env.items()}
    return {"PATH": server.path, "HOME": home, "LANG": "C.UTF-8", **named}


@asynccontextmanager
async def program(
    server: StdioServer, log: Callable[[str, str], None], on_end: Callable[[str], None]
) -> AsyncGenerator[TransportStreams, None]:
    """The streams of a started server, as the library's sessions take them.

    The library's own way of starting programs hands on a part of our environment; this hands on nothing. The program
    starts in a new, empty folder, which is also its HOME, and as the leader of a process group; at the end its input
    is closed, then the group is asked to end, then killed. The kill does not wait for anything, so that it happens
    when we are being cancelled, too. What leaves the group on purpose is not followed.

    `log(server, line)` gets what the program writes to its standard error: without secrets, the first lines of it.
    `on_end(why)` is called when the program stops talking by itself: a clause for people. Raises NotStarted.
    """
    home = tempfile.mkdtemp(prefix="needs-plan-mcp-")
    try:
        process = await _start(server, home)
        try:
            async with _streams(process, server, log, on_end) as streams:
                yield streams
        finally:
            _kill(process)
        await _ended(process)
    finally:
        # A cache in it may be large. The thread goes on when this is cancelled.
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)


async def _start(server: StdioServer, home: str) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            server.command.get_secret_value(),
            *(each.get_secret_value() for each in server.args),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(server, home),
            cwd=server.cwd or home,
            limit=MOST_MESSAGE_BYTES,
            start_new_session=True,
        )
    except FileNotFoundError:
        either = " or its folder `cwd`" if server.cwd else ""
        raise NotStarted(f"its program {mask(server.at, server)}{either} was not found") from None
    except OSError as error:
        raise NotStarted(f"its program could not be started ({os.strerror(error.errno or 0)})") from None


@asynccontextmanager
async def _streams(
    process: Process, server: StdioServer, log: Callable[[str, str], None], on_end: Callable[[str], None]
) -> AsyncGenerator[TransportStreams, None]:
    import anyio  # noqa: PLC0415 - comes with mcp; starting the receiver must stay quick
    from mcp.shared.message import SessionMessage  # noqa: PLC0415 - the same

    heard, read_stream = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write_stream, to_say = anyio.create_memory_object_stream[SessionMessage](0)
    gone = (anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError)
    ending = False

    def ended(why: str) -> None:
        if not ending:
            on_end(why)

    async def hear() -> None:
        messages = _messages(process, server, log, ended)
        with contextlib.suppress(*gone):
            async with heard, contextlib.aclosing(messages):
                async for message in messages:
                    await heard.send(message)

    async def say() -> None:
        try:
            async with to_say:
                async for message in to_say:
                    await _write(process, message)
        except gone:
            # It may live on; whoever waits for an answer must not.
            await heard.aclose()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hear)
        tasks.start_soon(say)
        tasks.start_soon(_murmur, process, server, log)
        try:
            yield read_stream, write_stream
        finally:
            ending = True
            with anyio.CancelScope(shield=True):
                read_stream.close()
                write_stream.close()
                await _end(process)
            tasks.cancel_scope.cancel()
            for stream in (heard, to_say):
                stream.close()


async def _messages(
    process: Process, server: StdioServer, log: Callable[[str, str], None], on_end: Callable[[str], None]
) -> AsyncGenerator[SessionMessage, None]:
    from mcp.shared.message import SessionMessage  # noqa: PLC0415 - starting the receiver must stay quick
    from mcp_types import jsonrpc_message_adapter  # noqa: PLC0415 - the same

    why = "its program ended"
    complained = False
    while process.stdout is not None:
        try:
            line = await process.stdout.readline()
        except ValueError:
            why = TOO_MUCH
            break
        if not line.endswith(b"\n"):
            break
        try:
            # Not `validate_json`, which gives up on schemas that are nested deeply: one tool would cost the whole list.
            message = SessionMessage(jsonrpc_message_adapter.validate_python(json.loads(line), by_name=False))
        except (ValueError, RecursionError):
            if line.strip() and not complained:
                complained = True
                log(server.name, "writes lines to its standard output that are no messages; they are ignored")
            continue
        yield message
    on_end(why)


async def _write(process: Process, message: SessionMessage) -> None:
    if process.stdin is not None:
        process.stdin.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
        await process.stdin.drain()


async def _murmur(process: Process, server: StdioServer, log: Callable[[str, str], None]) -> None:
    said = 0
    torn = False  # in the middle of a line too long to keep: its rest could begin within a secret
    while process.stderr is not None:
        try:
            line = await process.stderr.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            line = error.partial
        except asyncio.LimitOverrunError as error:
            await process.stderr.readexactly(error.consumed)
            torn = True
            continue
        text = "" if torn else mask(visible(line.decode("utf-8", "replace")).text.strip(), server)[:_LONGEST_LINE]
        torn = False
        if text and said < _MOST_LINES:
            said += 1
            log(server.name, text)
        if not line.endswith(b"\n"):
            return


async def _end(process: Process) -> None:
    # As the protocol has it: close its input, wait, ask the group to end, wait.
    if process.stdin is not None:
        process.stdin.close()
    if not await _ended(process):
        _signal(process, signal.SIGTERM)
        await _ended(process)


async def _ended(process: Process) -> bool:
    # Not `process.wait()` alone: that also waits until children that hold the pipes have ended.
    loop = asyncio.get_running_loop()
    until = loop.time() + _GRACE_S
    while process.returncode is None and loop.time() < until:  # noqa: ASYNC110 - nothing tells of the end alone
        await asyncio.sleep(0.01)
    return process.returncode is not None


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            # The leader's id is the group's, also after the leader has ended.
            os.killpg(process.pid, number)


def _kill(process: Process) -> None:
    _signal(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    # Nothing public closes the pipes while a stray child holds their other ends.
    close = getattr(getattr(process, "_transport", None), "close", None)
    if callable(close):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            close()
