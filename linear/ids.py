"""Ids that we choose before we write, so that doing it twice makes the same thing. No I/O."""

from __future__ import annotations

import hashlib
from uuid import UUID


def stable_id(*parts: str | int) -> str:
    """A lower-case UUID v4 made from `parts`: the same parts give the same id, on any machine, for ever.

    Linear wants "identifier in UUID v4 format" (schema, every `*CreateInput.id`), so a SHA-256 gets v4's version
    and variant bits. Parts are length-prefixed: ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = str(part).encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    raw = bytearray(digest.digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(raw)))
