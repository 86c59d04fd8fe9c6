"""A question to Claude as the tests ask it."""

from __future__ import annotations

from typing import Any

from planner.model import Question
from planner.schema import submit_plan_tool
from tests.planner.samples import BRIEF

KEY = "sk-ant-api03-nobodys-key-0123456789"
MODEL = "claude-opus-5-5"


def question(**changes: Any) -> Question:
    """One that Claude answers in the end; `changes` to it."""
    asked = {
        "model": MODEL,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Plan."}]}],
        "tools": [submit_plan_tool()],
        "max_tokens": 32_000,
        "effort": "high",
        "brief": BRIEF,
    }
    return Question.model_validate(asked | changes)
