"""A stand-in for each test, reached as any client reaches it: by HTTP, with raw posts and no client of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from linear.sandbox.server import Sandbox
from tests.linear.sandbox.wire import Api, Eventually, Received, Receiver

SECRET = "a webhook secret"


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
def eventually() -> Eventually:
    """Waits until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < until, "it never came true"
            time.sleep(0.005)

    return wait
