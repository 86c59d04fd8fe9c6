"""The repository's tools over a real repository of a few hundred files, some of them hostile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.checkout import Checkout, Checkouts, map_of
from bot.repositories import RepositoryChoice
from bot.sources import Known
from bot.sources.repository import materials
from linear.models import Issue, IssueContext, State, Team
from planner.tools import ToolResult
from planner.tools.repository import RepositoryTools
from planner.tools.repository.calls import DEFINITIONS, GlobCall, GrepCall, ListCall, NotebookCall, ReadCall
from tests.git_repository import GitRepository

PIXEL = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01 needle"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "intro", "source": ["# Load\n", "how much"]},
        {
            "cell_type": "code",
            "id": "run",
            "source": "print(41 + 1)",
            "outputs": [
                {"output_type": "stream", "text": ["42\n"]},
                {"output_type": "display_data", "data": {"image/png": "aaaa", "text/plain": "<Figure>"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "no"},
            ],
        },
    ]
}


def build(path: Path) -> GitRepository:
    made = GitRepository(path)
    for service in range(12):
        for number in range(25):
            made.write(
                {
                    f"services/s{service:02}/src/part{number:02}.ts": f"// part {number}\n"
                    f"import {{ log }} from '../log'\nexport function handle{number}() {{ return {service} }}\n"
                }
            )
    made.write(
        {
            "README.md": "# Shop\n" + "All about it. " * 600,
            "CODEOWNERS": "* @acme/backend\n",
            "plan-context.md": "We run on Kubernetes.\n",
            "package.json": '{"name": "shop"}',
            "services/s00/package.json": '{"name": "s00"}',
            "deep/a/b/c/package.json": "{}",
            "Dockerfile": "FROM scratch\n",
            ".env": "SECRET=needle\n",
            ".env.example": "SECRET=\n",
            "keys/id_rsa": "-----BEGIN needle-----\n",
            "keys/id_rsa.pub": "ssh-rsa needle\n",
            "config/tls.pem": "needle\n",
            "empty.txt": "",
            "crlf.txt": "one\r\ntwo\r\n",
            "no-end.txt": "one\ntwo",
            "long-line.js": "x" * 50_000 + "needle" + "y" * 50_000,
            "many-lines.txt": "".join(f"line {number}\n" for number in range(1, 1_001)),
            "medium.log": "".join(f"{number:07} something happened\n" for number in range(60_000)),
            "latin.txt": "café needle\n".encode("latin-1"),
            "utf16.txt": "sechzehn Bit\n".encode("utf-16"),
            "bom.txt": b"\xef\xbb\xbfwith a mark\n",
            "logo.png": PIXEL,
            "hidden.bin2": b"text\0needle",
            "pointer.psd": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "load.ipynb": json.dumps(NOTEBOOK),
            "broken.ipynb": "not a notebook",
            "pages/[id].tsx": "needle\n",
            "pages/i.tsx": "no\n",
            "with space/ü ñ.md": "needle\n",
            "quote\"s'.md": "needle\n",
            "-rf": "needle\n",
            "--help/--version": "needle\n",
            ":(exclude)x.md": "needle\n",
            "line\nbreak.md": "needle\n",
            "back\\slash.md": "needle\n",
            "zero\u200bwidth.md": "needle\n",
            b"not-utf8-\xff.md": "needle\n",
            "*.star": "needle\n",
            "../outside.md": "needle\n",
            "x/../../outside.md": "needle\n",
            ".git/config": "needle\n",
            "x/.GIT/config": "needle\n",
            "e\u0301.md": "needle, decomposed\n",
        }
    )
    made.link("passwd", "/etc/passwd")
    made.link("outside", "../../..")
    made.link("services/inside", "s00/src/part00.ts")
    made.submodule("vendor/library")
    made.large("huge.dat", 100_000_000)
    made.commit()
    return made


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    return build(tmp_path_factory.mktemp("shop") / "shop.git")


@pytest.fixture
async def checkout(repository: GitRepository, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    data = tmp_path_factory.getbasetemp() / "shop-data"  # fetched once for all tests
    opened = await Checkouts(data, {}).open(
        RepositoryChoice(url=str(repository.path), name="acme/shop", because="a test says so")
    )
    opened.web_url = "https://github.com/acme/shop"
    return opened


@pytest.fixture
def tools(checkout: Checkout) -> RepositoryTools:
    return RepositoryTools(checkout)


async def answer(tools: RepositoryTools, name: str, **arguments: JsonValue) -> str:
    result = await tools.call(name, {key.replace("__", "-"): value for key, value in arguments.items()})
    assert not result.is_error, result.text
    return result.text


async def refusal(tools: RepositoryTools, name: str, **arguments: JsonValue) -> str:
    result = await tools.call(name, {key.replace("__", "-"): value for key, value in arguments.items()})
    assert result.is_error, result.text
    assert not result.found
    assert "\n" not in result.text
    assert len(result.text) < 500
    return result.text


# --- Read -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "services/s03/src/part07.ts",
        "/services/s03/src/part07.ts",
        "./services/s03/src/part07.ts",
        "services//s03/./src/part07.ts",
        "acme/shop/services/s03/src/part07.ts",
        "shop/services/s03/src/part07.ts",
        "/shop/services/s03/src/part07.ts",
        "repo:services/s03/src/part07.ts",
        " services/s03/src/part07.ts\n",
    ],
)
async def test_a_file_is_found_however_its_path_is_written(
    path: str, tools: RepositoryTools, checkout: Checkout
) -> None:
    result = await tools.call("Read", {"file_path": path})
    assert result.text.splitlines()[0] == "     1\t// part 7"
    (found,) = result.found
    assert found.name == "repo:services/s03/src/part07.ts"
    assert found.url == f"https://github.com/acme/shop/blob/{checkout.commit}/services/s03/src/part07.ts"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("empty.txt", "(an empty file)"),
        ("crlf.txt", "     1\tone\n     2\ttwo"),
        ("no-end.txt", "     1\tone\n     2\ttwo"),
        ("latin.txt", "     1\tcaf\ufffd needle"),
        ("utf16.txt", "     1\tsechzehn Bit"),
        ("bom.txt", "     1\twith a mark"),
        (".env.example", "     1\tSECRET="),
        ("keys/id_rsa.pub", "     1\tssh-rsa needle"),
        ("with space/ü ñ.md", "     1\tneedle"),
        ("quote\"s'.md", "     1\tneedle"),
        ("-rf", "     1\tneedle"),
        ("--help/--version", "     1\tneedle"),
        (":(exclude)x.md", "     1\tneedle"),
        ("pages/[id].tsx", "     1\tneedle"),
        ("*.star", "     1\tneedle"),
        ("line\\nbreak.md", "     1\tneedle"),
        ("back\\\\slash.md", "     1\tneedle"),
        ("zero\\u200bwidth.md", "     1\tneedle"),
        ("not-utf8-\\xff.md", "     1\tneedle"),
        ("é.md", "     1\tneedle, decomposed"),
    ],
)
async def test_odd_contents_and_odd_names(path: str, text: str, tools: RepositoryTools) -> None:
    assert await answer(tools, "Read", file_path=path) == text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("../../etc/passwd", "../../etc/passwd may lead out of the repository."),
        ("services/../../x", "services/../../x may lead out of the repository."),
        ("..\\..\\x", "may lead out of the repository."),
        ("../outside.md", "has a name that leads out of the repository and is not shown."),
        ("/etc/passwd", "There is no file etc/passwd in the repository."),
        ("~/.ssh/id_rsa", "is a path of a machine."),
        ("C:\\Windows\\x", "is a path of a machine."),
        ("src\\app.ts", "Paths here are written with `/`."),
        ("a\0b", "A path holds no NUL character."),
        ("x" * 2_000, "A path has at most 1000 characters; this one has 2,000."),
        ("", "The root is a directory; list it with LS."),
        ("services", "services is a directory; list it with LS."),
        ("passwd", "passwd is a symbolic link, and links are not followed."),
        ("outside/etc/passwd", "outside is a symbolic link, and links are not followed."),
        ("services/inside", "services/inside is a symbolic link, and links are not followed."),
        ("vendor/library", "vendor/library is a submodule: another repository, which is not read."),
        ("vendor/library/src/a.c", "vendor/library is a submodule: another repository, which is not read."),
        ("README.md/x", "README.md is a file, so nothing lies below it."),
        ("huge.dat", "huge.dat has 100 MB; files above 20.0 MB are not read."),
        ("medium.log", "too much to read whole: read some of its lines with offset and limit"),
        ("logo.png", "logo.png is a binary file (27 bytes)"),
        ("hidden.bin2", "hidden.bin2 is a binary file"),
        ("pointer.psd", "pointer.psd is kept in Git LFS"),
        (".env", ".env may hold secrets and is not shown."),
        ("keys/id_rsa", "keys/id_rsa may hold secrets and is not shown."),
        ("config/tls.pem", "config/tls.pem may hold secrets and is not shown."),
        (".git/config", ".git/config belongs to git itself and is not shown."),
        ("x/.GIT/config", "x/.GIT/config belongs to git itself and is not shown."),
        ("services/part07.ts", "Nearest: services/s00/src/part07.ts"),
        ("readme.md", "Nearest: README.md."),
        ("broken.ipynb", "is no notebook"),
    ],
)
async def test_what_read_refuses(path: str, sentence: str, tools: RepositoryTools) -> None:
    assert sentence in await refusal(tools, "Read", file_path=path)


async def test_a_long_file_is_read_in_ranges(tools: RepositoryTools) -> None:
    first = (await answer(tools, "Read", file_path="many-lines.txt")).splitlines()
    assert (first[0], first[399]) == ("     1\tline 1", "   400\tline 400")
    assert first[400:] == ["[lines 1 to 400 of 1,000; go on with offset=401]"]
    last = (await answer(tools, "Read", file_path="many-lines.txt", offset=801)).splitlines()
    assert (last[0], last[-1]) == ("   801\tline 801", "  1000\tline 1000")
    assert await answer(tools, "Read", file_path="many-lines.txt", offset=5, limit=1) == "     5\tline 5"
    assert "60000" not in (await answer(tools, "Read", file_path="medium.log", offset=50_000, limit=2))
    assert "has 1,000 lines" in await refusal(tools, "Read", file_path="many-lines.txt", offset=1_001)


async def test_a_long_line_is_cut(tools: RepositoryTools) -> None:
    text = await answer(tools, "Read", file_path="long-line.js")
    assert text.endswith("xxx [98,006 more characters]")
    assert len(text) < 2_100


# --- Glob and LS ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        (
            {"pattern": "services/s0[01]/src/part0{1,2}.ts"},
            [f"services/s0{s}/src/part0{p}.ts" for s in (0, 1) for p in (1, 2)],
        ),
        ({"pattern": "part24.ts", "path": "/services/s11"}, ["services/s11/src/part24.ts"]),
        ({"pattern": "**/part24.ts", "path": "services/s11/"}, ["services/s11/src/part24.ts"]),
        ({"pattern": "*.ipynb"}, ["broken.ipynb", "load.ipynb"]),
        ({"pattern": "pages/[id].tsx"}, ["pages/[id].tsx"]),
        ({"pattern": "[id].tsx", "path": "pages"}, ["pages/[id].tsx"]),
        ({"pattern": "line*"}, ["line\\nbreak.md"]),
        ({"pattern": "nothing.*"}, ["No files found."]),
    ],
)
async def test_glob(arguments: dict[str, JsonValue], rows: list[str], tools: RepositoryTools) -> None:
    assert (await answer(tools, "Glob", **arguments)).splitlines() == rows


async def test_glob_has_its_bounds(tools: RepositoryTools) -> None:
    rows = (await answer(tools, "Glob", pattern="**/*.ts")).splitlines()
    assert len(rows) == 201
    assert rows[:200] == sorted(rows[:200])
    assert rows[200] == "[200 of 300 files; narrow the pattern or give a path]"
    assert "comes to more than 64 alternatives" in await refusal(tools, "Glob", pattern="{a,b}" * 9)
    assert "is longer than 500 characters" in await refusal(tools, "Glob", pattern="*" * 501)
    assert await answer(tools, "Glob", pattern="*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b") == "No files found."
    assert "is a symbolic link" in await refusal(tools, "Glob", pattern="*", path="outside")
    assert "There is no directory nowhere" in await refusal(tools, "Glob", pattern="*", path="nowhere")


async def test_the_root_is_listed(tools: RepositoryTools) -> None:
    rows = (await answer(tools, "LS")).splitlines()
    for row in (
        "services/  (302 files)",
        "huge.dat  (100 MB)",
        ".env  (14 bytes; may hold secrets, not shown)",
        "passwd  (symbolic link, not followed)",
        "line\\nbreak.md  (7 bytes)",
        "zero\\u200bwidth.md  (7 bytes)",
        "empty.txt  (0 bytes)",
    ):
        assert row in rows
    assert await answer(tools, "LS", path="vendor") == "library  (submodule: another repository, not read)"
    assert await answer(tools, "LS", path="keys", ignore=["*.pub"]) == "id_rsa  (23 bytes; may hold secrets, not shown)"
    assert await answer(tools, "LS", path="/acme/shop/vendor/") == await answer(tools, "LS", path="vendor")
    assert "README.md is no directory" in await refusal(tools, "LS", path="README.md")


# --- Grep -------------------------------------------------------------------------------------------------------------


async def test_only_what_may_be_shown_is_found(tools: RepositoryTools) -> None:
    result = await tools.call("Grep", {"pattern": "needle"})
    assert result.text.splitlines() == sorted(
        [
            *(
                "*.star",
                "--help/--version",
                "-rf",
                ":(exclude)x.md",
                "back\\\\slash.md",
                "e\u0301.md",
                "keys/id_rsa.pub",
            ),
            *("latin.txt", "line\\nbreak.md", "long-line.js", "not-utf8-\\xff.md", "pages/[id].tsx", "quote\"s'.md"),
            *("with space/ü ñ.md", "zero\\u200bwidth.md"),
        ],
        key=lambda name: {"e\u0301.md": "e\u0301", "line\\nbreak.md": "line\nbreak", "back\\\\slash.md": "back\\"}.get(
            name, name
        ),
    )
    assert {each.name for each in result.found} >= {"repo:-rf", "repo:pages/[id].tsx"}
    assert next(each.url for each in result.found if each.name == "repo:line\\nbreak.md") == ""


async def test_matching_lines_with_what_is_around(tools: RepositoryTools) -> None:
    result = await tools.call(
        "Grep",
        {"pattern": r"function\s+handle7\b", "output_mode": "content", "path": "services/s03", "-B": 1, "-A": 3},
    )
    assert result.text == (
        "services/s03/src/part07.ts\n"
        "     2- import { log } from '../log'\n"
        "     3: export function handle7() { return 3 }"
    )
    assert [each.name for each in result.found] == ["repo:services/s03/src/part07.ts"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"pattern": "HANDLE24", "-i": True, "glob": "services/s0{1,2}/**"},
         "services/s01/src/part24.ts\nservices/s02/src/part24.ts"),
        ({"pattern": "handle24", "path": "services", "glob": "s01/src/*.ts"}, "services/s01/src/part24.ts"),
        ({"pattern": "handle1", "path": "services/s01/src/part01.ts", "glob": "*.ts"}, "services/s01/src/part01.ts"),
        ({"pattern": "handle24", "glob": "!services/s0*/**", "type": "ts"},
         "services/s10/src/part24.ts\nservices/s11/src/part24.ts"),
        ({"pattern": "handle24", "type": "python"}, "No matches found."),
        ({"pattern": "line 99", "output_mode": "count"}, "many-lines.txt: 11"),
        ({"pattern": "^one$", "output_mode": "content", "-n": False, "path": "no-end.txt"}, "no-end.txt\n  one"),
        ({"pattern": "two", "output_mode": "content", "path": "crlf.txt"}, "crlf.txt\n     2: two"),
        ({"pattern": "needle", "path": "--help"}, "--help/--version"),
        ({"pattern": "needle", "path": "line\\nbreak.md"}, "line\\nbreak.md"),
        ({"pattern": "-e", "path": "README.md"}, "No matches found."),
        ({"pattern": "needle", "path": ".", "glob": "[*].star"}, "*.star"),
        ({"pattern": "line 5$", "output_mode": "content", "context": 1, "path": "many-lines.txt"},
         "many-lines.txt\n     4- line 4\n     5: line 5\n     6- line 6"),
    ],
)  # fmt: skip
async def test_grep(arguments: dict[str, JsonValue], text: str, tools: RepositoryTools) -> None:
    assert await answer(tools, "Grep", **arguments) == text


async def test_a_match_in_a_long_line_is_shown(tools: RepositoryTools) -> None:
    text = await answer(tools, "Grep", pattern="needle", path="long-line.js", output_mode="content")
    assert "xxneedleyy" in text
    assert len(text) < 600


async def test_gaps_between_matches_are_shown(tools: RepositoryTools) -> None:
    text = await answer(tools, "Grep", pattern="line (5|9)$", path="many-lines.txt", output_mode="content", __C=1)
    assert text.splitlines()[4:6] == ["  ...", "     8- line 8"]


async def test_rows_are_bounded(tools: RepositoryTools) -> None:
    rows = (await answer(tools, "Grep", pattern="something", output_mode="content")).splitlines()
    assert len(rows) == 202
    assert rows[-1].startswith("[the first 200 rows;")
    rows = (await answer(tools, "Grep", pattern="handle", head_limit=3)).splitlines()
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "Grep: `pattern` is missing."),
        ({"pattern": ""}, "Grep: `pattern` is empty"),
        ({"pattern": "a", "multiline": True}, "Grep: searching over several lines is not possible"),
        ({"pattern": "a\nb"}, "Grep: searching over several lines is not possible"),
        ({"pattern": "(a"}, "Grep: the pattern is no regular expression: missing closing parenthesis."),
        ({"pattern": "a" * 2_000}, "A pattern has at most 1000 characters"),
        ({"pattern": "a", "output_mode": "lines"}, "Grep: `output_mode` is one of files_with_matches, content, count."),
        ({"pattern": "a", "type": "cobol"}, "Grep: `type` 'cobol' is not known"),
        ({"pattern": "a", "path": "../x"}, "may lead out of the repository"),
        ({"pattern": "a", "path": "passwd"}, "passwd is a symbolic link"),
        ({"pattern": "a", "path": "vendor/library"}, "vendor/library is a submodule"),
        ({"pattern": "a", "path": ".env"}, ".env may hold secrets"),
        ({"pattern": "a", "path": "huge.dat"}, "huge.dat is larger than 20.0 MB and is not searched."),
        ({"pattern": "a", "-A": "three"}, "Grep: `-A` is wrong: input should be a valid integer"),
        ({"pattern": "^(x|xx)+$", "path": "long-line.js"}, "takes too long on some line"),
    ],
)  # fmt: skip
async def test_what_grep_refuses(arguments: dict[str, JsonValue], sentence: str, tools: RepositoryTools) -> None:
    assert sentence in await refusal(tools, "Grep", **arguments)


# --- notebooks, and the family as such --------------------------------------------------------------------------------


async def test_a_notebook_is_read_as_text(tools: RepositoryTools) -> None:
    whole = await answer(tools, "NotebookRead", notebook_path="load.ipynb")
    assert whole == (
        "--- cell 1 (markdown, id intro)\n# Load\nhow much\n\n--- cell 2 (code, id run)\nprint(41 + 1)\n"
        "--- output of cell 2\n42\n--- output of cell 2\n<Figure>\n[image/png, not shown]\n"
        "--- output of cell 2\nValueError: no"
    )
    assert await answer(tools, "Read", file_path="load.ipynb") == whole
    assert (await answer(tools, "NotebookRead", notebook_path="load.ipynb", cell_id="intro")).endswith("how much")
    assert (await answer(tools, "NotebookRead", notebook_path="load.ipynb", cell_id="2")).startswith("--- cell 2")
    said = await refusal(tools, "NotebookRead", notebook_path="load.ipynb", cell_id="9")
    assert "has no cell '9'; it has 2" in said
    assert "is no notebook" in await refusal(tools, "NotebookRead", notebook_path="README.md")


def test_what_is_declared_is_what_is_read() -> None:
    calls = {"Glob": GlobCall, "Grep": GrepCall, "LS": ListCall, "Read": ReadCall, "NotebookRead": NotebookCall}
    assert [each["name"] for each in DEFINITIONS] == [*calls]
    for each in DEFINITIONS:
        schema = each["input_schema"]
        assert isinstance(schema, dict)
        fields = calls[str(each["name"])].model_fields
        known = {field.alias or name for name, field in fields.items()}
        assert set(schema["properties"]) <= known  # pyright: ignore[reportArgumentType]  # JSON written beside it
        assert schema["required"] == [name for name, field in fields.items() if field.is_required()]


async def test_calls_that_are_none(tools: RepositoryTools) -> None:
    assert "There is no tool Write here" in (await tools.call("Write", {})).text
    for arguments in ({"file_path": None}, {"file_path": 3}, {"file_path": "README.md", "offset": -1}):
        result: ToolResult = await tools.call("Read", arguments)
        assert result.is_error


# --- the map and the brief --------------------------------------------------------------------------------------------


async def test_the_map_and_the_material_of_a_brief(checkout: Checkout) -> None:
    found = await map_of(checkout)
    assert [each.path for each in found.files] == [
        *("plan-context.md", "README.md", "CODEOWNERS", "Dockerfile", "package.json", "services/s00/package.json"),
    ]
    readme = found.files[1]
    assert (len(readme.text), readme.whole) == (6_000, False)
    assert found.web_url == f"https://github.com/acme/shop/tree/{checkout.commit}"
    assert len(found.tree.splitlines()) <= 200
    assert "services/" in found.tree
    assert "s00/" in found.tree
    context = IssueContext(
        issue=Issue(
            id="i",
            identifier="ENG-1",
            number=1,
            title="",
            url="",
            state=State(id="s", name="", type=""),
            team=Team(id="t", key="ENG", name=""),
        )
    )
    pieces = [*materials(context, Known(repository=found))]
    assert [each.name for each in pieces[:2]] == ["repo", "repo:README.md"]
    assert {each.source for each in pieces} == {"repository"}
    assert "repo:plan-context.md" not in {each.name for each in pieces}
    assert pieces[1].url == f"https://github.com/acme/shop/blob/{checkout.commit}/README.md"
    assert not [*materials(context, Known())]
