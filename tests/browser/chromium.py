"""Screenshots by Debian's Chromium, headless."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",  # it runs as root in containers, on pages of our own only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    # Else it looks for updates in a network that is not there.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def path() -> str | None:
    """Where Chromium is, if anywhere."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def run(*arguments: str) -> str:
    """Chromium with these arguments and a profile of its own; answers what it prints."""
    program = path()
    assert program is not None, "no Chromium on PATH (on Debian: apt-get install chromium)"
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={profile}", *arguments],
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
    return done.stdout


def screenshot(url: str, to: Path, *, width: int, height: int) -> None:
    """A PNG of a page's beginning."""
    run(f"--window-size={width},{height}", f"--screenshot={to}", url)


def rendered(url: str) -> str:
    """A page's DOM after its scripts have run, as HTML."""
    return run("--dump-dom", url)
