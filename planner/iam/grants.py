"""Whether what IAM policies allow exists, can be allowed on what they name, and is no more than it seems. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.aws.actions import (
    Service,
    as_of,
    is_retired,
    matching,
    nearest_action,
    nearest_prefix,
    service,
)
from planner.iam import Fault, Policy, Statement, items, placed, texts
from planner.iam.form import filled, short

_MOST_ACTIONS = 2_000


def grants(policy: Policy) -> Iterator[Fault]:
    """What is wrong with what a policy allows or denies."""
    left = _MOST_ACTIONS
    told: set[str] = set()
    for statement in policy.statements:
        wrong = False
        for name in ("Action", "NotAction"):
            given = placed(statement, name)
            for path, action in given[: max(left, 0)]:
                for fault in _action(action):
                    wrong = True
                    if fault.message not in told:
                        yield fault._replace(path=path)
                    told.add(fault.message)
            left -= len(given)
        if not wrong and statement.said.get("Effect") == "Allow":
            yield from _reach(policy, statement)


# --- whether it exists -----------------------------------------------------------------------------------------------


def _action(action: str) -> Iterator[Fault]:
    plain = filled(action)
    if plain == "*" or plain != action:
        return
    prefix, colon, name = action.partition(":")
    if not colon or not name:
        said = f"`{short(action)}` is no action: it must be a service and a name, as `s3:GetObject`."
        yield Fault("action", (), said)
        return
    if is_retired(prefix) or "*" in prefix:
        return
    known = service(prefix)
    if known is None:
        near = nearest_prefix(prefix)
        said = f"`{short(prefix)}` is no service in the list of AWS actions of {as_of()}."
        yield Fault("unknown-action", (), said, f"The prefix that is meant may be `{near}`." if near else "")
    elif "*" in name or "?" in name:
        if name != "*" and not matching(known, name):
            said = f"`{short(action)}` matches no action of the list of AWS actions of {as_of()}."
            yield Fault("unknown-action", (), said)
    elif name.lower() not in known.actions:
        near = nearest_action(known, name)
        said = f"`{short(action)}` is not in the list of AWS actions of {as_of()}."
        yield Fault("unknown-action", (), said, f"What is meant may be `{near}`." if near else "")


# --- how far it reaches ----------------------------------------------------------------------------------------------

_OF_OBJECTS = frozenset(
    {
        "s3:getobject", "s3:putobject", "s3:deleteobject", "s3:getobjectversion", "s3:deleteobjectversion",
        "s3:putobjectacl", "s3:getobjectacl", "s3:getobjecttagging", "s3:putobjecttagging", "s3:deleteobjecttagging",
        "s3:abortmultipartupload", "s3:listmultipartuploadparts", "s3:restoreobject",
    }
)  # fmt: skip
_OF_BUCKETS = frozenset(
    {
        "s3:listbucket", "s3:listbucketversions", "s3:getbucketlocation", "s3:getbucketpolicy", "s3:putbucketpolicy",
        "s3:listbucketmultipartuploads", "s3:getbucketversioning", "s3:putbucketversioning", "s3:getbucketacl",
    }
)  # fmt: skip


def _reach(policy: Policy, statement: Statement) -> Iterator[Fault]:
    actions = [each for each in texts(statement.said.get("Action")) or () if filled(each) == each]
    resources = [filled(text) for _, text in placed(statement, "Resource")]
    computed = len(resources) < len(items(statement.said.get("Resource")))
    whole = [each for each in actions if each == "*" or each.endswith(":*")]
    on_itself = policy.role == "resource" and len(whole) == len(actions)
    if whole and not on_itself:
        said = f"A statement allows `{whole[0]}`, {_everything(whole[0])}."
        yield Fault("wildcard", (*statement.path, "Action"), said, "Name the actions that are needed.")
        return
    if "NotAction" in statement.said:
        said = "A statement allows all actions but those in `NotAction`, those of services to come included."
        yield Fault("wildcard", (*statement.path, "NotAction"), said, "Name the actions that are needed.")
        return
    if "*" in resources:
        bound = [each for each in actions if _is_bound(each) and not _LOOKS.match(each)]
        if policy.role == "identity" and bound and "Condition" not in statement.said:
            said = f"A statement allows {_some(bound)} on every resource (`*`)."
            yield Fault("wildcard", (*statement.path, "Resource"), said, "Name the resources, by ARN.")
    elif resources and not computed and all(each.startswith("arn:") for each in resources):
        yield from _reaches_nothing(statement, actions, resources)


_LOOKS = re.compile(r"[\w-]+:(List|Describe)")
"""Actions that only look around: so often allowed on everything that a word on it would be noise."""


def _everything(action: str) -> str:
    return "everything" if action == "*" else f"every action of `{short(action.partition(':')[0])}`"


def _some(actions: list[str]) -> str:
    others = f" and {len(actions) - 1} more" if len(actions) > 1 else ""
    return f"`{short(actions[0])}`{others}"


def _is_bound(action: str) -> bool:
    """Whether an action changes with the resource: AWS allows some only on `*`."""
    prefix, _, name = action.partition(":")
    known = service(prefix)
    if known is None:
        return False
    names = [each.lower() for each in matching(known, name)] if "*" in name else [name.lower()]
    return any(each not in known.unbound for each in names)


def _reaches_nothing(statement: Statement, actions: list[str], resources: list[str]) -> Iterator[Fault]:
    """The first action that none of the resources can be meant by."""
    for action in actions:
        prefix, _, name = action.lower().partition(":")
        known = service(prefix)
        if known is None or "*" in action or "?" in action:
            continue
        said, hint = _misses(action.lower(), name, known, resources)
        if said:
            yield Fault(
                "unbound" if name in known.unbound else "mismatch",
                (*statement.path, "Resource"),
                f"`{action}` {said}",
                hint,
            )
            return


def _misses(action: str, name: str, known: Service, resources: list[str]) -> tuple[str, str]:
    if name in known.unbound:
        return "can be allowed only on `*`, and the statement names resources, so it is not allowed.", (
            "Give it a statement of its own with `*`."
        )
    services = {each.split(":")[2] for each in resources if each.count(":") > 2}  # noqa: PLR2004 - the third part
    if known.arns and services and not services & known.arns and not services & {"*", "x", ""}:
        return f"is about resources of {_some(sorted(known.arns))}, and the statement names none of them.", ""
    buckets = [each.split(":", 5)[5] for each in resources if each.startswith("arn:") and ":s3:::" in each]
    if buckets and len(buckets) == len(resources):
        if action in _OF_OBJECTS and not any("/" in each or each.endswith("*") or each == "x" for each in buckets):
            return (
                "is about objects, and the statement names only buckets.",
                f"Name `arn:aws:s3:::{short(buckets[0])}/*`.",
            )
        if action in _OF_BUCKETS and all("/" in each and not each.startswith(("*", "x")) for each in buckets):
            bucket = buckets[0].partition("/")[0]
            return "is about a bucket, and the statement names only objects.", f"Name `arn:aws:s3:::{short(bucket)}`."
    return "", ""
