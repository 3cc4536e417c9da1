"""Whole commands of this checkout and of another, in turn: `byline ask`, searches and answers of a
process that runs, and the chat from its start to its hundredth answer."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.runs.serving import served
from rag.errors import InputError
from rag.evaluation.extra import require
from rag.evaluation.runs.machine import ROOT

HERE, BASELINE = "this checkout", "baseline"
CHAT_QUESTIONS = 100
_ASKING = Path(__file__).with_name("asking.py")
_MEGABYTES = 1e6 if sys.platform == "darwin" else 1e3  # In the unit of ru_maxrss.


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout and an index that it built, whose format no other need read."""

    root: Path
    index: Path

    def run(self, *arguments: str) -> tuple[str, dict[str, float]]:
        """Run Python with the checkout on its module path: what it prints, and what it took.

        Raises InputError, with what it said, when it fails.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.root, env=self.environment(), stdout=out, stderr=told,
            )  # fmt: skip
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            took = time.perf_counter() - began
            out.seek(0)
            told.seek(0)
            if process.returncode:
                said = told.read().decode("utf-8", "replace").strip()[-1000:]
                raise InputError(f"In {self.root}, python {' '.join(arguments)} failed: {said}")
            return out.read().decode("utf-8"), {
                "seconds": took,
                "processor seconds": usage.ru_utime + usage.ru_stime,
                "peak MB": usage.ru_maxrss / _MEGABYTES,
            }

    def environment(self) -> dict[str, str]:
        """That of this process, with the checkout on the module path."""
        return {**os.environ, "PYTHONPATH": str(self.root)}


def run(
    baseline: Path | None, articles: Path, questions: Sequence[str], rounds: int
) -> dict[str, dict[str, float]]:
    """The best round of each measure, by checkout. What is measured of one is measured of the other
    at once after it, so that what else the machine does falls on both.

    Raises InputError when a checkout cannot be measured.
    """
    if baseline and not (baseline / "rag" / "__init__.py").is_file():
        raise InputError(f"{baseline} is no checkout of Byline: it has no rag/__init__.py.")
    roots = {HERE: ROOT, **({BASELINE: baseline.resolve()} if baseline else {})}
    found: dict[str, dict[str, float]] = {name: {} for name in roots}
    with tempfile.TemporaryDirectory() as folder:
        checkouts = {
            name: Checkout(root, Path(folder) / f"index-{n}")
            for n, (name, root) in enumerate(roots.items())
        }
        for one in checkouts.values():
            one.run("-m", "rag", "build", str(articles.resolve()), "--index", str(one.index))
        asked = Path(folder) / "questions.json"
        asked.write_text(json.dumps(list(questions)), "utf-8")
        for _ in range(rounds):
            for measure in (_whole, _inside, _chat):
                for name, one in checkouts.items():
                    for key, value in measure(one, questions, asked).items():
                        found[name][key] = min(value, found[name].get(key, value))
    return found


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """The measures as a Markdown table, a row each, with the share of the baseline's."""
    names = list(found)
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for key, value in found[HERE].items():
        cells = [f"{measures[key]:.1f}" for measures in found.values()]
        if BASELINE in found:
            cells[0] += f" ({value / found[BASELINE][key]:.2f})"
        lines.append(f"| {key} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _whole(one: Checkout, questions: Sequence[str], _: Path) -> dict[str, float]:
    """A whole process that answers one question."""
    _printed, took = one.run("-m", "rag", "ask", questions[0], "--index", str(one.index))
    return {f"ask, {name}": value for name, value in took.items()}


def _inside(one: Checkout, _: Sequence[str], asked: Path) -> dict[str, float]:
    """Searches and answers of a process that has its models."""
    printed, _took = one.run(str(_ASKING), str(one.index), str(asked))
    times: dict[str, float] = json.loads(printed)
    return times


def _chat(one: Checkout, questions: Sequence[str], _: Path) -> dict[str, float]:
    """The chat: until its page answers, until its first answer, and its memory after a hundred."""
    client = require("gradio_client").Client
    began = time.perf_counter()
    with served(["--index", str(one.index)], one.root, one.environment()) as server:
        page = client(server.address, verbose=False)
        found = {"chat, seconds to its page": time.perf_counter() - began}
        for n in range(CHAT_QUESTIONS):
            answer: Any = page.predict(questions[n % len(questions)], api_name="/ask")
            if "chat, seconds to its first cited answer" not in found and answer["citations"]:
                found["chat, seconds to its first cited answer"] = time.perf_counter() - began
        found[f"chat, MB after {CHAT_QUESTIONS} questions"] = server.memory() * 2**20 / 1e6
        with contextlib.suppress(Exception):  # Of no concern once the memory is read.
            page.close()
    return found
