"""The bot as a real process: started as its users start it, stopped politely or with SIGKILL."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx2

from tests.serving import free_port

ROOT = Path(__file__).parent.parent
SECRET = "test-webhook-secret"
KEY = "lin_api_test"
START_WITHIN_S = 60.0


class BotProcess:
    """`needs-plan serve` on a free port of loopback, its database and log in `directory`."""

    def __init__(self, directory: Path, *, linear: str, port: int | None = None, **settings: str) -> None:
        """`linear`: the stand-in's address. `settings`: more of the bot's environment, or other than here."""
        self.directory = directory
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - the child's environment, nothing else of ours
            "LINEAR_API_KEY": KEY,
            "LINEAR_API_URL": f"{linear}/graphql",
            "LINEAR_FILES_ORIGIN": linear,
            "LINEAR_WEBHOOK_SECRET": SECRET,
            "NEEDS_PLAN_PROVIDER": "scripted",
            "NEEDS_PLAN_DATA_DIR": str(directory / "data"),
            "NEEDS_PLAN_PORT": str(self.port),
            "NEEDS_PLAN_LOG": "json",
            "NEEDS_PLAN_SWEEP": "",  # none begins in the midst of a test that does not want one
            **settings,
        }
        self._log = directory / "bot.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: bool = True) -> None:
        """Start it; with `ready` wait until it can be used."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"],
                cwd=self.directory,
                env={**self.environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        if ready:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait for `/readyz`. Fails with the log's end."""
        until = time.monotonic() + START_WITHIN_S
        while time.monotonic() < until:
            assert self.running, f"the bot ended by itself:\n{self.log[-3000:]}"
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the bot did not become ready:\n{self.log[-3000:]}")

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """Everything all its starts have written."""
        return self._log.read_text() if self._log.exists() else ""

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None

    def stop(self) -> int:
        """SIGTERM, as an operator stops it. Answers the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=60)
        self._process = None
        return code

    def command(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Another `needs-plan` command with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.directory,
            env={**self.environment, "PYTHONPATH": str(ROOT), **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
