"""The process that reads a visitor's files for `rag.ingest.apart`, within limits of its own.

Gets its work as a line of JSON on its input, and tells what it finds in lines of JSON on its
output. It ends when its input does: whoever gave it the work is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from rag.text.outside import json_value

_MEASURES = ("RLIMIT_DATA", "RLIMIT_AS")
"""What a system may count as memory: without the code that is shared, else all addresses."""


_GRACE = 5
"""Seconds, or bytes, from the signal that a limit is reached to the end."""


def main() -> None:
    """Read the files that are named on the input. The limits hold before one is opened."""
    work: dict[str, Any] = json_value(sys.stdin.buffer.readline())
    bound(work["memory"], work["seconds"])
    threading.Thread(target=_end_with_input, daemon=True).start()
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints is no message.
    _read([Path(path) for path in work["paths"]], work["limits"], work["used"], told)


def bound(memory: int, seconds: int) -> None:
    """Limit the bytes of memory and the seconds of processor time of this process, where the system
    can; where it cannot, as on Windows, the limits of `rag.ingest.limits` hold alone."""
    try:
        import resource
    except ImportError:
        return
    measure = next(getattr(resource, name) for name in _MEASURES if hasattr(resource, name))
    limits = {measure: memory, resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows one of memory, and refuses it.
            resource.setrlimit(kind, (most, most + _GRACE if most else 0))


def _end_with_input() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def _read(
    paths: Sequence[Path], limits: dict[str, Any], used: dict[str, int], told: BinaryIO
) -> None:
    from pydantic import TypeAdapter

    from rag.errors import InputError
    from rag.ingest import ArticleReader, Budget, Limits
    from rag.types import Article
    from rag.wording import note_to_json, note_with

    article = TypeAdapter(Article)
    budget = Budget(Limits(**limits))
    for name, value in used.items():
        setattr(budget, name, value)

    def tell(kind: str, value: object) -> None:
        told.write(json.dumps([kind, value]).encode() + b"\n")
        told.flush()

    for number, path in enumerate(paths):
        tell("file", number)
        try:
            reader = ArticleReader(path, budget)
        except InputError as error:
            reason = note_with(error.message, str(path), path.name)
            tell("failure", [path.name, note_to_json(reason)])
            continue
        for found in reader:
            tell("article", article.dump_python(found, mode="json"))
        for failure in reader.failures:
            tell("failure", [failure.file, note_to_json(failure.reason)])
        for remark in reader.remarks:
            tell("remark", [remark.file, note_to_json(remark.text)])
        tell("used", {name: getattr(budget, name) for name in used})
    tell("end", None)


if __name__ == "__main__":
    main()
