"""Everything that turns a plan into Markdown, under one name. No I/O."""

from __future__ import annotations

from planner.document import SCRIPTED_LINE, SECTIONS, RenderFacts, days, document
from planner.sub_issue import phase_key_in, sub_issue, sub_issue_title

__all__ = [
    "SCRIPTED_LINE",
    "SECTIONS",
    "RenderFacts",
    "days",
    "document",
    "phase_key_in",
    "sub_issue",
    "sub_issue_title",
]
