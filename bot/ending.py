"""How a run ends without a plan: what is said, which label it gets, and who is handed on to the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot import asking, messages, publication
from bot.gather import Place, read_place
from bot.labels import FAILED, label_id
from bot.patience import Patience, Stopped
from bot.store import questions, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.desk import Desk
    from bot.engine.steps import Json, Steps
    from bot.gather import Gathered
    from bot.services import Services
    from planner.asking_back import AskedQuestion

log = structlog.get_logger()

# The last words of a run that failed outlast an outage of a day: else the comment would say for ever that it waits.
# Meanwhile the run keeps its slot, which nobody could use: while Linear is down no plan can be made.
_LAST_WORDS_FOR_S = 24 * 3600.0


async def end(services: Services, steps: Steps, run_id: str, state: runs.State, because: str | None) -> Json:
    """Give the issue free, and hand on what was asked too late for this run. Returns the run's outcome."""

    async def finish() -> Json:
        late = await services.database.run(runs.finish, run_id, state, because)
        services.counts.add("runs", state)
        services.tell(run_id, "ended", because or state)
        log.info("run.ended", run=run_id, state=state, because=because)
        return late

    forever = Patience(steps, give_up_after_s=float("inf"), pace=services.pace)
    for body in await forever.run("finish", finish):
        await steps.start_ingest(f"{body['id']}-after-{run_id}", body)
    return {"state": state, "because": because}


async def end_without_plan(desk: Desk, steps: Steps, patience: Patience, gathered: Gathered) -> Json:
    """The run ends well, without a plan: there is nothing to plan from, or nobody wants one any more."""
    label = desk.services.settings.label
    state: runs.State = "unwanted"
    match gathered.verdict:
        case "empty":
            state, because = "waiting", "the issue says nothing to plan from"
            text = messages.no_material(label if gathered.place.trigger_labels else None)
        case "not-allowed":
            because, text = "whoever put the label on may not ask for plans", messages.not_allowed()
        case "closed":
            because, text = f"the issue is {gathered.state_type}", messages.closed(gathered.state_type)
        case "unlabelled":
            because, text = "the label was taken off", messages.unlabelled(label)
        case _:
            because, text = "the issue is archived", ""
    await patience.run("close", desk.close, gathered.read_at)  # nothing that came later was read
    if text:
        await patience.run("say why not", desk.say, "say", text)
    return await end(desk.services, steps, desk.run_id, state, because)


async def end_asking(
    desk: Desk, steps: Steps, patience: Patience, gathered: Gathered, asked: Sequence[AskedQuestion]
) -> Json:
    """The issue says too little: people are asked, and the run waits for them outside the engine, holding no slot."""
    rules = desk.services.settings.rules

    async def keep() -> Json:
        await desk.services.database.run(
            questions.put, desk.request.organization_id, desk.request.issue_id, desk.run_id, asked
        )

    async def say() -> Json:
        run = await desk.run()
        await desk.say("ask", asking.waits(len(asked), run.usd if run else 0.0))
        text = asking.questions(asked, mention=desk.request.asker.url, after=rules.answer_after)
        await (await desk.publisher()).reply(text, f"{desk.request.id}-questions")

    await patience.run("keep the questions", keep)
    await patience.run("close", desk.close, gathered.read_at)
    await patience.run("ask people", say)
    because = f"{len(asked)} question{'s' if len(asked) != 1 else ''} to people stand open"
    return await end(desk.services, steps, desk.run_id, "waiting", because)


async def fail(desk: Desk, steps: Steps, gathered: Gathered | None, stopped: Stopped) -> Json:
    """The run ends without the plan that should have been. Said in each place where it can be said."""
    log.warning("run.failed", run=desk.run_id, kind=stopped.kind, reason=stopped.reason)

    async def say() -> Json:
        run = await desk.run()
        text = messages.failed(
            reason=stopped.reason,
            spent=run.usd if run else 0.0,
            label=desk.services.settings.label,
            document_url=await desk.document_url(),
            details=stopped.details,
        )
        await desk.say("say", text)

    async def answer() -> Json:
        text = messages.failed_reply(mention=desk.request.asker.url, reason=stopped.reason)
        await (await desk.publisher()).reply(text, desk.request.id)

    async def label() -> Json:
        await _label_failed(desk, gathered.place if gathered else None)

    last_words = Patience(steps, give_up_after_s=_LAST_WORDS_FOR_S, pace=desk.services.pace)
    forever = Patience(steps, give_up_after_s=float("inf"), pace=desk.services.pace)
    await forever.run("close", desk.close)
    for name, step in (("say that it failed", say), ("answer that it failed", answer), ("label it failed", label)):
        try:
            await last_words.run(name, step)
        except Stopped as again:  # a key without the right for one may have it for the next
            log.warning("run.not_said", run=desk.run_id, step=name, kind=again.kind, reason=again.reason)
    return await end(desk.services, steps, desk.run_id, "failed", stopped.reason)


async def _label_failed(desk: Desk, place: Place | None) -> None:
    """Where the run failed before it had read the issue, its labels are read now."""
    linear = await desk.services.linear()
    if place is None:
        place = await read_place(linear, desk.services.settings, desk.request)
    failed = await label_id(
        linear,
        place.organization_id,
        desk.services.settings.failed_label,
        FAILED,
        known=place.failed_label,
    )
    await (await desk.publisher()).labels(publication.failed_labels(place, failed))
