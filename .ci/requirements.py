"""Write requirements.txt, which is all that a Space sees, from pyproject.toml."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADER = "# Made from pyproject.toml by: python .ci/requirements.py\n"


def requirements() -> str:
    """The project's dependencies, one a line."""
    block = re.search(
        r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.M | re.S
    )
    if block is None:
        raise SystemExit("pyproject.toml has no dependencies.")
    return HEADER + "".join(f"{line}\n" for line in re.findall(r'^\s*"(.+)",$', block[1], re.M))


if __name__ == "__main__":
    (ROOT / "requirements.txt").write_text(requirements(), "utf-8")
