"""When an open issue is what a phase would become, as a table."""

from __future__ import annotations

import pytest

from bot.again.covering import covering, words
from linear.planned import SimilarIssue


def similar(title: str, number: int = 7, parent: str | None = None) -> SimilarIssue:
    return SimilarIssue.model_validate(
        {
            "id": f"id-{number}",
            "identifier": f"ENG-{number}",
            "title": title,
            "url": "",
            "parent": {"id": parent} if parent else None,
            "state": {"id": "s", "name": "Backlog", "type": "backlog"},
        }
    )


@pytest.mark.parametrize(
    ("title", "found", "covers"),
    [
        ("Store the limits", similar("Store limits"), True),
        ("Store limits", similar("STORE  the LIMITS!"), True),
        ("Store limits", similar("Limits: store them"), False),
        ("Store limits", similar("Store limits in DynamoDB"), False),
        ("Store limits", similar("Store limits", parent="parent"), True),
        ("Store limits", similar("Store limits", parent="another-issue"), False),
        ("Tests", similar("Tests"), False),
        ("Лимиты хранить", similar("Хранить лимиты"), True),
    ],
)
def test_the_same_words_cover(title: str, found: SimilarIssue, covers: bool) -> None:
    made = covering({"store": title}, [found], parent_id="parent", not_these=())
    assert bool(made) == covers


def test_one_issue_covers_one_phase_and_the_oldest_wins() -> None:
    found = [similar("Store limits", 12), similar("Store limits", 9)]
    made = covering(
        {"a": "Store limits", "b": "Limits store", "c": "The store limits"}, found, parent_id="p", not_these=()
    )
    assert [made[key].identifier for key in ("a", "b")] == ["ENG-9", "ENG-12"]
    assert "c" not in made


def test_the_issue_itself_and_what_is_ours_cover_nothing() -> None:
    found = [similar("Store limits", 1), similar("Store limits", 2)]
    assert covering({"a": "Store limits"}, found, parent_id="id-1", not_these={"id-2"}) == {}


def test_words_leave_out_what_says_little() -> None:
    assert words("Add the API to it") == ("add", "api")
    assert words("The") == ()
