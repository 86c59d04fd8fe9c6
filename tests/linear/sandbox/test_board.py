"""The page: what it shows, what its buttons do, and that nothing anybody writes becomes a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest

from linear.ids import stable_id
from linear.sandbox import diagrams
from linear.sandbox.rendering import page_of
from linear.sandbox.server import Sandbox
from tests.linear.sandbox.wire import Api

A = stable_id("test", "a")

PLAN = """# Plan

| Table | Column |
| --- | --- |
| `limits` | key |

```mermaid
flowchart LR
  client --> gateway
```

```sql
select 1 < 2;
```

+++ Appendix

Hidden words

+++

Thanks https://linear.app/acme/profiles/ada, see [the issue](https://linear.app/acme/issue/ENG-101/rate-limit).
"""


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, base_url=sandbox.url, follow_redirects=True) as http:
        yield http


def test_the_list_shows_every_issue_of_public_teams(page: httpx2.Client) -> None:
    text = page.get("/").text
    for identifier in ("ENG-101", "ENG-102", "ENG-103", "OPS-12"):
        assert f'href="/issue/{identifier}"' in text
    assert "SEC-3" not in text
    assert text.count('name="label" value="needs-plan"') == 12


def test_pressing_the_label_and_pressing_again(page: httpx2.Client, api: Api) -> None:
    answer = page.post("/issue/ENG-103/label?from=list", data={"label": "needs-plan", "on": "1"})
    assert answer.url.path == "/"
    assert "needs-plan" in api.row("issues", "ENG-103")["labels"]
    assert 'class="press on"' in page.get("/issue/ENG-103").text
    page.post("/issue/ENG-103/label", data={"label": "needs-plan", "on": "0"})
    assert "needs-plan" not in api.row("issues", "ENG-103")["labels"]


def test_commenting_and_replying(page: httpx2.Client, api: Api) -> None:
    page.post("/issue/ENG-105/comment", data={"body": "/plan **now**"})
    text = page.get("/issue/ENG-105").text
    assert "<strong>now</strong>" in text
    (comment,) = [each for each in api.look("state")["comments"] if each["issueId"] == api.issue_id("ENG-105")]
    answer = page.post("/issue/ENG-105/comment", data={"body": "Yes", "parent": comment["id"]})
    assert "comment reply" in answer.text


def test_what_a_client_makes_appears(page: httpx2.Client, api: Api) -> None:
    changes = page.get("/changes").json()["changes"]
    api.made("DocumentCreate", issueId="ENG-103", title="Plan: exports", content=PLAN, id=A)
    issues = [
        {"teamId": api.team_id(), "title": f"Phase {each}", "id": stable_id(each), "parentId": "ENG-103"}
        for each in (1, 2)
    ]
    api.made("IssueBatchCreate", issues=issues)
    api.made("IssueRelationCreate", issueId=stable_id(1), relatedIssueId=stable_id(2), type="blocks")
    assert page.get("/changes").json()["changes"] == changes + 4
    text = page.get("/issue/ENG-103").text
    assert "Plan: exports" in text
    assert "Phase 1" in text
    assert "blocked by ENG-120" in text


def test_a_document_is_shown_with_tables_code_diagram_folds_and_mentions(page: httpx2.Client, api: Api) -> None:
    api.made("DocumentCreate", issueId="ENG-103", title="Plan", content=PLAN, id=A)
    slug = api.row("documents", A)["slugId"]
    text = page.get(f"/document/{slug}").text
    assert "<th>Table</th>" in text
    assert "select 1 &lt; 2;" in text
    assert "<summary>Appendix</summary>" in text
    assert '<span class="mention">@ada</span>' in text
    assert 'href="/issue/ENG-101"' in text


@pytest.mark.skipif(diagrams.merman is None, reason="the library that draws diagrams has no wheel for this machine")
def test_a_diagram_is_an_image_in_which_nothing_runs(page: httpx2.Client, api: Api) -> None:
    api.made("DocumentCreate", issueId="ENG-103", title="Plan", content=PLAN, id=A)
    text = page.get(f"/document/{api.row('documents', A)['slugId']}").text
    (address,) = re.findall(r'<img src="(/diagram/[0-9a-f]+\.svg)"', text)
    svg = page.get(address)
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.headers["content-security-policy"].endswith("sandbox")
    assert "gateway" in svg.text


def test_a_diagram_that_cannot_be_drawn_is_shown_as_code(page: httpx2.Client, api: Api) -> None:
    api.made("DocumentCreate", issueId="ENG-103", title="Plan", content="```mermaid\nno diagram\n```", id=A)
    text = page.get(f"/document/{api.row('documents', A)['slugId']}").text
    assert "<code>no diagram" in text


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    '[x](https://a.b/" onmouseover="alert(1))',
    "```<script>alert(1)</script>\nx\n```",
    '```mermaid\nflowchart LR\n  a["<img src=x onerror=alert(1)>"]\n```',
    "+++ <script>alert(1)</script>\n\nx\n\n+++",
    "https://linear.app/acme/profiles/<script>alert(1)</script>",
    "<details open ontoggle=alert(1)>x</details>",
    "<style>*{display:none}</style>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_written_becomes_active(page: httpx2.Client, api: Api, text: str) -> None:
    api.control("edit", id="ENG-105", values={"description": text, "title": text[:200]})
    api.control("comment", issue="ENG-105", body=text, external=text)
    shown = page.get("/issue/ENG-105").text
    active = re.sub(r'<script src="/static/board.js" defer></script>', "", shown)
    assert not re.search(
        r"<(script|style|iframe|object)|<[^>]*\son\w+\s*=|(href|src)=\"?(javascript|data):", active, re.IGNORECASE
    )


@pytest.mark.parametrize("address", ["ftp://a.b/c", "custom:do"])
def test_links_lead_over_http_only(page: httpx2.Client, api: Api, address: str) -> None:
    api.control("edit", id="ENG-105", values={"description": f"[x]({address})"})
    shown = page.get("/issue/ENG-105").text
    assert ">x</a>" in shown
    assert address not in shown


def test_pages_may_load_nothing_from_elsewhere(page: httpx2.Client) -> None:
    for path in ("/", "/issue/ENG-101"):
        headers = page.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"


def test_another_sites_page_cannot_press_our_buttons(page: httpx2.Client, api: Api) -> None:
    for what, data in (("label", {"label": "needs-plan", "on": "1"}), ("comment", {"body": "/plan"})):
        answer = page.post(f"/issue/ENG-105/{what}", data=data, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert api.row("issues", "ENG-105")["labels"] == []


@pytest.mark.parametrize(
    "path", ["/issue/ENG-9999", "/document/nothing", "/static/page.html", "/static/..%2Fserver.py", "/diagram/x.svg"]
)
def test_what_is_not_there_is_not_found(page: httpx2.Client, path: str) -> None:
    assert page.get(path).status_code == 404


@pytest.mark.parametrize("data", [{"label": "no such label", "on": "1"}, {}], ids=["unknown", "none"])
def test_a_wrong_button_says_so(page: httpx2.Client, data: dict[str, str]) -> None:
    answer = page.post("/issue/ENG-105/label", data=data)
    assert (answer.status_code, answer.text) == (400, "Could not find referenced IssueLabel.\n")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://linear.app/acme/issue/ENG-101/rate-limit", "/issue/ENG-101"),
        ("https://linear.app/acme/issue/ENG-101#comment-1a2b3c4d", "/issue/ENG-101"),
        ("https://linear.app/acme/document/a-plan-0a1b2c3d4e5f", "/document/0a1b2c3d4e5f"),
        ("https://linear.app/acme/profiles/ada", None),
        ("https://example.com/issue/ENG-101", None),
    ],
)
def test_linears_addresses_lead_to_our_pages(url: str, where: str | None) -> None:
    assert page_of(url) == where
