"""Write docs/licences.md: the licence of each package that comes with Byline, as it says itself.

Run it in an environment with the versions of requirements.txt: python .ci/licences.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADER = """# Licences of what comes with Byline

Byline is under the Apache License 2.0. It installs these packages, which say this of their
licences. Written by `python .ci/licences.py` from the versions in `requirements.txt`.

| package | licence |
|---|---|
"""
_OLD = "License :: OSI Approved :: "


def pinned() -> dict[str, str]:
    """The packages of requirements.txt with their versions, but those of other systems."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if " ; " not in line]
    return dict(re.findall(r"^([\w.-]+)==(\S+)", "\n".join(lines), re.M))


def licence(name: str) -> str:
    """What an installed package says; "" if it says nothing."""
    said = metadata.metadata(name)
    classified = [one.removeprefix(_OLD) for one in said.get_all("Classifier") or [] if _OLD in one]
    plain = said.get("License-Expression") or ", ".join(classified) or said.get("License") or ""
    for file in said.get_all("License-File") or []:  # Of a package that names none besides.
        plain = plain.strip() or metadata.distribution(name).read_text(f"licenses/{file}") or ""
    return plain.strip().partition("\n")[0][:80].replace("|", "or")


def rows() -> Iterator[str]:
    for name in pinned():
        yield f"| {name} | {licence(name)} |"


if __name__ == "__main__":
    (ROOT / "docs/licences.md").write_text(HEADER + "\n".join(rows()) + "\n", "utf-8")
