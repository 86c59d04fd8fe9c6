"""Makes docs/plan.png, the picture in the README, from a plan the bot has just posted: `make picture`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.browser.chromium import screenshot
from tests.world import world

ISSUE = "ENG-101"
ROOT = Path(__file__).parents[2]


def main() -> None:
    """Have the seeded issue planned and take the picture."""
    with tempfile.TemporaryDirectory() as directory, world(Path(directory)) as here:
        document = here.planned(ISSUE)["documents"][0]
        screenshot(
            f"{here.sandbox.url}/document/{document['slugId']}", ROOT / "docs" / "plan.png", width=980, height=1560
        )


if __name__ == "__main__":
    main()
