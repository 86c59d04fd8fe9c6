"""What a model may call while it plans: one file or package a tool family, all of them read-only.

A family serves tools under canonical names (`Read`, `get_issue`); `planner.toolbox` declares them under the names an
agent definition uses, bounds and marks what they answer, and turns whatever goes wrong into words for the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from planner.model import JsonObject


class Found(BaseModel):
    """Something a tool answered from, which the plan may cite by `name` from then on.

    `name` is stable and readable: `repo:src/app.ts`, `ENG-12`, `mcp:figma/get_design`. `url` is empty where there is
    no address that people could open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str = ""


class Picture(BaseModel):
    """An image that a tool answered with, as base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: str
    data: str


class ToolResult(BaseModel):
    """What one call of a tool came to. Plain JSON, so that it can be recorded and given again after a restart.

    `text` is untrusted: the toolbox cleans, bounds and marks it before a model reads it; where `is_error`, it is a
    sentence of ours. `gap` is one sentence for the plan's appendix about something that could not be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    is_error: bool = False
    pictures: tuple[Picture, ...] = ()
    found: tuple[Found, ...] = ()
    gap: str = ""


class ToolCall(BaseModel):
    """One call as the model made it: `name` is the declared one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    arguments: JsonObject = Field(default={})


class Family(Protocol):
    """Tools of one kind, open for one run."""

    def definitions(self) -> Sequence[JsonObject]:
        """Each tool it serves, as the Messages API has it: `name` (canonical), `description`, `input_schema`.

        The same for the same configuration, in a fixed order.
        """
        ...

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> ToolResult:
        """Answer one call by canonical name. Calls of one turn run at the same time.

        Wrong arguments, missing things and refusals are results with `is_error` and one sentence that names what is
        wrong and what to do instead. Only outages that pass and are worth waiting for may be raised.
        """
        ...


def refused(sentence: str, *, gap: str = "") -> ToolResult:
    """A result that says why there is none."""
    return ToolResult(text=sentence, is_error=True, gap=gap)
