"""Brings the sub-issues to what the plan says: makes, updates, cancels, and leaves people's work to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from bot import publication, replanned
from bot.again.covering import covering, words
from bot.again.deciding import Draft, Step, What, decide
from bot.standing import GENERATIONS, id_of
from bot.store import ledger
from bot.store.ledger import Entry
from linear.writes import UpdateIssue
from planner.merging import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.gather import Place, Standing
    from bot.publish import Publisher
    from bot.services import Services
    from bot.standing import StandingSubIssue
    from linear.planned import PlanSubIssue
    from planner.plan import Phase, Plan
    from planner.render import RenderFacts


_MARK_CHARS = 16
_WRITTEN = ("updated", "reopened", "canceled")


class Outcome(BaseModel):
    """What became of one phase, for people: see `bot.again.deciding.What`."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    what: What
    identifier: str = ""
    url: str = ""
    id: str = ""
    why: tuple[str, ...] = ()


class Phases:
    """One plan's sub-issues. What is begun by one run may be ended by a repeat of its step: nothing is done twice."""

    def __init__(
        self, services: Services, publisher: Publisher, place: Place, standing: Standing, *, run_id: str, viewer: str
    ) -> None:
        """`standing`: what the run found when it began; `viewer`: the id of the user the bot acts as."""
        self._services = services
        self._publisher = publisher
        self._place = place
        self._standing = standing
        self._run_id = run_id
        self._viewer = viewer
        self._written: dict[str, tuple[str, str]] = {}
        """When an issue was last changed before we wrote it, and by our write, by its id."""

    async def bring(
        self, plan: Plan, facts: RenderFacts, *, make: Sequence[Phase], awaiting: Sequence[Phase] = (), renew: bool
    ) -> list[Outcome]:
        """Do what is to be done for each phase. `make`: those that may be made; others that stand are kept up.

        `awaiting`: those that somebody must approve first. `renew`: the document was made in this run, so what people
        threw away before is made again.
        """
        linear = await self._services.linear()
        entries = await self._entries()
        may = {phase.key for phase in make}
        phases = [phase for phase in plan.phases if phase.key in may or phase.key in entries]
        order = publication.orders(plan)
        drafts = {
            issue_key: Draft(issue_key, draft.title, draft.description, order[issue_key])
            for issue_key, draft in publication.drafts(plan, phases, facts).items()
        }
        standing = await linear.plan_sub_issues([each.linear_id for each in entries.values()])
        ours = await self._ours()
        steps = decide(list(drafts.values()), entries, standing, ours=ours, viewer=self._viewer, renew=renew)
        linked = await self._linked(plan, [each.key for each in steps if each.what == "created"], ours)
        new = [each.key for each in steps if each.what == "created" and each.key not in linked]
        made = {each.phase_key: each for each in await self._make(plan, facts, new)} if new else {}
        outcomes: list[Outcome] = []
        for step in steps:
            if step.key in linked:
                outcomes.append(_link_outcome(step.key, drafts[step.key].title, linked[step.key]))
                continue
            entry = made.get(step.key) or entries[step.key]
            issue = standing.get(entry.linear_id)
            draft = drafts.get(step.key)
            if step.what in _WRITTEN:
                # Read once more just before: the others took their time.
                now = await linear.plan_sub_issues([entry.linear_id])
                issue = now.get(entry.linear_id)
                again = decide(
                    [draft] if draft else [], {step.key: entry}, now, ours=ours, viewer=self._viewer, renew=renew
                )
                step = again[0] if again else step  # noqa: PLW2901 - the same step, as it is now
            outcome = await self._done(step, entry, issue, draft)
            outcomes += [outcome] if outcome else []
        outcomes = await self._looked_again(outcomes, drafts)
        told = {each.key for each in outcomes}
        waits = [Outcome(key=each.key, title=each.title, what="awaits") for each in awaiting if each.key not in told]
        return _in_order(plan, [*outcomes, *waits])

    async def _looked_again(self, outcomes: Sequence[Outcome], drafts: Mapping[str, Draft]) -> list[Outcome]:
        """Whether somebody wrote a sub-issue between our read and our write, as far as its history tells.

        A title of theirs is put back; of a description Linear's history of the issue has their words, and we do not.
        """
        written = {each.id: each for each in outcomes if each.id in self._written}
        if not written:
            return list(outcomes)
        linear = await self._services.linear()
        told: dict[str, tuple[str, ...]] = {}
        for id_, issue in (await linear.plan_sub_issues(written)).items():
            since, revision = self._written[id_]
            theirs = [
                each
                for each in issue.history.nodes
                if since < each.created_at < revision and each.actor is not None and each.actor.id != self._viewer
            ]
            title = next((each.to_title for each in theirs if each.to_title), None)
            if title and title != issue.title and issue.title == drafts[written[id_].key].title:
                await linear.apply(UpdateIssue(id=id_, title=title))
            if title or any(each.updated_description for each in theirs):
                told[id_] = ("was edited in that very second",)
        return [each.model_copy(update={"why": told[each.id]}) if each.id in told else each for each in outcomes]

    async def _entries(self) -> dict[str, Entry]:
        """The newest sub-issue of each phase that is made; those found without a record get an entry without text."""
        found: dict[str, Entry] = {}
        for entry in await self._of_issue():
            if entry.kind == "sub-issue":
                found[entry.phase_key] = entry
        made = {key: entry for key, entry in found.items() if entry.state == "made"}
        for child in self._standing.subissues:
            if child.key not in found:
                made[child.key] = Entry(
                    organization_id=self._place.organization_id,
                    issue_id=self._place.issue_id,
                    kind="sub-issue",
                    phase_key=child.key,
                    generation=self._generation(child),
                    linear_id=child.id,
                    state="made",
                    identifier=child.identifier,
                    url=child.url,
                )
        return made

    def _generation(self, child: StandingSubIssue) -> int:
        ids = (
            id_of(self._place.organization_id, self._place.issue_id, "sub-issue", child.key, generation)
            for generation in range(GENERATIONS)
        )
        return next((generation for generation, id_ in enumerate(ids) if id_ == child.id), 0)

    async def _of_issue(self) -> list[Entry]:
        return await self._services.database.run(ledger.of_issue, self._place.organization_id, self._place.issue_id)

    async def _ours(self) -> frozenset[str]:
        return self._standing.ours | {entry.linear_id for entry in await self._of_issue()}

    async def _make(self, plan: Plan, facts: RenderFacts, keys: Sequence[str]) -> list[Entry]:
        by_key = {phase.key: phase for phase in plan.phases}
        entries = await self._publisher.subissues(
            keys,
            lambda ids: publication.subissues_write(
                self._place, plan, facts, [by_key[key] for key in keys if key in ids], ids
            ),
        )
        return [await self._remember(entry, "created") for entry in entries]

    async def _linked(self, plan: Plan, keys: Sequence[str], ours: frozenset[str]) -> dict[str, Entry]:
        """Open issues that cover phases which have no sub-issue: those found before, and those found now."""
        before = {entry.phase_key: entry for entry in await self._of_issue() if entry.kind == "link"}
        linked = {key: before[key] for key in keys if key in before and before[key].state == "made"}
        titles = {phase.key: phase.title for phase in plan.phases if phase.key in keys and phase.key not in before}
        if titles:
            linear = await self._services.linear()
            found = await linear.similar_issues(self._place.team_id, [words(title) for title in titles.values()])
            matches = covering(titles, found, parent_id=self._place.issue_id, not_these=ours)
            for key, issue in matches.items():
                entry = Entry(
                    organization_id=self._place.organization_id,
                    issue_id=self._place.issue_id,
                    kind="link",
                    phase_key=key,
                    linear_id=id_of(self._place.organization_id, self._place.issue_id, "link", key, 0),
                    run_id=self._run_id,
                    identifier=issue.identifier,
                    url=issue.url,
                    fields={
                        "issue": issue.id,
                        "child": issue.parent is not None and issue.parent.id == self._place.issue_id,
                    },
                )
                linked[key] = await self._publisher.link(entry, issue.id)
        return linked

    async def _done(self, step: Step, entry: Entry, issue: PlanSubIssue | None, draft: Draft | None) -> Outcome | None:
        """Carry one step out. None for what an earlier plan had given up already.

        What is about to be done is remembered first: a repeat of the step finds it done, and says the same.
        """
        before: dict[str, Any] = (entry.fields or {}).get("outcome") or {}
        mine = before.get("run") == self._run_id
        what: What = before["what"] if mine else step.what
        why = step.why
        if draft is not None and step.what in ("updated", "reopened", "same"):
            entry = await self._update(
                entry, draft, what, read_at=issue.updated_at if issue else "", write=step.what != "same"
            )
        elif step.what == "canceled" and issue is not None and issue.state.type != "canceled":
            if self._place.canceled_state is None:
                what, why = "left", ("is in a team without a canceled state",)
            else:
                entry = await self._cancel(entry, self._place.canceled_state)
        elif step.what == "canceled" and not mine:
            return None
        elif step.difference and draft is not None:
            entry = await self._remark(entry, step, draft)
        return Outcome(
            key=step.key,
            title=draft.title if draft else (issue.title if issue else step.key),
            what=what,
            identifier=entry.identifier or (issue.identifier if issue else ""),
            url=entry.url or (issue.url if issue else ""),
            id=entry.linear_id,
            why=why,
        )

    async def _remember(self, entry: Entry, what: What, **fields: object) -> Entry:
        outcome = {"run": self._run_id, "what": what}
        kept = entry.model_copy(update={"fields": {**(entry.fields or {}), **fields, "outcome": outcome}})
        await self._services.database.run(ledger.put, [kept])
        return kept

    async def _update(self, entry: Entry, draft: Draft, what: What, *, read_at: str, write: bool) -> Entry:
        revision = entry.revision
        if write:
            entry = await self._remember(entry, what)
            update = UpdateIssue(
                id=entry.linear_id,
                title=draft.title,
                description=draft.description,
                state_id=self._place.state_id if what == "reopened" else None,
                sub_issue_sort_order=draft.order,
            )
            revision = (await (await self._services.linear()).apply(update)).thing.revision
            self._written[entry.linear_id] = (read_at, revision or "")
        elif entry.text == draft.description:
            return entry
        # Also where people made it say so themselves: there is nothing of theirs to lose any more.
        fields = {**(entry.fields or {}), "title": draft.title, "canceled": False}
        updated = entry.model_copy(update={"text": draft.description, "fields": fields, "revision": revision})
        await self._services.database.run(ledger.put, [updated])
        return updated

    async def _cancel(self, entry: Entry, state_id: str) -> Entry:
        canceled = await self._remember(entry, "canceled", canceled=True)
        await (await self._services.linear()).apply(UpdateIssue(id=entry.linear_id, state_id=state_id))
        return canceled

    async def _remark(self, entry: Entry, step: Step, draft: Draft) -> Entry:
        """A comment on the sub-issue, one for each wish that differs."""
        wish = mark(f"# {draft.title}\n\n{draft.description}")
        if (entry.fields or {}).get("told") == wish:
            return entry
        body = replanned.difference(step.what, step.difference)
        await self._publisher.remark(entry.linear_id, body, f"difference-{step.key}-{wish[:_MARK_CHARS]}")
        return await self._remember(entry, step.what, told=wish)


def _in_order(plan: Plan, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The plan's phases first, in their order."""
    place = {phase.key: at for at, phase in enumerate(plan.phases)}
    return sorted(outcomes, key=lambda each: place.get(each.key, len(place)))


def _link_outcome(key: str, title: str, entry: Entry) -> Outcome:
    return Outcome(
        key=key,
        title=title,
        what="linked",
        identifier=entry.identifier or "",
        url=entry.url or "",
        id=str((entry.fields or {}).get("issue", "")),
    )
