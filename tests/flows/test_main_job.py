"""The main job, told as stories: a person does something in Linear, and this is what stands there afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from linear.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from linear.webhooks import sign
from tests.bot_process import SECRET
from tests.world import World, assert_one_of_each, world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot")) as made:
        yield made


def test_a_label_becomes_a_plan(here: World) -> None:
    issue = here.issue()
    made = here.planned(issue)
    assert_one_of_each(made)
    assert made["documents"][0]["title"] == "Plan: Rate limit the public API"
    for heading in (
        "Executive Summary",
        "Architecture Diagram",
        "Technical Specifications",
        "Implementation Phases",
        "Risk Analysis",
        "Estimated Timeline",
        "Technology Stack",
    ):
        assert f"## {heading}" in made["documents"][0]["content"]
    assert made["documents"][0]["url"] in here.comment(issue)
    reply = next(comment["body"] for comment in made["comments"] if comment["parentId"])
    assert here.sandbox.workspace.url(here.sandbox.people.default) in reply, "it mentions whoever asked"


def test_subissues_stand_where_they_belong(here: World) -> None:
    issue = here.issue("Rate limit, with a priority", priority=2)
    here.planned(issue)
    workspace = here.sandbox.workspace
    parent = workspace.issue(issue)
    children = workspace.children_of(parent.id)
    assert len(children) >= 2
    for child in children:
        assert child.priority == 2
        assert child.team_id == parent.team_id
        assert child.assignee_id is None
        assert child.label_ids == []
        assert workspace.states[child.state_id].type in {"backlog", "unstarted"}
        assert len(child.title) <= 80
    orders = [child.sub_issue_sort_order or 0.0 for child in children]
    assert orders == sorted(orders)


def test_a_comment_asks_as_well_and_its_words_are_heeded(here: World) -> None:
    issue = here.issue("Asked for by comment")
    comment = here.sandbox.comment(issue, "/plan keep Redis optional")
    here.wait(lambda: "planned" in here.made(issue)["labels"], "planned by comment")
    assert_one_of_each(here.made(issue))
    reactions = [each for each in here.sandbox.workspace.reactions.values() if each.comment_id == comment]
    assert [each.emoji for each in reactions] == ["eyes"]


def test_the_same_delivery_fifty_times_at_once(here: World) -> None:
    issue = here.issue("Fifty of the same")
    here.press(issue)
    here.wait(lambda: any(each.event == "Issue" for each in here.sandbox.deliveries.all), "a delivery")
    delivery = next(
        each
        for each in reversed(here.sandbox.deliveries.all)
        if each.event == "Issue" and json.loads(each.body)["data"]["identifier"] == issue
    )
    headers = {"Linear-Delivery": delivery.id, "Linear-Signature": sign(delivery.body, SECRET)}

    async def storm() -> set[int]:
        async with httpx2.AsyncClient(timeout=30) as client:
            posts = (
                client.post(f"{here.bot.url}/webhooks/linear", content=delivery.body, headers=headers)
                for _ in range(50)
            )
            return {answer.status_code for answer in await asyncio.gather(*posts)}

    assert asyncio.run(storm()) == {200}
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))


def test_fifty_deliveries_for_one_issue_at_once(here: World) -> None:
    issue = here.issue("Fifty different ones")
    here.press(issue)
    here.wait(
        lambda: any(json.loads(each.body)["data"].get("identifier") == issue for each in here.sandbox.deliveries.all),
        "a delivery",
    )
    body = next(
        json.loads(each.body)
        for each in reversed(here.sandbox.deliveries.all)
        if json.loads(each.body)["data"].get("identifier") == issue
    )

    def another(number: int) -> tuple[bytes, dict[str, str]]:
        changed = {**body, "data": {**body["data"], "updatedAt": f"2026-11-22T10:00:{number:02d}.000Z"}}
        raw = json.dumps(changed).encode()
        return raw, {"Linear-Delivery": f"different-{number}", "Linear-Signature": sign(raw, SECRET)}

    async def storm() -> set[int]:
        async with httpx2.AsyncClient(timeout=30) as client:
            posts = [
                client.post(f"{here.bot.url}/webhooks/linear", content=raw, headers=headers)
                for raw, headers in map(another, range(50))
            ]
            return {answer.status_code for answer in await asyncio.gather(*posts)}

    assert asyncio.run(storm()) == {200}
    here.wait_labelled(issue, "planned")
    here.settle()
    made = here.made(issue)
    replies = len([comment for comment in made["comments"] if comment["parentId"]])
    assert_one_of_each(made, replies=replies)
    assert replies <= 2, "all joined one run, or came so late that one more looked and found the plan"


def test_the_label_again_on_a_planned_issue(here: World) -> None:
    issue = here.issue("Pressed again")
    before = here.planned(issue)
    here.press(issue)
    here.wait(lambda: len(here.made(issue)["comments"]) == 3, "a second reply")
    after = here.wait_labelled(issue, "planned")
    assert_one_of_each(after, replies=2)
    assert before["documents"] == after["documents"]
    assert before["subissues"] == after["subissues"]
    assert "Nothing it was made from has changed since" in after["comments"][-1]["body"]


def test_people_edits_survive_the_label_pressed_again(here: World) -> None:
    issue = here.issue("Edited in between")
    before = here.planned(issue)
    here.sandbox.people.edit(before["documents"][0]["id"], {"content": "# Ours now\n\nWe know better."})
    here.sandbox.people.edit(before["subissues"][0]["id"], {"title": "Renamed by a person", "description": "Mine."})
    here.press(issue)
    after = here.wait_labelled(issue, "planned")
    here.settle()
    assert "We know better." in after["documents"][0]["content"]
    assert after["subissues"][0]["title"] == "Renamed by a person"
    assert after["subissues"][0]["description"] == "Mine."


def test_what_was_thrown_away_is_made_again_under_another_id(here: World) -> None:
    issue = here.issue("Thrown away")
    before = here.planned(issue)
    here.sandbox.people.throw_away(before["documents"][0]["id"])
    here.sandbox.people.throw_away(before["subissues"][1]["id"])
    here.press(issue)
    after = here.wait_labelled(issue, "planned")
    here.settle()
    after = here.made(issue)
    assert_one_of_each(after, replies=2)
    assert before["documents"][0]["id"] != after["documents"][0]["id"]
    assert len(before["subissues"]) == len(after["subissues"])


def test_a_one_day_bug_gets_a_short_plan_and_no_sub_issues(here: World) -> None:
    issue = here.issue("Typo in the 429 message", "The 429 body says `to many requests`. Fix the spelling.")
    made = here.planned(issue)
    assert len(made["documents"]) == 1
    assert made["subissues"] == []
    assert "## Technology Stack" in made["documents"][0]["content"]


def test_an_issue_with_nothing_to_plan_from_is_asked_about_and_woken_by_an_edit(here: World) -> None:
    issue = here.issue("Make it better", "## What\n\n## Why\n\n")
    here.press(issue)
    here.wait(lambda: "nothing here to plan from yet" in here.comment(issue), "a question")
    here.settle()
    assert here.made(issue)["labels"] == ["needs-plan"], "the label stays"
    assert not here.made(issue)["documents"]
    here.sandbox.people.edit(issue, {"description": "The search must answer within 200 ms at p95 for 1,000 users."})
    made = here.wait_labelled(issue, "planned")
    assert len(made["documents"]) == 1
    assert len([comment for comment in made["comments"] if not comment["parentId"]]) == 1


def test_a_comment_wakes_it_too(here: World) -> None:
    issue = here.issue("Make it faster", "")
    here.press(issue)
    here.wait(lambda: "nothing here to plan from yet" in here.comment(issue), "a question")
    here.settle()
    here.sandbox.comment(issue, "The search must answer within 200 ms at p95 for 1,000 users at once.")
    assert here.wait_labelled(issue, "planned")["documents"]


def test_plan_on_an_empty_issue_without_the_label_is_woken_by_an_edit_too(here: World) -> None:
    issue = here.issue("Asked for by comment, empty", "")
    here.sandbox.comment(issue, "/plan")
    here.wait(lambda: "nothing here to plan from yet" in here.comment(issue), "a question")
    assert "needs-plan" not in here.comment(issue)
    here.settle()
    here.sandbox.people.edit(issue, {"description": "The search must answer within 200 ms at p95 for 1,000 users."})
    assert here.wait_labelled(issue, "planned")["documents"]


def test_a_comment_after_the_label_was_taken_off_wakes_nothing(here: World) -> None:
    issue = here.issue("No longer wanted", "")
    here.press(issue)
    here.wait(lambda: "nothing here to plan from yet" in here.comment(issue), "a question")
    here.settle()
    here.press(issue, on=False)
    here.sandbox.comment(issue, "We decided against it: the vendor does this for us from next month on.")
    here.wait(lambda: "was taken off before I began" in here.comment(issue), "it says so")
    here.settle()
    assert not here.made(issue)["documents"]


def test_an_edit_while_the_run_concludes_that_there_is_nothing_is_not_lost(here: World) -> None:
    issue = here.issue("Label first, text second", "")
    here.sandbox.faults.add("CommentUpdate", "slow", seconds=2)
    here.press(issue)
    here.wait(lambda: here.comment(issue), "it is acknowledged")
    here.wait(lambda: "CommentUpdate" in here.sandbox.log.counted(), "it is about to say that there is nothing")
    here.sandbox.people.edit(issue, {"description": "The search must answer within 200 ms at p95 for 1,000 users."})
    made = here.wait_labelled(issue, "planned")
    here.sandbox.faults.clear()
    assert len(made["documents"]) == 1


@pytest.mark.parametrize(("state", "word"), [("completed", "completed"), ("canceled", "canceled")])
def test_a_closed_issue_gets_one_line_and_no_plan(here: World, state: str, word: str) -> None:
    issue = here.issue(f"Closed: {state}")
    here.sandbox.people.edit(issue, {"state": state})
    here.press(issue)
    here.wait(lambda: here.comment(issue) == f"This issue is {word}, so I made no plan.", "one line")
    here.settle()
    made = here.made(issue)
    assert len(made["comments"]) == 1
    assert not made["documents"]
    assert not made["subissues"]


def test_the_bot_leaves_its_own_words_alone(here: World) -> None:
    issue = here.issue("Own words")
    here.planned(issue)
    here.settle()
    own = here.made(issue)["comments"]
    runs = json.loads(here.bot.command("runs", "--json").stdout)
    assert len([run for run in runs if run["identifier"] == issue]) == 1
    assert len(own) == 2


def test_runs_and_show_tell_what_happened(here: World) -> None:
    issue = here.issue("Looked at by an operator")
    made = here.planned(issue)
    here.settle()
    shown = here.bot.command("show", issue)
    assert shown.returncode == 0, shown.stderr
    for word in ("done", "gather", "document", "sub-issues", "relations", "announce", "labels"):
        assert word in shown.stdout
    run = json.loads(here.bot.command("show", issue, "--json").stdout)
    assert run["state"] == "done"
    assert run["document_url"] == made["documents"][0]["url"]
    assert run["subissues"] == len(made["subissues"])
    assert here.bot.command("show", "ENG-99999").returncode == 1
    assert "ENG-99999" in here.bot.command("show", "ENG-99999").stderr


def test_the_foreground_command_plans_like_the_server(here: World, tmp_path: Path) -> None:
    issue = here.issue("From the command line")
    done = here.bot.command("plan", issue, "--out", str(tmp_path / "plan.md"))
    assert done.returncode == 0, done.stderr
    made = here.made(issue)
    assert_one_of_each(made)
    assert made["documents"][0]["url"] in done.stdout
    assert "## Executive Summary" in (tmp_path / "plan.md").read_text()


def test_as_an_app_the_bot_acts_as_itself(tmp_path: Path) -> None:
    with world(
        tmp_path,
        start=False,
        LINEAR_API_KEY="",
        LINEAR_CLIENT_ID=CLIENT_ID,
        LINEAR_CLIENT_SECRET=CLIENT_SECRET,
    ) as fresh:
        fresh.bot.environment["LINEAR_OAUTH_URL"] = fresh.sandbox.oauth_url
        fresh.bot.start()
        issue = fresh.issue("Asked of an app")
        assert_one_of_each(fresh.planned(issue))
        workspace = fresh.sandbox.workspace
        ids = {comment["id"] for comment in fresh.made(issue)["comments"]}
        authors = {workspace.users[workspace.comments[id_].user_id or ""].app for id_ in ids}
        assert authors == {True}
        assert CLIENT_SECRET not in fresh.bot.log


def test_a_dry_run_writes_nothing(here: World) -> None:
    issue = here.issue("Only looked at")
    before = len(here.sandbox.log.writes)
    done = here.bot.command("plan", issue, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "## Executive Summary" in done.stdout
    assert len(here.sandbox.log.writes) == before
    assert here.made(issue)["comments"] == []
