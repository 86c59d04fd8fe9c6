"""The check of coverage: what is asked for reaches phases and tests, and quotes are quotes."""

from __future__ import annotations

from typing import cast

import pytest

from planner.brief import Material, Media
from planner.checks import PlanCheck, coverage
from planner.quotes import Source
from planner.subject import Subject, subject_of
from tests.planner.checks.outlines import phase, plan, proof, requirement, rules, told
from tests.planner.samples import BRIEF, sample_plan

CHECK = cast("PlanCheck", coverage)
R1, R2 = requirement("R1"), requirement("R2")
BOTH = (proof("X1", "R1", "R2"),)
TEXT = "Each API key may make 600 requests a minute; above that it gets 429."


# --- phases and tests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "in_plan", "in_file"),
    [
        pytest.param(plan(phase("a", ids=["R1", "R2"]), requirements=[R1, R2], tests=BOTH), [], [], id="all reached"),
        pytest.param(
            plan(phase("a", ids=["R1"]), requirements=[R1, R2], tests=BOTH), ["no-phase"], ["no-phase"], id="no phase"
        ),
        pytest.param(
            plan(phase("a", ids=["R1", "R2"]), requirements=[R1, R2], tests=[proof("X1", "R2")]),
            ["no-test"],
            ["no-test"],
            id="no test",
        ),
        pytest.param(
            plan(phase("a"), requirements=[R1]), ["no-phase", "no-test"], [], id="a file that says nothing of either"
        ),
        pytest.param(
            plan(phase("a", ids=["R1", "R9"]), requirements=[R1], tests=[proof("X1", "R1", "R9", "R8")]),
            ["unknown-requirement", "unknown-requirement"],
            ["unknown-requirement", "unknown-requirement"],
            id="ids that are not there, each once",
        ),
        pytest.param(
            plan(phase("a", ids=["R1"]), requirements=[R1, R1], tests=[proof("X1", "R1")]),
            ["repeated-id"],
            ["repeated-id"],
            id="an id twice",
        ),
        pytest.param(
            plan(
                phase("a", ids=["R1", "R2"]),
                requirements=[requirement("R1", "It is *fast*."), requirement("R2", "it is fast")],
                tests=BOTH,
            ),
            ["repeated"],
            ["repeated"],
            id="said twice",
        ),
        pytest.param(
            plan(
                phase("a", ids=["R1", "R2"]),
                requirements=[requirement("R1", "🚀"), requirement("R2", "🎉")],
                tests=BOTH,
            ),
            [],
            [],
            id="no words at all",
        ),
        pytest.param(plan(phase("a"), tests=[proof("X1", "R1")]), [], [], id="no requirements"),
        pytest.param(
            plan(phase("a", ids=["R1"]), phase("b"), requirements=[R1], tests=[proof("X1", "R1"), proof("X2")]),
            [],
            [],
            id="more than is asked for",
        ),
    ],
)
def test_rules(given: Subject, in_plan: list[str], in_file: list[str]) -> None:
    assert rules(CHECK, given) == in_plan
    assert rules(CHECK, given.model_copy(update={"is_file": True})) == in_file


def test_what_is_not_reached_is_named_with_its_words() -> None:
    given = plan(phase("a"), requirements=[requirement("R1", "Exports resume.")], tests=[proof("X1", "R1")])
    (finding,) = told(CHECK, given)
    assert finding.message == "No phase delivers R1: “Exports resume.”."
    assert finding.at.block == "requirements.R1"


# --- quotes ----------------------------------------------------------------------------------------------------------


def quoting(quote: str, source: str, **sources: str) -> Subject:
    """A plan that quotes."""
    texts = {name.replace("_", "-"): text for name, text in sources.items()}
    return plan(
        phase("a", ids=["R1"]),
        requirements=[requirement("R1", quote=quote, source=source)],
        tests=[proof("X1", "R1")],
        sources=texts,
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(quoting("600 requests a minute", "description", description=TEXT), [], id="it stands there"),
        pytest.param(quoting("", "", description=TEXT), [], id="inferred"),
        pytest.param(quoting("700 requests a minute", "description", description=TEXT), ["quote"], id="a number"),
        pytest.param(quoting("may make 60", "description", description=TEXT), ["quote"], id="a part of a number"),
        pytest.param(
            quoting("requests per minute", "description", description=TEXT), ["quote"], id="another word in it"
        ),
        pytest.param(quoting("", "description", description=TEXT), ["no-quote"], id="a source and no quote"),
        pytest.param(quoting("600 requests", "", description=TEXT), ["no-source"], id="a quote and no source"),
        pytest.param(quoting("x y z", "comment-3", description=TEXT), ["source"], id="a source nobody read"),
        pytest.param(quoting("x y z", "comment-3"), ["source"], id="nothing was read"),
        pytest.param(quoting("anything", "image-1", image_1=""), [], id="a text nobody knows"),
        pytest.param(quoting("!", "description", description=TEXT), [], id="nothing to look for"),
        pytest.param(quoting("Rate limits", "description", description=TEXT, title="Rate limits"), [], id="the title"),
        pytest.param(quoting("x y z", "https://docs.example/limits", description=TEXT), [], id="a page of the web"),
        pytest.param(quoting("600 requests", "`description`", description=TEXT), [], id="a source in backticks"),
        pytest.param(
            quoting("export const app", "repo:src/app.ts:12-40", **{"repo:src/app.ts": "export const app = 1"}),
            [],
            id="lines of a file",
        ),
    ],
)
def test_quotes(given: Subject, expected: list[str]) -> None:
    assert rules(CHECK, given) == expected


def test_where_sources_are_not_known_no_quote_is_judged() -> None:
    given = quoting("made up", "nowhere").model_copy(update={"sources": None})
    assert rules(CHECK, given) == []


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        (
            quoting("tell how long to wait", "description", description=TEXT, comment_1="Do tell how long to wait."),
            "R1 quotes “tell how long to wait”, which does not stand in `description`.",
            "It stands in `comment-1`.",
        ),
        (
            quoting("made up", "description", description=TEXT),
            "R1 quotes “made up”, which does not stand in `description`.",
            "Copy its words as they are; if you inferred it, leave both empty.",
        ),
        (
            quoting("made up", "coment-1", description=TEXT, comment_1="x"),
            "R1 names the source `coment-1`, which was not read.",
            "Sources are `comment-1`.",
        ),
        (
            quoting("600 requests", "Slack", description=TEXT),
            "R1 names the source `Slack`, which was not read.",
            "It stands in `description`.",
        ),
    ],
    ids=["in another source", "nowhere", "a source misspelt", "a source that is none"],
)
def test_what_is_said_of_a_quote(given: Subject, message: str, hint: str) -> None:
    (finding,) = told(CHECK, given)
    assert (finding.message, finding.hint) == (message, hint)


MARKED = """\
## What we want

- [ ] Each **API key** may make [600 requests](https://docs.example/limits_(v1)) a minute;
  above that it gets `429` with a `Retry-After` header.
- Partners don’t wait — not even 1,000 ms.
1. Support can change it &amp; nobody deploys

| who | how many |
| --- | --- |
| Enterprise | 5,000 |

> "It must hold", <b>he</b> said… see https://docs.example/a?b=c

1つのキーにつき毎分600件までとしたい。STRASSE, Größe, ﬁle
"""  # noqa: RUF001 - as people and editors write


@pytest.mark.parametrize(
    "quote",
    [
        "Each **API key** may make [600 requests](https://docs.example/limits_(v1)) a minute",
        "each api key may make 600 requests a minute",
        "API key may make 600 requests a minute; above that it gets 429 with a Retry-After header.",
        "- [ ] Each API key may make\n  600 requests",
        "Each API key ... gets 429",
        "Each API key [...] gets `429` …",
        "each [public] API key may make 600 requests",
        "Partners don't wait - not even 1000 ms",
        "Partners don’t wait — not even 1,000 ms.",  # noqa: RUF001 - as people write it
        "Support can change it & nobody deploys",
        "Enterprise | 5,000",
        "Enterprise 5000",
        "“It must hold”, he said...",
        "see https://docs.example/a?b=c",
        "キーにつき毎分600件まで",
        "straße",
        "GRÖSSE, file",
        "Retry‑After",  # noqa: RUF001 - a hyphen that does not break
        "API key may make 600 requests\nSupport can change it",
        "“gets 429” and “Partners don't wait”",
        "gets 429 / Support can change it",
        "Partners don't wa",
    ],
)
def test_honest_quotes_are_taken(quote: str) -> None:
    assert Source(MARKED).holds(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "Each API key may make 500 requests a minute",
        "Each API key may make 6000 requests a minute",
        "Each API key may make 60",
        "Each API key must make 600 requests a minute",
        "Each API key may not make 600 requests a minute",
        "gets 429 ... Each API key",
        "Partners do not wait",
        "each [700] API key",
        "Support can change it / Support can deploy it",
        "Each API key may make 600 requests an hour",
        "...",
        "",
    ],
)
def test_other_words_are_no_quote(quote: str) -> None:
    assert not Source(MARKED).holds(quote)


# --- what the sources of a plan are ----------------------------------------------------------------------------------


def test_what_is_written_in_a_picture_is_not_known() -> None:
    picture = Material(
        source="file",
        name="file-1",
        title="screen.png",
        media=Media(digest="0" * 64, media_type="image/png", size=10),
    )
    brief = BRIEF.model_copy(update={"materials": (*BRIEF.materials, picture)})
    subject = subject_of(sample_plan(), brief)
    assert subject.sources is not None
    assert subject.sources["file-1"] == ""


def test_what_tools_read_is_added_to_what_the_brief_has() -> None:
    readme = Material(source="repository", name="repo:README.md", text="# API\n\nOne.")
    brief = BRIEF.model_copy(update={"materials": (*BRIEF.materials, readme)})
    subject = subject_of(sample_plan(), brief, read={"repo:README.md": "Two.", "ENG-9": "Three."})
    assert subject.sources is not None
    assert Source(subject.sources["repo:README.md"]).holds("One.\nTwo.")
    assert subject.sources["ENG-9"] == "Three."


# --- hostile ---------------------------------------------------------------------------------------------------------


QUOTE = "x 1 1" * 2_000


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("[" * 500_000, QUOTE),
        ("[](" * 150_000, "[a" * 6_000),
        ("[a](b" * 100_000, '"' * 12_000),
        ("<a" * 250_000, QUOTE),
        ("1," * 250_000, "...".join("1" * 2_000)),
        ("1" * 500_000, "1" * 500),
        ("- " * 250_000, "\n".join("-" * 2_000)),
        ("&" * 500_000, QUOTE),
        (" >" * 250_000, " " * 12_000),
        ("\ufdfa" * 30_000, "\ufdfa" * 600),
        ("\n" * 500_000, "\n" * 12_000),
    ],
    ids=lambda text: repr(text[:5]),
)
def test_hostile_texts_and_quotes_end(text: str, quote: str) -> None:
    assert Source(text).holds(quote) in {True, False}


def test_thousands_of_requirements_are_bounded() -> None:
    many = [requirement(f"R{at}", quote="made up words", source="s0") for at in range(5_000)]
    sources = {f"s{at}": "w " * 5_000 for at in range(100)}
    assert len(told(CHECK, plan(requirements=many, sources=sources))) == 20
