"""Every sentence the bot says in Linear. Plain, short, true. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from bot import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

EYES = "eyes"
"""The one emoji the bot uses, as Linear names it."""


def acknowledged(ahead: int) -> str:
    """The comment at once, before anything was read."""
    if ahead:
        return (
            f"I will plan this. {wording.count(ahead, 'plan')} {'is' if ahead == 1 else 'are'} before it. "
            "This comment tells how it goes."
        )
    return "I am planning this, and read the issue and what is linked to it first. This comment tells how it goes."


def found_by_sweep() -> str:
    """Said once when a sweep finds what no webhook had told of."""
    return (
        "I found this label by looking for it: Linear's webhook did not tell me. Until it does, labels wait for my "
        "next sweep. Whoever runs me sees more with `needs-plan doctor`."
    )


def writing(read: Sequence[str], estimate: str = "") -> str:
    """The issue is read. `read`: what was, in words, such as "4 comments". `estimate`: see `estimated`."""
    return " ".join(filter(None, (f"I have read {wording.listed(read)}. Now I am writing the plan.", estimate)))


def estimated(*, likely_usd: float, cap_usd: float) -> str:
    """What a plan will cost, before it is written."""
    if likely_usd >= cap_usd:
        return f"It may cost as much as {wording.dollars(cap_usd)}, and is stopped there."
    return f"It will cost about {wording.dollars(likely_usd)}, and no more than {wording.dollars(cap_usd)}."


def still_writing(words: int, minutes: int, todos: Sequence[tuple[str, str]] = ()) -> str:
    """While the model writes. `todos`: its own list, each with `pending`, `in_progress` or `completed`."""
    text = f"I am writing the plan: about {words:,} words in {wording.count(minutes, 'minute')}."
    if words == 0:
        text = f"I am looking into it, for {wording.count(minutes, 'minute')} now."
    lines = [f"- [{'x' if status == 'completed' else ' '}] {_todo(content, status)}" for content, status in todos]
    return "\n\n".join(filter(None, (text, "\n".join(lines))))


def _todo(content: str, status: str) -> str:
    plain = wording.plain(content)
    return f"{plain} (now)" if status == "in_progress" else plain


def cap_reached(kind: Literal["run", "day", "team"], cap_usd: float, spent_usd: float, team: str) -> str:
    """What is left of what the operator allows is too little for another answer."""
    what, setting = {
        "run": ("one plan", "NEEDS_PLAN_MAX_USD_PER_PLAN"),
        "day": ("all plans of a day", "NEEDS_PLAN_MAX_USD_PER_DAY"),
        "team": (f"the plans of team {team} in a day", "`max_usd_per_day`"),
    }[kind]
    anew = "" if kind == "run" else " It begins anew at 00:00 UTC."
    return (
        f"{wording.dollars(cap_usd)} is the most that {what} may cost ({setting}), {wording.dollars(spent_usd)} of it "
        f"is spent, and the rest is too little for another answer.{anew}"
    )


def cap_held(kind: Literal["run", "day", "team"], cap_usd: float) -> str:
    """Other plans that are being written have what is left set aside."""
    what = {"run": "this plan", "day": "today", "team": "this team today"}[kind]
    return f"What is left of {what}'s {wording.dollars(cap_usd)} is set aside for answers under way."


def waiting(because: str, since: str) -> str:
    """Something outside is down. `since` is a time of day in UTC."""
    return f"{because} I try again by myself; nothing is lost. Waiting since {since} UTC."


def no_material(label: str | None) -> str:
    """The issue says nothing that could be planned. `label`: the trigger, if it is on."""
    stays = f"I leave `{label}` on and begin" if label else "I begin"
    return (
        "There is nothing here to plan from yet. Please write in the description what should happen, for whom, "
        f"and what must hold. {stays} by myself when you edit the issue or comment."
    )


def closed(state: str) -> str:
    """The issue is completed, canceled or a duplicate."""
    word = {"completed": "completed", "canceled": "canceled", "duplicate": "a duplicate"}.get(state, state)
    return f"This issue is {word}, so I made no plan."


def unlabelled(label: str) -> str:
    """The label was taken off before the run began."""
    return f"`{label}` was taken off before I began, so I made no plan."


def ready(
    *,
    title: str,
    url: str,
    subissues: int,
    days: float | None,
    price: str,
    notes: Sequence[str] = (),
) -> str:
    """The comment when the plan stands."""
    made = [f"[{wording.link_text(title)}]({url})"]
    if subissues:
        made.append(f"with {wording.count(subissues, 'sub-issue')}")
    text = f"The plan is ready: {' '.join(made)}."
    if days is not None:
        text += f" The longest chain of phases takes about {wording.in_days(days)}."
    return "\n\n".join([text, *notes, price])


def reply(*, mention: str | None, title: str, url: str, summary: str, price: str, questions: int) -> str:
    """The reply in the thread, to whoever asked. `mention` is a profile's address, which Linear shows as a mention."""
    opening = f"{mention} the plan is ready" if mention else "The plan is ready"
    text = f"{opening}: [{wording.link_text(title)}]({url})."
    if questions:
        text += f" It leaves {wording.count(questions, 'question')} open for you."
    return f"{text}\n\n{summary}\n\n{price}"


def stands(*, mention: str | None, title: str, url: str, made: int) -> str:
    """The reply when a plan stood in part, its issue has changed since, and the plan was only completed."""
    opening = f"{mention} this issue has its plan" if mention else "This issue has its plan"
    text = f"{opening}: [{wording.link_text(title)}]({url})."
    text += f" I made {wording.count(made, 'sub-issue')} that {'was' if made == 1 else 'were'} missing." if made else ""
    return f"{text} The issue has changed since the plan was made; `/plan` makes it anew and keeps what people wrote."


def price(
    *,
    usd: float,
    model: str,
    scripted: bool,
    tokens: int,
    estimate_usd: float | None = None,
    cut: int = 0,
    known: bool = True,
) -> str:
    """What the plan cost and who wrote it.

    `cut`: answers that were lost, and count at the most they can have cost. `known`: whether the model's price is.
    """
    if scripted:
        return "Written by the scripted stand-in. No model was asked, and nothing was spent."
    guess = f"; the estimate was {wording.dollars(estimate_usd)}" if estimate_usd is not None else ""
    counts = "counts" if cut == 1 else "count"
    lost = f" {wording.count(cut, 'answer')} got lost on the way and {counts} in full." if cut else ""
    dearest = "" if known else " This model's price is not known here; it is reckoned as the dearest one."
    return f"Written by {model} for {wording.dollars(usd)} ({tokens:,} tokens{guess}).{lost}{dearest}"


def checked(passed: int, failed: int) -> str:
    """What the checks came to, in half a sentence."""
    return f"{wording.count(passed, 'check')} passed" + (f", {failed} failed" if failed else "")


def checks_said(passed: int, failed: int, warnings: int) -> str:
    """The same in the comment on a plan that is posted; the end of the document lists what they found."""
    if not passed and not failed:
        return "The checks could not be run on this plan: look at it with more care than usual."
    if failed:
        return f"{checked(passed, failed).capitalize()}: the end of the document says what is wrong."
    if warnings:
        remarks = wording.count(warnings, "remark")
        return f"All {wording.count(passed, 'check')} passed, with {remarks} at the end of the document."
    return f"All {wording.count(passed, 'check')} passed."


def not_posted(failed: int) -> str:
    """A plan that has errors where the operator wants none posted."""
    return (
        f'The plan is written, but {wording.count(failed, "check")} failed on it, and `checks = "strict"` in '
        "needs-plan.toml keeps such a plan back."
    )


def failed(*, reason: str, spent: float, label: str, document_url: str | None, details: Sequence[str] = ()) -> str:
    """The run ended without a plan, or with one that is posted only in part (its document stands).

    `details`: more on the reason, each a line of Markdown.
    """
    again = f"put `{label}` on the issue once more or comment `/plan`"
    if document_url is not None:
        spent_on = f" This run cost {wording.dollars(spent)}." if spent else ""
        return f"[The plan]({document_url}) is written, but I could not finish. {reason}{spent_on} To go on, {again}."
    listed = "".join(f"\n- {each}" for each in details[:_MOST_DETAILS])
    if len(details) > _MOST_DETAILS:
        listed += f"\n- and {len(details) - _MOST_DETAILS} more"
    said = f"{reason}\n{listed}\n\n" if listed else f"{reason} "
    return f"I could not plan this. {said}{spent_so_far(spent)} To try again, {again}."


_MOST_DETAILS = 20


def failed_reply(*, mention: str | None, reason: str) -> str:
    """The same to whoever asked, in the thread."""
    return f"{mention} this could not be planned. {reason}" if mention else f"This could not be planned. {reason}"


def spent_so_far(usd: float) -> str:
    """A sentence on money, for endings without a plan."""
    return f"It cost {wording.dollars(usd)}." if usd else "Nothing was spent."


def keyword_not_known() -> str:
    """`/plan` came with a word that is not guidance and not yet a command."""
    return "I cannot do that yet. Comment `/plan help` for what I can do."


COMMANDS = (
    ("`/plan`", "plan this issue, or plan again with what has changed since"),
    ("`/plan use DynamoDB, no new services`", "plan (again), and heed these words"),
    ("`/plan with AGENT`", "plan it as another agent would; more words may follow"),
    ("`/plan status`", "say what runs or was made, when, what it cost, and what has changed since"),
    ("`/plan cancel`", "stop what runs; what was made by then stays"),
    (
        "`/plan approve`, `/plan approve 1,3-4`",
        "make the sub-issues of all phases, or of these, where they wait for it",
    ),
    ("`/plan undo`", "take back what I made and nobody has touched"),
    ("`/plan help`", "show this"),
)
"""What people may write, and what the bot does then; the docs print the same."""


def help_text(label: str) -> str:
    """What the bot understands."""
    return (
        f"The label `{label}` asks me for a plan, and so does a comment that begins with `/plan` or `!plan`:\n\n"
        + "\n".join(["| Comment | and I |", "| --- | --- |", *(f"| {asked} | {does} |" for asked, does in COMMANDS)])
    )


def not_allowed() -> str:
    """A command of somebody who may give none: a guest, an app, an integration."""
    return "Sorry, I take commands only from people with a seat in this workspace, and those whom its operator names."


def to(mention: str | None, text: str) -> str:
    """The same, so that whoever asked elsewhere is told."""
    return f"{mention} {text}" if mention else text


def unsure(meant: str) -> str:
    """A single word after `/plan` that is nearly a command, or lacks something."""
    if meant == "with":
        return "With whom? Write `/plan with AGENT`. I planned nothing."
    return (
        f"Did you mean `/plan {meant}`? I did nothing yet. "
        "If the word is guidance for a plan, write it with another one beside it."
    )


class RunTold(NamedTuple):
    """What `status` tells of a run. `at`: when it ended or began, Unix seconds; `since_s`: seconds since it began."""

    state: str
    step: str
    because: str
    at: float
    since_s: float
    model: str
    usd: float
    subissues: int


def status(told: Sequence[RunTold], document_url: str | None) -> str:
    """What is running or was made. `told`: the issue's runs, newest first."""
    if not told:
        return "Nobody has asked me for a plan of this issue yet. `/plan` does."
    lines: list[str] = []
    newest = told[0]
    if newest.state == "queued":
        lines.append("A plan is asked for and waits for its turn.")
    elif newest.state == "running":
        spent = f", and {wording.dollars(newest.usd)} is spent so far" if newest.usd else ""
        lines.append(
            f"I am {_DOING.get(newest.step, 'at work')}. I began {wording.minutes(newest.since_s)} ago{spent}."
        )
    elif newest.state == "waiting":
        lines.append(f"I wait for you: {wording.plain(newest.because)}.")
    made = next((run for run in told if run.state == "done"), None)
    if document_url is not None and made is not None:
        by = f" by {wording.plain(made.model)}" if made.model else ""
        with_ = f" with {wording.count(made.subissues, 'sub-issue')}" if made.subissues else ""
        spent = f", for {wording.dollars(made.usd)}" if made.usd else ""
        lines.append(f"[The plan]({document_url}) was made{by} on {wording.date(made.at)}{with_}{spent}.")
    elif document_url is not None:
        lines.append(f"[The plan]({document_url}) stands, but I have not finished.")
    if newest.state in {"failed", "unwanted", "canceled"}:
        reason = f": {wording.plain(newest.because).rstrip('.')}" if newest.because else ""
        spent = f" It cost {wording.dollars(newest.usd)}." if newest.usd else ""
        lines.append(f"The last run ended early on {wording.date(newest.at)}{reason}.{spent}")
    whole = sum(run.usd for run in told)
    if len(told) > 1 and whole:
        lines.append(f"All {len(told)} runs together cost {wording.dollars(whole)}.")
    return "\n\n".join(lines)


_DOING = {
    "gather": "reading the issue and what is linked to it",
    "author": "writing the plan",
    "document": "posting the plan",
    "sub-issues": "making the sub-issues",
    "relations": "relating the sub-issues",
    "wait": "waiting for something that is down",
}


def nothing_to_cancel() -> str:
    """`/plan cancel` where nothing runs."""
    return "Nothing is running on this issue, so there was nothing to stop."


def too_late_to_cancel() -> str:
    """The run ended by itself in the second in which it was to be stopped."""
    return "It had just ended by itself; my comment says how."


def canceled(*, by: str, document_url: str | None, subissues: int, spent: float) -> str:
    """The comment of a run that was stopped. What was made is what stands, read back."""
    opening = f"Stopped, as {wording.plain(by)} asked." if by else "Stopped."
    made = [
        *([f"[the plan]({document_url})"] if document_url else []),
        *([wording.count(subissues, "sub-issue")] if subissues else []),
    ]
    stays = f" Made until then, and left as it is: {wording.listed(made)}." if made else " Nothing was made."
    cost = f" It cost {wording.dollars(spent)}." if spent else ""
    return f"{opening}{stays}{cost} `/plan` takes it up again."


def canceled_reply() -> str:
    """The answer to whoever stopped it."""
    return "Stopped. My comment says what was made until then."


def label_not_made(label: str) -> str:
    """A result label is missing and the key may not make it."""
    return f"I may not make the label `{label}`. Someone who may, please add it; until then I only take mine off."


def left_beside(identifiers: Sequence[str]) -> str:
    """Sub-issues of an earlier plan that the new one does not have."""
    they_are = "it is" if len(identifiers) == 1 else "they are"
    return f"Of an earlier plan I left {wording.listed(identifiers)} as {they_are}."


def phases_without_subissue(count: int, most: int) -> str:
    """The plan has more phases than sub-issues are allowed."""
    return f"{wording.count(count, 'phase')} beyond the first {most} stand in the document only."
