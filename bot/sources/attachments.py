"""What is attached to the issue: pull requests, error reports, designs, by title, subtitle and address. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from bot.sources import Known
    from linear.models import IssueContext

ORDER = 50
LABEL = ("attachment", "attachments")

# What integrations say that a person would want to read first; the rest follows by name.
_FIRST = ("status", "state", "draft", "number", "title", "branch", "targetBranch", "repo", "count", "level")
# Ids, pictures and addresses of machines say nothing about the work.
_MACHINERY = re.compile(
    r"(^|[a-z_])(id|ids|Id|Ids|ID|_id|avatar\w*|Avatar\w*|icon\w*|Icon\w*|hash|sha|Sha|token|Token)$|^linear"
)
_LINES_MOST = 24
_VALUE_MOST = 400
_MESSAGES_MOST = 10
_DEEPEST = 2


def materials(context: IssueContext, known: Known) -> Iterator[Material]:
    """Each attachment with what its integration says of it, a line a fact."""
    for number, attachment in enumerate(context.issue.attachments, start=1):
        if attachment.id in known.ours:
            continue
        lines = [attachment.subtitle or "", *_said(attachment.metadata)]
        yield Material(
            source="attachment",
            name=f"attachment-{number}",
            title=attachment.title,
            url=attachment.url,
            author=attachment.source_type,
            text="\n".join(line for line in lines if line),
        )


def _said(metadata: Mapping[str, JsonValue]) -> list[str]:
    """Metadata as lines for people: facts first, then messages that were exchanged elsewhere."""
    names = sorted(metadata, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    facts = [line for name in names for line in _facts(name, metadata[name])]
    more = len(facts) - _LINES_MOST
    return [*facts[:_LINES_MOST], *([f"(and {more} more)"] if more > 0 else []), *_messages(metadata.get("messages"))]


def _facts(name: str, value: JsonValue, depth: int = 0) -> Iterator[str]:
    if _MACHINERY.search(name) or name == "messages" or value is None or value in ("", [], {}):
        return
    if isinstance(value, dict):
        if depth < _DEEPEST:
            for key, each in value.items():
                for line in _facts(key, each, depth + 1):
                    yield f"{_words(name)}, {line}"
    elif isinstance(value, list):
        plain = [_plain(each) for each in value if not isinstance(each, dict | list)]
        named = [_plain(each["name"]) for each in value if isinstance(each, dict) and isinstance(each.get("name"), str)]
        if plain or named:
            yield f"{_words(name)}: {_plain(', '.join([*plain, *named]))}"
    else:
        yield f"{_words(name)}: {_plain(value)}"


def _messages(value: JsonValue) -> Iterator[str]:
    """A conversation of Slack's or a support desk's, where the integration keeps it."""
    if not isinstance(value, list):
        return
    said = [each for each in value if isinstance(each, dict) and isinstance(each.get("body"), str)]
    for each in said[:_MESSAGES_MOST]:
        head = ", ".join(
            _plain(each[key]) for key in ("subject", "author", "timestamp") if isinstance(each.get(key), str)
        )
        yield f"> {head}: {_plain(each['body'])}" if head else f"> {_plain(each['body'])}"
    if len(said) > _MESSAGES_MOST:
        yield f"(and {len(said) - _MESSAGES_MOST} more messages)"


def _plain(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(str(value).split())
    return text if len(text) <= _VALUE_MOST else f"{text[: _VALUE_MOST - 1]}…"


def _words(name: str) -> str:
    """`reviewCount` and `review_count` as people write them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", name).strip().lower()
