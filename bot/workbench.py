"""The tools of one run, opened when they are first needed: what its agent may read, and from where."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import structlog

from bot.agents import offers
from bot.checkout import RepositoryUnavailable
from bot.patience import DATABASE_AWAY
from bot.tracker import LinearTracker
from linear.errors import RateLimited, Unreachable
from planner import subagent
from planner.agent import slug
from planner.author import PLAN, plan_tools, system_prompt
from planner.capabilities import fit
from planner.check_apart import check_apart
from planner.conversation import Head
from planner.errors import BadRequest, CapReached, PlannerError
from planner.pricing import estimate, likely_tokens, price
from planner.prompt import as_content
from planner.subject import cited_paths, subject_of
from planner.toolbox import Toolbox, tools_section
from planner.tools import refused
from planner.tools.catalogue import tools_of
from planner.tools.repository import RepositoryTools
from planner.tools.tracker import TrackerTools
from planner.tools.web import server_tools

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.gather import Assignment
    from bot.memory import RunMemory
    from bot.services import Services
    from planner.agent import Agent
    from planner.findings import Report
    from planner.plan import Plan
    from planner.toolbox import Task, Todo
    from planner.tools import Family, ToolResult
    from planner.tools.catalogue import FamilyName, Mapped
    from planner.tools.mcp import McpTools

log = structlog.get_logger()

MAX_TOKENS = 32_000
"""The most tokens of one answer, before a plan proves to be longer."""

# A request may use the web so often; each use is booked before it goes out, so more would eat up a plan's cap.
_WEB_USES = 4


class Workbench:
    """Use it as an asynchronous context manager in the process that writes the plan.

    Nothing is opened before it is needed: a run that goes on after its plan was written needs none of it.
    """

    def __init__(
        self,
        services: Services,
        assignment: Assignment,
        memory: RunMemory,
        on_todos: Callable[[Sequence[Todo]], Awaitable[None]],
    ) -> None:
        """`memory` gets its tools from here. `on_todos` shows the model's list of what it does."""
        self._services = services
        self._assignment = assignment
        self._memory = memory
        self._on_todos = on_todos
        self._opening = asyncio.Lock()
        self._toolbox: Toolbox | None = None
        self._mcp: McpTools | None = None
        self._gaps: list[str] = []
        self._unopened: dict[FamilyName, str] = {}
        memory.tools = self.toolbox
        memory.checks = self.check

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._mcp is not None:
            await self._mcp.aclose()

    async def toolbox(self) -> Toolbox:
        """The tools, opened at the first call. What cannot be opened is a gap, never a failed run."""
        async with self._opening:
            if self._toolbox is None:
                self._toolbox = await self._open()
            return self._toolbox

    async def check(self, plan: Plan, read: Mapping[str, str]) -> Report:
        """What the checks find in a plan as it would be posted. `read`: what tools answered, by source name."""
        subject = subject_of(
            plan,
            self._assignment.brief,
            read=read,
            paths=await self._there(cited_paths(plan)),
            most_sub_issues=self._services.settings.rules.max_subissues,
        )
        report = await check_apart(subject)
        for each in report.not_checked:
            log.info("check.not_run", check=each.check, because=each.because)
        return report

    async def _there(self, paths: Sequence[str]) -> dict[str, bool] | None:
        """Which of these paths the planned repository has at its commit; None where there is none to look in."""
        checkout = self._assignment.checkout
        if checkout is None or not paths:
            return None
        try:
            opened = await self._services.checkouts.open(checkout.choice, checkout.commit)
        except RepositoryUnavailable as error:
            log.info("check.no_repository", because=str(error))
            return None
        return {path: opened.listing.holds(path) for path in paths}

    async def head(self) -> Head:
        """What the conversation of the plan begins with."""
        toolbox = await self.toolbox()
        services, assignment = self._services, self._assignment
        settings = services.settings
        model = services.model_of(assignment.agent)
        capabilities = await services.capabilities(model)
        effort, thinking, notes = fit(capabilities, settings.effort, settings.thinking)
        for note in notes:
            log.warning("model.settings_fitted", model=model, note=note)
        if not services.scripted and not price(model).known:
            log.warning("model.price_unknown", model=model, priced_as="the dearest known")
        return Head(
            model=model,
            system=system_prompt(assignment.agent, tools_section(toolbox, self._others()), may_ask=assignment.may_ask),
            tools=plan_tools(toolbox.declared(), may_ask=assignment.may_ask),
            effort=effort,
            thinking=thinking,
            max_tokens=min(MAX_TOKENS, capabilities.max_tokens),
            most_tokens=capabilities.max_tokens,
            context_tokens=capabilities.context_tokens,
            first=as_content(assignment.brief, assignment.marker),
            marker=assignment.marker,
            cap_usd=settings.max_usd_per_plan,
            gaps=tuple(self._gaps),
        )

    async def _open(self) -> Toolbox:
        services, assignment = self._services, self._assignment
        rules = services.settings.rules
        capabilities = await services.capabilities(services.model_of(assignment.agent))
        there = offers(rules, repository=assignment.checkout is not None, servers=services.mcp_servers)
        mapped = tools_of(assignment.agent, there)
        if not capabilities.server_tools:
            mapped = tuple(_without_service(each) for each in mapped)
        families: dict[FamilyName, Family] = {}
        if assignment.team_id:
            families["tracker"] = TrackerTools(self._tracker())
        else:
            self._unopened["tracker"] = "This plan is for a file; there is no issue in Linear behind it."
        if (repository := await self._repository()) is not None:
            families["repository"] = repository
        if wanted := [each for each in mapped if each.family == "mcp"]:
            families["mcp"] = await self._servers(wanted)
        return Toolbox(
            mapped,
            families,
            server_tools=server_tools(
                mapped, domains=rules.web_domains, searches=_WEB_USES, fetches=_WEB_USES, code=rules.allow_code
            ),
            unopened=self._unopened,
            passing=(Unreachable, RateLimited, PlannerError, *DATABASE_AWAY),
            on_todos=self._on_todos,
            on_task=self._task,
        )

    def _others(self) -> list[Agent]:
        """The definitions that a sub-agent may work by: all but the one that plans."""
        return [each for each in self._assignment.agents if each.name != self._assignment.agent.name]

    def _tracker(self) -> LinearTracker:
        assignment = self._assignment
        return LinearTracker(
            self._services.linear,
            team_id=assignment.team_id,
            served=self._services.settings.rules.served,
            requester_id=assignment.requester_id,
            issue_id=assignment.issue_id,
            hidden=assignment.hidden,
        )

    async def _repository(self) -> RepositoryTools | None:
        checkout = self._assignment.checkout
        if checkout is None:
            return None
        try:
            return RepositoryTools(await self._services.checkouts.open(checkout.choice, checkout.commit))
        except RepositoryUnavailable as error:
            self._gaps.append(str(error))
            self._unopened["repository"] = str(error)
            return None

    async def _servers(self, wanted: Sequence[Mapped]) -> McpTools:
        from planner.tools.mcp import McpTools  # noqa: PLC0415 - heavy, and few runs need it

        self._mcp = McpTools(self._services.mcp_servers, wanted, self._log)
        await self._mcp.open()
        self._gaps += self._mcp.gaps
        if self._mcp.gaps:
            self._unopened["mcp"] = " ".join(self._mcp.gaps)
        return self._mcp

    async def _task(self, call_id: str, task: Task) -> ToolResult:
        """A sub-agent's whole work, with the plan's model and limits."""
        toolbox = await self.toolbox()
        agents = {slug(each.name): each for each in self._assignment.agents}
        plan = await self._memory.recorded_head(PLAN)

        async def head() -> Head:
            return subagent.task_head(plan, toolbox.declared(for_task=True), agents.get(slug(task.subagent_type)), task)

        begun = await self._memory.head(subagent.name_of(call_id), head)
        try:
            return await subagent.look_into(call_id, begun, self._memory, self._assignment.brief)
        except (BadRequest, CapReached) as error:  # the plan may well go on without it
            return refused(f"The sub-agent was stopped: {error}", gap=f"A sub-agent was stopped: {error}")

    def _log(self, server: str, text: str) -> None:
        log.info("mcp.said", server=server, text=text)


def _without_service(mapped: Mapped) -> Mapped:
    """A tool that the model's service would run itself, where this one runs none."""
    if mapped.family not in ("web", "code"):
        return mapped
    return mapped.model_copy(
        update={"family": "refused", "gives": "The service that runs the model here has no such tool."}
    )


def estimate_of(model: str, assignment: Assignment) -> float:
    """What the plan will likely cost, in dollars, before it is asked for."""
    blocks = as_content(assignment.brief, assignment.marker)
    chars = len(assignment.agent.prompt) + sum(len(str(block.get("text", ""))) for block in blocks)
    return estimate(model, likely_tokens(chars)).likely_usd
