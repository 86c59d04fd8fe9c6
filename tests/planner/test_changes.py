"""What a new plan changes in an old one, in five lines."""

from __future__ import annotations

import json
from typing import Any

from planner.changes import LINES, what_changed
from planner.plan import Plan
from tests.planner.samples import sample_plan, small_plan


def changed(plan: Plan, **update: Any) -> Plan:
    return Plan.model_validate({**json.loads(plan.model_dump_json()), **update})


def raw(plan: Plan) -> dict[str, Any]:
    return json.loads(plan.model_dump_json())


def test_nothing_but_wording_is_no_line() -> None:
    plan = sample_plan()
    assert what_changed(plan, plan) == ()
    assert what_changed(plan, changed(plan, summary="Said otherwise.")) == ()


def test_a_phase_that_is_dropped_added_and_changed() -> None:
    plan = sample_plan()
    given = raw(plan)
    last = given["phases"][-1]
    kept = [each for each in given["phases"] if last["key"] not in each["depends_on"] and each is not last]
    kept[0]["tasks"][0] = "Begin elsewhere."
    new = {**last, "key": "quite-new", "title": "Quite new", "depends_on": []}
    for risk in given["risks"]:
        risk["phase_key"] = ""
    line = what_changed(plan, changed(plan, phases=[*kept, new], risks=given["risks"]))[0]
    assert line.startswith("**Phases:** 1 new (Quite new); 1 dropped (")
    assert "1 changed" in line


def test_ids_that_were_counted_anew_change_nothing() -> None:
    plan = sample_plan()
    given = raw(plan)
    for each in given["requirements"]:
        each["id"] = f"X{each['id']}"
    for part in (*given["phases"], *given["tests"], *given["api"]["operations"]):
        part["requirement_ids"] = [f"X{each}" for each in part["requirement_ids"]]
    assert what_changed(plan, changed(plan, **given)) == ()


def test_there_are_never_more_than_five_lines() -> None:
    lines = what_changed(small_plan(), sample_plan())
    assert len(lines) == LINES
    assert lines[0].startswith("**Phases:**")
    assert any(line.startswith("**Requirements:**") for line in lines)
    assert all("\n" not in line for line in lines)
