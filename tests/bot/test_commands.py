"""What the first line of a comment asks for: one table of comments as people write them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.commands import KEYWORDS, Command, read

AGENTS = frozenset({"security-reviewer", "Backend Architect"})
NAMES = frozenset({"Plan Bot", "planbot"})
PLAN = Command(word="plan")


def guided(words: str) -> Command:
    return Command(word="plan", guidance=words)


def unsure(meant: str) -> Command:
    return Command(word="unsure", meant=meant)


@pytest.mark.parametrize(
    ("body", "command"),
    [
        # the command alone
        ("/plan", PLAN),
        ("!plan", PLAN),
        ("/PLAN", PLAN),
        ("  /plan  ", PLAN),
        ("/plan.", PLAN),
        ("/plan:", PLAN),
        ("/plan\r\nthank you", PLAN),
        ("/plan\n\nwith DynamoDB below", PLAN),
        ("\ufeff/plan", PLAN),
        ("\u200b/plan\u200b", PLAN),
        # with guidance
        ("/plan use DynamoDB, no new services", guided("use DynamoDB, no new services")),
        ("/plan: use DynamoDB", guided("use DynamoDB")),
        ("/plan, and keep Redis", guided("and keep Redis")),
        ("/plan\u00a0use DynamoDB", guided("use DynamoDB")),
        ("!plan keep `users` as it is", guided("keep `users` as it is")),
        ("/plan mit PostgreSQL, bitte", guided("mit PostgreSQL, bitte")),
        ("/plan 使用 DynamoDB", guided("使用 DynamoDB")),
        ("/plan serverless", guided("serverless")),
        # keywords, and lines that only begin with one
        ("/plan status", Command(word="status")),
        ("/plan Status?", Command(word="status")),
        ("!plan STATUS", Command(word="status")),
        ("/plan status page redesign", guided("status page redesign")),
        ("/plan cancel", Command(word="cancel")),
        ("/plan cancel!", Command(word="cancel")),
        ("/plan cancel\nsorry, wrong issue", Command(word="cancel")),
        ("/plan cancel flow must be idempotent", guided("cancel flow must be idempotent")),
        ("/plan undo", Command(word="undo")),
        ("/plan undo must be possible for 30 days", guided("undo must be possible for 30 days")),
        ("/plan help", Command(word="help")),
        ("/plan help desk export", guided("help desk export")),
        ("/plan approve", Command(word="approve")),
        ("/plan approve all", Command(word="approve")),
        ("/plan approve 2", Command(word="approve", phases=(2,))),
        ("/plan approve 1,3-4", Command(word="approve", phases=(1, 3, 4))),
        ("/plan approve 4 - 2, 2", Command(word="approve", phases=(2, 3, 4))),
        ("/plan approve the budget first", guided("approve the budget first")),
        ("/plan approve 1 and 3", guided("approve 1 and 3")),
        # nearly a keyword: asked back, never planned
        ("/plan statsu", unsure("status")),
        ("/plan stats", unsure("status")),
        ("/plan cancle", unsure("cancel")),
        ("/plan Canceled", unsure("cancel")),
        ("/plan aprove", unsure("approve")),
        ("/plan undoo", unsure("undo")),
        ("/plan hlep", unsure("help")),
        ("/plan with", unsure("with")),
        # who should plan
        ("/plan with security-reviewer", Command(word="plan", agent="security-reviewer")),
        (
            "/plan with Backend Architect: no Redis",
            Command(word="plan", agent="Backend Architect", guidance="no Redis"),
        ),
        ("/plan with nobody", Command(word="plan", agent="nobody")),
        ("/plan with redis as cache", guided("with redis as cache")),
        # the bot by its name
        ("@planbot plan", PLAN),
        ("@Plan Bot plan", PLAN),
        ("@planbot, plan use DynamoDB", guided("use DynamoDB")),
        ("https://linear.app/acme/profiles/planbot plan", PLAN),
        ("<https://linear.app/acme/profiles/planbot> plan status", Command(word="status")),
        ("@planbot what do you think?", None),
        ("@planbots plan", None),
        ("@ada plan", None),
        ("@planbot", None),
        # no command
        ("", None),
        ("please /plan", None),
        ("I would /plan this", None),
        ("\n/plan", None),
        ("> /plan", None),
        ("> someone wrote\n/plan", None),
        ("    /plan", None),
        ("\t/plan", None),
        ("`/plan`", None),
        ("```\n/plan\n```", None),
        ("~~~\n/plan\n~~~", None),
        ("- /plan", None),
        ("/planning is hard", None),
        ("/plan-b", None),
        ("/plan/b", None),
        ("/plan.md is where it stands", None),
        ("/ plan", None),
        ("//plan", None),
        ("plan", None),
        ("/\u0440lan", None),  # a Cyrillic letter
        ("\u2215plan", None),  # a division slash
        ("/pl\u0430n status", None),
        ("[/plan](https://evil.example)", None),
        ("The plan is ready: [Plan](https://linear.app/acme/document/x).", None),
    ],
)
def test_a_comment_is_read(body: str, command: Command | None) -> None:
    assert read(body, agents=AGENTS, names=NAMES) == command


def test_a_bot_without_a_name_of_its_own_is_not_mentioned() -> None:
    assert read("@ada plan") is None


def test_the_name_of_an_agent_is_no_slip() -> None:
    assert read("/plan helper", agents=frozenset({"helper"})) == guided("helper")
    assert read("/plan helper") == unsure("help")


@given(st.text(alphabet="abc/!@>`|~#*-_.\u0440 ", max_size=8), st.text(max_size=20))
def test_nothing_before_the_command_and_it_is_none(before: str, after: str) -> None:
    assume(before.strip())
    assert read(f"{before}/plan {after}") is None


@given(st.text(max_size=60))
def test_after_the_command_anything_is_read(after: str) -> None:
    assert read(f"/plan {after}") is not None


@given(st.sampled_from(KEYWORDS), st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=3, max_size=30))
def test_a_keyword_counts_only_alone(keyword: str, more: str) -> None:
    said = more.strip()
    if " " in said and said != "all":
        command = read(f"/plan {keyword} {said}")
        assert command is not None
        assert (command.word, command.guidance) == ("plan", f"{keyword} {said}")
