"""Read tools over the issue tracker, under the names of Linear's own MCP server. Nothing here can change anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from pydantic import JsonValue

from planner.model import JsonObject
from planner.tools import Family, ToolResult, refused
from planner.tools.tracker import arguments as asked
from planner.tools.tracker.items import Answer, NotAnswered
from planner.tools.tracker.text import COMMENT_TEXT, listed, single

NO_MANUAL = "Linear's manual is not at hand here. Plan from the material, the repository and the issues."


class Tracker(Protocol):
    """An issue tracker that can be looked into, already limited to what the readers of a plan may see.

    Each method raises NotAnswered with one sentence for the model. Whatever passes by itself (no connection, a rate
    limit) is raised as it is.
    """

    async def issues(self, wanted: asked.Issues) -> Answer:
        """Issues that fit; `me` as assignee is who asked for the plan."""
        ...

    async def issue(self, reference: str) -> Answer:
        """One issue by identifier, address or id."""
        ...

    async def comments(self, wanted: asked.Comments) -> Answer:
        """An issue's comments, thread by thread."""
        ...

    async def documents(self, wanted: asked.Documents) -> Answer:
        """Documents, without their text."""
        ...

    async def document(self, reference: str) -> Answer:
        """One document by slug, address or id."""
        ...

    async def projects(self, wanted: asked.Projects) -> Answer:
        """Projects."""
        ...

    async def project(self, reference: str) -> Answer:
        """One project by name, slug, address or id."""
        ...

    async def teams(self, wanted: asked.Teams) -> Answer:
        """Teams."""
        ...

    async def team(self, reference: str) -> Answer:
        """One team by key, name or id."""
        ...

    async def users(self, wanted: asked.Users) -> Answer:
        """People and apps."""
        ...

    async def user(self, reference: str) -> Answer:
        """One of them by name, e-mail or id; `me` is who asked for the plan."""
        ...

    async def cycles(self, wanted: asked.Cycles) -> Answer:
        """A team's cycles."""
        ...

    async def statuses(self, wanted: asked.Statuses) -> Answer:
        """A team's workflow states in their order."""
        ...

    async def status(self, wanted: asked.OneStatus) -> Answer:
        """One workflow state."""
        ...

    async def labels(self, wanted: asked.Labels) -> Answer:
        """Labels of issues."""
        ...

    async def project_labels(self, wanted: asked.ProjectLabels) -> Answer:
        """Labels of projects."""
        ...


_Given = TypeVar("_Given", bound=asked.Arguments)


@dataclass(frozen=True)
class _Tool:
    """One tool: what it says of itself, what it takes, and how it answers."""

    name: str
    description: str
    takes: type[asked.Arguments]
    answer: Callable[[Tracker, asked.Arguments], Awaitable[ToolResult]]


def _tool(
    name: str, description: str, takes: type[_Given], answer: Callable[[Tracker, _Given], Awaitable[ToolResult]]
) -> _Tool:
    return _Tool(name, description, takes, cast("Callable[[Tracker, asked.Arguments], Awaitable[ToolResult]]", answer))


async def _list(answer: Awaitable[Answer]) -> ToolResult:
    return listed(await answer)


async def _one(answer: Awaitable[Answer]) -> ToolResult:
    return single(await answer)


async def _comments(tracker: Tracker, given: asked.Comments) -> ToolResult:
    return listed(await tracker.comments(given), text=COMMENT_TEXT)


async def _document(tracker: Tracker, given: asked.OneDocument) -> ToolResult:
    return single(await tracker.document(given.id), offset=given.offset)


async def _my_issues(tracker: Tracker, given: asked.MyIssues) -> ToolResult:
    return listed(await tracker.issues(asked.Issues.model_construct(**dict(given), assignee="me")))


async def _manual(_: Tracker, __: asked.Manual) -> ToolResult:
    return refused(NO_MANUAL)


_PAGES = "A page at a time; the answer names the cursor of the next."

_TOOLS = (
    _tool(
        "get_issue",
        "An issue, whole: description, state, priority, assignee, labels, cycle, project, parent, sub-issues, "
        "relations, documents, attachments. For its comments see list_comments.",
        asked.OneIssue,
        lambda tracker, given: _one(tracker.issue(given.id)),
    ),
    _tool(
        "list_issues",
        f"Issues, filtered, each with the beginning of its description. {_PAGES}",
        asked.Issues,
        lambda tracker, given: _list(tracker.issues(given)),
    ),
    _tool(
        "list_my_issues", f"Issues assigned to the person who asked for this plan. {_PAGES}", asked.MyIssues, _my_issues
    ),
    _tool(
        "list_comments",
        f"An issue's comments in threads, with author, role and time. {_PAGES}",
        asked.Comments,
        _comments,
    ),
    _tool("get_document", "A document, whole. Long ones go on from an offset.", asked.OneDocument, _document),
    _tool(
        "list_documents",
        f"Documents by title, without their text. {_PAGES}",
        asked.Documents,
        lambda tracker, given: _list(tracker.documents(given)),
    ),
    _tool(
        "get_project",
        "A project, whole: its text, teams, lead, dates, milestones, labels, documents.",
        asked.OneProject,
        lambda tracker, given: _one(tracker.project(given.query)),
    ),
    _tool(
        "list_projects",
        f"Projects, filtered, each with its short description. {_PAGES}",
        asked.Projects,
        lambda tracker, given: _list(tracker.projects(given)),
    ),
    _tool(
        "get_team",
        "A team by key, name or id.",
        asked.OneTeam,
        lambda tracker, given: _one(tracker.team(given.query)),
    ),
    _tool(
        "list_teams",
        f"Teams by key and name. {_PAGES}",
        asked.Teams,
        lambda tracker, given: _list(tracker.teams(given)),
    ),
    _tool(
        "get_user",
        "A person or app of the workspace.",
        asked.OneUser,
        lambda tracker, given: _one(tracker.user(given.query)),
    ),
    _tool(
        "list_users",
        f"People and apps of the workspace or of a team. {_PAGES}",
        asked.Users,
        lambda tracker, given: _list(tracker.users(given)),
    ),
    _tool(
        "list_cycles",
        f"A team's cycles with their dates. {_PAGES}",
        asked.Cycles,
        lambda tracker, given: _list(tracker.cycles(given)),
    ),
    _tool(
        "list_issue_statuses",
        "A team's workflow states with their types.",
        asked.Statuses,
        lambda tracker, given: _list(tracker.statuses(given)),
    ),
    _tool(
        "get_issue_status",
        "A workflow state by id, or by name and team.",
        asked.OneStatus,
        lambda tracker, given: _one(tracker.status(given)),
    ),
    _tool(
        "list_issue_labels",
        f"Labels that issues carry. {_PAGES}",
        asked.Labels,
        lambda tracker, given: _list(tracker.labels(given)),
    ),
    _tool(
        "list_project_labels",
        f"Labels that projects carry. {_PAGES}",
        asked.ProjectLabels,
        lambda tracker, given: _list(tracker.project_labels(given)),
    ),
    _tool("search_documentation", "Linear's manual. It is not at hand here.", asked.Manual, _manual),
)
_BY_NAME = {each.name: each for each in _TOOLS}
_WRITES = ("create_", "update_", "delete_", "save_", "archive_")


class TrackerTools(Family):
    """The family of the issue tracker, over one tracker."""

    def __init__(self, tracker: Tracker) -> None:
        """`tracker` decides what may be seen."""
        self._tracker = tracker

    def definitions(self) -> Sequence[JsonObject]:
        """Each tool, as the Messages API has it; always the same."""
        return [
            {"name": each.name, "description": each.description, "input_schema": asked.schema(each.takes)}
            for each in _TOOLS
        ]

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> ToolResult:
        """Answer one call by canonical name."""
        tool = _BY_NAME.get(name)
        if tool is None:
            wrote = name.startswith(_WRITES)
            return refused(
                f"{name} is not there: the bot writes to Linear, the model proposes. Put it into the plan."
                if wrote
                else f"There is no tool {name} for the issue tracker; there are {', '.join(_BY_NAME)}."
            )
        given = asked.understood(name, tool.takes, arguments)
        if isinstance(given, str):
            return refused(given)
        try:
            return await tool.answer(self._tracker, given)
        except NotAnswered as error:
            return refused(str(error))
