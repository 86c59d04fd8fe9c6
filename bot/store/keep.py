"""Who a key is in Linear, and how old deliveries are let go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from linear.models import Identity


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
    """When the newest kept delivery of Linear's came, in Unix seconds; what a sweep recorded is none."""
    return connection.execute(
        sa.text("select max(received_at) from deliveries where id not like 'sweep-%'")
    ).scalar_one_or_none()
