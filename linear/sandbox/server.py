"""The stand-in Linear as a server: in a thread of a test, or for as long as a terminal stays open."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Self, TypedDict

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from linear.sandbox.access import Access
from linear.sandbox.board import Board
from linear.sandbox.control import Control
from linear.sandbox.deliveries import Deliveries
from linear.sandbox.endpoint import Connections, Endpoint
from linear.sandbox.faults import Faults
from linear.sandbox.files import PATH as FILES
from linear.sandbox.files import Files
from linear.sandbox.history import remember
from linear.sandbox.log import Log
from linear.sandbox.people import People
from linear.sandbox.rows import Comment
from linear.sandbox.seed import API_KEY, CLIENT_ID, CLIENT_SECRET, seeded
from linear.sandbox.writing import Writing

__all__ = ["Sandbox", "serve"]

_LOOPBACK = "127.0.0.1"
_TICK_S = 0.1
_ENDS_WITHIN_S = 2


class Made(TypedDict):
    """What API clients made on an issue, people's doings left out. Issues are named by identifier.

    `documents` have title, slugId, url and content; `comments` id, body and parentId ("" on roots), oldest first;
    `subissues` identifier, title and state, in their order; `relations` issue, relatedIssue and type, among the issue
    and its sub-issues; `labels` are the names that stand on the issue, whoever put them there.
    """

    documents: list[dict[str, str]]
    comments: list[dict[str, str]]
    subissues: list[dict[str, str]]
    relations: list[dict[str, str]]
    labels: list[str]


class _Server(uvicorn.Server):
    """uvicorn's, which ends when told and not at its next tick: tests start and stop hundreds."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    def end(self) -> None:
        """To be called on its loop."""
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ENDS_WITHIN_S):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells of neither
                    await asyncio.sleep(0.002)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self.lifespan.shutdown()


class Sandbox:
    """One stand-in Linear with its workspace, on loopback. `with Sandbox(...) as sandbox` starts and stops it.

    Everything can be reached from the test's own thread: `workspace` (take its `lock`), `people`, `faults`, `log`,
    `deliveries`, `access`, `files`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        notify: str | None = None,
        secret: str = "sandbox-secret",  # noqa: S107 - of a stand-in
        api_key: str = API_KEY,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        retry_scale: float = 1.0,
        renew_stamp: bool = False,
        requests_per_hour: int | None = None,
        points_per_hour: int | None = None,
        now: datetime | None = None,
    ) -> None:
        """`port` 0 takes a free one. `notify`: where webhooks go; None: nobody is told. `now`: when the seed was made.

        `retry_scale` scales the waits before a webhook is repeated (1 minute, 1 hour, 6 hours); with `renew_stamp`
        repeats carry a new `webhookTimestamp`.
        """
        self.workspace, cast_ = seeded(now)
        remember(self.workspace)
        self.writing = Writing(self.workspace)
        self.people = People(self.workspace, self.writing, cast_.engineer)
        self.access = Access(
            api_key=api_key,
            person=cast_.lead,
            client_id=client_id,
            client_secret=client_secret,
            app=cast_.app,
            requests_per_hour=requests_per_hour,
            points_per_hour=points_per_hour,
        )
        self.files = Files(self.access, lambda: self._url)
        self.faults = Faults()
        self.log = Log()
        self.deliveries = Deliveries(
            self.workspace, notify=notify, secret=secret, retry_scale=retry_scale, renew_stamp=renew_stamp
        )
        self.connections = Connections()
        self.endpoint = Endpoint(
            workspace=self.workspace,
            writing=self.writing,
            access=self.access,
            faults=self.faults,
            log=self.log,
            connections=self.connections,
        )
        self._port = port
        self._started = threading.Event()
        self._server: _Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._url = ""

    # --- its life --------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Serves from a thread of its own until `stop`; answers `url`. Raises OSError where the port is taken."""
        listener = _listener(self._port)
        self._url = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        self._server = self._uvicorn()
        self._thread = threading.Thread(
            target=self._run, args=(self._server, listener), name="linear-sandbox", daemon=True
        )
        self._started.clear()
        self._thread.start()
        while not self._started.wait(0.05):
            if not self._thread.is_alive():
                raise RuntimeError("the stand-in did not start")
        return self._url

    def stop(self) -> None:
        """Ends it, resetting what is held. Its state can still be looked at."""
        server, thread, loop = self._server, self._thread, self._loop
        if server is None or thread is None or loop is None:
            return
        with contextlib.suppress(RuntimeError):  # its loop has ended by itself
            loop.call_soon_threadsafe(self.connections.release)
            loop.call_soon_threadsafe(server.end)
        thread.join()
        self._server = self._thread = self._loop = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self) -> None:
        """Serves in this thread until a signal."""
        listener = _listener(self._port)
        self._url = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        print(f"A stand-in Linear is at {self._url}, its API at {self.graphql_url}", flush=True)  # noqa: T201 - the CLI's
        print(f"LINEAR_API_KEY={self.access.api_key}", flush=True)  # noqa: T201
        if self.deliveries.notify is None:
            print("Nobody is told of changes: give --notify URL for webhooks.", flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            self._uvicorn().run(sockets=[listener])

    # --- where it is -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, where the page is."""
        return self._url

    @property
    def graphql_url(self) -> str:
        """What `LINEAR_API_URL` is to be."""
        return f"{self._url}/graphql"

    @property
    def files_origin(self) -> str:
        """What `LINEAR_FILES_ORIGIN` is to be."""
        return self._url

    @property
    def oauth_url(self) -> str:
        """What `LINEAR_OAUTH_URL` is to be."""
        return f"{self._url}/oauth/token"

    # --- what tests and the demo do with it ------------------------------------------------------------------------

    def press_label(self, issue: str, label: str, *, on: bool = True, by: str | None = None) -> None:
        """A person puts a label on an issue, or takes it off."""
        self.people.press_label(issue, label, on=on, by=by)

    def comment(self, issue: str, body: str, *, parent: str | None = None, by: str | None = None) -> str:
        """A person comments; answers the comment's id."""
        comment: Comment = self.people.comment(issue, body, parent=parent, by=by)
        return comment.id

    def release(self) -> None:
        """Lets go of the request that `log.stop_at` holds: its connection is reset."""
        self.log.go_on()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.connections.release)

    def made_on(self, issue: str) -> Made:
        """What API clients made on an issue that still stands."""
        workspace, ours = self.workspace, self.endpoint.made
        with workspace.lock:
            row = workspace.issue(issue)
            children = sorted(
                (each for each in workspace.children_of(row.id) if each.id in ours and not each.archived_at),
                key=lambda each: (each.sub_issue_sort_order or 0.0, each.number),
            )
            family = {row.id: row, **{each.id: each for each in workspace.children_of(row.id)}}
            return Made(
                documents=[
                    {
                        "id": each.id,
                        "title": each.title,
                        "slugId": each.slug_id,
                        "url": workspace.url(each),
                        "content": each.content or "",
                    }
                    for each in workspace.documents.values()
                    if each.issue_id == row.id and each.id in ours and not each.archived_at
                ],
                comments=[
                    {"id": each.id, "body": each.body, "parentId": each.parent_id or ""}
                    for each in workspace.comments.values()
                    if each.issue_id == row.id and each.id in ours and not each.archived_at
                ],
                subissues=[
                    {
                        "id": each.id,
                        "identifier": each.identifier,
                        "title": each.title,
                        "state": workspace.states[each.state_id].name,
                        "description": each.description or "",
                    }
                    for each in children
                ],
                relations=[
                    {
                        "issue": family[each.issue_id].identifier,
                        "relatedIssue": family[each.related_issue_id].identifier,
                        "type": each.type,
                    }
                    for each in workspace.relations.values()
                    if each.id in ours and each.issue_id in family and each.related_issue_id in family
                ],
                labels=[workspace.labels[each].name for each in row.label_ids],
            )

    # --- inside ----------------------------------------------------------------------------------------------------

    def _run(self, server: _Server, listener: socket.socket) -> None:
        asyncio.run(server.serve(sockets=[listener]))

    def _uvicorn(self) -> _Server:
        connections = self.connections

        class Protocol(HttpToolsProtocol):
            """uvicorn's, telling of its connections: an ASGI application cannot reset one by itself."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn narrows it
                connections.opened(transport)
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.closed(self.transport)
                super().connection_lost(exc)

        config = uvicorn.Config(
            self._app(),
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        return _Server(config)

    def _app(self) -> Starlette:
        control = Control(
            workspace=self.workspace,
            people=self.people,
            access=self.access,
            faults=self.faults,
            log=self.log,
            connections=self.connections,
            deliveries=self.deliveries,
        )
        board = Board(self.workspace, self.people)
        return Starlette(
            routes=[
                Route("/graphql", self.endpoint.graphql, methods=["POST"]),
                Route("/oauth/token", self.endpoint.token, methods=["POST"]),
                Route(f"{FILES}/{{path:path}}", self.files.get, methods=["GET"]),
                Mount("/_sandbox", routes=control.routes()),
                *board.routes(),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None, Any]:
        self._loop = asyncio.get_running_loop()
        await self.deliveries.begin()
        self._started.set()
        yield
        self.connections.release()
        await self.deliveries.end()


def serve(port: int = 8090, notify: str | None = None, secret: str = "sandbox-secret") -> None:  # noqa: S107 - of a stand-in
    """Runs a stand-in until Ctrl-C or SIGTERM. Raises OSError where the port is taken."""
    Sandbox(port=port, notify=notify, secret=secret).serve()


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    listener.listen(512)
    return listener
