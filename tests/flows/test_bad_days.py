"""Days on which things go wrong: wishes taken back, Linear down or limited, keys revoked, rights missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.world import World, assert_one_of_each, world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    (directory / "needs-plan.toml").write_text('give_up_after = "20s"\n')
    with world(directory) as made:
        made.planned(made.issue("The first plan of a workspace makes its label"))
        made.settle()
        yield made


@pytest.fixture(autouse=True)
def good_weather(here: World) -> Iterator[None]:
    yield
    here.sandbox.faults.clear()


def state_of(here: World, issue: str) -> tuple[str, str | None]:
    run = json.loads(here.bot.command("show", issue, "--json").stdout)
    return run["state"], run["because"]


def test_the_label_taken_off_before_the_run_reads_the_issue(here: World) -> None:
    issue = here.issue("Changed my mind")
    here.sandbox.faults.add("CommentCreate", "slow", seconds=2)
    here.press(issue)
    here.press(issue, on=False)
    here.wait(lambda: "was taken off before I began" in here.comment(issue), "it ends quietly")
    here.settle()
    assert state_of(here, issue) == ("unwanted", "the label was taken off")
    assert not here.made(issue)["documents"]
    assert len(here.made(issue)["comments"]) == 1


def test_an_issue_archived_before_the_run_reads_it(here: World) -> None:
    issue = here.issue("Thrown away early")
    here.sandbox.faults.add("CommentCreate", "slow", seconds=2)
    here.press(issue)
    here.sandbox.people.throw_away(issue)
    here.wait(lambda: state_of(here, issue)[0] == "unwanted", "it ends quietly")
    assert not here.made(issue)["documents"]


@pytest.mark.parametrize("operation", ["IssueContext", "DocumentCreate", "IssueBatchCreate", "IssueUpdate"])
@pytest.mark.parametrize("kind", ["error_before", "error_after", "html_before", "graphql_error", "rate_limit"])
def test_a_passing_fault_changes_nothing(here: World, operation: str, kind: str) -> None:
    issue = here.issue(f"{operation}, {kind}")
    here.sandbox.faults.add(operation, kind, times=2)  # pyright: ignore[reportArgumentType] - the table's words
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))


def test_linear_down_is_waited_out(here: World) -> None:
    issue = here.issue("During an outage")
    here.sandbox.faults.add("DocumentCreate", "reset_before", times=5)
    here.press(issue)
    here.wait(lambda: "Linear cannot be reached. I try again by myself" in here.comment(issue), "it says so")
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert "Linear cannot be reached" not in here.comment(issue)


@pytest.mark.proof
def test_an_outage_beyond_the_operators_patience_ends_in_a_notice(here: World) -> None:
    issue = here.issue("During a long outage")
    here.sandbox.faults.add("DocumentCreate", "reset_before", times=0)
    here.press(issue)
    here.wait_labelled(issue, "plan-failed")
    here.settle()
    assert "Linear cannot be reached. I waited" in here.comment(issue)
    assert state_of(here, issue)[0] == "failed"
    here.sandbox.faults.clear()
    assert_one_of_each(here.planned(issue), replies=2)


def test_a_press_while_a_run_fails_starts_another(here: World) -> None:
    issue = here.issue("Pressed while it fails")
    here.sandbox.faults.add("DocumentCreate", "forbidden")
    here.sandbox.faults.add("IssueUpdate", "slow", seconds=2)
    here.press(issue)
    here.wait(lambda: "I could not plan this." in here.comment(issue), "it says that it failed")
    here.press(issue, on=False)
    here.press(issue)
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue), replies=2)


def test_content_conflict_is_a_real_failure(here: World) -> None:
    issue = here.issue("Conflict on insert of DocumentContent")
    here.sandbox.faults.add("DocumentCreate", "content_conflict", times=0)
    here.press(issue)
    here.wait_labelled(issue, "plan-failed")
    here.settle()
    assert not here.made(issue)["documents"]


@pytest.mark.parametrize("keep", [1, 2])
def test_half_a_batch_is_completed(here: World, keep: int) -> None:
    issue = here.issue(f"Half a batch: {keep}")
    here.sandbox.faults.add("IssueBatchCreate", "half_batch", keep=keep)
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))


@pytest.mark.parametrize("keep", [1, 2])
def test_aliases_that_stop_half_way_are_completed(here: World, keep: int) -> None:
    issue = here.issue(f"Half the relations: {keep}")
    here.sandbox.faults.add("IssueRelationCreate", "half_aliases", keep=keep)
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))


@pytest.mark.parametrize("operation", ["CommentCreate", "DocumentCreate", "IssueBatchCreate", "IssueRelationCreate"])
def test_a_write_that_lands_after_its_retry_and_after_later_writes(here: World, operation: str) -> None:
    issue = here.issue(f"Lands late: {operation}")
    here.sandbox.faults.add(operation, "late", writes=2)
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))


def test_without_the_right_to_make_labels_only_the_trigger_goes(tmp_path_factory: pytest.TempPathFactory) -> None:
    with world(tmp_path_factory.mktemp("bot")) as fresh:
        fresh.sandbox.faults.add("IssueLabelCreate", "forbidden", times=0)
        issue = fresh.issue("No right to make labels")
        fresh.press(issue)
        fresh.wait(lambda: "I may not make the label `planned`" in fresh.comment(issue), "it says so")
        fresh.wait(lambda: fresh.made(issue)["labels"] == [], "the trigger is off")
        assert fresh.made(issue)["documents"]


def test_a_revoked_key_is_a_clear_state(tmp_path_factory: pytest.TempPathFactory) -> None:
    with world(tmp_path_factory.mktemp("bot")) as fresh:
        fresh.sandbox.faults.add("*", "unauthorized", times=0)
        issue = fresh.issue("The key is revoked")
        fresh.press(issue)
        fresh.wait(lambda: fresh.bot.command("show", issue).returncode == 0, "the run is there")
        fresh.wait(lambda: state_of(fresh, issue)[0] == "failed", "the run has failed")
        doctor = fresh.bot.command("doctor")
        assert doctor.returncode == 1
        assert "Linear refuses the key" in doctor.stdout
        assert "Traceback" not in fresh.bot.log


def test_doctor_says_what_is_there_and_what_to_do(here: World) -> None:
    done = here.bot.command("doctor")
    assert "Acme, acting as" in done.stdout
    assert "`needs-plan` is there." in done.stdout
    assert "It agrees with Linear's." in done.stdout
    assert "The last one came " in done.stdout
    missing = here.bot.command("doctor", LINEAR_API_KEY="", LINEAR_WEBHOOK_SECRET="")
    assert missing.returncode == 1
    assert "LINEAR_API_KEY is not set" in missing.stdout
    assert "LINEAR_WEBHOOK_SECRET is not set" in missing.stdout
    found = json.loads(here.bot.command("doctor", "--json").stdout)
    assert {"linear key", "database", "linear", "label", "clock"} <= {finding["check"] for finding in found}


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("serve", "LINEAR_API_KEY"),
        ("serve", "LINEAR_WEBHOOK_SECRET"),
        ("plan ENG-101", "LINEAR_API_KEY"),
    ],
)
def test_a_missing_setting_ends_with_2_and_names_it(here: World, command: str, missing: str) -> None:
    done = here.bot.command(*command.split(), **{missing: ""})
    assert done.returncode == 2
    assert done.stderr.startswith(f"needs-plan: {missing} is not set")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "plan ENG-101", "plan --brief idea.md"])
def test_without_a_model_key_nothing_falls_back_to_the_stand_in(here: World, command: str) -> None:
    done = here.bot.command(*command.split(), NEEDS_PLAN_PROVIDER="")
    assert done.returncode == 2
    assert done.stderr.startswith("needs-plan: ANTHROPIC_API_KEY is not set")


def test_the_stand_in_is_refused_against_linear_itself(here: World) -> None:
    done = here.bot.command("serve", LINEAR_API_URL="")
    assert done.returncode == 2
    assert "--allow-scripted" in done.stderr


def test_where_the_plan_cannot_be_written_is_told_before_it_is_paid_for(here: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    before = len(here.sandbox.log.all)
    done = here.bot.command("plan", "ENG-101", "--out", str(tmp_path / "file" / "plan.md"))
    assert done.returncode == 2
    assert done.stderr.startswith("needs-plan: --out")
    assert done.stderr.count("\n") == 1
    assert len(here.sandbox.log.all) == before
    idea = tmp_path / "idea.md"
    idea.write_text("# Limits\n\nEach key may make 600 requests a minute; above that it gets 429.\n")
    assert here.bot.command("plan", "--brief", str(idea), "--out", str(tmp_path)).returncode == 0
    assert "## Executive Summary" in (tmp_path / "backend-implementation-plan.md").read_text()


def test_wrong_use_ends_with_2(here: World) -> None:
    assert here.bot.command("plan").returncode == 2
    assert here.bot.command("paln").returncode == 2
    assert here.bot.command("plan", "ENG-1", "--brief", "x.md").returncode == 2


def test_an_issue_that_is_not_there(here: World) -> None:
    done = here.bot.command("plan", "ENG-99999")
    assert done.returncode == 1
    assert "Linear knows no such Issue" in done.stderr
    assert "Traceback" not in done.stderr


def test_readyz_tells_parts_apart(here: World) -> None:
    answer = httpx2.get(f"{here.bot.url}/readyz", timeout=10).json()
    assert answer == {
        "ready": True,
        "parts": {
            "database": {"ready": True},
            "linear": {"ready": True},
            "workers": {"ready": True, "here": True},
            "webhook": {"ready": True},
            "sweep": {"ready": True},
        },
    }
