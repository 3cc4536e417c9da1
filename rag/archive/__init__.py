"""`Archive`: the public API, which scripts, chat and command line call.

Delegates: the way of a question is in `rag.pipeline`, the opened index in `rag.index.opened`, how
it is built and kept current in `rag.archive.upkeep`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from typing_extensions import Unpack

from rag.archive import upkeep
from rag.archive.contents import Contents
from rag.discover.overview import Explorer
from rag.errors import QuestionError, SnapshotError
from rag.index import build, snapshot
from rag.index.opened import OpenedIndex
from rag.index.place import Place, place_of
from rag.ingest import Report, read_articles
from rag.models.loaded import Models
from rag.pipeline import Pipeline
from rag.protocols import ChatModel, SentenceReader, TextEncoder
from rag.question.rewrite import understand
from rag.retrieval.filters import Day, Fields, Names, allowed, parse_filters
from rag.settings import AskSettings, BuildSettings
from rag.types import Answer, Article, Hit, Name, Overview, Progress, Turn

_log = logging.getLogger(__name__)


class Archive(Contents):
    """The articles of one index, to search and to ask.

    Keeps the snapshot that was in force when it was opened, also while a later build replaces
    it. Safe to share between threads. Its models are loaded by the first question, or by
    `load_models`. `index` is the opened index, `pipeline` the way of a question through it.
    """

    def __init__(self, index: OpenedIndex, models: Models, settings: AskSettings) -> None:
        super().__init__(index)
        self.settings = settings
        self.pipeline = Pipeline(index, models, settings)
        # Of the pipeline, not of the archive: a cycle would outlive the last use of its documents.
        ask = functools.partial(self.pipeline.answer_many, written=False)
        self._explorer = Explorer(index.store.articles, index.store.sources, ask)

    @classmethod
    def open(
        cls,
        index: str | Path | Place,
        settings: AskSettings | None = None,
        encoder: TextEncoder | None = None,
        model: ChatModel | None = None,
    ) -> Archive:
        """Open the index in folder `index`, or the archive at this address of a store, as
        "milvus+http://127.0.0.1:19530/news", or "news.db" for milvus-lite.

        `encoder` replaces loading the one that the index names; it must be the same model.
        `model` writes answers, in place of the one that the settings name. An encoder that does not
        come with Byline is loaded only if the settings name or allow it.
        Raises SnapshotError when there is no index, or it is incomplete, altered or of another
        format; EncoderError when `encoder` is another model; StoreError when the store does not
        answer.
        """
        settings = settings or AskSettings()
        opened = OpenedIndex.open(place_of(index))
        made = opened.manifest
        models = Models(settings, made.encoder.name, made.precision, opened.require, encoder, model)
        archive = cls(opened, models, settings)
        if encoder is not None:
            archive.load_encoder()  # Tells when the confidence was fitted for another.
        return archive

    @classmethod
    def build(
        cls,
        articles: Iterable[Article],
        index: str | Path,
        settings: BuildSettings | None = None,
        encoder: TextEncoder | None = None,
        progress: Progress | None = None,
        report: Report | None = None,
        remove_missing: bool = False,
        ray: str = "",
    ) -> Archive:
        """Index `articles` in folder `index`, or at this address of a store, and open the result.

        The index that was there answers until the new one is complete, and stays if the build
        ends early, or if there is nothing to change. Only what is new is embedded. `report` is kept
        with it; that of `read_articles` by itself. `ray`: the address of a Ray cluster whose nodes
        read, cut and embed, "local" for one that is started for it. Raises InputError when there is
        no article, or when more than a tenth of those that are there would go, unless
        `remove_missing`; SnapshotError when no index may be written there; ClusterError for a
        cluster that fails.
        """
        place = place_of(index)
        encoder = upkeep.build(
            articles, place, settings or BuildSettings(), encoder, progress, report,
            remove_missing, ray,
        )  # fmt: skip
        return cls.open(place, encoder=encoder)

    @classmethod
    def open_or_build(
        cls,
        path: str | Path,
        index: str | Path,
        settings: BuildSettings | None = None,
        progress: Progress | None = None,
    ) -> Archive:
        """Open the index of the articles in `path`, built first if it is missing, damaged, or out
        of date: built from other articles, or with other settings."""
        settings = settings or BuildSettings()
        found = read_articles(path)
        articles = list(found)
        for failure in found.failures:
            _log.warning("%s: %s", failure.file, failure.reason)
        try:
            archive = cls.open(index, AskSettings(encoder=settings.encoder))
            if build.is_current(archive.index.place, articles, settings):
                return archive
        except SnapshotError:
            pass  # The articles are at hand, so building again is the remedy.
        return cls.build(
            articles, index, settings, progress=progress, report=found.report, remove_missing=True
        )

    def add(
        self,
        articles: Iterable[Article],
        progress: Progress | None = None,
        report: Report | None = None,
    ) -> Archive:
        """Add articles to the index, and return the archive with them.

        One that is another text of an article that is there takes its place; one that had been
        removed is back. A later `build` of a folder keeps what was added from elsewhere. `report`
        is as in `build`. Raises InputError when there is no article, SnapshotError when the index
        cannot be written.
        """
        upkeep.add(self.index, articles, self.load_encoder(), progress, report)
        return self.open_alike(self.index.place)

    def remove(self, ids: Collection[str], progress: Progress | None = None) -> Archive:
        """Remove the articles with these ids for good, and return the archive without them.

        Nothing of them is left in the index folder but their ids and the hashes of their texts: not
        in the earlier snapshot either, so that `rollback` does not bring them back. Nor does a
        `build` of files that hold them; `add` does. Raises InputError for an unknown id, and when
        no article would be left.
        """
        upkeep.remove(self.index.place, ids, progress)
        return self.open_alike(self.index.place)

    @classmethod
    def rollback(cls, index: str | Path) -> Archive:
        """Put the snapshot before the one in force in force again, and open it.

        Another call undoes that. Raises SnapshotError when there is none.
        """
        place = place_of(index)
        snapshot.roll_back(place)
        return cls.open(place)

    def newer(self) -> Archive | None:
        """Return the archive of the snapshot that is in force by now, with the settings and models
        of this one; None while this one is. Raises as `open` does."""
        if not self.index.is_replaced():
            return None
        return self.open_alike(self.index.place)

    def beside(self, other: Archive) -> Archive:
        """Return both archives read as one, with the settings and models of this one.

        Of an article that both hold, by its id or its text, only the copy here is searched; the
        ids of both name it. The folder of `other` may be removed meanwhile. Raises EncoderError
        when `other` was built with another encoder.
        """
        return type(self)(self.index.join(other.index), self.pipeline.models, self.settings)

    def open_alike(self, index: str | Path | Place) -> Archive:
        """Open an index, named as for `open`, with this archive's settings and models.

        Raises as `open` does.
        """
        opened = OpenedIndex.open(place_of(index))
        opened.require(self.pipeline.models.encoder())
        return type(self)(opened, self.pipeline.models, self.settings)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        written: bool | None = None,
        **fields: Unpack[Fields],
    ) -> Answer:
        """Answer `question` from the articles, or say that they do not answer it.

        `history` holds the earlier (question, answer) pairs of the conversation. The filters are
        as for `search`. With a model in the settings it writes the answer, unless `written` is
        False; else the answer is in the articles' own words. Raises QuestionError for a question
        that cannot be asked.
        """
        asked = self.stream(question, history, sources, since, until, articles, written, **fields)
        return [*asked][-1]

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        written: bool | None = None,
        stopped: Callable[[], bool] = lambda: False,
        **fields: Unpack[Fields],
    ) -> Iterator[Answer]:
        """Yield the answer in quotes and then, where a model writes, what is verified of its
        answer so far, longer by a sentence each time. The last answer is the one that stays.

        Once `stopped()` is true the model ends, and what is verified stays. Otherwise as `ask`.
        """
        filters = parse_filters(self.index, sources, since, until, articles, **fields)
        yield from self.pipeline.stream(question, history, filters, written, stopped)

    def ask_many(
        self,
        questions: Sequence[str],
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        written: bool | None = None,
        **fields: Unpack[Fields],
    ) -> list[Answer]:
        """Answer several questions, embedded together; the same answers as from `ask`, up to ties.

        Each question stands alone: they share the filters, not a conversation.
        """
        filters = parse_filters(self.index, sources, since, until, articles, **fields)
        return self.pipeline.answer_many(questions, filters, written)

    def search(
        self,
        question: str,
        k: int = 10,
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        **fields: Unpack[Fields],
    ) -> list[Hit]:
        """Return the `k` passages that fit `question` best, best first.

        `sources` keeps articles of these publishers only. `since` and `until` (dates, or text
        as "2024-05-01"; both included) keep articles published then; those without a date are
        left out. `articles` keeps those with these ids, `fields` (`authors`, `sections`,
        `languages`, `formats`) those with these values, case aside. Raises QuestionError for an
        unknown source, article or value, or a date that is none.
        """
        if k < 1:
            raise QuestionError(f"k must be 1 or more, not {k}.")
        understood = understand(question)
        filters = parse_filters(self.index, sources, since, until, articles, **fields)
        rows = allowed(self.index, filters).rows
        (encoded,) = self.pipeline.encode([understood])
        return self.pipeline.search(encoded, k, rows)

    def overview(self) -> Overview:
        """Return what the archive holds at a glance, and the names that it speaks of most.

        The first call reads every article (about a second for a million characters).
        """
        return self._explorer.overview()

    def names(self) -> tuple[Name, ...]:
        """Return the names that the articles speak of, each with its kind, those of most articles
        first. The first call reads every article, as `overview` does."""
        return self._explorer.names()

    def examples(self, n: int = 4) -> list[str]:
        """Return at most `n` questions, in English, that the archive answers well, best first.

        They are made from its sentences; none where none is good. The first call asks up to 24.
        """
        return self._explorer.examples(n)

    def load_models(self) -> None:
        """Load every model that the settings name, so that no question has to wait for one.

        Raises EncoderError, and ModelError for the language model, which is loaded last.
        """
        self.load_encoder()
        self.pipeline.models.load()

    def load_encoder(self) -> TextEncoder:
        """Return the encoder, loaded if it was not yet.

        Raises EncoderError when it cannot be loaded or is not the one that built the index.
        """
        return self.pipeline.encoder()

    def load_reader(self) -> SentenceReader | None:
        """Return the reader that the settings name, loaded if it was not yet; None without one.
        Raises EncoderError when it cannot be loaded."""
        return self.pipeline.models.reader()

    def load_model(self) -> ChatModel | None:
        """Return the language model that the settings name, loaded if it was not yet; None without.

        Raises ModelError when it cannot be loaded or reached, SettingsError for an address that
        is not this machine's.
        """
        return self.pipeline.models.chat_model()

    @property
    def writes(self) -> bool:
        """Whether a model writes the answers, if it can be loaded."""
        return self.pipeline.models.writes
