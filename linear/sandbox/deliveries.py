"""Sends webhooks as Linear does: signed, and again after 1 minute, 1 hour and 6 hours without a 200 within 5 s.

On demand also as networks do: twice, late, or in another order.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

import httpx2

from linear.ids import stable_id
from linear.sandbox.payloads import payload
from linear.sandbox.rows import Webhook
from linear.sandbox.workspace import Change, Workspace
from linear.webhooks import sign

ANSWER_WITHIN_S = 5.0
RETRY_AFTER_S = (60.0, 3600.0, 21600.0)
WEBHOOK_ID = stable_id("sandbox", "webhook")

_OK = 200

Order = Literal["made", "reversed"]


@dataclass
class Delivery:
    """One delivery. `outcomes`: an HTTP status, or what went wrong, for each attempt.

    `state`: `held`, `sending`, `retrying`, `taken` (answered 200), `given up`, or `nobody` where none is to be told.
    """

    id: str
    event: str
    body: bytes
    stamp: int
    state: str = "sending"
    outcomes: list[str] = field(default_factory=list[str])

    def as_json(self) -> dict[str, object]:
        """For tests, with the payload."""
        return {
            "id": self.id,
            "event": self.event,
            "state": self.state,
            "outcomes": list(self.outcomes),
            "payload": json.loads(self.body),
        }


class Deliveries:
    """All deliveries of one webhook. Its methods may be called from any thread once `begin` was."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        notify: str | None,
        secret: str,
        retry_scale: float = 1.0,
        renew_stamp: bool = False,
    ) -> None:
        """`notify`: who is told; it may be set later. `retry_scale` scales the waits before a retry.

        `renew_stamp`: retries carry a new `webhookTimestamp`. Linear's are reported to keep the first one.
        """
        made = workspace.clock.now()
        told = ["Issue", "Comment", "Document", "IssueLabel"]
        self.webhook = Webhook(
            id=WEBHOOK_ID, created_at=made, updated_at=made, url=notify, label="needs-plan", resource_types=told
        )
        workspace.webhooks[WEBHOOK_ID] = self.webhook
        self.secret = secret
        self.retry_scale = retry_scale
        self.renew_stamp = renew_stamp
        self.holding = False
        self._workspace = workspace
        self._lock = threading.Lock()
        self._made: list[Delivery] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._http: httpx2.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        workspace.listen(self._changed)

    @property
    def notify(self) -> str | None:
        """Who is told; None: nobody."""
        return self.webhook.url

    @notify.setter
    def notify(self, url: str | None) -> None:
        self.webhook.url = url

    async def begin(self) -> None:
        """To be called once, on the loop that is to send."""
        self._loop = asyncio.get_running_loop()
        # Each delivery on a connection of its own: a bot that was killed leaves none behind to be used again.
        limits = httpx2.Limits(max_keepalive_connections=0, max_connections=None)
        self._http = httpx2.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, limits=limits)

    async def end(self) -> None:
        """Gives up what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    @property
    def all(self) -> Sequence[Delivery]:
        """Every delivery so far, in the order of the changes."""
        with self._lock:
            return tuple(self._made)

    @property
    def pending(self) -> int:
        """How many are held, being sent or waiting for a retry."""
        return sum(each.state in {"held", "sending", "retrying"} for each in self.all)

    def hold(self) -> None:
        """From now on nothing is sent until `release`."""
        self.holding = True

    def release(self, order: Order = "made", times: int = 1) -> int:
        """Sends what was held, in that order and one after the other, each `times` times; answers how many there were.

        A repeat after a failure comes in its own time.
        """
        self.holding = False
        held = [each for each in self.all if each.state == "held"]
        queue: list[Delivery] = []
        for each in reversed(held) if order == "reversed" else held:
            each.state = "sending"
            queue += [each, *(self._copy(each, new_id=False, renew_stamp=False) for _ in range(times - 1))]
        self._start(*queue)
        return len(held)

    def redeliver(
        self, delivery: str | None = None, *, times: int = 1, new_id: bool = False, renew_stamp: bool = False
    ) -> list[Delivery]:
        """Sends one again: the one of that id, of that type (`Issue`) most recently, or the last of all.

        Raises LookupError where there is none.
        """
        made = self.all
        fitting = [each for each in made if delivery in {None, each.id, each.event}]
        if not fitting:
            raise LookupError("no such delivery")
        copies = [self._copy(fitting[-1], new_id=new_id, renew_stamp=renew_stamp) for _ in range(times)]
        for each in copies:
            self._start(each)
        return copies

    def send(self, event: str, body: Mapping[str, object]) -> Delivery:
        """Sends any payload, signed: for events that nothing here makes."""
        return self._deliver(event, dict(body))

    def _changed(self, change: Change) -> None:
        body = payload(self._workspace, change, WEBHOOK_ID)
        if body is not None:
            self._deliver(change.entity, body)

    def _deliver(self, event: str, body: dict[str, object]) -> Delivery:
        stamp = int(time.time() * 1000)
        raw = json.dumps({**body, "webhookTimestamp": stamp}, ensure_ascii=False).encode()
        delivery = Delivery(id=str(uuid4()), event=event, body=raw, stamp=stamp)
        with self._lock:
            self._made.append(delivery)
        if self.notify is None or not self.webhook.enabled:
            delivery.state = "nobody"
        elif self.holding:
            delivery.state = "held"
        else:
            self._start(delivery)
        return delivery

    def _copy(self, delivery: Delivery, *, new_id: bool, renew_stamp: bool) -> Delivery:
        copy = Delivery(
            id=str(uuid4()) if new_id else delivery.id, event=delivery.event, body=delivery.body, stamp=delivery.stamp
        )
        if renew_stamp:
            _renew(copy)
        with self._lock:
            self._made.append(copy)
        return copy

    def _start(self, *deliveries: Delivery) -> None:
        if self._loop is None:
            for each in deliveries:
                each.state = "nobody"
        else:
            self._loop.call_soon_threadsafe(self._begin, deliveries)

    def _begin(self, deliveries: Sequence[Delivery]) -> None:
        self._spawn(self._in_turn(deliveries))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            if not await self._taken(each):
                self._spawn(self._again(each))

    async def _again(self, delivery: Delivery) -> None:
        for wait in RETRY_AFTER_S:
            delivery.state = "retrying"
            await asyncio.sleep(wait * self.retry_scale)
            if self.renew_stamp:
                _renew(delivery)
            if await self._taken(delivery):
                return
        delivery.state = "given up"

    async def _taken(self, delivery: Delivery) -> bool:
        outcome = await self._attempt(delivery)
        delivery.outcomes.append(outcome)
        if outcome != str(_OK):
            return False
        delivery.state = "taken"
        return True

    async def _attempt(self, delivery: Delivery) -> str:
        if self.notify is None or self._http is None or not self.webhook.enabled:
            return "nobody is told"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept-Charset": "utf-8",
            "User-Agent": "Linear-Webhook",
            "Linear-Delivery": delivery.id,
            "Linear-Event": delivery.event,
            "Linear-Signature": sign(delivery.body, self.secret),
            "Linear-Timestamp": str(delivery.stamp),
        }
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await self._http.post(
                    self.notify, content=delivery.body, headers=headers, follow_redirects=False
                )
        except TimeoutError:
            return "no answer in time"
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return type(error).__name__
        return str(answer.status_code)


def _renew(delivery: Delivery) -> None:
    delivery.stamp = int(time.time() * 1000)
    delivery.body = json.dumps(
        {**json.loads(delivery.body), "webhookTimestamp": delivery.stamp}, ensure_ascii=False
    ).encode()
