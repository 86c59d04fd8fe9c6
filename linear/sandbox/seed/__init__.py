"""The workspace the stand-in begins with: Acme, a small backend team with three issues worth planning.

The long texts and the comments lie in files beside this one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from linear.sandbox.rows import Cycle, Milestone, ProjectStatus, User
from linear.sandbox.seed.build import Build, seed_id
from linear.sandbox.workspace import Workspace

API_KEY = "lin_api_sandbox"
CLIENT_ID = "needs-plan-sandbox"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - of a stand-in

_LABELS = (
    ("needs-plan", "#f2c94c", "Ask the planning bot for an implementation plan"),
    ("backend", "#5e6ad2", None),
    ("bug", "#eb5757", None),
    ("customer", "#26b5ce", "A customer asked for it"),
)

_HEAD = re.compile(r"^@ (?P<issue>\S+) (?P<key>\S+) \| (?P<above>\S+) \| (?P<by>[^|]+) \| (?P<days>\S+)$", re.MULTILINE)
_INCIDENT = "Incident: search slow for everybody"


@dataclass(frozen=True)
class Cast:
    """The people that the stand-in itself needs to know."""

    lead: User
    engineer: User
    app: User


def seeded(now: datetime | None = None) -> tuple[Workspace, Cast]:
    """A fresh workspace as it is at `now` (an aware datetime; None: the present), and its people."""
    build = Build(now or datetime.now(UTC), "Acme")
    build.user("ada", "Ada Park", "ada@acme.example", admin=True)
    build.user("jonas", "Jonas Weber", "jonas@acme.example")
    build.user("priya", "Priya Nair", "priya@acme.example")
    build.user("tomas", "Tomás Riva", "tomas@riva.example", guest=True)
    build.user("plan-bot", "Plan Bot", "plan-bot@oauthapp.linear.app", app=True)
    _teams(build)
    _plans(build)
    _issues(build)
    _talk(build)
    return build.workspace, Cast(build.users["ada"], build.users["priya"], build.users["plan-bot"])


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8").strip()


def _teams(build: Build) -> None:
    """Engineering, Operations with triage, and Security, which few can see."""
    build.team("ENG", "Engineering", ("ada", "jonas", "priya", "tomas"), estimates="fibonacci", number=120)
    build.team("OPS", "Operations", ("ada", "jonas"), triage=True, number=20)
    build.team("SEC", "Security", ("ada", "jonas"), visibility="private", number=10)
    for name, color, description in _LABELS:
        build.label(name, color, description)
    area = build.label("Area", "#95a2b3", "Part of the product", is_group=True)
    for name in ("api", "payments", "reports"):
        build.label(name, "#4cb782", None, parent_id=area.id)
    build.label("gateway", "#f2994a", "Touches api-gateway", team_id=seed_id("team", "ENG"))


def _plans(build: Build) -> None:
    """Two projects with a document each, a milestone, and the cycle that runs."""
    made = build.ago(days=60)
    for name, type_ in (("In progress", "started"), ("Planned", "planned")):
        status = ProjectStatus(id=seed_id("status", name), name=name, type=type_, created_at=made, updated_at=made)
        build.workspace.statuses[status.id] = status
    build.project(
        "Public API", "Open /v1 to partners without a call for each of them", "In progress", _text("project.md")
    )
    build.project("Reliability", "Fewer and shorter incidents", "Planned", None, teams=("ENG", "OPS"))
    milestone = Milestone(
        id=seed_id("milestone", "Partner beta"),
        project_id=seed_id("project", "Public API"),
        name="Partner beta",
        description="Five partners, invited by hand",
        target_date=build.day(35),
        created_at=made,
        updated_at=made,
    )
    build.workspace.milestones[milestone.id] = milestone
    cycle = Cycle(
        id=seed_id("cycle", "34"),
        team_id=seed_id("team", "ENG"),
        number=34,
        name=None,
        starts_at=build.ago(days=4),
        ends_at=build.ago(days=-10),
        created_at=made,
        updated_at=made,
    )
    build.workspace.cycles[cycle.id] = cycle
    build.document("API guidelines", _text("guidelines.md"), "jonas", days=55, project="Public API")
    build.document(_INCIDENT, _text("incident.md"), "jonas", days=6, project="Reliability")


def _issues(build: Build) -> None:
    """Three to plan in depth, one small bug, and those that no plan should be made of."""
    build.issue(
        "ENG-90",
        "Move sessions to a Redis of their own",
        "In Progress",
        by="jonas",
        days=30,
        assignee="jonas",
        description="The shared `cache.t4g.small` is too small for anything else that comes.",
        priority=3,
    )
    build.issue(
        "ENG-97",
        "Customers manage their API keys themselves",
        "Done",
        by="ada",
        days=70,
        assignee="priya",
        labels=("backend", "api"),
        description="Create, name, revoke. Shown once.",
        project=True,
        parent="ENG-100",
    )
    build.issue(
        "ENG-100",
        "Public API is ready for partners",
        "In Progress",
        by="ada",
        days=75,
        assignee="ada",
        labels=("api",),
        description=_text("eng-100.md"),
        project=True,
        priority=2,
    )
    build.issue(
        "ENG-101",
        "Rate limit the public API",
        "Todo",
        by="ada",
        days=5,
        labels=("backend", "api", "gateway"),
        description=_text("eng-101.md"),
        project=True,
        milestone=True,
        cycle=True,
        parent="ENG-100",
        priority=2,
    )
    build.issue(
        "ENG-102",
        "Handle payment webhooks exactly once",
        "Todo",
        by="tomas",
        days=12,
        labels=("backend", "payments"),
        description=_text("eng-102.md"),
        priority=1,
        due=21,
    )
    build.issue(
        "ENG-103",
        "Export large reports to object storage",
        "Backlog",
        by="priya",
        days=20,
        labels=("backend", "reports", "customer"),
        description=_text("eng-103.md"),
        project=True,
        priority=2,
    )
    build.issue(
        "ENG-104",
        "Usage page for API customers",
        "Backlog",
        by="priya",
        days=40,
        labels=("api",),
        description="Requests, errors and limits per key and day.",
        project=True,
        parent="ENG-100",
        priority=4,
    )
    build.issue("ENG-105", "Webhooks v2", "Backlog", by="jonas", days=9)
    build.issue("ENG-106", "Search by tag", "Backlog", by="priya", days=3, description=_text("eng-106.md"))
    build.issue(
        "ENG-107",
        "Upgrade Postgres to 16",
        "Done",
        by="jonas",
        days=90,
        assignee="jonas",
        labels=("backend",),
        description="Blue/green on RDS, 40 minutes in the night from Sunday to Monday.",
    )
    build.issue(
        "ENG-108",
        "limit=0 on /v1/transactions answers 500",
        "Todo",
        by="jonas",
        days=1,
        labels=("bug", "api"),
        description=_text("eng-108.md"),
        priority=3,
    )
    build.issue(
        "OPS-12",
        "Dashboard with requests per API key",
        "Todo",
        by="jonas",
        days=6,
        description="See the incident. Needs a metric that the gateway does not have yet.",
    )
    build.issue(
        "SEC-3",
        "Partner keys found in a public repository",
        "In Progress",
        by="ada",
        days=2,
        assignee="jonas",
        description="Two keys, both revoked. Find out who else used them.",
        priority=1,
    )
    build.document("Traffic per client", _text("traffic.md"), "jonas", days=4, issue="ENG-101")
    build.document("What the provider told us", _text("provider.md"), "tomas", days=10, issue="ENG-102")
    build.relate("ENG-90", "ENG-101", "blocks")
    build.relate("ENG-101", "OPS-12", "related")
    build.relate("ENG-103", "ENG-101", "related")
    build.attach(
        "ENG-101",
        "acme/api-gateway #412: Count requests per key",
        "https://github.com/acme/api-gateway/pull/412",
        "githubPullRequest",
        "Draft by jonas",
        status="draft",
        number=412,
    )
    build.attach(
        "ENG-102",
        "PaymentAlreadyCapturedError in WebhookController.handle",
        "https://acme.sentry.io/issues/5519234711/",
        "sentry",
        "41 events, 37 orders",
        count=41,
    )
    build.attach(
        "ENG-108",
        "ZeroDivisionError in page_links",
        "https://acme.sentry.io/issues/5520090102/",
        "sentry",
        "3 events",
        count=3,
    )


def _talk(build: Build) -> None:
    """What was said. A header line names issue, key, key of the thread's first comment, who, and days ago."""
    documents = build.workspace.documents
    address = build.workspace.url(documents[seed_id("document", _INCIDENT)])
    said = _text("talk.txt")
    heads = list(_HEAD.finditer(said))
    ends = [*(each.start() for each in heads[1:]), len(said)]
    for place, (head, end) in enumerate(zip(heads, ends, strict=True)):
        body = said[head.end() : end].strip().replace("{incident}", address)
        above = None if head["above"] == "-" else head["above"]
        build.comment(
            head["issue"], head["key"], body, above=above, by=head["by"], days=float(head["days"]), place=place
        )
