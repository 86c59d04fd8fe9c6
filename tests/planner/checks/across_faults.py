"""Whole plans whose parts do not agree, each in one way. The parts by themselves are right."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from planner.plan import Plan
from planner.subject import subject_of
from tests.planner.checks.corpus import PlanFault
from tests.planner.samples import BRIEF
from tests.standins.claude import a_plan

Raw = dict[str, Any]


def _artefact(raw: Raw, kind: str) -> Raw:
    return next(each for each in raw["artefacts"] if each["kind"] == kind)


def _replace(kind: str, old: str, new: str) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        artefact = _artefact(raw, kind)
        assert old in artefact["content"], old
        artefact["content"] = artefact["content"].replace(old, new)

    return change


def _set(path: str, value: object) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        node: Any = raw
        *way, last = path.split(".")
        for part in way:
            node = node[int(part)] if part.isdigit() else node[part]
        node[int(last) if last.isdigit() else last] = value

    return change


def _append(path: str, text: str) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        node: Any = raw
        *way, last = path.split(".")
        for part in way:
            node = node[int(part)] if part.isdigit() else node[part]
        key = int(last) if last.isdigit() else last
        node[key] = f"{node[key]}{text}"

    return change


def _without_table(raw: Raw) -> None:
    sql = _artefact(raw, "sql")
    sql["content"] = sql["content"][: sql["content"].index("CREATE TABLE api_limit_changes")].rstrip()


def _unlisted_table(raw: Raw) -> None:
    _artefact(raw, "sql")["content"] += "\n\nCREATE TABLE api_keys (id uuid PRIMARY KEY);"


def _without_tables(raw: Raw) -> None:
    raw["database"]["tables"] = []
    raw["artefacts"] = [each for each in raw["artefacts"] if each["kind"] != "sql"]
    for phase in raw["phases"]:
        phase["table_ids"] = []


def _unlisted_operation(raw: Raw) -> None:
    removed = raw["api"]["operations"].pop()["id"]
    for phase in raw["phases"]:
        phase["operation_ids"] = [each for each in phase["operation_ids"] if each != removed]


def _view_with_more(raw: Raw) -> None:
    contract = _artefact(raw, "openapi")
    contract["content"] += (
        "\n    ApiLimit:\n      type: object\n      properties:\n        keyId:\n          type: string\n"
        "        requestsPerMinute:\n          type: integer\n        burst:\n          type: integer\n"
        "        owner:\n          type: string"
    )


def _columns(number: int) -> list[tuple[str, Callable[[Raw], None]]]:
    names = [each["name"] for each in a_plan()["database"]["tables"][number]["columns"]]
    return [
        (f"column {name} of table {number} renamed", _set(f"database.tables.{number}.columns.{at}.name", f"{name}_x"))
        for at, name in enumerate(names)
    ]


_CHANGES: list[tuple[str, Callable[[Raw], None], str]] = [
    *((how, change, "across/column") for number in (0, 1) for how, change in _columns(number)),
    ("an operation that the contract lacks", _replace("openapi", "/v1/rate-limit:", "/v1/limits:"), "across/operation"),
    ("another method in the contract", _replace("openapi", "    put:", "    post:"), "across/operation"),
    ("an operation that the list lacks", _unlisted_operation, "across/operation"),
    ("another path in the list", _set("api.operations.1.path", "/v1/admin/quota/{keyId}"), "across/operation"),
    ("a table that the schema lacks", _without_table, "across/table"),
    ("a table that the list lacks", _unlisted_table, "across/table"),
    ("a schema with more than its table", _view_with_more, "across/schema-column"),
    ("a service that is in no diagram", _set("services.0.name", "Gatekeeper"), "across/service"),
    ("a store without a schema", _without_tables, "across/store"),
    ("a requirement that is not there, in a task", _append("phases.0.tasks.0", " (R9)"), "across/reference"),
    (
        "a requirement that is not there, in a goal",
        _append("phases.1.goal", " That is new (R1, R17)."),
        "across/reference",
    ),
    ("a requirement that is not there, in a test", _append("tests.0.text", " (R44)"), "across/reference"),
    ("a requirement that is not there, in a risk", _append("risks.0.text", " (R8 and R1)"), "across/reference"),
    ("a service of AWS that is none", _set("services.0.aws_service", "Amazon Lambada"), "names/aws-service"),
    ("a name with a slip", _set("services.3.aws_service", "Amazon CloudWach"), "names/aws-service"),
    ("a service that was made up", _set("services.2.aws_service", "AWS Limit Manager"), "names/aws-service"),
    ("evidence from nowhere", _set("evidence.0.source", "document-7"), "citations/source"),
    ("evidence from another issue", _set("evidence.1.source", "ENG-99"), "citations/source"),
    ("a path that is not there", _set("evidence.1.source", "repo:src/middleware.ts"), "citations/path"),
    ("a path with lines that is not there", _set("evidence.2.source", "repo:src/app.tsx:12-40"), "citations/path"),
]


def _fault(number: int, how: str, change: Callable[[Raw], None], rule: str) -> PlanFault:
    raw = copy.deepcopy(a_plan())
    change(raw)
    plan = Plan.model_validate(raw)
    paths = {each.source.removeprefix("repo:").split(":")[0]: False for each in plan.evidence if "repo:" in each.source}
    subject = subject_of(plan, BRIEF, paths=paths or None, most_sub_issues=12)
    return PlanFault(id=f"across-{number:02}", how=how, subject=subject, rules=(rule,))


FAULTS: list[PlanFault] = [_fault(number, *each) for number, each in enumerate(_CHANGES, 1)]
