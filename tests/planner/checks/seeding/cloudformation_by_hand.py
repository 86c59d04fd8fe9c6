"""Faults of CloudFormation templates as models write them, and what AWS says of each. No I/O."""

from __future__ import annotations

from tests.planner.checks.corpus import Fault

_GUIDE = "AWS CloudFormation User Guide"

_HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n'
_SAM = 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\nResources:\n'
_QUEUE = "  Jobs:\n    Type: AWS::SQS::Queue\n"


def _fault(name: str, how: str, rule: str, truth: str, content: str) -> Fault:
    rules = (f"cloudformation/{rule}",)
    return Fault(
        id=name, base="hand", how=how, mechanical=False, content=content, rules=rules, truth=f"{_GUIDE}, {truth}"
    )


BY_HAND = [
    _fault("fifo-name", "a property of SNS on a queue", "property", "AWS::SQS::Queue: no TopicName",
           f"{_HEAD}{_QUEUE}    Properties:\n      TopicName: jobs\n"),
    _fault("visibility", "a timeout beyond what SQS takes", "value", "AWS::SQS::Queue: VisibilityTimeout 0 to 43,200",
           f"{_HEAD}{_QUEUE}    Properties:\n      VisibilityTimeout: 86400\n"),
    _fault("billing", "the name of the console for a billing mode", "value",
           "AWS::DynamoDB::Table: PAY_PER_REQUEST or PROVISIONED",
           f"{_HEAD}  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: ON_DEMAND\n"
           "      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]\n"
           "      KeySchema: [{AttributeName: pk, KeyType: HASH}]\n"),
    _fault("key-not-defined", "a sort key without its definition", "value",
           "AWS::DynamoDB::Table: KeySchema names what AttributeDefinitions have",
           f"{_HEAD}  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: PAY_PER_REQUEST\n"
           "      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]\n"
           "      KeySchema:\n        - {AttributeName: pk, KeyType: HASH}\n"
           "        - {AttributeName: sk, KeyType: RANGE}\n"),
    _fault("runtime", "a runtime that never was", "value", "AWS::Lambda::Function: Runtime has listed values",
           f"{_HEAD}  Export:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: node22\n"
           "      Handler: index.handler\n      Role: arn:aws:iam::123456789012:role/x\n      Code: {ZipFile: x}\n"),
    _fault("no-role", "a function without a role", "property", "AWS::Lambda::Function: Role is required",
           f"{_HEAD}  Export:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: nodejs22.x\n"
           "      Handler: index.handler\n      Code: {ZipFile: x}\n"),
    _fault("memory", "memory as text", "value", "AWS::Lambda::Function: MemorySize is an integer",
           f"{_HEAD}  Export:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: nodejs22.x\n"
           "      Handler: index.handler\n      Role: arn:aws:iam::123456789012:role/export\n      Code: {ZipFile: x}\n"
           "      MemorySize: 512MB\n"),
    _fault("type", "a type that does not exist", "type", "resource types: AWS::Events::Rule, no AWS::EventBridge::Rule",
           f"{_HEAD}  Nightly:\n    Type: AWS::EventBridge::Rule\n"
           "    Properties:\n      ScheduleExpression: rate(1 day)\n"),
    _fault("ref", "a reference to a resource that was renamed", "reference", "Ref: a logical name of the template",
           f"{_HEAD}{_QUEUE}  Access:\n    Type: AWS::SQS::QueuePolicy\n"
           "    Properties:\n      Queues: [!Ref JobsQueue]\n"
           "      PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          - Effect: Allow\n"
           "            Principal: {Service: events.amazonaws.com}\n            Action: sqs:SendMessage\n"
           "            Resource: !GetAtt Jobs.Arn\n"),
    _fault("attribute", "an attribute that queues do not have", "reference",
           "AWS::SQS::Queue: Arn, QueueName, QueueUrl",
           f"{_HEAD}{_QUEUE}Outputs:\n  Url: {{Value: !GetAtt Jobs.Url}}\n"),
    _fault("cycle", "two resources that wait for each other", "cycle", "DependsOn: circular dependencies",
           f"{_HEAD}{_QUEUE}    DependsOn: Dead\n  Dead:\n    Type: AWS::SQS::Queue\n    DependsOn: Jobs\n"),
    _fault("section", "a section that does not exist", "section", "template anatomy: Parameters",
           f"{_HEAD}{_QUEUE}Variables:\n  Stage: {{Type: String}}\n"),
    _fault("version", "the version of IAM's policies", "section", "format version: 2010-09-09 is the only one",
           f"{_HEAD}{_QUEUE}".replace("2010-09-09", "2012-10-17")),
    _fault("parameter-type", "a type of parameter that does not exist", "section", "Parameters: String, Number, ...",
           f"{_HEAD}{_QUEUE}Parameters:\n  Debug: {{Type: Boolean}}\n"),
    _fault("output", "an output without a value", "section", "Outputs: Value is required",
           f"{_HEAD}{_QUEUE}Outputs:\n  Url:\n    Description: where jobs go\n"),
    _fault("null", "a property left empty", "null", "'null' values are not allowed in templates",
           f"{_HEAD}{_QUEUE}    Properties:\n      QueueName:\n"),
    _fault("sam-event", "Event for Events", "property", "AWS::Serverless::Function: Events",
           f"{_SAM}  Export:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs22.x\n"
           "      Handler: index.handler\n      CodeUri: src/\n      Event:\n"
           "        Get: {Type: HttpApi, Properties: {Path: /a, Method: get}}\n"),
    _fault("condition", "a condition that is not there", "reference", "Conditions: a condition of the template",
           f"{_HEAD}{_QUEUE}    Condition: IsProduction\n"),
    _fault("retention", "a number of days that CloudWatch does not take", "value",
           "AWS::Logs::LogGroup: RetentionInDays 1, 3, 5, 7, 14, 30, ...",
           f"{_HEAD}  Log:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      RetentionInDays: 45\n"),
    _fault("findinmap", "a mapping that is not there", "reference", "Fn::FindInMap: a mapping of the template",
           f"{_HEAD}{_QUEUE}    Properties:\n      DelaySeconds: !FindInMap [Delays, dev, seconds]\n"),
]  # fmt: skip
