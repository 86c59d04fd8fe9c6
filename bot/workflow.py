"""The life of one run: begin, gather, author, post, end. What stands between its recorded steps replays the same."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from bot import messages
from bot.desk import Desk
from bot.ending import end, end_without_plan, fail
from bot.engine.steps import RescueSteps
from bot.gather import Gathered, gather
from bot.patience import Patience, Stopped, stop_of
from bot.posting import Posting
from bot.progress import Progress
from bot.store import keep, ledger, runs
from bot.triggers import PlanRequest
from planner.author import author
from planner.errors import PlannerError
from planner.model import Answer
from planner.plan import Plan
from planner.pricing import usd

if TYPE_CHECKING:
    from bot.engine.steps import Json, Steps
    from bot.services import Services
    from planner.model import Question

log = structlog.get_logger()

MAX_TOKENS = 32_000


class Life:
    """The workflow of one run. Its steps may each be repeated and make the same thing."""

    def __init__(self, services: Services) -> None:
        """Everything it needs is in `services`."""
        self._services = services

    async def __call__(self, steps: Steps, run_id: Json) -> Json:
        """Returns `{"state": ..., "because": ...}`, and never raises for what is known to go wrong."""
        services = self._services
        forever = Patience(steps, give_up_after_s=float("inf"), pace=services.pace)
        request = PlanRequest.model_validate(await forever.run("begin", self._begin, run_id))
        desk = Desk(services, run_id, request)

        async def on_wait(because: str, since: float) -> None:
            await steps.run("say that I wait", _say_waiting, desk, because, since)

        patience = Patience(
            steps, give_up_after_s=services.settings.rules.give_up_after_s, on_wait=on_wait, pace=services.pace
        )
        gathered: Gathered | None = None
        try:
            out = await patience.run("gather", self._gather, desk)
            gathered = Gathered.model_validate(out["gathered"])
            if gathered.verdict != "plan":
                return await end_without_plan(desk, steps, patience, gathered)
            if out["kept"] is not None:  # a plan that was paid for is never paid for twice
                plan, writer = Plan.model_validate(out["kept"]), out["written_by"]
                completing = gathered.standing.document is not None
            else:
                plan, writer, completing = await self._author(desk, patience, gathered), run_id, False
            posting = Posting(
                desk, patience, gathered, plan, written_by=writer, completing=completing, changed=out["changed"]
            )
            await posting.post()
        except Stopped as stopped:
            return await fail(desk, steps, gathered, stopped)
        except Exception as error:
            # A fault of ours. The run must still end, or its issue could never be planned again.
            log.exception("run.broken", run=run_id)
            reason = f"Something in the bot itself went wrong ({type(error).__name__}); its operator's log says more."
            return await fail(desk, steps, gathered, Stopped("broken", reason))
        return await end(services, steps, run_id, "done", None)

    async def give_up(self, run_id: str) -> None:
        """End a run whose workflow is over without having ended it, and say so."""
        request = PlanRequest.model_validate(await self._begin(run_id))
        reason = "The bot could not finish it and has stopped trying; its operator's log says more."
        await fail(Desk(self._services, run_id, request), RescueSteps(), None, Stopped("broken", reason))

    async def _begin(self, run_id: str) -> Json:
        await self._services.database.run(runs.begin, run_id)
        requests = await self._services.database.run(runs.requests_of, run_id)
        return requests[0]

    async def _gather(self, desk: Desk) -> Json:
        database = self._services.database
        asked = [PlanRequest.model_validate(each) for each in await database.run(runs.requests_of, desk.run_id)]
        guidance = "\n".join(dict.fromkeys(each.guidance for each in asked if each.guidance))
        request = desk.request.model_copy(update={"guidance": guidance})
        entries = await database.run(ledger.of_issue, request.organization_id, request.issue_id)
        gathered = await gather(await self._services.linear(), self._services.settings, request, entries)
        kept = await database.run(keep.newest_plan, request.organization_id, request.issue_id)
        changed = kept is not None and kept.brief != digest_of(gathered)
        stood = any(entry.kind == "document" and entry.state != "intended" for entry in entries)
        if kept is not None and gathered.standing.document is None and (changed or stood):
            # It answers what the issue no longer says, or people threw it away: they want another one.
            kept = None
        await desk.note(
            "gather",
            f"Read {', '.join(gathered.read)}.",
            identifier=gathered.place.identifier,
            title=gathered.place.title,
        )
        return {
            "gathered": gathered.model_dump(mode="json"),
            "kept": _kept_plan(kept.body) if kept else None,
            "written_by": kept.run_id if kept else desk.run_id,
            "changed": changed,
        }

    async def _author(self, desk: Desk, patience: Patience, gathered: Gathered) -> Plan:
        async def say_writing() -> Json:
            await desk.say("author", messages.writing(gathered.read))

        await patience.run("say that I write", say_writing)

        async def ask(turn: int, question: Question) -> Answer:
            async def one_turn() -> Json:
                return await self._turn(desk, question)

            answer = Answer.model_validate(await patience.run(f"turn {turn}", one_turn))

            async def book() -> Json:
                await self._book(desk, turn, answer)

            # A step of its own: trouble with the database must not have Claude asked, and paid, again.
            await patience.run(f"book turn {turn}", book)
            return answer

        try:
            authored = await author(
                gathered.brief,
                self._services.agent,
                model=self._services.model,
                effort=self._services.settings.effort,
                max_tokens=MAX_TOKENS,
                ask=ask,
                marker=gathered.marker,
            )
        except PlannerError as error:  # from recorded answers, so that it comes again after a restart
            raise stop_of(error) from error
        plan = authored.plan

        async def keep_plan() -> Json:
            await self._services.database.run(
                keep.put_plan,
                desk.request.organization_id,
                desk.request.issue_id,
                desk.run_id,
                brief=digest_of(gathered),
                body=plan.model_dump_json(),
            )
            phases = len(plan.phases)
            await desk.note("author", f"The plan has {phases} phase{'s' if phases != 1 else ''}.")

        await patience.run("keep the plan", keep_plan)
        return plan

    async def _turn(self, desk: Desk, question: Question) -> Json:
        """One turn of the model, recorded before anything is made of its answer."""
        progress = Progress(desk)
        try:
            answer = await self._services.chat_model().ask(question, progress.tick)
        finally:
            await progress.settle()
        return answer.model_dump(mode="json")

    async def _book(self, desk: Desk, turn: int, answer: Answer) -> None:
        """Write down what a turn used and cost."""
        usage = answer.usage
        await self._services.database.run(
            runs.book_turn,
            desk.run_id,
            turn,
            model=answer.model,
            tokens={
                "input": usage.input_tokens,
                "output": usage.output_tokens,
                "read": usage.cache_read_tokens,
                "write": usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
            },
            usd=usd(answer.model, usage),
        )
        written = f"Turn {turn + 1}: {usage.output_tokens:,} tokens written."
        text = "Written by rules; no model was asked." if self._services.scripted else written
        await desk.note("author", text, model=answer.model)


async def _say_waiting(desk: Desk, because: str, since: float) -> Json:
    """A courtesy: where Linear itself is down it cannot be said, and the run goes on."""
    text = messages.waiting(because, datetime.fromtimestamp(since, UTC).strftime("%H:%M"))
    try:
        await desk.note("wait", because)
        await asyncio.wait_for(desk.say("wait", text), timeout=10)
    except Exception as error:  # noqa: BLE001 - see above
        log.info("run.wait_not_said", run=desk.run_id, error=type(error).__name__)


def digest_of(gathered: Gathered) -> str:
    """What the plan was made from, as a SHA-256: of the brief, less what says nothing about the work."""
    brief = gathered.brief.model_copy(update={"labels": (), "requested_by": "", "standing": (), "state": ""})
    return hashlib.sha256(brief.model_dump_json().encode()).hexdigest()


def _kept_plan(body: str) -> Json:
    """A kept plan as JSON; None if it was kept by a version whose plans had another shape."""
    try:
        return Plan.model_validate_json(body).model_dump(mode="json")
    except ValidationError:
        log.warning("plan.of_another_shape")
        return None
