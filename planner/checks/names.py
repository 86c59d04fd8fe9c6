"""AWS services that the plan names exist. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from planner.aws import nearest, unknown_services
from planner.checks import Rule, found
from planner.findings import Finding
from planner.subject import Subject

KINDS: frozenset[str] = frozenset()
RULES = {"aws-service": Rule("error", "what is called an AWS service is one")}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 0


def look(subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    told: set[str] = set()
    for each in subject.outline.services:
        for name in unknown_services(each.runs_on):
            if name in told:
                continue
            told.add(name)
            near = nearest(name)
            said = f"There is no AWS service `{name}`, on which `{each.name}` is to run."
            yield found("names/aws-service", said, each.at, rules=RULES, hint=f"Did you mean {near}?" if near else "")
