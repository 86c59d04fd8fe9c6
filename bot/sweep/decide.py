"""Decides what a sweep does about each issue that carries the label, and says why. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.permission import may_command
from bot.store.presses import SAME_PRESS_S
from bot.triggers import Asker
from linear.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.rules import Rules
    from bot.store.sweeps import Known
    from linear.sweep import LabelledIssue

What = Literal[
    "plan",
    "swap labels only",
    "live",
    "waiting",
    "closed",
    "not served",
    "not allowed",
    "over the limit",
    "over the budget",
    "not told",
    "unread",
]
"""What becomes of an issue. `unread`: it depends on its history, which is to be read first."""

MISSED_AFTER_S = 180.0
"""A webhook that has not come by then did not come: Linear answers to a label within seconds."""

_CLOSED = {"completed": "completed", "canceled": "canceled", "duplicate": "a duplicate"}
_SETTLED = {"done": "has its plan", "failed": "failed", "canceled": "was canceled"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Press(_Frozen):
    """Who put the label on, and when.

    `at`: Unix seconds by Linear's clock; at the latest, where Linear keeps no entry of it. `key`: tells two presses of
    an issue apart. `agent`: who should plan, by the label. `person`: who Linear says that `asker` is, if a user.
    """

    at: float
    key: str
    asker: Asker
    person: User | None = None
    agent: str = ""


class Row(_Frozen):
    """One issue with what a sweep does about it, and why: a sentence. `run_id`: the newest of the issue's runs."""

    issue_id: str
    identifier: str
    title: str
    url: str
    team_key: str
    revision: str
    what: What
    why: str
    run_id: str = ""
    settled: str = ""
    """For `swap labels only`: how the run ended."""
    press: Press | None = None
    missed: bool = False
    """Whether its webhook never came."""


class Bounds(NamedTuple):
    """What one sweep may do. `room`: how many plans what is left of the day pays for; None: money is no matter.

    `teams`: the same of the teams that have a budget of their own. `skew_s`: how far our clock is ahead of Linear's.
    `now`: Unix seconds by Linear's clock. `since`: when the bot's first sweep was, None before it.
    """

    now: float
    most: int
    room: int | None = None
    teams: Mapping[str, int] = {}
    skew_s: float = 0.0
    since: float | None = None


def decide(
    issues: Sequence[LabelledIssue],
    known: Mapping[str, Known],
    presses: Mapping[str, Press | None],
    rules: Rules,
    bounds: Bounds,
) -> list[Row]:
    """A row for each issue, in their order.

    `presses`, by issue: None where the history cannot be seen; those that are missing have not been read, and are
    `unread` where that matters.
    """
    left = _Left(bounds)
    return [_row(issue, known.get(issue.id), presses, rules, left) for issue in issues]


_Said = tuple[What, str]
"""What becomes of an issue, and why."""


class _Left:
    """What is left of the bounds, issue by issue."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.most = bounds.most
        self.room = bounds.room
        self.teams = dict(bounds.teams)

    def none(self, team: str) -> _Said | None:
        """Why no more plans are begun for a team; None if they are."""
        if self.room is not None and self.room <= 0:
            return "over the budget", "What is left of NEEDS_PLAN_MAX_USD_PER_DAY is too little for another plan."
        if self.teams.get(team, 1) <= 0:
            return "over the budget", f"What is left of team {team}'s `max_usd_per_day` is too little for another plan."
        if self.most <= 0:
            return "over the limit", f"One sweep begins at most {self.bounds.most} plans (`sweep_max`)."
        return None

    def take(self, team: str) -> None:
        """One more plan is begun."""
        self.most -= 1
        if self.room is not None:
            self.room -= 1
        if team in self.teams:
            self.teams[team] -= 1


def _row(
    issue: LabelledIssue, run: Known | None, presses: Mapping[str, Press | None], rules: Rules, left: _Left
) -> Row:
    press = presses.get(issue.id)
    what, why = (
        _by_run(issue, run, rules)
        or (None if issue.id in presses else _unread(issue, run, left))
        or _by_press(issue, run, press, rules, left)
    )
    swaps = what == "swap labels only"
    wanted = what in ("plan", "over the limit", "over the budget")
    return Row(
        issue_id=issue.id,
        identifier=issue.identifier,
        title=issue.title,
        url=issue.url,
        team_key=issue.team.key,
        revision=issue.updated_at,
        what=what,
        why=why,
        run_id=run.newest if run else "",
        settled=run.state if run and swaps else "",
        press=press,
        missed=wanted and press is not None and _is_missed(run, press, left.bounds),
    )


def _by_run(issue: LabelledIssue, run: Known | None, rules: Rules) -> _Said | None:
    """What is plain without the issue's history."""
    if rules.served is not None and issue.team.key not in rules.served:
        return "not served", f"Team {issue.team.key} is not among `teams`."
    if run is not None and run.state in ("queued", "running"):
        return "live", f"A run is {run.state}."
    if run is not None and run.state == "waiting":
        return "waiting", "A run waits for people to add what is missing."
    return None


def _unread(issue: LabelledIssue, run: Known | None, left: _Left) -> _Said | None:
    """Whether its history is worth a look: where a run has ended, or a plan could be begun."""
    if run is not None and run.state in _SETTLED:
        return "unread", "Its history has not been read yet."
    if issue.state.type in _CLOSED:
        return None
    return left.none(issue.team.key) or ("unread", "Its history has not been read yet.")


def _by_press(issue: LabelledIssue, run: Known | None, press: Press | None, rules: Rules, left: _Left) -> _Said:
    """What whoever put the label on is owed."""
    if run is not None and press is not None and run.state in _SETTLED and _is_answered(run, press, left.bounds):
        return "swap labels only", f"It {_SETTLED[run.state]} since the label was put on, and the label is still there."
    if issue.state.type in _CLOSED:
        return "closed", f"The issue is {_CLOSED[issue.state.type]}."
    if press is None:
        return "not told", "Linear does not show its history, so nobody knows who asks."
    if not may_command(press.asker, press.person, rules.for_team(issue.team.key)):
        who = press.asker.name or "Nobody known"
        return "not allowed", f"{who} put the label on, whom `may_trigger` of {issue.team.key} does not name."
    full = left.none(issue.team.key)
    if full is not None:
        return full
    left.take(issue.team.key)
    return "plan", f"{press.asker.name or 'Somebody'} put the label on, and no run has answered that."


def _is_answered(run: Known, press: Press, bounds: Bounds) -> bool:
    """Whether the run that ended took in this press: by what it read, else by when it closed."""
    if run.pressed_at is not None and run.pressed_at >= press.at - SAME_PRESS_S:
        return True
    if run.revision is not None and run.revision >= press.at:
        return True
    return run.settled_at is not None and run.settled_at > press.at + bounds.skew_s


def _is_missed(run: Known | None, press: Press, bounds: Bounds) -> bool:
    """Whether Linear should have told of it by now. What was there before the first sweep is no fault of Linear's."""
    if run is not None and run.pressed_at is not None and run.pressed_at >= press.at - SAME_PRESS_S:
        return False
    begun = bounds.since is not None and press.at + bounds.skew_s > bounds.since
    return begun and press.at + MISSED_AFTER_S < bounds.now
