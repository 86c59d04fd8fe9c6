"""The corpora: good artefacts raise no error, and faults are found, as themselves, in one finding or two."""

from __future__ import annotations

import math

import pytest

from benchmarks.checks import corpus_table
from tests.planner.checks.corpus import BLOCKS, DATA, PLANS, Outcome, checked, faults, good, outcomes, plan_outcomes

AT_LEAST = 0.95


def told(missed: list[Outcome]) -> str:
    return "\n".join(f"{each.name}: {[(one.rule, one.message) for one in each.findings]}" for each in missed)


@pytest.mark.parametrize("kind", BLOCKS)
def test_good_artefacts_have_no_errors(kind: str) -> None:
    alarms = {
        str(path.relative_to(DATA)): told
        for path in good(kind)
        for found in [checked(kind, path.read_text(encoding="utf-8")).findings]
        if (told := [(each.rule, each.message) for each in found if each.level == "error" or "/broken" in each.rule])
    }
    assert not alarms


@pytest.mark.parametrize("kind", BLOCKS)
def test_faults_are_found(kind: str) -> None:
    of_kind = outcomes(kind)
    assert len({each.name for each in of_kind}) == len(of_kind), "each has a name of its own"
    missed = [each for each in of_kind if not each.found]
    assert len(missed) <= math.floor(len(of_kind) * (1 - AT_LEAST) + 1e-9), told(missed)


@pytest.mark.parametrize("name", PLANS)
def test_faults_of_whole_plans_are_found(name: str) -> None:
    of_kind = plan_outcomes(name)
    assert len({each.name for each in of_kind}) == len(of_kind), "each has a name of its own"
    missed = [each for each in of_kind if not each.found]
    assert len(missed) <= math.floor(len(of_kind) * (1 - AT_LEAST) + 1e-9), told(missed)


def test_there_are_enough_of_both_and_half_of_the_faults_are_mechanical() -> None:
    every = [each for kind in BLOCKS for each in faults(kind)]
    whole = sum(len(plan_outcomes(name)) for name in PLANS)
    mechanical = sum(each.mechanical for each in every) + sum(
        each.mechanical for name in PLANS for each in plan_outcomes(name)
    )
    assert len(every) + whole >= 200
    assert mechanical * 2 >= len(every) + whole
    assert sum(len(good(kind)) for kind in BLOCKS) >= 150


def test_the_docs_say_how_many() -> None:
    text = (DATA.parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    assert corpus_table().as_markdown() in text, "run `make bench ARGS=checks`"


@pytest.mark.parametrize("kind", BLOCKS)
def test_where_they_come_from_is_written_down(kind: str) -> None:
    assert (DATA / "notices" / f"{kind}.md").exists(), "name package, version, author and licence"
    for each in faults(kind):
        assert each.truth, each.id
        assert each.base == "hand" or (DATA / "good" / each.base).exists(), each.id
