"""Who may command: decided on the id of who acted and on the role that Linear gives for it, never on text. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.rules import TeamRules
    from bot.triggers import Asker
    from linear.models import User

MEMBERS = "members"
"""In `may_trigger`: everyone with a seat."""


def may_command(asker: Asker, person: User | None, rules: TeamRules) -> bool:
    """Whether `asker` may give commands to the bot in a team with these rules.

    `person`: who Linear says the asker's id is; None for no user of the workspace, such as an integration, somebody of
    a connected service, or nobody at all. With `members`, people with a seat may: no guests, no apps, nobody who was
    deactivated. Others may where they are named: people by id or e-mail, apps and integrations by id or name.
    """
    named = {name.casefold() for name in rules.may_trigger} - {MEMBERS}
    if person is None:
        # A name counts only for what is no user: people choose theirs themselves.
        return bool(named & _known(asker.id, asker.name if asker.type not in {"", "user"} else ""))
    if person.active is False:
        return False
    if named & _known(person.id, person.name if person.app else person.email):
        return True
    return MEMBERS in {name.casefold() for name in rules.may_trigger} and not person.guest and not person.app


def _known(*names: str) -> set[str]:
    return {name.casefold() for name in names if name}
