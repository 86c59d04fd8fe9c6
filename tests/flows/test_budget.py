"""What a plan costs in Linear's requests and points, counted by the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World, assert_one_of_each, world

CONTEXT, WHOLE_RUN, POINTS = 1, 12, 1_500


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot")) as made:
        made.planned(made.issue("The first plan of a workspace makes its label"))
        made.settle()
        yield made


def test_a_plan_costs_at_most_twelve_requests_and_1500_points(here: World) -> None:
    here.sandbox.log.clear()
    issue = here.issue()
    made = here.planned(issue)
    here.settle()
    assert_one_of_each(made)
    counted = here.sandbox.log.counted()
    for name, used in counted.items():
        print(f"{name:24} {used.requests:3} requests {used.points:5} points")
    requests = sum(used.requests for used in counted.values())
    points = sum(used.points for used in counted.values())
    print(f"{'in all':24} {requests:3} requests {points:5} points for {len(made['subissues'])} sub-issues")
    assert counted["IssueContext"].requests == CONTEXT
    assert requests <= WHOLE_RUN
    assert points <= POINTS


def test_a_document_linked_in_text_costs_one_more(here: World) -> None:
    workspace = here.sandbox.workspace
    document = next(row for row in workspace.documents.values() if row.project_id)
    issue = here.issue("With a link", f"As {workspace.url(document)} says, the limits must hold.\n\n- They hold.")
    here.sandbox.log.clear()
    here.planned(issue)
    here.settle()
    counted = here.sandbox.log.counted()
    assert counted["IssueContext"].requests == CONTEXT
    assert counted["DocumentsBySlug"].requests == 1
    text = here.made(issue)["documents"][0]["content"]
    assert "limits must hold" in text


def test_an_issue_beyond_the_first_pages_is_read_whole(here: World) -> None:
    issue = here.issue("With 120 comments")
    for number in range(120):
        here.sandbox.comment(issue, f"Comment number {number}: nothing is lost, not even this word: w{number}w.")
    here.sandbox.log.clear()
    here.planned(issue)
    here.settle()
    counted = here.sandbox.log.counted()
    assert counted["IssueContext"].requests == CONTEXT
    assert counted["IssueComments"].requests == 2
    run = here.bot.command("show", issue)
    assert "120 comments" in run.stdout
