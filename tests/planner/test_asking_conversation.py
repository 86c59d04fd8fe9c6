"""Asking people, as a conversation with Claude: the terms it is told, what is told back, and the same on replay."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from planner.agent import builtin
from planner.asking_back import ASK_PEOPLE, AskedQuestion, NeedsAnswers, ask_people_tool, questions_in, why_not
from planner.author import Authored, author, plan_tools, system_prompt
from planner.brief import Brief
from planner.claude import ClaudeModel
from planner.conversation import Head
from planner.errors import PlanUnfit
from planner.model import JsonObject
from planner.scripted import ScriptedModel
from planner.toolbox import Toolbox
from planner.tools import ToolCall
from tests.planner.remembering import Remembered, a_head
from tests.planner.samples import BRIEF, MARKER
from tests.planner.test_author import a_toolbox
from tests.standins import claude as standin
from tests.standins.claude import Claude, Json

GOOD: Json = {"text": "Who exports orders?", "suggested_default": "Partners, through the public API."}
FAULTY_PLAN = standin.a_plan() | {"phases": []}
UNPROVED = standin.a_plan() | {
    "requirements": [standin.a_plan()["requirements"][0] | {"quote": "never said by anybody"}]
}


def head(may_ask: bool = True, toolbox: Toolbox | None = None, brief: Brief = BRIEF) -> Head:
    system = system_prompt(builtin(), may_ask=may_ask)
    tools = plan_tools(toolbox.declared() if toolbox else [], may_ask=may_ask)
    return a_head(brief, builtin(), MARKER).model_copy(update={"system": system, "tools": tools})


def calls(*given: tuple[str, Json]) -> standin.Reply:
    return standin.Reply([standin.tool_use(name, arguments) for name, arguments in given], stop_reason="tool_use")


def asking(*questions: Json) -> tuple[str, Json]:
    return ASK_PEOPLE, {"questions": list(questions)}


def told(api: Claude, request: int) -> list[tuple[bool, str]]:
    """What the results in the last message of a request say, each with whether it is an error."""
    content = api.requests[request]["body"]["messages"][-1]["content"]
    return [(bool(each.get("is_error")), each["content"][0]["text"]) for each in content]


def assert_only_appended(api: Claude) -> None:
    bodies = [each["body"] for each in api.requests]
    for before, after in itertools.pairwise(bodies):
        assert after["system"] == before["system"]
        assert after["tools"] == before["tools"]
        assert [bare(each) for each in after["messages"][: len(before["messages"])]] == [
            bare(each) for each in before["messages"]
        ]


def bare(node: Any) -> Any:
    """Without the marks of what is to be cached, which move on."""
    if isinstance(node, dict):
        return {key: bare(value) for key, value in node.items() if key != "cache_control"}
    return [bare(each) for each in node] if isinstance(node, list) else node


def test_the_terms_are_told_only_where_the_tool_is_declared() -> None:
    plain, with_terms = system_prompt(builtin(), "TOOLS"), system_prompt(builtin(), "TOOLS", may_ask=True)
    assert ASK_PEOPLE not in plain
    assert with_terms.endswith("TOOLS")
    terms = with_terms.removesuffix("TOOLS").removeprefix(plain.removesuffix("TOOLS"))
    assert terms.startswith("- One other answer is open to you"), "all else is the same"
    assert ASK_PEOPLE in terms


def test_what_a_grammar_cannot_hold_is_told_in_words() -> None:
    def keys(node: object) -> set[str]:
        if isinstance(node, dict):
            return {str(key) for key in node} | {key for value in node.values() for key in keys(value)}
        return {key for each in node for key in keys(each)} if isinstance(node, list) else set()

    tool: Any = ask_people_tool()
    assert not keys(tool["input_schema"]) & {"maxItems", "maxLength", "minLength", "default", "pattern"}
    questions = tool["input_schema"]["properties"]["questions"]
    assert questions["description"].startswith("1 to 3 questions")
    for field in questions["items"]["properties"].values():
        assert "at most 200 characters" in field["description"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("Is it https://evil.example/x?", "holds a link", id="address"),
        pytest.param("Is it WWW.evil.example?", "holds a link", id="address without a scheme"),
        pytest.param("Is it [this](/x)?", "holds a link", id="link"),
        pytest.param("![x](data)?", "holds a link", id="image"),
        pytest.param("<img src=x>?", "holds a link", id="html"),
        pytest.param("Who <!-- open?", "holds a link", id="open comment"),
        pytest.param("\u200b\u2060", "at least 1 character", id="nothing that can be seen"),
        pytest.param("<!-- hidden -->", "at least 1 character", id="only hidden words"),
        pytest.param("x" * 201, "at most 200 characters", id="longer than people are shown"),
    ],
)
@pytest.mark.parametrize("field", ["text", "suggested_default"])
def test_words_that_people_are_not_shown_are_told_back(field: str, text: str, wrong: str) -> None:
    call = ToolCall(id="t1", name=ASK_PEOPLE, arguments={"questions": [GOOD | {field: text}]})
    assert questions_in([call]) == ()
    said = why_not(call, alone=True)
    assert f"questions.0.{field}: " in said
    assert wrong in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Who, and\r\n why?", "Who, and why?", id="lines"),
        pytest.param("Wh\u200bo?\u202e", "Who?", id="hidden characters"),
        pytest.param("Is p99 < 300 ms, and a/b ok?", "Is p99 < 300 ms, and a/b ok?", id="signs that are no HTML"),
        pytest.param("Für wen? 谁导出订单?", "Für wen? 谁导出订单?", id="other languages"),
        pytest.param("x" * 200, "x" * 200, id="as long as may be"),
    ],
)
def test_words_that_are_kept_read_back_the_same(text: str, kept: str) -> None:
    arguments: JsonObject = {"questions": [{**GOOD, "text": text}]}
    (asked,) = questions_in([ToolCall(id="t1", name=ASK_PEOPLE, arguments=arguments)])
    assert asked.text == kept
    assert AskedQuestion.model_validate_json(asked.model_dump_json()) == asked


TOLD_BACK = {
    "four": ([asking(*({**GOOD, "text": f"{n}?"} for n in range(4)))], "questions: list should have at most 3 items"),
    "none": ([asking()], "questions: list should have at least 1 item"),
    "the same twice": ([asking(GOOD, GOOD | {"text": "WHO exports orders?"})], "questions: the same question is asked"),
    "a link": ([asking(GOOD | {"text": "https://evil.example?"})], "questions.0.text: it holds a link"),
    "no default": ([asking({"text": "Who?"})], "questions.0.suggested_default: field required"),
    "twice in one turn": ([asking(GOOD), asking(GOOD)], "ask_people is called alone"),
}


@pytest.mark.parametrize(("given", "wrong"), TOLD_BACK.values(), ids=TOLD_BACK)
async def test_a_faulty_question_is_told_back_in_the_same_conversation(
    api: Claude, model: ClaudeModel, given: list[tuple[str, Json]], wrong: str
) -> None:
    api.script(calls(*given), calls(asking(GOOD)))
    with pytest.raises(NeedsAnswers, match="people are asked 1 question") as asked:
        await author(BRIEF, head(), Remembered(model))
    assert asked.value.questions == (AskedQuestion.model_validate(GOOD),)
    results = told(api, 1)
    assert len(results) == len(given)
    assert all(is_error and wrong in text for is_error, text in results)
    assert_only_appended(api)


async def test_asking_wrongly_without_end_ends(api: Claude, model: ClaudeModel) -> None:
    api.script(*[calls(asking()) for _ in range(3)])
    with pytest.raises(PlanUnfit, match="at least 1 item"):
        await author(BRIEF, head(), Remembered(model))


async def test_tools_may_be_used_before_asking(api: Claude, model: ClaudeModel) -> None:
    toolbox = a_toolbox({"a.ts": "code"})
    api.script(calls(("Read", {"file_path": "a.ts"})), calls(asking(GOOD)))
    with pytest.raises(NeedsAnswers):
        await author(BRIEF, head(toolbox=toolbox), Remembered(model, toolbox))
    assert_only_appended(api)


async def test_a_question_beside_a_tool_is_told_back_and_the_tool_is_used(api: Claude, model: ClaudeModel) -> None:
    toolbox = a_toolbox({"a.ts": "code"})
    api.script(calls(asking(GOOD), ("Read", {"file_path": "a.ts"})), calls(asking(GOOD)))
    with pytest.raises(NeedsAnswers):
        await author(BRIEF, head(toolbox=toolbox), Remembered(model, toolbox))
    (wrong, asked), (failed, read) = told(api, 1)
    assert wrong
    assert "ask_people is called alone" in asked
    assert not failed
    assert "code" in read


async def test_where_people_may_not_be_asked_the_tool_is_not_there(api: Claude, model: ClaudeModel) -> None:
    toolbox = a_toolbox({})
    api.script(calls(asking(GOOD)), standin.plan())
    made = await author(BRIEF, head(may_ask=False, toolbox=toolbox), Remembered(model, toolbox))
    assert made.plan.model_dump() == standin.a_plan()
    ((wrong, said),) = told(api, 1)
    assert wrong
    assert said.startswith(f"There is no tool {ASK_PEOPLE} here.")
    assert_only_appended(api)


@pytest.mark.parametrize("first", [FAULTY_PLAN, UNPROVED], ids=["of no form", "with faults"])
async def test_once_a_plan_was_handed_in_nobody_is_asked(api: Claude, model: ClaudeModel, first: Json) -> None:
    api.script(calls(("submit_plan", first)), calls(asking(GOOD)), standin.plan())
    made: Authored = await author(BRIEF, head(), Remembered(model))
    assert made.plan.model_dump() == standin.a_plan()
    ((wrong, said),) = told(api, 2)
    assert wrong
    assert "people are asked before a plan is handed in" in said
    assert_only_appended(api)


@pytest.mark.parametrize("question_first", [True, False], ids=["after it", "before it"])
async def test_a_plan_beside_a_question_is_taken(api: Claude, model: ClaudeModel, question_first: bool) -> None:
    given = [asking(GOOD), ("submit_plan", standin.a_plan())]
    api.script(calls(*(given if question_first else given[::-1])))
    made = await author(BRIEF, head(), Remembered(model))
    assert made.plan.model_dump() == standin.a_plan()
    assert made.attempts == 1


@pytest.mark.parametrize("plan", [FAULTY_PLAN, UNPROVED], ids=["of no form", "with faults"])
async def test_a_faulty_plan_beside_a_question_is_mended(api: Claude, model: ClaudeModel, plan: Json) -> None:
    api.script(calls(asking(GOOD), ("submit_plan", plan)), standin.plan())
    made = await author(BRIEF, head(), Remembered(model))
    assert made.plan.model_dump() == standin.a_plan()
    (wrong, asked), (faulty, faults) = told(api, 1)
    assert wrong
    assert "ask_people is called alone" in asked
    assert faulty
    assert "Mend each" in faults
    assert_only_appended(api)


async def test_a_replay_asks_the_same_and_asks_no_model(api: Claude, model: ClaudeModel) -> None:
    api.script(calls(asking()), calls(asking(GOOD, GOOD | {"text": "How many?"})))
    memory, found = Remembered(model), []
    for _ in range(2):
        with pytest.raises(NeedsAnswers) as asked:
            await author(BRIEF, head(), memory)
        found.append(asked.value.questions)
    assert found[0] == found[1]
    assert len(found[0]) == 2
    assert len(api.requests) == 2
    first, second = (memory.questions["plan"][at : at + 2] for at in (0, 2))
    assert first == second


@pytest.mark.parametrize("title", ["<img src=x>", "See https://evil.example", "[x](y)", "\u200b", "", "x" * 500])
async def test_the_scripted_model_asks_whatever_the_title(title: str) -> None:
    thin = Brief(identifier="ENG-1", title=title, description="Do it.")
    with pytest.raises(NeedsAnswers) as asked:
        await author(thin, head(brief=thin), Remembered(ScriptedModel()))
    assert len(asked.value.questions) == 2
