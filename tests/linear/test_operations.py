"""The loader: one operation, its own fragments, nothing else."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from linear.operations import Operation, operation, operations, repeated


@pytest.mark.parametrize("each", operations().values(), ids=lambda each: each.name)
def test_an_operation_stands_alone(each: Operation) -> None:
    definitions = parse(each.text).definitions
    fragments = {node.name.value for node in definitions if isinstance(node, FragmentDefinitionNode)}
    (node,) = (node for node in definitions if isinstance(node, OperationDefinitionNode))
    assert node.name is not None
    assert node.name.value == each.name == each.request.operation_name
    for name in fragments:
        assert f"...{name}" in each.text
    assert each.text.count("fragment ") == len(fragments)


def test_every_operation_of_every_file_is_there() -> None:
    texts = [each.read_text() for each in files("linear.operations").iterdir() if each.name.endswith(".graphql")]
    written = re.findall(r"^(?:query|mutation) (\w+)", "\n".join(texts), re.MULTILINE)
    assert sorted(written) == sorted(operations())


def test_they_are_parsed_once() -> None:
    assert operation("IssueContext") is operation("IssueContext")
    assert repeated("IssueRelationCreate", 3) is repeated("IssueRelationCreate", 3)


def test_one_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        operation("DropTables")


@pytest.mark.parametrize("count", [1, 2, 12, 50])
def test_repeated_mutations_have_an_alias_and_a_variable_each(count: int) -> None:
    made = repeated("IssueRelationCreate", count)
    for n in range(count):
        assert f"r{n}: issueRelationCreate(input: $input{n})" in made.text
        assert f"$input{n}: IssueRelationCreateInput!" in made.text
    assert made.text.count("issueRelationCreate(") == count
    assert made.name == "IssueRelationCreate"


def test_only_one_field_without_fragments_can_be_repeated() -> None:
    with pytest.raises(ValueError, match="IssueComments"):
        repeated("IssueComments", 2)
