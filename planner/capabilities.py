"""What a model takes: one dated table, for where the service does not tell, and settings made to fit. No I/O."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

LISTED_ON = "2026-11-22"
"""The day the table was last compared with what Anthropic publishes on its models."""

EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""Every level of effort, from the least to the most."""


class Capabilities(BaseModel):
    """What one model takes from one provider. Plain JSON, so that it can be recorded with a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thinking: bool = Field(description="it thinks as much as it sees fit (adaptive)")
    thinking_off: bool = Field(description="its thinking can be switched off, or it has none")
    efforts: tuple[str, ...] = Field(description="levels of effort it takes, the least first; empty: none")
    max_tokens: int = Field(description="the most tokens of one answer, thinking included")
    context_tokens: int = Field(description="the most tokens that prompt and answer have together")
    strict_tools: bool = Field(description="calls of strict tools always fit their schema")
    server_tools: bool = Field(description="the service itself searches the web and runs code for it")
    known: bool = Field(description="the service told, or the table has the model; else what most models take")


class Fitted(NamedTuple):
    """Settings as the model takes them, and what was changed: a sentence each, for people."""

    effort: str
    thinking: Literal["adaptive", "off"]
    notes: tuple[str, ...]


class _Row(NamedTuple):
    thinking: bool = True
    thinking_off: bool = True
    efforts: tuple[str, ...] = EFFORTS
    max_tokens: int = 128_000
    context_tokens: int = 1_000_000


_UP_TO_MAX = ("low", "medium", "high", "max")
_ALWAYS = _Row(thinking_off=False)
_4_6 = _Row(efforts=_UP_TO_MAX, max_tokens=64_000, context_tokens=200_000)
# Neither adaptive thinking nor an effort.
_PLAIN = _Row(thinking=False, efforts=(), max_tokens=64_000, context_tokens=200_000)
_ROWS = {
    "fable-5-2": _ALWAYS,
    "fable-5-1": _ALWAYS,
    "fable-5": _ALWAYS,
    "mythos-5-2": _ALWAYS,
    "mythos-5-1": _ALWAYS,
    "mythos-5": _ALWAYS,
    "opus-5-5": _ALWAYS,
    "opus-5": _Row(),
    "opus-4-8": _Row(),
    "opus-4-7": _Row(),
    "opus-4-6": _4_6,
    "opus-4-5": _PLAIN,
    "sonnet-5-5": _Row(),
    "sonnet-5": _Row(),
    "sonnet-4-6": _4_6,
    "sonnet-4-5": _PLAIN,
    "haiku-5-5": _Row(),
    "haiku-4-5": _PLAIN,
}
_OLD = _PLAIN._replace(max_tokens=4_096)
_OLD_FOUR = _PLAIN._replace(max_tokens=32_000)
# What is newer than this table is likely to take what the newest here take; the bounds are those of the smallest.
_NEWER = _Row(thinking_off=False, efforts=("low", "medium", "high"), max_tokens=64_000, context_tokens=200_000)

# The name stands within the longer ids of the clouds, too: "us.anthropic.claude-opus-5-5-v1:0".
_NAME = re.compile(r"claude-(?P<line>[a-z]+)-(?P<major>\d{1,2})(?:[-.](?P<minor>\d{1,2}))?(?!\d)")
_THREE = re.compile(r"claude-(?:3|2|instant)")


def of(model: str, provider: str = "anthropic") -> Capabilities:
    """What the table says of `model` (an id) from `provider`; a model that is not there counts as a new one.

    Which of its own tools the clouds' services have changes too often for a table: there are none but Anthropic's.
    """
    row, known = _row(model.lower())
    return Capabilities(
        **row._asdict(), strict_tools=row not in (_OLD, _OLD_FOUR), server_tools=provider == "anthropic", known=known
    )


def _row(model: str) -> tuple[_Row, bool]:
    if _THREE.search(model):
        return _OLD, True
    found = _NAME.search(model)
    if found is None:
        return _NEWER, False
    line, major, minor = found["line"], int(found["major"]), found["minor"]
    row = _ROWS.get(f"{line}-{major}" + (f"-{int(minor)}" if minor else ""))
    if row is not None:
        return row, True
    if major < 4 or (major == 4 and int(minor or 0) < 5):  # noqa: PLR2004 - Claude 4.5
        return _OLD_FOUR, True
    return _NEWER, False


def fit(capabilities: Capabilities, effort: str, thinking: Literal["adaptive", "off"]) -> Fitted:
    """`effort` and `thinking` as the model takes them: the nearest level below, or the lowest that it has.

    An empty effort is left to the model, and stays empty.
    """
    notes: list[str] = []
    fitting = effort
    if effort and not capabilities.efforts:
        fitting = ""
        notes.append(f"The model has no levels of effort, so {effort} is left out.")
    elif effort and effort not in capabilities.efforts:
        below = [each for each in capabilities.efforts if _rank(each) < _rank(effort)]
        fitting = below[-1] if below else capabilities.efforts[0]
        notes.append(f"The model does not take the effort {effort}; it gets {fitting}.")
    if thinking == "off" and not capabilities.thinking_off:
        notes.append("The model's thinking cannot be switched off; it thinks as much as it sees fit.")
        return Fitted(fitting, "adaptive", tuple(notes))
    if thinking == "adaptive" and not capabilities.thinking:
        notes.append("The model does not think before it writes.")
        return Fitted(fitting, "off", tuple(notes))
    return Fitted(fitting, thinking, tuple(notes))


def _rank(effort: str) -> int:
    return EFFORTS.index(effort) if effort in EFFORTS else len(EFFORTS)
