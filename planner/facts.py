"""What a rendered plan says about its own making and its sources; comes from code, never from the model. No I/O."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from planner.findings import Checked
from planner.markdown import code, link

SCRIPTED_LINE = "Written by the scripted stand-in: no model was asked."
"""Stands in every document and sub-issue that the scripted model wrote."""

# Models add the lines they mean: `repo:src/app.ts:12-40`, `repo:src/app.ts#L12`.
_LINES = re.compile(r"(:\d+([-:]\d+)?|#L\d+(-L?\d+)?)$")


class Version(BaseModel):
    """One plan that was posted for the issue: which, when (ISO 8601 date), who asked for it, and why in their words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    on: str
    asked_by: str = ""
    because: str = ""


class RenderFacts(BaseModel):
    """What the plan itself does not know. Everything here comes from code, nothing from the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identifier: str = Field(description='"ENG-123"')
    issue_url: str
    document_url: str | None = None
    author: str = Field(description='who wrote it: a model id, or "scripted stand-in"')
    agent: str = Field(default="", description="name of the agent definition")
    scripted: bool = False
    generated_on: str = Field(description="ISO 8601 date")
    revision: str = Field(default="", description="when the issue was last changed, as people see it")
    repository: str = Field(default="", description='name of the repository that was read: "acme/api"')
    commit: str = Field(default="", description="the commit it was read at, in full")
    commit_url: str = Field(default="", description="where people see that commit; empty for a local repository")
    left_out: tuple[str, ...] = Field(default=(), description="what the model was not shown, a sentence each")
    gaps: tuple[str, ...] = Field(default=(), description="what could not be read while it planned, a sentence each")
    estimate_usd: float | None = Field(default=None, description="what it was expected to cost, in US dollars")
    cost_usd: float | None = Field(default=None, description="what it cost, in US dollars")
    tokens: int = Field(default=0, description="tokens read and written, all told; 0: not said")
    checked: Checked | None = Field(default=None, description="what its checks found; None: it was not checked")
    versions: tuple[Version, ...] = Field(default=(), description="every plan of the issue so far, this one last")
    sources: dict[str, str] = Field(
        default={}, description="source name to its url; no other address in the plan becomes a link"
    )

    @property
    def allowed(self) -> frozenset[str]:
        """The addresses that may stand as links."""
        urls = (*self.sources.values(), self.issue_url, self.document_url or "", self.commit_url)
        return frozenset(url for url in urls if url)

    def cited(self, source: str) -> str:
        """A source's name as Markdown: a link where it is known and has an address, else the name alone."""
        url = self.sources.get(source) or self.sources.get(_LINES.sub("", source), "")
        return link(source, url) if url else code(source)
