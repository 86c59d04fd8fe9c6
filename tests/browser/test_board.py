"""The stand-in's page in a real browser: what the bot made can be seen there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.browser import chromium
from tests.world import World, world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.path() is None, reason="no Chromium on PATH (on Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("bot")) as made:
        made.planned("ENG-101")
        made.settle()
        yield made


def test_the_issue_shows_document_sub_issues_and_thread(here: World) -> None:
    page = chromium.rendered(f"{here.sandbox.url}/issue/ENG-101")
    made = here.made("ENG-101")
    assert "Plan: Rate limit the public API" in page
    for subissue in made["subissues"]:
        assert subissue["identifier"] in page
        assert subissue["title"] in page
    assert "blocked by" in page
    assert "The plan is ready" in page
    assert "planned" in page


def test_the_document_is_drawn_with_tables_and_diagram(here: World, tmp_path: Path) -> None:
    url = f"{here.sandbox.url}/document/{here.made('ENG-101')['documents'][0]['slugId']}"
    page = chromium.rendered(url)
    assert "<table" in page
    assert "Written by the scripted stand-in: no model was asked." in page
    assert "<script>" not in page
    picture = tmp_path / "plan.png"
    chromium.screenshot(url, picture, width=980, height=1560)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000, "an empty page is smaller"


def test_the_page_lets_nothing_in(here: World) -> None:
    answer = httpx2.get(f"{here.sandbox.url}/issue/ENG-101")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
