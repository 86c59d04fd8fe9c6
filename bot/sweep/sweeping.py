"""One sweep: look at what carries the label, have plans begun, redo lost label swaps, and tell of missed webhooks."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.engine.record import CannotRecord, Entry
from bot.services import fingerprint
from bot.slots import slot_of
from bot.store import keep, sweeps
from bot.sweep.decide import Bounds, Row, decide
from bot.sweep.hearing import why_unheard
from bot.sweep.reading import Pressers
from bot.sweep.swapping import swap_again
from bot.triggers import PlanRequest
from linear.errors import LinearError
from linear.ids import stable_id
from linear.sweep import HISTORIES_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.engine.record import Recorder
    from bot.services import Services
    from bot.store.sweeps import Known
    from bot.sweep.decide import Press
    from linear.client import Linear
    from linear.sweep import LabelledIssue

log = structlog.get_logger()

_HISTORIES_MOST = 20 * HISTORIES_AT_ONCE
"""Issues whose histories one sweep asks for. What was read is remembered, so that the next one comes further."""


class Outcome(NamedTuple):
    """What a sweep came to. `because`: why it could not be done, a sentence; None if it was."""

    slot: str
    rows: list[Row]
    because: str | None = None

    @property
    def counted(self) -> dict[str, int]:
        """Issues by what became of them."""
        return dict(Counter(row.what for row in self.rows))


class Sweep:
    """Sweeps of one process. Everything it does may be repeated, here or by another replica."""

    def __init__(self, services: Services, recorder: Recorder | None) -> None:
        """`recorder`: takes in what is found; None where it is only looked."""
        self._services = services
        self._recorder = recorder
        self._team_ids: dict[str, str] = {}

    async def tick(self) -> None:
        """Sweep the slot that has come, unless another replica has it. Never raises: the next slot tries again."""
        try:
            await self.run(slot_of(self._services.settings.sweep, datetime.now(UTC)))
        except Exception as error:
            log.exception("sweep.broken", error=type(error).__name__)

    async def run(self, slot: datetime | None = None) -> Outcome | None:
        """Sweep, once for a slot over all replicas; None if another has that slot. Without a slot: now, by hand.

        A replica that ends in the midst does not lose anything: the next slot finds again what is still to be done.
        """
        name = f"by hand {uuid.uuid4()}" if slot is None else slot.astimezone(UTC).isoformat()
        database = self._services.database
        try:
            organization_id = await self._organization_id()
            if organization_id is None:
                log.warning("sweep.not_begun", slot=name, error="nobody has told yet whose key this is")
                return Outcome(name, [], _sentence(self._services.trouble or "Linear has not told whose key this is"))
            since = await database.run(sweeps.watching_since, organization_id)
            if not await database.run(sweeps.claim, organization_id, name):
                return None
        except SQLAlchemyError as error:
            log.warning("sweep.not_begun", slot=name, error=type(error).__name__)
            return Outcome(name, [], "The bot's database cannot be reached.")
        rows: list[Row] = []
        because: str | None = None
        try:
            rows = await self._look(organization_id, since, keep=True)
            rows = await self._act(organization_id, rows)
        except LinearError as error:
            because = _sentence(str(error))
        except SQLAlchemyError:
            because = "The bot's database cannot be reached."
        outcome = Outcome(name, rows, because)
        self._services.counts.add("sweeps", "failed" if because else "done")
        log.info("sweep.ended", slot=name, because=because, **{f"issues_{k}": v for k, v in outcome.counted.items()})
        try:
            await database.run(sweeps.end, organization_id, name, because=because, counted=outcome.counted)
        except SQLAlchemyError as error:
            log.warning("sweep.not_ended", slot=name, error=type(error).__name__)
        return outcome

    async def look(self) -> list[Row]:
        """What a sweep would do now; writes nothing. Raises Linear's errors."""
        linear = await self._services.linear()
        organization_id = (await linear.identity()).organization.id
        since = await self._services.database.run(sweeps.watching_since, organization_id)
        return await self._look(organization_id, since, keep=False)

    async def _organization_id(self) -> str | None:
        """Whose key this is; asked for where a sweep comes before the answer that the start waits for."""
        services = self._services
        if services.organization_id is not None:
            return services.organization_id
        try:
            return (await (await services.linear()).identity()).organization.id
        except LinearError as error:
            services.trouble = str(error)
            # What an earlier start learnt: so that it is recorded, and seen, that nothing can be swept.
            return await services.database.run(keep.organization_of, fingerprint(services.settings))

    async def _look(self, organization_id: str, since: float | None, *, keep: bool) -> list[Row]:
        services = self._services
        linear, database, settings = await services.linear(), services.database, services.settings
        issues = await linear.labelled(settings.trigger_labels, await self._teams(linear))
        if not issues:
            return []
        known = await database.run(sweeps.known, organization_id, [issue.id for issue in issues])
        pressers = Pressers(linear, database, organization_id, settings.trigger_labels, keep=keep)
        skew = linear.clock_skew_s or 0.0
        bounds = await self._bounds(time.time() - skew, skew, since)
        presses: dict[str, Press | None] = {}
        by_id = {issue.id: issue for issue in issues}
        while True:
            rows = decide(issues, known, presses, settings.rules, bounds)
            unread = [by_id[row.issue_id] for row in rows if row.what == "unread"]
            part = _first(unread, known, min(HISTORIES_AT_ONCE, _HISTORIES_MOST - len(presses)))
            if not part:
                return rows
            presses |= await pressers.read(part, bounds.now)

    async def _teams(self, linear: Linear) -> list[str] | None:
        """The ids of the served teams, asked once in a process where all of them are found; None: all teams."""
        served = self._services.settings.rules.served
        if served is None:
            return None
        if not set(served) <= self._team_ids.keys():
            self._team_ids = {team.key: team.id for team in await linear.teams()}
        return [self._team_ids[key] for key in served if key in self._team_ids]

    async def _bounds(self, now: float, skew_s: float, since: float | None) -> Bounds:
        """A plan counts at the most it may cost, so that what a sweep begins does not end at a cap."""
        settings, database = self._services.settings, self._services.database
        most = settings.rules.sweep_max
        if self._services.scripted:
            return Bounds(now, most, skew_s=skew_s, since=since)

        async def room(cap: float, team: str | None) -> int:
            a_plan = min(settings.max_usd_per_plan, cap)
            if team is None:
                taken = await database.run(sweeps.committed, settings.max_usd_per_plan)
            else:
                taken = await database.run(sweeps.committed_of_team, team, settings.max_usd_per_plan)
            return max(0, int((cap - taken) / a_plan))

        teams = {
            key: await room(rule.max_usd_per_day, key)
            for key, rule in settings.rules.teams.items()
            if rule.max_usd_per_day is not None
        }
        return Bounds(now, most, await room(settings.max_usd_per_day, None), teams, skew_s, since)

    async def _act(self, organization_id: str, rows: Sequence[Row]) -> list[Row]:
        """Do what the rows say; answers them with what came of it."""
        # Said on an issue only where a run of it begins, so that there is a comment to say it under.
        tell = await self._tell_missed(organization_id, rows)
        done: list[Row] = []
        for row in rows:
            if row.what == "swap labels only":
                done.append(await self._swapped(organization_id, row))
            elif row.what == "plan":
                done.append(await self._asked(organization_id, row, missed=tell and row.missed))
                tell = tell and not row.missed
            else:
                done.append(row)
        return done

    async def _tell_missed(self, organization_id: str, rows: Sequence[Row]) -> bool:
        """Note that webhooks did not come; answers whether that is news."""
        missed = [row for row in rows if row.missed]
        if not missed:
            return False
        because = await why_unheard(await self._services.linear(), missed)
        log.warning("sweep.webhooks_missed", issues=[row.identifier for row in missed][:20], because=because)
        self._services.counts.add("webhooks_missed")
        return await self._services.database.run(
            sweeps.notify, organization_id, sweeps.WEBHOOK, because, at=time.time()
        )

    async def _swapped(self, organization_id: str, row: Row) -> Row:
        try:
            why = await swap_again(self._services, organization_id, row)
        except LinearError as error:
            why = _sentence(str(error))
            log.warning("sweep.not_swapped", issue=row.identifier, reason=why)
        return row if why is None else row.model_copy(update={"why": why})

    async def _asked(self, organization_id: str, row: Row, *, missed: bool) -> Row:
        """Have it taken in as a webhook is: recorded, and once for a press."""
        if self._recorder is None or row.press is None:
            return row
        request = request_of(organization_id, row, row.press, missed=missed)
        # Recorded anew a day later, should whoever was to take it in have broken: hence the day in the workflow's id.
        day = datetime.now(UTC).strftime("%Y-%m-%d")
        entry = Entry(f"sweep-{request.id}", request.id, request, workflow_id=f"{request.id}-{day}")
        try:
            outcome = await self._recorder.record(entry)
        except CannotRecord:
            return row.model_copy(update={"what": "unread", "why": "The bot's database did not take it."})
        if outcome == "duplicate":
            return row.model_copy(update={"what": "live", "why": "It was found before, and is being taken in."})
        log.info("sweep.recorded", issue=row.identifier, request=request.id)
        return row


def request_of(organization_id: str, row: Row, press: Press, *, missed: bool = False) -> PlanRequest:
    """The wish that a press is. Its id tells this press, after the runs there were, from all others."""
    return PlanRequest(
        id=stable_id(organization_id, "sweep", row.issue_id, press.key, row.run_id),
        kind="sweep",
        organization_id=organization_id,
        issue_id=row.issue_id,
        identifier=row.identifier,
        title=row.title,
        team_key=row.team_key,
        asker=press.asker,
        agent=press.agent,
        received_at=time.time(),
        pressed_at=press.at,
        missed=missed,
    )


def _first(unread: Sequence[LabelledIssue], known: Mapping[str, Known], most: int) -> Sequence[LabelledIssue]:
    """Those whose histories are read next: where a run has ended the labels may be all that is missing."""
    return sorted(unread, key=lambda issue: issue.id not in known)[: max(0, most)]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
