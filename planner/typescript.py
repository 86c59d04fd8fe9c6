"""Reads TypeScript with tree-sitter's grammar. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

MOST_CHARS = 200_000
_DEEPEST = 200
_BRACKET = re.compile(r"[\[({<]|[\])}>]")


class Unread(NamedTuple):
    """A place the grammar cannot read. `missing` is what should stand there; else `text` should not."""

    line: int
    text: str
    missing: str


def tree(source: str, *, tsx: bool = False) -> Node | None:
    """The syntax tree; None for what is nested too deeply to be read."""
    depth = deepest = 0
    for match in _BRACKET.finditer(source):
        depth = depth + 1 if match[0] in "[({<" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    if (deepest > _DEEPEST and "<" * _DEEPEST in source) or deepest > 4 * _DEEPEST:
        return None
    return Parser(_language(tsx=tsx)).parse(source.encode("utf-8", "replace")).root_node


@cache
def _language(*, tsx: bool) -> Language:
    grammar = tree_sitter_typescript.language_tsx() if tsx else tree_sitter_typescript.language_typescript()
    return Language(grammar)


def unread(root: Node) -> Iterator[Unread]:
    """The places that cannot be read, in their order; what lies inside one is left out."""
    if not root.has_error:
        return
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing:
            yield Unread(node.start_point[0] + 1, "", node.type)
        elif node.is_error:
            text = (node.text or b"").decode("utf-8", "replace")
            yield Unread(_line(node), " ".join(text.split())[:60], "")
        elif node.has_error:
            stack += reversed(node.children)


def _line(node: Node) -> int:
    """Where an unreadable stretch goes wrong: at its last readable token, which is nearer than its beginning."""
    return node.start_point[0] + 1


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
