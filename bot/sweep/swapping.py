"""Swaps labels where a run has ended and its own swap was lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from bot import publication
from bot.gather import read_place
from bot.labels import DONE, FAILED, label_id
from bot.publish import Publisher
from bot.triggers import Asker, PlanRequest

if TYPE_CHECKING:
    from bot.gather import Place
    from bot.services import Services
    from bot.sweep.decide import Row
    from linear.client import Linear
    from linear.writes import SwapLabels

log = structlog.get_logger()


async def swap_again(services: Services, organization_id: str, row: Row) -> str | None:
    """Do what the run that ended as `row.settled` would have done. Raises Linear's errors.

    Answers why it was not done, a sentence: whatever changed the issue since may have been a new press.
    """
    linear = await services.linear()
    request = PlanRequest(
        id=row.run_id,
        kind="sweep",
        organization_id=organization_id,
        issue_id=row.issue_id,
        identifier=row.identifier,
        title=row.title,
        asker=Asker(),
        received_at=time.time(),
    )
    place = await read_place(linear, services.settings, request)
    if place.revision != row.revision:
        return "It was changed while the sweep looked at it; the next one looks again."
    publisher = Publisher(
        linear, services.database, organization_id=organization_id, issue_id=row.issue_id, run_id=row.run_id
    )
    await publisher.labels(await _write(services, linear, place, row.settled))
    log.info("sweep.swapped", issue=row.identifier, run=row.run_id)
    return None


async def _write(services: Services, linear: Linear, place: Place, settled: str) -> SwapLabels:
    settings = services.settings
    match settled:
        case "done":
            done = await label_id(linear, place.organization_id, settings.done_label, DONE, known=place.done_label)
            return publication.done_labels(place, done)
        case "failed":
            failed = await label_id(
                linear, place.organization_id, settings.failed_label, FAILED, known=place.failed_label
            )
            return publication.failed_labels(place, failed)
        case _:  # canceled: nobody waits for a plan any more
            return publication.labels_off(place.issue_id, place.trigger_labels)
