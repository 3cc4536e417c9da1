"""Build an index of made articles, and again with 1% of them changed, and with nothing changed."""

from __future__ import annotations

import datetime
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.datasets.wrapped import bodies
from rag import Archive, BuildSettings, read_articles
from rag.errors import InputError
from rag.evaluation.runs.machine import machine
from rag.models.encoder import Encoder
from rag.text.sentences import sentence_spans
from rag.types import Progress, Vectors

GOALS = {"1% changed": 0.15, "nothing changed": 0.03}
"""Of the first build's seconds, what a later one may take."""
_SENTENCES = 22
"""Of an article: about three passages."""
_SHARE = 100  # One in so many articles changes.
_DAY = datetime.date(2023, 1, 1)


@dataclass(frozen=True)
class Row:
    """What one build did: the articles in the index, how many of them came or changed, passages in
    all, and those that the encoder was given; seconds, of the processor too, and by stage."""

    build: str
    articles: int
    changed: int
    passages: int
    embedded: int
    seconds: float
    processor_seconds: float
    stages: dict[str, float]


class CountingEncoder(Encoder):
    """The encoder, and how many passages it was given."""

    given = 0

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.given += len(texts)
        return super().encode_passages(texts, progress)


class Stages:
    """A progress callback that takes the time between two calls for the stage of the second."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._last = time.perf_counter()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        self.seconds[stage.split()[0]] += now - self._last
        self._last = now


def run(data: Path, articles: int) -> dict[str, Any]:
    """Measure the three builds of so many articles. Raises InputError for fewer than 100."""
    if articles < _SHARE:
        raise InputError(f"1% of {articles} articles is none. Name {_SHARE} or more.")
    texts = bodies(data)
    sentences = [text[start:end] for text in texts for start, end in sentence_spans(text)]
    encoder = CountingEncoder(BuildSettings().encoder)
    with tempfile.TemporaryDirectory() as folder:
        files, home = Path(folder, "articles"), Path(folder, "index")
        _write(files, range(articles), sentences, seed=0)
        rows = [_build("first", files, home, encoder)]
        _write(files, range(0, articles, _SHARE), sentences, seed=1)
        rows += [_build(name, files, home, encoder) for name in GOALS]
    ratios = {row.build: round(row.seconds / rows[0].seconds, 4) for row in rows[1:]}
    return {
        "machine": machine(),
        "encoder": f"{encoder.name}, {encoder.precision}",
        "rows": [asdict(row) for row in rows],
        "of the first build's time": ratios,
        "reached": all(ratios[name] < goal for name, goal in GOALS.items()),
    }


def table(found: dict[str, Any]) -> str:
    """What `run` found, for reading."""
    lines = [f"{found['encoder']}"]
    for row in found["rows"]:
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in row["stages"].items())
        ratio = found["of the first build's time"].get(row["build"])
        of_first = f", {ratio:.1%} of the first" if ratio is not None else ""
        lines.append(
            f"{row['build']:16} {row['changed']:6} of {row['articles']} articles new, "
            f"{row['embedded']:6} of {row['passages']} passages embedded, "
            f"{row['seconds']:.1f} s{of_first} ({stages}; "
            f"of the processor {row['processor_seconds']:.1f})"
        )
    return "\n".join(lines)


def _build(name: str, files: Path, home: Path, encoder: CountingEncoder) -> Row:
    """Read the files and build the index, and count."""
    encoder.given, stages = 0, Stages()
    before = {one.id for one in Archive.open(home).articles()} if home.exists() else set[str]()
    start, used = time.perf_counter(), time.process_time()
    reader = read_articles(files, progress=stages)
    archive = Archive.build(reader, home, encoder=encoder, progress=stages)
    stages("indexing", 1, 1)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    now = {one.id for one in archive.articles()}
    took = {stage: round(lasted, 2) for stage, lasted in stages.seconds.items()}
    return Row(
        name, len(now), len(now - before), len(archive.index.store), encoder.given,
        round(seconds, 2), round(used, 2), took,
    )  # fmt: skip


def _write(folder: Path, numbers: Sequence[int], sentences: Sequence[str], seed: int) -> None:
    """Write articles of sentences drawn at random, a file each."""
    for number in numbers:
        chance = random.Random(f"{seed}-{number}")  # noqa: S311
        drawn = chance.choices(sentences, k=_SENTENCES)
        place = folder / f"{number // 1000:03}" / f"{number:06}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        article = {
            "title": " ".join(drawn[0].split()[:8]),
            "source": f"Paper {number % 20}",
            "published": (_DAY + datetime.timedelta(number % 365)).isoformat(),
            "text": " ".join(" ".join(one.split()) for one in drawn),
        }
        place.write_text(json.dumps(article), "utf-8")
