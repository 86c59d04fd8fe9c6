"""A plan is mended one block at a time, whatever was submitted and whatever is sent."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planner.blocks import LISTS, block_at, items_in, name_of
from planner.plan import Plan, problems_by_block
from planner.revise import ITEMS, TEXTS, blocks, revise
from planner.schema import REVISE_PLAN, revise_plan_tool
from tests.planner.samples import german_plan, small_plan
from tests.standins.claude import a_plan

Raw = dict[str, Any]


def own(raw: Raw, block: str) -> str:
    """What `revise` takes to leave a block as it is."""
    field, _, name = block.partition(".")
    value = raw.get(field)
    if name:
        value = next(item for item in items_in(raw, field) or () if name_of(item) == name)
    return value if field in TEXTS and isinstance(value, str) else json.dumps(value)


PLANS: dict[str, Raw] = {
    "large": a_plan(),
    "small": small_plan().model_dump(mode="json"),
    "german": german_plan().model_dump(mode="json"),
}


@pytest.mark.parametrize("raw", PLANS.values(), ids=PLANS.keys())
def test_its_own_content_changes_nothing(raw: Raw) -> None:
    before = copy.deepcopy(raw)
    assert {*Plan.model_fields} <= {*blocks(raw)}
    for block in blocks(raw):
        assert revise(raw, block, own(raw, block)) == before, block
    assert raw == before


def test_blocks_are_fields_and_items_with_names() -> None:
    found = blocks(a_plan())
    assert {"summary", "api", "phases.limit-store", "api.O2", "database.T1", "artefacts.A4", "tests.X1"} <= {*found}
    assert len(found) == len(set(found))


def _change(raw: Raw, block: str, content: str) -> Raw:
    made = revise(raw, block, content)
    assert isinstance(made, dict), made
    return made


def test_a_text() -> None:
    assert _change(a_plan(), "summary", 'Say "less".\n') == a_plan() | {"summary": 'Say "less".\n'}


def test_a_structured_block() -> None:
    assert _change(a_plan(), "risks", "[]")["risks"] == []
    assert _change(a_plan(), " risks ", "```json\n[]\n```")["risks"] == []


@pytest.mark.parametrize("block", ["phases.roll-out", "artefacts.A2", "requirements.R3", "api.O1", "database.T2"])
def test_an_item_goes_and_comes_back_at_the_end(block: str) -> None:
    content = own(a_plan(), block)
    without = _change(a_plan(), block, " ")
    assert block not in blocks(without)
    again = _change(without, block, content)
    assert {*blocks(again)} == {*blocks(a_plan())}
    field = block.partition(".")[0]
    items = items_in(again, field)
    assert items is not None
    assert items[-1] == json.loads(content)


def test_an_item_in_its_place() -> None:
    phase = a_plan()["phases"][1] | {"title": "Count"}
    made = _change(a_plan(), "phases.shared-buckets", json.dumps(phase))
    assert [each["title"] for each in made["phases"]][1] == "Count"
    assert len(made["phases"]) == 4


def test_an_item_may_leave_its_name_to_the_block() -> None:
    made = _change(a_plan(), "tests.X9", json.dumps({"kind": "unit", "text": "t", "requirement_ids": ["R1"]}))
    assert made["tests"][-1]["id"] == "X9"
    phase = {key: value for key, value in a_plan()["phases"][0].items() if key != "key"}
    assert _change(a_plan(), "phases.limit-store", json.dumps(phase)) == a_plan()


def test_an_item_may_get_another_name() -> None:
    made = _change(a_plan(), "services.S4", json.dumps(a_plan()["services"][3] | {"id": "S9"}))
    assert [each["id"] for each in made["services"]] == ["S1", "S2", "S3", "S9"]


ARTEFACT_TEXTS = {
    "mermaid": ("A1", 'flowchart LR\n  a["A"] --> b["B"]'),
    "openapi": ("A2", "openapi: 3.1.0\ninfo:\n  title: x"),
    "json": ("A4", '{"Version": "2012-10-17", "Statement": []}'),
    "a schema in json": ("A4", '{"$schema": "x", "title": "Order"}'),
    "a list in json": ("A4", "[1, 2]"),
}


@pytest.mark.parametrize(("id_", "text"), ARTEFACT_TEXTS.values(), ids=ARTEFACT_TEXTS.keys())
def test_an_artefact_may_come_as_its_text_alone(id_: str, text: str) -> None:
    made = _change(a_plan(), f"artefacts.{id_}", text)
    old = next(each for each in a_plan()["artefacts"] if each["id"] == id_)
    assert next(each for each in made["artefacts"] if each["id"] == id_) == old | {"content": text}


NOT_TAKEN: dict[str, tuple[str, str, str]] = {
    "no such block": ("mood", "good", 'there is no block "mood"; blocks are title, language,'),
    "no such block, to take away": ("mood", "", 'there is no block "mood"'),
    "nothing": ("", "x", 'there is no block ""'),
    "a part of what has none": ("summary.first", "x", "summary is revised as a whole"),
    "a part of a list without names": ("risks.0", "{}", "risks is revised as a whole; only items of requirements,"),
    "nothing to take away": ("phases.gone", "", 'there is no "gone" in phases to take away'),
    "no JSON": ("phases", "- one\n- two", "the content of phases is no JSON: Expecting"),
    "half JSON": ("artefacts.A1", '{"id": "A1", "kind": ', "the content of artefacts.A1 is no JSON"),
    "no JSON for a new artefact": ("artefacts.A9", "flowchart LR", "the content of artefacts.A9 is no JSON"),
    "no object": ("phases.limit-store", "[]", "the content of phases.limit-store must be one JSON object"),
    "another name": ("tests.X9", '{"id": "X8"}', 'the block is tests.X9, but its content has another id: "X8"'),
    "no number": ("risks", "[NaN]", "the content of risks is no JSON: NaN is no JSON value"),
    "endless number": ("risks", "9" * 5_000, "the content of risks is no JSON: Exceeds the limit"),
    "too deep": ("risks", "[" * 40 + "]" * 40, "the content of risks is nested too deeply"),
    "far too deep": ("risks", "[" * 90_000, "the content of risks is nested too deeply"),
    "too long": ("summary", "x" * 200_001, "the content of summary is longer than 200,000 characters"),
}


@pytest.mark.parametrize(("block", "content", "says"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_what_is_not_taken(block: str, content: str, says: str) -> None:
    raw = a_plan()
    made = revise(raw, block, content)
    assert isinstance(made, str)
    assert made.startswith(says), made
    assert "\n" not in made
    assert len(made) < 600
    assert raw == a_plan()


def test_names_that_are_used_twice_are_no_blocks() -> None:
    raw = a_plan()
    raw["requirements"][1]["id"] = "R1"
    assert "requirements.R1" not in blocks(raw)
    assert revise(raw, "requirements.R1", "{}") == (
        '2 items of requirements are called "R1"; revise requirements as a whole'
    )


def test_a_field_too_many_is_taken_away() -> None:
    raw = a_plan() | {"mood": "good", "a.b": 1}
    assert _change(_change(raw, "mood", ""), "a.b", " ") == a_plan()


BROKEN: dict[str, Raw] = {
    "nothing": {},
    "a list as text": a_plan() | {"phases": json.dumps(a_plan()["phases"])},
    "a part as a list": a_plan() | {"api": []},
    "lists of anything": a_plan() | {"phases": [None, 3, "x", [], {"key": 3}, {"key": "a b"}]},
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_plan_is_mended_field_by_field(raw: Raw) -> None:
    for field, value in a_plan().items():
        raw = _change(raw, field, value if isinstance(value, str) else json.dumps(value))
    assert Plan.model_validate(raw)


# --- which block is at fault -----------------------------------------------------------------------------------------


def _at_fault(raw: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(raw)
    return problems_by_block(caught.value, raw)


def _spoil(path: str, value: Any) -> Raw:
    raw = a_plan()
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node: Any = raw
    for step in steps:
        node = node[step]
    node[last] = value
    return raw


FAULTS: dict[str, tuple[Any, list[str]]] = {
    "a field": (_spoil("summary", ""), ["summary"]),
    "a missing field": ({key: value for key, value in a_plan().items() if key != "stack"}, ["stack"]),
    "a field too many": (_spoil("mood", 1), ["mood"]),
    "inside a part": (_spoil("operations.backup", 3), ["operations"]),
    "an item": (_spoil("phases.1.days.low", "two"), ["phases.shared-buckets"]),
    "an item's name": (_spoil("phases.3.key", "Roll_Out"), ["phases.Roll_Out"]),
    "an item without a name": (_spoil("tests.0.id", ""), ["tests"]),
    "an operation": (_spoil("api.operations.1.method", ""), ["api.O2"]),
    "the prose of the api": (_spoil("api.prose", 1), ["api"]),
    "a column": (_spoil("database.tables.0.columns.1.type", ""), ["database.T1"]),
    "an item of no name": (_spoil("risks.2.impact", "huge"), ["risks"]),
    "a list as text": (_spoil("phases", "[]"), ["phases"]),
    "a name twice": (_spoil("tests.1.id", "X1"), ["tests"]),
    "an operation's name twice": (_spoil("api.operations.1.id", "O1"), ["api", "phases.limit-store"]),
    "a phase that waits for nobody": (_spoil("phases.0.depends_on", ["gone"]), ["phases.limit-store"]),
    "a loop": (_spoil("phases.0.depends_on", ["roll-out"]), ["phases.limit-store"]),
    "an operation for nothing": (_spoil("api.operations.0.requirement_ids", ["R99"]), ["api.O1"]),
    "a test of nothing": (_spoil("tests.3.requirement_ids", ["R99"]), ["tests.X4"]),
    "a risk nowhere": (_spoil("risks.0.phase_key", "gone"), ["risks"]),
    "no object": ([], [""]),
}


@pytest.mark.parametrize(("raw", "named"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_name_their_block(raw: Any, named: list[str]) -> None:
    found = _at_fault(raw)
    assert [*found] == named
    for block, lines in found.items():
        assert all(line.endswith(".") for line in lines)
        # What is told can be answered: the block is there to be revised, or to be taken away.
        assert not block or block in blocks(raw) or revise(raw, block, "") != raw


def test_a_plan_with_four_faults_is_mended_by_four_blocks() -> None:
    raw = _spoil("summary", "")
    raw["phases"][0]["days"]["low"] = "two"
    raw["artefacts"][0]["kind"] = "drawing"
    raw["api"]["operations"][0]["path"] = ""
    found = _at_fault(raw)
    assert [*found] == ["summary", "api.O1", "phases.limit-store", "artefacts.A1"]
    for block in found:
        raw = _change(raw, block, own(a_plan(), block))
    assert Plan.model_validate(raw) == Plan.model_validate(a_plan())


# --- anything at all -------------------------------------------------------------------------------------------------

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_ITEM = st.fixed_dictionaries({}, optional={"id": _VALUES, "key": st.text(max_size=6) | _VALUES, "content": _VALUES})
_ITEMS = st.lists(_ITEM | _VALUES, max_size=4)
_RAWS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(Plan.model_fields, _VALUES),
        **{
            field: _VALUES | (st.fixed_dictionaries({inner: _ITEMS}) if inner else _ITEMS)
            for field, inner in LISTS.items()
        },
    },
)


@settings(max_examples=150, deadline=None)
@given(_RAWS)
def test_own_content_changes_nothing_of_anything(raw: Raw) -> None:
    for block in blocks(raw):
        if block.partition(".")[0] in raw and (block not in TEXTS or isinstance(raw[block], str)):
            assert revise(raw, block, own(raw, block)) == raw


_BLOCKS = st.sampled_from([*Plan.model_fields, *(f"{field}.A1" for field in ITEMS), "phases.", ".", "api.O1.x"])


@settings(max_examples=300, deadline=None)
@given(_RAWS, _BLOCKS | st.text(max_size=30), st.text(max_size=60) | _VALUES.map(json.dumps))
def test_nothing_raises(raw: Raw, block: str, content: str) -> None:
    before = copy.deepcopy(raw)
    made = revise(raw, block, content)
    assert raw == before
    if isinstance(made, str):
        assert made
        assert "\n" not in made
    else:
        json.dumps(made)
        assert _at_fault(made)


@settings(max_examples=200, deadline=None)
@given(_VALUES | _RAWS, st.lists(st.integers(-2, 5) | st.sampled_from([*Plan.model_fields, "tables", "x"]), max_size=4))
def test_any_place_has_a_block(raw: Any, loc: list[int | str]) -> None:
    block = block_at(raw, loc)
    assert block == (str(loc[0]) if loc else "") or block.startswith(f"{loc[0]}.")


# --- the tool --------------------------------------------------------------------------------------------------------


def test_the_tool_is_the_same_each_time_and_names_its_blocks() -> None:
    tool: Any = revise_plan_tool()
    assert json.dumps(tool) == json.dumps(revise_plan_tool())
    assert (tool["name"], tool["strict"]) == (REVISE_PLAN, True)
    shown = json.dumps(tool["input_schema"])
    assert all(name in shown for name in (*ITEMS, *TEXTS))
