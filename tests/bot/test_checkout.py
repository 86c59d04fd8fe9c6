"""Fetching repositories: over HTTP and from local paths, with and without tokens, side by side, and when it fails."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from bot.checkout import Checkout, Checkouts, RepositoryUnavailable
from bot.repositories import RepositoryChoice
from tests.git_repository import GitRepository, GitServer, git

TOKEN = "ghp_veryverysecrettoken"
ROOT = Path(__file__).parents[2]


def choice(url: str | Path, name: str = "acme/api") -> RepositoryChoice:
    return RepositoryChoice(url=str(url), name=name, because="a test says so")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository(tmp_path / "served" / "acme" / "api.git")
    made.write({"README.md": "# The API\n", "src/app.ts": "export const app = 1\n"})
    made.commit()
    return made


@pytest.fixture
def server(repository: GitRepository, tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "served").serving() as serving:
        yield serving


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def unavailable(
    checkouts: Checkouts, wanted: RepositoryChoice, commit: str | None = None
) -> RepositoryUnavailable:
    with pytest.raises(RepositoryUnavailable) as raised:
        await checkouts.open(wanted, commit)
    assert TOKEN not in str(raised.value)
    return raised.value


async def readme(checkout: Checkout) -> str:
    return await checkout.read_text("README.md")


# --- what is opened ---------------------------------------------------------------------------------------------------


async def test_over_http_the_newest_commit_is_opened(repository: GitRepository, server: GitServer, data: Path) -> None:
    checkouts = Checkouts(data, {})
    first = await checkouts.open(choice(server.url("acme/api.git")))
    repository.write({"README.md": "# The new API\n"})
    commit = repository.commit()
    second = await checkouts.open(choice(server.url("acme/api.git")))
    assert (first.name, first.web_url, first.gap) == ("acme/api", "", "")
    assert second.commit == commit != first.commit
    assert (await readme(first), await readme(second)) == ("# The API\n", "# The new API\n")


async def test_a_local_path_is_read_as_committed(tmp_path: Path, data: Path) -> None:
    place = tmp_path / "work"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    (place / "README.md").write_text("committed")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "-m", "one")
    (place / "README.md").write_text("only in the work tree")
    checkout = await Checkouts(data, {}).open(choice(place, "work"))
    assert await readme(checkout) == "committed"
    assert checkout.file_url("README.md") == ""


async def test_a_run_goes_on_with_its_commit(repository: GitRepository, server: GitServer, data: Path) -> None:
    wanted = choice(server.url("acme/api.git"))
    begun = (await Checkouts(data, {}).open(wanted)).commit
    repository.write({"README.md": "later"})
    repository.commit()
    before = len(server.requests)
    again = await Checkouts(data, {}).open(wanted, begun)
    assert await readme(again) == "# The API\n"
    assert len(server.requests) == before, "what is here needs no fetching"
    elsewhere = await Checkouts(data.with_name("other"), {}).open(wanted, begun)
    assert await readme(elsewhere) == "# The API\n"
    assert elsewhere.commit == begun


async def test_a_commit_that_is_gone_is_named(repository: GitRepository, server: GitServer, data: Path) -> None:
    error = await unavailable(Checkouts(data, {}), choice(server.url("acme/api.git")), "1" * 40)
    assert error.sentence == "The commit this plan was begun with is gone from acme/api."
    error = await unavailable(Checkouts(data, {}), choice(server.url("acme/api.git")), "--upload-pack=touch x")
    assert error.sentence == "A commit is named by 40 hex digits."


async def test_another_event_loop_opens_it_too(server: GitServer, data: Path) -> None:
    checkouts = Checkouts(data, {})
    wanted = choice(server.url("acme/api.git"))
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(asyncio.run(checkouts.open(wanted)).commit)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    commit = (await checkouts.open(wanted)).commit
    for thread in threads:
        await asyncio.to_thread(thread.join, 60)
    assert found == [commit] * 3


# --- tokens -----------------------------------------------------------------------------------------------------------


async def test_a_private_repository_opens_with_its_token(server: GitServer, data: Path) -> None:
    server.token = TOKEN
    checkout = await Checkouts(data, {server.place: TOKEN}).open(choice(server.url("acme/api.git")))
    assert await readme(checkout) == "# The API\n"
    assert TOKEN.encode() not in all_bytes(data)


@pytest.mark.parametrize(
    ("tokens", "advice"),
    [
        pytest.param({}, "put one for {} into NEEDS_PLAN_GIT_TOKENS", id="none"),
        pytest.param({"{}": "wrong"}, "the one for {} in NEEDS_PLAN_GIT_TOKENS may not read it", id="wrong"),
        pytest.param({"127.0.0.1": TOKEN}, "put one for {} into", id="of another port"),
        pytest.param({"github.com": TOKEN}, "put one for {} into", id="of another host"),
    ],
)
async def test_without_the_right_token(tokens: dict[str, str], advice: str, server: GitServer, data: Path) -> None:
    server.token = TOKEN
    checkouts = Checkouts(data, {host.format(server.place): token for host, token in tokens.items()})
    error = await unavailable(checkouts, choice(server.url("acme/api.git")))
    assert error.sentence.startswith(f"{server.place} wants a token for acme/api")
    assert advice.format(server.place) in error.sentence
    assert not error.passing


async def test_a_token_that_was_taken_back_opens_no_copy(server: GitServer, data: Path) -> None:
    wanted = choice(server.url("acme/api.git"))
    await Checkouts(data, {}).open(wanted)
    server.token = TOKEN
    assert "wants a token" in (await unavailable(Checkouts(data, {}), wanted)).sentence


async def test_a_redirect_gets_neither_token_nor_request(server: GitServer, tmp_path: Path, data: Path) -> None:
    with GitServer(tmp_path / "served", TOKEN).serving() as other:
        server.redirect = f"http://localhost:{other.place.rpartition(':')[2]}"
        error = await unavailable(Checkouts(data, {server.place: TOKEN}), choice(server.url("acme/api.git")))
        assert "redirects are not followed" in error.sentence
        assert server.requests
        assert not other.requests


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def is_there(path: Path) -> bool:
    return path.exists()


def processes(mark: str) -> dict[int, str]:
    """The arguments of every process on this machine that hold a text."""
    found: dict[int, str] = {}
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if mark in said:
                found[int(place.parent.name)] = said
    return found


def arguments_of_git(mark: str) -> list[str]:
    return [*processes(mark).values()]


def end_git(mark: str) -> None:
    """End what a killed bot left running. The mark holds a port of this test's own."""
    for process in processes(mark):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@contextmanager
def deaf() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked at as Linux shows them")
async def test_no_argument_holds_the_token_and_a_hung_git_is_ended(data: Path) -> None:
    with deaf() as port:
        place = f"127.0.0.1:{port}"
        task = asyncio.create_task(
            unavailable(Checkouts(data, {place: TOKEN}, fetch_timeout_s=2), choice(f"http://{place}/acme/api"))
        )
        while not (seen := arguments_of_git(place)):
            assert not task.done()
            await asyncio.sleep(0.02)
        assert not arguments_of_git(TOKEN)
        assert any("fetch" in each for each in seen)
        error = await task
        assert error.sentence == "Fetching acme/api took longer than 2 seconds."
        assert error.passing
        assert not arguments_of_git(place)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked at as Linux shows them")
async def test_a_cancelled_fetch_leaves_no_process(data: Path) -> None:
    with deaf() as port:
        place = f"127.0.0.1:{port}"
        task = asyncio.create_task(Checkouts(data, {}).open(choice(f"http://{place}/acme/api")))
        while not arguments_of_git(place):  # noqa: ASYNC110 - processes are looked at, they tell nothing
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not arguments_of_git(place)


# --- when it cannot be fetched ----------------------------------------------------------------------------------------


async def test_an_outage_opens_what_was_fetched_before(server: GitServer, data: Path) -> None:
    wanted = choice(server.url("acme/api.git"))
    commit = (await Checkouts(data, {}).open(wanted)).commit
    server.status = 503
    checkout = await Checkouts(data, {}).open(wanted)
    assert checkout.commit == commit
    assert checkout.gap.startswith(
        f"{server.place} could not serve acme/api just now. acme/api was read as it stood on "
    )
    assert await readme(checkout) == "# The API\n"


@pytest.mark.parametrize(
    ("status", "sentence", "passing"),
    [
        (403, "does not let us read acme/api", False),
        (404, "There is no repository acme/api at", False),
        (429, "could not serve acme/api just now", True),
        (500, "could not serve acme/api just now", True),
    ],
)
async def test_answers_of_a_host(status: int, sentence: str, passing: bool, server: GitServer, data: Path) -> None:
    server.status = status
    error = await unavailable(Checkouts(data, {}), choice(server.url("acme/api.git")))
    assert sentence in error.sentence
    assert error.passing is passing


async def test_addresses_that_lead_nowhere(server: GitServer, tmp_path: Path, data: Path) -> None:
    checkouts = Checkouts(data, {})
    empty = GitRepository(tmp_path / "served" / "empty.git")
    (tmp_path / "bare-folder").mkdir()
    with deaf() as port:
        closed = f"127.0.0.1:{port}"
    for url, sentence in (
        (server.url("acme/none.git"), "There is no repository acme/api at"),
        (server.url("empty.git"), "acme/api is empty: it has no commit on its default branch."),
        (empty.path, "acme/api is empty: it has no commit on its default branch."),
        (f"http://{closed}/acme/api", f"{closed} could not be reached."),
        (tmp_path / "nothing", "There is no git repository acme/api at the local path that the rules name."),
        (tmp_path / "bare-folder", "There is no git repository acme/api at the local path that the rules name."),
    ):
        assert sentence in (await unavailable(checkouts, choice(url))).sentence


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/acme/api",
        "ssh://git@github.com/acme/api",
        "git://github.com/acme/api",
        "ext::touch pwned",
        "--upload-pack=touch pwned",
        "relative/path",
        "https://me:secret@github.com/acme/api",
        "https://github.com/acme/../api",
        "https://github.com/acme/api\n",
        "https://",
        "",
    ],
)
async def test_no_other_address_reaches_git(url: str, data: Path) -> None:
    error = await unavailable(Checkouts(data, {}), choice(url))
    assert "is not one that is read here" in error.sentence
    assert not is_there(data)


async def test_a_fault_of_the_rules_is_said(data: Path) -> None:
    faulty = choice("").model_copy(update={"fault": "The repository x is no address."})
    assert (await unavailable(Checkouts(data, {}), faulty)).sentence == "The repository x is no address."


async def test_too_large_a_repository_is_given_up(repository: GitRepository, server: GitServer, data: Path) -> None:
    repository.write({"noise.bin": os.urandom(3_000_000)})
    repository.commit()
    wanted = choice(server.url("acme/api.git"))
    error = await unavailable(Checkouts(data, {}, most_bytes=1_000_000), wanted)
    assert error.sentence == "acme/api is larger than 1.0 MB, which is the most that is read."
    assert not error.passing


async def test_what_many_fetches_left_makes_room(repository: GitRepository, server: GitServer, data: Path) -> None:
    wanted = choice(server.url("acme/api.git"))
    checkouts = Checkouts(data, {}, most_bytes=1_500_000)
    for number in range(4):
        repository.write({"noise.bin": os.urandom(600_000), "README.md": f"{number}"})
        repository.commit()
        assert await readme(await checkouts.open(wanted)) == f"{number}"


async def test_no_room_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    error = await unavailable(Checkouts(tmp_path / "data", {}), choice("http://127.0.0.1:9/acme/api"))
    assert error.sentence.startswith("A copy of acme/api cannot be kept in the data folder: ")


# --- damage -----------------------------------------------------------------------------------------------------------


def copy_of(data: Path) -> Path:
    (found,) = data.glob("mirrors/*.git")
    return found


@pytest.mark.parametrize("lost", ["objects/pack/*", "HEAD", "config", "shallow"])
async def test_a_damaged_copy_is_fetched_anew(
    lost: str, repository: GitRepository, server: GitServer, data: Path
) -> None:
    repository.write({f"src/{number}.ts": f"export const n = {number}" for number in range(120)})
    commit = repository.commit()
    wanted = choice(server.url("acme/api.git"))
    await Checkouts(data, {}).open(wanted)
    for path in copy_of(data).glob(lost):
        path.chmod(0o600)
        path.write_bytes(b"garbage")
    checkout = await Checkouts(data, {}).open(wanted)
    assert checkout.commit == commit
    assert await readme(checkout) == "# The API\n"


async def test_what_a_killed_fetch_left_behind_is_no_hindrance(
    repository: GitRepository, server: GitServer, data: Path
) -> None:
    wanted = choice(server.url("acme/api.git"))
    await Checkouts(data, {}).open(wanted)
    mirror = copy_of(data)
    for leftover in ("shallow.lock", "HEAD.lock", "refs/needs-plan/head.lock", "objects/pack/tmp_pack_1"):
        (mirror / leftover).write_bytes(b"")
    (mirror.with_suffix(".new") / "objects").mkdir(parents=True)
    repository.write({"README.md": "later"})
    repository.commit()
    assert await readme(await Checkouts(data, {}).open(wanted)) == "later"
    assert not list(mirror.glob("objects/pack/tmp_*"))


# --- side by side -----------------------------------------------------------------------------------------------------

_OPENER = """
import asyncio, pathlib, sys
from bot.checkout import Checkouts
from bot.repositories import RepositoryChoice

async def main() -> None:
    choice = RepositoryChoice(url=sys.argv[2], name="acme/api", because="")
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(3):
        checkout = await Checkouts(pathlib.Path(sys.argv[1]), {}).open(choice)
        print(checkout.commit, (await checkout.read_text("README.md")).strip(), flush=True)

asyncio.run(main())
"""


async def _opener(data: Path, url: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _OPENER, str(data), url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_two_processes_open_one_copy_at_once(repository: GitRepository, server: GitServer, data: Path) -> None:
    commit = (await Checkouts(data.with_name("other"), {}).open(choice(server.url("acme/api.git")))).commit
    processes = [await _opener(data, server.url("acme/api.git")) for _ in range(2)]
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    for process, (out, error) in zip(processes, said, strict=True):
        assert process.returncode == 0, error.decode()
        assert out.decode().splitlines() == [f"{commit} # The API"] * 3
    assert copy_of(data)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked at as Linux shows them")
async def test_a_copy_stays_locked_while_the_fetch_of_a_killed_bot_goes_on(data: Path) -> None:
    with deaf() as port:
        url = f"http://127.0.0.1:{port}/acme/api"
        process = await _opener(data, url)
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        while not any("remote-http" in each for each in arguments_of_git(url)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
        process.kill()
        await process.communicate()
        error = await unavailable(Checkouts(data, {}, fetch_timeout_s=0.5), choice(url))
        assert error.sentence == "Another run has been fetching acme/api for 0.5 seconds."
        end_git(url)


# --- nothing of a repository is run -----------------------------------------------------------------------------------


async def test_no_hook_and_no_configuration_of_a_repository_runs(
    repository: GitRepository, server: GitServer, tmp_path: Path, data: Path
) -> None:
    trace = tmp_path / "trace"
    run = tmp_path / "run"
    run.write_text(f'#!/bin/sh\necho "$0 $@" >> {trace}\nexec "$@"\n')
    run.chmod(0o700)
    repository.write(
        {
            ".gitattributes": "* filter=run diff=run merge=run\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = vendor/x\n\turl = ext::{run}\n\tupdate = !{run}\n',
            ".git/config": f"[core]\n\tfsmonitor = {run}\n",
            ".git/hooks/post-checkout": run.read_text(),
        }
    )
    repository.submodule("vendor/x")
    repository.commit()
    hooks = repository.path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-merge", "post-update", "pre-auto-gc", "reference-transaction", "update"):
        (hooks / name).write_text(run.read_text())
        (hooks / name).chmod(0o700)
    for key in (
        *("core.fsmonitor", "core.sshCommand", "core.pager", "core.askPass", "core.editor", "core.gitProxy"),
        *("diff.external", "uploadpack.packObjectsHook", "credential.helper", "core.alternateRefsCommand"),
        *("alias.fetch", "alias.grep", "gpg.program", "remote.origin.uploadpack", "sequence.editor"),
    ):
        git(repository.path, "config", key, f"!{run}" if key.startswith("alias") else str(run))
    for url in (server.url("acme/api.git"), repository.path):
        checkout = await Checkouts(data, {}).open(choice(url))
        assert await readme(checkout) == "# The API\n"
        assert ".gitmodules" in await checkout.glob("*")
    assert not trace.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
async def test_a_local_repository_of_another_user_is_read(repository: GitRepository, data: Path) -> None:
    for path in (repository.path, *repository.path.rglob("*")):
        os.chown(path, 4321, 4321)
    assert await readme(await Checkouts(data, {}).open(choice(repository.path))) == "# The API\n"
