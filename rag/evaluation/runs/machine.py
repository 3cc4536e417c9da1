"""The provenance of a run: commit, code hash, machine and package versions."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import platformdirs

ROOT = Path(__file__).parents[3]
_CHECKOUT = ROOT / "eval"
INDEXES = (
    _CHECKOUT if _CHECKOUT.is_dir() else Path(platformdirs.user_cache_dir("byline")) / "eval"
) / "indexes"
"""Where indexes are kept: in the checkout, or among this user's caches."""
_GLOB = ":(glob)"
_CODE = (f"{_GLOB}rag/**/*.py", f"{_GLOB}eval/**/*.py")
PACKAGES = ("sentence-transformers", "torch", "faiss-cpu", "ir-measures")


def commit() -> str:
    """The commit of the checkout, and a hash of its code if that has changed since; "" outside
    git."""
    head = _git("rev-parse", "HEAD")
    changed = head and _git("status", "--porcelain", "--", *_CODE)
    return f"{head}+{code(*(p.removeprefix(_GLOB) for p in _CODE))}" if changed else head


def code(*patterns: str) -> str:
    """The first digits of the SHA-256 of all code that one of the patterns names."""
    files = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
    texts = (f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() for file in files)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:8]


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
    """The processor's name: from Linux, as Python knows the family only."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
