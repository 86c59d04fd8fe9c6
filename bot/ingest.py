"""Takes a request in: acknowledges it in Linear at once, joins or starts a run, queues it. Its own queue and slots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from bot import asking, messages, replanned
from bot.answering import Answering
from bot.engine.names import SWEPT, URGENT
from bot.gather import read_reads
from bot.patience import Patience, Stopped
from bot.permission import may_command
from bot.publish import Publisher
from bot.staleness import changes
from bot.store import ledger, plans, questions, runs
from bot.triggers import PlanRequest
from bot.understanding import answers_in
from planner.brief import QuestionAnswered

if TYPE_CHECKING:
    from bot.engine.steps import Json, Steps
    from bot.services import Services

log = structlog.get_logger()

_COMMANDS = ("comment", "keyword", "approve")
# A run whose request could not be acknowledged is planned all the same: the plan matters more than the greeting.
_GREET_FOR_S = 60.0


class Ingest:
    """The workflow of one request."""

    def __init__(self, services: Services) -> None:
        """Everything it needs is in `services`."""
        self._services = services

    async def __call__(self, steps: Steps, body: Json) -> Json:
        """Returns `{"run": id or None, "started": bool}`."""
        patience = Patience(
            steps, give_up_after_s=self._services.settings.rules.give_up_after_s, pace=self._services.pace
        )
        try:
            body = await self._heeded(steps, patience, body)
        except Stopped as stopped:
            # Nobody is obeyed of whom Linear does not say who they are.
            log.warning("ingest.not_taken", request=body["id"], kind=stopped.kind, reason=stopped.reason)
            body = None
        if body is None:
            return {"run": None, "started": False}
        request = PlanRequest.model_validate(body)
        if request.kind == "keyword":
            await self._answer_command(steps, request)
            return {"run": None, "started": False}
        if request.kind == "approve" and not await self._approvable(steps, request):
            return {"run": None, "started": False}
        if request.kind == "wake" and not await self._wakes(steps, patience, request):
            return {"run": None, "started": False}
        claim = await patience.run("claim", self._claim, body)
        if claim is None:
            if request.kind == "wake":
                await self._greet(steps, "has it moved on", self._say_moved_on, body)
            return {"run": None, "started": False}
        # A label that joins a run has its reaction: a thousand presses are not worth a thousand.
        if request.kind != "wake" and (request.comment_id is not None or claim["started"]):
            await self._greet(steps, "react", self._react, body)
        if claim["started"]:
            await self._begin_to_tell(steps, request, claim)
            await steps.start_plan(claim["run_id"], priority=SWEPT if request.kind == "sweep" else URGENT)
        elif (request.guidance or request.agent) and claim["too_late"]:
            await self._greet(steps, "note", self._note, body)
        return {"run": claim["run_id"], "started": claim["started"]}

    async def _begin_to_tell(self, steps: Steps, request: PlanRequest, claim: Json) -> None:
        """The comment that tells how the run goes."""
        body = request.model_dump(mode="json")
        if request.kind != "approve":
            await self._greet(steps, "acknowledge", self._acknowledge, body, claim)
        if request.missed:
            await self._greet(steps, "say that it was missed", self._say_missed, body)

    async def _heeded(self, steps: Steps, patience: Patience, body: Json) -> Json:
        """The request, at its issue; None if it is our own words, or of somebody who may not ask. Raises `Stopped`."""
        request = PlanRequest.model_validate(body)
        if request.comment_id is not None and await patience.run("is it ours", self._is_ours, request.comment_id):
            return None
        if request.document_id is not None and not request.issue_id:
            body = await patience.run("whose plan it is", self._at_issue, body)
        # The operator's commands have no comment, and are nobody's to refuse. Labels begin a run all the same,
        # which looks at who put them on: so that none is lost while Linear cannot be asked.
        if body is None or request.comment_id is None or request.kind not in _COMMANDS:
            return body
        if await patience.run("who asks", self._refused, body):
            await self._greet(steps, "refuse", self._refuse, body)
            return None
        return body

    async def _wakes(self, steps: Steps, patience: Patience, request: PlanRequest) -> bool:
        """Whether what happened may wake a run. While people are asked, that is an answer of theirs, or an edit."""
        body = request.model_dump(mode="json")
        heard = await patience.run("is it an answer", self._heard, body)
        if heard["answers"]:
            if await patience.run("who answers", self._refused, body):
                return False
            await patience.run("keep the answers", self._keep_answers, heard)
            await self._greet(steps, "react", self._react, body)
            await self._greet(steps, "say what I understood", self._understood, body, heard)
        return heard["wakes"]

    async def _heard(self, body: Json) -> Json:
        request = PlanRequest.model_validate(body)
        database = self._services.database
        asked = await database.run(questions.of_issue, request.organization_id, request.issue_id)
        if asked is None or not asked.waiting:
            return {"wakes": True, "answers": []}
        if request.comment_id is None:
            return {"wakes": True, "answers": []}
        comment = await (await self._publisher(request)).standing_comment()
        if comment is None or request.thread_id != comment.linear_id:
            return {"wakes": False, "answers": []}
        found = answers_in(request.text, asked.questions, request.asker.name)
        return {
            "wakes": bool(found),
            "run": asked.run_id,
            "answers": [each.model_dump(mode="json") for each in found],
        }

    async def _keep_answers(self, heard: Json) -> Json:
        found = [QuestionAnswered.model_validate(each) for each in heard["answers"]]
        await self._services.database.run(questions.answer, heard["run"], found)

    async def _understood(self, body: Json, heard: Json) -> Json:
        request = PlanRequest.model_validate(body)
        asked = await self._services.database.run(questions.of_issue, request.organization_id, request.issue_id)
        if asked is not None and asked.run_id == heard["run"]:
            await self._say(request, asking.understood(asked.settled(), mention=request.asker.url), request.id)

    async def _approvable(self, steps: Steps, request: PlanRequest) -> bool:
        """Whether phases wait for approval. If not, why, is answered."""
        try:
            because = await Answering(self._services, steps, request).why_not_approve()
        except Stopped as stopped:
            because = stopped.reason
        if because is not None:
            body = request.model_dump(mode="json")
            await self._greet(steps, "react", self._react, body)
            await self._greet(steps, "answer", self._answer, body, because)
        return because is None

    async def _answer_command(self, steps: Steps, request: PlanRequest) -> None:
        body = request.model_dump(mode="json")
        if request.comment_id is not None:
            await self._greet(steps, "react", self._react, body)
        try:
            text = await Answering(self._services, steps, request).answer()
        except Stopped as stopped:
            text = stopped.reason
        if request.comment_id is not None:  # else it came from the command line, which looks for itself
            await self._greet(steps, "answer", self._answer, body, text)

    async def _greet(self, steps: Steps, name: str, function: Json, *args: Json) -> None:
        patience = Patience(steps, give_up_after_s=_GREET_FOR_S, pace=self._services.pace)
        try:
            await patience.run(name, function, *args)
        except Stopped as stopped:
            log.warning("ingest.not_greeted", step=name, kind=stopped.kind, reason=stopped.reason)
        except Exception:
            # A fault of ours. A run that is claimed and never queued would block its issue.
            log.exception("ingest.broken", step=name)

    async def _say_moved_on(self, body: Json) -> Json:
        """Once for each plan: a line on its comment that its issue has changed since, and how."""
        request, database = PlanRequest.model_validate(body), self._services.database
        key = request.organization_id, request.issue_id
        versions = await database.run(plans.versions, *key)
        newest = versions[-1] if versions else None
        if newest is None or newest.posted_at is None or newest.stale_told:
            return
        entries = await database.run(ledger.of_issue, *key)
        reads = await read_reads(await self._services.linear(), self._services.settings, request, entries)
        found = changes(newest.reads, reads)
        publisher = await self._publisher(request)
        comment = await publisher.standing_comment()
        if not found or comment is None or comment.text is None:
            return
        line = replanned.stale(found)
        if line not in comment.text:
            await publisher.comment(f"{comment.text}\n\n{line}")
        await database.run(plans.stale, *key, newest.version)
        log.info("plan.stale", issue=request.identifier, version=newest.version)

    async def _is_ours(self, comment_id: str) -> Json:
        return await self._services.database.run(ledger.is_ours, comment_id)

    async def _at_issue(self, body: Json) -> Json:
        """The request with the issue whose plan was commented on; None for other documents and teams not served."""
        request = PlanRequest.model_validate(body)
        issue_id = await self._services.database.run(
            ledger.issue_of_document, request.organization_id, request.document_id or ""
        )
        if issue_id is None:
            log.info("ingest.not_our_document", document=request.document_id)
            return None
        issue = await (await self._services.linear()).issue_ref(issue_id)
        team_key = issue.team.key if issue.team else ""
        served = self._services.settings.rules.served
        if served is not None and team_key not in served:
            return None
        known = {"issue_id": issue.id, "identifier": issue.identifier, "title": issue.title, "team_key": team_key}
        return request.model_copy(update=known).model_dump(mode="json")

    async def _refused(self, body: Json) -> Json:
        """Whether whoever asks may not. Told by their id and the role that Linear gives for it."""
        request = PlanRequest.model_validate(body)
        person = await (await self._services.linear()).person(request.asker.id) if request.asker.id else None
        refused = not may_command(request.asker, person, self._services.settings.rules.for_team(request.team_key))
        if refused:
            log.info("ingest.refused", issue=request.identifier, actor=request.asker.id, type=request.asker.type)
            self._services.counts.add("commands_refused")
        return refused

    async def _refuse(self, body: Json) -> Json:
        """One line, at most once a day on an issue: bots that answer each other must come to an end."""
        request = PlanRequest.model_validate(body)
        day = datetime.fromtimestamp(request.received_at, UTC).strftime("%Y-%m-%d")
        await self._say(request, messages.not_allowed(), f"refused-{day}")

    async def _claim(self, body: Json) -> Json:
        claim = await self._services.database.run(
            runs.claim, PlanRequest.model_validate(body), concurrency=self._services.settings.concurrency
        )
        return claim.model_dump() if claim else None

    async def _react(self, body: Json) -> Json:
        request = PlanRequest.model_validate(body)
        publisher = await self._publisher(request)
        await publisher.reaction(messages.EYES, request.id, comment_id=request.comment_id)

    async def _acknowledge(self, body: Json, claim: Json) -> Json:
        request = PlanRequest.model_validate(body)
        publisher = await self._publisher(request, claim["run_id"])
        entry = await publisher.comment(messages.acknowledged(claim["ahead"]))
        await self._services.database.run(
            runs.note, claim["run_id"], "acknowledge", "Said so in Linear.", comment_url=entry.url
        )

    async def _answer(self, body: Json, text: str) -> Json:
        request = PlanRequest.model_validate(body)
        await self._say(request, text, request.id)

    async def _say_missed(self, body: Json) -> Json:
        """In its own words below the comment, which goes on to tell of the plan."""
        request = PlanRequest.model_validate(body)
        await (await self._publisher(request)).reply(messages.found_by_sweep(), f"{request.id}-missed")

    async def _note(self, body: Json) -> Json:
        """That its words are for the run after this one; that run answers the request itself."""
        request = PlanRequest.model_validate(body)
        await self._say(request, replanned.follows(), f"{request.id}-noted")

    async def _say(self, request: PlanRequest, text: str, id_: str) -> None:
        """In the thread of the comment; what was asked on a document is answered on its issue, to whoever asked."""
        publisher = await self._publisher(request)
        if request.document_id is None:
            await publisher.answer(text, id_, parent_id=request.thread_id or request.comment_id)
        else:
            await publisher.reply(messages.to(request.asker.url, text), id_)

    async def _publisher(self, request: PlanRequest, run_id: str | None = None) -> Publisher:
        return Publisher(
            await self._services.linear(),
            self._services.database,
            organization_id=request.organization_id,
            issue_id=request.issue_id,
            run_id=run_id,
        )
