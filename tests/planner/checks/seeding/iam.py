"""Makes the faults of IAM policies: mutants that parliament (Duo Labs, BSD-3-Clause) refuses, and some by hand.

Needs another Python that has parliament 1.6.4 and setuptools below 81:
`python -m tests.planner.checks.seeding.iam that/bin/python`, from the root of the checkout.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.planner.checks.corpus import DATA, write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.iam_by_hand import BY_HAND
from tests.planner.checks.seeding.members import MEMBERS

SEED = 20261123

PROGRAM = """
import json, sys
from importlib.metadata import version
from parliament import analyze_policy_string
for line in sys.stdin:
    given = json.loads(line)
    found = analyze_policy_string(given["text"]).findings
    said = [[each.issue, f"{each.title}: {each.detail}"] for each in found]
    print(json.dumps({"id": given["id"], "said": said, "version": version("parliament")}))
"""

OF_TASTE = frozenset(
    {
        "RESOURCE_STAR",
        "NO_VERSION",
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE",
        "SENSITIVE_ACCESS",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        "CREDENTIALS_EXPOSURE",
        "PRIVILEGE_ESCALATION",
    }
)
"""What parliament says of policies that AWS takes and that do what they say."""


def told(texts: Mapping[str, str]) -> dict[str, str]:
    """What parliament says of mutants that can be read, and not of the policies that they were made from.

    It knows nothing of stack policies, so what it says of their mutants says nothing.
    """
    bases = {name: name.rpartition("-")[0] for name in texts}
    originals = {f"{base}": (DATA / "good" / "iam" / base).read_text(encoding="utf-8") for base in set(bases.values())}
    readable = {name: text for name, text in texts.items() if _is_json(text) and not name.startswith("stack-policy")}
    said = _asked({**originals, **readable})
    answers: dict[str, str] = dict.fromkeys(texts, "")
    for name in readable:
        before = {issue for issue, _ in said[bases[name]]["said"]}
        new = [(issue, detail) for issue, detail in said[name]["said"] if issue not in before | OF_TASTE]
        if new:
            answers[name] = f"parliament {said[name]['version']}: {new[0][0]}: {new[0][1]}"[:200]
    return answers


def _asked(texts: Mapping[str, str]) -> dict[str, Any]:
    lines = "".join(f"{json.dumps({'id': name, 'text': text})}\n" for name, text in texts.items())
    ran = subprocess.run([sys.argv[1], "-c", PROGRAM], input=lines, capture_output=True, text=True, check=True)
    return {(each := json.loads(line))["id"]: each for line in ran.stdout.splitlines()}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def main() -> None:
    """Write them."""
    made = chosen("iam", told, seed=SEED, kept=34, most_of_one=3, mutations=MEMBERS)
    write_faults("iam", [*made, *BY_HAND])
    print(f"{len(made)} mechanical, {len(BY_HAND)} by hand")


if __name__ == "__main__":
    main()
