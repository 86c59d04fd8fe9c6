"""The one door to the environment: settings from it, from `.env`, and from `needs-plan.toml`."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

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
        default=None, gt=0, description="The most its plans may cost in a day.", examples=[20]
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
    max_subissues: int = Field(default=12, ge=1, le=50, description="No plan makes more sub-issues.", examples=[12])

    @field_validator("give_up_after")
    @classmethod
    def _duration(cls, value: str) -> str:
        seconds(value)
        return value

    @property
    def give_up_after_s(self) -> float:
        """Seconds."""
        return seconds(self.give_up_after)


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
        alias="NEEDS_PLAN_MAX_USD_PER_PLAN",
        description="The most one plan may cost, in dollars.",
        examples=[5],
    )
    max_usd_per_day: float = Field(
        50.0,
        gt=0,
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

    @classmethod
    def load(cls, env_file: Path | None = Path(".env")) -> Self:
        """Settings from the environment, over `.env`. Raises `SettingsError` with one line for people."""
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        try:
            settings = cls(_env_file=env_file)  # pyright: ignore[reportCallIssue]  # pydantic-settings' own argument
        except ValidationError as error:
            raise SettingsError(_explain(error, known)) from None
        rules = _rules(settings.config)
        return settings.model_copy(update={"rules": rules})

    @property
    def database(self) -> str:
        """The database URL in force; SQLite in the data directory unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'needs-plan.sqlite'}"

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The signing secrets, in the order they are tried."""
        raw = self.linear_webhook_secret.get_secret_value() if self.linear_webhook_secret else ""
        return tuple(part.strip() for part in raw.split(",") if part.strip())

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


# `teams = ["ENG"]` says which teams are served, `[teams.ENG]` what holds for one; TOML itself takes only one of them.
_SERVED = re.compile(r"\A((?:(?!\s*\[).*\n)*?\s*)teams(?=\s*=\s*\[)")


def _rules(path: Path | None) -> Rules:
    """Read the rules file. Absent and not asked for: the defaults."""
    asked = path is not None
    path = path or Path("needs-plan.toml")
    try:
        raw = tomllib.loads(_SERVED.sub(r"\1served", path.read_text(encoding="utf-8"), count=1))
    except FileNotFoundError:
        if asked:
            msg = f"NEEDS_PLAN_CONFIG names {path}, which is not there. Make the file or unset it."
            raise SettingsError(msg) from None
        return Rules()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} cannot be read: {error}. It should be TOML, for example: max_subissues = 12"
        raise SettingsError(msg) from None
    try:
        return Rules.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, Rules.model_fields, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" Known are: {', '.join(Rules.model_fields)}."
            msg = f"{path}: `{key}` is not a rule of this version.{hint}"
            raise SettingsError(msg) from None
        example = (Rules.model_fields[key].examples or [""])[0]
        reason = _lower(first["msg"].removeprefix("Value error, "))
        msg = f"{path}: `{key}` is wrong: {reason}. Example: {key} = {example!r}"
        raise SettingsError(msg) from None
