"""What the plan cites was read, and paths of the repository are there at the commit that was read. No I/O."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from planner.checks import Rule, found
from planner.findings import Finding
from planner.subject import Subject, path_in, source_named

KINDS: frozenset[str] = frozenset()
RULES = {
    "path": Rule("error", "every path that is cited is in the repository"),
    "source": Rule("error", "every source that evidence comes from was read"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    told: set[str] = set()
    for each in subject.outline.citations:
        if each.source in told:
            continue
        told.add(each.source)
        path = path_in(each.source)
        there = (subject.paths or {}).get(path) if path else None
        if there is False:
            said = f"`{path}` is not in the repository at the commit that was read."
            yield found("citations/path", said, each.at, rules=RULES, hint="Cite what you have read, or nothing.")
        elif there is None and each.at.block == "evidence" and not _was_read(each.source, subject):
            sources = subject.sources or {}
            near = difflib.get_close_matches(each.source, sources, n=2, cutoff=0.4)
            names = ", ".join(f"`{name}`" for name in (near or [*sources][:6]))
            said = f"`{each.source[:80]}` was not read, so nothing can come from it."
            yield found("citations/source", said, each.at, rules=RULES, hint=f"Sources are {names}." if names else "")


def _was_read(source: str, subject: Subject) -> bool:
    return subject.sources is None or source_named(source, subject.sources) is not None
