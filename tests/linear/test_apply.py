"""apply(write): make it so, or find it made. Each write against made, lost, refused, half done and gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linear.client import Linear
from linear.errors import LinearError, NotFound, Rejected, Unauthorized, Unreachable
from linear.ids import stable_id
from linear.writes import (
    CreateComment,
    CreateDocument,
    CreateIssues,
    CreateLabel,
    CreateReaction,
    Made,
    NewIssue,
    NewRelation,
    RelateIssues,
    SwapLabels,
    UpdateComment,
    UpdateDocument,
)
from tests.linear.scripted import (
    RESET,
    Clock,
    Reply,
    Request,
    Script,
    Step,
    answer,
    conflict,
    data,
    error,
    html,
    not_found,
    page,
)

ISSUE = stable_id("issue")
A, B, C = (stable_id("sub-issue", each) for each in "abc")
THEN = "2026-11-22T12:00:00.000Z"
GONE = {"archivedAt": THEN}
COMMENT = CreateComment(id=stable_id("comment"), issue_id=ISSUE, body="Reading the issue.")
DOCUMENT = CreateDocument(id=stable_id("document"), issue_id=ISSUE, title="Plan: x", content="# Plan")
ISSUES = CreateIssues(
    issues=tuple(
        NewIssue(
            id=each, team_id=stable_id("team"), parent_id=ISSUE, title=f"Phase {place}", description="d", priority=2
        )
        for place, each in enumerate((A, B, C), 1)
    )
)
RELATIONS = RelateIssues(
    relations=(
        NewRelation(id=stable_id("r", 1), issue_id=A, related_issue_id=B),
        NewRelation(id=stable_id("r", 2), issue_id=B, related_issue_id=C),
    )
)
R1, R2 = (each.id for each in RELATIONS.relations)


def row(id_: str, **more: object) -> dict[str, object]:
    return {"id": id_, "url": f"https://linear.app/x/{id_}", "updatedAt": THEN, **more}


def created(entity: str, id_: str) -> Reply:
    return data(**{f"{entity}Create": {"success": True, entity: row(id_)}})


def batch(*ids: str) -> Reply:
    issues = [row(id_, identifier=f"ENG-{id_[:4]}") for id_ in ids]
    return data(issueBatchCreate={"success": True, "issues": issues})


def issues_standing(*nodes: dict[str, object]) -> Reply:
    return data(issues={"nodes": list(nodes)})


def relations_standing(*joined: tuple[str, str], type_: str = "blocks", cursor: str | None = None) -> Reply:
    by_issue: dict[str, list[dict[str, object]]] = {}
    for issue, related in joined:
        by_issue.setdefault(issue, []).append(
            {"id": stable_id("other", issue, related), "type": type_, "relatedIssue": {"id": related}}
        )
    nodes = [{"id": issue, "relations": page(*found, cursor=cursor)} for issue, found in by_issue.items()]
    return data(issues={"nodes": nodes})


def related(count: int) -> Reply:
    return data(**{f"r{n}": {"success": True, "issueRelation": {"id": "x"}} for n in range(count)})


def standings(made: Made) -> list[str]:
    return [each.standing for each in made.things]


# --- one comment, one document ---------------------------------------------------------------------------------------

ONE = pytest.mark.parametrize(("write", "entity"), [(COMMENT, "comment"), (DOCUMENT, "document")], ids=str)


@ONE
async def test_a_create_that_is_answered_is_made(linear: Linear, script: Script, write: Any, entity: str) -> None:
    script.then(created(entity, write.id))
    made = await linear.apply(write)
    assert (made.thing.id, made.thing.standing, made.thing.revision) == (write.id, "made", THEN)
    assert script.requests[0].input["id"] == write.id
    assert script.requests[0].input["issueId"] == ISSUE
    assert "kind" not in script.requests[0].input
    assert "parentId" not in script.requests[0].input


@ONE
async def test_a_lost_answer_is_found_by_the_next_attempt(
    linear: Linear, script: Script, write: Any, entity: str
) -> None:
    script.then(RESET, conflict(entity.title(), write.id), data(**{entity: row(write.id)}))
    made = await linear.apply(write)
    assert (made.thing.standing, made.thing.url) == ("found", f"https://linear.app/x/{write.id}")
    assert [each.operation for each in script.requests] == [
        f"{entity.title()}Create", f"{entity.title()}Create", f"Standing{entity.title()}",
    ]  # fmt: skip
    assert script.requests[0].input == script.requests[1].input


@ONE
@pytest.mark.parametrize("gone", [{"trashed": True}, {"archivedAt": THEN}], ids=["trashed", "archived"])
async def test_what_reads_back_as_trashed_is_gone(
    linear: Linear, script: Script, write: Any, entity: str, gone: Any
) -> None:
    script.then(conflict(entity.title(), write.id), data(**{entity: row(write.id, **gone)}))
    assert (await linear.apply(write)).thing.standing == "gone"


@ONE
async def test_refused_and_never_readable_is_gone(
    linear: Linear, script: Script, clock: Clock, write: Any, entity: str
) -> None:
    script.then(conflict(entity.title(), write.id), *[not_found(entity.title())] * 3)
    assert (await linear.apply(write)).thing.standing == "gone"
    assert clock.slept == [0.25, 1.0]


@ONE
async def test_refused_and_readable_a_little_later_is_found(
    linear: Linear, script: Script, write: Any, entity: str
) -> None:
    script.then(conflict(entity.title(), write.id), not_found(entity.title()), data(**{entity: row(write.id)}))
    assert (await linear.apply(write)).thing.standing == "found"


@ONE
@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (not_found("Issue"), NotFound),
        (conflict("DocumentContent", COMMENT.id), Rejected),
        (conflict("Comment", stable_id("someone else's")), Rejected),
        (error("Forbidden", http=403, type="forbidden"), Unauthorized),
        (error("usage limit exceeded", type="usage limit exceeded"), Rejected),
        (data(commentCreate={"success": True}, documentCreate={"success": True}), Rejected),
    ],
    ids=["issue-missing", "document-content", "not-our-id", "forbidden", "usage-limit", "payload-without-entity"],
)
async def test_a_create_that_is_refused_for_good_raises(
    linear: Linear, script: Script, *, write: Any, entity: str, reply: Step, raised: type[LinearError]
) -> None:
    script.then(reply)
    with pytest.raises(raised):
        await linear.apply(write)


@ONE
@pytest.mark.parametrize(
    "reply",
    [RESET, html(502), html(200), answer({"data": None}), answer([]), error("lock timeout", type="lock timeout")],
    ids=["reset", "html-502", "html-200", "no-data", "no-object", "lock-timeout"],
)
async def test_no_usable_answer_is_tried_three_times_with_the_same_id(
    linear: Linear, script: Script, write: Any, entity: str, reply: Step
) -> None:
    script.then(reply, reply, reply)
    with pytest.raises(Unreachable):
        await linear.apply(write)
    assert {each.input["id"] for each in script.requests} == {write.id}


async def test_a_comment_does_not_subscribe_the_bot_and_a_reply_names_its_root(linear: Linear, script: Script) -> None:
    reply = COMMENT.model_copy(update={"parent_id": stable_id("root"), "id": COMMENT.id.upper()})
    script.then(created("comment", COMMENT.id))
    await linear.apply(reply)
    assert script.requests[0].input == {
        "id": COMMENT.id,
        "issueId": ISSUE,
        "body": "Reading the issue.",
        "parentId": stable_id("root"),
        "doNotSubscribeToIssue": True,
    }


# --- updates and labels ----------------------------------------------------------------------------------------------

UPDATES = [
    (UpdateComment(id=COMMENT.id, body="b"), "comment", {"body": "b"}),
    (UpdateDocument(id=DOCUMENT.id, title="t", content="c"), "document", {"title": "t", "content": "c"}),
]


@pytest.mark.parametrize(("write", "entity", "given"), UPDATES, ids=["comment", "document"])
async def test_an_update_sends_the_whole_text(
    linear: Linear, script: Script, write: Any, entity: str, given: Any
) -> None:
    script.then(data(**{f"{entity}Update": {"success": True, entity: row(write.id)}}))
    assert (await linear.apply(write)).thing.standing == "made"
    assert script.requests[0].variables == {"id": write.id, "input": given}


@pytest.mark.parametrize(("write", "entity", "given"), UPDATES, ids=["comment", "document"])
async def test_an_update_of_what_is_not_there_finds_it_gone(
    linear: Linear, script: Script, write: Any, entity: str, given: Any
) -> None:
    script.then(not_found(entity.title()))
    assert (await linear.apply(write)).thing.standing == "gone"


async def test_an_update_of_a_trashed_document_finds_it_gone(linear: Linear, script: Script) -> None:
    script.then(data(documentUpdate={"success": True, "document": row(DOCUMENT.id, trashed=True)}))
    assert (await linear.apply(UPDATES[1][0])).thing.standing == "gone"


@pytest.mark.parametrize(
    ("added", "removed", "given"),
    [
        (("l1",), ("l2", "l3"), {"addedLabelIds": ["l1"], "removedLabelIds": ["l2", "l3"]}),
        ((), ("l2",), {"removedLabelIds": ["l2"]}),
        (("l1",), (), {"addedLabelIds": ["l1"]}),
    ],
    ids=["swap", "remove", "add"],
)
async def test_labels_change_in_one_request(
    linear: Linear, script: Script, added: Any, removed: Any, given: Any
) -> None:
    script.then(data(issueUpdate={"success": True, "issue": {"id": ISSUE, "updatedAt": THEN, "labelIds": []}}))
    made = await linear.apply(SwapLabels(issue_id=ISSUE, added=added, removed=removed))
    assert (made.thing.standing, made.thing.revision) == ("made", THEN)
    assert script.requests[0].variables == {"id": ISSUE, "input": given}


async def test_no_labels_to_change_sends_nothing(linear: Linear) -> None:
    assert (await linear.apply(SwapLabels(issue_id=ISSUE))).thing.standing == "found"
    assert linear.requests == 0


async def test_labels_of_an_issue_that_is_gone(linear: Linear, script: Script) -> None:
    script.then(not_found("Issue"))
    assert (await linear.apply(SwapLabels(issue_id=ISSUE, added=("l",)))).thing.standing == "gone"


async def test_a_label_that_is_gone_is_no_end_of_the_issue(linear: Linear, script: Script) -> None:
    script.then(not_found("IssueLabel"))
    with pytest.raises(NotFound, match="IssueLabel"):
        await linear.apply(SwapLabels(issue_id=ISSUE, added=("l",)))


# --- reactions -------------------------------------------------------------------------------------------------------

EYES = CreateReaction(id=stable_id("eyes"), emoji="eyes", comment_id=COMMENT.id)


@pytest.mark.parametrize(
    ("reply", "standing"),
    [
        (data(reactionCreate={"success": True, "reaction": {"id": EYES.id}}), "made"),
        (conflict("Reaction", EYES.id), "found"),
        (conflict("Reaction", stable_id("another id")), "found"),
        (error("conflict on insert of Reaction"), "found"),
        (error("Invalid", userPresentableMessage="This reaction already exists."), "found"),
        (error("duplicate emoji"), "found"),
    ],
    ids=["made", "our-id", "other-id", "bare", "already-exists", "duplicate"],
)
async def test_a_reaction_that_is_there_needs_no_second(
    linear: Linear, script: Script, reply: Step, standing: Any
) -> None:
    script.then(reply)
    made = await linear.apply(EYES)
    assert (made.thing.id, made.thing.standing) == (EYES.id, standing)
    assert script.requests[0].input == {"id": EYES.id, "emoji": "eyes", "commentId": COMMENT.id}


async def test_a_reaction_refused_for_another_reason_raises(linear: Linear, script: Script) -> None:
    script.then(error("emoji is unknown", type="invalid input"))
    with pytest.raises(Rejected, match="emoji is unknown"):
        await linear.apply(EYES)


# --- a batch of issues -----------------------------------------------------------------------------------------------


async def test_a_batch_is_one_request_in_order(linear: Linear, script: Script) -> None:
    script.then(batch(C, A, B))
    made = await linear.apply(ISSUES)
    assert [(each.id, each.standing) for each in made.things] == [(A, "made"), (B, "made"), (C, "made")]
    assert made.things[0].identifier == f"ENG-{A[:4]}"
    first = script.requests[0].input["issues"][0]
    assert first == {
        "id": A, "teamId": stable_id("team"), "parentId": ISSUE, "title": "Phase 1", "description": "d", "priority": 2,
    }  # fmt: skip


async def test_a_batch_whose_answer_was_lost_is_found_by_one_read(linear: Linear, script: Script) -> None:
    script.then(RESET, conflict("Issue", A), issues_standing(row(B), row(A), row(C)))
    assert standings(await linear.apply(ISSUES)) == ["found"] * 3
    assert script.operations == ["IssueBatchCreate", "IssueBatchCreate", "StandingIssues"]
    assert script.requests[2].variables == {"ids": [A, B, C]}


@pytest.mark.parametrize("standing", [(A,), (B,), (A, C), (C, B)], ids=["first", "middle", "ends", "last-two"])
async def test_a_half_applied_batch_is_completed(linear: Linear, script: Script, standing: Any) -> None:
    missing = [each for each in (A, B, C) if each not in standing]
    script.then(conflict("Issue", standing[0]), issues_standing(*map(row, standing)), batch(*missing))
    made = await linear.apply(ISSUES)
    assert standings(made) == ["found" if each in standing else "made" for each in (A, B, C)]
    assert [each["id"] for each in script.requests[2].input["issues"]] == missing


async def test_ids_that_appear_meanwhile_are_found_in_the_next_round(linear: Linear, script: Script) -> None:
    script.then(conflict("Issue", A), issues_standing(row(A)), conflict("Issue", B), issues_standing(row(B)), batch(C))
    assert standings(await linear.apply(ISSUES)) == ["found", "found", "made"]


async def test_trashed_issues_are_gone_and_the_others_are_made(linear: Linear, script: Script) -> None:
    script.then(conflict("Issue", B), issues_standing(row(B, trashed=True), row(C, archivedAt=THEN)), batch(A))
    assert standings(await linear.apply(ISSUES)) == ["made", "gone", "gone"]


async def test_an_issue_refused_yet_never_listed_is_gone(linear: Linear, script: Script, clock: Clock) -> None:
    script.then(conflict("Issue", B), *[issues_standing(row(A))] * 3, batch(C))
    assert standings(await linear.apply(ISSUES)) == ["found", "gone", "made"]
    assert clock.slept == [0.25, 1.0]


async def test_a_batch_answered_short_is_unknown(linear: Linear, script: Script) -> None:
    script.then(batch(A, B))
    with pytest.raises(Unreachable):
        await linear.apply(ISSUES)


async def test_more_than_fifty_issues_go_in_batches_of_fifty(linear: Linear, script: Script) -> None:
    ids = [stable_id("many", n) for n in range(120)]
    one = ISSUES.issues[0]
    sizes: list[int] = []

    def make(request: Request) -> Reply:
        given = [each["id"] for each in request.input["issues"]]
        sizes.append(len(given))
        return batch(*given)

    script.then(make, make, make)
    write = CreateIssues(issues=tuple(one.model_copy(update={"id": each}) for each in ids))
    made = await linear.apply(write)
    assert (sizes, [each.id for each in made.things]) == ([50, 50, 20], ids)


async def test_no_issues_send_nothing(linear: Linear) -> None:
    assert (await linear.apply(CreateIssues(issues=()))).things == ()
    assert linear.requests == 0


# --- relations -------------------------------------------------------------------------------------------------------


async def test_relations_are_one_request(linear: Linear, script: Script) -> None:
    script.then(related(2))
    made = await linear.apply(RELATIONS)
    assert [(each.id, each.standing) for each in made.things] == [(R1, "made"), (R2, "made")]
    query = script.requests[0].body["query"]
    assert "r0: issueRelationCreate(input: $input0)" in query
    assert "r1: issueRelationCreate(input: $input1)" in query
    assert script.requests[0].variables == {
        "input0": {"id": R1, "issueId": A, "relatedIssueId": B, "type": "blocks"},
        "input1": {"id": R2, "issueId": B, "relatedIssueId": C, "type": "blocks"},
    }


async def test_no_relations_send_nothing(linear: Linear) -> None:
    assert (await linear.apply(RelateIssues(relations=()))).things == ()
    assert linear.requests == 0


async def test_relations_that_stopped_half_way_are_completed(linear: Linear, script: Script) -> None:
    script.then(RESET, conflict("IssueRelation", R1), relations_standing((A, B)), related(1))
    assert standings(await linear.apply(RELATIONS)) == ["found", "made"]
    assert script.requests[2].variables == {"ids": sorted([A, B])}
    assert script.requests[3].variables["input0"]["id"] == R2
    assert "input1" not in script.requests[3].variables


async def test_a_relation_under_another_id_counts(linear: Linear, script: Script) -> None:
    script.then(error("Issues are related already"), relations_standing((A, B), (B, C)))
    assert standings(await linear.apply(RELATIONS)) == ["found", "found"]


async def test_a_relation_of_another_type_or_direction_does_not_count(linear: Linear, script: Script) -> None:
    script.then(error("no"), relations_standing((A, B), type_="related"))
    with pytest.raises(Rejected):
        await linear.apply(RELATIONS)
    script.then(error("no"), relations_standing((B, A), (C, B)))
    with pytest.raises(Rejected):
        await linear.apply(RELATIONS)


async def test_errors_beside_data_count_as_failure(linear: Linear, script: Script) -> None:
    half = {"data": {"r0": {"success": True, "issueRelation": {"id": R1}}, "r1": None}, "errors": [{"message": "no"}]}
    script.then(answer(half), relations_standing((A, B)), related(1))
    assert standings(await linear.apply(RELATIONS)) == ["found", "made"]


async def test_a_refusal_that_stays_is_raised_after_what_could_be_made(linear: Linear, script: Script) -> None:
    script.then(
        not_found("Issue"), relations_standing((A, B)), not_found("Issue"), relations_standing(),
    )  # fmt: skip
    with pytest.raises(NotFound):
        await linear.apply(RELATIONS)


async def test_a_relation_id_that_is_taken_by_nothing_readable_is_gone(linear: Linear, script: Script) -> None:
    script.then(conflict("IssueRelation", R1), *[relations_standing()] * 3, related(1))
    assert standings(await linear.apply(RELATIONS)) == ["gone", "made"]


async def test_relations_beyond_the_first_page_are_read(linear: Linear, script: Script) -> None:
    further = page({"id": "x", "type": "blocks", "relatedIssue": {"id": C}})
    script.then(
        conflict("IssueRelation", R1),
        relations_standing((A, B), (B, A), cursor="c1"),
        data(issue={"relations": page()}),
        data(issue={"relations": further}),
    )
    assert standings(await linear.apply(RELATIONS)) == ["found", "found"]
    assert script.operations[2:] == ["IssueRelations", "IssueRelations"]


# --- labels ----------------------------------------------------------------------------------------------------------

LABEL = CreateLabel(id=stable_id("label"), name="planned", color="#4ea7fc", description="A plan stands")


def label(id_: str, *, team: str | None = None, group: bool = False) -> dict[str, object]:
    return {"id": id_, "name": "Planned", "isGroup": group, "team": {"id": team} if team else None}


async def test_a_label_is_made_in_the_workspace(linear: Linear, script: Script) -> None:
    script.then(data(issueLabelCreate={"success": True, "issueLabel": label(LABEL.id)}))
    made = await linear.apply(LABEL)
    assert (made.thing.id, made.thing.standing) == (LABEL.id, "made")
    assert "teamId" not in script.requests[0].input


@pytest.mark.parametrize(
    ("refusal", "labels", "id_", "standing"),
    [
        (conflict("IssueLabel", LABEL.id), [label(LABEL.id)], LABEL.id, "found"),
        (conflict("IssueLabel", LABEL.id), [], LABEL.id, "gone"),
        (error("duplicate label name"), [label("w")], "w", "found"),
        (error("duplicate label name"), [label("t", team="t1"), label("w")], "w", "found"),
    ],
    ids=["our-id", "our-id-archived", "same-name", "team-label-is-passed-over"],
)
async def test_a_label_that_is_in_the_way_is_found(
    linear: Linear, script: Script, *, refusal: Step, labels: list[Any], id_: str, standing: str
) -> None:
    script.then(refusal, data(issueLabels=page(*labels)))
    made = await linear.apply(LABEL)
    assert (made.thing.id, made.thing.standing) == (id_, standing)


@pytest.mark.parametrize(
    "labels", [[], [label("g", group=True)], [label("t", team="t1")]], ids=["none", "group", "other-team"]
)
async def test_a_label_refused_with_none_that_serves_raises(linear: Linear, script: Script, labels: Any) -> None:
    script.then(error("name is too long"), data(issueLabels=page(*labels)))
    with pytest.raises(Rejected, match="name is too long"):
        await linear.apply(LABEL)


async def test_a_team_s_label_is_preferred_to_the_workspace_s(linear: Linear, script: Script) -> None:
    write = LABEL.model_copy(update={"team_id": "t1"})
    script.then(
        error("duplicate label name"),
        data(issueLabels=page(label("w"), label("t", team="t1"), cursor="c")),
        data(issueLabels=page(label("x", team="t2"))),
    )
    assert (await linear.apply(write)).thing.id == "t"


async def test_a_forbidden_label_is_not_looked_up(linear: Linear, script: Script) -> None:
    script.then(error("Invalid scope: `write` required", http=403, type="forbidden"))
    with pytest.raises(Unauthorized, match="write"):
        await linear.apply(LABEL)


def test_the_writes_survive_json() -> None:
    for write in (COMMENT, DOCUMENT, ISSUES, RELATIONS, LABEL, EYES):
        assert type(write).model_validate(json.loads(write.model_dump_json())) == write
