"""A plan that is only looked at: the same reading and writing as a run's, and no write to Linear."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import messages
from bot.agents import choose
from bot.engine.steps import DirectSteps
from bot.gather import Assignment, gather, scale_of
from bot.memory import RunMemory
from bot.patience import Patience, Stopped, stop_of
from bot.posting import as_written
from bot.standing import id_of
from bot.store import turns
from bot.triggers import Asker, PlanRequest
from bot.workbench import Workbench, estimate_of
from linear.errors import LinearError
from planner.author import PLAN, author
from planner.brief import Brief, is_empty
from planner.errors import PlannerError
from planner.render import RenderFacts, document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from bot.services import Services
    from linear.client import Linear
    from planner.findings import Checked
    from planner.model import Progress
    from planner.plan import Plan
    from planner.toolbox import Todo

# Somebody is looking on: an outage is told after a few minutes, not after hours.
_WAIT_FOR_S = 300.0


@dataclass(frozen=True)
class Preview:
    """A plan as it would stand in Linear, and what it cost in dollars and tokens."""

    plan: Plan
    markdown: str
    usd: float
    tokens: int
    checked: Checked


async def request_for(linear: Linear, issue: str, agent: str = "") -> PlanRequest:
    """A request by the person at the terminal, for an issue named `ENG-123` or by its id. Raises Linear's errors."""
    identity = await linear.identity()
    ref = await linear.issue_ref(issue)
    return PlanRequest(
        id=str(uuid.uuid4()),
        kind="cli",
        organization_id=identity.organization.id,
        issue_id=ref.id,
        identifier=ref.identifier,
        title=ref.title,
        asker=Asker(id=identity.viewer.id, name=identity.viewer.name),
        agent=agent,
        received_at=datetime.now(UTC).timestamp(),
    )


async def assignment_of_issue(services: Services, request: PlanRequest) -> tuple[Assignment, str, tuple[str, ...]]:
    """What a run would be given, its team's key, and what was read. Raises `Stopped`."""
    try:
        gathered = await gather(services, request, (), lambda text: services.tell("", "gather", text))
    except LinearError as error:
        raise stop_of(error) from error
    if gathered.verdict == "no-agent":
        raise Stopped("no-agent", gathered.trouble)
    if gathered.verdict == "empty":
        raise Stopped("empty", f"{request.identifier} says nothing to plan from: it needs a description first.")
    return gathered.assignment, gathered.place.team_key, gathered.read


def assignment_of_file(services: Services, path: Path, agent: str = "") -> Assignment:
    """The brief of a Markdown file for the agent of that name, or the built-in one. Raises `Stopped`."""
    agents = services.agents()
    chosen = choose(agents, services.settings.rules, agent, labels=(), project="", team="")
    if isinstance(chosen, str):
        raise Stopped("no-agent", chosen)
    return Assignment(
        agent=chosen,
        agents=tuple(each.agent for each in agents.in_force),
        brief=brief_of_file(path),
        marker=secrets.token_hex(8),
    )


def brief_of_file(path: Path) -> Brief:
    """A brief from a Markdown file: its first heading is the title, the rest the description. Raises `Stopped`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Stopped("brief", f"{path} cannot be read: {reason}.") from None
    first, _, rest = text.lstrip().partition("\n")
    title, description = (first.lstrip("# ").strip(), rest) if first.startswith("#") else (path.stem, text)
    brief = Brief(
        organization_id="local",
        issue_id=id_of("local", str(path), "document", "", 0),
        identifier=path.name,
        title=title or path.stem,
        description=description.strip(),
        estimate_scale=scale_of("notUsed"),
    )
    if is_empty(brief):
        raise Stopped(
            "empty", f"{path} says nothing to plan from: write what should happen, for whom, and what must hold."
        )
    return brief


def outlook(services: Services, assignment: Assignment) -> str:
    """Who is going to write, and what it will likely cost."""
    if services.scripted:
        return "Writing the plan with the scripted stand-in."
    model = services.model_of(assignment.agent)
    likely = estimate_of(model, assignment)
    said = messages.estimated(likely_usd=likely, cap_usd=services.settings.max_usd_per_plan)
    return f"Writing the plan as {assignment.agent.name} with {model}. {said}"


async def preview(services: Services, assignment: Assignment, team_key: str = "") -> Preview:
    """Have the plan written and rendered. What it costs is booked and counts towards the caps. Raises `Stopped`."""
    await asyncio.to_thread(services.database.migrate)
    patience = Patience(DirectSteps(), give_up_after_s=_WAIT_FOR_S, on_wait=_tell_wait(services), pace=services.pace)
    run_id = f"preview-{uuid.uuid4()}"

    async def note(step: str, text: str) -> None:
        services.tell("", step, text)

    async def todos(todos: Sequence[Todo]) -> None:
        doing = [each.content for each in todos if each.status == "in_progress"]
        services.tell("", "todo", doing[0] if doing else f"{len(todos)} steps")

    memory = RunMemory(services, patience, run_id=run_id, team_key=team_key, watching=_Ticks(services), note=note)
    async with Workbench(services, assignment, memory, todos) as bench:
        try:
            head = await memory.head(PLAN, bench.head)
            authored = await author(assignment.brief, head, memory)
        except PlannerError as error:
            raise stop_of(error) from error
        finally:
            await services.database.run(turns.end_run, run_id)
    booked = await services.database.run(turns.of_run, run_id)
    spent = sum(row["usd"] for row in booked)
    counted = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    tokens = sum(row[name] for row in booked for name in counted)
    brief = assignment.brief
    likely = None if services.scripted else estimate_of(services.model_of(assignment.agent), assignment)
    written = as_written(assignment, authored, likely)
    facts = RenderFacts(
        identifier=brief.identifier,
        issue_url=brief.url,
        author=authored.model,
        scripted=services.scripted,
        generated_on=datetime.now(UTC).strftime("%Y-%m-%d"),
        cost_usd=spent,
        tokens=tokens,
        **written.model_dump(exclude={"plan"}),
    )
    return Preview(
        plan=authored.plan,
        markdown=document(authored.plan, facts),
        usd=spent,
        tokens=tokens,
        checked=authored.checked,
    )


class _Ticks:
    """Progress for whoever looks on at a terminal."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def tick(self, written: Progress) -> None:
        """As `bot.memory.Watching.tick`."""
        self._services.tell("", "progress", f"{written.output_chars:,} characters")

    async def settle(self) -> None:
        """Nothing is shown late here."""


def _tell_wait(services: Services) -> Callable[[str, float], Awaitable[None]]:
    async def tell(because: str, since: float) -> None:
        del since
        services.tell("", "wait", f"{because} I try again.")

    return tell
