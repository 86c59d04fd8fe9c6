"""Finds IAM policies in JSON and YAML: by themselves, and in CloudFormation templates. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple, cast

from planner.notation import Path

Role = Literal["identity", "resource", "trust"]
"""What a policy hangs on: a user, role or group; a resource; or a role, to say who may assume it."""


class Statement(NamedTuple):
    """A statement, and where it stands."""

    path: Path
    said: dict[str, object]


class Policy(NamedTuple):
    """A policy.

    `said` is empty where there are only statements; `is_alone` is False within something greater, such as a template.
    """

    path: Path
    role: Role
    said: dict[str, object]
    statements: tuple[Statement, ...]
    is_alone: bool


class Fault(NamedTuple):
    """Something wrong with a policy, by the rule of the check `iam` that it breaks."""

    rule: str
    path: Path
    message: str
    hint: str = ""


_DEEPEST = 60
_MOST_STATEMENTS = 500


def policies_in(document: object) -> Iterator[Policy]:
    """Every policy in a document, and statements that stand by themselves as a policy of their own."""
    if isinstance(document, list) and document and all(map(_looks_like_statement, items(cast("object", document)))):
        listed = enumerate(cast("list[dict[str, object]]", document))
        bare = [Statement((number,), each) for number, each in listed]
    elif _looks_like_statement(cast("object", document)) and "Statement" not in cast("dict[str, object]", document):
        bare = [Statement((), cast("dict[str, object]", document))]
    else:
        yield from _within((), cast("object", document), "", "")
        return
    yield Policy((), _guessed(bare), {}, tuple(bare), is_alone=True)


def is_within(path: Path, statement: Statement) -> bool:
    """Whether a place is in a statement."""
    return path[: len(statement.path)] == statement.path


def is_computed(value: object) -> bool:
    """Whether a value is one of CloudFormation's functions, whose outcome is not known here."""
    if not isinstance(value, dict):
        return False
    keys = list(cast("dict[str, object]", value))
    return len(keys) == 1 and (keys[0] in {"Ref", "Condition"} or keys[0].startswith("Fn::"))


def texts(value: object) -> list[str] | None:
    """A text or a list of texts as a list, what is computed left out; None if it is neither."""
    given = items(value)
    if any(not isinstance(each, str) and not is_computed(each) for each in given):
        return None
    return [text for each in given if (text := _text(each)) is not None]


def placed(statement: Statement, element: str) -> list[tuple[Path, str]]:
    """The texts of an element, each with its place."""
    value = statement.said.get(element)
    path = (*statement.path, element)
    return [
        ((*path, number) if isinstance(value, list) else path, text)
        for number, each in enumerate(items(value))
        if (text := _text(each)) is not None
    ]


def items(value: object) -> list[object]:
    """A list as it is, anything else as a list of one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _text(value: object) -> str | None:
    """A text, or that of a `Fn::Sub`."""
    if is_computed(value):
        value = cast("dict[str, object]", value).get("Fn::Sub")
        value = items(value)[0] if value else None
    return value if isinstance(value, str) else None


def _within(path: Path, value: object, kind: str, key: str) -> Iterator[Policy]:
    """The policies in a value that stands under `key`, in a resource of type `kind`."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        for number, each in enumerate(cast("list[object]", value)):
            yield from _within((*path, number), each, kind, key)
    elif isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        if _is_policy(mapping):
            policy = _policy(path, mapping, _role(kind, key), alone=not path)
            if not _is_of_a_stack(policy):
                yield policy
            return
        given = mapping.get("Type")
        kind = given if isinstance(given, str) and "::" in given else kind
        for name, each in mapping.items():
            # What a function gives stands where the function stands.
            yield from _within((*path, name), each, kind, key if name.startswith("Fn::") else name)


def _is_policy(mapping: dict[str, object]) -> bool:
    if mapping.get("Version") in VERSIONS:
        near = get_close_matches("Statement", map(_start, mapping), n=1, cutoff=0.7)
        if near or mapping.keys() <= {"Version", "Id"}:
            return True
    inside = mapping.get("Statement")
    return any(map(_looks_like_statement, items(inside)))


def _start(name: str) -> str:
    return name[:20]


def _is_of_a_stack(policy: Policy) -> bool:
    """Whether it is a stack policy, which looks the same and says what updates of a stack may do."""
    actions = [action for each in policy.statements for action in texts(each.said.get("Action")) or ()]
    return bool(actions) and all(action.startswith("Update:") for action in actions)


VERSIONS = ("2012-10-17", "2008-10-17")
_TELLING = frozenset({"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"})


def _looks_like_statement(value: object) -> bool:
    """Whether it has two of the elements that only statements have, so that a missing one is seen."""
    if not isinstance(value, dict):
        return False
    keys = set(cast("dict[str, object]", value))
    return len(keys & _TELLING) + ("Effect" in keys) >= 2  # noqa: PLR2004 - as the docstring says


def _role(kind: str, key: str) -> Role | Literal[""]:
    """What a policy is for, by where it stands; empty where that does not say."""
    if key.startswith("AssumeRolePolicy"):
        return "trust"
    if kind.startswith("AWS::IAM::") or kind in _OF_IDENTITIES:
        return "identity"
    if kind.startswith(("AWS::IoT::", "AWS::Organizations::", "AWS::Serverless::")) or not kind.startswith("AWS::"):
        return ""
    return "resource" if "Policy" in kind or "Polic" in key else ""


_OF_IDENTITIES = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::SSO::PermissionSet"})


def _policy(path: Path, said: dict[str, object], role: Role | Literal[""], *, alone: bool) -> Policy:
    inside = said.get("Statement")
    listed = items(inside)
    statements = tuple(
        Statement(
            (*path, "Statement", number) if listed is inside else (*path, "Statement"), cast("dict[str, object]", each)
        )
        for number, each in enumerate(listed[:_MOST_STATEMENTS])
        if isinstance(each, dict) and not is_computed(cast("object", each))
    )
    return Policy(path, role or _guessed(statements), said, statements, alone)


def _guessed(statements: Sequence[Statement]) -> Role:
    """What a policy is for, by what it says."""
    if not any("Principal" in each.said or "NotPrincipal" in each.said for each in statements):
        return "identity"
    actions = [action for each in statements for action in texts(each.said.get("Action")) or ()]
    assumes = bool(actions) and all(action.lower().startswith("sts:") for action in actions)
    return "trust" if assumes else "resource"
