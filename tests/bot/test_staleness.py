"""What counts as an issue that has moved on, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from bot.staleness import changes, reads_of
from planner.brief import Brief, Material

BRIEF = Brief(
    identifier="ENG-1",
    title="Rate limits",
    description="Each key may make 600 requests a minute.",
    materials=(
        Material(
            source="comment", name="comment-1", url="c1", text="Partners have limits of their own, see the table."
        ),
        Material(source="document", name="document-1", url="d1", text="The guide."),
        Material(source="child", name="child-1", url="k1", text="Some other work."),
    ),
)


def with_materials(*more: Material, **changed: Any) -> Brief:
    return BRIEF.model_copy(update={"materials": (*BRIEF.materials, *more), **changed})


def comment(text: str, url: str = "c2") -> Material:
    return Material(source="comment", name="comment-2", url=url, text=text)


def edited(name: str, text: str) -> Brief:
    materials = tuple(each.model_copy(update={"text": text}) if each.name == name else each for each in BRIEF.materials)
    return BRIEF.model_copy(update={"materials": materials})


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(BRIEF, [], id="nothing"),
        pytest.param(with_materials(title="Limits"), ["the title was edited"], id="title"),
        pytest.param(with_materials(description="More."), ["the description was edited"], id="description"),
        pytest.param(
            with_materials(description="Each key may make   600 requests a minute.\n"), [], id="only its blanks"
        ),
        pytest.param(
            with_materials(comment("Search must answer within 200 ms.")), ["1 comment was added"], id="comment"
        ),
        pytest.param(
            with_materials(comment("Search must answer within 200 ms."), comment("And so must the whole list.", "c3")),
            ["2 comments were added"],
            id="comments",
        ),
        pytest.param(with_materials(comment("Thanks!")), [], id="thanks"),
        pytest.param(with_materials(comment("Thanks a lot, looks great to me")), [], id="a longer thanks"),
        pytest.param(with_materials(comment("+1")), [], id="a vote"),
        pytest.param(with_materials(comment("/plan status of all the things we asked for")), [], id="a command"),
        pytest.param(
            with_materials(comment("Thanks, but the partners want their own limits to be shown in the dashboard, too")),
            ["1 comment was added"],
            id="thanks, and something to say",
        ),
        pytest.param(edited("comment-1", "Partners have none."), [], id="a comment that says little now"),
        pytest.param(
            edited("comment-1", "Partners have the same limits as all."), ["1 comment was edited"], id="edited comment"
        ),
        pytest.param(edited("document-1", "The new guide."), ["1 document was edited"], id="edited document"),
        pytest.param(edited("child-1", "Yet other work."), [], id="other work"),
        pytest.param(
            with_materials(Material(source="document", name="document-2", url="d2", text="More.")),
            ["1 document was added"],
            id="document",
        ),
        pytest.param(BRIEF.model_copy(update={"materials": ()}), [], id="less than there was"),
    ],
)
def test_what_changed_is_told(now: Brief, told: list[str]) -> None:
    assert changes(reads_of(BRIEF), reads_of(now)) == told


def test_the_repository_and_plans_without_a_record() -> None:
    assert changes(reads_of(BRIEF, "a1"), reads_of(BRIEF, "b2")) == ["the repository has moved on"]
    assert changes(reads_of(BRIEF, "a1"), reads_of(BRIEF)) == []
    assert changes({}, reads_of(BRIEF)) == []
