"""Applies writes to Linear so that each thing is made once: intended in the ledger, made, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.standing import GENERATIONS, id_of
from bot.store import ledger
from bot.store.ledger import Entry
from linear.errors import Rejected
from linear.writes import (
    CreateComment,
    CreateDocument,
    CreateIssues,
    CreateReaction,
    DeleteRelation,
    NewRelation,
    RelateIssues,
    SwapLabels,
    Thing,
    UpdateComment,
)
from planner.merging import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bot.store.database import Database
    from bot.store.ledger import Kind
    from linear.client import Linear
    from linear.writes import Write


class Publisher:
    """Writes on one issue, for one run. Every method may be repeated, by this run or another."""

    def __init__(
        self, linear: Linear, database: Database, *, organization_id: str, issue_id: str, run_id: str | None
    ) -> None:
        """The issue is named by its id, the organization by Linear's."""
        self._linear = linear
        self._database = database
        self._organization_id = organization_id
        self._issue_id = issue_id
        self._run_id = run_id

    async def reaction(self, emoji: str, request_id: str, *, comment_id: str | None) -> None:
        """The reaction that answers a request, on the comment that asked or on the issue."""
        await self._make(
            "reaction",
            request_id,
            lambda id_: CreateReaction(
                id=id_,
                emoji=emoji,
                comment_id=comment_id,
                issue_id=None if comment_id else self._issue_id,
            ),
        )

    async def comment(self, body: str) -> Entry:
        """The bot's one comment on the issue, with this text: made, or the one that stands edited."""
        latest = self._latest(await self._entries(), "comment", "")
        if latest is not None and latest.state == "made":
            thing = (await self._linear.apply(UpdateComment(id=latest.linear_id, body=body))).thing
            if thing.standing != "gone":
                return await self._record(latest, thing, text=body)
            await self._gone(latest)
        entry, found = await self._make(
            "comment", "", lambda id_: CreateComment(id=id_, issue_id=self._issue_id, body=body), text=body
        )
        if found:  # an earlier run's, of a database we no longer have: it says something else
            thing = (await self._linear.apply(UpdateComment(id=entry.linear_id, body=body))).thing
            return await self._record(entry, thing, text=body)
        return entry

    async def standing_comment(self) -> Entry | None:
        """The bot's comment, if one was made."""
        latest = self._latest(await self._entries(), "comment", "")
        return latest if latest is not None and latest.state == "made" else None

    async def reply(self, body: str, request_id: str) -> Entry:
        """The answer to a request, in the thread of the bot's comment."""
        comment = await self.standing_comment()
        return await self.answer(body, request_id, parent_id=comment.linear_id if comment else None)

    async def answer(self, body: str, request_id: str, *, parent_id: str | None) -> Entry:
        """One comment for one request, in the thread of the root comment `parent_id`."""
        entry, _ = await self._make(
            "reply",
            request_id,
            lambda id_: CreateComment(id=id_, issue_id=self._issue_id, body=body, parent_id=parent_id),
            text=body,
        )
        return entry

    async def document(self, build: Callable[[str], CreateDocument], *, plan: str) -> Entry:
        """The plan document. `build(id)` gives the write; `plan`: the run that wrote the plan."""
        draft = build("")
        entry, _ = await self._make(
            "document",
            "",
            build,
            text=draft.content,
            fields={"title": draft.title, "stood": mark(draft.content), "plan": plan, "run": self._run_id},
        )
        return entry

    async def standing_document(self) -> Entry | None:
        """The plan document, if one was made and is not known to be thrown away."""
        latest = self._latest(await self._entries(), "document", "")
        return latest if latest is not None and latest.state == "made" else None

    async def thrown_away(self, entry: Entry) -> None:
        """It is gone: whoever wants another one gets it under the next generation's id."""
        await self._gone(entry)

    async def subissues(self, keys: Sequence[str], build: Callable[[Mapping[str, str]], CreateIssues]) -> list[Entry]:
        """The sub-issues of these phases, in order. `build(ids by key)` gives the write for the keys it is given."""
        entries = await self._entries()
        latest = {key: self._latest(entries, "sub-issue", key) for key in keys}
        generation = {key: self._next_generation(latest[key]) for key in keys}
        made: dict[str, Entry] = {}
        while missing := [key for key in keys if key not in made]:
            ids = {key: self._id("sub-issue", key, generation[key]) for key in missing}
            write = build(ids)
            by_id = {issue.id: issue for issue in write.issues}
            drafts = [
                self._draft(
                    "sub-issue",
                    key,
                    generation[key],
                    latest[key],
                    text=by_id[ids[key]].description,
                    fields=by_id[ids[key]].model_dump(exclude={"description"}),
                )
                for key in missing
            ]
            await self._database.run(ledger.put, [draft for draft in drafts if draft.state != "made"])
            things = {thing.id: thing for thing in (await self._linear.apply(write)).things}
            for draft in drafts:
                thing = things[draft.linear_id]
                if thing.standing == "gone":
                    await self._gone(draft)
                    generation[draft.phase_key] = self._checked(draft.generation + 1)
                else:
                    issue = by_id[draft.linear_id]
                    made[draft.phase_key] = await self._landed(
                        draft,
                        latest[draft.phase_key],
                        thing,
                        text=issue.description,
                        fields=issue.model_dump(exclude={"description"}),
                    )
        return [made[key] for key in keys]

    async def relations(self, edges: Collection[tuple[str, str]]) -> None:
        """Make `blocks` from the first issue to the second of each edge, and take away our own that are not among them.

        One that was made before is not made again: people may have taken it away.
        """
        latest: dict[str, Entry] = {}
        for entry in await self._entries():
            if entry.kind == "relation":
                latest[entry.phase_key] = entry
        wanted = {f"{before}>{after}": (before, after) for before, after in edges}
        linear = self._linear
        for key, entry in latest.items():
            if key not in wanted and entry.state == "made":
                await linear.apply(DeleteRelation(id=entry.linear_id))
                await self._gone(entry)
        drafts: list[Entry] = []
        for key in wanted:
            entry = latest.get(key)
            if entry is not None and entry.state == "made":
                continue
            drafts.append(self._draft("relation", key, self._next_generation(entry), entry))
        await self._relate(
            drafts,
            [
                NewRelation(
                    id=each.linear_id, issue_id=wanted[each.phase_key][0], related_issue_id=wanted[each.phase_key][1]
                )
                for each in drafts
            ],
        )

    async def link(self, entry: Entry, issue_id: str) -> Entry:
        """Relate the issue with another one that covers a phase; a sub-issue of it needs no relation."""
        relation = NewRelation(id=entry.linear_id, issue_id=self._issue_id, related_issue_id=issue_id, type="related")
        await self._relate([entry], [] if (entry.fields or {}).get("child") else [relation])
        return entry.model_copy(update={"state": "made"})

    async def _relate(self, drafts: Sequence[Entry], relations: Sequence[NewRelation]) -> None:
        if not drafts:
            return
        await self._database.run(ledger.put, drafts)
        if relations:
            await self._linear.apply(RelateIssues(relations=tuple(relations)))
        await self._database.run(ledger.put, [draft.model_copy(update={"state": "made"}) for draft in drafts])

    async def remark(self, issue_id: str, body: str, key: str) -> None:
        """A comment on another issue, one of ours, once for a key."""
        await self._make("reply", key, lambda id_: CreateComment(id=id_, issue_id=issue_id, body=body), text=body)

    async def labels(self, write: SwapLabels) -> None:
        """Swap labels; nothing to swap is no request."""
        if write.added or write.removed:
            await self._linear.apply(write)

    async def _make(
        self,
        kind: Kind,
        phase_key: str,
        build: Callable[[str], Write],
        *,
        text: str | None = None,
        fields: dict[str, Any] | None = None,
    ) -> tuple[Entry, bool]:
        """Make one thing, in the next generation if what stood was thrown away. Also: whether it was there already."""
        latest = self._latest(await self._entries(), kind, phase_key)
        generation = self._next_generation(latest)
        while True:
            draft = self._draft(kind, phase_key, generation, latest, text=text, fields=fields)
            if draft.state != "made":
                # Before the call: a webhook about our own comment may come back before the answer does.
                await self._database.run(ledger.put, [draft])
            thing = (await self._linear.apply(build(draft.linear_id))).thing
            if thing.standing != "gone":
                return await self._landed(draft, latest, thing, text=text, fields=fields), thing.standing == "found"
            await self._gone(draft)
            generation = self._checked(generation + 1)

    def _draft(
        self,
        kind: Kind,
        phase_key: str,
        generation: int,
        latest: Entry | None,
        *,
        text: str | None = None,
        fields: dict[str, Any] | None = None,
    ) -> Entry:
        """What is written down before the call. A row that stands keeps what it says was posted."""
        if latest is not None and latest.generation == generation:
            return latest
        return Entry(
            organization_id=self._organization_id,
            issue_id=self._issue_id,
            kind=kind,
            phase_key=phase_key,
            generation=generation,
            linear_id=self._id(kind, phase_key, generation),
            run_id=self._run_id,
            text=text,
            fields=fields,
        )

    async def _landed(
        self,
        draft: Entry,
        latest: Entry | None,
        thing: Thing,
        *,
        text: str | None,
        fields: dict[str, Any] | None = None,
    ) -> Entry:
        """Record what stands now. Found without a row of ours: what it says is not known to be ours."""
        if thing.standing == "made":
            return await self._record(draft.model_copy(update={"fields": fields}), thing, text=text)
        known = (
            latest is not None
            and latest.linear_id == draft.linear_id
            and (latest.state == "made" or latest.text == text)  # an intention that failed is no evidence
        )
        return await self._record(
            draft if known else draft.model_copy(update={"fields": None}), thing, text=draft.text if known else None
        )

    async def _entries(self) -> list[Entry]:
        return await self._database.run(ledger.of_issue, self._organization_id, self._issue_id)

    def _id(self, kind: Kind, phase_key: str, generation: int) -> str:
        return id_of(self._organization_id, self._issue_id, kind, phase_key, generation)

    @staticmethod
    def _latest(entries: Sequence[Entry], kind: Kind, phase_key: str) -> Entry | None:
        fitting = [entry for entry in entries if (entry.kind, entry.phase_key) == (kind, phase_key)]
        return max(fitting, key=lambda entry: entry.generation, default=None)

    @staticmethod
    def _next_generation(latest: Entry | None) -> int:
        if latest is None:
            return 0
        return latest.generation + 1 if latest.state == "gone" else latest.generation

    @staticmethod
    def _checked(generation: int) -> int:
        if generation >= GENERATIONS:
            msg = f"It was thrown away {GENERATIONS} times; I do not make it again"
            raise Rejected(msg)
        return generation

    async def _record(self, entry: Entry, thing: Thing, *, text: str | None) -> Entry:
        made = entry.model_copy(
            update={
                "state": "made",
                "run_id": self._run_id,
                "url": thing.url or entry.url,
                "identifier": thing.identifier or entry.identifier,
                "revision": thing.revision,
                "text": text,
            }
        )
        await self._database.run(ledger.put, [made])
        return made

    async def _gone(self, entry: Entry) -> None:
        await self._database.run(ledger.put, [entry.model_copy(update={"state": "gone"})])
