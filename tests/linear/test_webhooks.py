"""parse(): whom it trusts, what it refuses with which status, and what the event is."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linear.errors import WebhookRejected
from linear.events import AgentSessionEvent, CommentEvent, Delivery, IssueEvent, OtherEvent
from linear.webhooks import LATE_UP_TO, STALE_AFTER, parse, sign

NOW = 1_789_000_000_123
SECRET = "lin_wh_secret"
ORGANIZATION = "f2b0c7f6-9f0e-4a44-8d5b-3c2a1b0d9e8f"
FILES = sorted((Path(__file__).parent / "webhooks").glob("*.json"))
COUNT_OF_FILES = 20

ISSUE = {
    "action": "update",
    "type": "Issue",
    "organizationId": ORGANIZATION,
    "webhookId": "w1",
    "webhookTimestamp": NOW,
    "actor": {"id": "u1", "type": "user", "name": "Ada"},
    "data": {"id": "i1", "identifier": "ENG-1", "labels": [{"id": "l1", "name": "needs-plan"}]},
    "updatedFrom": {"labelIds": []},
}


def deliver(
    body: object, *, secret: str = SECRET, secrets: tuple[str, ...] = (SECRET,), now: int = NOW, **headers: str
) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"linear-delivery": "d1", "linear-signature": sign(raw, secret)}
    named.update({name.replace("_", "-"): value for name, value in headers.items()})
    return parse({name: value for name, value in named.items() if value != "-"}, raw, secrets, now)


def issue(**changes: object) -> dict[str, object]:
    return {**ISSUE, **changes}


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in ISSUE.items() if key != name}


def raw(text: str) -> bytes:
    """A body whose envelope is right, with `text` as one more field's value."""
    return json.dumps(ISSUE).encode()[:-1] + b', "x": ' + text.encode() + b"}"


# --- what is refused -------------------------------------------------------------------------------------------------

REFUSED = {
    # headers
    "no signature": (lambda: deliver(ISSUE, linear_signature="-"), 400),
    "empty signature": (lambda: deliver(ISSUE, linear_signature=""), 400),
    "no delivery id": (lambda: deliver(ISSUE, linear_delivery="-"), 400),
    "blank delivery id": (lambda: deliver(ISSUE, linear_delivery="  "), 400),
    "endless delivery id": (lambda: deliver(ISSUE, linear_delivery="d" * 129), 400),
    "delivery id with a line break": (lambda: deliver(ISSUE, linear_delivery="d\n1"), 400),
    "delivery id beyond ASCII": (lambda: deliver(ISSUE, linear_delivery="dé"), 400),
    # signatures
    "wrong secret": (lambda: deliver(ISSUE, secret="other"), 401),
    "no secrets": (lambda: deliver(ISSUE, secrets=()), 401),
    "an empty secret signs nothing": (lambda: deliver(ISSUE, secret="", secrets=("", SECRET)), 401),
    "upper-case hex": (lambda: deliver(ISSUE, linear_signature=sign(json.dumps(ISSUE).encode(), SECRET).upper()), 401),
    "prefixed": (lambda: deliver(ISSUE, linear_signature="sha256=" + sign(json.dumps(ISSUE).encode(), SECRET)), 401),
    "padded": (lambda: deliver(ISSUE, linear_signature=sign(json.dumps(ISSUE).encode(), SECRET) + " "), 401),
    "truncated": (lambda: deliver(ISSUE, linear_signature=sign(json.dumps(ISSUE).encode(), SECRET)[:-1]), 401),
    "not hex": (lambda: deliver(ISSUE, linear_signature="z" * 64), 401),
    "beyond ASCII": (lambda: deliver(ISSUE, linear_signature="é" * 64), 401),
    "half a surrogate": (lambda: deliver(ISSUE, linear_signature="\ud800" * 64), 401),
    "of another body": (lambda: deliver(ISSUE, linear_signature=sign(b"{}", SECRET)), 401),
    "malformed and unsigned": (lambda: deliver(b"{", secret="other"), 401),
    # bodies
    "empty": (lambda: deliver(b""), 400),
    "truncated body": (lambda: deliver(json.dumps(ISSUE).encode()[:-5]), 400),
    "not UTF-8": (lambda: deliver(raw('"\xff"').replace("\xff".encode(), b"\xff")), 400),
    "UTF-16": (lambda: deliver(json.dumps(ISSUE).encode("utf-16")), 400),
    "byte order mark": (lambda: deliver(b"\xef\xbb\xbf" + json.dumps(ISSUE).encode()), 400),
    "NaN": (lambda: deliver(raw("NaN")), 400),
    "Infinity": (lambda: deliver(raw("Infinity")), 400),
    "minus Infinity": (lambda: deliver(raw("-Infinity")), 400),
    "a float beyond all floats": (lambda: deliver(raw("1e999")), 400),
    "a number of 5000 digits": (lambda: deliver(raw("1" * 5000)), 400),
    "a key twice": (lambda: deliver(raw('{"a": 1, "a": 2}')), 400),
    "organizationId twice": (lambda: deliver(raw('1, "organizationId": "other"')), 400),
    "deep arrays": (lambda: deliver(raw("[" * 100_000 + "]" * 100_000)), 400),
    "deep objects": (lambda: deliver(raw('{"a":' * 100_000 + "1" + "}" * 100_000)), 400),
    "two documents": (lambda: deliver(json.dumps(ISSUE).encode() * 2), 400),
    "an array": (lambda: deliver([ISSUE]), 400),
    "a string": (lambda: deliver("hello"), 400),
    "null": (lambda: deliver(None), 400),
    # envelope
    "no organizationId": (lambda: deliver(without("organizationId")), 400),
    "organizationId null": (lambda: deliver(issue(organizationId=None)), 400),
    "organizationId a number": (lambda: deliver(issue(organizationId=7)), 400),
    "organizationId empty": (lambda: deliver(issue(organizationId="")), 400),
    "no stamp": (lambda: deliver(without("webhookTimestamp")), 400),
    "no stamp, but the unsigned header": (lambda: deliver(without("webhookTimestamp"), linear_timestamp=str(NOW)), 400),
    "stamp true": (lambda: deliver(issue(webhookTimestamp=True)), 400),
    "stamp a text": (lambda: deliver(issue(webhookTimestamp=str(NOW))), 400),
    "stamp a float": (lambda: deliver(issue(webhookTimestamp=NOW + 0.5)), 400),
    "stamp null": (lambda: deliver(issue(webhookTimestamp=None)), 400),
    "stamp ahead by over a minute": (lambda: deliver(issue(webhookTimestamp=NOW + STALE_AFTER + 1)), 401),
    "stamp of eight hours and a bit": (lambda: deliver(issue(webhookTimestamp=NOW - LATE_UP_TO - 1)), 401),
    "stamp in seconds": (lambda: deliver(issue(webhookTimestamp=NOW // 1000)), 401),
    "stamp negative": (lambda: deliver(issue(webhookTimestamp=-1)), 401),
    "stamp immense": (lambda: deliver(issue(webhookTimestamp=10**300)), 401),
}


@pytest.mark.parametrize(("attempt", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_to_be_trusted_is_refused(attempt: Any, status: int) -> None:
    with pytest.raises(WebhookRejected) as refused:
        attempt()
    assert refused.value.status == status
    assert "Ada" not in refused.value.reason
    assert SECRET not in refused.value.reason


def test_the_size_is_looked_at_before_the_signature() -> None:
    with pytest.raises(WebhookRejected) as refused:
        parse({}, b"x" * 101, (SECRET,), NOW, max_bytes=100)
    assert refused.value.status == 413


def test_the_default_cap_is_five_mebibytes() -> None:
    body = raw(f'"{"a" * (5 * 1_048_576)}"')
    with pytest.raises(WebhookRejected) as refused:
        deliver(body)
    assert refused.value.status == 413


# --- what is accepted ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "late"),
    [
        (0, False), (-STALE_AFTER, False), (STALE_AFTER, False), (STALE_AFTER + 1, True),
        (3_660_000, True), (7 * 3_600_000, True), (LATE_UP_TO, True),
    ],
    ids=["now", "a-minute-ahead", "a-minute-old", "just-late", "second-retry", "third-retry", "eight-hours"],
)  # fmt: skip
def test_a_stamp_tells_whether_it_is_late(age: Any, late: Any) -> None:
    assert deliver(issue(webhookTimestamp=NOW - age)).late is late


@pytest.mark.parametrize("secrets", [(SECRET,), ("old", SECRET), (SECRET, "new"), ("", SECRET)], ids=str)
def test_any_of_several_secrets_will_do(secrets: Any) -> None:
    assert deliver(ISSUE, secrets=secrets).id == "d1"


def test_headers_may_be_spelt_in_any_case() -> None:
    body = json.dumps(ISSUE).encode()
    headers = {"Linear-Delivery": " d2 ", "LINEAR-SIGNATURE": sign(body, SECRET), "Host": "x"}
    assert parse(headers, body, (SECRET,), NOW).id == "d2"


def test_sign_is_the_bare_hex_of_the_raw_body() -> None:
    assert sign(b"raw \xff", "s") == hmac.new(b"s", b"raw \xff", hashlib.sha256).hexdigest()


def test_a_delivery_carries_what_tells_it_apart() -> None:
    body = json.dumps(ISSUE).encode()
    delivery = deliver(body)
    assert delivery.digest == hashlib.sha256(body).hexdigest()
    assert (delivery.sent_at, delivery.organization_id, delivery.webhook_id) == (NOW, ORGANIZATION, "w1")
    assert Delivery.model_validate_json(delivery.model_dump_json()) == delivery


EVENTS = {
    "unknown type": (issue(type="Spaceship"), OtherEvent(type="Spaceship", action="update")),
    "type missing": (without("type"), OtherEvent(type="", action="update")),
    "type a number": (issue(type=7, action=None), OtherEvent(type="")),
    "issue without data": (without("data"), OtherEvent(type="Issue", action="update")),
    "issue whose data is a list": (issue(data=[]), OtherEvent(type="Issue", action="update")),
    "issue without id": (issue(data={"title": "x"}), OtherEvent(type="Issue", action="update")),
    "issue whose labels are texts": (
        issue(data={"id": "i", "labels": ["x"]}),
        OtherEvent(type="Issue", action="update"),
    ),
    "issue without action": (without("action"), OtherEvent(type="Issue")),
    "comment without data": (issue(type="Comment", data=None), OtherEvent(type="Comment", action="update")),
    "agent session": (issue(type="AgentSessionEvent", action="created"), AgentSessionEvent(action="created")),
    "agent session, new action": (issue(type="AgentSessionEvent", action="sang"), AgentSessionEvent(action="sang")),
    "agent session without action": (
        issue(type="AgentSessionEvent", action=None),
        OtherEvent(type="AgentSessionEvent"),
    ),
}


@pytest.mark.parametrize(("body", "event"), EVENTS.values(), ids=EVENTS)
def test_what_is_new_is_data(body: Any, event: Any) -> None:
    assert deliver(body).event == event


def test_unknown_fields_and_values_do_not_matter() -> None:
    body = issue(action="teleport", shine=[1], data={"id": "i1", "state": {"type": "quantum", "mass": 3}, "warp": {}})
    event = deliver(body).event
    assert isinstance(event, IssueEvent)
    assert (event.action, event.data.state.type) == ("teleport", "quantum")


@pytest.mark.parametrize(
    "body",
    [
        issue(updatedFrom=None, actor=None),
        issue(data={"id": "i1", "identifier": None, "state": None, "team": None, "labels": None, "title": None}),
        issue(actor={"name": "no id"}),
        issue(actor="ada"),
    ],
    ids=["envelope", "data", "actor-without-id", "actor-a-text"],
)
def test_nulls_and_odd_actors_do_not_lose_an_issue(body: Any) -> None:
    assert isinstance(deliver(body).event, IssueEvent)


@pytest.mark.parametrize(
    ("before", "label_ids", "body"),
    [
        ({}, None, None),
        ({"labelIds": None, "body": None}, (), ""),
        ({"labelIds": ["a"], "body": "b"}, ("a",), "b"),
        (None, None, None),
    ],
    ids=["nothing-changed", "unset-before", "set-before", "null"],
)
def test_unset_before_differs_from_unchanged(before: Any, label_ids: Any, body: Any) -> None:
    event = deliver(issue(updatedFrom=before)).event
    assert isinstance(event, IssueEvent)
    assert (event.updated_from.label_ids, event.updated_from.body) == (label_ids, body)


def test_text_that_no_database_takes_is_replaced() -> None:
    body = raw('"y"').replace(b'"ENG-1"', b'"a\\ud800b\\u0000c\\ud83d\\udc40"')
    event = deliver(body).event
    assert isinstance(event, IssueEvent)
    assert event.data.identifier == "a\ufffdb\ufffdc\N{EYES}"


# --- Linear's payloads -----------------------------------------------------------------------------------------------

KINDS = {"Issue": IssueEvent, "Comment": CommentEvent, "AgentSessionEvent": AgentSessionEvent}


def test_all_payloads_are_here() -> None:
    assert len(FILES) == COUNT_OF_FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_payload_of_linear_s_parses(file: Path) -> None:
    body = file.read_bytes()
    payload = json.loads(body)
    delivery = deliver(body, now=payload["webhookTimestamp"])
    assert type(delivery.event) is KINDS.get(payload["type"], OtherEvent)
    assert delivery.organization_id == payload["organizationId"]
    assert delivery.event.action == payload["action"]
    if isinstance(delivery.event, IssueEvent):
        assert [each.id for each in delivery.event.data.labels] == payload["data"]["labelIds"]
        assert delivery.event.data.state.type == payload["data"]["state"]["type"]
    if isinstance(delivery.event, IssueEvent | CommentEvent):
        assert delivery.event.data.id == payload["data"]["id"]
        assert delivery.event.actor is not None


@given(st.binary(max_size=400))
def test_signed_noise_is_refused_and_nothing_else_is_raised(body: Any) -> None:
    with pytest.raises(WebhookRejected) as refused:
        deliver(body)
    assert refused.value.status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    type_=st.sampled_from(["Issue", "Comment", "AgentSessionEvent"]), data=JSON, actor=JSON, before=JSON, action=JSON
)
def test_any_shape_of_a_known_type_is_an_event(type_: Any, data: Any, actor: Any, before: Any, action: Any) -> None:
    delivery = deliver(issue(type=type_, data=data, actor=actor, updatedFrom=before, action=action))
    assert delivery.event.kind in {"issue", "comment", "agent-session", "other"}
    delivery.model_dump_json()


@given(
    data=st.fixed_dictionaries({"id": st.text()}, optional=dict.fromkeys(("state", "team", "labels", "title"), JSON))
)
def test_any_shape_of_an_issue_is_an_event(data: Any) -> None:
    deliver(issue(data=data)).model_dump_json()
