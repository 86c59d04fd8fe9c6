"""What each tool of the issue tracker takes, by the names that Linear's own MCP server gives the arguments. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic.fields import FieldInfo

from planner.model import JsonObject

MOST = 50
"""The largest page of anything; of longer things fewer fit."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
    r"|-P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)


class Arguments(BaseModel):
    """Nulls count as not given, numbers as texts where texts are asked for, and no other argument is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, str_strip_whitespace=True)


def _is_moment(given: str) -> str:
    if given and not _MOMENT.fullmatch(given):
        raise ValueError("a date such as 2026-09-10, or a duration back from now such as -P7D, is needed")
    return given


def _known_as(name: str, *others: str) -> FieldInfo:
    """A field that other tools and older versions call by other names."""
    return cast("FieldInfo", Field(validation_alias=AliasChoices(name, *others)))


Needed = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=500)]
Moment = Annotated[str, AfterValidator(_is_moment)]


class Page(Arguments):
    """Which part of a list. `limit` above the most is taken for the most."""

    limit: int = Field(default=25, ge=1, le=250, description=f"how many, at most {MOST}")
    cursor: Annotated[Text, _known_as("cursor", "after")] = Field(
        default="", description="goes on after the page that named this cursor"
    )
    order_by: Annotated[Literal["createdAt", "updatedAt"], _known_as("orderBy", "order_by")] = Field(
        default="updatedAt", description="newest first by this"
    )


class PageWithArchive(Page):
    """The same for what Linear archives."""

    include_archived: Annotated[bool, _known_as("includeArchived", "include_archived")] = Field(
        default=False, description="also what was archived"
    )


_SINCE = "only since this date (2026-09-10) or duration back from now (-P7D)"


class MyIssues(PageWithArchive):
    """list_my_issues."""

    query: Text = Field(default="", description="words that must all be in the title or the description")
    team: Annotated[Text, _known_as("team", "teamId")] = Field(default="", description="key, name or id of a team")
    state: Annotated[Text, _known_as("state", "status", "stateId")] = Field(
        default="", description="name, id or type: triage, backlog, unstarted, started, completed, canceled"
    )
    project: Annotated[Text, _known_as("project", "projectId")] = Field(default="", description="name, slug or id")
    label: Annotated[Text, _known_as("label", "labelId")] = Field(default="", description="name or id")
    cycle: Annotated[Text, _known_as("cycle", "cycleId")] = Field(
        default="", description="number, name, id, or current, next, previous"
    )
    priority: int | None = Field(default=None, ge=0, le=4, description="0 none, 1 urgent, 2 high, 3 medium, 4 low")
    parent: Annotated[Text, _known_as("parentId", "parent")] = Field(
        default="", description="only sub-issues of this one: ENG-12"
    )
    created_at: Annotated[Moment, _known_as("createdAt", "created_at")] = Field(default="", description=_SINCE)
    updated_at: Annotated[Moment, _known_as("updatedAt", "updated_at")] = Field(default="", description=_SINCE)


class Issues(MyIssues):
    """list_issues."""

    assignee: Annotated[Text, _known_as("assignee", "assigneeId")] = Field(
        default="", description='name, e-mail or id; "me" is who asked for the plan, "null" nobody'
    )


class OneIssue(Arguments):
    """get_issue."""

    id: Annotated[Needed, _known_as("id", "issueId", "identifier", "query")] = Field(
        description="identifier such as ENG-12, address, or id"
    )
    include_relations: Annotated[bool, _known_as("includeRelations", "include_relations")] = Field(
        default=True, description="they are always included"
    )


class Comments(Page):
    """list_comments."""

    issue: Annotated[Needed, _known_as("issueId", "issue", "id")] = Field(
        description="identifier such as ENG-12, address, or id of the issue"
    )
    order_by: Annotated[Literal["createdAt", "updatedAt"], _known_as("orderBy", "order_by")] = Field(
        default="createdAt", description="newest first by this"
    )


class OneDocument(Arguments):
    """get_document."""

    id: Annotated[Needed, _known_as("id", "documentId", "slug", "query")] = Field(description="id, slug or address")
    offset: int = Field(default=0, ge=0, description="where to go on in a long document, in characters")


class Documents(PageWithArchive):
    """list_documents."""

    query: Text = Field(default="", description="words that must all be in the title")
    project: Annotated[Text, _known_as("project", "projectId")] = Field(
        default="", description="name, slug or id of a project"
    )
    issue: Annotated[Text, _known_as("issue", "issueId")] = Field(default="", description="identifier such as ENG-12")
    created_at: Annotated[Moment, _known_as("createdAt", "created_at")] = Field(default="", description=_SINCE)
    updated_at: Annotated[Moment, _known_as("updatedAt", "updated_at")] = Field(default="", description=_SINCE)


class Projects(PageWithArchive):
    """list_projects."""

    query: Text = Field(default="", description="words that must all be in the name")
    team: Annotated[Text, _known_as("team", "teamId")] = Field(default="", description="key, name or id of a team")
    state: Annotated[Text, _known_as("state", "status")] = Field(
        default="", description="name, id or type: backlog, planned, started, paused, completed, canceled"
    )
    lead: Annotated[Text, _known_as("lead", "leadId")] = Field(
        default="", description='name, e-mail or id; "me" is who asked for the plan'
    )
    label: Annotated[Text, _known_as("label", "labelId")] = Field(default="", description="name or id")
    created_at: Annotated[Moment, _known_as("createdAt", "created_at")] = Field(default="", description=_SINCE)
    updated_at: Annotated[Moment, _known_as("updatedAt", "updated_at")] = Field(default="", description=_SINCE)


class OneProject(Arguments):
    """get_project."""

    query: Annotated[Needed, _known_as("query", "id", "name", "project")] = Field(
        description="name, slug, address or id"
    )


class Teams(PageWithArchive):
    """list_teams."""

    query: Text = Field(default="", description="a part of the name")


class OneTeam(Arguments):
    """get_team."""

    query: Annotated[Needed, _known_as("query", "id", "key", "name", "team")] = Field(description="key, name or id")


class Users(Page):
    """list_users."""

    query: Text = Field(default="", description="a part of the name or e-mail")
    team: Annotated[Text, _known_as("team", "teamId")] = Field(
        default="", description="only members of this team: key, name or id"
    )


class OneUser(Arguments):
    """get_user."""

    query: Annotated[Needed, _known_as("query", "id", "name", "user")] = Field(
        description='name, e-mail or id; "me" is who asked for the plan'
    )


class Cycles(PageWithArchive):
    """list_cycles."""

    team: Annotated[Needed, _known_as("teamId", "team")] = Field(description="key, name or id of the team")
    type: Literal["", "current", "previous", "next"] = Field(default="", description="only this one")


class Statuses(Arguments):
    """list_issue_statuses."""

    team: Annotated[Needed, _known_as("team", "teamId")] = Field(description="key, name or id of the team")


class OneStatus(Arguments):
    """get_issue_status."""

    team: Annotated[Text, _known_as("team", "teamId")] = Field(default="", description="key, name or id of the team")
    name: Text = Field(default="", description="the status's name")
    id: Text = Field(default="", description="or its id")


class Labels(Page):
    """list_issue_labels."""

    team: Annotated[Text, _known_as("team", "teamId")] = Field(
        default="", description="key, name or id: its labels and the workspace's"
    )
    name: Annotated[Text, _known_as("name", "query")] = Field(default="", description="a part of the name")


class ProjectLabels(Page):
    """list_project_labels."""

    name: Annotated[Text, _known_as("name", "query")] = Field(default="", description="a part of the name")


class Manual(Arguments):
    """search_documentation."""

    query: Text = Field(default="", description="what to look for")
    page: int = Field(default=0, description="which page of results")


def understood(tool: str, model: type[Arguments], given: Mapping[str, JsonValue]) -> Arguments | str:
    """The arguments, or one sentence that names the first that is wrong and what to do."""
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{tool} takes no {where[:60]!r}; it takes {', '.join(_properties(model))}."
    if first["type"] in {"missing", "string_too_short"}:
        return f"{tool} needs {where}: {_about(model, where)}."
    said = first["msg"].removeprefix("Value error, ")
    return f"{tool} did not take {where[:60]}: {said[:1].lower()}{said[1:]}."


def schema(model: type[Arguments]) -> JsonObject:
    """A model as an `input_schema`, the same bytes each time: types, choices and descriptions, nothing else."""
    return {
        "type": "object",
        "properties": _properties(model),
        "required": cast("JsonValue", model.model_json_schema().get("required", [])),
        "additionalProperties": False,
    }


def _properties(model: type[Arguments]) -> dict[str, JsonValue]:
    """What it takes; which part of a list stands last."""
    known = cast("dict[str, JsonObject]", model.model_json_schema()["properties"])
    paging = ("limit", "cursor", "orderBy", "includeArchived")
    ordered = [*(name for name in known if name not in paging), *(name for name in paging if name in known)]
    return {name: _plain(known[name]) for name in ordered}


def _plain(given: JsonObject) -> JsonObject:
    """A property without titles, defaults of nothing, limits of length, and null as a choice."""
    kept = {name: each for name, each in given.items() if name not in {"title", "anyOf", "minLength", "maxLength"}}
    for choice in cast("list[JsonObject]", given.get("anyOf", [])):
        if choice.get("type") != "null":
            kept |= choice
    if kept.get("default") in ("", None):
        kept.pop("default", None)
    if kept.get("type") == "integer" and kept.get("maximum") == 250:  # noqa: PLR2004 - taken, but not offered
        kept["maximum"] = MOST
    return dict(sorted(kept.items()))


def _about(model: type[Arguments], name: str) -> JsonValue:
    found = _properties(model).get(name)
    return found.get("description", "a value") if isinstance(found, dict) else "a value"
