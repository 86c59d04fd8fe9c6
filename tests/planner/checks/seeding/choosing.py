"""Makes faults: mutants of good artefacts that a second tool refuses, of which seed alone chooses some, and by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from tests.planner.checks.corpus import DATA, Fault, good
from tests.planner.checks.seeding.mutation import ANY, Mutation, mutants

Told = Callable[[Mapping[str, str]], Mapping[str, str]]
"""What another tool says of each text, by its name; empty where it finds nothing."""


class ByHand(NamedTuple):
    """A fault that models make: what is wrong, which rules must find it, and the artefact.

    `truth` is who says so where the other tool is not asked.
    """

    id: str
    how: str
    rules: tuple[str, ...]
    content: str
    truth: str = ""


def by_hand(told: Told, rows: Sequence[ByHand]) -> list[Fault]:
    """The faults of `rows`, each with what the other tool says of it. Raises where it finds nothing."""
    said = told({each.id: each.content for each in rows if not each.truth})
    if silent := [each.id for each in rows if not each.truth and not said[each.id]]:
        raise SystemExit(f"The other tool finds nothing in {', '.join(silent)}.")
    return [
        Fault(
            id=each.id,
            base="hand",
            how=each.how,
            mechanical=False,
            content=each.content,
            rules=each.rules,
            truth=each.truth or said[each.id],
        )
        for each in rows
    ]


def chosen(
    kind: str,
    told: Told,
    *,
    seed: int,
    kept: int,
    of_each: int = 12,
    most_chars: int = 4_000,
    most_of_one: int = 3,
    mutations: tuple[Mutation, ...] = ANY,
) -> list[Fault]:
    """`kept` mutants of the good artefacts of a kind that `told` refuses, at most `most_of_one` of one artefact.

    Artefacts longer than `most_chars` are left out, so that the corpus stays small. No check of ours is asked.
    """
    random = Random(f"{kind} {seed}")
    made: dict[str, Fault] = {}
    for path in good(kind):
        text = path.read_text(encoding="utf-8")
        if len(text) > most_chars:
            continue
        for number, (how, mutant) in enumerate(mutants(random, text, of_each, mutations), 1):
            name = f"{path.name}-{number}"
            base = str(path.relative_to(DATA / "good"))
            made[name] = Fault(id=name, base=base, how=how, mechanical=True, content=mutant, rules=(), truth="-")
    said = told({name: fault.content for name, fault in made.items()})
    refused = [fault.model_copy(update={"truth": said[name]}) for name, fault in made.items() if said[name]]
    random.shuffle(refused)
    count: dict[str, int] = {}
    picked: list[Fault] = []
    for fault in refused:
        count[fault.base] = count.get(fault.base, 0) + 1
        if count[fault.base] <= most_of_one and len(picked) < kept:
            picked.append(fault)
    print(f"{kind}: {len(made)} mutants, {len(refused)} refused, {len(picked)} kept")
    return sorted(picked, key=lambda each: each.id)
