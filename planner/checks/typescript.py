"""TypeScript parses, and no name is declared twice. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tree_sitter import Node

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject
from planner.typescript import MOST_CHARS as READABLE
from planner.typescript import descendants, doubled, text_of, tree, unread

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
    faults = list(islice(unread(root, tsx="tsx" in fence.kinds), _MOST))
    for each in faults:
        yield found("typescript/syntax", each.said, within(fence.at, each.line), rules=RULES, hint=each.hint)
    if faults or root.has_error:
        return
    if (sign := doubled(root)) is not None:
        yield found("typescript/syntax", sign.said, within(fence.at, sign.line), rules=RULES, hint=sign.hint)
        return
    for rule, node, said in (*_members_twice(root), *_names_twice(root))[:_MOST]:
        yield found(f"typescript/{rule}", said, within(fence.at, node.start_point[0] + 1), rules=RULES)


# --- what stands twice -----------------------------------------------------------------------------------------------

_Twice = tuple[str, Node, str]
_BODIES = ("interface_body", "object_type", "enum_body", "class_body", "object")


def _members_twice(root: Node) -> Iterator[_Twice]:
    for body in descendants(root, *_BODIES):
        seen: dict[str, int] = {}
        for member in body.named_children:
            name = _member(member)
            if name and name in seen:
                shown = name.removeprefix("static ")
                first = f"line {seen[name]} of the block has it already"
                yield "duplicate-member", member, f"`{shown}` stands here for the second time: {first}."
                break
            seen.setdefault(name, member.start_point[0] + 1)
    for parameters in descendants(root, "formal_parameters"):
        names: set[str] = set()
        for each in parameters.named_children:
            pattern = each.child_by_field_name("pattern")
            name = text_of(pattern) if pattern is not None and pattern.type == "identifier" else ""
            if name and name in names:
                yield "duplicate-member", each, f"Two parameters are called `{name}`."
                break
            names.add(name)


def _member(member: Node) -> str:
    """The name of a member that may stand but once; empty where it may stand again, or is computed."""
    kind = member.type
    if kind in {"property_identifier", "shorthand_property_identifier"}:
        return text_of(member)
    name = member.child_by_field_name("key" if kind == "pair" else "name")
    if name is None or name.type not in {"property_identifier", "string", "number", "private_property_identifier"}:
        return ""
    said = text_of(name).strip("\"'")
    words = {text_of(child) for child in member.children if not child.is_named}
    if kind == "method_definition":
        # Overloads have no body and are signatures of their own; a getter and a setter go together.
        kept = words & {"get", "set"}
        said = f"{' '.join(kept)} {said}" if kept else said
    elif kind not in {"property_signature", "public_field_definition", "enum_assignment", "pair"}:
        return ""
    return f"static {said}" if "static" in words else said


_KINDS = {
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "enum_declaration": "enum",
    "function_declaration": "function",
    "generator_function_declaration": "function",
}
_MEANINGS = {
    "interface": {"type"},
    "type": {"type"},
    "class": {"type", "value"},
    "enum": {"type", "value"},
    "function": {"value"},
    "value": {"value"},
}
_MERGING = ({"interface"}, {"interface", "class"}, {"enum"})
"""What may share a name though both are types: interfaces, an interface and a class, the parts of an enum."""


def _names_twice(root: Node) -> Iterator[_Twice]:
    for scope in descendants(root, "program", "statement_block"):
        kinds: dict[str, tuple[str, int]] = {}
        for node in scope.named_children:
            inner = node.child_by_field_name("declaration") if node.type == "export_statement" else node
            if node.type == "ambient_declaration":
                inner = next(iter(node.named_children), None)
            for name, kind in _declared(inner):
                before = kinds.get(name)
                if before and _MEANINGS[before[0]] & _MEANINGS[kind] and {before[0], kind} not in _MERGING:
                    said = (
                        f"`{name}` is declared here for the second time; the first is in line {before[1]} of the block."
                    )
                    yield "duplicate-name", node, said
                    return
                kinds.setdefault(name, (kind, node.start_point[0] + 1))


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
