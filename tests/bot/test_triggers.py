"""What each delivery asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.triggers import Ignored, PlanRequest, TriggerRules, decide
from linear.events import Delivery
from linear.webhooks import parse, sign

SAMPLES = Path(__file__).parent.parent / "linear" / "webhooks"
RULES = TriggerRules(
    labels={"needs-plan": "", "needs-plan-frontend": "frontend-architect"},
    agents=frozenset({"security-reviewer", "Backend Architect"}),
)


def delivered(payload: dict[str, Any], *, delivery_id: str = "d-1") -> Delivery:
    body = json.dumps(payload).encode()
    headers = {"linear-delivery": delivery_id, "linear-signature": sign(body, "s"), "linear-event": payload["type"]}
    return parse(headers, body, ["s"], payload["webhookTimestamp"] + 5)


def sample(name: str, **changes: Any) -> dict[str, Any]:
    payload = json.loads((SAMPLES / f"{name}.json").read_text())
    for path, value in changes.items():
        target = payload
        *parents, last = path.split("__")
        for parent in parents:
            target = target[parent]
        target[last] = value
    return payload


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("issue_update_label_added", "label"),
        ("issue_create_with_label", "label"),
        ("issue_update_label_removed", "no-label"),
        ("issue_update_title_only_label_already_there", "wake"),
        ("issue_remove", "issue-remove"),
        ("issue_label_create", "other-event"),
        ("comment_create_slash_plan", "comment"),
        ("comment_create_reply", "comment"),
        ("comment_create_by_our_app", "wake"),
        ("comment_create_on_document", "comment-elsewhere"),
        ("comment_update_edited", "comment-update"),
        ("document_update", "other-event"),
        ("agent_session_event_created_delegation", "agent-session"),
        ("agent_session_event_created_mention", "agent-session"),
        ("agent_session_event_prompted", "agent-session"),
        ("agent_session_event_prompted_stop", "agent-session"),
        ("app_user_notification_issue_assigned_to_you", "other-event"),
        ("app_user_notification_issue_comment_mention", "other-event"),
        ("permission_change_team_access", "other-event"),
        ("oauth_app_revoked", "other-event"),
    ],
)
def test_every_sample_is_decided(name: str, outcome: str) -> None:
    decision = decide(delivered(sample(name)), RULES)
    assert outcome == (decision.because if isinstance(decision, Ignored) else decision.kind)


def test_no_sample_is_forgotten() -> None:
    assert len(list(SAMPLES.glob("*.json"))) == 20


ADDED = "issue_update_label_added"
OTHER_LABEL = "1f0e2d3c-4b5a-4968-8776-5a4b3c2d1e0f"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"data__labels": []}, "no-label", id="no labels"),
        pytest.param({"data__labels": [], "updatedFrom": {"description": "x"}}, "wake", id="rewritten, no label"),
        pytest.param({"data__labels": [], "action": "create"}, "no-label", id="created without the label"),
        pytest.param({"updatedFrom": None}, "label-not-new", id="updatedFrom is null"),
        pytest.param({"updatedFrom__labelIds": None}, "label", id="labelIds is null: none before"),
        pytest.param({"updatedFrom__labelIds": []}, "label", id="the only label"),
        pytest.param({"updatedFrom": {"description": None}}, "wake", id="a first description"),
        pytest.param({"updatedFrom": {"stateId": "x"}}, "label-not-new", id="moved to another state"),
        pytest.param({"data__archivedAt": "2026-01-01T00:00:00Z"}, "archived", id="archived"),
        pytest.param({"data__trashed": True}, "archived", id="trashed"),
        pytest.param({"action": "restore"}, "issue-restore", id="an action never seen"),
        pytest.param({"type": "Spaceship"}, "other-event", id="a type never seen"),
        pytest.param({"data__newField": {"deep": [1]}}, "label", id="a field never seen"),
        pytest.param({"data__state__type": "dreaming"}, "label", id="a state never seen"),
        pytest.param({"data__labels": "many"}, "other-event", id="a known type in a shape never seen"),
    ],
)
def test_label_events(changes: dict[str, Any], outcome: str) -> None:
    decision = decide(delivered(sample(ADDED, **changes)), RULES)
    assert outcome == (decision.because if isinstance(decision, Ignored) else decision.kind)


def test_label_name_ignores_case() -> None:
    payload = sample(ADDED)
    payload["data"]["labels"][1]["name"] = "Needs-Plan"
    assert isinstance(decide(delivered(payload), RULES), PlanRequest)


def test_two_labels_of_one_name_where_one_was_there_already() -> None:
    payload = sample(ADDED)
    payload["data"]["labels"].append({"id": "team-label", "name": "needs-plan", "color": "#fff", "parentId": None})
    payload["updatedFrom"]["labelIds"].append("team-label")
    assert decide(delivered(payload), RULES) == Ignored(because="label-not-new")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("/plan", "comment"),
        ("/PLAN", "comment"),
        ("!plan", "comment"),
        ("  /plan  ", "comment"),
        ("/plan\n\nwith DynamoDB below", "comment"),
        ("/plan use DynamoDB", "comment"),
        ("/plan status page redesign", "comment"),
        ("/plan status", "keyword"),
        ("/plan Cancel", "keyword"),
        ("/plan approve 1,3-4", "approve"),
        ("/plan with security-reviewer", "comment"),
        ("/plan cancel flow must be idempotent", "comment"),
        ("please /plan", "wake"),
        ("> /plan", "wake"),
        ("    /plan", "wake"),
        ("\t/plan", "wake"),
        ("`/plan`", "wake"),
        ("```\n/plan\n```", "wake"),
        ("\n/plan", "wake"),
        ("/planning is hard", "wake"),
        ("/plan-b", "wake"),
        ("", "wake"),
    ],
)
def test_comments(body: str, kind: str) -> None:
    decision = decide(delivered(sample("comment_create_slash_plan", data__body=body)), RULES)
    assert isinstance(decision, PlanRequest)
    assert kind == decision.kind


def test_what_stands_after_the_command_is_guidance() -> None:
    decision = decide(delivered(sample("comment_create_slash_plan")), RULES)
    assert isinstance(decision, PlanRequest)
    assert decision.guidance == "focus on the token bucket, keep Redis optional"


@pytest.mark.parametrize(
    ("rest", "agent", "guidance"),
    [
        ("", "", ""),
        ("with security-reviewer", "security-reviewer", ""),
        ("With Security-Reviewer", "security-reviewer", ""),
        ("with `security-reviewer`", "security-reviewer", ""),
        ("with @security_reviewer.", "security-reviewer", ""),
        ("with security-reviewer focus on  tokens", "security-reviewer", "focus on  tokens"),
        ("with security-reviewer: focus on tokens", "security-reviewer", "focus on tokens"),
        ("with security-reviewer, please", "security-reviewer", "please"),
        ("with security-reviewer - no Redis", "security-reviewer", "no Redis"),
        ("with backend architect and no Redis", "Backend Architect", "and no Redis"),
        ("with backend-architect", "Backend Architect", ""),
        ("with nobody", "nobody", ""),
        ("with redis as cache", "", "with redis as cache"),
        ("without redis", "", "without redis"),
        ("the API with security-reviewer", "", "the API with security-reviewer"),
        ("status page with security-reviewer", "", "status page with security-reviewer"),
    ],
)
def test_who_should_plan_by_command(rest: str, agent: str, guidance: str) -> None:
    decision = decide(delivered(sample("comment_create_slash_plan", data__body=f"/plan {rest}")), RULES)
    assert isinstance(decision, PlanRequest)
    assert (decision.kind, decision.agent, decision.guidance) == ("comment", agent, guidance)


FRONTEND = {"id": "frontend-label", "name": "Needs-Plan-Frontend", "color": "#fff", "parentId": None}


@pytest.mark.parametrize(
    ("labels", "before", "agent"),
    [
        pytest.param([FRONTEND], [], "frontend-architect", id="a trigger of its own"),
        pytest.param([FRONTEND], ["frontend-label"], None, id="was there already"),
        pytest.param(["main"], [], "", id="the main label names nobody"),
        pytest.param(["main", FRONTEND], [], "frontend-architect", id="both at once"),
        pytest.param(["main", FRONTEND], ["main"], "frontend-architect", id="the second one after the first"),
        pytest.param(["main", FRONTEND], ["frontend-label"], "", id="the main one after the second"),
        pytest.param(["main", FRONTEND], ["main", "frontend-label"], None, id="both were there already"),
    ],
)
def test_who_should_plan_by_label(labels: list[Any], before: list[str], agent: str | None) -> None:
    payload = sample(ADDED)
    main = next(label for label in payload["data"]["labels"] if label["name"] == "needs-plan")
    payload["data"]["labels"] = [main if label == "main" else label for label in labels]
    payload["updatedFrom"]["labelIds"] = [main["id"] if each == "main" else each for each in before]
    decision = decide(delivered(payload), RULES)
    if agent is None:
        assert decision == Ignored(because="label-not-new")
    else:
        assert isinstance(decision, PlanRequest)
        assert (decision.kind, decision.agent) == ("label", agent)


def test_a_request_stored_by_an_earlier_version_still_loads() -> None:
    decision = decide(delivered(sample(ADDED)), RULES)
    assert isinstance(decision, PlanRequest)
    stored = decision.model_dump(mode="json")
    del stored["agent"]
    assert PlanRequest.model_validate(stored).agent == ""


@pytest.mark.parametrize("name", [ADDED, "comment_create_slash_plan"])
def test_other_teams_are_left_alone(name: str) -> None:
    assert decide(delivered(sample(name)), TriggerRules(labels={"needs-plan": ""}, teams=("OPS",))) == Ignored(
        because="other-team"
    )
    assert isinstance(
        decide(delivered(sample(name)), TriggerRules(labels={"needs-plan": ""}, teams=("ENG",))), PlanRequest
    )


def test_two_webhooks_for_one_event_are_one_request() -> None:
    first = decide(delivered(sample(ADDED), delivery_id="d-1"), RULES)
    second = decide(delivered(sample(ADDED, webhookId="another-webhook"), delivery_id="d-2"), RULES)
    later = decide(delivered(sample(ADDED, data__updatedAt="2026-09-11T00:00:00.000Z")), RULES)
    assert isinstance(first, PlanRequest)
    assert isinstance(second, PlanRequest)
    assert isinstance(later, PlanRequest)
    assert first.id == second.id
    assert first.id != later.id


def test_the_asker_is_the_webhooks_actor() -> None:
    decision = decide(delivered(sample(ADDED)), RULES)
    assert isinstance(decision, PlanRequest)
    assert decision.asker.name == "Ada Park"
    assert decision.asker.url == "https://linear.app/acme/profiles/ada"
    nobody = decide(delivered(sample(ADDED, actor=None)), RULES)
    assert isinstance(nobody, PlanRequest)
    assert nobody.asker.id == ""


def test_a_command_on_a_document_is_looked_up_later() -> None:
    decision = decide(delivered(sample("comment_create_on_document", data__body="/plan status")), RULES)
    assert isinstance(decision, PlanRequest)
    assert (decision.kind, decision.issue_id) == ("keyword", "")
    assert decision.document_id == "0d1c2b3a-4958-4677-8685-94a3b2c1d0ef"
    elsewhere = sample("comment_create_on_document", data__body="/plan", data__documentContent=None)
    assert decide(delivered(elsewhere), RULES) == Ignored(because="comment-elsewhere")
