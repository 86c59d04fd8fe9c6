"""Files of Linear's file host: read whole with the key, which no other address ever sees."""

from __future__ import annotations

import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
import pytest_asyncio

from linear.auth import ApiKey, AppToken
from linear.client import Linear
from linear.errors import LinearError, NotFound, RateLimited, Rejected, Unauthorized, Unreachable
from linear.files import download, is_of
from linear.sandbox.server import Sandbox

MOST = 1_000_000
ORIGIN = "https://uploads.linear.app"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest_asyncio.fixture
async def linear(sandbox: Sandbox) -> AsyncIterator[Linear]:
    async with await Linear.open(
        sandbox.graphql_url, ApiKey(sandbox.access.api_key), files_origin=sandbox.files_origin, sleep=_at_once
    ) as opened:
        yield opened


async def _at_once(_: float) -> None:
    """Nobody waits in a test."""


class Elsewhere:
    """A server that is not Linear's, and keeps what headers it was sent."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b"hello")
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                here.seen.append({name.lower(): value for name, value in self.headers.items()})
                status, headers, body = here.answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.stop()


async def test_a_file_is_read_whole(sandbox: Sandbox, linear: Linear) -> None:
    url = sandbox.files.put("the plan ü.txt", b"x" * 300_000, "Text/Plain; charset=utf-8")
    found = await linear.download(url, MOST)
    assert (found.body, found.media_type) == (b"x" * 300_000, "text/plain")


async def test_an_app_reads_with_its_token_and_gets_a_new_one_where_it_is_refused(sandbox: Sandbox) -> None:
    url = sandbox.files.put("a.txt", b"a", "text/plain")
    access = sandbox.access
    async with httpx2.AsyncClient() as http:
        auth = AppToken(access.client_id, access.client_secret, ("read", "write"), sandbox.oauth_url, http)
        async with await Linear.open(sandbox.graphql_url, auth, http=http, files_origin=sandbox.files_origin) as opened:
            assert (await opened.download(url, MOST)).body == b"a"
            sandbox.access.revoke("tokens")
            assert (await opened.download(url, MOST)).body == b"a"


async def test_without_a_good_key_there_is_nothing(sandbox: Sandbox) -> None:
    url = sandbox.files.put("secret.txt", b"s", "text/plain")
    async with httpx2.AsyncClient() as http:
        with pytest.raises(Unauthorized):
            await download(http, ApiKey("lin_api_another"), sandbox.files_origin, url, most=MOST)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(302, Rejected, id="redirect"),
        pytest.param(403, Unauthorized, id="forbidden"),
        pytest.param(404, NotFound, id="gone"),
        pytest.param(418, Rejected, id="another refusal"),
        pytest.param(429, RateLimited, id="rate limit"),
    ],
)
async def test_what_the_host_refuses(
    sandbox: Sandbox, linear: Linear, elsewhere: Elsewhere, status: int, error: type[LinearError]
) -> None:
    url = sandbox.files.put("f.txt", b"f", "text/plain")
    sandbox.files.elsewhere = f"{elsewhere.url}/f.txt"
    sandbox.files.answers[url.removeprefix(sandbox.url)] = [status]
    with pytest.raises(error):
        await linear.download(url, MOST)
    assert not elsewhere.seen, "no redirect is followed"


async def test_a_missing_answer_is_asked_for_again(sandbox: Sandbox, linear: Linear) -> None:
    url = sandbox.files.put("f.txt", b"f", "text/plain")
    sandbox.files.answers[url.removeprefix(sandbox.url)] = [503, 502]
    assert (await linear.download(url, MOST)).body == b"f"
    sandbox.files.answers[url.removeprefix(sandbox.url)] = [503] * 3
    with pytest.raises(Unreachable, match="503"):
        await linear.download(url, MOST)


async def test_what_is_too_large_is_not_read(sandbox: Sandbox, linear: Linear) -> None:
    url = sandbox.files.put("f.bin", b"f" * 1_000_001)
    assert len((await linear.download(url, 1_000_001)).body) == 1_000_001
    with pytest.raises(Rejected, match=r"it has 1\.0 MB, and at most 1\.0 MB are read"):
        await linear.download(url, MOST)


async def test_what_is_too_large_and_does_not_say_so_is_not_read_either(elsewhere: Elsewhere) -> None:
    elsewhere.answer = (200, {}, b"f" * 2_000)
    async with httpx2.AsyncClient() as http:
        with pytest.raises(Rejected, match="it is too large"):
            await download(http, ApiKey("lin_api_key"), elsewhere.url, f"{elsewhere.url}/f", most=1_000)


async def test_nothing_is_unpacked(elsewhere: Elsewhere) -> None:
    elsewhere.answer = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 10_000_000))
    async with httpx2.AsyncClient() as http:
        with pytest.raises(Rejected, match="compressed"):
            await download(http, ApiKey("lin_api_key"), elsewhere.url, f"{elsewhere.url}/f", most=MOST)
    assert elsewhere.seen[0]["accept-encoding"] == "identity"


async def test_a_host_that_takes_too_long(elsewhere: Elsewhere) -> None:
    elsewhere.answer = (200, {"Content-Length": "100"}, b"half")
    async with httpx2.AsyncClient() as http:
        with pytest.raises(Unreachable):
            await download(http, ApiKey("lin_api_key"), elsewhere.url, f"{elsewhere.url}/f", most=MOST, within_s=0.5)


async def test_the_key_goes_nowhere_else(linear: Linear, elsewhere: Elsewhere) -> None:
    with pytest.raises(Rejected, match="does not lie at Linear's file host"):
        await linear.download(f"{elsewhere.url}/uploads/x", MOST)
    assert not elsewhere.seen


@pytest.mark.parametrize(
    ("url", "own"),
    [
        pytest.param(f"{ORIGIN}/a/b.png", True, id="own"),
        pytest.param(f"{ORIGIN}:443/a", True, id="its port written out"),
        pytest.param("https://UPLOADS.linear.app/a", True, id="capitals"),
        pytest.param(f"{ORIGIN}/a?signature=x#y", True, id="query"),
        pytest.param("http://uploads.linear.app/a", False, id="not encrypted"),
        pytest.param(f"{ORIGIN}:8443/a", False, id="another port"),
        pytest.param(f"{ORIGIN}.evil.example/a", False, id="longer host"),
        pytest.param(f"{ORIGIN}@evil.example/a", False, id="user"),
        pytest.param("https://me:you@uploads.linear.app/a", False, id="own host with a user"),
        pytest.param("https://evil.example/uploads.linear.app", False, id="in the path"),
        pytest.param("https://evil.example#@uploads.linear.app/", False, id="in the fragment"),
        pytest.param("https://evil.example\\@uploads.linear.app/", False, id="backslash"),
        pytest.param("https://uploads.linear.app\t.evil.example/", False, id="tab"),
        pytest.param("https://uploads.linear.app:x/a", False, id="port that is none"),
        pytest.param("//uploads.linear.app/a", False, id="without a scheme"),
        pytest.param("file:///etc/passwd", False, id="file"),
        pytest.param("", False, id="empty"),
        pytest.param("https://[::1/a", False, id="broken"),
    ],
)
def test_which_addresses_are_the_host_s(url: str, own: bool) -> None:
    assert is_of(url, ORIGIN) is own
