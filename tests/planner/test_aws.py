"""Which texts name AWS services, and which claim some that do not exist."""

from __future__ import annotations

import pytest

from planner.aws import known_service, nearest, services_in, unknown_services


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("AWS Lambda (Node.js 22)", ["AWS Lambda"]),
        ("API Gateway HTTP API", ["Amazon API Gateway"]),
        ("EventBridge Scheduler", ["Amazon EventBridge Scheduler"]),
        ("DynamoDB on-demand with streams", ["Amazon DynamoDB"]),
        ("Aurora PostgreSQL Serverless v2 + RDS Proxy", ["Amazon Aurora", "Amazon RDS"]),
        ("S3 + CloudFront", ["Amazon S3", "Amazon CloudFront"]),
        ("ECS Fargate", ["Amazon ECS"]),
        ("SQS FIFO", ["Amazon SQS"]),
        ("Amazon ECS on Fargate", ["Amazon ECS", "AWS Fargate"]),
        ("Lambda@Edge", ["AWS Lambda@Edge"]),
        ("SSM Parameter Store", ["AWS Systems Manager Parameter Store"]),
        ("Cloudwatch logs, then athena", ["Amazon CloudWatch Logs"]),
        ("RabbitMQ on Amazon MQ", ["Amazon MQ"]),
        ("PostgreSQL", []),
        ("existing API service", []),
        ("", []),
    ],
)
def test_services_are_found_by_their_names(text: str, services: list[str]) -> None:
    assert services_in(text) == services
    assert known_service(text) == (services[0] if services else None)
    assert unknown_services(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "none", "Redis", "PostgreSQL 16", "GitHub Actions", "existing API service", "Kafka (MSK Serverless)",
        "Temporal Cloud", "Vercel Edge Functions", "Cloudflare Workers", "Snowflake", "Kubernetes CronJob", "Kong",
        "Nginx", "Auth0", "Okta", "MongoDB Atlas", "Elasticsearch", "Meilisearch", "RabbitMQ", "NATS", "Sentry",
        "Datadog", "Grafana", "Stripe", "Postgres", "Supabase", "Firebase", "Google Cloud Run", "Pub/Sub",
        "Azure Functions", "BigQuery", "Terraform Cloud", "Internal worker", "Backend", "Batch job", "Connector",
        "Scheduler", "Router", "Config", "Signed URLs", "Connect-RPC", "AWS SDK for JavaScript v3", "AWS CDK app",
        "AWS account of the team", "AWS Managed Microsoft AD", "Amazon Managed Service for Apache Flink",
        "AWS Cloud Development Kit", "AWS IoT Core rule", "Amazon Linux 2023 on EC2",
        "Amazon Q Developer in chat applications", "AWS X-Ray / CloudWatch Application Signals", "AWS/GCP",
        "on AWS. Lambda", "AWS re:Invent", "AWS Region eu-central-1", "AWS Managed Policies",
        "AWS End User Messaging SMS", "AWS-managed Redis", "Amazon seller accounts", "Amazon Selling Partner API",
        "AWS Node.js", "AWS Network Load Balancer", "AWS (Lambda, S3)", "AWS Lambda/SQS", "API Gateway/Lambda",
        "AWS Step Function", "Amazon Elasticache", "the AWS-side worker", "AWS",
    ],
)  # fmt: skip
def test_other_platforms_and_other_things_of_aws_claim_nothing(text: str) -> None:
    assert unknown_services(text) == []


@pytest.mark.parametrize(
    ("text", "unknown", "near"),
    [
        ("Amazon Foo", ["Amazon Foo"], None),
        ("AWS Event Scheduler (hourly)", ["AWS Event Scheduler"], "Amazon EventBridge Scheduler"),
        ("AWS Events Hub", ["AWS Events Hub"], "Amazon Kinesis"),
        ("AWS Cloud Tasks", ["AWS Cloud Tasks"], "Amazon SQS"),
        ("Amazon Managed PostgreSQL", ["Amazon Managed PostgreSQL"], "Amazon Aurora"),
        ("Lamda", ["Lamda"], "AWS Lambda"),
        ("DynamDB + Lambda", ["DynamDB"], "Amazon DynamoDB"),
        ("CloudWach, EventBrige Scheduler", ["CloudWach", "EventBrige Scheduler"], "Amazon CloudWatch"),
        ("SQS behind AWS JobRunner", ["AWS JobRunner"], None),
        ("It runs on\nAWS Lambada and Amazon S3.", ["AWS Lambada"], "AWS Lambda"),
        ("AWS Qwertz and AWS Qwertz", ["AWS Qwertz"], None),
    ],
)
def test_services_that_do_not_exist_are_told_with_what_may_be_meant(
    text: str, unknown: list[str], near: str | None
) -> None:
    assert unknown_services(text) == unknown
    assert nearest(unknown[0]) == near


@pytest.mark.parametrize(
    "text",
    [
        "AWS " * 50_000,
        "Lamdas+" * 50_000,
        "A " * 100_000,
        "AWS " + "A" * 1_000_000,
        "(" * 100_000,
        "Amazon\n" * 100_000,
    ],
    ids=["vendor", "slips", "words", "one word", "brackets", "lines"],
)
def test_long_texts_are_read_in_bounded_time(text: str) -> None:
    unknown_services(text)
    services_in(text)
    nearest(text)
