"""Bytes by their SHA-256: images and PDFs that a brief holds. Every function is one transaction's work."""

from __future__ import annotations

import hashlib
import time

import sqlalchemy as sa


def put(connection: sa.Connection, body: bytes, media_type: str) -> str:
    """Keep `body`, once; answers its SHA-256 in hex."""
    digest = hashlib.sha256(body).hexdigest()
    connection.execute(
        sa.text("insert into blobs values (:digest, :type, :size, :body, :at) on conflict (digest) do nothing"),
        {"digest": digest, "type": media_type, "size": len(body), "body": body, "at": time.time()},
    )
    return digest


def get(connection: sa.Connection, digest: str) -> bytes | None:
    """The bytes behind a digest; None if they are not kept (any more)."""
    body = connection.execute(
        sa.text("select body from blobs where digest = :digest"), {"digest": digest}
    ).scalar_one_or_none()
    return None if body is None else bytes(body)
