"""Linear's values as items for a model: what to name them, and which facts to tell. No I/O.

E-mail addresses are never told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.tools.tracker.items import Item, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from linear.listed import (
        Attachment,
        Comment,
        Commented,
        Cycle,
        Document,
        Issue,
        Kind,
        Label,
        Link,
        Listed,
        Milestone,
        OwningTeam,
        Person,
        Project,
        State,
    )

Facts = tuple[tuple[str, str], ...]

# As Linear shows a relation from its other end.
_INVERSE = {"blocks": "blocked by", "duplicate": "duplicated by", "related": "related to", "similar": "similar to"}
_FORWARD = {"blocks": "blocks", "duplicate": "duplicate of", "related": "related to", "similar": "similar to"}


def issue(found: Issue, labels: Mapping[str, str]) -> Item:
    """A line of a list. `labels`: names by id."""
    named = [labels[each] for each in found.label_ids if each in labels]
    return Item(
        name=found.identifier,
        title=found.title,
        url=found.url,
        facts=_issue(found, named),
        text=found.description or "",
    )


def whole_issue(found: Issue, *, shows: Callable[[Link], bool], ours: Callable[[str], bool]) -> Item:
    """An issue with what hangs on it. `shows` decides on other issues; what is `ours`, by id, is left out."""
    item = issue(found, {})
    milestone = found.project_milestone
    facts = (
        *_issue(found, [each.name for each in found.labels.nodes]),
        ("team", f"{found.team.name} ({found.team.key})"),
        ("created", " ".join(part for part in (_day(found.created_at), _by(found.creator)) if part)),
        ("cycle", _cycle(found.cycle) if found.cycle else ""),
        ("milestone", _milestone(milestone) if milestone else ""),
    )
    parent = [("", found.parent)] if found.parent else []
    children = [("", each) for each in found.children.nodes if not each.trashed and not ours(each.id)]
    relations = [
        *((_FORWARD.get(each.type, each.type), each.related_issue) for each in found.relations.nodes),
        *((_INVERSE.get(each.type, each.type), each.issue) for each in found.inverse_relations.nodes),
    ]
    relations = [(how, each) for how, each in relations if not ours(each.id)]
    further = f"More of them: list_issues with parentId {found.identifier}."
    cut = found.relations.page_info.has_next_page or found.inverse_relations.page_info.has_next_page
    sections = (
        _links("Parent", parent, shows),
        _links("Sub-issues", children, shows, more=further if found.children.page_info.has_next_page else ""),
        _links("Relations", relations, shows, more="There are more that are not shown here." if cut else ""),
        documents("Documents", found.documents, ours, f"More of them: list_documents with issue {found.identifier}."),
        Section(
            heading="Attachments",
            items=tuple(_attachment(each) for each in found.attachments.nodes),
            more="There are more that are not shown here." if found.attachments.page_info.has_next_page else "",
        ),
    )
    return item.model_copy(update={"facts": facts, "sections": _filled(sections)})


def threads(found: Commented, ours: Callable[[str], bool]) -> tuple[Item, ...]:
    """A page of comments, thread by thread, oldest first. The bot's own are left out, replies to them stay."""
    comments = sorted(found.comments.nodes, key=lambda each: each.created_at)
    here = {each.id: each for each in comments}
    first = {each.parent_id or each.id: each.created_at for each in reversed(comments)}
    comments.sort(key=lambda each: (first[each.parent_id or each.id], each.parent_id or each.id, each.created_at))
    return tuple(_comment(each, found.identifier, here, ours) for each in comments if not ours(each.id))


def document(found: Document) -> Item:
    """A document; with its text where that was read."""
    on = f"issue {found.issue.identifier}" if found.issue else f"project {found.project.name}" if found.project else ""
    facts = (
        ("on", on),
        ("created", " ".join(part for part in (_day(found.created_at), _by(found.creator)) if part)),
        ("updated", " ".join(part for part in (_day(found.updated_at), _by(found.updated_by)) if part)),
        ("archived", _day(found.archived_at)),
    )
    return Item(name=_cited("document", found), title=found.title, url=found.url, facts=facts, text=found.content or "")


def project(found: Project) -> Item:
    """A project; with its text and what hangs on it where that was read."""
    facts = (
        ("status", _kind(found.status)),
        ("priority", _priority(found.priority_label)),
        ("lead", _name(found.lead)),
        ("teams", ", ".join(each.key for each in found.teams.nodes)),
        ("labels", ", ".join(each.name for each in found.labels.nodes)),
        ("start", found.start_date or ""),
        ("target", found.target_date or ""),
        ("updated", _day(found.updated_at)),
        ("archived", _day(found.archived_at)),
    )
    text = "\n\n".join(part for part in (found.description, found.content or "") if part)
    return Item(name=_cited("project", found), title=found.name, url=found.url, facts=facts, text=text)


def whole_project(found: Project, ours: Callable[[str], bool]) -> Item:
    """The same, with its milestones and documents."""
    milestones = found.project_milestones
    sections = (
        Section(
            heading="Milestones",
            items=tuple(Item(title=_milestone(each)) for each in milestones.nodes),
            more="There are more that are not shown here." if milestones.page_info.has_next_page else "",
        ),
        documents("Documents", found.documents, ours, f"More of them: list_documents with project {found.slug_id}."),
    )
    return project(found).model_copy(update={"sections": _filled(sections)})


def documents(heading: str, found: Listed[Document], ours: Callable[[str], bool], further: str) -> Section:
    """Documents that hang on something, those in the bin and the bot's own left out."""
    items = tuple(document(each) for each in found.nodes if not each.trashed and not ours(each.id))
    return Section(heading=heading, items=items, more=further if found.page_info.has_next_page else "")


def team(found: OwningTeam) -> Item:
    """A team."""
    return Item(
        title=f"{found.name} ({found.key})", facts=(("visibility", found.visibility),), text=found.description or ""
    )


def user(found: Person) -> Item:
    """A person or an app."""
    roles = (("app", found.app), ("admin", found.admin), ("guest", found.guest), ("no longer active", not found.active))
    role = ", ".join(name for name, holds in roles if holds) or "member"
    shown = f"{found.name} (@{found.display_name})" if found.display_name else found.name
    return Item(title=shown, url=found.url, facts=(("role", role), ("title", found.title or "")))


def cycle(found: Cycle) -> Item:
    """A cycle of a team."""
    done = "" if found.progress is None else f"{found.progress:.0%}"
    return Item(
        title=_cycle(found),
        facts=(("done", done), ("closed", _day(found.completed_at))),
        text=found.description or "",
    )


def status(found: State) -> Item:
    """A workflow state."""
    return Item(title=found.name, facts=(("type", found.type), ("team", found.team.key)), text=found.description or "")


def label(found: Label) -> Item:
    """A label of issues or of projects."""
    facts = (
        ("in group", found.parent.name if found.parent else ""),
        ("of team", found.team.key if found.team else ""),
        ("is", "a group" if found.is_group else ""),
    )
    return Item(title=found.name, facts=facts, text=found.description or "")


def _issue(found: Issue, labels: Sequence[str]) -> Facts:
    return (
        ("state", _kind(found.state)),
        ("priority", _priority(found.priority_label)),
        ("assignee", _name(found.assignee) or "nobody"),
        ("labels", ", ".join(labels)),
        ("project", found.project.name if found.project else ""),
        ("estimate", "" if found.estimate is None else f"{found.estimate:g}"),
        ("due", found.due_date or ""),
        ("updated", _day(found.updated_at)),
        ("archived", _day(found.archived_at)),
    )


def _links(
    heading: str, links: Sequence[tuple[str, Link]], shows: Callable[[Link], bool], *, more: str = ""
) -> Section:
    shown = [(how, each) for how, each in links if shows(each)]
    items = tuple(
        Item(name=each.identifier, title=each.title, url=each.url, facts=(("", how), ("state", _kind(each.state))))
        for how, each in shown
    )
    return Section(heading=heading, items=items, held_back=len(links) - len(shown), more=more)


def _comment(found: Comment, identifier: str, here: Mapping[str, Comment], ours: Callable[[str], bool]) -> Item:
    root = found.parent_id
    answered = ""
    if root is not None:
        answered = "this bot" if ours(root) else f"{identifier}#comment-{root[:8]}"
    is_resolved = bool((here.get(root) or found).resolved_at if root else found.resolved_at)
    facts = (
        ("by", _author(found)),
        ("at", _moment(found.created_at)),
        ("edited", _moment(found.edited_at)),
        ("in reply to", answered),
        ("in", "a resolved thread" if is_resolved else ""),
        ("on the words", f'"{found.quoted_text}"' if found.quoted_text else ""),
    )
    return Item(
        name=f"{identifier}#comment-{found.id[:8]}",
        url=found.url,
        facts=facts,
        text=found.body,
        depth=1 if root in here and not ours(root or "") else 0,
    )


def _author(found: Comment) -> str:
    if found.user is not None:
        roles = (("app", found.user.app), ("guest", found.user.guest), ("admin", found.user.admin))
        return f"{_name(found.user)} ({next((name for name, holds in roles if holds), 'member')})"
    if found.external_user is not None:
        return f"{found.external_user.name} (outside the workspace)"
    return f"{found.bot_actor.name or found.bot_actor.type} (integration)" if found.bot_actor else "unknown"


def _attachment(found: Attachment) -> Item:
    facts = (("", found.subtitle or ""), ("from", found.source_type or ""))
    return Item(title=found.title, url=found.url, facts=facts)


def _filled(sections: Sequence[Section]) -> tuple[Section, ...]:
    return tuple(each for each in sections if each.items or each.held_back or each.more)


def _cited(kind: str, found: Document | Project) -> str:
    """The last part of its address, which is its title and its slug."""
    return f"{kind}:{found.url.rstrip('/').rpartition('/')[2] or found.slug_id or found.id}"


def _kind(kind: Kind) -> str:
    return f"{kind.name} ({kind.type})" if kind.type and kind.type.casefold() != kind.name.casefold() else kind.name


def _priority(label_: str) -> str:
    return "" if label_ == "No priority" else label_


def _name(person: Person | None) -> str:
    return (person.display_name or person.name) if person else ""


def _by(person: Person | None) -> str:
    return f"by {_name(person)}" if person else ""


def _cycle(found: Cycle) -> str:
    number = f"Cycle {found.number:g}"
    named = f"{number}: {found.name}" if found.name else number
    return f"{named}, {_day(found.starts_at)} to {_day(found.ends_at)}"


def _milestone(found: Milestone) -> str:
    return f"{found.name}, target {found.target_date}" if found.target_date else found.name


def _day(moment: str | None) -> str:
    return (moment or "")[:10]


def _moment(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else ""
