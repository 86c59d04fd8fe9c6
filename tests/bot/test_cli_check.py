"""`needs-plan check` as people and scripts use it: a real process, real files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "planner" / "golden" / "document.md"


def run(*arguments: str, given: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "check", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        input=given,
        cwd=cwd or Path(__file__).parents[2],
    )


def test_a_sound_plan_is_silent_and_ends_with_0() -> None:
    done = run(str(GOLDEN))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""
    assert "0 errors, 0 warnings; " in done.stderr


def test_faults_are_printed_like_a_linters_and_end_with_1(tmp_path: Path) -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    line = text.split("\n").index("CREATE INDEX ON api_limit_changes (key_id, changed_at DESC);") + 1
    path = tmp_path / "plan.md"
    path.write_text(text.replace("changed_at DESC", "changed_on DESC"), encoding="utf-8")
    done = run(str(path))
    assert done.returncode == 1
    assert done.stdout.startswith(f"{path}:{line}: error sql/unknown-column ")
    assert "`changed_on`" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    as_json = json.loads(run(str(path), "--json").stdout)
    assert [(each["line"], each["level"], each["rule"]) for each in as_json] == [(line, "error", "sql/unknown-column")]
    assert as_json[0]["section"] == "Technical Specifications"


def test_several_files_and_standard_input(tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text('# x\n\n```json\n{"a" 1}\n```\n', encoding="utf-8")
    done = run(str(GOLDEN), str(bad))
    assert done.returncode == 1
    assert f"{bad}:4: error notation/syntax" in done.stdout
    piped = run("-", given='```json\n{"a" 1}\n```\n')
    assert "<stdin>:2: error notation/syntax" in piped.stdout


def test_warnings_fail_only_when_asked(tmp_path: Path) -> None:
    text = GOLDEN.read_text(encoding="utf-8").replace("```typescript", "```", 1)
    path = tmp_path / "plan.md"
    path.write_text(text, encoding="utf-8")
    assert run(str(path)).returncode == 0
    strict = run(str(path), "--strict")
    assert strict.returncode == 1
    assert "warning structure/no-language" in strict.stdout


def test_fix_writes_what_code_can_mend_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    before = "# x\n\n- a\n\n  ```mermaid\n  flowchart LR\n    a[API (v2)] --> b\n  ```\n\nend\n"
    path.write_text(before, encoding="utf-8")
    first = run(str(path))
    assert first.returncode == 1
    assert "can be mended with --fix" in first.stderr
    assert path.read_text(encoding="utf-8") == before
    run(str(path), "--fix")
    assert path.read_text(encoding="utf-8") == before.replace("a[API (v2)]", 'a["API (v2)"]')


@pytest.mark.parametrize(
    ("name", "content"),
    [pytest.param("missing.md", None, id="missing"), pytest.param("binary.md", b"\xff\xfe\x00", id="binary")],
)
def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run(str(path))
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_needs_no_settings_and_no_place_to_write(tmp_path: Path) -> None:
    done = run(str(GOLDEN.resolve()), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
