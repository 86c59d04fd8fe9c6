"""Reading JSON and YAML: values, lines, repeated keys, and hostile input."""

from __future__ import annotations

import json

import pytest

from planner.notation import NotationError, load


def test_yaml_is_read_as_version_1_2_has_it() -> None:
    loaded = load("a: no\nb: 2026-01-01\nc: 0o17\nd: 1e3\ne: ~\nf: true\n200: x\n")
    assert loaded.documents == ({"a": "no", "b": "2026-01-01", "c": 15, "d": 1000.0, "e": None, "f": True, "200": "x"},)


def test_short_tags_of_cloudformation_come_out_long() -> None:
    loaded = load("a: !Ref x\nb: !GetAtt x.Arn\nc: !Sub '${x}'\nd: !Other y\n")
    assert loaded.documents == (
        {"a": {"Ref": "x"}, "b": {"Fn::GetAtt": ["x", "Arn"]}, "c": {"Fn::Sub": "${x}"}, "d": "y"},
    )


def test_aliases_and_merge_keys_are_followed() -> None:
    loaded = load("base: &b\n  x: 1\nmore:\n  <<: *b\n  y: 2\nlist: [*b]\n")
    assert loaded.documents[0]["more"] == {"x": 1, "y": 2}
    assert loaded.documents[0]["list"] == [{"x": 1}]


@pytest.mark.parametrize("notation", ["json", "yaml"])
def test_every_key_and_item_has_its_line(notation: str) -> None:
    text = '{\n "a": [\n  1,\n  {"b": 2}\n ],\n "c": {}\n}'
    loaded = load(text, notation)
    assert [loaded.line(path) for path in (("a",), ("a", 0), ("a", 1, "b"), ("c",), ("a", 1, "none"))] == [
        2,
        3,
        4,
        6,
        4,
    ]


def test_several_documents_are_told_apart() -> None:
    loaded = load("a: 1\n---\na: 2\nb:\n - 3\n")
    assert loaded.documents == ({"a": 1}, {"a": 2, "b": [3]})
    assert loaded.line(("b", 0), document=1) == 5
    assert not loaded.repeated


@pytest.mark.parametrize("notation", ["json", "yaml"])
def test_a_key_that_stands_twice_is_told_with_its_line(notation: str) -> None:
    loaded = load('{"a": 1,\n "b": {"a": 2},\n "a": 3}', notation)
    assert [(each.key, each.line) for each in loaded.repeated] == [("a", 3)]


def test_json_strings_may_hold_anything() -> None:
    value = {"😀\t\n\\": ["{", "}", "[,]", '"', "\u2028", ""], "": {"": []}}
    for text in (json.dumps(value), json.dumps(value, indent=2), json.dumps(value, ensure_ascii=False)):
        assert load(text, "json").documents == (value,)


HOSTILE = {
    "deep lists": "[" * 100_000,
    "deep items": "- " * 100_000,
    "deep mappings": "{a: " * 50_000,
    "deep keys": "? " * 100_000,
    "closed deep lists": "[" * 500 + "]" * 500,
    "anchors": "&a " * 100_000,
    "an alias of itself": "&a [*a]",
    "a bomb of aliases": "a: &a [x,x]\n"
    + "".join(f"b{n}: &b{n} [*b{n - 1},*b{n - 1}]\n".replace("b-1", "a") for n in range(40)),
    "an unclosed string": '"' + "\\" * 300_000,
    "control characters": "a: \x00\x07",
    "half a surrogate": "a: \ud800",
    "too long": "x" * 400_001,
    "tabs": "\t" * 300_000,
    "an unclosed flow": "{a: [1, 2",
    "a tab as indent": "a:\n\tb: 1",
    "an unknown alias": "a: *b",
}


@pytest.mark.parametrize("notation", ["json", "yaml"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_in_words(text: str, notation: str) -> None:
    with pytest.raises(NotationError) as caught:
        load(text, notation)
    assert caught.value.line >= 1
    assert caught.value.reason.endswith(".")
    assert len(caught.value.reason) < 300
