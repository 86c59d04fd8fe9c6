"""Who may read what a plan draws on: whoever can read the issue must be able to read it in Linear, too. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linear.listed import Listed, OwningTeam


@dataclass(frozen=True)
class Audience:
    """The readers of a plan: those who see the issue's team. `served`: keys of teams the bot serves, None for all."""

    team_id: str
    served: tuple[str, ...] | None = None


def may_show(owners: Sequence[OwningTeam], audience: Audience) -> bool:
    """Whether everyone who can read the issue may read what belongs to these teams.

    Yes, where each of them is the issue's own team, or a public one that is served. A project of several teams is
    shown only if that holds for all of them: one private team keeps its text back, even where the issue's own team
    takes part. What has no owner that is known is not shown. `restricted` teams and visibilities that are new count
    as private. A project's name is a part of its issues and is shown with them; its text is not. A guest in the issue's
    team sees fewer public teams than its members; that is not told apart here.
    """
    return bool(owners) and all(_is_open(each, audience) for each in owners)


def owners_of(teams: Listed[OwningTeam]) -> tuple[OwningTeam, ...]:
    """The teams of a project; none where there are more than were read, since one of those might be private."""
    return () if teams.page_info.has_next_page else teams.nodes


def _is_open(team: OwningTeam, audience: Audience) -> bool:
    if team.id == audience.team_id:
        return True
    served = audience.served is None or team.key.casefold() in {key.casefold() for key in audience.served}
    return team.visibility == "public" and served
