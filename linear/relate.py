"""Relations between issues, many in one request of aliased mutations, which may stop half way."""

from __future__ import annotations

from collections.abc import Sequence

from linear.errors import AlreadyMade, NotFound, Rejected
from linear.operations import repeated
from linear.standing import standing_relations
from linear.transport import Transport
from linear.writes import NewRelation, Thing

AT_ONCE = 50
"""Relations in one request: as many as Linear takes issues, which keeps the document small."""


async def relate(transport: Transport, relations: Sequence[NewRelation]) -> tuple[Thing, ...]:
    """Makes all of `relations` stand; answers in their order. With none of them nothing is sent.

    Whatever the refusal, those before it may have been made: what stands is read back and only the rest sent again,
    until nothing is missing or a round brings nothing, which raises its refusal.
    """
    things: list[Thing] = []
    for start in range(0, len(relations), AT_ONCE):
        things += await _some(transport, relations[start : start + AT_ONCE])
    return tuple(things)


async def _some(transport: Transport, relations: Sequence[NewRelation]) -> list[Thing]:
    wanted = {each.id.lower(): each for each in relations}
    settled: dict[str, Thing] = {}
    while missing := {id_: each for id_, each in wanted.items() if id_ not in settled}:
        try:
            await transport.execute(
                repeated("IssueRelationCreate", len(missing)), _variables(missing), creating=missing
            )
        except (AlreadyMade, NotFound, Rejected) as refusal:
            taken = refusal.id if isinstance(refusal, AlreadyMade) else None
            standing = await standing_relations(transport, missing.values(), taken)
            if not standing:
                raise
            settled |= standing
        else:
            settled |= {id_: Thing(id=id_, standing="made") for id_ in missing}
    return [settled[each.id.lower()] for each in relations]


def _variables(relations: dict[str, NewRelation]) -> dict[str, object]:
    return {
        f"input{index}": {
            "id": id_,
            "issueId": each.issue_id,
            "relatedIssueId": each.related_issue_id,
            "type": each.type,
        }
        for index, (id_, each) in enumerate(relations.items())
    }
