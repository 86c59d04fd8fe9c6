"""Where a brief's material comes from: one file a source, found by discovery.

A source is a module with `ORDER` (lower stands first in the brief), `LABEL` (singular, plural: for people) and
`materials(context, known) -> Iterator[Material]`, a pure function of what was read.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from pydantic import BaseModel, ConfigDict

from linear.models import Document, IssueContext
from linear.planned import PlanDocument
from planner.brief import Media

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.brief import Material


class File(BaseModel):
    """A file of Linear's file host that the issue shows or links to.

    Text files carry `text`, images `media`, PDFs both or one of them. `gap` names what of it could not be had, and why;
    a file without text and media is not there at all. `url` is where it lies.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    title: str
    text: str = ""
    media: Media | None = None
    gap: str = ""


class RepositoryFile(BaseModel):
    """A text file of the repository, by its path from the root; `whole` is False where only its beginning is here."""

    model_config = ConfigDict(frozen=True)

    path: str
    text: str
    whole: bool = True


class RepositoryMap(BaseModel):
    """What the planned repository looks like at one commit.

    `name` for people (`acme/api`), `url` what was fetched, without credentials, `web_url` where people see the commit
    (empty for a local one). `tree`: its directories and files, drawn. `files`: README, CODEOWNERS, manifests and
    `plan-context.md`, as far as they are there. `gaps`: sentences on what could not be read.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    url: str
    web_url: str = ""
    commit: str = ""
    tree: str = ""
    files: tuple[RepositoryFile, ...] = ()
    gaps: tuple[str, ...] = ()


class Known(BaseModel):
    """What sources need beside the issue's context.

    `ours`: ids the bot itself made, which never enter a brief. `linked`: documents that text links to.
    `team_documents`: documents of the team titled `plan-context.md`. `files`: what Linear's file host gave.
    """

    model_config = ConfigDict(frozen=True)

    ours: frozenset[str] = frozenset()
    linked: tuple[Document, ...] = ()
    team_documents: tuple[Document, ...] = ()
    files: tuple[File, ...] = ()
    repository: RepositoryMap | None = None
    plan: PlanDocument | None = None
    """The plan that stands on the issue, which is ours with what people wrote into it."""


class Source(Protocol):
    """A module of this package."""

    __name__: str
    __doc__: str
    ORDER: int
    LABEL: tuple[str, str]

    @staticmethod
    def materials(context: IssueContext, known: Known) -> Iterator[Material]:
        """The source's pieces, in the order they should be read."""
        ...


@cache
def sources() -> tuple[Source, ...]:
    """All sources, in the order of the brief."""
    found = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted((cast("Source", module) for module in found), key=lambda source: source.ORDER))
