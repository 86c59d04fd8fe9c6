"""The built wheel, installed in an environment of its own outside the checkout, does the main job there.

A proof and no ordinary test: building and installing may fetch packages.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "linear", "planner")
SECTIONS = (
    "Executive Summary",
    "Architecture Diagram",
    "Technical Specifications",
    "Implementation Phases",
    "Risk Analysis",
    "Estimated Timeline",
    "Technology Stack",
)
BRIEF = """# Export invoices as CSV

Accounting downloads all invoices of a month by hand. Give them `GET /exports/invoices?month=2026-10`.

- The file holds number, date, customer, net, tax and gross of each invoice.
- A month of 200,000 invoices must not take more than 30 seconds.
- Only people with the role `accounting` may download it, and each download is logged.
"""


def uv(*arguments: str | Path, cwd: Path = ROOT) -> None:
    """Run the uv of the environment that runs the tests."""
    program = Path(sys.executable).with_name("uv")
    found = str(program) if program.exists() else shutil.which("uv")
    assert found, "uv is missing: run `make install`"
    done = subprocess.run([found, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    uv("build", "--wheel", "--quiet", "--out-dir", out)
    (built,) = out.glob("needs_plan-*.whl")
    return built


@pytest.fixture(scope="module")
def outside(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout with the wheel, and what the lock names, installed in `venv`."""
    folder = tmp_path_factory.mktemp("outside")
    assert not folder.is_relative_to(ROOT)
    locked = folder / "requirements.txt"
    uv("export", "--frozen", "--no-dev", "--no-emit-project", "--quiet", "--output-file", locked)
    uv("venv", "--quiet", "--no-project", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv/bin/python"
    uv("pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", locked, cwd=folder)
    uv("pip", "install", "--quiet", "--python", python, "--no-deps", wheel, cwd=folder)
    return folder


def environment(home: Path, **more: str) -> dict[str, str]:
    """A bare environment: no keys, no settings but `more`."""
    return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "120", **more}


def needs_plan(outside: Path, cwd: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in `cwd`."""
    return subprocess.run(
        [str(outside / "venv/bin/needs-plan"), *arguments],
        cwd=cwd,
        env=environment(cwd, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == tree


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("linear/operations/", ".graphql"),
        ("linear/schema", ".graphql"),
        ("planner/agents/", ".md"),
        ("linear/sandbox/", ".html"),
        ("bot/", ".sql"),
    ],
    ids=["operations", "schema", "agent definitions", "templates", "migrations"],
)
def test_the_wheel_holds_what_is_no_python(wheel: Path, start: str, end: str) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(start) and name.endswith(end)]


def test_the_licence_and_the_notice_travel_with_it(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE", "entry_points.txt"} <= names


def test_the_installed_code_is_not_the_checkout(outside: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(outside / "venv/bin/python"), "-c", "import bot, linear, planner; print(bot.__file__)"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(outside)


def test_version(outside: Path, tmp_path: Path, wheel: Path) -> None:
    done = needs_plan(outside, tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert wheel.name.split("-")[1] in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_a_plan_from_a_brief(outside: Path, tmp_path: Path) -> None:
    (tmp_path / "brief.md").write_text(BRIEF)
    arguments = ("plan", "--brief", "brief.md", "--dry-run", "--out", "plan.md")
    done = needs_plan(outside, tmp_path, *arguments, NEEDS_PLAN_PROVIDER="scripted")
    assert done.returncode == 0, done.stderr
    plan = (tmp_path / "plan.md").read_text()
    assert [section for section in SECTIONS if section not in plan] == []
    assert "no model" in plan.lower(), "a scripted plan says that no model was asked"
    assert "CSV" in plan


def test_without_keys_nothing_falls_back_to_a_stand_in(outside: Path, tmp_path: Path) -> None:
    (tmp_path / "brief.md").write_text(BRIEF)
    done = needs_plan(outside, tmp_path, "plan", "--brief", "brief.md", "--dry-run")
    assert done.returncode == 2
    assert "ANTHROPIC_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def sandbox(outside: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running `needs-plan sandbox` and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "sandbox.log").open("w")
    process = subprocess.Popen(
        [str(outside / "venv/bin/needs-plan"), "sandbox", "--port", str(port)],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        log.close()


def test_the_sandbox_serves_its_page_and_stops_when_asked(
    sandbox: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = sandbox
    page = ""
    while not page:
        assert process.poll() is None, (tmp_path / "sandbox.log").read_text()
        try:
            answer = httpx2.get(f"{address}/", timeout=30)
        except httpx2.TransportError:
            time.sleep(0.05)  # it does not listen yet
            continue
        assert answer.status_code == 200
        page = answer.text
    assert "<html" in page.lower()
    assert "needs-plan" in page
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert "Traceback" not in (tmp_path / "sandbox.log").read_text()
