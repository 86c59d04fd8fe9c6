"""Dockerfiles have known instructions in their order, and copy from stages that are there. No I/O."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from planner.checks import Rule, found, within
from planner.findings import Finding
from planner.subject import Fence, Subject

KINDS = frozenset({"dockerfile"})
RULES = {
    "instruction": Rule("error", "every line begins with an instruction that Docker knows"),
    "from": Rule("error", "it begins with FROM, after ARG at most"),
    "arguments": Rule("error", "instructions have what they need, in the form they need it"),
    "stage": Rule("error", "stages that are copied from are there, and have names of their own"),
    "overridden": Rule("warning", "a stage has one CMD and one ENTRYPOINT"),
    "unpinned": Rule("warning", "base images have a version"),
}
NEEDS: tuple[str, ...] = ()
MOST_CHARS = 100_000
_MOST = 3

_KNOWN = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
        *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    }
)
_LISTS = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL", "VOLUME", "COPY", "ADD"})
_FROM = re.compile(r"(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_STAGE = re.compile(r"[a-z][a-z0-9_.-]*", re.IGNORECASE)
_PORT = re.compile(r"(\d{1,5})(-\d{1,5})?(/(tcp|udp|sctp))?|.*\$.*", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*([\"']?)(\w+)\1")


class _Line(NamedTuple):
    number: int
    name: str
    rest: str


def look(fence: Fence, subject: Subject) -> Iterator[Finding]:
    """See `planner.checks`."""
    del subject
    errors = 0
    for rule, line, said, hint in _faults(_instructions(fence.content)):
        errors += RULES[rule].level == "error"
        if errors > _MOST:
            return
        yield found(f"dockerfile/{rule}", said, within(fence.at, line), rules=RULES, hint=hint)


def _instructions(text: str) -> Iterator[_Line]:
    """Whole instructions, with continued lines joined and heredocs left out."""
    number, joined, ends = 0, "", []
    escape = "`" if re.match(r"\s*#\s*escape\s*=\s*`", text) else "\\"
    for at, line in enumerate(text.split("\n"), 1):
        if ends:
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        number = number or at
        if stripped.endswith(escape):
            joined += stripped[:-1] + " "
            continue
        whole = (joined + stripped).strip()
        name, _, rest = whole.partition(" ")
        yield _Line(number, name.upper() if name.upper() in _KNOWN else name, rest.strip())
        if name.upper() in {"RUN", "COPY", "ADD"}:
            ends = [match[1] for match in _HEREDOC.findall(rest)]
        number, joined = 0, ""
    if joined:
        name, _, rest = joined.strip().partition(" ")
        yield _Line(number, name.upper() if name.upper() in _KNOWN else name, rest.strip())


def _faults(lines: Iterator[_Line]) -> Iterator[tuple[str, int, str, str]]:
    stages: list[str] = []
    count = 0
    seen: set[str] = set()
    begun = False
    for each in lines:
        if each.name not in _KNOWN:
            near = difflib.get_close_matches(each.name.upper(), _KNOWN, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Put commands behind RUN."
            yield "instruction", each.number, f"`{each.name[:40]}` is no instruction of a Dockerfile.", hint
            continue
        if not begun and each.name not in {"FROM", "ARG"}:
            yield "from", each.number, f"`{each.name}` stands before the first FROM.", "Begin with FROM and an image."
            return
        if each.name == "FROM":
            begun = True
            yield from _from(each, stages)
            count += 1
            seen = set()
        elif each.name in {"CMD", "ENTRYPOINT"} and each.name in seen:
            yield "overridden", each.number, f"A second {each.name} makes the first one of no use.", "Keep one."
        seen.add(each.name)
        yield from _arguments(each, stages, count)
    if not begun:
        yield "from", 1, "There is no FROM, so there is nothing to build on.", "Begin with FROM and an image."


def _from(line: _Line, stages: list[str]) -> Iterator[tuple[str, int, str, str]]:
    match = _FROM.fullmatch(line.rest)
    if match is None:
        yield "arguments", line.number, f"`FROM {line.rest[:60]}` should name one image, and AS a stage.", ""
        return
    image, stage = match[1], match[2]
    base = image.rpartition("/")[2]
    known = image.casefold() in stages or image == "scratch" or "$" in image
    if not known and "@" not in image and (":" not in base or base.endswith(":latest")):
        yield "unpinned", line.number, f"`{image[:60]}` has no version, so each build may get another one.", "Name one."
    if stage:
        if not _STAGE.fullmatch(stage):
            yield "stage", line.number, f"`{stage[:40]}` cannot be the name of a stage.", ""
        elif stage.casefold() in stages:
            yield "stage", line.number, f"Two stages are called `{stage}`.", "Give each its own name."
        stages.append(stage.casefold())


def _arguments(line: _Line, stages: list[str], count: int) -> Iterator[tuple[str, int, str, str]]:
    name, rest = line.name, line.rest
    if not rest and name != "FROM":
        yield "arguments", line.number, f"{name} has nothing behind it.", ""
        return
    if name in _LISTS and rest.startswith("["):
        try:
            parsed = json.loads(rest)
        except ValueError:
            # Docker takes it for a command of the shell, which begins with `[`.
            if name != "RUN" or '"' in rest or "'" in rest:
                yield (
                    "arguments",
                    line.number,
                    f"The list behind {name} is no JSON: `{rest[:60]}`.",
                    "Use double quotes.",
                )
            return
        if not all(isinstance(each, str) for each in parsed):
            yield "arguments", line.number, f"The list behind {name} may hold texts only.", ""
    elif name == "SHELL":
        yield "arguments", line.number, "SHELL wants a list in JSON.", 'Write SHELL ["/bin/bash", "-c"].'
    if name == "EXPOSE":
        for port in rest.split():
            match = _PORT.fullmatch(port)
            if match is None or (match[1] and not 0 < int(match[1]) < 65_536):  # noqa: PLR2004 - ports have 16 bits
                yield "arguments", line.number, f"`{port[:30]}` is no port.", "Write a number from 1 to 65535."
    if name in {"COPY", "ADD"}:
        yield from _copy(line, stages, count)
    if name == "ENV" and "=" not in rest and " " not in rest:
        yield "arguments", line.number, f"`ENV {rest[:40]}` gives no value.", "Write NAME=value."


def _copy(line: _Line, stages: list[str], count: int) -> Iterator[tuple[str, int, str, str]]:
    flags = dict(re.findall(r"--([a-z-]+)=(\S+)", line.rest))
    source = flags.get("from", "")
    paths = [each for each in line.rest.split() if not each.startswith("--")]
    if len(paths) < 2 and not line.rest.lstrip().startswith("[") and "[" not in line.rest:  # noqa: PLR2004 - from and to
        yield "arguments", line.number, f"{line.name} needs what to copy and where to.", ""
    if source.isdigit() and int(source) >= count - 1:
        yield "stage", line.number, f"There is no stage {source} before this one.", ""
    elif source and not source.isdigit() and _STAGE.fullmatch(source) and source.casefold() not in stages:
        # With a tag, a slash or a digest it is an image; a bare name is nearly always a stage.
        there = f"There are {', '.join(f'`{each}`' for each in stages)}." if stages else "No stage has a name."
        yield "stage", line.number, f"There is no stage `{source[:40]}` to copy from.", there
