"""Mermaid drawn to SVG on the server, where the drawing library can be had; elsewhere readers see the source."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import cast

try:
    import merman
except ImportError:  # it has no wheel for every machine
    merman = None
_UNDRAWABLE = Exception if merman is None else cast("type[Exception]", merman.MermanError)

LONGEST = 50_000

_LOOK = json.dumps(
    {
        "site_config": {
            "theme": "base",
            "fontFamily": "Arial, sans-serif",
            "themeVariables": {
                "fontFamily": "Arial, sans-serif",
                "primaryColor": "#f3f3f6",
                "primaryBorderColor": "#b9bac4",
                "primaryTextColor": "#1f2023",
                "secondaryColor": "#eef0fb",
                "tertiaryColor": "#ffffff",
                "lineColor": "#6b6f76",
                "edgeLabelBackground": "#ffffff",
                "clusterBkg": "#fafafb",
                "clusterBorder": "#e6e6ea",
            },
        }
    }
)

SVG_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",
}
"""For answers that are an SVG made from untrusted text."""


@lru_cache(maxsize=256)
def drawn(source: str) -> str | None:
    """The SVG of a diagram, None where it cannot be drawn. To be shown only in an `<img>`, where nothing in it runs."""
    if merman is None or len(source) > LONGEST:
        return None
    try:
        return merman.Merman().render_svg(source, _LOOK)
    except _UNDRAWABLE:
        return None


class Drawings:
    """The diagrams of pages that were shown, by the name under which their SVG is fetched."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}

    def name(self, source: str) -> str | None:
        """The name of a diagram that can be drawn, else None."""
        if drawn(source) is None:
            return None
        name = sha256(source.encode()).hexdigest()[:32]
        self._sources[name] = source
        while len(self._sources) > 256:  # noqa: PLR2004 - as many as are kept drawn
            self._sources.pop(next(iter(self._sources)))
        return name

    def svg(self, name: str) -> str | None:
        """The diagram of that name."""
        source = self._sources.get(name)
        return None if source is None else drawn(source)
