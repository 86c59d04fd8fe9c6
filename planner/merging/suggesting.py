"""Writes what the bot proposes below what people wrote, and knows it again. No I/O."""

from __future__ import annotations

from planner.merging.normal import prose
from planner.merging.splitting import Block, quote_form

MARK = "**Suggested by needs-plan:**"
"""What a suggestion begins with, inside its quote."""

_MARK_FORM = prose(MARK)


def proposal(block: Block) -> str:
    """What a suggestion of this block says. A row comes with the head of its table, or it would be no table."""
    return f"{block.head}\n{block.text}" if block.kind == "row" else block.written()


def suggestion(block: Block) -> Block:
    """The quote that proposes a block."""
    return Block("quote", quoted(proposal(block)), _key(block))


def quoted(text: str) -> str:
    """`text` below the mark in a quote."""
    return "\n".join(f"> {line}".rstrip() for line in (MARK, "", *text.split("\n")))


def unquoted(suggestion: Block) -> str:
    """What a suggestion as we write it proposes."""
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in suggestion.text.split("\n")[2:])


def is_suggestion(block: Block) -> bool:
    """Whether a block is a quote that begins as suggestions do, edited or not."""
    return block.kind == "quote" and block.key.split("\n", 1)[0] == f"> {_MARK_FORM}"


def said(block: Block) -> str:
    """What tells suggestions of different blocks apart: the key of the suggestion of this block."""
    return _key(block)


def _key(block: Block) -> str:
    return f"> {quote_form([MARK, *proposal(block).split(chr(10))])}"
