"""The plans that faults are put into have none themselves, and every rule of the plan checks has its fault."""

from __future__ import annotations

import pytest

from planner.check import check
from planner.checks import coverage, phases, structure, sub_issues
from planner.markdown_plan import subject_of_file
from tests.planner.checks.plan_faults import FAULTS, Base, bases

# What a plan's shape or its rendering already rules out, and what only sizes bring about, is tested with each check.
_ELSEWHERE = {
    "phases/too-many",
    "structure/unknown-language",
    "structure/too-long",
    "structure/length",
    "sub-issues/missing",
    "sub-issues/long-body",
}


@pytest.mark.parametrize("base", bases(), ids=lambda base: base.name)
def test_good_plans_have_no_findings(base: Base) -> None:
    assert check(base.subject(base.raw)).findings == ()
    assert check(subject_of_file(base.markdown())).findings == ()


def test_every_rule_has_its_fault() -> None:
    known = {
        f"{name}/{rule}"
        for name, module in (
            ("coverage", coverage),
            ("phases", phases),
            ("structure", structure),
            ("sub-issues", sub_issues),
        )
        for rule in module.RULES
    }
    meant = {rule for fault in FAULTS for rule in fault.rules}
    assert meant == known - _ELSEWHERE
