"""Conversations with the model: what they began with, each turn with its price, each tool's result.

Every request is booked at its worst case before it goes out, in the transaction that looks at the caps, so that plans
side by side cannot pass a cap together. Every function is one transaction's work on a connection.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store.database import rows

State = Literal["reserved", "answered", "cut", "free"]

_LOCK = 7265312
_DAY_S = 86_400
# No answer takes longer: a booking that is older was left behind by a process that was killed.
_LONGEST_ANSWER_S = 3_700


class Key(NamedTuple):
    """Which turn: `conversation` is `plan` or a sub-agent's; `seq` counts from 0."""

    run_id: str
    conversation: str
    seq: int


class Cap(NamedTuple):
    """A limit in dollars: of one plan (`run`), of all plans of a day in UTC (`day`), or of one team's (`team`)."""

    kind: Literal["run", "day", "team"]
    usd: float


class Wish(BaseModel):
    """What a request may cost: `fixed_usd` for all it reads, and `token_usd` for each token it may write.

    `most_tokens` are wished for; at least `least_tokens` are needed for the request to make sense.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    team_key: str
    fixed_usd: float
    token_usd: float
    most_tokens: int
    least_tokens: int


class Reserved(NamedTuple):
    """The request may go out, asking for `max_tokens` at most."""

    attempt: int
    max_tokens: int


class Full(NamedTuple):
    """It may not. `spent_usd` counts towards the cap; `held` says whether requests under way hold what is missing."""

    cap: Cap
    spent_usd: float
    held: bool


class Booked(NamedTuple):
    """A recorded answer, as JSON, and what the run had cost with it."""

    answer: str
    spent_usd: float
    near_cap: bool
    shortened: bool


def begin(connection: sa.Connection, run_id: str, conversation: str, head: str) -> None:
    """Record what a conversation begins with; what was recorded first stays."""
    connection.execute(
        sa.text("insert into conversations values (:run, :name, :head, :at) on conflict do nothing"),
        {"run": run_id, "name": conversation, "head": head, "at": time.time()},
    )


def head_of(connection: sa.Connection, run_id: str, conversation: str) -> str | None:
    """What a conversation began with, as JSON."""
    return connection.execute(
        sa.text("select head from conversations where run_id = :run and conversation = :name"),
        {"run": run_id, "name": conversation},
    ).scalar_one_or_none()


def answer_of(connection: sa.Connection, key: Key) -> Booked | None:
    """The recorded answer of a turn."""
    row = connection.execute(
        sa.text(
            "select answer, spent_usd, near_cap, shortened from turns where run_id = :run_id"
            " and conversation = :conversation and seq = :seq and answer is not null order by attempt limit 1"
        ),
        key._asdict(),
    ).one_or_none()
    return Booked(row.answer, row.spent_usd, bool(row.near_cap), bool(row.shortened)) if row else None


def reserve(connection: sa.Connection, key: Key, wish: Wish, caps: Sequence[Cap]) -> Reserved | Full:
    """Book a request at its worst case, if every cap has room for it; with fewer tokens where that makes it fit.

    What other requests under way hold for a minute only makes it wait, never shorter. An earlier attempt of the same
    turn that never came to an end was cut by a crash: it stays booked, marked so.
    """
    _lock(connection)
    connection.execute(
        sa.text("update turns set state = 'cut' where state = 'reserved' and at < :at"),
        {"at": time.time() - _LONGEST_ANSWER_S},
    )
    connection.execute(
        sa.text(
            "update turns set state = 'cut' where run_id = :run_id and conversation = :conversation and seq = :seq"
            " and state = 'reserved'"
        ),
        key._asdict(),
    )
    tokens = wish.most_tokens
    rooms: list[tuple[Cap, float, float]] = []
    for cap in caps:
        booked, held = _spent(connection, cap, key.run_id, wish.team_key)
        spent = booked - held
        rooms.append((cap, spent, held))
        if wish.fixed_usd + wish.token_usd * wish.least_tokens > cap.usd - spent:
            return Full(cap, spent, held=False)
        if wish.token_usd > 0:
            tokens = min(tokens, int((cap.usd - spent - wish.fixed_usd) / wish.token_usd))
    worst = wish.fixed_usd + wish.token_usd * tokens
    for cap, spent, held in rooms:
        if worst > cap.usd - spent - held + _ROUNDING:
            return Full(cap, spent, held=True)
    attempt = connection.execute(
        sa.text(
            "select coalesce(max(attempt), -1) + 1 from turns where run_id = :run_id"
            " and conversation = :conversation and seq = :seq"
        ),
        key._asdict(),
    ).scalar_one()
    connection.execute(
        sa.text(
            "insert into turns (run_id, conversation, seq, attempt, team_key, at, state, model, usd, shortened)"
            " values (:run_id, :conversation, :seq, :attempt, :team, :at, 'reserved', :model, :usd, :shortened)"
        ),
        {
            **key._asdict(),
            "attempt": attempt,
            "team": wish.team_key,
            "at": time.time(),
            "model": wish.model,
            "usd": worst,
            "shortened": int(tokens < wish.most_tokens),
        },
    )
    return Reserved(attempt, tokens)


_ROUNDING = 1e-9


def _lock(connection: sa.Connection) -> None:
    """One at a time over all runs, until the transaction ends. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _spent(connection: sa.Connection, cap: Cap, run_id: str, team_key: str) -> tuple[float, float]:
    """Dollars that count towards a cap, and how many of them are only held by requests under way."""
    where = {"run": "run_id = :run", "day": "at >= :day", "team": "at >= :day and team_key = :team"}[cap.kind]
    held = "case when state = 'reserved' then usd end"
    row = connection.execute(
        sa.text(f"select coalesce(sum(usd), 0) as spent, coalesce(sum({held}), 0) as held from turns where {where}"),  # noqa: S608 - our own texts
        {"run": run_id, "team": team_key, "day": time.time() // _DAY_S * _DAY_S},
    ).one()
    return float(row.spent), float(row.held)


def release(connection: sa.Connection, key: Key, attempt: int, *, paid: bool) -> None:
    """The request came to no answer: `paid` if it may have been charged for, which stays booked at its worst case."""
    connection.execute(
        sa.text(
            "update turns set state = :state, usd = case when :state = 'free' then 0 else usd end"
            " where run_id = :run_id and conversation = :conversation and seq = :seq and attempt = :attempt"
            " and state = 'reserved'"
        ),
        {**key._asdict(), "attempt": attempt, "state": "cut" if paid else "free"},
    )


def settle(
    connection: sa.Connection,
    key: Key,
    attempt: int,
    *,
    model: str,
    tokens: dict[str, int],
    usd: float,
    answer: str,
    enough_usd: float = 0.0,
) -> None:
    """Record a turn's answer with what it cost. The first answer of a turn counts; doing it twice changes nothing.

    `tokens`: input, output, read and write. `enough_usd`: where the run has cost more than this, its cap is near.
    """
    _lock(connection)
    known = answer_of(connection, key)
    connection.execute(
        sa.text(
            "update turns set state = :state, model = :model, input_tokens = :input, output_tokens = :output,"
            " cache_read_tokens = :read, cache_write_tokens = :write, usd = :usd"
            " where run_id = :run_id and conversation = :conversation and seq = :seq and attempt = :attempt"
            " and answer is null"
        ),
        {
            **key._asdict(),
            **tokens,
            "attempt": attempt,
            "model": model,
            "usd": usd,
            # Another process took the turn up meanwhile, and its answer is the one the conversation goes on with.
            "state": "answered" if known is None else "cut",
        },
    )
    if known is not None:
        return
    spent = connection.execute(
        sa.text("select coalesce(sum(usd), 0) from turns where run_id = :run and state <> 'reserved'"),
        {"run": key.run_id},
    ).scalar_one()
    connection.execute(
        sa.text(
            "update turns set answer = :answer, spent_usd = :spent, near_cap = :near where run_id = :run_id"
            " and conversation = :conversation and seq = :seq and attempt = :attempt"
        ),
        {
            **key._asdict(),
            "attempt": attempt,
            "answer": answer,
            "spent": float(spent),
            "near": int(enough_usd > 0 and float(spent) > enough_usd),
        },
    )


def end_run(connection: sa.Connection, run_id: str) -> None:
    """The run is over: what is still reserved was cut."""
    connection.execute(
        sa.text("update turns set state = 'cut' where run_id = :run and state = 'reserved'"), {"run": run_id}
    )


def of_run(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """All turns of a run in order, with `state`, tokens and dollars, without what was said."""
    return rows(
        connection.execute(
            sa.text(
                "select conversation, seq, attempt, at, state, model, input_tokens, output_tokens, cache_read_tokens,"
                " cache_write_tokens, usd from turns where run_id = :run order by at, conversation, seq, attempt"
            ),
            {"run": run_id},
        )
    )


def transcript(connection: sa.Connection, run_id: str) -> list[dict[str, Any]]:
    """What was said in a run, as JSON objects in order: each turn's answer, then what its tools came to."""
    said: list[dict[str, Any]] = [
        {"conversation": row.conversation, "seq": row.seq, "answer": json.loads(row.answer)}
        for row in connection.execute(
            sa.text("select conversation, seq, answer from turns where run_id = :run and answer is not null"),
            {"run": run_id},
        )
    ]
    said += [
        {
            "conversation": row.conversation,
            "seq": row.seq,
            "call": row.call_id,
            "tool": row.name,
            "result": json.loads(row.result),
        }
        for row in connection.execute(
            sa.text("select conversation, seq, call_id, name, result from tool_results where run_id = :run"),
            {"run": run_id},
        )
    ]
    return sorted(said, key=lambda each: (each["conversation"] != "plan", each["conversation"], each["seq"]))


def put_result(connection: sa.Connection, key: Key, call_id: str, name: str, result: str) -> None:
    """Record what a call of a tool came to; what was recorded first stays."""
    connection.execute(
        sa.text(
            "insert into tool_results (run_id, conversation, call_id, seq, name, result, at)"
            " values (:run_id, :conversation, :call, :seq, :name, :result, :at) on conflict do nothing"
        ),
        {**key._asdict(), "call": call_id, "name": name, "result": result, "at": time.time()},
    )


def results_of(connection: sa.Connection, key: Key) -> dict[str, str]:
    """The recorded results of a turn's calls, as JSON by call id."""
    found = connection.execute(
        sa.text(
            "select call_id, result from tool_results where run_id = :run_id and conversation = :conversation"
            " and seq = :seq"
        ),
        key._asdict(),
    )
    return {row.call_id: row.result for row in found}


def put_message(connection: sa.Connection, key: Key, content: str) -> str:
    """Record what the model reads after a turn, as JSON; answers what was recorded first, which stays."""
    connection.execute(
        sa.text(
            "insert into messages (run_id, conversation, seq, content, at)"
            " values (:run_id, :conversation, :seq, :content, :at) on conflict do nothing"
        ),
        {**key._asdict(), "content": content, "at": time.time()},
    )
    return connection.execute(
        sa.text("select content from messages where run_id = :run_id and conversation = :conversation and seq = :seq"),
        key._asdict(),
    ).scalar_one()


def halt(connection: sa.Connection, name: str, reason: str, for_s: float) -> None:
    """Nothing is to be asked of the model, because of `reason`, for runs that were made before now."""
    now = time.time()
    connection.execute(
        sa.text(
            "insert into halts values (:name, :reason, :since, :until) on conflict (name) do update"
            " set reason = excluded.reason, since = excluded.since, until = excluded.until"
        ),
        {"name": name, "reason": reason, "since": now, "until": now + for_s},
    )


def halted(connection: sa.Connection, run_id: str) -> str | None:
    """Why nothing may be asked of the model for this run; None if it may."""
    return connection.execute(
        sa.text(
            "select reason from halts where until > :now and since >= (select created_at from runs where id = :run)"
            " order by since limit 1"
        ),
        {"now": time.time(), "run": run_id},
    ).scalar_one_or_none()
