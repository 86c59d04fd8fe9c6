"""What a file is by its content, and the form a model reads it in. Blocking, and pure."""

from __future__ import annotations

import base64
import codecs
import io
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from planner.tools.pictures import picture

if TYPE_CHECKING:
    import pypdf

MOST_TEXT = 200_000
"""Characters of one file, and of what is taken out of a PDF."""

MOST_PDF_BYTES = 10_000_000
MOST_PDF_PAGES = 100
_EXTRACT_WITHIN_S = 20.0

_PDF = b"%PDF-"
_PDF_WITHIN = 1_024
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00")
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".pages", ".numbers", ".key")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Read(NamedTuple):
    """What came of a file of `size` bytes.

    `body` and `media_type` are an image or a PDF (with its `pages`, where they were counted), `text` what it says, and
    `gap` why it is not here whole: half a sentence.
    """

    text: str = ""
    body: bytes = b""
    media_type: str = ""
    pages: int = 0
    gap: str = ""
    size: int = 0


def read(body: bytes, media_type: str, name: str) -> Read:
    """A file as it can be shown. Its bytes decide what it is; `media_type` and `name` only help to say what it was."""
    if body.startswith(_IMAGES) or (body.startswith(b"RIFF") and body[8:12] == b"WEBP"):
        found = _image(body)
    elif _PDF in body[:_PDF_WITHIN]:
        found = _pdf(body)
    elif (text := _decoded(body)) is not None:
        found = _text(text)
    else:
        found = Read(gap=f"{_what(body, media_type, name)} of {size_of(len(body))} cannot be read here")
    return found._replace(size=len(body))


def size_of(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1_000_000:,.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1_000):,} kB"  # noqa: PLR2004


def _image(body: bytes) -> Read:
    try:
        shown = picture(base64.b64encode(body).decode())
    except Exception:  # noqa: BLE001 - a broken image breaks its reader in many ways
        shown = "it is an image that cannot be opened"
    if isinstance(shown, str):
        return Read(gap=f"{shown} ({size_of(len(body))})")
    image, note = shown
    gap = "of its frames only the first is shown" if "frames" in note else ""
    return Read(body=base64.b64decode(image.data), media_type=image.media_type, gap=gap)


def _pdf(body: bytes) -> Read:
    import pypdf  # noqa: PLC0415 - starting the receiver must stay quick

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it complains of each broken file, in its words
    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        locked = reader.is_encrypted
        if locked and not reader.decrypt(""):
            return Read(gap=f"a PDF of {size_of(len(body))} that asks for a password")
        pages = len(reader.pages)
        text, read_pages = _extracted(reader)
    except Exception:  # noqa: BLE001 - a broken PDF breaks its reader in many ways
        return Read(gap=f"a PDF of {size_of(len(body))} that cannot be opened")
    if 0 < pages <= MOST_PDF_PAGES and len(body) <= MOST_PDF_BYTES and not locked:
        return Read(text=text, body=body, media_type="application/pdf", pages=pages)
    what = f"a PDF of {pages} pages and {size_of(len(body))}"
    if not text:
        return Read(gap=f"{what} cannot be shown, and no text was found in it")
    upto = "" if read_pages == pages else f", up to page {read_pages}"
    return Read(text=text, gap=f"{what} cannot be shown; its text is read{upto}")


def _extracted(reader: pypdf.PdfReader) -> tuple[str, int]:
    """The text of as many pages as there is room and time for, and how many those are."""
    until = time.monotonic() + _EXTRACT_WITHIN_S
    parts: list[str] = []
    room = MOST_TEXT
    for page in reader.pages:
        if room <= 0 or time.monotonic() > until:
            break
        text = page.extract_text().strip()[:room]
        room -= len(text)
        parts.append(text)
    return "\n\n".join(part for part in parts if part)[:MOST_TEXT], len(parts)


def _decoded(body: bytes) -> str | None:
    encoding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _text(text: str) -> Read:
    if not text.strip():
        return Read(gap="it is empty")
    if len(text) <= MOST_TEXT:
        return Read(text=text)
    return Read(text=text[:MOST_TEXT], gap=f"the first {MOST_TEXT:,} of its {len(text):,} characters are read")


def _what(body: bytes, media_type: str, name: str) -> str:
    """What kind of file it is, for people."""
    if name.lower().endswith(_OFFICE) or body.startswith(_OLD_OFFICE):
        return "an office document"
    if body.startswith(_ARCHIVES):
        return "an archive"
    if body[4:8] == b"ftyp":
        return "a HEIC image" if body[8:11] in (b"hei", b"mif", b"avi") else "a video"
    kinds = {"video": "a video", "audio": "a sound", "image": "an image of another kind"}
    return kinds.get(media_type.partition("/")[0], "a file of another kind")
