"""The issue tracker's tools: what they declare, what they take, and how their answers read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.tools.tracker import NO_MANUAL, TrackerTools
from planner.tools.tracker import arguments as asked
from planner.tools.tracker.items import Answer, Item, Section
from planner.tools.tracker.text import COMMENT_TEXT, LIST_TEXT, ROOM, WHOLE_TEXT, listed, single

NAMES = {
    "get_issue", "list_issues", "list_comments", "get_document", "list_documents", "list_projects", "get_project",
    "list_teams", "get_team", "list_users", "get_user", "list_cycles", "list_issue_statuses", "get_issue_status",
    "list_issue_labels", "list_project_labels", "list_my_issues", "search_documentation",
}  # fmt: skip
TOOLS = TrackerTools(None)  # pyright: ignore[reportArgumentType] - nothing here gets as far as the tracker
ISSUE = ("issue", "issues")


# --- what they declare -----------------------------------------------------------------------------------------------


def test_every_read_tool_is_declared_once_and_always_the_same() -> None:
    definitions = TOOLS.definitions()
    assert len(definitions) == len(NAMES)
    assert {str(each["name"]) for each in definitions} == NAMES
    assert json.dumps(definitions) == json.dumps(TrackerTools(None).definitions())  # pyright: ignore[reportArgumentType] - as above


@pytest.mark.parametrize("each", TOOLS.definitions(), ids=lambda each: str(each["name"]))
def test_a_declaration_says_of_every_argument_what_it_is(each: dict[str, Any]) -> None:
    schema = each["input_schema"]
    assert schema.keys() == {"type", "properties", "required", "additionalProperties"}
    assert set(schema["required"]) <= schema["properties"].keys()
    for name, declared in schema["properties"].items():
        assert {"type", "description"} <= declared.keys(), name
        assert declared.keys() <= {"type", "description", "default", "enum", "minimum", "maximum"}, name


# --- what they take --------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "no id": ("get_issue", {}, "get_issue needs id: identifier such as ENG-12, address, or id."),
    "an empty id": ("get_issue", {"id": " "}, "get_issue needs id: "),
    "null for an id": ("get_issue", {"id": None}, "get_issue needs id: "),
    "an argument it has not": ("get_issue", {"id": "ENG-1", "deep": True}, "takes no 'deep'; it takes id, includeRel"),
    "priority too high": ("list_issues", {"priority": 7}, "list_issues did not take priority: "),
    "priority a word": ("list_issues", {"priority": "urgent"}, "list_issues did not take priority: "),
    "limit 0": ("list_issues", {"limit": 0}, "list_issues did not take limit: "),
    "order unknown": ("list_issues", {"orderBy": "name"}, "did not take orderBy: input should be 'createdAt' or"),
    "no date": ("list_issues", {"updatedAt": "yesterday"}, "a date such as 2026-09-10"),
    "an empty duration": ("list_issues", {"createdAt": "-P"}, "a date such as 2026-09-10"),
    "a list for a text": ("list_issues", {"team": ["ENG"]}, "list_issues did not take team: "),
    "a very long text": ("list_issues", {"query": "x" * 501}, "list_issues did not take query: "),
    "assignee of my issues": ("list_my_issues", {"assignee": "ada"}, "takes no 'assignee'"),
    "no team for cycles": ("list_cycles", {}, "list_cycles needs teamId: key, name or id of the team."),
    "type of cycle": ("list_cycles", {"teamId": "ENG", "type": "last"}, "list_cycles did not take type: "),
    "no team for statuses": ("list_issue_statuses", {}, "list_issue_statuses needs team: "),
    "offset below 0": ("get_document", {"id": "x", "offset": -1}, "get_document did not take offset: "),
    "the manual": ("search_documentation", {"query": "triage"}, NO_MANUAL),
    "a write": ("create_issue", {"title": "x"}, "the bot writes to Linear, the model proposes"),
    "another write": ("update_project", {}, "the bot writes to Linear, the model proposes"),
    "no such tool": ("get_initiative", {}, "There is no tool get_initiative for the issue tracker; there "),
}  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "said"), WRONG.values(), ids=WRONG)
async def test_what_is_asked_wrongly_is_answered_in_one_sentence(name: str, arguments: Any, said: str) -> None:
    result = await TOOLS.call(name, arguments)
    assert result.is_error
    assert said in result.text
    assert "\n" not in result.text
    assert result.text.endswith(".")


RIGHT: dict[str, tuple[type[asked.Arguments], dict[str, Any], dict[str, Any]]] = {
    "names of Linear's server": (
        asked.Issues,
        {"team": "ENG", "assignee": "me", "parentId": "ENG-1", "orderBy": "createdAt", "includeArchived": True},
        {"team": "ENG", "assignee": "me", "parent": "ENG-1", "order_by": "createdAt", "include_archived": True},
    ),
    "names of older versions": (asked.Issues, {"teamId": "T", "after": "c"}, {"team": "T", "cursor": "c"}),
    "numbers for texts": (asked.Issues, {"cycle": 34}, {"cycle": "34"}),
    "texts for numbers": (asked.Issues, {"limit": "10", "priority": "1"}, {"limit": 10, "priority": 1}),
    "nulls": (asked.Issues, {"team": None, "limit": None, "priority": None}, {"team": "", "limit": 25}),
    "a date": (asked.Issues, {"createdAt": "2026-09-10"}, {"created_at": "2026-09-10"}),
    "a moment": (asked.Issues, {"createdAt": "2026-09-10T01:02:03.000Z"}, {"created_at": "2026-09-10T01:02:03.000Z"}),
    "a duration": (asked.Issues, {"updatedAt": "-P1DT12H"}, {"updated_at": "-P1DT12H"}),
    "relations are always there": (asked.OneIssue, {"id": "ENG-1", "includeRelations": False}, {"id": "ENG-1"}),
    "a project by another name": (asked.OneProject, {"id": "P"}, {"query": "P"}),
    "a team for cycles": (asked.Cycles, {"team": "ENG"}, {"team": "ENG"}),
    "an issue for comments": (asked.Comments, {"issueId": "ENG-1"}, {"issue": "ENG-1", "order_by": "createdAt"}),
}


@pytest.mark.parametrize(("model", "arguments", "taken"), RIGHT.values(), ids=RIGHT)
def test_what_is_taken(model: type[asked.Arguments], arguments: Any, taken: dict[str, Any]) -> None:
    understood = asked.understood("tool", model, arguments)
    assert isinstance(understood, asked.Arguments)
    assert dict(understood) | taken == dict(understood)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["query", "team", "limit", "orderBy", "id", "x"]) | st.text(), ANY_JSON))
def test_no_arguments_raise(arguments: Any) -> None:
    for model in (asked.Issues, asked.OneIssue, asked.Cycles):
        understood = asked.understood("tool", model, arguments)
        assert isinstance(understood, model) or (isinstance(understood, str) and understood.endswith("."))


# --- how answers read ------------------------------------------------------------------------------------------------


def line(number: int = 1, text: str = "", **more: Any) -> Item:
    facts = (("state", "Todo (unstarted)"), ("priority", "High"), ("labels", ""))
    given: dict[str, Any] = {"title": f"Issue {number}", "url": f"https://x/ENG-{number}", "facts": facts, **more}
    return Item(name=f"ENG-{number}", text=text, **given)


def test_a_list_begins_with_what_is_missing_from_it() -> None:
    answer = Answer(noun=ISSUE, items=(line(1, "Why\n\nHow"), line(2)), cursor="c1", held_back=2, notes=("A note.",))
    result = listed(answer)
    assert result.text == (
        '2 issues. 2 issues left out: not visible to everyone here. There are more: call again with cursor "c1". '
        "A note.\n\n"
        "ENG-1: Issue 1\nstate Todo (unstarted); priority High\nhttps://x/ENG-1\nWhy\n\nHow\n\n"
        "ENG-2: Issue 2\nstate Todo (unstarted); priority High\nhttps://x/ENG-2"
    )
    assert [(each.name, each.url) for each in result.found] == [
        ("ENG-1", "https://x/ENG-1"), ("ENG-2", "https://x/ENG-2"),
    ]  # fmt: skip
    assert not result.is_error


COUNTS = {
    "none": (Answer(noun=ISSUE), "No issues found."),
    "one": (Answer(noun=ISSUE, items=(Item(title="x"),)), "1 issue.\n\nx"),
    "only one held back": (
        Answer(noun=ISSUE, held_back=1),
        "0 issues. 1 issue left out: not visible to everyone here.",
    ),
    "none here but more": (
        Answer(noun=ISSUE, cursor="c"),
        '0 issues. There are more: call again with cursor "c".',
    ),
}


@pytest.mark.parametrize(("answer", "text"), COUNTS.values(), ids=COUNTS)
def test_how_many_there_are(answer: Answer, text: str) -> None:
    assert listed(answer).text == text


def test_what_is_of_one_line_stays_on_one_line() -> None:
    hostile = line(1, title="Nice\nENG-2: fake\nstate Done", facts=(("state", "a\nb"),))
    assert listed(Answer(noun=ISSUE, items=(hostile,))).text.splitlines()[2:4] == [
        "ENG-1: Nice ENG-2: fake state Done", "state a b",
    ]  # fmt: skip


def test_long_texts_of_a_list_say_how_much_is_missing() -> None:
    text = listed(Answer(noun=ISSUE, items=(line(1, "x" * (LIST_TEXT + 1_234)),))).text
    assert text.endswith("x [... 1,234 characters more]")
    assert listed(Answer(noun=ISSUE, items=(line(1, "x" * LIST_TEXT),))).text.endswith("x" * LIST_TEXT)


def test_replies_stand_under_what_they_answer() -> None:
    items = (Item(name="ENG-1#comment-a", text="Shall we?\nNow?"), Item(name="ENG-1#comment-b", text="Yes", depth=1))
    text = listed(Answer(noun=("comment", "comments"), items=items)).text
    assert text.endswith("ENG-1#comment-a\nShall we?\nNow?\n\n  ENG-1#comment-b\n  Yes")


@pytest.mark.parametrize("text", [LIST_TEXT, COMMENT_TEXT])
@pytest.mark.parametrize("count", [1, 20, 50])
def test_a_page_is_bounded_and_keeps_all_its_items(count: int, text: int) -> None:
    items = tuple(line(number, "word " * 5_000) for number in range(count))
    result = listed(Answer(noun=ISSUE, items=items, cursor="the-cursor"), text=text)
    assert len(result.text) <= ROOM
    assert "the-cursor" in result.text
    assert all(f"ENG-{number}: " in result.text for number in range(count))
    assert len(result.found) == count


@given(st.lists(st.tuples(st.text(max_size=400), st.text(max_size=3_000)), max_size=50))
def test_no_page_is_ever_larger_or_loses_its_cursor(rows: list[tuple[str, str]]) -> None:
    items = tuple(line(number, text, title=title) for number, (title, text) in enumerate(rows))
    text = listed(Answer(noun=ISSUE, items=items, cursor="the-cursor")).text
    assert len(text) <= ROOM
    assert "the-cursor" in text


def test_short_texts_stay_whole_where_long_ones_are_cut() -> None:
    items = (*(line(number, "short") for number in range(45)), *(line(50 + n, "long " * 600) for n in range(5)))
    text = listed(Answer(noun=("comment", "comments"), items=items), text=COMMENT_TEXT).text
    assert text.count("short") == 45
    assert len(text) > ROOM - 3_000


def test_items_that_do_not_fit_are_counted_and_not_cited() -> None:
    wide = tuple(line(number, title="t" * 300, facts=(("a", "f" * 300), ("b", "f" * 300))) for number in range(50))
    result = listed(Answer(noun=ISSUE, items=wide, cursor="c"))
    count = len(result.found)
    assert 0 < count < 50
    assert f"Only {count} of these fit here: call again with limit {count}." in result.text
    assert f"ENG-{count - 1}: " in result.text
    assert f"ENG-{count}: " not in result.text


def test_a_single_item_is_whole_with_what_hangs_on_it() -> None:
    sections = (
        Section(heading="Parent", held_back=1),
        Section(heading="Sub-issues", items=(line(2), line(3)), more="More of them: list_issues."),
        Section(heading="Milestones", items=(Item(title="Beta, target 2026-12-01"),)),
    )
    result = single(Answer(noun=ISSUE, items=(line(1, "Text\n", sections=sections),)))
    assert result.text == (
        "ENG-1: Issue 1\nstate Todo (unstarted); priority High\nhttps://x/ENG-1\n\nText\n\n"
        "Parent:\n- 1 of these left out: not visible to everyone here.\n\n"
        "Sub-issues:\n"
        "- ENG-2: Issue 2 | state Todo (unstarted); priority High | https://x/ENG-2\n"
        "- ENG-3: Issue 3 | state Todo (unstarted); priority High | https://x/ENG-3\n"
        "- More of them: list_issues.\n\n"
        "Milestones:\n- Beta, target 2026-12-01"
    )
    assert [each.name for each in result.found] == ["ENG-1", "ENG-2", "ENG-3"]


def test_a_long_document_goes_on_from_an_offset() -> None:
    whole = "".join(f"line {number:06}\n" for number in range(3_000))
    answer = Answer(noun=("document", "documents"), items=(Item(name="document:x", text=whole),))
    read, offset = "", 0
    for _ in range(5):
        text = single(answer, offset=offset).text
        read += "".join(f"{each}\n" for each in text.splitlines() if each.startswith("line "))
        if "left out here" not in text:
            break
        assert f"they begin at character {offset + WHOLE_TEXT:,}." in text
        assert len(text) <= ROOM
        offset += WHOLE_TEXT
    # A line that the cut went through is there in two parts.
    assert len(read) >= len(whole) - 5 * 12
    assert "The text ends before that." in single(answer, offset=10**9).text


def test_sections_that_do_not_fit_are_named() -> None:
    many = tuple(line(number, title="t" * 290) for number in range(60))
    sections = (Section(heading="Relations", items=many), Section(heading="Documents", items=(Item(title="One"),)))
    text = single(Answer(noun=ISSUE, items=(line(1, "x" * WHOLE_TEXT, sections=sections),))).text
    assert "Relations: left out here, too long." in text
    assert text.endswith("Documents:\n- One")
    assert len(text) <= ROOM
