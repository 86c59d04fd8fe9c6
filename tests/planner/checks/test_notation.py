"""Reading JSON and YAML: values, lines, repeated keys, and hostile input."""

from __future__ import annotations

import json

import pytest

from planner.check import check
from planner.checks import notation
from planner.findings import At, Finding
from planner.notation import NotationError, load
from planner.subject import Fence, Subject, kinds_of


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


@pytest.mark.parametrize("notation", ["json", "yaml"])
def test_what_stands_in_a_repeated_mapping_is_not_repeated_itself(notation: str) -> None:
    loaded = load('{"a": {"b": 1}, "a": {"b": 2}, "c": [{"d": 1}, {"d": 2}]}', notation)
    assert [each.key for each in loaded.repeated] == ["a"]


def test_a_key_may_stand_beside_the_same_one_that_is_merged() -> None:
    loaded = load("base: &b {x: 1}\nmore:\n  <<: *b\n  x: 2\n")
    assert not loaded.repeated
    assert loaded.documents[0]["more"] == {"x": 2}


# --- the check -------------------------------------------------------------------------------------------------------


def fence(content: str, language: str) -> Fence:
    kinds = kinds_of(language, content)
    return Fence(kinds=kinds, language=language, content=content, at=At(block="artefacts.A1", line=1))


def looked(content: str, language: str) -> list[Finding]:
    one = fence(content, language)
    return list(notation.look(one, Subject(markdown="", fences=(one,))))


GOOD = {
    "scalars": ("json", '"a"'),
    "nothing but null": ("yaml", ""),
    "documents": ("yaml", "---\na: 1\n---\na: 2\n...\n"),
    "anchors and merges": ("yaml", "x-a: &a {b: 1}\nc:\n  <<: [*a]\n  d: *a\n"),
    "block scalars": ("yaml", 'run: |\n  echo "a: b"\n  {not: a mapping\nfold: >-\n   a\n   b\n'),
    "tags": ("yaml", "a: !Ref B\nc: !Join [',', [d, !GetAtt e.f]]\ng: !!str 1\nh: !custom {i: j}\n"),
    "comments": ("yaml", "# a\na: 1 # b\n#c\n"),
    "keys without texts": ("yaml", "1: a\ntrue: b\n? c\n: d\n"),
    "settings of TypeScript": ("json", '{\n  // for Node\n  "compilerOptions": { "strict": true, },\n}\n'),
    "an address in a text": ("json", '{"compilerOptions": {}, "url": "https://a/*,]*/"}'),
}


@pytest.mark.parametrize(("language", "content"), GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_left_alone(language: str, content: str) -> None:
    assert not looked(content, language)


FAULTS = {
    "a last comma": ("json", '{\n  "a": 1,\n}', (2, "A comma stands before `}`.")),
    "a comment": ("json", '{\n  "a": 1 // one\n}', (2, "JSON has no comments: `// one`.")),
    "dots": ("json", "[\n  1,\n  ...\n]", (3, "Three dots stand for nothing in JSON.")),
    "a bare key": ("json", "{\n  a: 1\n}", (2, "The key `a` has no quotes.")),
    "single quotes": ("json", "{\n  'a': 1\n}", (2, "`'a': 1` begins with a single quote.")),
    "Python's words": ("json", '{\n  "a": True\n}', (2, "`True` is no JSON value.")),
    "an open bracket": ("json", '{\n  "a": [\n    1\n', (2, "The `[` that opens here is never closed.")),
    "another bracket": ("json", '{\n  "a": [1}\n}', (2, "The `[` that opens here is never closed.")),
    "no comma": (
        "json",
        '{\n  "a": 1\n  "b": 2\n}',
        (3, 'Before `"b": 2` a comma is missing, or something closes too late.'),
    ),
    "no colon": ("json", '{\n  "a" 1\n}', (2, "Between a key and `1` a colon is missing.")),
    "two values": ("json", "{}\n{}", (2, "After the end of the value stands more: `{}`.")),
    "no value": ("json", "  \n", (1, "There is nothing in it.")),
    "not a number": ("json", '{"a": NaN}', (1, "NaN is no JSON value.")),
    "a fence": ("json", "```json\n{}\n```", (1, "A Markdown fence stands in it.")),
    "a second colon": ("yaml", "a: 1\nb: c: d\n", (2, "A second colon stands in `b: c: d`.")),
    "a tab": ("yaml", "a:\n\tb: 1\n", (2, "A tab stands where the line is indented.")),
    "an at sign": ("yaml", "a: @b\n", (1, "A text may not begin with `@`.")),
    "an open quote": ("yaml", 'a: 1\nb: "c\nd: 1\n', (2, "The quote that opens here is not closed.")),
    "an open list": (
        "yaml",
        "a: [1, 2\nb: 1\n",
        (2, "The `[` that opens in line 1 of the block is not closed, or a comma is missing, before `b: 1`."),
    ),
    "a key among items": ("yaml", "- a\nb: 1\n", (2, "`b: 1` stands among the items of a list and is none.")),
    "an indent too few": ("yaml", "a:\n  b: 1\n c: 2\n", (3, "`c: 2` does not fit where it stands.")),
    "no key": ("yaml", "a: 1\nb\nc: 1\n", (2, "`b` is no key with a value, and no item of a list.")),
    "keys under a text": ("yaml", "a: b\n  c: 1\n", (2, "`c: 1` stands under a text, not under a mapping.")),
    "an alias of nothing": ("yaml", "a: *b\n", (1, "The alias *b names no anchor before it.")),
}


@pytest.mark.parametrize(("language", "content", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_once_in_words(language: str, content: str, expected: tuple[int, str]) -> None:
    line, said = expected
    found = [(each.rule, each.at.line, each.message) for each in looked(content, language)]
    assert found == [("notation/syntax", line, f"This is no {language.upper()}: {said}")]


MENDED = {
    "last commas": ("json", '{"a": [1, 2,], }', '{"a": [1, 2] }', "A comma before a closing bracket dropped."),
    "comments": (
        "json",
        '{\n  "a": "// b", // one\n  "c": 1 /* two */\n}',
        '{\n  "a": "// b",\n  "c": 1\n}',
        "Comments taken out, which JSON has not.",
    ),
    "Python's words": ("json", '{"a": True, "b": "None"}', '{"a": true, "b": "None"}', "`True` written `true`."),
    "a fence": ("json", '```json\n{"a": 1}\n```\n', '{"a": 1}', "The Markdown fence around it taken away."),
    "a colon in a text": ("yaml", 'a: b: "c" # d\n', 'a: "b: \\"c\\"" # d\n', "Quotes put around the text in line 1."),
    "a star": ("yaml", "a:\n  - *.js\n", 'a:\n  - "*.js"\n', "Quotes put around the text in line 2."),
    "tabs": ("yaml", "a:\n\tb:\n\t\tc: 1\n", "a:\n  b:\n    c: 1\n", "Tabs replaced by spaces."),
}


@pytest.mark.parametrize(("language", "content", "mended", "said"), MENDED.values(), ids=MENDED.keys())
def test_a_slip_is_put_right(language: str, content: str, mended: str, said: str) -> None:
    one = fence(content, language)
    report = check(Subject(markdown="", fences=(one,)))
    assert [(each.content, each.said) for each in report.mended] == [(mended, said)]
    assert not [each for each in report.findings if each.at.block]


def test_what_is_right_or_beyond_mending_is_not_touched() -> None:
    for language, content in (("json", '{"a": 1}'), ("json", "{a: 1}"), ("yaml", "a: 1\n"), ("yaml", "a: [1\n")):
        assert notation.mend(fence(content, language)) is None


MANGLED = {
    "slashes": "/*" * 50_000,
    "commas and comments": ",/*" * 30_000,
    "commas and brackets": ",}" * 50_000,
    "quotes and backslashes": '"\\' * 50_000,
    "colons": "a: b: c\n" * 20_000,
    "tabs": "a:\n\tb" * 20_000,
    "dashes": "- " * 50_000 + "@",
}


@pytest.mark.parametrize("language", ["json", "yaml"])
@pytest.mark.parametrize("content", MANGLED.values(), ids=MANGLED.keys())
def test_mangled_text_is_not_mended_for_long(content: str, language: str) -> None:
    assert len(looked(content, language)) <= 1
    notation.mend(fence(content, language))
