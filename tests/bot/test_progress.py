"""Progress edits: at most one in a while, none when requests run low, and none after the turn is over."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.desk import Desk
from bot.progress import EVERY_S, Progress
from bot.services import Services
from bot.settings import Settings
from bot.triggers import Asker, PlanRequest
from linear.sandbox.server import Sandbox
from planner.model import Progress as Written

KEY = "lin_api_test"
PACE = 0.01


async def write_for(seconds: float, directory: Path, sandbox: Sandbox, *, asked_before: int = 0) -> list[str]:
    """Tick as a model does for a while; answers the mutations that came of it."""
    services = Services(
        Settings.model_validate(
            {"LINEAR_API_KEY": KEY, "LINEAR_API_URL": sandbox.graphql_url, "NEEDS_PLAN_DATA_DIR": directory}
        ),
        pace=PACE,
    )
    services.database.migrate()
    linear = await services.linear()
    identity = await linear.identity()
    for _ in range(asked_before):
        await linear.identity()
    issue = sandbox.workspace.issue("ENG-101")
    request = PlanRequest(
        id="request",
        kind="label",
        organization_id=identity.organization.id,
        issue_id=issue.id,
        identifier=issue.identifier,
        title=issue.title,
        asker=Asker(),
        received_at=time.time(),
    )
    desk = Desk(services, "run", request)
    publisher = await desk.publisher()
    await publisher.comment("I am planning this.")
    sandbox.log.clear()
    progress = Progress(desk)
    until = time.monotonic() + seconds
    chars = 0
    while time.monotonic() < until:
        chars += 600
        progress.tick(Written(what="writing", output_chars=chars, seconds=1.0))
        await asyncio.sleep(0.01)
    await progress.settle()
    edits = [asked.operation for asked in sandbox.log.writes]
    await asyncio.sleep(0.3)
    assert edits == [asked.operation for asked in sandbox.log.writes], "nothing comes after the turn"
    await services.close()
    return edits


async def test_edits_are_seldom(tmp_path: Path) -> None:
    seconds = 1.5
    with Sandbox(api_key=KEY) as sandbox:
        edits = await write_for(seconds, tmp_path, sandbox)
        assert set(edits) == {"CommentUpdate"}
        assert 1 <= len(edits) <= seconds / (EVERY_S * PACE) + 1
        bodies = [row["body"] for row in sandbox.made_on("ENG-101")["comments"]]
        assert len(bodies) == 1
        assert bodies[0].startswith("I am writing the plan: about ")


async def test_no_edit_when_requests_run_low(tmp_path: Path) -> None:
    with Sandbox(api_key=KEY, requests_per_hour=50) as sandbox:
        assert await write_for(1.0, tmp_path, sandbox, asked_before=42) == []
