"""`needs-plan doctor`: what the bot stands on, checked; for each fault what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.markup import escape

from bot.settings import Settings, SettingsError
from linear.errors import LinearError, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services import Services

_MARK = {"ok": "[green]ok[/]   ", "warning": "[yellow]look[/] ", "fault": "[red]fault[/]"}
_CLOCK_OFF_S = 30.0


class Finding(BaseModel):
    """One check's outcome. `what` is one sentence; `todo` what to do about it, empty when all is well."""

    model_config = ConfigDict(frozen=True)

    check: str
    level: Literal["ok", "warning", "fault"]
    what: str
    todo: str = ""


def doctor(*, as_json: bool) -> int:
    """Print all findings; answers 1 if any is a fault."""
    settings = Settings.load()
    findings = asyncio.run(examine(settings))
    if as_json:
        print(json.dumps([finding.model_dump() for finding in findings], indent=2))
    else:
        console = Console(highlight=False)
        for finding in findings:
            console.print(f"{_MARK[finding.level]} {finding.check:<10} {escape(finding.what)}", soft_wrap=True)
            if finding.todo:
                console.print(f"                 {escape(finding.todo)}", soft_wrap=True)
    return int(any(finding.level == "fault" for finding in findings))


async def examine(settings: Settings) -> list[Finding]:
    """All checks, in order; each stands alone, so that one fault never hides another."""
    from bot.services import Services

    services = Services(settings)
    findings = [*_keys(settings), await _database(services)]
    try:
        checks: list[Callable[[Services], Awaitable[list[Finding]]]] = [_linear, _model, _repositories]
        for check in checks:
            findings += await check(services)
        findings += _agents(services)
        findings.append(await _webhooks(services))
        findings += await _sweeps(services)
    finally:
        await services.close()
    return findings


def _keys(settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    for check, need in (
        ("linear key", settings.need_linear),
        ("webhook", settings.need_webhook_secret),
        ("model key", lambda: settings.need_model(allow_scripted=False)),
    ):
        try:
            need()
        except SettingsError as error:
            what, _, todo = str(error).partition(": ")
            findings.append(Finding(check=check, level="fault", what=f"{what}.".replace("..", "."), todo=_upper(todo)))
        else:
            findings.append(Finding(check=check, level="ok", what="It is set."))
    return findings


async def _database(services: Services) -> Finding:
    try:
        await asyncio.to_thread(services.database.migrate)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is the finding
        reason = str(error).splitlines()[0]
        return Finding(
            check="database",
            level="fault",
            what=f"It cannot be opened: {type(error).__name__}: {reason}",
            todo="Look at NEEDS_PLAN_DATABASE_URL or NEEDS_PLAN_DATA_DIR, and whether the server runs.",
        )
    kind = "Postgres" if services.settings.database.startswith("postgresql") else "SQLite"
    return Finding(check="database", level="ok", what=f"{kind}, with all its tables.")


async def _linear(services: Services) -> list[Finding]:
    settings = services.settings
    try:
        settings.need_linear()
    except SettingsError:
        return []  # told already
    try:
        linear = await services.linear()
        identity = await linear.identity()
        labels = await linear.labels_named((*settings.trigger_labels, settings.done_label, settings.failed_label))
        teams = await linear.teams()
    except Unauthorized as error:
        todo = "Make a new key in Linear under Settings, Security & access, and set LINEAR_API_KEY."
        return [Finding(check="linear", level="fault", what=f"Linear refuses the key: {error.reason}", todo=todo)]
    except LinearError as error:
        todo = f"Look at LINEAR_API_URL ({settings.linear_api_url}) and at Linear's status page."
        return [Finding(check="linear", level="fault", what=f"{error}.", todo=todo)]
    who = f"{identity.viewer.name}{' (an app)' if identity.viewer.app else ''}"
    findings = [Finding(check="linear", level="ok", what=f"{identity.organization.name}, acting as {who}.")]
    served = [team.key for team in teams if settings.rules.served is None or team.key in settings.rules.served]
    unseen = sorted(set(settings.rules.served or ()) - {team.key for team in teams})
    if unseen:
        todo = "Give the key access to them, or take them out of `teams` in needs-plan.toml."
        findings.append(Finding(check="teams", level="fault", what=f"Not visible: {', '.join(unseen)}.", todo=todo))
    findings.append(
        Finding(check="teams", level="ok", what=f"Serving {', '.join(served)}.")
        if served
        else Finding(check="teams", level="fault", what="No team is visible.", todo="Give the key access to a team.")
    )
    names = {label.name.casefold() for label in labels if not label.is_group}
    if settings.label.casefold() in names:
        findings.append(Finding(check="label", level="ok", what=f"`{settings.label}` is there."))
    else:
        todo = f"Make an issue label `{settings.label}` in Linear; without it nobody can ask for a plan by label."
        findings.append(Finding(check="label", level="fault", what=f"`{settings.label}` is missing.", todo=todo))
    for name in [each for each in settings.rules.labels if each.casefold() not in names]:
        todo = f"Make an issue label `{name}` in Linear, or take [labels.{name}] out of needs-plan.toml."
        findings.append(Finding(check="label", level="fault", what=f"`{name}` is missing.", todo=todo))
    missing = [name for name in (settings.done_label, settings.failed_label) if name.casefold() not in names]
    if missing:
        what = f"{' and '.join(f'`{name}`' for name in missing)} not there yet."
        todo = "The bot makes result labels when it first needs them; where its key may not, make them yourself."
        findings.append(Finding(check="labels", level="warning", what=what, todo=todo))
    skew = linear.clock_skew_s
    if skew is not None and abs(skew) > _CLOCK_OFF_S:
        what = f"This machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Linear's."
        todo = "Set the clock (NTP): webhooks more than a minute off look like replays."
        findings.append(Finding(check="clock", level="fault", what=what, todo=todo))
    elif skew is not None:
        findings.append(Finding(check="clock", level="ok", what="It agrees with Linear's."))
    return findings


async def _model(services: Services) -> list[Finding]:
    if services.scripted:
        return [
            Finding(
                check="model",
                level="warning",
                what="The scripted stand-in writes the plans; no model is asked.",
                todo="Set NEEDS_PLAN_PROVIDER=anthropic for real plans.",
            )
        ]
    settings = services.settings
    if settings.provider != "anthropic":
        what = f"{settings.provider} serves it; whether it answers shows with the first plan."
        return [Finding(check="model", level="ok", what=what)]
    if settings.anthropic_api_key is None:
        return []  # told already
    from planner.claude import make_model
    from planner.errors import PlannerError

    claude = make_model(api_key=settings.anthropic_api_key.get_secret_value(), base_url=settings.anthropic_base_url)
    try:
        name = await claude.look_up(services.model)
    except PlannerError as error:
        todo = "Look at ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and NEEDS_PLAN_MODEL."
        return [Finding(check="model", level="fault", what=str(error), todo=todo)]
    finally:
        await claude.aclose()
    return [Finding(check="model", level="ok", what=f"{name} answers ({services.model}).")]


def _agents(services: Services) -> list[Finding]:
    """The agent definitions, and whether the rules name any that is not there."""
    rules = services.settings.rules
    found = services.agents()
    findings = [
        Finding(check="agents", level="warning", what=each, todo="`needs-plan agents` shows what is found.")
        for each in found.warnings
    ]
    tables = (("labels", rules.labels), ("projects", rules.projects), ("teams", rules.teams))
    for kind, table in tables:
        for name, rule in table.items():
            if rule.agent and found.get(rule.agent) is None:
                what = f"{kind}.{name} names the agent {rule.agent}, which is not there."
                there = ", ".join(sorted(found.names))
                findings.append(Finding(check="agents", level="fault", what=what, todo=f"There are: {there}."))
    if not findings:
        findings.append(Finding(check="agents", level="ok", what=f"{len(found.names)} found."))
    return findings


async def _repositories(services: Services) -> list[Finding]:
    """Whether the repositories that the rules name can be read."""
    from bot.checkout import RepositoryUnavailable
    from bot.repositories import configured

    rules = services.settings.rules
    named = {rule.repository for rule in (*rules.teams.values(), *rules.projects.values()) if rule.repository}
    findings: list[Finding] = []
    for value in sorted(named):
        choice = configured(value, "the rules name it", services.settings.rules_folder)
        try:
            checkout = await services.checkouts.open(choice)
        except RepositoryUnavailable as error:
            todo = "Look at the address in needs-plan.toml and at NEEDS_PLAN_GIT_TOKENS; plans are made without it."
            findings.append(Finding(check="repository", level="fault", what=str(error), todo=todo))
        else:
            what = f"{checkout.name} at {checkout.commit[:12]}."
            findings.append(Finding(check="repository", level="ok", what=what))
    return findings


async def _webhooks(services: Services) -> Finding:
    """A webhook cannot be seen with most keys; that deliveries arrive can."""
    from bot.store import keep

    try:
        last = await services.database.run(keep.last_delivery)
    except Exception:  # noqa: BLE001 - the database's fault is told already
        last = None
    if last is None:
        return Finding(
            check="deliveries",
            level="warning",
            what="No webhook was acted on in the last day.",
            todo="If labels are pressed and nothing happens, look at the webhook's page in Linear: its address must "
            "end in /webhooks/linear and be reachable from outside.",
        )
    minutes = (time.time() - last) / 60
    at = datetime.fromtimestamp(last, UTC).strftime("%Y-%m-%d %H:%M")
    return Finding(check="deliveries", level="ok", what=f"The last one came {minutes:.0f} minutes ago ({at} UTC).")


async def _sweeps(services: Services) -> list[Finding]:
    """What sweeps have seen of missed webhooks, and whether they can be done."""
    from bot.services import fingerprint
    from bot.store import keep, sweeps
    from bot.sweep import hearing

    settings = services.settings
    try:
        organization_id = await services.database.run(keep.organization_of, fingerprint(settings)) or ""
        missed = await services.database.run(sweeps.standing, organization_id, sweeps.WEBHOOK)
        last = await services.database.run(sweeps.last, organization_id)
    except Exception:  # noqa: BLE001 - the database's fault is told already
        return []
    findings: list[Finding] = []
    fault = None
    with contextlib.suppress(LinearError, SettingsError):  # told already
        fault = await hearing.fault_seen(await services.linear())
    if missed is not None or fault is not None:
        what = f"{missed.because} So it is since {hearing.utc(missed.since)}." if missed else fault or ""
        todo = (
            "Look at the webhook's page in Linear: it must be enabled, and its address end in /webhooks/linear and be "
            "reachable from outside. This goes as soon as a delivery comes."
        )
        findings.append(Finding(check="missed", level="warning", what=what, todo=todo))
    if last is not None and last.because is not None:
        what = f"The one of {hearing.utc(last.began_at)} could not be done. {last.because}"
        findings.append(
            Finding(check="sweep", level="warning", what=what, todo="`needs-plan sweep` tries again and says more.")
        )
    elif not settings.sweep:
        what = "It is switched off: labels that no webhook tells of are not found."
        findings.append(Finding(check="sweep", level="ok", what=what))
    else:
        told = f"The last was at {hearing.utc(last.began_at)}. {hearing.summed(last.counted)}" if last else "None yet."
        findings.append(Finding(check="sweep", level="ok", what=told))
    return findings


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
