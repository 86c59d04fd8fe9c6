"""Takes back what the bot made on an issue and nobody has touched. Part of a request's workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot import publication, replanned
from bot.again.touched import touches
from bot.desk import Desk
from bot.gather import Place, read_standing
from bot.patience import Patience
from bot.store import ledger, plans, runs
from linear.writes import DeleteRelation, Trash
from planner.merging import form

if TYPE_CHECKING:
    from bot.engine.steps import Json, Steps
    from bot.services import Services
    from bot.standing import Standing
    from bot.store.ledger import Entry
    from bot.triggers import PlanRequest
    from linear.client import Linear
    from linear.planned import PlanDocument

log = structlog.get_logger()


class Undoing:
    """One `/plan undo`. Every step may be repeated: what is about to go is remembered first."""

    def __init__(self, services: Services, steps: Steps, request: PlanRequest) -> None:
        """`request`: the command."""
        self._services = services
        self._steps = steps
        self._request = request
        self._desk = Desk(services, request.id, request)

    async def undo(self) -> str:
        """Take back what can be; returns the answer for the command's thread. Raises `Stopped`."""
        patience = Patience(
            self._steps, give_up_after_s=self._services.settings.rules.give_up_after_s, pace=self._services.pace
        )
        if await patience.run("find what runs", self._is_live):
            return replanned.undo_while_running()
        out = await patience.run("take back", self._take_back)
        taken = [replanned.Taken(*each) for each in out["taken"]]
        left = [replanned.Left(each["identifier"], each["url"], tuple(each["why"])) for each in out["left"]]
        if not taken and not left:
            return replanned.nothing_to_undo()

        async def say() -> Json:
            publisher = await self._desk.publisher()
            if await publisher.standing_comment() is not None:
                await publisher.comment(replanned.undone(taken, left, by=self._request.asker.name))

        async def labels() -> Json:
            place = Place.model_validate(out["place"])
            off = [*place.trigger_labels, *([place.done_label] if place.done_label and place.done_is_on else [])]
            await (await self._desk.publisher()).labels(publication.labels_off(place.issue_id, off))

        await patience.run("say what was taken back", say)
        await patience.run("take the labels off", labels)
        return replanned.undone(taken, left, by="")

    async def _is_live(self) -> Json:
        found = await self._services.database.run(
            runs.of_issue, self._request.organization_id, self._request.issue_id, limit=1
        )
        return bool(found) and found[0].state in runs.LIVE

    async def _take_back(self) -> Json:
        linear = await self._services.linear()
        entries = await self._entries()
        place, standing = await read_standing(linear, self._services.settings, self._request, entries)
        taken: list[tuple[str, int]] = []
        left: list[dict[str, object]] = []
        subissues = 0
        for entry in self._made(entries, "sub-issue"):
            gone, why = await self._take_issue(linear, entry, standing)
            subissues += gone
            if why:
                left.append({"identifier": entry.identifier or "a sub-issue", "url": entry.url or "", "why": why})
        for kind in ("relation", "link"):
            for entry in self._made(entries, kind):
                if not (entry.fields or {}).get("child"):
                    await linear.apply(DeleteRelation(id=entry.linear_id))
                await self._gone(entry)
        for entry in self._made(entries, "document"):
            gone, why = await self._take_document(linear, entry, standing)
            taken += [("the plan", 0)] if gone else []
            if why:
                left.append({"identifier": "the plan", "url": entry.url or "", "why": why})
        taken += [("sub-issue", subissues)] if subissues else []
        await self._services.database.run(plans.withdraw, self._request.organization_id, self._request.issue_id)
        log.info("plan.undone", issue=self._request.identifier, taken=len(taken), left=len(left))
        return {"taken": taken, "left": left, "place": place.model_dump(mode="json")}

    async def _take_issue(self, linear: Linear, entry: Entry, standing: Standing) -> tuple[bool, tuple[str, ...]]:
        """Whether it was taken back, and else why not. Read just before: somebody may have touched it a second ago."""
        issue = (await linear.plan_sub_issues([entry.linear_id])).get(entry.linear_id)
        mine = (entry.fields or {}).get("undone") == self._request.id
        if issue is None or issue.is_gone:
            await self._gone(entry)
            return mine, ()
        known = {each.linear_id for each in await self._entries()} | standing.ours
        why = touches(entry, issue, ours=known, viewer=await self._services.viewer_id())
        if why:
            return False, why
        await self._trash(linear, "Issue", entry)
        return True, ()

    async def _take_document(self, linear: Linear, entry: Entry, standing: Standing) -> tuple[bool, tuple[str, ...]]:
        document = await linear.plan_document(entry.linear_id)
        mine = (entry.fields or {}).get("undone") == self._request.id
        if document is None or document.is_gone:
            await self._gone(entry)
            return mine, ()
        why = _document_touches(entry, document, standing)
        if why:
            return False, why
        await self._trash(linear, "Document", entry)
        return True, ()

    async def _trash(self, linear: Linear, entity: Json, entry: Entry) -> None:
        kept = entry.model_copy(update={"fields": {**(entry.fields or {}), "undone": self._request.id}})
        await self._services.database.run(ledger.put, [kept])
        await linear.apply(Trash(entity=entity, id=entry.linear_id))
        await self._gone(kept)

    async def _gone(self, entry: Entry) -> None:
        await self._services.database.run(ledger.put, [entry.model_copy(update={"state": "gone"})])

    async def _entries(self) -> list[Entry]:
        return await self._services.database.run(ledger.of_issue, self._request.organization_id, self._request.issue_id)

    def _made(self, entries: list[Entry], kind: str) -> list[Entry]:
        """The newest of each key that stands, or that an earlier attempt of this command has taken back."""
        latest: dict[str, Entry] = {}
        for entry in entries:
            if entry.kind == kind:
                latest[entry.phase_key] = entry
        return [
            entry
            for entry in latest.values()
            if entry.state == "made" or (entry.fields or {}).get("undone") == self._request.id
        ]


def _document_touches(entry: Entry, document: PlanDocument, standing: Standing) -> tuple[str, ...]:
    title = (entry.fields or {}).get("title", document.title)
    edited = entry.text is None or form(entry.text) != form(document.text) or title != document.title
    told = (
        ("was edited", edited),
        ("has comments", any(each.id not in standing.ours for each in document.comments)),
    )
    return tuple(words for words, holds in told if holds)
