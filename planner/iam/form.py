"""Whether IAM policies have the form that AWS's grammar of the policy language gives them. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import cast

from planner.aws.actions import arn_services, misfit, nearest_key
from planner.aws.actions import service as service_of
from planner.iam import VERSIONS, Fault, Policy, Statement, is_computed, placed, texts
from planner.notation import Path

_OF_POLICIES = ("Version", "Id", "Statement")
_OF_STATEMENTS = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip


def form(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the form of a policy. What one fault brings along is not told again."""
    if policy.said:
        yield from _top(policy)
    sids: set[str] = set()
    for statement in policy.statements:
        unknown = list(_unknown(statement.path, statement.said, _OF_STATEMENTS, "a statement"))
        yield from unknown
        yield from _effect(statement, unknown)
        yield from _either(statement, "Action", unknown, required=True)
        yield from _either(statement, "Resource", unknown, required=_needs_resource(policy, statement))
        yield from _whom(policy, statement)
        yield from _sid(policy, statement, sids)
        yield from _condition(statement)
    yield from _resources(policy)


def short(text: object) -> str:
    """A value as it may stand in a sentence."""
    line = " ".join(str(text).replace("`", "'").split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


_LONGEST = 70


def _top(policy: Policy) -> Iterator[Fault]:
    unknown: list[Fault] = []
    if policy.is_alone or "Version" in policy.said:
        unknown += _unknown(policy.path, policy.said, _OF_POLICIES, "a policy")
    yield from unknown
    if "Statement" not in policy.said and not _is_meant("Statement", unknown):
        yield Fault("element", policy.path, "The policy has no `Statement`.", "Say what it allows or denies.")
    version = policy.said.get("Version")
    if "Version" not in policy.said:
        if policy.is_alone and not _is_meant("Version", unknown):
            said = "The policy has no `Version`, so it is read as one of 2008, in which variables are plain text."
            yield Fault("no-version", policy.path, said, f'Write `"Version": "{VERSIONS[0]}"`.')
    elif not is_computed(version) and version not in VERSIONS:
        said = f"The `Version` of the policy is `{short(version)}`, which is no version of the policy language."
        yield Fault("version", (*policy.path, "Version"), said, f"Write `{VERSIONS[0]}`; it is no date of yours.")


def _unknown(path: Path, said: dict[str, object], known: tuple[str, ...], what: str) -> Iterator[Fault]:
    for name in said:
        if name not in known and not name.startswith("Fn::"):
            lower = {each.lower(): each for each in known}
            close = get_close_matches(name.lower()[:_LONGEST], lower, n=1, cutoff=0.7)
            hint = f"Did you mean `{lower[close[0]]}`?" if close else f"It may have {_listed(known)}."
            yield Fault("element", (*path, name), f"`{short(name)}` is no element of {what}.", hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _is_meant(element: str, unknown: list[Fault]) -> bool:
    """Whether an element that is missing stands there misspelled, which is told already."""
    return any(f"`{element}`" in each.hint or f"`Not{element}`" in each.hint for each in unknown)


def _effect(statement: Statement, unknown: list[Fault]) -> Iterator[Fault]:
    effect = statement.said.get("Effect")
    if "Effect" not in statement.said:
        if not _is_meant("Effect", unknown):
            yield Fault("element", statement.path, "A statement has no `Effect`.", "Write `Allow` or `Deny`.")
    elif not is_computed(effect) and effect not in {"Allow", "Deny"}:
        said = f"The `Effect` of a statement is `{short(effect)}`; only `Allow` and `Deny` exist."
        yield Fault("effect", (*statement.path, "Effect"), said)


def _either(statement: Statement, element: str, unknown: list[Fault], *, required: bool) -> Iterator[Fault]:
    """One of an element and its opposite; they hold a text or texts."""
    both = [name for name in (element, f"Not{element}") if name in statement.said]
    if len(both) == 2:  # noqa: PLR2004 - both
        said = f"A statement has both `{element}` and `Not{element}`; AWS takes one of them."
        yield Fault("element", statement.path, said, "Make two statements of it.")
    elif not both and required and not _is_meant(element, unknown):
        yield Fault("element", statement.path, f"A statement has no `{element}`.", _hint_of(element))
    for name in both:
        value = statement.said[name]
        if texts(value) is None or value == []:
            held = f"`{short(value)}`" if value else "nothing"
            said = f"`{name}` holds {held}, and must be a text or a list of texts."
            yield Fault("element", (*statement.path, name), said)


def _hint_of(element: str) -> str:
    return "Say what it is about, by ARN." if element == "Resource" else "Say what it allows or denies."


_WITH_RESOURCE = ("s3:", "sqs:", "sns:", "kms:", "secretsmanager:", "dynamodb:", "execute-api:")


def _needs_resource(policy: Policy, statement: Statement) -> bool:
    """Whether a statement must say what it is about: policies of identities, and of resources that are known for it."""
    if policy.role != "resource":
        return policy.role == "identity"
    actions = texts(statement.said.get("Action")) or []
    return bool(actions) and all(action.lower().startswith(_WITH_RESOURCE) for action in actions)


def _sid(policy: Policy, statement: Statement, sids: set[str]) -> Iterator[Fault]:
    sid = statement.said.get("Sid")
    if not isinstance(sid, str) or not sid:
        return
    place = (*statement.path, "Sid")
    if policy.role == "identity" and not _holes(sid) and not re.fullmatch(r"[A-Za-z0-9]+", sid):
        said = f"The `Sid` `{short(sid)}` holds other characters than letters and digits."
        yield Fault("sid", place, said, f"Write `{re.sub(r'[^A-Za-z0-9]', '', sid.title()) or 'Statement1'}`.")
    elif sid in sids:
        yield Fault("sid", place, f"The `Sid` `{short(sid)}` stands in two statements of one policy.")
    sids.add(sid)


# --- whom ------------------------------------------------------------------------------------------------------------

_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws|amazon|aws)\.(com|com\.cn|dev|internal|eu)")
_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{16,17}")


def _whom(policy: Policy, statement: Statement) -> Iterator[Fault]:
    named = [name for name in ("Principal", "NotPrincipal") if name in statement.said]
    if not named:
        if policy.role != "identity":
            said = "A statement has no `Principal`, and in a policy on a resource or of trust each must have one."
            yield Fault("principal", statement.path, said, "Say whom it is about.")
        return
    if policy.role == "identity":
        said = f"A statement has `{named[0]}`, which policies of users, groups and roles cannot have."
        yield Fault("principal", (*statement.path, named[0]), said, "Leave it out: it is about whoever has the policy.")
        return
    if policy.role == "trust" and ("Resource" in statement.said or "NotResource" in statement.said):
        said = "A statement of a trust policy has `Resource`, which trust policies cannot have."
        yield Fault("principal", (*statement.path, "Resource"), said, "Leave it out: it is about the role itself.")
    for name in named:
        yield from _principals((*statement.path, name), statement.said[name])


def _principals(path: Path, value: object) -> Iterator[Fault]:
    if is_computed(value) or value == "*":
        return
    if not isinstance(value, dict):
        said = f"The `{path[-1]}` is `{short(value)}`; it must be `*` or say of which kind it is."
        hint = '`{"Service": ...}`' if isinstance(value, str) and value.endswith(".com") else '`{"AWS": ...}`'
        yield Fault("principal", path, said, f"Write it as {hint}.")
        return
    for kind, given in cast("dict[str, object]", value).items():
        place = (*path, kind)
        if kind not in _KINDS:
            yield Fault(
                "principal", place, f"`{short(kind)}` is no kind of principal.", f"There are {_listed(_KINDS)}."
            )
            continue
        for each in texts(given) or ():
            said, hint = _principal(kind, each)
            if said:
                yield Fault("principal", place, said, hint)
                break


def _principal(kind: str, text: str) -> tuple[str, str]:
    """What is wrong with a principal of a kind, and what to do; empty where nothing is."""
    plain = filled(text)
    if kind == "Service":
        if not _SERVICE.fullmatch(plain) and not _holes(text) and plain != "*":
            return (
                f"`{short(text)}` is no service principal.",
                "They end with `.amazonaws.com`, as `lambda.amazonaws.com`.",
            )
    elif kind == "AWS":
        if _SERVICE.fullmatch(plain):
            return f"`{short(text)}` is a service, and stands under `AWS`.", "Write it under `Service`."
        is_known = plain == "*" or _ACCOUNT.fullmatch(plain) or _UNIQUE_ID.fullmatch(plain) or plain.startswith("arn:")
        if not is_known and not _holes(text):
            return f"`{short(text)}` is no account, ARN or `*`.", "Write an account of 12 digits or the ARN of a role."
        if plain.startswith("arn:"):
            return _arn(text, of_resource=False)
    return "", ""


# --- what ------------------------------------------------------------------------------------------------------------

_HOLE = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]")
_SHOUTED = re.compile(r"[A-Z]+_[A-Z_]+|REGION|ACCOUNT|X{3,}|\.\.\.|\u2026")
_PARTITION = re.compile(r"aws|aws-cn|aws-us-gov|aws-iso[a-z-]*|aws-eusc|\*|x")
_PARTS = 6
_MOST_ARNS = 500


def filled(text: str) -> str:
    """A text with `x` for each place that is left to be filled, such as `${Bucket}` or `<account>`."""
    return _HOLE.sub("x", text)


def _holes(text: str) -> bool:
    return bool(_HOLE.search(text) or _SHOUTED.search(text))


def _resources(policy: Policy) -> Iterator[Fault]:
    told: set[str] = set()
    places = (
        place
        for statement in policy.statements
        for name in ("Resource", "NotResource")
        for place in placed(statement, name)
    )
    for path, text in islice(places, _MOST_ARNS):
        said, hint = _arn(text)
        if said and said not in told:
            yield Fault("arn", path, said, hint)
            told.add(said)


_ARN_HINT = "An ARN is `arn:aws:service:region:account:resource`, with nothing between colons where it has none."


def _arn(text: str, *, of_resource: bool = True) -> tuple[str, str]:
    """What is wrong with an ARN, and what to do; empty where nothing is."""
    plain = filled(text)
    parts = plain.split(":", _PARTS - 1)
    if plain.startswith(("x", "*")) or (parts[0] != "arn" and _SHOUTED.match(text)):
        return "", ""
    if parts[0] != "arn":
        return f"`{short(text)}` is no ARN.", _ARN_HINT
    if len(parts) < _PARTS:
        said = f"The ARN `{short(text)}` has {len(parts)} parts, and needs {_PARTS}."
        return ("", "") if parts[-1] == "*" else (said, _ARN_HINT)
    said, hint = _parts(parts)
    if not said and of_resource:
        said, hint = _names_nothing(text, parts)
    return said and f"The ARN `{short(text)}` {said}", hint


def _parts(parts: list[str]) -> tuple[str, str]:
    """What is wrong with the form of one of the six parts of an ARN."""
    _, partition, service, _, account, _ = parts
    if not _PARTITION.fullmatch(partition):
        return f"begins with the partition `{short(partition)}`, which does not exist.", "Write `aws`."
    if not service:
        return "names no service.", _ARN_HINT
    if account.isdigit() and not _ACCOUNT.fullmatch(account):
        return f"has the account `{short(account)}`, and accounts have 12 digits.", ""
    return "", ""


def _names_nothing(text: str, parts: list[str]) -> tuple[str, str]:
    """Whether the service of an ARN has no resources that are written so."""
    service, rest = parts[2], ":".join(parts[3:])
    if text.split(":", 3)[2] != service or "*" in service or "?" in service:
        return "", ""  # it is left to be filled
    if service not in arn_services():
        close = [] if service_of(service) else get_close_matches(service[:_LONGEST], arn_services(), n=1, cutoff=0.75)
        said = f"names the service `{short(service)}`, which stands in no ARN."
        return (said, f"Did you mean `{close[0]}`?") if close else ("", "")
    if rest != text.split(":", 3)[3]:
        rest = _HOLE.sub("*", text).split(":", 3)[3]  # what is left to be filled may be any text
    region, account, resource = rest.split(":", 2)
    wrong = misfit(service, region, account, resource)
    if wrong is None:
        return "", ""
    if wrong.part == "kind":
        return f"names no kind of resource that `{service}` has.", f"Did you mean `{wrong.near}`?"
    given = region if wrong.part == "region" else account
    return f"has `{short(given)}` as {wrong.part}, which those of `{service}` do not have there.", ""


# --- on what condition -----------------------------------------------------------------------------------------------

_OPERATORS = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan",
    "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress",
    "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
)  # fmt: skip
_BY_LOWER = {each.lower(): each for each in _OPERATORS}
_GLOBAL_KEYS = (
    "AssumedRoot", "CalledVia", "CalledViaFirst", "CalledViaLast", "CurrentTime", "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4", "EpochTime", "FederatedProvider", "IsMcpServiceAction", "MultiFactorAuthAge",
    "MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService", "PrincipalOrgID",
    "PrincipalOrgPaths", "PrincipalServiceName", "PrincipalServiceNamesList", "PrincipalTag", "PrincipalType",
    "Referer", "RequestedRegion", "RequestTag", "ResourceAccount", "ResourceOrgID", "ResourceOrgPaths", "ResourceTag",
    "SecureTransport", "SourceAccount", "SourceArn", "SourceIdentity", "SourceIp", "SourceOrgID", "SourceOrgPaths",
    "SourceVpc", "SourceVpcArn", "SourceVpce", "TagKeys", "TokenIssueTime", "UserAgent", "userid", "username",
    "ViaAWSService", "VpcSourceIp", "VpceAccount", "VpceOrgID", "VpceOrgPaths", "ChatbotSourceArn",
    "SignInSessionArn",
)  # fmt: skip
_KEYS_BY_LOWER = {each.lower(): each for each in _GLOBAL_KEYS}


def _condition(statement: Statement) -> Iterator[Fault]:
    given = statement.said.get("Condition")
    if given is None or is_computed(given):
        return
    path = (*statement.path, "Condition")
    if not isinstance(given, dict):
        yield Fault("condition", path, "A `Condition` must be a mapping of operators.", 'As `{"StringEquals": {...}}`.')
        return
    for operator, tests in cast("dict[str, object]", given).items():
        place = (*path, operator)
        yield from _operator(place, operator)
        if isinstance(tests, dict):
            for key in cast("dict[str, object]", tests):
                yield from _key(place, key)
        elif not is_computed(tests):
            said = (
                f"The operator `{short(operator)}` holds `{short(tests)}`, and must hold a mapping of condition keys."
            )
            yield Fault("condition", place, said)


def _operator(path: Path, operator: str) -> Iterator[Fault]:
    if operator.startswith("Fn::"):
        return
    head, _, rest = operator.rpartition(":")
    plain = rest.lower().removesuffix("ifexists")
    if head.lower() in {"", "forallvalues", "foranyvalue"} and plain in _BY_LOWER:
        return
    close = get_close_matches(plain[:_LONGEST], _BY_LOWER, n=1, cutoff=0.6)
    hint = f"Did you mean `{_BY_LOWER[close[0]]}`?" if close else ""
    yield Fault("condition", path, f"`{short(operator)}` is no condition operator.", hint)


def _key(path: Path, key: str) -> Iterator[Fault]:
    if _holes(key) or key.startswith("Fn::"):
        return
    if ":" not in key:
        yield Fault(
            "condition", (*path, key), f"`{short(key)}` is no condition key: they have a colon, as `aws:SourceArn`."
        )
        return
    prefix, _, name = key.partition(":")
    plain = name.partition("/")[0].lower()
    near = nearest_key(key)
    if near:
        yield Fault(
            "condition", (*path, key), f"`{short(key)}` is no condition key of its service.", f"Did you mean `{near}`?"
        )
    if prefix.lower() == "aws" and plain not in _KEYS_BY_LOWER:
        close = get_close_matches(plain[:_LONGEST], _KEYS_BY_LOWER, n=1, cutoff=0.85)
        if close:  # others may be newer than this list
            said = f"`{short(key)}` is no condition key of AWS's."
            yield Fault("condition", (*path, key), said, f"Did you mean `aws:{_KEYS_BY_LOWER[close[0]]}`?")
