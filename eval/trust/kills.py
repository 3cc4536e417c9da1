"""Kills builds and updates at random moments, while a reader asks of the same index."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from eval.reading import made
from eval.trust.trials import Found, Plan
from rag import Archive, read_articles
from rag.evaluation.runs.machine import ROOT

_ARTICLES = 40
_QUESTIONS = ("How many people did police arrest?", "Who was detained in Kratie?", "What is news?")


@dataclass
class Reader:
    """Asks of an index, from a thread, whatever is done to it; `texts` are those it may have."""

    home: Path
    texts: set[str]
    asked: int = 0
    faults: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        archive = Archive.open(self.home)
        while not self.done.is_set():
            try:
                archive = archive.newer() or archive
                answer = archive.ask(_QUESTIONS[self.asked % len(_QUESTIONS)])
                for cited in answer.citations:
                    text = archive.article(cited.article_id).text
                    if text not in self.texts or text[cited.start : cited.end] != cited.quote:
                        self.faults.append(f"a wrong quote: {cited.quote}")
            except Exception as error:
                self.faults.append(f"a question failed: {error!r}")
            self.asked += 1
            self.done.wait(0.1)


def measure(plan: Plan, found: Found) -> None:
    """Kill `byline build`, after a file was changed, at a random moment each; then the index is
    whole, with the articles of before or after, and every question was answered all along."""
    with tempfile.TemporaryDirectory() as folder:
        work, home = Path(folder) / "articles", Path(folder) / "index"
        made.make(work, _ARTICLES)
        begun = time.monotonic()
        _build(work, home).wait()
        took = time.monotonic() - begun
        texts = {one.text for one in read_articles(work)}
        reader = Reader(home, texts)
        thread = threading.Thread(target=reader.run)
        thread.start()
        try:
            for number in tqdm(range(found.tried, plan.size), "kills", disable=None):
                _kill(plan, number, work, home, took, texts, found)
                found.tried += 1
                plan.keep(found)
        finally:
            reader.done.set()
            thread.join()
        found.count("questions asked meanwhile", reader.asked)
        for fault in reader.faults:
            found.fault(fault)
        if _build(work, home).wait() or Archive.open(home).check():
            found.fault("the build at the end did not bring a whole index")
        plan.keep(found)


def _kill(
    plan: Plan, number: int, work: Path, home: Path, took: float, texts: set[str], found: Found
) -> None:
    chance = plan.chance(number)
    old = {one.id for one in Archive.open(home).articles()}
    file = chance.choice(sorted(work.rglob("*.txt")))
    file.write_text(f"{file.read_text('utf-8')}\n\nThis is change {number}.", "utf-8")
    articles = list(read_articles(work))
    texts.update(one.text for one in articles)
    child = _build(work, home)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(chance.uniform(0, took * 1.1))
        found.count("builds that were done before")
    child.kill()
    child.wait()
    try:
        archive = Archive.open(home)
        problems = archive.check()
        ids = {one.id for one in archive.articles()}
    except Exception as error:
        found.fault(f"kill {number}: {error!r}")
        return
    if problems:
        found.fault(f"kill {number}: {problems}")
    if ids not in (old, {one.id for one in articles}):
        found.fault(f"kill {number}: articles of neither before nor after")


def _build(work: Path, home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rag", "build", str(work), "--index", str(home)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
