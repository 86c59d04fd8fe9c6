"""Puts rows of the seed into a workspace: ids that are always the same, times relative to the start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from linear.ids import stable_id
from linear.sandbox.markdown import rederived
from linear.sandbox.rows import (
    Attachment,
    Comment,
    Document,
    Issue,
    Label,
    Organization,
    Project,
    Relation,
    State,
    Team,
    User,
)
from linear.sandbox.workspace import Workspace, stamp

STATES = (
    ("Backlog", "backlog", "#bec2c8"),
    ("Todo", "unstarted", "#e2e2e2"),
    ("In Progress", "started", "#f2c94c"),
    ("In Review", "started", "#0f783c"),
    ("Done", "completed", "#5e6ad2"),
    ("Canceled", "canceled", "#95a2b3"),
    ("Duplicate", "duplicate", "#95a2b3"),
)


def seed_id(*parts: str) -> str:
    """The id of a seeded row, from its kind and name."""
    return stable_id("sandbox", *parts)


def _slug_id(id: str) -> str:
    return sha256(id.encode()).hexdigest()[:12]


class Build:
    """One workspace in the making, as it is at `now`. Rows are named: users by display name, issues by identifier."""

    def __init__(self, now: datetime, organization: str) -> None:
        self._now = now
        made = self.ago(days=900)
        self.workspace = Workspace(
            Organization(
                id=seed_id("organization"),
                name=organization,
                url_key=organization.lower(),
                created_at=made,
                updated_at=made,
            )
        )
        self.users: dict[str, User] = {}

    def ago(self, *, days: float = 0, hours: float = 0) -> str:
        """A moment before the start, as Linear writes it."""
        moment = self._now - timedelta(days=days, hours=hours)
        return stamp(moment.replace(microsecond=0))

    def day(self, ahead: int) -> str:
        """A day after the start."""
        return (self._now + timedelta(days=ahead)).date().isoformat()

    def user(
        self, name: str, full: str, email: str, *, admin: bool = False, guest: bool = False, app: bool = False
    ) -> User:
        """Somebody; `name` is what they are called in addresses."""
        made = self.ago(days=800)
        user = User(
            id=seed_id("user", name),
            name=full,
            display_name=name,
            email=email,
            admin=admin,
            guest=guest,
            app=app,
            created_at=made,
            updated_at=made,
        )
        self.workspace.users[user.id] = self.users[name] = user
        return user

    def team(
        self,
        key: str,
        name: str,
        members: Sequence[str],
        *,
        estimates: str = "notUsed",
        triage: bool = False,
        visibility: str = "public",
        number: int,
    ) -> None:
        """A team with a state of every type; `number` is that of its next issue."""
        made = self.ago(days=800)
        team = Team(
            id=seed_id("team", key),
            key=key,
            name=name,
            visibility=visibility,
            issue_estimation_type=estimates,
            triage_enabled=triage,
            member_ids=[self.users[each].id for each in members],
            next_number=number,
            created_at=made,
            updated_at=made,
        )
        self.workspace.teams[team.id] = team
        states = (("Triage", "triage", "#fc7840"), *STATES) if triage else STATES
        for position, (state, type_, color) in enumerate(states):
            row = State(
                id=seed_id("state", key, state),
                team_id=team.id,
                name=state,
                type=type_,
                color=color,
                position=float(position),
                created_at=made,
                updated_at=made,
            )
            self.workspace.states[row.id] = row

    def label(
        self,
        name: str,
        color: str,
        description: str | None,
        *,
        is_group: bool = False,
        parent_id: str | None = None,
        team_id: str | None = None,
    ) -> Label:
        """A label of the workspace, of a team, or in a group."""
        made = self.ago(days=400)
        label = Label(
            id=seed_id("label", name),
            name=name,
            color=color,
            description=description,
            is_group=is_group,
            parent_id=parent_id,
            team_id=team_id,
            creator_id=self.users["ada"].id,
            created_at=made,
            updated_at=made,
        )
        self.workspace.labels[label.id] = label
        return label

    def project(
        self, name: str, description: str, status: str, content: str | None, *, teams: Sequence[str] = ("ENG",)
    ) -> None:
        """A project of these teams, by key, that Ada leads."""
        made = self.ago(days=60)
        id_ = seed_id("project", name)
        self.workspace.projects[id_] = Project(
            id=id_,
            name=name,
            description=description,
            content=None if content is None else rederived(content),
            slug_id=_slug_id(id_),
            status_id=seed_id("status", status),
            lead_id=self.users["ada"].id,
            target_date=self.day(50),
            team_ids=[seed_id("team", each) for each in teams],
            created_at=made,
            updated_at=made,
        )

    def document(
        self, title: str, content: str, by: str, *, days: float, issue: str | None = None, project: str | None = None
    ) -> None:
        """A document of an issue or of a project."""
        made = self.ago(days=days)
        id_ = seed_id("document", title)
        self.workspace.documents[id_] = Document(
            id=id_,
            title=title,
            slug_id=_slug_id(id_),
            content_id=seed_id("content", title),
            content=rederived(content),
            content_written=content,
            sort_order=float(len(self.workspace.documents)),
            issue_id=None if issue is None else seed_id("issue", issue),
            project_id=None if project is None else seed_id("project", project),
            creator_id=self.users[by].id,
            updated_by_id=self.users[by].id,
            subscriber_ids=[self.users[by].id],
            created_at=made,
            updated_at=made,
        )

    def issue(
        self,
        identifier: str,
        title: str,
        state: str,
        *,
        by: str,
        days: float,
        description: str | None = None,
        labels: Sequence[str] = (),
        assignee: str | None = None,
        parent: str | None = None,
        project: bool = False,
        milestone: bool = False,
        cycle: bool = False,
        priority: int = 0,
        due: int | None = None,
    ) -> None:
        """An issue. `days` ago it was made; what is Done was done half way since."""
        key, _, number = identifier.partition("-")
        made = self.ago(days=days)
        ended = self.ago(days=days / 2) if state == "Done" else None
        issue = Issue(
            id=seed_id("issue", identifier),
            team_id=seed_id("team", key),
            number=int(number),
            identifier=identifier,
            title=title,
            state_id=seed_id("state", key, state),
            description=None if description is None else rederived(description),
            description_written=description,
            priority=priority,
            label_ids=[seed_id("label", each) for each in labels],
            parent_id=None if parent is None else seed_id("issue", parent),
            project_id=seed_id("project", "Public API") if project else None,
            project_milestone_id=seed_id("milestone", "Partner beta") if milestone else None,
            cycle_id=seed_id("cycle", "34") if cycle else None,
            assignee_id=None if assignee is None else self.users[assignee].id,
            creator_id=self.users[by].id,
            due_date=None if due is None else self.day(due),
            sort_order=-100.0 * int(number),
            sub_issue_sort_order=float(int(number)) if parent else None,
            subscriber_ids=[self.users[by].id],
            started_at=made if state in {"In Progress", "Done"} else None,
            completed_at=ended,
            created_at=made,
            updated_at=ended or made,
        )
        self.workspace.issues[issue.id] = issue

    def relate(self, issue: str, related: str, type_: str) -> None:
        """A relation."""
        made = self.ago(days=4)
        row = Relation(
            id=seed_id("relation", issue, related),
            issue_id=seed_id("issue", issue),
            related_issue_id=seed_id("issue", related),
            type=type_,
            created_at=made,
            updated_at=made,
        )
        self.workspace.relations[row.id] = row

    def attach(self, issue: str, title: str, url: str, source: str, subtitle: str, **metadata: object) -> None:
        """A link that an integration attached."""
        made = self.ago(days=4)
        row = Attachment(
            id=seed_id("attachment", url),
            issue_id=seed_id("issue", issue),
            title=title,
            url=url,
            subtitle=subtitle,
            source_type=source,
            metadata=dict(metadata),
            created_at=made,
            updated_at=made,
        )
        self.workspace.attachments[row.id] = row

    def comment(self, issue: str, key: str, body: str, *, above: str | None, by: str, days: float, place: int) -> None:
        """A comment; `above` is the key of its thread's first. Who is no user is of a connected service."""
        made = self.ago(days=days, hours=-place / 60)
        row = Comment(
            id=seed_id("comment", issue, key),
            body=rederived(body),
            body_written=body,
            issue_id=seed_id("issue", issue),
            parent_id=None if above is None else seed_id("comment", issue, above),
            user_id=self.users[by].id if by in self.users else None,
            external_name=None if by in self.users else by,
            created_at=made,
            updated_at=made,
        )
        self.workspace.comments[row.id] = row
