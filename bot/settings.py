"""The one door to the environment: settings from it and from `.env`; they hold the rules as well."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.rules import Rules, RulesInvalid, read_rules
from bot.slots import fault_of

if TYPE_CHECKING:
    from planner.tools.mcp.config import McpServer

LINEAR_API_URL = "https://api.linear.app/graphql"
LINEAR_OAUTH_URL = "https://api.linear.app/oauth/token"


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one line: which one, what is wrong, an example."""


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
    sweep: str = Field(
        "*/15 * * * *",
        alias="NEEDS_PLAN_SWEEP",
        description="When to look for labels that no webhook told of: cron, in UTC. Empty: never.",
        examples=["*/15 * * * *"],
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

    @field_validator("sweep")
    @classmethod
    def _cron(cls, value: str) -> str:
        if value.strip() and (fault := fault_of(value)):
            msg = f"it {fault}. Leave it empty to switch the sweep off"
            raise ValueError(msg)
        return value.strip()

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
        # Of all settings this one means something when it is set to nothing.
        off = {"NEEDS_PLAN_SWEEP": ""} if _set_to_nothing("NEEDS_PLAN_SWEEP", env_file) else {}
        try:
            settings = cls(_env_file=env_file, **off)  # pyright: ignore[reportCallIssue, reportArgumentType]  # pydantic-settings' own argument
        except ValidationError as error:
            raise SettingsError(_explain(error, known)) from None
        try:
            rules = read_rules(settings.config)
        except RulesInvalid as error:
            raise SettingsError(str(error)) from None
        settings = settings.model_copy(update={"rules": rules})
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
        from planner.tools.mcp.config import (  # noqa: PLC0415 - brings the HTTP library; most starts name no file
            McpConfigInvalid,
            read_servers,
        )

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


def _set_to_nothing(name: str, env_file: Path | None) -> bool:
    """Whether the environment, or else `.env`, sets this to nothing at all."""
    value = os.environ.get(name)
    if value is None and env_file is not None:
        value = dotenv_values(env_file).get(name)
    return value is not None and not value.strip()


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
