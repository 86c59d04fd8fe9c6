"""A conversation with a model: what it begins with, what each turn says, and the memory behind it. No I/O of its own.

Only ever appended to: models sign what they have read into their thinking, and caches hold what stays the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from planner.brief import Brief
from planner.findings import Report
from planner.model import Answer, Effort, JsonObject, Question, Thinking
from planner.plan import Plan
from planner.tools import Picture, ToolCall, ToolResult
from planner.visible import visible


class Head(BaseModel):
    """What a conversation begins with. Fixed for its life, also when a newer version of this program goes on with it.

    `first` is the content of the first message; images and PDFs in it stand as `blob` sources (see `planner.prompt`).
    `cap_usd` is the most the whole run may cost, in US dollars.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="a model id")
    system: str
    tools: list[JsonObject]
    effort: Effort
    thinking: Thinking
    max_tokens: int = Field(description="of one answer, before a plan proves to be longer")
    most_tokens: int = Field(default=128_000, description="the most that the model writes in one answer")
    context_tokens: int = Field(default=1_000_000, description="the most that the model reads and writes in all")
    first: list[JsonObject]
    marker: str = Field(description="fences what tools answer, as it does the brief")
    cap_usd: float
    gaps: tuple[str, ...] = Field(default=(), description="what could not be reached when it began, a sentence each")


class Turn(BaseModel):
    """A recorded answer. `spent_usd`: what the whole run had cost when it was booked, with all its conversations.

    `near_cap`: few more answers fit into the run's cap. `shortened`: it was asked for with fewer tokens than wished,
    because no more could be paid for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: Answer
    spent_usd: float
    near_cap: bool = False
    shortened: bool = False


FINISH_AT = 0.8
"""The share of its cap, or of the model's context window, at which a run is told to finish, if not earlier."""


class Memory(Protocol):
    """What outlasts a crash: everything here is recorded before it is answered, and answered again as recorded."""

    async def head(self, conversation: str, make: Callable[[], Awaitable[Head]]) -> Head:
        """What the conversation began with; made and recorded if it has not begun."""
        ...

    async def ask(self, conversation: str, seq: int, question: Question) -> Turn:
        """The answer to the question of turn `seq` (from 0), which is recorded before anything is made of it.

        Raises the errors of `planner.errors`.
        """
        ...

    async def use(self, conversation: str, seq: int, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """What the tool calls of turn `seq` come to, run at the same time, answered in their order."""
        ...

    async def say(self, conversation: str, seq: int, content: list[JsonObject]) -> list[JsonObject]:
        """What the model reads after turn `seq`: `content`, or what was recorded when it was first composed.

        A newer version of this program may put it differently; what the model has read must not change.
        """
        ...

    async def check(self, seq: int, plan: Plan, read: Mapping[str, str]) -> Report:
        """What the checks find in the plan that was whole after turn `seq` of the plan's conversation.

        `read`: the texts that tools answered, by the source names that the plan may cite; empty where not known.
        """
        ...


class Conversation:
    """One conversation as it grows."""

    def __init__(self, name: str, head: Head, memory: Memory, brief: Brief) -> None:
        """`name` is unique within the run: `plan`, or a sub-agent's."""
        self.head = head
        self.turns = 0
        self.near_end = False
        self.shortened = False
        self._name = name
        self._memory = memory
        self._brief = brief
        self._container = ""
        self._messages: list[JsonObject] = [{"role": "user", "content": cast("JsonValue", head.first)}]

    async def ask(self, max_tokens: int, *, least_tokens: int = 0) -> Answer:
        """Ask for the next answer. It is not part of the conversation before `keep`.

        With fewer than `least_tokens` it would make no sense; 0: the memory knows.
        """
        head = self.head
        question = Question(
            model=head.model,
            system=head.system,
            messages=list(self._messages),
            tools=head.tools,
            max_tokens=max_tokens,
            least_tokens=least_tokens,
            effort=head.effort,
            thinking=head.thinking,
            container=self._container,
            brief=self._brief,
        )
        turn = await self._memory.ask(self._name, self.turns, question)
        self.turns += 1
        usage = turn.answer.usage
        full = usage.prompt_tokens + usage.output_tokens >= FINISH_AT * self.head.context_tokens
        self.near_end = full or turn.near_cap or turn.spent_usd >= FINISH_AT * self.head.cap_usd
        self.shortened = turn.shortened
        self._container = turn.answer.container or self._container
        return turn.answer

    def keep(self, answer: Answer) -> None:
        """Make the answer part of the conversation. An empty one cannot be sent back, and is left out."""
        if answer.content:
            self._messages.append({"role": "assistant", "content": cast("JsonValue", answer.content)})

    async def say(self, content: Sequence[JsonObject]) -> None:
        """Append what the model reads next."""
        said = await self._memory.say(self._name, self.turns - 1, list(content))
        self._messages.append({"role": "user", "content": cast("JsonValue", said)})

    async def use(self, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """Have the tools called that the last answer asked for."""
        return await self._memory.use(self._name, self.turns - 1, calls)


def calls_in(answer: Answer) -> list[ToolCall]:
    """The tool calls of an answer that are ours to answer; those the service runs itself are not."""
    found: list[ToolCall] = []
    for block in answer.content:
        if block.get("type") == "tool_use":
            given = block.get("input")
            arguments = cast("JsonObject", given) if isinstance(given, dict) else {}
            found.append(ToolCall(id=str(block.get("id")), name=str(block.get("name")), arguments=arguments))
    return found


def text_in(answer: Answer) -> str:
    """What an answer says in words."""
    texts = (str(block.get("text", "")) for block in answer.content if block.get("type") == "text")
    return "\n\n".join(text.strip() for text in texts if text.strip())


MOST_RESULT_CHARS = 24_000
"""Characters of one tool result that a model gets to read."""

_CUT = "\n[cut here: {rest} more characters; ask for a part of it]\n"
_MARKER_GONE = "[a marker was here]"


def result_block(call: ToolCall, result: ToolResult, marker: str) -> JsonObject:
    """A tool's result as the model reads it: cleaned of hidden text, bounded, and marked as what others wrote.

    What the program itself says, a refusal for one, stands bare.
    """
    if result.is_error:
        return plain_result(call.id, visible(result.text).text[:MOST_RESULT_CHARS], is_error=True)
    text = visible(result.text).text.replace(marker, _MARKER_GONE)
    if len(text) > MOST_RESULT_CHARS:
        text = text[:MOST_RESULT_CHARS] + _CUT.format(rest=f"{len(text) - MOST_RESULT_CHARS:,}")
    names = ", ".join(dict.fromkeys(each.name for each in result.found))
    named = f' sources="{_attribute(names.replace(marker, _MARKER_GONE))}"' if names else ""
    marked = f'<result-{marker} tool="{_attribute(call.name)}"{named}>\n{text}\n</result-{marker}>'
    content = [{"type": "text", "text": marked}, *(_image(each) for each in result.pictures)]
    return {"type": "tool_result", "tool_use_id": call.id, "content": cast("JsonValue", content)}


def _image(picture: Picture) -> JsonObject:
    return {"type": "image", "source": {"type": "base64", "media_type": picture.media_type, "data": picture.data}}


def plain_result(call_id: str, text: str, *, is_error: bool = False) -> JsonObject:
    """A tool result in the program's own words."""
    block: JsonObject = {"type": "tool_result", "tool_use_id": call_id, "content": [{"type": "text", "text": text}]}
    return {**block, "is_error": True} if is_error else block


def with_note(results: Sequence[JsonObject], note: str) -> list[JsonObject]:
    """The results with a word of the program in the last one.

    Text beside tool results makes models end their turn without a word; inside one it does not.
    """
    last = results[-1]
    content = [*cast("list[JsonValue]", last["content"]), {"type": "text", "text": note}]
    return [*results[:-1], {**last, "content": cast("JsonValue", content)}]


_LONGEST_ATTRIBUTE = 1_000


def _attribute(text: str) -> str:
    text = " ".join(text.split())[:_LONGEST_ATTRIBUTE]
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
