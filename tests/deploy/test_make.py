"""`make` on machines that lack something says what, in one sentence."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TOOLS = ("awk", "make", "rm", "sh", "touch")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A fresh checkout, as far as make looks at it, and `bin` with no Python in it."""
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is needed for this test"
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def make(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with nothing on PATH but `bin`."""
    return subprocess.run(
        [str(where / "bin/make"), *arguments],
        cwd=where,
        env={"PATH": str(where / "bin"), "HOME": str(where)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def script(path: Path, text: str) -> None:
    path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    path.chmod(0o755)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What it wrote to people about the failure, without make's own line."""
    return [line for line in done.stderr.splitlines() if not line.startswith("make")]


def test_help_needs_nothing_and_names_every_target(bare: Path) -> None:
    done = make(bare)
    assert (done.returncode, done.stderr) == (0, "")
    phony = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[0].split())
    assert set(re.findall(r"^make ([a-z]+) ", done.stdout, re.MULTILINE)) == phony


@pytest.mark.parametrize("verb", ["demo", "test", "check", "proof"])
def test_without_python_one_sentence_says_so(bare: Path, verb: str) -> None:
    done = make(bare, verb)
    assert done.returncode == 2
    assert said(done) == [
        "needs-plan needs Python 3.11 or later on PATH; none was found. Install it, then run make again."
    ]


def test_an_old_python_is_not_taken(bare: Path) -> None:
    script(bare / "bin/python3", "exit 1")  # what the version question answers on 3.10
    assert "none was found" in make(bare, "test").stderr


def test_a_python_without_venv_is_named_with_the_cure(bare: Path) -> None:
    script(
        bare / "bin/python3", 'case "$*" in *version_info*) exit 0;; --version) echo Python 3.11.2;; *) exit 1;; esac'
    )
    done = make(bare, "test")
    assert done.returncode == 2
    assert said(done) == [
        "python3 cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)."
    ]
    assert not (bare / ".venv").exists()
    assert not (bare / ".venv.log").exists()


def test_the_next_name_is_tried_when_one_is_no_use(bare: Path) -> None:
    script(bare / "bin/python3.11", "exit 1")
    script(
        bare / "bin/python3.12",
        'case "$*" in *version_info*) exit 0;; --version) echo Python 3.12.1;; *) exit 1;; esac',
    )
    assert make(bare, "test").stdout.splitlines() == ["setting up .venv with Python 3.12.1"]


def runs(module: str) -> bool:
    """Whether `python -m module` finds something to run."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        return spec is not None
    return importlib.util.find_spec(f"{module}.__main__") is not None


def test_every_program_that_a_target_runs_is_there() -> None:
    modules = set(re.findall(r"\$\(PY\) -m ([\w.]+)", MAKEFILE)) - {"pip"}
    assert sorted(module for module in modules if not runs(module)) == []
