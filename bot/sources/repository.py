"""The planned repository at one commit: its tree, README, owners and manifests. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from planner.brief import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources import Known, RepositoryMap
    from linear.models import IssueContext

ORDER = 60
LABEL = ("piece of the repository", "pieces of the repository")

_PLAN_CONTEXT = "plan-context.md"


def materials(context: IssueContext, known: Known) -> Iterator[Material]:  # noqa: ARG001 - as every source is called
    """The tree first, then each file. `plan-context.md` is a source of its own."""
    repository = known.repository
    if repository is None or not repository.commit:  # it could not be opened; `gaps` says why
        return
    yield Material(
        source="repository",
        name="repo",
        title=f"{repository.name} at commit {repository.commit[:12]}",
        url=repository.web_url or None,
        text=repository.tree,
    )
    for file in repository.files:
        if file.path.casefold() == _PLAN_CONTEXT:
            continue
        yield Material(
            source="repository",
            name=f"repo:{file.path}",
            title=file.path if file.whole else f"{file.path} (its beginning)",
            url=_url(repository, file.path),
            text=file.text,
        )


def _url(repository: RepositoryMap, path: str) -> str | None:
    """A file's page: hosts write it like the commit's, with `blob` for `tree`."""
    if not repository.web_url or "\\" in path:
        return None
    page, tree, commit = repository.web_url.rpartition("/tree/")
    return f"{page}/blob/{commit}/{quote(path)}" if tree else f"{repository.web_url}/{quote(path)}"
