"""What a workflow may do that survives a crash: steps, sleeps, and starting another workflow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from bot.engine.names import INGEST, PLAN, URGENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

Json = Any
"""A plain JSON value: dict with string keys, list, str, int, float, bool or None."""


class Steps(Protocol):
    """The engine as a workflow sees it. Two exist: `DurableSteps`, and `DirectSteps` for runs that write nothing."""

    async def run(self, name: str, function: Callable[..., Awaitable[Json]], *args: Json) -> Json:
        """`await function(*args)`, recorded: after a crash the recorded answer is given instead of a second call."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a restart waits only for what is left."""
        ...

    async def start_plan(self, run_id: str, *, priority: int = URGENT) -> None:
        """Queue the run, once, whoever repeats this."""
        ...

    async def start_ingest(self, workflow_id: str, request: Json) -> None:
        """Queue the taking in of a request, once for a workflow id."""
        ...

    async def cancel_plan(self, run_id: str) -> None:
        """Let the run begin no step any more, and cut short the one that is under way, within about a second."""
        ...


class DurableSteps:
    """Steps inside a DBOS workflow."""

    async def run(self, name: str, function: Callable[..., Awaitable[Json]], *args: Json) -> Json:
        """As `Steps.run`. A step can be cut short when its workflow is cancelled."""
        return await DBOS.run_step_async({"name": name, "preemptible": True}, function, *args)

    async def sleep(self, seconds: float) -> None:
        """As `Steps.sleep`."""
        await DBOS.sleep_async(seconds)

    async def start_plan(self, run_id: str, *, priority: int = URGENT) -> None:
        """As `Steps.start_plan`: the run's id is the workflow's."""
        with SetWorkflowID(run_id), SetEnqueueOptions(priority=priority):
            await DBOS.enqueue_workflow_async(PLAN, _workflow(PLAN), run_id)

    async def start_ingest(self, workflow_id: str, request: Json) -> None:
        """As `Steps.start_ingest`."""
        with SetWorkflowID(workflow_id):
            await DBOS.enqueue_workflow_async(INGEST, _workflow(INGEST), request)

    async def cancel_plan(self, run_id: str) -> None:
        """As `Steps.cancel_plan`. Repeated after a crash it changes nothing."""
        await DBOS.cancel_workflow_async(run_id)


class DirectSteps:
    """Steps that are simply done: for `plan --dry-run` and `plan --brief`, which leave nothing to repeat."""

    async def run(self, name: str, function: Callable[..., Awaitable[Json]], *args: Json) -> Json:  # noqa: ARG002 - the protocol's
        """Calls `function`."""
        return await function(*args)

    async def sleep(self, seconds: float) -> None:
        """Sleeps."""
        await asyncio.sleep(seconds)

    async def start_plan(self, run_id: str, *, priority: int = URGENT) -> None:
        """Nothing can be queued here."""
        raise AssertionError(run_id, priority)

    async def start_ingest(self, workflow_id: str, request: Json) -> None:
        """Nothing can be queued here."""
        raise AssertionError(workflow_id, request)

    async def cancel_plan(self, run_id: str) -> None:
        """Nothing was queued here."""
        raise AssertionError(run_id)


class RescueSteps(DirectSteps):
    """Steps that are simply done, outside any workflow, by who may start workflows all the same."""

    async def start_plan(self, run_id: str, *, priority: int = URGENT) -> None:
        """As `Steps.start_plan`."""
        await DurableSteps().start_plan(run_id, priority=priority)

    async def start_ingest(self, workflow_id: str, request: Json) -> None:
        """As `Steps.start_ingest`."""
        await DurableSteps().start_ingest(workflow_id, request)


def _workflow(name: str) -> Callable[..., Coroutine[Any, Any, Json]]:
    from bot.engine.launch import WORKFLOWS  # noqa: PLC0415 - the workflows use these steps

    return WORKFLOWS[name]
