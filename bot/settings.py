"""The one door to the environment: settings from it, from `.env`, and from `needs-plan.toml`."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from planner.tools.mcp_config import McpConfigInvalid, McpServer, read_servers

LINEAR_API_URL = "https://api.linear.app/graphql"
LINEAR_OAUTH_URL = "https://api.linear.app/oauth/token"


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one line: which one, what is wrong, an example."""


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
    max_usd_per_day: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="The most its plans may cost in a day (UTC), in dollars.",
        examples=[20],
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


_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+(/[!-)+-~]*)?", re.IGNORECASE)

Table = TypeVar("Table")


def _named(tables: Mapping[str, Table], name: str) -> Table | None:
    if name in tables:
        return tables[name]
    return next((table for key, table in tables.items() if key.casefold() == name.casefold()), None)


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
    max_subissues: int = Field(default=12, ge=1, le=50, description="No plan makes more sub-issues.", examples=[12])

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
    def give_up_after_s(self) -> float:
        """Seconds."""
        return seconds(self.give_up_after)

    def for_team(self, key: str) -> TeamRules:
        """What `[teams.KEY]` says, in any case of letters; all defaults where there is no such table."""
        return _named(self.teams, key) or TeamRules()

    def for_project(self, name: str) -> ProjectRules:
        """What `[projects."Name"]` says, in any case of letters; all defaults where there is no such table."""
        return _named(self.projects, name) or ProjectRules()


class Settings(BaseSettings):
    """Every setting, under the name it has in the environment."""

    # `env_ignore_empty`: compose files and `.env` templates set names to nothing; that means "not set".
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file_encoding="utf-8", env_ignore_empty=True)

    linear_api_key: SecretStr | None = Field(
        None, alias="LINEAR_API_KEY", description="Personal key; the bot acts as that person.", examples=["lin_api_..."]
    )
    linear_client_id: str | None = Field(
        None,
        alias="LINEAR_CLIENT_ID",
        description="OAuth app (client credentials), instead of the key; the bot acts as the app.",
        examples=["1a2b3c..."],
    )
    linear_client_secret: SecretStr | None = Field(
        None, alias="LINEAR_CLIENT_SECRET", description="The app's secret.", examples=["..."]
    )
    linear_api_url: str = Field(
        LINEAR_API_URL, alias="LINEAR_API_URL", description="Any GraphQL endpoint that speaks Linear's schema."
    )
    linear_oauth_url: str = Field(
        LINEAR_OAUTH_URL, alias="LINEAR_OAUTH_URL", description="Where the app's token comes from."
    )
    linear_files_origin: str = Field(
        "https://uploads.linear.app",
        alias="LINEAR_FILES_ORIGIN",
        description="Linear's file host: the only address files are read from, with the key.",
    )
    linear_webhook_secret: SecretStr | None = Field(
        None,
        alias="LINEAR_WEBHOOK_SECRET",
        description="One or more signing secrets, comma-separated, for rotation.",
        examples=["lin_wh_..."],
    )
    anthropic_api_key: SecretStr | None = Field(
        None, alias="ANTHROPIC_API_KEY", description="Key for Claude.", examples=["sk-ant-..."]
    )
    anthropic_base_url: str | None = Field(
        None, alias="ANTHROPIC_BASE_URL", description="Another address for Claude's API, a gateway for one."
    )
    provider: Literal["anthropic", "bedrock", "vertex", "foundry", "scripted"] = Field(
        "anthropic",
        alias="NEEDS_PLAN_PROVIDER",
        description="Who serves Claude; or `scripted`, the offline stand-in, which says so in every plan.",
        examples=["anthropic"],
    )
    model: str | None = Field(
        None, alias="NEEDS_PLAN_MODEL", description="A model id or alias. Absent: the agent file's `model:`."
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] = Field(
        "high", alias="NEEDS_PLAN_EFFORT", description="The model's effort.", examples=["high"]
    )
    thinking: Literal["adaptive", "off"] = Field(
        "adaptive",
        alias="NEEDS_PLAN_THINKING",
        description="Whether the model thinks before it writes; `off` only where the model can do without.",
        examples=["adaptive"],
    )
    max_usd_per_plan: float = Field(
        5.0,
        gt=0,
        allow_inf_nan=False,
        alias="NEEDS_PLAN_MAX_USD_PER_PLAN",
        description="The most one plan may cost, in dollars.",
        examples=[5],
    )
    max_usd_per_day: float = Field(
        50.0,
        gt=0,
        allow_inf_nan=False,
        alias="NEEDS_PLAN_MAX_USD_PER_DAY",
        description="The most all plans of a day (UTC) may cost, in dollars; failed runs count.",
        examples=[50],
    )
    git_tokens: SecretStr | None = Field(
        None,
        alias="NEEDS_PLAN_GIT_TOKENS",
        description="Tokens for private repositories, one per host, comma-separated; each goes to its host only.",
        examples=["github.com=ghp_..."],
    )
    database_url: str | None = Field(
        None,
        alias="NEEDS_PLAN_DATABASE_URL",
        description="`sqlite:///PATH` (absent: in the data directory) or `postgresql://user@host:5432/db`.",
        examples=["postgresql://plan@db:5432/plan"],
    )
    data_dir: Path = Field(
        Path(".needs-plan"),
        alias="NEEDS_PLAN_DATA_DIR",
        description="Where the SQLite database and the repository mirrors lie.",
    )
    host: str = Field("127.0.0.1", alias="NEEDS_PLAN_HOST", description="Where `serve` listens.")
    port: int = Field(
        8080, ge=0, le=65535, alias="NEEDS_PLAN_PORT", description="Where `serve` listens.", examples=[8080]
    )
    label: str = Field(
        "needs-plan", min_length=1, alias="NEEDS_PLAN_LABEL", description="The label that asks for a plan."
    )
    done_label: str = Field(
        "planned", min_length=1, alias="NEEDS_PLAN_DONE_LABEL", description="The label it becomes when the plan stands."
    )
    failed_label: str = Field(
        "plan-failed",
        min_length=1,
        alias="NEEDS_PLAN_FAILED_LABEL",
        description="The label it becomes when that failed.",
    )
    config: Path | None = Field(
        None, alias="NEEDS_PLAN_CONFIG", description="The rules file. Absent: `needs-plan.toml`, if there is one."
    )
    concurrency: int = Field(
        4,
        ge=1,
        le=200,
        alias="NEEDS_PLAN_CONCURRENCY",
        description="Plans written at once, over all replicas.",
        examples=[4],
    )
    log: Literal["console", "json"] | None = Field(
        None, alias="NEEDS_PLAN_LOG", description="Log format. Absent: `console` on a terminal, else `json`."
    )
    rules: Rules = Field(default=Rules(), exclude=True)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql://")):
            msg = "begins with neither sqlite:/// nor postgresql://"
            raise ValueError(msg)
        return value

    @field_validator("linear_files_origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("https", "http") or not parts.hostname or value.count("@"):
            msg = "is no origin; write scheme and host, nothing more"
            raise ValueError(msg)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            msg = "says more than scheme and host"
            raise ValueError(msg)
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @field_validator("git_tokens")
    @classmethod
    def _tokens(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _token_by_host(value.get_secret_value())
        return value

    @classmethod
    def load(cls, env_file: Path | None = Path(".env")) -> Self:
        """Settings from the environment, over `.env`. Raises `SettingsError` with one line for people."""
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        try:
            settings = cls(_env_file=env_file)  # pyright: ignore[reportCallIssue]  # pydantic-settings' own argument
        except ValidationError as error:
            raise SettingsError(_explain(error, known)) from None
        settings = settings.model_copy(update={"rules": _rules(settings.config)})
        results = {name.casefold() for name in (settings.done_label, settings.failed_label)}
        both = [name for name in settings.trigger_labels if name.casefold() in results]
        if both:
            raise SettingsError(
                f"the label `{both[0]}` asks for a plan and says how one ended. Give one of the two another name: "
                "NEEDS_PLAN_LABEL, NEEDS_PLAN_DONE_LABEL, NEEDS_PLAN_FAILED_LABEL, or [labels] in the rules file."
            )
        return settings

    @property
    def database(self) -> str:
        """The database URL in force; SQLite in the data directory unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'needs-plan.sqlite'}"

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The signing secrets, in the order they are tried."""
        raw = self.linear_webhook_secret.get_secret_value() if self.linear_webhook_secret else ""
        return tuple(part.strip() for part in raw.split(",") if part.strip())

    @property
    def git_token_by_host(self) -> dict[str, str]:
        """Tokens for private repositories, by host in lower case (with its port if one is written)."""
        return _token_by_host(self.git_tokens.get_secret_value()) if self.git_tokens else {}

    @property
    def rules_folder(self) -> Path:
        """Where local paths in the rules begin: the folder of the rules file."""
        return (self.config or Path("needs-plan.toml")).parent

    @property
    def trigger_labels(self) -> dict[str, str]:
        """Every label that asks for a plan, with the agent it asks for; empty for the one that asks for none."""
        return {self.label: "", **{name: rule.agent for name, rule in self.rules.labels.items()}}

    def mcp_servers(self) -> dict[str, McpServer]:
        """The MCP servers of the operator's file, by name; none where the rules name no file.

        `${NAME}` in it is looked up in the environment and in `.env`. Raises `SettingsError`.
        """
        file = self.rules.mcp
        if file is None:
            return {}
        names = {name: value for name, value in dotenv_values(".env").items() if value is not None} | dict(os.environ)
        try:
            return read_servers(Path(file).read_text(encoding="utf-8-sig"), file=file, expand=names)
        except McpConfigInvalid as error:
            raise SettingsError(str(error)) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            msg = f'`mcp` in the rules file names {file}, which cannot be read: {reason}. Example: mcp = ".mcp.json"'
            raise SettingsError(msg) from None

    def need_linear(self) -> None:
        """Raise `SettingsError` unless there is a way into Linear."""
        if self.linear_api_key is None and (self.linear_client_id is None or self.linear_client_secret is None):
            msg = (
                "LINEAR_API_KEY is not set: the bot cannot reach Linear. Set it (LINEAR_API_KEY=lin_api_...), "
                "or LINEAR_CLIENT_ID and LINEAR_CLIENT_SECRET of an OAuth app."
            )
            raise SettingsError(msg)

    def need_webhook_secret(self) -> None:
        """Raise `SettingsError` unless deliveries can be verified."""
        if not self.webhook_secrets:
            msg = (
                "LINEAR_WEBHOOK_SECRET is not set: webhooks could not be trusted. "
                "Copy the signing secret from the webhook's page in Linear (LINEAR_WEBHOOK_SECRET=lin_wh_...)."
            )
            raise SettingsError(msg)

    def need_model(self, *, allow_scripted: bool, against_linear: bool = True) -> None:
        """Raise `SettingsError` unless a model may write plans here.

        The scripted stand-in is refused against Linear's real API unless `allow_scripted`: nobody should get
        invented plans by a forgotten setting. `against_linear`: whether what is written goes to Linear at all.
        """
        if self.provider == "scripted":
            if against_linear and self.linear_api_url == LINEAR_API_URL and not allow_scripted:
                msg = (
                    "NEEDS_PLAN_PROVIDER is `scripted`, the offline stand-in, but LINEAR_API_URL is Linear itself. "
                    "Set NEEDS_PLAN_PROVIDER=anthropic, or pass --allow-scripted if you mean it."
                )
                raise SettingsError(msg)
            return
        if self.provider == "anthropic" and self.anthropic_api_key is None:
            msg = "ANTHROPIC_API_KEY is not set: no plan can be written. Set it (ANTHROPIC_API_KEY=sk-ant-...)."
            raise SettingsError(msg)


def _explain(error: ValidationError, known: Mapping[str, FieldInfo]) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    reason = first["msg"].removeprefix("Value error, ")
    field = known.get(name)
    examples = (field.examples or [field.default]) if field is not None else [""]
    return f"{name} is wrong: {_lower(reason)}. Example: {name}={examples[0]}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _token_by_host(text: str) -> dict[str, str]:
    """Read `host=token, host=token`. Raises ValueError in words that never hold a token."""
    tokens: dict[str, str] = {}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for number, part in enumerate(parts, start=1):
        host, equals, token = (piece.strip() for piece in part.partition("="))
        if not equals or not token or not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", host):
            msg = f"part {number} of {len(parts)} is not host=token, with the host's bare name"
            raise ValueError(msg)
        if re.search(r"\s", token) or not token.isprintable():
            msg = f"the token for {host} holds blanks or invisible characters"
            raise ValueError(msg)
        if host.lower() in tokens:
            msg = f"the host {host} is there twice"
            raise ValueError(msg)
        tokens[host.lower()] = token
    return tokens


# --- the rules file --------------------------------------------------------------------------------------------------

_TABLES: dict[str, type[BaseModel]] = {"teams": TeamRules, "projects": ProjectRules, "labels": LabelRules}
_TEAMS_KEY = re.compile(r"""^[ \t]*("teams"|'teams'|teams)(?=[ \t]*=)""", re.MULTILINE)
# What pydantic calls by its Python name, in the words of TOML.
_IN_TOML = {"tuple_type": "should be a list", "dict_type": "should be a table", "model_type": "should be a table"}


def _rules(path: Path | None) -> Rules:
    """Read the rules file. Absent and not asked for: the defaults. Folders and files in it are relative to it."""
    asked = path is not None
    path = path or Path("needs-plan.toml")
    try:
        raw = _toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if asked:
            msg = f"NEEDS_PLAN_CONFIG names {path}, which is not there. Make the file or unset it."
            raise SettingsError(msg) from None
        return Rules()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} cannot be read: {error}. It should be TOML, for example: max_subissues = 12"
        raise SettingsError(msg) from None
    try:
        rules = Rules.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_wrong_rule(error)}") from None
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


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _example(name: str, field: FieldInfo) -> str:
    value: object = (field.examples or [field.default])[0]
    return f"{name} = {json.dumps(True if value is False else value, ensure_ascii=False)}"
