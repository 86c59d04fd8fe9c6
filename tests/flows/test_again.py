"""Planning again, told as stories: nothing people wrote is lost, nothing is made twice, and it is said so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.merging import MARK
from tests.world import World, answer_to, assert_one_of_each, world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot")) as made:
        yield made


def again(
    here: World, issue: str, words: str = "/plan keep the counters in DynamoDB, and say how they are alarmed"
) -> Any:
    """Ask once more; answers what is made and the reply."""
    before = len(here.replies(issue))
    here.sandbox.comment(issue, words)
    here.wait(lambda: len(here.replies(issue)) > before, "a reply")
    here.wait_labelled(issue, "planned")
    here.settle()
    return here.made(issue), here.replies(issue)[-1]


def content(here: World, made: Any) -> str:
    return here.sandbox.workspace.document(made["documents"][0]["id"]).content or ""


def edit(here: World, made: Any, change: Callable[[str], str]) -> None:
    document = made["documents"][0]["id"]
    here.sandbox.people.edit(document, {"content": change(content(here, made))})


def test_people_s_words_in_the_document_stay_and_the_new_plan_comes_in(here: World) -> None:
    issue = here.issue("Edited, then planned again")
    made = here.planned(issue)
    edit(
        here,
        made,
        lambda text: text.replace(
            "## Architecture Diagram", "We agreed on eu-central-1 with Bo.\n\n## Architecture Diagram"
        ),
    )
    made, said = again(here, issue)
    assert_one_of_each(made, replies=2)
    text = content(here, made)
    assert "We agreed on eu-central-1 with Bo." in text
    assert "keep the counters in DynamoDB" in text
    assert "version 2" in said
    assert "What changed in the plan" in said
    assert "What people wrote in the document (1 part) stays as it is." in said
    assert "| Phase | Sub-issue |" in said
    assert "| 1 |" in text.split("+++ Versions")[1]
    assert "keep the counters in DynamoDB" in text.split("+++ Versions")[1], "why the second was made"


def test_where_both_changed_a_part_the_person_s_stays_and_the_bot_s_stands_below_it(here: World) -> None:
    issue = here.issue("Both changed it")
    made = here.planned(issue)
    first = next(line for line in content(here, made).splitlines() if line.startswith("**PostgreSQL 16"))
    edit(here, made, lambda text: text.replace(first, "**PostgreSQL 16**, which Bo's team runs for us already."))
    made, said = again(here, issue)
    text = content(here, made)
    assert text.index("which Bo's team runs for us already.") < text.index(MARK) < text.index("> **Amazon DynamoDB.**")
    assert 'marked "Suggested by needs-plan"' in said
    # Asking once more with nothing new adds nothing.
    made, said = again(here, issue, "/plan")
    assert content(here, made) == text
    assert "Nothing it was made from has changed since" in said


def test_sub_issues_are_told_apart_by_phase_and_left_to_people(here: World) -> None:
    issue = here.issue("Sub-issues again")
    made = here.planned(issue)
    ids = [each["id"] for each in made["subissues"]]
    assert len(ids) >= 3
    people = here.sandbox.people
    people.edit(ids[0], {"title": "Ours: store the limits in a table", "description": "Bo does this with Ann."})
    people.edit(ids[1], {"state": "started"})
    made, said = again(here, issue)
    workspace = here.sandbox.workspace
    assert workspace.issues[ids[0]].title == "Ours: store the limits in a table"
    assert workspace.issues[ids[0]].description == "Bo does this with Ann."
    assert {each["id"] for each in made["subissues"]} >= set(ids), "nothing was made twice"
    titles = [each["title"] for each in made["subissues"]]
    assert len(titles) == len(set(titles))
    assert "people edited it, so I left it" in said
    remarks = [each for each in workspace.comments.values() if each.issue_id == ids[0]]
    assert len(remarks) == 1
    assert "```diff" in remarks[0].body
    # The same wish is not told twice.
    again(here, issue, "/plan keep the counters in DynamoDB, and say how they are alarmed. Also name the owners")
    assert len([each for each in workspace.comments.values() if each.issue_id == ids[0]]) <= 2


def test_a_document_saved_by_somebody_between_the_read_and_the_write_is_told_of(here: World) -> None:
    issue = here.issue("Saved in between")
    made = here.planned(issue)
    document = made["documents"][0]["id"]
    here.sandbox.log.clear()
    here.sandbox.faults.add("DocumentUpdate", "slow", seconds=2, times=1)
    here.sandbox.comment(issue, "/plan keep the counters in DynamoDB, and say how they are alarmed")
    here.wait(lambda: "DocumentUpdate" in here.sandbox.log.counted(), "it is about to write")
    here.sandbox.people.edit(document, {"content": content(here, made) + "\n\nAnn wrote this in that very second.\n"})
    here.wait(lambda: len(here.replies(issue)) == 2, "a reply")
    said = here.replies(issue)[-1]
    kept = "Ann wrote this in that very second." in content(here, made)
    assert kept or "Linear keeps them in the document's version history" in said


def test_what_people_quote_in_an_open_thread_is_not_rewritten(here: World) -> None:
    issue = here.issue("Quoted")
    made = here.planned(issue)
    line = next(each for each in content(here, made).splitlines() if each.startswith("The plan takes "))
    here.sandbox.people.comment_on_document(made["documents"][0]["id"], "Is that so?", quoted=line)
    made, _ = again(here, issue)
    assert line in content(here, made)


def test_an_issue_that_covers_a_phase_is_linked_and_not_doubled(here: World) -> None:
    issue = here.issue("Covered")
    plain = here.planned(here.issue("The same, uncovered"))
    title = plain["subissues"][0]["title"]
    covering = here.issue(title)
    made = here.planned(issue)
    assert title not in [each["title"] for each in made["subissues"]]
    workspace = here.sandbox.workspace
    related = [
        each
        for each in workspace.relations.values()
        if each.type == "related" and workspace.issue(covering).id in (each.issue_id, each.related_issue_id)
    ]
    assert len(related) == 1
    made, said = again(here, issue)
    assert title not in [each["title"] for each in made["subissues"]]
    assert f"[{covering}]" in said


def test_the_comment_says_once_that_the_issue_has_moved_on(here: World) -> None:
    issue = here.issue("Moves on")
    here.planned(issue)
    here.settle()
    here.sandbox.comment(issue, "Thanks, this looks great to me!")
    here.settle()
    assert "Since this plan was made" not in here.comment(issue)
    here.sandbox.comment(issue, "The partners want their own limits to be visible in the dashboard as well.")
    here.wait(lambda: "Since this plan was made, 1 comment was added." in here.comment(issue), "it is said")
    here.sandbox.people.edit(issue, {"description": "Something else altogether, with two regions and no cache."})
    here.settle()
    assert here.comment(issue).count("Since this plan was made") == 1
    assert "the description was edited" in answer_to(here, issue, "/plan status")


def test_words_during_a_run_start_one_more_with_all_of_them_in_order(here: World) -> None:
    issue = here.issue("Talked to while it works")
    here.sandbox.log.clear()
    here.sandbox.faults.add("DocumentCreate", "slow", seconds=3, times=1)
    here.press(issue)
    here.wait(lambda: "DocumentCreate" in here.sandbox.log.counted(), "it is posting")
    assert "so I plan once more with them" in answer_to(here, issue, "/plan use DynamoDB for the counters")
    here.sandbox.comment(issue, "/plan and name an owner for each alarm")
    here.sandbox.comment(issue, "/plan")
    here.wait(lambda: "version 2" in "".join(here.replies(issue)), "one more plan")
    here.settle()
    made = here.made(issue)
    text = content(here, made)
    assert "use DynamoDB for the counters; and name an owner for each alarm" in text.split("+++ Versions")[1]
    assert "version 3" not in "".join(here.replies(issue))
    assert sum("so I plan once more with them" in each["body"] for each in made["comments"]) == 2


def test_undo_takes_back_what_nobody_touched_and_lists_the_rest(here: World) -> None:
    issue = here.issue("Undone")
    made = here.planned(issue)
    ids = [each["id"] for each in made["subissues"]]
    here.sandbox.comment(ids[0], "I have a question on this one.")
    said = answer_to(here, issue, "/plan undo")
    made = here.made(issue)
    assert [each["id"] for each in made["subissues"]] == [ids[0]]
    assert not made["documents"]
    assert "planned" not in made["labels"]
    assert "has comments" in said
    assert here.comment(issue).startswith("Taken back, as Priya")
    # What is planned later has other ids, and what stood is known again.
    later = here.planned(issue)
    assert len(later["documents"]) == 1
    assert ids[0] in [each["id"] for each in later["subissues"]]
    assert not {each["id"] for each in later["subissues"]} & set(ids[1:])
    assert len(later["subissues"]) == len(ids)


def test_undo_where_nothing_stands(here: World) -> None:
    assert answer_to(here, here.issue("Nothing to undo"), "/plan undo") == "There is nothing of mine here to take back."


def test_sub_issues_that_must_be_approved(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('[teams.ENG]\nsubissues = "ask"\n')
    with world(tmp_path, NEEDS_PLAN_CONFIG=str(tmp_path / "rules.toml")) as here:
        issue = here.issue("Approved by hand")
        made = here.planned(issue)
        assert made["subissues"] == []
        assert "These phases wait for approval" in here.comment(issue)
        here.sandbox.comment(issue, "/plan approve 9")
        here.wait(lambda: "lacks such a phase" in here.made(issue)["comments"][-1]["body"], "refused")
        here.sandbox.comment(issue, "/plan approve 1")
        here.wait(lambda: len(here.made(issue)["subissues"]) == 1, "the first")
        here.wait(lambda: "you approved" in "".join(here.replies(issue)), "an answer")
        here.settle()
        assert "`/plan approve 2`" in here.comment(issue)
        here.sandbox.comment(issue, "/plan approve")
        here.wait(lambda: "These phases wait" not in here.comment(issue), "all")
        here.settle()
        made = here.made(issue)
        assert len(made["documents"]) == 1
        assert len(made["subissues"]) >= 3
        assert made["relations"]
        here.sandbox.comment(issue, "/plan approve")
        here.wait(lambda: "Nothing waits for approval" in here.made(issue)["comments"][-1]["body"], "nothing left")
