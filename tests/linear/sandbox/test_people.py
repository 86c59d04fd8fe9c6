"""What people do in the stand-in, over `/_sandbox` and in Python, and what the demo asks of it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from linear.ids import stable_id
from linear.sandbox.server import Sandbox
from linear.sandbox.workspace import Clock
from tests.linear.sandbox.wire import Api

A, B = stable_id("test", "a"), stable_id("test", "b")


def test_who_does_it_can_be_chosen(api: Api) -> None:
    for by, name in (
        (None, "Priya Nair"),
        ("jonas", "Jonas Weber"),
        ("Ada Park", "Ada Park"),
        ("tomas@riva.example", "Tomás Riva"),
    ):
        given = {"issue": "ENG-103", "body": "Hello"} | ({"by": by} if by else {})
        made = api.control("comment", **given)["id"]
        user = api.ask("query Q($id: String!) { comment(id: $id) { user { name } } }", {"id": made}).data["comment"][
            "user"
        ]
        assert user == {"name": name}


def test_somebody_of_a_connected_service_comments(api: Api) -> None:
    made = api.control("comment", issue="ENG-103", body="From Slack", external="Sam")["id"]
    query = "query Q($id: String!) { comment(id: $id) { user { name } externalUser { name } } }"
    assert api.ask(query, {"id": made}).data["comment"] == {"user": None, "externalUser": {"name": "Sam"}}


EDITS = {
    "an issue's title": ("ENG-103", {"title": "Exports"}, "issues", "title", "Exports"),
    "an issue's state by type": ("ENG-103", {"state": "completed"}, "issues", "stateId", ("ENG", "Done")),
    "an issue's state by name": ("ENG-103", {"state": "In Review"}, "issues", "stateId", ("ENG", "In Review")),
    "a description": ("ENG-105", {"description": "- new"}, "issues", "description", "* new"),
    "a comment": (stable_id("sandbox", "comment", "ENG-108", "mine"), {"body": "Done"}, "comments", "body", "Done"),
    "a document": (stable_id("sandbox", "document", "API guidelines"), {"content": "x"}, "documents", "content", "x"),
}


@pytest.mark.parametrize(("reference", "values", "kind", "column", "expected"), EDITS.values(), ids=EDITS.keys())
def test_edits(api: Api, reference: str, values: dict[str, Any], kind: str, *, column: str, expected: Any) -> None:
    api.control("edit", id=reference, values=values)
    if isinstance(expected, tuple):
        expected = stable_id("sandbox", "state", *expected)
    assert api.row(kind, reference)[column] == expected


def test_what_is_in_the_bin_comes_back(api: Api) -> None:
    for reference, kind in (("ENG-105", "issues"), (stable_id("sandbox", "document", "API guidelines"), "documents")):
        api.control("trash", id=reference)
        assert api.row(kind, reference)["trashed"] is True
        api.control("trash", id=reference, on=False)
        row = api.row(kind, reference)
        assert (row["trashed"], row["archivedAt"]) == (None, None)


def test_a_thread_is_resolved_and_opened_again(api: Api) -> None:
    thread = stable_id("sandbox", "comment", "ENG-101", "redis")
    assert api.control("resolve", comment=thread)["resolvedAt"]
    assert api.control("resolve", comment=thread, on=False)["resolvedAt"] is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("label", {"issue": "ENG-9999", "label": "bug"}, 404),
        ("label", {"issue": "ENG-103", "label": "nothing"}, 404),
        ("label", {"issue": "ENG-103"}, 400),
        ("comment", {"issue": "ENG-103", "body": "x", "by": "nobody"}, 404),
        ("edit", {"id": "nothing", "values": {}}, 404),
        ("edit", {"id": "ENG-103", "values": {"state": "nothing"}}, 404),
        ("stop-at", {"write": 0}, 400),
        ("access", {"revoke": "everything"}, 400),
    ],
)
def test_what_cannot_be_done_is_said(api: Api, path: str, body: dict[str, Any], status: int) -> None:
    answer = api.http.post(f"{api.sandbox.url}/_sandbox/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_what_clients_made_is_told_apart_from_what_people_did(sandbox: Sandbox, api: Api) -> None:
    sandbox.press_label("ENG-103", "needs-plan")
    root = sandbox.comment("ENG-103", "/plan")
    assert sandbox.made_on("ENG-103") == {
        "documents": [],
        "comments": [],
        "subissues": [],
        "relations": [],
        "labels": ["backend", "reports", "customer", "needs-plan"],
    }
    api.made("DocumentCreate", issueId="ENG-103", title="Plan", content="x", id=A)
    api.made("CommentCreate", issueId="ENG-103", body="On it", parentId=root, id=B)
    children = [
        {
            "teamId": api.team_id(),
            "title": title,
            "id": stable_id(title),
            "parentId": "ENG-103",
            "subIssueSortOrder": order,
        }
        for title, order in (("second", 2.0), ("first", 1.0))
    ]
    api.made("IssueBatchCreate", issues=children)
    api.made("IssueRelationCreate", issueId=stable_id("first"), relatedIssueId=stable_id("second"), type="blocks")
    made = sandbox.made_on("ENG-103")
    assert [(each["title"], each["slugId"]) for each in made["documents"]] == [
        ("Plan", api.row("documents", A)["slugId"])
    ]
    assert [(each["body"], each["parentId"]) for each in made["comments"]] == [("On it", root)]
    assert [(each["identifier"], each["title"], each["state"]) for each in made["subissues"]] == [
        ("ENG-121", "first", "Backlog"),
        ("ENG-120", "second", "Backlog"),
    ]
    assert made["relations"] == [{"issue": "ENG-121", "relatedIssue": "ENG-120", "type": "blocks"}]
    api.control("trash", id=A)
    assert sandbox.made_on("ENG-103")["documents"] == []


def test_the_seed_is_the_same_every_time_and_is_told_as_it_was_written() -> None:
    first, second = Sandbox().workspace, Sandbox().workspace
    assert list(first.issues) == list(second.issues)
    assert all(each.state_id in first.states for each in first.issues.values())
    assert all(label in first.labels for each in first.issues.values() for label in each.label_ids)
    assert all(each.parent_id is None or each.parent_id in first.comments for each in first.comments.values())
    assert "planned" not in {each.name for each in first.labels.values()}
    linked = first.comments[stable_id("sandbox", "comment", "ENG-101", "incident")].body
    incident = first.documents[stable_id("sandbox", "document", "Incident: search slow for everybody")]
    assert first.url(incident) in linked


def test_the_clock_never_stands_still() -> None:
    clock = Clock()
    moments = [clock.now() for _ in range(1000)]
    assert len(set(moments)) == 1000
    assert moments == sorted(moments)


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Sandbox(port=taken.getsockname()[1]).start()


def test_stopping_twice_and_looking_afterwards(sandbox: Sandbox) -> None:
    sandbox.stop()
    sandbox.stop()
    assert sandbox.made_on("ENG-101")["labels"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_serving_ends_with_a_signal_and_says_where_it_was(how: signal.Signals) -> None:
    program = "from linear.sandbox.server import serve; serve(port=0)"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split(" is at ")[1].split(",")[0]
    while True:
        try:
            assert httpx2.get(url, trust_env=False).status_code == 200
        except httpx2.ConnectError:
            continue
        break
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors
