"""The check of structure: sections, code blocks and size, of plans and of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from planner.checks import PlanCheck, structure
from planner.checks.structure import MOST_DOCUMENT_CHARS
from planner.document import SECTIONS, document
from planner.findings import At
from planner.markdown_plan import subject_of_file
from planner.plan import Plan
from planner.subject import Fence, Subject, kinds_of
from tests.planner.checks.outlines import WHOLE, phase, plan, rules, told
from tests.planner.samples import FACTS, german_plan, sample_plan, small_plan

CHECK = cast("PlanCheck", structure)


def file(text: str) -> Subject:
    return subject_of_file(text)


def without(name: str) -> str:
    return WHOLE.replace(f"## {name}\n\nThis is said.\n", "")


# --- sections --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WHOLE, [], id="all of them"),
        pytest.param(f"# My plan\n\nOne line.\n\n{WHOLE}", [], id="a title above"),
        pytest.param(WHOLE.replace("## ", "# "), [], id="headings of the first level"),
        pytest.param(WHOLE.replace("## ", "### "), [], id="headings of the third level"),
        pytest.param(WHOLE.replace("## Risk Analysis", "## 5. Risk Analysis:"), [], id="numbered"),
        pytest.param(WHOLE.replace("## Risk Analysis", "## ⚠️ **RISK ANALYSIS** ##"), [], id="decorated"),
        pytest.param(WHOLE.replace("\n", "\r\n"), [], id="lines of Windows"),
        pytest.param(f"{WHOLE}\n## Appendix\n\nMore.\n", [], id="one more"),
        pytest.param(without("Risk Analysis"), ["section"], id="one missing"),
        pytest.param("", ["section"], id="nothing at all"),
        pytest.param("Just words.", ["section"], id="no headings"),
        pytest.param(WHOLE.replace("Risk Analysis", "Risk Analisys"), ["section"], id="misspelt"),
        pytest.param(
            WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n"), ["empty-section"], id="empty"
        ),
        pytest.param(
            WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n\n### Risks\n\n<!-- list them -->"),
            ["empty-section"],
            id="only a heading and a hint",
        ),
        pytest.param(
            WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n\n*TBD*"),
            ["empty-section"],
            id="to be done",
        ),
        pytest.param(
            WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n\nNone."), [], id="none is an answer"
        ),
        pytest.param(
            WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n\n### Risks\n\nIt is slow."),
            [],
            id="said under a heading of its own",
        ),
        pytest.param(
            WHOLE.replace("## Architecture Diagram\n\nThis is said.", "## Architecture Diagram\n\n```text\na\n```"),
            [],
            id="only a block",
        ),
        pytest.param(
            WHOLE.replace("## Architecture Diagram\n\nThis is said.", "## Architecture Diagram\n\n図を見てください"),
            [],
            id="in another script",
        ),
        pytest.param(f"{WHOLE}\n## Risk Analysis\n\nMore.\n", ["order"], id="one twice"),
        pytest.param(f"{without('Executive Summary')}\n## Executive Summary\n\nLate.\n", ["order"], id="out of order"),
        pytest.param(
            WHOLE.replace("This is said.", "```sh\n## Risk Analysis\n```", 1),
            [],
            id="a comment in a block is no heading",
        ),
        pytest.param(
            WHOLE.replace("This is said.", "1. ```sh\n   ## Risk Analysis\n   ```\n2. More", 1),
            [],
            id="nor one in a block in a list",
        ),
        pytest.param(
            WHOLE.replace("This is said.", "- Do it:\n\n  ```sh\n  ls", 1),
            ["fence"],
            id="a block that ends with its list",
        ),
    ],
)
def test_sections_of_files(text: str, expected: list[str]) -> None:
    assert rules(CHECK, file(text)) == expected


def test_what_is_missing_is_named_once() -> None:
    text = "".join(f"## {name}\n\nSaid.\n\n" for name in SECTIONS[:4])
    (finding,) = told(CHECK, file(text))
    assert finding.message == ("The sections `Risk Analysis`, `Estimated Timeline` and `Technology Stack` are missing.")
    assert finding.at.line == 1


def test_an_empty_section_is_told_with_its_line() -> None:
    text = WHOLE.replace("## Risk Analysis\n\nThis is said.", "## Risk Analysis\n")
    (finding,) = told(CHECK, file(text))
    assert (finding.at.section, text.split("\n")[finding.at.line - 1]) == ("Risk Analysis", "## Risk Analysis")


@pytest.mark.parametrize("made", [sample_plan, small_plan, german_plan], ids=["big", "small", "german"])
def test_what_is_rendered_has_its_structure(made: Callable[[], Plan]) -> None:
    text = document(made(), FACTS)
    assert rules(CHECK, Subject(markdown=text)) == []
    assert rules(CHECK, file(text)) == []


def test_a_task_that_shows_a_block_hides_no_section() -> None:
    first = sample_plan().phases[0]
    odd = ["```sh\nls\n```", "Do:\n\n````\n```\n````", "~~~json\n{}\n~~~"]
    changed = first.model_copy(update={"tasks": odd})
    text = document(sample_plan().model_copy(update={"phases": [changed, *sample_plan().phases[1:]]}), FACTS)
    assert rules(CHECK, Subject(markdown=text)) == []
    assert {"section", "empty-section"}.isdisjoint(rules(CHECK, file(text)))


# --- code blocks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param("```json\n{}\n```", [], id="closed"),
        pytest.param("~~~yaml\na: 1\n~~~", [], id="with tildes"),
        pytest.param("````markdown\n```js\n```\n````", [], id="one in another"),
        pytest.param("```hcl\na = 1\n```", [], id="known and not checked"),
        pytest.param("```TypeScript\nlet a\n```", [], id="in capitals"),
        pytest.param('```json title="a.json"\n{}\n```', [], id="with a title"),
        pytest.param("```jsno\n{}\n```", ["language"], id="misspelt"),
        pytest.param("```mermiad\nflowchart LR\n```", ["language"], id="misspelt diagram"),
        pytest.param("```qwertz\nx\n```", ["unknown-language"], id="not known"),
        pytest.param("```\nx\n```", ["no-language"], id="none"),
    ],
)
def test_blocks(block: str, expected: list[str]) -> None:
    assert rules(CHECK, file(WHOLE.replace("This is said.", block, 1))) == expected


def test_a_misspelt_language_is_told_with_the_nearest() -> None:
    (finding,) = told(CHECK, file(WHOLE.replace("This is said.", "```postgressql\nselect 1\n```", 1)))
    assert finding.hint == "Did you mean `postgresql`?"
    assert (finding.level, finding.at.line) == ("error", 4)


def test_a_block_that_is_never_closed_is_the_one_fault() -> None:
    text = WHOLE.replace("This is said.", "```json\n{}", 3)
    findings = told(CHECK, file(text))
    assert [each.rule for each in findings] == ["structure/fence"]
    assert text.split("\n")[findings[0].at.line - 1] == "```json"


def test_a_block_that_goes_on_over_the_next_is_the_one_fault() -> None:
    text = WHOLE.replace("This is said.", "```json\n{}", 1).replace("This is said.", "```sql\nselect 1\n```", 1)
    (finding,) = told(CHECK, file(text))
    assert finding.message == "The code block `json` that begins here goes on over “```sql”."
    assert finding.at.line == 3


def test_artefacts_may_hold_fences() -> None:
    content = "# Use\n\n```sh\nls\n```"
    fence = Fence(kinds=kinds_of("text", ""), language="text", content=content, at=At(block="artefacts.A1", line=1))
    other = fence.model_copy(update={"language": "typescript", "content": f"/*\n{content}\n*/"})
    assert rules(CHECK, Subject(markdown=WHOLE, fences=(fence, other))) == []


# --- size ------------------------------------------------------------------------------------------------------------


def sized(words: int, phases: int, asked: int | None, *, is_file: bool = False) -> Subject:
    """A plan of so many words for an issue of so many."""
    text = WHOLE.replace("This is said.", "word " * words, 1)
    sources = None if asked is None else {"description": "word " * asked, "repo:big.md": "word " * 9_000}
    return plan(*(phase(f"p{at}") for at in range(phases)), markdown=text, sources=sources, is_file=is_file)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(sized(200, 1, 20), [], id="half a page for a line"),
        pytest.param(sized(1_000, 1, 20), [], id="two pages for a line"),
        pytest.param(sized(5_000, 1, 10), ["length"], id="fifteen pages for a line"),
        pytest.param(sized(3_000, 1, 900), [], id="one phase for a long issue"),
        pytest.param(sized(2_400, 4, 90), [], id="four phases"),
        pytest.param(sized(6_000, 4, 90), [], id="four long phases"),
        pytest.param(sized(9_000, 4, 90), ["length"], id="four phases and no end"),
        pytest.param(sized(14_000, 12, 2_000), [], id="twelve phases"),
        pytest.param(sized(16_000, 12, 20_000), ["length"], id="more than anyone reads"),
        pytest.param(sized(30, 2, 700), ["length"], id="a few lines for a long issue"),
        pytest.param(sized(30, 1, 100), [], id="a few lines for a short issue"),
        pytest.param(sized(14_000, 1, None, is_file=True), [], id="a file, with no issue to compare"),
        pytest.param(sized(16_000, 0, None, is_file=True), ["length"], id="a long file"),
    ],
)
def test_sizes(given: Subject, expected: list[str]) -> None:
    assert rules(CHECK, given) == expected


def test_a_document_that_linear_may_refuse_is_an_error() -> None:
    (finding,) = told(CHECK, Subject(markdown=WHOLE + "x" * MOST_DOCUMENT_CHARS))
    assert (finding.rule, finding.level) == ("structure/too-long", "error")


def test_what_is_not_read_for_its_length_is_told() -> None:
    assert rules(CHECK, file(WHOLE + "x\n" * MOST_DOCUMENT_CHARS)) == ["too-long"]


def test_code_and_repository_do_not_count() -> None:
    text = WHOLE.replace("This is said.", f"```text\n{'word ' * 9_000}\n```", 1)
    assert rules(CHECK, plan(phase("a"), markdown=text, sources={"description": "x"})) == []


HOSTILE = {
    "headings": "## a\n" * 200_000,
    "lines": "a\n" * 500_000,
    "empty lines": "\n" * 1_000_000,
    "hashes": "#" * 1_000_000,
    "comments": "<!--" * 250_000,
    "lines of comments": "<!--\n" * 200_000,
    "fences": "```\n" * 250_000,
    "open fences": "```a\n" * 200_000,
    "rules": "---\n" * 250_000,
    "folds": "---\n+++\n" * 100_000,
    "bullets": "- " * 500_000,
    "quotes": "> " * 500_000,
    "numbers": "1. " * 300_000,
    "blanks": " " * 1_000_000,
    "placeholders": "tbd " * 250_000,
    "ideographs": "あ" * 1_000_000,
    "nested headings": "###### a\n# a\n" * 70_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_end_in_findings(text: str) -> None:
    assert rules(CHECK, file(text)) == ["too-long"]
    assert "section" in rules(CHECK, Subject(is_file=True, markdown=text[:MOST_DOCUMENT_CHARS]))
