"""What a merge makes of a change by people and one by the bot: one case a line of the rules."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from linear.sandbox.markdown import rederived
from planner.merging import MARK, merge
from planner.merging.splitting import form

POSTED = """\
## Summary

One client can take search down.

Decide on `internal` services first.

- limit [keys](https://example.com/keys)
- count refusals
- page the team

## Tables

| Column | Type |
| --- | --- |
| id | uuid |
| burst | integer |

```sql
CREATE TABLE a (
  id uuid
);
```

+++ Calls

```yaml
openapi: 3.1.0
```

+++

## Phases

1. First the store.
2. Then the limiter.
"""


@dataclass(frozen=True)
class Case:
    """What people and the bot replace; what must and must not be in the result, as far as the normal form goes."""

    people: tuple[tuple[str, str], ...] = ()
    bot: tuple[tuple[str, str], ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    suggestions: int = 0
    quotes: tuple[str, ...] = ()


ROW = "| burst | integer |"
CASES = {
    "people edit a paragraph": Case(
        people=(("take search down", "stop search"),),
        bot=(("count refusals", "count"),),
        has=("stop search", "* count\n"),
    ),
    "people edit an item, the bot its neighbour": Case(
        people=(("count refusals", "count all refusals"),),
        bot=(("page the team", "page nobody"),),
        has=("count all refusals", "page nobody"),
        lacks=("page the team",),
    ),
    "both edit the same item": Case(
        people=(("count refusals", "count all refusals"),),
        bot=(("count refusals", "count no refusals"),),
        has=("count all refusals", "> - count no refusals"),
        suggestions=1,
    ),
    "both make the same edit": Case(
        people=(("count refusals", "count all"),), bot=(("count refusals", "count all"),), has=("count all",)
    ),
    "both edit a row": Case(
        people=((ROW, "| burst | bigint |"),),
        bot=((ROW, "| burst | smallint |"),),
        has=("| burst | bigint |", "> | Column | Type |", "> | burst | smallint |"),
        suggestions=1,
    ),
    "people edit a row, the bot adds one": Case(
        people=((ROW, "| burst | bigint |"),),
        bot=((ROW, ROW + "\n| at | date |"),),
        has=("| burst | bigint |\n| at | date |",),
    ),
    "people edit a row of a table the bot drops": Case(
        people=((ROW, "| burst | bigint |"),),
        bot=(("| Column | Type |\n| --- | --- |\n| id | uuid |\n" + ROW + "\n\n", ""),),
        has=("| Column | Type |\n| -- | -- |\n| burst | bigint |",),
        lacks=("| id | uuid |",),
    ),
    "people remove an item, the bot leaves it": Case(
        people=(("* count refusals\n", ""),), bot=(("page the team", "page"),), lacks=("count refusals",)
    ),
    "people remove an item, the bot changes it": Case(
        people=(("* count refusals\n", ""),),
        bot=(("count refusals", "count new refusals"),),
        has=("> - count new refusals",),
        suggestions=1,
    ),
    "people remove a paragraph, the bot moves it": Case(
        people=(("Decide on `internal` services first.\n\n", ""),),
        bot=(
            ("Decide on `internal` services first.\n\n", ""),
            ("## Phases\n", "## Phases\n\nDecide on `internal` services first.\n"),
        ),
        lacks=("Decide",),
    ),
    "people move a paragraph, the bot changes it": Case(
        people=(
            ("Decide on `internal` services first.\n\n", ""),
            ("## Phases\n", "## Phases\n\nDecide on `internal` services first.\n"),
        ),
        bot=(("services first", "services last"),),
        has=("Decide on `internal` services last",),
        lacks=("services first",),
    ),
    "people add, the bot drops what is around it": Case(
        people=(("* count refusals\n", "* count refusals\n* ours\n"),),
        bot=(("- count refusals\n- page the team\n", ""),),
        has=("ours",),
        lacks=("count refusals", "page the team"),
    ),
    "people add a paragraph to a section the bot drops": Case(
        people=(("## Phases\n", "## Phases\n\nOurs to keep.\n"),),
        bot=(("## Phases\n\n1. First the store.\n2. Then the limiter.\n", ""),),
        has=("## Phases\n\nOurs to keep.",),
        lacks=("First the store",),
    ),
    "both edit code": Case(
        people=(("  id uuid\n", "  id bigint\n"),),
        bot=(("  id uuid\n", "  id text\n"),),
        has=("  id bigint\n", ">   id text\n> );\n> ```"),
        suggestions=1,
    ),
    "people edit a folded part, the bot drops it": Case(
        people=(("3.1.0", "3.1.1"),),
        bot=(("+++ Calls\n\n```yaml\nopenapi: 3.1.0\n```\n\n+++\n\n", ""),),
        has=("3.1.1", "+++ Calls"),
    ),
    "a comment quotes a block the bot changes": Case(
        bot=(("search down", "everything down"), ("page the team", "page")),
        quotes=("can take search",),
        has=("can take search down", "> One client can take everything down"),
        suggestions=1,
    ),
    "a comment quotes a block the bot drops": Case(
        bot=(("- count refusals\n", ""),), quotes=("refusals",), has=("count refusals",)
    ),
    "a comment quotes the words of a link": Case(
        bot=(("limit [keys]", "bound [keys]"),), quotes=("limit keys",), has=("limit [keys]",), suggestions=1
    ),
    "people remove a section, the bot adds to it": Case(
        people=(("## Phases\n\n1. First the store.\n2. Then the limiter.", ""),),
        bot=(("2. Then the limiter.\n", "2. Then the limiter.\n3. Then the alarms.\n"),),
        has=("> 3. Then the alarms.",),
        lacks=("## Phases", "First the store"),
        suggestions=1,
    ),
    "the bot inserts a step, numbers go on": Case(
        people=(("First the store.", "First the big store."),),
        bot=(("2. Then the limiter.", "2. Then the cache.\n3. Then the limiter."),),
        has=("1. First the big store.\n2. Then the cache.\n3. Then the limiter.",),
    ),
    "a heading that people wrote": Case(
        people=(("## Tables", "## Tables we keep"),),
        bot=(("## Tables", "## Schema"),),
        has=("## Tables we keep", "> ## Schema"),
        suggestions=1,
    ),
}


def replaced(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_merges(case: Case) -> None:
    new = replaced(POSTED, case.bot)
    stands = replaced(rederived(POSTED), case.people)
    merged = merge(POSTED, stands, new, kept_blocks=case.quotes)
    for text in case.has:
        assert text in merged.text or text in rederived(merged.text), merged.text
    for text in case.lacks:
        assert text not in merged.text, merged.text
    assert merged.text.count(MARK) == len(merged.suggested) == case.suggestions, merged.text
    assert not merged.safe
    again = merge(merged.base, rederived(merged.text), new, kept_blocks=case.quotes)
    assert not again.changed
    assert again.text == rederived(merged.text)


def test_untouched_becomes_the_new_text() -> None:
    new = POSTED.replace("One client", "A client")
    merged = merge(POSTED, rederived(POSTED), new)
    assert merged.text == new
    assert merged.changed
    assert [(each.heading, each.rewritten) for each in merged.sections] == [("Summary", 1)]


def test_the_same_plan_leaves_what_stands() -> None:
    stands = rederived(POSTED).replace("One client", "Two  clients") + "\n\nMore."
    merged = merge(POSTED, stands, POSTED.replace("\n- ", "\n* "))
    assert merged.text == stands
    assert not merged.changed


def conflicting() -> tuple[str, str]:
    stands = rederived(POSTED).replace("count refusals", "count all refusals")
    new = POSTED.replace("count refusals", "count no refusals")
    return new, rederived(merge(POSTED, stands, new).text)


def test_a_suggestion_is_replaced_and_not_repeated() -> None:
    base, stands = conflicting()
    merged = merge(base, stands, base.replace("no refusals", "few refusals"))
    assert merged.text.count(MARK) == 1
    assert "> - count few refusals" in merged.text
    assert "no refusals" not in merged.text


def test_a_suggestion_stays_while_the_plan_says_so() -> None:
    base, stands = conflicting()
    merged = merge(base, stands, base.replace("One client", "A client"))
    assert merged.text.count(MARK) == 1
    assert "count no refusals" in merged.text
    assert "A client" in merged.text


def test_a_suggestion_that_people_took_goes_with_its_quote() -> None:
    base, stands = conflicting()
    taken = stands.replace("count all refusals", "count no refusals")
    merged = merge(base, taken, base.replace("One client", "A client"))
    assert MARK not in merged.text
    assert merged.text.count("count no refusals") == 1


def test_a_suggestion_that_people_threw_away_does_not_come_back() -> None:
    base, stands = conflicting()
    quote = next(block for block in stands.split("\n\n") if MARK in block)
    merged = merge(base, stands.replace(quote + "\n\n", ""), base.replace("One client", "A client"))
    assert MARK not in merged.text
    assert "count all refusals" in merged.text


def test_an_edited_suggestion_is_peoples() -> None:
    base, stands = conflicting()
    edited = stands.replace("count no refusals", "count no refusals, says Ann")
    merged = merge(base, edited, base.replace("no refusals", "few refusals"))
    assert "says Ann" in merged.text
    assert "few refusals" in merged.text


def test_without_a_ledger_nothing_is_lost() -> None:
    stands = rederived(POSTED).replace("count refusals", "count all refusals")
    new = POSTED.replace("page the team", "page the whole team") + "\nMore to do.\n"
    merged = merge(None, stands, new)
    for text in (
        "count all refusals",
        "> - count refusals",
        "page the team",
        "> - page the whole team",
        "\n\nMore to do.",
    ):
        assert text in merged.text
    assert merged.text.count("One client") == 1
    assert not merge(merged.base, rederived(merged.text), new).changed
    assert not merge(None, rederived(merged.text), new).changed


def test_a_text_with_suggestions_is_no_base() -> None:
    base, stands = conflicting()
    assert not merge(stands, rederived(stands), base).changed


def test_a_wider_row_keeps_its_cells() -> None:
    posted = "| a |\n| --- |\n| x |\n| y |\n"
    stands = "| a | b |\n| -- | -- |\n| x | 1 |\n| y | 2 |"
    merged = merge(posted, stands, posted.replace("| a |", "| c |"))
    assert "| a | b |" in merged.text
    assert "| y | 2 |" in merged.text


def test_what_says_the_same_in_another_form() -> None:
    one = (
        "- a_b and __c__ \\[x\\]\n- see https://example.com/a\n\n1) x\n\n* * *\n\nTitle\n---\n\n"
        "| a | b |\n|---|:--:|\n| 1 | 2 |"
    )
    other = (
        "* a_b and **c** [x]\n* see [https://example.com/a](<https://example.com/a>)\n\n3. x\n\n---\n\n## Title\n\n"
        "| a | b |\n| -- | :--: |\n| 1 | 2 |"
    )
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("## a", "### a"), ("- [ ] a", "- [x] a"), ("```\na\n```", "```\n a\n```"), ("a", "*a*"), ("- a", "1. a")],
)
def test_what_does_not_say_the_same(one: str, other: str) -> None:
    assert form(one) != form(other)
