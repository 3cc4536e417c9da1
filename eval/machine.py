"""What a saved run says of the code, the machine and the packages it was made with."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("sentence-transformers", "torch", "faiss-cpu", "bm25s", "ir-measures")


def commit() -> str:
    """The commit of the checkout, and a hash of what its code has changed since; "" outside git."""
    head = _git("rev-parse", "HEAD")
    code = ("--", "rag", "eval/*.py")
    changed = head and _git("status", "--porcelain", *code) + _git("diff", "HEAD", *code)
    return f"{head}+{hashlib.sha256(changed.encode()).hexdigest()[:8]}" if changed else head


def machine() -> dict[str, Any]:
    """Python, the system and the processor."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def packages() -> dict[str, str]:
    """The versions of PACKAGES; "" where one is not installed."""
    versions = dict.fromkeys(PACKAGES, "")
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _processor() -> str:
    """Its name; Python knows the family only, Linux tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
