"""A fault of an OpenAPI document. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planner.notation import Path


class Fault(NamedTuple):
    """What is wrong and where, in one sentence, with another on what to do.

    Faults of one rule and `kin` are told as one; `token` then names those after the first. `mild` makes it a warning.
    A hint that takes time to find is given as what finds it.
    Where it `covers` its place, what else is wrong there and below follows from it.
    """

    rule: str
    at: Path
    said: str
    hint: str | Callable[[], str] = ""
    token: str = ""
    kin: str = ""
    mild: bool = False
    covers: bool = False
