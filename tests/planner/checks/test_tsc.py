"""Types by the compiler: a small program stands in for `tsc` and prints what the real one printed for these files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from planner.check import check
from planner.checks import tsc
from planner.findings import Finding
from tests.planner.checks.corpus import as_subject

GOOD = "export interface A {\n  a: string;\n}"
WRONG = 'import { Handler } from "aws-lambda";\nexport const h: Handler = async (e) => e.x;\nconst y: number = "a";'
# Recorded from TypeScript 7.0.2 for the two files above, and the exit code it ended with.
SAID = """\
a1.ts(1,25): error TS2307: Cannot find module 'aws-lambda' or its corresponding type declarations.
a1.ts(2,39): error TS7006: Parameter 'e' implicitly has an 'any' type.
a1.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
"""


def found_in(*contents: str) -> list[Finding]:
    """What is found in blocks; the plan around them is none."""
    return [each for each in check(as_subject("typescript", *contents)).findings if each.at.block]


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stand-in keeps what it was called with."""
    program = tmp_path / "bin" / "tsc"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, sys, time\n"
        f"told = pathlib.Path({str(tmp_path / 'told')!r})\n"
        "told.write_text('\\n'.join([*sys.argv[1:], '--', *sorted(os.environ)]))\n"
        "sources = {name: open(name).read() for name in sys.argv if name.endswith('.ts')}\n"
        "if any('const y' in text for text in sources.values()):\n"
        f"    print({SAID!r}, end=''); sys.exit(2)\n"
        "if any('slow' in text for text in sources.values()): time.sleep(600)\n"
        "if any('breaks' in text for text in sources.values()): sys.exit(3)\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-nobody")
    return tmp_path / "told"


def test_what_the_compiler_says_is_told_where_it_stands(compiler: Path) -> None:
    findings = found_in(GOOD, WRONG)
    found = [(each.rule, each.at.block, each.at.line) for each in findings]
    assert found == [("tsc/type", "artefacts.A2", 3)], "what lies elsewhere is not told"
    assert findings[0].message == "Type `string` is not assignable to type `number` (TS2322)."
    told = compiler.read_text(encoding="utf-8")
    assert "--noEmit" in told
    assert "ANTHROPIC_API_KEY" not in told.partition("\n--\n")[2].split("\n")


def test_what_cannot_be_read_is_told_once(compiler: Path) -> None:
    assert [each.rule.partition("/")[0] for each in found_in(f"{WRONG}\nconst = ;")] == ["typescript"]


@pytest.mark.parametrize(
    "text", ["export const slow = 1;", "export const breaks = 1;"], ids=["too slow", "breaks down"]
)
def test_a_compiler_that_gives_no_answer_is_a_warning(
    compiler: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(tsc, "_PATIENCE_S", 1.0)
    assert [(each.rule, each.level) for each in found_in(text)] == [("tsc/not-checked", "warning")]


def test_without_a_compiler_the_report_says_so_where_there_are_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    report = check(as_subject("typescript", GOOD))
    assert [(each.check, each.because) for each in report.not_checked] == [
        ("tsc", "TypeScript's types were not checked: there is no `tsc` on PATH.")
    ]
    assert not check(as_subject("json", "{}")).not_checked
