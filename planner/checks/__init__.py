"""What a plan is checked for: one file a check, found by discovery.

A check is a module whose docstring begins with the line that docs and pages show. It has

- `KINDS`: the kinds of code blocks it looks at (see `planner.subject.kinds_of`); empty for one that looks at the plan,
- `RULES`: each fault it can find, by name,
- `NEEDS`: modules of the extra `infra` that it cannot do without (it imports them inside its functions), often none,
- `MOST_CHARS`: longer code blocks are not looked at, which is a finding,
- `look(fence, subject)` or, with empty `KINDS`, `look(subject)`: yields findings, and
- where it needs more than Python, `lacking()`: why it cannot look here, a sentence, or nothing, and
- where it can put slips right, `mend(fence)`: the block as it should be and one sentence on it, or None.

All are pure, quick and bounded, whatever the text: nothing is fetched, run or written. They may call other programs
only where the docstring says so. What raises all the same becomes a finding of the rule `broken`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple, Protocol, cast, runtime_checkable

from planner.findings import At, Finding, Level
from planner.subject import Fence, Subject


class Rule(NamedTuple):
    """A fault that a check can find: how bad it is, and what holds where it is not found, in a few words."""

    level: Level
    says: str


class Mending(NamedTuple):
    """A block put right, and what was changed, in one sentence."""

    content: str
    said: str


class _Check(Protocol):
    """What every module of this package has."""

    __name__: str
    KINDS: frozenset[str]
    RULES: Mapping[str, Rule]
    NEEDS: tuple[str, ...]
    MOST_CHARS: int


class BlockCheck(_Check, Protocol):
    """A check of code blocks, each by itself."""

    @staticmethod
    def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
        """The faults of one block."""
        ...


class PlanCheck(_Check, Protocol):
    """A check of the whole plan."""

    @staticmethod
    def look(subject: Subject) -> Iterator[Finding]:
        """The faults of the plan."""
        ...


@runtime_checkable
class MayLack(Protocol):
    """A check that needs more than Python."""

    @staticmethod
    def lacking() -> str:
        """Why it cannot look here, a sentence; empty if it can."""
        ...


@runtime_checkable
class Mends(Protocol):
    """A check that can put simple slips right."""

    @staticmethod
    def mend(fence: Fence) -> Mending | None:
        """The block as it should be; None where nothing simple is wrong with it."""
        ...


@cache
def checks() -> tuple[BlockCheck | PlanCheck, ...]:
    """All checks, by name. The first call imports them, which takes a moment."""
    found = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(cast("BlockCheck | PlanCheck", module) for module in found if not module.__name__.endswith("_"))


def name_of(check: BlockCheck | PlanCheck) -> str:
    """What findings and people call it: `sub-issues` for `planner/checks/sub_issues.py`."""
    return check.__name__.rpartition(".")[2].replace("_", "-")


def about(check: BlockCheck | PlanCheck) -> str:
    """The line that docs and pages show."""
    return (check.__doc__ or "").partition("\n\n")[0].replace("\n", " ").removesuffix(" No I/O.")


def missing(needs: Iterable[str]) -> list[str]:
    """The modules of the extra that are not installed here."""
    return [name for name in needs if find_spec(name) is None]


def found(check_and_rule: str, message: str, at: At, *, rules: Mapping[str, Rule], hint: str = "") -> Finding:
    """A finding of a rule, `mermaid/syntax`, at the level that `rules` has for it."""
    rule = check_and_rule.partition("/")[2]
    return Finding(rule=check_and_rule, level=rules[rule].level, message=message, hint=hint, at=at)


def as_one(findings: Sequence[Finding]) -> Finding:
    """Findings of one rule as one: the first, with the lines of the others. What breaks in many places is one fault."""
    first, *others = findings
    if not others:
        return first
    lines = sorted({each.at.line for each in others if each.at.line} - {first.at.line})
    shown = ", ".join(str(line) for line in lines[:_SHOWN_LINES])
    where = (
        f" (line{'s' if len(lines) > 1 else ''} {shown}{', ...' if len(lines) > _SHOWN_LINES else ''})" if lines else ""
    )
    return first.model_copy(update={"message": f"{first.message} The same holds {_times(len(others))}{where}."})


def _times(count: int) -> str:
    return "once more" if count == 1 else f"{count} more times"


_SHOWN_LINES = 6


def within(at: At, line: int) -> At:
    """The place of line `line` (from 1) of a block that begins at `at`."""
    return at.model_copy(update={"line": max(at.line, 1) + max(line, 1) - 1})


def short(text: str, most: int = 80) -> str:
    """A text as a message can name it: on one line, and cut to `most` characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 3].rstrip()}..."
