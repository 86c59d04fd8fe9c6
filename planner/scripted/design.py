"""What a design consists of before it becomes a plan: plain values that the writers of artefacts read. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """A service. `kind` decides its shape in the diagram: `box`, `store`, `queue` or `outside` (not ours)."""

    name: str
    aws: str
    responsibility: str
    reason: str
    kind: str = "box"


@dataclass(frozen=True)
class Flow:
    """Who talks to whom, by their names."""

    start: str
    end: str
    label: str


@dataclass(frozen=True)
class Field:
    """A column: its SQL type, what SQL says after the type, and a word on it."""

    name: str
    type: str
    constraint: str = "NOT NULL"
    note: str = ""


@dataclass(frozen=True)
class Index:
    """An index, the columns of its table it is on, and the query it serves."""

    columns: tuple[str, ...]
    serves: str


@dataclass(frozen=True)
class Relation:
    """A table. The first field is the key."""

    name: str
    purpose: str
    fields: tuple[Field, ...]
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Call:
    """An operation. `body` and `answer` name relations; `status` is that of a good answer; `many`: a page of them."""

    method: str
    path: str
    summary: str
    auth: str
    answer: str
    status: int = 200
    body: str = ""
    many: bool = False


@dataclass(frozen=True)
class Step:
    """A phase before it knows its requirements; `catches` finds them by their words."""

    key: str
    title: str
    goal: str
    tasks: tuple[str, ...]
    acceptance: tuple[str, ...]
    after: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    catches: str = ""


@dataclass(frozen=True)
class Hazard:
    """A risk, and the phase that deals with it."""

    text: str
    likelihood: str
    impact: str
    mitigation: str
    key: str


@dataclass(frozen=True)
class Choice:
    """A decision with its price and what was rejected."""

    title: str
    decision: str
    reason: str
    trade_off: str
    rejected: tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """A whole design, for one kind of issue."""

    name: str
    gist: str
    architecture: str
    parts: tuple[Part, ...]
    flows: tuple[Flow, ...]
    relations: tuple[Relation, ...]
    calls: tuple[Call, ...]
    api: str
    steps: tuple[Step, ...]
    security: tuple[str, ...]
    hazards: tuple[Hazard, ...]
    choices: tuple[Choice, ...]
    monitoring: str
    core: str = field(default="")
    """Key of the step that takes the requirements no other step catches."""


def camel(name: str) -> str:
    """`export_job` to `exportJob`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def pascal(name: str) -> str:
    """`export_job` to `ExportJob`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def plural(name: str) -> str:
    """`export_job` to `export_jobs`, well enough for names."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"
