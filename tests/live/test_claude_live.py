"""What only the real Claude can tell. Opt-in: see README.md here. Costs about a dollar."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app

pytestmark = pytest.mark.live

BRIEF = """# Rate limit the public API

Clients can hammer `/v1/search`. Each API key may make 600 requests a minute; above that it gets 429 with Retry-After.
Partners on the enterprise plan have their own limits, which support can change without a deploy.
"""


def test_claude_writes_a_plan_from_a_brief(tmp_path: Path) -> None:
    """Is the schema of `submit_plan` accepted, and does the plan fit it?"""
    if not os.environ.get("ANTHROPIC_API_KEY"):  # noqa: TID251 - the tests' own keys
        pytest.fail("ANTHROPIC_API_KEY is not set; tests/live/README.md says what live tests need", pytrace=False)
    brief = tmp_path / "brief.md"
    brief.write_text(BRIEF)
    out = tmp_path / "plan.md"
    result = CliRunner().invoke(app, ["plan", "--brief", str(brief), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = out.read_text()
    for heading in ("Executive Summary", "Implementation Phases", "Risk Analysis", "Technology Stack"):
        assert heading in text
