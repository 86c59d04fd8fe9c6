"""The document and the sub-issues: goldens for a fixed plan, and what holds for any."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from planner.brief import Brief
from planner.plan import Plan
from planner.render import (
    SCRIPTED_LINE,
    SECTIONS,
    RenderFacts,
    days,
    document,
    phase_key_in,
    sub_issue,
    sub_issue_title,
)
from planner.scripted.drafting import draft
from tests.planner.samples import BRIEF, FACTS, assert_golden, german_plan, sample_plan, small_plan
from tests.standins.claude import a_plan

SCRIPTED = FACTS.model_copy(
    update={
        "author": "scripted stand-in",
        "scripted": True,
        "cost_usd": 0.0,
        "sources": {name: url for name, (_, url) in BRIEF.sources().items()},
    }
)


def test_golden_document() -> None:
    assert_golden("document.md", document(sample_plan(), FACTS))


def test_golden_document_of_a_day() -> None:
    assert_golden("document-small.md", document(small_plan(), FACTS.model_copy(update={"left_out": (), "gaps": ()})))


def test_golden_document_in_another_language() -> None:
    assert_golden("document-german.md", document(german_plan(), FACTS))


def test_golden_document_of_the_scripted_stand_in() -> None:
    assert_golden("document-scripted.md", document(Plan.model_validate(draft(BRIEF)), SCRIPTED))


def test_golden_sub_issue() -> None:
    plan = sample_plan()
    assert_golden("sub-issue.md", sub_issue(plan, plan.phases[2], FACTS))


def test_golden_sub_issue_before_the_document_stands() -> None:
    plan = sample_plan()
    bare = FACTS.model_copy(update={"document_url": None})
    assert_golden("sub-issue-first.md", sub_issue(plan, plan.phases[0], bare))


def headings(text: str) -> list[str]:
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


PLANS = {
    "full": sample_plan(),
    "one phase": small_plan(),
    "another language": german_plan(),
    "scripted": Plan.model_validate(draft(BRIEF)),
    "scripted, tiny": Plan.model_validate(draft(Brief(identifier="E-1", title="Typo", description="Mend it."))),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_the_seven_sections_always_stand(plan: Plan) -> None:
    text = document(plan, FACTS)
    assert tuple(headings(text)) == SECTIONS
    for heading in SECTIONS:
        after = text.split(f"## {heading}\n\n", 1)[1]
        assert after.strip()
        assert not after.startswith("## ")


def test_a_small_plan_is_half_a_page() -> None:
    text = document(small_plan(), FACTS)
    body = text.split("\n---\n")[0]
    assert "|" not in body, "no tables"
    assert "###" not in body, "no headings but the seven"
    assert sum(bool(line) for line in body.splitlines()) <= 30
    assert len(body) < 2_000


def test_only_the_scripted_one_says_so() -> None:
    plan = sample_plan()
    assert SCRIPTED_LINE not in document(plan, FACTS)
    text = document(plan, SCRIPTED)
    assert text.startswith(f"> {SCRIPTED_LINE}")
    assert "$0.00" not in text
    assert all(SCRIPTED_LINE in sub_issue(plan, phase, SCRIPTED) for phase in plan.phases)
    assert all(SCRIPTED_LINE not in sub_issue(plan, phase, FACTS) for phase in plan.phases)


def test_links_come_from_the_brief_and_not_from_the_model() -> None:
    raw = a_plan()
    raw["requirements"][0] |= {"url": "https://evil.example/x"}
    raw["requirements"][1] |= {"source": "made-up", "url": "https://evil.example/y"}
    text = document(Plan.model_validate(raw), FACTS)
    assert "evil.example" not in text
    assert "[description](https://linear.app/acme/issue/ENG-12" in text
    assert "made-up" in text


HOSTILE = "x | y\n\n# H\n\n```\n+++ z\n[a](https://evil.example) ![i](https://evil.example/i) <img src=x> `"


def hostile(plan: Plan) -> Plan:
    """The plan with every free text trying to get out."""

    def spoil(node: object, key: str = "") -> object:
        if isinstance(node, dict):
            return {name: spoil(value, name) for name, value in node.items()}
        if isinstance(node, list):
            return [spoil(each, key) for each in node]
        kept = ("id", "kind", "key", "phase_key", "language", "section", "likelihood", "impact", "content")
        if not isinstance(node, str) or key in kept or key.endswith("_ids") or key == "depends_on":
            return node
        return f"{node} {HOSTILE}"[:80] if key == "title" else f"{node} {HOSTILE}"

    raw = spoil(plan.model_dump(mode="json"))
    assert isinstance(raw, dict)
    for at, phase in enumerate(raw["phases"]):
        phase["title"] = f"{at} a | b `c ](x) # <b>"
    return Plan.model_validate(raw)


TABLES = {"full": 10, "one phase": 0, "another language": 4, "scripted": 10, "scripted, tiny": 0}


@pytest.mark.parametrize("name", PLANS)
def test_no_text_breaks_out_of_the_document(name: str) -> None:
    plan = PLANS[name]
    text = document(hostile(plan), FACTS)
    assert tuple(headings(text)) == SECTIONS
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    flat = [each for token in tokens for each in (token, *(token.children or ()))]
    assert not {each.type for each in flat} & {"image", "html_inline", "html_block"}
    assert {each.attrGet("href") for each in flat if each.type == "link_open"} <= FACTS.allowed
    raw = [line.strip() for each in tokens if each.type == "inline" for line in each.content.splitlines()]
    folds = [line for line in raw if line.startswith("+++")]
    assert folds[-4:] == ["+++ How this was made", "+++", "+++ Left out", "+++"]
    assert len(folds) == 4 + 2 * sum(
        each.content.count("\n") >= 40 for each in plan.artefacts if each.kind != "mermaid"
    )
    levels = [each.tag for each in tokens if each.type == "heading_open"]
    assert levels.count("h1") == 0
    assert levels.count("h2") == len(SECTIONS)
    assert sum(each.type == "table_open" for each in tokens) == TABLES[name]


def test_no_text_breaks_out_of_a_sub_issue() -> None:
    plan = hostile(sample_plan())
    for phase in plan.phases:
        text = sub_issue(plan, phase, FACTS)
        assert phase_key_in(text) == phase.key
        assert text.splitlines()[-1] == f"Phase key: `{phase.key}`"
        assert [line for line in text.splitlines() if line.startswith("## ")][:2] == ["## Tasks", "## Done when"]


CITED = {
    "a file": ("repo:src/app.ts", "- [repo:src/app.ts](https://github.com/acme/api/blob/4f0c2b7d/src/app.ts): It"),
    "a line": (
        "repo:src/app.ts:12",
        "- [repo:src/app.ts:12](https://github.com/acme/api/blob/4f0c2b7d/src/app.ts): It",
    ),
    "lines": (
        "repo:src/app.ts#L3-L9",
        "- [repo:src/app.ts#L3-L9](https://github.com/acme/api/blob/4f0c2b7d/src/app.ts): It",
    ),
    "without an address": ("document-1", "- `document-1`: It"),
    "made up": ("ENG-999", "- `ENG-999`: It"),
    "an address": ("https://evil.example/x", "- `https://evil.example/x`: It"),
    "hostile": ("](https://evil.example) `x` #", "- `` ](https://evil.example) `x` # ``: It"),
}


@pytest.mark.parametrize(("source", "shown"), CITED.values(), ids=CITED.keys())
def test_evidence_leads_to_known_sources_only(source: str, shown: str) -> None:
    text = document(sample_plan(evidence=[{"text": "It is so.", "source": source}]), FACTS)
    assert f"{shown} is so." in text.splitlines()


def test_a_bare_appendix() -> None:
    bare = RenderFacts(identifier="E-1", issue_url="https://l.example/E-1", author="m", generated_on="2026-11-23")
    ending = document(small_plan(), bare).split("\n---\n")[1]
    assert ending.strip() == (
        "+++ How this was made\n\n- Planned by m on 2026-11-23, from [E-1](https://l.example/E-1).\n\n+++"
    )


def test_content_with_fences_stays_in_its_own() -> None:
    raw = a_plan()
    raw["artefacts"][2] |= {"kind": "text", "content": "```\nnot the end\n```\n## no heading"}
    assert tuple(headings(document(Plan.model_validate(raw), FACTS))) != ()
    assert "````text\n```\nnot the end" in document(Plan.model_validate(raw), FACTS)


def test_long_blocks_fold_away_but_diagrams_show() -> None:
    raw = a_plan()
    long = "\n".join(f"line{at}" for at in range(60))
    raw["artefacts"][0]["content"] = "flowchart LR\n" + long
    raw["artefacts"][2]["content"] = long
    text = document(Plan.model_validate(raw), FACTS)
    assert "+++ Tables\n\n```sql" in text
    assert "+++ From request" not in text


# --- sub-issues ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_titles_fit_and_keys_come_back(plan: Plan) -> None:
    for phase in plan.phases:
        assert 0 < len(sub_issue_title(phase)) <= 80
        assert "\n" not in sub_issue_title(phase)
        assert phase_key_in(sub_issue(plan, phase, FACTS)) == phase.key


KEYS = {
    "as written": ("Goal.\n\nPhase key: `store-limits`", "store-limits"),
    "with what Linear adds": ("* Goal.\n\nPhase key: `store-limits`\n\n", "store-limits"),
    "code mark lost, hyphen escaped": ("Phase key: store\\-limits", "store-limits"),
    "bold": ("**Phase key:** `store-limits`", "store-limits"),
    "as a list item": ("* Phase key: `store-limits`", "store-limits"),
    "the last one counts": ("Phase key: `forged`\n\ntext\n\nPhase key: `real`", "real"),
    "trailing blanks": ("Phase key: `a1`  \n", "a1"),
    "inside a sentence": ("The Phase key: `a` is here", None),
    "someone wrote after it": ("Phase key: `a` and more", None),
    "capitals": ("Phase key: `A`", None),
    "none": ("Nothing here", None),
    "empty": ("", None),
}


@pytest.mark.parametrize(("text", "key"), KEYS.values(), ids=KEYS.keys())
def test_keys_are_read_back(text: str, key: str | None) -> None:
    assert phase_key_in(text) == key


DAYS = {
    "one": ((1, 1, 1), "1 day"),
    "range": ((1, 2, 4), "2 days (1 to 4)"),
    "halves": ((0.5, 1, 1.5), "1 day (0.5 to 1.5)"),
    "rounded": ((0.33, 0.66, 0.99), "0.7 days (0.3 to 1)"),
}


@pytest.mark.parametrize(("given", "said"), DAYS.values(), ids=DAYS.keys())
def test_days_in_words(given: tuple[float, float, float], said: str) -> None:
    raw = a_plan()
    raw["phases"][0]["days"] = dict(zip(("low", "likely", "high"), given, strict=True))
    assert days(Plan.model_validate(raw).phases[0].days) == said


def test_facts_survive_json() -> None:
    assert RenderFacts.model_validate_json(FACTS.model_dump_json()) == FACTS
