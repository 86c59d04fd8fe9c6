"""A plan that is only looked at: the same reading and writing as a run's, and no write to Linear or the database."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.engine.steps import DirectSteps
from bot.gather import gather, scale_of
from bot.patience import Patience, Stopped, stop_of
from bot.standing import id_of
from bot.triggers import Asker, PlanRequest
from bot.workflow import MAX_TOKENS
from linear.errors import LinearError
from planner.author import author
from planner.brief import Brief, is_empty
from planner.errors import PlannerError
from planner.model import Answer
from planner.pricing import usd
from planner.render import RenderFacts, document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.engine.steps import Json
    from bot.services import Services
    from linear.client import Linear
    from planner.model import Progress, Question
    from planner.plan import Plan

# Somebody is looking on: an outage is told after a few minutes, not after hours.
_WAIT_FOR_S = 300.0


@dataclass(frozen=True)
class Preview:
    """A plan as it would stand in Linear, and what it cost in dollars and tokens."""

    plan: Plan
    markdown: str
    usd: float
    tokens: int


async def request_for(linear: Linear, issue: str) -> PlanRequest:
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
        received_at=datetime.now(UTC).timestamp(),
    )


async def brief_of_issue(services: Services, request: PlanRequest) -> tuple[Brief, str, tuple[str, ...]]:
    """The brief a run would have, the marker to fence it with, and what was read. Raises `Stopped`."""
    try:
        gathered = await gather(await services.linear(), services.settings, request, ())
    except LinearError as error:
        raise stop_of(error) from error
    if gathered.verdict == "empty":
        raise Stopped("empty", f"{request.identifier} says nothing to plan from: it needs a description first.")
    return gathered.brief, gathered.marker, gathered.read


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


async def preview(services: Services, brief: Brief, marker: str | None = None) -> Preview:
    """Have the plan written and rendered. Raises `Stopped`."""
    patience = Patience(DirectSteps(), give_up_after_s=_WAIT_FOR_S, on_wait=_tell_wait(services), pace=services.pace)
    spent = 0.0
    tokens = 0
    writer = services.model

    def tick(written: Progress) -> None:
        services.tell("", "progress", f"{written.output_chars:,} characters")

    async def ask(turn: int, question: Question) -> Answer:
        nonlocal spent, tokens, writer

        async def one_turn() -> Json:
            answer = await services.chat_model().ask(question, tick)
            return answer.model_dump(mode="json")

        answer = Answer.model_validate(await patience.run(f"turn {turn}", one_turn))
        spent += usd(answer.model, answer.usage)
        tokens += answer.usage.prompt_tokens + answer.usage.output_tokens
        writer = answer.model
        return answer

    try:
        authored = await author(
            brief,
            services.agent,
            model=services.model,
            effort=services.settings.effort,
            max_tokens=MAX_TOKENS,
            ask=ask,
            marker=marker or secrets.token_hex(8),
        )
    except PlannerError as error:
        raise stop_of(error) from error
    facts = RenderFacts(
        identifier=brief.identifier,
        issue_url=brief.url,
        author=writer,
        agent=services.agent.name,
        scripted=services.scripted,
        sources={name: url for name, (_, url) in brief.sources().items()},
        generated_on=datetime.now(UTC).strftime("%Y-%m-%d"),
        left_out=brief.left_out,
        cost_usd=spent,
    )
    return Preview(plan=authored.plan, markdown=document(authored.plan, facts), usd=spent, tokens=tokens)


def _tell_wait(services: Services) -> Callable[[str, float], Awaitable[None]]:
    async def tell(because: str, since: float) -> None:
        del since
        services.tell("", "wait", f"{because} I try again.")

    return tell
