"""The actions that IAM policies can name, and what they apply to. Reads one file of its own, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

_MOST_STARS = 8
_LONGEST = 100


class Service(NamedTuple):
    """What policies can say of one service.

    `actions` are the names by their lower case, `unbound` (lower case) are those that take no resource but `*`, and
    `arns` are the services that stand in the names of its resources ("iam" for `sts`).
    """

    prefix: str
    actions: dict[str, str]
    unbound: frozenset[str]
    arns: frozenset[str]


def service(prefix: str) -> Service | None:
    """The service of a prefix, `s3`, in any case; None if there is none."""
    return _service(prefix.lower()) if prefix.lower() in _lines()[0] else None


def is_retired(prefix: str) -> bool:
    """Whether AWS has closed the service, so that its actions are not listed any more."""
    return prefix.lower() in _lines()[1]


def as_of() -> str:
    """The month that the list is from: "October 2026"."""
    return _lines()[2]


def matching(known: Service, name: str) -> list[str]:
    """The actions of a service that a name with `*` and `?` in it stands for."""
    if name.count("*") > _MOST_STARS or len(name) > _LONGEST:
        return []
    return [known.actions[action] for action in _matching(known.prefix, name.lower())]


def nearest_action(known: Service, name: str) -> str:
    """What may be meant by an action that is not there, with its prefix; empty if nothing is like it."""
    meant = _MEANT.get(f"{known.prefix}:{name}".lower())
    if meant:
        return meant
    close = get_close_matches(name.lower()[:_LONGEST], known.actions, n=1, cutoff=0.7)
    return f"{known.prefix}:{known.actions[close[0]]}" if close else ""


def nearest_prefix(prefix: str) -> str:
    """The prefix that may be meant by one that is not there; empty if none is like it."""
    lower = prefix.lower()[:_LONGEST]
    if lower in _PREFIXES:
        return _PREFIXES[lower]
    return next(iter(get_close_matches(lower, _lines()[0], n=1, cutoff=0.8)), "")


def arn_services() -> frozenset[str]:
    """The services that stand in ARNs."""
    return frozenset(_arns())


class Misfit(NamedTuple):
    """Why no resource of a service is written so: in `part` ("region", "account", "kind"), and the kind meant."""

    part: str
    near: str


@lru_cache(maxsize=500)
def misfit(service: str, region: str, account: str, resource: str) -> Misfit | None:
    """What is wrong with the end of an ARN, which may have `*` and `?` in it; None where nothing is known to be."""
    patterns = [each.split(":", 2) for each in _arns().get(service, "").split()]
    if not patterns or len(resource) > 2 * _LONGEST or len(region) + len(account) > _LONGEST:
        return None
    kinds = [each for each in patterns if overlap(each[2], resource)]
    if not kinds:
        word, *others = (
            re.split(r"[/:]", each, maxsplit=1)[0] for each in (resource, *(kind for _, _, kind in patterns))
        )
        close = get_close_matches(word, others, n=1, cutoff=0.7)
        return Misfit("kind", close[0]) if close and close[0] not in {"*", word} else None
    here = [each for each in kinds if overlap(each[0], region)]
    if not here:
        return Misfit("region", "")
    return None if any(overlap(each[1], account) for each in here) else Misfit("account", "")


def nearest_key(key: str) -> str:
    """The condition key that may be meant by one that its service lacks; empty if it has it, or none is like it."""
    prefix, _, name = key.partition(":")
    known = {each.lower(): each for each in _keys().get(prefix.lower(), "").split()}
    plain = re.split(r"[/:$]", name, maxsplit=1)[0].lower()[:_LONGEST]
    close = [] if plain in known else get_close_matches(plain, known, n=1, cutoff=0.8)
    return f"{prefix}:{known[close[0]]}" if close else ""


# --- what is often taken for an action -------------------------------------------------------------------------------

_MEANT = {
    # Operations of the API that other actions allow: AWS's documentation of each service's actions says which.
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:getobjectmetadata": "s3:GetObject",
    "s3:copyobject": "s3:GetObject` and `s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "lambda:invoke": "lambda:InvokeFunction",
    "dynamodb:transactwriteitems": "dynamodb:PutItem` with `dynamodb:UpdateItem",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "sqs:sendmessagebatch": "sqs:SendMessage",
    "sqs:deletemessagebatch": "sqs:DeleteMessage",
    "sqs:changemessagevisibilitybatch": "sqs:ChangeMessageVisibility",
    "sns:publishbatch": "sns:Publish",
    "bedrock:converse": "bedrock:InvokeModel",
    "bedrock:conversestream": "bedrock:InvokeModelWithResponseStream",
    "kms:generatekey": "kms:GenerateDataKey",
    "secretsmanager:getsecret": "secretsmanager:GetSecretValue",
}
_PREFIXES = {
    "eventbridge": "events",
    "eventbridge-scheduler": "scheduler",
    "stepfunctions": "states",
    "step-functions": "states",
    "stepfunction": "states",
    "cloudwatchlogs": "logs",
    "cloudwatch-logs": "logs",
    "api-gateway": "execute-api",
    "secrets-manager": "secretsmanager",
    "secretmanager": "secretsmanager",
    "cognito": "cognito-idp",
    "parameterstore": "ssm",
    "parameter-store": "ssm",
    "systemsmanager": "ssm",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "msk": "kafka",
    "aurora": "rds",
    "fargate": "ecs",
    "dynamo": "dynamodb",
    "opensearchserverless": "aoss",
    "x-ray": "xray",
    "bedrock-runtime": "bedrock",
    "kinesisfirehose": "firehose",
    "email": "ses",
    "monitoring": "cloudwatch",
}


# --- the list --------------------------------------------------------------------------------------------------------


@cache
def _lines() -> tuple[dict[str, str], frozenset[str], str]:
    """The line of each prefix, the prefixes of retired services, and the month of it all."""
    text = (resources.files("planner.aws") / "actions.txt").read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    year, month = _DATE.findall(head[0])[0]
    retired = next(line.removeprefix("# retired:").split() for line in head if line.startswith("# retired:"))
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {prefix: rest for prefix, _, rest in lines}, frozenset(retired), f"{_MONTHS[int(month) - 1]} {year}"


_DATE = re.compile(r"as of (\d{4})-(\d\d)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@cache
def _arns() -> dict[str, str]:
    return _table("arns.txt")


@cache
def _keys() -> dict[str, str]:
    return _table("conditions.txt")


def _table(name: str) -> dict[str, str]:
    lines = (resources.files("planner.aws") / name).read_text(encoding="utf-8").splitlines()
    parts = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {first: rest for first, _, rest in parts}


@cache
def _service(prefix: str) -> Service:
    arns, _, rest = _lines()[0][prefix].partition(" ")
    names = rest.split()
    return Service(
        prefix=prefix,
        actions={name.rstrip("*").lower(): name.rstrip("*") for name in names},
        unbound=frozenset(name.rstrip("*").lower() for name in names if name.endswith("*")),
        arns=frozenset(filter(None, arns.split(","))),
    )


@lru_cache(maxsize=500)
def _matching(prefix: str, pattern: str) -> tuple[str, ...]:
    return tuple(action for action in _service(prefix).actions if matches(pattern, action))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` (any text) and `?` (any one character) is `text`. Takes linear time for each star."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return len(pattern) == len(text) and _same(pattern, text)
    first, *between, last = pieces
    if len(first) + len(last) > len(text) or not _same(first, text[: len(first)]):
        return False
    end = len(text) - len(last)
    if not _same(last, text[end:]):
        return False
    at = len(first)
    for piece in between:
        found = next(_places(piece, text, at, end), None)
        if found is None:
            return False
        at = found + len(piece)
    return True


def overlap(one: str, other: str) -> bool:
    """Whether some text is matched by two patterns with `*` and `?`."""
    seen = {(0, 0)}
    rest = [(0, 0)]
    while rest:
        a, b = rest.pop()
        if a == len(one) and b == len(other):
            return True
        star_a, star_b = one[a : a + 1] == "*", other[b : b + 1] == "*"
        steps: list[tuple[int, int]] = []
        if star_a:
            steps.append((a + 1, b))
        if star_b:
            steps.append((a, b + 1))
        if a < len(one) and b < len(other):
            if star_a or star_b:
                steps.append((a + (not star_a), b + (not star_b)))
            elif one[a] == other[b] or "?" in {one[a], other[b]}:
                steps.append((a + 1, b + 1))
        for step in steps:
            if step not in seen:
                seen.add(step)
                rest.append(step)
    return False


def _places(piece: str, text: str, start: int, end: int) -> Iterator[int]:
    return (at for at in range(start, end - len(piece) + 1) if _same(piece, text[at : at + len(piece)]))


def _same(pattern: str, text: str) -> bool:
    return pattern == text or (
        len(pattern) == len(text) and all(a in {"?", b} for a, b in zip(pattern, text, strict=True))
    )
