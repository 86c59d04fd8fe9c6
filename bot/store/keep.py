"""What is kept by key: plans as the model gave them, large values of steps, and who a key is in Linear."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from linear.models import Identity


def put_blob(connection: sa.Connection, body: str) -> str:
    """Keep a text; answers its SHA-256, hex."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    connection.execute(
        sa.text("insert into blobs (digest, body, at) values (:digest, :body, :at) on conflict (digest) do nothing"),
        {"digest": digest, "body": body, "at": time.time()},
    )
    return digest


def get_blob(connection: sa.Connection, digest: str) -> str:
    """The text kept under a digest. Raises KeyError if it is gone."""
    body = connection.execute(
        sa.text("select body from blobs where digest = :digest"), {"digest": digest}
    ).scalar_one_or_none()
    if body is None:
        raise KeyError(digest)
    return body


def put_plan(connection: sa.Connection, organization_id: str, issue_id: str, run_id: str, body: str) -> None:
    """Keep an issue's plan as its next version; once per run."""
    versions = connection.execute(
        sa.text("select version, run_id from plans where organization_id = :org and issue_id = :issue"),
        {"org": organization_id, "issue": issue_id},
    ).all()
    if any(row.run_id == run_id for row in versions):
        return
    connection.execute(
        sa.text("insert into plans values (:org, :issue, :version, :run, :body, :at)"),
        {
            "org": organization_id,
            "issue": issue_id,
            "version": 1 + max((row.version for row in versions), default=0),
            "run": run_id,
            "body": body,
            "at": time.time(),
        },
    )


def newest_plan(connection: sa.Connection, organization_id: str, issue_id: str) -> str | None:
    """The newest kept plan of an issue, as JSON."""
    return connection.execute(
        sa.text(
            "select body from plans where organization_id = :org and issue_id = :issue order by version desc limit 1"
        ),
        {"org": organization_id, "issue": issue_id},
    ).scalar_one_or_none()


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
