"""Reads TypeScript with tree-sitter's grammar, and says in words where it cannot be read. No I/O.

The grammar is older than the language: what TypeScript 4.7 and later write in a way it does not know (variance,
`import("x").T<U>`, `export type *`, call signatures without a semicolon) is rewritten before, length for length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

MOST_CHARS = 60_000
_DEEPEST = 100
_BRACKET = re.compile(r"[\[({<]|[\])}>]")


class Unread(NamedTuple):
    """A place that cannot be read: its line, from 1, what is wrong there, and what to do, which may be empty."""

    line: int
    said: str
    hint: str = ""


def tree(source: str, *, tsx: bool = False) -> Node | None:
    """The syntax tree; None for what is nested too deeply to be read."""
    depth = deepest = 0
    for match in _BRACKET.finditer(source):
        depth = depth + 1 if match[0] in "[({<" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    if (deepest > _DEEPEST and "<" * _DEEPEST in source) or deepest > 4 * _DEEPEST:
        return None
    best = _parsed(source, tsx=tsx)
    fewest = _count(best)
    for rewritten in _rewritings(source, tsx=tsx) if fewest else ():
        again = _parsed(rewritten, tsx=tsx)
        if (count := _count(again)) < fewest:
            best, fewest = again, count
        if not fewest:
            break
    # To say what is wrong takes steps up the tree, each of which costs as much as it is deep.
    return None if fewest and _is_deep(best) else best


_DEEPEST_TREE = 800


def _is_deep(root: Node) -> bool:
    cursor = root.walk()
    depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            if depth > _DEEPEST_TREE:
                return True
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
            depth -= 1


_ENOUGH = 50


def _count(root: Node) -> int:
    """How many places cannot be read."""
    return sum(1 for _ in islice(_broken(root), _ENOUGH))


def _rewritings(source: str, *, tsx: bool) -> Iterator[str]:
    """`source` as the grammar may be able to read it; what changes nothing is left out."""
    given = source
    for older in _OLDER:
        source = older(source)
    named = _NAMELESS.sub("declare function nameless", source)
    for each in (source, named):
        if each != given:
            yield each
    ended = given if tsx else _ended_signatures(source)
    if ended not in {given, source}:
        yield ended
        wrong = frozenset(node.start_point[0] for node in _broken(_parsed(ended, tsx=tsx)) if text_of(node) == ";")
        if wrong:
            yield _ended_signatures(source, wrong)


def _parsed(source: str, *, tsx: bool) -> Node:
    return Parser(_language(tsx=tsx)).parse(source.encode("utf-8", "replace")).root_node


@cache
def _language(*, tsx: bool) -> Language:
    grammar = tree_sitter_typescript.language_tsx() if tsx else tree_sitter_typescript.language_typescript()
    return Language(grammar)


# --- what the grammar does not know ----------------------------------------------------------------------------------

_VARIANCE = re.compile(r"(?<=[<,])(\s{0,99})((?:in|out)\s{1,9}(?:out\s{1,9})?)(?=[A-Za-z_$])")
_IMPORT_TYPE = re.compile(r"\bimport\((\"[^\"\n]{0,300}\"|'[^'\n]{0,300}')\)")
_EXPORT_TYPE = re.compile(r"^(\s*export) type (?=\*)", re.MULTILINE)


def _without_variance(source: str) -> str:
    return _VARIANCE.sub(lambda match: match[1] + re.sub(r"\S", " ", match[2]), source)


def _without_import_types(source: str) -> str:
    return _IMPORT_TYPE.sub(lambda match: re.sub(r"[^A-Za-z0-9]", "_", match[0]), source)


def _without_export_type(source: str) -> str:
    return _EXPORT_TYPE.sub(r"\1      ", source)


def _plainer(source: str) -> str:
    """Members called `is`, and destructured parameters of function types that may be left out."""
    return _MEMBER_IS.sub(r"\1us(", source).replace("}?:", "} :")


_NAMELESS = re.compile(r"^export default function ?(?=\()", re.MULTILINE)
"""As declarations write it, without a body."""
_MEMBER_IS = re.compile(r"([{;,\n]\s{0,99})is\(")
_OLDER: tuple[Callable[[str], str], ...] = (_without_variance, _without_import_types, _without_export_type, _plainer)

_SIGNATURE = re.compile(r"^[ \t]*[ \t](?=<(?:[A-Za-z_$]|[ \t]*$))", re.MULTILINE)
_FAR = 5_000


def _ended_signatures(source: str, but: frozenset[int] = frozenset()) -> str:
    """With a semicolon before each line that begins with type parameters and follows something that is whole.

    `but`: lines, from 0, that are left as they are.
    """
    pieces: list[str] = []
    done = line = 0
    for match in _SIGNATURE.finditer(source):
        line += source.count("\n", done, match.end())
        pieces.append(source[done : match.end() - 1])
        ends = line not in but and _last_before(source, match.start()) in _WHOLE
        pieces.append(";" if ends else source[match.end() - 1])
        done = match.end()
    return "".join((*pieces, source[done:]))


_WHOLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$)]}>\"'`")


def _last_before(source: str, at: int) -> str:
    """The last character before `at` that is neither space nor comment."""
    text = source[max(0, at - _FAR) : at].rstrip()
    while text:
        line_at = text.rfind("\n") + 1
        if text.endswith("*/") and (opened := text.rfind("/*")) >= 0:
            text = text[:opened].rstrip()
        elif text.startswith("//", line_at + len(text[line_at:]) - len(text[line_at:].lstrip())):
            text = text[:line_at].rstrip()
        else:
            return text[-1]
    return ""


# --- what cannot be read ---------------------------------------------------------------------------------------------


def unread(root: Node, *, tsx: bool = False) -> Iterator[Unread]:
    """The places that cannot be read, in their order. One that makes others follow is told alone."""
    source = root.text or b""
    if (fence := _fence(root, source)) is not None:
        yield Unread(fence, "A Markdown fence stands in the code.", "Take the line away.")
        return
    if not root.has_error:
        return
    if (comment := source.rfind(b"/*")) > source.rfind(b"*/"):
        yield Unread(source.count(b"\n", 0, comment) + 1, "The comment that begins here does not end.", "Write `*/`.")
        return
    if (string := _unended(root)) is not None:
        yield string
        return
    if (bracket := _unpaired(root)) is not None:
        yield bracket
        return
    told = -_APART
    # To say what is wrong takes reading it anew, so that only the first places are looked into.
    for node in islice(_broken(root), _LOOKED_INTO):
        each = _missing(node) if node.is_missing else _unexpected(node, source, tsx=tsx)
        if each.line - told >= _APART:
            yield each
            told = each.line


_FENCE = re.compile(rb"^```", re.MULTILINE)
_APART = 5
"""Lines between faults that are told apart: nearer ones mostly follow from each other."""
_SHOWN = 40
_LOOKED_INTO = 8


def _fence(root: Node, source: bytes) -> int | None:
    """The first line that begins with a Markdown fence, outside comments and templates."""
    for match in _FENCE.finditer(source):
        node = root.descendant_for_byte_range(match.start(), match.start() + 1)
        if node is not None and node.start_byte == match.start() and node.type != "comment":
            return source.count(b"\n", 0, match.start()) + 1
    return None


def _broken(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing or node.is_error:
            yield node
        elif node.has_error:
            stack += reversed(node.children)


def _leaves(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.child_count:
            stack += reversed(node.children)
        elif not node.is_missing:
            yield node


def _unended(root: Node) -> Unread | None:
    """A string that does not end on its line."""
    for node in islice(_broken(root), _ENOUGH):
        quotes = (
            [node] if node.is_missing else islice((each for each in _leaves(node) if each.type in _QUOTES), _ENOUGH)
        )
        for each in quotes:
            if each.type in _QUOTES and (each.is_missing or each.parent is None or each.parent.is_error):
                return Unread(each.start_point[0] + 1, f"A string that begins with `{each.type}` does not end.")
    return None


_QUOTES = frozenset({'"', "'", "`"})
_CLOSES = {"}": "{", ")": "(", "]": "["}
_OPENS = {"{": "{", "${": "{", "(": "(", "[": "[", "{|": "{"}


class _Open(NamedTuple):
    bracket: str
    line: int
    indent: int


def _unpaired(root: Node) -> Unread | None:
    """A bracket without its other half. Which one it is, indentation tells where the brackets alone do not."""
    stack: list[_Open] = []
    suspect: _Open | None = None
    line = indent = -1
    for leaf in _leaves(root):
        first = leaf.start_point[0] != line
        if first:
            line, indent = leaf.start_point[0], leaf.start_point[1]
        if leaf.type in _OPENS:
            stack.append(_Open(_OPENS[leaf.type], line + 1, indent))
        elif leaf.type in _CLOSES:
            opened = _CLOSES[leaf.type]
            if not stack:
                return Unread(line + 1, f"This `{leaf.type}` closes nothing.", "Take it away, or open it before.")
            if first and suspect is None and indent < stack[-1].indent and any(o.indent == indent for o in stack):
                suspect = stack[-1]
            if stack[-1].bracket != opened:
                top = suspect or stack[-1]
                if any(each.bracket == opened for each in stack):
                    return _never_closed(top)
                said = f"This `{leaf.type}` closes the `{stack[-1].bracket}` of line {stack[-1].line}."
                return Unread(line + 1, said, "Close each bracket with its own kind.")
            stack.pop()
    return _never_closed(suspect or stack[-1]) if stack else None


def _never_closed(opened: _Open) -> Unread:
    return Unread(opened.line, f"The `{opened.bracket}` that opens here is never closed.", "Close it where it ends.")


_WORDS = {
    "identifier": "a name",
    "type_identifier": "the name of a type",
    "property_identifier": "the name of a property",
    "statement_identifier": "a name",
    "string_fragment": "text",
    "number": "a number",
}


def _missing(node: Node) -> Unread:
    wanted = _WORDS.get(node.type, f"`{node.type}`")
    before = _token_before(node)
    after = f" after `{_short(before)}`" if before is not None else ""
    line = before.end_point[0] + 1 if before is not None else node.start_point[0] + 1
    return Unread(line, f"There should be {wanted}{after}.", "")


def _unexpected(node: Node, source: bytes, *, tsx: bool) -> Unread:
    token = _failing(node)
    before = _token_before(token)
    line = token.start_point[0] + 1
    around = _line_at(source, token.start_byte)
    for pattern, said, hint in _KNOWN:
        if pattern.search(around):
            return Unread(line, said, hint)
    earlier = before
    for _ in range(_TOKENS_BACK):
        if earlier is None:
            break
        if sign := _sign_lacking(source, earlier.end_byte, tsx=tsx):
            where = f"after `{_short(earlier)}`"
            return Unread(earlier.end_point[0] + 1, f"There should be `{sign}` {where}.")
        earlier = _token_before(earlier)
    after = f" after `{_short(before)}`" if before is not None else ""
    return Unread(line, f"TypeScript cannot read `{_short(token)}`{after}.")


_SIGNS = (",", ";", ":", ">", "=", "=>", "<", "?", "|")
_MOST_BYTES_TRIED = 10_000
_TOKENS_BACK = 4


def _sign_lacking(source: bytes, at: int, *, tsx: bool) -> str:
    """The sign that, put at `at`, makes everything readable; empty if none does, or trying would take long."""
    if len(source) > _MOST_BYTES_TRIED:
        return ""
    parser = Parser(_language(tsx=tsx))
    tried = (each for each in _SIGNS if not parser.parse(source[:at] + each.encode() + source[at:]).root_node.has_error)
    return next(tried, "")


_KNOWN = (
    (
        re.compile(r"\binterface\s+\w+\s*(<[^{}]*>)?\s*=", re.ASCII),
        "An interface has no `=` after its name.",
        "Write `interface X {`, or `type X = {`.",
    ),
    (
        re.compile(r"\btype\s+\w+\s*(<[^{}=]*>)?\s*\{", re.ASCII),
        "A type has a `=` after its name.",
        "Write `type X = {`, or `interface X {`.",
    ),
    (
        re.compile(r"\benum\s+\w+\s*=", re.ASCII),
        "An enum has no `=` after its name.",
        "Write `enum X {`.",
    ),
    (
        re.compile(r"^\s*\.\.\.\s*[;,]?\s*$"),
        "Three dots alone stand for nothing here.",
        "Write out what belongs here, or say it in a comment.",
    ),
    (
        re.compile(r"(^|[;,{}\s])#\s"),
        "`#` begins no comment here.",
        "Write `//` before a comment.",
    ),
    (
        re.compile(r"^\s*def\s+\w+\s*\(", re.ASCII),
        "`def` declares no function here.",
        "Write `function`.",
    ),
)


def _line_at(source: bytes, at: int) -> str:
    start = source.rfind(b"\n", 0, at) + 1
    end = source.find(b"\n", at)
    return source[start : end if end >= 0 else len(source)][:500].decode("utf-8", "replace")


def _failing(node: Node) -> Node:
    """The token at which reading stopped: what an error holds begins with what could be read still."""
    inner = [each for each in node.children if each.is_error]
    if inner:
        return _failing(inner[0])
    readable = [each for each in node.children if each.type != "comment"]
    return readable[-1] if readable else node


_MOST_UP = 12


def _token_before(node: Node) -> Node | None:
    at: Node | None = node
    for _ in range(_MOST_UP):  # each step up costs as much as the tree is deep
        if at is None or at.prev_sibling is not None:
            break
        at = at.parent
    at = at.prev_sibling if at is not None else None
    while at is not None and at.child_count:
        at = at.children[-1]
    return at


def _short(node: Node) -> str:
    if node.type in {'"', "'"} and node.parent is not None and node.parent.type == "string":
        node = node.parent
    text = " ".join(text_of(node).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def doubled(root: Node) -> Unread | None:
    """A sign that stands twice where the grammar reads on and TypeScript does not."""
    before: Node | None = None
    for leaf in _leaves(root):
        if leaf.type == "comment":
            continue
        if before is not None and leaf.type == before.type and leaf.type in _SINGLE:
            inside = leaf.parent.type if leaf.parent is not None else ""
            if inside in _SINGLE[leaf.type]:
                return Unread(leaf.start_point[0] + 1, f"`{leaf.type}` stands twice here.", "Take one away.")
        before = leaf
    return None


_SINGLE = {
    ",": frozenset({"object", "object_type", "interface_body", "enum_body"}),
    "|": frozenset({"union_type"}),
    "&": frozenset({"intersection_type"}),
}


# --- the tree --------------------------------------------------------------------------------------------------------


def descendants(root: Node, *types: str) -> Iterator[Node]:
    """The nodes of these types, the outer ones first."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in types:
            yield node
        stack += reversed(node.named_children)


def text_of(node: Node | None) -> str:
    """A node's text; empty for none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
