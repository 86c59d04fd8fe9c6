"""A memory for the loop that lives as long as the test: everything recorded, nothing kept on disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from planner.agent import Agent
from planner.author import PLAN, plan_tools, system_prompt
from planner.brief import Brief
from planner.check import check
from planner.conversation import Head, Memory, Turn
from planner.errors import ModelBusy
from planner.findings import Report
from planner.model import ChatModel, JsonObject, Question
from planner.plan import Plan
from planner.pricing import usd
from planner.prompt import as_content
from planner.subject import subject_of
from planner.toolbox import Toolbox
from planner.tools import ToolCall, ToolResult


class Remembered(Memory):
    """Asks `model` and uses `toolbox`. `questions` are all that were asked, by conversation."""

    def __init__(self, model: ChatModel, toolbox: Toolbox | None = None) -> None:
        self.questions: dict[str, list[Question]] = {}
        self.results: dict[tuple[str, int], list[ToolResult]] = {}
        self.turns: dict[tuple[str, int], Turn] = {}
        self.toolbox = toolbox
        self.messages: dict[tuple[str, int], list[JsonObject]] = {}
        self.reports: dict[int, Report] = {}
        self._heads: dict[str, Head] = {}
        self._model = model

    @property
    def spent_usd(self) -> float:
        return sum(usd(turn.answer.model, turn.answer.usage) for turn in self.turns.values())

    async def head(self, conversation: str, make: Callable[[], Awaitable[Head]]) -> Head:
        if conversation not in self._heads:
            self._heads[conversation] = await make()
        return self._heads[conversation]

    async def ask(self, conversation: str, seq: int, question: Question) -> Turn:
        self.questions.setdefault(conversation, []).append(question)
        if (conversation, seq) not in self.turns:
            for _ in range(4):  # as the bot does, without the waiting
                try:
                    answer = await self._model.ask(question)
                    break
                except ModelBusy:
                    continue
            else:
                raise AssertionError("busy for ever")
            spent = self.spent_usd + usd(answer.model, answer.usage)
            self.turns[conversation, seq] = Turn(answer=answer, spent_usd=spent)
        return self.turns[conversation, seq]

    async def use(self, conversation: str, seq: int, calls: Sequence[ToolCall]) -> list[ToolResult]:
        assert self.toolbox is not None
        if (conversation, seq) not in self.results:
            for_task = conversation != PLAN
            self.results[conversation, seq] = [await self.toolbox.call(call, for_task=for_task) for call in calls]
        return self.results[conversation, seq]

    async def say(self, conversation: str, seq: int, content: list[JsonObject]) -> list[JsonObject]:
        return self.messages.setdefault((conversation, seq), content)

    async def check(self, seq: int, plan: Plan, read: Mapping[str, str]) -> Report:
        if seq not in self.reports:
            self.reports[seq] = check(subject_of(plan, self.questions[PLAN][0].brief, read=read, most_sub_issues=12))
        return self.reports[seq]


def a_head(brief: Brief, agent: Agent, marker: str, toolbox: Toolbox | None = None, **changes: object) -> Head:
    """What a conversation of `agent` about `brief` begins with."""
    head = Head(
        model="claude-opus-5-5",
        system=system_prompt(agent),
        tools=plan_tools(toolbox.declared() if toolbox else []),
        effort="high",
        thinking="adaptive",
        max_tokens=32_000,
        first=as_content(brief, marker),
        marker=marker,
        cap_usd=5.0,
    )
    return head.model_copy(update=changes)
