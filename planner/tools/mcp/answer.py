"""What MCP tools and resources answer, as results of ours: text within bounds, images that the model can see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.tools import Found, Picture, ToolResult
from planner.tools.mcp.config import McpServer, mask
from planner.tools.mcp.declare import plain_name
from planner.tools.pictures import picture
from planner.visible import visible

if TYPE_CHECKING:
    from mcp_types import BlobResourceContents, CallToolResult, ContentBlock, ReadResourceResult, TextResourceContents

MOST_TEXT = 40_000
"""Characters of one answer."""

MOST_PICTURES = 4
"""Images of one answer."""

_MOST_BLOCKS = 500


async def of_tool(answer: CallToolResult, server: McpServer, tool: str) -> ToolResult:
    """A tool's answer. Where the tool failed, its own words about that are marked like any other's."""
    gathered = _Gathered()
    for block in answer.content[:_MOST_BLOCKS]:
        await _block(block, gathered)
    if len(answer.content) > _MOST_BLOCKS:
        gathered.say(f"[{len(answer.content) - _MOST_BLOCKS} more pieces are not shown]")
    if not gathered.has_text and answer.structured_content is not None:
        gathered.say(json.dumps(answer.structured_content, ensure_ascii=False))
    if answer.is_error:
        return gathered.result(server, (), first="The tool answered with an error:\n")
    return gathered.result(server, (Found(name=f"mcp:{plain_name(server.name)}/{plain_name(tool)}"),))


async def of_resource(answer: ReadResourceResult, server: McpServer, uri: str) -> ToolResult:
    """What a resource holds."""
    gathered = _Gathered()
    for each in answer.contents[:_MOST_BLOCKS]:
        await _contents(each, gathered)
    name = " ".join(visible(uri).text.split())[:200]
    url = uri if uri.startswith("https://") and len(uri) <= len(name) else ""
    return gathered.result(server, (Found(name=f"mcp:{plain_name(server.name)}/{name}", url=url),))


class _Gathered:
    # Pieces of an answer, in its order.

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pictures: list[Picture] = []
        self.has_text = False

    def say(self, text: str) -> None:
        self._parts.append(text)

    async def show(self, data: str, media_type: str) -> None:
        if len(self._pictures) >= MOST_PICTURES:
            self.say(f"[one more image, {_brief(media_type)}: only the first {MOST_PICTURES} are shown]")
            return
        seen = await asyncio.to_thread(picture, data)
        if isinstance(seen, str):
            self.say(f"[an image, {_brief(media_type)}: {seen}]")
            return
        made, note = seen
        self._pictures.append(made)
        self.say(f"[image {len(self._pictures)}{note}]")

    def result(self, server: McpServer, found: Sequence[Found], first: str = "") -> ToolResult:
        text = mask("\n\n".join(self._parts), server)
        if len(text) > MOST_TEXT:
            text = f"{text[:MOST_TEXT]}\n[cut: {MOST_TEXT:,} of {len(text):,} characters are shown; ask for less]"
        return ToolResult(
            text=first + (text or "(an empty answer)"), pictures=tuple(self._pictures), found=tuple(found)
        )


async def _block(block: ContentBlock, gathered: _Gathered) -> None:
    if block.type == "text":
        gathered.has_text = gathered.has_text or bool(block.text.strip())
        gathered.say(block.text)
    elif block.type == "image":
        await gathered.show(block.data, block.mime_type)
    elif block.type == "audio":
        gathered.say(f"[audio, {_brief(block.mime_type)}, {_size(block.data)}: it cannot be heard here]")
    elif block.type == "resource_link":
        gathered.say(f"[a resource, {_brief(block.title or block.name)}: {_brief(block.uri)}]")
    else:
        await _contents(block.resource, gathered)


async def _contents(each: TextResourceContents | BlobResourceContents, gathered: _Gathered) -> None:
    blob = getattr(each, "blob", None)
    if not isinstance(blob, str):
        gathered.has_text = True
        gathered.say(f"{_brief(each.uri)}:\n{getattr(each, 'text', '')}")
    elif (each.mime_type or "").startswith("image/"):
        gathered.say(f"{_brief(each.uri)}:")
        await gathered.show(blob, each.mime_type or "")
    else:
        gathered.say(f"[{_brief(each.uri)}, {_brief(each.mime_type or 'binary')}, {_size(blob)}: it is no text]")


def _brief(text: str) -> str:
    return " ".join(text.split())[:200]


def _size(data: str) -> str:
    return f"{max(1, len(data) * 3 // 4 // 1_000):,} kB"
