"""Asks a program in Node what it says of many texts at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

_MOST_CHARS = 200


def told(kind: str, texts: Mapping[str, str], folder: Path, tool: str) -> dict[str, str]:
    """What `<kind>.mjs` beside this file says of each text, with `tool` and its version; empty where nothing is wrong.

    `folder`: where `npm install` was run for what the program needs.
    """
    lines = "".join(f"{json.dumps({'id': name, 'text': text})}\n" for name, text in texts.items())
    program = Path(__file__).with_name(f"{kind}.mjs")
    ran = subprocess.run(["node", program], input=lines, capture_output=True, text=True, cwd=folder, check=True)  # noqa: S607 - by hand
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    return {each["id"]: _shown(tool, each["version"], each["said"]) if each["said"] else "" for each in answers}


def _shown(tool: str, version: str, said: str) -> str:
    line = f"{tool} {version}: {' '.join(said.split())}"
    return line if len(line) <= _MOST_CHARS else f"{line[: _MOST_CHARS - 3]}..."
