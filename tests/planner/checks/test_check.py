"""The runner: counting, mending, bounding and cleaning, with checks that the tests make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from planner import check as runner
from planner import checks as package
from planner.checks import Mending, Rule, about, checks, missing, name_of
from planner.findings import At, Finding
from planner.subject import Fence, Subject

Look = Callable[..., Iterator[Finding]]


def a_check(name: str, look: Look, kinds: frozenset[str] = frozenset({"text"}), **more: Any) -> Any:
    given: dict[str, Any] = {
        "__name__": f"planner.checks.{name}",
        "__doc__": f"{name} is right. No I/O.",
        "KINDS": kinds,
        "RULES": {"one": Rule("error", "one holds"), "two": Rule("error", "two holds")},
        "NEEDS": (),
        "MOST_CHARS": 100,
        "look": look,
        **more,
    }
    return SimpleNamespace(**given)


def an_error(
    rule: str = "given/one", message: str = "It is wrong.", line: int = 1, block: str = "artefacts.A1"
) -> Finding:
    return Finding(rule=rule, level="error", message=message, at=At(block=block, line=line))


def a_subject(*contents: str, is_file: bool = False) -> Subject:
    fences = tuple(
        Fence(kinds=frozenset({"text"}), language="text", content=each, at=At(block=f"artefacts.A{number}", line=1))
        for number, each in enumerate(contents, 1)
    )
    return Subject(markdown="", fences=fences, is_file=is_file)


@pytest.fixture
def with_checks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(*given: Any) -> None:
        monkeypatch.setattr(runner, "checks", lambda: given)

    return put


def test_every_check_counts_once_for_each_block(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", lambda fence, _: iter([an_error()] if fence.content == "bad" else [])))
    report = runner.check(a_subject("good", "bad", "good"))
    assert (report.passed, report.failed) == (2, 1)


def test_a_check_of_the_plan_counts_by_its_rules(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", lambda _: iter([an_error(), an_error(line=2)]), kinds=frozenset()))
    report = runner.check(a_subject())
    assert (report.passed, report.failed) == (1, 1)
    assert len(report.findings) == 2


def test_warnings_do_not_fail(with_checks: Callable[..., None]) -> None:
    warning = an_error().model_copy(update={"level": "warning"})
    with_checks(a_check("given", lambda *_: iter([warning])))
    report = runner.check(a_subject("x"))
    assert (report.passed, report.failed, len(report.warnings)) == (1, 0, 1)


def test_without_a_block_of_its_kind_a_check_does_not_count(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", lambda *_: iter([an_error()]), kinds=frozenset({"sql"})))
    report = runner.check(a_subject("x"))
    assert (report.passed, report.failed, report.findings) == (0, 0, ())


def test_what_is_too_long_is_a_finding_and_not_looked_at(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", lambda *_: pytest.fail("looked at")))
    report = runner.check(a_subject("x" * 101))
    assert [each.rule for each in report.findings] == ["given/too-long"]
    assert "101 characters" in report.findings[0].message


def test_a_check_that_breaks_keeps_what_it_found_and_says_so(with_checks: Callable[..., None]) -> None:
    def look(*_: object) -> Iterator[Finding]:
        yield an_error()
        raise RecursionError

    with_checks(a_check("given", look))
    report = runner.check(a_subject("x"))
    assert [(each.rule, each.level) for each in report.findings] == [
        ("given/one", "error"),
        ("given/broken", "warning"),
    ]
    assert "RecursionError" in report.findings[1].message


class _Panic(BaseException):
    """What Rust's parsers raise is no Exception."""


def _panics(*_: object) -> Iterator[Finding]:
    raise _Panic
    yield


@pytest.mark.parametrize("kinds", [frozenset({"text"}), frozenset[str]()], ids=["block", "plan"])
def test_what_was_not_looked_at_to_its_end_has_neither_passed_nor_failed(
    with_checks: Callable[..., None], kinds: frozenset[str]
) -> None:
    with_checks(a_check("given", _panics, kinds=kinds, mend=_panics))
    report = runner.check(a_subject("x"))
    assert [each.rule for each in report.findings] == ["given/broken"]
    assert (report.passed, report.failed) == (0, 0)


def test_an_interrupt_is_not_kept_from_anybody(with_checks: Callable[..., None]) -> None:
    def look(*_: object) -> Iterator[Finding]:
        raise KeyboardInterrupt
        yield

    with_checks(a_check("given", look))
    with pytest.raises(KeyboardInterrupt):
        runner.check(a_subject("x"))


def test_findings_come_in_the_order_of_the_document(with_checks: Callable[..., None]) -> None:
    places = [
        At(section="Risks", line=3),
        At(section="API", block="artefacts.A2", line=9),
        At(section="API", block="artefacts.A2", line=2),
        At(section="API", block="artefacts.A1", line=5),
        At(section="API", line=7),
        At(),
    ]
    with_checks(
        a_check("given", lambda _: iter(an_error().model_copy(update={"at": at}) for at in places), kinds=frozenset())
    )
    subject = a_subject("x", "y").model_copy(update={"markdown": "# Plan\n\n## API\n\n## Risks\n"})
    assert [each.at for each in runner.check(subject).findings] == places[::-1]


def test_findings_are_bounded_cleaned_and_told_once(with_checks: Callable[..., None]) -> None:
    def look(*_: object) -> Iterator[Finding]:
        yield an_error(message="one\n\u202eline <!-- hidden -->" + "x" * 1_000)
        yield an_error(message="twice")
        yield an_error(message="twice")
        yield from (an_error(line=number) for number in range(2, 1_000))

    with_checks(a_check("given", look))
    found = runner.check(a_subject("x")).findings
    assert len(found) == runner.MOST_FINDINGS - 1
    assert len(found[0].message) == 400
    assert "\u202e" not in found[0].message
    assert "hidden" not in found[0].message
    assert "\n" not in found[0].message


def test_a_check_whose_library_is_missing_says_so_where_it_would_look(with_checks: Callable[..., None]) -> None:
    lacking = a_check("given", lambda *_: pytest.fail("looked"), NEEDS=("no_such_module_at_all",))
    with_checks(lacking)
    report = runner.check(a_subject("x"))
    assert report.not_checked[0].check == "given"
    assert report.not_checked[0].because.endswith(
        "no_such_module_at_all is not installed; needs-plan[infra] brings it."
    )
    assert (report.passed, report.failed) == (0, 0)
    with_checks(a_check("given", lambda *_: iter(()), NEEDS=("no_such_module_at_all",), kinds=frozenset({"sql"})))
    assert not runner.check(a_subject("x")).not_checked
    assert missing(("json", "no_such_module_at_all")) == ["no_such_module_at_all"]


def _bad(fence: Fence, _: Subject) -> Iterator[Finding]:
    if "bad" in fence.content:
        yield an_error()


MENDINGS: dict[str, tuple[Callable[[Fence], Mending | None], bool]] = {
    "that helps": (lambda fence: Mending(fence.content.replace("bad", "good"), "Wrote good."), True),
    "that does not help": (lambda fence: Mending(f"{fence.content} bad", "Tried."), False),
    "that gives up": (lambda _: None, False),
    "that breaks": (lambda fence: Mending(fence.content[10_000], ""), False),
}


@pytest.mark.parametrize(("mend", "helps"), MENDINGS.values(), ids=MENDINGS)
def test_a_mending_is_kept_only_if_nothing_is_wrong_afterwards(
    with_checks: Callable[..., None], mend: Callable[[Fence], Mending | None], helps: bool
) -> None:
    with_checks(a_check("given", _bad, mend=mend))
    report = runner.check(a_subject("bad", "fine"))
    assert (len(report.mended), report.failed) == ((1, 0) if helps else (0, 1))
    if helps:
        assert (report.mended[0].content, report.mended[0].at.block) == ("good", "artefacts.A1")


def test_what_is_right_is_not_mended(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", _bad, mend=lambda _: pytest.fail("mended")))
    assert not runner.check(a_subject("fine")).mended


def test_blocks_in_prose_are_not_mended_but_those_of_files_are(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("given", _bad, mend=lambda _: Mending("good", "Wrote good.")))
    subject = a_subject("bad")
    prose = subject.fences[0].model_copy(update={"at": At(block="architecture", line=3)})
    assert not runner.check(subject.model_copy(update={"fences": (prose,)})).mended
    assert runner.check(subject.model_copy(update={"fences": (prose,), "is_file": True})).mended


def test_checks_can_be_left_out_and_tell_when_they_begin(with_checks: Callable[..., None]) -> None:
    with_checks(a_check("first", lambda *_: iter(())), a_check("second", lambda *_: iter([an_error()])))
    begun: list[str] = []
    report = runner.check(a_subject("x"), skipped=frozenset({"second"}), begins=begun.append)
    assert (report.passed, report.failed, begun) == (1, 0, ["first"])


# --- the checks there are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", checks(), ids=[name_of(each) for each in checks()])
def test_each_check_says_what_it_is(check: Any) -> None:
    assert check.__doc__
    assert about(check).endswith(".")
    assert "\n" not in about(check)
    assert check.RULES
    for name, rule in check.RULES.items():
        assert name == name.lower()
        assert rule.says
        assert not rule.says.endswith(".")
    if check.KINDS:
        assert check.MOST_CHARS > 0


def test_the_checks_are_found_by_discovery() -> None:
    found = {name_of(each) for each in checks()}
    assert {"structure", "notation", "mermaid", "openapi", "sql", "typescript", "graphql", "phases"} <= found
    assert {"coverage", "across", "citations", "names", "sub-issues", "cron", "dockerfile", "dynamodb"} <= found
    assert package.__doc__
