"""Which repository an issue is planned against."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.repositories import choose, configured, covers, linked
from bot.rules import ProjectRules, Rules, TeamRules
from linear.models import Attachment, Comment, Issue, IssueContext, Project, State, Team

API, WEB = "https://github.com/acme/api", "https://github.com/acme/web"


def issue(
    description: str = "",
    comments: tuple[str, ...] = (),
    attachments: tuple[str, ...] = (),
    project: tuple[str, str] | None = None,
) -> IssueContext:
    return IssueContext(
        issue=Issue(
            id="i",
            identifier="ENG-1",
            number=1,
            title="Export",
            url="",
            description=description,
            state=State(id="s", name="Todo", type="unstarted"),
            team=Team(id="t", key="ENG", name="Engineering"),
            project=None
            if project is None
            else Project(id="p", name="Payments", description=project[0], content=project[1]),
            comments=tuple(
                Comment(id=f"c{number}", body=body, created_at=f"2026-01-0{number}T00:00:00Z")
                for number, body in enumerate(comments, start=1)
            ),
            attachments=tuple(Attachment(id=f"a{url}", title="", url=url) for url in attachments),
        )
    )


RULES = Rules(
    teams={"ENG": TeamRules(repository="https://github.com/acme/team")},
    projects={"Payments": ProjectRules(repository="../payments")},
    repositories=("github.com/acme/*", "gitlab.com/acme/**"),
)
LINKS = Rules(repositories=RULES.repositories)


def chosen(context: IssueContext, rules: Rules = LINKS) -> str | None:
    choice = choose(context, rules, Path("/etc/needs-plan"))
    return None if choice is None else choice.url


@pytest.mark.parametrize(
    ("context", "rules", "url"),
    [
        pytest.param(issue(API, project=("", "")), RULES, "/etc/payments", id="the project before all"),
        pytest.param(issue(API), RULES, "https://github.com/acme/team", id="the team before links"),
        pytest.param(issue(API, project=(WEB, "")), LINKS, API, id="the issue before its project"),
        pytest.param(issue("", project=("", f"see {WEB}")), LINKS, WEB, id="the project's text"),
        pytest.param(issue("", comments=(f"in {WEB}.",)), LINKS, WEB, id="a comment"),
        pytest.param(issue("", attachments=(f"{WEB}/pull/12",)), LINKS, WEB, id="an attached pull request"),
        pytest.param(issue(f"{API} and {WEB}"), LINKS, API, id="of equals the first"),
        pytest.param(issue(f"{API} and {WEB}", comments=(f"{WEB}/issues/3",)), LINKS, WEB, id="the most mentioned"),
        pytest.param(
            issue(f"{API} and {WEB} and {API.upper().replace('HTTPS', 'https')}"), LINKS, API, id="in any case"
        ),
        pytest.param(issue("https://github.com/evil/api"), LINKS, None, id="not covered"),
        pytest.param(issue(API), Rules(), None, id="no list, no link"),
        pytest.param(issue(), LINKS, None, id="nothing at all"),
        pytest.param(
            issue(API), Rules(teams={"eng": TeamRules(repository=WEB)}), WEB, id="a team's key in small letters"
        ),
        pytest.param(
            issue(API, project=("", "")),
            Rules(projects={"payments": ProjectRules(repository=WEB)}),
            WEB,
            id="a project's name",
        ),
        pytest.param(
            issue("", project=("", "")),
            RULES.model_copy(update={"projects": {"Payments": ProjectRules()}}),
            "https://github.com/acme/team",
            id="a project without a repository",
        ),
    ],
)
def test_the_nearest_counts(context: IssueContext, rules: Rules, url: str | None) -> None:
    assert chosen(context, rules) == url


def test_it_says_why() -> None:
    choice = choose(issue(f"{API}/blob/main/src/a.ts"), LINKS, Path("/"))
    assert choice is not None
    assert (choice.name, choice.because, choice.fault) == ("acme/api", "the issue links to it", "")


def test_what_the_bot_wrote_names_no_repository() -> None:
    assert choose(issue("", comments=(API,)), LINKS, Path("/"), ours=frozenset({"c1"})) is None


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        ("https://github.com/acme/api", "github.com acme/api"),
        ("http://github.com/acme/api/", "github.com acme/api"),
        ("HTTPS://GitHub.com/Acme/Api.git", "github.com Acme/Api"),
        ("[code](https://github.com/acme/api)", "github.com acme/api"),
        ("<https://github.com/acme/api>.", "github.com acme/api"),
        ("**https://github.com/acme/api**", "github.com acme/api"),
        ("see https://github.com/acme/api, please", "github.com acme/api"),
        ("https://github.com:443/acme/api", "github.com acme/api"),
        ("https://github.com/acme/api?tab=readme#x", "github.com acme/api"),
        ("https://github.com/acme/api/pull/12/files", "github.com acme/api"),
        ("https://github.com/acme/api/tree/main/src", "github.com acme/api"),
        ("https://gitlab.com/acme/platform/api/-/merge_requests/4", "gitlab.com acme/platform/api"),
        ("https://gitlab.com/acme/platform/api", "gitlab.com acme/platform/api"),
        ("https://gitlab.com/acme/api/blob/main/x.py", "gitlab.com acme/api"),
        ("https://git.acme.com/team/api/src/branch/main", "git.acme.com team/api"),
        ("git clone git@github.com:acme/api.git", "github.com acme/api"),
        ("ssh://git@github.com/acme/api.git", "github.com acme/api"),
    ],
)
def test_links(text: str, repository: str) -> None:
    assert [f"{each.host} {each.path}" for each in linked(text)] == [repository]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com",
        "https://github.com/acme",
        "https://github.com/orgs/acme/projects/1",
        "https://github.com@evil.com/acme/api",
        "https://me:secret@github.com/acme/api",
        "https://me@github.com/acme/api",
        "https://github.com:8443/acme/api",
        "https://github.com:99999999/acme/api",
        "https://github.com\\@evil.com/acme/api",
        "https://github.com%2facme/api",
        "https://github.com/acme%2fapi",
        "https://github.com/acme%2f..%2fevil/api",
        "https://github.com/acme/api/..%2f..%2fevil/api",
        "https://github.com/acme/..",
        "https://github.com/../acme/api",
        "https://github.com/acme/%2e%2e",
        "https://github.com/-acme/api",
        "https://githüb.com/acme/api",
        "https://github.com\u2044acme/api",
        "ssh://git@github.com:2222/acme/api",
        "xhttps://github.com/acme/api",
        "ftp://github.com/acme/api",
    ],
)
def test_what_is_no_link_to_a_repository(text: str) -> None:
    assert not [each for each in linked(text) if each.host == "github.com"]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com.evil.com/acme/api",
        "https://github.com./acme/api",
        "https://evil.com/github.com/acme/api",
        "https://evil.com/?to=https://github.com/acme/api",
        "https://evil.com#https://github.com/acme/api",
        "https://evil-github.com/acme/api",
        "https://gist.github.com/acme/api",
        "https://github.com/acme-evil/api",
        "https://github.com/evil/acme/api",
        "git@github.com.evil.com:acme/api",
    ],
)
def test_no_look_alike_is_covered(text: str) -> None:
    assert chosen(issue(text)) is None


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("github.com/acme/*", "acme/api", True),
        ("https://github.com/acme/api.git", "acme/api", True),
        ("GitHub.com/Acme/*", "acme/api", True),
        ("github.com/acme/api-*", "acme/api-v2", True),
        ("github.com/acme/api-*", "acme/api", False),
        ("github.com/*", "acme/api", False),
        ("github.com/*/*", "acme/api", True),
        ("github.com/**", "acme/api", True),
        ("github.com/acme/**", "acme/group/api", True),
        ("github.com/acme/**", "acme", False),
        ("github.com/acme/*", "acme/group/api", False),
        ("github.com", "acme/api", False),
        ("*/acme/*", "acme/api", False),
        ("", "acme/api", False),
    ],
)
def test_patterns(pattern: str, path: str, *, covered: bool) -> None:
    assert covers([pattern], "github.com", path) is covered


@pytest.mark.parametrize(
    ("value", "url", "name"),
    [
        ("https://github.com/acme/api", "https://github.com/acme/api", "acme/api"),
        (" https://github.com/acme/api.git/ ", "https://github.com/acme/api", "acme/api"),
        ("https://git.acme.com:8443/acme/api", "https://git.acme.com:8443/acme/api", "acme/api"),
        ("https://github.com:443/acme/api", "https://github.com/acme/api", "acme/api"),
        ("git@github.com:acme/api.git", "https://github.com/acme/api", "acme/api"),
        ("ssh://git@github.com/acme/api.git", "https://github.com/acme/api", "acme/api"),
        ("http://127.0.0.1:8001/acme/api", "http://127.0.0.1:8001/acme/api", "acme/api"),
        ("../api", "/etc/api", "api"),
        ("/srv/git/api.git", "/srv/git/api.git", "api"),
        ("file:///srv/git/api", "/srv/git/api", "api"),
        ("C/odd", "/etc/needs-plan/C/odd", "odd"),
    ],
)
def test_addresses_in_the_rules(value: str, url: str, name: str) -> None:
    choice = configured(value, "the rules say so", Path("/etc/needs-plan"))
    assert (choice.url, choice.name, choice.fault) == (url, name, "")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("http://github.com/acme/api", "is not read that way"),
        ("ssh://git@github.com:2222/acme/api", "is not read that way"),
        ("git://github.com/acme/api", "is not read that way"),
        ("ext::sh -c whoami://x/y", "is not read that way"),
        ("https://", "names no host"),
        ("https:///acme/api", "names no host"),
        ("https://github.com/acme/api?x=1", "is no address of a repository"),
        ("https://github.com/acme/../api", "is no address of a repository"),
        ("https://github.com", "is no address of a repository"),
        ("https://github.com:port/acme/api", "is no address"),
        ("https://me:hunter2@github.com/acme/api", "was written with a password"),
        ("https://hunter2@github.com/acme/api", "was written with a password"),
    ],
)
def test_addresses_that_are_refused(value: str, fault: str) -> None:
    choice = configured(value, "the rules say so", Path("/"))
    assert fault in choice.fault
    assert choice.url == ""
    assert "hunter2" not in choice.model_dump_json()
