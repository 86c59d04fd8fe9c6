"""What is kept by key: plans as the model gave them, who a key is in Linear, and how old deliveries are let go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from linear.models import Identity


def put_plan(
    connection: sa.Connection, organization_id: str, issue_id: str, run_id: str, *, brief: str, body: str
) -> None:
    """Keep an issue's plan as its next version; once per run. `brief`: the digest of what it was made from."""
    versions = connection.execute(
        sa.text("select version, run_id from plans where organization_id = :org and issue_id = :issue"),
        {"org": organization_id, "issue": issue_id},
    ).all()
    if any(row.run_id == run_id for row in versions):
        return
    connection.execute(
        sa.text("insert into plans values (:org, :issue, :version, :run, :brief, :body, :at)"),
        {
            "org": organization_id,
            "issue": issue_id,
            "version": 1 + max((row.version for row in versions), default=0),
            "run": run_id,
            "brief": brief,
            "body": body,
            "at": time.time(),
        },
    )


class KeptPlan(NamedTuple):
    """A plan as it was kept: `brief` is the digest of what it was made from, `body` the plan as JSON."""

    run_id: str
    brief: str
    body: str


def newest_plan(connection: sa.Connection, organization_id: str, issue_id: str) -> KeptPlan | None:
    """The newest kept plan of an issue."""
    row = connection.execute(
        sa.text(
            "select run_id, brief, body from plans where organization_id = :org and issue_id = :issue"
            " order by version desc limit 1"
        ),
        {"org": organization_id, "issue": issue_id},
    ).one_or_none()
    return KeptPlan(row.run_id, row.brief, row.body) if row else None


def put_identity(connection: sa.Connection, fingerprint: str, identity: Identity) -> None:
    """Remember who a key is."""
    connection.execute(sa.text("delete from identities where fingerprint = :it"), {"it": fingerprint})
    connection.execute(
        sa.text(
            "insert into identities values (:fingerprint, :organization_id, :organization_name, :url_key, :viewer_id,"
            " :viewer_name, :app, :at)"
        ),
        {
            "fingerprint": fingerprint,
            "organization_id": identity.organization.id,
            "organization_name": identity.organization.name,
            "url_key": identity.organization.url_key,
            "viewer_id": identity.viewer.id,
            "viewer_name": identity.viewer.name,
            "app": int(identity.viewer.app),
            "at": time.time(),
        },
    )


def organization_of(connection: sa.Connection, fingerprint: str) -> str | None:
    """The organization a key was last seen to open."""
    return connection.execute(
        sa.text("select organization_id from identities where fingerprint = :it"), {"it": fingerprint}
    ).scalar_one_or_none()


def forget_deliveries(connection: sa.Connection, older_than_s: float) -> int:
    """Delete deliveries older than this; answers how many."""
    return connection.execute(
        sa.text("delete from deliveries where received_at < :at"), {"at": time.time() - older_than_s}
    ).rowcount


def last_delivery(connection: sa.Connection) -> float | None:
    """When the newest kept delivery came, in Unix seconds."""
    return connection.execute(sa.text("select max(received_at) from deliveries")).scalar_one_or_none()
