"""From what was read and a design to a plan. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.brief import Brief
from planner.model import JsonObject
from planner.scripted import artefacts, exports, limits, passages, records, webhooks
from planner.scripted.design import Choice, Design, Part, Relation, Step
from planner.scripted.reading import Reading, is_quality, read

_DESIGNS = ((limits.PATTERN, limits.DESIGN), (webhooks.PATTERN, webhooks.DESIGN), (exports.PATTERN, exports.DESIGN))
_ENOUGH = 3  # points before a design of its own is taken: the title counts twice
_DYNAMODB = re.compile(r"dynamo ?db|key-value|nosql|single[- ]table", re.IGNORECASE)
_LANGUAGES = (
    (r"\brails\b|\bruby\b", "Ruby", "the material shows it in use"),
    (r"\bdjango\b|\bfastapi\b|\bpython\b", "Python", "the material shows it in use"),
    (r"\bgolang\b|\bgo (service|module|code)\b", "Go", "the material shows it in use"),
    (r"\bkotlin\b|\bspring\b|\bjava\b", "Java", "the material shows it in use"),
    (r"\.net\b|\bc#", "C#", "the material shows it in use"),
    (r"", "TypeScript", "nothing in the material says otherwise"),
)
_DAY_STEP = 0.5
_LONGEST_KEY = 48  # as the plan has it


def draft(brief: Brief) -> JsonObject:
    """A plan for `brief`, as the input of `submit_plan`. The same brief gives the same plan."""
    reading = read(brief)
    if reading.tiny:
        return _tiny(brief, reading)
    design = _design(reading)
    phases = _phases(brief, reading, design)
    keys = dict(zip((step.key for step in design.steps), (str(phase["key"]) for phase in phases), strict=True))
    language, reason = next((name, why) for pattern, name, why in _LANGUAGES if re.search(pattern, reading.words))
    return {
        "title": reading.title,
        "language": "en",
        "summary": _summary(reading, design),
        "requirements": [*_requirements(brief, reading)],
        "implications": passages.implications(reading),
        "evidence": [*passages.evidence(reading)],
        "architecture": design.architecture,
        "services": [
            {
                "id": f"S{at}",
                "name": part.name,
                "aws_service": part.aws,
                "responsibility": part.responsibility,
                "reason": part.reason,
            }
            for at, part in enumerate(_ours(design), 1)
        ],
        "api": {"prose": design.api, "operations": [*_operations(reading, design)]},
        "database": _database(reading, design),
        "security": list(design.security),
        "implementation": passages.implementation(design),
        "phases": [*phases],
        "tests": [*_tests(reading)],
        "testing": passages.testing(reading),
        "risks": [
            {
                "text": each.text,
                "likelihood": each.likelihood,
                "impact": each.impact,
                "mitigation": each.mitigation,
                "phase_key": keys[each.key],
            }
            for each in design.hazards
        ],
        "stack": [*_stack(design, language, reason)],
        "operations": passages.operations(design),
        "decisions": [
            {
                "title": each.title,
                "decision": each.decision,
                "reason": each.reason,
                "trade_off": each.trade_off,
                "rejected": list(each.rejected),
            }
            for each in design.choices
        ],
        "open_questions": [*_assumed(brief), *_questions(reading)],
        "artefacts": [*_artefacts(reading, design)],
    }


def _design(reading: Reading) -> Design:
    def points(pattern: str) -> int:
        in_title = len(re.findall(pattern, reading.title, re.IGNORECASE))
        return 2 * in_title + len(re.findall(pattern, reading.headline, re.IGNORECASE))

    best, chosen = max(
        ((points(pattern), at) for at, (pattern, _) in enumerate(_DESIGNS)), key=lambda item: (item[0], -item[1])
    )
    design = _DESIGNS[chosen][1] if best >= _ENOUGH else records.design(reading)
    return _on_dynamodb(design) if _DYNAMODB.search(reading.words) else design


def _on_dynamodb(design: Design) -> Design:
    reason = "The material asks for it; it scales by itself and asks for keys that fit the questions."
    choice = Choice(
        "Which kind of database?",
        "Amazon DynamoDB.",
        "The material asks for it, and each question that must be answered has its index.",
        "A question nobody thought of needs a new index, and joins are done in code.",
        ("PostgreSQL: answers any question, and is one more thing to run beside what is there",),
    )
    return replace(
        design,
        choices=(choice, *(each for each in design.choices if each.title != choice.title)),
        parts=tuple(
            replace(part, aws="Amazon DynamoDB", reason=reason) if part.aws == "Amazon Aurora PostgreSQL" else part
            for part in design.parts
        ),
    )


def _ours(design: Design) -> list[Part]:
    return [part for part in design.parts if part.kind != "outside"]


def _summary(reading: Reading, design: Design) -> str:
    wanted = len(reading.requirements)
    return (
        f"{design.gist}\n\nThe plan takes {wanted} {'sentence' if wanted == 1 else 'sentences'} of the issue and what "
        f"hangs on it as requirements and works them off in {len(design.steps)} phases. It was put together by rules "
        "from the words of the issue: read it as a first sketch, not as advice."
    )


def _requirements(brief: Brief, reading: Reading) -> Iterable[JsonObject]:
    for at, each in enumerate(reading.requirements, 1):
        yield {
            "id": f"R{at}",
            "kind": "nonfunctional" if is_quality(each.text) else "functional",
            "text": each.plain or reading.title or brief.identifier,
            "quote": each.text if each.source else "",
            "source": each.source,
            "url": each.url,
        }


def _operations(reading: Reading, design: Design) -> Iterable[JsonObject]:
    for at, call in enumerate(design.calls, 1):
        yield {
            "id": f"O{at}",
            "method": call.method,
            "path": call.path,
            "summary": call.summary,
            "auth": call.auth,
            "requirement_ids": [*_served(call.path, reading, design)],
        }


def _served(path: str, reading: Reading, design: Design) -> Iterable[str]:
    caught = _caught(reading, design)
    for step in design.steps:
        if path in step.calls:
            yield from caught[step.key]


def _caught(reading: Reading, design: Design) -> dict[str, list[str]]:
    # Each requirement goes to the step whose words it uses most; the core step takes the rest.
    caught: dict[str, list[str]] = {step.key: [] for step in design.steps}
    for at, each in enumerate(reading.requirements, 1):
        scores = [
            (len(re.findall(step.catches, each.plain, re.IGNORECASE)) if step.catches else 0, -order, step.key)
            for order, step in enumerate(design.steps)
        ]
        best = max(scores)
        caught[best[2] if best[0] else design.core].append(f"R{at}")
    return caught


def _database(reading: Reading, design: Design) -> JsonObject:
    dynamo = _DYNAMODB.search(reading.words) is not None
    reason = (
        "The material asks for it. Access patterns come first: each index below serves one question. Writes that must "
        "hold together use transactions; items grow by new attributes, old readers ignore them."
        if dynamo
        else "Keys, constraints and transactions do the work that code would else do badly. Migrations only add "
        "columns until no old code reads the old ones. Partition by month once a table passes 50 million rows."
    )
    tables: list[JsonObject] = [_table(at, each) for at, each in enumerate(design.relations, 1)]
    return {
        "choice": "Amazon DynamoDB" if dynamo else "PostgreSQL 16 on Amazon Aurora",
        "reason": reason,
        "tables": [*tables],
    }


def _table(at: int, relation: Relation) -> JsonObject:
    columns: list[JsonObject] = [
        {"name": each.name, "type": each.type, "note": _note(each.constraint, each.note)} for each in relation.fields
    ]
    return {
        "id": f"T{at}",
        "name": relation.name,
        "purpose": relation.purpose,
        "columns": [*columns],
        "indexes": [f"({', '.join(index.columns)}): {index.serves}" for index in relation.indexes],
    }


def _note(constraint: str, note: str) -> str:
    if "PRIMARY KEY" in constraint:
        return f"key; {note}"
    match = re.search(r"REFERENCES (\w+)", constraint)
    if match:
        return f"refers to {match[1]}; {note}"
    return note if "NOT NULL" in constraint else f"may be empty; {note}"


def _phases(brief: Brief, reading: Reading, design: Design) -> list[JsonObject]:
    keys = _keys(brief, design.steps)
    caught = _caught(reading, design)
    services = {part.name: f"S{at}" for at, part in enumerate(_ours(design), 1)}
    tables = {relation.name: f"T{at}" for at, relation in enumerate(design.relations, 1)}
    texts = {f"R{at}": each.plain for at, each in enumerate(reading.requirements, 1)}
    phases: list[JsonObject] = []
    for step in design.steps:
        ids = caught[step.key]
        shown = [f"{each} holds, shown by a test: “{texts[each]}”" for each in ids]
        phases.append(
            {
                "key": keys[step.key],
                "title": step.title,
                "goal": step.goal,
                "tasks": list(step.tasks),
                "acceptance": [*step.acceptance, *shown],
                "depends_on": [keys[each] for each in step.after],
                "days": _estimate(len(step.tasks), len(ids)),
                "requirement_ids": list(ids),
                "service_ids": [services[name] for name in step.parts if name in services],
                "operation_ids": [f"O{at}" for at, call in enumerate(design.calls, 1) if call.path in step.calls],
                "table_ids": [tables[name] for name in step.relations],
            }
        )
    return phases


def _keys(brief: Brief, steps: Sequence[Step]) -> dict[str, str]:
    # A standing phase keeps its key: by the key itself, else by most words shared between the titles.
    standing = {each.key: each.title for each in brief.standing if _is_key(each.key)}
    keys = {step.key: step.key for step in steps}
    free = {key: title for key, title in standing.items() if key not in keys}
    for step in steps:
        if step.key in standing or not free:
            continue
        words = set(re.findall(r"\w{4,}", step.title.lower()))
        shared, key = max((len(words & set(re.findall(r"\w{4,}", title.lower()))), key) for key, title in free.items())
        if words and 2 * shared >= len(words):
            keys[step.key] = key
            del free[key]
    return keys


def _is_key(text: str) -> bool:
    return len(text) <= _LONGEST_KEY and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def _estimate(tasks: int, requirements: int) -> JsonObject:
    likely = max(_DAY_STEP, _halves(0.75 * tasks + 0.25 * requirements))
    return {"low": max(_DAY_STEP, _halves(0.6 * likely)), "likely": likely, "high": _halves(1.75 * likely) + _DAY_STEP}


def _halves(value: float) -> float:
    return round(value / _DAY_STEP) * _DAY_STEP


def _tests(reading: Reading, *, whole: bool = True) -> Iterable[JsonObject]:
    everything = [f"R{at}" for at in range(1, len(reading.requirements) + 1)]
    for at, each in enumerate(reading.requirements, 1):
        yield {
            "id": f"X{at}",
            "kind": "load" if passages.is_load(each.text) else "integration",
            "text": f"Given data made for the test, it is shown that: {each.plain}",
            "requirement_ids": [f"R{at}"],
        }
    if not whole:
        return
    yield {
        "id": f"X{len(everything) + 1}",
        "kind": "e2e",
        "text": "The whole way, in staging, as the person who asked would go it; run on every deployment.",
        "requirement_ids": [*everything],
    }


def _stack(design: Design, language: str, reason: str) -> Iterable[JsonObject]:
    yield {"name": language, "use": "services", "reason": reason}
    for name in dict.fromkeys(part.aws for part in _ours(design) if part.aws):
        uses = ", ".join(part.name for part in _ours(design) if part.aws == name)
        yield {"name": name, "use": uses, "reason": "see services"}
    yield {"name": "AWS CDK", "use": "infrastructure", "reason": "reviewed and rolled back like code"}


def _questions(reading: Reading) -> Iterable[JsonObject]:
    yield from _asked(reading)
    if not re.search(r"\d+ ?(requests|rows|users|events|rps|per|/)", reading.words):
        yield {
            "text": "How much load is expected at peak, and how fast will it grow?",
            "suggested_default": "100 requests a second and twice that within a year",
        }


def _assumed(brief: Brief) -> Iterable[JsonObject]:
    """What people were asked and did not answer."""
    for each in brief.answers:
        if each.assumed:
            yield {"text": each.question, "suggested_default": f"{each.answer} (assumed: nobody answered)"}


def _asked(reading: Reading) -> Iterable[JsonObject]:
    for each in reading.questions:
        yield {
            "text": f"{each.plain} (asked in {each.source})",
            "suggested_default": "the narrower reading; settle it before the first phase ends",
        }


def _artefacts(reading: Reading, design: Design) -> Iterable[JsonObject]:
    dynamo = _DYNAMODB.search(reading.words) is not None
    blocks = [
        ("mermaid", "How the parts talk", "architecture", artefacts.mermaid(design)),
        ("openapi", "Contract of the API", "api", artefacts.openapi(design, reading.title)),
        ("json", "Tables for CreateTable", "database", artefacts.dynamodb(design))
        if dynamo
        else ("sql", "Tables and indexes", "database", artefacts.sql(design)),
        ("typescript", "Shapes between the components", "implementation", artefacts.typescript(design)),
    ]
    for at, (kind, title, section, content) in enumerate(blocks, 1):
        yield {"id": f"A{at}", "kind": kind, "title": title, "section": section, "content": content}


# --- issues of a day -------------------------------------------------------------------------------------------------


def _tiny(brief: Brief, reading: Reading) -> JsonObject:
    ids = [f"R{at}" for at in range(1, len(reading.requirements) + 1)]
    key = next((each.key for each in brief.standing if _is_key(each.key)), "do-it")
    phase: JsonObject = {
        "key": key,
        "title": reading.title[:80].strip() or "Do it",
        "goal": "The issue holds as written, and a test keeps it so.",
        "tasks": [
            "Write a test that shows the fault or the gap",
            "Make the change where the behaviour is decided, not around it",
            "Have it reviewed, release it, watch errors for a day",
        ],
        "acceptance": [f"{id_} holds: “{each.plain}”" for id_, each in zip(ids, reading.requirements, strict=True)],
        "depends_on": [],
        "days": {"low": 0.5, "likely": 1.0, "high": 2.0},
        "requirement_ids": [*ids],
        "service_ids": [],
        "operation_ids": [],
        "table_ids": [],
    }
    return {
        "title": reading.title or brief.identifier,
        "language": "en",
        "summary": "A change of about a day: one phase, no new service, interface or table.",
        "requirements": [*_requirements(brief, reading)],
        "implications": "",
        "evidence": [*passages.evidence(reading)],
        "architecture": "The change stays inside the component that shows the behaviour today.",
        "services": [],
        "api": {"prose": "", "operations": []},
        "database": {"choice": "", "reason": "", "tables": []},
        "security": [],
        "implementation": "",
        "phases": [phase],
        "tests": [*_tests(reading, whole=False)],
        "testing": "",
        "risks": [],
        "stack": [],
        "operations": {"deployment": "", "monitoring": "", "backup": "", "regions": ""},
        "decisions": [],
        "open_questions": [*_assumed(brief), *_asked(reading)],
        "artefacts": [],
    }
