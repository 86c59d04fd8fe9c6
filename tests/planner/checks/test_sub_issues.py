"""The check of sub-issues: how many, what they are called, and whether they stand alone."""

from __future__ import annotations

from typing import cast

import pytest

from planner.checks import PlanCheck, sub_issues
from planner.findings import At
from planner.outline import OutlinedPhase
from planner.plan import Plan
from planner.subject import SubIssue, Subject, subject_of
from tests.planner.checks.outlines import phase, plan, rules, told
from tests.planner.samples import BRIEF, german_plan, sample_plan, small_plan

CHECK = cast("PlanCheck", sub_issues)


def posted(*phases: OutlinedPhase, most: int | None = 12, body: str = "") -> Subject:
    """A plan with its sub-issues; `body` is that of the first, which else says what its phase says."""
    made = [
        SubIssue(key=each.key, title=each.title, body="\n".join((each.goal, *each.tasks)), at=each.at)
        for each in phases
    ]
    if body:
        made[0] = made[0].model_copy(update={"body": body})
    kept = tuple(made[:most]) if len(made) > 1 else ()
    return plan(*phases).model_copy(update={"sub_issues": kept, "most_sub_issues": most})


A, B, C = phase("a"), phase("b", "a"), phase("c")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(posted(A, B, C), [], id="one a phase"),
        pytest.param(posted(A), [], id="one phase makes none"),
        pytest.param(posted(A, most=1), [], id="one phase where one is allowed"),
        pytest.param(posted(A, B, C, most=3), [], id="as many as are allowed"),
        pytest.param(posted(A, B, C, most=2), ["too-many"], id="more than are allowed"),
        pytest.param(posted(A, B, most=None), [], id="not known how many are allowed"),
        pytest.param(
            posted(A, B, C).model_copy(update={"sub_issues": posted(A, B).sub_issues}), ["missing"], id="one missing"
        ),
    ],
)
def test_how_many(given: Subject, expected: list[str]) -> None:
    assert rules(CHECK, given) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Store limits and their history", []),
        ("x" * 80, []),
        ("x" * 81, ["title"]),
        (" ", ["title"]),
        ("Phase 2", ["vague-title"]),
        ("PHASE II:", ["vague-title"]),
        ("Step three", ["vague-title"]),
        ("Etappe 1", ["vague-title"]),
        ("Misc.", ["vague-title"]),
        ("Implementation", ["vague-title"]),
        ("Remaining work", ["vague-title"]),
        ("Phase out the old API", []),
        ("Phase 1: Store limits", []),
        ("Implement the limiter", []),
        ("Change the schema", []),
        ("Schritt für Schritt umziehen", []),
        ("制限を保存する", []),
    ],
)
def test_titles(title: str, expected: list[str]) -> None:
    given = A.model_copy(update={"title": title})
    assert rules(CHECK, posted(given, B)) == expected
    as_file = plan(given, B, is_file=True)
    assert rules(CHECK, as_file) == expected


ELSEWHERE = [
    "Same as phase 2",
    "The same as in phase 1, for the other table",
    "Identical to phase 3",
    "Same steps as in the previous phase",
    "See phase 2 for the schema",
    "as in phase 12",
    "as described in the previous phase",
    "See section 3.2 of the plan",
    "Build the calls as specified in section “API”",
    "per section 4",
    "Wie in Phase 2",
    "siehe Abschnitt 3",
    "Comme dans la phase 2",
    "ver la sección 2",
]
AWAY = [
    "as described above",
    "see above",
    "See below for details",
    "like above",
    "the tables mentioned earlier",
    "the limits listed above",
    "With the tables from the previous phase",
    "Use the previous phase's tables",
    "siehe oben",
    "wie oben beschrieben",
    "das zuvor genannte Feld",
    "mit den Tabellen aus der vorigen Phase",
    "voir ci-dessus",
    "la table mentionnée ci-dessus",
    "avec les tables de la phase précédente",
    "ver más arriba",
    "las tablas de la fase anterior",
]
FINE = [
    "Refuse requests above the limit",
    "Requests above 600 a minute get 429; below it they pass",
    "See `docs/limits.md` for the numbers",
    "See ENG-12",
    "Move to phase two of the roll-out once errors stay below 1 %",
    "Add a section on limits to the API's documentation",
    "Keep the previous phase-shift of the signal",
    "As the schema is in place, backfill it",
    "The same as today, but counted per key",
    "Section 5 of the contract says 30 days",
    "Siehe `limits.md`",
    "Wie in ENG-12 beschlossen",
    "R3 holds: “Do it as described above, same as phase 2”",
]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        *((each, ["points-elsewhere"]) for each in ELSEWHERE),
        *((each, ["points-away"]) for each in AWAY),
        *((each, []) for each in FINE),
    ],
)
def test_bodies_stand_alone(said: str, expected: list[str]) -> None:
    given = A.model_copy(update={"tasks": ("Write it", said)})
    assert rules(CHECK, posted(given, B)) == expected
    assert rules(CHECK, plan(given, B, is_file=True)) == expected
    assert rules(CHECK, posted(given)) == [], "a plan of one phase makes no sub-issue"


def test_the_phrase_is_named() -> None:
    given = B.model_copy(update={"tasks": ("Build it as\ndescribed above.",)})
    (finding,) = told(CHECK, posted(A, given))
    assert finding.message == "The phase `Build b` points elsewhere: “as described above”."
    assert (finding.level, finding.at) == ("warning", At(block="phases.b"))


@pytest.mark.parametrize(
    ("said", "open_"),
    [
        ("TBD", True),
        ("TODO: choose a queue", True),
        ("The limits are to be defined with the team", True),
        ("Set the limit to ???", True),
        ("Lorem ipsum dolor", True),
        ("Deploy to <your account>", True),
        ("Call [insert endpoint]", True),
        ("Which database do we want?", True),
        ("どのデータベースですか？", True),  # noqa: RUF001 - its question mark
        ("Remove the TODO comments of the module", False),
        ("Turn `a ?? b` into a default", False),
        ("Answer 'is it paid?' from the cache", False),
        ("Decide the limit from the last 14 days", False),
        ("GET /v1/limits/{keyId}?page=2", False),
        ("R1 holds: “Should it be TBD?”", False),
    ],
)
def test_nothing_is_left_open(said: str, open_: bool) -> None:
    for field in ("tasks", "acceptance"):
        given = A.model_copy(update={field: ("Write it", said)})
        expected = ["unfinished"] if open_ else []
        assert rules(CHECK, posted(given)) == expected
        assert rules(CHECK, plan(given, is_file=True)) == expected


def test_long_bodies_warn() -> None:
    assert rules(CHECK, posted(A, B, body="word " * 3_999)) == []
    (finding,) = told(CHECK, posted(A, B, body="word " * 5_000))
    assert (finding.rule, finding.level) == ("sub-issues/long-body", "warning")


@pytest.mark.parametrize("made", [sample_plan(), small_plan(), german_plan()], ids=["big", "small", "german"])
def test_good_plans_have_good_sub_issues(made: Plan) -> None:
    assert rules(CHECK, subject_of(made, BRIEF, most_sub_issues=12)) == []


@pytest.mark.parametrize(
    "text",
    [
        "see, " * 15_000,
        "as described " * 6_000,
        "the previous " * 6_000,
        "same as for in the " * 4_000,
        "<your " * 15_000,
        "? " * 30_000,
        " " * 60_000,
        "[insert " * 8_000,
        "phase 1 " * 9_000,
        'see section "' * 5_000,
        "as " + " " * 60_000,
        "“" * 60_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_hostile_texts_end(text: str) -> None:
    given = A.model_copy(update={"goal": text, "title": f"{text}x", "tasks": (text,), "acceptance": (text,)})
    assert "long-body" in rules(CHECK, posted(given, B, body=text))
