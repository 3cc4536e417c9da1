"""Byline as it is measured: `Archive.build` and `Archive.search`, nothing left out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rag import Archive, Article, BuildSettings
from rag.evaluation.systems.peer import Document, Found, Peer


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

    def search(self, question: str, k: int) -> list[Found]:
        assert self._archive is not None
        passages = [hit.passage for hit in self._archive.search(question, k)]
        return [Found(one.article_id, one.text) for one in passages]


def make(encoder: str, tokens: int) -> Peer:
    """Byline; its own way has passages of 256 tokens, too."""
    return _Byline(encoder, tokens)
