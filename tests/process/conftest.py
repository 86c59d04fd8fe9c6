"""A Postgres of a test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, postgres


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started
