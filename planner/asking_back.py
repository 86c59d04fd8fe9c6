"""Questions that people must answer before there can be a plan, and the tool a model asks them with. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from planner.errors import PlannerError
from planner.model import JsonObject
from planner.parts import one_line
from planner.tools import ToolCall
from planner.visible import visible

ASK_PEOPLE = "ask_people"
"""Name of the tool. It is declared where asking back is allowed, and nowhere else."""

MOST = 3
"""The most questions that are asked."""

# People are shown no more of one line.
_LONGEST = 200
_LINK_OR_TAG = re.compile(r"\w://|\bwww\.|\]\(|<[A-Za-z/!?]", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Whether a question may hold this text: no address, no link, image or HTML, since it is posted to people."""
    return not _LINK_OR_TAG.search(text)


def _seen(value: object) -> object:
    return one_line(visible(value).text) if isinstance(value, str) else value


def _plain(value: str) -> str:
    if not is_plain(value):
        raise PydanticCustomError("not_plain", "It holds a link, an image or HTML; say it in words")
    return value


_Line = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_plain), BeforeValidator(_seen)]


class AskedQuestion(BaseModel):
    """A question to people. `suggested_default`: what is assumed where nobody answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: _Line
    suggested_default: _Line


def _distinct(asked: list[AskedQuestion]) -> list[AskedQuestion]:
    # Answers are kept by the question's text.
    if len({each.text.casefold() for each in asked}) < len(asked):
        raise PydanticCustomError("asked_twice", "The same question is asked twice")
    return asked


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: Annotated[list[AskedQuestion], Field(min_length=1, max_length=MOST), AfterValidator(_distinct)]


class NeedsAnswers(PlannerError):
    """The model asks people before it plans."""

    def __init__(self, questions: Sequence[AskedQuestion]) -> None:
        """One to three `questions`."""
        self.questions = tuple(questions)
        count = "1 question" if len(self.questions) == 1 else f"{len(self.questions)} questions"
        super().__init__(f"Before a plan can be written, people are asked {count}.")


def ask_people_tool() -> JsonObject:
    """The tool's definition: the same bytes each time, as conversations are signed over their tools."""
    line, most = {"type": "string"}, f"at most {_LONGEST} characters"
    return {
        "name": ASK_PEOPLE,
        "description": (
            "Ask the issue's people before you plan. Only where the issue does not say what should be built, so that "
            "most of a plan would be guessed and thrown away; what tools can find out, and what a careful engineer "
            "would assume and write down as an open question, is not asked. At most three questions, in the language "
            "of the issue, each of one plain sentence without links and with the default that you would assume. Call "
            "it alone, before you hand a plan in; people can be asked once."
        ),
        "input_schema": {
            "type": "object",
            "properties": {
                "questions": {
                    "type": "array",
                    "description": f"1 to {MOST} questions, the one that matters most first",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "properties": {
                            "text": {**line, "description": f"one sentence that ends with a question mark, {most}"},
                            "suggested_default": {
                                **line,
                                "description": f"what is assumed where nobody answers, one sentence, {most}",
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
    """What is wrong with a call that asked nothing, for the model. One that has its form and was `alone` came late."""
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
    return (
        "people are asked before a plan is handed in, and one was; mend that one, and make what is unclear an open "
        "question with the default you assume"
    )
