"""The receiver through real HTTP and a real database, with nobody working behind it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from bot.app import make_app
from bot.services import Services
from bot.settings import Settings
from bot.store import ledger
from linear.webhooks import sign
from tests.serving import serving

SECRET = "whsec-test"
SAMPLES = Path(__file__).parent.parent / "linear" / "webhooks"
ORGANIZATION = json.loads((SAMPLES / "issue_update_label_added.json").read_text())["organizationId"]


class Receiver:
    """The application with `--no-worker`, and what it has written."""

    def __init__(self, url: str, services: Services) -> None:
        self.url = url
        self.services = services

    def send(self, payload: dict[str, Any] | bytes, **headers: str) -> httpx2.Response:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        sent = {
            "Linear-Delivery": str(uuid.uuid4()),
            "Linear-Signature": sign(body, SECRET),
            "Content-Type": "application/json; charset=utf-8",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return httpx2.post(f"{self.url}/webhooks/linear", content=body, headers=sent, timeout=10)

    def rows(self, table: str) -> int:
        return self.services.database.call(
            lambda connection: connection.execute(sa.text(f"select count(*) from {table}")).scalar_one()  # noqa: S608
        )


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    services = Services(
        Settings.model_validate(
            {
                "LINEAR_API_KEY": "lin_api_test",
                "LINEAR_API_URL": "http://127.0.0.1:9/graphql",
                "LINEAR_WEBHOOK_SECRET": f"{SECRET},old-secret",
                "NEEDS_PLAN_DATA_DIR": tmp_path,
            }
        )
    )
    services.organization_id = ORGANIZATION
    with serving(make_app(services, work=False)) as url:
        yield Receiver(url, services)


def sample(name: str, **changes: Any) -> dict[str, Any]:
    payload = json.loads((SAMPLES / f"{name}.json").read_text())
    payload["webhookTimestamp"] = int(time.time() * 1000)
    return {**payload, **changes}


def test_a_label_is_recorded_before_it_is_answered(receiver: Receiver) -> None:
    assert receiver.send(sample("issue_update_label_added")).status_code == 200
    assert receiver.rows("deliveries") == 1
    assert receiver.rows("workflow_status") == 1


@pytest.mark.parametrize("name", ["issue_label_create", "document_update", "comment_update_edited", "issue_remove"])
def test_what_asks_for_nothing_is_answered_and_not_kept(receiver: Receiver, name: str) -> None:
    assert receiver.send(sample(name)).status_code == 200
    assert receiver.rows("deliveries") == 0


def test_the_same_delivery_fifty_times_at_once_is_one(receiver: Receiver) -> None:
    body = json.dumps(sample("issue_update_label_added")).encode()
    headers = {"Linear-Delivery": "d-1", "Linear-Signature": sign(body, SECRET)}

    async def storm() -> list[int]:
        async with httpx2.AsyncClient(timeout=20) as client:
            answers = await asyncio.gather(
                *(client.post(f"{receiver.url}/webhooks/linear", content=body, headers=headers) for _ in range(50))
            )
        return [answer.status_code for answer in answers]

    assert {200} == set(asyncio.run(storm()))
    assert receiver.rows("deliveries") == 1
    assert receiver.rows("workflow_status") == 1


def test_a_replay_under_another_delivery_id_is_seen_by_its_body(receiver: Receiver) -> None:
    payload = sample("issue_update_label_added")
    assert receiver.send(payload, Linear_Delivery="d-1").status_code == 200
    assert receiver.send(payload, Linear_Delivery="d-2").status_code == 200
    assert receiver.rows("deliveries") == 1


def test_a_retry_with_its_old_stamp_counts_once(receiver: Receiver) -> None:
    payload = sample("issue_update_label_added", webhookTimestamp=int((time.time() - 3700) * 1000))
    assert receiver.send(payload, Linear_Delivery="d-1").status_code == 200
    assert receiver.send(payload, Linear_Delivery="d-1").status_code == 200
    assert receiver.rows("workflow_status") == 1


def test_an_older_secret_still_counts(receiver: Receiver) -> None:
    payload = sample("issue_update_label_added")
    assert receiver.send(payload, Linear_Signature=sign(json.dumps(payload).encode(), "old-secret")).status_code == 200
    assert receiver.rows("deliveries") == 1


def _deep() -> bytes:
    return b'{"a":' * 50_000 + b"1" + b"}" * 50_000


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(sample("issue_update_label_added"), {"Linear_Signature": "0" * 64}, 401, id="wrong signature"),
        pytest.param(sample("issue_update_label_added"), {"Linear_Signature": ""}, 400, id="empty signature"),
        pytest.param(sample("issue_update_label_added"), {"Linear_Delivery": ""}, 400, id="no delivery id"),
        pytest.param(sample("issue_update_label_added", webhookTimestamp=1_600_000_000_000), {}, 401, id="years old"),
        pytest.param(b'{"action":"upda', {}, 400, id="truncated"),
        pytest.param(b"\xff\xfe{}", {}, 400, id="not UTF-8"),
        pytest.param(b'{"webhookTimestamp": NaN}', {}, 400, id="NaN"),
        pytest.param(b"[]", {}, 400, id="a list"),
        pytest.param(b"", {}, 400, id="empty"),
        pytest.param(_deep(), {}, 400, id="deeply nested"),
        pytest.param(b" " * (5 * 1024 * 1024 + 1), {}, 413, id="huge"),
    ],
)
def test_what_is_not_linears_is_refused_and_leaves_nothing(
    receiver: Receiver,
    capfd: pytest.CaptureFixture[str],
    body: dict[str, Any] | bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    capfd.readouterr()
    assert status == receiver.send(body, **headers).status_code
    assert receiver.rows("deliveries") == 0
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
    assert (said.out + said.err).count("webhook.rejected") == 1


def test_another_organization_is_ignored_and_counted(receiver: Receiver) -> None:
    assert receiver.send(sample("issue_update_label_added", organizationId=str(uuid.uuid4()))).status_code == 200
    assert receiver.rows("deliveries") == 0
    assert receiver.services.counts.get("webhooks_ignored", "other-organization") == 1
    assert (
        'needs_plan_webhooks_ignored_total{kind="other-organization"} 1' in httpx2.get(f"{receiver.url}/metrics").text
    )


def test_before_linear_told_whose_key_it_is_nothing_is_taken(receiver: Receiver) -> None:
    receiver.services.organization_id = None
    assert receiver.send(sample("issue_update_label_added")).status_code == 503
    assert receiver.rows("deliveries") == 0


def test_a_comment_of_ours_asks_for_nothing(receiver: Receiver) -> None:
    payload = sample("comment_create_slash_plan")
    entry = ledger.Entry(
        organization_id=ORGANIZATION, issue_id="i", kind="reply", linear_id=payload["data"]["id"], state="intended"
    )
    receiver.services.database.call(ledger.put, [entry])
    assert receiver.send(payload).status_code == 200
    assert receiver.rows("workflow_status") == 0


def test_a_comment_is_kept_only_if_a_run_waits_for_it(receiver: Receiver) -> None:
    payload = sample("comment_create_by_our_app")
    receiver.send(payload)
    assert receiver.rows("deliveries") == 0

    def wait(connection: sa.Connection) -> None:
        connection.execute(
            sa.text(
                "insert into runs (id, organization_id, issue_id, identifier, title, state, step, created_at)"
                " values ('r', :org, :issue, 'ENG-1', 't', 'waiting', 'ended', 1)"
            ),
            {"org": ORGANIZATION, "issue": payload["data"]["issueId"]},
        )

    receiver.services.database.call(wait)
    receiver.send(payload)
    assert receiver.rows("deliveries") == 1


def test_with_the_database_locked_the_answer_is_503_within_a_second(receiver: Receiver) -> None:
    path = receiver.services.database.url.removeprefix("sqlite:///")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    began = time.monotonic()
    assert receiver.send(sample("issue_update_label_added")).status_code == 503
    waited = time.monotonic() - began
    assert waited < 5, "generous: the promise is a second, and this machine may be busy"
    holder.execute("rollback")
    holder.close()
    until = time.monotonic() + 10
    while receiver.send(sample("issue_update_label_added")).status_code != 200:
        assert time.monotonic() < until
    assert receiver.rows("workflow_status") == 1


def test_health(receiver: Receiver) -> None:
    assert httpx2.get(f"{receiver.url}/healthz").json() == {"status": "up"}
    answer = httpx2.get(f"{receiver.url}/readyz", timeout=30)
    assert answer.status_code == 503, "Linear is not there in this test"
    assert answer.json()["parts"]["database"] == {"ready": True}


def test_metrics_answer_this_machine_only(receiver: Receiver) -> None:
    assert httpx2.get(f"{receiver.url}/metrics").status_code == 200
    assert httpx2.get(f"{receiver.url}/metrics", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 403
