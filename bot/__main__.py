"""The command line. What a command needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli import DEFAULT_OUT
from bot.settings import SettingsError

app = typer.Typer(
    name="needs-plan",
    help="Label an issue in Linear and get a backend implementation plan, with one sub-issue per phase.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AllowScripted = Annotated[
    bool, typer.Option("--allow-scripted", help="Let the offline stand-in write plans into Linear itself.")
]
RunName = Annotated[str, typer.Argument(help="A run's id, the beginning of it, or an issue such as ENG-123.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"needs-plan {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Label an issue in Linear and get a backend implementation plan, with one sub-issue per phase."""
    del version


@app.command()
def serve(
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Only take webhooks in; others plan.")] = False,
    no_sweep: Annotated[bool, typer.Option("--no-sweep", help="Leave the sweeps to others.")] = False,
    allow_scripted: AllowScripted = False,
) -> None:
    """Listen for Linear's webhooks and write plans."""
    from bot.cli.serve import serve as run

    run(work=not no_worker, sweep=not no_sweep, allow_scripted=allow_scripted)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where the stand-in listens, on loopback.")] = 8090,
    notify: Annotated[str | None, typer.Option(help="Where it sends webhooks: the bot's /webhooks/linear.")] = None,
    secret: Annotated[str, typer.Option(help="What it signs webhooks with.")] = "sandbox-secret",  # noqa: S107 - of a stand-in
) -> None:
    """Run only the stand-in Linear, with a page to press labels on."""
    from linear.sandbox.server import serve as run

    run(port=port, notify=notify, secret=secret)


@app.command()
def plan(  # noqa: PLR0917 - typer calls it by name
    issue: Annotated[str | None, typer.Argument(help="The issue: ENG-123 or its id.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing to Linear; print the plan.")] = False,
    out: Annotated[
        Path | None, typer.Option(help=f"Also write the plan as Markdown; without a name, to {DEFAULT_OUT}.")
    ] = None,
    brief: Annotated[Path | None, typer.Option(help="Plan from this Markdown file, without Linear.")] = None,
    agent: Annotated[str, typer.Option(help="The agent definition that plans; `needs-plan agents` lists them.")] = "",
    allow_scripted: AllowScripted = False,
) -> None:
    """Write one plan now, in the foreground."""
    from bot.cli.plan import plan as run

    if (issue is None) == (brief is None):
        raise typer.BadParameter("name an issue (needs-plan plan ENG-123) or a file (needs-plan plan --brief FILE)")
    raise typer.Exit(
        run(issue=issue, brief=brief, dry_run=dry_run, out=out, allow_scripted=allow_scripted, agent=agent)
    )


@app.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what it would do, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look now for issues that carry the label and have no plan, and have them planned."""
    from bot.cli.sweep import sweep as run

    raise typer.Exit(run(dry_run=dry_run, as_json=as_json))


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20, as_json: AsJson = False
) -> None:
    """List runs: state, step, tokens, dollars."""
    from bot.cli.runs import runs as run

    run(limit=limit, as_json=as_json)


@app.command()
def show(
    run: RunName,
    transcript: Annotated[
        bool, typer.Option("--transcript", help="What the model said, what it called, and what tools answered.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one run, step by step."""
    from bot.cli.runs import show as show_run

    raise typer.Exit(show_run(run, as_json=as_json, transcript=transcript))


@app.command()
def cancel(run: RunName) -> None:
    """Stop a run; what it has made by then stays."""
    from bot.cli.steer import cancel as stop

    raise typer.Exit(stop(run))


@app.command()
def retry(run: RunName) -> None:
    """Ask for another run, as this one was asked for."""
    from bot.cli.steer import retry as again

    raise typer.Exit(again(run))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Markdown files; - reads standard input.", metavar="FILE.md...")],
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Write what code can mend into the files.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check any Markdown plan as plans are checked here; print what is wrong like a linter."""
    from bot.cli.check import check as run

    raise typer.Exit(run(files, as_json=as_json, strict=strict, fix=fix))


@app.command()
def agents(as_json: AsJson = False) -> None:
    """List the agent definitions, and what each of their tools maps to."""
    from bot.cli.agents import agents as run

    run(as_json=as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check keys, labels, database, model and clock; say what to do about each fault."""
    from bot.cli.doctor import doctor as run

    raise typer.Exit(run(as_json=as_json))


def main() -> None:
    """Run the command line. Wrong settings and wrong use end with 2 and one line."""
    try:
        app(args=_with_default_out(sys.argv[1:]), prog_name="needs-plan")
    except SettingsError as error:
        typer.echo(f"needs-plan: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _with_default_out(args: list[str]) -> list[str]:
    """`--out` may stand without a value, which typer cannot say."""
    if "--out" in args:
        at = args.index("--out") + 1
        if at == len(args) or args[at].startswith("-"):
            return [*args[:at], DEFAULT_OUT, *args[at:]]
    return args


if __name__ == "__main__":
    main()
