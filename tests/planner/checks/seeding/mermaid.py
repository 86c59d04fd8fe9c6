"""Writes `data/faults/mermaid.jsonl`: broken diagrams, with what Mermaid itself says of them. Run by hand.

Needs Node, Chromium, and a folder in which `npm install mermaid@12 puppeteer-core` was run:
`CHROMIUM=/usr/bin/chromium python -m tests.planner.checks.seeding.mermaid FOLDER`, from the root of the checkout.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from tests.planner.checks.corpus import Fault, write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.mermaid_by_hand import BY_HAND
from tests.planner.checks.seeding.mutation import ANY
from tests.planner.checks.seeding.truth import told

SEED = 20261123
KEPT = 90

_ARROW = re.compile(r"(?<=\s)[-=.<>|o*}{x~]{2,}(?=\s)|-+>+|\.+>|=+>")
_FIRST_WORD = re.compile(r"^[ \t]*[A-Za-z]{3,}", re.MULTILINE)
_LINE_END = re.compile(r"\n[ \t]*(?=\S)")
_INSIDE = re.compile(r"(?<=\w)(?=\w)")
_QUOTED = re.compile(r'"([^"\n]*)"')


def _one(random: Random, pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return random.choice(found) if found else None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def shorten_arrow(random: Random, text: str) -> tuple[str, str] | None:
    """Take one character of an arrow away."""
    match = _one(random, _ARROW, text)
    if match is None:
        return None
    at = random.randrange(match.start(), match.end())
    return f"`{match[0]}` without one of its signs in line {_line(text, at)}", text[:at] + text[at + 1 :]


def misspell_word(random: Random, text: str) -> tuple[str, str] | None:
    """Take a letter of the first word of a line away."""
    match = _one(random, _FIRST_WORD, text)
    if match is None:
        return None
    at = match.end() - random.randrange(1, 3)
    return f"`{match[0].strip()}` misspelt in line {_line(text, at)}", text[:at] + text[at + 1 :]


def join_lines(random: Random, text: str) -> tuple[str, str] | None:
    """Put a line behind the one before it."""
    match = _one(random, _LINE_END, text)
    if match is None:
        return None
    return f"line {_line(text, match.end())} joined to the one before", f"{text[: match.start()]} {text[match.end() :]}"


def insert_sign(random: Random, text: str) -> tuple[str, str] | None:
    """Put a sign that may mean something into a word."""
    match = _one(random, _INSIDE, text)
    if match is None:
        return None
    sign = random.choice('()[]{}"|;:#@%<>')
    return f"`{sign}` put into line {_line(text, match.start())}", text[: match.start()] + sign + text[match.start() :]


def curl_quotes(random: Random, text: str) -> tuple[str, str] | None:
    """Write one pair of quotes as a typesetter would."""
    match = _one(random, _QUOTED, text)
    if match is None:
        return None
    said = f"typographic quotes in line {_line(text, match.start())}"
    return said, f"{text[: match.start()]}“{match[1]}”{text[match.end() :]}"


MUTATIONS = (*ANY, shorten_arrow, misspell_word, join_lines, insert_sign, curl_quotes)


def by_hand(folder: Path) -> Iterator[Fault]:
    """What models get wrong, written by hand: what Mermaid says of each, or the rule of ours that it breaks."""
    said = told("mermaid", {name: each.content for name, each in BY_HAND.items()}, folder, "Mermaid")
    for name, each in BY_HAND.items():
        truth = said[name] or each.our_rule
        if not truth:
            raise SystemExit(f"Mermaid draws {name}, and it names no rule of ours.")
        yield Fault(
            id=name, base="hand", how=each.how, mechanical=False, content=each.content, rules=each.rules, truth=truth
        )


def main() -> None:
    """Write them."""
    folder = Path(sys.argv[1]).resolve()

    def asked(texts: Mapping[str, str]) -> dict[str, str]:
        return told("mermaid", texts, folder, "Mermaid")

    made = chosen("mermaid", asked, seed=SEED, kept=KEPT, most_of_one=2, mutations=MUTATIONS)
    write_faults("mermaid", [*made, *by_hand(folder)])


if __name__ == "__main__":
    main()
