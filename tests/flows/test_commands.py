"""Talking to the bot in comments: each command through the running bot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.world import World, answer_to, begin_slowly, world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot"), NEEDS_PLAN_CONCURRENCY="1") as made:
        yield made


def test_help_is_a_table_and_plans_nothing(here: World) -> None:
    issue = here.issue("Help")
    said = answer_to(here, issue, "/plan help")
    for command in ("`/plan`", "`/plan status`", "`/plan cancel`", "`/plan with AGENT`"):
        assert f"| {command} |" in said
    assert not here.made(issue)["documents"]


def test_a_slip_of_the_finger_is_asked_back_and_plans_nothing(here: World) -> None:
    issue = here.issue("A slip")
    assert "Did you mean `/plan status`?" in answer_to(here, issue, "/plan statsu")
    here.settle()
    assert not here.made(issue)["documents"]


def test_status_before_and_after_a_plan(here: World) -> None:
    issue = here.issue("Status")
    assert "Nobody has asked me" in answer_to(here, issue, "/plan status")
    made = here.planned(issue)
    said = answer_to(here, issue, "/plan status")
    assert made["documents"][0]["url"] in said
    assert f"with {len(made['subissues'])} sub-issues" in said
    assert here.sandbox.workspace.issue(issue).id
    here.settle()
    assert len(here.made(issue)["documents"]) == 1


def test_cancel_where_nothing_runs(here: World) -> None:
    issue = here.issue("Nothing to cancel")
    assert "Nothing is running" in answer_to(here, issue, "/plan cancel")


@pytest.mark.parametrize("step", ["IssueContext", "DocumentCreate", "IssueBatchCreate", "IssueRelationCreate"])
def test_cancel_stops_the_run_at_any_step(here: World, step: str) -> None:
    """Each of these requests is slow; meanwhile the run is stopped, and what was made is read back and said."""
    issue = here.issue(f"Cancel at {step}")
    begin_slowly(here, step, 6.0, lambda: here.press(issue))
    began = time.monotonic()
    said = answer_to(here, issue, "/plan cancel")
    assert "Stopped." in said
    assert time.monotonic() - began < 30
    made = here.made(issue)
    assert "needs-plan" not in made["labels"]
    assert "planned" not in made["labels"]
    root = here.comment(issue)
    assert root.startswith("Stopped, as Priya")
    here.sandbox.faults.clear()
    here.settle()
    # Nothing is made afterwards, and pressing again goes on from there.
    still = here.made(issue)
    assert len(still["documents"]) == len(made["documents"]) <= 1
    assert len(still["subissues"]) == len(made["subissues"])
    here.planned(issue)
    here.settle()
    done = here.made(issue)
    assert len(done["documents"]) == 1
    titles = [subissue["title"] for subissue in done["subissues"]]
    assert len(titles) == len(set(titles)) >= 2
    assert "Traceback" not in here.bot.log, "stopping a run is no accident"


def test_cancel_takes_a_run_out_of_the_queue(here: World) -> None:
    first, second = here.issue("Holds the only place"), here.issue("Waits for it")
    here.sandbox.faults.add("IssueContext", "slow", seconds=5.0, times=1)
    here.press(first)
    here.wait(lambda: here.comment(first), "the first is under way")
    here.press(second)
    here.wait(lambda: "before it" in here.comment(second), "the second waits")
    assert "Stopped." in answer_to(here, second, "/plan cancel")
    assert not here.made(second)["documents"]
    here.wait_labelled(first, "planned")
    here.settle()
    assert not here.made(second)["documents"]
    assert len(here.planned(second)["documents"]) == 1


def test_the_operator_stops_a_run_and_asks_again(here: World) -> None:
    issue = here.issue("Stopped by the operator")
    begin_slowly(here, "DocumentCreate", 6.0, lambda: here.press(issue))
    done = here.bot.command("cancel", issue)
    assert (done.returncode, done.stdout.split(".")[0]) == (0, "Stopped"), done.stderr
    assert here.comment(issue).startswith("Stopped.")
    again = here.bot.command("cancel", issue)
    assert again.returncode == 1
    assert "has ended already: canceled" in again.stderr
    done = here.bot.command("retry", issue)
    assert done.returncode == 0, done.stderr
    here.wait_labelled(issue, "planned")
    here.settle()
    assert len(here.made(issue)["documents"]) == 1


def test_a_run_in_the_foreground_is_stopped_in_one_sentence(here: World) -> None:
    issue = here.issue("Planned at a terminal")
    with ThreadPoolExecutor(1) as pool:
        terminals: list[Future[CompletedProcess[str]]] = []
        begin_slowly(
            here, "DocumentCreate", 8.0, lambda: terminals.append(pool.submit(here.bot.command, "plan", issue))
        )
        here.sandbox.comment(issue, "/plan cancel")
        done = terminals[0].result(timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("needs-plan: it was canceled")
    here.wait(lambda: here.comment(issue).startswith("Stopped, as Priya"), "it is said in Linear")


@pytest.mark.parametrize("command", ["cancel", "retry"])
def test_a_run_nobody_knows(here: World, command: str) -> None:
    done = here.bot.command(command, "ENG-99999")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`needs-plan runs` lists them" in done.stderr


def test_a_cancel_outlives_a_kill(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        issue = here.issue("Killed while it cancels")
        begin_slowly(here, "DocumentCreate", 3.0, lambda: here.press(issue))
        comment = here.sandbox.comment(issue, "/plan cancel")
        here.wait(
            lambda: comment in [each.comment_id for each in here.sandbox.workspace.reactions.values()],
            "the cancel is acknowledged",
        )
        assert "run.canceled" not in here.bot.log, "it is killed before the cancel is done"
        here.bot.kill()
        here.sandbox.faults.clear()
        here.bot.start()
        here.wait(lambda: here.comment(issue).startswith("Stopped, as Priya"), "it is said")
        here.settle()
        made = here.made(issue)
        assert "needs-plan" not in made["labels"]
        assert not made["subissues"]


@pytest.mark.parametrize("who", ["guest", "outsider"])
def test_others_get_one_line_a_day(here: World, who: str) -> None:
    issue = here.issue(f"Asked by a {who}")
    workspace = here.sandbox.workspace
    if who == "guest":
        guest = workspace.user_named("tomas")
        workspace.teams[workspace.issue(issue).team_id].member_ids.append(guest.id)
        here.sandbox.comment(issue, "/plan", by="tomas")
    else:
        here.sandbox.people.comment(issue, "/plan", external="Sam of Slack")
    here.wait(lambda: here.made(issue)["comments"], "an answer")
    if who == "guest":
        here.sandbox.comment(issue, "/plan cancel", by="tomas")
    else:
        here.sandbox.people.comment(issue, "/plan status", external="Sam of Slack")
    refused = f'"issue": "{issue}", "actor"'
    here.wait(lambda: here.bot.log.count(refused) == 2, "the second one is refused, too")
    here.settle()
    made = here.made(issue)
    assert [comment["body"].split(",")[0] for comment in made["comments"]] == ["Sorry"]
    assert not made["documents"]
    here.sandbox.comment(issue, "/plan")
    here.wait_labelled(issue, "planned")


def test_a_command_on_the_plan_document_works_too(here: World) -> None:
    issue = here.issue("Asked on its document")
    document = here.planned(issue)["documents"][0]["id"]
    comment = here.sandbox.people.comment_on_document(document, "/plan status", quoted="Architecture").id

    def answers() -> list[str]:
        return [each["body"] for each in here.made(issue)["comments"] if "The plan](" in each["body"]]

    here.wait(answers, "an answer on the issue")
    (said,) = answers()
    assert said.startswith(here.sandbox.workspace.url(here.sandbox.people.default))
    reactions = [each.emoji for each in here.sandbox.workspace.reactions.values() if each.comment_id == comment]
    assert reactions == ["eyes"]


def test_a_command_on_some_other_document_is_not_for_us(here: World) -> None:
    issue = here.issue("Has a document of its own")
    actor = here.sandbox.people._actor(None)
    with here.sandbox.workspace.lock:
        other = here.sandbox.writing.create_document(actor, {"title": "Notes", "content": "x", "issueId": issue})
    comment = here.sandbox.people.comment_on_document(other.id, "/plan").id
    taken_in = f'"document": "{other.id}"'
    here.wait(lambda: taken_in in here.bot.log, "it is looked at")
    here.settle()
    assert not [each for each in here.sandbox.workspace.reactions.values() if each.comment_id == comment]
    assert not here.made(issue)["comments"]


def test_nobody_is_obeyed_whom_linear_does_not_know(here: World) -> None:
    issue = here.issue("Whose role cannot be read")
    here.sandbox.faults.add("Person", "unauthorized", times=9)
    here.sandbox.comment(issue, "/plan")
    here.wait(lambda: "ingest.not_taken" in here.bot.log, "it says so in the log")
    here.settle()
    assert not here.made(issue)["documents"]
    assert "Traceback" not in here.bot.log
    here.sandbox.faults.clear()
    here.sandbox.comment(issue, "/plan")
    here.wait_labelled(issue, "planned")


def test_a_label_of_an_integration_is_held_against_the_rules_as_comments_are(here: World) -> None:
    issue = here.issue("Labelled by an integration")
    here.sandbox.people.press_label(issue, "needs-plan", bot="Zapier")
    here.wait(lambda: here.made(issue)["comments"], "one polite line")
    here.settle()
    (said,) = (each["body"] for each in here.made(issue)["comments"])
    assert said.startswith("Sorry, I take commands only from people with a seat")
    assert not here.made(issue)["documents"]
    # A person's own press counts.
    here.press(issue, on=False)
    assert here.planned(issue)["documents"]


def test_a_guest_s_comment_beside_an_integration_s_label_makes_it_nobody_s_wish(here: World) -> None:
    """What merely happens on an issue joins its run, and says nothing of who may ask for one."""
    first, issue = here.issue("Holds the only place again"), here.issue("Labelled by an integration, commented on")
    here.sandbox.faults.add("IssueContext", "slow", seconds=4.0, times=1)
    here.press(first)
    here.wait(lambda: here.comment(first), "the first is under way")
    here.sandbox.people.press_label(issue, "needs-plan", bot="Zapier")
    here.wait(lambda: "before it" in here.comment(issue), "the second waits")
    recorded = here.bot.log.count("webhook.recorded")
    here.sandbox.people.comment(issue, "Partners would like that as well, I hear.", external="Sam of Slack")
    here.wait(lambda: here.bot.log.count("webhook.recorded") > recorded, "the comment is taken in")
    here.wait_labelled(first, "planned")
    here.wait(lambda: "Sorry, I take commands only" in here.comment(issue), "it is refused")
    here.settle()
    assert not here.made(issue)["documents"]
