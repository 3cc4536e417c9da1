"""Byline as it is measured: `Archive.build` and `Archive.search`, nothing left out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from eval.speed.peer import Document, Peer
from rag import Archive, Article, BuildSettings


class _Byline:
    def __init__(self, encoder: str, tokens: int) -> None:
        # Two of the tokens that a passage may have are the model's own.
        self._settings = (
            BuildSettings(encoder=encoder, passage_tokens=tokens + 2)
            if tokens
            else BuildSettings(encoder=encoder)
        )
        self._folder = tempfile.TemporaryDirectory()
        self._archive: Archive | None = None
        from rag.models import loaded

        self._encoder = loaded.load_encoder(encoder, self._settings.precision)

    def build(self, documents: Sequence[Document]) -> int:
        articles = [Article(one.text, one.title, one.id) for one in documents]
        home = Path(self._folder.name) / "index"
        self._archive = Archive.build(articles, home, self._settings, self._encoder)
        return int(self._archive.info()["passages"])

    def search(self, question: str, passages: int) -> list[str]:
        assert self._archive is not None
        return [hit.passage.article_id for hit in self._archive.search(question, passages)]


def make(encoder: str, tokens: int) -> Peer:
    """Byline; its own way has passages of 256 tokens, too."""
    return _Byline(encoder, tokens)
