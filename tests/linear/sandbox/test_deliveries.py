"""Webhooks: their shape key by key, how they are signed, and when they come again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linear.ids import stable_id
from linear.webhooks import parse, sign
from tests.linear.sandbox.wire import Api, Eventually, Receiver

EXAMPLES = Path(__file__).parents[1] / "webhooks"
SECRET = "a webhook secret"
A, B = stable_id("test", "a"), stable_id("test", "b")


def press(api: Api, label: str, *, on: bool = True) -> None:
    api.control("label", issue="ENG-103", label=label, on=on)


def document(api: Api) -> None:
    api.made("DocumentCreate", issueId="ENG-103", title="Plan: ENG-103", content="# Plan", id=A)


def commented(api: Api, **given: Any) -> str:
    return api.control("comment", **{"issue": "ENG-103", "body": "/plan", **given})["id"]


def on_document(api: Api) -> None:
    document(api)
    api.control("comment", document=A, body="Phase 2 is too big", quoted="Phase 2")


DOINGS = {
    "issue_update_label_added": lambda api: press(api, "needs-plan"),
    "issue_update_label_removed": lambda api: (press(api, "needs-plan"), press(api, "needs-plan", on=False)),
    "issue_update_title_only_label_already_there": lambda api: (
        press(api, "needs-plan"),
        api.control("edit", id="ENG-103", values={"title": "Exports"}),
    ),
    "issue_create_with_label": lambda api: api.made(
        "IssueBatchCreate",
        issues=[{"teamId": api.team_id(), "title": "New", "labelIds": [stable_id("sandbox", "label", "backend")]}],
    ),
    "issue_remove": lambda api: api.control("trash", id="ENG-103"),
    "comment_create_slash_plan": commented,
    "comment_create_reply": lambda api: commented(api, parent=commented(api)),
    "comment_create_on_document": on_document,
    "comment_update_edited": lambda api: api.control("edit", id=commented(api), values={"body": "/plan focus on cost"}),
    "document_update": lambda api: (document(api), api.control("edit", id=A, values={"content": "# Plan\n\nMore"})),
    "issue_label_create": lambda api: api.made("IssueLabelCreate", name="planned", color="#4cb782", id=A),
}


def shape(value: Any, example: Any) -> Any:
    """What is compared: keys at every level, and the kinds of values; lists by their first item.

    Where one side holds nothing (null, an empty list or object) there is nothing to compare.
    """
    if value in (None, [], {}) or example in (None, [], {}):
        return "anything"
    if isinstance(example, dict) and isinstance(value, dict):
        return {key: shape(value.get(key), example.get(key)) for key in value}
    if isinstance(example, list) and isinstance(value, list):
        return [shape(value[0], example[0])]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if number else type(value).__name__


@pytest.mark.parametrize(("name", "do"), DOINGS.items(), ids=DOINGS.keys())
def test_a_payload_has_the_shape_of_linears(
    api: Api, receiver: Receiver, name: str, do: Callable[[Api], object]
) -> None:
    do(api)
    count = len(api.sandbox.deliveries.all)
    received = receiver.wait(count)
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    latest = max((each for each in received), key=lambda each: each.payload["createdAt"])
    payload = latest.payload
    kinds = ("action", "type")
    assert [payload[each] for each in kinds] == [example[each] for each in kinds]
    assert shape(payload, example) == shape(example, payload)


def test_what_the_app_makes_comes_from_an_oauth_client(app: Api, receiver: Receiver) -> None:
    app.made("CommentCreate", issueId="ENG-103", body="Plan ready", id=A)
    (received,) = receiver.wait(1)
    example = json.loads((EXAMPLES / "comment_create_by_our_app.json").read_text())
    assert received.payload["actor"].keys() == example["actor"].keys()
    assert received.payload["actor"]["type"] == "OauthClient"
    assert received.payload["actor"]["id"] == app.sandbox.access.client_id
    assert received.payload["data"]["user"].keys() == example["data"]["user"].keys()
    assert shape(received.payload, example) == shape(example, received.payload)


def test_a_label_that_was_added_is_told_with_the_labels_before(api: Api, receiver: Receiver) -> None:
    before = api.row("issues", "ENG-103")["labelIds"]
    press(api, "needs-plan")
    (received,) = receiver.wait(1)
    updated_from = received.payload["updatedFrom"]
    assert updated_from.keys() == {"updatedAt", "labelIds"}
    assert updated_from["labelIds"] == before
    assert "needs-plan" in {each["name"] for each in received.payload["data"]["labels"]}
    assert received.payload["actor"]["name"] == "Priya Nair"


def test_a_delivery_is_signed_and_named_as_linear_does(api: Api, receiver: Receiver) -> None:
    press(api, "needs-plan")
    (received,) = receiver.wait(1)
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["linear-event"] == "Issue"
    assert headers["linear-signature"] == sign(received.body, SECRET)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["user-agent"] == "Linear-Webhook"
    assert int(headers["linear-timestamp"]) == received.payload["webhookTimestamp"]
    delivery = parse(headers, received.body, [SECRET], received.payload["webhookTimestamp"])
    assert delivery.id == headers["linear-delivery"]
    assert delivery.event.kind == "issue"


def test_a_batch_is_told_issue_by_issue_and_each_delivery_has_its_own_id(api: Api, receiver: Receiver) -> None:
    issues = [{"teamId": api.team_id(), "title": f"{number}"} for number in range(5)]
    api.made("IssueBatchCreate", issues=issues)
    received = receiver.wait(5)
    assert len({each.headers["Linear-Delivery"] for each in received}) == 5
    assert {each.payload["data"]["title"] for each in received} == {"0", "1", "2", "3", "4"}


def test_nothing_is_told_of_relations_reactions_and_refusals(api: Api, receiver: Receiver) -> None:
    api.made("IssueRelationCreate", issueId="ENG-103", relatedIssueId="ENG-102", type="blocks")
    api.made("ReactionCreate", issueId="ENG-103", emoji="eyes")
    api.run("CommentCreate", input={"issueId": "ENG-103", "body": ""})
    assert api.look("deliveries")["deliveries"] == []


@pytest.mark.parametrize(
    ("answers", "outcomes", "state"),
    [
        ([200], ["200"], "taken"),
        ([503, 200], ["503", "200"], "taken"),
        ([202, 204, 200], ["202", "204", "200"], "taken"),
        ([500], ["500"] * 4, "given up"),
    ],
    ids=["at once", "second time", "only 200 counts", "never"],
)
def test_a_delivery_comes_again_until_it_is_answered_200(
    api: Api, receiver: Receiver, eventually: Eventually, *, answers: list[int], outcomes: list[str], state: str
) -> None:
    receiver.answers = list(answers)
    press(api, "needs-plan")
    eventually(lambda: api.look("deliveries")["pending"] == 0)
    (delivery,) = api.look("deliveries")["deliveries"]
    assert (delivery["outcomes"], delivery["state"]) == (outcomes, state)
    assert len({each.body for each in receiver.received}) == 1
    assert len({each.headers["Linear-Delivery"] for each in receiver.received}) == 1


def test_a_repeat_may_carry_a_new_stamp(api: Api, receiver: Receiver) -> None:
    api.sandbox.deliveries.renew_stamp = True
    receiver.answers = [500, 200]
    press(api, "needs-plan")
    first, second = receiver.wait(2)
    assert first.headers["Linear-Delivery"] == second.headers["Linear-Delivery"]
    assert first.payload["webhookTimestamp"] <= second.payload["webhookTimestamp"]
    assert second.headers["Linear-Signature"] == sign(second.body, SECRET)


def test_nobody_listening_is_tried_four_times(api: Api, eventually: Eventually) -> None:
    api.control("notify", url="http://127.0.0.1:9/webhooks/linear")
    press(api, "needs-plan")
    eventually(lambda: api.look("deliveries")["pending"] == 0)
    (delivery,) = api.look("deliveries")["deliveries"]
    assert delivery["outcomes"] == ["ConnectError"] * 4


def test_deliveries_can_come_twice_and_in_another_order(api: Api, receiver: Receiver) -> None:
    api.control("deliveries", hold=True)
    for number in range(3):
        commented(api, body=f"{number}")
    assert api.look("deliveries")["pending"] == 3
    assert receiver.received == []
    assert api.control("deliveries", hold=False, order="reversed", times=2) == {"released": 3}
    received = receiver.wait(6)
    assert [each.payload["data"]["body"] for each in received] == ["2", "2", "1", "1", "0", "0"]
    assert len({each.headers["Linear-Delivery"] for each in received}) == 3


@pytest.mark.parametrize(("new_id", "ids"), [(False, 1), (True, 4)], ids=["same id", "new ids"])
def test_a_delivery_can_be_sent_again_on_demand(api: Api, receiver: Receiver, *, new_id: bool, ids: int) -> None:
    press(api, "needs-plan")
    receiver.wait(1)
    api.control("redeliver", delivery="Issue", times=3, new_id=new_id)
    received = receiver.wait(4)
    assert len({each.body for each in received}) == 1
    assert len({each.headers["Linear-Delivery"] for each in received}) == ids


def test_any_event_can_be_sent(api: Api, receiver: Receiver) -> None:
    payload = json.loads((EXAMPLES / "permission_change_team_access.json").read_text())
    api.control("send", event="PermissionChange", payload=payload)
    (received,) = receiver.wait(1)
    assert received.headers["Linear-Event"] == "PermissionChange"
    assert received.payload.keys() == payload.keys()


def test_there_is_nothing_to_send_again_before_anything_happened(api: Api) -> None:
    answer = api.http.post(f"{api.sandbox.url}/_sandbox/redeliver", json={})
    assert answer.status_code == 404
