"""The web chat in a process of its own, for as long as it is measured.

Owns the process, what it says, and how much memory it holds. Knows nothing of its visitors.
"""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import BylineError, InputError
from rag.evaluation.runs.machine import ROOT

START_SECONDS = 300
"""How long it may take to start; the index of the bundled articles may have to be built."""
STOP_SECONDS = 60
"""How long it may take to end; killed, it would leave what it keeps of its visitors."""
_SAID = "Byline is at "
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Server:
    """The chat at `address`: its `psutil.Process`, and the file of what it says."""

    address: str
    process: Any
    log: Path

    def memory(self) -> float:
        """The resident memory of the process and its children, in MiB; 0 when it is gone."""
        try:
            every = [self.process, *self.process.children(recursive=True)]
            return float(sum(one.memory_info().rss for one in every)) / 2**20
        except _psutil().NoSuchProcess:
            return 0.0

    def tracebacks(self) -> list[str]:
        """The last line of each traceback that the server printed."""
        pieces = self.log.read_text("utf-8", "replace").split(_TRACEBACK)[1:]
        return [_raised(piece) for piece in pieces]


@contextlib.contextmanager
def served(
    arguments: Sequence[str], root: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run the `python app.py` of a checkout on a free port of this machine, and end it at the end.

    Raises InputError, with what it said, if it does not start, and BylineError without psutil.
    """
    process = _psutil().Process
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with log.open("wb") as output:
            running = subprocess.Popen(
                [sys.executable, "app.py", "--host", "127.0.0.1", "--port", "0", *arguments],
                cwd=root,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the measure, which then ends the server.
            )
        try:
            yield Server(_address(running, log), process(running.pid), log)
        finally:
            running.terminate()
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _address(running: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        for line in log.read_text("utf-8", "replace").splitlines():
            if line.startswith(_SAID):
                return line.removeprefix(_SAID).split()[0].rstrip("/")
        time.sleep(0.1)
    said = log.read_text("utf-8", "replace").strip()[-2000:]
    raise InputError(f"The chat did not start. Run it to see why: python app.py. It said: {said}")


def _psutil() -> Any:
    try:
        return importlib.import_module("psutil")
    except ImportError:
        raise BylineError(
            "Memory cannot be measured without a package. Run: pip install psutil"
        ) from None


def _raised(piece: str) -> str:
    """The first line after a traceback's frames, which are indented."""
    lines = piece.splitlines()[1:]
    return next((line for line in lines if line and not line.startswith(" ")), "")[:300]
