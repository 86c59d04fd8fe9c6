"""POST /webhooks/linear: trust it, decide, record, answer. 200 only when what must be done is on disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request, Response

from bot.engine.record import CannotRecord, Entry
from bot.triggers import Ignored, TriggerRules, decide
from linear.errors import WebhookRejected
from linear.webhooks import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.engine.record import Recorder
    from bot.telemetry import Counts

log = structlog.get_logger()

# Linear's own SDK takes 5 MiB; an issue with the longest description is far below.
_BODY_MOST = 5 * 1024 * 1024


def routes(
    *,
    secrets: tuple[str, ...],
    rules: Callable[[], TriggerRules],
    organization: Callable[[], str | None],
    recorder: Recorder,
    counts: Counts,
) -> APIRouter:
    """The webhook route. `rules()`: what counts as a trigger now.

    `organization()`: the id of the organization we serve, None while Linear has not told us.
    """
    router = APIRouter()

    @router.post("/webhooks/linear")
    async def linear(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        try:
            body = await _body(request)
            delivery = parse(request.headers, body, secrets, int(time.time() * 1000), max_bytes=_BODY_MOST)
        except WebhookRejected as rejected:
            counts.add("webhooks_rejected", str(rejected.status))
            log.warning("webhook.rejected", status=rejected.status, reason=rejected.reason)
            return Response(rejected.reason, status_code=rejected.status, media_type="text/plain")
        ours = organization()
        if ours is None:
            counts.add("webhooks_refused", "organization-unknown")
            log.warning("webhook.refused", reason="Linear has not told us yet whose key this is")
            return Response("not ready", status_code=503, media_type="text/plain")
        if delivery.organization_id != ours:
            counts.add("webhooks_ignored", "other-organization")
            return Response(status_code=200)
        decision = decide(delivery, rules())
        if isinstance(decision, Ignored):
            counts.add("webhooks_ignored", decision.because)
            return Response(status_code=200)
        try:
            outcome = await recorder.record(Entry(delivery_id=delivery.id, digest=delivery.digest, request=decision))
        except CannotRecord:
            counts.add("webhooks_refused", "cannot-record")
            return Response("cannot record", status_code=503, media_type="text/plain")
        counts.add("webhooks_recorded" if outcome == "recorded" else "webhooks_ignored", outcome)
        if outcome == "recorded":
            log.info("webhook.recorded", issue=decision.identifier, kind=decision.kind, request=decision.id)
        return Response(status_code=200)

    return router


async def _body(request: Request) -> bytes:
    """The body, cut off as soon as it is larger than any Linear sends."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MOST:
            raise WebhookRejected(413, "body too large")
    return bytes(body)
