"""One checkout under measurement: a process that opens an index and asks it.

Run as a file, `python eval/speed/asking.py INDEX QUESTIONS`, with the checkout that is measured on
the module path: nothing of this one is imported. QUESTIONS is a JSON file, a list of texts. Prints
a JSON object: median milliseconds of a search and of an answer, once the models are loaded.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag import Archive


def main() -> None:
    archive = Archive.open(sys.argv[1])
    questions = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    archive.ask(questions[0])
    found = {
        "search, ms": _median(archive.search, questions),
        "answer, ms": _median(archive.ask, questions),
    }
    print(json.dumps(found))


def _median(ask: Callable[[str], Any], questions: list[str]) -> float:
    times = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
