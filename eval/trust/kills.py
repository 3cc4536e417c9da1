"""Kills builds and updates at random moments, while a reader asks of the same index."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from eval.reading import made
from eval.trust import archives
from eval.trust.trials import Found, Plan
from rag import Archive, read_articles
from rag.errors import BylineError

_ARTICLES, _SENTENCES = 20, 6
_FIRST_EVERY = 4
"""One kill of so many is of a build of a new index, the others of an update."""
_PAUSE = 0.5
"""Seconds that the reader waits between questions."""
_LONGER = 1.05
"""By how much longer a build is taken to last after each that was killed, until one is done: so the
moments reach to its end, whatever else the machine does."""
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
        archive = Archive.open(self.home, archives.ASK)
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
            self.done.wait(_PAUSE)


class Builds:
    """Builds of `home` from the articles in `work`, each in a process forked of one that has loaded
    all but the models: so what is killed is the build, and not the start of Python."""

    _processes = multiprocessing.get_context("forkserver") if sys.platform != "win32" else None

    def __init__(self, work: Path, home: Path, took: float = 0.0) -> None:
        self.work, self.home, self.took = work, home, took

    def run(self, chance: random.Random | None = None) -> bool:
        """Build, and kill that at a random moment; returns whether it was done before."""
        if self._processes is None:
            raise BylineError("Processes are forked, which Windows does not do. Leave out kills.")
        self._processes.set_forkserver_preload(["eval.trust.warm"])
        child = self._processes.Process(target=_build, args=(self.work, self.home))
        begun = time.monotonic()
        child.start()
        child.join(chance.uniform(0, self.took * 1.1) if chance else None)
        if child.is_alive():
            self.took *= _LONGER
        else:
            self.took = time.monotonic() - begun
        child.kill()
        child.join()
        return child.exitcode == 0


def _build(work: Path, home: Path) -> None:
    from tqdm import tqdm

    from rag.__main__ import main

    tqdm.set_lock(threading.RLock())  # Its own is shared by processes, and left behind by a kill.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    sys.exit(main(["build", str(work), "--index", str(home)]))


def measure(plan: Plan, found: Found) -> None:
    """Kill `byline build` at a random moment each, mostly of an update, with a reader asking: the
    index is whole, with the articles of before or after, and every question was answered."""
    with tempfile.TemporaryDirectory() as folder:
        work, home = Path(folder) / "articles", Path(folder) / "index"
        made.make(work, _ARTICLES, sentences=_SENTENCES)
        updates = Builds(work, home)
        if not updates.run():
            raise BylineError("The first build failed. Try byline build, to see why.")
        firsts = Builds(work, Path(folder) / "new", updates.took)
        texts = {one.text for one in read_articles(work)}
        _change(plan, -1, work, texts)
        updates.run()
        reader = Reader(home, texts)
        thread = threading.Thread(target=reader.run)
        thread.start()
        try:
            for number in tqdm(range(found.tried, plan.size), "kills", disable=None):
                if number % _FIRST_EVERY:
                    _kill_update(plan, number, updates, texts, found)
                else:
                    _kill_first(plan, number, firsts, found)
                found.tried += 1
                plan.keep(found)
        finally:
            reader.done.set()
            thread.join()
        found.count("questions asked meanwhile", reader.asked)
        for fault in reader.faults:
            found.fault(fault)
        for builds in (updates, firsts):
            if not builds.run() or Archive.open(builds.home).check():
                found.fault("the build at the end did not bring a whole index")
        plan.keep(found)


def _kill_update(plan: Plan, number: int, builds: Builds, texts: set[str], found: Found) -> None:
    """Change a file, and kill the build that takes it up."""
    old = {one.id for one in Archive.open(builds.home).articles()}
    new = _change(plan, number, builds.work, texts)
    if builds.run(plan.chance(number)):
        found.count("updates that were done before")
    ids = _ids(builds.home, number, found)
    if ids not in (old, new):
        found.fault(f"kill {number}: articles of neither before nor after")
    elif ids == new:
        found.count("updates of which the new articles were in force")


def _kill_first(plan: Plan, number: int, builds: Builds, found: Found) -> None:
    """Kill the build of a new index, which goes on with what the one before left."""
    done = builds.run(plan.chance(number))
    found.count("first builds")
    if done or (builds.home / "CURRENT").exists():
        found.count("first builds that were done")
        if _ids(builds.home, number, found) != {one.id for one in read_articles(builds.work)}:
            found.fault(f"kill {number}: a new index of other articles")
        shutil.rmtree(builds.home)


def _ids(home: Path, number: int, found: Found) -> set[str]:
    """The articles of an index, which is whole."""
    try:
        archive = Archive.open(home)
        if problems := archive.check():
            found.fault(f"kill {number}: {problems}")
        return {one.id for one in archive.articles()}
    except Exception as error:
        found.fault(f"kill {number}: {error!r}")
        return set()


def _change(plan: Plan, number: int, work: Path, texts: set[str]) -> set[str]:
    """Change one of the files; returns the ids of the articles, and adds their texts."""
    file = plan.chance(number).choice(sorted(work.rglob("*.txt")))
    file.write_text(f"{file.read_text('utf-8')}\n\nThis is change {number}.", "utf-8")
    articles = list(read_articles(work))
    texts.update(one.text for one in articles)
    return {one.id for one in articles}
