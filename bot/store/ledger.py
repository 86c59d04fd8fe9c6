"""What we made in Linear: intended before the call, made after it. By these ids the bot knows its own."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store.database import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["comment", "document", "sub-issue", "relation", "link", "reply", "reaction"]


class Entry(BaseModel):
    """One thing of ours. `phase_key` is the phase's for sub-issues and links, the request's for replies, else empty.

    A `link` is the relation to an issue of people's that covers a phase: `fields["issue"]` is that issue's id.

    `text` is what we posted, `digest` its SHA-256, `revision` Linear's `updatedAt` after our last write. A thing that
    was found in Linear without a row here has no `text`: what stands in it counts as people's.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    organization_id: str
    issue_id: str
    kind: Kind
    phase_key: str = ""
    generation: int = 0
    linear_id: str
    state: Literal["intended", "made", "gone"] = "intended"
    run_id: str | None = None
    url: str | None = None
    identifier: str | None = None
    text: str | None = None
    digest: str | None = None
    fields: dict[str, Any] | None = None
    revision: str | None = None


_COLUMNS = (
    "organization_id, issue_id, kind, phase_key, generation, linear_id, state, run_id, url, identifier, text, digest,"
    " fields, revision, at"
)
_VALUES = ", ".join(f":{name.strip()}" for name in _COLUMNS.split(","))
_UPSERT = sa.text(
    f"insert into ledger ({_COLUMNS}) values ({_VALUES})"  # noqa: S608 - constants only
    " on conflict (organization_id, issue_id, kind, phase_key, generation) do update set"
    " state = excluded.state, run_id = excluded.run_id, url = excluded.url, identifier = excluded.identifier,"
    " text = excluded.text, digest = excluded.digest, fields = excluded.fields, revision = excluded.revision,"
    " at = excluded.at"
)


def put(connection: sa.Connection, entries: Iterable[Entry]) -> None:
    """Write entries, each whole: what stood under the same key is replaced."""
    for entry in entries:
        row = entry.model_dump()
        row["fields"] = json.dumps(entry.fields) if entry.fields is not None else None
        row["digest"] = hashlib.sha256(entry.text.encode()).hexdigest() if entry.text is not None else None
        connection.execute(_UPSERT, {**row, "at": time.time()})


def of_issue(connection: sa.Connection, organization_id: str, issue_id: str) -> list[Entry]:
    """Everything of ours on an issue, oldest generation first."""
    found = connection.execute(
        sa.text(
            f"select {_COLUMNS} from ledger where organization_id = :org and issue_id = :issue"  # noqa: S608 - constants only
            " order by kind, phase_key, generation"
        ),
        {"org": organization_id, "issue": issue_id},
    )
    return [
        Entry.model_validate({**row, "fields": json.loads(row["fields"]) if row["fields"] else None})
        for row in rows(found)
    ]


def issue_of_document(connection: sa.Connection, organization_id: str, linear_id: str) -> str | None:
    """The issue whose plan a document is; None if it is none of ours."""
    return connection.execute(
        sa.text(
            "select issue_id from ledger where linear_id = :id and organization_id = :org and kind = 'document' limit 1"
        ),
        {"id": linear_id, "org": organization_id},
    ).scalar_one_or_none()


def is_ours(connection: sa.Connection, linear_id: str) -> bool:
    """Whether an id in Linear is one we made or were about to make."""
    return (
        connection.execute(
            sa.text("select 1 from ledger where linear_id = :id limit 1"), {"id": linear_id}
        ).scalar_one_or_none()
        is not None
    )
