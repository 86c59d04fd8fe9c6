"""Reading: one request for what fits, every further page, and models that outlive new fields."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from linear.client import NOBODY, Linear
from linear.errors import NotFound, Rejected
from linear.models import Issue, IssueContext, Label
from tests.linear.scripted import Reply, Request, Script, answer, data, not_found, page

ADA = {"id": "u1", "name": "Ada", "displayName": "ada", "url": "https://x", "app": False, "guest": False}
STATE = {"id": "s1", "name": "Todo", "type": "unstarted"}
LINKED = {
    "id": "i9", "identifier": "ENG-9", "title": "Other", "url": "https://x", "state": STATE,
    "team": {"id": "t1", "visibility": "public"},
}  # fmt: skip


def document(n: int) -> dict[str, object]:
    return {
        "id": f"d{n}",
        "title": f"D{n}",
        "slugId": f"{n:012x}",
        "url": "https://x",
        "content": "c",
        "updatedAt": "t",
    }


def comment(n: int, **more: object) -> dict[str, object]:
    return {"id": f"c{n}", "body": "b", "url": "https://x", "createdAt": "t", "user": ADA, **more}


ISSUE: dict[str, Any] = {
    "id": "i1",
    "identifier": "ENG-1",
    "number": 1.0,
    "title": "Rate limit",
    "description": None,
    "url": "https://linear.app/acme/issue/ENG-1",
    "priority": 2.0,
    "priorityLabel": "High",
    "estimate": None,
    "dueDate": None,
    "createdAt": "2026-11-01T00:00:00.000Z",
    "updatedAt": "2026-11-02T00:00:00.000Z",
    "archivedAt": None,
    "trashed": None,
    "creator": ADA,
    "assignee": None,
    "state": STATE,
    "team": {
        "id": "t1", "key": "ENG", "name": "Engineering", "visibility": "secret-new-kind",
        "issueEstimationType": "fibonacci", "issueEstimationAllowZero": False, "issueEstimationExtended": True,
        "triageEnabled": False, "defaultIssueState": STATE, "states": {"nodes": [{**STATE, "position": 1.5}]},
    },
    "cycle": {"id": "y1", "number": 7.0, "name": None, "startsAt": "a", "endsAt": "b"},
    "project": {
        "id": "p1", "name": "API", "description": "", "content": "long", "url": "https://x", "targetDate": "2026-12-01",
        "status": {"id": "ps", "name": "Started", "type": "started"}, "lead": ADA, "documents": page(document(1)),
    },
    "projectMilestone": {"id": "m1", "name": "Beta", "description": None, "targetDate": None},
    "parent": {
        **LINKED, "description": "why", "children": page({**LINKED, "id": "s1"}),
        "parent": {**LINKED, "id": "g1", "description": None, "parent": None},
    },
    "labels": page({"id": "l1", "name": "needs-plan"}),
    "children": page(
        {"id": "k1", "identifier": "ENG-2", "title": "Sub", "description": None, "url": "https://x", "archivedAt": None,
         "trashed": None, "subIssueSortOrder": 1.5, "state": STATE}
    ),
    "relations": page({"id": "r1", "type": "blocks", "relatedIssue": LINKED}),
    "inverseRelations": page({"id": "r2", "type": "newKind", "issue": LINKED}),
    "attachments": page(
        {"id": "a1", "title": "PR", "subtitle": None, "url": "https://x", "sourceType": "git", "metadata": {"n": [1]}}
    ),
    "documents": page(document(2)),
    "comments": page(
        comment(1),
        comment(2, parentId="c1", user=None, botActor={"id": None, "name": "GitHub", "type": "github"}),
        comment(3, user=None, externalUser={"id": "e", "name": "Sam"}, quotedText="q", futureField={"x": 1}),
    ),
}  # fmt: skip
LABELS = page(
    {"id": "l1", "name": "needs-plan", "isGroup": False, "team": None},
    {"id": "l2", "name": "Planned", "isGroup": True, "team": {"id": "t1"}},
)


def context(**changes: object) -> Reply:
    fields = {**copy.deepcopy(ISSUE), **changes}
    people = {"nodes": [{**ADA, "active": True, "admin": False}]}
    return data(issue=fields, issueLabels=LABELS, users=people, documents={"nodes": [document(9)]})


async def test_an_issue_and_all_that_hangs_on_it_is_one_request(linear: Linear, script: Script) -> None:
    script.then(context())
    found = await linear.issue_context("ENG-1", label_names=("needs-plan", "planned"), asked_by="u1")
    assert linear.requests == 1
    assert script.requests[0].variables == {
        "id": "ENG-1",
        "labelFilter": {"or": [{"name": {"eqIgnoreCase": "needs-plan"}}, {"name": {"eqIgnoreCase": "planned"}}]},
        "askedBy": "u1",
        "teamDocuments": {
            "or": [{"title": {"eqIgnoreCase": "plan-context.md"}}, {"title": {"eqIgnoreCase": "plan-context"}}],
            "team": {"key": {"eq": "ENG"}},
        },
    }
    issue: Any = found.issue
    assert (issue.number, issue.priority, issue.cycle.number) == (1, 2, 7)
    assert (issue.team.visibility, issue.team.states[0].position) == ("secret-new-kind", 1.5)
    assert [each.id for each in issue.project.documents + issue.documents] == ["d1", "d2"]
    assert [each.parent_id for each in issue.comments] == [None, "c1", None]
    assert (issue.comments[1].bot_actor.name, issue.comments[2].external_user.name) == ("GitHub", "Sam")
    assert (issue.relations[0].related_issue.identifier, issue.inverse_relations[0].type) == ("ENG-9", "newKind")
    assert issue.attachments[0].metadata == {"n": [1]}
    assert (issue.parent.description, issue.children[0].identifier) == ("why", "ENG-2")
    assert ([each.id for each in issue.parent.children], issue.parent.parent.id) == (["s1"], "g1")
    assert [each.id for each in found.team_documents] == ["d9"]
    assert [(each.team_id, each.is_group) for each in found.labels] == [(None, False), ("t1", True)]
    assert found.requester is not None
    assert (found.requester.id, found.requester.active, issue.creator.active) == ("u1", True, None)


async def test_a_context_survives_json(linear: Linear, script: Script) -> None:
    script.then(context())
    found = await linear.issue_context("ENG-1", label_names=("x",), asked_by="u1")
    assert IssueContext.model_validate(found.model_dump(mode="json")) == found
    assert IssueContext.model_validate_json(found.model_dump_json(by_alias=True)) == found


async def test_nobody_asked_and_no_labels_match_nothing(linear: Linear, script: Script) -> None:
    bare = data(
        issue=copy.deepcopy({**ISSUE, "project": None}), issueLabels=page(), users={"nodes": []}, documents=page()
    )
    script.then(bare)
    found = await linear.issue_context("ENG-1", label_names=(), asked_by=None)
    assert (found.requester, found.labels, found.issue.project) == (None, (), None)
    assert script.requests[0].variables["askedBy"] == NOBODY
    assert script.requests[0].variables["labelFilter"] == {"id": {"eq": NOBODY}}


NODES = {
    "comments": ("IssueComments", comment(9)),
    "documents": ("IssueDocuments", document(9)),
    "attachments": ("IssueAttachments", {"id": "a9", "title": "x", "url": "https://x", "metadata": {}}),
    "children": (
        "IssueChildren",
        {"id": "k9", "identifier": "ENG-3", "title": "x", "url": "https://x", "state": STATE},
    ),
    "labels": ("IssueLabels", {"id": "l9", "name": "x"}),
    "relations": ("IssueRelations", {"id": "r9", "type": "blocks", "relatedIssue": LINKED}),
    "inverseRelations": ("IssueInverseRelations", {"id": "r8", "type": "blocks", "issue": LINKED}),
}


@pytest.mark.parametrize(("name", "further", "node"), [(k, *v) for k, v in NODES.items()], ids=NODES)
async def test_further_pages_of_everything_are_read(
    linear: Linear, script: Script, name: str, further: str, node: Any
) -> None:
    first = {**ISSUE[name], "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}
    script.then(
        context(**{name: first}),
        data(issue={name: page(ISSUE[name]["nodes"][0], cursor="c2")}),
        data(issue={name: page(node)}),
    )
    found = await linear.issue_context("ENG-1", label_names=(), asked_by=None)
    assert script.operations == ["IssueContext", further, further]
    assert [each.variables for each in script.requests[1:]] == [
        {"id": "i1", "after": "c1"}, {"id": "i1", "after": "c2"},
    ]  # fmt: skip
    field = "inverse_relations" if name == "inverseRelations" else name
    ids = [each.id for each in getattr(found.issue, field)]
    assert ids == [*[each["id"] for each in ISSUE[name]["nodes"]], node["id"]]


async def test_further_siblings_are_read_and_the_team_found_by_the_issue_s_id(linear: Linear, script: Script) -> None:
    parent = {**ISSUE["parent"], "children": page({**LINKED, "id": "s1"}, cursor="c1")}
    script.then(context(parent=parent), data(issue={"children": page({**LINKED, "id": "s2"})}))
    found = await linear.issue_context("0f8fad5b-d9cb-469f-a165-70867728950e", label_names=(), asked_by=None)
    assert found.issue.parent is not None
    assert [each.id for each in found.issue.parent.children] == ["s1", "s2"]
    assert script.operations == ["IssueContext", "IssueSiblings"]
    assert script.requests[0].variables["teamDocuments"]["team"] == {
        "issues": {"some": {"id": {"eq": "0f8fad5b-d9cb-469f-a165-70867728950e"}}}
    }


async def test_further_project_documents_and_labels_are_read(linear: Linear, script: Script) -> None:
    project = {**ISSUE["project"], "documents": page(document(1), cursor="p1")}
    labels = page({"id": "l1", "name": "x", "isGroup": False, "team": None}, cursor="n1")
    script.then(
        data(
            issue={**copy.deepcopy(ISSUE), "project": project},
            issueLabels=labels,
            users={"nodes": []},
            documents=page(),
        ),
        data(project={"documents": page(document(5))}),
        data(issueLabels=page({"id": "l7", "name": "X", "isGroup": False, "team": None})),
    )
    found = await linear.issue_context("ENG-1", label_names=("x",), asked_by=None)
    assert found.issue.project is not None
    assert [each.id for each in found.issue.project.documents] == ["d1", "d5"]
    assert [each.id for each in found.labels] == ["l1", "l7"]
    assert script.requests[1].variables == {"id": "p1", "after": "p1"}
    assert script.requests[2].variables["filter"] == {"or": [{"name": {"eqIgnoreCase": "x"}}]}


@pytest.mark.parametrize("cursor", ["c1", None], ids=["circle", "no-cursor"])
async def test_pages_that_do_not_go_on_are_an_error_and_no_loop(linear: Linear, script: Script, cursor: Any) -> None:
    stuck = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": cursor}}
    script.always = data(issue={"comments": stuck})
    script.then(context(comments={**stuck, "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}))
    with pytest.raises(Rejected, match=r"issue\.comments"):
        await linear.issue_context("ENG-1", label_names=(), asked_by=None)
    assert linear.requests == 2


async def test_an_issue_that_is_not_there(linear: Linear, script: Script) -> None:
    script.then(not_found("Issue"))
    with pytest.raises(NotFound, match="Issue"):
        await linear.issue_context("ENG-404", label_names=(), asked_by=None)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": None}, "title"),
        ({"state": None}, "state"),
        ({"comments": None}, "comments"),
        ({"comments": {"nodes": [3], "pageInfo": {}}}, "nodes"),
        ({"documents": {"nodes": []}}, "pageInfo"),
    ],
    ids=["title", "state", "no-connection", "node-a-number", "no-page-info"],
)
async def test_an_answer_that_does_not_fit_names_the_field(
    linear: Linear, script: Script, changes: Any, where: Any
) -> None:
    script.then(context(**changes))
    with pytest.raises(Rejected, match=where):
        await linear.issue_context("ENG-1", label_names=(), asked_by=None)


async def test_documents_by_slug_are_asked_for_25_at_a_time_and_keep_their_order(
    linear: Linear, script: Script
) -> None:
    slugs = [f"{n:012x}" for n in range(30)]

    def some(request: Request) -> Reply:
        asked = request.variables["slugs"]
        return data(documents={"nodes": [document(int(each, 16)) for each in reversed(asked) if each != slugs[3]]})

    script.then(some, some)
    found = await linear.documents_by_slug([*slugs, slugs[0]])
    assert [each.slug_id for each in found] == [each for each in slugs if each != slugs[3]]
    assert [len(each.variables["slugs"]) for each in script.requests] == [25, 5]


async def test_no_slugs_send_nothing(linear: Linear) -> None:
    assert await linear.documents_by_slug(()) == ()
    assert linear.requests == 0


async def test_teams_and_labels_are_read_to_the_end(linear: Linear, script: Script) -> None:
    team = {"id": "t1", "key": "ENG", "name": "Engineering", "visibility": "public"}
    label = {"id": "l1", "name": "x", "isGroup": False, "team": {"id": "t1"}}
    script.then(
        data(teams=page(team, cursor="c")), data(teams=page({**team, "id": "t2"})),
        data(issueLabels=page(label, cursor="c")), data(issueLabels=page({**label, "id": "l2"})),
    )  # fmt: skip
    assert [each.id for each in await linear.teams()] == ["t1", "t2"]
    assert [each.id for each in await linear.labels_named(["x", "x"])] == ["l1", "l2"]
    assert script.requests[3].variables == {"filter": {"or": [{"name": {"eqIgnoreCase": "x"}}]}, "after": "c"}


async def test_an_identifier_leads_to_the_issue_s_id(linear: Linear, script: Script) -> None:
    script.then(data(issue={"id": "i1", "identifier": "ENG-1", "title": "Rate limit", "url": "https://x"}))
    assert (await linear.issue_ref("ENG-1")).id == "i1"
    assert script.requests[0].variables == {"id": "ENG-1"}


async def test_rate_limit_status_is_asked_afresh(linear: Linear, script: Script) -> None:
    limit = {"type": "requests", "allowedAmount": 2500, "requestedAmount": 1, "remainingAmount": 2499.5,
             "period": 3_600_000, "reset": 1_789_000_000_123}  # fmt: skip
    script.then(data(rateLimitStatus={"identifier": None, "kind": "user", "limits": [limit]}))
    status = await linear.rate_limit_status()
    assert (status.kind, status.limits[0].remaining_amount) == ("user", 2499.5)


async def test_an_answer_without_what_was_asked_is_refused(linear: Linear, script: Script) -> None:
    script.then(answer({"data": {}}))
    with pytest.raises(Rejected, match="teams"):
        await linear.teams()


def test_models_are_frozen_and_take_our_names_too() -> None:
    label = Label(id="l", name="x", team_id="t")
    assert Label.model_validate({"id": "l", "name": "x", "isGroup": False, "team": {"id": "t"}}) == label
    with pytest.raises(ValueError, match="frozen"):
        label.name = "y"  # pyright: ignore[reportAttributeAccessIssue] - that is the point
    assert Issue.model_validate(ISSUE).comments[0].id == "c1"
