"""The plan checks: what of the corpora they find, their false alarms, and how long a plan takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import yaml

from benchmarks.table import Table
from planner.check import check
from planner.plan import Plan
from planner.subject import Subject, subject_of
from tests.planner.checks.corpus import BLOCKS, PLANS, as_subject, checked, faults, good, outcomes, plan_outcomes
from tests.planner.samples import BRIEF
from tests.standins.claude import a_plan

DOCS = Path(__file__).parents[1] / "docs" / "checks.md"
_BLOCK = re.compile(r"(<!-- corpus -->\n).*?(\n<!-- /corpus -->)", re.DOTALL)
# What a plan may take, in times of what PyYAML needs to read the plan's own OpenAPI document in pure Python: both are
# Python on one core, so that the ratio is the machine's as little as can be. 60 ms on the machine this was set on.
_MOST_RATIO = 11.0
_MOST_MS = 60.0


def run() -> list[Table]:
    """The table of the corpora, which is also put into the docs, and that of the speed."""
    corpora = corpus_table()
    text = DOCS.read_text(encoding="utf-8")
    DOCS.write_text(_BLOCK.sub(lambda match: f"{match[1]}{corpora.as_markdown()}{match[2]}", text), encoding="utf-8")
    return [corpora, _median_times(), _whole_plan(), _start()]


def corpus_table() -> Table:
    """Faults and how many of them are found, good artefacts and false alarms, by kind."""
    table = Table("Corpora", ("kind", "faults", "mechanical", "found", "good", "false alarms"))
    total = [0, 0, 0, 0, 0]
    for kind in BLOCKS:
        alarms = sum(bool(checked(kind, path.read_text(encoding="utf-8")).errors) for path in good(kind))
        of_kind = outcomes(kind)
        mechanical = sum(each.mechanical for each in faults(kind))
        _row(
            table, kind, [len(of_kind), mechanical, sum(each.found for each in of_kind), len(good(kind)), alarms], total
        )
    for name in PLANS:
        of_plans = plan_outcomes(name)
        label = {"plan": "whole plans", "across": "parts that disagree"}[name]
        mechanical = sum(each.mechanical for each in of_plans)
        _row(table, label, [len(of_plans), mechanical, sum(each.found for each in of_plans), 0, 0], total)
    _row(table, "**all**", total, [0] * 5)
    table.holds = total[2] >= 0.95 * total[0] and total[4] == 0
    return table


def _row(table: Table, kind: str, counts: list[int], total: list[int]) -> None:
    for at, count in enumerate(counts):
        total[at] += count
    found = f"{counts[2]} ({counts[2] / counts[0]:.0%})" if counts[0] else ""
    shown = [
        str(counts[0]),
        str(counts[1]),
        found,
        str(counts[3]) if counts[3] else "",
        str(counts[4]) if counts[3] else "",
    ]
    table.rows.append((kind, *shown))


def _median_times() -> Table:
    table = Table("One artefact, warm, in milliseconds", ("kind", "median", "slowest"))
    for kind in BLOCKS:
        if kind == "cloudformation":
            continue
        texts = [path.read_text(encoding="utf-8") for path in good(kind)][:30]
        times = [_ms(partial(check, as_subject(kind, text))) for text in texts]
        if times:
            table.rows.append((kind, f"{median(times):.1f}", f"{max(times):.1f}"))
    return table


def _whole_plan() -> Table:
    subject = plan_of_eight()
    check(subject)
    contract = next(each.content for each in subject.fences if "openapi" in each.kinds)
    rounds = [
        (_ms(lambda: check(subject)), _ms(lambda: yaml.load(contract, Loader=yaml.SafeLoader))) for _ in range(15)
    ]
    whole = median(each[0] for each in rounds)
    ratio = whole / median(each[1] for each in rounds)
    table = Table("A plan of 8 artefacts, without CloudFormation and tsc", ("", "measured", "must", "holds"))
    table.bound("warm, in ms (where the bound was set)", f"{whole:.1f}", f"{_MOST_MS:.0f}", holds=True)
    table.bound(
        "over reading its contract with PyYAML", f"{ratio:.2f}", f"{_MOST_RATIO:.1f}", holds=ratio <= _MOST_RATIO
    )
    return table


def plan_of_eight() -> Subject:
    """The stand-in's plan with an artefact of each of eight kinds."""
    raw = a_plan()
    more = {
        "json": (
            "Settings",
            json.dumps({"limits": [{"key": f"k{at}", "perMinute": 600} for at in range(20)]}, indent=2),
        ),
        "yaml": ("Pipeline", "on:\n  schedule:\n    - cron: '0 3 * * *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n"),
        "graphql": (
            "Graph",
            "type Query {\n  limit(key: ID!): Limit\n}\n\ntype Limit {\n  key: ID!\n  perMinute: Int!\n}",
        ),
        "dynamodb": (
            "Sessions",
            json.dumps(
                {
                    "TableName": "sessions",
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                },
                indent=2,
            ),
        ),
    }
    for number, (kind, (title, content)) in enumerate(more.items(), 5):
        written = "json" if kind == "dynamodb" else kind
        section = "database" if kind == "dynamodb" else "implementation"
        raw["artefacts"].append(
            {"id": f"A{number}", "kind": written, "title": title, "section": section, "content": content}
        )
    subject = subject_of(Plan.model_validate(raw), BRIEF, most_sub_issues=12)
    report = check(subject)
    if len(subject.fences) != 8 or report.errors:  # noqa: PLR2004 - its name
        raise AssertionError(f"the plan of eight is not sound: {report.errors}")
    return subject


def _start() -> Table:
    """What importing costs: the receiver's start must not pay for the checks."""
    table = Table("Imports, in a process of their own", ("", "seconds", "MB", "checks loaded", "holds"))
    for name, statement, may in (
        ("the receiver (bot.app)", "import bot.app", False),
        ("the checks", "from planner.checks import checks; checks()", True),
    ):
        seconds, megabytes, loaded = _imported(statement)
        table.bound(name, f"{seconds:.2f}", f"{megabytes:.0f}", "yes" if loaded else "no", holds=loaded == may)
    return table


def _imported(statement: str) -> tuple[float, float, bool]:
    # VmHWM, not ru_maxrss: that one is handed on from the process that started this one.
    program = (
        f"import time; t = time.perf_counter()\n{statement}\ntook = time.perf_counter() - t\nimport sys\n"
        "most = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "loaded = 'planner.check' in sys.modules or 'postgast' in sys.modules\n"
        "print(took, int(most[0]) / 1024 if most else 0, int(loaded))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    seconds, megabytes, loaded = done.stdout.split()[-3:]
    return float(seconds), float(megabytes), loaded == "1"


def _ms(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000
