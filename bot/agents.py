"""Which agent definitions there are, and which of them plans. Reads the operator's folder; the rest is pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from planner.agent import DEFAULT_AGENT, Agent, AgentInvalid, builtins, parse, slug
from planner.tools.catalogue import Offers
from planner.visible import visible

if TYPE_CHECKING:
    from bot.rules import Rules

Sentence: TypeAlias = str
"""One sentence for whoever asked, about what cannot be done and what can."""

REPOSITORY_FOLDER = ".claude/agents/"
"""Where a repository keeps its own definitions, from its root."""

_MOST_BYTES = 200_000
_MOST_FILES = 500
# Files that lie in such folders and define nobody.
_NO_AGENTS = {"readme", "changelog", "contributing", "license", "claude", "agents"}
_SHOWN = 60
_NEAREST = 8

AnyPath = TypeVar("AnyPath", str, Path)


class Definition(BaseModel):
    """An agent, and where its definition comes from.

    `where` is its file, for people. `shadowed_by`: the file of the definition that goes before it under the same name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Agent
    origin: Literal["built-in", "operator", "repository"]
    where: str
    shadowed_by: str = ""


class Agents(BaseModel):
    """All definitions found, the ones in force before those they shadow; `warnings` name what could not be used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definitions: tuple[Definition, ...]
    warnings: tuple[str, ...] = ()

    @property
    def in_force(self) -> tuple[Definition, ...]:
        """Those that a name leads to."""
        return tuple(each for each in self.definitions if not each.shadowed_by)

    @property
    def names(self) -> frozenset[str]:
        """The names that can be asked for."""
        return frozenset(each.agent.name for each in self.in_force)

    def get(self, name: str) -> Agent | None:
        """The agent of that name; case, blanks and underscores do not matter."""
        return next((each.agent for each in self.in_force if slug(each.agent.name) == slug(name)), None)


def find(rules: Rules, repository_files: Mapping[str, str] | None = None) -> Agents:
    """Built-in definitions, those of the operator's folder, and those of the planned repository.

    `repository_files`: texts by path from the repository's root; only those under `.claude/agents/` count, and only if
    the operator lets repositories bring their own. The operator's go before the built-in ones of the same name; a
    repository's never replace either. A file that cannot be used is a warning, never a failure.
    """
    warnings: list[str] = []
    found = list(_operators(rules.agents, warnings)) if rules.agents else []
    found += [
        Definition(agent=agent, origin="built-in", where=f"planner/agents/{agent.name}.md") for agent in builtins()
    ]
    if rules.repository_agents and repository_files:
        found += _repositorys(repository_files, warnings)
    first: dict[str, Definition] = {}
    shadowed: list[Definition] = []
    for each in found:
        before = first.setdefault(slug(each.agent.name), each)
        if before is not each:
            shadowed.append(each.model_copy(update={"shadowed_by": before.where}))
            # That the operator replaces a built-in one is meant; anything else people should know.
            if each.origin != "built-in":
                warnings.append(f"{each.where} is not used: {before.where} has the same name, {before.agent.name}.")
    return Agents(definitions=(*first.values(), *shadowed), warnings=tuple(warnings))


def choose(
    agents: Agents, rules: Rules, request_agent: str, *, labels: Sequence[str], project: str, team: str
) -> Agent | Sentence:
    """Who plans: by name in the request, else by label, project or team in the rules, else the built-in agent.

    `labels`: names of all labels on the issue. `project`: its name, empty for none. `team`: its key. A name that nobody
    has is answered with a sentence, never with another agent.
    """
    name, because = _named(rules, request_agent, labels, project, team)
    agent = agents.get(name)
    return agent if agent is not None else unknown(agents, name, because)


def unknown(agents: Agents, name: str, because: str = "") -> Sentence:
    """Says that there is no agent of that name, and which there are, the nearest first."""
    names = sorted(agents.names)
    near = difflib.get_close_matches(slug(name[:_SHOWN]), [slug(each) for each in names], n=len(names), cutoff=0.0)
    names.sort(key=lambda each: near.index(slug(each)) if slug(each) in near else len(near))
    more = f" and {len(names) - _NEAREST} more" if len(names) > _NEAREST else ""
    listed = ", ".join(f"`{each}`" for each in names[:_NEAREST])
    shown = " ".join(visible(name).text.replace("`", "'").split())
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    there = f"there is only {listed}" if len(names) == 1 else f"there are {listed}{more}"
    return f"There is no agent called `{shown}`{because}; {there}."


def offers(rules: Rules, *, repository: bool, servers: Iterable[str]) -> Offers:
    """What agents may use by these rules. `repository`: there is one to read. `servers`: names of MCP servers."""
    return Offers(
        repository=repository,
        web_domains=rules.web_domains,
        code=rules.allow_code,
        servers=frozenset(servers),
    )


def _named(rules: Rules, asked: str, labels: Sequence[str], project: str, team: str) -> tuple[str, str]:
    """The wanted name, and the rule it comes from, to be told if it leads nowhere."""
    if asked:
        return asked, ""
    on = {label.casefold() for label in labels}
    for label, rule in rules.labels.items():
        if label.casefold() in on:
            return rule.agent, f", which the rules name for the label `{label}`"
    by_project = rules.for_project(project).agent if project else None
    if by_project:
        return by_project, f", which the rules name for the project {project}"
    by_team = rules.for_team(team).agent if team else None
    if by_team:
        return by_team, f", which the rules name for the team {team}"
    return DEFAULT_AGENT, ""


def _operators(folder: str, warnings: list[str]) -> Iterator[Definition]:
    root = Path(folder)
    if not root.is_dir():
        warnings.append(f"{folder} is no folder; `agents` in the rules file names it.")
        return
    paths = sorted(path for path in root.rglob("*.md") if path.is_file())
    for path in _bounded(paths, folder, warnings):
        try:
            if path.stat().st_size > _MOST_BYTES:
                warnings.append(f"{path} is not used: it is larger than {_MOST_BYTES // 1000} kB.")
                continue
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            warnings.append(f"{path} is not used: {reason}.")
            continue
        yield from _read("operator", str(path), path.stem, text, warnings)


def _repositorys(files: Mapping[str, str], warnings: list[str]) -> Iterator[Definition]:
    paths = sorted(path for path in files if path.startswith(REPOSITORY_FOLDER) and path.endswith(".md"))
    for path in _bounded(paths, REPOSITORY_FOLDER, warnings):
        stem = path.rpartition("/")[2].removesuffix(".md")
        for each in _read("repository", path, stem, files[path][:_MOST_BYTES], warnings):
            # Names are shown to people and to other agents: a stranger's may not carry sentences.
            if slug(each.agent.name).replace("-", "").isalnum() and len(each.agent.name.split()) <= 1:
                yield each
            else:
                warnings.append(f"{path} is not used: its name is not made of letters, digits and hyphens.")


def _read(
    origin: Literal["operator", "repository"], where: str, stem: str, text: str, warnings: list[str]
) -> Iterator[Definition]:
    if stem.casefold() in _NO_AGENTS:
        return
    try:
        yield Definition(agent=parse(text, stem), origin=origin, where=where)
    except AgentInvalid as error:
        warnings.append(f"{where} is not used: {str(error)[:1].lower()}{str(error)[1:]}")


def _bounded(paths: Sequence[AnyPath], folder: str, warnings: list[str]) -> Sequence[AnyPath]:
    if len(paths) > _MOST_FILES:
        warnings.append(f"{folder} holds more than {_MOST_FILES} definitions; the rest is not used.")
    return paths[:_MOST_FILES]
