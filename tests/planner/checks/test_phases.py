"""The check of phases, rule by rule, and the longest chain of an outline."""

from __future__ import annotations

from typing import cast

import pytest

from planner.checks import PlanCheck, phases
from planner.checks.phases import longest_chain
from planner.outline import OutlinedPhase, outline_of
from planner.plan import Span, timeline_days
from planner.stated_times import stated_in
from tests.planner.checks.outlines import phase, plan, rules, told
from tests.planner.checks.plan_faults import bases
from tests.planner.samples import sample_plan

CHECK = cast("PlanCheck", phases)
CHAIN = (phase("a"), phase("b", "a"), phase("c"), phase("d", "b", "c"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param((), [], id="no phases at all"),
        pytest.param(CHAIN, [], id="a good plan"),
        pytest.param((phase("a"), phase("a")), ["repeated"], id="a key twice"),
        pytest.param((phase("a"), phase("b", title="build  A")), ["repeated"], id="a title twice"),
        pytest.param((phase("a"), phase("b", "x")), ["unknown-phase"], id="waits for nothing that is there"),
        pytest.param((phase("a"), phase("b", "x", "x", "y")), ["unknown-phase"] * 2, id="each name once"),
        pytest.param((phase("a", "b"), phase("b", "a")), ["loop"], id="a loop of two"),
        pytest.param((phase("a", "a"),), ["loop"], id="waits for itself"),
        pytest.param((phase("b", "a"), phase("a")), ["order"], id="out of order"),
        pytest.param((phase("a", days=None), phase("b")), ["estimate"], id="no estimate"),
        pytest.param((phase("a", days=Span(0, 0, 0)),), ["estimate"], id="an estimate of nothing"),
        pytest.param((phase("a", days=Span(0, 0, 3)),), ["estimate"], id="likely nothing"),
        pytest.param((phase("a", days=Span(3, 2, 4)),), ["estimate"], id="low above likely"),
        pytest.param((phase("a", days=Span(1, 5, 4)),), ["estimate"], id="likely above high"),
        pytest.param((phase("a", days=Span(0, 0.5, 1)),), [], id="half a day"),
        pytest.param((phase("a", days=Span(6, 10, 20)),), [], id="two weeks"),
        pytest.param((phase("a", days=Span(6, 10.5, 20)),), ["too-large"], id="more than two weeks"),
        pytest.param((phase("a", tasks=()), phase("b")), ["tasks"], id="no tasks"),
        pytest.param((phase("a", acceptance=(" ",)),), ["acceptance"], id="an empty criterion"),
        pytest.param(tuple(phase(f"p{at}") for at in range(12)), [], id="twelve"),
        pytest.param(tuple(phase(f"p{at}") for at in range(13)), ["too-many"], id="thirteen"),
    ],
)
@pytest.mark.parametrize("is_file", [False, True], ids=["plan", "file"])
def test_rules(given: tuple[OutlinedPhase, ...], expected: list[str], is_file: bool) -> None:
    assert rules(CHECK, plan(*given, is_file=is_file)) == expected


def test_what_no_phase_of_a_file_says_may_stand_where_nobody_looks() -> None:
    bare = [phase(key, days=None, tasks=(), acceptance=()) for key in "ab"]
    assert rules(CHECK, plan(*bare, is_file=True)) == []
    assert rules(CHECK, plan(*bare)) == ["estimate", "tasks", "acceptance"] * 2


def test_a_loop_is_named_in_full_by_titles() -> None:
    given = (phase("a", "c"), phase("b", "a"), phase("c", "b"), phase("d"))
    (finding,) = told(CHECK, plan(*given))
    shown = finding.message.removeprefix("Phases wait for each other in a loop: ").removesuffix(".")
    assert shown in {f"`Build {x}` -> `Build {y}` -> `Build {z}` -> `Build {x}`" for x, y, z in ("acb", "cba", "bac")}


def test_what_a_phase_waits_for_is_named_with_the_nearest_one() -> None:
    (finding,) = told(CHECK, plan(phase("export-jobs"), phase("b", "export-job")))
    assert finding.message == "The phase `Build b` waits for `export-job`, which is no phase."
    assert finding.hint == "Did you mean `export-jobs`?"
    assert finding.at.block == "phases.b"


# --- how long it takes -----------------------------------------------------------------------------------------------


def test_the_longest_chain_is_that_of_the_plan() -> None:
    assert longest_chain(outline_of(sample_plan()).phases) == timeline_days(sample_plan())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(CHAIN, Span(3, 6, 9), id="two side by side"),
        pytest.param((phase("a"), phase("b", "a", days=None)), None, id="one without an estimate"),
        pytest.param((phase("a", "b"), phase("b", "a")), None, id="a loop"),
        pytest.param((), None, id="none"),
        pytest.param((phase("b", "a"), phase("a", "x")), Span(2, 4, 6), id="what is not there is not waited for"),
    ],
)
def test_chains(given: tuple[OutlinedPhase, ...], expected: Span | None) -> None:
    assert longest_chain(given) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param(None, [], id="not stated"),
        pytest.param(Span(3, 6, 9), [], id="the same"),
        pytest.param(Span(3, 6.2, 9), [], id="within a twentieth"),
        pytest.param(Span(6, 6, 6), [], id="only the likely one"),
        pytest.param(Span(3, 7, 9), ["timeline"], id="longer"),
        pytest.param(Span(3, 5, 9), ["timeline"], id="shorter"),
        pytest.param(Span(3, 6, 14), ["timeline"], id="another high"),
        pytest.param(Span(4, 8, 12), ["timeline"], id="all of them one after the other"),
    ],
)
def test_the_timeline_is_the_longest_chain(stated: Span | None, expected: list[str]) -> None:
    assert rules(CHECK, plan(*CHAIN, timeline=stated)) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2, []), (5, []), (6, []), (1.5, ["timeline"]), (7, ["timeline"])],
    ids=["side by side", "between", "one by one", "shorter", "longer"],
)
def test_a_file_need_not_say_what_waits_for_what(days: float, expected: list[str]) -> None:
    given = (phase("a"), phase("b"), phase("c"))
    assert rules(CHECK, plan(*given, timeline=Span(days, days, days), is_file=True)) == expected


def test_no_sum_is_made_of_faulty_estimates() -> None:
    given = (phase("a"), phase("b", "a", days=Span(5, 3, 1)))
    assert rules(CHECK, plan(*given, timeline=Span(9, 9, 9))) == ["estimate"]


def test_the_line_of_the_timeline_is_told_in_a_file() -> None:
    text = "# Plan\n\n## Executive Summary\n\nx\n\n## 6. Estimated Timeline\n\n9 days\n"
    (finding,) = told(CHECK, plan(phase("a"), timeline=Span(9, 9, 9), markdown=text, is_file=True))
    assert (finding.rule, finding.at.line) == ("phases/timeline", 7)
    assert "states 9 days" in finding.message
    assert "takes 2 days (1 to 3)" in finding.message


@pytest.mark.parametrize(
    ("said", "far"),
    [
        ("The work takes about six days.", False),
        ("The work takes about a week.", False),
        ("About 10 days in total.", False),
        ("Two weeks of work in total.", False),
        ("The plan takes three weeks.", True),
        ("It is 1 day in total.", True),
        ("In total, it takes 4 to 6 weeks.", True),
        ("The work takes at most 3 months.", False),
        ("Die Umsetzung dauert etwa drei Wochen.", True),
        ("Insgesamt 7 Arbeitstage.", False),
        ("Rows are kept for 90 days in total.", False),
        ("Overall the API serves 30 days of data.", False),
        ("Partners get 30 days to move.", False),
        ("We retain logs 90 days overall.", False),
    ],
)
def test_times_of_the_summary(said: str, far: bool) -> None:
    text = f"## Executive Summary\n\nWe build it. {said}\n\n### Requirements\n\n- The work takes 90 days.\n"
    assert rules(CHECK, plan(*CHAIN, markdown=text)) == (["stated-time"] if far else [])


def test_where_the_summary_is_wrong_its_words_are_named() -> None:
    text = "## Executive Summary\n\nThe whole project will take 10 weeks, we think.\n"
    (finding,) = told(CHECK, plan(*CHAIN, markdown=text))
    assert finding.message == (
        "The summary says “whole project will take 10 weeks”; by its phases the plan takes 6 days (3 to 9) from start "
        "to end."
    )
    assert (finding.level, finding.at.block) == ("warning", "summary")


def test_what_is_rendered_states_its_own_time() -> None:
    for base in bases():
        assert rules(CHECK, base.subject(base.raw)) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("two to three weeks in total", 10, 15),
        ("12-15 person-days altogether", 12, 15),
        ("up to 2.5 weeks in total", 0, 12.5),
        ("The plan takes one month", 21, 21),
        ("Insgesamt sechs Arbeitstage", 6, 6),
    ],
)
def test_times_in_words(text: str, low: float, high: float) -> None:
    assert [(each.low, each.high) for each in stated_in(text)] == [(low, high)]


@pytest.mark.parametrize(
    "text", ["overall " * 1_500, "1 " * 6_000, "." * 12_000, "one two " * 1_500, "in total 1" * 900]
)
def test_hostile_summaries_state_nothing(text: str) -> None:
    assert list(stated_in(text)) == []


def test_thousands_of_phases_are_bounded() -> None:
    given = tuple(phase(f"p{at}", f"p{at + 1}") for at in range(20_000))
    assert rules(CHECK, plan(*given, is_file=True))[:2] == ["too-many", "unknown-phase"]
