"""What each source makes of an issue: names, kinds, order, and what it holds back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.gather import compose_brief
from bot.sources import (
    File,
    Known,
    RepositoryFile,
    RepositoryMap,
    attachments,
    comments,
    plan_context,
    relatives,
    sources,
)
from bot.sources import documents as document_source
from bot.sources import project as project_source
from bot.standing import Standing
from bot.triggers import Asker, PlanRequest
from linear.models import Document
from planner.brief import Material
from planner.fitting import KINDS
from tests.bot.test_files import comment, context, document

STATE = {"id": "s", "name": "In Progress", "type": "started"}
OWN = {"id": "t", "visibility": "private"}


def names(found: Iterable[Material]) -> list[str]:
    return [each.name for each in found]


def issue(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"i{number}",
        "identifier": f"ENG-{number}",
        "title": f"Issue {number}",
        "url": f"https://linear.app/acme/issue/ENG-{number}",
        "state": STATE,
        "team": OWN,
        **more,
    }


def repository(*files: tuple[str, str], **more: object) -> RepositoryMap:
    return RepositoryMap.model_validate(
        {
            "name": "acme/api",
            "url": "https://github.com/acme/api",
            "commit": "0" * 40,
            "files": [RepositoryFile(path=path, text=text) for path, text in files],
            **more,
        }
    )


# --- standing orders -------------------------------------------------------------------------------------------------


def orders(id: str, title: str = "plan-context.md", content: str = "Go, no AWS", **more: object) -> dict[str, object]:
    return {**document(id, content), "title": title, **more}


def test_standing_orders_come_from_four_places_the_nearest_first() -> None:
    given = context(
        documents=[document("d1", "Notes"), orders("d2", "Plan-Context.MD"), orders("d3", " plan-context ")],
        project={"id": "p", "name": "P", "content": "Why", "documents": [orders("d4"), document("d5", "More")]},
    )
    team = Document.model_validate(orders("d6"))
    known = Known(
        repository=repository(("plan-context.md", "Use what is here"), ("README.md", "# API")),
        team_documents=(team,),
        linked=(team,),
    )
    found = list(plan_context.materials(given, known))
    assert names(found) == [
        "plan-context-issue",
        "plan-context-issue-2",
        "plan-context-project",
        "plan-context-repository",
        "plan-context-team",
    ]
    assert {each.source for each in found} == {"plan-context"}
    assert found[3].text == "Use what is here"
    assert names(document_source.materials(given, known)) == ["document-1"]
    assert names(project_source.materials(given, known)) == ["project", "project-document-2"]
    assert sources()[0].__name__ == "bot.sources.plan_context", "they are read before all else"


def test_what_is_no_standing_order() -> None:
    given = context(
        documents=[
            orders("d1", "plan-context notes"),
            orders("d2", content="  "),
            orders("d3", trashed=True),
            orders("ours"),
        ]
    )
    known = Known(ours=frozenset({"ours"}), repository=repository(("docs/plan-context.md", "Not at the root")))
    assert list(plan_context.materials(given, known)) == []


# --- relatives -------------------------------------------------------------------------------------------------------


def test_the_issues_around_come_with_their_states() -> None:
    top = issue(1, description="The programme")
    given = context(
        parent=issue(
            10,
            description="The epic",
            parent=issue(5, parent=top),
            children=[issue(11), issue(12, state={**STATE, "name": "Done"}), {**issue(13), "id": "i"}],
        ),
        children=[issue(20, description="A part")],
        relations=[{"id": "r1", "type": "blocks", "relatedIssue": issue(30)}],
        inverseRelations=[{"id": "r2", "type": "blocks", "issue": issue(31)}],
    )
    found = {each.name: each for each in relatives.materials(given, Known())}
    assert list(found) == [
        "parent-ENG-10",
        "ancestor-ENG-5",
        "ancestor-ENG-1",
        "siblings",
        "sub-issue-ENG-20",
        "blocks-ENG-30",
        "blocked-by-ENG-31",
    ]
    assert found["parent-ENG-10"].text == "State: In Progress.\n\nThe epic"
    assert found["ancestor-ENG-1"].text.endswith("The programme")
    assert found["siblings"].text.splitlines() == [
        "- ENG-11 (In Progress): Issue 11 https://linear.app/acme/issue/ENG-11",
        "- ENG-12 (Done): Issue 12 https://linear.app/acme/issue/ENG-12",
    ]
    assert [each.source for each in found.values()] == [
        "parent", "parent", "parent", "sibling", "child", "relation", "relation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("team", "seen"),
    [
        pytest.param({"id": "t", "visibility": "private"}, True, id="own, private"),
        pytest.param({"id": "x", "visibility": "public"}, True, id="public"),
        pytest.param({"id": "x", "visibility": "private"}, False, id="private"),
        pytest.param({"id": "x", "visibility": "restricted"}, False, id="restricted"),
        pytest.param({"id": "x", "visibility": "new word"}, False, id="a word not known yet"),
        pytest.param(None, False, id="not known"),
    ],
)
def test_issues_of_teams_that_readers_may_not_see_are_held_back(team: object, seen: bool) -> None:
    other = issue(10, team=team, description="Secret")
    given = context(
        parent={**other, "children": [issue(11, team=team)]},
        children=[issue(20, team=team)],
        relations=[{"id": "r1", "type": "blocks", "relatedIssue": issue(30, team=team)}],
        inverseRelations=[{"id": "r2", "type": "related", "issue": issue(31, team=team)}],
    )
    assert len(list(relatives.materials(given, Known()))) == (5 if seen else 0)
    said = [] if seen else ["5 linked issues: not visible to everyone here"]
    assert list(relatives.left_out(given, Known())) == said, "they are counted, and nothing more is said of them"


def test_what_the_bot_made_is_no_relative() -> None:
    given = context(children=[issue(20), issue(21)])
    assert names(relatives.materials(given, Known(ours=frozenset({"i20"})))) == ["sub-issue-ENG-21"]


# --- comments --------------------------------------------------------------------------------------------------------


def test_comments_stand_in_threads_with_who_wrote_them() -> None:
    def by(**more: object) -> dict[str, object]:
        return {"user": {"id": "u", "name": "Ann Lee", "displayName": "ann", **more}}

    def at(day: int) -> str:
        return f"2026-11-0{day}T00:00:00.000Z"

    given = context(
        comments=[
            comment("c4", "Fine.", at(5)) | {"externalUser": {"id": "e", "name": "Sam"}},
            comment("c1", "Why not a queue?", at(1)) | by(guest=True) | {"resolvedAt": at(6)},
            comment("c3", "As Ann says.", at(4)) | by(app=True) | {"parentId": "c1"},
            comment("c2", "Merged.", at(2)) | {"botActor": {"type": "github", "name": "GitHub"}},
            comment("c5", "See this.", at(7)) | by() | {"quotedText": "must hold"},
            comment("c6", "/plan", at(8)) | by(),
            comment("ours", "Planned.", at(8)) | by(app=True),
        ]
    )
    found = list(comments.materials(given, Known(ours=frozenset({"ours"}))))
    assert [(each.name, each.author, each.at) for each in found] == [
        ("comment-1", "ann (guest), in a resolved thread", at(1)),
        ("comment-2", "ann (app), in reply to comment-1, in a resolved thread", at(4)),
        ("comment-3", "GitHub (integration)", at(2)),
        ("comment-4", "Sam (outside the workspace)", at(5)),
        ("comment-5", "ann (member)", at(7)),
    ]
    assert found[4].text == "> must hold\n\nSee this."


# --- attachments -----------------------------------------------------------------------------------------------------

SAID = {
    "pull request": (
        {"number": 412, "status": "draft", "repoId": "x", "avatarUrl": "y", "reviewers": [{"name": "Bo"}], "url": ""},
        ["status: draft", "number: 412", "reviewers: Bo"],
    ),
    "slack": (
        {"channelName": "payments", "messages": [{"subject": "Bo", "body": "It  fails", "timestamp": "2026-11-01"}]},
        ["channel name: payments", "> Bo, 2026-11-01: It fails"],
    ),
    "nested": (
        {"issue": {"count": 41, "level": "error", "deep": {"a": {"b": 1}}}, "tags": ["eu", 2, True]},
        ["issue, count: 41", "issue, level: error", "tags: eu, 2, yes"],
    ),
    "long": ({"body": "x" * 900}, ["body: " + "x" * 399 + "…"]),
    "many": ({f"k{at:02}": at for at in range(30)}, [*(f"k{at:02}: {at}" for at in range(24)), "(and 6 more)"]),
    "none": ({}, []),
}


@pytest.mark.parametrize(("metadata", "lines"), SAID.values(), ids=SAID.keys())
def test_what_an_integration_says_is_put_in_lines(metadata: dict[str, object], lines: list[str]) -> None:
    given = context(
        attachments=[
            {"id": "a", "title": "T", "subtitle": "Sub", "url": "https://x.example", "sourceType": "s",
             "metadata": metadata}
        ]
    )  # fmt: skip
    [found] = attachments.materials(given, Known())
    assert (found.title, found.url, found.author) == ("T", "https://x.example", "s")
    assert found.text.splitlines() == ["Sub", *lines]


# --- all together ----------------------------------------------------------------------------------------------------


def test_what_could_not_be_read_is_left_out_by_name_and_every_kind_is_known() -> None:
    given = context(
        "Do it",
        comments=[comment("c", "Please")],
        parent=issue(10, children=[issue(11)]),
        children=[issue(20)],
        relations=[{"id": "r1", "type": "blocks", "relatedIssue": issue(30)}],
        documents=[document("d", "Notes"), orders("d2")],
        project={"id": "p", "name": "P", "content": "Why", "documents": [document("d3", "More")]},
        attachments=[{"id": "a", "title": "T", "url": "https://x.example"}],
        cycle={"id": "y", "number": 7, "startsAt": "2026-11-02T00:00:00.000Z", "endsAt": "2026-11-16T00:00:00.000Z"},
    )
    known = Known(
        files=(
            File(url="https://x.example/1", title="a.md", text="# Notes"),
            File(url="https://x.example/2", title="b.zip", gap='the file "b.zip": an archive'),
            File(url="https://x.example/3", title="c.log", text="Begin", gap='the file "c.log": the first part'),
        ),
        repository=repository(("README.md", "# API"), tree="src/", gaps=("one manifest could not be read",)),
    )
    asked = PlanRequest(
        id="k", organization_id="o", issue_id="i", identifier="ENG-1", title="T", kind="label", received_at=0.0,
        asker=Asker(id="u", name="Ann"),
    )  # fmt: skip
    brief, read = compose_brief(given, asked, known, Standing(document=None, subissues=(), ours=frozenset()))
    assert brief.left_out == (
        'the file "b.zip": an archive',
        'the file "c.log": the first part',
        "one manifest could not be read",
    )
    assert {each.source for each in brief.materials} <= KINDS
    assert len({each.name for each in brief.materials}) == len(brief.materials)
    assert brief.materials[0].source == "plan-context"
    assert brief.cycle == "7 (2026-11-02 to 2026-11-16)"
    assert "2 files" in read
    assert "4 linked issues" in read
