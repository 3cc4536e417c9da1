"""`Archive`: an index opened for questions; the face that scripts, chat and command line call."""

from __future__ import annotations

import copy
import datetime
import functools
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.answer import calibration, extract
from rag.answer.compose import Archived, extractive, stated
from rag.discover.overview import Explorer
from rag.errors import EncoderError, InputError, ModelError, QuestionError, SnapshotError
from rag.export import serialize
from rag.generation import write
from rag.generation.verify import Verifier
from rag.index import build, snapshot
from rag.index.bm25 import LexicalIndex
from rag.index.joint import AnyLexicalIndex, AnyStore, JointLexicalIndex, JointStore
from rag.index.store import Rows, Store
from rag.ingest import read_articles
from rag.protocols import ChatModel, SentenceReader, TextEncoder
from rag.question import metadata as about
from rag.question.parse import Mentions
from rag.question.rewrite import understand
from rag.retrieval.hybrid import retrieve, several
from rag.settings import AskSettings, BuildSettings
from rag.text.stems import stems
from rag.types import Answer, Article, Facets, Hit, Overview, Progress, Question, Turn, Vectors

if TYPE_CHECKING:
    from rag.models.cross_encoder import Reranker
    from rag.models.entailment import Entailment

_log = logging.getLogger(__name__)

# How far the encoder's fingerprint may move between machines and precisions.
_PROBE_TOLERANCE = 0.02

# About 30 MB at 384 dimensions.
_SENTENCES_KEPT = 20_000
_TITLE_WORDS = 30
_LONG = "The question is long: the encoder {} reads only its beginning. Ask it in fewer words."
_UNREADABLE = (
    "The encoder {} does not know the script of this question. Ask in a language that it knows; "
    "the default encoder knows English."
)
_NO_SUBJECT = "The question names nothing to look for. Say whom or what you ask about."
_OTHERS = "{} does not say; all articles were read."
_NO_ARTICLE = "No article fits what the question says of it. Name its title, or more of its story."
_UNFITTED = (
    "Encoder and reader are %s and %s, but the confidence was fitted for %s and %s: answers may be "
    "given or withheld wrongly. Fit it with: python -m eval calibrate"
)
_CLASHING = (
    "Articles of %s are left out, as %s has others with their ids: %s. Give them ids of their own, "
    "or none."
)

Day = datetime.date | str | None


class Archive:
    """The articles of one index, to search and to ask.

    Keeps the snapshot that was in force when it was opened, also while a later build replaces
    it. Safe to share between threads. Its models are loaded by the first question, or by
    `load_models`.
    """

    def __init__(
        self,
        home: Path,
        settings: AskSettings | None = None,
        encoder: TextEncoder | None = None,
        model: ChatModel | None = None,
    ) -> None:
        self.home = home
        self._model = model
        self.settings = settings or AskSettings()
        self._store: AnyStore
        self._lexical: AnyLexicalIndex
        self._folder, self._manifest, self._store, self._lexical = _load(home)
        self._beside: tuple[Archive, ...] = ()
        self._mentions = Mentions(self._store.sources(), self._store.years())
        self._loading = threading.Lock()
        self._encoder: TextEncoder | None = None
        self._fitted = Path(self.settings.evidence or calibration.OWN)
        self._evidence = calibration.load(self._fitted, self.settings.reader)
        self._sentences: dict[str, Vectors] = {}
        self._explorer = self._unexplored()
        if encoder is not None:
            self._encoder = self._matching(encoder)

    @classmethod
    def open(
        cls,
        index: str | Path,
        settings: AskSettings | None = None,
        encoder: TextEncoder | None = None,
        model: ChatModel | None = None,
    ) -> Archive:
        """Open the index in folder `index`.

        `encoder` replaces loading the one that the index names; it must be the same model.
        `model` writes answers, in place of the one that the settings name.
        Raises SnapshotError when there is no index, or it is incomplete, altered or of another
        format; EncoderError when `encoder` is another model.
        """
        return cls(Path(index), settings, encoder, model)

    @classmethod
    def build(
        cls,
        articles: Iterable[Article],
        index: str | Path,
        settings: BuildSettings | None = None,
        encoder: TextEncoder | None = None,
        progress: Progress | None = None,
    ) -> Archive:
        """Index `articles` in folder `index` and open the result.

        The index that was there answers until the new one is complete, and stays if the build
        ends early. Raises InputError when there is no article to index.
        """
        settings = settings or BuildSettings()
        articles = list(articles)
        encoder = encoder or _load_encoder(settings.encoder, settings.precision)
        build.build(articles, Path(index), encoder, settings, progress)
        return cls(Path(index), encoder=encoder)

    @classmethod
    def open_or_build(
        cls,
        path: str | Path,
        index: str | Path,
        settings: BuildSettings | None = None,
        progress: Progress | None = None,
    ) -> Archive:
        """Open the index of the articles in `path`, built first if it is missing or out of date.

        It is out of date when articles or build settings differ from what it was built from, and
        replaced too when it is damaged.
        """
        settings = settings or BuildSettings()
        found = read_articles(path)
        articles = list(found)
        for failure in found.failures:
            _log.warning("%s: %s", failure.file, failure.reason)
        if not articles:
            raise InputError(f"Nothing in {path} could be read as an article.")
        try:
            archive = cls.open(index)
            if build.is_current(archive._manifest, articles, settings):
                return archive
        except SnapshotError:
            pass  # The articles are at hand, so building again is the remedy.
        return cls.build(articles, index, settings, progress=progress)

    def beside(self, other: Archive) -> Archive:
        """Return this archive with the articles of `other` beside its own, asked as one.

        Of an article that both hold, by its id or by its text, only the copy here is searched;
        its ids are known, and stand for that copy, as filters too. Settings and models are this
        archive's, loaded once for both. Nothing is copied or indexed again, and neither archive
        changes. The folder of `other` may be removed meanwhile. Raises EncoderError when `other`
        was built with another encoder.
        """
        self._require_encoder_of(other)
        joint = copy.copy(self)  # The models, and the lock that they are loaded under, are shared.
        joint._store = store = JointStore(self._store, other._store)
        joint._lexical = JointLexicalIndex(self._lexical, other._lexical, store.kept)
        joint._mentions = Mentions(store.sources(), store.years())
        joint._sentences = {}  # What is private to `other` is not left behind here.
        joint._beside = (*self._beside, other)
        joint._explorer = joint._unexplored()
        if store.clashing:
            _log.warning(_CLASHING, other.home, self.home, ", ".join(store.clashing))
        return joint

    def open_alike(self, index: str | Path) -> Archive:
        """Open the index in folder `index` with this archive's settings, encoder and model.

        Raises as `open` does.
        """
        return type(self)(Path(index), self.settings, self.load_encoder(), self._model)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        sources: Sequence[str] | str | None = None,
        since: Day = None,
        until: Day = None,
        articles: Sequence[str] | str | None = None,
        written: bool | None = None,
    ) -> Answer:
        """Answer `question` from the articles, or say that they do not answer it.

        `history` holds the earlier (question, answer) pairs of the conversation. The filters are
        as for `search`. With a model in the settings it writes the answer, unless `written` is
        False; otherwise the answer is in the articles' own words. Raises QuestionError for a
        question that cannot be asked.
        """
        *_, last = self.stream(question, history, sources, since, until, articles, written)
        return last

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        sources: Sequence[str] | str | None = None,
        since: Day = None,
        until: Day = None,
        articles: Sequence[str] | str | None = None,
        written: bool | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Answer]:
        """Yield the answer in quotes and then, where a model writes, what is verified of its
        answer so far, longer by a sentence each time. The last answer is the one that stays.

        Once `stopped()` is true the model ends, and what is verified stays. Otherwise as `ask`.
        """
        quoted = self._quoted(question, history, sources, since, until, articles)
        yield quoted
        if written is not False:
            yield from self._written(quoted, stopped)

    def _quoted(
        self,
        question: str,
        history: Sequence[Turn],
        sources: Sequence[str] | str | None,
        since: Day,
        until: Day,
        articles: Sequence[str] | str | None,
    ) -> Answer:
        """The answer in the articles' own words."""
        understood = understand(question, history)
        allowed, notes = self._filter(sources, since, until, articles)
        if understood.alone and not about.field_asked(understood, self._mentions):
            alone = replace(understood, context="")
            answer = self._answer(question, *self._searched([alone])[0], allowed, notes)
            if answer.status == "answered":
                return answer
        return self._answer(question, *self._searched([understood])[0], allowed, notes)

    def ask_many(
        self,
        questions: Sequence[str],
        sources: Sequence[str] | str | None = None,
        since: Day = None,
        until: Day = None,
        articles: Sequence[str] | str | None = None,
        written: bool | None = None,
    ) -> list[Answer]:
        """Answer several questions, embedded together; the same answers as from `ask`, up to ties.

        Each question stands alone: they share the filters, not a conversation.
        """
        understood = [understand(question) for question in questions]
        allowed, notes = self._filter(sources, since, until, articles)
        answers = [
            self._answer(asked, question, vectors, allowed, notes)
            for asked, (question, vectors) in zip(
                questions, self._searched(understood), strict=True
            )
        ]
        if written is False:
            return answers
        return [[answer, *self._written(answer)][-1] for answer in answers]

    def search(
        self,
        question: str,
        k: int = 10,
        sources: Sequence[str] | str | None = None,
        since: Day = None,
        until: Day = None,
        articles: Sequence[str] | str | None = None,
    ) -> list[Hit]:
        """Return the `k` passages that fit `question` best, best first.

        `sources` keeps articles of these publishers only. `since` and `until` (dates, or text
        as "2024-05-01"; both included) keep articles published then; those without a date are
        left out. `articles` keeps those with these ids. Raises QuestionError for an unknown source
        or article, or a date that is none.
        """
        if k < 1:
            raise QuestionError(f"k must be 1 or more, not {k}.")
        understood = understand(question)
        allowed, _ = self._filter(sources, since, until, articles)
        return self._retrieve(*self._searched([understood])[0], k, allowed)

    def facets(
        self,
        sources: Sequence[str] | str | None = None,
        since: Day = None,
        until: Day = None,
        articles: Sequence[str] | str | None = None,
    ) -> Facets:
        """Return how many articles the filters of `search` leave, and how many each other source
        or month would. Raises QuestionError as `search` does."""
        return self._store.facets(*self._checked(sources, since, until, articles))

    def overview(self) -> Overview:
        """Return what the archive holds at a glance, and the names that it speaks of most.

        The first call reads every article (about a second for a million characters).
        """
        return self._explorer.overview()

    def examples(self, n: int = 4) -> list[str]:
        """Return at most `n` questions, in English, that the archive answers well, best first.

        They are made from its sentences; none where none is good. The first call asks up to 24.
        """
        return self._explorer.examples(n)

    def article(self, article_id: str) -> Article:
        """Return an article, its text verified against its content hash. KeyError if unknown."""
        return self._store.article(article_id)

    def by_hash(self, content_hash: str) -> Article | None:
        """Return the article whose text has this SHA-256, the first by id of several; None without
        one."""
        alike = self._store.hashes({"": content_hash})
        ids = sorted(one for one, found in alike.items() if found == content_hash)
        return self.article(ids[0]) if ids else None

    def report(self, article_id: str) -> str:
        """Return the id of the report that an article is a copy of: its own, if of none.

        Articles with one report are copies of one text. KeyError if unknown.
        """
        return self._store.report(article_id)

    def articles(self) -> Iterator[Article]:
        """Yield every article, by id."""
        return self._store.articles()

    @property
    def sources(self) -> dict[str, int]:
        """Each source with the number of its articles."""
        return self._store.sources()

    def to_json(self, found: Answer | Sequence[Hit]) -> dict[str, Any]:
        """An answer or hits as JSON values, with `articles`: by id, what is known of each."""
        hits = found.hits if isinstance(found, Answer) else tuple(found)
        quoted = found.citations if isinstance(found, Answer) else ()
        ids = [c.article_id for c in quoted] + [hit.passage.article_id for hit in hits]
        body = (
            serialize.to_json(found)
            if isinstance(found, Answer)
            else {"hits": [serialize.to_json(hit) for hit in hits]}
        )
        return {
            **body,
            "articles": {i: serialize.about(self.article(i)) for i in dict.fromkeys(ids)},
        }

    def info(self) -> dict[str, Any]:
        """What the index holds and how it was built, as its manifest says.

        Of an archive with others beside it, `articles`, `passages` and `sources` are what all
        hold, `beside` is the same of each other one, and `clashing` are ids of articles that are
        left out, as another text here has them.
        """
        facts = {"index": str(self.home), **self._manifest, "sources": self.sources}
        if isinstance(self._store, JointStore):
            facts["articles"] = self._store.facets(None, None, None).articles
            facts["passages"] = len(self._store)
            facts["beside"] = [other.info() for other in self._beside]
            facts["clashing"] = list(self._store.clashing)
        return facts

    def check(self) -> list[str]:
        """Read every byte of the snapshot and return what is wrong: nothing, if all is well.

        Of an archive with others beside it, theirs too, each problem with its index's folder.
        """
        found = snapshot.check(self._folder, self._manifest)
        return found + [f"{other.home}: {one}" for other in self._beside for one in other.check()]

    def load_encoder(self) -> TextEncoder:
        """Return the encoder, loaded if it was not yet.

        Raises EncoderError when it cannot be loaded or is not the one that built the index.
        """
        with self._loading:
            if self._encoder is None:
                built = self._manifest["encoder"]
                self._encoder = self._matching(_load_encoder(built["name"], built["precision"]))
            return self._encoder

    def load_models(self) -> None:
        """Load the encoder and the reader, so that no question has to wait for them."""
        self.load_encoder()
        self.load_reader()

    @property
    def writes(self) -> bool:
        """Whether a model writes the answers, if it can be loaded."""
        return self._model is not None or bool(self.settings.model)

    def load_model(self) -> ChatModel | None:
        """Return the language model that the settings name, loaded if it was not yet; None
        without one.

        Raises ModelError when it cannot be loaded or reached, SettingsError for an address that
        is not this machine's.
        """
        chosen = self.settings
        if self._model is None and chosen.model:
            from rag.models.chat.load import load

            return load(
                chosen.model, chosen.allow_remote, chosen.context_tokens, chosen.model_timeout
            )
        return self._model

    def load_reader(self) -> SentenceReader | None:
        """Return the reader that the settings name, loaded if it was not yet; None without one.

        Raises EncoderError when it cannot be loaded.
        """
        precision = self._manifest["encoder"]["precision"]
        with self._loading:
            return _load_reader(self.settings.reader, precision) if self.settings.reader else None

    def meaning(self, vector: Vectors) -> extract.Meaning:
        """How sentences are understood, by the reader or by the question's unit `vector`."""
        reader = self.load_reader()
        if reader:
            return extract.ByReader(reader, self.article)
        return extract.ByVectors(vector, self.embed_sentences)

    def embed_sentences(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension); those of sentences read lately are kept."""
        known = {text: self._sentences.get(text) for text in texts}
        new = [text for text, row in known.items() if row is None]
        if new:
            rows = dict(zip(new, self.load_encoder().encode_queries(new), strict=True))
            known |= rows
            if len(self._sentences) > _SENTENCES_KEPT:
                self._sentences = {}
            self._sentences |= rows
        return np.array([known[text] for text in texts], np.float32)

    def rarity(self, word: str) -> float:
        """The inverse document frequency in passages of a word, as `rag.text.stems` gives it."""
        return self._lexical.rarity(word)

    def _require_encoder_of(self, other: Archive) -> None:
        built, theirs = self._manifest["encoder"], other._manifest["encoder"]
        if not _is_same(built, theirs["dimension"], theirs["probe"]):
            raise EncoderError(
                f"The index in {other.home} was built with another encoder ({theirs['name']}, "
                f"{theirs['dimension']} dimensions) than the one in {self.home} ({built['name']}, "
                f"{built['dimension']}). Build it again with: byline build ARTICLES --index "
                f"{other.home} --set encoder={built['name']}"
            )

    def _unexplored(self) -> Explorer:
        ask = functools.partial(self.ask_many, written=False)
        return Explorer(self.articles, self._store.sources, ask)

    def _matching(self, encoder: TextEncoder) -> TextEncoder:
        built = self._manifest["encoder"]
        if not _is_same(built, encoder.dimension, build.probe(encoder)):
            raise EncoderError(
                f"The index in {self.home} was built with another encoder ({built['name']}, "
                f"{built['dimension']} dimensions) than {encoder.name} ({encoder.dimension}). "
                f"Build it again with: byline build ARTICLES --index {self.home}"
            )
        mine = (encoder.name, self.settings.reader)
        fitted = (self._evidence.encoder, self._evidence.reader)
        if mine != fitted:
            _log.warning(_UNFITTED, *(name or "none" for name in (*mine, *fitted)))
        return encoder

    def _searched(self, questions: Sequence[Question]) -> list[tuple[Question, Vectors]]:
        """Each question with its parts, and the unit rows of what it is searched with."""
        taken = [replace(q, parts=self._mentions.parts(str(q))) for q in questions]
        vectors = self.load_encoder().encode_parts(
            [str(question) for question in taken],
            [[part.span for part in several(question)] for question in taken],
        )
        return list(zip(taken, vectors, strict=True))

    def _retrieve(
        self, question: Question, vectors: Vectors, k: int, allowed: Rows | None
    ) -> list[Hit]:
        name, first = self.settings.reranker, self.settings.rerank_passages
        wide = max(k, first) if name else k
        hits = retrieve(question, vectors, self._store, self._lexical, self.settings, wide, allowed)
        if not name:
            return hits
        scores = _load_reranker(name).scores(str(question), list(map(self._headed, hits[:first])))
        order = np.argsort(-scores, kind="stable")
        ranked = [replace(hits[i], score=float(scores[i])) for i in order]
        # The others stay behind, as far from each other as they were.
        shift = float(min(scores, default=0)) - max((hit.score for hit in hits[first:]), default=0)
        return [*ranked, *(replace(hit, score=hit.score + shift) for hit in hits[first:])][:k]

    def _headed(self, hit: Hit) -> str:
        """A passage with what is known of its article before it, as a reranker reads it."""
        article = self.article(hit.passage.article_id)
        title = " ".join(article.title.split()[:_TITLE_WORDS])
        about = ". ".join(filter(None, (title, article.source, article.day)))
        return f"{about}\n{hit.passage.text}"

    def _answer(
        self,
        asked: str,
        question: Question,
        vectors: Vectors,
        allowed: Rows | None,
        notes: Sequence[str],
    ) -> Answer:
        encoder = self.load_encoder()
        if encoder.count_tokens([str(question)])[0] + encoder.overhead > encoder.max_tokens:
            notes = [*notes, _LONG.format(encoder.name)]
        if not encoder.reads(asked) or not stems(str(question)):
            why = _NO_SUBJECT if encoder.reads(asked) else _UNREADABLE.format(encoder.name)
            hits = self._retrieve(question, vectors, self.settings.read_passages, allowed)
            return self._from(asked, question, hits, [], 0.0, [*notes, why])
        named = about.source_asked(question, self._mentions)
        if named:
            rows, _ = self._store.matching(list(named), None, None)
            within = rows if allowed is None else np.intersect1d(rows, allowed)
            answer = self._read(asked, question, vectors, within, notes)
            if answer.status == "answered":
                return answer
            notes = [*notes, _OTHERS.format(" and ".join(sorted(named)))]
        return self._read(asked, question, vectors, allowed, notes)

    def _read(
        self,
        asked: str,
        question: Question,
        vectors: Vectors,
        allowed: Rows | None,
        notes: Sequence[str],
    ) -> Answer:
        """Answer from the passages that `allowed` leaves."""
        hits = self._retrieve(question, vectors, self.settings.read_passages, allowed)
        field = about.field_asked(question, self._mentions)
        said = about.field_answer(field, hits, self.article) if field else ()
        if field and (said or field.called.startswith("article")):
            notes = notes if said else [*notes, _NO_ARTICLE]
            return stated(asked, question, hits, said, notes)
        meaning, fitted = self.meaning(vectors[0]), self._evidence
        if several(question):
            # Readers learn from questions that one sentence answers; of several they see less.
            meaning = extract.ByVectors(vectors[0], self.embed_sentences)
            fitted = calibration.load(self._fitted, "")
        sentences, confidence = extract.read(
            question, hits, self.article, meaning, self.rarity, fitted
        )
        return self._from(asked, question, hits, sentences, confidence, notes)

    def _from(
        self,
        asked: str,
        question: Question,
        hits: Sequence[Hit],
        sentences: Sequence[extract.Sentence],
        confidence: float,
        notes: Sequence[str],
    ) -> Answer:
        archived = Archived(self.article, self._store.report)
        return extractive(
            asked, question, hits, sentences, confidence, archived, self.settings, notes
        )

    def _written(
        self, quoted: Answer, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Answer]:
        """What a model writes in place of quotes; nothing without a model, without an answer, or
        where an article's fields are the answer."""
        fields = any(claim.verdict == "field" for claim in quoted.claims)
        if quoted.status == "unanswered" or fields:
            return
        try:
            model = self.load_model()
        except ModelError as error:
            # Readers are not told in which folder the model lies.
            folder = str(Path(self.settings.model).expanduser().parent) + os.sep
            yield replace(quoted, notes=(*quoted.notes, str(error).replace(folder, "")))
            return
        if model:
            verifier = Verifier(self.embed_sentences, self.settings, self._entails)
            yield from write.written(
                quoted, model, verifier.verify, self.article, self.settings, stopped
            )

    def _entails(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How probably each quote entails each sentence, by the model that the settings name."""
        return _load_entailment(self.settings.entailment).probabilities(pairs)

    def _filter(
        self,
        sources: Sequence[str] | str | None,
        since: Day,
        until: Day,
        articles: Sequence[str] | str | None,
    ) -> tuple[Rows | None, list[str]]:
        """The passage rows that the filters allow (None: all), and what to tell the reader."""
        filters = self._checked(sources, since, until, articles)
        if not any(one is not None for one in filters):
            return None, []
        rows, undated = self._store.matching(*filters)
        notes = [] if len(rows) else ["No article fits the filters. Widen them."]
        if undated:
            are = "article has" if undated == 1 else "articles have"
            notes.append(f"{undated} {are} no publication date and cannot match the date filter.")
        return rows, notes

    def _checked(
        self,
        sources: Sequence[str] | str | None,
        since: Day,
        until: Day,
        articles: Sequence[str] | str | None,
    ) -> tuple[list[str] | None, datetime.date | None, datetime.date | None, list[str] | None]:
        """The filters as the store takes them; QuestionError for one that cannot be applied."""
        wanted = self._named(sources)
        first, last = _day(since), _day(until)
        if first and last and first > last:
            raise QuestionError(f"The dates run backwards: from {first} until {last}. Swap them.")
        listed = [articles] if isinstance(articles, str) else articles
        only = None if listed is None else list(listed)
        for article_id in only or ():
            if not self._store.holds(article_id):
                raise QuestionError(
                    f"There is no article {article_id!r}. `articles` takes ids, as they stand in "
                    "citations."
                )
        return wanted, first, last, only

    def _named(self, sources: Sequence[str] | str | None) -> list[str] | None:
        """The sources as the archive spells them."""
        if not sources:
            return None
        known = {source.casefold(): source for source in self.sources}
        wanted = [sources] if isinstance(sources, str) else list(sources)
        for source in wanted:
            if source.strip().casefold() not in known:
                known_ones = ", ".join(self.sources) or "none"
                raise QuestionError(f"No article is from {source!r}. Sources are: {known_ones}.")
        return [known[source.strip().casefold()] for source in wanted]


def _load(home: Path) -> tuple[Path, dict[str, Any], Store, LexicalIndex]:
    """Open the snapshot in force; if a build replaces it meanwhile, the one that did."""
    while True:
        folder, manifest = snapshot.current(home)
        try:
            return folder, manifest, Store(folder), LexicalIndex.load(folder / "lexical")
        except SnapshotError:
            if snapshot.current(home)[0] == folder:
                raise


def _is_same(built: dict[str, Any], dimension: int, probe: Sequence[float]) -> bool:
    """Whether the encoder that built an index has this dimension and fingerprint."""
    return built["dimension"] == dimension and np.allclose(
        probe, built["probe"], atol=_PROBE_TOLERANCE
    )


def _day(value: Day) -> datetime.date | None:
    if isinstance(value, str):
        try:
            return datetime.datetime.strptime(value.strip(), "%Y-%m-%d").date()
        except ValueError:
            raise QuestionError(f"{value!r} is no date. Write it as 2024-05-31.") from None
    return value.date() if isinstance(value, datetime.datetime) else value


@functools.lru_cache(maxsize=2)
def _load_encoder(name: str, precision: str) -> TextEncoder:
    # Imported here: it brings torch, which commands that ask nothing need not wait for.
    from rag.models.encoder import Encoder

    return Encoder(name, precision)


@functools.lru_cache(maxsize=2)
def _load_reader(name: str, precision: str) -> SentenceReader:
    from rag.models import reader

    return reader.load(name, precision)


@functools.lru_cache(maxsize=1)
def _load_reranker(name: str) -> Reranker:
    from rag.models.cross_encoder import Reranker

    return Reranker(name)


@functools.lru_cache(maxsize=1)
def _load_entailment(name: str) -> Entailment:
    from rag.models.entailment import Entailment

    return Entailment(name)
