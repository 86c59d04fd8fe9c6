"""Who may command, as a table of roles and rules."""

from __future__ import annotations

import pytest

from bot.permission import may_command
from bot.rules import TeamRules
from bot.triggers import Asker
from linear.models import User

ADA = User(id="u-1", name="Ada Park", email="ada@acme.example", active=True)
GUEST = User(id="u-2", name="Tomas", email="tomas@riva.example", guest=True, active=True)
APP = User(id="u-3", name="Robo", app=True, active=True)
GONE = User(id="u-4", name="Left Long Ago", email="left@acme.example", active=False)
POSES = User(id="u-5", name="github", email="poses@acme.example", guest=True, active=True)


def asker(person: User) -> Asker:
    return Asker(id=person.id, name=person.name, type="user")


@pytest.mark.parametrize(
    ("who", "person", "rule", "may"),
    [
        pytest.param(asker(ADA), ADA, None, True, id="a member"),
        pytest.param(asker(GUEST), GUEST, None, False, id="a guest"),
        pytest.param(asker(APP), APP, None, False, id="an app"),
        pytest.param(asker(GONE), GONE, None, False, id="deactivated"),
        pytest.param(Asker(), None, None, False, id="nobody"),
        pytest.param(Asker(id="int-1", name="GitHub", type="Integration"), None, None, False, id="an integration"),
        pytest.param(Asker(id="ext-1", name="Ada Park", type="ExternalUser"), None, None, False, id="outside"),
        pytest.param(asker(ADA), ADA, (), False, id="nobody may"),
        pytest.param(asker(ADA), ADA, ("grace@acme.example",), False, id="only somebody else"),
        pytest.param(asker(ADA), ADA, ("ADA@acme.example",), True, id="by e-mail"),
        pytest.param(asker(ADA), ADA, ("u-1",), True, id="by id"),
        pytest.param(asker(ADA), ADA, ("Ada Park",), False, id="people choose their names"),
        pytest.param(asker(GUEST), GUEST, ("members", "tomas@riva.example"), True, id="a guest who is named"),
        pytest.param(asker(GONE), GONE, ("left@acme.example",), False, id="named, but deactivated"),
        pytest.param(asker(APP), APP, ("members", "robo"), True, id="an app by name"),
        pytest.param(Asker(id="int-1", name="GitHub", type="Integration"), None, ("github",), True, id="by name"),
        pytest.param(Asker(id="int-1", name="GitHub", type="Integration"), None, ("int-1",), True, id="by its id"),
        pytest.param(asker(POSES), POSES, ("github",), False, id="a person with an integration's name"),
        pytest.param(Asker(id="x", name="github", type="user"), None, ("github",), False, id="a user we cannot see"),
    ],
)
def test_who_may_command(who: Asker, person: User | None, rule: tuple[str, ...] | None, may: bool) -> None:
    rules = TeamRules() if rule is None else TeamRules(may_trigger=rule)
    assert may_command(who, person, rules) is may
