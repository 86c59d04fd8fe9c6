"""What the receiver loads at its start: nothing that only a plan needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    *("planner.check", "planner.checks", "planner.markdown_plan", "merman", "mmdr", "postgast", "tree_sitter"),
    *("openapi_spec_validator", "cfnlint", "sqlfluff", "botocore", "policy_sentry", "cronsim", "anthropic", "mcp"),
    *("PIL", "pypdf"),
)


@pytest.mark.parametrize("module", ["bot.app", "bot.__main__"])
def test_the_start_loads_no_parsers(module: str) -> None:
    program = f"import {module}, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
