"""A whole world in a test: the stand-in Linear on a thread, the bot as a real process, people who press labels."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from linear.sandbox.log import Asked
from linear.sandbox.server import Made, Sandbox
from tests.bot_process import KEY, SECRET, BotProcess
from tests.serving import free_port

LABEL = "needs-plan"
PATIENCE_S = 60.0
"""How long anything may take before a test calls it stuck; far above what it needs."""

DESCRIPTION = """\
Clients can hammer `/v1/search`: last Tuesday one of them sent 40,000 requests in a minute and search was down for all.

- Each API key may make 600 requests a minute; above that it gets 429 with a `Retry-After` header.
- Enterprise partners have limits of their own, which support can change without a deploy.
- The limit must hold across all instances of the API.
- An outage of the limiter must not take the API down.
- Every refusal is counted per key, and the dashboard shows the top ten keys of the day.
- Limits and changes to them are stored with who changed them and when, for at least a year.

Please also write down how we roll this out without surprising existing clients.
"""


class World:
    """What a test acts on. `bot` may be killed and started again; its address and database stay."""

    def __init__(self, directory: Path, sandbox: Sandbox, bot: BotProcess) -> None:
        self.directory = directory
        self.sandbox = sandbox
        self.bot = bot

    # -- people

    def issue(self, title: str = "Rate limit the public API", description: str = DESCRIPTION, **fields: object) -> str:
        """A new issue of team ENG, made by a person; answers its identifier."""
        workspace = self.sandbox.workspace
        with workspace.lock:
            team = next(team for team in workspace.teams.values() if team.key == "ENG")
            row = self.sandbox.writing.issues.create(
                self.sandbox.people._actor(None),
                {"teamId": team.id, "title": title, "description": description, **fields},
            )
            return row.identifier

    def press(self, issue: str, *, on: bool = True) -> None:
        """Put the label on (or take it off)."""
        self.sandbox.press_label(issue, LABEL, on=on)

    # -- what came of it

    def made(self, issue: str) -> Made:
        """What the bot made on the issue."""
        return self.sandbox.made_on(issue)

    def wait(self, condition: Callable[[], object], what: str, *, seconds: float = PATIENCE_S) -> None:
        """Until `condition()` holds. Fails with the bot's log."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f"it did not come to this: {what}\n{self.bot.log[-4000:]}")
            time.sleep(0.05)

    def wait_labelled(self, issue: str, label: str) -> Made:
        """Until the issue carries the result label and the trigger is off; answers what was made."""
        self.wait(lambda: self._is(issue, label), f"{issue} is {label}")
        return self.made(issue)

    def planned(self, issue: str) -> Made:
        """Press the label and wait for the plan; fails as soon as there will be none."""
        self.press(issue)
        self.wait(lambda: self._is(issue, "planned") or self._is(issue, "plan-failed"), f"{issue} is planned")
        assert self._is(issue, "planned"), f"{issue} failed: {self.comment(issue)}\n{self.bot.log[-4000:]}"
        return self.made(issue)

    def _is(self, issue: str, label: str) -> bool:
        labels = self.made(issue)["labels"]
        return label in labels and LABEL not in labels

    def comment(self, issue: str) -> str:
        """The text of the bot's root comment; empty if there is none."""
        roots = [comment["body"] for comment in self.made(issue)["comments"] if not comment["parentId"]]
        return roots[-1] if roots else ""

    def replies(self, issue: str) -> list[str]:
        """What the bot said in threads on the issue, oldest first."""
        return [str(comment["body"]) for comment in self.made(issue)["comments"] if comment["parentId"]]

    def settle(self) -> None:
        """Until nothing more is asked of Linear for a while."""
        quiet = 0
        seen = len(self.sandbox.log.all)
        while quiet < 10:
            time.sleep(0.05)
            now = len(self.sandbox.log.all)
            quiet = quiet + 1 if now == seen else 0
            seen = now


def begin_slowly(here: World, operation: str, seconds: float, begin: Callable[[], object]) -> None:
    """Begin something, and wait until this request of it is under way, which will take `seconds`."""
    here.sandbox.faults.add(operation, "slow", seconds=seconds, times=1)
    before = len(here.sandbox.log.all)
    begin()
    here.wait(lambda: operation in [each.operation for each in here.sandbox.log.all[before:]], f"{operation} begins")


def answer_to(here: World, issue: str, body: str) -> str:
    """What the bot answers in the thread of a comment."""
    comment = here.sandbox.comment(issue, body)

    def answers() -> list[str]:
        return [each["body"] for each in here.made(issue)["comments"] if each["parentId"] == comment]

    here.wait(answers, f"an answer to {body}")
    reactions = [each.emoji for each in here.sandbox.workspace.reactions.values() if each.comment_id == comment]
    assert reactions == ["eyes"], "every command is acknowledged"
    (said,) = answers()
    return said


def assert_one_of_each(made: Made, *, replies: int = 1) -> None:
    """One document, one comment thread, each sub-issue once, each relation once, and all of a plan's parts."""
    assert len(made["documents"]) == 1, [document["title"] for document in made["documents"]]
    roots = [comment for comment in made["comments"] if not comment["parentId"]]
    assert len(roots) == 1, [comment["body"][:60] for comment in roots]
    answers = [comment for comment in made["comments"] if comment["parentId"]]
    assert len(answers) == replies, [comment["body"][:60] for comment in answers]
    assert {comment["parentId"] for comment in answers} <= {roots[0]["id"]}
    titles = Counter(subissue["title"] for subissue in made["subissues"])
    assert len(titles) >= 2, "the plan of this issue has several phases"
    assert set(titles.values()) == {1}, titles
    relations = Counter((relation["issue"], relation["relatedIssue"]) for relation in made["relations"])
    assert relations, "the phases of this plan depend on each other"
    assert set(relations.values()) == {1}, relations
    assert "planned" in made["labels"]
    assert LABEL not in made["labels"]
    assert "plan-failed" not in made["labels"]


def writes_of(log: tuple[Asked, ...]) -> list[str]:
    """The names of the mutations, in order."""
    return [asked.operation for asked in log if asked.write is not None and not asked.landed]


@contextlib.contextmanager
def world(directory: Path, *, start: bool = True, **settings: str) -> Iterator[World]:
    """A world of its own in `directory`. `settings`: of the bot's environment."""
    port = free_port()
    with Sandbox(
        notify=f"http://127.0.0.1:{port}/webhooks/linear", secret=SECRET, api_key=KEY, retry_scale=0.01
    ) as sandbox:
        bot = BotProcess(directory, linear=sandbox.url, port=port, **settings)
        if start:
            bot.start()
        try:
            yield World(directory, sandbox, bot)
        finally:
            bot.kill()
