"""The scripted stand-in makes a plan that fits of whatever it is given, the same one each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import merman
import psycopg
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import linear.sandbox.seed
from planner.agent import builtin
from planner.author import author
from planner.brief import Brief, Material, StandingPhase
from planner.model import Progress
from planner.plan import Artefact, Plan
from planner.pricing import Usage
from planner.render import RenderFacts, document, phase_key_in, sub_issue
from planner.scripted import SCRIPTED, ScriptedModel
from planner.scripted.drafting import draft
from planner.scripted.reading import read
from planner.visible import visible
from tests.planner.remembering import Remembered, a_head
from tests.planner.samples import BRIEF, FACTS, MARKER
from tests.postgres import Postgres, postgres

SEED = Path(linear.sandbox.seed.__file__).parent


def brief(title: str, description: str, **changes: Any) -> Brief:
    base = {"identifier": "ENG-7", "title": title, "description": description, "url": "https://linear.app/acme/ENG-7"}
    return Brief.model_validate(base | changes)


def seeded(name: str, title: str) -> Brief:
    return brief(title, (SEED / f"{name}.md").read_text(encoding="utf-8"))


JAPANESE = """\
検索APIにはレート制限が必要です。1つのキーにつき毎分600件までとしたい。

- 制限を超えたリクエストには429を返すこと
- 管理者はデプロイなしで上限を変更できること
- 上限はすべてのサーバーで共有される必要がある
- 監査のため変更履歴を1年間保存する
- 障害時にはリクエストを通すこと
- ダッシュボードに上位10件を表示する
"""
GERMAN = """\
Kunden müssen Rechnungen als PDF herunterladen können. Die Rechnung soll die Steuernummer enthalten.

- Rechnungen werden zehn Jahre aufbewahrt
- Nur der Inhaber des Kontos darf sie sehen
- Die Erstellung darf die Bestellung nicht verzögern
- Der Versand per E-Mail muss abschaltbar sein
"""
ORDERS = """\
Partners need to manage their **orders** through the API.

1. An order must hold at least one item; each item refers to a product
2. Partners can list their orders and see the state of each order
3. An order that is paid cannot be changed
4. We store every change of an order for two years
5. A nightly job sends the partner a summary by email

```json
{"order": {"items": []}}
```

| state | meaning |
|---|---|
| open | may change |

How many orders may a partner have? We use DynamoDB for everything else.
"""

BRIEFS = {
    "the sample": BRIEF,
    "rate limits": seeded("eng-101", "Rate limit the public API"),
    "webhooks": seeded("eng-102", "Handle payment webhooks idempotently"),
    "exports": seeded("eng-103", "Export large reports to object storage"),
    "orders": brief("Order management for partners", ORDERS),
    "german": brief("Rechnungen zum Herunterladen", GERMAN),
    "japanese": brief("公開APIのレート制限", JAPANESE),
    "arabic": brief("حد الطلبات", "يجب أن يحصل كل مفتاح على 600 طلب في الدقيقة. هل يشمل ذلك الخدمات الداخلية؟"),
    "title only": brief("Do it", ""),
    "nothing": Brief(identifier="X-1", title=""),
    "blank title": Brief(identifier="X-1", title="\u200b \n"),
    "bug of a day": seeded("eng-108", "limit=0 answers 500"),
    "template": seeded("eng-106", "Something"),
    "comments only": brief(
        "Search",
        "",
        materials=(
            Material(source="comment", name="comment-1", text="We must cache search results for a minute."),
            Material(source="document", name="document-1", title="Notes", text="Search needs an index.\n" * 50),
        ),
    ),
    "code only": brief("Code", "```python\nprint('must')\n```"),
    "hostile": brief(
        '"; DROP TABLE x; -- | `', '| a | "b" | <script>\n\n```\nopen\n\n![x](https://e.vil)\n- must `a` | b: {c}'
    ),
    "numbers": brief("100", "1. 2. 3.\n4) 5\n- 6"),
    "long title": brief("word " * 500, "It must work. " * 40),
    "one long line": brief("Long", "must " * 3_000),
    "long words": brief("x" * 5_000, "y" * 5_000),
    "reserved words": brief(
        "Values references tables", "values values references references tables tables must should need"
    ),
    "a megabyte": brief("Big", "The importer must keep every row of the `import_job` table. " * 18_000),
    "a megabyte without ends": brief("Big", "a" * 1_000_000),
    "a megabyte of bullets": brief("Big", "- must do it\n" * 80_000),
    "many comments": brief(
        "Talk",
        "Orders must be exported. " * 20,
        materials=tuple(
            Material(source="comment", name=f"comment-{at}", text=f"Should we allow {at}? It must be {at} at most.")
            for at in range(400)
        ),
    ),
}


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {name: Plan.model_validate(draft(each)) for name, each in BRIEFS.items()}


@pytest.mark.parametrize("name", BRIEFS)
def test_any_brief_makes_a_plan(name: str, plans: dict[str, Plan]) -> None:
    plan = plans[name]
    ids = {each.id for each in plan.requirements}
    assert ids == {id_ for phase in plan.phases for id_ in phase.requirement_ids}, "each requirement has its phase"
    assert ids == {id_ for test in plan.tests for id_ in test.requirement_ids}, "each requirement has its test"
    assert len(plan.phases) == 1 or 3 <= len(plan.phases) <= 6
    for phase in plan.phases:
        assert phase_key_in(sub_issue(plan, phase, FACTS)) == phase.key
    assert document(plan, FACTS)


@pytest.mark.parametrize("name", BRIEFS)
def test_quotes_stand_in_their_sources(name: str, plans: dict[str, Plan]) -> None:
    sources = BRIEFS[name].sources()
    for each in plans[name].requirements:
        text, url = sources.get(each.source, ("", ""))
        assert each.quote in visible(text).text
        assert each.url == url
        assert bool(each.quote) == bool(each.source)


@pytest.mark.parametrize("name", ["rate limits", "webhooks", "exports", "orders", "japanese", "a megabyte"])
def test_the_same_brief_the_same_plan(name: str) -> None:
    assert json.dumps(draft(BRIEFS[name])) == json.dumps(draft(BRIEFS[name].model_copy()))


SIZES = {
    "rate limits": 4,
    "webhooks": 4,
    "exports": 4,
    "orders": 4,
    "bug of a day": 1,
    "title only": 1,
}


@pytest.mark.parametrize(("name", "phases"), SIZES.items(), ids=SIZES.keys())
def test_the_size_follows_the_issue(name: str, phases: int, plans: dict[str, Plan]) -> None:
    assert len(plans[name].phases) == phases


def test_small_issues_get_small_plans(plans: dict[str, Plan]) -> None:
    plan = plans["bug of a day"]
    assert (plan.services, plan.artefacts, plan.risks, plan.api.operations) == ([], [], [], [])
    assert len(document(plan, FACTS)) < 4_000


def test_each_kind_gets_its_own_design(plans: dict[str, Plan]) -> None:
    found = {name: plans[name].phases[0].key for name in ("rate limits", "webhooks", "exports", "orders")}
    assert found == {
        "rate limits": "budget-table",
        "webhooks": "event-store",
        "exports": "export-jobs",
        "orders": "store-orders",
    }


def test_questions_of_the_issue_become_questions_of_the_plan(plans: dict[str, Plan]) -> None:
    assert any("internal services" in each.text for each in plans["the sample"].open_questions)
    assert any("Parquet" in each.text for each in plans["exports"].open_questions)


def test_what_the_material_uses_is_used(plans: dict[str, Plan]) -> None:
    assert plans["orders"].database.choice == "Amazon DynamoDB"
    assert plans["rate limits"].stack[0].name == "Python"
    assert plans["german"].stack[0].name == "TypeScript"


# --- artefacts -------------------------------------------------------------------------------------------------------


def artefacts(plans: dict[str, Plan], kind: str) -> Iterator[Artefact]:
    for plan in plans.values():
        yield from (each for each in plan.artefacts if each.kind == kind)


def test_diagrams_are_drawn(plans: dict[str, Plan]) -> None:
    drawn = 0
    for each in artefacts(plans, "mermaid"):
        assert "<svg" in merman.Merman().render_svg(each.content, "{}")
        drawn += 1
    assert drawn >= 10


def test_every_service_is_in_the_diagram(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        diagram = "".join(each.content for each in plan.artefacts if each.kind == "mermaid")
        assert all(service.name in diagram for service in plan.services)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_contracts_hold_together(plans: dict[str, Plan]) -> None:
    for each in artefacts(plans, "openapi"):
        whole = yaml.safe_load(each.content)
        assert whole["openapi"] == "3.1.0"
        ids = [call["operationId"] for path in whole["paths"].values() for call in path.values()]
        assert len(ids) == len(set(ids))
        for path, calls in whole["paths"].items():
            for call in calls.values():
                named = {each["name"] for each in call.get("parameters", []) if each["in"] == "path"}
                assert named == set(re.findall(r"{(\w+)}", path))
                assert set(call["responses"]) - {"default"}
        for reference in _references(whole):
            node = whole
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        for schema in whole["components"]["schemas"].values():
            assert set(schema["required"]) <= set(schema["properties"])


def test_the_contract_has_the_plans_operations(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        for each in plan.artefacts:
            if each.kind == "openapi":
                paths = yaml.safe_load(each.content)["paths"]
                said = {(op.method.lower(), op.path) for op in plan.api.operations}
                assert {(method, path) for path, calls in paths.items() for method in calls} == said


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


def test_sql_runs_on_a_real_postgres(plans: dict[str, Plan], server: Postgres) -> None:
    ran = 0
    for each in artefacts(plans, "sql"):
        with psycopg.connect(server.url) as connection:
            connection.execute(each.content.encode())
            connection.rollback()
        ran += 1
    assert ran >= 8


def test_dynamodb_tables_name_their_keys(plans: dict[str, Plan]) -> None:
    for each in artefacts(plans, "json"):
        for table in json.loads(each.content):
            defined = {attribute["AttributeName"] for attribute in table["AttributeDefinitions"]}
            keys = [*table["KeySchema"]]
            for index in table.get("GlobalSecondaryIndexes", []):
                keys += index["KeySchema"]
            assert {key["AttributeName"] for key in keys} == defined


def test_typescript_names_only_what_it_defines(plans: dict[str, Plan]) -> None:
    known = {"Record", "Promise", "Partial"}
    for each in artefacts(plans, "typescript"):
        assert each.content.count("{") == each.content.count("}")
        defined = set(re.findall(r"interface (\w+)", each.content))
        named = {word for line in each.content.splitlines() for word in re.findall(r"\b[A-Z]\w+", line)}
        assert named <= defined | known
        methods = re.findall(r"^  (\w+)\(", each.content, re.MULTILINE)
        assert len(methods) == len(set(methods))


# --- keys that stay --------------------------------------------------------------------------------------------------


def _standing(*pairs: tuple[str, str]) -> tuple[StandingPhase, ...]:
    return tuple(StandingPhase(key=key, title=title) for key, title in pairs)


def test_standing_phases_keep_their_keys() -> None:
    first = Plan.model_validate(draft(BRIEFS["exports"]))
    standing = _standing(*((phase.key, phase.title) for phase in first.phases))
    again = Plan.model_validate(draft(BRIEFS["exports"].model_copy(update={"standing": standing})))
    assert [phase.key for phase in again.phases] == [phase.key for phase in first.phases]


def test_a_phase_under_another_key_is_known_by_its_title() -> None:
    standing = _standing(("old-writer", "Write the file in pages and parts"), ("other", "Something else entirely"))
    plan = Plan.model_validate(draft(BRIEFS["exports"].model_copy(update={"standing": standing})))
    keys = [phase.key for phase in plan.phases]
    assert "old-writer" in keys
    assert "write-export" not in keys
    assert plan.phases[2].depends_on == ["old-writer"]


@pytest.mark.parametrize("key", ["Bad Key", "x" * 60, "", "a--b"], ids=repr)
def test_standing_keys_of_another_form_do_no_harm(key: str) -> None:
    for name in ("exports", "bug of a day"):
        standing = _standing((key, "Write the file in pages and parts"))
        Plan.model_validate(draft(BRIEFS[name].model_copy(update={"standing": standing})))


# --- as a model ------------------------------------------------------------------------------------------------------


async def test_it_answers_as_a_model_does() -> None:
    model = ScriptedModel()
    told: list[Progress] = []
    memory = Remembered(model)
    made = await author(BRIEF, a_head(BRIEF, builtin(), MARKER), memory)
    answer = await model.ask(memory.questions["plan"][0], told.append)
    assert answer.model == SCRIPTED
    assert (made.attempts, made.usage, made.model) == (1, Usage(), SCRIPTED)
    assert told[-1].output_chars > told[0].output_chars > 0
    assert not re.search(r"scripted|stand-in", made.plan.title)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=st.text(max_size=120),
    description=st.text(alphabet=st.characters(codec=None), max_size=800),
    comment=st.text(max_size=300),
)
def test_no_text_is_too_odd(title: str, description: str, comment: str) -> None:
    given_brief = brief(title, description, materials=(Material(source="comment", name="c-1", text=comment),))
    plan = Plan.model_validate(draft(given_brief))
    facts = RenderFacts(identifier="E-1", issue_url="", author=SCRIPTED, scripted=True, generated_on="2026-11-23")
    document(plan, facts).encode()


WORDS = (
    "must should each order `export_job` webhook 429 - * # | \n \n\n ? . 100 per minute DynamoDB csv s3 email 日本 e.g."
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=200).map(" ".join))
def test_no_mixture_is_too_odd(text: str) -> None:
    Plan.model_validate(draft(brief("Order " + text[:40], text)))
    assert read(brief("x", text)).requirements
