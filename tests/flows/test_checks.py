"""What a run does with the faults that checks find: mended, posted with a report, or held back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.standins.claude import Claude, Json, Reply, a_plan, plan, uses
from tests.world import World, assert_one_of_each, world


@pytest.fixture
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started
        assert started.waiting == 0


def start(directory: Path, claude: Claude, **settings: str) -> AbstractContextManager[World]:
    return world(
        directory,
        start=True,
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
        ANTHROPIC_BASE_URL=claude.url,
        **settings,
    )


def shown(here: World, issue: str) -> dict[str, Any]:
    return json.loads(here.bot.command("show", issue, "--json").stdout)


def artefact(raw: Json, kind: str) -> Json:
    return next(each for each in raw["artefacts"] if each["kind"] == kind)


def no_diagram(raw: Json) -> None:
    artefact(raw, "mermaid")["content"] = "flowchart LR\n  a[[[(\n  b -- {{ c"


def a_reference_to_nothing(raw: Json) -> None:
    contract = artefact(raw, "openapi")
    contract["content"] = contract["content"].replace("schemas/Limit", "schemas/Limits")


def an_index_on_nothing(raw: Json) -> None:
    tables = artefact(raw, "sql")
    tables["content"] = tables["content"].replace("changed_at DESC", "changed_on DESC")


def an_untested_requirement(raw: Json) -> None:
    raw["tests"] = [each for each in raw["tests"] if "R5" not in each["requirement_ids"]]


FAULTS: dict[str, Callable[[Json], None]] = {
    "mermaid/": no_diagram,
    "openapi/": a_reference_to_nothing,
    "sql/": an_index_on_nothing,
    "coverage/": an_untested_requirement,
}


def faulty(*changes: Callable[[Json], None]) -> Json:
    raw = a_plan()
    for change in changes:
        change(raw)
    return raw


def revisions(*blocks: tuple[str, object]) -> Reply:
    calls = [("revise_plan", {"block": name, "content": json.dumps(content)}) for name, content in blocks]
    return uses(*calls)


def whole(kind: str, raw: Json | None = None) -> tuple[str, Json]:
    made = artefact(raw or a_plan(), kind)
    return f"artefacts.{made['id']}", made


def test_four_faults_then_one_then_none(tmp_path: Path, claude: Claude) -> None:
    still_wrong = faulty(an_index_on_nothing)
    claude.script(
        plan(faulty(*FAULTS.values())),
        revisions(whole("mermaid"), whole("openapi"), whole("sql", still_wrong), ("tests", a_plan()["tests"])),
        revisions(whole("sql")),
    )
    with start(tmp_path, claude) as here:
        issue = here.issue("Mended in two rounds")
        made = here.planned(issue)
        here.settle()
        assert_one_of_each(made)
        run = shown(here, issue)
        comment = here.comment(issue)
    checked = run["checked"]
    assert [each["errors"] for each in checked["rounds"]] == [4, 1]
    assert all(each["usd"] > 0 for each in checked["rounds"])
    assert checked["report"]["failed"] == 0
    assert not [each for each in checked["report"]["findings"] if each["level"] == "error"]
    told = [each["body"]["messages"][-1]["content"][-1]["content"][0]["text"] for each in claude.requests[1:]]
    assert len(told) == 2
    assert all(f"\nartefacts.A{number}:\n" in told[0] for number in (1, 2, 3))
    assert "R5" in told[0]
    assert "artefacts.A3:" in told[1]
    assert "artefacts.A1:" not in told[1], "what was mended is not told again"
    document = made["documents"][0]["content"]
    assert f"Checks: {checked['report']['passed']} passed" in document
    assert "went back to its writer 2 times for $" in document
    assert f"All {checked['report']['passed']} checks passed" in comment
    assert run["usd"] > sum(each["usd"] for each in checked["rounds"])


@pytest.mark.parametrize("change", FAULTS.values(), ids=list(FAULTS))
def test_each_fault_by_itself_is_one_fault(change: Callable[[Json], None], tmp_path: Path, claude: Claude) -> None:
    claude.script(plan(faulty(change)), plan())
    with start(tmp_path, claude) as here:
        issue = here.issue("One fault")
        here.planned(issue)
        run = shown(here, issue)
    assert [each["errors"] for each in run["checked"]["rounds"]] == [1], run["checked"]
    assert run["checked"]["report"]["failed"] == 0


def test_one_that_never_heals_is_posted_with_its_report(tmp_path: Path, claude: Claude) -> None:
    broken = faulty(a_reference_to_nothing)
    claude.script(plan(broken), revisions(whole("openapi", broken)), revisions(whole("openapi", broken)))
    with start(tmp_path, claude) as here:
        issue = here.issue("Never mended")
        made = here.planned(issue)
        here.settle()
        assert_one_of_each(made)
        comment, run = here.comment(issue), shown(here, issue)
        listed = here.bot.command("show", issue).stdout
    document = made["documents"][0]["content"]
    passed = run["checked"]["report"]["passed"]
    assert f"Checks: {passed} passed, 1 failed" in document
    report = document.partition(f"Checks: {passed} passed, 1 failed")[2]
    assert "`openapi/dangling-ref`" in report
    assert "line 18" in report
    assert "it had 1 fault and has 1 fault now" in report
    assert "1 failed" in comment
    assert "openapi/dangling-ref" in listed
    assert len(claude.requests) == 3


def test_strict_holds_a_faulty_plan_back_and_a_sound_one_not(tmp_path: Path, claude: Claude) -> None:
    rules = tmp_path / "needs-plan.toml"
    rules.write_text('checks = "strict"\n', encoding="utf-8")
    broken = faulty(a_reference_to_nothing)
    claude.script(plan(broken), revisions(whole("openapi", broken)), revisions(whole("openapi", broken)))
    with start(tmp_path, claude, NEEDS_PLAN_CONFIG=str(rules)) as here:
        issue = here.issue("Held back")
        here.press(issue)
        made = here.wait_labelled(issue, "plan-failed")
        comment = here.comment(issue)
        assert not made["documents"]
        assert not made["subissues"]
        assert "keeps such a plan back" in comment
        assert "`openapi/dangling-ref`" in comment
        assert "line 18" in comment

        claude.script(plan())
        sound = here.planned(here.issue("Not held back"))
        assert len(sound["documents"]) == 1

        asked = len(claude.requests)
        here.bot.stop()
        rules.write_text('checks = "report"\n', encoding="utf-8")
        here.bot.start()
        posted = here.planned(issue)
        assert_one_of_each(posted, replies=2)
        assert len(claude.requests) == asked, "the plan that was paid for is posted, with its report"
        assert "`openapi/dangling-ref`" in posted["documents"][0]["content"]
