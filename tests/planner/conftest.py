"""Claude's stand-in for tests of this folder, and a model that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from planner.claude import ClaudeModel, make_model
from tests.planner.asking import KEY
from tests.standins.claude import Claude


@pytest.fixture(scope="module")
def server() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture
def api(server: Claude) -> Iterator[Claude]:
    """The stand-in with an empty script, which must be played to its end."""
    server.reset()
    yield server
    assert server.waiting == 0, "the script was not played to its end"


@pytest.fixture
async def model(api: Claude) -> AsyncIterator[ClaudeModel]:
    made = make_model(api_key=KEY, base_url=api.url)
    yield made
    await made.aclose()
