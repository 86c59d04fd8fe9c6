"""Schedules come as meant: cron's five fields, and EventBridge's cron(), rate() and at(). No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.schedules import aws_fault, unix_fault
from planner.subject import Fence, Subject

KINDS = frozenset({"cron", "json", "yaml", "typescript", "tsx"})
RULES = {
    "expression": Rule("error", "every cron expression can be read, and comes some day"),
    "aws-expression": Rule("error", "every schedule of EventBridge has the form that EventBridge takes"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 400_000
_MOST = 4

_AWS = re.compile(r"(?<=[\"'`\s:])(cron|rate|at)\(([^()\n\"'`$]{1,120})\)(?=[\"'`\s,;]|$)", re.MULTILINE)
# GitHub Actions and Kubernetes: `cron:` in a list of schedules, `schedule:` with an expression.
_YAML = re.compile(
    r"^[ \t]*(?:-[ \t]*)?[\"']?(?:cron|schedule)[\"']?[ \t]*:[ \t]*([\"']?)([^\n\"'#{}\[\]()]{3,100})\1"
    r"[ \t]*,?[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
_LOOKS_LIKE_CRON = re.compile(r"(\S+\s+){3,6}\S+|@\w+")


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    faults = _crontab(fence.content) if "cron" in fence.kinds else _inside(fence)
    for number, (rule, line, said) in enumerate(faults):
        if number == _MOST:
            return
        yield found(f"cron/{rule}", said, within(fence.at, line), rules=RULES)


def _crontab(text: str) -> Iterator[tuple[str, int, str]]:
    for number, given in enumerate(text.split("\n"), 1):
        line = given.strip().partition(" #")[0].rstrip()
        if not line or line.startswith("#") or re.match(r"[A-Z_]+\s*=", line):
            continue
        if match := re.fullmatch(r"(cron|rate|at)\((.*)\)", line):
            if fault := aws_fault(match[1], match[2]):
                yield "aws-expression", number, fault
            continue
        expression = line.split(None, 1)[0] if line.startswith("@") else " ".join(line.split()[:5])
        if fault := unix_fault(expression):
            yield "expression", number, fault


def _inside(fence: Fence) -> Iterator[tuple[str, int, str]]:
    text = fence.content
    for match in _AWS.finditer(text):
        if match[1] == "at" and not match[2][:1].isdigit():
            continue  # a function of that name
        if fault := aws_fault(match[1], match[2]):
            yield "aws-expression", text.count("\n", 0, match.start()) + 1, fault
    if "yaml" not in fence.kinds and "json" not in fence.kinds:
        return
    for match in _YAML.finditer(text):
        value = match[2].strip()
        if _LOOKS_LIKE_CRON.fullmatch(value) and re.match(r"[\d*@]", value) and (fault := unix_fault(value)):
            yield "expression", text.count("\n", 0, match.start(2)) + 1, fault
