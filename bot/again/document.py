"""Brings the plan document to a new plan without losing what people wrote: read, merge, write, look again.

Linear takes a document's whole text and no condition, so somebody may write between our read and our write. The look
afterwards finds out: whoever wrote over us is merged with again; whoever was written over by us is told of, since
Linear's document history has their words and we do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.store import ledger
from linear.writes import UpdateDocument
from planner.merging import beside, landed, mark, merge

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.store.ledger import Entry
    from linear.client import Linear
    from linear.planned import PlanDocument

# Each round is one more person who saved in the second in which we did.
_ROUNDS = 5


class Revised(BaseModel):
    """What became of the document.

    `kept` and `suggested`: how many blocks are people's, and how many proposals stand beside them. `overwritten`:
    somebody wrote between our read and our write. `unsettled`: people kept writing over us, so it may lack parts.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    changed: bool = False
    kept: int = 0
    suggested: int = 0
    overwritten: bool = False
    unsettled: bool = False


class Wanted(NamedTuple):
    """The new plan's document. `plan`: the run that wrote the plan."""

    title: str
    text: str
    plan: str


async def revise(
    linear: Linear, database: Database, entry: Entry, wanted: Wanted, *, viewer: str, run_id: str
) -> Revised | None:
    """Bring the document to what the new plan says. None if it was thrown away. May be repeated by the same run."""
    posted = entry.text
    fields = entry.fields or {}
    ours = fields.get("writing") == run_id  # an earlier attempt of this run may have written already
    overwritten, changed, kept, suggested, url = False, False, 0, 0, ""
    for _ in range(_ROUNDS):
        stands = await linear.plan_document(entry.linear_id)
        if stands is None or stands.is_gone:
            return None
        url = stands.url
        if ours and landed(posted or "", wanted.text, stands.text):
            if not changed:  # it was written by an attempt that told nobody
                kept, suggested, changed = *beside(stands.text, posted or "", wanted.text), True
            posted = wanted.text
        merged = merge(posted, stands.text, wanted.text, kept_blocks=stands.open_quotes)
        kept, suggested = max(kept, len(merged.kept)), max(suggested, len(merged.suggested))
        title = wanted.title if _may_title(fields, stands, wanted) else stands.title
        if not merged.changed and _line(title) == _line(stands.title):
            revised = Revised(url=url, changed=changed, kept=kept, suggested=suggested, overwritten=overwritten)
            done: dict[str, object] = {"plan": wanted.plan, "run": run_id, "revised": revised.model_dump(mode="json")}
            await _record(database, entry, stands, wanted.text, done)
            return revised
        if not ours:
            entry = entry.model_copy(update={"fields": {**fields, "writing": run_id}})
            await database.run(ledger.put, [entry])
            ours = True
        thing = (await linear.apply(UpdateDocument(id=entry.linear_id, title=title, content=merged.text))).thing
        if thing.standing == "gone":
            return None
        changed = True
        overwritten = overwritten or await _wrote_between(linear, stands, thing.revision, viewer)
    return Revised(url=url, changed=changed, kept=kept, suggested=suggested, overwritten=overwritten, unsettled=True)


def _may_title(fields: dict[str, object], stands: PlanDocument, wanted: Wanted) -> bool:
    """Whether the title is ours to change: nobody gave it another one."""
    return _line(str(fields.get("title", wanted.title))) == _line(stands.title)


async def _wrote_between(linear: Linear, read: PlanDocument, written: str | None, viewer: str) -> bool:
    """Whether somebody else gave it a text after we read it and before we wrote, as far as Linear tells."""
    if read.document_content_id is None or written is None:
        return False
    return any(
        read.updated_at < each.created_at < written and any(actor != viewer for actor in each.actor_ids or ())
        for each in await linear.document_writers(read.document_content_id)
    )


async def _record(database: Database, entry: Entry, stands: PlanDocument, text: str, done: dict[str, object]) -> None:
    """What stands is known now. The next merge begins from the plan itself, `text`: all else in it is people's."""
    fields = {"title": stands.title, "stood": mark(stands.text), **done}
    await database.run(
        ledger.put, [entry.model_copy(update={"text": text, "fields": fields, "revision": stands.updated_at})]
    )


def _line(text: str) -> str:
    return " ".join(text.split())
