"""Linear's price rule, on its own examples and on our operations."""

from __future__ import annotations

from typing import Any

import pytest

from linear.complexity import points
from linear.operations import Operation, operations, repeated

RULE = {
    "a property and its object": ("{ user { name } }", {}, 2),
    "a root property": ("{ a }", {}, 1),
    "ten properties": ("{ a b c d e f g h i j }", {}, 1),
    "eleven properties": ("{ a b c d e f g h i j k }", {}, 2),
    "the published example": ("{ viewer { createdIssues { nodes { id title createdAt } } } }", {}, 66),
    "the same with first": ("{ viewer { createdIssues(first: 10) { nodes { id title createdAt } } } }", {}, 14),
    "with last": ("{ viewer { createdIssues(last: 10) { nodes { id title createdAt } } } }", {}, 14),
    "with a variable": ("query A($n: Int) { viewer { i(first: $n) { nodes { id title at } } } }", {"n": 10}, 14),
    "with its default": ("query A($n: Int = 10) { viewer { i(first: $n) { nodes { id title at } } } }", {}, 14),
    "variable before default": ("query A($n: Int = 9) { viewer { i(first: $n) { nodes { id t a } } } }", {"n": 10}, 14),
    "variable left out": ("query A($n: Int) { viewer { i(first: $n) { nodes { id title at } } } }", {}, 66),
    "variable of a wrong type": ("query A($n: Int) { viewer { i(first: $n) { nodes { id t a } } } }", {"n": True}, 66),
    "nothing asked for": ("{ viewer { i(first: 0) { nodes { id title at } } } }", {}, 1),
    "pageInfo once": ("{ i(first: 10) { nodes { id } pageInfo { hasNextPage endCursor } } }", {}, 13),
    "nested connections": ("{ a(first: 10) { nodes { b(first: 10) { nodes { id } } } } }", {}, 120),
    "edges": ("{ a(first: 10) { edges { cursor node { id } } } }", {}, 12),
    "a list that is no connection": ("{ issue { reactions { id emoji } } }", {}, 3),
    "fragments": ("query A { u { ...F } } fragment F on U { name ...G } fragment G on U { mail }", {}, 2),
    "inline fragments": ("{ node { ... on Issue { id } } }", {}, 2),
    "nodes in a fragment": ("query A { i(first: 10) { ...P } } fragment P on C { nodes { id } }", {}, 11),
    "a mutation": ("mutation { issueUpdate { success issue { id } } }", {}, 3),
}


@pytest.mark.parametrize(("text", "variables", "price"), RULE.values(), ids=RULE)
def test_the_rule(text: str, variables: Any, price: Any) -> None:
    assert points(text, None, variables) == price


def test_one_operation_of_several_is_priced() -> None:
    text = "query A { a } query B { u { v { w { x } } } }"
    assert (points(text, "A"), points(text, "B")) == (1, 4)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{ a { ...F } }", None),
        ("query A { ...F } fragment F on Q { ...F }", "A"),
        ("query A { ...F } fragment F on Q { ...G } fragment G on Q { ...F }", "A"),
        ("query A { a }", "B"),
        ("query A { a } query B { b }", None),
        ("fragment F on Q { a }", None),
    ],
    ids=["unknown-fragment", "itself", "circle", "no-such-operation", "which", "none"],
)
def test_what_has_no_price_says_so(text: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"operation|fragment"):
        points(text, name)


def test_our_context_is_one_affordable_request(record_property: Any) -> None:
    price = points(operations()["IssueContext"].text, "IssueContext")
    record_property("points of IssueContext", price)
    print(f"IssueContext costs {price} points")
    assert price <= 1300


DEAR = {"IssueLabelHistory": 5_308, "PlanSubIssues": 1_600}
"""What may cost more than others: many issues at once with what hangs on them, rather than a request for each."""


@pytest.mark.parametrize("each", operations().values(), ids=lambda each: each.name)
def test_no_operation_is_near_linear_s_cap(each: Operation) -> None:
    assert points(each.text, each.name) <= DEAR.get(each.name, 1300)


def test_a_whole_run_stays_below_1500_points() -> None:
    once = ["IssueContext", "ReactionCreate", "CommentCreate", "DocumentCreate", "IssueBatchCreate", "CommentCreate"]
    once += ["CommentUpdate", "CommentUpdate", "IssueUpdate"]
    total = sum(points(operations()[name].text, name) for name in once)
    total += points(repeated("IssueRelationCreate", 12).text, None)
    assert total <= 1500
