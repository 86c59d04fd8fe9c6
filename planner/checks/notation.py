"""JSON and YAML can be read, and no key stands twice in one mapping. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from planner.checks import Mending, Rule, as_one, found, within
from planner.findings import Finding
from planner.notation import MOST_CHARS as READABLE
from planner.notation import NotationError, load
from planner.notation_mending import mended, without_comments
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
    notation = _notation(fence)
    # TypeScript reads its own settings with comments and last commas, though everybody calls them JSON.
    content = without_comments(fence.content) if '"compilerOptions"' in fence.content else fence.content
    try:
        loaded = load(content, notation)
    except NotationError as error:
        said = f"This is no {notation.upper()}: {error.reason}"
        yield found("notation/syntax", said, within(fence.at, error.line), rules=RULES, hint=error.hint)
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


def mend(fence: Fence) -> Mending | None:
    """See `planner.checks`."""
    after = mended(fence.content, _notation(fence))
    if after is None:
        return None
    said = "; ".join(after.done)
    return Mending(after.text, f"{said[:1].upper()}{said[1:]}.")


def _notation(fence: Fence) -> str:
    return "json" if "json" in fence.kinds else "yaml"
