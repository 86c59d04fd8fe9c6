"""Fixed values that the planner's tests share, and the golden files they are compared with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from planner.brief import Brief, Material, StandingPhase
from planner.plan import Plan
from planner.render import RenderFacts
from tests.standins.claude import a_plan

GOLDEN = Path(__file__).with_name("golden")
PLANS = Path(__file__).with_name("plans")
MARKER = "k3v9Qp2LxT7a"
ISSUE = "https://linear.app/acme/issue/ENG-12/rate-limit-the-public-api"

BRIEF = Brief(
    organization_id="org",
    issue_id="issue",
    identifier="ENG-12",
    title="Rate limit the public API",
    url=ISSUE,
    description="""\
Clients can hammer `/v1/search`: last Tuesday one of them sent 40,000 requests in a minute and search was down for all.

- Each API key may make 600 requests a minute; above that it gets 429 with a `Retry-After` header.
- Enterprise partners have limits of their own, which support can change without a deploy.
- The limit must hold across all instances of the API.
- An outage of the limiter must not take the API down.
- Every refusal is counted per key, and the dashboard shows the top ten keys of the day.

Should internal services be limited, too?
""",
    labels=("needs-plan", "backend"),
    priority="High",
    team_name="Engineering",
    team_key="ENG",
    estimate_scale="Fibonacci",
    due_date="2026-12-18",
    state="Backlog",
    project_name="Public API",
    requested_by="Ann Lee",
    guidance="We run Redis for sessions already.",
    materials=(
        Material(
            source="comment",
            name="comment-1",
            author='Bo "the bear" Berg',
            at="2026-11-18T09:30:00Z",
            url=f"{ISSUE}#comment-1",
            text="Retries must be told how long to wait.",
        ),
        Material(source="document", name="document-1", title="API v1 <notes>", text="# Notes\n\nKeys are UUIDs."),
    ),
    standing=(StandingPhase(key="limit-store", title="Store limits", identifier="ENG-40", url="https://linear.app/x"),),
    left_out=("2 attachments that could not be opened",),
)

FACTS = RenderFacts(
    identifier="ENG-12",
    issue_url=ISSUE,
    document_url="https://linear.app/acme/document/plan-rate-limits-0a1b2c",
    author="claude-opus-5-5",
    agent="backend-architect-planner",
    generated_on="2026-11-23",
    revision="2026-11-22 10:00 UTC",
    repository="acme/api",
    commit="4f0c2b7d9e1a35c6f8b0d2e4a6c81357f9bd0246",
    commit_url="https://github.com/acme/api/tree/4f0c2b7d9e1a35c6f8b0d2e4a6c81357f9bd0246",
    left_out=("2 attachments that could not be opened",),
    gaps=("The MCP server figma could not be reached.",),
    estimate_usd=0.61,
    cost_usd=0.42,
    tokens=184_230,
    sources={
        "description": ISSUE,
        "guidance": ISSUE,
        "comment-1": f"{ISSUE}#comment-1",
        "document-1": "",
        "repo:src/app.ts": "https://github.com/acme/api/blob/4f0c2b7d/src/app.ts",
        "repo:src/paging.py": "https://github.com/acme/api/blob/4f0c2b7d/src/paging.py",
    },
)


EVIDENCE = [
    {"text": "Keys are UUIDs and are checked before any handler runs.", "source": "document-1"},
    {"text": "Middlewares are registered in one list, which the limiter can join.", "source": "repo:src/app.ts"},
    {"text": "Redis is in use for sessions.", "source": "guidance"},
]
"""What a plan for `BRIEF` may build on; the stand-in's own cites the description alone, which every issue has."""


def sample_plan(**changes: Any) -> Plan:
    """The plan of the stand-in, with some fields changed."""
    return Plan.model_validate(a_plan() | {"evidence": EVIDENCE} | changes)


def small_plan() -> Plan:
    """A fix of one day."""
    return Plan.model_validate_json((PLANS / "small.json").read_text(encoding="utf-8"))


def german_plan() -> Plan:
    """A plan of two phases in another language."""
    return Plan.model_validate_json((PLANS / "german.json").read_text(encoding="utf-8"))


def assert_golden(name: str, text: str) -> None:
    """Equal to the golden file. `UPDATE_GOLDEN=1 make test` writes it anew, for review in the diff."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):  # noqa: TID251 - the tests' own switch
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"differs from {path.name}: see UPDATE_GOLDEN"
