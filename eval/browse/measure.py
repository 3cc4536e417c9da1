"""Times the pages of a search in an archive of made articles, in seconds of the processor.

The articles are of made words whose frequencies fall as those of a language do, and are written as
a build writes them, but with one passage each and no vector that means anything.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from rag.archive.finding import PER_PAGE, find
from rag.chat.html.browse import found_html
from rag.chat.place import Place
from rag.index import store
from rag.index.opened import OpenedIndex
from rag.index.vectors import InMemory
from rag.text.memo import Memo
from rag.types import SORTS, Article, Filters, Passage, Sort

_VOCABULARY, _SENTENCE, _SOURCES, _DAYS = 60_000, 18, 80, 3_650
_FIRST = datetime.date(2014, 1, 1)
_ROUNDS = 5
SEARCHES = {
    "a word in every article": "w0",
    "a word in one of ten": "w60",
    "a rare word": "w20000",
    "a phrase of common words": '"w0 w1"',
    "AND, NOT": "w10 w200 NOT w30",
    "OR of six": "w500 OR w501 OR w502 OR w503 OR w504 OR w505",
    "a beginning": "w12*",
    "all articles": "",
}


@dataclass(frozen=True)
class _Opened:
    """What a search needs of an opened index."""

    store: store.SnapshotStore
    memo: Memo = field(default_factory=Memo)

    def article(self, article_id: str) -> Article:
        return self.store.article(article_id)


def run(articles: int, words: int) -> dict[str, Any]:
    """Write an archive of so many made articles of so many words, and search it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.process_time()
        passages = [Passage(str(n), 0, 1, "w") for n in range(articles)]
        ones = InMemory(np.ones((articles, 1), np.float32))
        store.write(folder, made(articles, words), passages, ones)
        written = time.process_time() - start
        index = cast(OpenedIndex, _Opened(store.SnapshotStore(folder)))
        first = _timed(lambda: _page(index, "w60", "newest"), rounds=1)
        times = {
            f"{said}, {sort}": _timed(partial(_page, index, typed, sort))
            for said, typed in SEARCHES.items()
            for sort in (SORTS[:2] if typed else SORTS)
        }
        sample = [len(one.text) for one in made(min(articles, 1_000), words)]
        return {
            "articles": articles,
            "characters": int(np.mean(sample) * articles),
            "database_bytes": (folder / "archive.sqlite").stat().st_size,
            "written_seconds": written,
            "first_page_after_opening_ms": first[0],
            "pages_ms": {name: [min(ms), max(ms)] for name, ms in times.items()},
            "found": {said: _page(index, typed, "newest")[0] for said, typed in SEARCHES.items()},
        }


def made(articles: int, words: int) -> Iterator[Article]:
    """Yield made articles, the same each time."""
    chosen = np.random.default_rng(7)
    weights = 1 / np.arange(1.5, _VOCABULARY + 1.5)
    shares = np.cumsum(weights / weights.sum())
    for n in range(articles):
        drawn = [f"w{i}" for i in np.searchsorted(shares, chosen.random(words))]
        ends = range(0, words, _SENTENCE)
        text = " ".join(" ".join(drawn[at : at + _SENTENCE]).capitalize() + "." for at in ends)
        day = _FIRST + datetime.timedelta(int(chosen.integers(_DAYS)))
        source = f"Paper {int(_SOURCES * chosen.random() ** 2)}"
        yield Article(text, " ".join(drawn[:8]), str(n), source, published=day)


def _page(index: OpenedIndex, words: str, sort: Sort) -> tuple[int, str]:
    """A page as a reader sees it, and how many articles fit."""
    place = Place("search", find=words, sort=sort)
    found = find(index, words, Filters(), sort, 1, PER_PAGE)
    articles = {one.article_id: index.article(one.article_id) for one in found.matches}
    return found.total, found_html(place, found, articles, place.link)


def _timed(page: Callable[[], object], rounds: int = _ROUNDS) -> list[float]:
    """Milliseconds of the processor for each of several rounds: on one that others share, the clock
    would say how many they are."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        page()
        times.append(1000 * (time.process_time() - start))
    return times


def table(values: Mapping[str, Any]) -> str:
    """The measure as text."""
    size = values["database_bytes"] / values["characters"]
    lines: Sequence[str] = [
        f"{values['articles']:,} articles of {values['characters']:,} characters, written in "
        f"{values['written_seconds']:.0f} s; the database has {size:.2f} bytes a character",
        f"the first page after opening: {values['first_page_after_opening_ms']:.0f} ms",
        f"{'page':<45}{'least, ms':>10}{'most, ms':>10}",
        *(f"{n:<45}{a:>10.0f}{b:>10.0f}" for n, (a, b) in values["pages_ms"].items()),
        *(f"{name}: {n:,} articles" for name, n in values["found"].items()),
    ]
    return "\n".join(lines)
