"""Text that nobody should write, up to a megabyte: nested, repeated, cut, mixed and mangled. Made by seed.

As a program it runs the checks over it and prints a line before and after each text, so that whoever started it sees
which one crashed, hung or broke a check: `python -m tests.planner.checks.hostile KIND SEED COUNT`.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator

from planner.check import check
from planner.markdown_plan import subject_of_file
from planner.subject import Subject
from tests.planner.checks.corpus import LANGUAGES, as_subject, faults, good
from tests.planner.samples import GOLDEN

MEGABYTE = 1_000_000
KINDS = (*LANGUAGES, "file")

_OPENERS = {
    "mermaid": [
        "flowchart LR\n",
        "subgraph a\n",
        "a[",
        "a((",
        "a{{",
        "mindmap\n",
        "  ",
        "sequenceDiagram\n",
        "loop x\n",
        "%%{init: ",
    ],
    "openapi": [
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\n",
        "paths:\n",
        "  /a:\n",
        "{",
        "[",
        "- ",
        "$ref: '#/a'\n",
        "allOf:\n",
    ],
    "json": ['{"a":', "[", '"', "\\", "{", "-", "1e"],
    "yaml": ["a:\n ", "- ", "{", "[", "&a ", "*a ", "? ", "!!x ", "|\n ", "'", '"', "<<: "],
    "postgresql": [
        "(",
        "select ",
        "case when ",
        "create table a (",
        "'",
        "/*",
        "$a$",
        "not ",
        "x::",
        "union ",
        "-",
        "1+",
        "array[",
    ],
    "mysql": ["(", "select ", "create table a (", "'", "/*", "`", "if(", "1+"],
    "dynamodb": ['{"KeySchema":[', '{"AttributeDefinitions":', "[", "{"],
    "typescript": [
        "(",
        "{",
        "[",
        "<",
        "`${",
        "a?b:",
        "if(a)",
        "x=>",
        "type A<",
        "/*",
        "'",
        "class A{",
        "@a ",
        "!",
        "async ",
    ],
    "graphql": ["{", "[", "(", "type A{a:", '"""', "query{a", "@a(", "input A{a:", "union A=", "&"],
    "cloudformation": ["Resources:\n", "  A:\n    Type: AWS::S3::Bucket\n", "!Sub ", "!If [", "{", "Fn::Join:\n", "- "],
    "iam": ['{"Statement":[', '{"Effect":"Allow","Action":[', '"*",', "{", "["],
    "cron": ["* ", "*/", "1,", "1-", "@daily\n", "cron(", "L", "#", "rate("],
    "dockerfile": ["FROM a\n", "RUN ", "\\\n", "<<E\n", "COPY --from=a ", "[", '"', "# escape=`\n", "ENV "],
    "file": [
        "# a\n",
        "## Executive Summary\n",
        "| a ",
        "> ",
        "- ",
        "```mermaid\n",
        "```",
        "~~~",
        "[a](",
        "![",
        "<",
        "*",
        "_",
        "`",
        "\\",
    ],
}
_ANY = ["\x00", "\u202e", "\U0001f600", "\ufeff", "\r\n", "\t", "a", "0", " ", "\n", "é", "\ud800", "%", "${", "#{"]


def texts(kind: str, seed: int, count: int) -> Iterator[str]:
    """`count` texts of a kind: each opener repeated first, then mutations and mixtures."""
    chance = random.Random(f"{kind} {seed}")
    openers = _OPENERS[kind]
    seeds = _seeds(kind)
    made = 0
    for opener in openers:
        for size in (300, 20_000, MEGABYTE):
            if made < count:
                made += 1
                yield (opener * (size // len(opener) + 1))[:size]
    while made < count:
        made += 1
        yield _mutated(chance, chance.choice(seeds), openers)[:MEGABYTE]


def _seeds(kind: str) -> list[str]:
    if kind == "file":
        return [path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("document*.md"))]
    found = [path.read_text(encoding="utf-8") for path in good(kind)[:20]] + [
        each.content for each in faults(kind)[:40]
    ]
    return found or ["".join(_OPENERS[kind])]


def _mutated(chance: random.Random, text: str, openers: list[str]) -> str:
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 10, 200, 5_000)))
        piece = chance.choice([*openers, *_ANY])
        match chance.randrange(7):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at]
            case 2:
                text = text[:at] + piece * chance.choice((1, 3, 400, 30_000)) + text[at:]
            case 3:
                text = text[:at] + text[at:end] * chance.choice((2, 50)) + text[at:]
            case 4:
                lines = text.split("\n")
                chance.shuffle(lines)
                text = "\n".join(lines)
            case 5:
                text = "".join(chance.choice([*openers, *_ANY]) for _ in range(chance.choice((50, 2_000))))
            case _:
                text = text.replace(chance.choice(("  ", ":", '"', "(", ")", ",", "\n")), piece)[:MEGABYTE]
    return text


def subject(kind: str, text: str) -> Subject:
    """The text as checks look at it."""
    return subject_of_file(text) if kind == "file" else as_subject(kind, text)


def main() -> None:
    """Check each text, and tell what each check took of the processor and which ones broke."""
    kind, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    check(subject(kind, ""))  # what is imported when it is first needed is no part of the first text's time
    for number, text in enumerate(texts(kind, seed, count)):
        print(json.dumps({"begins": number, "text": text[:200]}), flush=True)
        took: dict[str, float] = {}
        under_way, since = ["reading"], [time.process_time()]

        def begins(
            name: str, took: dict[str, float] = took, at: tuple[list[str], list[float]] = (under_way, since)
        ) -> None:
            now = time.process_time()
            took[at[0][0]] = took.get(at[0][0], 0.0) + now - at[1][0]
            at[0][0], at[1][0] = name, now

        report = check(subject(kind, text), begins=begins)
        begins("end")
        broken = [each.rule for each in report.findings if each.rule.endswith("/broken")]
        print(json.dumps({"number": number, "took": took, "broken": broken}), flush=True)


if __name__ == "__main__":
    main()
