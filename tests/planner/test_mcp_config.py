"""Reading `.mcp.json`: what is understood, what is refused and how, what is masked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.tools.mcp.config import HttpServer, McpConfigInvalid, McpServer, StdioServer, mask, read_servers

EXPAND = {"FIGMA_TOKEN": "figd-secret", "HOME": "/home/bot", "PATH": "/opt/bin:/bin", "EMPTY": "", "NAME": "designs"}


def read(*, expand: dict[str, str] | None = None, **servers: Any) -> dict[str, McpServer]:
    return read_servers(
        json.dumps({"mcpServers": servers}), file=".mcp.json", expand=EXPAND if expand is None else expand
    )


def stdio(server: McpServer) -> StdioServer:
    assert isinstance(server, StdioServer)
    return server


def http(server: McpServer) -> HttpServer:
    assert isinstance(server, HttpServer)
    return server


def test_both_kinds_of_servers_are_read() -> None:
    servers = read(
        figma={"type": "http", "url": "https://mcp.example.com/${NAME}", "headers": {"X-Key": "Bearer ${FIGMA_TOKEN}"}},
        local={"command": "npx", "args": ["-y", "${NAME}-mcp"], "env": {"TOKEN": "${FIGMA_TOKEN}", "HOME": "${HOME}"}},
    )
    figma, local = http(servers["figma"]), stdio(servers["local"])
    assert (figma.name, figma.transport, figma.read_only, figma.timeout_s) == ("figma", "http", True, 45.0)
    assert figma.url.get_secret_value() == "https://mcp.example.com/designs"
    assert figma.headers["X-Key"].get_secret_value() == "Bearer figd-secret"
    assert (local.command.get_secret_value(), local.path, local.cwd) == ("npx", "/opt/bin:/bin", "")
    assert [each.get_secret_value() for each in local.args] == ["-y", "designs-mcp"]
    assert {key: value.get_secret_value() for key, value in local.env.items()} == {
        "TOKEN": "figd-secret",
        "HOME": "/home/bot",
    }


EXPANSIONS = {
    "a variable": ("${NAME}", "designs"),
    "within text": ("a ${NAME} b ${NAME}", "a designs b designs"),
    "a default that is not needed": ("${NAME:-other}", "designs"),
    "a default": ("${MISSING:-other}", "other"),
    "an empty default": ("${MISSING:-}", ""),
    "a default for what is set to nothing": ("${EMPTY:-other}", "other"),
    "set to nothing": ("${EMPTY}", ""),
    "a default with odd characters": ("${MISSING:-https://x/?a=$b}", "https://x/?a=$b"),
    "no variable": ("$NAME and $(NAME) and {NAME}", "$NAME and $(NAME) and {NAME}"),
    "not expanded again": ("${NESTED}", "${NAME}"),
}


@pytest.mark.parametrize(("written", "read_as"), EXPANSIONS.values(), ids=EXPANSIONS)
def test_variables_are_expanded(written: str, read_as: str) -> None:
    servers = read(local={"command": "x", "env": {"V": written}}, expand={**EXPAND, "NESTED": "${NAME}"})
    assert stdio(servers["local"]).env["V"].get_secret_value() == read_as


KINDS = {
    "http": ("http", "http"),
    "its newer name": ("streamable-http", "http"),
    "the older one": ("sse", "sse"),
}


@pytest.mark.parametrize(("written", "transport"), KINDS.values(), ids=KINDS)
def test_kinds_of_http(written: str, transport: str) -> None:
    assert http(read(far={"type": written, "url": "http://localhost:1/"})["far"]).transport == transport


TIMEOUTS = {
    "none": (None, 45.0),
    "seconds": (5, 5.0),
    "a part of one": (0.5, 0.5),
    "long": (600, 50.0),
    "milliseconds": (20_000, 20.0),
    "many milliseconds": (600_000, 50.0),
}


@pytest.mark.parametrize(("written", "read_as"), TIMEOUTS.values(), ids=TIMEOUTS)
def test_timeouts(written: float | None, read_as: float) -> None:
    entry = {"command": "x"} if written is None else {"command": "x", "timeout": written}
    assert read(local=entry)["local"].timeout_s == read_as


def of(entry: Any) -> str:
    return json.dumps({"mcpServers": {"figma": entry}})


WHERE = ".mcp.json, server figma"
URL = "must be an address that begins with https:// or http://."
INVALID = {
    "no JSON": (
        "{",
        ".mcp.json is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1).",
    ),
    "nested without end": ("[" * 100_000, ".mcp.json is no JSON that makes sense."),
    "a list": ("[]", '.mcp.json must be an object like {"mcpServers": {...}}.'),
    "no servers": ("{}", ".mcp.json has no `mcpServers`, an object with one entry for each server."),
    "servers as a list": (
        '{"mcpServers": []}',
        ".mcp.json has no `mcpServers`, an object with one entry for each server.",
    ),
    "another key beside": (
        '{"mcpServers": {}, "inputs": []}',
        ".mcp.json: unknown key `inputs`; the servers stand under `mcpServers`.",
    ),
    "a server twice": ('{"mcpServers": {"a": {}, "a": {}}}', ".mcp.json is no JSON: `a` stands in it twice."),
    "a text": (of("npx"), f"{WHERE}: must be an object with `command`, or with `type` and `url`."),
    "neither": (
        of({"url": "https://x"}),
        f'{WHERE}: has neither `command` nor `type`; a server behind a `url` needs `"type": "http"`.',
    ),
    "unknown type": (of({"type": "ws", "url": "wss://x"}), f"{WHERE}, `type`: must be stdio, http or sse."),
    "type of another kind": (of({"type": ["http"], "url": "x"}), f"{WHERE}, `type`: must be stdio, http or sse."),
    "unknown key": (of({"command": "x", "comand": "y"}), f"{WHERE}: unknown key `comand`."),
    "a key of the other kind": (of({"type": "http", "url": "https://x", "args": []}), f"{WHERE}: unknown key `args`."),
    "no command": (of({"type": "stdio"}), f"{WHERE}: `command` is missing."),
    "no url": (of({"type": "http"}), f"{WHERE}: `url` is missing."),
    "a number in args": (of({"command": "x", "args": [1]}), f"{WHERE}, `args.0`: input should be a valid string."),
    "a number in env": (of({"command": "x", "env": {"A": 1}}), f"{WHERE}, `env.A`: input should be a valid string."),
    "a text for readOnly": (
        of({"command": "x", "readOnly": "no"}),
        f"{WHERE}, `readOnly`: input should be a valid boolean.",
    ),
    "no time": (of({"command": "x", "timeout": 0}), f"{WHERE}, `timeout`: input should be greater than 0."),
    "headers by a program": (
        of({"type": "http", "url": "https://x", "headersHelper": "sh"}),
        f"{WHERE}: `headersHelper` would run a program for its headers; give them in `headers` instead.",
    ),
    "a person at a browser": (
        of({"type": "http", "url": "https://x", "oauth": {}}),
        f"{WHERE}: `oauth` needs a person at a browser; give a token in `headers` instead.",
    ),
    "a variable that is not set": (
        of({"command": "x", "env": {"T": "${NOT_SET}"}}),
        f"{WHERE}, `env.T`: the variable NOT_SET is not set; set it, or write ${{NOT_SET:-something}} for a default.",
    ),
    "a variable in args": (
        of({"command": "x", "args": ["a", "${NOT_SET}"]}),
        f"{WHERE}, `args[1]`: the variable NOT_SET is not set; set it, or write ${{NOT_SET:-something}} for a default.",
    ),
    "a variable that is none": (
        of({"command": "x", "env": {"A": "${1+1}"}}),
        f"{WHERE}, `env.A`: a variable is written ${{NAME}} or ${{NAME:-default}}.",
    ),
    "a variable without end": (
        of({"command": "x", "env": {"A": "${NAME"}}),
        f"{WHERE}, `env.A`: a variable is written ${{NAME}} or ${{NAME:-default}}.",
    ),
    "a file's address": (of({"type": "http", "url": "file:///etc/passwd"}), f"{WHERE}, `url`: {URL}"),
    "no address": (of({"type": "http", "url": "mcp.example.com"}), f"{WHERE}, `url`: {URL}"),
    "an address with a blank": (of({"type": "http", "url": "https://x/a b"}), f"{WHERE}, `url`: {URL}"),
    "an odd port": (of({"type": "http", "url": "https://x:99999/"}), f"{WHERE}, `url`: {URL}"),
    "a password in the address": (
        of({"type": "http", "url": "https://me:figd-secret@x/"}),
        f"{WHERE}, `url`: holds a user name or password; give it in `headers`.",
    ),
    "a header in two lines": (
        of({"type": "http", "url": "https://x", "headers": {"A": "figd-secret\r\nB: c"}}),
        f"{WHERE}, `headers.A`: is no header that can be sent.",
    ),
    "a header beyond ASCII": (
        of({"type": "http", "url": "https://x", "headers": {"A": "figd-secrét"}}),
        f"{WHERE}, `headers.A`: is no header that can be sent.",
    ),
    "a header with an odd name": (
        of({"type": "http", "url": "https://x", "headers": {"A B": "c"}}),
        f"{WHERE}, `headers.A B`: is no header that can be sent.",
    ),
    "an odd variable": (
        of({"command": "x", "env": {"A=B": "c"}}),
        f"{WHERE}, `env`: a variable has a name without `=`.",
    ),
    "a NUL": (of({"command": "x", "args": ["a\0"]}), f"{WHERE}: `command` is empty, or a value holds a NUL character."),
    "a folder somewhere": (of({"command": "x", "cwd": "here"}), f"{WHERE}, `cwd`: must be an absolute path."),
    "a name that tool names cannot have": (
        '{"mcpServers": {"a__b": {"command": "x"}}}',
        ".mcp.json, server a__b: a name is at most 64 characters in one line, without two underscores in a row.",
    ),
    "no name": (
        '{"mcpServers": {"": {"command": "x"}}}',
        ".mcp.json, server : a name is at most 64 characters in one line, without two underscores in a row.",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), INVALID.values(), ids=INVALID)
def test_what_cannot_be_used_is_said_in_one_sentence_without_values(text: str, sentence: str) -> None:
    with pytest.raises(McpConfigInvalid) as caught:
        read_servers(text, file=".mcp.json", expand=EXPAND)
    assert str(caught.value) == sentence
    assert "secr" not in sentence
    assert caught.value.__cause__ is None


SECRETS = {
    "a variable": ({"command": "x", "env": {"A": "${FIGMA_TOKEN}"}}, "it is figd-secret.", "it is [secret]."),
    "a variable in an argument": ({"command": "x", "args": ["--t=${FIGMA_TOKEN}"]}, "figd-secret", "[secret]"),
    "a value by its name": ({"command": "x", "env": {"DB_PASSWORD": "hunter22"}}, "hunter22", "[secret]"),
    "a harmless value": ({"command": "x", "env": {"MODE": "production"}}, "production", "production"),
    "what everybody knows": ({"command": "x", "env": {"A": "${HOME}"}}, "/home/bot", "/home/bot"),
    "a password in an address": (
        {"command": "x", "env": {"DATABASE": "postgres://app:hunter22@db/app"}}, "at hunter22@db", "at [secret]@db",
    ),
    "a default": ({"command": "x", "env": {"A": "${MISSING:-production}"}}, "production", "production"),
    "a short value": ({"command": "x", "env": {"API_KEY": "1"}}, "1 of 10", "1 of 10"),
    "a header": ({"type": "http", "url": "https://x", "headers": {"A": "Bearer abcdefgh"}}, "abcdefgh", "[secret]"),
    "a whole header": (
        {"type": "http", "url": "https://x", "headers": {"A": "Bearer abcdefgh"}}, "Bearer abcdefgh", "[secret]",
    ),
    "a query": ({"type": "http", "url": "https://x/mcp?key=abcdefgh"}, "at /mcp?key=abcdefgh", "at /mcp?[secret]"),
    "as JSON has it": ({"command": "x", "env": {"TOKEN": 'a"b\\cdef'}}, json.dumps('a"b\\cdef'), '"[secret]"'),
    "as an address has it": ({"command": "x", "env": {"TOKEN": "a+b/cdef"}}, "?t=a%2Bb%2Fcdef", "?t=[secret]"),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "said", "masked"), SECRETS.values(), ids=SECRETS)
def test_secrets_are_masked_in_what_a_server_says(entry: Any, said: str, masked: str) -> None:
    [server] = read(figma=entry).values()
    assert mask(said, server) == masked


@pytest.mark.parametrize("entry", [each[0] for each in SECRETS.values()], ids=SECRETS)
def test_no_secret_is_printed(entry: Any) -> None:
    [server] = read(figma=entry).values()
    printed = f"{server!r} {server} {server.model_dump_json()} {server.at}"
    assert all(secret not in printed for secret in ("figd-secret", "hunter22", "abcdefgh", "cdef"))
