"""The seam between the loop and whoever writes: a question goes in, an answer comes out. No I/O.

Two implementations: `planner.claude` asks Claude, `planner.scripted` writes by rules and asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from planner.brief import Brief
from planner.capabilities import Capabilities
from planner.pricing import Usage

JsonObject = dict[str, JsonValue]
"""A JSON object, as it goes over the wire."""

Effort = str
"""How hard the model thinks: low, medium, high, xhigh or max. The service checks it, as the list grows."""


Thinking = Literal["adaptive", "off"]
"""Whether the model thinks before it writes, as much as it sees fit; `off` where a model can do without."""


class Question(BaseModel):
    """One request in a conversation. `messages` hold the whole conversation so far and are only ever appended to.

    `system` and `tools` stay the same for a whole conversation: newer models sign them into their thinking.
    `brief` is what the first message was written from; a model that reads prose ignores it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="a model id, never an alias")
    system: str
    messages: list[JsonObject]
    tools: list[JsonObject]
    max_tokens: int = Field(gt=0)
    least_tokens: int = Field(default=0, description="fewer would make no sense; not for the service")
    effort: Effort = Field(description="empty: left to the model")
    thinking: Thinking = "adaptive"
    container: str = Field(default="", description="the service's own sandbox that earlier answers ran code in")
    brief: Brief


class Answer(BaseModel):
    """One whole answer, as plain JSON, so that it can be recorded and read back.

    `content` holds the blocks exactly as the service wrote them; they go back to it unchanged. `stop_reason` is
    `tool_use`, `end_turn`, `stop_sequence`, `max_tokens`, `pause_turn`, `refusal` or one newer than this code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: list[JsonObject]
    stop_reason: str
    stop_note: str = Field(default="", description="why it stopped, where the service says more: a refusal's category")
    usage: Usage = Usage()
    model: str
    message_id: str
    container: str = Field(default="", description="the sandbox it ran code in, which the next question must name")


class Progress(BaseModel):
    """How far an answer has come. `what` is `reading`, `thinking` or `writing`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    output_chars: int = Field(default=0, description="characters written so far")
    output_tokens: int | None = Field(default=None, description="tokens so far, once the service has counted them")
    seconds: float = Field(default=0.0, description="since the question was sent")


class ChatModel(Protocol):
    """Whoever answers."""

    async def capabilities(self, model: str) -> Capabilities:
        """What a model can do: asked of the service where it tells, else from a dated table. Never raises."""
        ...

    async def ask(self, question: Question, on_progress: Callable[[Progress], None] | None = None) -> Answer:
        """Answer once. Raises the errors of `planner.errors`; a refusal is an answer whose stop reason says so.

        `on_progress` is called now and then while the answer is written, and must return quickly.
        """
        ...
