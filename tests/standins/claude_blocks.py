"""The blocks of a message, as the Messages API takes them: their keys, pictures, documents and results. No I/O."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MOST_IMAGE_BYTES = 5 * 1024 * 1024
MOST_IMAGE_SIDE = 8_000

BLOCKS = {
    "user": {
        "text": {"text"},
        "image": {"source"},
        "document": {"source", "title", "context", "citations"},
        "tool_result": {"tool_use_id", "content", "is_error"},
    },
    "assistant": {
        "text": {"text", "citations"},
        "thinking": {"thinking", "signature"},
        "redacted_thinking": {"data"},
        "tool_use": {"id", "name", "input", "caller"},
        "server_tool_use": {"id", "name", "input", "caller"},
        "web_search_tool_result": {"tool_use_id", "content", "caller"},
        "web_fetch_tool_result": {"tool_use_id", "content", "caller"},
        "code_execution_tool_result": {"tool_use_id", "content"},
        "bash_code_execution_tool_result": {"tool_use_id", "content"},
        "text_editor_code_execution_tool_result": {"tool_use_id", "content"},
    },
}
_MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}


def block_faults(where: str, block: Json, role: str, inside: set[str] | None = None) -> Iterator[str]:
    kinds = BLOCKS[role]
    kind = block.get("type")
    if kind not in kinds or (inside is not None and kind not in inside):
        yield f"{where}.type: Input tag {kind!r} does not match any of the expected tags"
        return
    yield from extra(f"{where}.{kind}", block, kinds[kind] | {"type", "cache_control"})
    if kind == "text" and not block.get("text", "").strip():
        yield f"{where}: text content blocks must be non-empty"
    elif kind == "image":
        yield from _image(where, block.get("source") or {})
    elif kind == "document":
        yield from _document(where, block.get("source") or {})
    elif kind == "tool_result":
        yield from _result(where, block)
    elif kind in {"tool_use", "server_tool_use"} and not isinstance(block.get("input"), dict):
        yield f"{where}.{kind}.input: Input should be a valid dictionary"


def _image(where: str, source: Json) -> Iterator[str]:
    if source.get("type") in {"url", "file"}:
        return
    data = _decoded(source)
    if data is None:
        yield f"{where}.image.source: Input should be base64 with a media_type"
    elif source.get("media_type") not in _MAGIC:
        yield f"{where}.image.source.base64.media_type: Input should be one of {', '.join(_MAGIC)}"
    elif not data.startswith(_MAGIC[source["media_type"]]):
        yield f"{where}.image.source.base64: The image is no {source['media_type']}, as its media_type says"
    elif len(data) > MOST_IMAGE_BYTES:
        yield f"{where}.image.source.base64: image exceeds 5 MB maximum: {len(data)} bytes > {MOST_IMAGE_BYTES} bytes"
    elif max(_sides(data), default=0) > MOST_IMAGE_SIDE:
        yield f"{where}.image.source.base64.data: a side exceeds the max allowed size: {MOST_IMAGE_SIDE} pixels"


def _sides(data: bytes) -> tuple[int, ...]:
    """Width and height of a PNG; of other images nothing is known here."""
    if data.startswith(_MAGIC["image/png"]):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    return ()


def _document(where: str, source: Json) -> Iterator[str]:
    if source.get("type") in {"url", "file", "content"}:
        return
    if source.get("type") == "text":
        if source.get("media_type") != "text/plain" or not isinstance(source.get("data"), str):
            yield f"{where}.document.source.text.media_type: Input should be 'text/plain'"
        return
    data = _decoded(source)
    if data is None or source.get("media_type") != "application/pdf":
        yield f"{where}.document.source.base64.media_type: Input should be 'application/pdf'"
    elif b"%PDF-" not in data[:1024]:
        yield f"{where}.document.source.base64.data: The PDF specified was not valid."


def _decoded(source: Json) -> bytes | None:
    if source.get("type") != "base64" or set(source) != {"type", "media_type", "data"}:
        return None
    try:
        return base64.b64decode(source["data"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None


def _result(where: str, block: Json) -> Iterator[str]:
    content = block.get("content", "")
    if not isinstance(block.get("tool_use_id"), str):
        yield f"{where}.tool_result.tool_use_id: Field required"
    if not isinstance(block.get("is_error", False), bool):
        yield f"{where}.tool_result.is_error: Input should be a valid boolean"
    if isinstance(content, str):
        return
    for at, each in enumerate(content):
        yield from block_faults(f"{where}.tool_result.content.{at}", each, "user", {"text", "image", "document"})
        if block.get("is_error") and each.get("type") != "text":
            yield f"{where}: all content must be type `text` if `is_error` is true"


def extra(where: str, node: Json, known: set[str]) -> Iterator[str]:
    """Keys that a part of a request does not have."""
    yield from (f"{where}.{key}: Extra inputs are not permitted" for key in node if key not in known)
