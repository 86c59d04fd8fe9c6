"""`make demo`: the whole main job on embedded stand-ins. A stand-in Linear, the bot, SQLite, the scripted model."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.settings import Settings
from bot.telemetry import configure_logs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from linear.sandbox.server import Sandbox

_SECRET = "demo-webhook-secret"  # noqa: S105 - of the stand-in that this process starts
_KEY = "lin_api_demo"
_WITHIN_S = 60.0


def main() -> None:
    """Run the demo. With `--once` print what was made and exit: 0 if every part is there, else 1."""
    parser = argparse.ArgumentParser(prog="make demo", description="The whole main job on stand-ins, no keys needed.")
    parser.add_argument("--once", action="store_true", help="print what the bot made and exit")
    parser.add_argument("--issue", default="ENG-101", help="the issue to label; the stand-in's page lists them")
    options = parser.parse_args()
    configure_logs(None, level=logging.WARNING)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(_demo(Console(highlight=False), issue=options.issue, once=options.once)))


async def _demo(console: Console, *, issue: str, once: bool) -> int:
    from linear.sandbox.server import Sandbox

    with tempfile.TemporaryDirectory(prefix="needs-plan-demo-") as directory:
        port = _free_port()
        sandbox = Sandbox(notify=f"http://127.0.0.1:{port}/webhooks/linear", secret=_SECRET, api_key=_KEY)
        url = await asyncio.to_thread(sandbox.start)
        settings = Settings.model_validate(
            {
                "LINEAR_API_KEY": _KEY,
                "LINEAR_API_URL": f"{url}/graphql",
                "LINEAR_FILES_ORIGIN": url,
                "LINEAR_WEBHOOK_SECRET": _SECRET,
                "NEEDS_PLAN_PROVIDER": "scripted",
                "NEEDS_PLAN_DATA_DIR": Path(directory),
                "NEEDS_PLAN_PORT": port,
            }
        )
        try:
            async with _bot(settings):
                console.print(f"A stand-in Linear is at [bold]{url}[/], the bot listens on port {port}.")
                console.print(f"Putting the label [bold]{settings.label}[/] on {issue} ...\n")
                began = time.monotonic()
                await asyncio.to_thread(sandbox.press_label, issue, settings.label)
                complete = await _watch(sandbox, issue, settings)
                _tell(console, sandbox, issue, url)
                if not complete:
                    console.print(f"[red]Not everything was made within {_WITHIN_S:.0f} s.[/]")
                    return 1
                console.print(f"\nDone in {time.monotonic() - began:.1f} s.")
                if once:
                    return 0
                console.print(
                    f"Open [bold]{url}[/], press the label on other issues, comment [bold]/plan[/]. Ctrl-C ends."
                )
                await asyncio.Event().wait()
        finally:
            await asyncio.to_thread(sandbox.stop)
    return 0


@contextlib.asynccontextmanager
async def _bot(settings: Settings) -> AsyncGenerator[None]:
    """The bot as `serve` runs it, in this process."""
    import uvicorn

    from bot.app import make_app
    from bot.services import Services

    app = make_app(Services(settings))
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.host, port=settings.port, log_config=None, access_log=False)
    )
    server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue] - Ctrl-C is the demo's
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _watch(sandbox: Sandbox, issue: str, settings: Settings) -> bool:
    """Whether document, comment with reply, sub-issues, relations and label are all there in time."""
    until = time.monotonic() + _WITHIN_S
    while time.monotonic() < until:
        made = sandbox.made_on(issue)
        if (
            made["documents"]
            and len(made["comments"]) >= 2  # noqa: PLR2004 - the comment and the reply
            and made["subissues"]
            and made["relations"]
            and settings.done_label in made["labels"]
        ):
            return True
        await asyncio.sleep(0.1)
    return False


def _tell(console: Console, sandbox: Sandbox, issue: str, url: str) -> None:
    made = sandbox.made_on(issue)
    for document in made["documents"]:
        console.print(
            f"[bold]document[/]   {escape(document['title'])}", f"[dim]{url}/document/{document['slugId']}[/]"
        )
    for comment in made["comments"]:
        console.print(
            f"[bold]{'reply' if comment['parentId'] else 'comment'}[/]",
            escape(comment["body"]),
            sep="\n  ",
            soft_wrap=True,
        )
    table = Table(title=f"{len(made['subissues'])} sub-issues", title_justify="left", box=None, pad_edge=False)
    for name in ("issue", "title", "state", "blocked by"):
        table.add_column(name)
    blockers: dict[str, list[str]] = {}
    for relation in made["relations"]:
        blockers.setdefault(relation["relatedIssue"], []).append(relation["issue"])
    for subissue in made["subissues"]:
        identifier = subissue["identifier"]
        table.add_row(
            identifier, escape(subissue["title"]), subissue["state"], ", ".join(sorted(blockers.get(identifier, [])))
        )
    console.print(table)
    console.print(f"[bold]relations[/]  {len(made['relations'])} (blocks)")
    console.print(f"[bold]labels[/]     {', '.join(made['labels'])}")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


if __name__ == "__main__":
    main()
