"""What only the real Linear can tell. Opt-in: see README.md here."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator

import pytest

from linear.auth import ApiKey
from linear.client import Linear
from linear.ids import stable_id
from linear.writes import (
    CreateComment,
    CreateDocument,
    CreateIssues,
    CreateReaction,
    NewIssue,
    NewRelation,
    RelateIssues,
    SwapLabels,
    UpdateComment,
)

pytestmark = pytest.mark.live

API = "https://api.linear.app/graphql"


def need(name: str) -> str:
    value = os.environ.get(name)  # noqa: TID251 - the tests' own keys
    if not value:
        pytest.fail(f"{name} is not set; tests/live/README.md says what live tests need", pytrace=False)
    return value


@pytest.fixture
async def linear() -> AsyncIterator[Linear]:
    client = await Linear.open(API, ApiKey(need("LINEAR_API_KEY")))
    yield client
    await client.aclose()


@pytest.fixture
async def issue(linear: Linear) -> tuple[str, str]:
    """A new issue (id) in the live team (id)."""
    key = need("LIVE_TEAM")
    team = next((team for team in await linear.teams() if team.key == key), None)
    assert team is not None, f"the key sees no team {key}"
    id_ = str(uuid.uuid4())
    root = NewIssue(id=id_, team_id=team.id, title="needs-plan live test", description="Throw me away.")
    await linear.apply(CreateIssues(issues=(root,)))
    return id_, team.id


async def test_every_create_finds_itself_the_second_time(linear: Linear, issue: tuple[str, str]) -> None:
    """Does Linear refuse a known id for each entity in the way the stand-in does?"""
    issue_id, team_id = issue
    comment = CreateComment(id=str(uuid.uuid4()), issue_id=issue_id, body="first")
    children = tuple(
        NewIssue(id=stable_id(issue_id, n), team_id=team_id, parent_id=issue_id, title=f"child {n}", description="x")
        for n in range(2)
    )
    writes = [
        CreateReaction(id=str(uuid.uuid4()), emoji="eyes", issue_id=issue_id),
        comment,
        CreateDocument(id=str(uuid.uuid4()), issue_id=issue_id, title="Plan: live", content="# A\n\ntext"),
        CreateIssues(issues=children),
        RelateIssues(
            relations=(
                NewRelation(
                    id=str(uuid.uuid4()), issue_id=children[0].id, related_issue_id=children[1].id, type="blocks"
                ),
            )
        ),
    ]
    for write in writes:
        first = await linear.apply(write)
        second = await linear.apply(write)
        assert {"made"} == {thing.standing for thing in first.things}, write.kind
        assert {"found"} == {thing.standing for thing in second.things}, write.kind
    edited = await linear.apply(UpdateComment(id=comment.id, body="second"))
    assert edited.thing.standing == "made"


async def test_a_batch_with_one_known_id_makes_the_rest(linear: Linear, issue: tuple[str, str]) -> None:
    """Is a refused batch atomic, and does reading back find what stands?"""
    issue_id, team_id = issue
    children = tuple(
        NewIssue(id=stable_id(issue_id, n), team_id=team_id, parent_id=issue_id, title=f"child {n}", description="x")
        for n in range(3)
    )
    await linear.apply(CreateIssues(issues=children[:1]))
    made = await linear.apply(CreateIssues(issues=children))
    assert [thing.standing for thing in made.things] == ["found", "made", "made"]


async def test_the_context_is_one_request_within_its_price(linear: Linear, issue: tuple[str, str]) -> None:
    """What does Linear really charge for the context?"""
    before = linear.points
    await linear.issue_context(issue[0], label_names=("needs-plan", "planned"), asked_by=None)
    charged = linear.points - before
    print(f"Linear charged {charged} points for the context")
    assert 0 < charged <= 1_300


async def test_swapping_a_label_that_is_not_on_the_issue(linear: Linear, issue: tuple[str, str]) -> None:
    """Does Linear take the removal of a label that is not there?"""
    labels = await linear.labels_named(("needs-plan",))
    assert labels, "make a label `needs-plan` first"
    await linear.apply(SwapLabels(issue_id=issue[0], removed=(labels[0].id,)))
