"""SIGKILL after every single write, lost answers, lost databases: afterwards there is exactly one of each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, assert_one_of_each, world, writes_of

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def enumerate_writes(here: World) -> list[str]:
    """The writes of a whole run, by doing one. The first run of a workspace makes its label, so it is not the one."""
    here.planned(here.issue("The first plan of this workspace"))
    here.settle()
    before = len(here.sandbox.log.all)
    issue = here.issue("The run whose writes are counted")
    assert_one_of_each(here.planned(issue))
    here.settle()
    writes = writes_of(here.sandbox.log.all[before:])
    assert {"ReactionCreate", "CommentCreate", "DocumentCreate", "IssueBatchCreate", "IssueUpdate"} <= set(writes)
    return writes


@pytest.mark.proof
def test_killed_after_every_write_in_turn(here: World) -> None:
    writes = enumerate_writes(here)
    for number, name in enumerate(writes, start=1):
        issue = here.issue(f"Killed after write {number}, {name}")
        here.sandbox.log.stop_at(number, "after")
        here.press(issue)
        here.wait(lambda: here.sandbox.log.held, f"write {number}, {name}, is held")
        here.bot.kill()
        here.sandbox.release()
        here.bot.start()
        here.wait_labelled(issue, "planned")
        here.settle()
        assert_one_of_each(here.made(issue))
    print(f"killed after each of {len(writes)} writes: {', '.join(writes)}")


@pytest.mark.proof
def test_answer_lost_after_every_write_in_turn(here: World) -> None:
    writes = enumerate_writes(here)
    for number, name in enumerate(writes, start=1):
        issue = here.issue(f"Answer lost after write {number}, {name}")
        fault = here.sandbox.faults.add("*mutation", "reset_after", on_call=number)
        here.press(issue)
        here.wait_labelled(issue, "planned")
        here.settle()
        assert fault.struck == 1, f"write {number} was never asked for"
        here.sandbox.faults.clear()
        assert_one_of_each(here.made(issue))
    print(f"answer lost after each of {len(writes)} writes: {', '.join(writes)}")


@pytest.mark.proof
def test_database_lost_after_every_write_in_turn(here: World) -> None:
    """Killed, the database deleted, started again, the label pressed again: nothing is known but what Linear shows."""
    writes = enumerate_writes(here)
    for number, name in enumerate(writes, start=1):
        issue = here.issue(f"Database lost after write {number}, {name}")
        here.sandbox.log.stop_at(number, "after")
        here.press(issue)
        here.wait(lambda: here.sandbox.log.held, f"write {number}, {name}, is held")
        here.bot.kill()
        shutil.rmtree(here.directory / "data")
        here.sandbox.release()
        here.bot.start()
        here.press(issue, on=False)
        here.press(issue)
        here.wait_labelled(issue, "planned")
        here.settle()
        made = here.made(issue)
        # The reply answers a request; the second press is another one.
        assert_one_of_each(made, replies=len([comment for comment in made["comments"] if comment["parentId"]]))
        assert len(made["comments"]) <= 3
        if "DocumentCreate" in writes[:number]:
            # Whose words stand in it is not known any more: it is left as it is, and the reply does not pretend.
            assert "I do not write over a plan that stands." in made["comments"][-1]["body"]


def test_a_run_that_failed_after_its_sub_issues_is_finished_by_the_next_press(here: World) -> None:
    here.planned(here.issue("The first plan of this workspace"))
    issue = here.issue("Fails at the relations")
    here.sandbox.faults.add("IssueRelationCreate", "forbidden", times=0)
    here.press(issue)
    failed = here.wait_labelled(issue, "plan-failed")
    here.settle()
    assert failed["subissues"]
    assert not failed["relations"]
    assert "is written, but I could not finish." in here.comment(issue)
    here.sandbox.faults.clear()
    done = here.planned(issue)
    here.settle()
    done = here.made(issue)
    assert_one_of_each(done, replies=2)
    assert failed["documents"] == done["documents"]
    assert [each["id"] for each in failed["subissues"]] == [each["id"] for each in done["subissues"]]


def test_stopped_politely_in_the_middle_it_goes_on(here: World) -> None:
    here.planned(here.issue("The first plan of this workspace"))
    issue = here.issue("Stopped by SIGTERM")
    here.sandbox.log.stop_at(5, "after")
    here.press(issue)
    here.wait(lambda: here.sandbox.log.held, "a write is held")
    assert here.bot.stop() == 0
    here.sandbox.release()
    here.bot.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))
    assert "Traceback" not in here.bot.log
