"""Reads the issue and what hangs on it, and decides whether there is a plan to be made. One step of a run."""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from bot.agents import REPOSITORY_FOLDER, choose
from bot.checkout import RepositoryUnavailable, map_of
from bot.files import fetch as fetch_files
from bot.repositories import RepositoryChoice
from bot.repositories import choose as choose_repository
from bot.sources import Known, RepositoryMap, relatives, sources
from bot.staleness import reads_of
from bot.standing import Standing, standing_of
from linear.client import linked_document_slugs
from planner.agent import Agent, builtin
from planner.brief import Brief, Material, QuestionAnswered, StandingPhase, is_empty
from planner.merging import mark
from planner.room import fit_to_cap
from planner.tools.repository import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.services import Services
    from bot.settings import Settings
    from bot.store.ledger import Entry
    from bot.triggers import PlanRequest
    from linear.client import Linear
    from linear.models import Cycle, Issue, IssueContext, Label, State

Verdict = Literal["plan", "empty", "closed", "unlabelled", "archived", "no-agent", "not-allowed"]

_CLOSED = ("completed", "canceled", "duplicate")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Place(_Frozen):
    """Where a plan is to be posted: everything of the issue that the writes need."""

    organization_id: str
    issue_id: str
    identifier: str
    title: str
    url: str
    revision: str
    """The issue's `updatedAt` when it was read."""
    team_id: str
    team_key: str = ""
    state_id: str | None
    priority: int
    project_id: str | None
    project_milestone_id: str | None
    trigger_labels: tuple[str, ...]
    """Ids of the trigger label that are on the issue."""
    done_label: str | None
    """The id of the result label, the team's before the workspace's; None if there is none yet."""
    failed_label: str | None
    done_is_on: bool
    failed_is_on: bool
    canceled_state: str | None = None
    """The team's first canceled state; None if it has none."""


class CheckedOut(_Frozen):
    """The repository the issue is planned for, and the commit that was read."""

    choice: RepositoryChoice
    commit: str
    web_url: str
    """Where people see the commit; empty where they cannot."""


class Assignment(_Frozen):
    """What is to be written, by whom, and what may be read meanwhile."""

    agent: Agent
    agents: tuple[Agent, ...] = ()
    """All definitions there are, which a sub-agent may work by."""
    brief: Brief
    marker: str
    checkout: CheckedOut | None = None
    team_id: str = ""
    """Empty where the plan is for a file and not for an issue."""
    issue_id: str = ""
    requester_id: str = ""
    hidden: frozenset[str] = frozenset()
    """Ids of what the bot itself made, which no tool shows."""
    may_ask: bool = False


class Gathered(_Frozen):
    """What was read, and what it means for the run. `read`: for people, such as "4 comments"."""

    verdict: Verdict
    place: Place
    brief: Brief
    read: tuple[str, ...]
    standing: Standing
    state_type: str
    read_at: float
    """When reading began, in Unix seconds: what was asked or written later is not in the brief."""
    marker: str
    """Random, hex: fences untrusted text in the prompt. Nobody who wrote the text can know it."""
    agent: Agent
    """Who plans: the whole definition, so that a change of its file does not reach a run under way."""
    trouble: str = ""
    """For the verdict `no-agent`: the sentence that says so."""
    agents: tuple[Agent, ...] = ()
    checkout: CheckedOut | None = None
    requester_id: str = ""
    may_ask: bool = False
    """Whether people may be asked before there is a plan."""
    reads: dict[str, str] = {}
    """Digests of what was read, by source: see `bot.staleness`."""
    document_mark: str = ""
    """The normal form of the plan's document as it stands, as a SHA-256; empty where none stands."""

    @property
    def assignment(self) -> Assignment:
        """The part that whoever writes the plan needs."""
        return Assignment(
            agent=self.agent,
            agents=self.agents,
            brief=self.brief,
            marker=self.marker,
            checkout=self.checkout,
            team_id=self.place.team_id,
            issue_id=self.place.issue_id,
            requester_id=self.requester_id,
            hidden=self.standing.ours,
            may_ask=self.may_ask,
        )


async def read_place(linear: Linear, settings: Settings, request: PlanRequest) -> Place:
    """Where the issue stands, and nothing that hangs on it. Raises Linear's errors."""
    return _place(await _context(linear, settings, request), request.organization_id, settings)


async def read_standing(
    linear: Linear, settings: Settings, request: PlanRequest, entries: Sequence[Entry]
) -> tuple[Place, Standing]:
    """Where the issue stands, and what of ours is on it. `entries`: the ledger's. Raises Linear's errors."""
    context = await _context(linear, settings, request)
    return _place(context, request.organization_id, settings), standing_of(context, request.organization_id, entries)


async def read_reads(
    linear: Linear, settings: Settings, request: PlanRequest, entries: Sequence[Entry]
) -> dict[str, str]:
    """As `Gathered.reads`, of what one request tells: without files, linked documents and the repository."""
    context = await _context(linear, settings, request)
    standing = standing_of(context, request.organization_id, entries)
    known = Known(ours=standing.ours, team_documents=context.team_documents)
    brief, _ = compose_brief(context, request, known, standing)
    return reads_of(brief)


async def gather(
    services: Services,
    request: PlanRequest,
    entries: Sequence[Entry],
    tell: Callable[[str], None],
    *,
    answers: tuple[QuestionAnswered, ...] = (),
) -> Gathered:
    """Read everything: the issue and what hangs on it, its files, and the repository.

    `answers`: what people were asked before.

    The issue takes one request, more where pages go on, and one for documents linked in text.
    `tell`: what is being read now, for whoever watches. Raises Linear's errors; `NotFound` when the issue is gone or
    not ours to see. Files and repositories that cannot be read are noted in the brief.
    """
    linear, settings = await services.linear(), services.settings
    read_at = time.time()
    context = await _context(linear, settings, request)
    standing = standing_of(context, request.organization_id, entries)
    texts = [context.issue.description or "", *(comment.body for comment in context.issue.comments)]
    texts += [attachment.url for attachment in context.issue.attachments]
    at_hand = {document.slug_id for document in context.issue.documents}
    at_hand |= {document.slug_id for document in (context.issue.project.documents if context.issue.project else ())}
    slugs = [slug for slug in linked_document_slugs("\n".join(texts)) if slug not in at_hand]
    known = Known(
        ours=standing.ours,
        linked=tuple(await linear.documents_by_slug(slugs)) if slugs else (),
        team_documents=context.team_documents,
    )
    brief, read = compose_brief(context, request, known, standing)
    verdict = _verdict(context, request, settings, brief)
    if standing.document is not None and verdict == "plan":
        known = known.model_copy(update={"plan": await linear.plan_document(standing.document.id)})
    checkout, repository, definitions = None, None, {}
    if verdict == "plan" or request.kind == "cli":  # at a terminal people may look at a closed issue's plan
        files = await fetch_files(linear, services.database, context, known)
        checkout, repository, definitions = await _repository(services, context, standing.ours, tell)
        known = known.model_copy(update={"files": files, "repository": repository})
        brief, read = compose_brief(context, request, known, standing)
    brief = brief.model_copy(update={"answers": answers})
    agents = services.agents(definitions)
    labels = [label.name for label in context.issue.labels]
    project = context.issue.project.name if context.issue.project else ""
    chosen = choose(agents, settings.rules, request.agent, labels=labels, project=project, team=context.issue.team.key)
    agent = builtin() if isinstance(chosen, str) else chosen
    return Gathered(
        verdict="no-agent" if isinstance(chosen, str) and verdict == "plan" else verdict,
        trouble=chosen if isinstance(chosen, str) else "",
        place=_place(context, request.organization_id, settings),
        brief=fit_to_cap(brief, services.model_of(agent), settings.max_usd_per_plan),
        read=tuple(read),
        standing=standing,
        state_type=context.issue.state.type,
        read_at=read_at,
        marker=secrets.token_hex(8),
        agent=agent,
        agents=tuple(each.agent for each in agents.in_force),
        checkout=checkout,
        requester_id=request.asker.id,
        reads=reads_of(brief, checkout.commit if checkout else ""),
        document_mark=mark(known.plan.text) if known.plan else "",
    )


async def _context(linear: Linear, settings: Settings, request: PlanRequest) -> IssueContext:
    return await linear.issue_context(
        request.issue_id,
        label_names=(settings.label, settings.done_label, settings.failed_label),
        asked_by=request.asker.id or None,
    )


async def _repository(
    services: Services, context: IssueContext, ours: frozenset[str], tell: Callable[[str], None]
) -> tuple[CheckedOut | None, RepositoryMap | None, dict[str, str]]:
    """The repository the issue is planned for, what it looks like, and the agent files it brings."""
    rules = services.settings.rules
    choice = choose_repository(context, rules, services.settings.rules_folder, ours)
    if choice is None:
        return None, None, {}
    tell(f"Reading the repository {choice.name}.")
    try:
        checkout = await services.checkouts.open(choice)
    except RepositoryUnavailable as error:
        return None, RepositoryMap(name=choice.name, url=choice.url, gaps=(str(error),)), {}
    found = await map_of(checkout)
    definitions: dict[str, str] = {}
    if rules.repository_agents:
        with contextlib.suppress(Refused):  # most have no such folder
            for path in await checkout.glob("*.md", REPOSITORY_FOLDER):
                with contextlib.suppress(Refused):
                    definitions[path] = await checkout.read_text(path)
    return CheckedOut(choice=choice, commit=checkout.commit, web_url=found.web_url), found, definitions


def compose_brief(
    context: IssueContext, request: PlanRequest, known: Known, standing: Standing
) -> tuple[Brief, list[str]]:
    """The brief, with what of its sources is missing, and what was read in words for people. Pure."""
    materials: list[Material] = []
    read = ["the issue"]
    for source in sources():
        pieces = list(source.materials(context, known))
        materials += pieces
        if pieces:
            read.append(f"{len(pieces)} {source.LABEL[len(pieces) != 1]}")
    issue = context.issue
    brief = Brief(
        organization_id=request.organization_id,
        issue_id=issue.id,
        identifier=issue.identifier,
        title=issue.title,
        url=issue.url,
        description=issue.description or "",
        labels=tuple(label.name for label in issue.labels),
        priority=issue.priority_label,
        team_name=issue.team.name,
        team_key=issue.team.key,
        estimate="" if issue.estimate is None else f"{issue.estimate:g}",
        estimate_scale=scale_of(issue.team.issue_estimation_type),
        due_date=issue.due_date or "",
        cycle=_cycle(issue.cycle),
        state=issue.state.name,
        project_name=issue.project.name if issue.project else "",
        requested_by=request.asker.name,
        guidance=request.guidance,
        materials=tuple(materials),
        standing=tuple(
            StandingPhase(key=child.key, title=child.title, identifier=child.identifier, url=child.url)
            for child in standing.subissues
        ),
        left_out=(
            *(file.gap for file in known.files if file.gap),
            *(known.repository.gaps if known.repository else ()),
            *relatives.left_out(context, known),
        ),
    )
    return brief, read


def _cycle(cycle: Cycle | None) -> str:
    if cycle is None:
        return ""
    named = f"{cycle.number}" + (f", {cycle.name}" if cycle.name else "")
    return f"{named} ({cycle.starts_at[:10]} to {cycle.ends_at[:10]})" if cycle.starts_at and cycle.ends_at else named


def scale_of(kind: str) -> str:
    """A team's estimate scale in words; Linear's `issueEstimationType` names it."""
    scales = {
        "notUsed": "none",
        "exponential": "points: 1, 2, 4, 8, 16",
        "fibonacci": "points: 1, 2, 3, 5, 8",
        "linear": "points: 1, 2, 3, 4, 5",
        "tShirt": "sizes: XS, S, M, L, XL",
    }
    return scales.get(kind, kind)


def _verdict(context: IssueContext, request: PlanRequest, settings: Settings, brief: Brief) -> Verdict:
    issue = context.issue
    if issue.trashed or issue.archived_at is not None:
        return "archived"
    if issue.state.type in _CLOSED:
        return "closed"
    labelled = bool(_triggers(issue, settings))
    if request.kind in ("label", "sweep") and not labelled:
        return "unlabelled"
    return "empty" if is_empty(brief) else "plan"


def _place(context: IssueContext, organization_id: str, settings: Settings) -> Place:
    issue = context.issue
    done = _label(context.labels, settings.done_label, issue.team.id)
    failed = _label(context.labels, settings.failed_label, issue.team.id)
    on = {label.id for label in issue.labels}
    return Place(
        organization_id=organization_id,
        issue_id=issue.id,
        identifier=issue.identifier,
        title=issue.title,
        url=issue.url,
        revision=issue.updated_at,
        team_id=issue.team.id,
        team_key=issue.team.key,
        state_id=issue.team.default_issue_state.id if issue.team.default_issue_state else None,
        priority=int(issue.priority),
        project_id=issue.project.id if issue.project else None,
        project_milestone_id=issue.project_milestone.id if issue.project_milestone else None,
        trigger_labels=_triggers(issue, settings),
        done_label=done,
        failed_label=failed,
        done_is_on=done is not None and done in on,
        failed_is_on=failed is not None and failed in on,
        canceled_state=next((state.id for state in _in_order(issue.team.states) if state.type == "canceled"), None),
    )


def _in_order(states: Sequence[State]) -> list[State]:
    return sorted(states, key=lambda state: state.position or 0.0)


def _triggers(issue: Issue, settings: Settings) -> tuple[str, ...]:
    """The ids of the trigger labels on the issue."""
    names = {name.casefold() for name in settings.trigger_labels}
    return tuple(label.id for label in issue.labels if label.name.casefold() in names)


def _label(labels: Sequence[Label], name: str, team_id: str) -> str | None:
    """The label of that name the issue may carry: the team's own, else the workspace's. Groups cannot be put on."""
    fitting = [
        label
        for label in labels
        if label.name.casefold() == name.casefold() and not label.is_group and label.team_id in (team_id, None)
    ]
    fitting.sort(key=lambda label: label.team_id is None)
    return fitting[0].id if fitting else None
