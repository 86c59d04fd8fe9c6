"""The design for everything else: the things an issue talks about, stored and served. No I/O."""

from __future__ import annotations

import re

from planner.scripted.design import (
    Call,
    Choice,
    Design,
    Field,
    Flow,
    Hazard,
    Index,
    Part,
    Relation,
    Step,
    camel,
    plural,
)
from planner.scripted.reading import Reading

# Words that PostgreSQL keeps for itself and that could come out as a table's name.
_RESERVED = {"values", "references", "tables", "columns", "alls", "usings", "checks", "analyses"}
_ASYNC = re.compile(r"async|queue|background|notif|e-?mail|event|schedul|cron|nightly|batch|job|worker", re.IGNORECASE)


def design(reading: Reading) -> Design:
    """A design around the nouns of the issue: a table and calls for each, a worker where work may wait."""
    relations = tuple(_relation(noun, reading.entities[0]) for noun in reading.entities)
    main = relations[0]
    waits = _ASYNC.search(reading.words) is not None
    return Design(
        name=f"{main.name} behind an API",
        gist=(
            f"The work centres on {_said(main.name)}: stored in one place, served through a versioned API"
            + (", with slow work done in the background." if waits else ".")
        ),
        architecture=(
            f"One service owns {_said(main.name)} and is the only one to write them; others use its API"
            + (
                " or listen to its events. Work that may wait goes through a queue, written in the same transaction "
                "(an outbox), so that neither is lost."
                if waits
                else ". It holds no state of its own beside the database, so that instances come and go."
            )
        ),
        parts=_parts(main, waits=waits),
        flows=_flows(waits=waits),
        relations=relations,
        calls=tuple(call for relation in relations[:2] for call in _calls(relation)),
        api=(
            "REST over HTTPS with JSON. Lists are paged by cursor. Writes take an `Idempotency-Key`. Errors follow "
            "RFC 9457. The version stands in the path; a breaking change gets a new one."
        ),
        steps=_steps(relations, waits=waits),
        security=(
            "Calls carry a signed token; each call checks that the caller may see the row, not only the route",
            "Input is validated against the contract before anything is done",
            "Encrypted at rest and in transit; secrets in Secrets Manager",
            "Each component has a role of its own with the least it needs",
        ),
        hazards=(
            Hazard(
                "The rules of who may see what are not written down yet",
                "medium",
                "high",
                "Agree on them before the first call is built; test each with a person who may not",
                f"serve-{_slug(main.name)}",
            ),
            Hazard(
                "Existing data does not fit the new tables",
                "medium",
                "medium",
                "Count what does not fit on a copy first; migrate in steps that can be taken back",
                f"store-{_slug(main.name)}",
            ),
        ),
        choices=(
            Choice(
                "Which kind of database?",
                "Relational.",
                "The things refer to each other and are asked for in several ways.",
                "Growth past one writer takes care and planning.",
                (
                    "A key-value store: scales by itself, and each new question needs a new key",
                    "Files in object storage: cheap, without transactions",
                ),
            ),
        ),
        monitoring=(
            "Requests, errors and latency per call"
            + (", age of the oldest job that waits" if waits else "")
            + ". Alarms: more than 1 % errors for 5 minutes; p95 above 300 ms"
            + ("; oldest job above 5 minutes." if waits else ".")
        ),
        core=f"serve-{_slug(main.name)}",
    )


def _said(name: str) -> str:
    return name.replace("_", " ")


def _slug(name: str) -> str:
    return name.replace("_", "-")


def _relation(noun: str, main: str) -> Relation:
    name = plural(noun)
    name = f"{name}_list" if name in _RESERVED else name
    fields = [Field("id", "uuid", "PRIMARY KEY", "made by the caller, so that a repeat finds it")]
    if noun != main:
        parent = plural(main)
        parent = f"{parent}_list" if parent in _RESERVED else parent
        fields.append(Field(f"{main}_id", "uuid", f"NOT NULL REFERENCES {parent} (id)", "what it belongs to"))
    fields += [
        Field("owner_id", "uuid", "NOT NULL", "who may see it"),
        Field("name", "text", "NOT NULL", "as people call it"),
        Field("state", "text", "NOT NULL DEFAULT 'active'", "where it stands"),
        Field("details", "jsonb", "NOT NULL DEFAULT '{}'", "what has no column yet"),
        Field("created_at", "timestamptz", "NOT NULL DEFAULT now()", "when it was made"),
        Field("updated_at", "timestamptz", "NOT NULL DEFAULT now()", "last change"),
    ]
    key = "owner_id" if noun == main else f"{main}_id"
    return Relation(name, f"One {_said(noun)}.", tuple(fields), (Index((key, "created_at"), "the newest first"),))


def _parts(main: Relation, *, waits: bool) -> tuple[Part, ...]:
    parts = [
        Part("Caller", "", "Uses the API with its own credentials.", "", "outside"),
        Part(
            "API gateway",
            "Amazon API Gateway",
            "Ends TLS, checks tokens, limits rates.",
            "Does in configuration what would else be code.",
        ),
        Part(
            "Service",
            "AWS Lambda",
            f"Owns {_said(main.name)}: rules, reads and writes.",
            "Load is unknown and likely uneven; moving to containers later changes the packaging only.",
        ),
        Part(
            "Database",
            "Amazon Aurora PostgreSQL",
            f"Holds {_said(main.name)} and what belongs to them.",
            "Transactions and joins are needed; Serverless v2 follows the load.",
            "store",
        ),
    ]
    if waits:
        parts += [
            Part(
                "Job queue", "Amazon SQS", "Holds work that may wait.", "Survives crashes and evens out waves.", "queue"
            ),
            Part(
                "Worker",
                "AWS Lambda",
                "Does work that may wait, once per job.",
                "Runs only while there is work, apart from what people wait for.",
            ),
        ]
    return tuple(parts)


def _flows(*, waits: bool) -> tuple[Flow, ...]:
    flows = [
        Flow("Caller", "API gateway", "HTTPS"),
        Flow("API gateway", "Service", "verified call"),
        Flow("Service", "Database", "read and write"),
    ]
    if waits:
        flows += [
            Flow("Service", "Job queue", "job id"),
            Flow("Job queue", "Worker", "one job"),
            Flow("Worker", "Database", "read and mark"),
        ]
    return tuple(flows)


def _calls(relation: Relation) -> tuple[Call, ...]:
    path, name = f"/v1/{_slug(relation.name)}", _said(relation.name)
    id_ = camel(f"{relation.name}_id")
    return (
        Call("GET", path, f"The {name} the caller may see, newest first.", "caller", relation.name, many=True),
        Call(
            "POST",
            path,
            f"Add to {name}; 201, or 200 for a repeat with the same id; 422 for invalid input.",
            "caller who may write",
            relation.name,
            status=201,
            body=relation.name,
        ),
        Call(
            "GET",
            f"{path}/{{{id_}}}",
            "One of them; 404 also where the caller may not see it.",
            "caller who may see it",
            relation.name,
        ),
    )


def _steps(relations: tuple[Relation, ...], *, waits: bool) -> tuple[Step, ...]:
    main = relations[0]
    said, slug = _said(main.name), _slug(main.name)
    names = tuple(relation.name for relation in relations)
    paths = tuple(call.path for relation in relations[:2] for call in _calls(relation))
    store = Step(
        f"store-{slug}",
        f"Store {said}"[:80],
        f"Tables for {said} stand in every environment and existing data fits them.",
        (
            "Write the migration, forwards and backwards, and run it on a copy",
            "Write the module that reads and writes the tables, with its tests",
            "Create database and roles by CDK",
        ),
        ("The migration runs forwards and backwards on a copy of real data", "No other component has write access"),
        parts=("Database",),
        relations=names,
        catches=r"stor|sav|persist|database|table|schema|migrat|field|column|history|keep|retention|delete|データ",
    )
    serve = Step(
        f"serve-{slug}",
        f"Serve {said} through the API"[:80],
        "What the issue asks for works through the API, by the rules of who may.",
        (
            "Write the contract and have the callers read it",
            "Build the calls with validation, access rules and idempotent writes",
            "Log each call with its request id and no personal data",
        ),
        ("Every answer fits the contract", "A caller who may not see a row gets 404 for it"),
        (store.key,),
        parts=("API gateway", "Service"),
        calls=paths,
        catches=r"",
    )
    steps = [store, serve]
    if waits:
        steps.append(
            Step(
                "background-work",
                "Do slow work in the background",
                "Nothing that may wait holds up a request, and nothing is lost or done twice.",
                (
                    "Write the job in the same transaction as its cause",
                    "Work jobs off once, with growing waits after failures and a list of what failed",
                ),
                (
                    "A worker killed in the middle leaves the job done once",
                    "Five failures put a job on the list and raise an alarm",
                ),
                (store.key,),
                parts=("Job queue", "Worker"),
                catches=_ASYNC.pattern,
            )
        )
    release = Step(
        "release-and-watch",
        "Release in steps and watch",
        "Everyone has it, and whoever is on call can tell that it works.",
        (
            "Build the pipeline's stage and the switch that turns it on for some",
            "Set up dashboard and alarms, and rehearse the way back",
            "Run the load test at twice the expected peak",
        ),
        ("Switching off takes one minute and loses nothing", "p95 below 300 ms at twice the expected peak"),
        tuple(step.key for step in steps if step.key != store.key),
        parts=("Service",),
        catches=r"roll|releas|launch|deploy|monitor|metric|alert|dashboard|load|peak|fast|slow|latency|performance",
    )
    return (*steps, release)
