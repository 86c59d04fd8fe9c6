"""Merges a new plan into a document that people may have edited, so that nothing they wrote is lost. No I/O."""

from planner.merging.landing import beside, landed
from planner.merging.merged import Merged, Section
from planner.merging.splitting import form, mark
from planner.merging.suggesting import MARK
from planner.merging.three_way import merge

__all__ = ["MARK", "Merged", "Section", "beside", "form", "landed", "mark", "merge"]
