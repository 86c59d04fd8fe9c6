"""What is a plan and what is none, and whether the words about it help to mend it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from planner.plan import MAX_PHASES, Plan, critical_path, find_loop, person_days, problems, timeline_days
from tests.planner.samples import sample_plan
from tests.standins.claude import a_plan

Raw = dict[str, Any]


def _set(path: str, value: Any) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        node: Any = raw
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in steps:
            node = node[step]
        node[last] = value

    return change


def _drop(path: str) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        node: Any = raw
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in steps:
            node = node[step]
        del node[last]

    return change


def _many_phases(raw: Raw) -> None:
    raw["phases"] = [raw["phases"][0] | {"key": f"phase-{at}", "title": f"Phase {at}"} for at in range(MAX_PHASES + 1)]
    raw["risks"] = []


def _same_key(raw: Raw) -> None:
    raw["phases"][1]["key"] = "limit-store"
    raw["phases"][2]["depends_on"] = []
    raw["risks"] = []


UNFIT: dict[str, tuple[Callable[[Raw], None], str]] = {
    "no phases": (_set("phases", []), "phases: list should have at least 1 item"),
    "too many phases": (_many_phases, "phases: list should have at most 12 items"),
    "a field is missing": (_drop("summary"), "summary: field required"),
    "a field too many": (_set("mood", "good"), "mood: extra inputs are not permitted"),
    "a field too many inside": (_set("phases.0.owner", "me"), "phases[0].owner: extra inputs are not permitted"),
    "a list as text": (_set("phases", "[]"), "phases: input should be a valid list"),
    "key with capitals": (_set("phases.3.key", "Roll_Out"), "phases[3].key: string should match pattern"),
    "title too long": (_set("phases.0.title", "x" * 81), "phases[0].title: string should have at most 80 characters"),
    "blank title": (_set("title", "  "), "title: string should have at least 1 character"),
    "no acceptance": (_set("phases.0.acceptance", []), "phases[0].acceptance: list should have at least 1 item"),
    "no tasks": (_set("phases.0.tasks", []), "phases[0].tasks: list should have at least 1 item"),
    "unknown kind": (_set("artefacts.0.kind", "cobol"), "artefacts[0].kind: input should be 'mermaid'"),
    "days backwards": (_set("phases.0.days", {"low": 3, "likely": 2, "high": 5}), "days must grow from low"),
    "no days": (_set("phases.0.days", {"low": 0, "likely": 0, "high": 0}), "an estimate above zero"),
    "endless days": (_set("phases.0.days.high", float("inf")), "phases[0].days.high: input should be"),
    "negative days": (_set("phases.0.days.low", -1), "phases[0].days.low: input should be greater"),
    "days as words": (_set("phases.0.days.low", "two"), "phases[0].days.low: input should be a valid number"),
    "the same id twice": (_set("requirements.1.id", "R1"), 'requirements: the id "R1" is used 2 times'),
    "the same table id twice": (_set("database.tables.1.id", "T1"), 'database.tables: the id "T1" is used 2 times'),
    "the same key twice": (_same_key, 'phases: the key "limit-store" is used 2 times'),
    "the same title twice": (
        _set("phases.1.title", "store LIMITS and their history"),
        'phases: 2 phases have the title "store limits and their history"',
    ),
    "waits for nobody": (
        _set("phases.0.depends_on", ["nowhere"]),
        'phase "limit-store": depends_on: there is no phase "nowhere"; known: limit-store, refuse-above',
    ),
    "waits for itself": (_set("phases.0.depends_on", ["limit-store"]), "loop: limit-store -> limit-store."),
    "a loop": (_set("phases.0.depends_on", ["roll-out"]), "phases wait for each other in a loop:"),
    "unknown requirement": (_set("phases.0.requirement_ids", ["R9"]), 'there is no requirement "R9"; known: R1, R2'),
    "unknown service": (_set("phases.0.service_ids", ["S9"]), 'there is no service "S9"'),
    "unknown operation": (_set("phases.0.operation_ids", ["O9"]), 'there is no operation "O9"'),
    "unknown table": (_set("phases.0.table_ids", ["T9"]), 'there is no table "T9"'),
    "test of nothing": (_set("tests.0.requirement_ids", ["R99"]), 'test X1: there is no requirement "R99"'),
    "operation for nothing": (
        _set("api.operations.0.requirement_ids", ["R99"]),
        "operation O1: there is no requirement",
    ),
    "risk nowhere": (_set("risks.0.phase_key", "gone"), 'risks[0]: there is no phase "gone"'),
    "nothing but half a character": (_set("summary", "\ud800"), "summary: string should have at least 1 character"),
    "language in words": (_set("language", "English, mostly"), "language: string should match pattern"),
    "endless text": (_set("summary", "x" * 20_000), "summary: string should have at most 12000 characters"),
}


@pytest.mark.parametrize(("change", "says"), UNFIT.values(), ids=UNFIT.keys())
def test_what_is_no_plan(change: Callable[[Raw], None], says: str) -> None:
    raw = a_plan()
    change(raw)
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(raw)
    found = problems(caught.value)
    assert any(says in problem for problem in found), found
    assert all(problem.endswith(".") and "\n" not in problem for problem in found)


NO_INPUT = {"nothing": None, "text": "plan", "list": [], "wrapped": {"plan": {}}}


@pytest.mark.parametrize("given", NO_INPUT.values(), ids=NO_INPUT.keys())
def test_what_is_not_even_an_object(given: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(given)
    assert problems(caught.value)


def test_all_problems_are_told_at_once() -> None:
    raw = a_plan()
    raw["phases"][0]["depends_on"] = ["nowhere"]
    raw["phases"][1]["requirement_ids"] = ["R77"]
    raw["requirements"][1]["id"] = "R1"
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(raw)
    assert len(problems(caught.value)) >= 3


def test_a_plan_survives_json() -> None:
    plan = sample_plan()
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_control_characters_are_taken_out() -> None:
    plan = sample_plan(title="Rate\x00 limits\r\nfor  all", summary="a\x1b[31m\r\n\ud800b")
    assert plan.title == "Rate limits for all"
    assert plan.summary == "a[31m\nb"


def test_the_timeline_is_the_longest_chain() -> None:
    plan = sample_plan()
    assert timeline_days(plan) == (7, 10, 16)  # shared-buckets 3/4/7, refuse 2/3/4, roll-out 2/3/5
    assert person_days(plan) == (9, 13, 21)
    assert [phase.key for phase in critical_path(plan)] == ["shared-buckets", "refuse-above-limit", "roll-out"]


def test_phases_may_stand_in_any_order() -> None:
    raw = a_plan()
    raw["phases"].reverse()
    assert timeline_days(Plan.model_validate(raw)) == (7, 10, 16)


LOOPS: dict[str, tuple[dict[str, list[str]], list[str]]] = {
    "none": ({"a": [], "b": ["a"]}, []),
    "itself": ({"a": ["a"]}, ["a", "a"]),
    "two": ({"a": ["b"], "b": ["a"]}, ["a", "b", "a"]),
    "diamond": ({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}, []),
    "tail": ({"a": ["b"], "b": ["c"], "c": ["b"]}, ["b", "c", "b"]),
}


@pytest.mark.parametrize(("graph", "loop"), LOOPS.values(), ids=LOOPS.keys())
def test_loops_are_named(graph: dict[str, list[str]], loop: list[str]) -> None:
    found = find_loop(graph)
    assert sorted(set(found)) == sorted(set(loop))
    assert all(after in graph[before] for before, after in itertools.pairwise(found))
    assert not found or found[0] == found[-1]
