"""The libraries that Byline is measured beside, each in an environment of its own.

Versions are pinned: a table of times says little of software that nobody can install again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import rag
from rag.errors import BylineError
from rag.evaluation.systems.peer import Job, Measured

_TORCH = "torch>=2.4,<2.14"  # As in pyproject.toml, so that all compute alike.
PINS: dict[str, tuple[str, ...]] = {
    "langchain": (
        _TORCH,
        "langchain-community==0.4.2",
        "langchain-huggingface==1.2.3",
        "langchain-text-splitters==1.1.3",
        "sentence-transformers>=6,<7",
        "faiss-cpu>=1.9",
    ),
    "llamaindex": (
        _TORCH,
        "llama-index-core==0.14.25",
        "llama-index-embeddings-huggingface==0.8.0",
    ),
    "haystack": (_TORCH, "haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0"),
    "txtai": (_TORCH, "txtai==9.14.0"),
}
_READY = "ready.txt"
_PACKAGE = Path(rag.__file__).parent


def python_of(peer: str, folder: Path) -> str:
    """The Python of a library's environment, which is made in `folder` if it is not there.

    Byline's is this one. Raises BylineError when the library cannot be installed.
    """
    if peer == "byline":
        return sys.executable
    home = folder / peer
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = "\n".join(PINS[peer])
    if (home / _READY).is_file() and (home / _READY).read_text("utf-8") == wanted:
        return str(python)
    print(f"Installing {peer} in {home} …", file=sys.stderr)
    venv.create(home, with_pip=True, clear=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", *PINS[peer]], capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["pip says nothing"]
        raise BylineError(f"{peer} could not be installed: {said[-1]}")
    (home / _READY).write_text(wanted, "utf-8")
    return str(python)


def measured(job: Job, environments: Path) -> Measured:
    """Have a library's own Python do the job. Raises BylineError with the end of what it said."""
    python = python_of(job["peer"], environments)
    order = Path(job["out"]).with_suffix(".job")
    order.write_text(json.dumps(job), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-m", "rag.evaluation.systems.peer", str(order)],
            cwd=_alone(Path(folder)) if job["peer"] != "byline" else _PACKAGE.parent,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BylineError(f"{job['peer']} failed: {said[-1]}")
    found: Measured = json.loads(Path(job["out"]).read_text("utf-8"))
    return found


def _alone(folder: Path) -> Path:
    """A folder with what a peer imports, and nothing of Byline's own environment beside it."""
    inside = folder / "rag" / "evaluation" / "systems"
    shutil.copytree(_PACKAGE / "evaluation" / "systems", inside)
    for package in (_PACKAGE, _PACKAGE / "evaluation"):
        shutil.copy(package / "__init__.py", folder / package.relative_to(_PACKAGE.parent))
    return folder
