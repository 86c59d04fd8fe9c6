"""The stand-in's page: issues, a label to press, a box to comment in, and the documents and sub-issues that appear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from linear.sandbox.diagrams import SVG_HEADERS, Drawings
from linear.sandbox.people import People
from linear.sandbox.reading import PRIORITIES
from linear.sandbox.rendering import Renderer
from linear.sandbox.rows import Comment, Document, Issue, Row
from linear.sandbox.rules import Refusal
from linear.sandbox.workspace import Workspace

TRIGGER = "needs-plan"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STATIC = {"board.css": "text/css", "board.js": "text/javascript"}
_EMOJI = {"eyes": "👀", "+1": "👍", "heart": "❤️"}
_NOT_FOUND, _SEE_OTHER, _FORBIDDEN = 404, 303, 403


class Board:
    """The routes of the page. What is shown is read under the workspace's lock."""

    def __init__(self, workspace: Workspace, people: People) -> None:
        self._workspace = workspace
        self._people = people
        self._drawings = Drawings()
        self._renderer = Renderer(self._drawings.name, self._title)
        self._rendered = lru_cache(maxsize=256)(self._renderer.html)
        self._templates = Environment(
            loader=PackageLoader("linear.sandbox"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.filters["markdown"] = lambda text: Markup(self._rendered(text or ""))  # noqa: S704 - cleaned by nh3
        self._templates.filters["ago"] = ago

    def routes(self) -> list[Route]:
        """To be put beside the API's."""
        return [
            Route("/", self._shown(lambda _: ("issues.html", self._issues()))),
            Route("/issue/{identifier}", self._shown(lambda given: ("issue.html", self._issue(given["identifier"])))),
            Route("/document/{slug}", self._shown(lambda given: ("document.html", self._document(given["slug"])))),
            Route("/issue/{identifier}/label", self._label, methods=["POST"]),
            Route("/issue/{identifier}/comment", self._comment, methods=["POST"]),
            Route("/diagram/{name}.svg", self._diagram),
            Route("/static/{name}", self._static),
            Route("/changes", self._changes),
        ]

    # --- pages -----------------------------------------------------------------------------------------------------

    def _shown(
        self, view: Callable[[Mapping[str, str]], tuple[str, Mapping[str, object]]]
    ) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                with self._workspace.lock:
                    template, values = view(request.path_params)
                    page = self._templates.get_template(template).render(
                        organization=self._workspace.organization.name,
                        person=self._people.default.name,
                        trigger=TRIGGER,
                        **values,
                    )
            except Refusal as error:
                return PlainTextResponse(f"{error.extensions['userPresentableMessage']}\n", _NOT_FOUND, _HEADERS)
            return HTMLResponse(page, headers=_HEADERS)

        return answer

    def _issues(self) -> Mapping[str, object]:
        teams: list[Mapping[str, object]] = []
        for team in self._workspace.teams.values():
            issues = [
                each for each in self._workspace.issues.values() if each.team_id == team.id and not each.archived_at
            ]
            if team.visibility == "public":
                teams.append({"team": team, "issues": self._listed(issues)})
        return {"title": "Issues", "teams": teams}

    def _listed(self, issues: list[Issue]) -> list[Mapping[str, object]]:
        """Issues whose parent is listed as well stand under it."""
        here = {each.id for each in issues}
        ordered: list[Mapping[str, object]] = []

        def under(parent_id: str | None, depth: int) -> None:
            rows = [each for each in issues if (each.parent_id if each.parent_id in here else None) == parent_id]
            for each in sorted(rows, key=_place if parent_id else _newest):
                ordered.append({**self._row(each), "depth": depth})
                under(each.id, depth + 1)

        under(None, 0)
        return ordered

    def _row(self, issue: Issue) -> Mapping[str, object]:
        state = self._workspace.states[issue.state_id]
        labels = [self._workspace.labels[each] for each in issue.label_ids]
        return {
            "issue": issue,
            "state": state,
            "labels": labels,
            "asked": any(each.name == TRIGGER for each in labels),
            "priority": PRIORITIES[issue.priority],
            "documents": sum(
                each.issue_id == issue.id and not each.archived_at for each in self._workspace.documents.values()
            ),
        }

    def _issue(self, identifier: str) -> Mapping[str, object]:
        workspace = self._workspace
        issue = workspace.issue(identifier)
        children = sorted((each for each in workspace.children_of(issue.id) if not each.archived_at), key=_place)
        mine = [each for each in workspace.comments.values() if each.issue_id == issue.id and not each.archived_at]
        roots = sorted((each for each in mine if each.parent_id is None), key=lambda each: each.created_at)
        return {
            "title": f"{issue.identifier} {issue.title}",
            **self._row(issue),
            "team": workspace.teams[issue.team_id],
            "parent": workspace.issues.get(issue.parent_id or ""),
            "project": workspace.projects.get(issue.project_id or ""),
            "assignee": workspace.users.get(issue.assignee_id or ""),
            "children": [{**self._row(each), "blockers": self._blockers(each)} for each in children],
            "relations": self._relations(issue),
            "documents": [
                each for each in workspace.documents.values() if each.issue_id == issue.id and not each.archived_at
            ],
            "attachments": [each for each in workspace.attachments.values() if each.issue_id == issue.id],
            "reactions": self._reactions(issue),
            "threads": [
                [
                    self._said(each)
                    for each in (
                        root,
                        *sorted((each for each in mine if each.parent_id == root.id), key=lambda each: each.created_at),
                    )
                ]
                for root in roots
            ],
        }

    def _blockers(self, issue: Issue) -> list[str]:
        return [
            self._workspace.issues[each.issue_id].identifier
            for each in self._workspace.relations.values()
            if each.related_issue_id == issue.id and each.type == "blocks" and each.issue_id in self._workspace.issues
        ]

    def _relations(self, issue: Issue) -> list[tuple[str, Issue]]:
        words = {"blocks": ("Blocks", "Blocked by"), "duplicate": ("Duplicate of", "Duplicated by")}
        found: list[tuple[str, Issue]] = []
        for each in self._workspace.relations.values():
            forth, back = words.get(each.type, ("Related to", "Related to"))
            if each.issue_id == issue.id:
                found.append((forth, self._workspace.issues[each.related_issue_id]))
            elif each.related_issue_id == issue.id:
                found.append((back, self._workspace.issues[each.issue_id]))
        return found

    def _said(self, comment: Comment) -> Mapping[str, object]:
        user = self._workspace.users.get(comment.user_id or "")
        author = user.name if user else comment.external_name or comment.bot_name or "Somebody"
        return {"comment": comment, "author": author, "reactions": self._reactions(comment)}

    def _reactions(self, row: Row) -> list[str]:
        return [
            _EMOJI.get(each.emoji, f":{each.emoji}:")
            for each in self._workspace.reactions.values()
            if row.id in {each.issue_id, each.comment_id}
        ]

    def _document(self, slug: str) -> Mapping[str, object]:
        document: Document = self._workspace.document(slug)
        return {
            "title": document.title,
            "document": document,
            "issue": self._workspace.issues.get(document.issue_id or ""),
            "project": self._workspace.projects.get(document.project_id or ""),
            "author": self._workspace.users.get(document.creator_id or ""),
        }

    def _title(self, slug: str) -> str | None:
        return next((each.title for each in self._workspace.documents.values() if each.slug_id == slug), None)

    # --- what people do --------------------------------------------------------------------------------------------

    async def _label(self, request: Request) -> Response:
        form = await request.form()
        return self._done(
            request, lambda issue: self._people.press_label(issue, str(form.get("label")), on=form.get("on") == "1")
        )

    async def _comment(self, request: Request) -> Response:
        form = await request.form()
        parent = str(form.get("parent") or "") or None
        return self._done(
            request, lambda issue: self._people.comment(issue, str(form.get("body") or ""), parent=parent)
        )

    def _done(self, request: Request, do: Callable[[str], object]) -> Response:
        """Does it and goes back to the page. Another site's page may not press our buttons."""
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return PlainTextResponse("Only this page may do that.\n", _FORBIDDEN)
        issue = request.path_params["identifier"]
        try:
            do(issue)
        except Refusal as error:
            return PlainTextResponse(f"{error.extensions['userPresentableMessage']}\n", 400, _HEADERS)
        back = "/" if request.query_params.get("from") == "list" else f"/issue/{issue}"
        return RedirectResponse(back, _SEE_OTHER)

    # --- parts -----------------------------------------------------------------------------------------------------

    async def _diagram(self, request: Request) -> Response:
        svg = await asyncio.to_thread(self._drawings.svg, request.path_params["name"])
        if svg is None:
            return PlainTextResponse("no such diagram\n", _NOT_FOUND)
        return Response(svg, media_type="image/svg+xml", headers=SVG_HEADERS)

    def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            return PlainTextResponse("no such file\n", _NOT_FOUND)
        content = files("linear.sandbox").joinpath("static", name).read_bytes()
        return Response(content, media_type=_STATIC[name], headers={"X-Content-Type-Options": "nosniff"})

    async def _changes(self, _: Request) -> Response:
        """How many changes there were: the page asks, and looks again when there are more."""
        return JSONResponse({"changes": self._workspace.changes}, headers={"Cache-Control": "no-store"})


def _place(issue: Issue) -> tuple[float, int]:
    return (issue.sub_issue_sort_order or 0.0, issue.number)


def _newest(issue: Issue) -> tuple[float, int]:
    return (0.0, -issue.number)


def ago(moment: str, now: datetime | None = None) -> str:
    """How long ago that was, in words. `moment` as Linear writes it."""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // size)
        if count:
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"
