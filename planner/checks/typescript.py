"""TypeScript parses, and no name is declared twice. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject
from planner.typescript import MOST_CHARS as READABLE
from planner.typescript import descendants, text_of, tree, unread

KINDS = frozenset({"typescript", "tsx"})
RULES = {
    "syntax": Rule("error", "it parses"),
    "duplicate-member": Rule("error", "no member of an interface, type, enum or class stands twice"),
    "duplicate-name": Rule("error", "no name is declared twice, but for what TypeScript merges"),
    "not-checked": Rule("warning", "it is small enough to be read"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = READABLE
_MOST = 2


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    root = tree(fence.content, tsx="tsx" in fence.kinds)
    if root is None:
        said = "The code is nested too deeply to be read, so it was not checked."
        yield found("typescript/not-checked", said, fence.at, rules=RULES)
        return
    for number, each in enumerate(unread(root)):
        if number == _MOST:
            return
        if each.missing:
            said = (
                f"A `{each.missing}` is missing here."
                if not each.missing.isidentifier()
                else f"Here should be a {_word(each.missing)}."
            )
        else:
            said = f"TypeScript cannot read `{each.text}`."
        yield found("typescript/syntax", said, within(fence.at, each.line), rules=RULES)
    if root.has_error:
        return
    yield from _twice(root, fence)


def _word(name: str) -> str:
    return name.replace("_", " ")


def _twice(root: Node, fence: Fence) -> Iterator[Finding]:
    for body in descendants(root, "interface_body", "object_type", "enum_body", "class_body"):
        seen: set[str] = set()
        for member in body.named_children:
            name = _member(member)
            if name and name in seen:
                at = within(fence.at, member.start_point[0] + 1)
                yield found(
                    "typescript/duplicate-member", f"`{name}` stands here for the second time.", at, rules=RULES
                )
                return
            seen.add(name)
    kinds: dict[str, str] = {}
    for node in root.named_children:
        inner = node.child_by_field_name("declaration") if node.type == "export_statement" else node
        for name, kind in _declared(inner):
            before = kinds.get(name)
            if before and not _merge(before, kind):
                at = within(fence.at, node.start_point[0] + 1)
                yield found(
                    "typescript/duplicate-name", f"`{name}` is declared for the second time here.", at, rules=RULES
                )
                return
            kinds[name] = kind


def _member(member: Node) -> str:
    if member.type in {"property_signature", "public_field_definition"}:
        if any(text_of(child) == "static" for child in member.children):
            return f"static {text_of(member.child_by_field_name('name'))}"
        return text_of(member.child_by_field_name("name"))
    if member.type in {"property_identifier", "enum_assignment"}:
        return text_of(member.child_by_field_name("name") or member)
    return ""  # methods may be overloaded, accessors come in pairs


_KINDS = {
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "enum_declaration": "enum",
}
# What may share a name: two interfaces, an interface and a class, a value and a type, enums, a namespace with anything.
_MERGING = ({"interface"}, {"interface", "class"}, {"enum"})


def _declared(node: Node | None) -> Iterator[tuple[str, str]]:
    if node is None:
        return
    if node.type in _KINDS:
        yield text_of(node.child_by_field_name("name")), _KINDS[node.type]
    elif node.type == "lexical_declaration":
        for each in node.named_children:
            name = each.child_by_field_name("name")
            if name is not None and name.type == "identifier":
                yield text_of(name), "value"


def _merge(before: str, kind: str) -> bool:
    if {before, kind} in _MERGING:
        return True
    return (before == "value") != (kind == "value") and not {before, kind} & {"class", "enum"}
