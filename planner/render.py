"""Everything that turns a plan into Markdown, under one name. No I/O."""

from __future__ import annotations

from planner.document import SECTIONS, days, document
from planner.facts import SCRIPTED_LINE, RenderFacts, Version
from planner.sub_issue import phase_key_in, sub_issue, sub_issue_title

__all__ = [
    "SCRIPTED_LINE",
    "SECTIONS",
    "RenderFacts",
    "Version",
    "days",
    "document",
    "phase_key_in",
    "sub_issue",
    "sub_issue_title",
]
