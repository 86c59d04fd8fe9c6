"""Takes a plan in as its writer hands it in and mends it, and says what is wrong with its shape. No I/O of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from planner.asking_back import ASK_PEOPLE, why_not
from planner.conversation import Conversation, plain_result, result_block
from planner.errors import PlanUnfit
from planner.model import JsonObject
from planner.plan import Plan, problems_by_block
from planner.revise import revise
from planner.schema import REVISE_PLAN, SUBMIT_PLAN
from planner.tools import Found, ToolCall

_TOLD_PROBLEMS = 40
_TOLD_CHARS = 500
# As the repository's tools number what they show; what a plan quotes has none.
_LINE_NUMBERS = re.compile(r"^ *\d+\t", re.MULTILINE)
_NUDGE = (
    f"You ended without calling {SUBMIT_PLAN}, so nobody has read what you wrote. "
    f"Call {SUBMIT_PLAN} now with the whole plan."
)


class _Handed(NamedTuple):
    call: ToolCall
    wrong: str


class HandedIn:
    """The plan as far as it was handed in, and what tools answered on the way."""

    def __init__(self, max_attempts: int, *, may_ask: bool = False) -> None:
        """Raises PlanUnfit once `max_attempts` plans did not fit. `may_ask`: people may be asked instead."""
        self._may_ask = may_ask
        self.attempts = 0
        self.found: list[Found] = []
        self.gaps: list[str] = []
        self.read: dict[str, str] = {}
        self._max_attempts = max_attempts
        self._raw: JsonObject | None = None
        self._handed: list[_Handed] = []
        self._problems: dict[str, list[str]] = {}

    @property
    def has_plan(self) -> bool:
        """Whether a plan was handed in, of whatever form."""
        return self._raw is not None

    def take(self, calls: Sequence[ToolCall]) -> Plan | None:
        """Take in what was submitted or revised, in order; answers the plan once it is whole. Raises PlanUnfit."""
        self._handed, self._problems = [], {}
        for call in calls:
            if call.name == SUBMIT_PLAN:
                self._raw = call.arguments
                self._handed.append(_Handed(call, ""))
            elif call.name == REVISE_PLAN:
                self._handed.append(_Handed(call, self._revise(call)))
            elif call.name == ASK_PEOPLE and self._may_ask:
                self._handed.append(_Handed(call, why_not(call, alone=len(calls) == 1)))
        if calls and not self._handed:
            return None
        self.attempts += 1
        # A plan that stands beside a question was paid for; it counts, and the question does not.
        handed = [each for each in self._handed if each.call.name != ASK_PEOPLE]
        if self._raw is not None and handed:
            try:
                plan = Plan.model_validate(self._raw)
            except ValidationError as error:
                self._problems = problems_by_block(error, self._raw)
            else:
                if not any(each.wrong for each in handed):
                    return plan
        if self.attempts >= self._max_attempts:
            found = [line for lines in self._problems.values() for line in lines]
            found += [each.wrong for each in self._handed if each.wrong]
            raise PlanUnfit(found or [f"it ended without calling {SUBMIT_PLAN}"], self.attempts)
        return None

    def put_right(self, plan: Plan) -> None:
        """The plan was mended by code: revisions from now on are made to what it is now."""
        if self._raw is not None:
            self._raw = {**self._raw, "artefacts": [each.model_dump(mode="json") for each in plan.artefacts]}

    async def reply(self, talk: Conversation, calls: Sequence[ToolCall], faults: str = "") -> list[JsonObject]:
        """What the model reads next: the results of its calls in their order, or that it ended too early.

        `faults`: what checks found in the plan that is whole now.
        """
        if not calls:
            return [{"type": "text", "text": _NUDGE}]
        handed = {each.call.id: each for each in self._handed}
        asked = [call for call in calls if call.id not in handed]
        results = dict(zip((call.id for call in asked), await talk.use(asked) if asked else (), strict=True))
        for result in results.values():
            self.found += result.found
            self.gaps += [result.gap] if result.gap else []
            for each in result.found:
                text = "" if result.is_error else _LINE_NUMBERS.sub("", result.text)
                self.read[each.name] = f"{self.read.get(each.name, '')}\n{text}".strip()
        last = list(handed)[-1] if handed else ""
        return [
            self._told(handed[call.id], faults, last=call.id == last)
            if call.id in handed
            else result_block(call, results[call.id], talk.head.marker)
            for call in calls
        ]

    def _revise(self, call: ToolCall) -> str:
        if self._raw is None:
            return f"there is no plan to revise yet; hand the whole plan in with {SUBMIT_PLAN} first"
        block, content = call.arguments.get("block"), call.arguments.get("content")
        if not isinstance(block, str) or not isinstance(content, str):
            return "revise_plan takes two texts: block and content"
        revised = revise(self._raw, block, content)
        if isinstance(revised, str):
            return revised
        self._raw = revised
        return ""

    def _told(self, handed: _Handed, faults: str, *, last: bool) -> JsonObject:
        """What is wrong with the plan is told once, with the last call that handed something in."""
        own = f"This was not taken: {handed.wrong}" if handed.wrong else "Taken."
        faults = faults or self._list()
        text = own if not last else "\n".join(filter(None, (own if handed.wrong else "", faults))) or own
        return plain_result(handed.call.id, text, is_error=bool(handed.wrong) or (last and bool(faults)))

    def _list(self) -> str:
        if not self._problems:
            return ""
        lines: list[str] = []
        for block, wrong in self._problems.items():
            lines.append(f"{block or 'the plan'}:")
            lines += [f"- {each[:_TOLD_CHARS]}" for each in wrong]
        if len(lines) > _TOLD_PROBLEMS:
            lines = [*lines[:_TOLD_PROBLEMS], f"and {len(lines) - _TOLD_PROBLEMS} more lines"]
        return (
            f"The plan is not whole yet. Mend each block named here with {REVISE_PLAN}, several in one turn if need "
            f"be; only if most of it is wrong hand the whole plan in again with {SUBMIT_PLAN}.\n" + "\n".join(lines)
        )
