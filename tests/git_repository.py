"""Real git repositories for tests, and a server that gives them out over HTTP on loopback."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.com",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.com",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}
_FILE, _LINK, _SUBMODULE = "100644", "120000", "160000"


def git(path: Path, *arguments: str | bytes, stdin: bytes = b"") -> bytes:
    """Run git in a repository and answer what it printed."""
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=path,
        env=_ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, (arguments, done.stderr.decode("utf-8", "replace"))
    return done.stdout


class GitRepository:
    """A bare repository that is written object by object: no name, link or size is too odd for it.

    The same files always make the same commit. `main` is the default branch.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--bare", "--initial-branch=main", "--template=")
        self._entries: dict[bytes, tuple[str, str]] = {}

    def write(self, files: Mapping[str | bytes, str | bytes]) -> None:
        """Put files beside those there are, or in place of them."""
        for path, body in files.items():
            self._put(path, _FILE, self.blob(body))

    def link(self, path: str, target: str) -> None:
        """Put a symbolic link."""
        self._put(path, _LINK, self.blob(target))

    def submodule(self, path: str, commit: str = "1" * 40) -> None:
        """Put a submodule."""
        self._put(path, _SUBMODULE, commit)

    def large(self, path: str, size: int) -> None:
        """Put a file of NULs: cheap to make and to keep, whatever its size."""
        sparse = self.path / "large.tmp"
        with sparse.open("wb") as file:
            file.truncate(size)
        name = git(self.path, "-c", "core.bigFileThreshold=1", "hash-object", "-w", "--no-filters", str(sparse))
        sparse.unlink()
        self._put(path, _FILE, name.decode().strip())

    def remove(self, path: str) -> None:
        """Take a file away."""
        del self._entries[path.encode()]

    def blob(self, body: str | bytes) -> str:
        """Keep bytes; answers their object name."""
        return self._keep("blob", body.encode() if isinstance(body, str) else body)

    def _keep(self, kind: str, body: bytes) -> str:
        """Write a loose object as git does: starting git for each of hundreds would take seconds."""
        raw = f"{kind} {len(body)}\0".encode() + body
        name = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        place = self.path / "objects" / name[:2] / name[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(raw, 1))
        return name

    def commit(self, message: str = "A commit") -> str:
        """Commit what was put; answers the commit's name."""
        parent = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", "refs/heads/main"],  # noqa: S607
            cwd=self.path,
            env=_ENVIRONMENT,
            capture_output=True,
            check=False,
            timeout=60,
        ).stdout.decode()
        parents = ["-p", parent.strip()] if parent else []
        tree = self._tree(self._entries)
        commit = git(self.path, "commit-tree", tree, "-m", message, *parents).decode().strip()
        git(self.path, "update-ref", "refs/heads/main", commit)
        return commit

    def _put(self, path: str | bytes, mode: str, name: str) -> None:
        self._entries[path.encode() if isinstance(path, str) else path] = (mode, name)

    def _tree(self, entries: Mapping[bytes, tuple[str, str]]) -> str:
        """Trees are written by hand: git's index refuses names such as `..` and `.git`."""
        rows: dict[bytes, tuple[str, str]] = {}
        below: dict[bytes, dict[bytes, tuple[str, str]]] = {}
        for path, entry in entries.items():
            head, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(head, {})[rest] = entry
            else:
                rows[head] = entry
        for head, inside in below.items():
            rows[head] = ("40000", self._tree(inside))
        ordered = sorted(rows.items(), key=lambda row: row[0] + (b"/" if row[1][0] == "40000" else b""))
        raw = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(of) for name, (mode, of) in ordered)
        return self._keep("tree", raw)


def small_repository(path: Path) -> Path:
    """A repository of a few files, as a small service has them; answers its path, which the rules may name."""
    made = GitRepository(path)
    made.write(
        {
            "README.md": "# Export service\n\nGives customers their orders as CSV.\n",
            "plan-context.md": "We deploy with CDK to eu-central-1. Migrations go through Flyway.\n",
            "CODEOWNERS": "* @acme/backend\n",
            "package.json": '{"name": "export-service", "dependencies": {"fastify": "5"}}\n',
            "src/app.ts": "import fastify from 'fastify'\n\nexport const app = fastify()\n",
            "src/orders.ts": "export interface Order { id: string; total: number }\n",
            "src/limit.ts": "// A token bucket: at most 100 requests a minute.\nexport const limit = 100\n",
            "test/limit.test.ts": "import { limit } from '../src/limit'\n\ntest('it', () => expect(limit).toBe(100))\n",
            "migrations/V1__orders.sql": "create table orders (id uuid primary key, total integer not null);\n",
        }
    )
    made.commit("A small service")
    return made.path


class GitServer:
    """Serves the repositories below `root` over HTTP, with git's own service.

    With `token` it wants Basic authorization whose password that is. `requests` holds each path and authorization
    that came in; `redirect` sends everybody elsewhere; with `status` every answer is that.
    """

    def __init__(self, root: Path, token: str = "") -> None:
        self.root = root
        self.token = token
        self.redirect = ""
        self.status = 0
        self.requests: list[tuple[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self)

            do_POST = do_GET  # noqa: N815 - what http.server asks for

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    def url(self, name: str) -> str:
        """The address of a repository by its path below `root`."""
        return f"http://{self.place}/{name}"

    @contextmanager
    def serving(self) -> Iterator[GitServer]:
        """Serve from a thread."""
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join(timeout=10)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        said = request.headers.get("Authorization", "")
        self.requests.append((request.path, said))
        length = int(request.headers.get("Content-Length") or 0)
        body = self._chunked(request) if request.headers.get("Transfer-Encoding") else request.rfile.read(length)
        if self.redirect:
            self._say(request, 302, {"Location": self.redirect + request.path})
        elif self.status:
            self._say(request, self.status, {})
        elif self.token and not self._is_known(said):
            self._say(request, 401, {"WWW-Authenticate": 'Basic realm="git"'})
        else:
            self._serve(request, body)

    def _is_known(self, said: str) -> bool:
        kind, _, code = said.partition(" ")
        return kind == "Basic" and base64.b64decode(code).decode().partition(":")[2] == self.token

    @staticmethod
    def _chunked(request: BaseHTTPRequestHandler) -> bytes:
        body = b""
        while size := int(request.rfile.readline(), 16):
            body += request.rfile.read(size)
            request.rfile.readline()
        return body

    def _serve(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        path, _, query = request.path.partition("?")
        environment = {
            **_ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"],  # noqa: S607
            env=environment,
            input=body,
            capture_output=True,
            check=False,
            timeout=60,
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        self._say(request, status, headers, rest)

    @staticmethod
    def _say(request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
