"""Makes faults from good artefacts: mutants that a second tool refuses, of which seed alone chooses some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.planner.checks.corpus import DATA, Fault, good
from tests.planner.checks.seeding.mutation import ANY, Mutation, mutants

Told = Callable[[Mapping[str, str]], Mapping[str, str]]
"""What another tool says of each text, by its name; empty where it finds nothing."""


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
