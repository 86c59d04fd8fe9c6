"""The documents keep the promises that a program can check: links lead somewhere, pages stay short, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", "linear/**/*.md") for path in ROOT.glob(pattern)
)
# Decisions are at most a page, and a README that is longer is not read.
LONGEST = {"README.md": 150, **{path.relative_to(ROOT).as_posix(): 50 for path in ROOT.glob("docs/decisions/*.md")}}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(<?([^)>\s]+)>?\)|!\[[^\]]*\]\(<?([^)>\s]+)>?\)")
MAKE = re.compile(r"(?:`|^)make ([a-z]+)\b", re.MULTILINE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """The page without fenced blocks."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    links = [first or second for first, second in LINK.findall(prose(path))]
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_files_named_in_code_type_exist(path: Path) -> None:
    named = re.findall(r"`((?:bot|linear|planner|tests|deploy|docs)/[\w./-]*[\w/])`", prose(path))
    assert [file for file in named if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(path.read_text(encoding="utf-8"))) - targets == set()


@pytest.mark.parametrize(("page", "most"), LONGEST.items(), ids=LONGEST.keys())
def test_short_pages_stay_short(page: str, most: int) -> None:
    assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= most


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_names_a_place_on_somebodys_machine(path: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:home|work|root|Users)/\S*|\.\./shared\S*", path.read_text(encoding="utf-8")) == []
