"""Sweeps of large backlogs, and storms of labels: what they cost, who comes first, and that nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.engine.launch import make_tables
from bot.engine.record import Recorder
from bot.services import Services
from bot.settings import Settings
from bot.store import turns
from bot.store.database import Database
from bot.sweep.sweeping import Outcome, Sweep
from linear.sandbox.server import Sandbox
from tests.bot_process import KEY, SECRET
from tests.linear.test_sweep import copies, label_of
from tests.world import LABEL, World, assert_one_of_each, begin_slowly, world

MANY = 10_000


@contextlib.asynccontextmanager
async def sweeper(sandbox: Sandbox, directory: Path) -> AsyncIterator[Sweep]:
    """A sweep over a database of its own; nobody works on what it has taken in."""
    values = {
        "LINEAR_API_KEY": KEY,
        "LINEAR_API_URL": sandbox.graphql_url,
        "LINEAR_WEBHOOK_SECRET": SECRET,
        "NEEDS_PLAN_PROVIDER": "scripted",
        "NEEDS_PLAN_DATA_DIR": directory,
    }
    services = Services(Settings.model_validate(values))
    services.database.migrate()
    make_tables(services.settings.database)
    services.organization_id = sandbox.workspace.organization.id  # as the bot knows it from its start
    recorder = Recorder(services.settings.database)
    try:
        yield Sweep(services, recorder)
    finally:
        await asyncio.to_thread(recorder.close)
        await services.close()


async def swept(sandbox: Sandbox, sweep: Sweep) -> tuple[Outcome, Counter[str]]:
    """A sweep, and what it asked of Linear."""
    before = len(sandbox.log.all)
    outcome = await sweep.run()
    assert outcome is not None
    assert outcome.because is None
    return outcome, Counter(each.operation for each in sandbox.log.all[before:])


@pytest.mark.timeout(120)
async def test_ten_thousand_issues_in_at_most_45_requests(tmp_path: Path) -> None:
    with Sandbox(api_key=KEY) as sandbox:
        ids = copies(sandbox, MANY, label_of(sandbox))
        async with sweeper(sandbox, tmp_path) as sweep:
            outcome, asked = await swept(sandbox, sweep)
            print(f"{MANY} issues: {dict(asked)}, {asked.total()} requests in all")
            assert asked.total() <= 45
            assert outcome.counted == {"plan": 20, "over the limit": MANY - 20}
            assert [row.issue_id for row in outcome.rows if row.what == "plan"] == ids[:20], "the oldest first"
            # Who put the label on is not asked again for issues that have not changed.
            outcome, asked = await swept(sandbox, sweep)
            assert asked.total() <= 45
            assert "IssueLabelHistory" not in asked
            assert outcome.counted["live"] == 20, "what was recorded is not recorded again"


async def test_where_nothing_is_new_a_sweep_is_one_request(tmp_path: Path) -> None:
    with Sandbox(api_key=KEY) as sandbox:
        async with sweeper(sandbox, tmp_path) as sweep:
            outcome, asked = await swept(sandbox, sweep)
            assert outcome.rows == []
            assert asked == {"SweepIssues": 1}


def test_what_people_ask_for_comes_before_what_a_sweep_found(tmp_path: Path) -> None:
    with world(tmp_path, NEEDS_PLAN_CONCURRENCY="1") as here:
        first = here.issue("Keeps the only planner busy")
        begin_slowly(here, "IssueContext", 8.0, lambda: here.press(first))
        here.sandbox.deliveries.webhook.enabled = False
        found = [here.issue(f"Found by the sweep, {number}") for number in range(3)]
        for issue in found:
            here.press(issue)
        done = here.bot.command("sweep")
        assert "3 plans asked for" in done.stdout, done.stderr
        here.wait(lambda: len(runs_of(here)) == 4, "they are all queued")
        here.sandbox.deliveries.webhook.enabled = True
        asked = here.issue("Asked for by somebody who waits")
        here.press(asked)
        for issue in (first, asked, *found):
            here.wait_labelled(issue, "planned")
        begun = [run["identifier"] for run in sorted(runs_of(here), key=lambda run: run["started_at"])]
        assert begun[:2] == [first, asked]
        assert set(begun[2:]) == set(found)


def runs_of(here: World) -> list[dict[str, Any]]:
    """All runs, as the command tells them."""
    return json.loads(here.bot.command("runs", "--json", "--limit", "1000").stdout)


def test_a_sweep_begins_no_more_than_the_day_pays_for(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.sandbox.deliveries.webhook.enabled = False
        issues = [here.issue(f"Costly, {number}") for number in range(3)]
        for issue in issues:
            here.press(issue)
        database = Database(f"sqlite:///{tmp_path / 'data' / 'needs-plan.sqlite'}")

        def looked(spent: float) -> list[str]:
            wish = turns.Wish(model="m", team_key="ENG", fixed_usd=spent, token_usd=0.0, most_tokens=1, least_tokens=1)
            booked = database.call(turns.reserve, turns.Key(f"{spent}", "plan", 0), wish, [])
            assert isinstance(booked, turns.Reserved)
            money = {"NEEDS_PLAN_PROVIDER": "anthropic", "ANTHROPIC_API_KEY": "sk-ant-test-key-of-nobody"}
            done = here.bot.command("sweep", "--dry-run", "--json", **money)
            rows = {row["issue"]: row for row in json.loads(done.stdout)["issues"]}
            assert all("NEEDS_PLAN_MAX_USD_PER_DAY" in row["why"] for row in rows.values() if row["what"] != "plan")
            return [rows[issue]["what"] for issue in issues]

        assert looked(33.0) == ["plan"] * 3
        assert looked(7.0) == ["plan"] * 2 + ["over the budget"]
        assert looked(9.0) == ["over the budget"] * 3
        database.close()


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_label_put_on_and_off_a_thousand_times_is_one_run(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        issue = here.issue("A thousand presses")
        here.sandbox.deliveries.hold()
        for number in range(1_001):
            here.press(issue, on=number % 2 == 0)
        here.sandbox.deliveries.release("made", 1)
        here.wait(lambda: not here.sandbox.deliveries.pending, "all is delivered", seconds=120)
        assert_taken(here)
        here.wait_labelled(issue, "planned")
        here.settle()
        assert [run["state"] for run in runs_of(here)] == ["done"]
        assert_one_of_each(here.made(issue))
        assert len(here.sandbox.workspace.reactions) == 1
        done = here.bot.command("sweep", "--json")
        assert json.loads(done.stdout)["issues"] == []


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_two_hundred_issues_at_once_are_one_run_each(tmp_path: Path) -> None:
    with world(tmp_path, NEEDS_PLAN_CONCURRENCY="4") as here:
        issues = [here.issue(f"One of two hundred, {number}") for number in range(200)]
        for issue in issues:
            here.press(issue)
        most = 0
        until = time.monotonic() + 400
        while any(LABEL in here.made(issue)["labels"] for issue in issues):
            assert time.monotonic() < until, here.bot.log[-3000:]
            assert httpx2.get(f"{here.bot.url}/healthz", timeout=10).status_code == 200
            states = Counter(run["state"] for run in runs_of(here))
            most = max(most, states["running"])
        assert_taken(here)
        here.settle()
        assert most <= 4
        ended = Counter((run["identifier"], run["state"]) for run in runs_of(here))
        assert ended == Counter((issue, "done") for issue in issues)


def assert_taken(here: World) -> None:
    """Every delivery was answered 200 at the first try."""
    outcomes = Counter(tuple(each.outcomes) for each in here.sandbox.deliveries.all if each.outcomes)
    assert set(outcomes) == {("200",)}, outcomes
