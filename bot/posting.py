"""Posts a plan, step by recorded step: document, sub-issues, relations, announcement, labels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot import messages, publication
from bot.labels import GREEN, label_id
from planner.findings import Checked
from planner.markdown import prose
from planner.plan import Plan, timeline_days
from planner.pricing import price as model_price
from planner.render import RenderFacts
from planner.tools import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.desk import Desk
    from bot.engine.steps import Json
    from bot.gather import Assignment, Gathered
    from bot.patience import Patience
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


class Posted(NamedTuple):
    """What stands after the writes. `ids`: sub-issues by phase key."""

    url: str
    ids: dict[str, str]


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
    ) -> None:
        """`written_by`: the run that wrote the plan, and paid for it.

        `completing`: the plan stood already, and only what is missing is made. `changed`: its issue has since.
        """
        self._desk = desk
        self._patience = patience
        self._gathered = gathered
        self._place = gathered.place
        self._written = written
        self._plan = plan = written.plan
        self._written_by = written_by
        self._completing = completing
        self._changed = changed
        self._phases = publication.phases_to_create(plan, desk.services.settings.rules.max_subissues)

    async def post(self) -> None:
        """Everything, in the order in which people may look at it half done. Raises `Stopped`."""
        said = await self._patience.run("facts", self._facts)
        facts = RenderFacts.model_validate(said["facts"])

        async def document() -> Json:
            publisher = await self._desk.publisher()
            entry = await publisher.document(
                lambda id_: publication.document_write(self._place, self._plan, facts, id_)
            )
            await self._desk.note("document", "The document stands.", document_url=entry.url)
            # A document of which we have no record says what people know it to say, not what this plan says.
            return {"url": entry.url, "ours": entry.text is not None}

        stands = await self._patience.run("document", document)
        url: str = stands["url"]
        self._completing = self._completing or not stands["ours"]
        ids: dict[str, str] = {}
        if self._phases:
            ids = await self._sub_issues(facts.model_copy(update={"document_url": url}))
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
        await self._announce(Posted(url, ids), price, facts.allowed, may_label=done_label is not None)

        async def labels() -> Json:
            await (await self._desk.publisher()).labels(publication.done_labels(self._place, done_label))
            await self._desk.note("labels", "The label is swapped.")

        await self._patience.run("labels", labels)

    async def _sub_issues(self, facts: RenderFacts) -> dict[str, str]:
        async def subissues() -> Json:
            publisher = await self._desk.publisher()
            entries = await publisher.subissues(
                [phase.key for phase in self._phases],
                lambda ids: publication.subissues_write(
                    self._place, self._plan, facts, [phase for phase in self._phases if phase.key in ids], ids
                ),
            )
            await self._desk.note("sub-issues", f"{len(entries)} sub-issues stand.", subissues=len(entries))
            return {entry.phase_key: entry.linear_id for entry in entries}

        ids: dict[str, str] = await self._patience.run("sub-issues", subissues)

        async def relations() -> Json:
            publisher = await self._desk.publisher()
            await publisher.relations(publication.relations_write(self._place, self._plan, ids))
            await self._desk.note("relations", "The blocking relations stand.")

        await self._patience.run("relations", relations)
        return ids

    async def _announce(self, posted: Posted, price: str, allowed: frozenset[str], *, may_label: bool) -> None:
        title = f"Plan: {self._place.title}"
        ready = messages.ready(
            title=title,
            url=posted.url,
            subissues=len(posted.ids),
            days=timeline_days(self._plan).likely,
            price=price,
            notes=self._notes(may_label=may_label),
        )
        mention = self._desk.request.asker.url
        had = {child.key for child in self._gathered.standing.subissues}
        reply = (
            messages.stands(
                mention=mention,
                title=title,
                url=posted.url,
                made=len(set(posted.ids) - had),
                changed=self._changed,
            )
            if self._completing
            else messages.reply(
                mention=mention,
                title=title,
                url=posted.url,
                summary=prose(_first_paragraph(self._plan.summary), allowed),
                price=price,
                questions=len(self._plan.open_questions),
            )
        )

        async def announce() -> Json:
            await self._desk.close()
            await self._desk.note("announce", "Saying that the plan is ready.")
            publisher = await self._desk.publisher()
            comment = await publisher.comment(ready)
            await publisher.reply(reply, self._desk.request.id)
            await self._desk.note("announced", "Said that the plan is ready.", comment_url=comment.url)

        await self._patience.run("announce", announce)

    def _notes(self, *, may_label: bool) -> list[str]:
        keys = {phase.key for phase in self._plan.phases}
        beside = [child.identifier for child in self._gathered.standing.subissues if child.key not in keys]
        notes = [messages.left_beside(beside)] if beside else []
        if self._written.checked is not None and not self._completing:
            report = self._written.checked.report
            notes.append(messages.checks_said(report.passed, report.failed, len(report.warnings)))
        if len(self._plan.phases) > len(self._phases) > 0:
            rest = len(self._plan.phases) - len(self._phases)
            notes.append(messages.phases_without_subissue(rest, len(self._phases)))
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
            known=self._place.done_label,
            color=GREEN,
            description="Has an implementation plan",
        )


def sources_of(brief: Brief, found: Sequence[Found]) -> dict[str, str]:
    """Every name the plan may cite, with its address: of the brief, and of what tools answered from."""
    return {each.name: each.url for each in found} | {name: url for name, (_, url) in brief.sources().items()}


def _first_paragraph(text: str) -> str:
    return text.strip().split("\n\n", 1)[0]
