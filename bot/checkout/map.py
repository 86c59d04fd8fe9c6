"""What a brief says of a repository before any tool is called: its tree, README, owners and manifests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.checkout.pages import commit_page
from bot.checkout.tree import drawn
from bot.sources import RepositoryFile, RepositoryMap
from planner.tools.repository import Refused
from planner.tools.repository.globs import Glob

if TYPE_CHECKING:
    from bot.checkout.reading import Checkout

PLAN_CONTEXT = "plan-context.md"
_PLAN_CONTEXT_MOST = 60_000
_README_MOST = 6_000
_FILE_MOST = 3_000
_FILES_MOST = 24
_ALL_MOST = 60_000
_README = re.compile(r"readme(\.(md|markdown|rst|txt|adoc))?", re.IGNORECASE)
_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
# What a system is made of and runs on, at the root or at most two directories down.
_NAMES = (
    "package.json pnpm-workspace.yaml tsconfig.json nx.json turbo.json deno.json pyproject.toml requirements.txt "
    "Pipfile setup.cfg go.mod go.work Cargo.toml Gemfile pom.xml build.gradle{,.kts} settings.gradle{,.kts} "
    "composer.json mix.exs pubspec.yaml *.csproj *.sln Dockerfile docker-compose*.{yml,yaml} compose.{yml,yaml} "
    "Makefile Procfile serverless.{yml,yaml,ts} cdk.json template.{yml,yaml} samconfig.toml main.tf fly.toml "
    "{openapi,swagger}*.{yml,yaml,json} schema.prisma schema.graphql .gitlab-ci.yml .tool-versions .nvmrc"
)
_MANIFESTS = tuple(Glob(each) for each in _NAMES.split())
_DEEPEST = 2


async def map_of(checkout: Checkout) -> RepositoryMap:
    """The map of a checkout. What is there and cannot be read is named in `gaps`; nothing is raised."""
    gaps = [checkout.gap] if checkout.gap else []
    files: list[RepositoryFile] = []
    room = _ALL_MOST
    wanted = _wanted([*checkout.listing.nodes])
    for number, (path, most) in enumerate(wanted):
        governs = path.casefold() == PLAN_CONTEXT
        if not governs and (room <= 0 or len(files) > _FILES_MOST):
            gaps.append(
                f"{len(wanted) - number} manifests of {checkout.name}, from {path} on: there was no room for them."
            )
            break
        try:
            text = (await checkout.read(path)).text
        except Refused as error:
            gaps.append(str(error))
            continue
        if text.strip():
            files.append(RepositoryFile(path=path, text=text[:most], whole=len(text) <= most))
            room -= 0 if governs else min(len(text), most)
    return RepositoryMap(
        name=checkout.name,
        url=checkout.url,
        web_url=commit_page(checkout.web_url, checkout.commit),
        commit=checkout.commit,
        tree=drawn(checkout.listing),
        files=tuple(files),
        gaps=tuple(gaps),
    )


def _wanted(paths: list[str]) -> list[tuple[str, int]]:
    """The files to bring, in the order they are read, each with how many characters of it."""
    root = [path for path in paths if "/" not in path]
    found = [(path, _PLAN_CONTEXT_MOST) for path in root if path.casefold() == PLAN_CONTEXT][:1]
    readme = sorted(
        (path for path in root if _README.fullmatch(path)), key=lambda path: (not path.endswith(".md"), path)
    )
    found += [(path, _README_MOST) for path in readme[:1]]
    found += [(path, _FILE_MOST) for path in _OWNERS if path in paths][:1]
    manifests = [
        path
        for path in paths
        if path.count("/") <= _DEEPEST
        and "node_modules/" not in path
        and any(each.matches(path) for each in _MANIFESTS)
    ]
    manifests.sort(key=lambda path: (path.count("/"), path))
    return found + [(path, _FILE_MOST) for path in manifests]
