"""Make it so, or find it made: one write, done however often it is repeated, with one Thing for each of its ids.

Linear refuses an id that is taken instead of answering the row, so a refusal is read back: it may be our own earlier
attempt whose answer was lost.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from linear.answers import inner, items, read
from linear.errors import AlreadyMade, NotFound, Rejected, Unreachable
from linear.models import Label, Standing
from linear.operations import operation
from linear.pages import whole
from linear.relate import relate
from linear.standing import standing_issues, standing_one, thing
from linear.transport import Transport
from linear.writes import (
    CreateComment,
    CreateDocument,
    CreateIssues,
    CreateLabel,
    CreateReaction,
    DeleteRelation,
    Made,
    NewIssue,
    RelateIssues,
    SwapLabels,
    Thing,
    Trash,
    UpdateComment,
    UpdateDocument,
    UpdateIssue,
    Write,
)

BATCH = 50
"""Issues that Linear takes in one `issueBatchCreate`."""

_THE_SAME_REACTION = re.compile(r"already exists|conflict on insert of reaction|duplicate", re.IGNORECASE)


async def apply(transport: Transport, write: Write) -> Made:
    """See `client.Linear.apply`."""
    match write:
        case CreateReaction():
            things = (await _reaction(transport, write),)
        case CreateComment():
            # Or else the bot would be told of every later change to the issue.
            given = {**_input(write), "doNotSubscribeToIssue": True}
            things = (await _create(transport, "Comment", given),)
        case CreateDocument():
            things = (await _create(transport, "Document", _input(write)),)
        case UpdateComment():
            things = (await _update(transport, "Comment", write.id, {"body": write.body}),)
        case UpdateDocument():
            things = (await _update(transport, "Document", write.id, {"title": write.title, "content": write.content}),)
        case CreateIssues():
            things = await _issues(transport, write.issues)
        case RelateIssues():
            things = await relate(transport, write.relations)
        case SwapLabels():
            things = (await _labels(transport, write),)
        case CreateLabel():
            things = (await _label(transport, write),)
        case UpdateIssue() | Trash() | DeleteRelation():
            things = (await _again(transport, write),)
    return Made(things=things)


def _input(write: BaseModel) -> dict[str, object]:
    """A write as Linear's input: its fields in camelCase, what is None left out, our id in lower case."""
    fields = {to_camel(name): each for name, each in write.model_dump(exclude={"kind"}).items() if each is not None}
    return {**fields, "id": str(fields["id"]).lower()}


async def _create(transport: Transport, entity: str, given: Mapping[str, object]) -> Thing:
    field, id_ = entity.lower(), str(given["id"])
    try:
        data = await transport.execute(operation(f"{entity}Create"), {"input": given}, creating=(id_,))
    except AlreadyMade:
        return await standing_one(transport, entity, id_)
    return thing(read(Standing, inner(data, f"{field}Create", field)), made=True)


async def _update(transport: Transport, entity: str, id_: str, given: Mapping[str, object]) -> Thing:
    field = entity.lower()
    try:
        data = await transport.execute(operation(f"{entity}Update"), {"id": id_, "input": given})
    except NotFound:
        return Thing(id=id_, standing="gone")
    return thing(read(Standing, inner(data, f"{field}Update", field)), made=True)


async def _again(transport: Transport, write: UpdateIssue | Trash | DeleteRelation) -> Thing:
    """What is done to things that stand."""
    match write:
        case UpdateIssue():
            given = _input(write)
            del given["id"]
            return await _update(transport, "Issue", write.id, given)
        case Trash():
            return await _away(transport, f"{write.entity}Delete", write.id)
        case DeleteRelation():
            return await _away(transport, "IssueRelationDelete", write.id)


async def _away(transport: Transport, name: str, id_: str) -> Thing:
    """Thrown away now or before."""
    with contextlib.suppress(NotFound):
        await transport.execute(operation(name), {"id": id_})
    return Thing(id=id_, standing="gone")


async def _reaction(transport: Transport, write: CreateReaction) -> Thing:
    given = _input(write)
    id_ = str(given["id"])
    try:
        await transport.execute(operation("ReactionCreate"), {"input": given}, creating=(id_,))
    except AlreadyMade:
        return Thing(id=id_, standing="found")
    except Rejected as refused:
        # One user's emoji stands once on a thing, under whatever id: that is what was wanted.
        if not _THE_SAME_REACTION.search(refused.reason):
            raise
        return Thing(id=id_, standing="found")
    return Thing(id=id_, standing="made")


async def _issues(transport: Transport, issues: Sequence[NewIssue]) -> tuple[Thing, ...]:
    things: list[Thing] = []
    for start in range(0, len(issues), BATCH):
        things += await _batch(transport, issues[start : start + BATCH])
    return tuple(things)


async def _batch(transport: Transport, issues: Sequence[NewIssue]) -> list[Thing]:
    """Linear refuses the whole batch where one id is taken: what stands is read back and the rest sent again."""
    inputs = {str(given["id"]): given for given in map(_input, issues)}
    settled: dict[str, Thing] = {}
    # Ends: each round settles at least the id that was refused.
    while missing := [id_ for id_ in inputs if id_ not in settled]:
        batch = {"input": {"issues": [inputs[id_] for id_ in missing]}}
        try:
            data = await transport.execute(operation("IssueBatchCreate"), batch, creating=missing)
        except AlreadyMade as refusal:
            settled |= await standing_issues(transport, missing, refusal.id)
        else:
            made = [read(Standing, each) for each in items(data, "issueBatchCreate", "issues")]
            settled |= {each.id: thing(each, made=True) for each in made}
            if not settled.keys() >= inputs.keys():
                raise Unreachable("Linear answered fewer issues than it was asked to make")
    return [settled[issue.id.lower()] for issue in issues]


async def _labels(transport: Transport, write: SwapLabels) -> Thing:
    given = {"addedLabelIds": list(write.added), "removedLabelIds": list(write.removed)}
    given = {name: ids for name, ids in given.items() if ids}
    if not given:
        return Thing(id=write.issue_id, standing="found")
    try:
        data = await transport.execute(operation("IssueUpdate"), {"id": write.issue_id, "input": given})
    except NotFound as missing:
        if missing.entity != "Issue":
            raise  # a label is missing, which says nothing about the issue
        return Thing(id=write.issue_id, standing="gone")
    return thing(read(Standing, inner(data, "issueUpdate", "issue")), made=True)


async def _label(transport: Transport, write: CreateLabel) -> Thing:
    given = _input(write)
    id_ = str(given["id"])
    try:
        data = await transport.execute(operation("IssueLabelCreate"), {"input": given}, creating=(id_,))
    except (AlreadyMade, Rejected) as refusal:
        found = await _label_standing(transport, write, id_)
        if found is not None:
            return Thing(id=found.id, standing="found")
        if isinstance(refusal, AlreadyMade):
            return Thing(id=id_, standing="gone")
        raise
    return Thing(id=read(Label, inner(data, "issueLabelCreate", "issueLabel")).id, standing="made")


async def _label_standing(transport: Transport, write: CreateLabel, id_: str) -> Label | None:
    """The label in the way: ours, even if people renamed it since, or one of that name that serves as well."""
    either = {"filter": {"or": [{"id": {"eq": id_}}, {"name": {"eqIgnoreCase": write.name}}]}}
    first = inner(await transport.execute(operation("LabelsByName"), either), "issueLabels")
    labels = [read(Label, each) for each in await whole(transport, first, "LabelsByName", either, ("issueLabels",))]
    usable = [each for each in labels if not each.is_group]
    best_first: tuple[Callable[[Label], bool], ...] = (
        lambda each: each.id == id_,
        lambda each: each.team_id == write.team_id,
        lambda each: each.team_id is None,
    )
    return next((each for serves in best_first for each in usable if serves(each)), None)
