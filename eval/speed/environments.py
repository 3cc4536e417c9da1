"""The environments of the libraries that Byline is measured beside, each its own.

Versions are pinned: a table of times says little of software that nobody can install again.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from rag.errors import BylineError

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
