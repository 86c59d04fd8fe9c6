"""What an issue tracker answers to a lookup, as plain values. No I/O.

One shape for all nouns: an item has a title, an address, facts of one line each, a text, and lists of what hangs on it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Frozen):
    """Something in the tracker.

    `name` is what a plan cites it by, stable and readable: `ENG-12`, `document:api-guidelines-3f2a`; empty where it is
    nothing to cite. `facts` are named, in the order to be read. `depth` is 1 for a reply in a thread.
    """

    name: str = ""
    title: str = ""
    url: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""
    depth: int = 0
    sections: tuple[Section, ...] = ()


class Section(_Frozen):
    """What hangs on an item, under a heading. `held_back`: so many more are not visible to everyone.

    `more` says where the rest is, in a sentence; empty where this is all.
    """

    heading: str
    items: tuple[Item, ...] = ()
    held_back: int = 0
    more: str = ""


class Answer(_Frozen):
    """A page of items, or one. `noun`, singular and plural, names them for people.

    `cursor` goes on to the next page; None on the last. `held_back`: items of this page that are not visible to
    everyone who reads the plan. `notes` are sentences of ours.
    """

    noun: tuple[str, str]
    items: tuple[Item, ...] = ()
    cursor: str | None = None
    held_back: int = 0
    notes: tuple[str, ...] = ()


class NotAnswered(Exception):
    """There is no answer: missing, refused, or asked for wrongly. The message is one sentence for the model."""
