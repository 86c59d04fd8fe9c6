"""The life of one run, step by recorded step: gather, author, document, sub-issues, relations, announce, labels."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from bot import messages, publication
from bot.engine.steps import DirectSteps
from bot.gather import Gathered, Place, gather
from bot.labels import GREEN, RED, label_id
from bot.patience import Patience, Stopped, stop_of
from bot.progress import Progress
from bot.publish import Publisher
from bot.store import keep, ledger, runs
from bot.triggers import PlanRequest
from planner.author import author
from planner.errors import PlannerError
from planner.model import Answer
from planner.plan import Plan, timeline_days
from planner.pricing import usd
from planner.render import RenderFacts

if TYPE_CHECKING:
    from bot.engine.steps import Json, Steps
    from bot.services import Services
    from planner.model import Question

log = structlog.get_logger()

MAX_TOKENS = 32_000
# The last words of a run that failed are tried for a while, not for hours: the run's state tells it too.
_LAST_WORDS_FOR_S = 600.0


class Life:
    """The workflow of one run. Steps are its methods; each may be repeated and makes the same thing."""

    def __init__(self, services: Services) -> None:
        """Everything it needs is in `services`."""
        self._services = services

    async def __call__(self, steps: Steps, run_id: Json) -> Json:
        """Returns `{"state": ..., "because": ...}`, and never raises for what is known to go wrong."""
        settings = self._services.settings
        request: PlanRequest | None = None

        async def on_wait(because: str, since: float) -> None:
            if request is not None:
                await steps.run("say that I wait", self._say_waiting, run_id, request.model_dump(), because, since)

        patience = Patience(
            steps, give_up_after_s=settings.rules.give_up_after_s, on_wait=on_wait, pace=self._services.pace
        )
        gathered: Gathered | None = None
        try:
            request = PlanRequest.model_validate(await patience.run("begin", self._begin, run_id))
            out = await patience.run("gather", self._gather, run_id, request.model_dump())
            gathered = Gathered.model_validate(out["gathered"])
            if gathered.verdict != "plan":
                return await self._end_without(steps, patience, run_id, request, gathered)
            plan, completing = await self._plan(patience, run_id, request, gathered, out["kept"])
            await self._post(patience, run_id, request, gathered, plan, completing=completing, changed=out["changed"])
        except Stopped as stopped:
            return await self._fail(steps, run_id, request, gathered, stopped)
        except Exception as error:
            # A fault of ours. The run must still end, or its issue could never be planned again.
            log.exception("run.broken", run=run_id)
            reason = f"Something in the bot itself went wrong ({type(error).__name__}); its operator's log says more."
            return await self._fail(steps, run_id, request, gathered, Stopped("broken", reason))
        return await self._end(steps, run_id, "done", None)

    async def give_up(self, run_id: str) -> None:
        """End a run whose workflow is over without having ended it, and say so."""
        request = PlanRequest.model_validate(await self._begin(run_id))
        reason = "The bot could not finish it and has stopped trying; its operator's log says more."
        await self._fail(DirectSteps(), run_id, request, None, Stopped("broken", reason))

    # -- the parts of a run

    async def _plan(
        self, patience: Patience, run_id: str, request: PlanRequest, gathered: Gathered, kept: Json
    ) -> tuple[Plan, bool]:
        """The plan, and whether it is one that stood already. A kept one is never paid for twice."""
        if kept is not None:
            return Plan.model_validate(kept), gathered.standing.document is not None
        await patience.run("say that I write", self._say_writing, run_id, request.model_dump(), list(gathered.read))

        async def ask(turn: int, question: Question) -> Answer:
            async def one_turn() -> Json:
                return await self._turn(run_id, turn, question, request)

            return Answer.model_validate(await patience.run(f"turn {turn}", one_turn))

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
                request.organization_id,
                request.issue_id,
                run_id,
                brief=digest_of(gathered),
                body=plan.model_dump_json(),
            )
            await self._note(run_id, "author", f"The plan has {_phases(plan)}.")

        await patience.run("keep the plan", keep_plan)
        return plan, False

    async def _post(
        self,
        patience: Patience,
        run_id: str,
        request: PlanRequest,
        gathered: Gathered,
        plan: Plan,
        *,
        completing: bool,
        changed: bool,
    ) -> None:
        place = gathered.place
        sources = {name: url for name, (_, url) in gathered.brief.sources().items()}
        said = await patience.run(
            "facts", self._facts, run_id, place.model_dump(), list(gathered.brief.left_out), sources
        )
        facts = RenderFacts.model_validate(said["facts"])
        phases = publication.phases_to_create(plan, self._services.settings.rules.max_subissues)

        async def document() -> Json:
            publisher = await self._publisher(request, run_id)
            entry = await publisher.document(lambda id_: publication.document_write(place, plan, facts, id_))
            await self._note(run_id, "document", "The document stands.", document_url=entry.url)
            return entry.url

        document_url = await patience.run("document", document)
        with_url = facts.model_copy(update={"document_url": document_url})

        async def subissues() -> Json:
            publisher = await self._publisher(request, run_id)
            entries = await publisher.subissues(
                [phase.key for phase in phases],
                lambda ids: publication.subissues_write(
                    place, plan, with_url, [phase for phase in phases if phase.key in ids], ids
                ),
            )
            await self._note(run_id, "sub-issues", f"{len(entries)} sub-issues stand.", subissues=len(entries))
            return {entry.phase_key: entry.linear_id for entry in entries}

        ids: dict[str, str] = await patience.run("sub-issues", subissues) if phases else {}

        async def relations() -> Json:
            publisher = await self._publisher(request, run_id)
            await publisher.relations(publication.relations_write(place, plan, ids))
            await self._note(run_id, "relations", "The blocking relations stand.")

        if ids:
            await patience.run("relations", relations)

        done_label = await patience.run("find the label", self._done_label, place.model_dump())
        beside = [
            child for child in gathered.standing.subissues if child.key not in {phase.key for phase in plan.phases}
        ]
        notes = [messages.left_beside([child.identifier for child in beside])] if beside else []
        if len(plan.phases) > len(phases) > 0:
            notes.append(messages.phases_without_subissue(len(plan.phases) - len(phases), len(phases)))
        if done_label is None:
            notes.append(messages.label_not_made(self._services.settings.done_label))
        had = {child.key for child in gathered.standing.subissues}
        price = messages.price(
            usd=facts.cost_usd or 0.0, model=facts.author, scripted=facts.scripted, tokens=said["tokens"]
        )

        async def announce() -> Json:
            # Before the writes: who asks from now on means what comes after.
            await self._note(run_id, "announce", "Saying that the plan is ready.")
            publisher = await self._publisher(request, run_id)
            title = f"Plan: {place.title}"
            comment = await publisher.comment(
                messages.ready(
                    title=title,
                    url=document_url,
                    subissues=len(ids),
                    days=timeline_days(plan).likely,
                    price=price,
                    notes=notes,
                )
            )
            mention = request.asker.url
            body = (
                messages.stands(
                    mention=mention,
                    title=title,
                    url=document_url,
                    made=len(set(ids) - had),
                    changed=changed,
                )
                if completing
                else messages.reply(
                    mention=mention,
                    title=title,
                    url=document_url,
                    summary=_first_paragraph(plan.summary),
                    price=price,
                    questions=len(plan.open_questions),
                )
            )
            await publisher.reply(body, request.id)
            await self._services.database.run(
                runs.note, run_id, "announced", "Said that the plan is ready.", comment_url=comment.url
            )

        await patience.run("announce", announce)

        async def labels() -> Json:
            publisher = await self._publisher(request, run_id)
            await publisher.labels(publication.done_labels(place, done_label))
            await self._note(run_id, "labels", "The label is swapped.")

        await patience.run("labels", labels)

    async def _end_without(
        self, steps: Steps, patience: Patience, run_id: str, request: PlanRequest, gathered: Gathered
    ) -> Json:
        """The run ends well, without a plan."""
        label = self._services.settings.label
        match gathered.verdict:
            case "empty":
                state, because, text = "waiting", "the issue says nothing to plan from", messages.no_material(label)
            case "closed":
                state, because = "unwanted", f"the issue is {gathered.state_type}"
                text = messages.closed(gathered.state_type)
            case "unlabelled":
                state, because, text = "unwanted", "the label was taken off", messages.unlabelled(label)
            case _:
                state, because, text = "unwanted", "the issue is archived", ""
        if text:
            await patience.run("say why not", self._say, run_id, request.model_dump(), text)
        return await self._end(steps, run_id, state, because)

    async def _fail(
        self, steps: Steps, run_id: str, request: PlanRequest | None, gathered: Gathered | None, stopped: Stopped
    ) -> Json:
        """The run ends without a plan that should have been. Said where it can be said."""
        log.warning("run.failed", run=run_id, kind=stopped.kind, reason=stopped.reason)
        last_words = Patience(steps, give_up_after_s=_LAST_WORDS_FOR_S, pace=self._services.pace)
        if request is not None:
            asked = request.model_dump()
            place = gathered.place.model_dump() if gathered else None
            for name, function, arguments in (
                ("say that it failed", self._say_failed, (run_id, asked, stopped.reason)),
                ("answer that it failed", self._answer_failed, (run_id, asked, stopped.reason)),
                ("label it failed", self._label_failed, (run_id, asked, place)),
            ):
                try:
                    await last_words.run(name, function, *arguments)
                except Stopped as again:  # a key without rights for one may have them for the next
                    log.warning("run.not_said", run=run_id, step=name, kind=again.kind, reason=again.reason)
        return await self._end(steps, run_id, "failed", stopped.reason)

    async def _end(self, steps: Steps, run_id: str, state: runs.State, because: str | None) -> Json:
        """Give the issue free, and hand on what was asked too late for this run."""
        forever = Patience(steps, give_up_after_s=float("inf"), pace=self._services.pace)
        for body in await forever.run("finish", self._finish, run_id, state, because):
            await steps.start_ingest(f"{body['id']}-after-{run_id}", body)
        return {"state": state, "because": because}

    # -- steps: each takes and gives plain JSON

    async def _begin(self, run_id: str) -> Json:
        await self._services.database.run(runs.begin, run_id)
        requests = await self._services.database.run(runs.requests_of, run_id)
        return requests[0]

    async def _gather(self, run_id: str, body: Json) -> Json:
        database = self._services.database
        asked = [PlanRequest.model_validate(each) for each in await database.run(runs.requests_of, run_id)]
        guidance = "\n".join(dict.fromkeys(each.guidance for each in asked if each.guidance))
        request = PlanRequest.model_validate(body).model_copy(update={"guidance": guidance})
        entries = await database.run(ledger.of_issue, request.organization_id, request.issue_id)
        gathered = await gather(await self._services.linear(), self._services.settings, request, entries)
        kept = await database.run(keep.newest_plan, request.organization_id, request.issue_id)
        changed = kept is not None and kept[0] != digest_of(gathered)
        if kept is not None and changed and gathered.standing.document is None:
            kept = None  # nobody has seen it, and it answers what the issue no longer says
        await self._note(
            run_id,
            "gather",
            f"Read {', '.join(gathered.read)}.",
            identifier=gathered.place.identifier,
            title=gathered.place.title,
        )
        return {
            "gathered": gathered.model_dump(mode="json"),
            "kept": _kept_plan(kept[1]) if kept else None,
            "changed": changed,
        }

    async def _turn(self, run_id: str, turn: int, question: Question, request: PlanRequest) -> Json:
        """One turn of the model. It is recorded and booked before anything is made of its answer."""
        progress = Progress(
            self._services, run_id, await self._publisher(request, run_id), await self._services.linear()
        )
        try:
            answer = await self._services.chat_model().ask(question, progress.tick)
        finally:
            await progress.settle()
        usage = answer.usage
        await self._services.database.run(
            runs.book_turn,
            run_id,
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
        await self._note(run_id, "author", text, model=answer.model)
        return answer.model_dump(mode="json")

    async def _facts(self, run_id: str, place: Json, left_out: list[str], sources: dict[str, str]) -> Json:
        """What the document says about its own making; fixed once, so that doing it twice writes the same."""
        run = await self._services.database.run(runs.get, run_id)
        facts = RenderFacts(
            identifier=place["identifier"],
            issue_url=place["url"],
            author="scripted stand-in" if self._services.scripted else (run and run.model) or self._services.model,
            agent=self._services.agent.name,
            scripted=self._services.scripted,
            revision=place["revision"],
            sources=sources,
            generated_on=datetime.now(UTC).strftime("%Y-%m-%d"),
            left_out=tuple(left_out),
            cost_usd=run.usd if run else None,
        )
        return {
            "facts": facts.model_dump(mode="json"),
            "tokens": run.input_tokens + run.output_tokens if run else 0,
        }

    async def _done_label(self, place: Json) -> Json:
        return await label_id(
            await self._services.linear(),
            place["organization_id"],
            self._services.settings.done_label,
            known=place["done_label"],
            color=GREEN,
            description="Has an implementation plan",
        )

    async def _say(self, run_id: str, body: Json, text: str) -> Json:
        publisher = await self._publisher(PlanRequest.model_validate(body), run_id)
        entry = await publisher.comment(text)
        await self._note(run_id, "say", text, comment_url=entry.url)

    async def _say_writing(self, run_id: str, body: Json, read: list[str]) -> Json:
        publisher = await self._publisher(PlanRequest.model_validate(body), run_id)
        await publisher.comment(messages.writing(read))
        await self._note(run_id, "author", "Writing the plan.")

    async def _say_waiting(self, run_id: str, body: Json, because: str, since: float) -> Json:
        """A courtesy: where Linear itself is down it cannot be said, and the run goes on."""
        text = messages.waiting(because, datetime.fromtimestamp(since, UTC).strftime("%H:%M"))
        try:
            await self._note(run_id, "wait", because)
            publisher = await self._publisher(PlanRequest.model_validate(body), run_id)
            await asyncio.wait_for(publisher.comment(text), timeout=10)
        except Exception as error:  # noqa: BLE001 - see above
            log.info("run.wait_not_said", run=run_id, error=type(error).__name__)

    async def _say_failed(self, run_id: str, body: Json, reason: str) -> Json:
        publisher = await self._publisher(PlanRequest.model_validate(body), run_id)
        run = await self._services.database.run(runs.get, run_id)
        text = messages.failed(reason=reason, spent=run.usd if run else 0.0, label=self._services.settings.label)
        entry = await publisher.comment(text)
        await self._note(run_id, "say", text, comment_url=entry.url)

    async def _answer_failed(self, run_id: str, body: Json, reason: str) -> Json:
        request = PlanRequest.model_validate(body)
        publisher = await self._publisher(request, run_id)
        await publisher.reply(messages.failed_reply(mention=request.asker.url, reason=reason), request.id)

    async def _label_failed(self, run_id: str, body: Json, place: Json) -> Json:
        """Where the run failed before it had read the issue, its labels are read now."""
        request = PlanRequest.model_validate(body)
        if place is None:
            where = (await gather(await self._services.linear(), self._services.settings, request, ())).place
        else:
            where = Place.model_validate(place)
        failed = await label_id(
            await self._services.linear(),
            where.organization_id,
            self._services.settings.failed_label,
            known=where.failed_label,
            color=RED,
            description="No plan could be made; the bot's comment says why",
        )
        publisher = await self._publisher(request, run_id)
        await publisher.labels(publication.failed_labels(where, failed))

    async def _finish(self, run_id: str, state: runs.State, because: str | None) -> Json:
        late = await self._services.database.run(runs.finish, run_id, state, because)
        self._services.counts.add("runs", state)
        self._tell(run_id, "ended", because or state)
        log.info("run.ended", run=run_id, state=state, because=because)
        return late

    # -- small things

    async def _publisher(self, request: PlanRequest, run_id: str) -> Publisher:
        return Publisher(
            await self._services.linear(),
            self._services.database,
            organization_id=request.organization_id,
            issue_id=request.issue_id,
            run_id=run_id,
        )

    async def _note(self, run_id: str, step: str, text: str, **columns: object) -> None:
        await self._services.database.run(runs.note, run_id, step, text, **columns)
        self._tell(run_id, step, text)

    def _tell(self, run_id: str, step: str, text: str) -> None:
        if self._services.listen is not None:
            self._services.listen(run_id, step, text)


def digest_of(gathered: Gathered) -> str:
    """What the plan was made from, as a SHA-256: of the brief, less what says nothing about the work."""
    brief = gathered.brief.model_copy(update={"labels": (), "requested_by": None, "standing": (), "state": ""})
    return hashlib.sha256(brief.model_dump_json().encode()).hexdigest()


def _kept_plan(body: str) -> Json:
    """A kept plan as JSON; None if it was kept by a version whose plans had another shape."""
    try:
        return Plan.model_validate_json(body).model_dump(mode="json")
    except ValidationError:
        log.warning("plan.of_another_shape")
        return None


def _phases(plan: Plan) -> str:
    return f"{len(plan.phases)} phase{'s' if len(plan.phases) != 1 else ''}"


def _first_paragraph(text: str) -> str:
    return text.strip().split("\n\n", 1)[0]
