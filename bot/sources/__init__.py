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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.brief import Material


class Known(BaseModel):
    """What sources need beside the issue's context.

    `ours`: ids the bot itself made, which never enter a brief. `linked`: documents that text links to.
    """

    model_config = ConfigDict(frozen=True)

    ours: frozenset[str] = frozenset()
    linked: tuple[Document, ...] = ()


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
