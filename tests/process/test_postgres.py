"""The main job on a real Postgres, through a kill and through the database going away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from bot.store import runs
from bot.store.database import Database
from bot.triggers import Asker, PlanRequest
from tests.bot.test_files import image
from tests.bot_process import BotProcess
from tests.dialogue import REQUESTS, a_repository, assert_only_extended, researched, turn_of
from tests.postgres import Postgres
from tests.standins.claude import Claude, Json, Reply
from tests.world import DESCRIPTION, World, assert_one_of_each, world

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def here(tmp_path: Path, server: Postgres) -> Iterator[World]:
    with world(tmp_path, NEEDS_PLAN_DATABASE_URL=server.url) as made:
        yield made


def test_a_label_becomes_a_plan_and_a_kill_changes_nothing(here: World) -> None:
    assert_one_of_each(here.planned(here.issue("On Postgres")))
    issue = here.issue("On Postgres, killed after the sub-issues")
    here.sandbox.log.stop_at(5, "after")
    here.press(issue)
    here.wait(lambda: here.sandbox.log.held, "a write is held")
    here.bot.kill()
    here.sandbox.release()
    here.bot.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))


def test_requests_for_one_issue_at_the_same_time_join_one_run(server: Postgres) -> None:
    database = Database(server.url)
    database.migrate()

    def request(issue: int, number: int) -> PlanRequest:
        return PlanRequest(
            id=f"request-{issue}-{number}",
            kind="label",
            organization_id="org",
            issue_id=f"issue-{issue}",
            identifier=f"ENG-{issue}",
            title="t",
            asker=Asker(),
            received_at=1.0,
        )

    with ThreadPoolExecutor(4) as threads:
        for issue in range(20):
            claims = list(
                threads.map(lambda number, issue=issue: database.call(runs.claim, request(issue, number)), range(4))
            )
            assert sum(claim is not None and claim.started for claim in claims) == 1
            assert len({claim.run_id for claim in claims if claim is not None}) == 1
    database.close()


def test_with_the_database_away_nothing_is_acknowledged_and_nothing_is_lost(here: World, server: Postgres) -> None:
    issue = here.issue("While the database is away")
    server.stop(signal.SIGQUIT)
    here.press(issue)
    here.wait(
        lambda: any("503" in delivery.outcomes for delivery in here.sandbox.deliveries.all),
        "a 503",
    )
    assert httpx2.get(f"{here.bot.url}/readyz", timeout=10).status_code == 503
    assert httpx2.get(f"{here.bot.url}/healthz", timeout=10).status_code == 200
    server.start()
    here.wait_labelled(issue, "planned")
    here.settle()
    assert_one_of_each(here.made(issue))


def test_a_second_replica_goes_on_with_what_a_killed_one_left(here: World, server: Postgres, tmp_path: Path) -> None:
    here.planned(here.issue("The first plan of this workspace"))
    other = BotProcess(tmp_path / "other", linear=here.sandbox.url, NEEDS_PLAN_DATABASE_URL=server.url)
    issue = here.issue("Left by a killed replica")
    here.sandbox.log.stop_at(4, "after")
    here.press(issue)
    here.wait(lambda: here.sandbox.log.held, "a write is held")
    with other:
        here.bot.kill()
        here.sandbox.release()
        here.wait_labelled(issue, "planned")
        here.settle()
        assert_one_of_each(here.made(issue))
        assert "lease.took_over" in other.log


def test_a_conversation_with_tools_and_an_image_goes_on_after_a_kill(tmp_path: Path, server: Postgres) -> None:
    """Claude's turns, what tools came to and the image lie in Postgres: whoever starts next has all of it."""
    killed: list[bool] = []

    def answer(body: Json) -> Reply:
        if turn_of(body) == ("task", 1) and not killed:
            here.bot.kill()
            killed.append(True)
        return researched(body)

    repository = a_repository(tmp_path / "repository")
    (tmp_path / "needs-plan.toml").write_text(f'[teams.ENG]\nrepository = "{repository}"\n')
    with (
        Claude(default=answer) as claude,
        world(
            tmp_path,
            NEEDS_PLAN_DATABASE_URL=server.url,
            NEEDS_PLAN_PROVIDER="anthropic",
            ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
            ANTHROPIC_BASE_URL=claude.url,
        ) as here,
    ):
        url = here.sandbox.files.put("screen.png", image(), "image/png")
        issue = here.issue("On Postgres, with tools", f"{DESCRIPTION}\n\n![screen]({url})")
        here.press(issue)
        here.wait(lambda: killed, "the bot is killed")
        here.bot.start()
        here.wait_labelled(issue, "planned")
        here.settle()
        assert_one_of_each(here.made(issue))
        assert len(claude.requests) == REQUESTS + 1
        assert_only_extended(claude.requests)
        kinds = [block["type"] for block in claude.requests[0]["body"]["messages"][0]["content"]]
        assert "image" in kinds
