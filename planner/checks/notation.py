"""JSON and YAML can be read, and no key stands twice in one mapping. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from planner.checks import Rule, as_one, found, within
from planner.findings import Finding
from planner.notation import MOST_CHARS as READABLE
from planner.notation import NotationError, load
from planner.subject import Fence, Subject

KINDS = frozenset({"json", "yaml"})
RULES = {
    "syntax": Rule("error", "it can be read"),
    "duplicate-key": Rule("error", "no key stands twice in one mapping"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = READABLE


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    notation = "json" if "json" in fence.kinds else "yaml"
    try:
        loaded = load(fence.content, notation)
    except NotationError as error:
        said = f"This is no {notation.upper()}: {error.reason}"
        yield found("notation/syntax", said, within(fence.at, error.line), rules=RULES)
        return
    repeated = [
        found(
            "notation/duplicate-key",
            f"The key `{each.key}` stands twice in one mapping; only the last one counts.",
            within(fence.at, each.line),
            rules=RULES,
            hint="Take one of them away, or merge them.",
        )
        for each in loaded.repeated
    ]
    if repeated:
        yield as_one(repeated)
