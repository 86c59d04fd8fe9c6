"""How a reply is read as answers, as a table."""

from __future__ import annotations

import pytest

from bot.understanding import answers_in
from planner.asking_back import AskedQuestion

ONE = (AskedQuestion(text="For whom?", suggested_default="For callers."),)
TWO = (*ONE, AskedQuestion(text="How fast?", suggested_default="300 ms."))


@pytest.mark.parametrize(
    ("body", "asked", "answers"),
    [
        pytest.param("For partners.", ONE, ["For partners."], id="one question, one answer"),
        pytest.param("1. For partners.", ONE, ["For partners."], id="its number is no part of it"),
        pytest.param("1. Partners\n2. 200 ms", TWO, ["Partners", "200 ms"], id="numbered"),
        pytest.param("2) 200 ms\n1) Partners", TWO, ["Partners", "200 ms"], id="in another order"),
        pytest.param("(1) Partners\n(2): 200 ms", TWO, ["Partners", "200 ms"], id="in brackets"),
        pytest.param("#2: 200 ms", TWO, [None, "200 ms"], id="only one of them"),
        pytest.param("1. Partners,\nand support.\n\n2. 200 ms", TWO, ["Partners,\nand support.", "200 ms"], id="lines"),
        pytest.param("Hello!\n1. Partners\n2. 200 ms", TWO, ["Partners", "200 ms"], id="a greeting first"),
        pytest.param("Partners, in 200 ms.", TWO, ["Partners, in 200 ms."] * 2, id="no numbers: all of it for all"),
        pytest.param(
            "3. The third of December", TWO, ["3. The third of December"] * 2, id="a number that was not asked"
        ),
        pytest.param("> For whom?\nPartners", ONE, ["Partners"], id="quoted lines are nobody's answer"),
        pytest.param("> For whom?", ONE, [None], id="only a quote"),
        pytest.param("1.\n2. 200 ms", TWO, [None, "200 ms"], id="an empty answer is none"),
        pytest.param("\u200b \n", ONE, [None], id="nothing that can be seen"),
        pytest.param("x" * 5_000, ONE, ["x" * 2_000], id="endless"),
    ],
)
def test_what_a_reply_answers(body: str, asked: tuple[AskedQuestion, ...], answers: list[str | None]) -> None:
    found = {each.question: each.answer for each in answers_in(body, asked, "Bo")}
    assert [found.get(each.text) for each in asked] == answers
