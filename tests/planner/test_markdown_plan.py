"""Plans read back from Markdown: our own, as Linear gives them back, and as people write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner.check import check
from planner.document import document
from planner.markdown_plan import MOST_CHARS, subject_of_file
from planner.outline import Outline, outline_of
from planner.plan import Plan, Span
from planner.render import RenderFacts
from planner.scripted.drafting import draft
from tests.planner.samples import BRIEF, german_plan, sample_plan, small_plan

FACTS = RenderFacts(identifier="E-1", issue_url="https://l.example/E-1", author="m", generated_on="2026-11-23")
PLANS = {
    "large": sample_plan(),
    "german": german_plan(),
    "small": small_plan(),
    "scripted": Plan.model_validate(draft(BRIEF)),
}


def plain(text: str) -> str:
    return " ".join(re.sub(r"[`*]", "", text).split())


def compared(outline: Outline, *, titles: bool) -> dict[str, object]:
    """What both have: a document names phases by number or title, and neither ids of services nor sources."""
    names = {each.key: plain(each.title) for each in outline.phases}
    return {
        "requirements": [(each.id, plain(each.text)) for each in outline.requirements],
        "phases": [
            (
                names[each.key],
                plain(each.goal),
                [plain(task) for task in each.tasks],
                [plain(one) for one in each.acceptance],
                [names[key] for key in each.depends_on],
                tuple(round(day, 1) for day in each.days or ()),
                list(each.requirement_ids) if titles else None,
            )
            for each in outline.phases
        ],
        "tests": [(plain(each.text), each.requirement_ids) for each in outline.tests] if titles else None,
        "operations": [(each.method, each.path) for each in outline.operations] if titles else None,
        "tables": [(each.name, each.columns) for each in outline.tables],
        "timeline": outline.timeline and tuple(round(day, 1) for day in outline.timeline),
    }


@pytest.mark.parametrize("name", PLANS)
def test_what_the_document_shows_is_read_back(name: str) -> None:
    plan = PLANS[name]
    large = len(plan.phases) > 1
    read = subject_of_file(document(plan, FACTS)).outline
    assert compared(read, titles=large) == compared(outline_of(plan), titles=large)


def as_linear_gives_it_back(text: str) -> str:
    """Other bullets, escapes, link brackets and blank lines; what Linear's editor does to Markdown."""
    text = re.sub(r"^(\s*)- ", r"\1* ", text, flags=re.MULTILINE)
    text = re.sub(r"\]\((https?://[^)\s]+)\)", r"](<\1>)", text)
    text = re.sub(r"(?<=\w)-(?=\w)", r"\\-", text) if "\\-" not in text else text
    return re.sub(r"\n{2,}", "\n\n", text)


def test_what_linear_gives_back_is_read_too() -> None:
    plan = PLANS["large"]
    read = subject_of_file(as_linear_gives_it_back(document(plan, FACTS))).outline
    assert [each.title for each in read.phases] == [each.title for each in plan.phases]
    assert [each.depends_on for each in read.phases] == [(), (), ("1", "2"), ("3",)]
    assert all(each.days and each.tasks and each.acceptance for each in read.phases)
    assert [each.id for each in read.requirements] == [each.id for each in plan.requirements]
    assert len(read.tests) == len(plan.tests)


BY_HAND = """\
# Orders, plan of record

Some words.

## Implementation plan

### Phase 1: Build the store

Keep orders.

Estimate: 2-4 days

- [ ] Add the table
- [x] Add the index

Acceptance criteria:

* An order is kept

### Phase 2 - Build the calls

Depends on: Phase 1

Effort: 1 week

1. Write the calls

**Definition of done:** a client can order

## Test cases

| Case | Covers |
|---|---|
| An order comes | R1 |

## Requirements

| ID | Requirement |
|---|---|
| R1 | Orders are kept |
"""


def test_a_plan_as_people_write_it() -> None:
    outline = subject_of_file(BY_HAND).outline
    first, second = outline.phases
    assert (first.key, first.title, first.goal) == ("1", "Build the store", "Keep orders.")
    assert first.tasks == ("Add the table", "Add the index")
    assert first.acceptance == ("An order is kept",)
    assert first.days == Span(2, 3, 4)
    assert (second.depends_on, second.days, second.acceptance) == (("1",), Span(5, 5, 5), ("a client can order",))
    assert [(each.id, each.text, each.at.line) for each in outline.requirements] == [("R1", "Orders are kept", 40)]
    assert [(each.text, each.requirement_ids) for each in outline.tests] == [("An order comes", ("R1",))]
    assert first.at.line == 7


def test_what_is_no_plan_is_not_guessed_at() -> None:
    outline = subject_of_file("# Notes\n\n- one\n- two\n\n| a | b |\n|---|---|\n| R1 | x |\n").outline
    assert outline == Outline()


def test_lines_are_those_of_the_file() -> None:
    text = '# T\n\ntext\n\n```json\n{\n  "a": 1,\n  "a": 2\n}\n```\n\n- item\n\n  ```yaml\n  b: 1\n  b: 2\n  ```\n'
    found = [
        (each.rule, each.at.line) for each in check(subject_of_file(text)).findings if each.rule.startswith("notation")
    ]
    assert found == [("notation/duplicate-key", 8), ("notation/duplicate-key", 16)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * (MOST_CHARS + 1), id="too long"),
        pytest.param("| a " * 50_000, id="a wide row"),
        pytest.param("> " * 50_000, id="deep quotes"),
        pytest.param("- " * 50_000, id="deep lists"),
        pytest.param("```\n```\n" + "![" * 190_000, id="brackets"),
        pytest.param("*a " * 60_000, id="emphasis"),
        pytest.param("`" * 100_000, id="backticks"),
        pytest.param("<" * 100_000, id="angles"),
        pytest.param("## a\n" * 60_000, id="headings"),
        pytest.param("### Phase 1: a\n\n- b\n\n" * 10_000, id="phases"),
        pytest.param("\x00\ud800\u202e", id="characters"),
    ],
)
def test_nothing_raises(text: str) -> None:
    assert subject_of_file(text).is_file


def test_every_document_of_ours_passes_its_own_checks(tmp_path: Path) -> None:
    del tmp_path
    for name, plan in PLANS.items():
        report = check(subject_of_file(document(plan, FACTS)))
        assert not report.errors, (name, report.errors)
