"""The sweep, told as stories: what no webhook told of is found, once, and nobody's wish is planned twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.store.database import Database
from linear.sandbox.server import Sandbox
from tests.world import LABEL, World, assert_one_of_each, world

FAR_AWAY = "http://127.0.0.1:9/webhooks/linear"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    (directory / "needs-plan.toml").write_text('[teams.OPS]\nmay_trigger = ["members", "Zapier"]\n')
    with world(directory) as made:
        made.planned(made.issue("The first plan of a workspace makes its label"))
        sweep(made)
        yield made


@pytest.fixture(autouse=True)
def good_weather(here: World) -> Iterator[None]:
    yield
    here.sandbox.faults.clear()
    here.sandbox.deliveries.webhook.enabled = True
    for issue in here.sandbox.workspace.issues.values():  # what a test left over is no part of the next one
        issue.label_ids = [each for each in issue.label_ids if here.sandbox.workspace.labels[each].name != LABEL]


def sweep(here: World, *arguments: str, **settings: str) -> dict[str, dict[str, Any]]:
    """Sweep now, by the command; answers its rows by issue."""
    done = here.bot.command("sweep", "--json", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    return {row["issue"]: row for row in json.loads(done.stdout)["issues"]}


def unheard(sandbox: Sandbox) -> None:
    """From now on Linear tells nobody."""
    sandbox.deliveries.webhook.enabled = False


def in_ops(here: World, title: str) -> str:
    workspace = here.sandbox.workspace
    team = next(team.id for team in workspace.teams.values() if team.key == "OPS")
    model = workspace.issue(here.issue("A model"))
    given = {"teamId": team, "title": title, "description": model.description}
    return here.sandbox.writing.issues.create(here.sandbox.people._actor(None), given).identifier


def replies(here: World, issue: str) -> list[str]:
    return [each["body"] for each in here.made(issue)["comments"] if each["parentId"]]


def test_a_label_put_on_while_the_bot_was_down_is_found_at_its_start(tmp_path: Path) -> None:
    with world(tmp_path, start=False, NEEDS_PLAN_SWEEP="0 0 1 1 *") as alone:
        unheard(alone.sandbox)
        issue = alone.issue("While it was down")
        alone.press(issue)
        alone.bot.start()
        alone.wait_labelled(issue, "planned")
        alone.settle()
        assert_one_of_each(alone.made(issue))
        mention = alone.sandbox.workspace.url(alone.sandbox.people.default)
        assert mention in replies(alone, issue)[0], "whoever pressed it asked for it"
        alone.bot.stop()
        alone.bot.start()
        alone.settle()
        assert alone.bot.log.count('"sweep.ended"') == 1, "a slot is swept once, whoever starts in it"


def test_a_label_that_no_webhook_told_of_is_planned_once_however_often_it_is_swept(here: World) -> None:
    unheard(here.sandbox)
    issue = here.issue("Not told of")
    here.press(issue)
    assert sweep(here)[issue]["what"] == "plan"
    assert sweep(here).get(issue, {"what": "live"})["what"] in ("live", "swap labels only")
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert issue not in sweep(here)


def test_an_issue_that_was_made_with_its_label_was_asked_for_by_who_made_it(here: World) -> None:
    unheard(here.sandbox)
    label = next(each.id for each in here.sandbox.workspace.labels.values() if each.name == LABEL)
    issue = here.issue("Born with it", labelIds=[label])
    row = sweep(here)[issue]
    assert (row["what"], row["asked_by"]) == ("plan", here.sandbox.people.default.name)
    here.wait_labelled(issue, "planned")


def test_the_webhook_that_comes_late_makes_no_second_run(here: World) -> None:
    issue = here.issue("Told of late")
    here.sandbox.deliveries.hold()
    here.press(issue)
    assert sweep(here)[issue]["what"] == "plan"
    here.wait_labelled(issue, "planned")
    here.settle()
    here.sandbox.deliveries.release("made", 1)
    here.wait(lambda: not here.sandbox.deliveries.pending, "all is delivered")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert runs_of(here, issue) == ["done"]
    # But a new press is a new wish.
    here.press(issue)
    here.wait(lambda: len(replies(here, issue)) == 2, "it looks again")
    here.wait_labelled(issue, "planned")
    assert runs_of(here, issue) == ["done", "done"]


def runs_of(here: World, issue: str) -> list[str]:
    """How the runs of the issue ended, or their states."""
    found = json.loads(here.bot.command("runs", "--json", "--limit", "500").stdout)
    return [run["state"] for run in found if run["identifier"] == issue]


def test_a_swap_that_was_lost_is_redone_without_a_plan(here: World) -> None:
    issue = here.issue("The swap was lost")
    here.planned(issue)
    here.settle()
    workspace = here.sandbox.workspace
    row, names = workspace.issue(issue), {each.name: each.id for each in workspace.labels.values()}
    row.label_ids = [names[LABEL] if each == names["planned"] else each for each in row.label_ids]
    before = len(here.sandbox.log.all)
    assert sweep(here, "--dry-run")[issue]["what"] == "swap labels only"
    assert sweep(here)[issue]["what"] == "swap labels only"
    made = here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(made)
    assert [each.operation for each in here.sandbox.log.all[before:] if each.write] == ["IssueUpdate"]
    assert runs_of(here, issue) == ["done"]


def test_an_integration_is_held_against_the_list_of_its_team(here: World) -> None:
    unheard(here.sandbox)
    refused, named = here.issue("By an integration"), in_ops(here, "By one that is named")
    guest = here.issue("By a guest")
    for issue in (refused, named):
        here.sandbox.people.press_label(issue, LABEL, bot="Zapier")
    here.sandbox.press_label(guest, LABEL, by="Tomás Riva")
    rows = sweep(here)
    assert {each: rows[each]["what"] for each in (refused, named, guest)} == {
        refused: "not allowed",
        named: "plan",
        guest: "not allowed",
    }
    assert rows[refused]["why"] == "Zapier put the label on, whom `may_trigger` of ENG does not name."
    here.wait_labelled(named, "planned")
    here.settle()
    assert not here.made(refused)["documents"]
    # Those who may not are not looked up again and again.
    before = len(here.sandbox.log.all)
    assert sweep(here)[refused]["what"] == "not allowed"
    asked = [each.operation for each in here.sandbox.log.all[before:]]
    assert "IssueLabelHistory" not in asked


def test_a_dry_run_writes_nothing(here: World) -> None:
    unheard(here.sandbox)
    issue = here.issue("Only looked at")
    here.press(issue)
    here.settle()
    database = Database(f"sqlite:///{here.directory / 'data' / 'needs-plan.sqlite'}")
    tables = ("sweeps", "presses", "requests", "runs", "deliveries", "notices")

    def count() -> list[int]:
        query = "select count(*) from {}"
        return [
            database.call(lambda c, each=each: c.exec_driver_sql(query.format(each)).scalar_one()) for each in tables
        ]

    before, asked = count(), len(here.sandbox.log.all)
    assert sweep(here, "--dry-run")[issue]["what"] == "plan"
    assert count() == before
    assert not [each for each in here.sandbox.log.all[asked:] if each.write]
    table = here.bot.command("sweep", "--dry-run")
    assert issue in table.stdout
    assert "It would begin 1 plan and swap labels on 0 issues." in table.stdout
    database.close()


def test_at_most_so_many_at_once_and_the_oldest_first(here: World) -> None:
    unheard(here.sandbox)
    issues = [here.issue(f"One of five, {number}") for number in range(5)]
    for issue in reversed(issues):
        here.press(issue)
    (here.directory / "narrow.toml").write_text("sweep_max = 2\n")
    rows = sweep(here, "--dry-run", NEEDS_PLAN_CONFIG="narrow.toml")
    assert [rows[each]["what"] for each in issues] == ["plan"] * 2 + ["over the limit"] * 3
    assert "at most 2 plans" in rows[issues[-1]]["why"]


def test_a_closed_issue_is_left_alone(here: World) -> None:
    unheard(here.sandbox)
    issue = here.issue("Closed")
    here.press(issue)
    here.sandbox.people.edit(issue, {"state": "completed"})
    assert sweep(here)[issue]["what"] == "closed"


def test_missed_webhooks_are_told_of_once_and_where_people_look(here: World) -> None:
    unheard(here.sandbox)
    issues = [here.issue("Missed"), here.issue("Missed too")]
    for issue in issues:
        here.press(issue)
    aged(here, issues)
    rows = sweep(here)
    assert [rows[each]["webhook_missed"] for each in issues] == [True, True]
    for issue in issues:
        here.wait_labelled(issue, "planned")
    here.settle()
    told = [[text for text in replies(here, issue) if "Linear's webhook did not tell me" in text] for issue in issues]
    assert [len(each) for each in told] == [1, 0], "once an outage"
    answer = httpx2.get(f"{here.bot.url}/readyz", timeout=10)
    assert answer.status_code == 200, "it can work"
    part = answer.json()["parts"]["webhook"]
    assert part["ready"] is False
    assert "did not tell of the label" in part["because"]
    assert "switched off in Linear" in part["because"]
    doctor = here.bot.command("doctor")
    assert "switched off in Linear" in doctor.stdout
    # It is over when a delivery comes.
    here.sandbox.deliveries.webhook.enabled = True
    here.planned(here.issue("Heard again"))
    assert httpx2.get(f"{here.bot.url}/readyz", timeout=10).json()["parts"]["webhook"] == {"ready": True}


def aged(here: World, issues: list[str]) -> None:
    """As if the labels had been put on ten minutes ago, and the first sweep had been long before that."""
    workspace = here.sandbox.workspace
    with workspace.lock:
        for issue in issues:
            for entry in workspace.histories[workspace.issue(issue).id]:
                entry.created_at = earlier(entry.created_at)
    database = Database(f"sqlite:///{here.directory / 'data' / 'needs-plan.sqlite'}")
    database.call(lambda connection: connection.exec_driver_sql("update sweeps set began_at = began_at - 3600"))
    database.close()


def earlier(stamp: str) -> str:
    """The moment ten minutes before this one."""
    moment = datetime.fromisoformat(stamp) - timedelta(minutes=10)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_dead_key_is_told_of_until_a_sweep_succeeds(here: World) -> None:
    here.sandbox.access.revoke("key")
    done = here.bot.command("sweep")
    assert done.returncode == 1
    assert "the sweep could not be done" in done.stderr
    part = httpx2.get(f"{here.bot.url}/readyz", timeout=10).json()["parts"]["sweep"]
    assert part["ready"] is False
    assert "The last sweep could not be done." in part["because"]
    assert "could not be done" in here.bot.command("doctor").stdout
    here.sandbox.access.revoke("restore")
    sweep(here)
    parts = httpx2.get(f"{here.bot.url}/readyz", timeout=10).json()["parts"]
    assert parts["sweep"]["ready"] is True
