"""Which repository an issue is planned against: the rules', else one linked and covered by their list. No I/O."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict

from linear.models import IssueContext


class RepositoryChoice(BaseModel):
    """The repository to read.

    `url`: an https address without credentials, or an absolute local path; `name` for people; `because`: half a
    sentence ("the issue links to it"). `fault`: a sentence on why the address in the rules cannot be used; the
    repository is unavailable then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    name: str
    because: str
    fault: str = ""


class HasRepository(Protocol):
    """`[teams.KEY]` or `[projects."Name"]`."""

    @property
    def repository(self) -> str | None:
        """An https address, or a local path."""
        ...


class RepositoryRules(Protocol):
    """The part of the rules that names repositories."""

    @property
    def teams(self) -> Mapping[str, HasRepository]:
        """By key."""
        ...

    @property
    def projects(self) -> Mapping[str, HasRepository]:
        """By name."""
        ...

    @property
    def repositories(self) -> Sequence[str]:
        """What a link may bring in: `github.com/acme/*`; `**` stands for groups within groups."""
        ...


def choose(
    context: IssueContext, rules: RepositoryRules, directory: Path, ours: frozenset[str] = frozenset()
) -> RepositoryChoice | None:
    """The repository of an issue: its project's by the rules, its team's, one linked on the issue, one on its project.

    Of several links the one that is mentioned most counts, of equals the first. `directory`: where local paths begin.
    `ours`: ids of what the bot wrote, which names no repository.
    """
    issue = context.issue
    if issue.project is not None and (named := _named(rules.projects, issue.project.name)):
        return configured(named, f"the rules name it for the project {issue.project.name}", directory)
    if named := _named(rules.teams, issue.team.key):
        return configured(named, f"the rules name it for the team {issue.team.key}", directory)
    texts = [
        issue.description or "",
        *(
            comment.body
            for comment in sorted(issue.comments, key=lambda each: each.created_at)
            if comment.id not in ours
        ),
        *(attachment.url for attachment in issue.attachments if attachment.id not in ours),
    ]
    if linked := _most_linked(texts, rules.repositories):
        return _choice(linked, "the issue links to it")
    if issue.project is not None:
        texts = [issue.project.description, issue.project.content or ""]
        if linked := _most_linked(texts, rules.repositories):
            return _choice(linked, f"the project {issue.project.name} links to it")
    return None


def _named(rules: Mapping[str, HasRepository], name: str) -> str | None:
    exact = rules.get(name)
    if exact is not None and exact.repository:
        return exact.repository
    alike = (rule.repository for key, rule in rules.items() if key.casefold() == name.casefold())
    return next((repository for repository in alike if repository), None)


# --- addresses in the rules -------------------------------------------------------------------------------------------

_SCP = re.compile(r"(?:[\w.-]+@)?([A-Za-z0-9.-]+\.[A-Za-z]+):(?!//)([\w.~-]+(?:/[\w.~-]+)+)")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def configured(value: str, because: str, directory: Path) -> RepositoryChoice:
    """What an address of the rules means. Addresses for ssh are read over https, as git keys are not used."""
    value = value.strip()
    if "://" not in value and (found := _SCP.fullmatch(value)):
        value = f"https://{found[1]}/{found[2]}"
    if value.startswith("file:///"):
        value = value.removeprefix("file://")
    if "://" not in value:
        path = (Path(value).expanduser() if value.startswith("~") else directory / value).resolve()
        return RepositoryChoice(url=str(path), name=path.name.removesuffix(".git") or str(path), because=because)
    try:
        address = urlsplit(value)
        url, fault = _address(address)
    except ValueError:
        return _faulty(value, because, "is no address: write it as https://github.com/acme/api")
    if fault:
        # What may hold a password is not repeated.
        return _faulty(value if "@" not in address.netloc else address.hostname or "", because, fault)
    return RepositoryChoice(url=url, name=urlsplit(url).path.strip("/"), because=because)


def _address(address: SplitResult) -> tuple[str, str]:
    """The address to fetch, or what is wrong with this one. Raises ValueError for a port that is none."""
    host, port = address.hostname or "", address.port
    is_ssh = address.scheme == "ssh" and port in {None, 22}
    is_http = address.scheme == "http" and is_loopback(host)
    path = _plain(address.path)
    if address.scheme != "https" and not is_ssh and not is_http:
        return "", "is not read that way: write it as https://, or as a local path"
    if not _HOST.fullmatch(host) and not is_loopback(host):
        return "", "names no host: write it as https://github.com/acme/api"
    if address.password or (address.username and not is_ssh):
        return "", "was written with a password: take it out, it belongs in NEEDS_PLAN_GIT_TOKENS"
    if path is None or address.query or address.fragment:
        return "", "is no address of a repository: write it as https://github.com/acme/api"
    place = f"[{host}]" if ":" in host else host
    if port is not None and not is_ssh and (address.scheme, port) != ("https", 443):
        place += f":{port}"
    return f"{'http' if is_http else 'https'}://{place}/{path}", ""


def _plain(path: str) -> str | None:
    parts = path.strip("/").removesuffix(".git").split("/")
    return "/".join(parts) if all(_is_plain(part) for part in parts) else None


def _faulty(value: str, because: str, what: str) -> RepositoryChoice:
    return RepositoryChoice(url="", name=value[:200], because=because, fault=f"The repository {value[:200]} {what}.")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# --- links ------------------------------------------------------------------------------------------------------------

_LINK = re.compile(r"(?<![\w.+/@-])https?://[^\s<>()\[\]{}\"'`|\\^]+", re.IGNORECASE)
_CLONE = re.compile(r"(?<![\w.+/@-])(?:ssh://git@([\w.-]+)/|git@([\w.-]+):)([\w./~-]+)")
# Pages of a repository: what stands before them is its path. GitLab has groups within groups, so the path's length
# alone does not tell.
_PAGES = frozenset(
    {
        *("-", "actions", "activity", "blame", "blob", "branches", "commit", "commits", "compare", "discussions"),
        *("issues", "merge_requests", "milestones", "packages", "pipelines", "pull", "pull-requests", "pulls", "raw"),
        *("releases", "security", "settings", "snippets", "src", "tags", "tree", "wiki", "wikis"),
    }
)
_NO_OWNERS = frozenset(
    {
        *("about", "apps", "collections", "dashboard", "explore", "features", "groups", "login", "marketplace"),
        *("notifications", "orgs", "search", "settings", "sponsors", "topics", "users"),
    }
)
_PART = re.compile(r"[A-Za-z0-9_.~][A-Za-z0-9_.~-]*")
_HIDDEN_STEP = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)
_MOST_PARTS = 12


class _Repository(BaseModel):
    model_config = ConfigDict(frozen=True)

    host: str
    path: str


def _most_linked(texts: Iterable[str], allowed: Sequence[str]) -> _Repository | None:
    counted: dict[tuple[str, str], tuple[int, _Repository]] = {}
    for text in texts:
        for each in linked(text):
            if not covers(allowed, each.host, each.path):
                continue
            key = (each.host, each.path.casefold())
            count, first = counted.get(key, (0, each))
            counted[key] = (count + 1, first)
    # max() keeps the first of equals, and a dict its order.
    return max(counted.values(), key=lambda found: found[0])[1] if counted else None


def linked(text: str) -> Iterable[_Repository]:
    """Every repository that a text links to, in order: its own address or that of an issue, a pull, a file in it."""
    found = [(match.start(), _from_link(match[0])) for match in _LINK.finditer(text)]
    found += [
        (match.start(), _repository(match[1] or match[2], match[3].rstrip(".").split("/")))
        for match in _CLONE.finditer(text)
    ]
    return [each for _, each in sorted(found, key=lambda one: one[0]) if each is not None]


def _from_link(link: str) -> _Repository | None:
    try:
        address = urlsplit(link.rstrip(".,;:!?*_~"))
        port = address.port
    except ValueError:
        return None
    default = {"https": 443, "http": 80}.get(address.scheme.casefold())
    if _has_user(address) or port not in {None, default}:
        return None
    return _repository(address.hostname or "", address.path.split("/"))


def _has_user(address: SplitResult) -> bool:
    return "@" in address.netloc or "%" in address.netloc


def _repository(host: str, parts: Sequence[str]) -> _Repository | None:
    """The repository that a path on a host belongs to; None for anything unusual."""
    host = host.casefold()
    parts = [part for part in parts if part]
    if not _HOST.fullmatch(host) or not host.isascii() or len(parts) > _MOST_PARTS * 4:
        return None
    if any(part in {".", ".."} or _HIDDEN_STEP.search(part) for part in parts):
        return None
    if host == "github.com" or host.startswith("github."):
        parts = parts[:2]
    else:
        end = next((index for index, part in enumerate(parts) if index >= 2 and part in _PAGES), len(parts))  # noqa: PLR2004 - owner and name come first
        parts = parts[: min(end, _MOST_PARTS)]
    if len(parts) < 2 or parts[0].casefold() in _NO_OWNERS:  # noqa: PLR2004 - an owner and a name
        return None
    parts[-1] = parts[-1].removesuffix(".git")
    return _Repository(host=host, path="/".join(parts)) if all(_is_plain(part) for part in parts) else None


def _is_plain(part: str) -> bool:
    return bool(_PART.fullmatch(part)) and part.strip(".") != ""


def covers(allowed: Sequence[str], host: str, path: str) -> bool:
    """Whether one of the patterns (`github.com/acme/*`) covers a repository.

    Hosts are never patterns; `*` stands for one part of the path, a `**` at the end for one or more.
    """
    names = path.casefold().split("/")
    for pattern in allowed:
        bare = pattern.strip().casefold().removeprefix("https://").strip("/").removesuffix(".git")
        wanted_host, *wanted = bare.split("/")
        if wanted_host != host or not wanted:
            continue
        if wanted[-1] == "**" and len(names) >= len(wanted):
            ahead = len(wanted) - 1
            wanted, seen = wanted[:ahead], names[:ahead]
        else:
            seen = names
        if len(wanted) == len(seen) and all(map(fnmatchcase, seen, wanted)):
            return True
    return False


def _choice(repository: _Repository, because: str) -> RepositoryChoice:
    return RepositoryChoice(url=f"https://{repository.host}/{repository.path}", name=repository.path, because=because)
