"""From a plan to writes: the same ids for ever, the right fields, the right labels."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from bot.gather import Place
from bot.publication import (
    document_write,
    done_labels,
    edges,
    failed_labels,
    phases_to_create,
    subissues_write,
)
from bot.standing import id_of
from planner.plan import Plan
from planner.render import RenderFacts, phase_key_in

PLAN = Plan.model_validate(json.loads((Path(__file__).parents[1] / "standins" / "plan.json").read_text()))
FACTS = RenderFacts(
    identifier="ENG-1", issue_url="https://linear.app/acme/issue/ENG-1/x", author="m", generated_on="2026-11-22"
)
PLACE = Place(
    organization_id="org",
    issue_id="issue",
    identifier="ENG-1",
    title="Rate limit",
    url=FACTS.issue_url,
    revision="2026-11-22T10:00:00.000Z",
    team_id="team",
    state_id="state",
    priority=2,
    project_id="project",
    project_milestone_id="milestone",
    trigger_labels=("trigger", "trigger-of-the-team"),
    done_label="done",
    failed_label="failed",
    done_is_on=False,
    failed_is_on=False,
)


@pytest.mark.parametrize(
    ("kind", "key", "id"),
    [
        ("comment", "", "c3793f34-dc76-4dfc-b99e-a67d6ccf62d9"),
        ("document", "", "883b13bd-bd40-40fb-8abe-0cd4a6cbd7bb"),
        ("sub-issue", "key", "da284d4c-ab73-48f9-af70-35ddab9b8484"),
        ("relation", "key", "a01d72ee-fcbb-4803-bfb3-066c99eca0a7"),
        ("reply", "key", "9c446710-9d32-48a2-8eb9-ae53c98078e7"),
        ("reaction", "key", "577ae561-b892-4979-97ab-ef7d518ef3a3"),
    ],
)
def test_ids_never_change(kind: str, key: str, id: str) -> None:
    """Workspaces hold things under these ids: another id would make each of them twice."""
    made = id_of("org", "issue", kind, key, 0)  # pyright: ignore[reportArgumentType] - the table's words
    assert made == id
    assert UUID(made).version == 4
    assert made != id_of("org", "issue", kind, key, 1)  # pyright: ignore[reportArgumentType]


def test_the_document_is_titled_as_promised() -> None:
    write = document_write(PLACE, PLAN, FACTS, "id")
    assert write.title == "Plan: Rate limit"
    assert write.issue_id == "issue"
    assert "## Executive Summary" in write.content


def test_sub_issues_inherit_and_stand_in_order() -> None:
    phases = phases_to_create(PLAN, 12)
    ids = {phase.key: f"id-{phase.key}" for phase in phases}
    write = subissues_write(PLACE, PLAN, FACTS, phases, ids)
    assert [issue.id for issue in write.issues] == list(ids.values())
    for issue in write.issues:
        assert (issue.team_id, issue.parent_id, issue.state_id) == ("team", "issue", "state")
        assert (issue.priority, issue.project_id, issue.project_milestone_id) == (2, "project", "milestone")
        assert len(issue.title) <= 80
    orders = [issue.sub_issue_sort_order or 0 for issue in write.issues]
    assert orders == sorted(set(orders))
    assert [phase_key_in(issue.description) for issue in write.issues] == [phase.key for phase in phases]


def test_a_plan_of_one_phase_makes_no_sub_issue_and_there_are_never_too_many() -> None:
    single = PLAN.model_copy(update={"phases": [PLAN.phases[0].model_copy(update={"depends_on": []})]})
    assert phases_to_create(single, 12) == ()
    assert len(phases_to_create(PLAN, 2)) == 2


def test_relations_run_from_what_comes_first_and_leave_out_what_is_not_there() -> None:
    ids = {phase.key: f"id-{phase.key}" for phase in PLAN.phases}
    wanted = {(f"id-{before}", f"id-{phase.key}") for phase in PLAN.phases for before in phase.depends_on}
    assert set(edges(PLAN, ids, {})) == wanted
    assert wanted
    first = PLAN.phases[0].key
    rest = {key: id_ for key, id_ in ids.items() if key != first}
    assert all(f"id-{first}" not in edge for edge in edges(PLAN, rest, {}))


def test_an_issue_of_people_s_that_covers_a_phase_blocks_ours_and_is_blocked_by_none() -> None:
    ids = {phase.key: f"id-{phase.key}" for phase in PLAN.phases}
    first, last = PLAN.phases[0].key, PLAN.phases[-1].key
    waiting = {phase.key for phase in PLAN.phases if first in phase.depends_on}
    assert waiting
    made = edges(PLAN, {key: id_ for key, id_ in ids.items() if key != first}, {first: "theirs"})
    assert {after for before, after in made if before == "theirs"} == {ids[key] for key in waiting}
    assert "theirs" not in {after for _, after in made}
    assert PLAN.phases[-1].depends_on
    made = edges(PLAN, {key: id_ for key, id_ in ids.items() if key != last}, {last: "theirs"})
    assert all(after != "theirs" for _, after in made)


@pytest.mark.parametrize(
    ("failed_is_on", "label", "added", "removed"),
    [
        pytest.param(False, "done", ("done",), ("trigger", "trigger-of-the-team"), id="first plan"),
        pytest.param(True, "done", ("done",), ("trigger", "trigger-of-the-team", "failed"), id="after a failure"),
        pytest.param(False, None, (), ("trigger", "trigger-of-the-team"), id="no label may be made"),
    ],
)
def test_done_labels(failed_is_on: bool, label: str | None, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    write = done_labels(PLACE.model_copy(update={"failed_is_on": failed_is_on}), label)
    assert (write.added, write.removed) == (added, removed)


@pytest.mark.parametrize(("done_is_on", "added"), [(False, ("failed",)), (True, ())])
def test_an_issue_whose_plan_stands_stays_planned_when_another_run_fails(
    done_is_on: bool, added: tuple[str, ...]
) -> None:
    write = failed_labels(PLACE.model_copy(update={"done_is_on": done_is_on}), "failed")
    assert (write.added, write.removed) == (added, ("trigger", "trigger-of-the-team"))
