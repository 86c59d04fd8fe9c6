"""The brief: everything a plan is written from, as one value. No I/O.

All of it was written by others. It is shown to the model as material, inside tags that nobody outside can guess.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from planner.visible import visible

EARLIER_PLAN = "plan"
"""The kind of material that the plan is which stands on the issue. It is nobody's source: it came from these."""


class Media(BaseModel):
    """An image or a PDF that a material holds. Its bytes lie elsewhere, under their SHA-256 in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    media_type: str = Field(description='"image/png", "image/jpeg", "image/gif", "image/webp" or "application/pdf"')
    size: int = Field(description="bytes")
    pages: int = Field(default=0, description="of a PDF; 0 where they were not counted")

    @property
    def is_pdf(self) -> bool:
        """A PDF, and no image."""
        return self.media_type == "application/pdf"


class Material(BaseModel):
    """One piece of text from one source, or an image or PDF.

    Beside a PDF `text` is what it says: quotes are looked up in it, and it is shown where there is no room for the PDF.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="what it is, one of `KINDS`; anything else counts as other work")
    name: str = Field(description='what the plan cites it by: "comment-3"; unique and stable within a brief')
    title: str = ""
    url: str | None = None
    author: str | None = None
    at: str | None = Field(default=None, description="when it was written or last changed, ISO 8601")
    text: str = ""
    media: Media | None = None


class QuestionAnswered(BaseModel):
    """A question that people were asked before planning. `assumed`: nobody answered, so `answer` is the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    answer: str
    by: str = ""
    assumed: bool = False


class StandingPhase(BaseModel):
    """A phase of an earlier plan that stands as a sub-issue. Its key must be used again for the same work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    identifier: str = ""
    url: str = ""


class Brief(BaseModel):
    """An issue and what hangs on it. JSON-serialisable; the order of `materials` is the order of reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: str = ""
    issue_id: str = ""
    identifier: str = Field(description='"ENG-123"')
    title: str
    url: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()
    priority: str = Field(default="", description='Linear\'s word for it: "High"')
    team_name: str = ""
    team_key: str = ""
    estimate: str = Field(default="", description="the issue's estimate, if any, as people see it")
    estimate_scale: str = Field(default="", description="the team's estimate scale, as people see it")
    due_date: str = Field(default="", description="ISO 8601 date")
    cycle: str = Field(default="", description="the team's cycle it is in, as people see it")
    state: str = ""
    project_name: str = ""
    requested_by: str = ""
    guidance: str = Field(default="", description="what whoever asked wants heeded")
    answers: tuple[QuestionAnswered, ...] = Field(default=(), description="what people were asked before planning")
    materials: tuple[Material, ...] = ()
    standing: tuple[StandingPhase, ...] = ()
    left_out: tuple[str, ...] = Field(default=(), description="what of the sources is not here, a sentence each")

    def sources(self) -> dict[str, tuple[str, str]]:
        """The text and the URL behind each name that a plan can cite, as a person sees the text."""
        found = {"title": (self.title, self.url), "description": (self.description, self.url)}
        if self.guidance:
            found["guidance"] = (self.guidance, self.url)
        if self.answers:
            # What nobody said is nobody's source.
            found["answers"] = ("\n\n".join(each.answer for each in self.answers if not each.assumed), self.url)
        cited = (each for each in self.materials if each.source != EARLIER_PLAN)
        found |= {each.name: (f"{each.title}\n{each.text}", each.url or "") for each in cited}
        return {name: (visible(text).text, url) for name, (text, url) in found.items()}


def answers_text(brief: Brief) -> str:
    """What was asked, and what was answered or must be assumed.

    Lines of an answer after its first are set in, so that no answer can pass for another one, or for another person's.
    """
    return "\n\n".join(
        f"Question: {each.question}\n"
        + (
            "Nobody answered. Assumption, to be stated as such in the plan: "
            if each.assumed
            else f"Answer{f' by {each.by}' if each.by else ''}: "
        )
        + "\n".join(f"  {line}" if at and line else line for at, line in enumerate(each.answer.splitlines()))
        for each in brief.answers
    )


def is_empty(brief: Brief) -> bool:
    """Whether there is nothing to plan from: a title alone, a template's headings, comments that only command.

    Words in the description, in comments, in documents and files of the issue, in attachments and links, and guidance
    count. The parent, siblings and the project do not: they describe other work.
    """
    counted = (each for each in brief.materials if each.source in _ABOUT_THE_ISSUE)
    texts = [brief.description, brief.guidance, *(each.text or each.title for each in counted)]
    return not any(_says_something(visible(text).text) for text in texts)


_ABOUT_THE_ISSUE = {"comment", "document", "file", "attachment", "link"}
_PLACEHOLDER = re.compile(
    r"""
    \#{1,6}(\s.*)?                                    # a heading
    | [-*_=\s]{3,}                                    # a rule
    | ([-*+]|\d+[.)])?\s*(\[[ xX]?\])?                # an empty bullet or check box
    | (\*\*|__)[^*_]{1,80}(\*\*|__):?                 # a label in bold
    | ([-*+]\s+)?(\*\*|__)?[^.!?]{1,60}:(\*\*|__)?    # a label with nothing after it
    | [*_][^*_].*[^*_][*_]                            # a hint in italics
    | [<\[({].*[>\])}]                                # a hint in brackets
    | (n/?a|tbd|todo|none|\.{2,}|…|-|\?+|xxx|lorem\ ipsum.*)[.!]?
    | .*<(user|role|persona|goal|benefit|reason|action|something|feature)[^<>]{0,30}>.*
    | /plan(\s.*)?                                    # a command to the bot
    | \|?[\s|:-]*\|?                                  # the skeleton of a table
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_PLACEHOLDER = 300


def _says_something(text: str) -> bool:
    lines = (line.strip().lstrip(">").strip() for line in text.splitlines())
    # A line in brackets may be a link, and a link is content.
    return any(
        line and (len(line) > _LONGEST_PLACEHOLDER or "](" in line or not _PLACEHOLDER.fullmatch(line))
        for line in lines
        if not line.startswith("```")
    )
