"""Start the chat in the shape of a Space and report how long it takes to the first answer.

    python .ci/space.py ENVIRONMENT

ENVIRONMENT is a virtual environment in which requirements.txt was installed. The tracked files are
copied to a folder of their own; the chat is started there without an index, as a Space without
storage starts each time, and once more with the one that it made, as with storage. Requests come as
from the proxy of a Space. Reports, and fails only where no answer comes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOST = "byline-byline.hf.space"
PORT = 7871
QUESTION = "How many people did police in Kratie arrest?"
PATIENCE = 300
SPACE = {
    "SYSTEM": "spaces", "SPACE_ID": "byline/byline", "SPACE_HOST": HOST,
    "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(PORT),  # noqa: S104
}  # fmt: skip
"""(Gradio reloads a changed Space by the package `spaces`, which is not there: a thread of it ends
with an error, and nothing else.)"""
FORWARDED = {
    "Host": HOST, "X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "198.51.100.7", "Content-Type": "application/json",
}  # fmt: skip


def main(environment: Path) -> int:
    """Report size and times; 1 where an answer is missing."""
    size = sum(p.lstat().st_size for p in environment.rglob("*") if p.is_file())
    print(f"installed: {size / 1e9:.2f} GB")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        copy_tracked(home)
        answered = [
            measure(what, environment / "bin" / "python", home)
            for what in ("without an index", "with its index")
        ]
    return 0 if all(answered) else 1


def copy_tracked(home: Path) -> None:
    """The files that a Space clones."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)


def measure(what: str, python: Path, home: Path) -> bool:
    """Start once and print the seconds to the page and to the first answer; whether it is right."""
    began = time.monotonic()

    def spent() -> str:
        return f"{time.monotonic() - began:.1f} s ({processor(process.pid):.1f} s of a core)"

    with running(python, home) as process:
        until(lambda: call("/"), process)
        page = spent()
        answer = until(ask, process)
        print(f"{what}: page after {page}, first answer after {spent()}", flush=True)
    return '"status": "answered"' in answer and "312 people" in answer


def processor(process: int) -> float:
    """Seconds that a process has computed: on a busy machine they say more than a clock."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(python: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.Popen([python, "app.py"], cwd=home, env=own | SPACE)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def until(attempt, process):
    """What an attempt gives as soon as it succeeds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            return attempt()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"no answer within {PATIENCE} seconds")


def ask() -> str:
    """The answer, by the HTTP API as docs/api.md has it."""
    body = json.dumps({"question": QUESTION}).encode()
    event = json.loads(call("/gradio_api/call/v2/ask", body))["event_id"]
    return call(f"/gradio_api/call/ask/{event}")


def call(path: str, body: bytes | None = None) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, FORWARDED)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        return response.read().decode()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
