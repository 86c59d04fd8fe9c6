"""Questions that people must answer before there can be a plan, and the tool a model asks them with. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from planner.errors import PlannerError
from planner.model import JsonObject
from planner.parts import one_line
from planner.tools import ToolCall

ASK_PEOPLE = "ask_people"
"""Name of the tool. It is declared where asking back is allowed, and nowhere else."""

MOST = 3
"""The most questions that are asked."""

_LONGEST = 300
_Line = Annotated[str, Field(min_length=1, max_length=_LONGEST), BeforeValidator(one_line)]


class AskedQuestion(BaseModel):
    """A question to people. `suggested_default`: what is assumed where nobody answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: _Line
    suggested_default: _Line


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: list[AskedQuestion] = Field(min_length=1, max_length=MOST)


class NeedsAnswers(PlannerError):
    """The model asks people before it plans."""

    def __init__(self, questions: Sequence[AskedQuestion]) -> None:
        """One to three `questions`."""
        self.questions = tuple(questions)
        super().__init__(f"Before a plan can be written, {len(self.questions)} questions must be answered.")


def ask_people_tool() -> JsonObject:
    """The tool's definition: the same bytes each time, as conversations are signed over their tools."""
    line = {"type": "string"}
    return {
        "name": ASK_PEOPLE,
        "description": (
            "Ask the issue's people before you plan. Only where the issue does not say what should be built, so that "
            "most of a plan would be guessed and thrown away; what tools can find out, and what a careful engineer "
            "would assume and write down as an open question, is not asked. At most three questions, in the language "
            "of the issue, each of one sentence and with the default that you would assume. Call it alone, as your "
            "first and only answer; people can be asked once."
        ),
        "input_schema": {
            "type": "object",
            "properties": {
                "questions": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "properties": {
                            "text": {**line, "description": "one sentence that ends with a question mark"},
                            "suggested_default": {
                                **line,
                                "description": "what is assumed where nobody answers, one sentence",
                            },
                        },
                        "required": ["text", "suggested_default"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["questions"],
            "additionalProperties": False,
        },
        "strict": True,
    }


def is_declared(tools: Sequence[JsonObject]) -> bool:
    """Whether a conversation may ask people."""
    return any(tool.get("name") == ASK_PEOPLE for tool in tools)


def questions_in(calls: Sequence[ToolCall]) -> tuple[AskedQuestion, ...]:
    """What is asked, where that is all an answer does and it has its form; else nothing."""
    if len(calls) != 1 or calls[0].name != ASK_PEOPLE:
        return ()
    try:
        return tuple(_Asked.model_validate(calls[0].arguments).questions)
    except ValidationError:
        return ()


def why_not(call: ToolCall, *, alone: bool) -> str:
    """What is wrong with a call that asked nothing, for the model."""
    if not alone:
        return f"{ASK_PEOPLE} is called alone: either ask, or go on and hand the plan in"
    try:
        _Asked.model_validate(call.arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return (
            f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}; ask 1 to {MOST} questions, each of one line of "
            f"at most {_LONGEST} characters with a default"
        )
    return "people were asked already"
