"""What checks look at: a plan as it would be posted, or any Markdown file. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated

from markdown_it import MarkdownIt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from planner.brief import Brief
from planner.findings import At
from planner.outline import Outline, outline_of
from planner.plan import Plan
from planner.render import RenderFacts, document, sub_issue, sub_issue_title
from planner.sql_dialect import dialect_of


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _writable(text: str) -> str:
    """Without halves of characters, which no parser takes: they come from broken JSON escapes."""
    return text.encode("utf-8", "replace").decode() if _HALVES.search(text) else text


_HALVES = re.compile("[\ud800-\udfff]")
Text = Annotated[str, AfterValidator(_writable)]


class Fence(_Value):
    """A code block. `at.line` is the line of its content's first line; in a plan's artefact that is 1.

    `kinds` says what it is, notation and meaning apart: an OpenAPI document in YAML is `yaml` and `openapi`. It is
    empty where the language is not known. `closed` is False where the fence runs on to the end of its text.
    """

    kinds: frozenset[str]
    language: str = Field(description="as written: the first word after the fence")
    content: Text
    title: str = ""
    at: At
    closed: bool = True


class SubIssue(_Value):
    """A sub-issue as it would be posted, in Markdown."""

    key: str
    title: str
    body: str
    at: At


class Subject(_Value):
    """A plan and what it is held against.

    `sources` is the text behind each name that the plan may cite, and `paths` says of each path that it cites in the
    repository whether it is there; both are None where that is not known, as for a file.
    """

    is_file: bool = False
    markdown: Text = Field(description="the document as it would be posted, or the file")
    fences: tuple[Fence, ...] = ()
    outline: Outline = Outline()
    sub_issues: tuple[SubIssue, ...] = ()
    sources: dict[str, str] | None = None
    paths: dict[str, bool] | None = None
    most_sub_issues: int | None = None


def subject_of(
    plan: Plan,
    brief: Brief,
    *,
    read: Mapping[str, str] | None = None,
    paths: Mapping[str, bool] | None = None,
    most_sub_issues: int | None = None,
) -> Subject:
    """A plan as it would be posted for `brief`.

    `read` is what tools answered, by the source names they gave; an empty text is one that is not known.
    """
    facts = RenderFacts(
        identifier=brief.identifier,
        issue_url=brief.url,
        author="",
        generated_on="",
        sources={name: url for name, (_, url) in brief.sources().items()},
    )
    phases = plan.phases[:most_sub_issues] if len(plan.phases) > 1 else []
    return Subject(
        markdown=document(plan, facts),
        fences=tuple(in_dialect(fence, plan.database.choice) for fence in _fences_of(plan)),
        outline=outline_of(plan),
        sub_issues=tuple(
            SubIssue(
                key=phase.key,
                title=sub_issue_title(phase),
                body=sub_issue(plan, phase, facts),
                at=At(block=f"phases.{phase.key}", section="Implementation Phases"),
            )
            for phase in phases
        ),
        sources=_sources(brief, read or {}),
        paths=dict(paths) if paths is not None else None,
        most_sub_issues=most_sub_issues,
    )


def _sources(brief: Brief, read: Mapping[str, str]) -> dict[str, str]:
    # What is written in an image is known to nobody here. Of a file the brief may hold a part, and a tool the rest.
    pictures = {each.name for each in brief.materials if each.media is not None and not each.text.strip()}
    texts = {name: "" if name in pictures else text for name, (text, _) in brief.sources().items()}
    return {**read, **{name: f"{text}\n{read[name]}" if read.get(name) else text for name, text in texts.items()}}


def in_dialect(fence: Fence, database: str) -> Fence:
    """A block of SQL as the SQL of the database that the plan chose; `sql` stays where that is not one that is read."""
    dialect = dialect_of(database)
    known = fence.kinds == frozenset({"sql"}) and dialect in {"postgresql", "mysql"}
    return fence.model_copy(update={"kinds": frozenset({dialect})}) if known else fence


def cited_paths(plan: Plan) -> list[str]:
    """The paths in the repository that a plan cites, without line numbers, each once."""
    found = (path_in(each.source) for each in outline_of(plan).citations)
    return list(dict.fromkeys(path for path in found if path))


def path_in(source: str) -> str:
    """The path that a source's name cites in the repository; empty if it names something else."""
    name = source.strip().strip("`")
    if not name.startswith("repo:"):
        return ""
    return _LINES.sub("", name.removeprefix("repo:")).strip().removeprefix("./").rstrip("/")


_LINES = re.compile(r"(:\d+([-:,]\d+)*|#L\d+(-L?\d+)?)$")


def source_named(source: str, sources: Mapping[str, str]) -> str | None:
    """The source that a plan means by a name: as it stands, or less the lines it points at. None if there is none."""
    name = source.strip().strip("`")
    for each in (name, _LINES.sub("", name)):
        if each in sources:
            return each
    return None


def _fences_of(plan: Plan) -> Iterator[Fence]:
    for each in plan.artefacts:
        yield Fence(
            kinds=kinds_of(each.kind, each.content),
            language=each.kind,
            content=each.content,
            title=each.title,
            at=At(block=f"artefacts.{each.id}", section=_HEADINGS[each.section], line=1),
        )
    for block, section, text in _texts(plan):
        for fence in fences_in(text):
            yield fence.model_copy(update={"at": At(block=block, section=section, line=fence.at.line)})


_SPECIFICATIONS = "Technical Specifications"
_HEADINGS = {"architecture": "Architecture Diagram"} | dict.fromkeys(
    ("api", "database", "security", "implementation", "tests", "operations"), _SPECIFICATIONS
)


def _texts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Each text of several lines, with its block and heading."""
    yield "summary", "Executive Summary", plan.summary
    yield "implications", "Executive Summary", plan.implications
    yield "architecture", "Architecture Diagram", plan.architecture
    yield "api", _SPECIFICATIONS, plan.api.prose
    yield "database", _SPECIFICATIONS, plan.database.reason
    for text in plan.security:
        yield "security", _SPECIFICATIONS, text
    yield "implementation", _SPECIFICATIONS, plan.implementation
    yield "testing", _SPECIFICATIONS, plan.testing
    operations = plan.operations
    for text in (operations.deployment, operations.monitoring, operations.backup, operations.regions):
        yield "operations", _SPECIFICATIONS, text
    for phase in plan.phases:
        for text in (phase.goal, *phase.tasks, *phase.acceptance):
            yield f"phases.{phase.key}", "Implementation Phases", text


# --- code blocks of Markdown -----------------------------------------------------------------------------------------


def fences_in(markdown: str) -> Iterator[Fence]:
    """The fenced code blocks of a text, in their order; those inside lists and quotes, too."""
    if "```" not in markdown and "~~~" not in markdown:
        return
    lines = markdown.split("\n")
    section = ""
    tokens = _parser().parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            section = tokens[at + 1].content.strip()
        if token.type != "fence" or token.map is None:
            continue
        start, end = token.map
        language = token.info.strip().split(" ", 1)[0].strip("{}.,").lower()
        content = token.content.removesuffix("\n")
        closing = lines[end - 1].strip(" >\t") if end - 1 > start else ""
        yield Fence(
            kinds=kinds_of(language, content),
            language=language,
            content=content,
            at=At(section=section, line=start + 2),
            closed=len(closing) >= len(token.markup) and not closing.strip(token.markup[:1]),
        )


@cache
def _parser() -> MarkdownIt:
    # What stands within lines is not asked for, and reading it can take quadratic time.
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


# --- what a code block is --------------------------------------------------------------------------------------------

_NAMES = {
    "mermaid": "mermaid", "mmd": "mermaid",
    "json": "json", "jsonc": "text", "json5": "text", "jsonl": "text", "ndjson": "text",
    "yaml": "yaml", "yml": "yaml",
    "openapi": "openapi", "swagger": "openapi",
    "sql": "sql", "postgres": "postgresql", "postgresql": "postgresql", "psql": "postgresql", "pgsql": "postgresql",
    "mysql": "mysql", "mariadb": "mysql",
    "typescript": "typescript", "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
    "graphql": "graphql", "gql": "graphql", "graphqls": "graphql",
    "cloudformation": "cloudformation", "cfn": "cloudformation", "sam": "cloudformation",
    "iam": "iam", "dynamodb": "dynamodb",
    "dockerfile": "dockerfile", "docker": "dockerfile", "containerfile": "dockerfile",
    "cron": "cron", "crontab": "cron",
}  # fmt: skip
"""Languages that checks know, by the names that stand after a fence."""

_OTHERS = frozenset(
    re.findall(
        r"\S+",
        "asm astro awk bash bat bicep c c# c++ clojure cmake console cpp cs csharp csp css csv cypher d2 dart "
        "diff dot dotenv elixir elm env erlang fish fsharp git gitignore go golang gradle graphviz groovy "
        "haskell hcl hocon html http ini java javascript jinja js jsonpath jsx julia kotlin kql less lisp log "
        "lua make makefile markdown matlab md mdx mjs nginx nix objectivec ocaml patch perl php plain "
        "plaintext plantuml powershell prisma promql properties proto protobuf ps1 puml py python r rb regex "
        "rego rest rs ruby rust sass scala scheme scss sh shell shellsession solidity sparql svelte swift tcl "
        "terraform tf tex latex text thrift toml tree txt vb vim vtl vue wasm xml xquery xsd yara yang zig "
        "zsh ",
    )
)
"""Languages that people write plans with and no check reads."""

_START = 200_000
# Blanks of one line only, and none given back (`*+`), or a text of nothing else takes the square of its length.
_OPENAPI = re.compile(r"""^[ \t]*+\{?[ \t]*+["']?(openapi|swagger)["']?[ \t]*:[ \t]*["']?\d""", re.MULTILINE)
_CLOUDFORMATION = re.compile(
    r"""^[ \t"'{]*+AWSTemplateFormatVersion\b"""
    r"""|(^|[{,])[ \t]*+["']?Type["']?[ \t]*:[ \t]*["']?(AWS::\w+::\w+|Custom::\w)""",
    re.MULTILINE,
)
_IAM = re.compile(r"""["']?Statement["']?[ \t]*:""")
_EFFECT = re.compile(r"""["']?Effect["']?[ \t]*:[ \t]*["']?\w""")
_DYNAMODB = re.compile(r"""["']?KeySchema["']?[ \t]*:""")


LANGUAGES = (*_NAMES, *sorted(_OTHERS))
"""Every name that may stand after a fence."""


def kinds_of(language: str, content: str) -> frozenset[str]:
    """What a code block is, from the name after its fence and, for JSON and YAML, from what it holds."""
    kind = _NAMES.get(language.strip().lower(), "text" if language.lower() in _OTHERS else "")
    if kind in {"openapi", "cloudformation", "iam", "dynamodb"}:
        notation = "json" if content.lstrip()[:1] in {"{", "["} else "yaml"
        return frozenset({notation, kind})
    if kind not in {"json", "yaml"}:
        return frozenset({kind} if kind else ())
    return frozenset({kind, *_meanings(content[:_START])})


def _meanings(start: str) -> Iterable[str]:
    if _OPENAPI.search(start):
        yield "openapi"
    elif _CLOUDFORMATION.search(start):
        yield "cloudformation"
    elif _DYNAMODB.search(start):
        yield "dynamodb"
    elif _IAM.search(start) and _EFFECT.search(start):
        yield "iam"
