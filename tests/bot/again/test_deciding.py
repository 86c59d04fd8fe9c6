"""What becomes of each sub-issue when a plan is made again, as a table of what people did and what the plan says."""

from __future__ import annotations

from typing import Any

import pytest

from bot.again.deciding import Draft, decide
from bot.again.touched import touches
from bot.store.ledger import Entry
from linear.planned import PlanSubIssue

ME, BO = "me", "bo"
TEXT = "Do it well.\n\n- [ ] one\n- [ ] two\n\nPhase key: `store`"
AS_LINEAR_SAYS_IT = "Do it well.\n\n* [ ] one\n* [ ] two\n\nPhase key: `store`\n"
POSTED = {
    "title": "Store limits",
    "state_id": "backlog",
    "parent_id": "parent",
    "priority": 2,
    "project_id": "p",
    "project_milestone_id": None,
    "estimate": None,
}
SAME = Draft("store", "Store limits", TEXT, 1000.0)
OTHER = Draft("store", "Store limits", TEXT.replace("two", "three"), 1000.0)


def entry(text: str | None = TEXT, **fields: Any) -> Entry:
    return Entry(
        organization_id="o",
        issue_id="parent",
        kind="sub-issue",
        phase_key="store",
        linear_id="id-1",
        state="made",
        text=text,
        fields={**POSTED, **fields} if text is not None else None,
    )


def issue(**given: Any) -> PlanSubIssue:
    as_it_is: dict[str, Any] = {
        "id": "id-1",
        "identifier": "ENG-2",
        "title": "Store limits",
        "description": AS_LINEAR_SAYS_IT,
        "updatedAt": "2026-11-23T10:00:00.000Z",
        "priority": 2,
        "state": {"id": "s", "name": "Backlog", "type": "backlog"},
        "project": {"id": "p"},
        "parent": {"id": "parent"},
        "relations": {"nodes": [{"id": "our-relation"}]},
        "history": {"nodes": [{"createdAt": "2026-11-23T10:00:00.000Z", "actor": {"id": ME}}]},
    }
    return PlanSubIssue.model_validate({**as_it_is, **given})


def state(type_: str) -> dict[str, Any]:
    return {"state": {"id": "s", "name": type_.capitalize(), "type": type_}}


CANCELED = state("canceled")
EDITED = {"description": f"{AS_LINEAR_SAYS_IT}\nBo does this."}

WANTED = [
    pytest.param(SAME, None, issue(), "created", id="a new phase"),
    pytest.param(SAME, entry(), issue(), "same", id="nothing changed"),
    pytest.param(OTHER, entry(), issue(), "updated", id="the plan changed it, nobody else"),
    pytest.param(SAME, entry(), issue(**EDITED), "same", id="people edited it, the plan did not"),
    pytest.param(OTHER, entry(), issue(**EDITED), "edited", id="both changed it"),
    pytest.param(OTHER, entry(), issue(title="Ours"), "edited", id="people gave it another title"),
    pytest.param(OTHER, entry(), issue(assignee={"id": BO}), "updated", id="assigned only: its words are the plan's"),
    pytest.param(OTHER, entry(), issue(**state("started")), "started", id="begun"),
    pytest.param(OTHER, entry(), issue(**state("completed")), "started", id="done"),
    pytest.param(OTHER, entry(), issue(**state("duplicate")), "started", id="a duplicate"),
    pytest.param(OTHER, entry(), issue(**state("odd")), "started", id="in a state of a kind not known"),
    pytest.param(SAME, entry(), issue(**state("completed")), "same", id="done, and nothing to change"),
    pytest.param(OTHER, entry(), issue(trashed=True), "removed", id="thrown away"),
    pytest.param(OTHER, entry(), None, "removed", id="gone"),
    pytest.param(OTHER, entry(None), issue(), "edited", id="no record of what was posted"),
    pytest.param(SAME, entry(None), issue(), "same", id="no record, but it says what the plan says"),
    pytest.param(OTHER, entry(canceled=True), issue(**CANCELED), "reopened", id="canceled by us, wanted again"),
    pytest.param(OTHER, entry(canceled=True), issue(**CANCELED, **EDITED), "started", id="canceled, and edited since"),
    pytest.param(OTHER, entry(), issue(**CANCELED), "started", id="canceled by people"),
    pytest.param(OTHER, entry(), issue(description=OTHER.description), "same", id="says it already"),
]


@pytest.mark.parametrize(("draft", "before", "stands", "what"), WANTED)
def test_a_phase_of_the_plan(draft: Draft, before: Entry | None, stands: PlanSubIssue | None, what: str) -> None:
    (step,) = decide(
        [draft],
        {"store": before} if before else {},
        {"id-1": stands} if stands else {},
        ours={"our-relation"},
        viewer=ME,
    )
    assert step.what == what
    assert bool(step.difference) == (what in ("edited", "started"))


def test_what_people_threw_away_with_the_plan_is_made_again() -> None:
    (step,) = decide([SAME], {"store": entry()}, {"id-1": issue(trashed=True)}, ours=(), viewer=ME, renew=True)
    assert step.what == "created"


@pytest.mark.parametrize(
    ("before", "stands", "what", "why"),
    [
        pytest.param(entry(), issue(), "canceled", (), id="untouched"),
        pytest.param(entry(), issue(**EDITED), "left", ("was edited",), id="edited"),
        pytest.param(entry(), issue(**state("started")), "left", ("was begun",), id="begun"),
        pytest.param(entry(canceled=True), issue(**CANCELED), "canceled", (), id="canceled already"),
        pytest.param(entry(), issue(**CANCELED), "left", ("is in the state Canceled",), id="canceled by people"),
        pytest.param(entry(None), issue(), "left", ("was edited",), id="no record"),
    ],
)
def test_a_phase_the_plan_no_longer_has(before: Entry, stands: PlanSubIssue, what: str, why: tuple[str, ...]) -> None:
    (step,) = decide([], {"store": before}, {"id-1": stands}, ours={"our-relation"}, viewer=ME)
    assert (step.what, step.why) == (what, why)


def test_a_dropped_phase_that_people_threw_away_is_no_news() -> None:
    assert decide([], {"store": entry()}, {"id-1": issue(trashed=True)}, ours=(), viewer=ME) == []


TOUCHES = [
    ({}, ()),
    ({"title": "Store all limits"}, ("was edited",)),
    ({"title": "  Store   limits "}, ()),
    ({"description": None}, ("was edited",)),
    ({"assignee": {"id": BO}}, ("has an assignee",)),
    ({"comments": {"nodes": [{"id": "c"}]}}, ("has comments",)),
    ({"comments": {"nodes": [{"id": "our-comment"}]}}, ()),
    ({"reactions": [{"user": {"id": BO}}]}, ("has reactions",)),
    ({"children": {"nodes": [{"id": "c"}]}}, ("has sub-issues of its own",)),
    ({"attachments": {"nodes": [{"id": "c"}]}}, ("has attachments",)),
    ({"documents": {"nodes": [{"id": "c"}]}}, ("has documents",)),
    ({"relations": {"nodes": [{"id": "theirs"}]}}, ("has relations",)),
    ({"inverseRelations": {"nodes": [{"id": "theirs"}]}}, ("has relations",)),
    ({"labelIds": ["l"]}, ("has labels",)),
    ({"estimate": 3.0}, ("has an estimate",)),
    ({"dueDate": "2026-12-01"}, ("has a due date",)),
    ({"cycle": {"id": "c"}}, ("is in a cycle",)),
    ({"priority": 1}, ("has another priority",)),
    ({"project": None}, ("was moved",)),
    ({"parent": {"id": "elsewhere"}}, ("was moved",)),
    ({"history": {"nodes": [{"createdAt": "x", "actor": {"id": BO}}]}}, ("was changed",)),
    ({"history": {"nodes": [{"createdAt": "x", "botActor": {"id": "github"}}]}}, ("was changed",)),
    ({"history": {"nodes": [{"createdAt": "x"}]}}, ()),
    ({"title": "x", "labelIds": ["l"]}, ("was edited", "has labels")),
]


@pytest.mark.parametrize(("did", "told"), TOUCHES, ids=[str(did)[:60] for did, _ in TOUCHES])
def test_what_people_did_is_told(did: dict[str, Any], told: tuple[str, ...]) -> None:
    assert touches(entry(), issue(**did), ours={"our-relation", "our-comment"}, viewer=ME) == told


def test_the_difference_is_what_the_plan_changed_and_not_what_people_did() -> None:
    (step,) = decide([OTHER], {"store": entry()}, {"id-1": issue(**EDITED)}, ours=(), viewer=ME)
    assert step.difference == "-- [ ] two\n+- [ ] three"
