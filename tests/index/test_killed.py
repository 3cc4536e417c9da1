"""A build that is killed at any moment loses nothing, shows nothing half made, and goes on later.

`BYLINE_KILLS` is how often; the default is for a suite that is run often.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rag import Archive, Article, BuildSettings
from rag.index.build import build
from rag.index.journal import _BLOCK, Journal
from rag.index.manifest import EncoderFacts
from rag.index.ownership import JOURNAL

KILLS = int(os.environ.get("BYLINE_KILLS", "6"))
ROOT = Path(__file__).parents[2]
# Builds with the real encoder, and writes down the digest of every text that this has embedded.
_BUILD = """
import hashlib, sys
from pathlib import Path

from rag.index.build import build
from rag.models.encoder import Encoder
from rag.settings import BuildSettings
from test_killed import grown

home, log = map(Path, sys.argv[1:])

class Logged(Encoder):
    def encode_passages(self, texts, progress=None):
        vectors = super().encode_passages(texts, progress)
        with log.open("a") as file:
            file.writelines(hashlib.sha256(text.encode()).hexdigest() + "\\n" for text in texts)
        return vectors

encoder, articles = Logged("all-MiniLM-L6-v2"), grown()
print("ready", flush=True)
build(articles, home, encoder, BuildSettings())
"""


def bundled() -> list[Article]:
    from rag import read_articles

    return list(read_articles(ROOT / "index" / "articles"))


def grown() -> list[Article]:
    """The bundled articles and many more, of their words."""
    articles = bundled()
    words = [word for article in articles for word in article.text.split()]
    chance = random.Random(7)
    more = [Article(" ".join(chance.choices(words, k=250)) + ".", title=str(n)) for n in range(200)]
    return [*articles, *more]


def started(home: Path, log: Path) -> subprocess.Popen[str]:
    """A build, at the moment at which it begins."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests", Path(__file__).parent)))
    child = subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(home), str(log)],
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    return child


def embedded(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.models
@pytest.mark.process
def test_a_build_killed_at_random_moments_goes_on_where_it_was(tmp_path, encoder):
    home, log = tmp_path / "index", tmp_path / "log"
    build(bundled(), home, encoder, BuildSettings())
    old = {article.id for article in bundled()}
    new = {article.id for article in grown()}
    start = time.monotonic()
    started(tmp_path / "whole", tmp_path / "all").wait()
    took = time.monotonic() - start
    texts = set(embedded(tmp_path / "all"))
    journalled: set[str] = set()
    chance = random.Random(KILLS)
    for _ in range(KILLS):
        done = len(embedded(log))
        child = started(home, log)
        time.sleep(chance.uniform(0, took / 3))
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not journalled & set(embedded(log)[done:])
        archive = Archive.open(home)
        assert archive.check() == []
        assert {article.id for article in archive.articles()} in (old, new)
        if (home / JOURNAL).exists():
            with Journal(home, EncoderFacts.of(encoder)) as journal:
                journalled |= {digest.hex() for digest in journal}
    done = len(embedded(log))
    assert started(home, log).wait() == 0
    assert not journalled & set(embedded(log)[done:])
    assert texts >= set(embedded(log))
    assert len(embedded(log)) <= len(texts) + KILLS * _BLOCK
    assert sorted(path.name for path in home.iterdir()) == [".lock", "CURRENT", "snapshots"]
    resumed, whole = Archive.open(home), Archive.open(tmp_path / "whole")
    assert list(resumed.articles()) == list(whole.articles())
    rows = range(len(whole.index.store))
    assert resumed.index.store.passages(rows) == whole.index.store.passages(rows)
    mine, theirs = (one.index.store.take(np.arange(len(rows))) for one in (resumed, whole))
    np.testing.assert_allclose(mine, theirs, atol=0.02)
