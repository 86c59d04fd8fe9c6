"""Which files an issue's texts show or link to. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from linear.files import is_of
from planner.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known
    from linear.models import IssueContext

_MARKDOWN = re.compile(
    r"""(?P<image>!?)\[(?P<text>(?:\\.|[^\[\]\\\n]){0,500})\]\(\s*<?(?P<url>https?://[^\s<>()"|`\\]+)""", re.VERBOSE
)
_BARE = re.compile(r"""https?://[^\s<>()\[\]"'`|\\]+""")
_LONGEST_TITLE = 80


class Link(NamedTuple):
    """A file by its address. `own`: it lies at Linear's file host; else it is an image somewhere else."""

    url: str
    title: str
    own: bool

    @property
    def host(self) -> str:
        """Where it lies."""
        return urlsplit(self.url).hostname or ""


def links_of(context: IssueContext, known: Known, origin: str) -> tuple[Link, ...]:
    """Files at `origin` that the issue shows or links to, and images elsewhere; each once, in the order of reading."""
    found: dict[str, Link] = {}
    for text, title in _texts(context, known):
        for link in _links(text, title, origin):
            key = link.url.partition("#")[0].partition("?")[0]
            # What is linked bare first may get its name from a later mention.
            if key not in found or (found[key].title == _name_in(link.url) and link.title != _name_in(link.url)):
                found[key] = link
    return tuple(found.values())


def _texts(context: IssueContext, known: Known) -> Iterator[tuple[str, str]]:
    """Every text that may show a file, and for an attachment its title."""
    issue = context.issue
    yield issue.description or "", ""
    for comment in sorted(issue.comments, key=lambda comment: comment.created_at):
        if comment.id not in known.ours:
            yield comment.body, ""
    for attachment in issue.attachments:
        if attachment.id not in known.ours:
            yield attachment.url, attachment.title
    project = issue.project
    documents = (*issue.documents, *known.linked, *(project.documents if project else ()))
    for document in documents:
        if document.id not in known.ours and not document.trashed:
            yield document.content or "", ""
    if project is not None:
        yield project.content or "", ""


def _links(text: str, title: str, origin: str) -> Iterator[Link]:
    spans: list[tuple[int, Link]] = []
    taken: list[tuple[int, int]] = []
    for match in _MARKDOWN.finditer(text):
        url = match["url"]
        own = is_of(url, origin)
        taken.append(match.span())
        if own or match["image"]:
            spans.append((match.start(), Link(url, _title(match["text"]) or _name_in(url), own)))
    inside = iter(taken)
    start, end = next(inside, (len(text), len(text)))
    for match in _BARE.finditer(text):
        while match.start() >= end and start < len(text):
            start, end = next(inside, (len(text), len(text)))
        if start <= match.start() < end:
            continue
        url = match[0].rstrip(".,;:!?*_~")
        if is_of(url, origin):
            spans.append((match.start(), Link(url, _title(title) or _name_in(url), own=True)))
    yield from (link for _, link in sorted(spans, key=lambda each: each[0]))


def _title(text: str) -> str:
    plain = re.sub(r"\\([\\`*_{}\[\]()#+.!~|-])", r"\1", visible(text).text)
    return " ".join(plain.replace('"', "'").split())[:_LONGEST_TITLE]


def _name_in(url: str) -> str:
    """The last part of an address, as a name."""
    return _title(unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]) or "a file"
