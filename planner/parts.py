"""The parts of a plan, as a model fills them in. No I/O.

Flat and closed: no dictionaries, no unions, no optional fields; an empty string or list means "none".
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_PHASES = 12
MAX_TITLE = 80
"""Characters in a phase's title, which becomes a sub-issue's title."""

# Control characters, and halves of characters that no encoding can write.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _clean(value: str) -> str:
    # Databases and editors choke on control characters, and no plan needs them.
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(value: object) -> object:
    """Text on one line and without control characters; anything else as it is."""
    return " ".join(_clean(value).split()) if isinstance(value, str) else value


def _trim(value: object) -> object:
    return _clean(value).strip() if isinstance(value, str) else value


def _trim_lines(value: object) -> object:
    return _clean(value).strip("\n").rstrip() if isinstance(value, str) else value


# The lengths are caps against runaway output, far above what good plans need; only the titles are tight.
Line = Annotated[str, Field(max_length=1_000), BeforeValidator(one_line)]
Named = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(one_line)]
Text = Annotated[str, Field(max_length=12_000), BeforeValidator(_trim)]
Said = Annotated[str, Field(min_length=1, max_length=12_000), BeforeValidator(_trim)]
Code = Annotated[str, Field(min_length=1, max_length=60_000), BeforeValidator(_trim_lines)]
Id = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
Days = Annotated[float, Field(ge=0, le=400, allow_inf_nan=False)]
Level = Literal["low", "medium", "high"]


class Part(BaseModel):
    """What plans are made of: frozen, and closed to other fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Requirement(Part):
    """One thing that is asked for, with the words it comes from."""

    id: Id = Field(description='"R1", "R2", ... in order')
    kind: Literal["functional", "nonfunctional"] = Field(description="what it does, or how well it does it")
    text: Said = Field(description="the requirement in one sentence that can be tested")
    quote: Text = Field(description="the exact words of the material it comes from, copied; empty if you inferred it")
    source: Line = Field(description='name of the source of the quote, "description" or "comment-3"; empty if inferred')
    url: Line = Field(description="the url given with that source, copied; empty if it has none")


class Evidence(Part):
    """Something the material or the repository shows of the system as it is, which the plan builds on."""

    text: Said = Field(description="what is the case, in one sentence")
    source: Line = Field(description='name of the source that shows it: "repo:src/app.ts", "ENG-12", "document-1"')


class Service(Part):
    """A part of the system that is built or changed."""

    id: Id = Field(description='"S1", "S2", ...')
    name: Named = Field(description="short name, as in the diagram")
    aws_service: Line = Field(description="the AWS service (or other platform part) it runs on; empty if none")
    responsibility: Said = Field(description="what it alone is responsible for")
    reason: Text = Field(description="why this service, and the trade-off")


class ApiOperation(Part):
    """An operation that others call."""

    id: Id = Field(description='"O1", "O2", ...')
    method: Named = Field(description="GET, POST, PUT, PATCH, DELETE; QUERY or MUTATION for GraphQL; EVENT for events")
    path: Named = Field(description="path with its version, GraphQL field, or event name")
    summary: Said = Field(description="what it does, its main answers and errors")
    auth: Line = Field(description="who may call it and how that is proved")
    requirement_ids: list[Id] = Field(description="requirements it serves")


class Api(Part):
    """The interface others call."""

    prose: Text = Field(description="style, versioning, authentication, rate limits, errors; Markdown without headings")
    operations: list[ApiOperation] = Field(max_length=60, description="every operation added or changed")


class Column(Part):
    """A column, or an attribute of an item."""

    name: Named = Field(description="column name")
    type: Named = Field(description="type as the database writes it")
    note: Line = Field(description="key, constraint or meaning; may be empty")


class Table(Part):
    """A table, collection or item type."""

    id: Id = Field(description='"T1", "T2", ...')
    name: Named = Field(description="table name")
    purpose: Said = Field(description="what a row is")
    columns: list[Column] = Field(max_length=60, description="all columns")
    indexes: list[Line] = Field(max_length=20, description="each index with the query it serves")


class Database(Part):
    """What is stored, and where."""

    choice: Line = Field(description="the database; empty when nothing is stored")
    reason: Text = Field(description="why this one and not the next best; consistency, partitioning, migration")
    tables: list[Table] = Field(max_length=40, description="tables added or changed")


class Estimate(Part):
    """Working days of one person: a range with its likely value."""

    low: Days = Field(description="days if all goes well")
    likely: Days = Field(description="days most likely; at least low")
    high: Days = Field(description="days if it goes badly; at least likely")


class Phase(Part):
    """A piece of work that one person or pair can finish, which becomes a sub-issue."""

    key: Key = Field(description="kebab-case slug that names this phase for ever; keep the key of a standing phase")
    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE), BeforeValidator(one_line)] = Field(
        description="imperative title, at most 80 characters, distinct"
    )
    goal: Said = Field(description="what is true when it is done, one or two sentences")
    tasks: list[Said] = Field(min_length=1, max_length=40, description="steps in order, each one action")
    acceptance: list[Said] = Field(min_length=1, max_length=30, description="criteria that can be checked")
    depends_on: list[Key] = Field(max_length=MAX_PHASES, description="keys of phases that must be finished before")
    days: Estimate = Field(description="working days of one person")
    requirement_ids: list[Id] = Field(description="requirements it delivers")
    service_ids: list[Id] = Field(description="services it builds or changes")
    operation_ids: list[Id] = Field(description="API operations it builds or changes")
    table_ids: list[Id] = Field(description="tables it builds or changes")


class TestCase(Part):
    """A test that proves requirements."""

    __test__ = False  # pytest would collect a class of this name

    id: Id = Field(description='"X1", "X2", ...')
    kind: Literal["unit", "integration", "e2e", "load"] = Field(description="level of the test")
    text: Said = Field(description="given, when, then in one sentence, with test data where it matters")
    requirement_ids: list[Id] = Field(description="requirements it proves")


class Risk(Part):
    """Something that may go wrong."""

    text: Said = Field(description="what may go wrong")
    likelihood: Level = Field(description="how likely")
    impact: Level = Field(description="how bad")
    mitigation: Said = Field(description="what is done about it")
    phase_key: str = Field(description="key of the phase that deals with it; empty for all", max_length=48)


class StackItem(Part):
    """A technology that is used."""

    name: Named = Field(description="technology")
    use: Said = Field(description="what for")
    reason: Text = Field(description="why this one")


class Operations(Part):
    """How it is shipped and run."""

    deployment: Text = Field(description="pipeline, infrastructure as code, rollout and rollback; Markdown, short")
    monitoring: Text = Field(description="logs, metrics, alarms with thresholds; Markdown, short")
    backup: Text = Field(description="backup, restore, disaster recovery; Markdown, short")
    regions: Text = Field(description="one region or several, and why; empty where the question does not arise")


class Decision(Part):
    """A decision with what was weighed against it."""

    title: Named = Field(description="the question that was decided")
    decision: Said = Field(description="what was chosen")
    reason: Said = Field(description="why")
    trade_off: Said = Field(description="its price: what becomes harder, slower or dearer by it")
    rejected: list[Said] = Field(max_length=10, description="alternatives, each with why not")


class OpenQuestion(Part):
    """Something only people can answer."""

    text: Said = Field(description="the question")
    suggested_default: Text = Field(description="what is assumed until it is answered")


class Artefact(Part):
    """A block in a language of its own, whole and valid by itself."""

    id: Id = Field(description='"A1", "A2", ...')
    kind: Literal["mermaid", "openapi", "sql", "typescript", "json", "yaml", "graphql", "text"] = Field(
        description="language; openapi is an OpenAPI document in YAML"
    )
    title: Named = Field(description="caption")
    section: Literal["architecture", "api", "database", "security", "implementation", "tests", "operations"] = Field(
        description="where it is shown"
    )
    content: Code = Field(description="the block without fences")
