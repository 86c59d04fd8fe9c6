"""`needs-plan agents`: the agent definitions found, and what each of their tools maps to."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from bot.agents import Agents, Definition, find, offers, unknown
from bot.settings import Settings
from planner.agent import DEFAULT_AGENT
from planner.pricing import price
from planner.tools.catalogue import Mapped, Offers, tools_of
from planner.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLE = {"refused": "yellow", "unmapped": "red"}
_ORIGIN = {"operator": "yours", "repository": "the repository's"}
_SUMMARY = 200
_FAMILY = len("repository")


def agents(*, as_json: bool) -> None:
    """Print every definition. What cannot be used is told, and fails nothing. Raises `SettingsError`."""
    settings = Settings.load()
    rules = settings.rules
    reads = bool(rules.repositories) or any(
        each.repository for each in (*rules.teams.values(), *rules.projects.values())
    )
    offered = offers(rules, repository=reads, servers=settings.mcp_servers())
    found = find(rules)
    who, lost = _who_plans(settings, found)
    warnings = [*found.warnings, *lost]
    if as_json:
        told = {
            "agents": [_as_json(each, settings, offered) for each in found.definitions],
            "plans": [{"for": what, "agent": name} for what, name in who],
            "warnings": warnings,
        }
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for each in found.definitions:
        _print(console, each, settings, offered)
    console.print("[bold]Who plans[/]")
    for what, name in who:
        console.print(f"  {escape(what)}: {escape(name)}", soft_wrap=True)
    if rules.repository_agents:
        console.print("  Definitions that a repository brings in .claude/agents are read with each plan.")
    for warning in warnings:
        console.print(f"\n[yellow]warning[/] {escape(_line(warning))}")


def _who_plans(settings: Settings, found: Agents) -> tuple[list[tuple[str, str]], list[str]]:
    """For what, and who; and the rules that name nobody."""
    rules = settings.rules
    who = [(f"label {label}", name) for label, name in settings.trigger_labels.items() if name]
    who += [(f"project {project}", rule.agent) for project, rule in rules.projects.items() if rule.agent]
    who += [(f"team {team}", rule.agent) for team, rule in rules.teams.items() if rule.agent]
    lost = [
        unknown(found, name, f", which the rules name for the {what}")
        for what, name in who
        if found.get(name) is None and not rules.repository_agents
    ]
    return [*who, ("everything else" if who else "everything", DEFAULT_AGENT)], lost


def _as_json(each: Definition, settings: Settings, offered: Offers) -> dict[str, object]:
    model = each.agent.choose_model(settings.model)
    tools = tools_of(each.agent, offered)
    return {
        "name": each.agent.name,
        "description": each.agent.description,
        "origin": each.origin,
        "where": each.where,
        "shadowed_by": each.shadowed_by or None,
        "model": {"asked": each.agent.model or None, "id": model, "price_known": price(model).known},
        "all_tools": each.agent.tools is None,
        "tools": [tool.model_dump() for tool in tools],
        "unknown_keys": [key for key, _ in each.agent.other],
        "warnings": _warnings(each, tools),
    }


def _warnings(each: Definition, tools: Sequence[Mapped]) -> list[str]:
    warnings = [f"{tool.tool}: {tool.gives}" for tool in tools if tool.family == "unmapped"]
    keys = [key for key, _ in each.agent.other]
    if keys:
        warnings.append(f"Keys that mean nothing here: {', '.join(keys)}.")
    if each.shadowed_by:
        warnings.append(f"Not used: {each.shadowed_by} goes before it.")
    return warnings


def _print(console: Console, each: Definition, settings: Settings, offered: Offers) -> None:
    agent = each.agent
    model = agent.choose_model(settings.model)
    cost = price(model)
    rates = f"${cost.rates.input:g} in, ${cost.rates.output:g} out per million tokens"
    tools = tools_of(agent, offered)
    origin = "built-in" if each.origin == "built-in" else f"{_ORIGIN[each.origin]}, {each.where}"
    console.print(f"[bold]{escape(agent.name)}[/] [dim]({escape(_line(origin))})[/]", soft_wrap=True)
    if agent.description:
        summary = textwrap.shorten(_line(agent.description), _SUMMARY, placeholder=" ...")
        console.print(_indented(summary, console.width), markup=False)
    known = rates if cost.known else f"price not known, counted as the dearest: {rates}"
    console.print(f"  model  {escape(model)} [dim]({known})[/]", soft_wrap=True)
    console.print(f"  tools  {'all that only read, since it names none' if agent.tools is None else ''}".rstrip())
    for names, family, gives in _grouped(tools):
        lead = f"    [{_STYLE.get(family, 'green')}]{family:<{_FAMILY}}[/]"
        for line in _wrapped(names, console.width):
            console.print(f"{lead}  {escape(line)}")
            lead = " " * (4 + _FAMILY)
        for line in _wrapped(gives, console.width):
            console.print(f"{lead}  [dim]{escape(line)}[/]")
    if not tools:
        console.print("    none: it plans from the brief alone")
    unmapped = [tool.tool for tool in tools if tool.family == "unmapped"]
    told = [f"Not there: {', '.join(unmapped)}."] if unmapped else []
    for warning in [*told, *_warnings(each, ())]:
        console.print(f"  [yellow]warning[/] {escape(_line(warning))}", soft_wrap=True)
    console.print()


def _grouped(tools: Sequence[Mapped]) -> list[tuple[str, str, str]]:
    """Names, family and sentence; tools that are treated alike stand together, in the order of the first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for tool in tools:
        groups.setdefault((tool.family, tool.gives), []).append(_line(tool.tool))
    return [(", ".join(names), family, _line(gives)) for (family, gives), names in groups.items()]


def _indented(text: str, width: int) -> str:
    return textwrap.fill(text, max(40, width - 2), initial_indent="  ", subsequent_indent="  ")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(30, width - _FAMILY - 7), break_on_hyphens=False)


def _line(text: str) -> str:
    """On one line, without characters that nobody sees: files come from many hands, and a terminal obeys codes."""
    return " ".join(visible(text).text.split())
