"""Finds what we made on an issue before, by ids alone: the ledger's, and those we would make again. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from linear.ids import stable_id
from planner.render import phase_key_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.ledger import Entry, Kind
    from linear.models import IssueContext

# How many times a thing may have been thrown away and made again while its ids are still recognised without a ledger.
GENERATIONS = 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class StandingSubIssue(_Frozen):
    """A sub-issue of ours that stands. `key` is its phase's."""

    id: str
    key: str
    title: str
    identifier: str
    url: str


class StandingDocument(_Frozen):
    """The plan document that stands."""

    id: str
    title: str
    url: str


class Standing(_Frozen):
    """What of ours stands on the issue. `ours`: every id known to be ours, standing or not."""

    document: StandingDocument | None
    subissues: tuple[StandingSubIssue, ...]
    ours: frozenset[str]


def id_of(organization_id: str, issue_id: str, kind: Kind, phase_key: str, generation: int) -> str:
    """The id of a thing we make: never from the run, so that any run finds what another made."""
    return stable_id(organization_id, issue_id, kind, phase_key, generation)


def standing_of(context: IssueContext, organization_id: str, entries: Sequence[Entry]) -> Standing:
    """What stands. Without a ledger, ids are recognised by making them again: nobody else can have chosen them.

    A sub-issue's phase key is read from its text then, and counts only if it leads to the sub-issue's own id.
    """
    issue = context.issue
    recorded = {entry.linear_id: entry for entry in entries}
    ours = set(recorded)
    for kind in ("comment", "document"):
        ours |= {id_of(organization_id, issue.id, kind, "", generation) for generation in range(GENERATIONS)}
    subissues: list[StandingSubIssue] = []
    for child in issue.children:
        key = _key(child.id, child.description or "", recorded, organization_id, issue.id)
        if key is None:
            continue
        ours.add(child.id)
        subissues.append(
            StandingSubIssue(id=child.id, key=key, title=child.title, identifier=child.identifier, url=child.url)
        )
    documents = [document for document in issue.documents if document.id in ours and not document.trashed]
    return Standing(
        document=StandingDocument(id=documents[-1].id, title=documents[-1].title, url=documents[-1].url)
        if documents
        else None,
        subissues=tuple(subissues),
        ours=frozenset(ours),
    )


def _key(
    child_id: str, description: str, recorded: dict[str, Entry], organization_id: str, issue_id: str
) -> str | None:
    if child_id in recorded:
        return recorded[child_id].phase_key
    key = phase_key_in(description)
    if key is None:
        return None
    made = (id_of(organization_id, issue_id, "sub-issue", key, generation) for generation in range(GENERATIONS))
    return key if child_id in made else None
