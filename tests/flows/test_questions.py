"""An issue that says too little: people are asked, and the run waits for them outside the engine, holding no slot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, answer_to, assert_one_of_each, world

MORE = "Partners must be able to export their orders as CSV.\nThe export must hold ten thousand rows a day."


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot"), NEEDS_PLAN_CONCURRENCY="1") as made:
        yield made


def asked(here: World, title: str, description: str = "Add an export.") -> str:
    issue = here.issue(title, description)
    here.press(issue)
    here.wait(lambda: "efore I plan" in "".join(here.replies(issue)), "it asks")
    here.settle()
    return issue


def root(here: World, issue: str) -> str:
    return next(str(each["id"]) for each in here.made(issue)["comments"] if not each["parentId"])


def reply(here: World, issue: str, body: str, by: str | None = None) -> str:
    return here.sandbox.people.comment(issue, body, parent=root(here, issue), by=by).id


def document(here: World, issue: str) -> str:
    return here.sandbox.workspace.document(here.made(issue)["documents"][0]["id"]).content or ""


def test_it_asks_and_keeps_the_label_and_holds_nobody_up(here: World) -> None:
    issue = asked(here, "Order export")
    said = here.replies(issue)[0]
    assert said.count("*If nobody answers:*") == 2
    assert "After 24h without a word I plan with what stands above" in said
    assert here.comment(issue).startswith("This says too little for a plan yet. 2 questions stand below")
    assert here.made(issue)["labels"] == ["needs-plan"]
    assert "I wait for you: 2 questions to people stand open." in answer_to(here, issue, "/plan status")
    # With a concurrency of one, the next is planned meanwhile.
    assert here.planned(here.issue("Planned meanwhile"))["documents"]
    assert not here.made(issue)["documents"]


def test_an_answer_by_number_is_understood_and_planned_with(here: World) -> None:
    issue = asked(here, "Export of orders")
    comment = reply(here, issue, f"1. {MORE}")
    made = here.wait_labelled(issue, "planned")
    here.settle()
    said = "".join(here.replies(issue))
    assert "I understood:" in said
    assert "2. nobody answered, so I assume: A hundred calls a second at most" in said
    assert "ten thousand rows a day" in document(here, issue)
    assert [each.emoji for each in here.sandbox.workspace.reactions.values() if each.comment_id == comment] == ["eyes"]
    assert len(made["documents"]) == 1
    assert len([each for each in here.made(issue)["comments"] if not each["parentId"]]) == 1
    assert said.count("efore I plan") == 1, "people are asked once"


def test_one_reply_without_numbers_answers_all(here: World) -> None:
    issue = asked(here, "Export for partners")
    reply(here, issue, MORE)
    here.wait_labelled(issue, "planned")
    here.settle()
    assert "I take that as the answer to all of them" in "".join(here.replies(issue))


def test_an_edit_of_the_description_is_an_answer_too(here: World) -> None:
    issue = asked(here, "Export, then described")
    here.sandbox.people.edit(issue, {"description": f"Add an export. {MORE}"})
    made = here.wait_labelled(issue, "planned")
    assert len(made["documents"]) == 1


def test_a_comment_elsewhere_and_a_guest_wake_nothing(here: World) -> None:
    issue = asked(here, "Export, talked about")
    here.sandbox.comment(issue, "By the way, we have lunch at noon.")
    reply(here, issue, MORE, by=next(each for each in here.sandbox.workspace.users.values() if each.guest).id)
    here.settle()
    assert not here.made(issue)["documents"]
    assert here.made(issue)["labels"] == ["needs-plan"]


def test_plan_all_the_same(here: World) -> None:
    issue = asked(here, "Export, all the same")
    here.sandbox.comment(issue, "/plan")
    here.wait_labelled(issue, "planned")
    assert len(here.made(issue)["documents"]) == 1


def test_cancel_ends_the_waiting(here: World) -> None:
    issue = asked(here, "Export, canceled")
    assert "Stopped." in answer_to(here, issue, "/plan cancel")
    reply(here, issue, MORE)
    here.settle()
    assert not here.made(issue)["documents"]


def test_questions_survive_a_restart_and_nobody_s_answer_is_the_default(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('answer_after = "never"\n')
    with world(tmp_path, NEEDS_PLAN_CONFIG=str(rules)) as here:
        issue = asked(here, "Export after a restart")
        assert "I wait until somebody does." in here.replies(issue)[0]
        here.bot.kill()
        rules.write_text('answer_after = "1s"\n')
        here.bot.start()
        made = here.wait_labelled(issue, "planned")
        here.settle()
        assert len(made["documents"]) == 1
        assert "(assumed: nobody answered)" in document(here, issue)
        assert_at_most_one(here, issue)


def test_an_answer_after_a_kill_counts(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        issue = asked(here, "Export, answered after a kill")
        here.bot.kill()
        here.bot.start()
        reply(
            here,
            issue,
            f"{MORE}\n\n- Each file carries a checksum.\n- Files are encrypted.\n- Support sees who took them.",
        )
        here.wait_labelled(issue, "planned")
        here.settle()
        assert "ten thousand rows a day" in document(here, issue)
        assert_at_most_one(here, issue)


def assert_at_most_one(here: World, issue: str) -> None:
    made = here.made(issue)
    assert len(made["documents"]) == 1
    assert len([each for each in made["comments"] if not each["parentId"]]) == 1
    if made["subissues"]:
        assert_one_of_each(made, replies=len(here.replies(issue)))
