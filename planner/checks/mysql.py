"""SQL for MySQL and MariaDB parses. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject

KINDS = frozenset({"mysql"})
RULES = {
    "syntax": Rule("error", "it parses as MySQL"),
    "not-checked": Rule("warning", "it is small enough to be read"),
}
NEEDS = ("sqlfluff",)
# The parser takes its time: about 10 ms for a table, and more than twice that for twice as many in one statement.
MOST_CHARS = 20_000
_LONGEST_STATEMENT = 4_000
_DEEPEST = 12


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    text = fence.content
    if max((len(each) for each in text.split(";")), default=0) > _LONGEST_STATEMENT or _depth(text) > _DEEPEST:
        said = "A statement is too long or nested too deeply to be read, so it was not checked."
        yield found("mysql/not-checked", said, fence.at, rules=RULES)
        return
    parsed = _linter().parse_string(f"{text.rstrip()}\n")
    for violation in cast("list[Any]", parsed.violations)[:1]:
        said = _plain(str(violation.desc()))
        yield found("mysql/syntax", said, within(fence.at, int(violation.line_no)), rules=RULES)


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in re.finditer(r"[()]", text):
        depth += 1 if match[0] == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _plain(said: str) -> str:
    match = re.search(r"Found unparsable section: '(.*?)'(?:\. Expected:|\Z)", said, re.DOTALL)
    if match:
        return f"MySQL cannot read this from `{' '.join(match[1].split())[:60]}` on."
    return f"MySQL cannot read this: {said.partition('. Expected:')[0].rstrip('.')}."


@cache
def _linter() -> Any:
    from sqlfluff.core import FluffConfig, Linter  # noqa: PLC0415 - of the extra

    config = FluffConfig(
        overrides={"dialect": "mysql", "templater": "raw", "large_file_skip_byte_limit": 0}, ignore_local_config=True
    )
    return Linter(config=config)
