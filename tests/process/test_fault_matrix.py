"""Every request of a run, found by doing one, times everything the stand-in can do wrong to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from linear.sandbox.faults import KINDS
from tests.world import World, assert_one_of_each, world

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1500)]

# What ends a run instead of passing, and what only means something for one kind of operation.
LASTING = {"unauthorized", "forbidden", "content_conflict"}
SPECIAL = {"half_batch": {"IssueBatchCreate"}, "half_aliases": {"IssueRelationCreate"}}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.planned(made.issue("The first plan of a workspace makes its label"))
        made.settle()
        yield made


def requests_of_a_run(here: World) -> list[tuple[str, int, bool]]:
    """Each request by its operation, which one of that name it is, and whether it writes."""
    here.sandbox.log.clear()
    here.planned(here.issue("The run whose requests are counted"))
    here.settle()
    seen: dict[str, int] = {}
    found: list[tuple[str, int, bool]] = []
    for asked in here.sandbox.log.all:
        seen[asked.operation] = seen.get(asked.operation, 0) + 1
        found.append((asked.operation, seen[asked.operation], asked.write is not None))
    return found


@pytest.mark.parametrize("outcome", ["passes", "lasts"])
def test_every_request_times_every_fault(here: World, outcome: Literal["passes", "lasts"]) -> None:
    requests = requests_of_a_run(here)
    tried = 0
    for operation, number, writes in requests:
        for kind in KINDS:
            if (kind in LASTING) != (outcome == "lasts"):
                continue
            if operation not in SPECIAL.get(kind, {operation}) or (kind == "late" and not writes):
                continue
            issue = here.issue(f"{kind} at {operation} {number}")
            fault = here.sandbox.faults.add(operation, kind, on_call=number)
            here.press(issue)
            here.wait(
                lambda issue=issue: (
                    set(here.made(issue)["labels"]) & {"planned", "plan-failed"}
                    and "needs-plan" not in here.made(issue)["labels"]
                ),
                f"{issue} ends, with {kind} at {operation} {number}",
            )
            here.settle()
            here.sandbox.faults.clear()
            made = here.made(issue)
            if outcome == "lasts" and "plan-failed" in made["labels"]:
                # A true notice that names the next step; and the next press finishes what is half made.
                told = "is written, but I could not finish." if made["documents"] else "I could not plan this."
                assert told in here.comment(issue), (operation, number, kind)
                assert "put `needs-plan` on the issue once more or comment `/plan`." in here.comment(issue)
                here.planned(issue)
                here.settle()
                made = here.made(issue)
            replies = len([comment for comment in made["comments"] if comment["parentId"]])
            assert_one_of_each(made, replies=replies)
            assert fault.struck == 1, (operation, number, kind)
            tried += 1
    print(f"{tried} faults at {len(requests)} requests: all end with one of each")
    assert tried >= len(requests)
