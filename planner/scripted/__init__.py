"""The offline stand-in for a model: writes a plausible plan by rules from the issue's own words.

No model is asked and nothing leaves the process. Every page rendered from its plans says so (`RenderFacts.scripted`).
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable

from planner.asking_back import ASK_PEOPLE, is_declared
from planner.capabilities import Capabilities, of
from planner.model import Answer, ChatModel, JsonObject, Progress, Question
from planner.schema import SUBMIT_PLAN
from planner.scripted.asking import questions_for
from planner.scripted.drafting import draft

SCRIPTED = "scripted stand-in"
"""The author's name in what is rendered, and the model's in answers."""

_SLICES = 8


class ScriptedModel(ChatModel):
    """A `ChatModel` that asks nobody. Deterministic: the same brief gets the same answer, ids and all."""

    def __init__(self, seconds: float = 0.0) -> None:
        """`seconds` spreads an answer over time, so that people can watch a run."""
        self._seconds = seconds

    async def capabilities(self, model: str) -> Capabilities:
        """See `ChatModel`."""
        return of(model)

    async def ask(self, question: Question, on_progress: Callable[[Progress], None] | None = None) -> Answer:
        """Write the plan for `question.brief`, handed in by a call of submit_plan, or ask people. See `ChatModel`."""
        started = time.monotonic()
        # A megabyte of issue takes a moment to read; others go on meanwhile.
        stamp = hashlib.sha256(question.brief.model_dump_json().encode("utf-8", "replace")).hexdigest()
        asked = is_declared(question.tools) and questions_for(question.brief)
        name, given = (ASK_PEOPLE, asked) if asked else (SUBMIT_PLAN, await asyncio.to_thread(draft, question.brief))
        call: JsonObject = {"type": "tool_use", "id": f"toolu_{stamp[:24]}", "name": name, "input": given}
        length = len(str(given))
        for at in range(1, _SLICES + 1):
            await asyncio.sleep(self._seconds / _SLICES)
            if on_progress is not None:
                done = length * at // _SLICES
                on_progress(Progress(what="writing", output_chars=done, seconds=time.monotonic() - started))
        return Answer(content=[call], stop_reason="tool_use", model=SCRIPTED, message_id=f"msg_{stamp[:24]}")
