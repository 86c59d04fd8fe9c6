"""IAM policies, by themselves and in CloudFormation templates: form, actions, and how far they reach. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.iam import is_within, policies_in
from planner.iam.form import form
from planner.iam.grants import grants
from planner.notation import NotationError, load
from planner.subject import Fence, Subject

KINDS = frozenset({"iam", "cloudformation"})
RULES = {
    "element": Rule("error", "statements have the elements they need, and no others"),
    "version": Rule("error", "the version is one of the policy language"),
    "no-version": Rule("warning", "the version is said"),
    "effect": Rule("error", "the effect is Allow or Deny"),
    "principal": Rule("error", "principals stand where they may, and are of a kind that exists"),
    "sid": Rule("error", "statement ids are letters and digits, each once"),
    "arn": Rule("error", "resources are named by ARN"),
    "condition": Rule("error", "condition operators and keys exist"),
    "action": Rule("error", "actions are written as a service and a name"),
    "unknown-action": Rule("error", "every action exists"),
    "unbound": Rule("warning", "actions that AWS allows only on `*` stand with `*`"),
    "mismatch": Rule("error", "actions can be allowed on the resources they stand with"),
    "wildcard": Rule("warning", "no more is allowed than is named"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 200_000

_MOST_POLICIES = 500


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    try:
        loaded = load(fence.content, "json" if "json" in fence.kinds else "yaml")
    except NotationError:
        return  # the check `notation` says so
    for number, document in enumerate(loaded.documents):
        for count, policy in enumerate(policies_in(document)):
            if count >= _MOST_POLICIES:
                return
            faults = list(form(policy))
            broken = [fault.path for fault in faults if RULES[fault.rule].level == "error"]
            whole = (each for each in policy.statements if not any(is_within(path, each) for path in broken))
            faults += grants(policy._replace(statements=tuple(whole)))
            for fault in sorted(faults, key=lambda each: loaded.line(each.path, number)):
                at = within(fence.at, loaded.line(fault.path, number))
                yield found(f"iam/{fault.rule}", fault.message, at, rules=RULES, hint=fault.hint)
