"""Runs and the requests that asked for them. Every function is one transaction's work on a connection."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store.database import rows
from linear.ids import stable_id

if TYPE_CHECKING:
    from bot.triggers import PlanRequest

State = Literal["queued", "running", "waiting", "done", "failed", "unwanted"]
LIVE = ("queued", "running")


class Run(BaseModel):
    """One attempt to give an issue a plan, as stored. Times are Unix seconds.

    `state`: `queued`, `running`, `waiting` (for people to add what is missing), `done`, `failed`, or `unwanted` (the
    wish was taken back, or the issue is closed). `because` says why, for all but `queued`, `running` and `done`.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    organization_id: str
    issue_id: str
    identifier: str
    title: str
    state: State
    step: str
    because: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    model: str | None
    document_url: str | None
    comment_url: str | None
    subissues: int
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0


class Claim(BaseModel):
    """What a request came to. `started`: it made this run; else it joined one that was live.

    `queued`: the run has not read the issue yet. `ahead`: how many runs are queued before it.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    started: bool
    queued: bool
    ahead: int


def claim(connection: sa.Connection, request: PlanRequest) -> Claim | None:
    """Join the issue's live run or start one. None: the request only wakes a waiting run, and none waits.

    Doing it twice with the same request gives the same claim, so a crash in between changes nothing.
    """
    mine = stable_id(request.organization_id, "run", request.id)
    known = connection.execute(
        sa.text("select run_id from requests where id = :id"), {"id": request.id}
    ).scalar_one_or_none()
    if known is not None:
        return _claim(connection, known, started=known == mine)
    key = {"org": request.organization_id, "issue": request.issue_id}
    live = connection.execute(
        sa.text(
            "select id from runs where organization_id = :org and issue_id = :issue and state in ('queued', 'running')"
        ),
        key,
    ).scalar_one_or_none()
    waiting = connection.execute(
        sa.text(
            "update runs set state = 'unwanted', because = 'continued by a newer run', finished_at = :now "
            "where organization_id = :org and issue_id = :issue and state = 'waiting'"
        ),
        {**key, "now": time.time()},
    ).rowcount
    if request.kind == "wake" and not waiting and live is None:
        return None
    if live is None:
        connection.execute(
            sa.text(
                "insert into runs (id, organization_id, issue_id, identifier, title, state, step, created_at)"
                " values (:id, :org, :issue, :identifier, :title, 'queued', 'queued', :now)"
            ),
            {**key, "id": mine, "identifier": request.identifier, "title": request.title, "now": time.time()},
        )
    connection.execute(
        sa.text(
            "insert into requests (id, organization_id, issue_id, run_id, body, received_at)"
            " values (:id, :org, :issue, :run, :body, :at)"
        ),
        {**key, "id": request.id, "run": live or mine, "body": request.model_dump_json(), "at": request.received_at},
    )
    return _claim(connection, live or mine, started=live is None)


def _claim(connection: sa.Connection, run_id: str, *, started: bool) -> Claim:
    state = connection.execute(sa.text("select state from runs where id = :id"), {"id": run_id}).scalar_one()
    ahead = connection.execute(
        sa.text(
            "select count(*) from runs where state = 'queued' and id <> :id"
            " and created_at <= (select created_at from runs where id = :id)"
        ),
        {"id": run_id},
    ).scalar_one()
    return Claim(run_id=run_id, started=started, queued=state == "queued", ahead=ahead)


def requests_of(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """The requests of a run, the first one first, as JSON objects."""
    found = connection.execute(
        sa.text("select body from requests where run_id = :run order by received_at, id"), {"run": run_id}
    )
    return [json.loads(body) for body in found.scalars()]


def begin(connection: sa.Connection, run_id: str) -> None:
    """The run is on a worker now."""
    connection.execute(
        sa.text(
            "update runs set state = 'running', started_at = coalesce(started_at, :now)"
            " where id = :id and state in ('queued', 'running')"
        ),
        {"id": run_id, "now": time.time()},
    )


def note(connection: sa.Connection, run_id: str, step: str, text: str, **columns: object) -> None:
    """Write a line into the run's journal, and the step and `columns` into its row.

    The same step and text twice in a row is one line: a step that is done again after a crash says the same.
    """
    last = connection.execute(
        sa.text("select seq, step, text from journal where run_id = :run order by seq desc limit 1"), {"run": run_id}
    ).one_or_none()
    if last is None or (last.step, last.text) != (step, text):
        connection.execute(
            sa.text("insert into journal (run_id, seq, at, step, text) values (:run, :seq, :at, :step, :text)"),
            {"run": run_id, "seq": last.seq + 1 if last else 1, "at": time.time(), "step": step, "text": text},
        )
    if unknown := set(columns) - set(Run.model_fields):
        msg = f"runs has no column {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    assignments = ", ".join(f"{name} = :{name}" for name in ["step", *columns])
    connection.execute(
        sa.text(f"update runs set {assignments} where id = :id"),  # noqa: S608 - names are checked just above
        {"id": run_id, "step": step, **columns},
    )


def finish(connection: sa.Connection, run_id: str, state: State, because: str | None) -> list[dict[str, Any]]:
    """End the run. Answers the requests that joined too late to be served by it, as JSON objects.

    Too late: received after the run began to say it was ready (its `announce` line), so that whoever asked meant what
    came after. They are taken off this run, and start another.
    """
    announced = connection.execute(
        sa.text("select min(at) from journal where run_id = :run and step = 'announce'"), {"run": run_id}
    ).scalar_one_or_none()
    late: list[str] = []
    if announced is not None:
        found = connection.execute(
            sa.text("select id, body from requests where run_id = :run and received_at > :at order by received_at"),
            {"run": run_id, "at": announced},
        ).all()
        late = [row.body for row in found]
        for row in found:
            connection.execute(sa.text("delete from requests where id = :id"), {"id": row.id})
    connection.execute(
        sa.text(
            "update runs set state = :state, because = :because, finished_at = coalesce(finished_at, :now),"
            " step = 'ended' where id = :id"
        ),
        {"id": run_id, "state": state, "because": because, "now": time.time()},
    )
    return [json.loads(body) for body in late]


_RUN = (
    "select runs.*, coalesce(sum(turns.input_tokens + turns.cache_read_tokens + turns.cache_write_tokens), 0)"
    " as input_tokens, coalesce(sum(turns.output_tokens), 0) as output_tokens, coalesce(sum(turns.usd), 0) as usd"
    " from runs left join turns on turns.run_id = runs.id"
)


def get(connection: sa.Connection, run_id: str) -> Run | None:
    """One run, by its id or the beginning of it; the newest run of an issue by its identifier."""
    found = rows(
        connection.execute(
            sa.text(
                f"{_RUN} where runs.id = :id or runs.id like :prefix or upper(runs.identifier) = upper(:id)"
                " group by runs.id order by runs.created_at desc limit 1"
            ),
            {"id": run_id, "prefix": run_id.replace("%", "").replace("_", "") + "%"},
        )
    )
    return Run.model_validate(found[0]) if found else None


def newest(connection: sa.Connection, limit: int) -> list[Run]:
    """The newest runs, newest first."""
    found = connection.execute(
        sa.text(f"{_RUN} group by runs.id order by runs.created_at desc limit :limit"),
        {"limit": limit},
    )
    return [Run.model_validate(row) for row in rows(found)]


def live(connection: sa.Connection) -> list[str]:
    """The ids of all queued and running runs."""
    return list(connection.execute(sa.text("select id from runs where state in ('queued', 'running')")).scalars())


def journal(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """The run's journal in order: `at` (Unix seconds), `step`, `text`."""
    return rows(
        connection.execute(
            sa.text("select at, step, text from journal where run_id = :run order by seq"), {"run": run_id}
        )
    )


def book_turn(
    connection: sa.Connection, run_id: str, seq: int, *, model: str, tokens: dict[str, int], usd: float
) -> None:
    """Record what one turn of the model used; the same turn again replaces it."""
    connection.execute(sa.text("delete from turns where run_id = :run and seq = :seq"), {"run": run_id, "seq": seq})
    connection.execute(
        sa.text(
            "insert into turns (run_id, seq, at, model, input_tokens, output_tokens, cache_read_tokens,"
            " cache_write_tokens, usd) values (:run, :seq, :at, :model, :input, :output, :read, :write, :usd)"
        ),
        {"run": run_id, "seq": seq, "at": time.time(), "model": model, "usd": usd, **tokens},
    )
