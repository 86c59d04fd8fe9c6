"""All that hangs on an issue reaches Claude whole, or is named at the end of the plan."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from linear.sandbox.rows import Document
from linear.sandbox.workspace import Workspace
from tests.bot.test_files import archive, image, pdf
from tests.standins.claude import Claude, plan
from tests.world import World, assert_one_of_each, world

COMMENTS = 400


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    with Claude() as started:
        yield started


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, claude: Claude) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("bot")
    with world(
        directory,
        start=False,
        NEEDS_PLAN_PROVIDER="anthropic",
        ANTHROPIC_API_KEY="sk-ant-test-key-of-nobody",
        ANTHROPIC_BASE_URL=claude.url,
    ) as made:
        made.bot.environment["LINEAR_FILES_ORIGIN"] = made.sandbox.files_origin
        made.bot.start()
        yield made


@pytest.fixture(autouse=True)
def nothing_left(claude: Claude) -> Iterator[None]:
    claude.reset()
    yield
    assert claude.waiting == 0


def say(here: World, issue: str, *bodies: str) -> None:
    """People comment, and nobody is told: each of hundreds of webhooks would only say that it was not for the bot."""
    told, here.sandbox.deliveries.notify = here.sandbox.deliveries.notify, None
    for body in bodies:
        here.sandbox.comment(issue, body)
    here.sandbox.deliveries.notify = told


def team_document(workspace: Workspace, title: str, content: str) -> None:
    with workspace.lock:
        some = next(iter(workspace.documents.values()))
        team = next(team for team in workspace.teams.values() if team.key == "ENG")
        row = Document(
            id=workspace.new_id(), title=title, slug_id="0123456789ab", content_id="content-of-the-team",
            content=content, team_id=team.id, created_at=some.created_at, updated_at=some.updated_at,
        )  # fmt: skip
        workspace.documents[row.id] = row


def first_message(claude: Claude) -> list[dict[str, Any]]:
    return claude.requests[0]["body"]["messages"][0]["content"]


def bytes_of(block: dict[str, Any]) -> bytes:
    assert block["source"]["type"] == "base64"
    return base64.b64decode(block["source"]["data"])


def appendix(here: World, issue: str) -> str:
    content = here.made(issue)["documents"][0]["content"]
    return content[content.index("+++ Left out") :]


def test_images_a_pdf_a_zip_and_400_comments_go_whole_or_are_named(here: World, claude: Claude) -> None:
    put = here.sandbox.files.put
    small, huge, paper = image(64, 48), image(9_000, 3_000), pdf(["Partners sign", "Second page"])
    description = "\n\n".join(
        [
            "Clients hammer `/v1/search`, as the pictures show.",
            f"![Small]({put('small.png', small, 'image/png')})",
            f"![Huge]({put('huge.png', huge, 'image/png')})",
            f"[contract.pdf]({put('contract.pdf', paper, 'application/pdf')})",
            f"[dump.zip]({put('dump.zip', archive(), 'application/zip')})",
            "![Intranet](https://intra.example.com/secret.png)",
        ]
    )
    issue = here.issue("With everything", description)
    say(
        here,
        issue,
        *(f"Comment w{at}w: {'nothing of this may get lost. ' * 50}The end of e{at}e." for at in range(COMMENTS)),
    )
    claude.script(plan())
    here.planned(issue)
    here.settle()
    assert_one_of_each(here.made(issue))

    message = first_message(claude)
    pictures = [bytes_of(each) for each in message if each["type"] == "image"]
    assert pictures[0] == small
    assert len(pictures) == 2
    assert Image.open(io.BytesIO(pictures[1])).size == (1_568, 523), "shrunk to what the model can see"
    assert [bytes_of(each) for each in message if each["type"] == "document"] == [paper]

    text, said = message[0]["text"], appendix(here, issue)
    assert "dump.zip" in said
    assert "an archive of 1 kB cannot be read here" in said
    assert "Intranet" in said
    assert "it lies outside Linear and was not fetched" in said
    whole = {at for at in range(COMMENTS) if f"w{at}w" in text and f"e{at}e" in text and _unbroken(text, at)}
    named = _named(said)
    for at in range(COMMENTS):
        assert at in whole or at + 1 in named, f"comment-{at + 1} is neither whole nor named"
    assert f"w{COMMENTS - 1}w" in text, "the newest stays"
    assert here.bot.environment["LINEAR_API_KEY"] not in json.dumps(claude.requests[0]["body"])


def _unbroken(text: str, at: int) -> bool:
    return "[... left out ...]" not in text[text.index(f"w{at}w") : text.index(f"e{at}e")]


def _named(said: str) -> set[int]:
    """The numbers of the comments that the appendix says something of."""
    found = {int(number) for number in re.findall(r"comment-(\d+)", said)}
    for first, last in re.findall(r"pieces: comment-(\d+) to comment-(\d+)", said):
        found |= set(range(int(first), int(last) + 1))
    return found


def test_what_fits_is_neither_cut_nor_named(here: World, claude: Claude) -> None:
    issue = here.issue("With some comments")
    say(here, issue, *(f"Comment w{at}w." for at in range(COMMENTS)))
    claude.script(plan())
    here.planned(issue)
    here.settle()
    text = first_message(claude)[0]["text"]
    assert all(f"w{at}w" in text for at in range(COMMENTS))
    assert "+++ Left out" not in here.made(issue)["documents"][0]["content"]


def test_standing_orders_of_the_team_are_read_first(here: World, claude: Claude) -> None:
    team_document(here.sandbox.workspace, "Plan-context.md", "Only Postgres, never a queue.")
    issue = here.issue("Under orders")
    claude.script(plan())
    here.planned(issue)
    here.settle()
    text = first_message(claude)[0]["text"]
    assert 0 < text.index("Standing orders") < text.index("Only Postgres, never a queue.") < text.index("Under orders")
    assert "Only Postgres" not in json.dumps(claude.requests[0]["body"]["system"])


def test_a_file_host_that_is_down_leaves_a_plan_with_a_noted_gap(here: World, claude: Claude) -> None:
    url = here.sandbox.files.put("flow.png", image(), "image/png")
    here.sandbox.files.answers[url.removeprefix(here.sandbox.url)] = [503] * 3
    issue = here.issue("With a picture that does not come", f"Limit it as drawn.\n\n![flow]({url})\n\n- It holds.")
    claude.script(plan())
    here.planned(issue)
    here.settle()
    assert [each["type"] for each in first_message(claude)] == ["text"]
    assert 'the file "flow": Linear\'s file host answered HTTP 503' in appendix(here, issue)
