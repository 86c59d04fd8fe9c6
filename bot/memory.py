"""What a run's conversations are made of, kept in the database: heads, answers, tool results, and what they cost.

Each turn is recorded before anything is made of it, and each result before the model reads it. A crash pays again for
the turns in flight only, and those are booked at their worst case.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast

import structlog

from bot import messages, wording
from bot.patience import DATABASE_AWAY, Stopped
from bot.store import blobs, reports, turns
from planner.author import PLAN
from planner.conversation import Head, Memory, Turn
from planner.errors import AskingEnded, CapReached, ModelBusy, MoneyOut, PlannerError
from planner.findings import Report
from planner.model import Answer, JsonObject
from planner.pricing import most_tokens, usd, worst_case
from planner.tools import ToolCall, ToolResult
from planner.visible import visible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.patience import Patience
    from bot.services import Services
    from planner.model import Progress, Question
    from planner.plan import Plan
    from planner.toolbox import Toolbox

log = structlog.get_logger()
T = TypeVar("T")

# Fewer tokens than this hold no plan, and no report.
_LEAST_TOKENS = 8_000
_LEAST_TASK_TOKENS = 1_000
# A spending limit at the service stops every plan that was asked for before it showed; a later wish may try again.
_HALT_S = 24 * 3600.0
MONEY = "money"
"""Name of the halt that a spending limit causes."""


class Watching(Protocol):
    """Whoever shows how the writing goes."""

    def tick(self, written: Progress) -> None:
        """Called now and then while an answer is written."""
        ...

    async def settle(self) -> None:
        """The answer is there; nothing may be shown after this returns."""
        ...


class RunMemory(Memory):
    """The memory of one run. Make it anew in each process that goes on with the run."""

    def __init__(
        self,
        services: Services,
        patience: Patience,
        *,
        run_id: str,
        team_key: str,
        watching: Watching,
        note: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """`team_key`: whose cap it counts towards. `note(step, text)`: for the run's journal.

        Set `tools` before a conversation uses any, and `checks` before a plan is handed in.
        """
        self.tools: Callable[[], Awaitable[Toolbox]] | None = None
        self.checks: Callable[[Plan, Mapping[str, str]], Awaitable[Report]] | None = None
        self._services = services
        self._patience = patience
        self._run_id = run_id
        self._team_key = team_key
        self._watching = watching
        self._note = note
        self._noting = asyncio.Lock()
        self._last: dict[str, _Known] = {}

    async def head(self, conversation: str, make: Callable[[], Awaitable[Head]]) -> Head:
        """As `Memory.head`."""
        database = self._services.database

        async def begin() -> None:
            if await database.run(turns.head_of, self._run_id, conversation) is None:
                head = await make()
                await database.run(turns.begin, self._run_id, conversation, head.model_dump_json())

        await self._step(conversation, "open the conversation", begin)
        return await self.recorded_head(conversation)

    async def ask(self, conversation: str, seq: int, question: Question) -> Turn:
        """As `Memory.ask`."""
        key = turns.Key(self._run_id, conversation, seq)
        await self._step(conversation, f"turn {seq}", lambda: self._ask(key, question))
        booked = await self._steady(lambda: self._services.database.run(turns.answer_of, key))
        assert booked is not None  # noqa: S101 - the step has just recorded it
        answer = Answer.model_validate_json(booked.answer)
        if answer.stop_reason != "max_tokens":  # such an answer is not kept in the conversation
            known = answer.usage.prompt_tokens + answer.usage.output_tokens
            self._last[conversation] = _Known(len(question.messages), known)
        return Turn(answer=answer, spent_usd=booked.spent_usd, near_cap=booked.near_cap, shortened=booked.shortened)

    async def use(self, conversation: str, seq: int, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """As `Memory.use`. Calls that a crash cut short are made again; those that have an answer are not."""
        key = turns.Key(self._run_id, conversation, seq)
        await self._step(conversation, f"tools {seq}", lambda: self._use(key, calls))
        found = await self._steady(lambda: self._services.database.run(turns.results_of, key))
        return [ToolResult.model_validate_json(found[call.id]) for call in calls]

    async def say(self, conversation: str, seq: int, content: list[JsonObject]) -> list[JsonObject]:
        """As `Memory.say`."""
        key = turns.Key(self._run_id, conversation, seq)
        composed = json.dumps(content)
        return json.loads(await self._steady(lambda: self._services.database.run(turns.put_message, key, composed)))

    async def check(self, seq: int, plan: Plan, read: Mapping[str, str]) -> Report:
        """As `Memory.check`. A check that a crash cut short begins again."""
        database = self._services.database

        async def look() -> None:
            if await database.run(reports.get, self._run_id, seq) is not None:
                return
            assert self.checks is not None  # noqa: S101 - whoever made this memory sets it
            report = await self.checks(plan, read)
            await database.run(reports.put, self._run_id, seq, report.model_dump_json())
            await self._say("check", f"{messages.checked(report.passed, report.failed)}.")

        await self._step(PLAN, f"check {seq}", look)
        recorded = await self._steady(lambda: database.run(reports.get, self._run_id, seq))
        assert recorded is not None  # noqa: S101 - the step has just recorded it
        return Report.model_validate_json(recorded)

    async def recorded_head(self, conversation: str) -> Head:
        """What a conversation that has begun began with."""
        recorded = await self._steady(lambda: self._services.database.run(turns.head_of, self._run_id, conversation))
        assert recorded is not None  # noqa: S101 - it has begun
        return Head.model_validate_json(recorded)

    async def _step(self, conversation: str, name: str, function: Callable[[], Awaitable[None]]) -> None:
        """A recorded step of the workflow; within a sub-agent, a part of the step that called it."""
        if conversation == PLAN:
            try:
                await self._patience.run(name, function)
            except Stopped as stopped:  # what there is of the plan may be good enough
                raise AskingEnded(stopped.kind, stopped.reason) from stopped
        else:
            await function()

    async def _steady(self, load: Callable[[], Awaitable[T]]) -> T:
        """What is recorded never changes, so that reading and writing it is no step; a lost database is waited for."""
        while True:
            try:
                return await load()
            except DATABASE_AWAY:
                await asyncio.sleep(self._services.pace)

    # -- asking

    async def _ask(self, key: turns.Key, question: Question) -> None:
        database = self._services.database
        if await database.run(turns.answer_of, key) is not None:
            return
        halted = await database.run(turns.halted, key.run_id)
        if halted is not None and not self._services.scripted:
            raise MoneyOut(halted)
        asked = await self._with_blobs(question)
        wish = await asyncio.to_thread(self._wish, key.conversation, asked)  # it counts the pages of PDFs
        reserved = await database.run(turns.reserve, key, wish, self._caps())
        if isinstance(reserved, turns.Full):
            raise self._full(reserved)
        try:
            answer = await self._services.chat_model().ask(
                asked.model_copy(update={"max_tokens": reserved.max_tokens}), self._watching.tick
            )
            # Before anything else: it is paid for, and lost if the process ends now.
            await self._settle(key, reserved.attempt, answer)
        except PlannerError as error:
            await self._let_go(key, reserved.attempt, error)
            raise
        finally:
            await self._watching.settle()
        await self._say("author", _turned(key, answer, scripted=self._services.scripted))

    async def _settle(self, key: turns.Key, attempt: int, answer: Answer) -> None:
        usage = answer.usage
        tokens = {
            "input": usage.input_tokens,
            "output": usage.output_tokens,
            "read": usage.cache_read_tokens,
            "write": usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
        }
        await self._steady(
            lambda: self._services.database.run(
                turns.settle,
                key,
                attempt,
                model=answer.model,
                tokens=tokens,
                usd=usd(answer.model, usage),
                answer=answer.model_dump_json(),
                enough_usd=self._enough(answer),
            )
        )

    def _enough(self, answer: Answer) -> float:
        """What a run may have cost so that two more answers fit into its cap, booked as they would be."""
        if self._services.scripted:
            return 0.0
        worst = worst_case(answer.model, answer.usage.prompt_tokens + answer.usage.output_tokens)
        return max(self._services.settings.max_usd_per_plan - 2 * worst.usd(_LEAST_TOKENS), 1e-9)

    async def _let_go(self, key: turns.Key, attempt: int, error: PlannerError) -> None:
        """Give a reservation back, or leave it booked where an answer may have been paid for."""
        paid = isinstance(error, ModelBusy) and error.may_be_paid
        try:
            await self._services.database.run(turns.release, key, attempt, paid=paid)
            if isinstance(error, MoneyOut):
                log.error("money.out", reason=error.reason, run=key.run_id)
                await self._services.database.run(turns.halt, MONEY, error.reason, _HALT_S)
        except DATABASE_AWAY:
            log.warning("turn.still_reserved", run=key.run_id)  # the next attempt marks it as cut

    def _wish(self, conversation: str, question: Question) -> turns.Wish:
        known = self._last.get(conversation)
        # What was read before is known to the token; only what came since is estimated, from above.
        new = question.messages[known.messages :] if known else question.messages
        head = [] if known else [question.system, question.tools]
        prompt = (known.tokens if known else 0) + most_tokens([*head, new])
        worst = worst_case(question.model, prompt, question.tools)
        task = conversation != PLAN
        return turns.Wish(
            model=question.model,
            team_key=self._team_key,
            fixed_usd=0.0 if self._services.scripted else worst.fixed_usd,
            token_usd=0.0 if self._services.scripted else worst.token_usd,
            most_tokens=question.max_tokens,
            least_tokens=min(
                question.least_tokens or (_LEAST_TASK_TOKENS if task else _LEAST_TOKENS), question.max_tokens
            ),
        )

    def _caps(self) -> list[turns.Cap]:
        settings = self._services.settings
        caps = [turns.Cap("run", settings.max_usd_per_plan), turns.Cap("day", settings.max_usd_per_day)]
        team = settings.rules.teams.get(self._team_key)
        if team is not None and team.max_usd_per_day is not None:
            caps.append(turns.Cap("team", team.max_usd_per_day))
        return caps

    def _full(self, full: turns.Full) -> PlannerError:
        if full.held:
            return ModelBusy(None, messages.cap_held(full.cap.kind, full.cap.usd))
        return CapReached(messages.cap_reached(full.cap.kind, full.cap.usd, full.spent_usd, self._team_key))

    async def _with_blobs(self, question: Question) -> Question:
        """Images and PDFs are put in just before they are sent: they are kept once, not in each recorded head."""
        first = question.messages[0]
        content = cast("list[JsonObject]", first["content"])
        put = [await self._with_blob(block) for block in content]
        return question.model_copy(
            update={"messages": [{**first, "content": cast("list[object]", put)}, *question.messages[1:]]}
        )

    async def _with_blob(self, block: JsonObject) -> JsonObject:
        source = cast("JsonObject | None", block.get("source"))
        if source is None or source.get("type") != "blob":
            return block
        body = await self._services.database.run(blobs.get, str(source["digest"]))
        if body is None:
            return {"type": "text", "text": "[this file is no longer kept]"}
        put: JsonObject = {"type": "base64", "media_type": source["media_type"], "data": b64encode(body).decode()}
        return {**block, "source": put}

    # -- tools

    async def _use(self, key: turns.Key, calls: Sequence[ToolCall]) -> None:
        recorded = await self._services.database.run(turns.results_of, key)
        missing = [call for call in calls if call.id not in recorded]
        outcomes = await asyncio.gather(*(self._one(key, call) for call in missing), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:  # what the others came to is recorded all the same
                raise outcome

    async def _one(self, key: turns.Key, call: ToolCall) -> None:
        assert self.tools is not None  # noqa: S101 - whoever made this memory sets it
        result = await (await self.tools()).call(call, for_task=key.conversation != PLAN)
        name = visible(call.name).text[:_LONGEST_NAME]
        await self._services.database.run(turns.put_result, key, call.id, name, result.model_dump_json())
        await self._say("tool", _said(call, result))

    async def _say(self, step: str, text: str) -> None:
        """A line in the journal: a courtesy, one at a time."""
        async with self._noting:
            try:
                await self._note(step, text)
            except Exception as error:  # noqa: BLE001 - it must not cost the run
                log.info("journal.not_written", run=self._run_id, error=type(error).__name__)


class _Known(NamedTuple):
    """How many messages a conversation had when it was last asked, and how many tokens they and the answer have."""

    messages: int
    tokens: int


def _turned(key: turns.Key, answer: Answer, *, scripted: bool) -> str:
    if scripted:
        return "Written by rules; no model was asked."
    who = "" if key.conversation == PLAN else "A sub-agent, "
    text = f"{who}{'turn' if who else 'Turn'} {key.seq + 1}: {answer.usage.output_tokens:,} tokens written"
    return f"{text}, {wording.dollars(usd(answer.model, answer.usage))}."


_SHOWN_CHARS = 80
_LONGEST_NAME = 128


def _said(call: ToolCall, result: ToolResult) -> str:
    """A call in one line, for whoever watches."""
    given = visible(json.dumps(call.arguments, ensure_ascii=False)).text
    given = given if len(given) <= _SHOWN_CHARS else f"{given[:_SHOWN_CHARS]}..."
    refused = f": {visible(result.text).text[:_SHOWN_CHARS]}" if result.is_error else ""
    return f"{visible(call.name).text[:_LONGEST_NAME]} {given}{refused}"
