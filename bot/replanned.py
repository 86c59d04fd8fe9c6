"""What the bot says when a plan was made again: what changed, and what became of each sub-issue. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot import wording

if TYPE_CHECKING:
    from collections.abc import Sequence


class Row(NamedTuple):
    """What became of one phase. `what`: a word of `bot.again.deciding.What`."""

    title: str
    what: str
    identifier: str = ""
    url: str = ""
    why: tuple[str, ...] = ()


_WHAT = {
    "created": "made",
    "linked": "covers this phase already, so I linked it and made none",
    "same": "as it was",
    "updated": "updated",
    "reopened": "wanted again, so I reopened it",
    "edited": "people edited it, so I left it; my comment there says what the plan changed",
    "started": "is begun or done, so I left it; my comment there says what the plan changed",
    "removed": "people threw it away, so I made none",
    "canceled": "the plan no longer has this phase, so I canceled it",
    "left": "the plan no longer has this phase; I left it, since",
    "awaits": "waits for `/plan approve`",
}


def table(rows: Sequence[Row]) -> str:
    """What became of each phase, as a table."""
    lines = ["| Phase | Sub-issue | |", "| --- | --- | --- |"]
    for row in rows:
        named = f"[{row.identifier}]({row.url})" if row.url else row.identifier
        said = _WHAT[row.what]
        if row.what == "left":
            said = f"{said} it {wording.listed(row.why)}" if row.why else said.removesuffix(", since")
        elif row.why:
            said = f"{said}; somebody edited it in that very second, and Linear's history of it has their words"
        lines.append(f"| {wording.plain(row.title)} | {named} | {said} |")
    return "\n".join(lines)


def reply(
    *,
    mention: str | None,
    title: str,
    url: str,
    version: int,
    changes: Sequence[str],
    rows: Sequence[Row],
    document: str,
    price: str,
) -> str:
    """The reply in the thread when a plan was made again. `changes`: lines of Markdown on the plan itself."""
    opening = f"{mention} I planned again" if mention else "I planned again"
    text = f"{opening}: [{wording.link_text(title)}]({url}), version {version}."
    said = "\n".join(f"- {line}" for line in changes) or "Only its wording changed."
    parts = [text, f"What changed in the plan:\n\n{said}" if changes else said]
    if rows:
        parts.append(table(rows))
    return "\n\n".join([*parts, *filter(None, (document, price))])


def of_document(*, kept: int, suggested: int, overwritten: bool, unsettled: bool, url: str) -> str:
    """What was done about people's words in the document; empty where there were none."""
    parts: list[str] = []
    if kept:
        stays = "stays" if kept == 1 else "stay"
        parts.append(f"What people wrote in the document ({wording.count(kept, 'part')}) {stays} as it is.")
    if suggested:
        stand = "stands" if suggested == 1 else "stand"
        parts.append(
            f'{wording.count(suggested, "proposal")} of mine {stand} below it, marked "Suggested by needs-plan".'
        )
    if overwritten:
        parts.append(
            f"Somebody saved [the document]({url}) in the very second in which I did. Their words may be missing: "
            "Linear keeps them in the document's version history, which its menu opens."
        )
    if unsettled:
        parts.append("People kept editing while I wrote, so parts of the new plan may be missing. `/plan` adds them.")
    return " ".join(parts)


def unchanged(*, mention: str | None, title: str, url: str, rows: Sequence[Row]) -> str:
    """The reply when a plan stands and nothing of its issue has changed since. `rows`: what was missing and is made."""
    opening = f"{mention} this issue has its plan" if mention else "This issue has its plan"
    text = f"{opening}: [{wording.link_text(title)}]({url})."
    text += " Nothing it was made from has changed since, so I made no new one and spent nothing."
    text += " Tell me what should differ: `/plan use DynamoDB`, say."
    return "\n\n".join([text, table(rows)]) if rows else text


def unrecorded(*, mention: str | None, title: str, url: str, rows: Sequence[Row]) -> str:
    """The reply where a document of ours stands of which the bot has no record: its database was lost."""
    opening = f"{mention} this issue has its plan" if mention else "This issue has its plan"
    text = (
        f"{opening}: [{wording.link_text(title)}]({url}). I have no record of what I posted here, so its words may be "
        "yours, and I do not write over a plan that stands. `/plan` with words to heed adds what is new as suggestions."
    )
    return "\n\n".join([text, table(rows)]) if rows else text


def difference(what: str, lines: str) -> str:
    """The comment on a sub-issue that people work with, once the plan says otherwise."""
    because = "you have edited this" if what == "edited" else "work on this has begun"
    fence = "```"
    while fence in lines:
        fence += "`"
    return (
        f"The plan was made again. Since {because}, I changed nothing here. "
        f"What the plan would change:\n\n{fence}diff\n{lines}\n{fence}"
    )


def follows() -> str:
    """`/plan` with words came while a plan was being written from what stood before."""
    return (
        "Noted. The plan that is being written was begun without these words, so I plan once more with them as soon "
        "as it is done."
    )


def stale(changes: Sequence[str]) -> str:
    """A line on the bot's comment, once: its plan is behind its issue."""
    return f"Since this plan was made, {wording.listed(list(changes))}. `/plan` brings it up to date."


class Taken(NamedTuple):
    """Something that was taken back: a noun, and how many (0 for what needs no number)."""

    noun: str
    number: int


class Left(NamedTuple):
    """Something that stays, and why, in words that follow "it"."""

    identifier: str
    url: str
    why: tuple[str, ...]


def undone(taken: Sequence[Taken], left: Sequence[Left], *, by: str) -> str:
    """What `/plan undo` took back, and what it left."""
    opening = f"Taken back, as {wording.plain(by)} asked" if by else "Taken back"
    what = [wording.count(each.number, each.noun) if each.number else each.noun for each in taken]
    text = (
        f"{opening}: {wording.listed(what)}." if what else f"{opening}: nothing, since people have worked on all of it."
    )
    text += " Linear keeps it in the bin for 30 days." if what else ""
    if left:
        lines = [
            f"- {f'[{each.identifier}]({each.url})' if each.url else each.identifier} {wording.listed(each.why)}"
            for each in left
        ]
        text += "\n\nI left what people have touched:\n\n" + "\n".join(lines)
    return f"{text}\n\n`/plan` plans anew."


def nothing_to_undo() -> str:
    """`/plan undo` where nothing of ours stands."""
    return "There is nothing of mine here to take back."


def undo_while_running() -> str:
    """`/plan undo` while a plan is being made."""
    return "A plan is being made here. `/plan cancel` stops it; then `/plan undo` takes back what stands."


def awaits(titles: Sequence[str], numbers: Sequence[int]) -> str:
    """On the comment, where sub-issues are made only once somebody says so. `numbers`: those of the phases."""
    lines = [f"{number}. {wording.plain(title)}" for number, title in zip(numbers, titles, strict=True)]
    return (
        "These phases wait for approval; `/plan approve` makes a sub-issue for each, "
        f"`/plan approve {numbers[0]}` for one:\n\n" + "\n".join(lines)
    )


def approved(*, mention: str | None, rows: Sequence[Row]) -> str:
    """The answer once approved phases have their sub-issues."""
    opening = f"{mention} the sub-issues" if mention else "The sub-issues"
    return f"{opening} you approved:\n\n{table(rows)}"


def nothing_to_approve(*, planned: bool) -> str:
    """`/plan approve` where nothing waits for it."""
    if not planned:
        return "There is no plan here yet that could be approved. `/plan` makes one."
    return "Nothing waits for approval here: every phase that may have a sub-issue has one."


def approve_while_running() -> str:
    """`/plan approve` while the plan is being made again."""
    return "A plan is being made here, so I approved nothing yet. Once it is ready, its phases stand on my comment."


def approve_another(waiting: str) -> str:
    """`/plan approve` that meant an older plan, or phases there are not. `waiting`: see `awaits`."""
    return f"The plan is not the one you meant any more, or lacks such a phase, so I made nothing. {waiting}"
