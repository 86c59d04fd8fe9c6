"""Runs and the requests that asked for them. Every function is one transaction's work on a connection."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store import presses, turns
from bot.store.database import rows
from bot.triggers import PlanRequest
from linear.ids import stable_id

State = Literal["queued", "running", "waiting", "done", "failed", "unwanted", "canceled"]
LIVE = ("queued", "running")


class Run(BaseModel):
    """One attempt to give an issue a plan, as stored. Times are Unix seconds.

    `state`: `queued`, `running`, `waiting` (for people to add what is missing), `done`, `failed`, `unwanted` (the wish
    was taken back, or the issue is closed), or `canceled` (by `/plan cancel`). `because` says why, for all but
    `queued`, `running` and `done`.
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
    closing_at: float | None
    model: str | None
    document_url: str | None
    comment_url: str | None
    subissues: int
    agent: str | None
    estimate_usd: float | None
    todo: str | None
    """The model's own list of what it does, as JSON."""
    revision: float | None = None
    """When the issue had last been changed as the run read it, by Linear's clock, in Unix seconds."""
    checked: str | None = None
    """What became of its plan under its checks (`planner.findings.Checked`), as JSON."""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    cut_turns: int = 0
    """Turns whose answer was lost; they count at the most they can have cost."""


class Claim(BaseModel):
    """What a request came to. `started`: it made this run; else it joined one that was live.

    `too_late`: the run had read the issue already, so that words of this request are for a run after it. `ahead`: how
    many runs must end before this one can begin.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    started: bool
    too_late: bool
    ahead: int


def claim(connection: sa.Connection, request: PlanRequest, *, concurrency: int = 1) -> Claim | None:
    """Join the issue's live run or start one.

    None: the request only wakes a waiting run, and none waits; or it tells of a press that a run has answered already.

    Doing it twice with the same request gives the same claim, so a crash in between changes nothing. A request whose
    run has ended without it is claimed afresh.
    """
    _lock(connection, request.organization_id, request.issue_id)
    mine = stable_id(request.organization_id, "run", request.id)
    known = connection.execute(
        sa.text("select runs.id, runs.state from requests join runs on runs.id = run_id where requests.id = :id"),
        {"id": request.id},
    ).one_or_none()
    if known is not None and (known.id == mine or known.state in LIVE):
        return _claim(connection, known.id, started=known.id == mine, concurrency=concurrency)
    if presses.is_answered(connection, request):
        return None
    key = {"org": request.organization_id, "issue": request.issue_id}
    live = connection.execute(
        sa.text(
            "select id from runs where organization_id = :org and issue_id = :issue and state in ('queued', 'running')"
        ),
        key,
    ).scalar_one_or_none()
    if live is None:
        woken = _end_waiting(connection, key)
        if request.kind == "wake":
            if woken is None:
                return None
            # It goes on for whoever asked first, and under what they asked by.
            request = PlanRequest.model_validate({**woken, "id": request.id, "received_at": request.received_at})
        connection.execute(
            sa.text(
                "insert into runs (id, organization_id, issue_id, identifier, title, state, step, created_at)"
                " values (:id, :org, :issue, :identifier, :title, 'queued', 'queued', :now)"
            ),
            {**key, "id": mine, "identifier": request.identifier, "title": request.title, "now": time.time()},
        )
    connection.execute(
        sa.text(
            "insert into requests (id, organization_id, issue_id, run_id, body, asked_at, pressed_at, swept)"
            " values (:id, :org, :issue, :run, :body, :at, :pressed, :swept)"
            " on conflict (id) do update set run_id = excluded.run_id, body = excluded.body,"
            " asked_at = excluded.asked_at, heeded = 0"
        ),
        {
            **key,
            "id": request.id,
            "run": live or mine,
            "body": request.model_dump_json(),
            "at": time.time(),
            "pressed": request.pressed_at,
            "swept": int(request.kind == "sweep"),
        },
    )
    for id_ in request.merged:
        connection.execute(
            sa.text("update requests set run_id = :run, heeded = 0 where id = :id"), {"run": live or mine, "id": id_}
        )
    return _claim(connection, live or mine, started=live is None, concurrency=concurrency)


def _lock(connection: sa.Connection, organization_id: str, issue_id: str) -> None:
    """One at a time per issue, until the transaction ends. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{organization_id}/{issue_id}"}
        )


def _end_waiting(connection: sa.Connection, key: dict[str, str]) -> dict[str, Any] | None:
    """End the issue's waiting run, if there is one; answers the request that had started it."""
    waiting = connection.execute(
        sa.text("select id from runs where organization_id = :org and issue_id = :issue and state = 'waiting'"), key
    ).scalar_one_or_none()
    if waiting is None:
        return None
    connection.execute(
        sa.text("update runs set state = 'unwanted', because = 'continued by a newer run' where id = :id"),
        {"id": waiting},
    )
    return requests_of(connection, waiting)[0]


def _claim(connection: sa.Connection, run_id: str, *, started: bool, concurrency: int) -> Claim:
    row = connection.execute(
        sa.text(
            "select closing_at, (select count(*) from requests where run_id = :id and heeded = 1) as read,"
            " (select count(*) from runs as older where older.state in ('queued', 'running') and older.id <> :id"
            "  and older.created_at <= runs.created_at) as older from runs where id = :id"
        ),
        {"id": run_id},
    ).one()
    return Claim(
        run_id=run_id,
        started=started,
        too_late=bool(row.read) and row.closing_at is None,
        ahead=max(0, row.older - (concurrency - 1)),
    )


def requests_of(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """The requests of a run, the first one first, as JSON objects."""
    found = connection.execute(
        sa.text("select body from requests where run_id = :run order by asked_at, id"), {"run": run_id}
    )
    return [json.loads(body) for body in found.scalars()]


def heed(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """As `requests_of`; from now on what else is asked with words of its own is for the run after this one."""
    connection.execute(sa.text("update requests set heeded = 1 where run_id = :run"), {"run": run_id})
    return requests_of(connection, run_id)


def close(connection: sa.Connection, run_id: str, at: float | None = None) -> None:
    """From now on (or from `at`, Unix seconds) the outcome is settled: what is asked later means what comes after.

    The first call counts.
    """
    connection.execute(
        sa.text("update runs set closing_at = coalesce(closing_at, :at) where id = :id"),
        {"id": run_id, "at": at if at is not None else time.time()},
    )


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
    """End the run. Answers the requests that are for a run after it, as JSON objects.

    Those are what came after `close`, and what has words of its own and came after `heed`; what was asked before a
    cancel is canceled with it.

    Several that ask for a plan are one: the first, with the ids of the rest in `merged`. Doing it twice answers the
    same, until another run has taken them. A label that was put on too late is `again`: this run may have taken it off.
    """
    run = connection.execute(
        sa.text("select organization_id, issue_id, closing_at from runs where id = :id"), {"id": run_id}
    ).one()
    _lock(connection, run.organization_id, run.issue_id)
    connection.execute(
        sa.text(
            "update runs set state = :state, because = :because, finished_at = coalesce(finished_at, :now),"
            " step = 'ended' where id = :id"
        ),
        {"id": run_id, "state": state, "because": because, "now": time.time()},
    )
    turns.end_run(connection, run_id)
    found = connection.execute(
        sa.text("select id, body, asked_at, heeded from requests where run_id = :run order by asked_at, id"),
        {"run": run_id},
    ).all()
    late: list[dict[str, Any]] = []
    for row in found:
        body = json.loads(row.body)
        after = run.closing_at is not None and row.asked_at > run.closing_at
        unheard = not row.heeded and state != "canceled" and _says_something(body)
        if (after or unheard) and stable_id(run.organization_id, "run", row.id) != run_id:
            late.append({**body, "kind": "again"} if body["kind"] in ("label", "sweep") else body)
    return _merged(late)


def _says_something(body: Mapping[str, Any]) -> bool:
    return bool(body.get("guidance") or body.get("agent") or body["kind"] in ("approve", "wake"))


def _merged(late: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    alone = [body for body in late if body["kind"] in ("wake", "approve")]
    plans = [body for body in late if body["kind"] not in ("wake", "approve")]
    together = [{**plans[0], "merged": [body["id"] for body in plans[1:]]}] if plans else []
    return [*together, *alone]


_RUN = (
    "select runs.*, coalesce(sum(turns.input_tokens + turns.cache_read_tokens + turns.cache_write_tokens), 0)"
    " as input_tokens, coalesce(sum(turns.output_tokens), 0) as output_tokens, coalesce(sum(turns.usd), 0) as usd,"
    " coalesce(sum(case when turns.state = 'cut' then 1 else 0 end), 0) as cut_turns"
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


def of_issue(connection: sa.Connection, organization_id: str, issue_id: str, *, limit: int) -> list[Run]:
    """The newest runs of an issue, newest first."""
    found = connection.execute(
        sa.text(
            f"{_RUN} where organization_id = :org and issue_id = :issue"
            " group by runs.id order by runs.created_at desc limit :limit"
        ),
        {"org": organization_id, "issue": issue_id, "limit": limit},
    )
    return [Run.model_validate(row) for row in rows(found)]


def live(connection: sa.Connection, older_than_s: float = 0.0) -> list[str]:
    """The ids of all queued and running runs that were made longer ago than this."""
    found = connection.execute(
        sa.text("select id from runs where state in ('queued', 'running') and created_at <= :at"),
        {"at": time.time() - older_than_s},
    )
    return list(found.scalars())


def journal(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """The run's journal in order: `at` (Unix seconds), `step`, `text`."""
    return rows(
        connection.execute(
            sa.text("select at, step, text from journal where run_id = :run order by seq"), {"run": run_id}
        )
    )


def put_todo(connection: sa.Connection, run_id: str, todo: Sequence[Mapping[str, str]]) -> None:
    """Keep the model's list of what it does: `content` and `status` each."""
    connection.execute(
        sa.text("update runs set todo = :todo where id = :id"),
        {"id": run_id, "todo": json.dumps(list(todo), ensure_ascii=False)},
    )
