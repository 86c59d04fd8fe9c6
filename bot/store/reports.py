"""What checks found in the plans of a run. Every function is one transaction's work on a connection."""

from __future__ import annotations

import time

import sqlalchemy as sa


def put(connection: sa.Connection, run_id: str, seq: int, report: str) -> None:
    """Record what was found, as JSON, in the plan that was whole after turn `seq`; what was recorded first stays."""
    connection.execute(
        sa.text("insert into reports values (:run, :seq, :report, :at) on conflict do nothing"),
        {"run": run_id, "seq": seq, "report": report, "at": time.time()},
    )


def get(connection: sa.Connection, run_id: str, seq: int) -> str | None:
    """What was found in the plan that was whole after turn `seq`, as JSON."""
    return connection.execute(
        sa.text("select report from reports where run_id = :run and seq = :seq"), {"run": run_id, "seq": seq}
    ).scalar_one_or_none()
