"""The bot's sentences: right in number, safe in links, and never a command to itself."""

from __future__ import annotations

import inspect
import re

import pytest

from bot import messages, replanned, wording
from bot.commands import read

READY = {"title": "Plan: x", "url": "https://linear.app/acme/document/x-1", "price": "It cost $1.00."}


@pytest.mark.parametrize(
    ("ahead", "says"),
    [(0, "I am planning this"), (1, "1 plan is before it."), (2, "2 plans are before it.")],
)
def test_acknowledged(ahead: int, says: str) -> None:
    assert says in messages.acknowledged(ahead)


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (["the issue"], "I have read the issue."),
        (["the issue", "1 comment"], "I have read the issue and 1 comment."),
        (["the issue", "4 comments", "2 documents"], "I have read the issue, 4 comments and 2 documents."),
    ],
)
def test_writing(read: list[str], says: str) -> None:
    assert messages.writing(read).startswith(says)


@pytest.mark.parametrize(
    ("usd", "says"), [(0, "$0.00"), (0.0012, "$0.0012"), (0.01, "$0.01"), (1.234, "$1.23"), (12, "$12.00")]
)
def test_dollars(usd: float, says: str) -> None:
    assert wording.dollars(usd) == says


@pytest.mark.parametrize(
    ("days", "says"), [(0.5, "about a day."), (1, "about a day."), (3, "about 3 days."), (4.5, "about 4.5 days.")]
)
def test_days(days: float, says: str) -> None:
    assert says in messages.ready(**READY, subissues=2, days=days)


def test_a_title_cannot_end_its_link_or_start_another() -> None:
    said = messages.ready(**{**READY, "title": "Plan: a](https://evil.example) [b\nc"}, subissues=0, days=None)
    assert "](https://evil.example)" not in said.replace("\\]", "")
    assert said.count("\n") == 2


def test_a_plan_without_sub_issues_mentions_none() -> None:
    assert "sub-issue" not in messages.ready(**READY, subissues=0, days=1)


def test_the_stand_in_never_claims_a_price() -> None:
    assert "$" not in messages.price(usd=0, model="the scripted stand-in", scripted=True, tokens=0)


def test_nothing_the_bot_says_begins_with_a_command_or_carries_an_emoji() -> None:
    source = inspect.getsource(messages)
    assert source.isascii()
    for said in (
        messages.keyword_not_known(),
        replanned.follows(),
        replanned.difference("edited", "+ more"),
        messages.no_material("needs-plan"),
        messages.help_text("needs-plan"),
        messages.unsure("status"),
        messages.canceled(by="Ada", document_url=None, subissues=0, spent=0.0),
    ):
        assert read(said) is None


@pytest.mark.parametrize(
    "content",
    [
        "see https://evil.example/login",
        "see HTTPS://evil.example/login",
        "see WWW.evil.example",
        "see ftp://evil.example",
        "[click](linear://evil)",
        "![x](//evil)",
        "@ada do it",
        "<b>now</b>",
        "\u202ereversed",
    ],
)
def test_the_models_list_has_no_power_in_a_comment(content: str) -> None:
    text = messages.still_writing(10, 1, [(content, "in_progress")])
    assert not re.search(r"(?i)\w+://|www\.|(?<!\\)[\[\]<>@!]|\u202e", text.partition("- [ ]")[2])


def told(
    state: str, *, because: str = "", usd: float = 0.0, subissues: int = 0, step: str = "ended"
) -> messages.RunTold:
    return messages.RunTold(state, step, because, 1_790_000_000.0, 200.0, "claude", usd, subissues)


@pytest.mark.parametrize(
    ("runs", "url", "says"),
    [
        ([], None, "Nobody has asked me for a plan of this issue yet. `/plan` does."),
        ([told("queued")], None, "A plan is asked for and waits for its turn."),
        (
            [told("running", step="author", usd=0.5)],
            None,
            "I am writing the plan. I began 3 minutes ago, and $0.50 is spent so far.",
        ),
        ([told("waiting", because="the issue says nothing")], None, "I wait for you: the issue says nothing."),
        (
            [told("done", usd=1.25, subissues=3)],
            "https://x",
            "[The plan](https://x) was made by claude on 2026-09-21 at 14:13 UTC with 3 sub-issues, for $1.25.",
        ),
        (
            [told("failed", because="Linear cannot be reached.", usd=0.25)],
            None,
            "The last run ended early on 2026-09-21 at 14:13 UTC: Linear cannot be reached. It cost $0.25.",
        ),
        (
            [told("failed", because="Linear refused."), told("done", usd=1)],
            "https://x",
            (
                "[The plan](https://x) was made by claude on 2026-09-21 at 14:13 UTC, for $1.00.\n\n"
                "The last run ended early on 2026-09-21 at 14:13 UTC: Linear refused.\n\n"
                "All 2 runs together cost $1.00."
            ),
        ),
        (
            [told("canceled", because="canceled by Ada")],
            "https://x",
            (
                "[The plan](https://x) stands, but I have not finished.\n\n"
                "The last run ended early on 2026-09-21 at 14:13 UTC: canceled by Ada."
            ),
        ),
    ],
)
def test_status(runs: list[messages.RunTold], url: str | None, says: str) -> None:
    assert messages.status(runs, url) == says
