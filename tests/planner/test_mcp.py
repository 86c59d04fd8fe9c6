"""Tools of MCP servers, against real servers: processes over stdio and behind HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from planner.tools.catalogue import Mapped
from planner.tools.mcp import MOST_TOOLS, McpTools
from planner.tools.mcp.config import MASK, read_servers
from tests.standins.mcp_server import INSTRUCTIONS, RESOURCE, config, http, serving, stdio

SAGA = "a transaction in steps, each with its undoing"
WITHOUT = "what it knows is not in this plan."
READ_ONLY = [
    "asks", "bad_picture", "environment", "fails", "flood", "hang", "huge", "lookup", "mixed", "picture", "process",
    "raises", "structured",
]  # fmt: skip


def wants(*tools: str) -> list[Mapped]:
    """As the catalogue maps an agent's tools."""
    found: list[Mapped] = []
    for tool in tools:
        _, server, name = (*tool.split("__", 2), "", "")[:3] if tool.startswith("mcp__") else ("", "", tool)
        found.append(Mapped(tool=tool, family="mcp", server=server, name=name, gives="a tool of an MCP server"))
    return found


class Opened(McpTools):
    """The tools of a run, with what they logged."""

    lines: list[tuple[str, str]]


@contextlib.asynccontextmanager
async def opened(
    text: str, *tools: str, expand: Mapping[str, str] | None = None, within_s: float = 30.0
) -> AsyncIterator[Opened]:
    lines: list[tuple[str, str]] = []
    servers = read_servers(text, file=".mcp.json", expand=expand or {})
    family = Opened(
        servers, wants(*tools), lambda server, line: lines.append((server, line)), connect_within_s=within_s
    )
    family.lines = lines
    try:
        await family.open()
        yield family
    finally:
        await family.aclose()


@pytest.fixture(params=["stdio", "stdio of 2025", "http", "http of 2025", "http with a key"])
def entry(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """An entry of `.mcp.json`, and the server for it."""
    flags = ["--odd", *(["--legacy"] if "2025" in request.param else [])]
    if "stdio" in request.param:
        yield stdio(*flags)
        return
    with serving(*flags, *(["--key", "a-good-key"] if "key" in request.param else [])) as server:
        yield http(server.url, headers={"Authorization": "Bearer a-good-key"})


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ids_in(file: Path) -> list[int]:
    """The server's process and its child, once the server has written them down."""
    return [int(each) for each in file.read_text(encoding="utf-8").split()] if file.exists() else []


async def ended(ids: list[int]) -> None:
    """Wait until none of the processes is left: they were killed, and the kernel needs a moment for that."""
    async with asyncio.timeout(10):
        while any(map(alive, ids)):  # noqa: ASYNC110 - other processes end
            await asyncio.sleep(0.02)


def names(family: McpTools) -> list[str]:
    return [str(tool["name"]) for tool in family.definitions()]


# --- what is offered -------------------------------------------------------------------------------------------------


async def test_a_server_is_used_from_its_list_of_tools_to_their_answers(entry: dict[str, Any]) -> None:
    async with opened(config(notes=entry), "mcp__notes__lookup", "mcp__notes__picture") as family:
        [lookup, picture] = family.definitions()
        found = await family.call("mcp__notes__lookup", {"word": "saga"})
        seen = await family.call("mcp__notes__picture", {})

    assert lookup == {
        "name": "mcp__notes__lookup",
        "description": "From the MCP server notes: What a word means.",
        "input_schema": {
            "type": "object",
            "properties": {"word": {"type": "string", "description": "the word"}},
            "required": ["word"],
        },
    }
    assert picture["name"] == "mcp__notes__picture"
    assert (found.text, found.is_error, [each.name for each in found.found]) == (SAGA, False, ["mcp:notes/lookup"])
    assert [each.media_type for each in seen.pictures] == ["image/png"]
    assert seen.text == "Here it is.\n\n[image 1]"
    assert family.gaps == ()


async def test_a_server_of_the_older_kind_behind_http_is_used() -> None:
    with serving("--sse", "--key", "a-good-key") as server:
        entry = {**http(server.url, headers={"Authorization": "Bearer a-good-key"}), "type": "sse"}
        async with opened(config(old=entry), "mcp__old__lookup") as family:
            found = await family.call("mcp__old__lookup", {"word": "saga"})
            server.kill()
            dead = await family.call("mcp__old__lookup", {"word": "saga"})
    assert (found.text, family.gaps) == (SAGA, ())
    assert dead.gap == f"The MCP server old stopped answering; {WITHOUT}"


async def test_only_tools_that_the_definition_names_and_that_only_read_are_offered() -> None:
    text = config(local=stdio("--odd"), other=stdio())
    async with opened(text, "mcp__local__lookup", "mcp__local__write", "mcp__local__gone", "mcp__nowhere__x") as family:
        written = await family.call("mcp__local__write", {"x": "1"})
        unnamed = await family.call("mcp__local__huge", {})
        elsewhere = await family.call("mcp__other__lookup", {"word": "saga"})

    assert names(family) == ["mcp__local__lookup"]
    assert family.gaps == (
        "The MCP server local has no tool gone.",
        f"The operator lists no MCP server nowhere; {WITHOUT}",
        "The tool write of the MCP server local is not offered (not marked as read-only).",
    )
    assert (written.is_error, written.text) == (
        True,
        "write is not marked as read-only, and only such tools may be called.",
    )
    assert (unnamed.is_error, unnamed.text) == (True, "There is no tool mcp__local__huge here.")
    assert (elsewhere.is_error, elsewhere.text) == (True, "There is no tool mcp__other__lookup here.")


async def test_the_operator_lets_a_server_write() -> None:
    async with opened(config(local=stdio(readOnly=False)), "mcp__local__write") as family:
        written = await family.call("mcp__local__write", {"x": "1"})
    assert (written.text, family.gaps) == ("written: 1", ())


async def test_a_whole_server_is_offered_without_what_would_break_the_prompt(entry: dict[str, Any]) -> None:
    async with opened(config(local=entry), "mcp__local") as family:
        tools = {str(tool["name"]): tool for tool in family.definitions()}
        again = family.definitions()
        dotted = await family.call("mcp__local__dotted_name", {})

    offered = sorted([*READ_ONLY, "chosen", "dotted_name", "hidden", "wordy"])
    assert list(tools) == [f"mcp__local__{name}" for name in offered]
    assert list(tools.values()) == again
    assert family.gaps == (
        "2 tools of the MCP server local are not offered (not marked as read-only): destroys, write.",
        "The tool deep of the MCP server local is not offered (a schema nested too deeply).",
        "The tool far of the MCP server local is not offered (a schema that refers to something outside it).",
        f"The tool {'l' * 80} of the MCP server local is not offered (a name longer than 128 characters).",
        "The tool old of the MCP server local is not offered (no valid JSON Schema of the 2020-12 draft).",
        "The tool spaced of the MCP server local is not offered (names of arguments that the service refuses).",
    )
    assert len(str(tools["mcp__local__wordy"]["description"])) < 2_100
    assert tools["mcp__local__hidden"]["description"] == "From the MCP server local: Seen only."
    assert tools["mcp__local__chosen"]["input_schema"] == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
    }
    assert INSTRUCTIONS not in json.dumps(again)
    assert dotted.text.startswith("The MCP server answered with an error:")  # it was asked under its own name


async def test_a_schema_too_deep_to_read_costs_a_tool_or_the_server_but_no_run() -> None:
    with serving("--deep") as server:
        text = config(local=stdio("--deep"), far=http(server.url))
        async with opened(text, "mcp__local__lookup", "mcp__local__deeper", "mcp__far__lookup") as family:
            offered = names(family)
    assert offered == ["mcp__local__lookup"]
    assert family.gaps == (
        f"The MCP server far could not be reached (it sent something that cannot be read); {WITHOUT}",
        "The tool deeper of the MCP server local is not offered (a schema nested too deeply).",
    )


async def test_pages_of_tools_are_all_read_and_only_so_many_offered() -> None:
    async with opened(config(local=stdio("--many", "80")), "mcp__local", "mcp__local__more_079") as family:
        offered = names(family)
    assert len(offered) == MOST_TOOLS + 1
    assert "mcp__local__more_079" in offered
    [many, _] = family.gaps
    assert many.startswith(
        f"{len(READ_ONLY) + 80 - MOST_TOOLS} tools of the MCP server local are not offered (too many"
    )


async def test_servers_are_found_under_the_name_as_tool_names_have_it() -> None:
    async with opened(config(**{"My notes": stdio()}), "mcp__my_notes__lookup") as family:
        found = await family.call("mcp__my_notes__lookup", {"word": "saga"})
    assert (names(family), found.text) == (["mcp__my_notes__lookup"], SAGA)
    assert [each.name for each in found.found] == ["mcp:My_notes/lookup"]


async def test_servers_that_nothing_names_are_not_started(tmp_path: Path) -> None:
    text = config(local=stdio(), other=stdio("--child", str(tmp_path / "started")))
    async with opened(text, "mcp__local__lookup"):
        pass
    assert not (tmp_path / "started").exists()


# --- what comes of calls ---------------------------------------------------------------------------------------------

ANSWERS = {
    "structured": '{"answer": 42}',
    "fails": "The tool answered with an error:\nthe design was not found",
    "raises": "The MCP server answered with an error:\nInternal server error",
}


async def test_answers_of_all_kinds_are_words_or_pictures() -> None:
    async with opened(config(local=stdio()), "mcp__local") as family:
        for name, text in ANSWERS.items():
            answer = await family.call(f"mcp__local__{name}", {})
            assert (answer.text, answer.is_error) == (text, False), name
        mixed = await family.call("mcp__local__mixed", {})
        huge = await family.call("mcp__local__huge", {})
        bad = await family.call("mcp__local__bad_picture", {})
        asks = await family.call("mcp__local__asks", {})
        flood = await family.call("mcp__local__flood", {})
        after = await family.call("mcp__local__lookup", {"word": "saga"})

    assert mixed.text == (
        "Words.\n\nnotes://one:\nAn embedded note.\n\n[notes://two, application/zip, 1 kB: it is no text]\n\n"
        "[audio, audio/wav, 9 kB: it cannot be heard here]\n\n[a resource, three: notes://three]\n\n[image 1]\n\n"
        "[image 2]\n\n[image 3]\n\n[image 4]\n\n[one more image, image/png: only the first 4 are shown]\n\n"
        "[one more image, image/png: only the first 4 are shown]"
    )
    assert len(mixed.pictures) == 4
    assert huge.text == "h" * 40_000 + "\n[cut: 40,000 of 1,000,000 characters are shown; ask for less]"
    assert bad.pictures == ()
    assert bad.text.count("it is no PNG, JPEG, GIF or WebP that can be read") == 2
    assert (asks.is_error, asks.text) == (True, "The server asks for input during the call; needs-plan gives none.")
    assert flood.is_error
    assert flood.text == "There is no answer: it sent more than 12 MB in one message. Ask for less."
    assert after.text == SAGA


async def test_an_answer_over_http_is_bounded_too() -> None:
    with serving() as server:
        async with opened(config(far=http(server.url)), "mcp__far__flood", "mcp__far__lookup") as family:
            flood = await family.call("mcp__far__flood", {})
            after = await family.call("mcp__far__lookup", {"word": "saga"})
    assert (flood.is_error, "12 MB" in flood.text, len(flood.text) < 300) == (True, True, True)
    assert after.text == SAGA


async def test_resources_of_all_servers_can_be_listed_and_read(entry: dict[str, Any]) -> None:
    text = config(notes=entry, more=stdio())
    async with opened(
        text, "mcp__notes__lookup", "mcp__more__lookup", "ListMcpResourcesTool", "ReadMcpResource"
    ) as family:
        listed = await family.call("ListMcpResourcesTool", {})
        one = await family.call("ListMcpResourcesTool", {"server": "more"})
        read = await family.call("ReadMcpResource", {"server": "notes", "uri": RESOURCE})
        wrong = await family.call("ReadMcpResource", {"server": "notes", "uri": "notes://else"})
        nowhere = await family.call("ReadMcpResource", {"server": "else", "uri": RESOURCE})
        without = await family.call("ReadMcpResource", {"server": "notes"})

    assert names(family) == ["ListMcpResourcesTool", "ReadMcpResource", "mcp__more__lookup", "mcp__notes__lookup"]
    line = "(uri | name | description):\nnotes://welcome | welcome | A note."
    assert listed.text == f"Server more {line}\n\nServer notes {line}"
    assert one.text == f"Server more {line}"
    assert read.text == "notes://welcome:\nWelcome to the notes."
    assert [each.name for each in read.found] == ["mcp:notes/notes://welcome"]
    assert wrong.text.startswith("The MCP server answered with an error:")
    assert (nowhere.is_error, nowhere.text) == (True, "`server` must be one of: more, notes.")
    assert (without.is_error, without.text) == (True, "`uri` must be one that ListMcpResourcesTool lists.")


async def test_resource_tools_alone_open_every_server() -> None:
    async with opened(config(a=stdio(), b=stdio()), "ListMcpResources") as family:
        listed = await family.call("ListMcpResources", {})
    assert [line for line in listed.text.splitlines() if line.startswith("Server")] == [
        "Server a (uri | name | description):",
        "Server b (uri | name | description):",
    ]


async def test_calls_of_one_turn_run_at_the_same_time_from_tasks_of_their_own(entry: dict[str, Any]) -> None:
    async with opened(config(notes=entry), "mcp__notes__lookup") as family:
        words = ["saga", "idempotency"] * 6
        answers = await asyncio.gather(*(family.call("mcp__notes__lookup", {"word": word}) for word in words))
    assert [answer.text == SAGA for answer in answers] == [word == "saga" for word in words]


# --- what goes wrong -------------------------------------------------------------------------------------------------


async def test_a_server_that_died_is_started_again() -> None:
    async with opened(config(local=stdio("--die-after", "1")), "mcp__local__lookup", "mcp__local__process") as family:
        first = await family.call("mcp__local__process", {})
        second = await family.call("mcp__local__process", {})
    assert first.text != second.text
    assert (second.is_error, second.gap) == (False, "")
    assert ("local", "was connected anew") in family.lines


async def test_a_server_that_stays_dead_is_a_gap_and_costs_no_time(tmp_path: Path) -> None:
    entry = stdio("--die-after", "1", "--stay-dead", str(tmp_path / "dead"))
    async with opened(config(local=entry, other=stdio()), "mcp__local__lookup", "mcp__other__lookup") as family:
        before = await family.call("mcp__local__lookup", {"word": "saga"})
        lost = [await family.call("mcp__local__lookup", {"word": "saga"}) for _ in range(8)]
        other = await family.call("mcp__other__lookup", {"word": "saga"})
    assert (before.text, other.text) == (SAGA, SAGA)
    assert {answer.gap for answer in lost} == {f"The MCP server local stopped answering; {WITHOUT}"}
    assert {answer.is_error for answer in lost} == {True}
    assert lost[0].text == "The MCP server local stopped answering (its program ended). Go on without it."


@pytest.mark.parametrize("flags", [[], ["--legacy"]], ids=["of today", "of 2025"])
async def test_a_server_behind_http_that_dies_is_a_gap_and_one_that_comes_back_is_used(flags: list[str]) -> None:
    with serving(*flags) as server:
        async with opened(config(far=http(server.url)), "mcp__far__lookup") as family:
            before = await family.call("mcp__far__lookup", {"word": "saga"})
            server.kill()
            dead = await family.call("mcp__far__lookup", {"word": "saga"})
            server.start()
            after = await family.call("mcp__far__lookup", {"word": "saga"})
    assert (before.text, after.text, after.gap) == (SAGA, SAGA, "")
    origin = server.url.removesuffix("/mcp")
    assert dead.text == f"The MCP server far stopped answering (there is no connection to {origin}). Go on without it."
    assert dead.gap == f"The MCP server far stopped answering; {WITHOUT}"


async def test_a_server_that_lost_its_memory_is_asked_again() -> None:
    with serving("--legacy") as server:
        async with opened(config(far=http(server.url)), "mcp__far__lookup") as family:
            server.kill()
            server.start()
            found = await family.call("mcp__far__lookup", {"word": "saga"})
    assert found.text == SAGA
    assert ("far", "was connected anew") in family.lines


async def test_a_server_gets_nothing_that_it_asks_of_us() -> None:
    async with opened(config(local=stdio("--legacy", "--nosy")), "mcp__local__lookup", "mcp__local__told") as family:
        told = await family.call("mcp__local__told", {})
        found = await family.call("mcp__local__lookup", {"word": "saga"})
    replies = json.loads(told.text)
    assert {each["id"]: "error" in each for each in replies} == {
        "sampling/createMessage": True,
        "elicitation/create": True,
        "roots/list": True,
    }
    assert found.text == SAGA
    assert INSTRUCTIONS not in json.dumps([family.definitions(), family.lines, family.gaps, told.text])


async def test_what_may_write_is_not_done_twice(tmp_path: Path) -> None:
    entry = stdio("--die-after", "0", "--stay-dead", str(tmp_path / "dead"), readOnly=False)
    async with opened(config(local=entry), "mcp__local__write") as family:
        lost = await family.call("mcp__local__write", {"x": "1"})
        assert ("local", "was connected anew") not in family.lines
    assert lost.gap == f"The MCP server local stopped answering; {WITHOUT}"


async def test_a_server_that_was_down_when_the_run_began_is_a_gap_and_may_come_up_later() -> None:
    with serving() as server:
        server.kill()
        async with opened(config(far=http(server.url)), "mcp__far__lookup") as family:
            origin = server.url.removesuffix("/mcp")
            assert family.gaps == (
                f"The MCP server far could not be reached (there is no connection to {origin}); {WITHOUT}",
            )
            assert family.definitions() == []
            server.start()
            # A conversation that began when the server was up still knows the tool.
            found = await family.call("mcp__far__lookup", {"word": "saga"})
    assert found.text == SAGA


DOWN = {
    "no program": ({"command": "no-such-program-here"}, "its program no-such-program-here was not found"),
    "no folder": (stdio(cwd="/no/such/folder"), "or its folder `cwd` was not found"),
    "ends at once": ({"command": "true"}, "its program ended"),
    "talks of other things": (
        {"command": "sh", "args": ["-c", "echo hello; echo '{}'; exec cat"]},
        "it does not speak the protocol as expected",
    ),
    "never ready": (stdio("--never-ready"), "it was not ready within 2 seconds"),
    "nobody there": (http("http://127.0.0.1:9/mcp"), "there is no connection to http://127.0.0.1:9"),
}


@pytest.mark.parametrize(("entry_", "why"), DOWN.values(), ids=DOWN)
async def test_a_server_that_cannot_be_reached_is_a_gap(entry_: dict[str, Any], why: str) -> None:
    path = {"PATH": os.environ["PATH"]}  # noqa: TID251 - where the test's own programs are
    async with opened(config(down=entry_), "mcp__down__lookup", expand=path, within_s=2.0) as family:
        [gap] = family.gaps
    assert gap.startswith("The MCP server down could not be reached (")
    assert gap.endswith(f"{why}); {WITHOUT}")
    assert family.definitions() == []


async def test_a_call_that_hangs_ends_in_time_and_the_rest_goes_on(entry: dict[str, Any]) -> None:
    text = config(notes={**entry, "timeout": 0.5})
    async with opened(text, "mcp__notes__hang", "mcp__notes__lookup") as family:
        hung = await family.call("mcp__notes__hang", {})
        found = await family.call("mcp__notes__lookup", {"word": "saga"})
    assert hung.is_error
    assert hung.gap == "The MCP server notes did not answer hang in time."
    assert found.text == SAGA
    assert ("notes", "was connected anew") not in family.lines


async def test_a_server_that_hangs_again_and_again_is_started_anew() -> None:
    text = config(local=stdio(timeout=0.5))
    async with opened(text, "mcp__local__hang", "mcp__local__process") as family:
        before = await family.call("mcp__local__process", {})
        await family.call("mcp__local__hang", {})
        await family.call("mcp__local__hang", {})
        after = await family.call("mcp__local__process", {})
    assert not after.is_error
    assert after.text != before.text


async def test_cancelling_a_call_does_not_harm_the_session(entry: dict[str, Any]) -> None:
    async with opened(config(notes=entry), "mcp__notes__hang", "mcp__notes__lookup") as family:
        hanging = asyncio.create_task(family.call("mcp__notes__hang", {}))
        await asyncio.sleep(0.2)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        found = await family.call("mcp__notes__lookup", {"word": "saga"})
    assert (found.text, family.lines.count(("notes", "was connected anew"))) == (SAGA, 0)


async def test_a_tool_that_no_longer_only_reads_after_a_restart_is_refused(tmp_path: Path) -> None:
    entry = stdio("--die-after", "1", "--changed", str(tmp_path / "changed"))
    async with opened(config(local=entry), "mcp__local__lookup", "mcp__local__process") as family:
        before = await family.call("mcp__local__lookup", {"word": "saga"})
        after = await family.call("mcp__local__lookup", {"word": "saga"})
    assert before.text == SAGA
    assert after.text == "lookup is not marked as read-only, and only such tools may be called."


# --- secrets ---------------------------------------------------------------------------------------------------------


async def test_a_program_gets_nothing_of_our_environment_but_what_the_file_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = {"ANTHROPIC_API_KEY": "sk-ant-ours", "LINEAR_API_KEY": "lin_api_ours", "FIGMA_TOKEN": "figd-given"}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    entry = stdio(env={"TOKEN": "${FIGMA_TOKEN}", "MODE": "quiet"})
    expand = {"FIGMA_TOKEN": ours["FIGMA_TOKEN"], "LINEAR_API_KEY": ours["LINEAR_API_KEY"], "PATH": "/bin:/usr/bin"}
    async with opened(config(local=entry), "mcp__local__environment", expand=expand) as family:
        answer = await family.call("mcp__local__environment", {})
        seen = json.loads(answer.text)
        assert os.listdir(seen["HOME"]) == []  # noqa: PTH208 - of a test, not of a server

    assert all(value not in answer.text for value in ours.values())
    assert {key: value for key, value in seen.items() if key not in {"HOME", "cwd"}} == {
        "PATH": "/bin:/usr/bin",
        "LANG": "C.UTF-8",
        "TOKEN": MASK,
        "MODE": "quiet",
        "files": [],
    }
    assert seen["cwd"] == seen["HOME"]
    with pytest.raises(FileNotFoundError):
        os.listdir(seen["HOME"])  # noqa: PTH208 - the same


async def test_what_a_program_murmurs_is_logged_in_bounds_and_without_secrets() -> None:
    entry = stdio("--noise", env={"TOKEN": "${T}"})
    async with opened(config(local=entry), "mcp__local__lookup", expand={"T": "figd-secret"}) as family:
        found = await family.call("mcp__local__lookup", {"word": "saga"})
    lines = [line for server, line in family.lines if server == "local"]
    assert found.text == SAGA
    assert f"starting with the token {MASK}" in lines
    assert "writes lines to its standard output that are no messages; they are ignored" in lines
    assert "line 0" in lines
    assert len(lines) <= 101
    assert max(map(len, lines)) <= 500
    assert "figd-secret" not in str(lines)


async def test_redirects_elsewhere_get_no_keys_and_wrong_keys_stay_unnamed() -> None:
    with serving() as elsewhere, serving("--redirect", elsewhere.url) as server, serving("--key", "another") as locked:
        text = config(
            away=http(server.url, headers={"Authorization": "Bearer figd-secret"}),
            locked=http(locked.url + "?key=url-secret", headers={"Authorization": "Bearer figd-secret"}),
        )
        async with opened(text, "mcp__away__lookup", "mcp__locked__lookup") as family:
            pass
    assert family.gaps == (
        f"The MCP server away could not be reached (it redirects elsewhere, which is not followed); {WITHOUT}",
        "The MCP server locked could not be reached (it answers with HTTP 401: its `headers` lack a good key); "
        + WITHOUT,
    )
    assert "secret" not in f"{family.lines}{family.gaps}"


# --- the end ---------------------------------------------------------------------------------------------------------

ENDINGS = {"polite": [], "ignores its input's end": ["--deaf"]}


@pytest.mark.parametrize("flags", ENDINGS.values(), ids=ENDINGS)
async def test_no_process_is_left_when_a_run_ends(tmp_path: Path, flags: list[str]) -> None:
    file = tmp_path / "ids"
    async with opened(config(local=stdio("--child", str(file), *flags)), "mcp__local__lookup") as family:
        await family.call("mcp__local__lookup", {"word": "saga"})
        ids = ids_in(file)
        assert all(map(alive, ids))
    await ended(ids)


WHEN = {"while it starts": ["--never-ready"], "while it is called": []}


@pytest.mark.parametrize("flags", WHEN.values(), ids=WHEN)
async def test_no_process_is_left_when_a_run_is_cancelled(tmp_path: Path, flags: list[str]) -> None:
    file = tmp_path / "ids"

    async def run() -> None:
        async with opened(config(local=stdio("--child", str(file), *flags)), "mcp__local__hang") as family:
            await family.call("mcp__local__hang", {})

    task = asyncio.create_task(run())
    async with asyncio.timeout(30):
        while len(ids := ids_in(file)) < 2:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
        if not flags:
            await asyncio.sleep(1)  # long enough for the call to be under way
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended(ids)


def test_no_process_is_left_when_the_whole_loop_is_torn_down(tmp_path: Path) -> None:
    file = tmp_path / "ids"

    async def main() -> None:
        servers = read_servers(config(local=stdio("--child", str(file))), file=".mcp.json", expand={})
        family = McpTools(servers, wants("mcp__local__lookup"), lambda _server, _line: None)
        await family.open()
        # Nobody closes it.

    asyncio.run(main())
    asyncio.run(ended(ids_in(file)))


async def test_closing_twice_and_calling_after_that_do_no_harm() -> None:
    async with opened(config(local=stdio()), "mcp__local__lookup") as family:
        await family.aclose()
        after = await family.call("mcp__local__lookup", {"word": "saga"})
    assert after.is_error
