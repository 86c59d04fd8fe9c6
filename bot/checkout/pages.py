"""Where people see a repository, a commit and a file in their browser. No I/O."""

from __future__ import annotations

from urllib.parse import quote, urlsplit


def repository_page(url: str) -> str:
    """A repository's page, from the address it is fetched from; empty for a local path."""
    return url.removesuffix(".git") if url.startswith("https://") else ""


def commit_page(web_url: str, commit: str) -> str:
    """The repository as it stands in a commit; empty where it has no pages."""
    return f"{web_url}/{_kind(web_url, 'tree')}/{commit}" if web_url else ""


def file_page(web_url: str, commit: str, path: str) -> str:
    """A file as it stands in a commit; empty where it has no pages, or where its name is shown with escapes."""
    if not web_url or "\\" in path:
        return ""
    return f"{web_url}/{_kind(web_url, 'blob')}/{commit}/{quote(path)}"


def _kind(web_url: str, kind: str) -> str:
    """What stands before the commit. GitLab also understands what GitHub writes, so hosts not known get that."""
    host = (urlsplit(web_url).hostname or "").casefold()
    if "gitlab" in host:
        return f"-/{kind}"
    if "bitbucket" in host:
        return "src"
    if host == "codeberg.org" or host.startswith(("gitea.", "forgejo.")):
        return "src/commit"
    return kind
