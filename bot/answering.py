"""Answers commands that ask for something else than a plan: help, status, cancel. Part of a request's workflow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from bot import messages, publication, replanned
from bot.commands import Command
from bot.desk import Desk
from bot.gather import read_reads, read_standing
from bot.patience import Patience, Stopped
from bot.posting import Written
from bot.staleness import changes
from bot.store import ledger, plans, runs
from bot.undoing import Undoing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.engine.steps import Json, Steps
    from bot.services import Services
    from bot.store.ledger import Entry
    from bot.triggers import PlanRequest
    from planner.plan import Plan

log = structlog.get_logger()

# A step that is cut short has ended by then, whichever replica it ran on: the engine looks once a second.
_CUT_SHORT_S = 1.3
_SAY_FOR_S = 60.0
# Nobody reads a list and answers it faster.
_READ_WITHIN_S = 10.0


class Answering:
    """What becomes of one command. Every step may be repeated."""

    def __init__(self, services: Services, steps: Steps, request: PlanRequest) -> None:
        """`request` is of the kind `keyword`."""
        self._services = services
        self._steps = steps
        self._request = request

    async def answer(self) -> str:
        """Do what the command says; returns the answer for its thread, as Markdown. Raises `Stopped`."""
        command = self._request.command
        match command:
            case Command(word="help"):
                return messages.help_text(self._services.settings.label)
            case Command(word="unsure"):
                return messages.unsure(command.meant)
            case Command(word="status"):
                return await self._patience().run("status", self._status)
            case Command(word="cancel"):
                return await self._cancel()
            case Command(word="undo"):
                return await Undoing(self._services, self._steps, self._request).undo()
            case _:  # of a version that knew more words
                return messages.keyword_not_known()

    async def why_not_approve(self) -> str | None:
        """Why `/plan approve` comes to nothing, in a sentence; None where it may be done. Raises `Stopped`."""
        return await self._patience().run("what awaits approval", self._unapprovable)

    async def _unapprovable(self) -> Json:
        request = self._request
        if any(run.state in runs.LIVE for run in await self._runs()):
            return replanned.approve_while_running()
        versions = await self._services.database.run(plans.versions, request.organization_id, request.issue_id)
        posted = [each for each in versions if each.posted_at is not None]
        try:
            plan = Written.model_validate_json(posted[-1].body).plan if posted else None
        except ValidationError:
            plan = None
        if plan is None:
            return replanned.nothing_to_approve(planned=False)
        waiting = await self._waiting(plan)
        if not waiting:
            return replanned.nothing_to_approve(planned=True)
        told = replanned.awaits([plan.phases[number - 1].title for number in waiting], waiting)
        # Whoever approves has read a list: one that changed a moment ago is not the one they read.
        newer = len(posted) > 1 and (posted[-1].posted_at or 0.0) > request.received_at - _READ_WITHIN_S
        wanted = request.command.phases if request.command else ()
        if newer or any(number > len(plan.phases) for number in wanted):
            return replanned.approve_another(told)
        return None

    async def _waiting(self, plan: Plan) -> list[int]:
        """The numbers of the phases that may have a sub-issue and have none."""
        request, rules = self._request, self._services.settings.rules
        entries = await self._services.database.run(ledger.of_issue, request.organization_id, request.issue_id)
        have = {entry.phase_key for entry in entries if entry.kind in ("sub-issue", "link") and entry.state == "made"}
        may = {phase.key for phase in publication.phases_to_create(plan, rules.max_subissues)} - have
        return [number for number, phase in enumerate(plan.phases, start=1) if phase.key in may]

    def _patience(self, give_up_after_s: float = _SAY_FOR_S) -> Patience:
        return Patience(self._steps, give_up_after_s=give_up_after_s, pace=self._services.pace)

    async def _runs(self) -> list[runs.Run]:
        return await self._services.database.run(
            runs.of_issue, self._request.organization_id, self._request.issue_id, limit=20
        )

    async def _status(self) -> Json:
        found = await self._runs()
        entries = await self._services.database.run(
            ledger.of_issue, self._request.organization_id, self._request.issue_id
        )
        documents = [entry.url for entry in entries if entry.kind == "document" and entry.state == "made"]
        said = messages.status([_told(run) for run in found], documents[-1] if documents else None)
        stale = await self._stale(entries) if documents else []
        return f"{said}\n\n{replanned.stale(stale)}" if stale else said

    async def _stale(self, entries: Sequence[Entry]) -> list[str]:
        """How the issue has moved on since its plan was made."""
        request, services = self._request, self._services
        versions = await services.database.run(plans.versions, request.organization_id, request.issue_id)
        if not versions or versions[-1].posted_at is None:
            return []
        return changes(
            versions[-1].reads, await read_reads(await services.linear(), services.settings, request, entries)
        )

    async def _cancel(self) -> str:
        """Stop the issue's run at whatever step it is. The run ends even where nothing can be said in Linear."""
        forever = self._patience(float("inf"))
        run_id = await forever.run("find what runs", self._close_live)
        if run_id is None:
            return messages.nothing_to_cancel()
        await self._steps.cancel_plan(run_id)
        # Not scaled with the bot's other waits: it is the engine's.
        await self._steps.sleep(_CUT_SHORT_S)
        if not await forever.run("is it live still", self._is_live, run_id):
            return messages.too_late_to_cancel()
        desk = Desk(self._services, run_id, self._request)

        async def say() -> Json:
            run = await desk.run()
            text = messages.canceled(
                by=self._request.asker.name,
                document_url=out["document_url"] if out else await desk.document_url(),
                subissues=out["subissues"] if out else 0,
                spent=run.usd if run else 0.0,
            )
            await desk.say("canceled", text)

        async def label() -> Json:
            if out is not None and out["labels"]:
                await (await desk.publisher()).labels(publication.labels_off(self._request.issue_id, out["labels"]))

        async def finish() -> Json:
            late = await self._services.database.run(runs.finish, run_id, "canceled", f"canceled by {self._who}")
            self._services.counts.add("runs", "canceled")
            self._services.tell(run_id, "ended", "canceled")
            log.info("run.canceled", run=run_id, by=self._request.asker.id)
            return late

        out = await self._courtesy("read what stands", self._stands)
        await self._courtesy("say that it is canceled", say)
        await self._courtesy("take the label off", label)
        for body in await forever.run("finish", finish):
            await self._steps.start_ingest(f"{body['id']}-after-{run_id}", body)
        return messages.canceled_reply()

    async def _courtesy(self, name: str, function: Callable[[], Awaitable[Json]]) -> Json:
        try:
            return await self._patience().run(name, function)
        except Stopped as stopped:
            log.warning("cancel.not_said", step=name, kind=stopped.kind, reason=stopped.reason)
            return None

    async def _close_live(self) -> Json:
        """The run that is live or waits, closed; None if there is none, or not the one that was named."""
        found = next((run for run in await self._runs() if run.state in (*runs.LIVE, "waiting")), None)
        named = self._request.command.run if self._request.command else ""
        if found is None or named not in {"", found.id}:
            return None
        await self._services.database.run(runs.close, found.id)  # what is asked from now on means the next run
        return found.id

    async def _is_live(self, run_id: str) -> Json:
        run = await self._services.database.run(runs.get, run_id)
        return run is not None and run.state in (*runs.LIVE, "waiting")

    async def _stands(self) -> Json:
        """What of ours is there, read back by ids: the run may have been cut short between a call and its answer."""
        entries = await self._services.database.run(
            ledger.of_issue, self._request.organization_id, self._request.issue_id
        )
        place, standing = await read_standing(
            await self._services.linear(), self._services.settings, self._request, entries
        )
        return {
            "document_url": standing.document.url if standing.document else None,
            "subissues": len(standing.subissues),
            "labels": list(place.trigger_labels),
        }

    @property
    def _who(self) -> str:
        return self._request.asker.name or "the operator"


def _told(run: runs.Run) -> messages.RunTold:
    return messages.RunTold(
        state=run.state,
        step=run.step,
        because=run.because or "",
        at=run.finished_at or run.started_at or run.created_at,
        since_s=time.time() - (run.started_at or run.created_at),
        model=run.model or "",
        usd=run.usd,
        subissues=run.subissues,
    )
