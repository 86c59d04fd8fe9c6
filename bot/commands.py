"""The grammar of commands in comments: what the first line of a comment asks for. No I/O."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from planner.agent import slug
from planner.visible import visible

Word = Literal["plan", "status", "cancel", "approve", "undo", "help", "unsure"]
"""`plan` is the command alone or with guidance; `unsure` a single word that is nearly one of the others."""

KEYWORDS = ("status", "cancel", "approve", "undo", "help")
"""Words that mean something of their own, and only where the whole line fits their form."""


class Command(BaseModel):
    """What somebody asks for.

    `agent` and `guidance` belong to `plan`. `phases`: numbers after `approve`, in order and once each; empty for all.
    `meant`: for `unsure`, the keyword it was nearest to, or the word itself where it lacks something.
    """

    model_config = ConfigDict(frozen=True)

    word: Word
    guidance: str = ""
    agent: str = ""
    phases: tuple[int, ...] = ()
    meant: str = ""
    run: str = ""
    """The run that is meant, where the operator named one; comments mean the issue's."""


_SLASH = re.compile(r"[/!]plan(?:[.:,](?=\s|$))?(?:\s+(?P<rest>.*))?", re.IGNORECASE)
_MENTION = r"(?:@(?:{names})|<?https?://linear\.app/[\w-]+/profiles/(?:{names})/?>?)[:,]?\s+plan(?:[.:,](?=\s|$))?(?:\s+(?P<rest>.*))?"
_APPROVE = re.compile(
    r"approve(?:\s+(?P<phases>all|\d{1,3}(?:\s*-\s*\d{1,3})?(?:\s*,\s*\d{1,3}(?:\s*-\s*\d{1,3})?)*))?"
)
_WITH = re.compile(r"with\s+(?P<rest>.+)", re.IGNORECASE)
# Names of agents have no more words than this.
_MOST_WORDS = 6
# What people put around and after a name.
_AROUND = "`'\"*@,:;."
_ENDS = ".!?"
_MOST_PHASES = 50
_SLIPS = 2


def read(body: str, *, agents: frozenset[str] = frozenset(), names: frozenset[str] = frozenset()) -> Command | None:
    """The command that a comment begins with; None if it begins with none.

    Only its first line counts, and only where people read it as a line: not in a quote, not in code. `agents`: those
    that may stand after `with`, as far as they are known. `names`: the bot's, for `@name plan`.
    """
    line = _first_line(body)
    match = _SLASH.fullmatch(line) or (_mention(names).fullmatch(line) if names else None)
    if match is None:
        return None
    rest = (match["rest"] or "").strip()
    return _keyword(rest, agents) or _plan(rest, agents)


def is_bare(body: str) -> bool:
    """Whether a comment is a command and nothing more: it says nothing about what is to be planned."""
    lines = [line for line in body.replace("\r", "\n").split("\n") if visible(line).text.strip()]
    command = read(body)
    return command is not None and not command.guidance and len(lines) == 1


def _mention(names: frozenset[str]) -> re.Pattern[str]:
    # Longest first, or a name that begins another would hide it.
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(_MENTION.format(names=listed), re.IGNORECASE)


def _keyword(rest: str, agents: frozenset[str]) -> Command | None:
    plain = rest.rstrip(_ENDS).rstrip().casefold()
    match plain:
        case "status" | "cancel" | "undo" | "help":
            return Command(word=plain)
        case "with":
            return Command(word="unsure", meant="with")
        case _:
            pass
    approve = _APPROVE.fullmatch(plain)
    if approve is not None:
        return Command(word="approve", phases=_phases(approve["phases"] or "all"))
    if not plain.isascii() or not plain.isalpha() or plain in {slug(agent) for agent in agents}:
        return None
    near = min(KEYWORDS, key=lambda word: _slips(plain, word))
    return Command(word="unsure", meant=near) if _slips(plain, near) <= _SLIPS else None


def _phases(text: str) -> tuple[int, ...]:
    """`1,3-4` as (1, 3, 4). A range that runs backwards is read the other way round."""
    if text == "all":
        return ()
    found: set[int] = set()
    for part in text.split(","):
        ends = sorted(int(end) for end in part.split("-"))
        found.update(range(ends[0], min(ends[-1], ends[0] + _MOST_PHASES) + 1))
    return tuple(sorted(found))


def _slips(word: str, meant: str) -> int:
    """How many letters must be put in, taken out, changed, or swapped with the next, to make `meant` of `word`."""
    if abs(len(word) - len(meant)) > _SLIPS:
        return _SLIPS + 1
    rows = [list(range(len(meant) + 1))]
    for at, letter in enumerate(word, 1):
        row = [at]
        for to, other in enumerate(meant, 1):
            best = min(rows[-1][to] + 1, row[-1] + 1, rows[-1][to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == meant[to - 2] and word[at - 2] == other:
                best = min(best, rows[-2][to - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _plan(rest: str, agents: frozenset[str]) -> Command:
    """Who should plan, and the guidance, from what stands after the command.

    `with` before a name that is known, or before one word alone, names an agent (the run says so if there is none);
    anything else is guidance: `/plan with redis as cache`.
    """
    match = _WITH.fullmatch(rest)
    if match is None:
        return Command(word="plan", guidance=rest)
    known = {slug(agent): agent for agent in sorted(agents)}
    words = match["rest"].split()
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        name = known.get(slug(" ".join(words[:count]).strip(_AROUND)))
        if name is not None:
            left = match["rest"].split(None, count)[count:]
            return Command(word="plan", agent=name, guidance="".join(left).lstrip(f"{_AROUND}-\u2013\u2014 "))
    alone = words[0].strip(_AROUND) if len(words) == 1 else ""
    return Command(word="plan", agent=alone) if alone else Command(word="plan", guidance=rest)


def _first_line(body: str) -> str:
    """The first line, if people read it as a line: not indented as code, not quoted, not in a fence."""
    # Invisible characters come along when people copy.
    line = visible(body.replace("\r", "\n").split("\n", 1)[0]).text.rstrip()
    return "" if line.startswith(("    ", "\t", ">", "`")) else line.strip()
