"""What the scripted stand-in says beyond its designs comes from the material it was given."""

from __future__ import annotations

import re

import pytest

from planner.brief import Brief, Material
from planner.plan import Plan
from planner.scripted.drafting import draft
from planner.visible import visible

BASE = Brief(identifier="ENG-7", title="Orders for partners", url="https://linear.app/acme/ENG-7")
LOAD = "Orders must be listed at 200 requests a second.\n- Only support may delete an order\n- It must answer in 300 ms"
TODAY = (
    "Orders are in `orders_v1` on Postgres. We use DynamoDB for sessions.\n\nToday a person types them in. It must end."
)

BRIEFS = {
    "load": BASE.model_copy(update={"description": LOAD}),
    "today": BASE.model_copy(update={"description": TODAY}),
    "comments": BASE.model_copy(
        update={"materials": (Material(source="comment", name="comment-1", text="We already run **SQS** in the API."),)}
    ),
    "nothing": BASE,
}


@pytest.mark.parametrize("brief", BRIEFS.values(), ids=BRIEFS.keys())
def test_evidence_stands_in_its_source(brief: Brief) -> None:
    sources = brief.sources()
    for each in Plan.model_validate(draft(brief)).evidence:
        text = visible(sources[each.source][0]).text
        assert each.text in re.sub(r"\*\*|__", "", " ".join(text.split()))


def evidence(brief: Brief) -> list[tuple[str, str]]:
    return [(each.source, each.text) for each in Plan.model_validate(draft(brief)).evidence]


def test_what_is_said_of_today_is_evidence() -> None:
    assert evidence(BRIEFS["today"]) == [
        ("description", "Orders are in `orders_v1` on Postgres."),
        ("description", "We use DynamoDB for sessions."),
        ("description", "Today a person types them in."),
    ]
    assert evidence(BRIEFS["comments"]) == [("comment-1", "We already run SQS in the API.")]
    assert evidence(BRIEFS["nothing"]) == []


def test_files_that_were_shown_are_evidence() -> None:
    shown = Material(source="repository", name="repo:package.json", title="package.json", text='{"name": "already"}')
    brief = BRIEFS["load"].model_copy(update={"materials": (shown,)})
    assert evidence(brief) == [("repo:package.json", "The repository has `package.json`.")]


def test_implications_name_requirements() -> None:
    many = LOAD + "".join(f"\n- It must keep rule {at} of the contract with partners" for at in range(4))
    plan = Plan.model_validate(draft(BASE.model_copy(update={"description": many})))
    assert plan.implications == (
        "- **Scale:** R1 sets the load to plan for.\n"
        "- **Performance:** R3 says how well it must work.\n"
        "- **Security:** R2 decides who may do and see what."
    )
    assert "at the numbers of R1." in plan.testing


def test_a_store_that_is_asked_for_is_the_one_decided_on() -> None:
    many = "We use DynamoDB for everything.\n" + "".join(f"\n- Orders must keep rule {at} as it is" for at in range(6))
    plan = Plan.model_validate(draft(BASE.model_copy(update={"description": many})))
    assert plan.database.choice == "Amazon DynamoDB"
    assert [each.decision for each in plan.decisions if "database" in each.title] == ["Amazon DynamoDB."]
