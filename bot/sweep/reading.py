"""What a sweep reads of Linear: who put the label on each issue that matters, no more than that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.store import sweeps
from bot.sweep.decide import Press
from bot.triggers import Asker, moment
from linear.sweep import LabelAdded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.store.database import Database
    from linear.client import Linear
    from linear.models import User
    from linear.sweep import LabelledIssue

# Linear keeps no entry of what happens to an issue in this time after its creation (its own documentation).
_UNTOLD_S = 180.0


class Pressers:
    """Reads who put the label on. One for one sweep: what it was told is kept for this long."""

    def __init__(
        self, linear: Linear, database: Database, organization_id: str, labels: Mapping[str, str], *, keep: bool
    ) -> None:
        """`labels`: every trigger label's name, and the agent it asks for. `keep`: remember what histories told."""
        self._linear = linear
        self._database = database
        self._organization_id = organization_id
        self._agents = {name.casefold(): agent for name, agent in labels.items()}
        self._keep = keep
        self._ids: dict[str, str] | None = None
        self._people: dict[str, User | None] = {}

    async def read(self, issues: Sequence[LabelledIssue], now: float) -> dict[str, Press | None]:
        """By issue; None where the history cannot be seen. `now`: by Linear's clock. Raises Linear's errors."""
        agents = await self._label_ids()
        revisions = {issue.id: issue.updated_at for issue in issues}
        known = await self._database.run(sweeps.remembered, self._organization_id, revisions, agents)
        told: dict[str, LabelAdded | None] = {
            id_: LabelAdded.model_validate_json(body) if body != "null" else None for id_, body in known.items()
        }
        if missing := [issue.id for issue in issues if issue.id not in told]:
            fresh = await self._linear.label_added(missing, agents)
            told |= fresh
            if self._keep:
                rows = [(id_, revisions[id_], _as_json(added)) for id_, added in fresh.items()]
                await self._database.run(sweeps.remember, self._organization_id, rows, agents)
        return {issue.id: await self._press(issue, told, agents, now) for issue in issues}

    async def _press(
        self, issue: LabelledIssue, told: Mapping[str, LabelAdded | None], agents: Mapping[str, str], now: float
    ) -> Press | None:
        if issue.id not in told:
            return None
        added = told[issue.id]
        if added is None:
            # It got the label with its creation or soon after, from whoever made it as far as anyone can tell.
            user, asker = issue.creator, _asker(issue.creator)
            created = moment(issue.created_at)
            at, key = (now if created is None else min(created + _UNTOLD_S, now)), "created"
        else:
            user = added.actor
            asker = _asker(user)
            if user is None and added.bot is not None:
                asker = Asker(id=added.bot.id or "", name=added.bot.name or "", type="Integration")
            at, key = moment(added.at) or now, added.at
        person = await self._person(user) if user is not None else None
        agent = next((agents[id_] for id_ in issue.label_ids if agents.get(id_)), "")
        return Press(at=at, key=key, asker=asker, person=person, agent=agent)

    async def _label_ids(self) -> dict[str, str]:
        """The agent that each trigger label asks for, by the label's id."""
        if self._ids is None:
            labels = await self._linear.labels_named(self._agents)
            self._ids = {label.id: self._agents[label.name.casefold()] for label in labels}
        return self._ids

    async def _person(self, user: User) -> User | None:
        """With their e-mail, and whether they are still there: a history tells neither."""
        if user.id not in self._people:
            self._people[user.id] = await self._linear.person(user.id)
        return self._people[user.id]


def _asker(user: User | None) -> Asker:
    return Asker(id=user.id, name=user.name, url=user.url or None, type="user") if user else Asker()


def _as_json(added: LabelAdded | None) -> str:
    return added.model_dump_json() if added is not None else json.dumps(None)
