"""The life of one run: begin, gather, author, post, end. What stands between its recorded steps replays the same."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from bot import messages, replanned
from bot.desk import Desk
from bot.ending import end, end_asking, end_without_plan, fail
from bot.engine.steps import RescueSteps
from bot.gather import Gathered, gather
from bot.memory import RunMemory
from bot.patience import Patience, Stopped, stop_of
from bot.permission import may_command
from bot.posting import Posting, Written, as_written
from bot.progress import Progress
from bot.store import ledger, plans, questions, runs
from bot.triggers import PlanRequest, moment
from bot.workbench import Workbench, estimate_of
from planner.asking_back import NeedsAnswers
from planner.author import PLAN, author
from planner.brief import EARLIER_PLAN
from planner.check_report import fault_lines
from planner.errors import PlannerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.engine.steps import Json, Steps
    from bot.services import Services
    from bot.store.ledger import Entry

log = structlog.get_logger()


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
            if gathered.verdict not in ("plan", "no-agent"):
                return await end_without_plan(desk, steps, patience, gathered)
            _may_go_on(request, gathered, planned=out["kept"] is not None)
            if out["kept"] is not None:  # a plan that was paid for is never paid for twice
                written, writer = Written.model_validate(out["kept"]), out["written_by"]
                completing = out["posted"] and gathered.standing.document is not None
            else:
                written, writer, completing = await self._author(desk, patience, gathered, out), run_id, False
            if services.settings.rules.checks == "strict":
                _hold_back(written)
            posting = Posting(
                desk,
                patience,
                gathered,
                written,
                written_by=writer,
                completing=completing,
                changed=out["changed"],
                wished=out["wished"],
                approved=request.command.phases if request.kind == "approve" and request.command else None,
            )
            await posting.post()
        except NeedsAnswers as asked:
            assert gathered is not None  # noqa: S101 - nobody writes before it is gathered
            return await end_asking(desk, steps, patience, gathered, asked.questions)
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
        asked = [PlanRequest.model_validate(each) for each in await database.run(runs.heed, desk.run_id)]
        asked.sort(key=lambda each: each.received_at)  # as people wrote them, whoever was taken in first
        request = desk.request
        key = request.organization_id, request.issue_id
        versions = await database.run(plans.versions, *key)
        newest = versions[-1] if versions else None
        wish = next((each.agent for each in reversed(asked) if each.agent), "")
        guidance = _together([newest.guidance if newest else "", *(each.guidance for each in asked)])
        request = request.model_copy(update={"guidance": guidance, "agent": wish})
        entries = await database.run(ledger.of_issue, *key)
        asked_people = await database.run(questions.of_issue, *key)
        gathered = await gather(
            self._services,
            request,
            entries,
            lambda text: self._services.tell(desk.run_id, "gather", text),
            answers=asked_people.settled() if asked_people else (),
        )
        if gathered.verdict == "plan" and not await self._may_ask_for_plans(asked):
            gathered = gathered.model_copy(update={"verdict": "not-allowed"})
        # People are asked once, and only before there is any plan.
        gathered = gathered.model_copy(update={"may_ask": asked_people is None and newest is None})
        wished = any(each.guidance or each.agent for each in asked)
        kept, changed = newest, False  # approving makes sub-issues of the plan that stands, and no other plan
        if desk.request.kind != "approve":
            kept, changed = _worth_keeping(newest, gathered, entries, asked)
        await desk.note(
            "gather",
            f"Read {', '.join(gathered.read)}.",
            identifier=gathered.place.identifier,
            title=gathered.place.title,
            revision=moment(gathered.place.revision),
        )
        return {
            "gathered": gathered.model_dump(mode="json"),
            "kept": _kept_plan(kept.body, strict=self._services.settings.rules.checks == "strict") if kept else None,
            "written_by": kept.run_id if kept else desk.run_id,
            "posted": kept is not None and kept.posted_at is not None,
            "changed": changed,
            "wished": wished,
            "guidance": guidance,
            "because": _because(asked),
        }

    async def _may_ask_for_plans(self, asked: Sequence[PlanRequest]) -> bool:
        """Whether one of those who asked may. Whose label it is is looked at here, everybody else's wish was before."""
        if any(each.kind in _LOOKED_AT for each in asked):
            return True
        linear, rules = await self._services.linear(), self._services.settings.rules
        by_id = {each.asker.id: each for each in asked if each.kind in _LABELS}
        for request in by_id.values():
            person = await linear.person(request.asker.id) if request.asker.id else None
            if may_command(request.asker, person, rules.for_team(request.team_key)):
                return True
        log.info("run.refused", issue=asked[0].identifier, actors=list(by_id))
        self._services.counts.add("commands_refused")
        return False

    async def _author(self, desk: Desk, patience: Patience, gathered: Gathered, out: Json) -> Written:
        services = self._services
        model = services.model_of(gathered.agent)
        likely = None if services.scripted else estimate_of(model, gathered.assignment)

        async def say_writing() -> Json:
            said = (
                ""
                if likely is None
                else messages.estimated(likely_usd=likely, cap_usd=services.settings.max_usd_per_plan)
            )
            await desk.say("author", messages.writing(gathered.read, said))
            await desk.note(
                "author", f"Planning as {gathered.agent.name}.", agent=gathered.agent.name, estimate_usd=likely
            )

        await patience.run("say that I write", say_writing)
        progress = Progress(desk)
        memory = RunMemory(
            services,
            patience,
            run_id=desk.run_id,
            team_key=gathered.place.team_key,
            watching=progress,
            note=desk.note,
        )
        async with Workbench(services, gathered.assignment, memory, progress.todos) as bench:
            try:
                head = await memory.head(PLAN, bench.head)
                authored = await author(gathered.brief, head, memory)
            except NeedsAnswers:
                raise
            except PlannerError as error:  # from recorded answers, so that it comes again after a restart
                raise stop_of(error) from error
        written = as_written(gathered.assignment, authored, likely)

        async def keep_plan() -> Json:
            await services.database.run(
                plans.put,
                desk.request.organization_id,
                desk.request.issue_id,
                desk.run_id,
                body=written.model_dump_json(),
                origin=plans.Origin(
                    brief=digest_of(gathered),
                    asked_by=desk.request.asker.name,
                    because=out["because"],
                    guidance=out["guidance"],
                    reads=gathered.reads,
                ),
            )
            phases = len(written.plan.phases)
            await desk.note(
                "author",
                f"The plan has {phases} phase{'s' if phases != 1 else ''}.",
                model=authored.model,
                checked=authored.checked.model_dump_json(),
            )

        await patience.run("keep the plan", keep_plan)
        return written


async def _say_waiting(desk: Desk, because: str, since: float) -> Json:
    """A courtesy: where Linear itself is down it cannot be said, and the run goes on."""
    text = messages.waiting(because, datetime.fromtimestamp(since, UTC).strftime("%H:%M"))
    try:
        await desk.note("wait", because)
        await asyncio.wait_for(desk.say("wait", text), timeout=10)
    except Exception as error:  # noqa: BLE001 - see above
        log.info("run.wait_not_said", run=desk.run_id, error=type(error).__name__)


def digest_of(gathered: Gathered) -> str:
    """What the plan was made from, as a SHA-256: who plans, and the brief less what says nothing about the work."""
    # A repository moves on every day; what the issue asks for does not change by that.
    # And the plan that stands is what was made from all the rest.
    materials = tuple(each for each in gathered.brief.materials if each.source not in ("repository", EARLIER_PLAN))
    brief = gathered.brief.model_copy(
        update={"labels": (), "requested_by": "", "standing": (), "state": "", "materials": materials, "left_out": ()}
    )
    return hashlib.sha256(f"{gathered.agent.name}\n{brief.model_dump_json()}".encode()).hexdigest()


def _may_go_on(request: PlanRequest, gathered: Gathered, *, planned: bool) -> None:
    """Raises `Stopped` where nobody can plan, or there is nothing to approve."""
    if gathered.verdict == "no-agent":
        raise Stopped("no-agent", gathered.trouble)
    if request.kind == "approve" and not planned:
        raise Stopped("approve", replanned.nothing_to_approve(planned=False))


def _worth_keeping(
    newest: plans.PlanVersion | None, gathered: Gathered, entries: Sequence[Entry], asked: Sequence[PlanRequest]
) -> tuple[plans.PlanVersion | None, bool]:
    """The newest plan, if it is to be posted or completed rather than made again; and whether its issue has changed."""
    if newest is None:
        return None, False
    documents = [entry for entry in entries if entry.kind == "document" and entry.state != "intended"]
    changed = newest.brief != digest_of(gathered)
    if gathered.standing.document is None:
        # It answers what the issue no longer says, or people threw it away: they want another one.
        return (None if changed or documents else newest), changed
    if newest.posted_at is None:
        # It stands half: the rest of it was paid for, unless somebody has asked for something else meanwhile.
        return (None if changed and any(each.guidance or each.agent for each in asked) else newest), changed
    stood = (documents[-1].fields or {}).get("stood") if documents else None
    edited = stood is not None and stood != gathered.document_mark
    commits = newest.reads.get("commit"), gathered.reads.get("commit")
    # A repository moves every day: it counts where somebody asks in words and not by a label that came back.
    moved = None not in commits and commits[0] != commits[1] and any(each.kind in _IN_WORDS for each in asked)
    return (None if changed or edited or moved else newest), changed


_IN_WORDS = ("comment", "cli")
_LOOKED_AT = ("comment", "approve", "cli", "sweep")
_LABELS = ("label", "again")


def _together(guidance: Sequence[str]) -> str:
    """Words that several people asked with, each once, in the order in which they came."""
    lines = [line for each in guidance for line in each.splitlines() if line.strip()]
    return "\n".join(dict.fromkeys(lines))


def _because(asked: Sequence[PlanRequest]) -> str:
    """Why a plan is made, for its list of versions."""
    words = _together([each.guidance for each in asked])
    agents = ", ".join(dict.fromkeys(f"with {each.agent}" for each in asked if each.agent and not each.guidance))
    return words.replace("\n", "; ") or agents or _KINDS.get(asked[0].kind, "asked for")


_KINDS = {
    "label": "the label",
    "sweep": "the label",
    "again": "the label",
    "comment": "`/plan`",
    "cli": "the command line",
}


def _kept_plan(body: str, *, strict: bool) -> Json:
    """A kept plan as JSON; None if it has another shape than plans of this version, or may not be posted (`strict`)."""
    try:
        written = Written.model_validate_json(body)
    except ValidationError:
        log.warning("plan.of_another_shape")
        return None
    return None if strict and written.faults else written.model_dump(mode="json")


def _hold_back(written: Written) -> None:
    """Raises `Stopped` for a plan with faults."""
    if written.faults and written.checked is not None:
        reason = messages.not_posted(written.checked.report.failed)
        raise Stopped("checks", reason, fault_lines(written.plan, written.checked))
