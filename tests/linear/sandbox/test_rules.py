"""What Linear refuses, the stand-in refuses, in Linear's words; and what it does by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linear.ids import stable_id
from linear.operations import repeated
from tests.linear.sandbox.wire import Api

A, B, C = (stable_id("test", letter) for letter in "abc")
UNKNOWN = stable_id("test", "nobody")
V1 = "3b241101-e2bb-1255-8caf-4136c566a962"


def inputs(api: Api) -> dict[str, dict[str, Any]]:
    """For each creating operation an input that is accepted, without an id."""
    issue = api.issue_id("ENG-103")
    return {
        "CommentCreate": {"issueId": issue, "body": "Hello"},
        "DocumentCreate": {"issueId": issue, "title": "Plan"},
        "ReactionCreate": {"issueId": issue, "emoji": "eyes"},
        "IssueLabelCreate": {"name": "planned"},
        "IssueRelationCreate": {"issueId": issue, "relatedIssueId": api.issue_id("ENG-102"), "type": "blocks"},
        "IssueBatchCreate": {"teamId": api.team_id(), "title": "Phase"},
    }


def as_input(name: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"issues": [given]} if name == "IssueBatchCreate" else given


CREATING = {
    "CommentCreate": "Comment",
    "DocumentCreate": "Document",
    "ReactionCreate": "Reaction",
    "IssueLabelCreate": "IssueLabel",
    "IssueRelationCreate": "IssueRelation",
    "IssueBatchCreate": "Issue",
}


@pytest.mark.parametrize("name", CREATING)
@pytest.mark.parametrize(
    "bad", ["", "plan", V1, A.replace("-", ""), A + "0"], ids=["empty", "word", "v1", "bare", "long"]
)
def test_an_id_has_to_be_a_uuid_of_version_4(api: Api, name: str, bad: str) -> None:
    given = {**inputs(api)[name], "id": bad}
    answer = api.run(name, input=as_input(name, given))
    assert answer.status == 200
    assert answer.body["data"] is None
    assert answer.refusal == ("Argument Validation Error", "INVALID_INPUT", "id must be a UUID.")


@pytest.mark.parametrize(("name", "entity"), CREATING.items(), ids=CREATING)
def test_an_id_that_is_taken_is_refused_in_linears_form(api: Api, name: str, entity: str) -> None:
    given = {**inputs(api)[name], "id": A}
    assert api.made(name, **as_input(name, given))["success"]
    answer = api.run(name, input=as_input(name, {**given, "id": A.upper()}))
    assert answer.status == 200
    assert answer.body["data"] is None
    assert answer.refusal == (
        f"conflict on insert of {entity}",
        "INPUT_ERROR",
        f"Entity {entity} with id {A} already exists.",
    )
    assert answer.error["path"] == [operation_field(name)]
    assert answer.error["extensions"]["type"] == "invalid input"
    assert answer.error["extensions"]["statusCode"] == 400


def operation_field(name: str) -> str:
    return name[0].lower() + name[1:]


@pytest.mark.parametrize("for_good", [False, True], ids=["binned", "erased"])
@pytest.mark.parametrize("name", ["IssueBatchCreate", "CommentCreate", "DocumentCreate"])
def test_what_was_thrown_away_keeps_its_id(api: Api, name: str, *, for_good: bool) -> None:
    given = {**inputs(api)[name], "id": A}
    api.made(name, **as_input(name, given))
    api.control("trash", id=A, for_good=for_good)
    answer = api.run(name, input=as_input(name, given))
    assert answer.refusal[0] == f"conflict on insert of {CREATING[name]}"
    assert A in answer.refusal[2]


def test_a_binned_issue_and_document_can_be_read_and_say_so_a_deleted_comment_cannot(api: Api) -> None:
    for name in ("IssueBatchCreate", "CommentCreate", "DocumentCreate"):
        api.made(name, **as_input(name, {**inputs(api)[name], "id": stable_id(name)}))
        api.control("trash", id=stable_id(name))
    document = api.run("StandingDocument", id=stable_id("DocumentCreate")).data["document"]
    assert document["trashed"] is True
    assert document["archivedAt"]
    (issue,) = api.run("StandingIssues", ids=[stable_id("IssueBatchCreate")]).data["issues"]["nodes"]
    assert issue["trashed"] is True
    assert issue["archivedAt"]
    assert api.run("StandingComment", id=stable_id("CommentCreate")).refusal[0] == "Entity not found: Comment"


def test_what_was_erased_is_not_found(api: Api) -> None:
    api.made("DocumentCreate", **inputs(api)["DocumentCreate"], id=A)
    api.control("trash", id=A, for_good=True)
    assert api.run("StandingDocument", id=A).refusal == (
        "Entity not found: Document",
        "INPUT_ERROR",
        "Could not find referenced Document.",
    )


REFUSED = {
    "no parent of a document": ("DocumentCreate", {"title": "Plan"}, "exactly one"),
    "two parents of a document": (
        "DocumentCreate",
        {"title": "Plan", "issueId": "ENG-103", "projectId": A},
        "exactly one",
    ),
    "a document without a title": ("DocumentCreate", {"title": " ", "issueId": "ENG-103"}, "title should not be empty"),
    "a document of no issue": ("DocumentCreate", {"title": "Plan", "issueId": UNKNOWN}, "referenced Issue"),
    "a document of no project": ("DocumentCreate", {"title": "Plan", "projectId": UNKNOWN}, "referenced Project"),
    "an empty comment": ("CommentCreate", {"issueId": "ENG-103", "body": ""}, "body should not be empty"),
    "a comment on nothing": ("CommentCreate", {"body": "Hello"}, "exactly one"),
    "a reply to nothing": (
        "CommentCreate",
        {"body": "Hello", "issueId": "ENG-103", "parentId": A},
        "referenced Comment",
    ),
    "a comment on no issue": ("CommentCreate", {"issueId": "ENG-9999", "body": "Hello"}, "referenced Issue"),
    "a reaction on two things": (
        "ReactionCreate",
        {"emoji": "eyes", "issueId": "ENG-103", "commentId": A},
        "exactly one",
    ),
    "a reaction on nothing": ("ReactionCreate", {"emoji": "eyes"}, "exactly one"),
    "a relation to itself": (
        "IssueRelationCreate",
        {"issueId": "ENG-103", "relatedIssueId": "ENG-103", "type": "blocks"},
        "related to itself",
    ),
    "a relation to no issue": (
        "IssueRelationCreate",
        {"issueId": "ENG-103", "relatedIssueId": UNKNOWN, "type": "blocks"},
        "referenced Issue",
    ),
    "a label that is there": ("IssueLabelCreate", {"name": "NEEDS-PLAN"}, "already exists"),
    "a label of no team": ("IssueLabelCreate", {"name": "new", "teamId": UNKNOWN}, "referenced Team"),
    "a label under one that is no group": ("IssueLabelCreate", {"name": "new", "parentId": "backend"}, "not a group"),
    "an empty batch": ("IssueBatchCreate", {"issues": []}, "at least 1"),
}


@pytest.mark.parametrize(("name", "given", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(api: Api, name: str, given: dict[str, Any], said: str) -> None:
    if given.get("parentId") == "backend":
        given = {**given, "parentId": label_id(api, "backend")}
    before = api.look("state")["changes"]
    answer = api.run(name, input=given)
    assert said in answer.refusal[2]
    assert api.look("state")["changes"] == before


def label_id(api: Api, name: str) -> str:
    return next(each["id"] for each in api.look("state")["labels"] if each["name"] == name)


def state_id(api: Api, team: str, name: str) -> str:
    return next(
        each["id"]
        for each in api.look("state")["states"]
        if (each["teamId"], each["name"]) == (api.team_id(team), name)
    )


ISSUES = {
    "no team": (lambda _: {"teamId": UNKNOWN}, "referenced Team"),
    "no title": (lambda _: {"title": None}, "title should not be empty"),
    "no parent of that id": (lambda _: {"parentId": UNKNOWN}, "referenced Issue"),
    "a state of another team": (lambda api: {"stateId": state_id(api, "OPS", "Todo")}, "state is not of"),
    "no such state": (lambda _: {"stateId": UNKNOWN}, "referenced WorkflowState"),
    "a label of another team": (
        lambda api: {"teamId": api.team_id("OPS"), "labelIds": [label_id(api, "gateway")]},
        "not associated with the same team",
    ),
    "a group of labels": (lambda api: {"labelIds": [label_id(api, "Area")]}, "is a group"),
    "two labels of a group": (
        lambda api: {"labelIds": [label_id(api, "api"), label_id(api, "payments")]},
        "not exclusive child labels",
    ),
    "no such label": (lambda _: {"labelIds": [UNKNOWN]}, "referenced IssueLabel"),
    "a priority of 5": (lambda _: {"priority": 5}, "priority must not be greater than 4"),
    "a negative estimate": (lambda _: {"estimate": -1}, "estimate must not be less than 0"),
    "no such project": (lambda _: {"projectId": UNKNOWN}, "referenced Project"),
    "a milestone without its project": (
        lambda api: {"projectMilestoneId": stable_id("sandbox", "milestone", "Partner beta")},
        "milestone is not of",
    ),
    "nobody": (lambda _: {"assigneeId": UNKNOWN}, "referenced User"),
}


@pytest.mark.parametrize(("change", "said"), ISSUES.values(), ids=ISSUES.keys())
def test_a_batch_with_one_wrong_issue_makes_none(api: Api, change: Callable[[Api], dict[str, Any]], said: str) -> None:
    right = {"teamId": api.team_id(), "title": "Phase 1", "id": A}
    wrong = {"teamId": api.team_id(), "title": "Phase 2", "id": B, **change(api)}
    answer = api.run("IssueBatchCreate", input={"issues": [right, wrong]})
    assert said in answer.refusal[2]
    assert not api.stands("issues", A)
    assert not api.stands("issues", B)


def test_a_batch_takes_50_issues_and_not_51(api: Api) -> None:
    issues = [{"teamId": api.team_id(), "title": f"{number}", "id": stable_id(number)} for number in range(51)]
    assert "no more than 50" in api.run("IssueBatchCreate", input={"issues": issues}).refusal[2]
    assert not api.stands("issues", stable_id(0))
    assert len(api.made("IssueBatchCreate", issues=issues[:50])["issues"]) == 50


def test_a_batch_is_refused_whole_where_one_id_is_taken_in_it_or_before(api: Api) -> None:
    issues = [
        {"teamId": api.team_id(), "title": name, "id": id_} for name, id_ in (("one", A), ("two", B), ("three", A))
    ]
    assert api.run("IssueBatchCreate", input={"issues": issues}).refusal[0] == "conflict on insert of Issue"
    assert not api.stands("issues", B)
    api.made("IssueBatchCreate", issues=issues[:1])
    assert A in api.run("IssueBatchCreate", input={"issues": issues[:2]}).refusal[2]
    assert not api.stands("issues", B)


def test_sub_issues_nest_ten_levels(api: Api) -> None:
    above = None
    for level in range(10):
        given = {"teamId": api.team_id(), "title": f"{level}", "id": stable_id("level", level), "parentId": above}
        api.made("IssueBatchCreate", issues=[given])
        above = given["id"]
    too_deep = {"teamId": api.team_id(), "title": "10", "parentId": above}
    assert "nested at most 10" in api.run("IssueBatchCreate", input={"issues": [too_deep]}).refusal[2]
    loop = api.run("IssueUpdate", id=stable_id("level", 2), input={"parentId": stable_id("level", 5)})
    assert "its own parent" in loop.refusal[2]


@pytest.mark.parametrize(("team", "state"), [("ENG", "Backlog"), ("OPS", "Triage")])
def test_a_new_issue_starts_in_the_backlog_or_in_triage(api: Api, team: str, state: str) -> None:
    api.made("IssueBatchCreate", issues=[{"teamId": api.team_id(team), "title": "New", "id": A}])
    row = api.row("issues", A)
    assert row["stateId"] == state_id(api, team, state)
    assert row["identifier"] == {"ENG": "ENG-120", "OPS": "OPS-20"}[team]


def test_a_reply_goes_under_the_first_comment_of_a_thread_only(api: Api) -> None:
    api.made("CommentCreate", issueId="ENG-103", body="First", id=A)
    api.made("CommentCreate", issueId="ENG-103", body="Second", parentId=A, id=B)
    assert (
        "first of its thread"
        in api.run("CommentCreate", input={"issueId": "ENG-103", "body": "x", "parentId": B}).refusal[2]
    )
    assert (
        "something else"
        in api.run("CommentCreate", input={"issueId": "ENG-102", "body": "x", "parentId": A}).refusal[2]
    )
    api.made("CommentCreate", body="Third", parentId=A, id=C)
    row = api.row("comments", C)
    assert row["issueId"] == api.issue_id("ENG-103")


def test_one_users_emoji_stands_once_on_a_thing(api: Api, app: Api) -> None:
    given = {"issueId": "ENG-103", "emoji": "eyes"}
    api.made("ReactionCreate", **given)
    message, _, said = api.run("ReactionCreate", input={**given, "id": B}).refusal
    assert (message, said) == ("conflict on insert of Reaction", "Reaction already exists.")
    app.made("ReactionCreate", **given)
    reactions = api.run("StandingReaction", id="ENG-103").data["issue"]["reactions"]
    assert {each["user"]["id"] for each in reactions} == {
        client.run("Viewer").data["viewer"]["id"] for client in (api, app)
    }


def test_two_issues_stand_in_a_relation_once_and_both_ends_see_it(api: Api) -> None:
    given = {"issueId": "ENG-103", "relatedIssueId": "ENG-102", "type": "blocks"}
    api.made("IssueRelationCreate", **given, id=A)
    assert api.run("IssueRelationCreate", input={**given, "id": B}).refusal[0] == "conflict on insert of IssueRelation"
    api.made("IssueRelationCreate", **{**given, "type": "related"})
    inverse = api.run("IssueInverseRelations", id="ENG-102").data["issue"]["inverseRelations"]["nodes"]
    assert ("blocks", "ENG-103") in {(each["type"], each["issue"]["identifier"]) for each in inverse}


def test_aliased_mutations_stop_at_the_first_error_and_keep_what_came_before(api: Api) -> None:
    relations = [("ENG-102", A), (UNKNOWN, B), ("ENG-104", C)]
    variables = {
        f"input{place}": {"id": id_, "issueId": "ENG-103", "relatedIssueId": related, "type": "blocks"}
        for place, (related, id_) in enumerate(relations)
    }
    answer = api.ask(repeated("IssueRelationCreate", 3).text, variables, "IssueRelationCreate")
    assert answer.body["data"] is None
    assert answer.error["path"] == ["r1"]
    assert [api.stands("relations", each) for each in (A, B, C)] == [True, False, False]


def test_labels_are_added_and_removed_in_one_call_and_others_stay(api: Api) -> None:
    issue = api.issue_id("ENG-103")
    before = api.row("issues", issue)["labelIds"]
    bug, customer = label_id(api, "bug"), label_id(api, "customer")
    answer = api.run(
        "IssueUpdate", id="ENG-103", input={"addedLabelIds": [bug], "removedLabelIds": [customer, UNKNOWN]}
    ).data["issueUpdate"]["issue"]
    assert answer["labelIds"] == [each for each in before if each != customer] + [bug]
    assert answer["updatedAt"] > api.look("state")["organization"]["updatedAt"]
    assert "referenced IssueLabel" in api.run("IssueUpdate", id=issue, input={"addedLabelIds": [UNKNOWN]}).refusal[2]
    assert "is a group" in api.run("IssueUpdate", id=issue, input={"addedLabelIds": [label_id(api, "Area")]}).refusal[2]


def test_every_change_moves_updated_at_and_none_does_not(api: Api) -> None:
    first = api.made("CommentCreate", issueId="ENG-103", body="One", id=A)["comment"]["updatedAt"]
    second = api.run("CommentUpdate", id=A, input={"body": "Two"}).data["commentUpdate"]["comment"]["updatedAt"]
    third = api.run("CommentUpdate", id=A, input={"body": "Two"}).data["commentUpdate"]["comment"]["updatedAt"]
    assert first < second == third
    document = api.made("DocumentCreate", issueId="ENG-103", title="Plan", content="x", id=A)["document"]
    changed = api.run("DocumentUpdate", id=A, input={"content": "y"}).data["documentUpdate"]["document"]
    assert document["updatedAt"] < changed["updatedAt"]


def test_an_app_cannot_be_assigned_and_nothing_says_so(api: Api, app: Api) -> None:
    bot = app.run("Viewer").data["viewer"]["id"]
    assert api.run("IssueUpdate", id="ENG-103", input={"assigneeId": bot}).data["issueUpdate"]["success"]
    assert api.row("issues", "ENG-103")["assigneeId"] is None


def test_moving_an_issue_sets_when_it_ended(api: Api) -> None:
    api.run("IssueUpdate", id="ENG-103", input={"stateId": state_id(api, "ENG", "Done")})
    assert api.row("issues", "ENG-103")["completedAt"]
    api.run("IssueUpdate", id="ENG-103", input={"stateId": state_id(api, "ENG", "Todo")})
    assert api.row("issues", "ENG-103")["completedAt"] is None


def test_what_was_written_is_kept_beside_what_is_answered(api: Api) -> None:
    written = "- see [this](https://example.com/a), ~5 ms"
    api.made("CommentCreate", issueId="ENG-103", body=written, id=A)
    assert api.run("StandingComment", id=A).data["comment"]["body"] == "* see [this](<https://example.com/a>), \\~5 ms"
    assert api.row("comments", A)["bodyWritten"] == written
