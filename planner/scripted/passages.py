"""The passages of a plan that read alike for every design, filled from the words of the issue. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.model import JsonObject
from planner.scripted.design import Design
from planner.scripted.reading import Reading, is_quality

_LOAD = re.compile(
    r"\b(per|an?) (second|minute|hour)|per day|p9\d|million|at once|concurren|memory|/s\b|rps|peak", re.IGNORECASE
)
_GUARDED = re.compile(
    r"secur|secret|token|\bkeys?\b|sign(ed|ature)|permission|access|personal|gdpr|audit|encrypt|password|only .* may|"
    r"allowed|soc ?2|card",
    re.IGNORECASE,
)
_MOST_FILES = 4


def is_load(text: str) -> bool:
    """Whether a sentence says how much or how fast."""
    return _LOAD.search(text) is not None


def implications(reading: Reading) -> str:
    """What the requirements mean for scale, performance and security, as far as words show it."""
    named = {f"R{at}": each.plain for at, each in enumerate(reading.requirements, 1)}
    load = [name for name, text in named.items() if is_load(text)]
    quality = [name for name, text in named.items() if is_quality(text) and name not in load]
    guarded = [name for name, text in named.items() if _GUARDED.search(text)]
    scale = (
        f"{_all(load)} {_verb(load, 'set')} the load to plan for"
        if load
        else "nothing is said of load: see the questions"
    )
    speed = f"{_all(quality)} {_verb(quality, 'say')} how well it must work" if quality else "no limit in time is given"
    safety = (
        f"{_all(guarded)} {_verb(guarded, 'decide')} who may do and see what"
        if guarded
        else "the rules of access stay as they are"
    )
    return f"- **Scale:** {scale}.\n- **Performance:** {speed}.\n- **Security:** {safety}."


def evidence(reading: Reading) -> Iterable[JsonObject]:
    """What the material shows of the system as it is: its own sentences, and files that were shown."""
    for each in reading.existing:
        yield {"text": each.plain, "source": each.source}
    for path in reading.files[:_MOST_FILES]:
        yield {"text": f"The repository has `{path}`.", "source": f"repo:{path}"}


def implementation(design: Design) -> str:
    """Interfaces, errors, logging and configuration."""
    return (
        "Components know each other by the types below and nothing else. Errors are of three kinds: the caller's, "
        "answered at once with a problem document; those that pass, tried again up to five times with growing waits; "
        "and faults, which end the work and raise an alarm. Logs are lines of JSON with `request_id` and "
        f"{_key(design)}, never with bodies or secrets. Settings come from the environment, secrets from Secrets "
        "Manager by name."
    )


def testing(reading: Reading) -> str:
    """Levels, data, load and coverage."""
    load = [f"R{at}" for at, each in enumerate(reading.requirements, 1) if is_load(each.text)]
    said = f"at the numbers of {_all(load)}" if load else "at twice the load of the busiest hour of the last month"
    return (
        "Unit tests for rules and edges, integration tests against a real database in the pipeline, one end-to-end "
        f"test in staging on every deployment. Data is made for each test and thrown away. Load: ten minutes {said}. "
        "Every branch that decides is covered; 85 % of lines over all."
    )


def operations(design: Design) -> JsonObject:
    """How it is shipped and run."""
    return {
        "deployment": (
            "Infrastructure by AWS CDK, one stack per environment. The pipeline runs checks and tests, deploys to "
            "staging, runs the end-to-end tests there, then deploys to production behind a switch. Going back is "
            "the switch first, the last build second; migrations only add until the next release."
        ),
        "monitoring": design.monitoring,
        "backup": (
            "Point-in-time recovery for 14 days and a daily copy in a second region. A restore is rehearsed before "
            "the release and twice a year; aim: back within 4 hours, with at most 5 minutes lost."
        ),
        "regions": "One region serves. The daily copy lies in a second one, from which the stack can be built anew.",
    }


def _key(design: Design) -> str:
    return f"the id of the row in `{design.relations[0].name}`" if design.relations else "the caller's id"


def _all(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verb(names: list[str], verb: str) -> str:
    return f"{verb}s" if len(names) == 1 else verb
