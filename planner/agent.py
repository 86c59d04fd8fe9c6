r"""Agent definitions in Claude Code's format: front matter and a system prompt. No I/O except `builtin`.

The front matter looks like YAML and often is not: one-line descriptions hold colons, quotes and `\n`. It is read
line by line, as tolerantly as the tool it was written for does.
"""

from __future__ import annotations

import re
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from planner.pricing import model_id
from planner.visible import visible

DEFAULT_AGENT = "backend-architect-planner"
"""Name of the built-in agent that plans when nothing else is asked for."""

_DEFAULT_MODEL = "opus"
_LONGEST_NAME = 80
_MOST_TOOLS = 300
_KNOWN = {"name", "description", "tools", "disallowedTools", "model", "color"}
# Keys that end a description of several lines: anything else there that looks like a key ("user: hello") is text.
_KEYS = _KNOWN | {
    "background",
    "effort",
    "hooks",
    "initialPrompt",
    "isolation",
    "maxTurns",
    "mcpServers",
    "memory",
    "permissionMode",
    "skills",
}
_FRONT = re.compile(r"\A\ufeff?\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_LIST_ITEM = re.compile(r"\s*-\s+(.*)$")
_BLOCK = re.compile(r"([|>])[+\d-]*\s*(#.*)?$")
# A comment ends these values; in a description `#42` and the like are text.
_SHORT = {"name", "tools", "disallowedTools", "model", "color"}
_REMARK = re.compile(r"(?:^|[ \t])#.*$")
_QUOTED = re.compile(r"(['\"]).*\1")
# How people write that an agent may use whatever there is.
_ALL = {"*", "all", "all tools"}
# Names that stand for "whatever the caller uses", and those that mean more than a model.
_NO_MODEL = {"", "inherit", "default"}
_ALSO = {"opusplan": "opus", "best": "opus"}


class AgentInvalid(ValueError):
    """The text is no agent definition. The message says what is missing, in one sentence."""


class Agent(BaseModel):
    """Who plans: a system prompt and what it may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    tools: tuple[str, ...] | None = Field(default=None, description="None: the definition names none, so all")
    disallowed: tuple[str, ...] = Field(default=(), description="tools it must not have; `*`: none at all")
    model: str = Field(default="", description="alias or id as the file has it; empty or `inherit`: the setting")
    prompt: str
    other: tuple[tuple[str, str], ...] = Field(default=(), description="keys this program does not know, kept as read")

    def choose_model(self, setting: str | None = None) -> str:
        """The model id to ask: the operator's setting, else the file's `model`, else Opus.

        `opus[1m]` asks for a longer context, which current models have anyway, and `opusplan` for Opus while planning.
        """
        own = self.model.lower().removesuffix("[1m]").strip()
        own = "" if own in _NO_MODEL else _ALSO.get(own) or self.model[: len(own)]
        return model_id(setting or own or _DEFAULT_MODEL)


def parse(text: str, name: str | None = None) -> Agent:
    """Read an agent file. `name` is the file's stem, used where the front matter has no name.

    Without front matter the whole text is the prompt. Raises AgentInvalid if there is no name or no prompt.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _FRONT.match(text)
    front = _front_matter(match[1]) if match else {}
    prompt = (text[match.end() :] if match else text).strip().lstrip("\ufeff")
    called = " ".join(visible(front.get("name", "").strip() or name or "").text.split())
    if not called:
        raise AgentInvalid("The agent file has no name: neither in its front matter nor from its file name.")
    if len(called) > _LONGEST_NAME:
        raise AgentInvalid(f"The agent file's name is longer than {_LONGEST_NAME} characters.")
    if not prompt:
        raise AgentInvalid(f"The agent file of {called} has no prompt below its front matter.")
    tools = _tools(front["tools"]) if "tools" in front else None
    disallowed = _tools(front.get("disallowedTools", ""))
    disallowed = ("*",) if disallowed is None else disallowed
    if max(len(tools or ()), len(disallowed)) > _MOST_TOOLS:
        raise AgentInvalid(f"The agent file of {called} names more than {_MOST_TOOLS} tools.")
    return Agent(
        name=called,
        description=front.get("description", ""),
        tools=tools,
        disallowed=disallowed,
        model=front.get("model", "").strip(),
        prompt=prompt,
        other=tuple((key, value) for key, value in front.items() if key not in _KNOWN),
    )


def slug(name: str) -> str:
    """The name as it is compared: `Security Reviewer`, `security_reviewer` and `security-reviewer` are one agent."""
    return re.sub(r"[\s_-]+", "-", name.strip()).strip("-").casefold()


def builtins() -> tuple[Agent, ...]:
    """Every agent that comes with this program, by name."""
    files = (file.name for file in (resources.files("planner") / "agents").iterdir())
    return tuple(builtin(file.removesuffix(".md")) for file in sorted(files) if file.endswith(".md"))


def builtin(name: str = DEFAULT_AGENT) -> Agent:
    """An agent that comes with this program. Raises AgentInvalid if there is none of that name."""
    path = resources.files("planner") / "agents" / f"{name}.md"
    if not re.fullmatch(r"[\w-]+", name) or not path.is_file():
        raise AgentInvalid(f"There is no built-in agent called {name}.")
    return parse(path.read_text(encoding="utf-8"), name)


def _front_matter(text: str) -> dict[str, str]:
    gathered: dict[str, list[str]] = {}
    key = ""
    for line in text.split("\n"):
        match = _KEY.match(line)
        if match and (key != "description" or match[1] in _KEYS) and match[1] not in gathered:
            key = match[1]
            gathered[key] = [(match[2] or "").strip()]
        elif key and _goes_on(key, gathered[key][0], line):
            gathered[key].append(line)
    return {key: _value(key, lines) for key, lines in gathered.items()}


def _goes_on(key: str, first: str, line: str) -> bool:
    """Whether a line that begins no key is part of the value: comments and blank lines are only in texts."""
    if _BLOCK.fullmatch(first):
        return not line.startswith("#")
    if key == "description":
        return not line.lstrip().startswith("# ")
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _value(key: str, lines: list[str]) -> str:
    first, rest = lines[0], lines[1:]
    block = _BLOCK.fullmatch(first)
    if block:
        dedented = [line.strip() if block[1] == ">" else line for line in rest]
        indent = min((len(line) - len(line.lstrip()) for line in dedented if line.strip()), default=0)
        text = "\n".join(line[indent:].rstrip() for line in dedented).strip("\n")
        return re.sub(r"(?<!\n)\n(?!\n)", " ", text) if block[1] == ">" else text
    if key in _SHORT:
        first, *rest = (line if _QUOTED.fullmatch(line) else _REMARK.sub("", line).rstrip() for line in lines)
    if not first and rest and all(_LIST_ITEM.match(line) for line in rest if line.strip()):
        items = (_LIST_ITEM.match(line) for line in rest)
        return "[" + ", ".join(_unquoted(match[1].strip()) for match in items if match) + "]"
    return _unquoted("\n".join([first, *(line.strip() for line in rest)]).strip())


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    if quoted and value[0] == "'":
        return value[1:-1].replace("''", "'")
    # Claude Code's own generator writes `\n` into descriptions that have no quotes around them.
    inner = value[1:-1] if quoted else value
    inner = inner.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    return inner.replace("\\\\", "\\") if quoted else inner


def _tools(value: str) -> tuple[str, ...] | None:
    """Names from a list with commas or blanks between them; None for all tools."""
    value = " ".join(value.split()).replace(" (", "(")
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1]
    if _unquoted(value.strip()).casefold() in _ALL:
        return None
    # `Bash(git log:*, git diff:*)` is one tool.
    parts = re.findall(r"(?:[^,\s()]|\([^()]*\))+", value)
    names = tuple(dict.fromkeys(name for name in (_unquoted(part) for part in parts) if name))
    return None if "*" in names else names
