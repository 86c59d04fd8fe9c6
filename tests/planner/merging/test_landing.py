"""Whether what stands rests on what was written, as a table; also over text as Linear gives it back."""

from __future__ import annotations

import pytest

from linear.sandbox.markdown import rederived
from planner.merging import MARK, beside, landed

OLD = "## A\n\nOne.\n\nTwo.\n\n- three\n- four\n"
NEW = "## A\n\nOne, anew.\n\nTwo.\n\n- three\n- five\n\nSix.\n"


@pytest.mark.parametrize(
    ("stands", "rests"),
    [
        pytest.param(NEW, True, id="as it was written"),
        pytest.param(rederived(NEW), True, id="as Linear gives it back"),
        pytest.param(f"{NEW}\nBo was here.\n", True, id="with a person's words on top"),
        pytest.param(NEW.replace("Six.", "Six, says Bo."), True, id="with one of its parts edited"),
        pytest.param(OLD, False, id="an older copy saved over it"),
        pytest.param(rederived(f"{OLD}\nBo was here.\n"), False, id="an older copy with a person's words"),
        pytest.param("", False, id="emptied"),
    ],
)
def test_what_rests_on_what_was_written(stands: str, rests: bool) -> None:
    assert landed(OLD, NEW, stands) is rests


def test_where_nothing_was_to_change_anything_rests_on_it() -> None:
    assert landed(OLD, rederived(OLD), "Something else.")


def test_people_s_parts_and_suggestions_are_counted() -> None:
    stands = f"{NEW}\nBo was here.\n\n> {MARK}\n>\n> Seven.\n"
    assert beside(stands, OLD, NEW) == (1, 1)
    assert beside(rederived(stands), OLD, NEW) == (1, 1)
    assert beside(NEW, OLD, NEW) == (0, 0)
