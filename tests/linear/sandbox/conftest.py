"""A stand-in for each test, reached as any client reaches it: by HTTP, with raw posts and no client of ours."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from linear.operations import operations
from linear.sandbox.server import Sandbox

SECRET = "a webhook secret"


@dataclass
class Answer:
    """An answer of the GraphQL endpoint."""

    status: int
    headers: httpx2.Headers
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def error(self) -> dict[str, Any]:
        """The only error."""
        (only,) = self.body["errors"]
        return only

    @property
    def refusal(self) -> tuple[str, str, str]:
        """Message, code, and the sentence for people."""
        extensions = self.error["extensions"]
        return self.error["message"], extensions["code"], extensions["userPresentableMessage"]


class Api:
    """Posts to one stand-in, as whoever the header says."""

    def __init__(self, sandbox: Sandbox, authorization: str) -> None:
        self.sandbox = sandbox
        self.http = httpx2.Client(trust_env=False, timeout=10, headers={"Authorization": authorization})

    def ask(self, query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> Answer:
        """Any GraphQL."""
        answer = self.http.post(
            self.sandbox.graphql_url, json={"query": query, "variables": variables or {}, "operationName": name}
        )
        return Answer(answer.status_code, answer.headers, answer.json())

    def run(self, name: str, /, **variables: Any) -> Answer:
        """One of the project's operations, by name."""
        return self.ask(operations()[name].text, variables, name)

    def made(self, name: str, /, **given: Any) -> dict[str, Any]:
        """The payload of a mutation that has to succeed."""
        (payload,) = self.run(name, input=given).data.values()
        return payload

    def control(self, path: str, /, **body: Any) -> dict[str, Any]:
        """`POST /_sandbox/<path>`, which has to succeed."""
        answer = self.http.post(f"{self.sandbox.url}/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str) -> dict[str, Any]:
        """`GET /_sandbox/<path>`."""
        return self.http.get(f"{self.sandbox.url}/_sandbox/{path}").json()

    def row(self, kind: str, id: str) -> dict[str, Any] | None:
        """A row of `/_sandbox/state` by id or identifier."""
        rows = self.look("state")[kind]
        return next((each for each in rows if id in {each["id"], each.get("identifier")}), None)

    def issue_id(self, identifier: str) -> str:
        """The id of an issue."""
        row = self.row("issues", identifier)
        assert row is not None
        return row["id"]

    def team_id(self, key: str = "ENG") -> str:
        """The id of a team."""
        return next(each["id"] for each in self.look("state")["teams"] if each["key"] == key)


@dataclass
class Received:
    """One delivery that came."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """What it says."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes webhooks; `answers` are the HTTP statuses it gives, the last one for ever."""

    url: str
    answers: list[int] = field(default_factory=lambda: [200])
    received: list[Received] = field(default_factory=list)

    def wait(self, count: int) -> list[Received]:
        """Waits until so many have come."""
        until = time.monotonic() + 20
        while len(self.received) < count and time.monotonic() < until:
            time.sleep(0.005)
        assert len(self.received) >= count, [each.payload["type"] for each in self.received]
        return self.received


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A stand-in with the seeded workspace, telling nobody."""
    with Sandbox(secret=SECRET, retry_scale=0.0) as running:
        yield running


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    """Ada, with her key."""
    client = Api(sandbox, sandbox.access.api_key)
    with client.http:
        yield client


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[Api]:
    """The OAuth app, with a token by client credentials."""
    form = {"grant_type": "client_credentials", "scope": "read,write"}
    basic = (sandbox.access.client_id, sandbox.access.client_secret)
    with httpx2.Client(trust_env=False) as http:
        token = http.post(sandbox.oauth_url, data=form, auth=basic).json()["access_token"]
    client = Api(sandbox, f"Bearer {token}")
    with client.http:
        yield client


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    """Whoever the stand-in tells of changes."""
    holder: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            here = holder[0]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.received.append(Received(dict(self.headers), body))
            status = here.answers.pop(0) if len(here.answers) > 1 else here.answers[0]
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    holder.append(Receiver(f"http://127.0.0.1:{server.server_port}/webhooks/linear"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    sandbox.deliveries.notify = holder[0].url
    yield holder[0]
    sandbox.stop()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < until, "it never came true"
            time.sleep(0.005)

    return wait
