"""Images as the model's service takes them: recognised by their bytes, bounded, shrunk where they are larger."""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING

from planner.tools import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 1_568
"""Pixels. A larger image is shrunk: the model would not see more of it."""

_MOST_IMAGE_BYTES = 9_000_000
_MOST_PIXELS = 40_000_000
_MOST_SENT_BYTES = 3_500_000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def picture(data: str) -> tuple[Picture, str] | str:
    """An image in base64 as the model's service takes it, with a note about what was done to it; or why there is none.

    Whatever it is called, its bytes decide what it is. An image that the service refuses would end the run, so
    it is decoded whole here. Blocking.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - starting the receiver must stay quick

    if len(data) * 3 // 4 > _MOST_IMAGE_BYTES:
        return f"it is larger than {_MOST_IMAGE_BYTES // 1_000_000} MB"
    try:
        raw = base64.b64decode(data, validate=True)
        image = Image.open(io.BytesIO(raw), formats=list(_MEDIA_TYPES))
        if image.width * image.height > _MOST_PIXELS:
            return f"it has more than {_MOST_PIXELS // 1_000_000} million pixels"
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return f"it has more than {_MOST_PIXELS // 1_000_000} million pixels"
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError):
        return "it is no PNG, JPEG, GIF or WebP that can be read"
    still = getattr(image, "n_frames", 1) == 1
    if still and max(image.size) <= LONGEST_SIDE and len(raw) <= _MOST_SENT_BYTES:
        return Picture(media_type=_MEDIA_TYPES[str(image.format)], data=base64.b64encode(raw).decode()), ""
    return _redrawn(image, still=still)


def _redrawn(image: Image, *, still: bool) -> tuple[Picture, str]:
    width, height = image.size
    flat = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    notes = [] if still else ["the first of several frames"]
    if flat.size != (width, height):
        notes.append(f"shrunk from {width} x {height} pixels to {flat.width} x {flat.height}")
    body = io.BytesIO()
    flat.save(body, "PNG")
    kind = "PNG"
    if body.tell() > _MOST_SENT_BYTES:
        body = io.BytesIO()
        flat.convert("RGB").save(body, "JPEG", quality=85)
        kind = "JPEG"
    made = Picture(media_type=_MEDIA_TYPES[kind], data=base64.b64encode(body.getvalue()).decode())
    return made, f": {', '.join(notes)}" if notes else ""
