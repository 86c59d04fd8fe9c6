"""Mending rounds: what goes back to the writer, which plan is the best, and what the document says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from planner.agent import Agent
from planner.author import Authored, author
from planner.check_report import check_report, fault_lines, headline
from planner.claude import ClaudeModel
from planner.errors import AskingEnded, PlanUnfit
from planner.findings import At, Checked, Finding, Mended, NotChecked, Report, Round
from planner.plan import Plan
from planner.repair import MAX_ROUNDS, Repair, mended, told
from tests.planner.remembering import Remembered, a_head
from tests.planner.samples import BRIEF, MARKER
from tests.standins import claude as standin
from tests.standins.claude import Claude, Json, Reply, a_plan, plan, says, uses

PLAN = Plan.model_validate(a_plan())
DIAGRAM = next(each for each in PLAN.artefacts if each.kind == "mermaid")
AGENT = Agent(name="tester", prompt="You plan.")


def an_error(block: str = "artefacts.A1", line: int = 3, rule: str = "mermaid/syntax", hint: str = "") -> Finding:
    said = f"`-->` leads nowhere in {block}."
    return Finding(rule=rule, level="error", message=said, hint=hint, at=At(block=block, line=line))


def a_report(*errors: Finding, **more: Any) -> Report:
    return Report(passed=9, failed=len({each.rule for each in errors}), findings=errors, **more)


# --- rounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "best"),
    [
        pytest.param([4, 1, 0], 2, id="better each time"),
        pytest.param([2, 2], 1, id="the later of two alike"),
        pytest.param([1, 3, 2], 0, id="worse each time"),
        pytest.param([3, 1, 2], 1, id="best in the middle"),
    ],
)
def test_the_plan_with_the_fewest_faults_is_posted(errors: list[int], best: int) -> None:
    repair = Repair()
    plans = [PLAN.model_copy(update={"title": f"Plan {number}"}) for number in range(len(errors))]
    for each, count in zip(plans, errors, strict=True):
        repair.take(each, a_report(*(an_error(line=line) for line in range(1, count + 1))))
    assert repair.best is plans[best]
    assert len(repair.checked().report.errors) == errors[best]


def test_two_rounds_and_no_more_each_with_its_price() -> None:
    repair = Repair()
    repair.take(PLAN, a_report(an_error(), an_error("phases.limit-store")))
    assert repair.wants_a_round()
    repair.begin_round(tokens=1_000, usd=1.0)
    repair.count(1_200, 1.25)
    repair.take(PLAN, a_report(an_error()))
    assert repair.wants_a_round()
    repair.begin_round(1_200, 1.25)
    repair.count(1_500, 1.5)
    repair.take(PLAN, a_report(an_error()))
    assert not repair.wants_a_round()
    assert repair.checked().rounds == (
        Round(errors=2, blocks=("artefacts.A1", "phases.limit-store"), tokens=200, usd=0.25),
        Round(errors=1, blocks=("artefacts.A1",), tokens=300, usd=0.25),
    )


def test_warnings_alone_are_no_reason_to_ask_again() -> None:
    repair = Repair()
    repair.take(PLAN, Report(passed=3, findings=(an_error().model_copy(update={"level": "warning"}),)))
    assert not repair.wants_a_round()


def test_what_the_writer_reads_names_each_block_once() -> None:
    put_right = Mended(at=At(block="artefacts.A2"), said="Quoted 2 labels.", content="x")
    errors = [
        an_error(hint="Name a node."),
        an_error("phases.a", 0, "coverage/no-test"),
        an_error(line=7),
        an_error("", 0),
    ]
    text = told(errors, [put_right], 1)
    assert text.count("artefacts.A1:\n") == 1
    assert "- line 3: `-->` leads nowhere in artefacts.A1. Name a node.\n- line 7: " in text
    assert "phases.a:\n- `-->` leads nowhere in phases.a." in text
    assert "the plan:\n- " in text
    assert "artefacts.A2: Quoted 2 labels." in text
    assert "round 1 of 2" in text


def test_what_the_writer_reads_is_bounded() -> None:
    text = told([an_error(line=line) for line in range(1, 200)], [], 2)
    assert len(text.splitlines()) < 40
    assert "and 169 more" in text


def test_code_mends_the_artefacts_it_names_and_nothing_else() -> None:
    report = Report(mended=(Mended(at=At(block=f"artefacts.{DIAGRAM.id}"), said="Quoted.", content="flowchart LR"),))
    after = mended(PLAN, report)
    assert {each.id: each.content for each in after.artefacts} == {
        each.id: "flowchart LR" if each.id == DIAGRAM.id else each.content for each in PLAN.artefacts
    }
    assert mended(PLAN, Report()) is PLAN


# --- in one conversation ---------------------------------------------------------------------------------------------


def with_artefact(content: str, kind: str = "json", raw: Json | None = None) -> Json:
    raw = raw or a_plan()
    extra = {"id": "A9", "kind": kind, "title": "Settings", "section": "operations", "content": content}
    return {**raw, "artefacts": [*[each for each in raw["artefacts"] if each["id"] != "A9"], extra]}


def a_revision(content: str) -> Reply:
    return uses(("revise_plan", {"block": "artefacts.A9", "content": content}))


async def written(model: ClaudeModel, **changes: Any) -> Authored:
    return await author(BRIEF, a_head(BRIEF, AGENT, MARKER, **changes), Remembered(model))


def last_result(api: Claude) -> Json:
    return api.requests[-1]["body"]["messages"][-1]["content"][-1]


async def test_a_fault_goes_back_and_comes_mended(api: Claude, model: ClaudeModel) -> None:
    api.script(plan(with_artefact('{"a" 1}')), a_revision('{"a": 1}'))
    made = await written(model)
    assert next(each.content for each in made.plan.artefacts if each.id == "A9") == '{"a": 1}'
    assert made.checked.report.failed == 0
    assert [(each.errors, each.blocks) for each in made.checked.rounds] == [(1, ("artefacts.A9",))]
    assert made.checked.rounds[0].usd > 0
    assert made.checked.rounds[0].tokens == api.usages[-1]["output_tokens"]
    result = last_result(api)
    assert result["is_error"] is True
    assert "artefacts.A9:\n- line 1: This is no JSON" in result["content"][0]["text"]


async def test_one_that_never_heals_is_answered_after_two_rounds(api: Claude, model: ClaudeModel) -> None:
    api.script(plan(with_artefact("{")), a_revision("{{"), a_revision("{{{"))
    made = await written(model)
    assert len(api.requests) == 1 + MAX_ROUNDS
    assert made.checked.report.failed == 1
    assert len(made.checked.rounds) == MAX_ROUNDS
    assert next(each.content for each in made.plan.artefacts if each.id == "A9") == "{{{"


async def test_a_revision_that_breaks_the_shape_counts_as_a_try_and_loses_nothing(
    api: Claude, model: ClaudeModel
) -> None:
    broken = uses(("revise_plan", {"block": "phases", "content": "[]"}))
    api.script(plan(with_artefact("{")), broken, broken)
    made = await written(model)
    assert len(made.plan.phases) == len(PLAN.phases)
    assert made.checked.report.failed == 1
    assert "does not fit" in made.checked.stopped


async def test_a_writer_with_nothing_to_change_ends_it(api: Claude, model: ClaudeModel) -> None:
    api.script(plan(with_artefact("{")), says("It is right as it is."))
    made = await written(model)
    assert made.checked.report.failed == 1
    assert made.checked.stopped == "It was not mended further: the model had nothing to change."


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([standin.refusal()], id="a refusal"),
        pytest.param([standin.spend_limit()], id="a spending limit"),
        pytest.param([standin.bad_key()], id="a revoked key"),
        pytest.param([Reply([standin.text("...")], stop_reason="max_tokens")] * 2, id="an endless answer"),
        pytest.param([Reply([], stop_reason="model_context_window_exceeded")], id="a full window"),
    ],
)
async def test_a_plan_outlives_what_ends_its_mending(api: Claude, model: ClaudeModel, answers: Sequence[Any]) -> None:
    api.script(plan(with_artefact("{")), *answers)
    made = await written(model)
    assert made.checked.report.failed == 1
    assert made.checked.stopped


async def test_no_round_begins_near_the_cap(api: Claude, model: ClaudeModel) -> None:
    api.script(plan(with_artefact("{")))
    made = await written(model, cap_usd=0.000_001)
    assert len(api.requests) == 1
    assert made.checked.stopped == "It was not mended further: its budget is nearly used up."


async def test_before_there_is_a_plan_what_ends_the_asking_is_raised(api: Claude, model: ClaudeModel) -> None:
    class Ended(Remembered):
        async def ask(self, conversation: str, seq: int, question: object) -> Any:
            raise AskingEnded("gave-up", "It took too long.")

    with pytest.raises(AskingEnded, match="too long"):
        await author(BRIEF, a_head(BRIEF, AGENT, MARKER), Ended(model))
    api.script(says("No."), says("No."), says("No."))
    with pytest.raises(PlanUnfit):
        await written(model)


# --- for people ------------------------------------------------------------------------------------------------------

FAULTY = Checked(
    report=a_report(
        an_error("artefacts.A1", 3, hint="Name the node."),
        an_error(f"phases.{PLAN.phases[1].key}", 0, "phases/loop"),
        an_error("requirements.R2", 0, "coverage/no-test"),
        an_error("open_questions", 0, "structure/empty"),
        mended=(Mended(at=At(block="artefacts.A2", line=1), said="Quoted 2 labels.", content="x"),),
        not_checked=(NotChecked(check="iam", because="Policies. Not checked: policy_sentry is not installed."),),
    ),
    rounds=(Round(errors=6, blocks=("artefacts.A1",), tokens=10, usd=0.07), Round(errors=5, blocks=(), usd=0.05)),
)


def test_the_report_says_where_in_words_of_the_document() -> None:
    assert headline(FAULTY) == "Checks: 9 passed, 4 failed"
    text = check_report(PLAN, FAULTY)
    assert (
        f"- **{DIAGRAM.title}**, line 3: `-->` leads nowhere in artefacts.A1. Name the node. (`mermaid/syntax`)" in text
    )
    assert "- **phase 2**: " in text
    assert "- **R2**: " in text
    assert "- **open questions**: " in text
    assert "Put right by code:\n\n- **" in text
    assert "Not checked:\n\n- Policies. Not checked: policy_sentry is not installed." in text
    assert "went back to its writer 2 times for $0.12: it had 6 faults and has 4 faults now." in text
    assert len(fault_lines(PLAN, FAULTY)) == 4


def test_the_report_of_a_sound_plan_is_short() -> None:
    sound = Checked(report=Report(passed=31))
    assert headline(sound) == "Checks: 31 passed"
    assert check_report(PLAN, sound) == "Nothing was found."


def test_words_of_the_model_in_a_finding_stay_words() -> None:
    hostile = an_error().model_copy(
        update={"message": "Label ![x](https://evil.test/a) and <img src=x> [y](https://evil.test)\n# Heading"}
    )
    text = check_report(PLAN, Checked(report=a_report(hostile)))
    assert "](https://evil.test" not in text
    assert "<img" not in text.replace("\\<img", "")
    assert json.dumps(text).count("\\n# ") == 0
