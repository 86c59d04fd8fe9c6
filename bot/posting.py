"""Posts a plan, step by recorded step: document, sub-issues, relations, announcement, labels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot import messages, publication, replanned
from bot.again.deciding import STANDING
from bot.again.document import Revised, Wanted, revise
from bot.again.phases import Outcome, Phases
from bot.labels import DONE, label_id
from bot.store import plans
from planner.changes import what_changed
from planner.findings import Checked
from planner.markdown import prose
from planner.plan import Plan, timeline_days
from planner.pricing import price as model_price
from planner.render import RenderFacts, Version
from planner.tools import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.desk import Desk
    from bot.engine.steps import Json
    from bot.gather import Assignment, Gathered
    from bot.patience import Patience
    from bot.store.ledger import Entry
    from bot.store.plans import PlanVersion
    from planner.author import Authored
    from planner.brief import Brief


class Written(BaseModel):
    """A plan as it was written: what its writer found, and what could not be read, belongs to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Plan
    agent: str
    sources: dict[str, str] = {}
    """Every name the plan may cite, with its address."""
    left_out: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    checked: Checked | None = None
    """What its checks found; None for a plan that a version without checks wrote."""
    estimate_usd: float | None = None
    repository: str = ""
    commit: str = ""
    commit_url: str = ""

    @property
    def faults(self) -> int:
        """How many faults its checks found in it, after mending."""
        return len(self.checked.report.errors) if self.checked else 0


def as_written(assignment: Assignment, authored: Authored, estimate_usd: float | None) -> Written:
    """A plan with all that its document says of its making, kept with it: a later read may find another commit."""
    checkout = assignment.checkout
    return Written(
        plan=authored.plan,
        agent=assignment.agent.name,
        sources=sources_of(assignment.brief, authored.found),
        left_out=assignment.brief.left_out,
        gaps=authored.gaps,
        checked=authored.checked,
        estimate_usd=estimate_usd,
        repository=checkout.choice.name if checkout else "",
        commit=checkout.commit if checkout else "",
        commit_url=checkout.web_url if checkout else "",
    )


class Stands(BaseModel):
    """The document after its step. `how`: `made`, `revised` (merged with what stood), or `left` as it was."""

    model_config = ConfigDict(frozen=True)

    url: str
    how: Literal["made", "revised", "left"]
    revised: Revised | None = None


class Posting:
    """One plan on its way into Linear. Each step may be repeated and makes the same thing."""

    def __init__(
        self,
        desk: Desk,
        patience: Patience,
        gathered: Gathered,
        written: Written,
        *,
        written_by: str,
        completing: bool,
        changed: bool,
        wished: bool = False,
        approved: Sequence[int] | None = None,
    ) -> None:
        """`written_by`: the run that wrote the plan, and paid for it.

        `completing`: the plan stood already, and only what is missing is made. `changed`: its issue has since.
        `wished`: somebody asked with words of their own. `approved`: numbers of the phases whose sub-issues somebody
        approved, where that is asked for; empty for all, None where nobody did.
        """
        self._desk = desk
        self._patience = patience
        self._gathered = gathered
        self._place = gathered.place
        self._written = written
        self._plan = written.plan
        self._written_by = written_by
        self._completing = completing
        self._changed = changed
        self._wished = wished
        self._approved = approved

    async def post(self) -> None:
        """Everything, in the order in which people may look at it half done. Raises `Stopped`."""
        said = await self._patience.run("facts", self._facts)
        facts = RenderFacts.model_validate(said["facts"])
        stands = Stands.model_validate(await self._patience.run("document", self._document, facts))
        self._completing = stands.how == "left"
        with_url = facts.model_copy(update={"document_url": stands.url})
        outcomes = [
            Outcome.model_validate(each)
            for each in await self._patience.run("sub-issues", self._sub_issues, with_url, stands)
        ]
        if outcomes:
            await self._patience.run("relations", self._relations, outcomes)
        price = messages.price(
            usd=facts.cost_usd or 0.0,
            model=facts.author,
            scripted=facts.scripted,
            tokens=facts.tokens,
            estimate_usd=facts.estimate_usd,
            cut=said["cut"],
            known=model_price(facts.author).known,
        )
        done_label = await self._patience.run("find the label", self._done_label)
        await self._patience.run("announce", self._announce, stands, outcomes, facts, price, done_label is not None)

        async def labels() -> Json:
            await (await self._desk.publisher()).labels(publication.done_labels(self._place, done_label))
            await self._desk.note("labels", "The label is swapped.")

        await self._patience.run("labels", labels)

    async def _document(self, facts: RenderFacts) -> Json:
        publisher = await self._desk.publisher()
        entry = await publisher.standing_document()
        stands = await self._stands_already(entry) if entry is not None else None
        entry = await publisher.standing_document()  # which may have proved to be thrown away
        if stands is None and entry is not None and not self._completing:
            stands = await self._revised(entry, facts)
        if stands is None:
            made = await publisher.document(
                lambda id_: publication.document_write(self._place, self._plan, facts, id_), plan=self._written_by
            )
            how: Literal["made", "left"] = "left" if self._completing and entry is not None else "made"
            stands = Stands(url=made.url or "", how=how)
            if made.text is None:
                # We have no record of it: it says what people know it to say, not what this plan says.
                known = await self._revised(made, facts) if self._wished else None
                stands = known or Stands(url=made.url or "", how="left")
        said = {"made": "stands", "revised": "is brought up to date", "left": "is left as it is"}[stands.how]
        await self._desk.note("document", f"The document {said}.", document_url=stands.url)
        return stands.model_dump(mode="json")

    async def _stands_already(self, entry: Entry) -> Stands | None:
        """What this run, or one before it, did about this very plan; None if the document says another one."""
        fields = entry.fields or {}
        if fields.get("plan") != self._written_by:
            return None
        document = await (await self._desk.services.linear()).plan_document(entry.linear_id)
        if document is None or document.is_gone:
            await (await self._desk.publisher()).thrown_away(entry)
            return None
        if fields.get("run") != self._desk.run_id:
            return Stands(url=entry.url or "", how="left")
        revised = fields.get("revised")
        return Stands(
            url=entry.url or "",
            how="revised" if revised else "made",
            revised=Revised.model_validate(revised) if revised else None,
        )

    async def _revised(self, entry: Entry, facts: RenderFacts) -> Stands | None:
        """The document brought to the new plan; None if people threw it away."""
        services = self._desk.services
        write = publication.document_write(self._place, self._plan, facts, entry.linear_id)
        revised = await revise(
            await services.linear(),
            services.database,
            entry,
            Wanted(write.title, write.content, self._written_by),
            viewer=await services.viewer_id(),
            run_id=self._desk.run_id,
        )
        if revised is None:
            await (await self._desk.publisher()).thrown_away(entry)
            return None
        return Stands(url=revised.url or entry.url or "", how="revised", revised=revised)

    async def _sub_issues(self, facts: RenderFacts, stands: Stands) -> Json:
        services = self._desk.services
        rules = services.settings.rules
        phases = Phases(
            services,
            await self._desk.publisher(),
            self._place,
            self._gathered.standing,
            run_id=self._desk.run_id,
            viewer=await services.viewer_id(),
        )
        may = publication.phases_to_create(self._plan, rules.max_subissues)
        make = may
        if rules.for_team(self._place.team_key).subissues == "ask":
            numbers = {phase.key: number for number, phase in enumerate(self._plan.phases, start=1)}
            make = [each for each in may if self._approved is not None and self._approves(numbers[each.key])]
        outcomes = await phases.bring(
            self._plan,
            facts,
            make=make,
            awaiting=[each for each in may if each not in make],
            renew=stands.how == "made",
        )
        stand = sum(each.what in STANDING for each in outcomes)
        if outcomes:
            await self._desk.note("sub-issues", f"{stand} sub-issues stand.", subissues=stand)
        return [each.model_dump(mode="json") for each in outcomes]

    def _approves(self, number: int) -> bool:
        return not self._approved or number in self._approved

    async def _relations(self, outcomes: Sequence[Outcome]) -> Json:
        ids = {each.key: each.id for each in outcomes if each.what in STANDING}
        linked = {each.key: each.id for each in outcomes if each.what == "linked"}
        await (await self._desk.publisher()).relations(publication.edges(self._plan, ids, linked))
        await self._desk.note("relations", "The blocking relations stand.")

    async def _announce(
        self, stands: Stands, outcomes: Sequence[Outcome], facts: RenderFacts, price: str, may_label: bool
    ) -> Json:
        desk = self._desk
        title = f"Plan: {self._place.title}"
        ready = messages.ready(
            title=title,
            url=stands.url,
            subissues=sum(each.what in STANDING for each in outcomes),
            days=timeline_days(self._plan).likely,
            price=price,
            notes=self._notes(outcomes, may_label=may_label),
        )
        reply = await self._reply(stands, outcomes, facts, price, title)
        await desk.close()
        await desk.note("announce", "Saying that the plan is ready.")
        request = desk.request
        await desk.services.database.run(plans.posted, request.organization_id, request.issue_id, self._written_by)
        publisher = await desk.publisher()
        comment = await publisher.comment(ready)
        await publisher.reply(reply, request.id)
        await desk.note("announced", "Said that the plan is ready.", comment_url=comment.url)

    async def _reply(
        self, stands: Stands, outcomes: Sequence[Outcome], facts: RenderFacts, price: str, title: str
    ) -> str:
        mention = self._desk.request.asker.url
        rows = [
            replanned.Row(each.title, each.what, identifier=each.identifier, url=each.url, why=each.why)
            for each in outcomes
        ]
        if self._approved is not None:
            return replanned.approved(mention=mention, rows=rows)
        if stands.how == "left":
            made = [row for row in rows if row.what in ("created", "linked")]
            if self._written_by == self._desk.run_id:
                return replanned.unrecorded(mention=mention, title=title, url=stands.url, rows=made)
            if self._changed:
                return messages.stands(mention=mention, title=title, url=stands.url, made=len(made))
            return replanned.unchanged(mention=mention, title=title, url=stands.url, rows=made)
        revised = stands.revised
        if revised is None:
            return messages.reply(
                mention=mention,
                title=title,
                url=stands.url,
                summary=prose(_first_paragraph(self._plan.summary), facts.allowed),
                price=price,
                questions=len(self._plan.open_questions),
            )
        before = await self._before()
        return replanned.reply(
            mention=mention,
            title=title,
            url=stands.url,
            version=facts.versions[-1].number if facts.versions else 1,
            changes=what_changed(before, self._plan) if before else (),
            rows=rows,
            document=replanned.of_document(
                kept=revised.kept,
                suggested=revised.suggested,
                overwritten=revised.overwritten,
                unsettled=revised.unsettled,
                url=stands.url,
            ),
            price=price,
        )

    async def _before(self) -> Plan | None:
        """The plan that stood before this one; None where there is no record of it in this version's shape."""
        known = await self._versions()
        body = next((each.body for each in reversed(known[:-1])), None)
        try:
            return Written.model_validate_json(body).plan if body else None
        except ValidationError:
            return None

    async def _versions(self) -> list[PlanVersion]:
        """The plans that were posted, and this one as the last."""
        request = self._desk.request
        found = await self._desk.services.database.run(plans.versions, request.organization_id, request.issue_id)
        this = [each for each in found if each.run_id == self._written_by]
        return [*(each for each in found if each.posted_at is not None and each not in this), *this]

    def _notes(self, outcomes: Sequence[Outcome], *, may_label: bool) -> list[str]:
        beside = [each.identifier for each in outcomes if each.what == "left"]
        notes = [messages.left_beside(beside)] if beside else []
        if self._written.checked is not None and not self._completing:
            report = self._written.checked.report
            notes.append(messages.checks_said(report.passed, report.failed, len(report.warnings)))
        waiting = {each.key for each in outcomes if each.what == "awaits"}
        numbered = [(number, each.title) for number, each in enumerate(self._plan.phases, 1) if each.key in waiting]
        if numbered:
            notes.append(replanned.awaits([title for _, title in numbered], [number for number, _ in numbered]))
        most = self._desk.services.settings.rules.max_subissues
        if len(self._plan.phases) > most:
            notes.append(messages.phases_without_subissue(len(self._plan.phases) - most, most))
        if not may_label:
            notes.append(messages.label_not_made(self._desk.services.settings.done_label))
        return notes

    async def _facts(self) -> Json:
        """What the document says about its own making; fixed once, so that doing it twice writes the same."""
        services = self._desk.services
        run = await self._desk.run(self._written_by)
        written = self._written
        facts = RenderFacts(
            identifier=self._place.identifier,
            issue_url=self._place.url,
            author="scripted stand-in"
            if services.scripted
            else (run and run.model) or services.model_of(self._gathered.agent),
            agent=written.agent,
            scripted=services.scripted,
            revision=self._place.revision,
            sources=written.sources,
            generated_on=datetime.now(UTC).strftime("%Y-%m-%d"),
            left_out=written.left_out,
            gaps=written.gaps,
            checked=written.checked,
            cost_usd=run.usd if run else None,
            tokens=run.input_tokens + run.output_tokens if run else 0,
            estimate_usd=written.estimate_usd,
            repository=written.repository,
            commit=written.commit,
            commit_url=written.commit_url,
            versions=tuple(
                Version(number=number, on=_day(each.made_at), asked_by=each.asked_by, because=each.because)
                for number, each in enumerate(await self._versions(), start=1)
            ),
        )
        return {
            "facts": facts.model_dump(mode="json"),
            "cut": run.cut_turns if run else 0,
        }

    async def _done_label(self) -> Json:
        return await label_id(
            await self._desk.services.linear(),
            self._place.organization_id,
            self._desk.services.settings.done_label,
            DONE,
            known=self._place.done_label,
        )


def sources_of(brief: Brief, found: Sequence[Found]) -> dict[str, str]:
    """Every name the plan may cite, with its address: of the brief, and of what tools answered from."""
    return {each.name: each.url for each in found} | {name: url for name, (_, url) in brief.sources().items()}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _first_paragraph(text: str) -> str:
    return text.strip().split("\n\n", 1)[0]
