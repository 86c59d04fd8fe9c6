"""`needs-plan.toml`: what the operator decides for the whole workspace, as rules, and what is wrong in the file."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+(/[!-)+-~]*)?", re.IGNORECASE)
_TEAMS_KEY = re.compile(r"""^[ \t]*("teams"|'teams'|teams)(?=[ \t]*=)""", re.MULTILINE)
# What pydantic calls by its Python name, in the words of TOML.
_IN_TOML = {"tuple_type": "should be a list", "dict_type": "should be a table", "model_type": "should be a table"}

Table = TypeVar("Table")


class RulesInvalid(ValueError):
    """The rules file cannot be used. The message is one line: where, what is wrong, an example."""


def seconds(text: str) -> float:
    """`"90s"`, `"15m"`, `"6h"` or `"2d"` as seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", text.strip())
    if match is None:
        msg = 'is no duration; write for example "6h"'
        raise ValueError(msg)
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


class TeamRules(BaseModel):
    """`[teams.ENG]`: what holds for one team, by its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str | None = Field(
        default=None,
        description="Read at one commit; an address or a local path.",
        examples=["https://github.com/acme/api"],
    )
    agent: str | None = Field(default=None, description="The agent that plans.", examples=["backend-architect-planner"])
    subissues: Literal["auto", "ask"] = Field(
        default="auto",
        description="Whether sub-issues are made with the plan, or (`ask`) once somebody comments `/plan approve`.",
        examples=["ask"],
    )
    max_usd_per_day: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="The most its plans may cost in a day (UTC), in dollars.",
        examples=[20],
    )
    may_trigger: tuple[str, ...] = Field(
        default=("members",),
        description=(
            "Who may command in comments: `members` (people with a seat), e-mails and ids of users, ids or names of "
            "apps and integrations."
        ),
        examples=[["members"]],
    )


class ProjectRules(BaseModel):
    """`[projects."Payments"]`: what holds for one project, by its name; narrower than the team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str | None = Field(
        default=None, description="Read at one commit; an address or a local path.", examples=["../payments"]
    )
    agent: str | None = Field(default=None, description="The agent that plans.", examples=["backend-architect-planner"])


class LabelRules(BaseModel):
    """`[labels."needs-plan-frontend"]`: a trigger of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: str = Field(description="The agent that plans.", examples=["frontend-architect"])


class Rules(BaseModel):
    """`needs-plan.toml`: what the operator decides for the whole workspace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    served: tuple[str, ...] | None = Field(
        default=None, description="Keys of the teams that are served. Absent: all the key can see.", examples=[["ENG"]]
    )
    agents: str | None = Field(
        default=None, description="A folder with more agent definitions, Claude Code's format.", examples=["agents"]
    )
    repositories: tuple[str, ...] = Field(
        default=(),
        description="Repositories that a link on an issue or project may bring in.",
        examples=[["github.com/acme/*"]],
    )
    repository_agents: bool = Field(default=False, description="May a repository bring its own `.claude/agents`?")
    mcp: str | None = Field(
        default=None, description="A file that names MCP servers, Claude Code's format.", examples=[".mcp.json"]
    )
    web_domains: tuple[str, ...] = Field(
        default=(),
        description="Hosts that web search and fetch may read. Empty: neither is there.",
        examples=[["docs.aws.amazon.com"]],
    )
    allow_code: bool = Field(
        default=False, description="Anthropic's sandboxed code execution for definitions that ask for Bash."
    )
    teams: dict[str, TeamRules] = Field(default={}, description="What holds for one team, by its key.")
    projects: dict[str, ProjectRules] = Field(default={}, description="What holds for one project, by its name.")
    labels: dict[str, LabelRules] = Field(default={}, description="More trigger labels, each with its agent.")
    give_up_after: str = Field(
        default="6h", description="How long outages and overload are waited out.", examples=["6h"]
    )
    answer_after: str = Field(
        default="24h",
        description=(
            "How long questions on an issue that says too little wait for an answer before it is planned on stated "
            "assumptions; `never` waits for ever."
        ),
        examples=["24h"],
    )
    checks: Literal["report", "strict"] = Field(
        default="report",
        description="A plan that has errors after mending is posted with its check report, or (`strict`) not posted.",
        examples=["report"],
    )
    sweep_max: int = Field(default=20, ge=1, le=250, description="No sweep begins more plans.", examples=[20])
    max_subissues: int = Field(default=12, ge=1, le=50, description="No plan makes more sub-issues.", examples=[12])

    @field_validator("answer_after")
    @classmethod
    def _duration_or_never(cls, value: str) -> str:
        if value != "never":
            seconds(value)
        return value

    @field_validator("give_up_after")
    @classmethod
    def _duration(cls, value: str) -> str:
        seconds(value)
        return value

    @field_validator("web_domains")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not _HOST.fullmatch(host):
                msg = f"holds `{host}`, which is no host name; write it without https://, spaces or *"
                raise ValueError(msg)
        return value

    @property
    def answer_after_s(self) -> float | None:
        """Seconds; None for ever."""
        return None if self.answer_after == "never" else seconds(self.answer_after)

    @property
    def give_up_after_s(self) -> float:
        """Seconds."""
        return seconds(self.give_up_after)

    def for_team(self, key: str) -> TeamRules:
        """What `[teams.KEY]` says, in any case of letters; all defaults where there is no such table."""
        return _named(self.teams, key) or TeamRules()

    def for_project(self, name: str) -> ProjectRules:
        """What `[projects."Name"]` says, in any case of letters; all defaults where there is no such table."""
        return _named(self.projects, name) or ProjectRules()


def _named(tables: Mapping[str, Table], name: str) -> Table | None:
    if name in tables:
        return tables[name]
    return next((table for key, table in tables.items() if key.casefold() == name.casefold()), None)


_TABLES: dict[str, type[BaseModel]] = {"teams": TeamRules, "projects": ProjectRules, "labels": LabelRules}


def read_rules(path: Path | None) -> Rules:
    """Read the rules file. Absent and not asked for: the defaults. Raises `RulesInvalid`.

    Folders and files in it are relative to it.
    """
    asked = path is not None
    path = path or Path("needs-plan.toml")
    try:
        raw = _toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if asked:
            msg = f"NEEDS_PLAN_CONFIG names {path}, which is not there. Make the file or unset it."
            raise RulesInvalid(msg) from None
        return Rules()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} cannot be read: {error}. It should be TOML, for example: max_subissues = 12"
        raise RulesInvalid(msg) from None
    try:
        rules = Rules.model_validate(raw)
    except ValidationError as error:
        raise RulesInvalid(f"{path}: {_wrong_rule(error)}") from None
    here = {
        name: str(path.parent / Path(value).expanduser())
        for name, value in (("agents", rules.agents), ("mcp", rules.mcp))
        if value is not None
    }
    return rules.model_copy(update=here)


def _toml(text: str) -> dict[str, Any]:
    """The file with its list of teams as `served`.

    `teams = ["ENG"]` says which teams are served, `[teams.ENG]` what holds for one. TOML itself takes only one of the
    two; where both stand, that `teams` is renamed whose renaming makes the file TOML.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        trouble = error
        for number, match in enumerate(_TEAMS_KEY.finditer(text)):
            try:
                raw = tomllib.loads(f"{text[: match.start(1)]}served{text[match.end(1) :]}")
                break
            except tomllib.TOMLDecodeError as other:
                # With the first one renamed, what is still wrong is what is really wrong.
                trouble = other if number == 0 else trouble
        else:
            raise trouble from None
    else:
        if "served" in raw:
            raw["served "] = raw.pop("served")  # ours, not a name people write
        if not isinstance(raw.get("teams", {}), dict):
            raw["served"] = raw.pop("teams")
    return raw


def _wrong_rule(error: ValidationError) -> str:
    """What is wrong in the rules file, in one sentence, with what would be right."""
    first = error.errors(include_url=False, include_input=False)[0]
    served = first["loc"][0] == "served"
    loc = ["teams", *map(str, first["loc"][1:])] if served else [str(part).strip() for part in first["loc"]]
    table = None if served else _TABLES.get(loc[0])
    inside = table is not None and len(loc) > 1
    fields = table.model_fields if table is not None and inside else Rules.model_fields
    depth = 3 if inside else 1
    where = ".".join(_toml_key(part) for part in loc[:depth])
    key = loc[2] if len(loc) > 2 and inside else ("served" if served else loc[0])  # noqa: PLR2004 - table, name, key
    if first["type"] == "extra_forbidden":
        known = [name for name in fields if name != "served"]
        near = difflib.get_close_matches("teams" if key == "served" else key, known, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else f" Known are: {', '.join(known)}."
        return f"`{where}` is not a rule of this version.{hint}"
    if first["type"] == "missing":
        whole = ".".join(_toml_key(part) for part in loc[:2])
        return f"`[{whole}]` lacks `{key}`. Example: {_example(key, fields[key])}"
    reason = _IN_TOML.get(first["type"]) or _lower(first["msg"].removeprefix("Value error, "))
    if key not in fields:  # a whole table is wrong
        name, field = next(iter(fields.items()))
        return f"`{where}` is wrong: {reason}. Example: [{where}] with {_example(name, field)}"
    if table is not None and not inside:
        return f'`{where}` is wrong: {reason}. Example: [{where}."Name"]'
    return f"`{where}` is wrong: {reason}. Example: {_example('teams' if served else key, fields[key])}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _example(name: str, field: FieldInfo) -> str:
    value: object = (field.examples or [field.default])[0]
    return f"{name} = {json.dumps(True if value is False else value, ensure_ascii=False)}"
