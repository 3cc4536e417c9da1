"""Articles to a snapshot: compare, cut and embed what is new, index, commit.

Knows nothing of questions.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from rag.errors import InputError, SettingsError
from rag.index import journal, snapshot, store
from rag.index.bm25 import LexicalIndex
from rag.index.chunk import chunk, heading
from rag.index.compare import compare
from rag.index.earlier import Earlier
from rag.index.manifest import CHANGES, LEXICAL, EncoderFacts, Manifest
from rag.index.near_duplicates import Sketch, reports, sketch
from rag.index.record import Compared, Record
from rag.index.words import Tokens
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.text.sentences import sentence_spans, spans_within
from rag.types import Article, Changes, Passage, Progress, Rows, Vectors
from rag.wording import note


class Inputs(NamedTuple):
    """What is kept with a snapshot besides its articles: files as they are, of those in
    `rag.index.manifest.KEPT`, and where articles were read that were added to the index."""

    kept: Mapping[str, bytes] = MappingProxyType({})
    added: Mapping[str, str] = MappingProxyType({})


def build(
    articles: Iterable[Article],
    home: Path,
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None = None,
    inputs: Inputs | None = None,
    approve: Callable[[Changes, int], object] = lambda changes, articles: None,
) -> Changes:
    """Build a snapshot of `articles` in `home`, put it in force, and say what it changes.

    What the snapshot in force has of articles that did not change is taken over; with nothing to
    change, it stays. An article that comes twice is taken once. `approve` is told what would
    change, and how many articles there are; it may raise. Raises InputError when there is no
    article to index or two different ones share an id, SettingsError when the encoder cannot read
    such passages, SnapshotError when no index may be written in `home`.
    """
    snapshot.check_home(home)  # Before the work; `draft` checks again.
    _check_lengths(encoder, settings)
    inputs = inputs or Inputs()
    found, facts = distinct(articles), EncoderFacts.of(encoder)
    checksum = articles_hash(found)
    with snapshot.draft(home) as draft:
        earlier = Earlier.open(home)
        changes = compare(earlier, found)
        approve(changes, len(earlier.records) if earlier else 0)
        if earlier and not earlier.fits(settings, facts):
            earlier = None
        if earlier and earlier.is_made_of(checksum, inputs.kept, inputs.added):
            journal.remove(home)
            return changes
        cut = _cut(found, earlier, encoder, settings, progress)
        new = len(cut.texts)
        changes = dataclasses.replace(changes, embedded=new, reused=len(cut.passages) - new)
        vectors, compared = _indexed(found, cut, earlier, encoder, draft, progress)
        compared = dataclasses.replace(compared, added=inputs.added)
        store.write(draft.path, found, cut.passages, vectors, compared)
        told = {**inputs.kept, CHANGES: json.dumps(dataclasses.asdict(changes)).encode()}
        for name, data in told.items():
            (draft.path / name).write_bytes(data)
        counts = {"articles": len(found), "passages": len(cut.passages)}
        made = {"encoder": dataclasses.asdict(facts), "settings": dataclasses.asdict(settings)}
        draft.commit({**counts, "articles_sha256": checksum, **made})
        journal.remove(home)
    return changes


def _indexed(
    articles: Sequence[Article],
    cut: _Cut,
    earlier: Earlier | None,
    encoder: TextEncoder,
    draft: snapshot.Draft,
    progress: Progress | None,
) -> tuple[Vectors, Compared]:
    """Embed the new passages while another thread compares the articles and indexes the words.

    Where one fails, the other is stopped.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        words = beside.submit(_words, articles, cut, earlier, draft.path, stopped)

        def watched(stage: str, done: int, total: int) -> None:
            if words.done():
                words.result()  # Raises what it failed with, so that no hours go by first.
            if progress:
                progress(stage, done, total)

        try:
            vectors = journal.embed(draft.home, cut.texts, encoder, watched)
            if earlier:
                vectors = np.concatenate([earlier.store.vectors(), vectors])[cut.rows]
            return vectors, words.result()
        finally:
            stopped.set()


def _words(
    articles: Sequence[Article],
    cut: _Cut,
    earlier: Earlier | None,
    folder: Path,
    stopped: threading.Event,
) -> Compared:
    """Write the BM25 index of the passages, and return what comparing the articles gave."""

    def go_on() -> None:
        if stopped.is_set():
            raise _Stopped

    sketches: dict[str, Sketch] = {}
    for article in articles:
        known = cut.known.get(article.id)
        sketches[article.id] = known.sketch if known else sketch(article.text)
        go_on()
    before = {id: record.report for id, record in cut.known.items()}
    found = reports(articles, sketches, before, go_on)
    tokens = Tokens.of(cut.texts, _sentences(articles, cut))
    if earlier:
        tokens = earlier.tokens().followed_by(tokens).of_rows(cut.rows)
    (folder / LEXICAL).mkdir()
    tokens.save(folder / LEXICAL)
    LexicalIndex.build(tokens).save(folder / LEXICAL)
    return Compared(found, sketches)


class _Stopped(Exception):
    """Ends work that nobody waits for any more."""


def _check_lengths(encoder: TextEncoder, settings: BuildSettings) -> None:
    """Raise SettingsError unless the encoder can read passages of the length that is set."""
    if settings.passage_tokens > encoder.max_tokens:
        raise SettingsError(
            f"Passages of {settings.passage_tokens} tokens do not fit the encoder "
            f"{encoder.name!r}, which reads {encoder.max_tokens}. Lower passage_tokens."
        )
    used = settings.heading_tokens + encoder.overhead
    if settings.passage_tokens <= used:
        raise SettingsError(
            f"Passages of {settings.passage_tokens} tokens have no room for text: the heading and "
            f"what {encoder.name!r} adds may take {used}. Raise passage_tokens."
        )


def is_current(manifest: Manifest, articles: Iterable[Article], settings: BuildSettings) -> bool:
    """Whether a snapshot holds just these articles, built with these settings."""
    facts = (manifest.settings, manifest.articles_sha256)
    return facts == (dataclasses.asdict(settings), articles_hash(distinct(articles)))


def articles_hash(articles: Iterable[Article]) -> str:
    """SHA-256 of everything that is indexed, in whatever order the articles come."""
    lines = {
        json.dumps([dataclasses.astuple(article)], default=str, ensure_ascii=False)
        for article in articles
    }
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def distinct(articles: Iterable[Article]) -> list[Article]:
    by_id: dict[str, Article] = {}
    for article in articles:
        known = by_id.setdefault(article.id, article)
        if known.content_hash != article.content_hash:
            raise InputError(
                note(
                    "same_id",
                    id=repr(article.id),
                    file=known.origin or note("no_file"),
                    other=article.origin or note("no_file"),
                )
            )
    if not any(article.text.strip() for article in by_id.values()):
        raise InputError(note("nothing_to_index"))
    return list(by_id.values())


class _Cut(NamedTuple):
    """The passages of an index, in order.

    `known` are the records of articles whose passages there were; `texts` are the new ones with
    their headings. Passage i has the vector and the words `rows[i]` of those that there were, and
    then of the new ones.
    """

    passages: list[Passage]
    rows: Rows
    texts: list[str]
    known: Mapping[str, Record]


def _cut(
    articles: Sequence[Article],
    earlier: Earlier | None,
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None,
) -> _Cut:
    """Cut the articles into passages, but for those of which there were the same."""
    known = earlier.unchanged(articles) if earlier else {}
    first = len(earlier.store) if earlier else 0
    room = settings.passage_tokens - encoder.overhead
    passages: list[Passage] = []
    rows: list[int] = []
    texts: list[str] = []
    for number, article in enumerate(articles, start=1):
        if record := known.get(article.id):
            for row, start, end in record.passages:
                passages.append(Passage(article.id, start, end, article.text[start:end]))
                rows.append(row)
        else:
            head = heading(article, encoder.count_tokens, settings.heading_tokens)
            used = encoder.count_tokens([head])[0] if head else 0
            cut = chunk(article, encoder.count_tokens, room - used)
            passages += cut
            rows += range(first + len(texts), first + len(texts) + len(cut))
            texts += [f"{head}\n{passage.text}" if head else passage.text for passage in cut]
        if progress:
            progress("cutting", number, len(articles))
    return _Cut(passages, np.array(rows, np.int64), texts, known)


def _sentences(articles: Iterable[Article], cut: _Cut) -> list[list[str]]:
    """The sentences of each new passage."""
    spans = {
        article.id: sentence_spans(article.text)
        for article in articles
        if article.id not in cut.known
    }
    return [
        [one.text[a:b] for a, b in spans_within(spans[one.article_id], one.start, one.end)]
        for one in cut.passages
        if one.article_id in spans
    ]
