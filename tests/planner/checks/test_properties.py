"""No text of up to a megabyte makes a check raise, crash, or take longer than two seconds of the processor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planner.checks.hostile import KINDS

ROOT = Path(__file__).parents[3]
MOST_S = 2.0


def run(kind: str, seed: int, count: int, timeout: float) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.planner.checks.hostile", kind, str(seed), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    last = lines[-1] if lines else {}
    assert done.returncode == 0, f"ended with {done.returncode} on {last}\n{done.stderr[-2000:]}"
    begun = {line["begins"]: line["text"] for line in lines if "begins" in line}
    for line in lines:
        if "took" not in line:
            continue
        slow = {name: seconds for name, seconds in line["took"].items() if seconds > MOST_S}
        assert not slow, (slow, begun[line["number"]])
        assert not line["broken"], (line["broken"], begun[line["number"]])
    assert len(begun) == count


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_ends_in_findings(kind: str) -> None:
    run(kind, seed=1, count=60 if kind != "cloudformation" else 30, timeout=100)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(2, 4))
@pytest.mark.parametrize("kind", KINDS)
def test_much_more_of_it(kind: str, seed: int) -> None:
    run(kind, seed, count=120 if kind != "cloudformation" else 40, timeout=600)
