"""Claude Code's `.mcp.json`: which MCP servers an operator lets agents use. No I/O."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, TypeAdapter, ValidationError

CALL_WITHIN_S = 45.0
"""How long a server has for one call, where the file says nothing else."""

MOST_WITHIN_S = 50.0
"""The longest time a file can ask for: a little less than the toolbox waits for any call."""

_MILLISECONDS_FROM = 1_000
_SHORTEST_SECRET = 6


class McpConfigInvalid(ValueError):
    """The file cannot be used. The message is one sentence that names file, server and key; it quotes no value."""


class StdioServer(BaseModel):
    """A server that is a program of ours, spoken to over its standard input and output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    command: SecretStr
    args: tuple[SecretStr, ...] = ()
    env: dict[str, SecretStr] = {}
    path: str = Field(default=os.defpath, description="its PATH, unless `env` has one")
    cwd: str = Field(default="", description="the folder it starts in; empty: a new, empty one")
    read_only: bool = Field(default=True, description="only tools that the server marks as read-only")
    timeout_s: float = Field(default=CALL_WITHIN_S, description="for one call")
    secrets: tuple[SecretStr, ...] = Field(default=(), description="what is masked in all that it says")

    @property
    def at(self) -> str:
        """What it is, for people: the program's name."""
        return os.path.basename(self.command.get_secret_value())  # noqa: PTH119 - a name, maybe no path


class HttpServer(BaseModel):
    """A server behind an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: SecretStr
    headers: dict[str, SecretStr] = {}
    transport: Literal["http", "sse"] = "http"
    read_only: bool = Field(default=True, description="only tools that the server marks as read-only")
    timeout_s: float = Field(default=CALL_WITHIN_S, description="for one call")
    secrets: tuple[SecretStr, ...] = Field(default=(), description="what is masked in all that it says")

    @property
    def at(self) -> str:
        """Where it is, for people: scheme and host. Path and query may hold keys."""
        parts = urlsplit(self.url.get_secret_value())
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


McpServer = StdioServer | HttpServer


def read_servers(text: str, *, file: str, expand: Mapping[str, str]) -> dict[str, McpServer]:
    """The servers of a `.mcp.json` by name.

    `${NAME}` and `${NAME:-default}` in command, args, env, url and headers are looked up in `expand`, which should hold
    what the operator's environment holds; a variable that is set to nothing takes its default, as in a shell. What
    came out of it, what `headers` hold, what `env` holds under names like TOKEN or KEY, and passwords in addresses are
    masked wherever the server says them. What stands in `args` can be seen in the machine's list of processes.

    Beside Claude Code's keys a server may have `readOnly` (false: tools that are not marked read-only may be called,
    too), `timeout` for a call in seconds (1,000 and more are the milliseconds that Claude Code writes) and, for a
    program, `cwd`. `file` names the file in errors. Raises McpConfigInvalid.
    """
    try:
        whole: JsonValue = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        problem = f"is no JSON: {error}" if isinstance(error, ValueError) else "is no JSON that makes sense"
        raise McpConfigInvalid(f"{file} {problem}.") from None
    if not isinstance(whole, dict):
        raise McpConfigInvalid(f'{file} must be an object like {{"mcpServers": {{...}}}}.')
    servers = whole.get("mcpServers")
    if not isinstance(servers, dict):
        raise McpConfigInvalid(f"{file} has no `mcpServers`, an object with one entry for each server.")
    for key in whole:
        if key not in {"mcpServers", "$schema"}:
            raise McpConfigInvalid(f"{file}: unknown key `{_shown(key)}`; the servers stand under `mcpServers`.")
    return {name: _server(name, entry, file, expand) for name, entry in servers.items()}


class _DuplicateError(ValueError):
    pass


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _DuplicateError(f"`{_shown(twice)}` stands in it twice")
    return found


# --- one server ------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,62}[^\s\x00-\x1f\x7f])?")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_UNREADABLE = re.compile(r"\$\{[^}]*\}?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VARIABLE_NAME = re.compile(r"[^=\x00]+")
# Expanded, but no secret; masking these would only garble what a server says.
_OPEN = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TMPDIR", "TZ", "PWD", "HOSTNAME"}
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASS|PWD|KEY|AUTH|CREDENTIAL|COOKIE|BEARER|DSN", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"://[^\s/:@]*:([^\s/@]+)@")
_UNSUPPORTED = {
    "headersHelper": "would run a program for its headers; give them in `headers` instead",
    "oauth": "needs a person at a browser; give a token in `headers` instead",
}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    read_only: bool = Field(default=True, alias="readOnly")
    timeout: Annotated[float, Field(gt=0)] | None = None


class _Stdio(_Entry):
    type: Literal["stdio"] = "stdio"
    command: Annotated[str, Field(min_length=1)]
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: str = ""


class _Http(_Entry):
    type: Literal["http", "streamable-http", "sse"]
    url: Annotated[str, Field(min_length=1)]
    headers: dict[str, str] = {}


_KEYS = {"stdio": _Stdio, "http": _Http, "streamable-http": _Http, "sse": _Http}


def _server(name: str, entry: JsonValue, file: str, expand: Mapping[str, str]) -> McpServer:
    where = f"{file}, server {_shown(name)}"
    if not _NAME.fullmatch(name) or "__" in name:
        raise McpConfigInvalid(
            f"{where}: a name is at most 64 characters in one line, without two underscores in a row."
        )
    if not isinstance(entry, dict):
        raise McpConfigInvalid(f"{where}: must be an object with `command`, or with `type` and `url`.")
    for key, reason in _UNSUPPORTED.items():
        if key in entry:
            raise McpConfigInvalid(f"{where}: `{key}` {reason}.")
    kind = entry.get("type", "stdio" if "command" in entry else None)
    if kind is None:
        raise McpConfigInvalid(
            f'{where}: has neither `command` nor `type`; a server behind a `url` needs `"type": "http"`.'
        )
    if not isinstance(kind, str) or kind not in _KEYS:
        raise McpConfigInvalid(f"{where}, `type`: must be stdio, http or sse.")
    try:
        read = TypeAdapter[_Stdio | _Http](_KEYS[kind]).validate_python(entry)
    except ValidationError as error:
        raise McpConfigInvalid(f"{where}{_first(error)}") from None
    expander = _Expander(where, expand)
    return _stdio(name, read, expander) if isinstance(read, _Stdio) else _http(name, read, expander)


def _stdio(name: str, read: _Stdio, expander: _Expander) -> StdioServer:
    command = expander("command", read.command)
    args = [expander(f"args[{at}]", each) for at, each in enumerate(read.args)]
    env = {key: expander(f"env.{key}", value) for key, value in read.env.items()}
    for key in env:
        if not _VARIABLE_NAME.fullmatch(key):
            raise McpConfigInvalid(f"{expander.where}, `env`: a variable has a name without `=`.")
    if not command or any("\0" in value for value in (command, *args, *env.values())):
        raise McpConfigInvalid(f"{expander.where}: `command` is empty, or a value holds a NUL character.")
    cwd = expander("cwd", read.cwd)
    if cwd and not os.path.isabs(cwd):  # noqa: PTH117 - pure text; nothing is looked up
        raise McpConfigInvalid(f"{expander.where}, `cwd`: must be an absolute path.")
    expander.secret.update(value for key, value in env.items() if _SECRET_NAME.search(key))
    expander.secret.update(found for value in (*env.values(), *args) for found in _IN_ADDRESS.findall(value))
    return StdioServer(
        name=name,
        command=SecretStr(command),
        args=tuple(SecretStr(each) for each in args),
        env={key: SecretStr(value) for key, value in env.items()},
        path=expander.names.get("PATH") or os.defpath,
        cwd=cwd,
        read_only=read.read_only,
        timeout_s=_seconds(read.timeout),
        secrets=expander.secrets(),
    )


def _http(name: str, read: _Http, expander: _Expander) -> HttpServer:
    url = expander("url", read.url)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise McpConfigInvalid(f"{expander.where}, `url`: must be an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise McpConfigInvalid(f"{expander.where}, `url`: holds a user name or password; give it in `headers`.")
    expander.secret.add(parts.query)
    headers = {key: expander(f"headers.{key}", value) for key, value in read.headers.items()}
    for key, value in headers.items():
        if not _HEADER.fullmatch(key) or not value.isascii() or re.search(r"[\x00-\x1f\x7f]", value):
            raise McpConfigInvalid(f"{expander.where}, `headers.{_shown(key)}`: is no header that can be sent.")
        # "Bearer abc": the token may be said without its scheme.
        expander.secret.update((value, value.rpartition(" ")[2]))
    return HttpServer(
        name=name,
        url=SecretStr(url),
        headers={key: SecretStr(value.strip()) for key, value in headers.items()},
        transport="sse" if read.type == "sse" else "http",
        read_only=read.read_only,
        timeout_s=_seconds(read.timeout),
        secrets=expander.secrets(),
    )


class _Expander:
    # Puts variables in, and remembers what came of it as secret.

    def __init__(self, where: str, names: Mapping[str, str]) -> None:
        self.where = where
        self.names = names
        self.secret: set[str] = set()

    def __call__(self, key: str, value: str) -> str:
        def put(match: re.Match[str]) -> str:
            name, default = match.group(1), match.group(2)
            found = self.names.get(name)
            if not found and default is not None:
                return default
            if found is None:
                raise McpConfigInvalid(
                    f"{self.where}, `{_shown(key)}`: the variable {name} is not set; set it, or write "
                    f"${{{name}:-something}} for a default."
                )
            if name not in _OPEN:
                self.secret.add(found)
            return found

        for match in _UNREADABLE.finditer(value):
            if not _VARIABLE.fullmatch(match[0]):
                raise McpConfigInvalid(
                    f"{self.where}, `{_shown(key)}`: a variable is written ${{NAME}} or ${{NAME:-default}}."
                )
        return _VARIABLE.sub(put, value)

    def secrets(self) -> tuple[SecretStr, ...]:
        # The longest first, so that none is masked only in part.
        found = {each.strip() for each in self.secret if len(each.strip()) >= _SHORTEST_SECRET}
        return tuple(SecretStr(each) for each in sorted(found, key=lambda each: (-len(each), each)))


def _seconds(timeout: float | None) -> float:
    if timeout is None:
        return CALL_WITHIN_S
    return min(timeout / 1_000 if timeout >= _MILLISECONDS_FROM else timeout, MOST_WITHIN_S)


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(_shown(str(part)) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f": unknown key `{path}`."
    if first["type"] == "missing":
        return f": `{path}` is missing."
    return f", `{path}`: {first['msg'][:1].lower()}{first['msg'][1:]}."


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)[:80]


# --- masking ---------------------------------------------------------------------------------------------------------

MASK = "[secret]"


def mask(text: str, server: McpServer) -> str:
    """The text without the server's secrets."""
    for secret in server.secrets:
        for form in _forms(secret.get_secret_value()):
            text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> Iterator[str]:
    # As it is, as JSON has it within a string, and as an address has it.
    yield secret
    for form in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")):
        if form != secret:
            yield form
