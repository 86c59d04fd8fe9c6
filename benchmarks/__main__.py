"""`make bench`: every benchmark, printed as tables and written to `benchmarks/results.json`.

A benchmark is a module here with `run() -> list[Table]`. Bounds are ratios within one run, as machines differ; a bound
that does not hold ends with 1. `python -m benchmarks checks` runs one.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import cast

from rich.console import Console

from benchmarks.table import Table

RESULTS = Path(__file__).with_name("results.json")


def main() -> int:
    """Run those that are named, or all."""
    console = Console()
    there = [
        each.name
        for each in pkgutil.iter_modules([str(Path(__file__).parent)])
        if each.name not in {"__main__", "table"}
    ]
    wanted = sys.argv[1:] or there
    if unknown := set(wanted) - set(there):
        print(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(there)}", file=sys.stderr)
        return 2
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    held = True
    for name in wanted:
        with console.status(f"Measuring {name}"):
            tables = cast("list[Table]", import_module(f"benchmarks.{name}").run())
        for table in tables:
            console.print(table.drawn())
            console.print()
        held = held and all(table.holds for table in tables)
        measured = {"at": datetime.now(UTC).strftime("%Y-%m-%d"), "tables": [table.as_json() for table in tables]}
        results[name] = measured
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}.")
    if not held:
        print("a bound does not hold: see the rows with a cross", file=sys.stderr)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
