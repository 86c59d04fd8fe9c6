"""Sweeps of three replicas on a real Postgres, their clock moved by hand: each slot is swept once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app import make_app
from bot.services import Services
from bot.settings import Settings
from bot.store import sweeps
from bot.store.database import Database
from bot.sweep.sweeping import Sweep
from tests.bot_process import KEY, SECRET
from tests.postgres import Postgres
from tests.world import World, assert_one_of_each, world

pytestmark = pytest.mark.timeout(300)

SLOTS = 8
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, server: Postgres) -> Iterator[World]:
    with world(tmp_path, NEEDS_PLAN_DATABASE_URL=server.url) as made:
        made.sandbox.deliveries.webhook.enabled = False
        yield made


@contextlib.asynccontextmanager
async def replicas(here: World, server: Postgres, count: int) -> AsyncIterator[list[Sweep]]:
    """The sweeps of that many receivers; the bot of the world does the planning."""
    async with contextlib.AsyncExitStack() as stack:
        found: list[Sweep] = []
        for number in range(count):
            values = {
                "LINEAR_API_KEY": KEY,
                "LINEAR_API_URL": here.sandbox.graphql_url,
                "LINEAR_WEBHOOK_SECRET": SECRET,
                "NEEDS_PLAN_PROVIDER": "scripted",
                "NEEDS_PLAN_DATABASE_URL": server.url,
                "NEEDS_PLAN_DATA_DIR": here.directory / f"replica-{number}",
                "NEEDS_PLAN_SWEEP": "",
            }
            app = make_app(Services(Settings.model_validate(values)), work=False)
            await stack.enter_async_context(app.router.lifespan_context(app))
            found.append(app.state.sweep)
        yield found


def looks(here: World) -> int:
    """How often somebody has asked Linear for what carries the label."""
    return Counter(each.operation for each in here.sandbox.log.all)["SweepIssues"]


def test_each_slot_is_swept_once_by_three_replicas(here: World, server: Postgres) -> None:
    issues: list[str] = []

    async def all_slots() -> list[int]:
        swept: list[int] = []
        async with replicas(here, server, 3) as three:
            for number in range(SLOTS):
                issue = here.issue(f"Of slot {number}")
                here.press(issue)
                issues.append(issue)
                slot = MIDNIGHT + timedelta(minutes=15 * number)
                # Each ticks twice, as after a clock that was set back.
                outcomes = await asyncio.gather(*(each.run(slot) for each in (*three, *three)))
                swept.append(sum(outcome is not None for outcome in outcomes))
                (outcome,) = (each for each in outcomes if each is not None)
                assert outcome.because is None
                assert {row.identifier: row.what for row in outcome.rows}[issue] == "plan"
        return swept

    assert asyncio.run(all_slots()) == [1] * SLOTS
    assert looks(here) == SLOTS
    for issue in issues:
        here.wait_labelled(issue, "planned")
    here.settle()
    for issue in issues:
        assert_one_of_each(here.made(issue))
    database = Database(server.url)
    with database.engine.begin() as connection:
        slots = list(connection.execute(sa.text("select slot from sweeps order by slot")).scalars())
    database.close()
    assert slots == [(MIDNIGHT + timedelta(minutes=15 * number)).isoformat() for number in range(SLOTS)]
    runs = json.loads(here.bot.command("runs", "--json", "--limit", "100").stdout)
    assert Counter(run["identifier"] for run in runs) == Counter(issues)


def test_what_a_replica_left_that_ended_in_the_midst_is_found_in_the_next_slot(here: World, server: Postgres) -> None:
    issue = here.issue("Left in the midst")
    here.press(issue)
    organization = here.sandbox.workspace.organization.id
    database = Database(server.url)
    assert database.call(sweeps.claim, organization, MIDNIGHT.isoformat())

    async def two_slots() -> None:
        async with replicas(here, server, 2) as (one, other):
            assert await one.run(MIDNIGHT) is None
            assert database.call(sweeps.last, organization) is None
            outcome = await other.run(MIDNIGHT + timedelta(minutes=15))
            assert outcome is not None
            assert [row.what for row in outcome.rows if row.identifier == issue] == ["plan"]

    asyncio.run(two_slots())
    here.wait_labelled(issue, "planned")
    database.close()


def test_a_fault_stands_for_all_replicas_until_a_delivery_comes(server: Postgres) -> None:
    database = Database(server.url)
    database.migrate()
    began = time.time() - 600

    def delivered(id_: str, at: float) -> None:
        row = {"id": id_, "at": at}
        with database.engine.begin() as connection:
            connection.execute(sa.text("insert into deliveries values (:id, :id, 'org', :at)"), row)

    delivered("before", began - 1)
    assert database.call(sweeps.notify, "org", sweeps.WEBHOOK, "It is silent.", at=began)
    assert not database.call(sweeps.notify, "org", sweeps.WEBHOOK, "It is silent still.", at=began + 60)
    delivered("sweep-what the bot recorded itself", began + 120)
    assert database.call(sweeps.standing, "org", sweeps.WEBHOOK) == ("It is silent still.", began, began + 60)
    assert database.call(sweeps.standing, "another", sweeps.WEBHOOK) is None
    delivered("after", began + 180)
    assert database.call(sweeps.standing, "org", sweeps.WEBHOOK) is None
    assert database.call(sweeps.notify, "org", sweeps.WEBHOOK, "Again.", at=began + 240), "another outage is news"
    assert database.call(sweeps.standing, "org", sweeps.WEBHOOK) == ("Again.", began + 240, began + 240)
    database.close()
