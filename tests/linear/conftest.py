"""What the wire tests share: a scripted Linear, a clock that moves by sleeping, and a client between them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from linear.auth import ApiKey
from linear.client import Linear
from tests.linear.scripted import Clock, Script


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def script() -> AsyncIterator[Script]:
    """A Linear that answers what a test tells it; a test fails if more or less was asked."""
    async with Script() as played:
        yield played
        assert not played.unexpected, f"not in the script: {[each.raw[:300] for each in played.unexpected]}"
        assert not played.steps, f"never asked for: {len(played.steps)} steps"


@pytest_asyncio.fixture
async def linear(script: Script, clock: Clock) -> AsyncIterator[Linear]:
    async with await Linear.open(script.url, ApiKey("lin_api_secret"), clock=clock, sleep=clock.sleep) as opened:
        yield opened
