"""The map from the tool names in agent definitions to what this program gives for them. No I/O."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FamilyName = Literal["repository", "tracker", "web", "code", "todo", "task", "plan", "mcp", "refused", "unmapped"]


class Mapped(BaseModel):
    """One tool of a definition, and what it maps to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str = Field(description="as the definition has it, without what stands in brackets: Bash(git log:*) is Bash")
    family: FamilyName
    name: str = Field(default="", description="the family's canonical name for it: Read, get_issue, the MCP tool's own")
    server: str = Field(default="", description="the MCP server, where family is mcp")
    gives: str = Field(description="what the bot gives for it, or why nothing: one sentence for people and model")
