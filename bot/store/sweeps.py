"""Sweeps, what they know of runs, and what they learnt. Every function is one transaction's work on a connection."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from bot.store import keep
from bot.store.database import rows

WEBHOOK = "webhook"
"""The notice that deliveries of Linear's did not come."""

_DAY_S = 86_400
_KEPT_S = 30 * _DAY_S
_IDS_AT_ONCE = 500


class Known(NamedTuple):
    """What is known of an issue's runs. Times are Unix seconds.

    `state`: of the live or waiting run, else of the newest that was settled, else of the newest. `settled_at` is when
    that run had closed, by our clock; `pressed_at` the newest press it took in, and `revision` the issue's last change
    that it read, both by Linear's. `newest`: the newest run's id.
    """

    run_id: str
    state: str
    settled_at: float | None
    pressed_at: float | None
    revision: float | None
    newest: str


class Sweep(NamedTuple):
    """A sweep as stored. `because`: why it could not be done. `counted`: issues by what became of them."""

    slot: str
    began_at: float
    ended_at: float | None
    because: str | None
    counted: dict[str, int]


class Notice(NamedTuple):
    """A fault that stands: since when, and when it was last seen, in Unix seconds."""

    because: str
    since: float
    at: float


def claim(connection: sa.Connection, organization_id: str, slot: str) -> bool:
    """Whether this slot is ours to sweep: the first who asks has it, for ever.

    A replica that ends in the midst loses what it had not done; the next slot finds that again.
    """
    now = time.time()
    connection.execute(
        sa.text("delete from sweeps where organization_id = :org and began_at < :at"),
        {"org": organization_id, "at": now - _KEPT_S},
    )
    return bool(
        connection.execute(
            sa.text(
                "insert into sweeps (organization_id, slot, began_at) values (:org, :slot, :now) on conflict do nothing"
            ),
            {"org": organization_id, "slot": slot, "now": now},
        ).rowcount
    )


def end(
    connection: sa.Connection, organization_id: str, slot: str, *, because: str | None, counted: Mapping[str, int]
) -> None:
    """The sweep is over; `because`: what kept it from being done."""
    connection.execute(
        sa.text(
            "update sweeps set ended_at = :now, because = :because, counted = :counted"
            " where organization_id = :org and slot = :slot"
        ),
        {
            "org": organization_id,
            "slot": slot,
            "now": time.time(),
            "because": because,
            "counted": json.dumps(dict(counted)),
        },
    )


def last(connection: sa.Connection, organization_id: str) -> Sweep | None:
    """The newest sweep that has ended."""
    row = connection.execute(
        sa.text(
            "select slot, began_at, ended_at, because, counted from sweeps"
            " where organization_id = :org and ended_at is not null order by began_at desc limit 1"
        ),
        {"org": organization_id},
    ).one_or_none()
    return Sweep(row.slot, row.began_at, row.ended_at, row.because, json.loads(row.counted)) if row else None


def watching_since(connection: sa.Connection, organization_id: str) -> float | None:
    """When the oldest sweep that is remembered was; None before the first."""
    return connection.execute(
        sa.text("select min(began_at) from sweeps where organization_id = :org"), {"org": organization_id}
    ).scalar_one_or_none()


def known(connection: sa.Connection, organization_id: str, issue_ids: Sequence[str]) -> dict[str, Known]:
    """What is known of the runs of these issues; those that never had one are missing."""
    query = sa.text(
        "select id, issue_id, state, coalesce(closing_at, finished_at) as settled_at,"
        " (select max(pressed_at) from requests where run_id = runs.id) as pressed_at, revision"
        " from runs where organization_id = :org and issue_id in :ids order by created_at, id"
    ).bindparams(sa.bindparam("ids", expanding=True))
    found: dict[str, Known] = {}
    for start in range(0, len(issue_ids), _IDS_AT_ONCE):
        part = list(issue_ids[start : start + _IDS_AT_ONCE])
        for row in connection.execute(query, {"org": organization_id, "ids": part}):
            before = found.get(row.issue_id)
            this = Known(row.id, row.state, row.settled_at, row.pressed_at, row.revision, row.id)
            if before is not None and _WEIGHT[this.state] < _WEIGHT[before.state]:
                this = before._replace(newest=row.id)
            found[row.issue_id] = this
    return found


_WEIGHT = {"queued": 2, "running": 2, "waiting": 2, "done": 1, "failed": 1, "canceled": 1, "unwanted": 0}


def committed(connection: sa.Connection, most_usd: float) -> float:
    """Dollars of today (UTC) that are spent, or that live runs may still spend at `most_usd` each."""
    day = time.time() // _DAY_S * _DAY_S
    spent = connection.execute(
        sa.text("select coalesce(sum(usd), 0) from turns where at >= :day"), {"day": day}
    ).scalar_one()
    return float(spent) + sum(_still(connection, most_usd).values())


def committed_of_team(connection: sa.Connection, team_key: str, most_usd: float) -> float:
    """As `committed`, for the plans of one team."""
    day = time.time() // _DAY_S * _DAY_S
    spent = connection.execute(
        sa.text("select coalesce(sum(usd), 0) from turns where at >= :day and team_key = :team"),
        {"day": day, "team": team_key},
    ).scalar_one()
    live = _still(connection, most_usd)
    return float(spent) + sum(usd for identifier, usd in live.items() if identifier.rpartition("-")[0] == team_key)


def _still(connection: sa.Connection, most_usd: float) -> dict[str, float]:
    """What each live run may still spend, by its issue's identifier."""
    found = connection.execute(
        sa.text(
            "select runs.identifier, coalesce(sum(turns.usd), 0) as usd from runs"
            " left join turns on turns.run_id = runs.id where runs.state in ('queued', 'running')"
            " group by runs.id, runs.identifier"
        )
    )
    return {row.identifier: max(0.0, most_usd - float(row.usd)) for row in found}


def notify(connection: sa.Connection, organization_id: str, name: str, because: str, *, at: float) -> bool:
    """A fault was seen. Answers whether it is news: none like it stood."""
    news = standing(connection, organization_id, name) is None
    connection.execute(
        sa.text(
            "insert into notices (organization_id, name, because, since, at) values (:org, :name, :because, :at, :at)"
            " on conflict (organization_id, name) do update set because = excluded.because, at = excluded.at,"
            " since = case when :news = 1 then excluded.since else notices.since end"
        ),
        {"org": organization_id, "name": name, "because": because, "at": at, "news": int(news)},
    )
    return news


def standing(connection: sa.Connection, organization_id: str, name: str) -> Notice | None:
    """A fault that stands. That of the webhook is over as soon as a delivery of Linear's has come since."""
    row = connection.execute(
        sa.text("select because, since, at from notices where organization_id = :org and name = :name"),
        {"org": organization_id, "name": name},
    ).one_or_none()
    if row is None:
        return None
    if name == WEBHOOK:
        came = keep.last_delivery(connection)
        if came is not None and came > row.at:
            return None
    return Notice(row.because, row.since, row.at)


def remembered(
    connection: sa.Connection, organization_id: str, revisions: Mapping[str, str], labels: Collection[str]
) -> dict[str, str]:
    """What histories told of these issues, as JSON by issue. `revisions`: each issue's `updatedAt` as it is now."""
    query = sa.text(
        "select issue_id, revision, body from presses where organization_id = :org and labels = :labels"
        " and issue_id in :ids"
    ).bindparams(sa.bindparam("ids", expanding=True))
    ids, found = list(revisions), dict[str, str]()
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        for row in rows(connection.execute(query, {"org": organization_id, "labels": _mark(labels), "ids": part})):
            if row["revision"] == revisions[row["issue_id"]]:
                found[row["issue_id"]] = row["body"]
    return found


def remember(
    connection: sa.Connection, organization_id: str, told: Iterable[tuple[str, str, str]], labels: Collection[str]
) -> None:
    """Keep what histories told: issue, its `updatedAt` before the history was read, and the JSON."""
    now = time.time()
    connection.execute(
        sa.text("delete from presses where organization_id = :org and at < :at"),
        {"org": organization_id, "at": now - _KEPT_S},
    )
    for issue_id, revision, body in told:
        connection.execute(
            sa.text(
                "insert into presses values (:org, :issue, :revision, :labels, :body, :now)"
                " on conflict (organization_id, issue_id) do update set revision = excluded.revision,"
                " labels = excluded.labels, body = excluded.body, at = excluded.at"
            ),
            {
                "org": organization_id,
                "issue": issue_id,
                "revision": revision,
                "labels": _mark(labels),
                "body": body,
                "now": now,
            },
        )


def _mark(labels: Collection[str]) -> str:
    return hashlib.sha256("\n".join(sorted(labels)).encode()).hexdigest()
