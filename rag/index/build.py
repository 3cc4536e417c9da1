"""Articles to a snapshot: cut, compare, embed, index, commit. Knows nothing of questions."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rag.errors import InputError, SettingsError
from rag.index import snapshot, store
from rag.index.bm25 import LexicalIndex
from rag.index.chunk import chunk, heading
from rag.index.manifest import READING, EncoderFacts, Manifest
from rag.index.near_duplicates import reports
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.text.sentences import sentence_spans, spans_within
from rag.types import Article, Passage, Progress, Vectors
from rag.wording import note


def build(
    articles: Iterable[Article],
    home: Path,
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None = None,
    reading: Mapping[str, Any] | None = None,
) -> None:
    """Build a snapshot of `articles` in `home` and put it in force.

    An article that comes twice is taken once. `reading` are JSON values that tell how the articles
    were read; they are kept with the snapshot. Raises InputError when there is none to index or
    two different ones share an id, SettingsError when the encoder cannot read such passages,
    SnapshotError when no index may be written in `home`.
    """
    snapshot.check_home(home)  # Before the work; `draft` checks again.
    _check_lengths(encoder, settings)
    distinct = _distinct(articles)
    passages, texts = _cut(distinct, encoder, settings, progress)
    with snapshot.draft(home) as draft:
        vectors, report_of = _indexed(distinct, passages, texts, encoder, draft.path, progress)
        store.write(draft.path, distinct, passages, vectors, report_of)
        if reading is not None:
            told = json.dumps(reading, indent=1, ensure_ascii=False) + "\n"
            (draft.path / READING).write_text(told, "utf-8")
        draft.commit(
            {
                "articles": len(distinct),
                "passages": len(passages),
                "articles_sha256": articles_hash(distinct),
                "encoder": dataclasses.asdict(EncoderFacts.of(encoder)),
                "settings": dataclasses.asdict(settings),
            }
        )


def _indexed(
    articles: Sequence[Article],
    passages: Sequence[Passage],
    texts: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress | None,
) -> tuple[Vectors, dict[str, str]]:
    """Embed the passages while another thread compares the articles and indexes the words.

    Returns the vectors, and the report of each article. Where one fails, the other is stopped.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        words = beside.submit(_words, articles, passages, texts, folder, stopped)

        def watched(stage: str, done: int, total: int) -> None:
            if words.done():
                words.result()  # Raises what it failed with, so that no hours go by first.
            if progress:
                progress(stage, done, total)

        try:
            return encoder.encode_passages(texts, watched), words.result()
        finally:
            stopped.set()


def _words(
    articles: Sequence[Article],
    passages: Sequence[Passage],
    texts: Sequence[str],
    folder: Path,
    stopped: threading.Event,
) -> dict[str, str]:
    """Write the BM25 index of the passages, and return the report of each article."""

    def go_on() -> None:
        if stopped.is_set():
            raise _Stopped

    report_of = reports(articles, go_on)
    LexicalIndex.build(texts, _sentences(articles, passages)).save(folder / "lexical")
    return report_of


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
    return facts == (dataclasses.asdict(settings), articles_hash(_distinct(articles)))


def articles_hash(articles: Iterable[Article]) -> str:
    """SHA-256 of everything that is indexed, in whatever order the articles come."""
    lines = {
        json.dumps([dataclasses.astuple(article)], default=str, ensure_ascii=False)
        for article in articles
    }
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _distinct(articles: Iterable[Article]) -> list[Article]:
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


def _sentences(articles: Iterable[Article], passages: Iterable[Passage]) -> list[list[str]]:
    """The sentences of each passage."""
    spans = {article.id: sentence_spans(article.text) for article in articles}
    return [
        [one.text[a:b] for a, b in spans_within(spans[one.article_id], one.start, one.end)]
        for one in passages
    ]


def _cut(
    articles: Sequence[Article],
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None,
) -> tuple[list[Passage], list[str]]:
    """Cut passages; the text of each that both indexes hold has its heading before it."""
    passages: list[Passage] = []
    texts: list[str] = []
    room = settings.passage_tokens - encoder.overhead
    for number, article in enumerate(articles, start=1):
        head = heading(article, encoder.count_tokens, settings.heading_tokens)
        used = encoder.count_tokens([head])[0] if head else 0
        cut = chunk(article, encoder.count_tokens, room - used)
        passages += cut
        texts += [f"{head}\n{passage.text}" if head else passage.text for passage in cut]
        if progress:
            progress("cutting", number, len(articles))
    return passages, texts
