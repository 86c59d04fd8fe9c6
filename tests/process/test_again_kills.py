"""SIGKILL after every write of planning again: people's words stand, nothing is doubled, and the reply tells it all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, assert_one_of_each, world, writes_of

pytestmark = [pytest.mark.timeout(600), pytest.mark.proof]

WISH = "/plan keep the counters in DynamoDB, and say how they are alarmed"
MINE = "This was agreed with the partners by hand."


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def edited(here: World, title: str, *, by_hand: bool) -> str:
    """A planned issue whose document, and perhaps one sub-issue, were edited by a person."""
    issue = here.issue(title)
    made = here.planned(issue)
    here.settle()
    document = here.sandbox.workspace.document(made["documents"][0]["id"])
    content = (document.content or "").replace("## Architecture Diagram", f"{MINE}\n\n## Architecture Diagram")
    here.sandbox.people.edit(document.id, {"content": content})
    if by_hand:
        here.sandbox.people.edit(made["subissues"][0]["id"], {"description": MINE})
    return issue


def assert_well(here: World, issue: str, *, by_hand: bool) -> None:
    here.wait(lambda: len(here.replies(issue)) == 2, "a reply")
    here.wait_labelled(issue, "planned")
    here.settle()
    made = here.made(issue)
    assert_one_of_each(made, replies=2)
    document = here.sandbox.workspace.document(made["documents"][0]["id"])
    content = document.content or ""
    assert content.count(MINE) == 1
    assert content.count("+++ Versions") == 1
    assert content.count("\n## ") == 7
    said = here.replies(issue)[-1]
    assert "What people wrote in the document (1 part) stays as it is." in said
    assert "**Technology:**" in said
    assert ("people edited it, so I left it" in said) is by_hand
    assert ("| updated |" in said) is not by_hand
    first = here.sandbox.workspace.issues[made["subissues"][0]["id"]]
    remarks = [each for each in here.sandbox.workspace.comments.values() if each.issue_id == first.id]
    assert len(remarks) == by_hand
    assert (first.description == MINE) is by_hand


@pytest.mark.parametrize("by_hand", [True, False])
def test_killed_after_every_write_of_planning_again(here: World, by_hand: bool) -> None:
    issue = edited(here, "Counted", by_hand=by_hand)
    before = len(here.sandbox.log.all)
    here.sandbox.comment(issue, WISH)
    assert_well(here, issue, by_hand=by_hand)
    writes = writes_of(here.sandbox.log.all[before:])
    assert {"DocumentUpdate", "CommentCreate", "CommentUpdate", "IssueUpdate"} <= set(writes)
    for number, name in enumerate(writes, start=1):
        issue = edited(here, f"Killed after write {number}, {name}", by_hand=by_hand)
        here.sandbox.log.stop_at(number, "after")
        here.sandbox.comment(issue, WISH)
        here.wait(lambda: here.sandbox.log.held, f"write {number}, {name}, is held")
        here.bot.kill()
        here.sandbox.release()
        here.bot.start()
        assert_well(here, issue, by_hand=by_hand)
    print(f"killed after each of {len(writes)} writes: {', '.join(writes)}")
