"""An issue's plans as the model gave them, version by version: why each was made, from what, whether it was posted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store.database import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


class PlanVersion(BaseModel):
    """One plan of an issue. Times are Unix seconds.

    `brief`: the digest of what it was made from. `body`: the plan as JSON. `because`: why, in the words of whoever
    asked. `guidance`: all words so far that plans of this issue heed. `reads`: digests of what was read, by source.
    `posted_at` is None until all of it stood. `stale_told`: people were told that its issue has moved on.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int
    run_id: str
    brief: str
    body: str
    made_at: float
    asked_by: str = ""
    because: str = ""
    guidance: str = ""
    reads: dict[str, str] = {}
    posted_at: float | None = None
    stale_told: bool = False


class Origin(BaseModel):
    """What a plan was made from, and for whom: see `PlanVersion`."""

    model_config = ConfigDict(frozen=True)

    brief: str
    asked_by: str = ""
    because: str = ""
    guidance: str = ""
    reads: dict[str, str] = {}


_COLUMNS = (
    "version, run_id, brief, body, made_at, asked_by, because, guidance, reads, posted_at, stale_told, withdrawn_at"
)


def put(
    connection: sa.Connection, organization_id: str, issue_id: str, run_id: str, *, body: str, origin: Origin
) -> None:
    """Keep an issue's plan as its next version; once per run."""
    key = {"org": organization_id, "issue": issue_id}
    versions = connection.execute(
        sa.text("select version, run_id from plans where organization_id = :org and issue_id = :issue"), key
    ).all()
    if any(row.run_id == run_id for row in versions):
        return
    connection.execute(
        sa.text(
            "insert into plans (organization_id, issue_id, version, run_id, brief, body, made_at, asked_by, because,"
            " guidance, reads) values (:org, :issue, :version, :run, :brief, :body, :at, :asked_by, :because,"
            " :guidance, :reads)"
        ),
        {
            **key,
            "version": 1 + max((row.version for row in versions), default=0),
            "run": run_id,
            "body": body,
            "at": time.time(),
            **origin.model_dump(exclude={"reads"}),
            "reads": json.dumps(origin.reads),
        },
    )


def versions(connection: sa.Connection, organization_id: str, issue_id: str) -> list[PlanVersion]:
    """The plans of an issue that were not taken back, oldest first."""
    found = connection.execute(
        sa.text(
            f"select {_COLUMNS} from plans where organization_id = :org and issue_id = :issue"  # noqa: S608 - constants only
            " and withdrawn_at is null order by version"
        ),
        {"org": organization_id, "issue": issue_id},
    )
    return [_version(row) for row in rows(found)]


def _version(row: Mapping[str, Any]) -> PlanVersion:
    return PlanVersion.model_validate({**row, "reads": json.loads(row["reads"]), "stale_told": bool(row["stale_told"])})


def posted(connection: sa.Connection, organization_id: str, issue_id: str, run_id: str) -> None:
    """All of the plan that this run wrote stands. The first time counts."""
    connection.execute(
        sa.text(
            "update plans set posted_at = coalesce(posted_at, :at)"
            " where organization_id = :org and issue_id = :issue and run_id = :run"
        ),
        {"org": organization_id, "issue": issue_id, "run": run_id, "at": time.time()},
    )


def stale(connection: sa.Connection, organization_id: str, issue_id: str, version: int) -> None:
    """People were told that this version is behind its issue."""
    connection.execute(
        sa.text(
            "update plans set stale_told = 1 where organization_id = :org and issue_id = :issue and version = :version"
        ),
        {"org": organization_id, "issue": issue_id, "version": version},
    )


def withdraw(connection: sa.Connection, organization_id: str, issue_id: str) -> None:
    """The issue's plans were taken back: the next one is made from nothing. They are kept all the same."""
    connection.execute(
        sa.text(
            "update plans set withdrawn_at = :at"
            " where organization_id = :org and issue_id = :issue and withdrawn_at is null"
        ),
        {"org": organization_id, "issue": issue_id, "at": time.time()},
    )
