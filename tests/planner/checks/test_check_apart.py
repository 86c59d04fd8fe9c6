"""Checks in a process of their own: real processes that crash, hang, eat memory and look for secrets."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from planner.check import check
from planner.check_apart import COMMAND, Checkers, check_apart
from planner.findings import Report
from planner.subject import Subject, subject_of
from tests.planner.samples import BRIEF, sample_plan

ROOT = Path(__file__).parents[3]
SUBJECT = subject_of(sample_plan(), BRIEF, most_sub_issues=12)


def program(tmp_path: Path, body: str) -> list[str]:
    """A checker whose checks are these: `check(subject, skipped, begins)` in place of ours."""
    path = tmp_path / "checker.py"
    path.write_text(
        "import os, sys, time\nimport planner.check\nfrom planner.check_apart import main\n"
        "from planner.findings import Report\n\n\n"
        f"def check(subject, *, skipped, begins):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n\n\n"
        "planner.check.check = check\nmain()\n",
        encoding="utf-8",
    )
    return [sys.executable, str(path)]


async def test_it_answers_what_the_checks_answer() -> None:
    assert await check_apart(SUBJECT) == check(SUBJECT)


async def test_plans_side_by_side_each_get_their_own_report() -> None:
    other = Subject(markdown="", is_file=True)
    reports = await asyncio.gather(*(check_apart(each) for each in (SUBJECT, other) * 4))
    assert {id(each) for each in reports[::2]} != {id(each) for each in reports[1::2]}
    assert all(each == reports[0] for each in reports[::2])
    assert all(each == reports[1] for each in reports[1::2])
    assert reports[0] != reports[1]


CRASHES = {
    "a crash": "os.abort()",
    "an end": "os._exit(0)",
    "a hang": "time.sleep(600)",
    "a busy loop": "while True: pass",
    "memory": "x = bytearray(10**12)",
    "noise": "os.write(1, b'not an answer\\n' * 100); print('nor this'); os.abort()",
    "no answer": "print('no answer', file=sys._getframe(1).f_locals['answers'], flush=True); time.sleep(600)",
    "an exception": "raise ValueError",
    "a child that holds on": "import subprocess; subprocess.run(['sleep', '600'])",
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_what_ends_the_process_costs_one_warning_and_the_other_checks_run(tmp_path: Path, crash: str) -> None:
    body = f"""
        if "bad" not in skipped:
            begins("bad")
            {crash}
        begins("good")
        return Report(passed=3)
    """
    checkers = Checkers(program(tmp_path, body), patience_s=1.5)
    report = checkers.run(SUBJECT)
    checkers.close()
    assert report.passed == 3
    assert [(each.rule, each.level) for each in report.findings] == [("bad/gave-up", "warning")]


def test_several_that_break_cost_a_warning_each(tmp_path: Path) -> None:
    body = """
        for name in ("one", "two", "three"):
            if name not in skipped:
                begins(name)
                os.abort()
        return Report(passed=1)
    """
    checkers = Checkers(program(tmp_path, body), patience_s=20)
    report = checkers.run(SUBJECT)
    checkers.close()
    assert [each.rule for each in report.findings] == ["one/gave-up", "two/gave-up", "three/gave-up"]
    assert report.passed == 1


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["/no/such/program"], id="not there"),
        pytest.param([sys.executable, "-c", "raise SystemExit(1)"], id="ends at once"),
        pytest.param([sys.executable, "-c", "print('no answer'); input()"], id="answers no JSON"),
        pytest.param([sys.executable, "-c", "print('[]'); input()"], id="answers other JSON"),
        pytest.param([sys.executable, "-c", "print('{\"report\": 1}'); input()"], id="answers no report"),
        pytest.param([sys.executable, "-c", "import os; os.close(0); os.close(1)"], id="listens to nobody"),
    ],
)
def test_without_a_process_it_says_that_nothing_was_checked(command: list[str]) -> None:
    report = Checkers(command, patience_s=5).run(SUBJECT)
    assert report.not_checked[0].check == "all"
    assert (report.passed, report.failed) == (0, 0)


def test_the_process_stays_for_the_next_plan_and_is_made_anew_once_it_is_gone(tmp_path: Path) -> None:
    body = """
        begins("x")
        return Report(passed=os.getpid())
    """
    checkers = Checkers(program(tmp_path, body), patience_s=20)
    first, second = checkers.run(SUBJECT).passed, checkers.run(SUBJECT).passed
    assert first == second
    os.kill(first, 9)
    third = checkers.run(SUBJECT).passed
    checkers.close()
    assert third not in {0, first}
    with pytest.raises(ProcessLookupError):
        os.kill(third, 0)


def test_nothing_of_ours_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-nobody")
    monkeypatch.setenv("HOME", str(tmp_path))
    body = """
        begins(" ".join(sorted(os.environ)))
        assert not any("sk-ant" in value for value in os.environ.values())
        return Report(passed=len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 4)
    """
    checkers = Checkers(program(tmp_path, body), patience_s=20)
    report: Report = checkers.run(SUBJECT)
    checkers.close()
    assert report.findings == ()
    # Its own three, the copy that answers go through, and what listing them takes: none of ours.
    assert report.passed <= 8


async def test_a_cancelled_wait_ends_the_process_and_what_it_started(tmp_path: Path) -> None:
    told = tmp_path / "told"
    body = f"""
        if subject.is_file:
            return Report(passed=1)
        begins("x")
        import subprocess
        child = subprocess.Popen(["sleep", "600"])
        open({str(told)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
        child.wait()
    """
    checkers = Checkers(program(tmp_path, body), patience_s=100)
    task = asyncio.create_task(checkers.report(SUBJECT))
    while not told.exists() or len(told.read_text().split()) < 2:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in map(int, told.read_text().split()):
        while _runs(pid):  # noqa: ASYNC110 - another process ends
            await asyncio.sleep(0.02)
    assert (await checkers.report(Subject(markdown="", is_file=True))).passed == 1
    checkers.close()


def _runs(pid: int) -> bool:
    """Whether a process runs; one that is dead and was not yet read by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_wait_cancelled_before_its_turn_starts_nothing(tmp_path: Path) -> None:
    body = """
        time.sleep(0.3)
        return Report(passed=1)
    """
    checkers = Checkers(program(tmp_path, body), patience_s=20)
    tasks = [asyncio.create_task(checkers.report(SUBJECT)) for _ in range(12)]
    await asyncio.sleep(0.05)
    for task in tasks[2:]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [getattr(each, "passed", 0) for each in ended] == [1, 1, *[0] * 10]
    checkers.close()


async def test_it_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    command = program(tmp_path, "time.sleep(600)")
    other.write_text(
        "import asyncio\nfrom planner.check_apart import Checkers\nfrom planner.subject import Subject\n"
        f"checkers = Checkers({command!r}, patience_s=600)\n"
        "async def main():\n    asyncio.create_task(checkers.report(Subject(markdown='')))\n"
        "    await asyncio.sleep(0.3)\n"
        "asyncio.run(main())\nprint('ended')\n",
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(other)), stdout=PIPE, env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert said == b"ended\n"


def test_what_lies_where_it_was_started_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`needs-plan` may be started in a folder that anybody has filled."""
    for name in ("planner", "json", "pydantic", "postgast"):
        (tmp_path / f"{name}.py").write_text(
            f"open({str(tmp_path / 'run')!r}, 'w').close()\nraise SystemExit", encoding="utf-8"
        )
    monkeypatch.chdir(tmp_path)
    checkers = Checkers(COMMAND)
    assert checkers.run(SUBJECT) == check(SUBJECT)
    checkers.close()
    assert not (tmp_path / "run").exists()
