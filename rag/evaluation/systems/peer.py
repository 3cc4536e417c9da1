"""One library under measurement: a process that builds an index, asks it, and writes the times.

Run by the Python of that library's own environment, as `python -m rag.evaluation.systems.peer JOB`,
so nothing of Byline is imported here but by its own adapter. JOB is a JSON file; see `Job`.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypedDict

_KILOBYTES = 1 if sys.platform != "darwin" else 1024
"""ru_maxrss counts kilobytes on Linux and bytes on macOS."""


class Job(TypedDict):
    """What is measured, as JSON.

    `documents` is a file of JSON Lines (id, title, text), `questions` are texts, `encoder` is the
    folder of a sentence-transformers model, `tokens` how many of its tokens a passage may have; 0
    for the library's own way. Questions are searched for `passages` passages; `out` gets a
    `Measured`.
    """

    peer: str
    documents: str
    questions: list[str]
    encoder: str
    tokens: int
    passages: int
    out: str


class Measured(TypedDict):
    """Times in seconds, memory in megabytes.

    `found` are the passages that any question found, each a document and a text; `rankings` are
    numbers of these, best first, for each question.
    """

    passages: int
    load: float
    build: float
    build_cpu: float
    peak: float
    latencies: list[float]
    found: list[Found]
    rankings: list[list[int]]


class Document(NamedTuple):
    """A document to index."""

    id: str
    title: str
    text: str


class Found(NamedTuple):
    """A passage that was found: its document and its text."""

    document: str
    text: str


class Peer(Protocol):
    """A library, with its encoder loaded."""

    def build(self, documents: Sequence[Document]) -> int:
        """Cut, embed and index the documents; return the number of passages."""
        ...

    def search(self, question: str, k: int) -> list[Found]:
        """The best passages, best first."""
        ...


def main(job_file: str) -> None:
    """Do the job in a file."""
    job: Job = json.loads(Path(job_file).read_text("utf-8"))
    lines = Path(job["documents"]).read_text("utf-8").splitlines()
    documents = [Document(**json.loads(line)) for line in lines]
    began = time.perf_counter()
    adapter = importlib.import_module(f"rag.evaluation.systems.with_{job['peer']}")
    make: Callable[[str, int], Peer] = adapter.make
    peer = make(job["encoder"], job["tokens"])
    loaded = time.perf_counter()
    cpu = time.process_time()
    passages = peer.build(documents)
    built, cpu = time.perf_counter(), time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES / 1000
    for question in job["questions"][:5]:
        peer.search(question, 10)
    latencies: list[float] = []
    for question in job["questions"]:
        start = time.perf_counter()
        peer.search(question, 10)
        latencies.append(time.perf_counter() - start)
    number_of: dict[Found, int] = {}
    rankings = []
    for question in job["questions"]:
        found = peer.search(question, job["passages"])
        rankings.append([number_of.setdefault(one, len(number_of)) for one in found])
    measured = Measured(
        passages=passages, load=loaded - began, build=built - loaded, build_cpu=cpu, peak=peak,
        latencies=latencies, found=list(number_of), rankings=rankings,
    )  # fmt: skip
    Path(job["out"]).write_text(json.dumps(measured), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
