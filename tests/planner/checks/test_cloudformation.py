"""CloudFormation templates: each rule, what is no fault, pieces of templates, and hostile input."""

from __future__ import annotations

import sys
import textwrap

import pytest

from planner.check import check
from planner.cloudformation import template_in
from planner.cloudformation.lint import Linter, NotLinted
from planner.findings import At, Finding
from planner.subject import Fence, Subject, kinds_of

GOOD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Sizes: {dev: {memory: 256}}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Condition: IsProd
    Properties:
      VisibilityTimeout: 30
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead:
    Type: AWS::SQS::Queue
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs24.x
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "x"}
      MemorySize: !FindInMap [Sizes, dev, memory]
      Environment: {Variables: {QUEUE: !Ref Dead, NAME: !Sub "${Stage}-worker"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
Outputs:
  OrdersArn: {Value: !GetAtt Orders.Arn}
"""


def found(content: str, language: str = "yaml") -> list[Finding]:
    fence = Fence(
        kinds=kinds_of(language, content), language=language, content=content, at=At(block="artefacts.A1", line=1)
    )
    report = check(Subject(markdown="", fences=(fence,)))
    return [each for each in report.findings if each.rule.startswith("cloudformation/")]


def test_a_good_template_has_no_findings() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "message", "hint"),
    [
        ("VisibilityTimeout:", "VisibilityTimeOut:", "property", 13, "`VisibilityTimeOut`", "`VisibilityTimeout`"),
        ('      Code: {ZipFile: "x"}\n', "", "property", 19, "lacks `Code`", ""),
        ("maxReceiveCount: 3", "maxReceive: 3", "property", 14, "`RedrivePolicy` of `Jobs` (AWS::SQS::Queue)", ""),
        ("VisibilityTimeout: 30", "VisibilityTimeout: soon", "value", 13, "must be a whole number, and is `soon`", ""),
        ("VisibilityTimeout: 30", "VisibilityTimeout: 99999", "value", 13, "must be at most 43200", ""),
        ("nodejs24.x", "nodejs24", "value", 21, "is `nodejs24`, which is none of the values", "`nodejs24.x`"),
        ("nodejs24.x", "nodejs12.x", "runtime", 21, "`nodejs12.x`, which is deprecated since 2023-03-31", "Take `"),
        ("AttributeName: pk, Key", "AttributeName: sk, Key", "value", 34, "must match (E3039)", ""),
        ("KeyType: HASH", "KeyType: PARTITION", "value", 37, "KeySchema[0].KeyType", ""),
        ("Type: AWS::SQS::Queue\n    Cond", "Type: AWS::SQS::Que\n    Cond", "type", 10, "`AWS::SQS::Que`", ""),
        ("Dead.Arn", "DeadLetters.Arn", "reference", 14, "names `DeadLetters`", ""),
        ("Dead.Arn", "Dead.ARN", "reference", 14, "asks for the attribute `ARN`", "`Arn`"),
        ("!Ref Dead", "!Ref Deat", "reference", 25, "names `Deat`", "`Dead`"),
        ("${Stage}", "${Stag}", "reference", 25, "names `Stag`", "`Stage`"),
        ("[Sizes, dev", "[Size, dev", "reference", 24, "`Size`", "`Sizes`"),
        ("dev, memory]", "dev, size]", "reference", 24, "`size`", ""),
        ("Condition: IsProd", "Condition: IsLive", "reference", 11, "names `IsLive`", ""),
        ("Orders.Arn", "Orders.StreamArnn", "reference", 39, "output `OrdersArn`", "`StreamArn`"),
        ("Role: !GetAtt Role.Arn", "Role: !GetAtt Worker.Arn", "cycle", 17, "`Worker` refers to itself", ""),
        ("Mappings:", "Mapings:", "section", 6, "no section `Mapings`", "`Mappings`"),
        ("Type: String", "Type: Text", "section", 3, "`Type` of the parameter `Stage`", ""),
        ("2010-09-09", "2012-10-17", "section", 1, "`2012-10-17`", "`2010-09-09`"),
        ("Handler: index.handler", "Handler:", "null", 20, "`Handler` of `Worker`", ""),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(  # noqa: PLR0917 - a row of the table
    old: str, new: str, rule: str, line: int, message: str, hint: str
) -> None:
    assert old in GOOD
    first, *others = found(GOOD.replace(old, new, 1))
    assert len(others) <= (rule == "section")
    assert (first.rule, first.at.line) == (f"cloudformation/{rule}", line)
    assert message in first.message
    assert hint in first.hint
    assert first.message.endswith(".")


def test_one_cause_is_one_finding_however_often_it_shows() -> None:
    renamed = GOOD.replace("  Dead:\n", "  DeadLetters:\n")
    (one,) = found(renamed)
    assert one.message.startswith("`RedrivePolicy.deadLetterTargetArn` of `Jobs` (AWS::SQS::Queue) names `Dead`")
    assert one.hint == "It is the same at 1 other place."


def test_a_runtime_that_ages_is_a_warning() -> None:
    (one,) = found(GOOD.replace("nodejs24.x", "nodejs20.x"))
    assert one.rule in {"cloudformation/outdated", "cloudformation/runtime"}  # AWS closes it in 2027


def test_sam_is_read_as_sam() -> None:
    sam = """\
        AWSTemplateFormatVersion: "2010-09-09"
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Api:
            Type: AWS::Serverless::Function
            Properties:
              Handler: app.handler
              Runtime: python3.13
              CodeUri: src/
              Events:
                Get: {Type: HttpApi, Properties: {Path: /orders, Method: get}}
        """
    assert found(textwrap.dedent(sam)) == []
    (one,) = found(textwrap.dedent(sam).replace("Events", "Event"))
    assert (one.rule, one.at.line, one.hint) == ("cloudformation/property", 10, "Did you mean `Events`?")


@pytest.mark.parametrize(
    ("before", "orders"),
    [
        (
            "Resources:",
            "Metadata: {cfn-lint: {config: {ignore_checks: [E3002], regions: [all], append_rules: [/elsewhere]}}}\n",
        ),
        ("    Properties:\n      Vis", "    Metadata: {cfn-lint: {config: {ignore_checks: [E3002]}}}\n"),
    ],
    ids=["template", "resource"],
)
def test_a_template_cannot_switch_its_check_off(before: str, orders: str) -> None:
    wrong = GOOD.replace(before, f"{orders}{before}", 1).replace("VisibilityTimeout:", "Visibility:")
    (one,) = found(wrong)
    assert one.rule == "cloudformation/property"


ONE = "Type: AWS::SQS::Queue\nProperties:\n  DelaySeconds: {}\n"
SEVERAL = "Jobs:\n  Type: AWS::SQS::Queue\n  Properties:\n    {}: 3\n    QueueName: !Ref Elsewhere\n"
JSON_ONE = '{{\n  "Type": "AWS::SQS::Queue",\n  "Properties": {{"{}": 3, "QueueName": {{"Ref": "Elsewhere"}}}}\n}}'


@pytest.mark.parametrize(
    ("language", "good", "bad", "line"),
    [
        ("yaml", ONE.format(3), ONE.format("soon"), 3),
        ("yaml", SEVERAL.format("DelaySeconds"), SEVERAL.format("Delay"), 4),
        ("json", JSON_ONE.format("DelaySeconds"), JSON_ONE.format("Delay"), 3),
    ],
    ids=["one resource", "resources", "one resource in JSON"],
)
def test_pieces_of_templates_are_looked_at_without_what_they_leave_out(
    language: str, good: str, bad: str, line: int
) -> None:
    assert found(good, language) == []
    (one,) = found(bad, language)
    assert one.at.line == line


@pytest.mark.parametrize(
    ("language", "content"),
    [
        (
            "yaml",
            "service: orders\nresources:\n  Resources:\n    Q:\n      Type: AWS::SQS::Queue\n      Propertis: {}\n",
        ),
        ("yaml", "Parameters:\n  Vpc:\n    Type: AWS::EC2::VPC::Id\n"),
        ("yaml", "Resources:\n  - a\n  - b\n"),
        ("json", '{"Resources": ["arn:aws:s3:::b"], "Type": "AWS::S3::Object"}'),
        ("yaml", "resourceType: AWS::S3::Bucket\nType: AWS::S3::Bucket\nname: x\n---\na: 1\n"),
        ("cloudformation", "just words"),
        ("cloudformation", "- a\n- b"),
        ("cloudformation", ""),
        ("yaml", "Type: AWS::SQS::Queue\nA: 1\nA: 2\n"),
    ],
    ids=["serverless", "parameters", "list", "event", "documents", "words", "items", "nothing", "twice"],
)
def test_what_is_no_template_is_left_alone(language: str, content: str) -> None:
    assert found(content, language) == []


HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n'


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "".join(f"  R{number}: {{Type: AWS::SQS::Queue}}\n" for number in range(4_900)),
        HEAD + "  A: &a [1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(f"  B{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 8)}]\n" for n in range(8)),
        HEAD + "  A: " + "{a: " * 99 + "1" + "}" * 99,
        HEAD + "  A: " + "[" * 50_000,
        HEAD + "  A: {Type: AWS::SQS::Queue, Properties: " + "!GetAtt " * 1_000 + "}",
        HEAD + "  A:\n    Type: AWS::SQS::Queue\n    DependsOn: [" + "A, " * 15_000 + "A]\n",
        HEAD + "  " + "A" * 150_000 + ": {Type: AWS::SQS::Queue}",
        HEAD + "x" * 1_000_000,
    ],
    ids=["resources", "aliases", "deep", "brackets", "tags", "items", "name", "long"],
)  # fmt: skip
def test_hostile_templates_end_in_time(content: str) -> None:
    assert len(found(content)) <= 2


def test_a_template_that_takes_too_long_is_not_checked() -> None:
    linter = Linter([sys.executable, "-c", "import sys; sys.stdin.readline(); import time; time.sleep(60)"])
    with pytest.raises(NotLinted, match=r"took longer than 0 seconds"):
        linter.lint("Resources: {}", 0.2)
    linter.close()


def test_a_process_that_dies_is_asked_once_more_and_then_given_up() -> None:
    linter = Linter([sys.executable, "-c", "import sys; sys.stdin.readline()"])
    with pytest.raises(NotLinted, match=r"ended in the midst"):
        linter.lint("Resources: {}", 20)
    linter.close()


def test_a_program_that_is_not_there_is_no_crash() -> None:
    with pytest.raises(NotLinted, match=r"could not be started"):
        Linter(["/nowhere/python"]).lint("Resources: {}", 5)


def test_the_line_of_a_value_is_the_line_shown() -> None:
    whole = template_in(GOOD, "yaml")
    piece = template_in("# a\nType: AWS::SQS::Queue\nProperties:\n  DelaySeconds: 1\n", "yaml")
    assert whole
    assert whole.line(("Resources", "Jobs", "Type")) == 10
    assert piece
    assert piece.line(("Resources", "Resource", "Properties", "DelaySeconds")) == 4
    assert piece.types == {"Resource": "AWS::SQS::Queue"}


@pytest.mark.parametrize(
    ("language", "content", "is_template"),
    [
        ("json", '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', True),
        ("yaml", "Q: {Type: AWS::SQS::Queue}", True),
        ("json", '{"AWSTemplateFormatVersion": "2010-09-09"}', True),
        ("json", '{"resourceType": "AWS::SQS::Queue"}', False),
        ("yaml", "about: the Type is AWS::SQS::Queue", False),
        ("text", "Type: AWS::SQS::Queue", False),
    ],
)
def test_templates_are_told_by_what_they_hold(language: str, content: str, *, is_template: bool) -> None:
    assert ("cloudformation" in kinds_of(language, content)) is is_template


@pytest.mark.parametrize("piece", [" ", "\t{", "\n", ",  ", "Type:", "'", "Statement ", "Type: AWS::"])
def test_telling_takes_linear_time(piece: str) -> None:
    assert kinds_of("yaml", piece * 200_000) == {"yaml"}
