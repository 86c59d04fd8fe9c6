"""Executes GraphQL on the workspace, with graphql-core on our part of Linear's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,  # pyright: ignore[reportUnknownVariableType] - its optional arguments lack type arguments
    parse,
    validate,
)

from linear.complexity import HIGHEST, points
from linear.sandbox import rules
from linear.sandbox.filters import Filter, matches
from linear.sandbox.inputs import Input
from linear.sandbox.pages import page
from linear.sandbox.reading import Reading
from linear.sandbox.rows import Actor, Row
from linear.sandbox.rules import Refusal
from linear.sandbox.writing import Writing

Variables = Mapping[str, object]


@cache
def schema() -> GraphQLSchema:
    """Our part of Linear's schema."""
    return build_schema(files("linear").joinpath("schema.graphql").read_text(encoding="utf-8"), no_location=True)


@dataclass(frozen=True)
class Prepared:
    """A request that Linear would begin to execute. `points` is what it charges; `name` may be empty."""

    document: DocumentNode
    name: str
    is_mutation: bool
    variables: Variables
    points: int


@dataclass
class Interference:
    """What a fault does inside an execution: stop after so many fields of a mutation, or so many issues of a batch."""

    fields: int | None = None
    issues: int | None = None
    refusal: Refusal | None = None


@dataclass
class Outcome:
    """What came of a request: the answer's body, and the errors in it."""

    body: dict[str, object]
    refused: bool


@dataclass
class _Context:
    reading: Reading
    writing: Writing
    actor: Actor
    limits: Callable[[], Mapping[str, object]]
    interference: Interference
    done: int = field(default=0)


def prepare(body: object) -> Prepared:
    """Parses, validates and prices a request's body. Raises Refusal, or BadRequest where there is nothing to run."""
    if not isinstance(body, Mapping):
        raise BadRequest([{"message": "The body must be an object with a query."}])
    given = cast("Mapping[str, object]", body)
    query, name = given.get("query"), given.get("operationName")
    variables: object = given.get("variables") or {}
    if not isinstance(query, str) or not (name is None or isinstance(name, str)) or not isinstance(variables, Mapping):
        raise BadRequest([{"message": "The body must hold query, operationName and variables."}])
    variables = cast("Variables", variables)
    try:
        document = parse(query, no_location=True, max_tokens=20_000)
    except GraphQLError as error:
        raise BadRequest([_formatted(error, "GRAPHQL_PARSE_FAILED")]) from None
    errors = validate(schema(), document)
    if errors:
        raise BadRequest([_formatted(each, "GRAPHQL_VALIDATION_FAILED") for each in errors])
    operation = _chosen(document, name)
    price = points(query, name, variables)
    if price > HIGHEST:
        raise rules.too_complex(price, HIGHEST)
    return Prepared(
        document=document,
        name=operation.name.value if operation.name else "",
        is_mutation=operation.operation is OperationType.MUTATION,
        variables=variables,
        points=price,
    )


class BadRequest(Exception):
    """A body that is no GraphQL request, or one the schema does not know. `errors` are ready to be sent."""

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__("bad request")
        self.errors = [
            {"extensions": {"type": "graphql error", "code": "INVALID_INPUT", "statusCode": 400}, **each}
            for each in errors
        ]


def run(
    prepared: Prepared,
    writing: Writing,
    reading: Reading,
    actor: Actor,
    *,
    limits: Callable[[], Mapping[str, object]],
    interference: Interference | None = None,
) -> Outcome:
    """Executes it, for `actor`. To be called under the workspace's lock. Fields of a mutation run one by one."""
    context = _Context(reading, writing, actor, limits, interference or Interference())
    result = execute_sync(
        schema(),
        prepared.document,
        context_value=context,
        variable_values=dict(prepared.variables),
        operation_name=prepared.name or None,
        field_resolver=_resolve,
    )
    assert isinstance(result, ExecutionResult)  # noqa: S101 - no resolver is async
    body: dict[str, object] = {"data": _as_numbers(result.data)}
    if result.errors:
        body["errors"] = [_answered(each) for each in result.errors]
    return Outcome(body=body, refused=bool(result.errors))


def _as_numbers(value: object) -> object:
    """Whole floats as JavaScript writes them: `101`, not `101.0`."""
    if isinstance(value, dict):
        return {name: _as_numbers(each) for name, each in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_as_numbers(each) for each in cast("list[object]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def refused(refusal: Refusal) -> dict[str, object]:
    """The body of an answer that is one refusal."""
    return {"data": None, "errors": [{"message": refusal.message, "extensions": refusal.extensions}]}


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fitting = [each for each in found if name is None or (each.name is not None and each.name.value == name)]
    if len(fitting) != 1:
        raise BadRequest([{"message": "operationName must name one operation of the query."}])
    return fitting[0]


def _formatted(error: GraphQLError, code: str) -> dict[str, object]:
    return {
        "message": error.message,
        "extensions": {"type": "graphql error", "code": code, "statusCode": 400, "userError": True},
    }


def _answered(error: GraphQLError) -> dict[str, object]:
    """An error of the execution in Linear's form."""
    cause = error.original_error
    refusal = cause if isinstance(cause, Refusal) else None
    if refusal is None and cause is not None:
        refusal = rules.internal()
    answered: dict[str, object] = {"message": refusal.message if refusal else error.message}
    if error.path:
        answered["path"] = error.path
    answered["extensions"] = (
        refusal.extensions
        if refusal
        else {"type": "graphql error", "code": "BAD_USER_INPUT", "statusCode": 400, "userError": True}
    )
    return answered


def _resolve(source: object, info: GraphQLResolveInfo[_Context], **given: object) -> object:
    context = info.context
    name = info.field_name
    match info.parent_type.name:
        case "Query":
            value = _queried(context, name, given)
        case "Mutation":
            value = _mutated(context, name, given)
        case _ if isinstance(source, Row):
            value = context.reading.look(source, name)
        case _ if isinstance(source, Mapping):
            value = cast("Mapping[str, object]", source).get(name)
        case _:
            value = getattr(source, name)
    connected = "Connection" in str(info.return_type)  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType] - graphql-core's own gaps
    if isinstance(value, list) and connected:
        rows = cast("list[Row]", value)
        wanted = cast("Filter", given.get("filter") or {})
        return page(rows, given, lambda row: matches(row, wanted, context.reading.look))
    return cast("object", value)


def _queried(context: _Context, name: str, given: Mapping[str, object]) -> object:
    reading = context.reading
    workspace, user = reading.workspace, reading.user
    reference = str(given.get("id"))
    answers: dict[str, Callable[[], object]] = {
        "viewer": lambda: user,
        "organization": lambda: workspace.organization,
        "rateLimitStatus": context.limits,
        "issue": lambda: workspace.issue(reference, user),
        "issues": reading.issues,
        "comment": lambda: workspace.comment(reference, user),
        "comments": reading.comments,
        "cycles": reading.listing.cycles,
        "document": lambda: workspace.document(reference, user),
        "documentContentHistory": lambda: reading.document_history(reference),
        "documents": reading.documents,
        "issueLabels": reading.labels,
        "project": lambda: reading.listing.project(reference),
        "projectLabels": reading.listing.project_labels,
        "projects": reading.listing.projects,
        "team": lambda: _team(reading, reference),
        "teams": reading.teams,
        "users": lambda: [each for each in workspace.users.values() if each.active or given.get("includeDisabled")],
        "webhooks": reading.webhooks,
        "workflowStates": reading.listing.states,
    }
    return answers[name]()


def _team(reading: Reading, reference: str) -> Row:
    for each in reading.teams():
        if reference in {each.id, getattr(each, "key", None)}:
            return each
    raise rules.absent("Team")


def _mutated(context: _Context, name: str, given: Mapping[str, object]) -> object:
    stop = context.interference
    if stop.refusal is not None:
        raise stop.refusal
    if stop.fields is not None and context.done >= stop.fields:
        raise rules.internal()
    writing, actor = context.writing, context.actor
    wanted = cast("Input", given.get("input") or {})
    reference = str(given.get("id"))
    changes: dict[str, Callable[[], Mapping[str, object]]] = {
        "commentCreate": lambda: {"comment": writing.create_comment(actor, wanted)},
        "commentUpdate": lambda: {"comment": writing.update_comment(actor, reference, wanted)},
        "documentCreate": lambda: {"document": writing.create_document(actor, wanted)},
        "documentDelete": lambda: {"entity": writing.delete_document(actor, reference)},
        "documentUpdate": lambda: {"document": writing.update_document(actor, reference, wanted)},
        "issueBatchCreate": lambda: {"issues": _batch(context, wanted)},
        "issueCreate": lambda: {"issue": writing.issues.create(actor, wanted)},
        "issueDelete": lambda: {"entity": writing.delete_issue(actor, reference, given)},
        "issueLabelCreate": lambda: {"issueLabel": writing.create_label(actor, wanted)},
        "issueRelationCreate": lambda: {"issueRelation": writing.create_relation(actor, wanted)},
        "issueRelationDelete": lambda: {"entityId": writing.delete_relation(actor, reference)},
        "issueUpdate": lambda: {"issue": writing.issues.update(actor, reference, wanted)},
        "reactionCreate": lambda: {"reaction": writing.create_reaction(actor, wanted)},
    }
    made = changes[name]()
    context.done += 1
    return {"success": True, "lastSyncId": float(context.reading.workspace.changes), **made}


def _batch(context: _Context, given: Input) -> Sequence[Row]:
    issues = cast("list[Input]", given["issues"])
    kept = context.interference.issues
    if kept is None:
        return context.writing.issues.create_many(context.actor, issues)
    if kept:
        context.writing.issues.create_many(context.actor, issues[:kept])
    raise rules.internal()
