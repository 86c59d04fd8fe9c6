"""Linear's own documents, linked by plain address in text. No I/O."""

from __future__ import annotations

import re

LINEAR = r"https://linear\.app/[\w.-]+/"
# An address ends where Markdown, a sentence or the rest of the address (an anchor, a query) goes on.
_DOCUMENT = r"document/([^\s/?#()<>\[\]\"'`|\\]+)"
_SLUG = re.compile(r"[0-9a-f]{8,40}")


def linked_document_slugs(text: str, own_url_prefix: str | None = None) -> tuple[str, ...]:
    """The slugs of the documents that `text` links to, each once, in order.

    A document's address is `https://linear.app/<workspace>/document/<title>-<slug>`, the slug being hex digits.
    `own_url_prefix`, such as `https://linear.app/acme/`, leaves out other workspaces, whose documents the key cannot
    read, and is the way to a Linear at another address. Read them with `Linear.documents_by_slug`.
    """
    prefix = LINEAR if own_url_prefix is None else re.escape(own_url_prefix.rstrip("/") + "/")
    slugs: dict[str, None] = {}
    for found in re.finditer(prefix + _DOCUMENT, text):
        slug = found[1].rstrip(".,;:!*_~").rpartition("-")[2].lower()
        if _SLUG.fullmatch(slug):
            slugs[slug] = None
    return tuple(slugs)
