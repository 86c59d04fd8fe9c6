"""Runs every check over a plan and adds up what they find. No I/O but what single checks say of themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import cast

from planner.checks import BlockCheck, MayLack, Mending, Mends, PlanCheck, about, checks, missing, name_of, within
from planner.findings import At, Finding, Mended, NotChecked, Report
from planner.subject import Fence, Subject
from planner.visible import visible

MOST_FINDINGS = 20
"""Findings of one check about one thing; the first ones say enough."""

_MESSAGE_CHARS = 400


def check(
    subject: Subject, *, skipped: frozenset[str] = frozenset(), begins: Callable[[str], None] = lambda _: None
) -> Report:
    """Mend what can be mended, then look at all of it. Never raises for what `subject` holds.

    Findings come in the order of the document. What could not be looked at to its end counts neither as passed nor as
    failed.
    `skipped`: names of checks that are left out. `begins` is told the name of each check before it looks.
    """
    chosen = [each for each in checks() if name_of(each) not in skipped]
    subject, mended = _mended(subject, chosen, begins)
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    passed = failed = 0
    for each in chosen:
        fences = [fence for fence in subject.fences if fence.kinds & each.KINDS]
        if each.KINDS and not fences:
            continue
        if because := _lacking(each):
            not_checked.append(NotChecked(check=name_of(each), because=because))
            continue
        begins(name_of(each))
        if each.KINDS:
            looked = [_look(each, partial(_at_fence, each, fence, subject), fence.at) for fence in fences]
            failed += sum(_has_error(found) for found in looked)
            passed += sum(not _has_error(found) and not _broke(each, found) for found in looked)
            findings += [finding for found in looked for finding in found]
        else:
            found = _look(each, partial(cast("PlanCheck", each).look, subject), At())
            wrong = {finding.rule.partition("/")[2] for finding in found if finding.level == "error"}
            failed += len(wrong)
            passed += 0 if _broke(each, found) else len(each.RULES.keys() - wrong)
            findings += found
    return Report(
        passed=passed,
        failed=failed,
        findings=tuple(_in_order(findings, subject)),
        mended=tuple(mended),
        not_checked=tuple(not_checked),
    )


def _has_error(found: list[Finding]) -> bool:
    return any(each.level == "error" for each in found)


def _broke(each: BlockCheck | PlanCheck, found: list[Finding]) -> bool:
    return bool(found) and found[-1].rule == f"{name_of(each)}/broken"


def _in_order(findings: list[Finding], subject: Subject) -> list[Finding]:
    """As the document has them: by section, block and line."""
    sections: dict[str, int] = {}
    for heading in _HEADING.findall(subject.markdown):
        sections.setdefault(heading, len(sections))
    blocks: dict[str, int] = {}
    for at in (*(fence.at for fence in subject.fences), *(each.at for each in subject.sub_issues)):
        blocks.setdefault(at.block, len(blocks))
    return sorted(
        findings, key=lambda each: (sections.get(each.at.section, -1), blocks.get(each.at.block, -1), each.at.line)
    )


_HEADING = re.compile(r"^## (\S.{0,200})$", re.MULTILINE)


def _at_fence(each: BlockCheck | PlanCheck, fence: Fence, subject: Subject) -> Iterator[Finding]:
    if len(fence.content) > each.MOST_CHARS:
        yield Finding(
            rule=f"{name_of(each)}/too-long",
            level="error",
            message=f"The block has {len(fence.content):,} characters; more than {each.MOST_CHARS:,} are not checked.",
            hint="Split it, or leave out what the plan does not need.",
            at=fence.at,
        )
        return
    yield from cast("BlockCheck", each).look(fence, subject)


def _look(each: BlockCheck | PlanCheck, look: Callable[[], Iterator[Finding]], at: At) -> list[Finding]:
    found: list[Finding] = []
    try:
        for finding in islice(look(), MOST_FINDINGS):
            found.append(_shown(finding))  # noqa: PERF401 - what was found before it breaks is kept
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - our fault, or input nobody thought of. A panic in Rust is no Exception
        name = name_of(each)
        said = f"The check {name} broke here ({type(error).__name__}), so this was not looked at to its end."
        found.append(Finding(rule=f"{name}/broken", level="warning", message=said, at=at))
    return list(dict.fromkeys(found))


def _shown(finding: Finding) -> Finding:
    """On one line, bounded, and without hidden characters: it may quote what others wrote."""
    return finding.model_copy(update={"message": _line(finding.message), "hint": _line(finding.hint)})


def _line(text: str) -> str:
    line = " ".join(visible(text).text.split())
    return line if len(line) <= _MESSAGE_CHARS else f"{line[: _MESSAGE_CHARS - 3]}..."


def _lacking(each: BlockCheck | PlanCheck) -> str:
    """Why a check cannot look, a sentence; empty if it can."""
    absent = missing(each.NEEDS)
    if not absent:
        return each.lacking() if isinstance(each, MayLack) else ""
    return f"{about(each)} Not checked: {', '.join(absent)} is not installed; needs-plan[infra] brings it."


# --- mending ---------------------------------------------------------------------------------------------------------


def _mended(
    subject: Subject, chosen: Sequence[BlockCheck | PlanCheck], begins: Callable[[str], None]
) -> tuple[Subject, list[Mended]]:
    """Only artefacts are mended: blocks that are nothing but what their language says. In a file, all blocks are."""
    fences: list[Fence] = []
    said: list[Mended] = []
    for fence in subject.fences:
        whole = subject.is_file or fence.at.block.startswith("artefacts.")
        new = _put_right(fence, subject, chosen, begins) if whole else None
        fences.append(new[0] if new else fence)
        if new:
            said.append(Mended(at=within(fence.at, 1), said=_line(new[1]), content=new[0].content))
    return (subject.model_copy(update={"fences": tuple(fences)}), said) if said else (subject, said)


def _put_right(
    fence: Fence, subject: Subject, chosen: Sequence[BlockCheck | PlanCheck], begins: Callable[[str], None]
) -> tuple[Fence, str] | None:
    """The fence with its slips put right, where a check finds faults in it and none any more afterwards."""
    for each in chosen:
        if not (fence.kinds & each.KINDS and isinstance(each, Mends)) or missing(each.NEEDS):
            continue
        begins(name_of(each))
        if len(fence.content) > each.MOST_CHARS or not _faulty(each, fence, subject):
            continue
        mending = _mending(each, fence)
        new = fence.model_copy(update={"content": mending.content}) if mending else None
        if mending and new and not _faulty(each, new, subject):
            return new, mending.said
    return None


def _mending(each: Mends, fence: Fence) -> Mending | None:
    try:
        return each.mend(fence)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - as in `_look`: then it is not mended
        return None


def _faulty(each: BlockCheck | PlanCheck, fence: Fence, subject: Subject) -> bool:
    return _has_error(_look(each, partial(cast("BlockCheck", each).look, fence, subject), fence.at))
