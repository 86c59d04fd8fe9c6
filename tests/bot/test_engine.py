"""The engine of one process, over a real SQLite database: what it says of workflows that are over."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.engine.launch import Engine
from bot.engine.steps import DurableSteps, Json, RescueSteps, Steps

RUN = "11111111-1111-4111-8111-111111111111"


async def _never_asked(steps: Steps, request: Json) -> Json:
    raise AssertionError(steps, request)


async def _canceled(url: str) -> tuple[list[str], list[str]]:
    """Those given up at once after a cancel, and those given up when its time has passed."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def plan(steps: Steps, run_id: Json) -> Json:
        async def long() -> Json:
            loop.call_soon_threadsafe(begun.set)
            await asyncio.sleep(60)

        return await steps.run("long", long)

    engine = Engine(url, ingest=_never_asked, plan=plan, concurrency=1)
    await engine.start()
    try:
        await RescueSteps().start_plan(RUN)
        await asyncio.wait_for(begun.wait(), timeout=30)
        await DurableSteps().cancel_plan(RUN)
        return await engine.broken_off([RUN]), await engine.broken_off([RUN], canceled_before_s=0.0)
    finally:
        await engine.stop(wait_s=1)


def test_a_run_that_is_being_canceled_is_not_given_up_meanwhile(tmp_path: Path) -> None:
    assert asyncio.run(_canceled(f"sqlite:///{tmp_path / 'bot.sqlite'}")) == ([], [RUN])
