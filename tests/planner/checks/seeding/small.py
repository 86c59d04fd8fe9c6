"""Makes `faults/dockerfile.jsonl` and `faults/cron.jsonl`: by hand, after the references of Docker, cron and AWS.

Run by hand: `python -m tests.planner.checks.seeding.small`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.planner.checks.corpus import Fault, write_faults

DOCKERFILE = """\
FROM node:22.11-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22.11-slim
WORKDIR /app
COPY --from=build /app/dist dist
EXPOSE 8080
CMD ["node", "dist/server.js"]
"""

BROKEN = (
    ("a slip in an instruction", "RUN npm ci", "RUNN npm ci", "instruction"),
    ("a command without RUN", "RUN npm run build", "npm run build", "instruction"),
    ("no FROM at the beginning", "FROM node:22.11-slim AS build\n", "", "from"),
    ("a stage that is not there", "--from=build", "--from=builder", "stage"),
    ("two stages of one name", "FROM node:22.11-slim\nWORKDIR", "FROM node:22.11-slim AS build\nWORKDIR", "stage"),
    ("a list in single quotes", '["node", "dist/server.js"]', "['node', 'dist/server.js']", "arguments"),
    ("a list that is not closed", '["node", "dist/server.js"]', '["node", "dist/server.js"', "arguments"),
    ("a port that is none", "EXPOSE 8080", "EXPOSE 80800", "arguments"),
    ("a copy without a target", "COPY . .", "COPY .", "arguments"),
    ("an instruction with nothing behind it", "RUN npm ci", "RUN", "arguments"),
)

SCHEDULES = (
    ("a minute too late", "60 3 * * *", "expression"),
    ("an hour too late", "0 24 * * *", "expression"),
    ("four fields", "0 3 * *", "expression"),
    ("a day that never comes", "0 0 31 2 *", "expression"),
    ("a month that is none", "0 0 1 13 *", "expression"),
    ("words", "every day at 3", "expression"),
    ("EventBridge without a question mark", "cron(0 12 * * * *)", "aws-expression"),
    ("EventBridge with two", "cron(0 12 ? * ? *)", "aws-expression"),
    ("EventBridge with five fields", "cron(0 12 * * ?)", "aws-expression"),
    ("a rate of one in the plural", "rate(1 minutes)", "aws-expression"),
    ("a rate of several in the singular", "rate(5 minute)", "aws-expression"),
    ("a rate of nothing", "rate(0 hours)", "aws-expression"),
)


def main() -> None:
    """Write both."""
    broken: list[tuple[str, str, str]] = []
    for how, old, new, rule in BROKEN:
        if DOCKERFILE.count(old) != 1:
            raise AssertionError(f"{how}: stands {DOCKERFILE.count(old)} times")
        broken.append((how, DOCKERFILE.replace(old, new), f"dockerfile/{rule}"))
    _write("dockerfile", broken, "by construction, after Docker's reference of Dockerfiles")
    schedules = [(how, text, f"cron/{rule}") for how, text, rule in SCHEDULES]
    _write("cron", schedules, "by construction, after crontab(5) and the user guide of Amazon EventBridge")


def _write(kind: str, given: Sequence[tuple[str, str, str]], truth: str) -> None:
    write_faults(
        kind,
        [
            Fault(
                id=f"hand-{number:02}", base="hand", how=how, mechanical=False, content=text, rules=(rule,), truth=truth
            )
            for number, (how, text, rule) in enumerate(given, 1)
        ],
    )


if __name__ == "__main__":
    main()
