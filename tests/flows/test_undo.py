"""`/plan undo` after every kind of human touch: it leaves exactly what people touched, and says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import World, answer_to, begin_slowly, world

Touch = Callable[[World, Any], None]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot")) as made:
        yield made


def edits(**values: object) -> Touch:
    return lambda here, made: here.sandbox.people.edit(made["subissues"][0]["id"], values) and None


def assigns(here: World, made: Any) -> None:
    here.sandbox.people.edit(made["subissues"][0]["id"], {"assigneeId": here.sandbox.people.default.id})


def labels(here: World, made: Any) -> None:
    here.sandbox.press_label(made["subissues"][0]["id"], "planned")


def comments(here: World, made: Any) -> None:
    here.sandbox.comment(made["subissues"][0]["id"], "Is this still right?")


def makes_a_child(here: World, made: Any) -> None:
    here.issue("A part of it", parentId=made["subissues"][0]["id"])


def relates(here: World, made: Any) -> None:
    other = here.sandbox.workspace.issue(here.issue("Another one")).id
    actor = here.sandbox.people._actor(None)
    given = {"issueId": made["subissues"][0]["id"], "relatedIssueId": other, "type": "related"}
    here.sandbox.writing.create_relation(actor, given)


def reacts(here: World, made: Any) -> None:
    actor = here.sandbox.people._actor(None)
    here.sandbox.writing.create_reaction(actor, {"issueId": made["subissues"][0]["id"], "emoji": "heart"})


def moves(here: World, made: Any) -> None:
    here.sandbox.people.edit(made["subissues"][0]["id"], {"parentId": None})


def edits_and_takes_back(here: World, made: Any) -> None:
    child = here.sandbox.workspace.issues[made["subissues"][0]["id"]]
    title = child.title
    here.sandbox.people.edit(child.id, {"title": "For a moment"})
    here.sandbox.people.edit(child.id, {"title": title})


def edits_the_document(here: World, made: Any) -> None:
    document = here.sandbox.workspace.document(made["documents"][0]["id"])
    here.sandbox.people.edit(document.id, {"content": f"{document.content}\n\nOur own note.\n"})


def comments_on_the_document(here: World, made: Any) -> None:
    here.sandbox.people.comment_on_document(made["documents"][0]["id"], "Is this still right?")


ON_A_SUB_ISSUE: dict[str, tuple[Touch, str]] = {
    "title": (edits(title="Ours"), "was edited"),
    "description": (edits(description="Ours."), "was edited"),
    "begun": (edits(state="started"), "was begun"),
    "done": (edits(state="completed"), "is in the state Done"),
    "priority": (edits(priority=1), "has another priority"),
    "estimate": (edits(estimate=3), "has an estimate"),
    "due date": (edits(dueDate="2026-12-24"), "has a due date"),
    "assignee": (assigns, "has an assignee"),
    "label": (labels, "has labels"),
    "comment": (comments, "has comments"),
    "child": (makes_a_child, "has sub-issues of its own"),
    "relation": (relates, "has relations"),
    "reaction": (reacts, "has reactions"),
    "moved": (moves, ""),
    "edited and taken back": (edits_and_takes_back, "was changed"),
}


@pytest.mark.parametrize("kind", ON_A_SUB_ISSUE)
def test_a_sub_issue_that_people_touched_is_left(here: World, kind: str) -> None:
    issue = here.issue(f"Undone after: {kind}")
    made = here.planned(issue)
    touch, why = ON_A_SUB_ISSUE[kind]
    touch(here, made)
    touched, *others = [each["id"] for each in made["subissues"]]
    said = answer_to(here, issue, "/plan undo")
    workspace = here.sandbox.workspace
    assert not workspace.issues[touched].trashed
    assert all(workspace.issues[each].trashed for each in others)
    assert workspace.document(made["documents"][0]["id"]).trashed
    assert not here.made(issue)["relations"]
    assert "planned" not in here.made(issue)["labels"]
    assert why in said, said


@pytest.mark.parametrize(
    ("touch", "why"), [(edits_the_document, "was edited"), (comments_on_the_document, "has comments")]
)
def test_a_document_that_people_touched_is_left(here: World, touch: Touch, why: str) -> None:
    issue = here.issue(f"Undone after the document {why}")
    made = here.planned(issue)
    touch(here, made)
    said = answer_to(here, issue, "/plan undo")
    workspace = here.sandbox.workspace
    assert not workspace.document(made["documents"][0]["id"]).trashed
    assert all(workspace.issues[each["id"]].trashed for each in made["subissues"])
    assert f"[the plan]({made['documents'][0]['url']}) {why}" in said.replace("<", "").replace(">", "")


def test_untouched_all_of_it_goes_and_undoing_again_finds_nothing(here: World) -> None:
    issue = here.issue("Undone untouched")
    made = here.planned(issue)
    said = answer_to(here, issue, "/plan undo")
    assert said.startswith(f"Taken back: the plan and {len(made['subissues'])} sub-issues.")
    assert answer_to(here, issue, "/plan undo") == "There is nothing of mine here to take back."


def test_while_a_plan_is_being_made_nothing_is_taken_back(here: World) -> None:
    issue = here.issue("Undone too early")
    begin_slowly(here, "DocumentCreate", 3.0, lambda: here.press(issue))
    assert "`/plan cancel` stops it" in answer_to(here, issue, "/plan undo")
    assert here.wait_labelled(issue, "planned")["documents"]


def test_killed_in_the_midst_of_it_the_rest_is_taken_back_and_all_of_it_is_told(here: World) -> None:
    issue = here.issue("Undone, with a kill")
    made = here.planned(issue)
    here.settle()
    here.sandbox.log.clear()
    here.sandbox.log.stop_at(3, "after")  # the reaction, the first sub-issue, the second
    comment = here.sandbox.comment(issue, "/plan undo")
    here.wait(lambda: here.sandbox.log.held, "a write is held")
    here.bot.kill()
    here.sandbox.release()
    here.bot.start()
    here.wait(lambda: [each for each in here.made(issue)["comments"] if each["parentId"] == comment], "an answer")
    (said,) = (each["body"] for each in here.made(issue)["comments"] if each["parentId"] == comment)
    assert said.startswith(f"Taken back: the plan and {len(made['subissues'])} sub-issues.")
    assert all(here.sandbox.workspace.issues[each["id"]].trashed for each in made["subissues"])
